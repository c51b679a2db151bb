//! Items and answers in few words, and any of them for property tests.

use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use viva::quiz::answer::Answer;
use viva::quiz::item::{
    Accepted, Body, Choice, Difficulty, Gap, GapId, GapKind, Item, MultipleRule, NumericKey, OptionId, OrderingRule,
    PairRule, Part, Source, TextKey, Tolerance, Typos,
};

pub fn choices(texts: &[&str]) -> Vec<Choice> {
    texts.iter().map(|text| Choice::of(*text)).collect()
}

pub fn ids(texts: &[&str]) -> Vec<OptionId> {
    texts.iter().map(|text| OptionId::of(text)).collect()
}

pub fn chosen(texts: &[&str]) -> Answer {
    Answer::Choices(ids(texts).into_iter().collect::<BTreeSet<_>>())
}

pub fn ordered(texts: &[&str]) -> Answer {
    Answer::Order(ids(texts))
}

pub fn paired(pairs: &[(&str, &str)]) -> Answer {
    Answer::Pairs(pairs.iter().map(|(prompt, target)| (OptionId::of(prompt), OptionId::of(target))).collect())
}

pub fn filled(gaps: &[(&str, &str)]) -> Answer {
    Answer::Gaps(gaps.iter().map(|(id, text)| (GapId::new(*id), (*text).to_owned())).collect::<BTreeMap<_, _>>())
}

pub fn typed(text: &str) -> Answer {
    Answer::Text(text.to_owned())
}

pub fn item(points: f64, body: Body) -> Item {
    Item { points, ..Item::new("i1", "en", "What is asked?", body) }
}

pub fn source(quote: &str) -> Source {
    Source {
        document: "doc".into(),
        version: 1,
        passage: "doc-1-1".into(),
        quote: quote.into(),
        locator: Default::default(),
    }
}

pub fn multiple(options: &[&str], keys: &[&str], rule: MultipleRule) -> Body {
    Body::MultipleChoice { options: choices(options), keys: ids(keys), rule }
}

pub fn ordering(lines: &[&str], rule: OrderingRule) -> Body {
    Body::Ordering { options: choices(lines), key: ids(lines), rule }
}

pub fn matching(pairs: &[(&str, &str)], rule: PairRule) -> Body {
    Body::Matching {
        prompts: pairs.iter().map(|(prompt, _)| Choice::of(*prompt)).collect(),
        targets: pairs.iter().map(|(_, target)| Choice::of(*target)).collect(),
        key: pairs.iter().map(|(prompt, target)| (OptionId::of(prompt), OptionId::of(target))).collect(),
        rule,
    }
}

/// A word of three to eight letters.
pub fn word() -> impl Strategy<Value = String> {
    "[a-z]{3,8}"
}

/// Texts that are hard to write into a file: marks, accents, entities, markup, spaces within.
pub fn text() -> impl Strategy<Value = String> {
    "[A-Za-zäß0-9][A-Za-z0-9äöüß ,.;:=~#{}<>&\"'()%*\\\\/?!-]{0,30}[A-Za-zß0-9?]"
        .prop_map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "))
}

fn distinct(least: usize, most: usize) -> impl Strategy<Value = Vec<String>> {
    prop::collection::btree_set(text(), least..=most)
        .prop_map(|texts| texts.into_iter().collect::<Vec<_>>())
        .prop_shuffle()
}

fn text_key() -> impl Strategy<Value = TextKey> {
    (distinct(1, 3), any::<bool>()).prop_map(|(texts, half)| TextKey {
        accepted: texts
            .into_iter()
            .enumerate()
            .map(|(at, text)| Accepted {
                text: text.replace('*', "\\*"),
                share: if at > 0 && half { 0.5 } else { 1.0 },
            })
            .collect(),
        refused: Vec::new(),
        typos: Typos::One,
    })
}

fn numeric_key() -> impl Strategy<Value = NumericKey> {
    (-100_000_i32..100_000, 0_u32..1_000).prop_map(|(value, tolerance)| {
        NumericKey::whole(f64::from(value) / 8.0, Tolerance::Absolute(f64::from(tolerance) / 8.0))
    })
}

