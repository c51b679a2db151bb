//! Every reject and every warning, each by an item that has that flaw alone.

use crate::rig::{any_item, choices, ids, item, matching, multiple, ordering, source};
use proptest::prelude::*;
use std::collections::BTreeMap;
use viva::quiz::answer::Answer;
use viva::quiz::item::{
    Accepted, Body, Criterion, Gap, Item, ItemId, MultipleRule, NumericKey, OptionId, OrderingRule, PairRule, Part,
    TextKey, Tolerance,
};
use viva::quiz::validate::{Code, Context, Severity, Sources, validate};

const QUOTE: &str = "The pull of the Moon raises two bulges of water, so that most coasts see 2 high tides a day.";

fn single(stem: &str, options: &[&str], key: &str) -> Item {
    Item { stem: stem.into(), ..item(1.0, Body::SingleChoice { options: choices(options), keys: ids(&[key]) }) }
}

fn sound() -> Item {
    Item {
        source: Some(source(QUOTE)),
        ..single(
            "What makes the water rise?",
            &["the wind", "the pull of the Moon", "the salt", "the heat of the day"],
            "the pull of the Moon",
        )
    }
}

fn codes(item: &Item) -> Vec<Code> {
    codes_in(item, &Context::default())
}

fn codes_in(item: &Item, context: &Context<'_>) -> Vec<Code> {
    let report = validate(std::slice::from_ref(item), context);
    report.verdicts[0].findings.iter().map(|finding| finding.code).collect()
}

fn rejected(body: Body) -> Vec<Code> {
    let report = validate(&[item(1.0, body)], &Context::default());
    assert!(report.verdicts[0].is_rejected());
    let mut found: Vec<Code> = report.verdicts[0]
        .findings
        .iter()
        .filter(|finding| finding.severity == Severity::Reject)
        .map(|finding| finding.code)
        .collect();
    found.dedup();
    found
}

#[test]
fn a_sound_item_has_no_finding() {
    assert_eq!(codes(&sound()), []);
}

#[test]
fn an_item_that_is_not_whole_is_rejected_with_the_reason() {
    assert_eq!(codes(&Item { stem: " ".into(), ..sound() }), [Code::StemEmpty]);
    assert_eq!(codes(&Item { stem: "why ".repeat(600), ..sound() }), [Code::StemTooLong]);
    for points in [0.0, -1.0, f64::NAN, 1e9] {
        assert_eq!(codes(&Item { points, ..sound() }), [Code::PointsInvalid]);
    }
    let table = [
        (Body::SingleChoice { options: choices(&["a"]), keys: ids(&["a"]) }, Code::OptionsTooFew),
        (Body::SingleChoice { options: choices(&["a", "b"]), keys: ids(&["a", "b"]) }, Code::KeyCount),
        (Body::SingleChoice { options: choices(&["a", "b"]), keys: vec![] }, Code::KeyCount),
        (Body::SingleChoice { options: choices(&["a", "b"]), keys: ids(&["c"]) }, Code::KeyUnknown),
        (Body::SingleChoice { options: choices(&["a", "A."]), keys: ids(&["a"]) }, Code::OptionsEqual),
        (Body::SingleChoice { options: choices(&["a", " "]), keys: ids(&["a"]) }, Code::OptionEmpty),
        (Body::SingleChoice { options: choices(&["a", &"b".repeat(600)]), keys: ids(&["a"]) }, Code::OptionTooLong),
        (multiple(&["a", "b", "c"], &["a", "b", "c"], MultipleRule::Exact), Code::KeyCount),
        (multiple(&["a", "b", "c"], &["a", "a"], MultipleRule::Exact), Code::KeyCount),
        (ordering(&["a", "b"], OrderingRule::Exact), Code::OptionsTooFew),
        (matching(&[("a", "b")], PairRule::Each), Code::OptionsTooFew),
        (Body::ShortText { key: TextKey::default() }, Code::KeyCount),
        (Body::ShortText { key: TextKey::of(["*"]) }, Code::KeyEmpty),
        (Body::ShortText { key: TextKey::of([format!("a{}", "*b".repeat(11)).as_str()]) }, Code::StarsTooMany),
        (
            Body::ShortText {
                key: TextKey { accepted: vec![Accepted { text: "a".into(), share: 0.5 }], ..TextKey::default() },
            },
            Code::ShareInvalid,
        ),
        (Body::Numeric { keys: vec![], unit: None }, Code::KeyCount),
        (
            Body::Numeric { keys: vec![NumericKey::whole(f64::INFINITY, Tolerance::Absolute(1.0))], unit: None },
            Code::NumberInvalid,
        ),
        (
            Body::Numeric { keys: vec![NumericKey::whole(1.0, Tolerance::Relative(-1.0))], unit: None },
            Code::NumberInvalid,
        ),
        (Body::Cloze { parts: vec![Part::Text("no gap".into())], rule: PairRule::Each }, Code::GapMissing),
        (
            Body::Cloze {
                parts: vec![Part::Gap(Gap::text("g", ["a"])), Part::Gap(Gap::text("g", ["b"]))],
                rule: PairRule::Each,
            },
            Code::GapMissing,
        ),
        (Body::FreeText { rubric: vec![], sample: None }, Code::RubricEmpty),
        (
            Body::FreeText {
                rubric: vec![Criterion { id: OptionId::of("a"), text: "a".into(), weight: 0.0 }],
                sample: None,
            },
            Code::ShareInvalid,
        ),
    ];
    for (body, code) in table {
        assert_eq!(rejected(body.clone()), [code], "{body:?}");
    }
}

