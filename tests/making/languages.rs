//! In which language items are made: that of the text where nobody has named one; and what becomes of text in another.

use crate::endpoint::Endpoint;
use crate::rig::{Room, SENTENCES, answers, model, statement, wanted, writes};
use std::sync::Arc;
use viva::embedded::builtin::BuiltinModel;
use viva::handlers::quiz_maker::Ran;
use viva::quiz::item::Item;
use viva::quiz::paper::{LanguageOrigin, MakingState, Paper, Wanted};

const TIDES: &str = include_str!("../quiz/texts/tides.txt");
const MOOR: &str = include_str!("../quiz/texts/moor.txt");
const FRENCH: &str = "La marée est le mouvement de la mer qui monte et descend deux fois par jour. Le soleil et la lune tirent ensemble sur \
    l'eau à la nouvelle lune. Une table des marées donne pour chaque port les heures et les hauteurs de 365 jours.";
const EACH: [(&str, u32); 4] = [("single_choice", 6), ("true_false", 6), ("numeric", 4), ("cloze", 6)];

fn parts(text: &str) -> Vec<&str> {
    text.split("\n# ").filter_map(|part| Some(part.split_once('\n')?.1.trim())).collect()
}

fn of(documents: &[&str]) -> Wanted {
    Wanted { documents: documents.iter().map(|name| (*name).to_owned()).collect(), ..wanted(&EACH) }
}

async fn by_rules(room: &Room) -> Paper {
    assert_eq!(room.run(Arc::new(BuiltinModel::new())).await, Ran::Settled);
    room.quiz().await.1
}

fn asked(paper: &Paper) -> Vec<(String, String)> {
    let said = |item: &Item| (item.language.clone(), format!("{} {:?}", item.stem, item.body));
    paper.items.iter().map(said).collect()
}

#[tokio::test]
async fn a_text_is_made_into_the_same_items_whether_its_language_is_named_or_told() {
    for (text, language) in [(MOOR, "de"), (TIDES, "en")] {
        let (named, open) = (Room::empty(), Room::empty());
        for room in [&named, &open] {
            room.shelve("text", &parts(text)).await;
        }
        named.want_of(of(&["text"]), language).await;
        open.want_openly(of(&["text"])).await;
        let (named, open) = (by_rules(&named).await, by_rules(&open).await);
        assert_eq!((open.language.as_str(), open.language_origin), (language, LanguageOrigin::Told));
        assert_eq!(named.language_origin, LanguageOrigin::Named);
        assert!(open.items.len() > 16 && open.items.iter().all(|item| item.language == language));
        assert_eq!(asked(&open), asked(&named));
        assert_eq!(open.verdicts, []);
    }
}

#[tokio::test]
async fn of_mixed_documents_the_greater_part_decides_and_the_rest_is_left_aside() {
    let room = Room::empty();
    room.shelve("moor", &parts(MOOR)).await;
    room.shelve("tides", &parts(TIDES)[..2]).await;
    room.want_openly(Wanted { counts: wanted(&[("ordering", 9), ("cloze", 4)]).counts, ..of(&["moor", "tides"]) })
        .await;
    let paper = by_rules(&room).await;
    assert_eq!(paper.language, "de");
    let of_moor = |item: &Item| item.source.as_ref().is_some_and(|source| source.document == "moor");
    assert!(paper.items.len() > 4 && paper.items.iter().all(of_moor));
    let reason = paper.making.unwrap().failure.unwrap().reason;
    assert!(reason.contains("in another language than the quiz were left aside: 2"), "{reason}");
}

#[tokio::test]
async fn rules_say_which_languages_they_know_and_make_nothing_in_another() {
    for open in [true, false] {
        let room = Room::empty();
        room.shelve("marée", &[FRENCH]).await;
        if open {
            room.want_openly(of(&["marée"])).await
        } else {
            room.want_of(of(&["marée"]), "fr").await
        }
        let paper = by_rules(&room).await;
        assert_eq!((paper.language.as_str(), paper.items.len()), ("fr", 0));
        let making = paper.making.unwrap();
        assert_eq!((making.state, making.missing), (MakingState::Failed, wanted(&EACH).counts));
        let failure = making.failure.unwrap();
        assert_eq!(failure.code, "language_unknown");
        assert!(failure.reason.contains("English and German alone, and this is French"), "{}", failure.reason);
    }
}

#[tokio::test]
async fn what_was_named_is_kept_and_that_the_text_is_in_another_language_is_said() {
    let room = Room::empty();
    room.shelve("moor", &parts(MOOR)).await;
    room.want_of(of(&["moor"]), "en").await;
    let paper = by_rules(&room).await;
    assert_eq!((paper.language.as_str(), paper.language_origin, paper.items.len()), ("en", LanguageOrigin::Named, 0));
    let failure = paper.making.unwrap().failure.unwrap();
    assert_eq!(failure.code, "language_differs");
    assert!(failure.reason.starts_with("the text is in German, and the quiz in English"), "{}", failure.reason);
}

#[tokio::test]
async fn a_text_that_does_not_tell_its_language_needs_a_name_for_it() {
    let room = Room::empty();
    room.shelve("table", &["1 2 3 5 8 13 21 34", "A1 B2 C3"]).await;
    room.want_openly(of(&["table"])).await;
    let paper = by_rules(&room).await;
    assert_eq!((paper.language.as_str(), paper.language_origin), ("en", LanguageOrigin::Assumed));
    assert_eq!(paper.making.unwrap().failure.unwrap().code, "language_unclear");
}

#[tokio::test]
async fn a_model_is_told_the_language_and_given_what_is_in_it() {
    let endpoint = Endpoint::start(vec![writes(&[statement(SENTENCES[0], true)]), answers(&["true"])]).await;
    let room = Room::new().await;
    room.shelve("marée", &[FRENCH]).await;
    let counts = wanted(&[("true_false", 1)]).counts;
    room.want_openly(Wanted { counts, ..of(&["tides", "marée"]) }).await;
    assert_eq!(room.run(model(&endpoint)).await, Ran::Settled);
    let paper = room.quiz().await.1;
    assert_eq!((paper.language.as_str(), paper.items[0].language.as_str()), ("en", "en"));
    let request = endpoint.requests()[0].body["messages"].to_string();
    assert!(request.contains("in the language English (en)") && !request.contains("La marée"), "{request}");
}

#[tokio::test]
async fn a_model_that_is_not_told_a_language_writes_in_that_of_the_passages() {
    let endpoint = Endpoint::start(vec![writes(&[]), writes(&[]), writes(&[])]).await;
    let room = Room::empty();
    room.shelve("table", &["1 2 3 5 8 13 21 34"]).await;
    room.want_openly(Wanted { counts: wanted(&[("true_false", 1)]).counts, ..of(&["table"]) }).await;
    assert_eq!(room.run(model(&endpoint)).await, Ran::Settled);
    let request = endpoint.requests()[0].body["messages"].to_string();
    assert!(request.contains("in the language that the passages are written in"), "{request}");
}
