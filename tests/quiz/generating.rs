//! Items by rules over three texts: enough of them, all sound, each resting on its span.

use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use viva::quiz::answer::Answer;
use viva::quiz::generate::{Generated, Material, Order, generate};
use viva::quiz::item::{Body, Item, Kind, Part};
use viva::quiz::score::{Outcome, score};
use viva::quiz::validate::{Context, Sources, validate};

const TIDES: &str = include_str!("texts/tides.txt");
const BREAD: &str = include_str!("texts/bread.txt");
const MOOR: &str = include_str!("texts/moor.txt");

/// A text cut into passages at its headings.
fn material(name: &str, text: &str) -> Vec<Material> {
    text.split("\n# ")
        .enumerate()
        .map(|(at, section)| {
            let (heading, body) = section.split_once('\n').expect("a heading and its text");
            let heading = heading.trim_start_matches("# ").to_owned();
            Material {
                document: name.into(),
                version: 1,
                passage: format!("{name}-1-{}", at + 1),
                text: body.trim().to_owned(),
                locator: viva::quiz::item::Locator { path: vec![heading], ..Default::default() },
            }
        })
        .collect()
}

fn made(name: &str, text: &str, language: &str, seed: u64) -> (Vec<Material>, Generated) {
    let material = material(name, text);
    let generated = generate(&material, &Order::of_each(language, 8, seed));
    (material, generated)
}

fn shown(item: &Item) -> String {
    let body = match &item.body {
        Body::SingleChoice { options, keys } => options
            .iter()
            .map(|option| format!("{}{}", if keys.contains(&option.id) { "*" } else { "" }, option.text))
            .collect::<Vec<_>>()
            .join(" | "),
        Body::TrueFalse { key } => key.to_string(),
        Body::Numeric { keys, .. } => format!("{:?}", keys[0]),
        Body::Ordering { options, .. } => {
            options.iter().map(|option| option.text.clone()).collect::<Vec<_>>().join(" > ")
        }
        Body::Cloze { parts, .. } => parts
            .iter()
            .map(|part| match part {
                Part::Text(text) => text.clone(),
                Part::Gap(gap) => format!("[{}]", gap.filled().unwrap_or_default()),
            })
            .collect(),
        other => format!("{other:?}"),
    };
    format!("{} {}\n    {body}", item.body.kind(), item.stem)
}

#[test]
fn each_text_gives_at_least_twenty_sound_items_of_every_kind() {
    for (name, text, language) in [("tides", TIDES, "en"), ("bread", BREAD, "en"), ("moor", MOOR, "de")] {
        for seed in 1..=5 {
            let (material, generated) = made(name, text, language, seed);
            if seed == 1 {
                println!(
                    "== {name}: {} items, {} set aside, missing {:?}",
                    generated.items.len(),
                    generated.rejected.len(),
                    generated.missing
                );
                generated.items.iter().for_each(|item| println!("{}", shown(item)));
                for (item, verdict) in &generated.rejected {
                    println!("-- {}\n    {:?}", shown(item), verdict.findings);
                }
            }
            let kinds: BTreeSet<Kind> = generated.items.iter().map(|item| item.body.kind()).collect();
            assert_eq!(kinds.len(), 5, "{name}: {kinds:?}");
            assert!(generated.items.len() >= 20, "{name} gave {}", generated.items.len());
            let context = Context {
                passages: material.iter().map(|passage| (passage.passage.as_str(), passage.text.as_str())).collect(),
                sources: Sources::Required,
                second: BTreeMap::new(),
            };
            let report = validate(&generated.items, &context);
            for verdict in &report.verdicts {
                assert_eq!(verdict.findings, [], "{name} {}", verdict.item);
            }
            assert_eq!(report.findings, [], "{name}");
            let sentences: BTreeSet<&str> =
                generated.items.iter().filter_map(|item| Some(item.source.as_ref()?.quote.as_str())).collect();
            assert_eq!(sentences.len(), generated.items.len(), "no item answers another");
        }
    }
}

