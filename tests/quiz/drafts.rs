//! Items as nobody should write them: any text in any place, any number, lists of any length, keys that name nothing. And one of each kind.

use proptest::prelude::*;
use viva::quiz::item::{
    Accepted, Body, Choice, Criterion, Gap, GapId, GapKind, Item, MultipleRule, NumericKey, OptionId, OrderingRule,
    PairRule, Part, TextKey, Tolerance, Typos,
};

/// Everything that XML has a mind of its own about, and what it has no place for.
pub const MARKS: &str =
    "\0\u{1}\u{b}\u{1f}\u{7f}\u{85}\u{2028}\u{fffe}\u{ffff}\u{1f600}\u{10ffff}\t\r\n ]]>&amp;<!--?><x y='\"'/>é";

/// One of every kind with the text wherever a text is, scored by a rule that QTI knows.
pub fn every_kind(text: &str) -> Vec<Item> {
    let options: Vec<Choice> = (1..4).map(|at| Choice::of(format!("{text}{at}"))).collect();
    let ids: Vec<OptionId> = options.iter().map(|option| option.id.clone()).collect();
    let accepted = vec![Accepted { text: format!("{text}k"), share: 0.5 }, Accepted::whole(format!("k{text}"))];
    let key = TextKey { accepted, refused: vec![text.to_owned()], typos: Typos::One };
    let numbers = vec![
        NumericKey { value: -0.125, tolerance: Tolerance::Relative(0.1), share: 0.5 },
        NumericKey::whole(1e-7, Tolerance::Absolute(0.0)),
    ];
    let gap = |id: &str, kind| Part::Gap(Gap { id: GapId::new(id), kind, weight: 2.0 });
    let parts = vec![
        gap("g1", GapKind::Text { key: key.clone() }),
        Part::Text(text.to_owned()),
        gap("g2", GapKind::Choice { options: options.clone(), key: ids[1].clone() }),
        gap("g3", GapKind::Numeric { keys: numbers.clone() }),
    ];
    let pairs = ids.iter().cloned().zip(ids.iter().rev().cloned()).collect();
    let rubric = vec![Criterion { id: ids[0].clone(), text: text.to_owned(), weight: 1.0 }];
    let bodies = [
        Body::SingleChoice { options: options.clone(), keys: vec![ids[2].clone()] },
        Body::MultipleChoice { options: options.clone(), keys: ids[..2].to_vec(), rule: MultipleRule::Penalty },
        Body::TrueFalse { key: false },
        Body::ShortText { key },
        Body::Numeric { keys: numbers, unit: Some(text.to_owned()) },
        Body::Ordering { options: options.clone(), key: ids.clone(), rule: OrderingRule::Positions },
        Body::Matching { prompts: options.clone(), targets: options, key: pairs, rule: PairRule::Each },
        Body::Cloze { parts, rule: PairRule::Each },
        Body::FreeText { rubric, sample: Some(text.to_owned()) },
    ];
    let items = bodies.into_iter().map(|body| Item {
        points: 1.5,
        explanation: Some(text.to_owned()),
        skill: Some(text.to_owned()),
        ..Item::new(body.kind().to_string(), "de-AT", text, body)
    });
    items.collect()
}

fn hostile() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::collection::vec(any::<char>(), 0..12).prop_map(String::from_iter),
        prop::sample::subsequence(MARKS.chars().collect::<Vec<_>>(), 0..20).prop_map(String::from_iter),
        Just(String::new()),
    ]
}

fn number() -> impl Strategy<Value = f64> {
    prop_oneof![
        prop::num::f64::ANY,
        prop::sample::select(vec![0.0, -0.0, 1.0, 1e-7, f64::MAX, f64::INFINITY, f64::NAN])
    ]
}

fn id() -> impl Strategy<Value = OptionId> {
    (0_u8..5).prop_map(|at| OptionId::new(at.to_string()))
}

fn ids() -> impl Strategy<Value = Vec<OptionId>> {
    prop::collection::vec(id(), 0..4)
}

fn options() -> impl Strategy<Value = Vec<Choice>> {
    prop::collection::vec((id(), hostile()).prop_map(|(id, text)| Choice { id, text }), 0..4)
}

fn text_key() -> impl Strategy<Value = TextKey> {
    let accepted = (hostile(), number()).prop_map(|(text, share)| Accepted { text, share });
    prop::collection::vec(accepted, 0..3).prop_map(|accepted| TextKey { accepted, ..TextKey::default() })
}

fn numeric_keys() -> impl Strategy<Value = Vec<NumericKey>> {
    let tolerance = (any::<bool>(), number())
        .prop_map(|(relative, by)| if relative { Tolerance::Relative(by) } else { Tolerance::Absolute(by) });
    let key =
        (number(), tolerance, number()).prop_map(|(value, tolerance, share)| NumericKey { value, tolerance, share });
    prop::collection::vec(key, 0..3)
}

fn parts() -> impl Strategy<Value = Vec<Part>> {
    let kind = prop_oneof![
        text_key().prop_map(|key| GapKind::Text { key }),
        (options(), id()).prop_map(|(options, key)| GapKind::Choice { options, key }),
        numeric_keys().prop_map(|keys| GapKind::Numeric { keys }),
    ];
    let gap = (kind, number()).prop_map(|(kind, weight)| Part::Gap(Gap { id: GapId::new("g"), kind, weight }));
    prop::collection::vec(prop_oneof![hostile().prop_map(Part::Text), gap], 0..4)
}

fn bodies() -> impl Strategy<Value = Body> {
    let rule = || prop::sample::select(vec![PairRule::Exact, PairRule::Each]);
    let multiple = prop::sample::select(vec![MultipleRule::Exact, MultipleRule::Penalty]);
    let ordering = prop::sample::select(vec![OrderingRule::Exact, OrderingRule::Positions]);
    let criterion = (id(), hostile(), number()).prop_map(|(id, text, weight)| Criterion { id, text, weight });
    prop_oneof![
        (options(), ids()).prop_map(|(options, keys)| Body::SingleChoice { options, keys }),
        (options(), ids(), multiple).prop_map(|(options, keys, rule)| Body::MultipleChoice { options, keys, rule }),
        any::<bool>().prop_map(|key| Body::TrueFalse { key }),
        text_key().prop_map(|key| Body::ShortText { key }),
        (numeric_keys(), prop::option::of(hostile())).prop_map(|(keys, unit)| Body::Numeric { keys, unit }),
        (options(), ids(), ordering).prop_map(|(options, key, rule)| Body::Ordering { options, key, rule }),
        (options(), options(), prop::collection::btree_map(id(), id(), 0..5), rule())
            .prop_map(|(prompts, targets, key, rule)| Body::Matching { prompts, targets, key, rule }),
        (parts(), rule()).prop_map(|(parts, rule)| Body::Cloze { parts, rule }),
        (prop::collection::vec(criterion, 0..3), prop::option::of(hostile()))
            .prop_map(|(rubric, sample)| Body::FreeText { rubric, sample }),
    ]
}

pub fn any_draft() -> impl Strategy<Value = Item> {
    let language = prop_oneof![Just("en".to_owned()), hostile()];
    (bodies(), hostile(), prop_oneof![Just(2.0), number()], prop::option::of(hostile()), language).prop_map(
        |(body, stem, points, explanation, language)| Item {
            points,
            explanation,
            ..Item::new("draft", &language, stem, body)
        },
    )
}