fn rule<T: Clone + std::fmt::Debug + 'static>(all: &'static [T]) -> impl Strategy<Value = T> {
    prop::sample::select(all)
}

const MULTIPLE: &[MultipleRule] = &[MultipleRule::Exact, MultipleRule::Penalty, MultipleRule::RightMinusWrong];
const ORDERINGS: &[OrderingRule] = &[OrderingRule::Exact, OrderingRule::Positions, OrderingRule::Pairs];
const PAIRS: &[PairRule] = &[PairRule::Exact, PairRule::Each];

fn cloze() -> impl Strategy<Value = Body> {
    let gap = prop_oneof![
        text_key().prop_map(|key| GapKind::Text { key }),
        (distinct(2, 4), any::<prop::sample::Index>()).prop_map(|(texts, at)| {
            let options: Vec<Choice> = texts.into_iter().map(Choice::of).collect();
            let key = options[at.index(options.len())].id.clone();
            GapKind::Choice { options, key }
        }),
        numeric_key().prop_map(|key| GapKind::Numeric { keys: vec![key] }),
    ];
    (prop::collection::vec((text(), gap), 1..4), rule(PAIRS)).prop_map(|(pieces, rule)| {
        let mut parts = Vec::new();
        for (at, (text, kind)) in pieces.into_iter().enumerate() {
            parts.push(Part::Text(format!("{text} ")));
            parts.push(Part::Gap(Gap { id: GapId::new(format!("g{}", at + 1)), kind, weight: 1.0 }));
        }
        parts.push(Part::Text(".".into()));
        Body::Cloze { parts, rule }
    })
}

/// Any sound body that a machine can score.
pub fn body() -> impl Strategy<Value = Body> {
    let single = (distinct(2, 5), any::<prop::sample::Index>()).prop_map(|(texts, at)| {
        let options: Vec<Choice> = texts.into_iter().map(Choice::of).collect();
        let keys = vec![options[at.index(options.len())].id.clone()];
        Body::SingleChoice { options, keys }
    });
    let multiple = (distinct(3, 6), 1_usize..3, rule(MULTIPLE)).prop_map(|(texts, keys, rule)| {
        let options: Vec<Choice> = texts.into_iter().map(Choice::of).collect();
        let keys = options.iter().take(keys).map(|option| option.id.clone()).collect();
        Body::MultipleChoice { options, keys, rule }
    });
    let ordering = (distinct(2, 6), rule(ORDERINGS)).prop_map(|(texts, rule)| {
        let options: Vec<Choice> = texts.into_iter().map(Choice::of).collect();
        let key = options.iter().map(|option| option.id.clone()).collect();
        Body::Ordering { options, key, rule }
    });
    let matching = (distinct(4, 8), rule(PAIRS)).prop_map(|(texts, rule)| {
        let half = texts.len() / 2;
        let prompts: Vec<Choice> = texts[..half].iter().map(Choice::of).collect();
        let targets: Vec<Choice> = texts[half..half * 2].iter().map(Choice::of).collect();
        let key = prompts.iter().zip(&targets).map(|(prompt, target)| (prompt.id.clone(), target.id.clone())).collect();
        Body::Matching { prompts, targets, key, rule }
    });
    prop_oneof![
        single,
        multiple,
        any::<bool>().prop_map(|key| Body::TrueFalse { key }),
        text_key().prop_map(|key| Body::ShortText { key }),
        numeric_key().prop_map(|key| Body::Numeric { keys: vec![key], unit: None }),
        ordering,
        matching,
        cloze(),
    ]
}

/// Any item with everything that a file of questions can carry.
pub fn any_item() -> impl Strategy<Value = Item> {
    (body(), text(), 1_u32..20, prop::option::of(text()), prop::option::of(word()), 0_u8..3).prop_map(
        |(body, stem, points, explanation, skill, difficulty)| Item {
            points: f64::from(points) / 2.0,
            explanation,
            skill,
            difficulty: [Difficulty::Easy, Difficulty::Medium, Difficulty::Hard][usize::from(difficulty)],
            ..Item::new("item-1", "en", stem, body)
        },
    )
}
