//! Whether an answer is one that its item can be given: the kind, options and gaps that are there, lengths. Not whether it is right.
//!
//! It looks at nothing that a student does not see, so that a refusal tells nothing either.

use super::answer::Answer;
use super::item::{Body, Choice, Item, Kind, OptionId, Part};
use crate::config::limits::{QUIZ_ANSWER_CHARS_MAX, QUIZ_FREE_TEXT_CHARS_MAX};
use std::collections::BTreeSet;

/// Why an answer is none to its item, in words for whoever sent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Misfit {
    #[error("an item of the kind {kind} is not answered so")]
    Kind { kind: Kind },
    #[error("it names an option that the item does not have")]
    UnknownOption,
    #[error("it names a line twice")]
    Twice,
    #[error("it names a gap that the item does not have")]
    UnknownGap,
    #[error("an answer may have {0} characters")]
    TooLong(usize),
}

/// A part of an answer fits, too: lines, pairs and gaps may be left out.
pub fn fit(item: &Item, answer: &Answer) -> Result<(), Misfit> {
    match (&item.body, answer) {
        (Body::SingleChoice { options, .. }, Answer::Choice(chosen)) => known(options, chosen),
        (Body::MultipleChoice { options, .. }, Answer::Choices(chosen)) => {
            chosen.iter().try_for_each(|chosen| known(options, chosen))
        }
        (Body::TrueFalse { .. }, Answer::TrueFalse(_)) => Ok(()),
        (Body::ShortText { .. } | Body::Numeric { .. }, Answer::Text(text)) => short(text, QUIZ_ANSWER_CHARS_MAX),
        (Body::FreeText { .. }, Answer::Text(text)) => short(text, QUIZ_FREE_TEXT_CHARS_MAX),
        (Body::Ordering { options, .. }, Answer::Order(order)) => {
            let mut seen = BTreeSet::new();
            order.iter().try_for_each(|line| {
                known(options, line)?;
                if seen.insert(line) { Ok(()) } else { Err(Misfit::Twice) }
            })
        }
        (Body::Matching { prompts, targets, .. }, Answer::Pairs(pairs)) => {
            pairs.iter().try_for_each(|(prompt, target)| known(prompts, prompt).and_then(|()| known(targets, target)))
        }
        (Body::Cloze { parts, .. }, Answer::Gaps(gaps)) => gaps.iter().try_for_each(|(id, text)| {
            let is_there = parts.iter().any(|part| matches!(part, Part::Gap(gap) if gap.id == *id));
            if is_there { short(text, QUIZ_ANSWER_CHARS_MAX) } else { Err(Misfit::UnknownGap) }
        }),
        (body, _) => Err(Misfit::Kind { kind: body.kind() }),
    }
}

fn known(options: &[Choice], id: &OptionId) -> Result<(), Misfit> {
    if options.iter().any(|option| option.id == *id) { Ok(()) } else { Err(Misfit::UnknownOption) }
}

fn short(text: &str, chars_max: usize) -> Result<(), Misfit> {
    // Bytes first: what is far too long is not counted.
    let is_short = text.len() <= chars_max || text.chars().count() <= chars_max;
    if is_short { Ok(()) } else { Err(Misfit::TooLong(chars_max)) }
}
