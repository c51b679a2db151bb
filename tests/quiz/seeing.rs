//! What a student sees before submission, how it is shuffled, and how items are stored.

use crate::rig::{any_item, choices, ids, item, matching, multiple, ordering, source};
use proptest::prelude::*;
use viva::quiz::answer::Answer;
use viva::quiz::item::{
    Accepted, Body, Criterion, Gap, Item, ItemId, Kind, MultipleRule, NumericKey, OptionId, OrderingRule, PairRule,
    Part, TextKey, Tolerance,
};
use viva::quiz::paper::{Paper, PaperError, Settings};
use viva::quiz::public::{OptionOrder, PublicBody, PublicItem};
use viva::quiz::shuffle::Shuffle;
use viva::quiz::sitting::Sitting;

/// One item of each kind, with a word that gives it away in every place that is secret.
fn items_with_secrets() -> Vec<Item> {
    let secret_text =
        TextKey { accepted: vec![Accepted::whole("SECRET")], refused: vec!["SECRET2".into()], ..TextKey::default() };
    let bodies = vec![
        Body::SingleChoice { options: choices(&["a", "b"]), keys: vec![OptionId::new("SECRET")] },
        Body::MultipleChoice {
            options: choices(&["a", "b"]),
            keys: vec![OptionId::new("SECRET")],
            rule: MultipleRule::Exact,
        },
        Body::TrueFalse { key: true },
        Body::ShortText { key: secret_text },
        Body::Numeric { keys: vec![NumericKey::whole(424_242.0, Tolerance::Absolute(0.0))], unit: None },
        Body::Ordering { options: choices(&["a", "b"]), key: vec![OptionId::new("SECRET")], rule: OrderingRule::Exact },
        Body::Matching {
            prompts: choices(&["a"]),
            targets: choices(&["b"]),
            key: [(OptionId::new("SECRET"), OptionId::new("SECRET"))].into(),
            rule: PairRule::Each,
        },
        Body::Cloze {
            parts: vec![Part::Text("x ".into()), Part::Gap(Gap::text("g1", ["SECRET"]))],
            rule: PairRule::Each,
        },
        Body::FreeText {
            rubric: vec![Criterion { id: OptionId::new("SECRET"), text: "clear".into(), weight: 424_242.0 }],
            sample: Some("SECRET".into()),
        },
    ];
    bodies
        .into_iter()
        .map(|body| Item {
            explanation: Some("SECRET".into()),
            source: Some(source("SECRET")),
            skill: Some("SECRET".into()),
            ..item(1.0, body)
        })
        .collect()
}

#[test]
fn no_key_explanation_or_source_is_in_what_a_student_sees() {
    for item in items_with_secrets() {
        for order in [OptionOrder::AsWritten, OptionOrder::Shuffled] {
            let json = serde_json::to_string(&PublicItem::of(&item, 7, order)).expect("it serialises");
            for secret in ["SECRET", "424242", "key", "explanation", "source", "quote", "weight", "share", "true}"] {
                assert!(!json.contains(secret), "{} tells {secret}: {json}", item.body.kind());
            }
        }
    }
}

#[test]
fn the_order_of_lines_and_targets_never_comes_from_the_key() {
    let one = item(1.0, ordering(&["one", "two", "three", "four"], OrderingRule::Pairs));
    let other = item(1.0, ordering(&["four", "two", "one", "three"], OrderingRule::Pairs));
    let seen = |item: &Item| PublicItem::of(item, 3, OptionOrder::AsWritten).body;
    assert_eq!(seen(&one), seen(&other));
    let pairs = [("a", "1"), ("b", "2"), ("c", "3"), ("d", "4")];
    let turned = [("a", "4"), ("b", "3"), ("c", "2"), ("d", "1")];
    let targets = |pairs: &[(&str, &str)]| match seen(&item(1.0, matching(pairs, PairRule::Each))) {
        PublicBody::Matching { targets, .. } => targets,
        other => panic!("{other:?}"),
    };
    assert_eq!(targets(&pairs), targets(&turned));
}

