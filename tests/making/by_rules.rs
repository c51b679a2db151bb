//! Without a language model: items by rules over the texts that the tests ship.

use crate::rig::{Room, wanted};
use std::collections::BTreeSet;
use std::sync::Arc;
use viva::embedded::builtin::BuiltinModel;
use viva::handlers::quiz_maker::Ran;
use viva::ports::ids::CourseId;
use viva::quiz::paper::{MakingState, Wanted};

const TEXTS: [(&str, &str, &str); 3] = [
    ("tides", include_str!("../quiz/texts/tides.txt"), "en"),
    ("bread", include_str!("../quiz/texts/bread.txt"), "en"),
    ("moor", include_str!("../quiz/texts/moor.txt"), "de"),
];
const EACH: [(&str, u32); 5] = [("single_choice", 8), ("true_false", 8), ("numeric", 8), ("cloze", 8), ("ordering", 8)];

async fn of_text(name: &str, text: &str) -> Room {
    let room = Room::empty();
    let parts: Vec<&str> = text.split("\n# ").map(|part| part.split_once('\n').unwrap().1.trim()).collect();
    room.shelve(name, &parts).await;
    room
}

#[tokio::test]
async fn every_shipped_text_gives_twenty_items_of_which_none_is_rejected() {
    for (name, text, language) in TEXTS {
        let room = of_text(name, text).await;
        room.want_of(Wanted { documents: vec![name.to_owned()], ..wanted(&EACH) }, language).await;
        assert_eq!(room.run(Arc::new(BuiltinModel::new())).await, Ran::Settled);
        let (quiz, paper) = room.quiz().await;
        assert!(paper.items.len() >= 20, "{name}: {}", paper.items.len());
        assert_eq!(paper.verdicts, [], "{name}");
        assert_eq!(quiz.summary.items as usize, paper.items.len());
        assert_eq!(quiz.summary.sources.len(), 1);
        assert_eq!(quiz.summary.work_due, None);
        let making = paper.making.unwrap();
        assert_eq!(making.state, MakingState::Done);
        assert_eq!(making.made as usize, paper.items.len());
        assert_eq!(making.made + making.missing.values().sum::<u32>(), 40, "{name}");
        let told = room.teacher.told();
        assert_eq!(told.last().unwrap()["quiz"]["state"], "done");
    }
}

#[tokio::test]
async fn kinds_that_need_a_model_are_said_to_be_missing_with_the_reason() {
    let room = of_text(TEXTS[0].0, TEXTS[0].1).await;
    room.want(&[("true_false", 2), ("matching", 1), ("free_text", 3)]).await;
    assert_eq!(room.run(Arc::new(BuiltinModel::new())).await, Ran::Settled);
    let making = room.making().await;
    assert_eq!((making.state, making.made), (MakingState::Done, 2));
    assert_eq!(making.missing, wanted(&[("matching", 1), ("free_text", 3)]).counts);
    let failure = making.failure.unwrap();
    assert_eq!(failure.code, "incomplete");
    assert!(
        failure.reason.contains("need a language model") && failure.reason.contains("matching"),
        "{}",
        failure.reason
    );
    assert!(making.model.unwrap().contains("rules"));
}

#[tokio::test]
async fn asking_for_more_gives_items_that_are_not_there_yet() {
    let room = of_text(TEXTS[0].0, TEXTS[0].1).await;
    room.want(&[("single_choice", 4), ("cloze", 2)]).await;
    room.run(Arc::new(BuiltinModel::new())).await;
    room.ask_for_more(&[("single_choice", 3), ("cloze", 2)]).await;
    room.run(Arc::new(BuiltinModel::new())).await;
    let (_, paper) = room.quiz().await;
    assert_eq!(paper.items.len(), 11);
    assert_eq!(paper.verdicts, []);
    let quotes: BTreeSet<&str> = paper.items.iter().map(|item| item.source.as_ref().unwrap().quote.as_str()).collect();
    assert_eq!(quotes.len(), 11, "no sentence serves twice");
}

#[tokio::test]
async fn what_an_item_is_called_does_not_come_from_what_it_says() {
    let mut called = Vec::new();
    for _ in 0..2 {
        let room = of_text(TEXTS[0].0, TEXTS[0].1).await;
        room.want_of(Wanted { documents: vec![TEXTS[0].0.to_owned()], ..wanted(&EACH) }, "en").await;
        assert_eq!(room.run(Arc::new(BuiltinModel::new())).await, Ran::Settled);
        let (_, paper) = room.quiz().await;
        called.push(paper.items.into_iter().map(|item| (item.stem, item.id)).collect::<Vec<_>>());
    }
    let stems = |called: &[(String, _)]| called.iter().map(|(stem, _)| stem.clone()).collect::<Vec<_>>();
    assert_eq!(stems(&called[0]), stems(&called[1]), "the same seed makes the same items");
    assert!(called[0].iter().zip(&called[1]).all(|((_, a), (_, b))| a != b), "{called:?}");
}

#[tokio::test]
async fn files_of_the_owner_alone_do_not_become_items_of_a_course() {
    let room = Room::empty();
    let parts: Vec<&str> = TEXTS[0].1.split("\n# ").collect();
    room.shelve_in(CourseId::new("ann"), "diary", &parts).await;
    room.want_of(Wanted { documents: vec!["diary".to_owned()], ..wanted(&EACH) }, "en").await;
    assert_eq!(room.run(Arc::new(BuiltinModel::new())).await, Ran::Settled);
    let (_, paper) = room.quiz().await;
    assert_eq!((paper.items, paper.making.unwrap().failure.unwrap().code.as_str()), (Vec::new(), "document_gone"));
}