#[test]
fn a_key_that_the_span_does_not_carry_is_rejected() {
    let body = |key: &str| Body::SingleChoice {
        options: choices(&["the winds of the sea", "the salt of the sea", "the Moon's pull"]),
        keys: ids(&[key]),
    };
    let with = |body| Item { body, ..sound() };
    let cases = [
        (with(body("the Moon's pull")), None),
        (with(body("the winds of the sea")), Some(Code::KeyNotSupported)),
        (with(Body::ShortText { key: TextKey::of(["tides"]) }), None),
        (with(Body::ShortText { key: TextKey::of(["earthquakes"]) }), Some(Code::KeyNotSupported)),
        (with(Body::Numeric { keys: vec![NumericKey::whole(2.0, Tolerance::Absolute(0.0))], unit: None }), None),
        (
            with(Body::Numeric { keys: vec![NumericKey::whole(3.0, Tolerance::Absolute(0.0))], unit: None }),
            Some(Code::KeyNotSupported),
        ),
    ];
    for (item, expected) in cases {
        assert_eq!(codes(&item), expected.into_iter().collect::<Vec<_>>(), "{:?}", item.body);
    }
    let statement = |stem: &str, key| Item { stem: stem.into(), ..with(Body::TrueFalse { key }) };
    assert_eq!(codes(&statement("Decide: “Most coasts see 2 high tides a day.”", true)), []);
    assert_eq!(codes(&statement("Decide: “Most coasts see 3 high tides a day.”", true)), [Code::KeyNotSupported]);
    assert_eq!(codes(&statement("Decide: “Most coasts see 3 high tides a day.”", false)), []);
    assert_eq!(codes(&statement("Decide: “Most coasts see 2 high tides a day.”", false)), [Code::KeyNotSupported]);
}

#[test]
fn a_source_must_be_there_and_its_words_in_the_passage() {
    let required = Context { sources: Sources::Required, ..Context::default() };
    assert_eq!(codes_in(&Item { source: None, ..sound() }, &required), [Code::SourceMissing]);
    assert_eq!(codes_in(&sound(), &required), []);
    let passages = |text| Context { passages: BTreeMap::from([("doc-1-1", text)]), ..Context::default() };
    assert_eq!(codes_in(&sound(), &passages("Something else.")), [Code::QuoteNotInPassage]);
    let whole = format!("Before. {QUOTE} After.");
    assert_eq!(codes_in(&sound(), &passages(&whole)), []);
}

#[test]
fn a_blind_second_answer_that_differs_rejects() {
    let second = |key: &str| Context {
        second: BTreeMap::from([(ItemId::new("i1"), Answer::Choice(OptionId::of(key)))]),
        ..Context::default()
    };
    assert_eq!(codes_in(&sound(), &second("the pull of the Moon")), []);
    assert_eq!(codes_in(&sound(), &second("the salt")), [Code::BlindAnswerDiffers]);
    let other =
        Context { second: BTreeMap::from([(ItemId::new("other"), Answer::TrueFalse(true))]), ..Context::default() };
    assert_eq!(codes_in(&sound(), &other), [Code::BlindAnswerMissing]);
}

