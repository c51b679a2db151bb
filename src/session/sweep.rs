//! The sweep, once a minute: sessions that are due, or that lost their worker, get one, and so do conversations in which a reply waits too
//! long. It finishes nothing itself.

use crate::config::limits::{CHAT_OVERDUE_MS, SWEEP_SESSIONS_MAX};
use crate::ports::clock::{Clock, UnixMs};
use crate::ports::conversations::{Conversations, ConversationsError};
use crate::ports::ids::SessionKey;
use crate::ports::journal::{Journal, JournalError};
use crate::ports::workers::{StartError, Workers};

/// What a sweep did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    pub started: usize,
    /// Not started, because as many workers run as may; the next sweep tries again.
    pub postponed: usize,
    /// Not started because of a fault.
    pub failed: usize,
}

#[derive(Debug, thiserror::Error)]
pub enum SweepError {
    #[error(transparent)]
    Journal(#[from] JournalError),
    #[error(transparent)]
    Conversations(#[from] ConversationsError),
}

/// Starts a worker for every session that is due. Harmless when done twice at once: a worker takes the session's row first.
pub async fn sweep(journal: &dyn Journal, workers: &dyn Workers, clock: &dyn Clock) -> Result<Swept, SweepError> {
    Ok(start(&journal.due(clock.now(), SWEEP_SESSIONS_MAX).await?, workers).await)
}

/// Starts a worker for every conversation in which a reply has been due for long: its worker could not be started, or died after it had been
/// seen alive. One that is at work takes no harm.
pub async fn sweep_conversations(
    conversations: &dyn Conversations,
    workers: &dyn Workers,
    clock: &dyn Clock,
) -> Result<Swept, SweepError> {
    let before = UnixMs(clock.now().0.saturating_sub(CHAT_OVERDUE_MS));
    Ok(start(&conversations.overdue(before, SWEEP_SESSIONS_MAX).await?, workers).await)
}

async fn start(due: &[SessionKey], workers: &dyn Workers) -> Swept {
    let mut swept = Swept::default();
    for key in due {
        match workers.start(key).await {
            Ok(()) => swept.started += 1,
            Err(StartError::Full) => swept.postponed += 1,
            Err(StartError::Failed(error)) => {
                swept.failed += 1;
                tracing::error!(error, "a session that is due could not be started");
            }
        }
    }
    swept
}

impl std::ops::AddAssign for Swept {
    fn add_assign(&mut self, other: Self) {
        let Self { started, postponed, failed } = other;
        self.started += started;
        self.postponed += postponed;
        self.failed += failed;
    }
}
