//! The loop around the interview's core: the inbox in, the log and the client out, recognizer and model between.
//!
//! One worker drives one session in one loop that spawns nothing. It may be dropped at any await: what is stored is all that counts, and the
//! next worker restores the core from the log, hears the unsettled audio again and goes on. No decision about the interview is made here.

mod budget;
mod calls;
mod closing;
mod counting;
mod effects;
mod ending;
mod entries;
mod hearing;
mod listening;
mod material;
mod metering;
mod outbox;
mod presence;
mod restore;
mod worker;

pub use metering::Metering;
pub use restore::{ReadError, read};

use crate::config::limits::ENTER_ATTEMPTS_MAX;
use crate::interview::driver::restore::{enter, restore};
use crate::interview::driver::worker::{Left, Worker};
use crate::ports::budgets::{BudgetLimits, Budgets};
use crate::ports::clock::Clock;
use crate::ports::connections::Connections;
use crate::ports::feed::{Feed, FeedError};
use crate::ports::ids::{Ids, SessionKey};
use crate::ports::journal::{Journal, JournalError, SessionState};
use crate::ports::objects::{ObjectKey, Objects};
use crate::ports::passages::Passages;
use crate::ports::recognizer::Recognizer;
use crate::ports::reports::Reports;
use crate::ports::text_model::TextModel;
use crate::session::log::{self, OpenError};
use crate::session::{Retirement, Stop};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// The roles that an interview needs.
#[derive(Clone)]
pub struct Deps {
    pub feed: Arc<dyn Feed>,
    pub journal: Arc<dyn Journal>,
    pub connections: Arc<dyn Connections>,
    /// Absent: answers are typed.
    pub recognizer: Option<Arc<dyn Recognizer>>,
    pub model: Arc<dyn TextModel>,
    pub objects: Arc<dyn Objects>,
    /// Absent: nothing is asked about documents.
    pub passages: Option<Arc<dyn Passages>>,
    pub reports: Arc<dyn Reports>,
    pub budgets: Arc<dyn Budgets>,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
    pub settings: Settings,
}

impl std::fmt::Debug for Deps {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Deps").field("settings", &self.settings).finish_non_exhaustive()
    }
}

#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// What user and tenant may use up on a day.
    pub budgets: BudgetLimits,
    /// Only where a worker has its process to itself.
    pub metering: Option<Metering>,
}

/// Why a worker ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The interview is over, its report and recording are stored.
    Over(SessionState),
    /// Nobody is there; a later worker goes on.
    Unbound,
    /// It was asked to stop, and has given the session back.
    Stopped,
    /// Its time is over, and it has given the session back: a successor is to be started at once.
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
    #[error("the session could not be restored: {0}")]
    Restore(#[from] ReadError),
    #[error("the inbox could not be read: {0}")]
    Feed(#[from] FeedError),
    #[error("the journal failed for too long: {0}")]
    Journal(#[from] JournalError),
    #[error("what is left of the session could not be stored: {0}")]
    Ending(String),
    #[error("the log went on faster than it could be read")]
    Overtaken,
}

/// Drives a session until it is over, nobody is there any more, another worker has it, or `stop` is cancelled.
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
    match drive(deps, key, stop).await {
        // Deleted between the row's being taken and the inbox's being read.
        Err(RunError::Feed(FeedError::Deleted)) => Ok(Ended::Gone),
        ended => ended,
    }
}

async fn drive(deps: &Deps, key: &SessionKey, stop: Stop<'_>) -> Result<Ended, RunError> {
    let worker = deps.ids.worker();
    let row = log::take(&*deps.journal, &*deps.clock, key, &worker).await?;
    for _ in 0..ENTER_ATTEMPTS_MAX {
        let restored = restore(deps, key, &row).await?;
        let Some(entered) = enter(deps, key, &worker, row.epoch, restored).await? else { continue };
        match Worker::new(deps, key, &worker, &row, entered, stop).await?.work().await? {
            Left::Ended(ended) => return Ok(ended),
            Left::NotEntered => {}
        }
    }
    Err(RunError::Overtaken)
}

/// Where a session's recording is kept.
pub fn recording_key(key: &SessionKey, codec: crate::interview::params::Codec) -> ObjectKey {
    let extension = match codec {
        crate::interview::params::Codec::Opus => "ogg",
        crate::interview::params::Codec::PcmS16le => "wav",
    };
    let SessionKey { tenant, user, session } = key;
    ObjectKey(format!("recordings/{}/{}/{}.{extension}", segment(tenant.as_str()), segment(user.as_str()), session))
}

/// Where a session's guide is kept, as it was when the session was started.
pub fn guide_key(key: &SessionKey) -> ObjectKey {
    let SessionKey { tenant, user, session } = key;
    ObjectKey(format!("guides/{}/{}/{session}.json", segment(tenant.as_str()), segment(user.as_str())))
}

/// A text as a path segment: what is not allowed there is written as `~` and its bytes in hexadecimal, so that no two are the same.
fn segment(text: &str) -> String {
    let mut segment = String::with_capacity(text.len());
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'.' if at == 0 => segment.push_str("~2e"),
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'-' => segment.push(char::from(byte)),
            other => segment.push_str(&format!("~{other:02x}")),
        }
    }
    segment
}

#[cfg(test)]
mod tests {
    use super::segment;

    #[test]
    fn a_path_segment_cannot_climb_or_collide() {
        assert_eq!(segment("ann-1_B.c"), "ann-1_B.c");
        assert_eq!(segment(".."), "~2e.");
        assert_eq!(segment("a/b~c"), "a~2fb~7ec");
    }
}
