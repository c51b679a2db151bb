//! Which of a guide's questions comes next, by rules: the guide's order; a question is followed up as often as the guide allows, as long as
//! it was answered, something expected was not said yet, and there is time.

use crate::config::limits;
use crate::interview::event::CommitReason;
use crate::interview::guide::{Guide, Place, Question};
use crate::interview::history::{History, Turn};
use crate::interview::quotes;
use crate::interview::wording::key;

/// What time it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Wall time while a client was bound.
    pub elapsed_ms: u64,
    /// Of the whole interview's; `None`: without end.
    pub remaining_ms: Option<u64>,
}

/// The place of the next turn; `None`: the guide is through. `answer` is the last turn's where it is not committed yet.
pub fn next(guide: &Guide, history: &History, answer: Option<&str>, now: Moment) -> Option<Place> {
    let Some((last, place)) = history.last_turn().and_then(|turn| Some((turn, turn.place?))) else {
        return Some(Place { question: 1, follow_up: 0 });
    };
    let question = guide.question(place)?;
    if place.follow_up < question.follow_ups
        && was_answered(last, answer)
        && has_time(guide, question, history, place, now)
        && lacks_something(question, history, place, answer)
    {
        return Some(Place { follow_up: place.follow_up + 1, ..place });
    }
    let following = Place { question: place.question + 1, follow_up: 0 };
    guide.question(following).map(|_| following)
}

/// How many turns there may still be after this place, at most.
pub fn left_after(guide: &Guide, place: Place) -> u32 {
    let own = guide.question(place).map_or(0, |question| question.follow_ups.saturating_sub(place.follow_up));
    let later = guide.questions.iter().skip(place.question as usize);
    own + later.map(|question| 1 + question.follow_ups).sum::<u32>()
}

/// When the time of the question at this place is over, in bound time; `None`: it has no limit, or has not been asked whole yet.
pub fn over_at(guide: &Guide, history: &History, place: Place) -> Option<u64> {
    let limit_ms = guide.question(place)?.limit_ms?;
    Some(asked_ms(history, place)? + limit_ms)
}

fn was_answered(turn: &Turn, answer: Option<&str>) -> bool {
    match &turn.answer {
        Some(answer) => answer.reason != CommitReason::Skipped && !key(&answer.text).is_empty(),
        None => answer.is_some_and(|answer| !key(answer).is_empty()),
    }
}

fn has_time(guide: &Guide, question: &Question, history: &History, place: Place, now: Moment) -> bool {
    let spent_ms = asked_ms(history, place).map_or(0, |asked_ms| now.elapsed_ms.saturating_sub(asked_ms));
    let of_question = question.limit_ms.is_none_or(|limit_ms| spent_ms + limits::GUIDE_FOLLOW_UP_MS_MIN <= limit_ms);
    let later = (guide.questions.len() as u64).saturating_sub(u64::from(place.question));
    let of_interview = now.remaining_ms.is_none_or(|remaining_ms| {
        remaining_ms >= limits::GUIDE_FOLLOW_UP_MS_MIN + later * limits::GUIDE_QUESTION_MS_RESERVED
    });
    of_question && of_interview
}

/// Without keywords there is always more to be said.
fn lacks_something(question: &Question, history: &History, place: Place, answer: Option<&str>) -> bool {
    question.keywords.is_empty() || !unsaid(question, history, place, answer).is_empty()
}

/// The keywords that no answer to this question has mentioned yet.
pub fn unsaid(question: &Question, history: &History, place: Place, answer: Option<&str>) -> Vec<String> {
    let of_question = history.turns.iter().filter(|turn| turn.place.is_some_and(|of| of.question == place.question));
    let mut said: Vec<&str> = of_question.filter_map(|turn| Some(turn.answer.as_ref()?.text.as_str())).collect();
    said.extend(answer);
    let is_unsaid = |keyword: &&String| said.iter().all(|text| quotes::find(text, keyword).is_none());
    question.keywords.iter().filter(is_unsaid).cloned().collect()
}

/// Bound time at which the question itself was asked whole for the first time.
fn asked_ms(history: &History, place: Place) -> Option<u64> {
    let itself = Place { follow_up: 0, ..place };
    history.turns.iter().find(|turn| turn.place == Some(itself))?.asked_ms
}
