//! Items judged one by one against those that are kept: what is found is what is found of all at once, and what every pair of them says.

use crate::rig::{choices, ids, item};
use proptest::prelude::*;
use std::collections::BTreeSet;
use viva::quiz::item::{Body, Gap, Item, ItemId, PairRule, Part};
use viva::quiz::language::language;
use viva::quiz::text::{normal, stems};
use viva::quiz::validate::{Code, Context, Kept, Verdict, judge, validate, wording};

const WORDS: [&str; 10] = ["moon", "tides", "raises", "The", "coast", "Waters", "pull", "schwächer", "bulge", "not"];

/// Questions of few words, so that many ask the same, or almost.
fn asked() -> impl Strategy<Value = Item> {
    let words = prop::collection::vec(prop::sample::select(&WORDS[..]), 1..14);
    (words, 0..3, prop::sample::select(&["en", "de"][..]), "[.?!,]{0,2}").prop_map(|(words, kind, code, mark)| {
        let said = words.join(" ") + &mark;
        let body = match kind {
            0 => Body::TrueFalse { key: true },
            1 => Body::SingleChoice { options: choices(&["the moon", "the sun", "a wind"]), keys: ids(&["the sun"]) },
            _ => {
                let parts = vec![Part::Text(said.clone()), Part::Gap(Gap::text("g1", ["moon"]))];
                Body::Cloze { parts, rule: PairRule::Each }
            }
        };
        let stem = if kind == 2 { "Fill the gap.".to_owned() } else { said };
        Item { stem, language: code.to_owned(), ..item(1.0, body) }
    })
}

fn quiz() -> impl Strategy<Value = Vec<Item>> {
    prop::collection::vec(asked(), 0..14).prop_map(|mut items| {
        for (at, item) in items.iter_mut().enumerate() {
            item.id = ItemId::new(format!("i{at}"));
        }
        items
    })
}

/// For each item the first of those before it that asks the same, each held against each.
fn repeated(items: &[Item]) -> Vec<Option<String>> {
    let asked: Vec<(&Item, String, BTreeSet<String>)> = items
        .iter()
        .map(|item| {
            let wording = wording(item);
            (item, normal(&wording), stems(&wording, language(&item.language).small))
        })
        .collect();
    let is_same = |a: usize, b: usize| {
        let ((a, said_a, stems_a), (b, said_b, stems_b)) = (&asked[a], &asked[b]);
        let (common, all) = (stems_a.intersection(stems_b).count(), stems_a.union(stems_b).count());
        said_a == said_b || a.body.kind() == b.body.kind() && all >= 6 && common as f64 / all as f64 >= 0.85
    };
    let earlier = |at: usize| (0..at).find(|earlier| is_same(*earlier, at));
    (0..items.len()).map(|at| earlier(at).map(|earlier| format!("asks the same as {}", items[earlier].id))).collect()
}

fn told(verdict: &Verdict) -> Option<String> {
    let finding = verdict.findings.iter().find(|finding| finding.code == Code::StemRepeated)?;
    Some(finding.reason.clone())
}

proptest! {
    #[test]
    fn judging_one_by_one_finds_what_judging_all_finds(items in quiz(), cut in any::<prop::sample::Index>()) {
        let all = validate(&items, &Context::default());
        // Those before the cut were kept earlier, as a quiz's items are when more are made.
        let cut = cut.index(items.len() + 1);
        let kept = Kept::of(&items[..cut]);
        let mut fresh = Kept::default();
        for (item, verdict) in items.iter().zip(&all.verdicts).skip(cut) {
            prop_assert_eq!(&judge(item, &[&kept, &fresh], &Context::default()), verdict);
            fresh.keep(item);
        }
        let found: Vec<Option<String>> = all.verdicts.iter().map(told).collect();
        prop_assert_eq!(found, repeated(&items));
    }
}

#[test]
fn an_item_is_not_held_against_itself_and_rejected_ones_are_not_kept() {
    let statement = |id: &str, stem: &str| Item {
        id: ItemId::new(id),
        stem: stem.to_owned(),
        ..item(1.0, Body::TrueFalse { key: true })
    };
    let first = statement("i1", "The pull of the Moon raises two bulges of water.");
    let again = statement("i2", "The pull of the moon raises two bulges of water");
    let mut kept = Kept::default();
    assert_eq!(told(&judge(&first, &[&kept], &Context::default())), None);
    kept.keep(&first);
    assert_eq!(told(&judge(&again, &[&kept], &Context::default())).as_deref(), Some("asks the same as i1"));
    assert_eq!(told(&judge(&again, &[&Kept::default()], &Context::default())), None);
}
