//! `session.resume`: where a session stands, what the client has missed, and the binding of its connection.

use crate::config::limits::CONNECTION_SESSIONS_MAX;
use crate::handlers::Handlers;
use crate::handlers::caller::Caller;
use crate::handlers::refusal::Refusal;
use crate::interview::wire;
use crate::ports::clock::UnixMs;
use crate::ports::connections::SendError;
use crate::ports::feed::{FeedError, FeedHead};
use crate::ports::ids::SessionKey;
use crate::ports::journal::{SessionKind, SessionRow, SessionState};
use crate::ports::register::RegisterError;
use crate::session::log;
use protocol::v1::limits::WINDOW_SEQS;
use protocol::v1::{ErrorCode, ResultBody, ServerMessage, SessionMoved, SessionResume, SessionResumed};

impl Handlers {
    /// The client gets the result, then the events up to the head; then the connection is bound at that head, and the worker pushes what
    /// follows it.
    pub(crate) async fn session_resume(
        &self,
        caller: &mut Caller,
        resume: SessionResume,
        now: UnixMs,
    ) -> Result<(), Refusal> {
        let SessionResume { id, session, last_seq } = resume;
        let key = caller.identity.session_key(session.as_str());
        let row = self.row_to_show(&key).await?;
        if row.kind == SessionKind::Chat {
            return self.resume_chat(caller, id, &key, &row, last_seq, now).await;
        }
        let known = self.journal.head_seq(&key).await?;
        if last_seq > known {
            let message = format!("lastSeq: {last_seq} lies beyond the last event, {known}");
            return Err(Refusal::new(ErrorCode::InvalidField, message));
        }
        let records = log::read(&*self.journal, &key, last_seq).await?;
        // What was read, not what the log holds by now: the worker goes on from here.
        let head = records.last().map_or(last_seq, |record| record.last_seq);
        let feed = self.feed_head(&key, head).await?;
        let events = wire::replay(&key, &records, last_seq).map_err(|error| unreadable(&error))?;
        let resumed = SessionResumed {
            session,
            state: wire_state(row.state),
            epoch: wire::epoch(row.epoch),
            outbox_head_seq: head,
            inbox_through_seq: feed.through_seq,
            inbox_head_seq: feed.head_seq,
            window_through_seq: feed.through_seq + WINDOW_SEQS,
            media_ms: feed.media_ms,
        };
        self.answer(caller, id, ResultBody::Resumed(Box::new(resumed))).await;
        for batch in events {
            self.reply_text(&caller.connection, batch).await;
        }
        if row.state != SessionState::Open {
            return Ok(());
        }
        self.bind(caller, &key, head).await?;
        let row = self.row_to_show(&key).await?;
        if row.state == SessionState::Open {
            if let Some(memory) = &mut caller.memory {
                memory.remember(key.clone(), now);
            }
            return self.start_worker(&key, &row, now).await;
        }
        self.send_the_rest(caller, &key, head).await
    }

    /// Binds the connection, tells the one that had the session, and wakes the worker. `head`: the client stands there already.
    pub(crate) async fn bind(&self, caller: &Caller, key: &SessionKey, head: u64) -> Result<(), Refusal> {
        self.take_place(caller, key).await?;
        let before = self.journal.bind(key, &caller.connection, head).await?;
        let old = before.and_then(|row| row.connection).filter(|old| *old != caller.connection);
        if let Some(old) = old {
            self.register.unbind(&old, key).await?;
            let moved = ServerMessage::from(SessionMoved { session: wire::session_id(key) });
            match self.connections.send(&old, wire::text(&moved)).await {
                Ok(()) | Err(SendError::Gone) => {}
                Err(error) => tracing::debug!(connection = %old, %error, "the old connection was not told"),
            }
        }
        Ok(self.feed.nudge(key).await?)
    }

    /// Notes the session as one of the connection's. Where it has as many as it may, those that are over make room.
    pub(crate) async fn take_place(&self, caller: &Caller, key: &SessionKey) -> Result<(), Refusal> {
        let connection = &caller.connection;
        match self.register.bind(connection, key, CONNECTION_SESSIONS_MAX).await {
            Err(RegisterError::TooMany) => {}
            taken => return Ok(taken?),
        }
        let sessions = self.register.get(connection).await?.map(|registered| registered.sessions).unwrap_or_default();
        for session in &sessions {
            let row = self.journal.row(session).await?;
            if row.is_none_or(|row| row.state != SessionState::Open) {
                self.register.unbind(connection, session).await?;
            }
        }
        Ok(self.register.bind(connection, key, CONNECTION_SESSIONS_MAX).await?)
    }

    /// The worker ended between the replay and the binding: nobody else pushes its last events.
    async fn send_the_rest(&self, caller: &Caller, key: &SessionKey, head: u64) -> Result<(), Refusal> {
        let records = log::read(&*self.journal, key, head).await?;
        for batch in wire::replay(key, &records, head).map_err(|error| unreadable(&error))? {
            self.reply_text(&caller.connection, batch).await;
        }
        Ok(())
    }

    /// How far the inbox goes; where it is no longer kept, how far it went by the log's last record.
    pub(crate) async fn feed_head(&self, key: &SessionKey, head_seq: u64) -> Result<FeedHead, Refusal> {
        match self.feed.head(key).await {
            Ok(head) => Ok(head),
            Err(FeedError::Deleted) => {
                let last = self.journal.records_after(key, head_seq.saturating_sub(1), 1).await?;
                let cursor = last.first().map(|record| record.cursor).unwrap_or_default();
                Ok(FeedHead {
                    through_seq: cursor.inbox_through_seq,
                    head_seq: cursor.inbox_through_seq,
                    missing: Vec::new(),
                    media_ms: cursor.audio_from.media_ms,
                })
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The row of a session that was not deleted.
    pub(crate) async fn row_to_show(&self, key: &SessionKey) -> Result<SessionRow, Refusal> {
        let row = self.journal.row(key).await?.filter(|row| row.state != SessionState::Deleted);
        let row = row.ok_or_else(Refusal::session_unknown)?;
        crate::session::versions::check(row.stored_version).map_err(|error| {
            tracing::error!(%error, "a session cannot be read");
            Refusal::new(ErrorCode::Internal, error.to_string())
        })?;
        Ok(row)
    }
}

/// What is stored cannot be read: a newer program's, or damaged.
pub(crate) fn unreadable(error: &wire::StoredEventError) -> Refusal {
    tracing::error!(%error, "stored events cannot be read");
    Refusal::new(ErrorCode::Internal, "the session's events cannot be read")
}

pub(crate) fn wire_state(state: SessionState) -> protocol::v1::SessionState {
    match state {
        SessionState::Open => protocol::v1::SessionState::Open,
        SessionState::Finished | SessionState::Deleted => protocol::v1::SessionState::Finished,
        SessionState::Abandoned => protocol::v1::SessionState::Abandoned,
    }
}
