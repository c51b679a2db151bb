//! Which language a text is in: all that is shipped, short texts, mixed ones, and any text whatever.

use proptest::prelude::*;
use viva::quiz::generate::{Material, Order, generate};
use viva::quiz::language::{known, language, name_of, told, told_of};

const ENGLISH: [&str; 5] = [
    include_str!("texts/tides.txt"),
    include_str!("texts/bread.txt"),
    include_str!("../../examples/data/retrieval/circulation.md"),
    include_str!("../../examples/data/retrieval/contracts.md"),
    include_str!("../../examples/data/retrieval/networks.txt"),
];
const MOOR: &str = include_str!("texts/moor.txt");
const FRENCH: &str =
    "La marée est le mouvement de la mer qui monte et descend deux fois par jour sous l'effet de la lune.";

fn paragraphs(text: &str) -> Vec<&str> {
    text.split("\n\n").filter(|paragraph| paragraph.split_whitespace().count() > 20).collect()
}

#[test]
fn every_paragraph_of_the_shipped_texts_is_told_right_or_not_at_all() {
    let mut paragraph_count = 0;
    let mut silent = Vec::new();
    for (text, language) in ENGLISH.iter().map(|text| (*text, "en")).chain([(MOOR, "de")]) {
        assert_eq!(told(text), Some(language));
        assert_eq!(told_of(paragraphs(text)), Some(language));
        for paragraph in paragraphs(text) {
            paragraph_count += 1;
            match told(paragraph) {
                Some(told) => assert_eq!(told, language, "{paragraph}"),
                None => silent.push(paragraph),
            }
        }
    }
    assert!(paragraph_count > 80 && silent.len() <= 1, "{paragraph_count}: {silent:?}");
}

#[test]
fn a_sentence_is_never_told_wrong() {
    let (mut said, mut sentences) = (0, 0);
    for (text, language) in ENGLISH.iter().map(|text| (*text, "en")).chain([(MOOR, "de")]) {
        for sentence in text.split(". ").filter(|sentence| sentence.split_whitespace().count() > 4) {
            sentences += 1;
            if let Some(told) = told(sentence) {
                assert_eq!(told, language, "{sentence}");
                said += 1;
            }
        }
    }
    assert!(said * 4 > sentences * 3, "of {sentences} only {said} say what they are");
}

#[test]
fn what_is_no_sentence_tells_nothing() {
    for text in ["", "42", "Torts", "H2O + CO2 -> C6H12O6", "0x1f 0x20 0x21 0x22", "……", "a b c d"] {
        assert_eq!(told(text), None, "{text}");
    }
}

#[test]
fn a_language_without_rules_is_told_too_and_known_by_its_name() {
    assert_eq!(told(FRENCH), Some("fr"));
    assert_eq!(told("Η σελήνη τραβάει το νερό της θάλασσας δύο φορές την ημέρα."), Some("el"));
    assert_eq!((name_of("fr"), name_of("de"), name_of("tlh")), ("French", "German", "tlh"));
    assert!(known("fr").is_none() && known("de-AT").is_some());
    assert_eq!((language("de").code, language("EN").code, language("fr").code), ("de", "en", ""));
}

#[test]
fn of_several_texts_the_language_of_most_letters_is_told() {
    let moor = paragraphs(MOOR);
    assert_eq!(told_of([FRENCH, moor[0], moor[1]]), Some("de"));
    assert_eq!(told_of([FRENCH, FRENCH, FRENCH, "1 2 3"]), Some("fr"));
    assert_eq!(told_of(["Die Hand", "Der Fuß", "Das Ohr und der Mund", "Ein Kopf auf dem Hals"]), Some("de"));
    assert_eq!(told_of([]), None);
}

#[test]
fn a_sentence_in_another_language_is_left_alone() {
    let german = "Das Niedermoor wird vom Grundwasser der ganzen Umgebung mit Nährstoffen versorgt.";
    let english = "The miller closed a gate behind the water and kept about 40 barrels of flour in the mill.";
    let material = |text: String| {
        vec![Material { document: "d".into(), version: 1, passage: "d-1-1".into(), text, locator: Default::default() }]
    };
    let order = Order::of_each("de", 5, 1);
    let generated = generate(&material(format!("{german} {english} Im Jahr 1950 kamen die Gräben hinzu.")), &order);
    let quotes: Vec<String> = generated.items.into_iter().filter_map(|item| Some(item.source?.quote)).collect();
    assert!(!quotes.is_empty() && quotes.iter().all(|quote| !quote.contains("miller")), "{quotes:?}");
    let order = Order { language: "en".into(), ..order };
    assert_eq!(generate(&material(english.to_owned()), &order).items.len(), 1, "in English it serves");
}

proptest! {
    #[test]
    fn any_text_whatever_is_told_the_same_each_time(texts in proptest::collection::vec("\\PC{0,200}", 0..6)) {
        let once = told_of(texts.iter().map(String::as_str));
        prop_assert_eq!(once, told_of(texts.iter().map(String::as_str)));
        prop_assert!(once.is_none_or(|code| code.len() == 2));
    }
}
