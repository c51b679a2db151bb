//! Conversations: their numbered requests, their history, and who looks on.
//!
//! What is said in reply, and when, is the chat core's business; the log of events is the journal's.

use crate::ports::clock::UnixMs;
use crate::ports::ids::{ConnectionId, CourseId, DocumentId, SessionKey, TenantId, UserId, text_id};
use async_trait::async_trait;
use serde::{Deserialize, Serialize};

text_id!(
    /// What somebody said; named by the client, unique in its conversation.
    MessageId
);
text_id!(
    /// What is said in reply; unique in its conversation.
    ReplyId
);

impl ReplyId {
    /// The reply that a request asks for.
    pub fn of(number: u64) -> Self {
        Self(format!("r{number}"))
    }
}

/// What a client wants replies to draw on, as it said so; empty: on all that the user may read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Asked {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub course: Option<CourseId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub documents: Option<Vec<DocumentId>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "kind")]
pub enum Ask {
    /// Says something and asks for a reply; the first creates the conversation.
    Send {
        message: MessageId,
        parent: Option<ReplyId>,
        text: String,
        asked: Option<Asked>,
    },
    /// Says it in another way: a branch beside `replaces`.
    Edit {
        message: MessageId,
        replaces: MessageId,
        text: String,
    },
    /// Another reply to the same message.
    Regenerate {
        message: MessageId,
        attempt: u32,
    },
    Stop {
        reply: ReplyId,
    },
    Rename {
        title: String,
    },
}

/// A request, and what its reply may read: found out from who asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Request {
    pub ask: Ask,
    /// The courses whose files the user may read, at the time of asking.
    pub courses: Vec<CourseId>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Numbered {
    /// 1, 2, 3 … in the conversation, without a gap.
    pub number: u64,
    pub request: Request,
}

/// What became of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submitted {
    pub number: u64,
    /// The reply that will come of it, where one does.
    pub reply: Option<Due>,
    /// Whether it was not there before.
    pub is_new: bool,
}

/// A reply that is to come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    pub reply: ReplyId,
    pub message: MessageId,
    pub attempt: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReplyState {
    Due,
    Done,
    Cancelled,
}

impl ReplyState {
    pub const ALL: [Self; 3] = [Self::Due, Self::Done, Self::Cancelled];

    /// As it is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Due => "due",
            Self::Done => "done",
            Self::Cancelled => "cancelled",
        }
    }

    pub fn of(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Rating {
    Up,
    Down,
}

impl Rating {
    pub const ALL: [Self; 2] = [Self::Up, Self::Down];

    /// As it is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
        }
    }

    pub fn of(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rating| rating.as_str() == text)
    }
}

/// A reply that is over, as the history keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filed {
    pub reply: ReplyId,
    pub state: ReplyState,
    pub text: String,
    /// How it ended and what it rests on, as JSON; the store does not read it.
    pub details: String,
}

/// A request for a reply, as the history shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub number: u64,
    pub created: UnixMs,
    /// What was said; `None` where another attempt was asked for.
    pub said: Option<Said>,
    pub due: Due,
    pub state: ReplyState,
    /// Empty while it is due.
    pub text: String,
    pub details: Option<String>,
    pub rating: Option<Rating>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Said {
    pub text: String,
    pub parent: Option<ReplyId>,
    pub replaces: Option<MessageId>,
    pub asked: Option<Asked>,
}

/// A conversation in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conversation {
    pub key: SessionKey,
    pub title: String,
    pub course: Option<CourseId>,
    pub created: UnixMs,
    pub updated: UnixMs,
    /// How often somebody said something.
    pub messages: u32,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConversationQuery {
    pub tenant: TenantId,
    pub user: UserId,
    pub course: Option<CourseId>,
    /// Words that title or messages hold, all of them.
    pub text: Option<String>,
    pub cursor: Option<String>,
    pub limit: usize,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConversationPage {
    pub conversations: Vec<Conversation>,
    pub cursor: Option<String>,
}

/// What one user may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChatQuota {
    pub conversations_max: u64,
    /// Replies that are due at once, in all the user's conversations.
    pub replies_due_max: u64,
}

/// What one user has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ChatsInUse {
    pub conversations: u64,
    pub replies_due: u64,
}

