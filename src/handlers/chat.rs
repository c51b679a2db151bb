//! Chat over course files: what is asked for is checked, numbered by the store and answered at once; its worker does the rest.
//!
//! What a reply may draw on is found out here, from the token of whoever asks, and goes with the request.

use crate::chat::{admitting, wire};
use crate::config::limits::{CHAT_CONVERSATIONS_MAX, CHAT_HISTORY_BYTES_MAX, CHAT_USER_REPLIES_DUE_MAX};
use crate::handlers::Handlers;
use crate::handlers::caller::Caller;
use crate::handlers::refusal::Refusal;
use crate::ports::clock::UnixMs;
use crate::ports::conversations::{
    Ask, Asked, ChatQuota, Conversations, ConversationsError, MessageId, Rating, ReplyId, Request, SubmitError,
    Submitted,
};
use crate::ports::ids::{CourseId, SessionKey};
use crate::ports::journal::{Created, SessionKind, SessionRow, SessionState};
use protocol::v1::limits::CHAT_HISTORY_ENTRIES_MAX;
use protocol::v1::{
    self, ChatAccepted, ChatEdit, ChatFeedback, ChatHistory, ChatPage, ChatRating, ChatRegenerate, ChatRename,
    ChatSend, ChatStop, Done, ErrorCode, RequestId, ResultBody,
};

impl Handlers {
    pub(crate) async fn chat_send(&self, caller: &Caller, send: ChatSend, now: UnixMs) -> Result<(), Refusal> {
        let ChatSend { id, session, message_id, text, parent_id, scope } = send;
        let key = caller.identity.session_key(session.as_str());
        let asked = scope.map(wire::asked);
        check_scope(caller, asked.as_ref())?;
        let parent = parent_id.map(|reply| ReplyId::new(reply.as_str()));
        let row = match parent {
            Some(_) => self.chat_row(&key).await?,
            None => self.chat_row_or_new(&key, now).await?,
        };
        let message = MessageId::new(message_id.as_str());
        self.ask(caller, id, &key, &row, Ask::Send { message, parent, text, asked }, now).await
    }

    pub(crate) async fn chat_edit(&self, caller: &Caller, edit: ChatEdit, now: UnixMs) -> Result<(), Refusal> {
        let ChatEdit { id, session, message_id, replaces, text } = edit;
        let (message, replaces) = (MessageId::new(message_id.as_str()), MessageId::new(replaces.as_str()));
        self.ask_in(caller, id, session.as_str(), Ask::Edit { message, replaces, text }, now).await
    }

    pub(crate) async fn chat_regenerate(
        &self,
        caller: &Caller,
        regenerate: ChatRegenerate,
        now: UnixMs,
    ) -> Result<(), Refusal> {
        let ChatRegenerate { id, session, message_id, attempt } = regenerate;
        let message = MessageId::new(message_id.as_str());
        self.ask_in(caller, id, session.as_str(), Ask::Regenerate { message, attempt }, now).await
    }

    pub(crate) async fn chat_stop(&self, caller: &Caller, stop: ChatStop, now: UnixMs) -> Result<(), Refusal> {
        let ChatStop { id, session, reply_id } = stop;
        let reply = ReplyId::new(reply_id.as_str());
        self.ask_in(caller, id, session.as_str(), Ask::Stop { reply }, now).await
    }

    pub(crate) async fn chat_rename(&self, caller: &Caller, rename: ChatRename, now: UnixMs) -> Result<(), Refusal> {
        let ChatRename { id, session, title } = rename;
        self.ask_in(caller, id, session.as_str(), Ask::Rename { title }, now).await
    }

    pub(crate) async fn chat_feedback(&self, caller: &Caller, feedback: ChatFeedback) -> Result<(), Refusal> {
        let ChatFeedback { id, session, reply_id, rating } = feedback;
        let key = caller.identity.session_key(session.as_str());
        self.chat_row(&key).await?;
        let rating = match rating {
            ChatRating::Up => Rating::Up,
            ChatRating::Down => Rating::Down,
        };
        if !self.conversations()?.rate(&key, &ReplyId::new(reply_id.as_str()), rating).await? {
            return Err(message_unknown());
        }
        self.answer(caller, id, ResultBody::Done(Done {})).await;
        Ok(())
    }

