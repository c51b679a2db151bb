//! The answer to `session.get`, page by page.

use crate::interview::Interview;
use crate::interview::report::Report;
use crate::interview::view::{AnswerView, QuestionState, TurnView};
use crate::interview::wire::event::{answer_reason, word};
use crate::interview::wire::guide;
use crate::interview::wire::report::{metrics, report, usage};
use crate::interview::wire::{params_to, session_id};
use crate::interview::wording::clip;
use crate::ports::clock::UnixMs;
use crate::ports::ids::SessionKey;
use crate::ports::journal::SessionState;
use protocol::v1;
use protocol::v1::limits::SERVER_MESSAGE_BYTES_MAX;

/// What is shown of a session.
#[derive(Debug)]
pub struct Detail<'a> {
    pub key: &'a SessionKey,
    pub state: SessionState,
    pub created: UnixMs,
    pub interview: &'a Interview,
    /// With what teachers said of it.
    pub report: Option<&'a Report>,
    /// What teachers said, latest first, for those who may see it.
    pub reviews: Vec<v1::Review>,
    /// Where the recording can be fetched, and until when.
    pub recording: Option<(String, UnixMs)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the cursor is not one of ours")]
pub struct CursorError;

/// A page: the turns that fit from the cursor on, and on the first page the rest. `None`: the interview has not been started.
pub fn session_detail(detail: Detail<'_>, cursor: Option<&str>) -> Result<Option<v1::SessionDetail>, CursorError> {
    let from_turn: u32 = cursor.map_or(Ok(1), str::parse).map_err(|_| CursorError)?;
    let Detail { key, state, created, interview, report: shown, reviews, recording } = detail;
    let Some(params) = interview.params() else { return Ok(None) };
    let first = cursor.is_none();
    let (recording_url, recording_expires) = recording.filter(|_| first).unzip();
    let over = interview.finished().is_some();
    let mut page = v1::SessionDetail {
        session: session_id(key),
        state: session_state(state),
        params: params_to(params),
        created_unix_ms: created.0,
        turns: Vec::new(),
        report: shown.filter(|_| first).map(|written| Box::new(report(written))),
        recording_url,
        recording_expires_unix_ms: recording_expires.map(|at| at.0),
        usage: (first && over).then(|| usage(&interview.usage())),
        reviews: None,
        cursor: None,
    };
    shorten_comments(&mut page);
    let mut bytes = size(&page) + FRAME_BYTES;
    page.reviews =
        first.then(|| fitting(reviews, SERVER_MESSAGE_BYTES_MAX.saturating_sub(bytes))).filter(|fit| !fit.is_empty());
    bytes += page.reviews.as_ref().map_or(0, size);
    for view in interview.turns().filter(|view| view.turn >= from_turn) {
        let mut turn = turn(view);
        let mut added = size(&turn) + 1;
        // A page of its own must hold a turn: the words' times are what an endless answer can spare.
        if page.turns.is_empty() && page.report.is_none() {
            added = shorten(&mut turn, SERVER_MESSAGE_BYTES_MAX - bytes.min(SERVER_MESSAGE_BYTES_MAX), added);
        }
        if bytes + added > SERVER_MESSAGE_BYTES_MAX {
            page.cursor = Some(turn.turn.to_string());
            break;
        }
        bytes += added;
        page.turns.push(turn);
    }
    Ok(Some(page))
}

/// What teachers write comes on top of a report that fills a message already.
fn shorten_comments(page: &mut v1::SessionDetail) {
    if size(page) + FRAME_BYTES <= SERVER_MESSAGE_BYTES_MAX {
        return;
    }
    for rating in page.report.iter_mut().flat_map(|report| &mut report.ratings) {
        rating.comment = rating.comment.as_deref().map(|comment| clip(comment, COMMENT_CHARS_SHOWN));
    }
}

/// As many of them as fit beside what a page must hold.
fn fitting(reviews: Vec<v1::Review>, room: usize) -> Vec<v1::Review> {
    let mut left = room.min(REVIEWS_BYTES_MAX);
    let fits = |review: &v1::Review| {
        let bytes = size(review) + 1;
        let fits = bytes <= left;
        left = left.saturating_sub(bytes);
        fits
    };
    reviews.into_iter().take_while(fits).collect()
}

fn shorten(turn: &mut v1::Turn, room: usize, bytes: usize) -> usize {
    let Some(answer) = turn.answer.as_mut().filter(|_| bytes > room) else { return bytes };
    let mut excess = bytes - room;
    while let Some(word) = answer.words.pop() {
        excess = excess.saturating_sub(size(&word) + 1);
        if excess == 0 {
            break;
        }
    }
    size(&*turn) + 1
}

fn size<T: serde::Serialize>(part: &T) -> usize {
    serde_json::to_string(part).map_or(0, |json| json.len())
}

fn session_state(state: SessionState) -> v1::SessionState {
    match state {
        SessionState::Open => v1::SessionState::Open,
        SessionState::Finished | SessionState::Deleted => v1::SessionState::Finished,
        SessionState::Abandoned => v1::SessionState::Abandoned,
    }
}

fn turn(view: TurnView) -> v1::Turn {
    let TurnView { turn, attempt, question, question_state, heard_chars, answer, place } = view;
    v1::Turn {
        turn,
        attempt,
        question,
        question_state: match question_state {
            QuestionState::Asking => v1::QuestionState::Asking,
            QuestionState::Done => v1::QuestionState::Done,
            QuestionState::Cancelled => v1::QuestionState::Cancelled,
        },
        heard_chars,
        guide: place.map(guide::place),
        answer: answer.map(
            |AnswerView { text, reason, spoken, previous, words, metrics: measured, start_ms, end_ms }| v1::Answer {
                text,
                reason: answer_reason(reason),
                words: words.iter().map(word).collect(),
                metrics: metrics(&measured),
                spoken,
                previous,
                start_ms,
                end_ms,
            },
        ),
    }
}

/// The teachers' words in one page; turns need room, too.
const REVIEWS_BYTES_MAX: usize = 24 * 1024;
const COMMENT_CHARS_SHOWN: usize = 100;
/// What stands around the body: the type, the request's id, the cursor.
const FRAME_BYTES: usize = 512;