/// A connection that looks on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Onlooker {
    pub connection: ConnectionId,
    /// Counts bindings.
    pub bind_no: u64,
    /// The event that it stands at.
    pub head_seq: u64,
}

/// Contract: `submit` numbers a request in one transaction with whatever it rests on, and is idempotent: a message id, or a message's
/// attempt, or a reply's stop, names one request for good; the same again gives the same number. Numbers have no gap. A reply is due from
/// its request's being numbered until it is filed; filing is idempotent, and only the first counts. What was deleted stays deleted. Of many
/// requests at once, no more are taken in than the quota has room for; one that is there already counts no more.
#[async_trait]
pub trait Conversations: Send + Sync {
    /// A `Send` without a parent creates the conversation where there is none. Another request in a conversation that is not there is
    /// `SubmitError::Unknown`.
    async fn submit(
        &self,
        key: &SessionKey,
        request: Request,
        quota: &ChatQuota,
        now: UnixMs,
    ) -> Result<Submitted, SubmitError>;

    /// What the user has: whoever makes something for a conversation before it begins asks first. `submit` asks again.
    async fn in_use(&self, tenant: &TenantId, user: &UserId) -> Result<ChatsInUse, ConversationsError>;

    /// In order.
    async fn requests_after(
        &self,
        key: &SessionKey,
        after: u64,
        limit: usize,
    ) -> Result<Vec<Numbered>, ConversationsError>;

    /// A no-op for a reply that is not due, and in a conversation that was deleted.
    async fn file(&self, key: &SessionKey, filed: Filed, now: UnixMs) -> Result<(), ConversationsError>;

    /// A title that was made for it; a no-op where a person gave one.
    async fn entitle(&self, key: &SessionKey, title: &str) -> Result<(), ConversationsError>;

    /// `false`: there is no such reply.
    async fn rate(&self, key: &SessionKey, reply: &ReplyId, rating: Rating) -> Result<bool, ConversationsError>;

    async fn get(&self, key: &SessionKey) -> Result<Option<Conversation>, ConversationsError>;

    /// Latest first, those numbered below `before`, at most `limit`.
    async fn history(
        &self,
        key: &SessionKey,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<Entry>, ConversationsError>;

    /// Latest change first.
    async fn list(&self, query: ConversationQuery) -> Result<ConversationPage, ConversationsError>;

    /// Conversations with a reply that was asked for before `before` and is still due, longest waiting first, each once.
    async fn overdue(&self, before: UnixMs, limit: usize) -> Result<Vec<SessionKey>, ConversationsError>;

    /// Idempotent; leaves nothing but the knowledge that it is gone.
    async fn delete(&self, key: &SessionKey) -> Result<(), ConversationsError>;

    /// Notes that a connection looks on, from that event on. Beyond `CHAT_CONNECTIONS_MAX` the oldest makes room, and comes back.
    async fn bind(
        &self,
        key: &SessionKey,
        connection: &ConnectionId,
        head_seq: u64,
    ) -> Result<Option<ConnectionId>, ConversationsError>;

    async fn unbind(&self, key: &SessionKey, connection: &ConnectionId) -> Result<(), ConversationsError>;

    /// Oldest first.
    async fn bound(&self, key: &SessionKey) -> Result<Vec<Onlooker>, ConversationsError>;
}

#[derive(Debug, thiserror::Error)]
pub enum ConversationsError {
    #[error("storage is full")]
    Full,
    #[error("it is not a cursor of ours")]
    Cursor,
    #[error("the conversations could not be read or written: {0}")]
    Failed(String),
}

#[derive(Debug, thiserror::Error)]
pub enum SubmitError {
    #[error("there is no such conversation")]
    Unknown,
    #[error("the conversation was deleted")]
    Deleted,
    /// A message or reply that the request names.
    #[error("there is no such message or reply")]
    MessageUnknown,
    #[error("the same id was used for something else")]
    Exists,
    /// As many replies are due as may be, in the conversation or to its user.
    #[error("as many replies are due as may be")]
    RepliesDue,
    /// The user has as many conversations as one may.
    #[error("the user has as many conversations as one may")]
    TooManyConversations,
    /// The conversation holds as many requests as one may.
    #[error("the conversation is as long as one may be")]
    Exceeded,
    #[error(transparent)]
    Store(#[from] ConversationsError),
}
