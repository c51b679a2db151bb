//! Items without a model, by `generate`: all at once, from all passages, since its distractors are other words of the same text. What rules
//! cannot make is said to be missing, with the reason.

use super::{Harvest, Plan};
use crate::config::limits::QUIZ_REJECTED_MAX;
use crate::quiz::generate::{Kind, Order, generate};
use crate::quiz::paper::Rejected;
use std::collections::BTreeMap;

/// What the rules made of a plan.
#[derive(Clone, Debug, PartialEq)]
pub struct ByRules {
    pub harvest: Harvest,
    pub missing: BTreeMap<String, u32>,
    /// Why some are missing, for whoever asked for them.
    pub reason: Option<String>,
}

pub fn by_rules(plan: &Plan) -> ByRules {
    let made_by_rules = |name: &str| Kind::ALL.into_iter().find(|kind| kind.as_str() == name);
    let counts = plan.missing.iter().filter_map(|(name, count)| Some((made_by_rules(name)?, *count as usize)));
    let order = Order {
        language: plan.language.clone(),
        counts: counts.collect(),
        seed: plan.seed,
        besides: plan.items.clone(),
    };
    let generated = generate(&plan.material, &order);
    let mut missing = plan.missing.clone();
    for item in &generated.items {
        if let Some(count) = missing.get_mut(item.body.kind()) {
            *count = count.saturating_sub(1);
        }
    }
    missing.retain(|_, count| *count > 0);
    // Of drafts that fell through, those tell something whose kind is short of items.
    let rejected = generated
        .rejected
        .into_iter()
        .filter(|(item, _)| missing.contains_key(item.body.kind()))
        .take(QUIZ_REJECTED_MAX)
        .map(|(item, verdict)| Rejected { item, findings: verdict.findings })
        .collect();
    let reason = reason(&missing);
    ByRules { harvest: Harvest { items: generated.items, rejected, ..Harvest::default() }, missing, reason }
}

fn reason(missing: &BTreeMap<String, u32>) -> Option<String> {
    let by_rules: Vec<&str> = Kind::ALL.into_iter().map(Kind::as_str).collect();
    let (short, beyond): (Vec<&str>, Vec<&str>) =
        missing.keys().map(String::as_str).partition(|name| by_rules.contains(name));
    let said = |names: &[&str]| names.join(", ").replace('_', " ");
    let short = (!short.is_empty()).then(|| {
        format!(
            "the text has too few sentences that the built-in rules can make items of these kinds from: {}",
            said(&short)
        )
    });
    let beyond = (!beyond.is_empty())
        .then(|| format!("these kinds need a language model, which this server does not have: {}", said(&beyond)));
    let parts: Vec<String> = [beyond, short].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join("; "))
}