#[test]
fn every_item_has_its_span_an_explanation_a_skill_and_an_id_of_its_own() {
    let (material, generated) = made("tides", TIDES, "en", 9);
    let ids: BTreeSet<&str> = generated.items.iter().map(|item| item.id.as_str()).collect();
    assert_eq!(ids.len(), generated.items.len());
    for item in &generated.items {
        let source = item.source.as_ref().expect("it rests on a span");
        let passage =
            material.iter().find(|passage| passage.passage == source.passage).expect("the passage is one of ours");
        let text = passage.text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains(&source.quote), "{}", source.quote);
        assert_eq!(item.explanation.as_ref(), Some(&source.quote));
        assert_eq!(item.skill.as_ref(), passage.locator.path.last());
    }
}

#[test]
fn the_words_of_the_text_are_the_right_answer_to_a_gap() {
    let (_, generated) = made("moor", MOOR, "de", 3);
    let mut gaps = 0;
    for item in &generated.items {
        if let Body::Cloze { parts, .. } = &item.body {
            let answer = parts.iter().filter_map(|part| {
                if let Part::Gap(gap) = part { Some((gap.id.clone(), gap.filled()?)) } else { None }
            });
            assert_eq!(score(item, Some(&Answer::Gaps(answer.collect()))).outcome, Outcome::Right);
            gaps += 1;
        }
    }
    assert!(gaps > 0);
}

#[test]
fn what_may_hold_with_another_number_is_never_made_false() {
    let text = "The man of the bog lay for more than 2000 years in the wet peat. A square of mud can hold more than 900 snails at once.";
    let material = vec![Material {
        document: "d".into(),
        version: 1,
        passage: "d-1-1".into(),
        text: text.into(),
        locator: Default::default(),
    }];
    let generated =
        generate(&material, &Order { counts: BTreeMap::from([(Kind::TrueFalse, 9)]), ..Order::of_each("en", 9, 1) });
    assert_eq!((generated.items, generated.missing), (vec![], BTreeMap::from([(Kind::TrueFalse, 9)])));
}

/// The words that items of a text rest on, and all that they say, whatever the seed.
fn quotes_and_sayings(text: &str, language: &str) -> (BTreeSet<String>, String) {
    let material = vec![Material {
        document: "d".into(),
        version: 1,
        passage: "d-1-1".into(),
        text: text.into(),
        locator: Default::default(),
    }];
    let items = (0..8).flat_map(|seed| generate(&material, &Order::of_each(language, 8, seed)).items);
    let (mut quotes, mut said) = (BTreeSet::new(), String::new());
    for item in items {
        said.push_str(&shown(&item));
        quotes.extend(item.source.map(|source| source.quote));
    }
    (quotes, said)
}

#[test]
fn sentences_that_lean_on_others_are_left_alone() {
    let leaning = [
        ("en", "The kidneys measure oxygen 24 times a day, which tells the marrow to make less of them."),
        ("en", "Deposits of fat and scar tissue narrow them in about 20 years of a life."),
        ("en", "Voice calls and games use it, since a packet that is 50 milliseconds late is lost."),
        ("en", "A tax equal to that harm brought the state about 300 million in a year."),
        ("en", "The second, found in 1912, was larger than any of the finds on that coast."),
        ("en", "The oldest known, from the hills in Australia, is 4400 million years old."),
        ("en", "What convinced most geologists in 1965 was a map of the floor of the ocean."),
        ("en", "Intensity, by contrast, describes the effects in a town on a scale of 12 steps."),
        ("en", "Each wheel stood for one of the 10 forces that make up the tide."),
        ("de", "Im Gegensatz dazu braucht ein Niedermoor nur 1000 Jahre, um einen Meter zu wachsen."),
        ("de", "Jedes Blatt hat zwei Arten von Zellen und lebt etwa 3 Jahre lang."),
    ];
    for (language, sentence) in leaning {
        assert_eq!(quotes_and_sayings(sentence, language).0, BTreeSet::new(), "{sentence}");
    }
}

#[test]
fn what_a_sentence_before_has_named_is_not_asked_about_as_if_it_were_known() {
    for (language, first, second) in [
        (
            "en",
            "In 1872 a lord built a machine with wheels and a rope.",
            "The machine drew the tide of a year in 4 hours.",
        ),
        (
            "de",
            "Ein Torfmoos ist eine kleine Pflanze, die 20 Jahre alt wird.",
            "Die Pflanze wächst an der Spitze um 3 Zentimeter im Jahr.",
        ),
    ] {
        let (quotes, _) = quotes_and_sayings(&format!("{first} {second}"), language);
        assert_eq!(quotes, BTreeSet::from([first.to_owned()]));
        assert!(quotes_and_sayings(second, language).0.contains(second), "by itself it may be of anything");
    }
}

