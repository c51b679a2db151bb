//! Tasks about a quiz on one short passage.

use std::collections::BTreeMap;
use viva::ports::text_model::{QuizAnswers, QuizItems, QuizQuestion, Source};
use viva::quiz::item::{Body, Choice, Difficulty, Item, Kind};
use viva::quiz::public::{OptionOrder, PublicItem};

fn passage() -> Source {
    let text = "The moon raises the tide.".to_owned();
    Source { number: 1, name: "tides.md".to_owned(), place: "Ebb".to_owned(), text }
}

pub(crate) fn quiz_items() -> QuizItems {
    QuizItems {
        passages: vec![passage()],
        language: Some("en".to_owned()),
        difficulty: Difficulty::Medium,
        counts: BTreeMap::from([(Kind::TrueFalse, 1)]),
        asked: Vec::new(),
    }
}

/// One question: what raises the tide, the moon or the sun?
pub(crate) fn quiz_answers() -> QuizAnswers {
    let options = vec![Choice::of("the moon"), Choice::of("the sun")];
    let keys = vec![options[0].id.clone()];
    let item = Item::new("i1", "en", "What raises the tide?", Body::SingleChoice { options, keys });
    let item = PublicItem::of(&item, 1, OptionOrder::AsWritten);
    QuizAnswers { passages: vec![passage()], questions: vec![QuizQuestion { passage: 1, item }] }
}
