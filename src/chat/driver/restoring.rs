//! A conversation as it was left: from its snapshot and its log, or, where the log no longer reaches back and no snapshot can be read, from
//! its history.

use crate::chat::Chat;
use crate::chat::driver::{Deps, RunError};
use crate::chat::event::{Event, Finish, Used};
use crate::chat::wire;
use crate::config::limits::CHAT_REQUESTS_PAGE;
use crate::ports::conversations::{ConversationsError, Entry, ReplyState, Said};
use crate::ports::ids::SessionKey;
use crate::session::snapshots::{self, Stored};

/// A conversation as its log tells it.
pub(super) struct Restored {
    pub(super) chat: Chat,
    pub(super) head_seq: u64,
    pub(super) handled: u64,
    /// What the log holds beyond the snapshot: it may not have been filed.
    pub(super) recent: Vec<Event>,
}

pub(super) async fn restore(deps: &Deps, key: &SessionKey) -> Result<Restored, RunError> {
    let Stored { state, records, head_seq, cursor } =
        snapshots::load::<Chat>(&*deps.journal, key, Chat::SNAPSHOT_SCHEMA).await?;
    let handled = cursor.inbox_through_seq;
    let is_cut = records.first().is_some_and(|first| first.first_seq > 1);
    let mut chat = match state {
        Some(chat) => chat,
        None if is_cut => of_history(deps, key, handled).await?,
        None => Chat::default(),
    };
    let stored = records.iter().flat_map(|record| &record.events);
    let recent: Vec<Event> = stored.map(|stored| wire::decode_event(stored)).collect::<Result<_, _>>()?;
    recent.iter().for_each(|event| chat.apply(event));
    Ok(Restored { chat, head_seq, handled, recent })
}

/// What was said and answered up to the last request that was handled. What replies used is in the books already.
async fn of_history(deps: &Deps, key: &SessionKey, handled: u64) -> Result<Chat, ConversationsError> {
    tracing::warn!("a conversation is rebuilt from its history");
    let mut chat = Chat::default();
    let mut entries: Vec<Entry> = Vec::new();
    loop {
        let before = entries.last().map_or(handled.saturating_add(1), |entry| entry.number);
        let page = deps.conversations.history(key, Some(before), CHAT_REQUESTS_PAGE).await?;
        if page.is_empty() {
            break;
        }
        entries.extend(page);
    }
    for entry in entries.into_iter().rev() {
        events_of(&chat, entry).iter().for_each(|event| chat.apply(event));
    }
    if let Some(conversation) = deps.conversations.get(key).await? {
        chat.apply(&Event::Titled { title: conversation.title, used: Used::default() });
    }
    Ok(chat)
}

fn events_of(chat: &Chat, entry: Entry) -> Vec<Event> {
    let Entry { said, due, state, text, .. } = entry;
    let mut events = Vec::new();
    if let Some(Said { text, parent, replaces, asked }) = said {
        // A branch goes on from where the message beside it does, and draws on the same.
        let beside = replaces.as_ref().and_then(|replaced| chat.tree().message(replaced)).cloned();
        let parent = parent.or_else(|| beside.as_ref().and_then(|beside| beside.parent.clone()));
        let asked = asked.or(beside.map(|beside| beside.asked));
        let asked = asked.unwrap_or_else(|| chat.tree().asked_before(parent.as_ref()));
        events.push(Event::Said { message: due.message.clone(), text, parent, replaces, asked });
    }
    let reply = due.reply.clone();
    let end = match state {
        // The log tells how far it came.
        ReplyState::Due => return events,
        ReplyState::Done => Event::Done {
            reply,
            text,
            finish: Finish::Complete,
            used: Used::default(),
            citations: Vec::new(),
            notice: None,
        },
        ReplyState::Cancelled => Event::Cancelled { reply, text, used: Used::default() },
    };
    let (message, attempt) = (due.message, due.attempt);
    events.push(Event::Started { reply: due.reply, message, attempt, courses: Vec::new() });
    events.push(end);
    events
}
