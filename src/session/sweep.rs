//! The sweep, once a minute: sessions that are due, or that lost their worker, get one. It finishes nothing itself.

use crate::config::limits::SWEEP_SESSIONS_MAX;
use crate::ports::clock::Clock;
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
}

/// Starts a worker for every session that is due. Harmless when done twice at once: a worker takes the session's row first.
pub async fn sweep(journal: &dyn Journal, workers: &dyn Workers, clock: &dyn Clock) -> Result<Swept, SweepError> {
    let due = journal.due(clock.now(), SWEEP_SESSIONS_MAX).await?;
    let mut swept = Swept::default();
    for key in &due {
        match workers.start(key).await {
            Ok(()) => swept.started += 1,
            Err(StartError::Full) => swept.postponed += 1,
            Err(StartError::Failed(error)) => {
                swept.failed += 1;
                tracing::error!(error, "a session that is due could not be started");
            }
        }
    }
    Ok(swept)
}