#[test]
fn each_flaw_of_writing_is_warned_of() {
    let three = ["the wind", "the salt", "the pull"];
    let table = [
        (
            single("What makes it rise?", &["the wind", "the pull", "All of the above."], "the pull"),
            Code::AllOfTheAbove,
        ),
        (single("What makes it rise?", &["the wind", "the pull", "none of these"], "the pull"), Code::NoneOfTheAbove),
        (single("What makes it rise?", &["the wind", "the pull", "Both A and B"], "the pull"), Code::Combination),
        (single("Which is not a cause?", &three, "the salt"), Code::StemNegative),
        (
            single("What does the Moon do?", &["it always shines", "it pulls", "it cools"], "it pulls"),
            Code::OptionAbsolute,
        ),
        (
            single("What does the Moon do?", &["it sometimes shines", "it pulls", "it cools"], "it pulls"),
            Code::OptionVague,
        ),
        (
            single(
                "What makes it rise?",
                &["the wind", "the salt", "the pull of the Moon on the waters of the sea"],
                "the pull of the Moon on the waters of the sea",
            ),
            Code::KeyLongest,
        ),
        (
            single("What follows from the pull?", &["a wind", "a stronger pull", "a storm"], "a stronger pull"),
            Code::WordsShared,
        ),
        (single("The force is called an __.", &["tug", "attraction", "push"], "attraction"), Code::GrammarClue),
        (single("The Moon.", &three, "the pull"), Code::StemUnfocused),
        (single("Does it rise?", &["yes", "the pull", "no"], "the pull"), Code::OptionsTrueFalse),
        (single("How many tides are there?", &["3", "1", "2"], "2"), Code::NumbersUnordered),
        (
            single("What moves?", &["a big wave from the north", "a big wave from the south", "tide"], "tide"),
            Code::DistractorsAlike,
        ),
        (
            Item {
                body: Body::Cloze {
                    parts: vec![Part::Gap(Gap::text("g1", ["Tides"])), Part::Text(" rise.".into())],
                    rule: PairRule::Each,
                },
                ..sound()
            },
            Code::GapAtStart,
        ),
    ];
    for (item, code) in table {
        let report = validate(std::slice::from_ref(&item), &Context::default());
        let found: Vec<Code> = report.verdicts[0].findings.iter().map(|finding| finding.code).collect();
        assert!(found.contains(&code), "{code:?} is not in {found:?} of {}", item.stem);
        assert!(!report.verdicts[0].is_rejected(), "{found:?} of {}", item.stem);
        assert!(report.verdicts[0].findings.iter().all(|finding| !finding.reason.is_empty()));
    }
}

#[test]
fn german_flaws_are_known_too() {
    let german = |stem: &str, options: &[&str], key: &str| Item { language: "de".into(), ..single(stem, options, key) };
    assert_eq!(
        codes(&german("Was ist keine Ursache?", &["der Wind", "das Salz", "der Mond"], "das Salz")),
        [Code::StemNegative]
    );
    assert_eq!(
        codes(&german("Was hebt das Wasser?", &["der Wind", "keine der genannten", "der Mond"], "der Mond")),
        [Code::NoneOfTheAbove]
    );
}

#[test]
fn a_question_asked_twice_is_rejected_the_second_time() {
    let first = sound();
    let second = Item { id: ItemId::new("i2"), stem: "WHAT makes the water rise".into(), ..sound() };
    let other = Item { id: ItemId::new("i3"), stem: "What do most coasts see?".into(), ..sound() };
    let report = validate(&[first, second, other], &Context::default());
    let repeated: Vec<bool> = report.verdicts.iter().map(|verdict| verdict.has(Code::StemRepeated)).collect();
    assert_eq!(repeated, [false, true, false]);
}

#[test]
fn keys_in_one_place_are_warned_of_across_the_quiz() {
    let quiz = |places: &[usize]| -> Vec<Item> {
        places
            .iter()
            .enumerate()
            .map(|(at, place)| {
                let options = ["one", "two", "three"];
                Item {
                    id: ItemId::new(format!("i{at}")),
                    ..single(&format!("What is number {at}?"), &options, options[*place])
                }
            })
            .collect()
    };
    let found = |places: &[usize]| -> Vec<Code> {
        validate(&quiz(places), &Context::default()).findings.iter().map(|finding| finding.code).collect()
    };
    assert_eq!(found(&[1, 1, 1, 1, 0]), [Code::KeysInOnePlace]);
    assert_eq!(found(&[0, 1, 2, 1, 0]), []);
    assert_eq!(found(&[1, 1, 1]), []);
}

#[test]
fn weights_are_bounded_so_that_they_can_be_added() {
    for (weight, is_sound) in [(1.0, true), (1_000.0, true), (1_000.5, false), (1e308, false), (0.0, false)] {
        let gap = Part::Gap(Gap { weight, ..Gap::text("g1", ["tide"]) });
        let cloze = Body::Cloze { parts: vec![Part::Text("The ".into()), gap], rule: PairRule::Each };
        let criterion = Criterion { id: OptionId::new("a"), text: "It is clear".into(), weight };
        let essay = Body::FreeText { rubric: vec![criterion], sample: None };
        for body in [cloze, essay] {
            assert_eq!(!codes(&item(1.0, body.clone())).contains(&Code::ShareInvalid), is_sound, "{weight} {body:?}");
        }
    }
}

proptest! {
    #[test]
    fn sound_items_are_not_rejected_and_validation_is_the_same_each_time(item in any_item()) {
        let once = validate(std::slice::from_ref(&item), &Context::default());
        let twice = validate(std::slice::from_ref(&item), &Context::default());
        prop_assert_eq!(&once, &twice);
        let serious: Vec<Code> = once.verdicts[0].findings.iter().filter(|finding| finding.severity == Severity::Reject).map(|finding| finding.code).collect();
        // Texts drawn at random may be the same once marks and case are gone, and orderings and choices of two may be too short.
        prop_assert!(serious.iter().all(|code| matches!(code, Code::OptionsEqual | Code::OptionsTooFew | Code::KeyCount)), "{:?}", serious);
    }
}
