//! What happens when a client connects, speaks or leaves. Transport-neutral: the gateway and the Lambdas call the same code.
//!
//! A handler parses, checks who speaks, and appends; it never waits for a recognizer or a model, and keeps no state of its own.
//! Replies go to the client through [`Connections`], in order.

pub mod caller;
mod chat;
pub mod connect;
mod conversing;
pub mod door;
pub mod files;
pub mod filing;
pub mod ingest;
mod interview;
mod listing;
mod material;
pub mod me;
pub mod message;
pub mod notices;
pub mod pace;
pub mod problem;
pub mod quiz_maker;
pub mod quizzes;
mod refusal;
mod reply;
mod requests;
mod resume;
mod reviews;
mod sessions;

pub use caller::Caller;
pub use connect::ConnectError;
pub use files::Files;
pub use pace::{Pace, PaceLimits, RequestPace, TooFast};
pub use quizzes::Quizzes;

use crate::auth::TokenKeys;
use crate::config::BudgetsConfig;
use crate::ports::budgets::Budgets;
use crate::ports::clock::Clock;
use crate::ports::connections::Connections;
use crate::ports::conversations::Conversations;
use crate::ports::evidence::EvidenceLog;
use crate::ports::feed::Feed;
use crate::ports::journal::Journal;
use crate::ports::objects::Objects;
use crate::ports::recognizer::RecognizerInfo;
use crate::ports::register::Register;
use crate::ports::reports::Reports;
use crate::ports::text_model::ModelInfo;
use crate::ports::workers::Workers;
use crate::session::{SweepError, Swept};
use std::sync::Arc;

/// The handlers and the roles that they speak with.
#[derive(Clone)]
pub struct Handlers {
    pub feed: Arc<dyn Feed>,
    pub journal: Arc<dyn Journal>,
    pub reports: Arc<dyn Reports>,
    pub budgets: Arc<dyn Budgets>,
    pub objects: Arc<dyn Objects>,
    pub connections: Arc<dyn Connections>,
    pub register: Arc<dyn Register>,
    /// Absent: this server has no chat.
    pub conversations: Option<Arc<dyn Conversations>>,
    pub workers: Arc<dyn Workers>,
    /// `None`: there are no files here.
    pub files: Option<Files>,
    /// `None`: there are no quizzes here.
    pub quizzes: Option<Quizzes>,
    /// Where a teacher's word on an interview counts for progress; `None`: nowhere.
    pub evidence: Option<Arc<dyn EvidenceLog>>,
    pub clock: Arc<dyn Clock>,
    pub keys: Arc<dyn TokenKeys>,
    pub offer: Offer,
    pub limits: HandlerLimits,
}

impl std::fmt::Debug for Handlers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Handlers").field("offer", &self.offer).field("limits", &self.limits).finish_non_exhaustive()
    }
}

/// Who listens and who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// `None`: answers are typed.
    pub recognizer: Option<RecognizerInfo>,
    /// Why there is no recognizer, and what would bring one; shown to the candidate.
    pub recognizer_absent: String,
    pub model: ModelInfo,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HandlerLimits {
    pub budgets: BudgetsConfig,
    pub connections_per_user_max: u64,
}

impl Handlers {
    /// Once a minute: gives a worker to every session that is due, or that lost its own.
    pub async fn sweep(&self) -> Result<Swept, SweepError> {
        let mut swept = crate::session::sweep(&*self.journal, &*self.workers, &*self.clock).await?;
        if let Some(conversations) = &self.conversations {
            swept += crate::session::sweep_conversations(&**conversations, &*self.workers, &*self.clock).await?;
        }
        Ok(swept)
    }
}
