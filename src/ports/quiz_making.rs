//! Whoever sees to it that a quiz's items are made.

use crate::ports::ids::{QuizId, TenantId};
use crate::ports::quizzes::QuizKey;
use async_trait::async_trait;
use serde::{Deserialize, Serialize};

/// Contract: a quiz whose items are wanted is worked on sooner or later, whether or not anybody asked; asking makes it sooner. Nothing that is
/// asked can fail for the one who asks.
#[async_trait]
pub trait QuizMaking: Send + Sync {
    async fn start(&self, key: &QuizKey);
}

/// A quiz that was asked for, as it is sent to whoever makes it elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuizOrder {
    version: u32,
    tenant: TenantId,
    quiz: QuizId,
}

impl QuizOrder {
    pub fn of(key: &QuizKey) -> Self {
        Self { version: QUIZ_ORDER_VERSION, tenant: key.tenant.clone(), quiz: key.quiz.clone() }
    }

    /// The quiz to be worked on; `None`: an order of a version that this program does not know.
    pub fn key(self) -> Option<QuizKey> {
        let Self { version, tenant, quiz } = self;
        (version == QUIZ_ORDER_VERSION).then_some(QuizKey { tenant, quiz })
    }
}

const QUIZ_ORDER_VERSION: u32 = 1;
