//! What was said, as a tree: a message goes on from a reply (or begins), a reply answers a message. Another wording is a branch beside a
//! message, another attempt a reply beside a reply; nothing is ever replaced.

use crate::ports::conversations::{Asked, MessageId, ReplyId};
use crate::ports::ids::CourseId;
use crate::ports::text_model::Talk;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Tree {
    messages: BTreeMap<MessageId, Message>,
    replies: BTreeMap<ReplyId, Reply>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Message {
    pub text: String,
    pub parent: Option<ReplyId>,
    pub asked: Asked,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Reply {
    pub message: MessageId,
    pub attempt: u32,
    /// What whoever asked may read.
    pub courses: Vec<CourseId>,
    /// As far as it was said.
    pub text: String,
    pub is_over: bool,
}

impl Tree {
    pub fn message(&self, id: &MessageId) -> Option<&Message> {
        self.messages.get(id)
    }

    pub fn reply(&self, id: &ReplyId) -> Option<&Reply> {
        self.replies.get(id)
    }

    pub fn messages(&self) -> usize {
        self.messages.len()
    }

    /// Replies that began and are not over, in the order of their ids.
    pub fn open(&self) -> impl Iterator<Item = (&ReplyId, &Reply)> {
        self.replies.iter().filter(|(_, reply)| !reply.is_over)
    }

    /// The first exchange that is whole: of it a title can be made.
    pub fn first_exchange(&self) -> Option<Talk> {
        let reply = self.replies.values().find(|reply| reply.is_over && !reply.text.is_empty())?;
        let message = self.messages.get(&reply.message)?;
        Some(Talk { question: message.text.clone(), answer: reply.text.clone() })
    }

    /// What was said before a message, oldest first, at most `exchanges_max`.
    pub fn before(&self, message: &MessageId, exchanges_max: usize) -> Vec<Talk> {
        let mut talk = Vec::new();
        let mut parent = self.messages.get(message).and_then(|message| message.parent.as_ref());
        while let Some(reply) = parent.and_then(|id| self.replies.get(id))
            && talk.len() < exchanges_max
        {
            let Some(message) = self.messages.get(&reply.message) else { break };
            talk.push(Talk { question: message.text.clone(), answer: reply.text.clone() });
            parent = message.parent.as_ref();
        }
        talk.reverse();
        talk
    }

    /// What the replies to a message draw on: what was said with it, or else with the nearest one before it.
    pub fn asked_before(&self, parent: Option<&ReplyId>) -> Asked {
        let message = parent.and_then(|id| self.replies.get(id)).and_then(|reply| self.messages.get(&reply.message));
        message.map(|message| message.asked.clone()).unwrap_or_default()
    }

    /// The first word on a message counts.
    pub(super) fn say(&mut self, id: &MessageId, message: Message) {
        self.messages.entry(id.clone()).or_insert(message);
    }

    /// A reply that begins anew loses what it had; one that is over stays over.
    pub(super) fn start(&mut self, id: &ReplyId, message: &MessageId, attempt: u32, courses: &[CourseId]) {
        let fresh =
            Reply { message: message.clone(), attempt, courses: courses.to_vec(), text: String::new(), is_over: false };
        let reply = self.replies.entry(id.clone()).or_insert(fresh);
        if !reply.is_over {
            reply.text.clear();
        }
    }

    pub(super) fn add(&mut self, id: &ReplyId, piece: &str) {
        if let Some(reply) = self.replies.get_mut(id).filter(|reply| !reply.is_over) {
            reply.text.push_str(piece);
        }
    }

    pub(super) fn end(&mut self, id: &ReplyId, text: &str) {
        if let Some(reply) = self.replies.get_mut(id).filter(|reply| !reply.is_over) {
            text.clone_into(&mut reply.text);
            reply.is_over = true;
        }
    }
}