#[test]
fn options_keep_their_ids_and_their_order_follows_the_seed() {
    let item = item(1.0, multiple(&["a", "b", "c", "d", "e"], &["a"], MultipleRule::Exact));
    let seen = |seed, order| match PublicItem::of(&item, seed, order).body {
        PublicBody::MultipleChoice { options } => options,
        other => panic!("{other:?}"),
    };
    assert_eq!(seen(1, OptionOrder::AsWritten), choices(&["a", "b", "c", "d", "e"]));
    assert_eq!(seen(1, OptionOrder::Shuffled), seen(1, OptionOrder::Shuffled));
    let orders: std::collections::BTreeSet<Vec<OptionId>> =
        (0..200).map(|seed| seen(seed, OptionOrder::Shuffled).into_iter().map(|option| option.id).collect()).collect();
    assert!(orders.len() > 80, "{} of 120 orders in 200 draws", orders.len());
    assert!(orders.iter().all(|order| ids(&["a", "b", "c", "d", "e"]).iter().all(|id| order.contains(id))));
}

/// The golden order: SplitMix64 from seed 2026 as worked by tests/quiz/reference/shuffle.py.
#[test]
fn an_order_stays_the_same_in_every_release() {
    let mut order: Vec<u32> = (0..10).collect();
    Shuffle::new(2026).shuffle(&mut order);
    assert_eq!(order, GOLDEN_ORDER);
}

const GOLDEN_ORDER: [u32; 10] = [5, 0, 9, 2, 4, 7, 3, 6, 8, 1];

#[test]
fn each_of_six_orders_comes_up_as_often() {
    let mut counts = std::collections::BTreeMap::new();
    for seed in 0..6_000 {
        let mut order = [0, 1, 2];
        Shuffle::of(seed, "item/options").shuffle(&mut order);
        *counts.entry(order).or_insert(0) += 1;
    }
    assert_eq!(counts.len(), 6);
    assert!(counts.values().all(|count| (880..1_120).contains(count)), "{counts:?}");
}

/// As they are stored, sent and asked for, and as they are named where a kind is counted.
#[test]
fn every_kind_has_one_name() {
    let items = items_with_secrets();
    let kinds: Vec<Kind> = items.iter().map(|item| item.body.kind()).collect();
    assert_eq!(kinds, Kind::ALL);
    for item in &items {
        let name = serde_json::json!(item.body.kind());
        let public = PublicItem::of(item, 1, OptionOrder::Shuffled).body;
        assert_eq!(public.kind(), item.body.kind());
        let told = [&serde_json::json!(item.body)["type"], &serde_json::json!(public)["type"]].map(Clone::clone);
        assert_eq!((told, name.as_str()), ([name.clone(), name.clone()], Some(item.body.kind().as_str())));
        assert_eq!(Kind::named(item.body.kind().as_str()), Some(item.body.kind()));
    }
    let counted = std::collections::BTreeMap::from([(Kind::FreeText, 2), (Kind::SingleChoice, 1)]);
    let json = r#"{"single_choice":1,"free_text":2}"#;
    assert_eq!(serde_json::to_string(&counted).expect("it serialises"), json);
    assert_eq!(serde_json::from_str::<std::collections::BTreeMap<Kind, u32>>(json).expect("it is read"), counted);
}

#[test]
fn a_quiz_of_a_later_schema_is_refused() {
    let mut paper = Paper::new("en", Settings::default());
    paper.schema = 2;
    assert_eq!(Paper::from_json(&paper.to_json()), Err(PaperError::Schema { found: 2, known: 1 }));
}

#[test]
fn a_sitting_that_names_the_version_of_its_shuffle_is_read() {
    let stored = r#"{"schema":1,"shuffle":1,"answers":{"i1":{"type":"true_false","value":true}},"itemMs":{"i1":2000},"results":[]}"#;
    let sitting = Sitting {
        answers: [(ItemId::new("i1"), Answer::TrueFalse(true))].into(),
        item_ms: [(ItemId::new("i1"), 2_000)].into(),
        ..Sitting::default()
    };
    assert_eq!(Sitting::from_json(stored), Ok(sitting));
}

proptest! {
    #[test]
    fn a_stored_item_comes_back_as_it_was(item in any_item()) {
        let mut paper = Paper::new("en", Settings::default());
        paper.items.push(item);
        prop_assert_eq!(Paper::from_json(&paper.to_json()).expect("it is read"), paper);
    }
}
