//! The conversation's own words ↔ the wire's (`protocol::v1`), the stored form of its events, and what a resuming client gets. Nothing is
//! decided here.

use crate::chat::event::{Citation, Event, Finish, Used};
use crate::ports::conversations::{Asked, Entry, MessageId, Rating, ReplyId, ReplyState};
use crate::ports::extraction::Locator;
use crate::ports::ids::{CourseId, DocumentId, SessionKey};
use crate::ports::journal::Record;
use crate::session::push::{EVENTS_BYTES_MAX, events_message};
pub use crate::session::stored::StoredEventError;
use crate::session::stored::{decode, encode};
use protocol::v1;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::Arc;

/// The version of stored events that this program writes.
pub const EVENT_VERSION: u32 = 1;

/// How a reply ended and what it rests on, as the history stores it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Details {
    pub finish: Option<Finish>,
    pub citations: Vec<Citation>,
}

pub fn encode_event(event: &Event) -> String {
    encode(event, EVENT_VERSION)
}

pub fn decode_event(stored: &str) -> Result<Event, StoredEventError> {
    decode(stored, EVENT_VERSION)
}

/// The wire's name of a conversation.
pub fn session_id(key: &SessionKey) -> v1::SessionId {
    v1::SessionId::new(key.session.as_str()).expect("a session's id was checked when it came")
}

/// The wire message of a stored event.
pub fn stored_text(key: &SessionKey, seq: u64, stored: &str) -> Result<Arc<str>, StoredEventError> {
    Ok(event_text(&session_id(key), seq, &decode_event(stored)?))
}

pub fn event_text(session: &v1::SessionId, seq: u64, event: &Event) -> Arc<str> {
    v1::encode_server(&event_message(session, seq, event)).into()
}

pub fn event_message(session: &v1::SessionId, seq: u64, event: &Event) -> v1::ServerMessage {
    let session = session.clone();
    match event {
        Event::Continued { epoch } => v1::SessionContinued { session, seq, epoch: *epoch, media_ms: None }.into(),
        Event::Said { message, text, parent, replaces, asked } => v1::ChatMessage {
            session,
            seq,
            message_id: message_id(message),
            text: text.clone(),
            parent_id: parent.as_ref().map(reply_id),
            replaces: replaces.as_ref().map(message_id),
            scope: scope(asked),
            media_ms: None,
        }
        .into(),
        Event::Started { reply, message, attempt, courses: _ } => v1::ChatStarted {
            session,
            seq,
            reply_id: reply_id(reply),
            in_reply_to: message_id(message),
            attempt: *attempt,
            media_ms: None,
        }
        .into(),
        Event::Delta { reply, text } => {
            v1::ChatDelta { session, seq, reply_id: reply_id(reply), text: text.clone(), media_ms: None }.into()
        }
        Event::Done { reply, text, finish, used, citations, notice } => v1::ChatDone {
            session,
            seq,
            reply_id: reply_id(reply),
            text: text.clone(),
            finish_reason: finish_reason(*finish),
            usage: usage(used),
            citations: citations.iter().filter_map(citation).collect(),
            message: notice.clone(),
            media_ms: None,
        }
        .into(),
        Event::Cancelled { reply, text, used: _ } => {
            v1::ChatCancelled { session, seq, reply_id: reply_id(reply), text: text.clone(), media_ms: None }.into()
        }
        Event::Titled { title, used: _ } => {
            v1::ChatTitled { session, seq, title: title.clone(), media_ms: None }.into()
        }
    }
}

/// The `session.events` messages after event `after_seq`: at least one, each small enough to be sent, without a gap between them. Pieces of
/// replies that are over, or that began anew, are left out.
pub fn replay(key: &SessionKey, records: &[Record], after_seq: u64) -> Result<Vec<Arc<str>>, StoredEventError> {
    let session = session_id(key);
    let stored = records.iter().flat_map(|record| (record.first_seq..).zip(&record.events));
    let events: Vec<(u64, Event)> = stored
        .filter(|(seq, _)| *seq > after_seq)
        .map(|(seq, stored)| Ok((seq, decode_event(stored)?)))
        .collect::<Result<_, StoredEventError>>()?;
    let mut needless: HashMap<&ReplyId, u64> = HashMap::new();
    for (seq, event) in &events {
        if let Event::Started { reply, .. } | Event::Done { reply, .. } | Event::Cancelled { reply, .. } = event {
            needless.insert(reply, *seq);
        }
    }
    let mut batches = Vec::new();
    let mut batch: Vec<Arc<str>> = Vec::new();
    let (mut bytes, mut from_seq, mut through_seq) = (0, after_seq + 1, after_seq);
    for (seq, event) in &events {
        if let Event::Delta { reply, .. } = event
            && needless.get(reply).is_some_and(|until| seq < until)
        {
            through_seq = *seq;
            continue;
        }
        let text = event_text(&session, *seq, event);
        if !batch.is_empty() && bytes + text.len() + 1 > EVENTS_BYTES_MAX {
            batches.push(events_message(key, from_seq, through_seq, batch.iter().map(AsRef::as_ref)));
            batch.clear();
            (bytes, from_seq) = (0, through_seq + 1);
        }
        bytes += text.len() + 1;
        through_seq = *seq;
        batch.push(text);
    }
    batches.push(events_message(key, from_seq, through_seq, batch.iter().map(AsRef::as_ref)));
    Ok(batches)
}

