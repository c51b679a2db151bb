//! Whether a request is taken into a conversation, and as what: the rules that every store keeps when it numbers one.
//!
//! What is known is read by the store, all of it as of one moment at which nobody else numbers a request of the conversation.

use crate::config::limits::{CHAT_REPLIES_DUE_MAX, CHAT_REQUESTS_MAX};
use crate::ports::conversations::{
    Ask, ChatQuota, ChatsInUse, Due, MessageId, Numbered, ReplyId, Said, SubmitError, Submitted,
};

/// What a store must know about a conversation to take a request into it.
#[derive(Clone, Debug, Default)]
pub struct Known {
    pub is_deleted: bool,
    /// The last number; `None`: there is no conversation.
    pub last: Option<u64>,
    /// The request that is called by the same name.
    pub same: Option<Numbered>,
    /// Whether the reply that the request rests on is there.
    pub has_reply: bool,
    /// How often an answer to the message that the request rests on was asked for; 0: there is no such message.
    pub attempts: u32,
    pub replies_due: u64,
    /// What the user has, this conversation included.
    pub in_use: ChatsInUse,
}

/// A request that is new gets the next number.
pub fn admit(ask: &Ask, known: Known, quota: &ChatQuota) -> Result<Submitted, SubmitError> {
    if known.is_deleted {
        return Err(SubmitError::Deleted);
    }
    if let Some(Numbered { number, request }) = known.same {
        if request.ask != *ask {
            return Err(SubmitError::Exists);
        }
        return Ok(Submitted { number, reply: due(ask, number), is_new: false });
    }
    let number = match known.last {
        None if matches!(ask, Ask::Send { parent: None, .. }) => {
            begin(known.in_use, quota)?;
            1
        }
        None => return Err(SubmitError::Unknown),
        Some(last) => {
            check(ask, last, &known, quota)?;
            last + 1
        }
    };
    Ok(Submitted { number, reply: due(ask, number), is_new: true })
}

/// Whether there is room for another conversation, which begins with a reply that is due.
pub fn begin(in_use: ChatsInUse, quota: &ChatQuota) -> Result<(), SubmitError> {
    if in_use.conversations >= quota.conversations_max {
        return Err(SubmitError::TooManyConversations);
    }
    if in_use.replies_due >= quota.replies_due_max {
        return Err(SubmitError::RepliesDue);
    }
    Ok(())
}

/// Whether what the request rests on is there, and whether there is room for it.
fn check(ask: &Ask, last: u64, known: &Known, quota: &ChatQuota) -> Result<(), SubmitError> {
    let rests_on_something = match ask {
        Ask::Send { parent: None, .. } | Ask::Rename { .. } => true,
        Ask::Send { parent: Some(_), .. } | Ask::Stop { .. } => known.has_reply,
        Ask::Edit { .. } => known.attempts > 0,
        Ask::Regenerate { attempt, .. } => known.attempts > 0 && *attempt == known.attempts + 1,
    };
    if !rests_on_something {
        return Err(SubmitError::MessageUnknown);
    }
    if last >= CHAT_REQUESTS_MAX {
        return Err(SubmitError::Exceeded);
    }
    let is_full = known.replies_due >= CHAT_REPLIES_DUE_MAX as u64 || known.in_use.replies_due >= quota.replies_due_max;
    if due(ask, last + 1).is_some() && is_full {
        return Err(SubmitError::RepliesDue);
    }
    Ok(())
}

/// What a request is called by the client's ids: a message's attempt, or a reply's stop. Renaming twice is renaming twice.
pub fn name(ask: &Ask) -> Option<String> {
    match ask {
        Ask::Send { message, .. } | Ask::Edit { message, .. } => Some(format!("{message}/1")),
        Ask::Regenerate { message, attempt } => Some(format!("{message}/{attempt}")),
        Ask::Stop { reply } => Some(format!("stop/{reply}")),
        Ask::Rename { .. } => None,
    }
}

/// The reply and the message that a request rests on.
pub fn rests_on(ask: &Ask) -> (Option<&ReplyId>, Option<&MessageId>) {
    match ask {
        Ask::Send { parent, .. } => (parent.as_ref(), None),
        Ask::Stop { reply } => (Some(reply), None),
        Ask::Edit { replaces, .. } => (None, Some(replaces)),
        Ask::Regenerate { message, .. } => (None, Some(message)),
        Ask::Rename { .. } => (None, None),
    }
}

/// What a request says, as the history shows it.
pub fn said(ask: &Ask) -> Option<Said> {
    match ask {
        Ask::Send { message: _, parent, text, asked } => {
            Some(Said { text: text.clone(), parent: parent.clone(), replaces: None, asked: asked.clone() })
        }
        Ask::Edit { message: _, replaces, text } => {
            Some(Said { text: text.clone(), parent: None, replaces: Some(replaces.clone()), asked: None })
        }
        Ask::Regenerate { .. } | Ask::Stop { .. } | Ask::Rename { .. } => None,
    }
}

/// The reply that will come of the request of this number.
fn due(ask: &Ask, number: u64) -> Option<Due> {
    let (message, attempt) = match ask {
        Ask::Send { message, .. } | Ask::Edit { message, .. } => (message, 1),
        Ask::Regenerate { message, attempt } => (message, *attempt),
        Ask::Stop { .. } | Ask::Rename { .. } => return None,
    };
    Some(Due { reply: ReplyId::of(number), message: message.clone(), attempt })
}
