//! Which ways of following up an answer calls for, most needed first.

use super::answer::Answer;
use super::language::{Kind, Language, Move};
use super::text::{Words, content_words};

/// `strays`: see [`strays`].
pub(crate) fn moves(answer: &Answer<'_>, kind: Kind, done: &[Move], strays: bool) -> Vec<Move> {
    let mut order = Vec::new();
    let mut add = |step: Move, wanted: bool| {
        if wanted && !done.contains(&step) && !order.contains(&step) {
            order.push(step);
        }
    };
    add(Move::Elaborate, answer.is_brief());
    add(Move::TieBack, strays);
    match kind {
        Kind::Story => {
            add(Move::OwnPart, answer.only_we());
            add(Move::Example, !answer.is_concrete());
            add(Move::Why, answer.decision.is_some() && answer.reason.is_none());
            add(Move::Measure, answer.figures.iter().any(|figure| figure.change));
            add(Move::Outcome, answer.result.is_none() && answer.lesson.is_none());
            add(Move::Alternatives, answer.decision.is_some());
            add(Move::Difficulty, answer.difficulty.is_some());
            add(Move::Deepen, true);
            add(Move::Hindsight, answer.lesson.is_none());
            add(Move::Difficulty, true);
        }
        Kind::Concept => {
            add(Move::Reason, answer.reason.is_none());
            add(Move::Mechanism, answer.mentions.iter().any(|mention| mention.term));
            add(Move::Example, answer.example.is_none());
            add(Move::Apply, true);
            add(Move::Failure, true);
            add(Move::Deepen, true);
        }
        Kind::Design => {
            add(Move::Measure, answer.figures.iter().any(|figure| figure.change));
            add(Move::Why, answer.decision.is_some() && answer.reason.is_none());
            add(Move::Tradeoff, answer.tradeoff.is_none());
            add(Move::Failure, true);
            add(Move::Scale, true);
            add(Move::Reason, answer.reason.is_none());
        }
        Kind::Opinion => {
            add(Move::Reason, answer.reason.is_none());
            add(Move::Example, answer.example.is_none());
            add(Move::Counter, true);
            add(Move::Deepen, true);
        }
    }
    order
}

/// A longer answer that shares no word with `context` (what was asked, and about what), names nothing known and tells nothing of the speaker.
pub(crate) fn strays(answer: &Answer<'_>, context: &str, language: &Language) -> bool {
    if answer.len() < STRAY_WORDS_MIN
        || answer.own_action.is_some()
        || answer.mentions.iter().any(|mention| mention.term)
    {
        return false;
    }
    let context = Words::of(context);
    let known = content_words(&context, &language.stop).into_iter().map(stem).collect::<Vec<_>>();
    !content_words(&answer.words, &language.stop).into_iter().any(|word| known.contains(&stem(word)))
}

/// Enough to see that "learning" and "learned" are about the same.
fn stem(word: &str) -> &str {
    match word.char_indices().nth(STEM_LETTERS) {
        Some((end, _)) => &word[..end],
        None => word,
    }
}

const STRAY_WORDS_MIN: usize = 18;
const STEM_LETTERS: usize = 5;
