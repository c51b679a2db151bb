//! The making of quizzes as tasks of this process: those that somebody has to work on, the longest waiting first. What the work is, is not
//! decided here.

use crate::config::limits::{QUIZ_MAKING_LOOK_MS, QUIZ_MAKING_REST_MS, QUIZ_MAKINGS_AT_ONCE};
use crate::embedded::waiting::{Pace, Waiting, WaitingTasks, Work};
use crate::ports::clock::Clock;
use crate::ports::quiz_making::QuizMaking;
use crate::ports::quizzes::{QuizKey, Quizzes};
use async_trait::async_trait;
use std::sync::Arc;

/// Makes quizzes until it is dropped or stopped.
#[derive(Clone, Debug)]
pub struct QuizMakingTasks(WaitingTasks<Due>);

struct Due {
    quizzes: Arc<dyn Quizzes>,
    clock: Arc<dyn Clock>,
}

impl QuizMakingTasks {
    pub fn start(quizzes: Arc<dyn Quizzes>, clock: Arc<dyn Clock>, work: Work<QuizKey>) -> Self {
        let pace = Pace { at_once: QUIZ_MAKINGS_AT_ONCE, look_ms: QUIZ_MAKING_LOOK_MS, retry_ms: QUIZ_MAKING_REST_MS };
        Self(WaitingTasks::start(Due { quizzes, clock }, work, pace))
    }

    /// Stops in the middle of whatever is done; it is taken up again when the hold on it is over.
    pub async fn stop(&self) {
        self.0.stop().await;
    }
}

#[async_trait]
impl QuizMaking for QuizMakingTasks {
    async fn start(&self, _: &QuizKey) {
        self.0.ask();
    }
}

#[async_trait]
impl Waiting for Due {
    type Job = QuizKey;
    type Key = QuizKey;

    fn key(quiz: &QuizKey) -> QuizKey {
        quiz.clone()
    }

    async fn look(&self, at_most: usize) -> Vec<QuizKey> {
        let waiting = self.quizzes.waiting(self.clock.now(), at_most).await;
        waiting.inspect_err(|error| tracing::error!(%error, "quizzes that wait could not be found")).unwrap_or_default()
    }
}
