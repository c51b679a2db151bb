//! Items without a model, by `generate`: all at once, from all passages in the quiz's language, since its distractors are other words of the same
//! text. What rules cannot make is said to be missing, with the reason; in a language that they have no data of they make nothing.

use super::{Harvest, Plan};
use crate::config::limits::QUIZ_REJECTED_MAX;
use crate::quiz::generate::{KINDS, Order, generate};
use crate::quiz::item::Kind;
use crate::quiz::language::{known, known_names, name_of};
use crate::quiz::paper::{MakingFailure, Rejected};
use std::collections::BTreeMap;

/// What the rules made of a plan.
#[derive(Clone, Debug, PartialEq)]
pub struct ByRules {
    pub harvest: Harvest,
    pub missing: BTreeMap<Kind, u32>,
    /// Why some are missing, for whoever asked for them.
    pub failure: Option<MakingFailure>,
}

pub fn by_rules(plan: &Plan) -> ByRules {
    let (own, others) = plan.in_language();
    if let Some(failure) = no_rules(plan) {
        return ByRules { harvest: Harvest::default(), missing: plan.missing.clone(), failure: Some(failure) };
    }
    let by_rules = plan.missing.iter().filter(|(kind, _)| KINDS.contains(kind));
    let order = Order {
        language: plan.language().to_owned(),
        counts: by_rules.map(|(kind, count)| (*kind, *count as usize)).collect(),
        seed: plan.seed,
        besides: plan.items.clone(),
        ids: plan.ids.clone(),
    };
    let generated = generate(&own, &order);
    let mut missing = plan.missing.clone();
    for item in &generated.items {
        if let Some(count) = missing.get_mut(&item.body.kind()) {
            *count = count.saturating_sub(1);
        }
    }
    missing.retain(|_, count| *count > 0);
    // Of drafts that fell through, those tell something whose kind is short of items.
    let rejected = generated
        .rejected
        .into_iter()
        .filter(|(item, _)| missing.contains_key(&item.body.kind()))
        .take(QUIZ_REJECTED_MAX)
        .map(|(item, verdict)| Rejected { item, findings: verdict.findings })
        .collect();
    let failure = reason(&missing, others).map(|reason| failure("incomplete", reason));
    ByRules { harvest: Harvest { items: generated.items, rejected, ..Harvest::default() }, missing, failure }
}

/// Why the rules can make nothing at all of it.
fn no_rules(plan: &Plan) -> Option<MakingFailure> {
    let rules = known_names();
    let Some(language) = plan.language.as_deref() else {
        let reason =
            format!("the text is too short, or too little of it is sentences, to tell its language: name it ({rules})");
        return Some(failure("language_unclear", reason));
    };
    let name = name_of(language);
    if known(language).is_none() {
        let reason = format!(
            "the built-in rules make questions in {rules} alone, and this is {name}: that needs a language model, which this server does \
             not have, or questions that are written by hand"
        );
        return Some(failure("language_unknown", reason));
    }
    let foreign = plan.is_foreign()?;
    let reason =
        format!("{foreign}: the built-in rules do not translate; name the language of the text, or other documents");
    Some(failure("language_differs", reason))
}

fn failure(code: &str, reason: String) -> MakingFailure {
    MakingFailure { code: code.to_owned(), reason }
}

/// `others`: passages that are in another language.
fn reason(missing: &BTreeMap<Kind, u32>, others: usize) -> Option<String> {
    let (short, beyond): (Vec<Kind>, Vec<Kind>) = missing.keys().partition(|kind| KINDS.contains(kind));
    let said = |kinds: &[Kind]| kinds.iter().map(|kind| kind.as_str().replace('_', " ")).collect::<Vec<_>>().join(", ");
    let short = (!short.is_empty()).then(|| {
        format!(
            "the text has too few sentences that the built-in rules can make items of these kinds from: {}",
            said(&short)
        )
    });
    let beyond = (!beyond.is_empty())
        .then(|| format!("these kinds need a language model, which this server does not have: {}", said(&beyond)));
    let others = (!missing.is_empty() && others > 0)
        .then(|| format!("parts of the text that are in another language than the quiz were left aside: {others}"));
    let parts: Vec<String> = [beyond, short, others].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join("; "))
}
