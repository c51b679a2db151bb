//! What happened in a conversation: the durable events of its log, of which its state is the fold. How they look on the wire is not known
//! here.

use crate::ports::conversations::{Asked, MessageId, ReplyId};
use crate::ports::extraction::Locator;
use crate::ports::ids::{CourseId, DocumentId};
use crate::ports::text_model::TokenUsage;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "kind")]
pub enum Event {
    /// Another worker has taken over.
    Continued {
        epoch: u32,
    },
    /// Somebody said something.
    Said {
        message: MessageId,
        text: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        parent: Option<ReplyId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        replaces: Option<MessageId>,
        /// What replies may draw on.
        asked: Asked,
    },
    /// A reply begins; said again, it begins anew.
    Started {
        reply: ReplyId,
        message: MessageId,
        attempt: u32,
        /// What whoever asked may read.
        courses: Vec<CourseId>,
    },
    Delta {
        reply: ReplyId,
        text: String,
    },
    /// A reply is over.
    Done {
        reply: ReplyId,
        text: String,
        finish: Finish,
        used: Used,
        citations: Vec<Citation>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        notice: Option<String>,
    },
    /// A reply was stopped.
    Cancelled {
        reply: ReplyId,
        text: String,
        #[serde(default, skip_serializing_if = "Used::is_nothing")]
        used: Used,
    },
    Titled {
        title: String,
        /// What making it took; nothing where a person gave it.
        #[serde(default, skip_serializing_if = "Used::is_nothing")]
        used: Used,
    },
}

/// How a reply came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Finish {
    Complete,
    /// Nothing in the files is about this.
    NotFound,
    /// It became as long as a reply may.
    Length,
    Filtered,
    Failed,
    TimedOut,
    Busy,
    Budget,
}

/// What a reply used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Used {
    pub requests: u32,
    pub tokens: TokenUsage,
}

impl Used {
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }

    /// Tokens that count towards a day's budget.
    pub fn billed(&self) -> u64 {
        self.tokens.billed()
    }
}

/// What a sentence of a reply rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Citation {
    /// As it stands in the text: `[1]`.
    pub number: u32,
    pub document: DocumentId,
    pub name: String,
    pub locator: Locator,
    /// The passage's own words, verbatim.
    pub quote: String,
    pub passage: String,
}
