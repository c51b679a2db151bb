//! Conversations as sessions: resumed, listed and deleted like any other, each in its own way.

use crate::chat::wire;
use crate::config::limits::SESSION_PAGE_MAX;
use crate::handlers::Handlers;
use crate::handlers::caller::Caller;
use crate::handlers::refusal::Refusal;
use crate::ports::clock::UnixMs;
use crate::ports::conversations::{Conversation, ConversationQuery};
use crate::ports::ids::{CourseId, SessionKey};
use crate::ports::journal::{Record, SessionRow};
use crate::session::log;
use protocol::v1::{
    self, ErrorCode, RequestId, ResultBody, SessionKind, SessionPage, SessionResumed, SessionState, SessionSummary,
};
use std::sync::Arc;

impl Handlers {
    /// The client gets the result, then the events up to the head; then it looks on from there.
    pub(crate) async fn resume_chat(
        &self,
        caller: &Caller,
        id: RequestId,
        key: &SessionKey,
        row: &SessionRow,
        last_seq: u64,
        now: UnixMs,
    ) -> Result<(), Refusal> {
        self.conversations()?;
        let known = self.journal.head_seq(key).await?;
        if last_seq > known {
            let message = format!("lastSeq: {last_seq} lies beyond the last event, {known}");
            return Err(Refusal::new(ErrorCode::InvalidField, message));
        }
        let records = log::read(&*self.journal, key, last_seq).await?;
        let head = records.last().map_or(last_seq, |record| record.last_seq);
        let is_whole = records.first().is_none_or(|first| first.first_seq <= last_seq + 1);
        let events = if is_whole { replay(key, &records, last_seq)? } else { vec![reset(key, head)] };
        let resumed = SessionResumed {
            session: wire::session_id(key),
            state: SessionState::Open,
            epoch: u32::try_from(row.epoch).unwrap_or(u32::MAX),
            outbox_head_seq: head,
            inbox_through_seq: 0,
            inbox_head_seq: 0,
            window_through_seq: 0,
            media_ms: 0,
        };
        self.answer(caller, id, ResultBody::Resumed(Box::new(resumed))).await;
        for batch in events {
            self.reply_text(&caller.connection, batch).await;
        }
        self.look_on(caller, key, head).await?;
        // Whatever was committed since the log was read, a worker tells.
        let row = self.journal.row(key).await?.unwrap_or_else(|| row.clone());
        self.start_worker(key, &row, now).await
    }

    /// One's own conversations: nobody else sees them, teachers included.
    pub(crate) async fn list_chats(&self, caller: &Caller, list: v1::SessionList) -> Result<(), Refusal> {
        let v1::SessionList { id, kind: _, course, user, query, cursor } = list;
        let identity = &caller.identity;
        if user.is_some_and(|user| user.as_str() != identity.user.as_str()) {
            return Err(Refusal::new(ErrorCode::Forbidden, "user: conversations are shown to whoever held them alone"));
        }
        let query = ConversationQuery {
            tenant: identity.tenant.clone(),
            user: identity.user.clone(),
            course: course.map(|course| CourseId::new(course.as_str())),
            text: query,
            cursor,
            limit: SESSION_PAGE_MAX,
        };
        let page = self.conversations()?.list(query).await?;
        let sessions = page.conversations.into_iter().map(summary).collect();
        self.answer(caller, id, ResultBody::Sessions(SessionPage { sessions, cursor: page.cursor })).await;
        Ok(())
    }
}

fn replay(key: &SessionKey, records: &[Record], last_seq: u64) -> Result<Vec<Arc<str>>, Refusal> {
    wire::replay(key, records, last_seq).map_err(|error| {
        tracing::error!(%error, "stored events cannot be read");
        Refusal::new(ErrorCode::Internal, "the conversation's events cannot be read")
    })
}

/// The log no longer goes back so far: what was said is in the history.
fn reset(key: &SessionKey, head: u64) -> Arc<str> {
    let reset = v1::SessionReset { session: wire::session_id(key), outbox_head_seq: head };
    v1::encode_server(&reset.into()).into()
}

fn summary(conversation: Conversation) -> SessionSummary {
    let Conversation { key, title, course, created, updated, messages } = conversation;
    SessionSummary {
        session: wire::session_id(&key),
        kind: SessionKind::Chat,
        state: SessionState::Open,
        title,
        created_unix_ms: created.0,
        updated_unix_ms: updated.0,
        questions: messages,
        duration_ms: 0,
        user: None,
        course: course.and_then(|course| v1::CourseId::new(course.as_str()).ok()),
    }
}
