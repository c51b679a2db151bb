//! Quiz items of a scripted model: true statements, copied from the passages, and the answers that go with them. No wit.

use crate::ports::text_model::{QuizAnswers, QuizItems};
use crate::quiz::answer::Answer;
use crate::quiz::generation::Draft;
use crate::quiz::generation::draft::Ask;
use crate::quiz::item::{ItemId, Kind};
use crate::quiz::public::PublicBody;
use std::collections::BTreeMap;

/// Of all kinds only true statements: a sentence each that was not asked before.
pub(super) fn items(task: &QuizItems) -> Vec<Draft> {
    let wanted = task.counts.get(&Kind::TrueFalse).copied().unwrap_or(0) as usize;
    let sentences = task.passages.iter().flat_map(|passage| {
        passage.text.split_inclusive(['.', '!', '?']).map(|sentence| (passage.number, sentence.trim()))
    });
    sentences
        .filter(|(_, sentence)| sentence.split(' ').count() >= WORDS_MIN)
        .filter(|(_, sentence)| !task.asked.iter().any(|asked| asked.contains(sentence)))
        .take(wanted)
        .map(|(passage, sentence)| Draft {
            passage,
            quote: sentence.to_owned(),
            stem: sentence.to_owned(),
            explanation: "This item follows a script.".to_owned(),
            ask: Ask::TrueFalse { is_true: true },
        })
        .collect()
}

pub(super) fn answers(task: &QuizAnswers) -> BTreeMap<ItemId, Answer> {
    task.questions
        .iter()
        .filter(|question| question.item.body == PublicBody::TrueFalse)
        .map(|question| (question.item.id.clone(), Answer::TrueFalse(true)))
        .collect()
}

const WORDS_MIN: usize = 5;