#[test]
fn a_false_statement_is_a_sentence_that_could_be_true() {
    for (language, text, never) in [
        ("en", "In the first stage of all the pigments of a leaf catch light.", "catch heavy"),
        ("en", "Deposits of fat and of scar tissue narrow the arteries of old people.", "wide the arteries"),
        ("en", "Most of the starters of a bakery are ready after 7 days.", "before 7"),
        ("de", "In der Luft zerfällt das Methan der Moore schon nach etwa 12 Jahren.", "vor etwa"),
        ("de", "Heute sind etwa 95 Prozent der deutschen Moore in diesem Sinn entwässert.", "190"),
        ("de", "Heute sind etwa 95 Prozent der Moore im Norden des Landes entwässert.", "190"),
    ] {
        let said = quotes_and_sayings(text, language).1;
        assert!(!said.contains(never), "{said}");
    }
    assert!(
        quotes_and_sayings("A large eruption forms a haze that hides the sun for months.", "en").1.contains("small")
    );
    assert!(
        quotes_and_sayings("Heute sind etwa 95 Prozent der Moore im Norden entwässert.", "de").1.contains("47 Prozent")
    );
}

#[test]
fn the_places_of_keys_are_even_and_follow_the_seed() {
    let places = |seed| -> Vec<usize> {
        let items = made("tides", TIDES, "en", seed).1.items;
        items
            .iter()
            .filter_map(|item| match &item.body {
                Body::SingleChoice { options, keys } => options.iter().position(|option| keys.contains(&option.id)),
                _ => None,
            })
            .collect()
    };
    for seed in 0..4 {
        let places = places(seed);
        assert!((0..4).all(|place| places.iter().filter(|at| **at == place).count() == 2), "{places:?}");
    }
    assert_ne!(places(0), places(1));
}

#[test]
fn the_same_seed_gives_the_same_items_and_another_gives_others() {
    let items = |seed| made("bread", BREAD, "en", seed).1.items;
    assert_eq!(items(4), items(4));
    let stems = |seed| items(seed).into_iter().map(|item| item.stem).collect::<BTreeSet<_>>();
    assert_ne!(stems(4), stems(5));
}

#[test]
fn no_more_than_asked_for_is_made_and_what_is_missing_is_told() {
    let material = material("tides", TIDES);
    let counts = BTreeMap::from([(Kind::Numeric, 2), (Kind::Ordering, 50)]);
    let generated = generate(&material, &Order { counts, ..Order::of_each("en", 9, 1) });
    let numeric = generated.items.iter().filter(|item| item.body.kind() == Kind::Numeric).count();
    assert_eq!(
        (numeric, generated.items.iter().all(|item| matches!(item.body, Body::Numeric { .. } | Body::Ordering { .. }))),
        (2, true)
    );
    assert!(generated.missing.get(&Kind::Ordering).is_some_and(|missing| *missing > 40));
    assert_eq!(generated.missing.get(&Kind::Numeric), None);
}

#[test]
fn a_text_without_sentences_gives_nothing() {
    for text in ["", "Heading only", "No. No. No.", "?????", "\n\n\n"] {
        let material = vec![Material {
            document: "d".into(),
            version: 1,
            passage: "d-1-1".into(),
            text: text.into(),
            locator: Default::default(),
        }];
        assert_eq!(generate(&material, &Order::of_each("en", 5, 1)).items, []);
    }
}

proptest! {
    #[test]
    fn any_text_whatever_gives_only_sound_items(text in "(\\PC{0,60}[.!?\\n ]){0,12}", german: bool, seed: u64) {
        let language = if german { "de" } else { "en" };
        let material = vec![Material { document: "d".into(), version: 1, passage: "d-1-1".into(), text, locator: Default::default() }];
        let generated = generate(&material, &Order::of_each(language, 5, seed));
        let report = validate(&generated.items, &Context { sources: Sources::Required, ..Context::default() });
        prop_assert!(report.verdicts.iter().all(|verdict| !verdict.is_rejected()));
    }
}
