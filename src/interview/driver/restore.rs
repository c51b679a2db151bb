//! From the log back to a core, and a successor's first record.

use crate::config::limits::{COMMIT_RETRY_MS, COMMIT_RETRY_MS_MAX, ENTER_ATTEMPTS_MAX};
use crate::interview::driver::{Deps, RunError};
use crate::interview::wire::{self, StoredEventError};
use crate::interview::{Effect, Event, Input, Interview, Output, SessionTime, State};
use crate::ports::ids::{SessionKey, WorkerId};
use crate::ports::journal::{AppendError, Cursor, Journal, JournalError, Record, SessionRow};
use crate::session::snapshots::{self, Stored};
use std::time::Duration;

#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    #[error(transparent)]
    Event(#[from] StoredEventError),
    #[error(transparent)]
    Journal(#[from] JournalError),
}

/// A session as it is stored.
#[derive(Debug)]
pub struct Restored {
    pub interview: Interview,
    /// The last event.
    pub head_seq: u64,
    pub(super) cursor: Cursor,
    /// When the session was created, and what time it is in the session.
    pub(super) now: SessionTime,
}

/// Reads a session as its log has it, e.g. to show its transcript.
pub async fn read(journal: &dyn Journal, key: &SessionKey) -> Result<Restored, ReadError> {
    let Stored { state, records, head_seq, cursor } =
        snapshots::load::<Interview>(journal, key, Interview::SNAPSHOT_SCHEMA).await?;
    let mut interview = state.unwrap_or_default();
    for stored in records.iter().flat_map(|record| &record.events) {
        interview.apply(&wire::decode_event(stored)?);
    }
    Ok(Restored { interview, head_seq, cursor, now: SessionTime::default() })
}

pub(super) async fn restore(deps: &Deps, key: &SessionKey, row: &SessionRow) -> Result<Restored, RunError> {
    let restored = read(&*deps.journal, key).await?;
    Ok(Restored { now: SessionTime(deps.clock.now().since_ms(row.created)), ..restored })
}

/// A core whose worker stands in the log.
#[derive(Debug)]
pub(super) struct Entered {
    pub(super) interview: Interview,
    /// Before the events of this worker.
    pub(super) head_seq: u64,
    pub(super) cursor: Cursor,
    /// What this worker wrote to enter, committed already.
    pub(super) events: Vec<Event>,
    pub(super) effects: Vec<Effect>,
    pub(super) wait: Option<SessionTime>,
    /// Where nothing was stored yet, the interview's own first record will be the entry.
    pub(super) in_log: bool,
}

/// Writes `session.continued` at the head, so that whoever had the session before is refused from then on. `None`: the log has gone on
/// meanwhile and must be read again.
pub(super) async fn enter(
    deps: &Deps,
    key: &SessionKey,
    worker: &WorkerId,
    epoch: u64,
    restored: Restored,
) -> Result<Option<Entered>, RunError> {
    let Restored { mut interview, head_seq, cursor, now } = restored;
    let mut entered = Entered {
        events: Vec::new(),
        effects: Vec::new(),
        wait: None,
        in_log: false,
        head_seq,
        cursor,
        interview: Interview::new(),
    };
    match interview.state() {
        // Nothing to continue; or nothing left but to store what remains.
        State::New => {
            entered.interview = interview;
            return Ok(Some(entered));
        }
        State::Finished | State::Abandoned => {
            entered.in_log = true;
            entered.interview = interview;
            return Ok(Some(entered));
        }
        State::Open => {}
    }
    interview.handle(Input::Continued { epoch }, now);
    loop {
        match interview.poll_output() {
            Output::Emit(event) => entered.events.push(event),
            Output::Effect(effect) => entered.effects.push(effect),
            Output::Wait(until) => {
                entered.wait = until.map(|(at, _)| at);
                break;
            }
        }
    }
    if entered.events.is_empty() {
        entered.events.push(Event::Continued { epoch });
        interview.apply(&Event::Continued { epoch });
    }
    let record = Record {
        first_seq: head_seq + 1,
        last_seq: head_seq + entered.events.len() as u64,
        epoch,
        writer: worker.clone(),
        cursor,
        committed: deps.clock.now(),
        events: entered.events.iter().map(wire::encode_event).collect(),
    };
    if !append(&*deps.journal, key, record).await? {
        return Ok(None);
    }
    entered.in_log = true;
    entered.interview = interview;
    Ok(Some(entered))
}

/// Whether it is stored; `false`: another one stands there.
async fn append(journal: &dyn Journal, key: &SessionKey, record: Record) -> Result<bool, RunError> {
    let mut wait_ms = COMMIT_RETRY_MS;
    let mut failed = JournalError::Unknown;
    for _ in 0..ENTER_ATTEMPTS_MAX {
        match journal.append(key, record.clone()).await {
            Ok(()) => return Ok(true),
            Err(AppendError::Taken { writer, head_seq }) => {
                return Ok(writer == record.writer && head_seq == record.last_seq);
            }
            Err(AppendError::Journal(error @ (JournalError::Deleted | JournalError::Unknown))) => {
                return Err(error.into());
            }
            Err(AppendError::Journal(error)) => failed = error,
        }
        tokio::time::sleep(Duration::from_millis(wait_ms)).await;
        wait_ms = (wait_ms * 2).min(COMMIT_RETRY_MS_MAX);
    }
    Err(failed.into())
}