    /// A page, cut where it would be larger than a message may be.
    pub(crate) async fn chat_history(&self, caller: &Caller, history: ChatHistory) -> Result<(), Refusal> {
        let ChatHistory { id, session, before, limit } = history;
        let key = caller.identity.session_key(session.as_str());
        let conversations = self.conversations()?;
        let conversation = conversations.get(&key).await?.ok_or_else(Refusal::session_unknown)?;
        let limit = limit.unwrap_or(CHAT_HISTORY_ENTRIES_MAX) as usize;
        let stored = conversations.history(&key, before, limit + 1).await?;
        let mut page = ChatPage { session, title: conversation.title, entries: Vec::new(), before: None };
        let mut bytes = 0;
        for entry in stored {
            let entry = wire::entry(&entry).map_err(|error| unreadable(&error))?;
            bytes += serde_json::to_string(&entry).map_or(0, |json| json.len());
            let is_full = page.entries.len() == limit || (bytes > CHAT_HISTORY_BYTES_MAX && !page.entries.is_empty());
            if is_full {
                page.before = page.entries.last().map(|last| last.number);
                break;
            }
            page.entries.push(entry);
        }
        self.answer(caller, id, ResultBody::ChatPage(Box::new(page))).await;
        Ok(())
    }

    /// The store of conversations, where this server has chat.
    pub(crate) fn conversations(&self) -> Result<&dyn Conversations, Refusal> {
        let missing = || Refusal::new(ErrorCode::ChatUnavailable, "this server has no chat");
        self.conversations.as_deref().ok_or_else(missing)
    }

    async fn ask_in(
        &self,
        caller: &Caller,
        id: RequestId,
        session: &str,
        ask: Ask,
        now: UnixMs,
    ) -> Result<(), Refusal> {
        let key = caller.identity.session_key(session);
        let row = self.chat_row(&key).await?;
        self.ask(caller, id, &key, &row, ask, now).await
    }

    /// Numbers the request, answers, and wakes or starts whoever does it. Whoever asks for a reply looks on from where the log stood before.
    async fn ask(
        &self,
        caller: &Caller,
        id: RequestId,
        key: &SessionKey,
        row: &SessionRow,
        ask: Ask,
        now: UnixMs,
    ) -> Result<(), Refusal> {
        let conversations = self.conversations()?;
        let head = self.journal.head_seq(key).await?;
        let request = Request { ask, courses: readable(caller) };
        let Submitted { number: _, reply, is_new } = conversations.submit(key, request, &QUOTA, now).await?;
        let body = match reply {
            Some(due) => {
                let bound = conversations.bound(key).await?;
                if !bound.iter().any(|onlooker| onlooker.connection == caller.connection) {
                    self.look_on(caller, key, head).await?;
                }
                ResultBody::ChatAccepted(ChatAccepted {
                    message_id: wire::message_id(&due.message),
                    reply_id: wire::reply_id(&due.reply),
                    attempt: due.attempt,
                })
            }
            None => ResultBody::Done(Done {}),
        };
        self.answer(caller, id, body).await;
        if is_new {
            self.feed.nudge(key).await?;
        }
        // The row as it is after the request was stored: a worker that left before has not seen it.
        let row = self.journal.row(key).await?.unwrap_or_else(|| row.clone());
        if self.start_worker(key, &row, now).await.is_err() {
            // The request is stored, so that this is no refusal of it; the next `ping` starts a worker.
            tracing::warn!("a request was stored, and there is no worker for it yet");
        }
        Ok(())
    }

    /// Binds the connection beside those that look on already. Where that is one too many, the oldest is told that it no longer does.
    pub(crate) async fn look_on(&self, caller: &Caller, key: &SessionKey, head: u64) -> Result<(), Refusal> {
        let oldest = self.conversations()?.bind(key, &caller.connection, head).await?;
        if let Some(oldest) = oldest {
            let moved = v1::ServerMessage::from(v1::SessionMoved { session: wire::session_id(key) });
            self.reply(&oldest, &moved).await;
        }
        Ok(self.feed.nudge(key).await?)
    }