/// An entry of the history.
pub fn entry(entry: &Entry) -> Result<v1::ChatEntry, StoredEventError> {
    let Entry { number, created, said, due, state, text, details, rating } = entry;
    let details = details.as_deref().map(serde_json::from_str::<Details>).transpose()?;
    let (finish, citations) = details.map(|details| (details.finish, details.citations)).unwrap_or_default();
    let message = said.as_ref().map(|said| v1::ChatSaid {
        message_id: message_id(&due.message),
        text: said.text.clone(),
        parent_id: said.parent.as_ref().map(reply_id),
        replaces: said.replaces.as_ref().map(message_id),
        scope: said.asked.as_ref().and_then(scope),
    });
    Ok(v1::ChatEntry {
        number: *number,
        created_unix_ms: created.0,
        reply: v1::ChatReply {
            reply_id: reply_id(&due.reply),
            in_reply_to: message_id(&due.message),
            attempt: due.attempt,
            state: match state {
                ReplyState::Due => v1::ChatReplyState::Due,
                ReplyState::Done => v1::ChatReplyState::Done,
                ReplyState::Cancelled => v1::ChatReplyState::Cancelled,
            },
            text: text.clone(),
            citations: citations.iter().filter_map(citation).collect(),
            finish_reason: finish.map(finish_reason),
            rating: rating.map(|rating| match rating {
                Rating::Up => v1::ChatRating::Up,
                Rating::Down => v1::ChatRating::Down,
            }),
        },
        message,
    })
}

/// What a client wants replies to draw on.
pub fn asked(scope: v1::ChatScope) -> Asked {
    let v1::ChatScope { course, documents } = scope;
    Asked {
        course: course.map(|course| CourseId::new(course.as_str())),
        documents: documents.map(|all| all.iter().map(|document| DocumentId::new(document.as_str())).collect()),
    }
}

pub fn message_id(id: &MessageId) -> v1::MessageId {
    v1::MessageId::new(id.as_str()).expect("a message's id was checked when it came")
}

pub fn reply_id(id: &ReplyId) -> v1::ReplyId {
    v1::ReplyId::new(id.as_str()).expect("a reply's id is made by us")
}

fn scope(asked: &Asked) -> Option<v1::ChatScope> {
    let Asked { course, documents } = asked;
    let course = course.as_ref().and_then(|course| v1::CourseId::new(course.as_str()).ok());
    let documents = documents
        .as_ref()
        .map(|all| all.iter().filter_map(|document| v1::DocumentId::new(document.as_str()).ok()).collect());
    (course.is_some() || documents.is_some()).then_some(v1::ChatScope { course, documents })
}

/// `None`: a document with a name that no client could ask for.
fn citation(citation: &Citation) -> Option<v1::Citation> {
    let Citation { number, document, name, locator, quote, passage } = citation;
    Some(v1::Citation {
        number: *number,
        document: v1::DocumentId::new(document.as_str()).ok()?,
        name: name.clone(),
        locator: locator_to(locator),
        quote: quote.clone(),
        passage: passage.clone(),
    })
}

fn locator_to(locator: &Locator) -> v1::Locator {
    let label = locator.to_string();
    let Locator { page, page_last, slide, sheet, row, path, paragraph } = locator;
    v1::Locator {
        label,
        page: *page,
        page_last: *page_last,
        slide: *slide,
        sheet: sheet.clone(),
        row: *row,
        path: (!path.is_empty()).then(|| path.clone()),
        paragraph: *paragraph,
    }
}

fn finish_reason(finish: Finish) -> v1::ChatFinish {
    match finish {
        Finish::Complete => v1::ChatFinish::Complete,
        Finish::NotFound => v1::ChatFinish::NotFound,
        Finish::Length => v1::ChatFinish::Length,
        Finish::Filtered => v1::ChatFinish::Filtered,
        Finish::Failed => v1::ChatFinish::Failed,
        Finish::TimedOut => v1::ChatFinish::TimedOut,
        Finish::Busy => v1::ChatFinish::Busy,
        Finish::Budget => v1::ChatFinish::Budget,
    }
}

fn usage(used: &Used) -> v1::ChatUsage {
    let Used { requests, tokens } = used;
    v1::ChatUsage {
        model_requests: *requests,
        model_input_tokens: tokens.input_tokens,
        model_output_tokens: tokens.output_tokens,
    }
}
