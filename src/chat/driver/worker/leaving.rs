//! How a worker gives its conversation back: what was used is booked, the state is kept, old events go, and whoever asked meanwhile is not
//! missed.

use super::{Worker, book};
use crate::chat::Chat;
use crate::chat::driver::{Deps, Ended, RunError};
use crate::config::limits::{CHAT_LOG_KEPT_MS, CHAT_REST_MS};
use crate::ports::clock::UnixMs;
use crate::ports::ids::SessionKey;
use crate::ports::journal::{Cursor, JournalError, SessionState};
use crate::session::snapshots;

impl Worker<'_> {
    /// What was asked for while the session was given back wants another worker: whoever asked saw this one's lease.
    pub(super) async fn leave(self, ended: Ended) -> Result<Ended, RunError> {
        let Self { deps, key, id, epoch, handled, now, core, log, in_log, .. } = self;
        // Whoever comes next has more to do than to look after the log.
        let is_replaced = matches!(ended, Ended::Stopped | Ended::Retired);
        let due_at = if is_replaced {
            None
        } else {
            book(deps, key, core.tokens(), now).await;
            let state = in_log.then(|| serde_json::to_string(&core).expect("a conversation is plain data"));
            Some(now.plus_ms(rest_ms(tidy(deps, key, state, log.head_seq(), handled, now).await)))
        };
        deps.journal.release(key, id, epoch, SessionState::Open, due_at).await?;
        let missed = deps.conversations.requests_after(key, handled, 1).await?;
        Ok(if missed.is_empty() || is_replaced { ended } else { Ended::Asked })
    }
}

/// Keeps the state, and lets go of events that are older than a day. Whether nothing but the newest record is left.
async fn tidy(
    deps: &Deps,
    key: &SessionKey,
    state: Option<String>,
    head_seq: u64,
    handled: u64,
    now: UnixMs,
) -> Result<bool, JournalError> {
    let journal = &*deps.journal;
    if let Some(state) = state {
        let cursor = Cursor { inbox_through_seq: handled, ..Cursor::default() };
        snapshots::save(journal, key, Chat::SNAPSHOT_SCHEMA, head_seq, cursor, state).await?;
    }
    journal.trim(key, UnixMs(now.0.saturating_sub(CHAT_LOG_KEPT_MS)), head_seq).await?;
    Ok(journal.records_after(key, 0, 2).await?.len() < 2)
}

/// How long the conversation may rest before somebody looks after its log.
fn rest_ms(tidied: Result<bool, JournalError>) -> u64 {
    match tidied {
        Ok(true) => CHAT_REST_MS,
        Ok(false) => CHAT_LOG_KEPT_MS,
        Err(error) => {
            tracing::warn!(%error, "a conversation's log could not be tidied; it is tried again in a day");
            CHAT_LOG_KEPT_MS
        }
    }
}