    async fn chat_row(&self, key: &SessionKey) -> Result<SessionRow, Refusal> {
        self.conversations()?;
        let row = self.journal.row(key).await?;
        row.filter(|row| row.kind == SessionKind::Chat && row.state == SessionState::Open)
            .ok_or_else(Refusal::session_unknown)
    }

    async fn chat_row_or_new(&self, key: &SessionKey, now: UnixMs) -> Result<SessionRow, Refusal> {
        let conversations = self.conversations()?;
        let row = match self.journal.row(key).await? {
            Some(row) => row,
            None => {
                // Before anything is made: whoever may begin no more leaves no sessions behind.
                admitting::begin(conversations.in_use(&key.tenant, &key.user).await?, &QUOTA)?;
                match self.journal.create(key, SessionKind::Chat, now).await {
                    Ok(Created::New(row) | Created::Existing(row)) => row,
                    Err(crate::ports::journal::JournalError::Deleted) => return Err(deleted()),
                    Err(error) => return Err(error.into()),
                }
            }
        };
        match (row.kind, row.state) {
            (SessionKind::Chat, SessionState::Open) => Ok(row),
            (SessionKind::Chat, SessionState::Deleted) => Err(deleted()),
            _ => Err(Refusal::new(ErrorCode::SessionExists, "a session of this name is no conversation")),
        }
    }
}

impl From<ConversationsError> for Refusal {
    fn from(error: ConversationsError) -> Self {
        match error {
            ConversationsError::Full => Self::new(ErrorCode::StorageFull, "no space is left; nothing was stored"),
            ConversationsError::Cursor => {
                Self::new(ErrorCode::InvalidField, "cursor: it is not one that this server gave")
            }
            ConversationsError::Failed(detail) => {
                tracing::error!(port = "conversations", detail, "storage failed");
                Self::new(ErrorCode::StorageFailed, "it could not be stored or read; try again")
            }
        }
    }
}

impl From<SubmitError> for Refusal {
    fn from(error: SubmitError) -> Self {
        match error {
            SubmitError::Unknown => Self::session_unknown(),
            SubmitError::Deleted => deleted(),
            SubmitError::MessageUnknown => message_unknown(),
            SubmitError::Exists => {
                Self::new(ErrorCode::MessageExists, "this id was used in the conversation for something else")
            }
            SubmitError::RepliesDue => {
                Self::new(ErrorCode::RepliesDue, "as many replies are due as may be; wait for one, or stop it")
            }
            SubmitError::TooManyConversations => {
                let message =
                    format!("you have as many conversations as one may ({CHAT_CONVERSATIONS_MAX}); delete one");
                Self::new(ErrorCode::TooManySessions, message)
            }
            SubmitError::Exceeded => {
                Self::new(ErrorCode::BudgetExceeded, "the conversation is as long as one may be; begin another")
            }
            SubmitError::Store(error) => error.into(),
        }
    }
}

const QUOTA: ChatQuota =
    ChatQuota { conversations_max: CHAT_CONVERSATIONS_MAX, replies_due_max: CHAT_USER_REPLIES_DUE_MAX };

/// What this user may read: the courses of the token, and the user's own files.
fn readable(caller: &Caller) -> Vec<CourseId> {
    let identity = &caller.identity;
    identity.courses.keys().map(String::as_str).chain([identity.user.as_str()]).map(CourseId::new).collect()
}

fn check_scope(caller: &Caller, asked: Option<&Asked>) -> Result<(), Refusal> {
    match asked.and_then(|asked| asked.course.as_ref()) {
        Some(course) if !readable(caller).contains(course) => {
            Err(Refusal::new(ErrorCode::Forbidden, "scope.course: the token does not name this course"))
        }
        Some(_) | None => Ok(()),
    }
}

fn message_unknown() -> Refusal {
    Refusal::new(ErrorCode::MessageUnknown, "there is no such message or reply, or its next attempt has another number")
}

fn deleted() -> Refusal {
    Refusal::new(ErrorCode::SessionExists, "a conversation of this name was deleted; take a new one")
}

fn unreadable(error: &wire::StoredEventError) -> Refusal {
    tracing::error!(%error, "a stored reply cannot be read");
    Refusal::new(ErrorCode::Internal, "the conversation cannot be read")
}
