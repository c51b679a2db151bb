//! The loop around the chat's core: numbered requests in, the log and the clients out, search and model between.
//!
//! One worker drives one conversation in one loop that spawns nothing, and leaves when nothing is due. It may be dropped at any await: what
//! is stored is all that counts, and the next worker restores the core from the log and begins anew what was not over. No decision about
//! the conversation is made here.

mod calls;
mod filing;
mod onlookers;
mod restoring;
mod worker;

use crate::chat::driver::restoring::restore;
use crate::chat::driver::worker::{Left, Worker};
use crate::chat::wire::StoredEventError;
use crate::config::limits::ENTER_ATTEMPTS_MAX;
use crate::ports::budgets::{BudgetLimits, Budgets};
use crate::ports::clock::Clock;
use crate::ports::connections::Connections;
use crate::ports::conversations::{Conversations, ConversationsError};
use crate::ports::feed::Feed;
use crate::ports::ids::{Ids, SessionKey};
use crate::ports::journal::{Journal, JournalError};
use crate::ports::passages::Passages;
use crate::ports::text_model::TextModel;
use crate::session::log::{self, OpenError};
use crate::session::{Retirement, Stop};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// The roles that a conversation needs.
#[derive(Clone)]
pub struct Deps {
    /// Only to be woken by.
    pub feed: Arc<dyn Feed>,
    pub journal: Arc<dyn Journal>,
    pub conversations: Arc<dyn Conversations>,
    pub passages: Arc<dyn Passages>,
    pub connections: Arc<dyn Connections>,
    pub model: Arc<dyn TextModel>,
    pub budgets: Arc<dyn Budgets>,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
    /// What user and tenant may use up on a day.
    pub limits: BudgetLimits,
}

impl std::fmt::Debug for Deps {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Deps").field("limits", &self.limits).finish_non_exhaustive()
    }
}

/// Why a worker ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Nothing is due.
    Idle,
    /// Something was asked for while it gave the session back: another is to be started at once.
    Asked,
    /// It was asked to stop, and has given the session back.
    Stopped,
    /// Its time is over, and it has given the session back in the middle of a reply: a successor is to be started at once.
    Retired,
    /// Another worker has the session.
    Fenced,
    /// The session was deleted.
    Gone,
}

#[derive(Debug, thiserror::Error)]
pub enum RunError {
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error("the conversation could not be restored: {0}")]
    Event(#[from] StoredEventError),
    #[error("the journal failed for too long: {0}")]
    Journal(#[from] JournalError),
    #[error(transparent)]
    Conversations(#[from] ConversationsError),
    #[error("the log went on faster than it could be read")]
    Overtaken,
}

/// Drives a conversation until nothing is due, another worker has it, or `stop` is cancelled.
pub async fn run(deps: &Deps, key: &SessionKey, stop: &CancellationToken) -> Result<Ended, RunError> {
    run_until(deps, key, stop, Retirement::NEVER).await
}

/// The same for a worker that has only so much time.
pub async fn run_until(
    deps: &Deps,
    key: &SessionKey,
    stop: &CancellationToken,
    retirement: Retirement,
) -> Result<Ended, RunError> {
    let stop = Stop { asked: stop, retirement };
    let worker = deps.ids.worker();
    let row = log::take(&*deps.journal, &*deps.clock, key, &worker).await?;
    for _ in 0..ENTER_ATTEMPTS_MAX {
        let restored = restore(deps, key).await?;
        match Worker::new(deps, key, &worker, &row, restored, stop).work().await? {
            Left::Ended(ended) => return Ok(ended),
            Left::NotEntered => {}
        }
    }
    Err(RunError::Overtaken)
}
