//! Whether an item is whole: counts, keys, lengths, numbers. All of it rejects.

use super::{Code, Finding};
use crate::config::limits::{
    QUIZ_ACCEPTED_MAX, QUIZ_OPTION_CHARS_MAX, QUIZ_OPTIONS_MAX, QUIZ_POINTS_MAX, QUIZ_STARS_MAX, QUIZ_STEM_CHARS_MAX,
};
use crate::quiz::item::{Body, Choice, Criterion, Gap, GapKind, Item, NumericKey, OptionId, Part, TextKey, Tolerance};
use crate::quiz::text::{Pattern, normal};
use std::collections::BTreeSet;

pub(super) fn findings(item: &Item) -> Vec<Finding> {
    let mut found = Vec::new();
    if item.stem.trim().is_empty() {
        found.push(Finding::reject(Code::StemEmpty, "there is no question"));
    }
    if item.stem.chars().count() > QUIZ_STEM_CHARS_MAX {
        found.push(Finding::reject(
            Code::StemTooLong,
            format!("the question has more than {QUIZ_STEM_CHARS_MAX} characters"),
        ));
    }
    if !(item.points > 0.0 && item.points <= QUIZ_POINTS_MAX) {
        found.push(Finding::reject(Code::PointsInvalid, format!("points are above 0 and at most {QUIZ_POINTS_MAX}")));
    }
    match &item.body {
        Body::SingleChoice { options, keys } => {
            options_of(options, 2, &mut found);
            keys_of(options, keys, 1..=1, &mut found);
        }
        Body::MultipleChoice { options, keys, rule: _ } => {
            options_of(options, 3, &mut found);
            keys_of(options, keys, 1..=options.len().saturating_sub(1).max(1), &mut found);
        }
        Body::TrueFalse { key: _ } => {}
        Body::ShortText { key } => text_key(key, &mut found),
        Body::Numeric { keys, unit: _ } => numbers(keys, &mut found),
        Body::Ordering { options, key, rule: _ } => {
            options_of(options, 3, &mut found);
            keys_of(options, key, options.len()..=options.len(), &mut found);
        }
        Body::Matching { prompts, targets, key, rule: _ } => {
            options_of(prompts, 2, &mut found);
            options_of(targets, 2, &mut found);
            let keys: Vec<OptionId> = key.keys().cloned().collect();
            keys_of(prompts, &keys, prompts.len()..=prompts.len(), &mut found);
            if let Some(stranger) = key.values().find(|id| !has(targets, id)) {
                found.push(Finding::reject(Code::KeyUnknown, format!("no target has the id {stranger}")));
            }
        }
        Body::Cloze { parts, rule: _ } => cloze(parts, &mut found),
        Body::FreeText { rubric, sample: _ } => rubric_of(rubric, &mut found),
    }
    found
}

fn options_of(options: &[Choice], least: usize, found: &mut Vec<Finding>) {
    if options.len() < least {
        found.push(Finding::reject(Code::OptionsTooFew, format!("{} of at least {least} options", options.len())));
    }
    if options.len() > QUIZ_OPTIONS_MAX {
        found.push(Finding::reject(
            Code::OptionsTooMany,
            format!("{} of at most {QUIZ_OPTIONS_MAX} options", options.len()),
        ));
    }
    let (mut texts, mut ids) = (BTreeSet::new(), BTreeSet::new());
    for option in options {
        if option.text.trim().is_empty() {
            found.push(Finding::reject(Code::OptionEmpty, "an option is empty"));
        } else if option.text.chars().count() > QUIZ_OPTION_CHARS_MAX {
            found.push(Finding::reject(
                Code::OptionTooLong,
                format!("an option has more than {QUIZ_OPTION_CHARS_MAX} characters"),
            ));
        } else if !texts.insert(normal(&option.text)) || !ids.insert(&option.id) {
            found.push(Finding::reject(Code::OptionsEqual, format!("“{}” stands twice", option.text)));
        }
    }
}

fn has(options: &[Choice], id: &OptionId) -> bool {
    options.iter().any(|option| option.id == *id)
}

fn keys_of(options: &[Choice], keys: &[OptionId], count: std::ops::RangeInclusive<usize>, found: &mut Vec<Finding>) {
    let distinct: BTreeSet<&OptionId> = keys.iter().collect();
    if distinct.len() != keys.len() || !count.contains(&keys.len()) {
        let wanted = if count.start() == count.end() {
            count.start().to_string()
        } else {
            format!("{} to {}", count.start(), count.end())
        };
        found.push(Finding::reject(Code::KeyCount, format!("{} keys where {wanted} belong", keys.len())));
    }
    if let Some(stranger) = keys.iter().find(|id| !has(options, id)) {
        found.push(Finding::reject(Code::KeyUnknown, format!("no option has the id {stranger}")));
    }
}

fn share(share: f64, found: &mut Vec<Finding>) {
    if !(share > 0.0 && share <= 1.0) {
        found.push(Finding::reject(Code::ShareInvalid, format!("an answer is worth {share} of the points")));
    }
}

fn text_key(key: &TextKey, found: &mut Vec<Finding>) {
    if key.accepted.is_empty() || key.accepted.len() > QUIZ_ACCEPTED_MAX {
        found.push(Finding::reject(
            Code::KeyCount,
            format!("{} accepted answers, of 1 to {QUIZ_ACCEPTED_MAX}", key.accepted.len()),
        ));
    }
    for accepted in &key.accepted {
        share(accepted.share, found);
        if normal(&accepted.text).chars().all(|c| c == '*' || c == ' ') {
            found.push(Finding::reject(Code::KeyEmpty, "an accepted answer is empty, or anything at all"));
        } else if accepted.text.chars().count() > QUIZ_OPTION_CHARS_MAX {
            found.push(Finding::reject(Code::OptionTooLong, "an accepted answer is too long to be typed"));
        }
        if Pattern::of(&accepted.text).stars() > QUIZ_STARS_MAX {
            found.push(Finding::reject(
                Code::StarsTooMany,
                format!("an accepted answer has more than {QUIZ_STARS_MAX} stars that stand for anything"),
            ));
        }
    }
    if key.accepted.iter().all(|accepted| accepted.share < 1.0) && !key.accepted.is_empty() {
        found.push(Finding::reject(Code::ShareInvalid, "no answer is worth all the points"));
    }
}

fn numbers(keys: &[NumericKey], found: &mut Vec<Finding>) {
    if keys.is_empty() || keys.len() > QUIZ_ACCEPTED_MAX {
        found.push(Finding::reject(Code::KeyCount, format!("{} numbers, of 1 to {QUIZ_ACCEPTED_MAX}", keys.len())));
    }
    for key in keys {
        share(key.share, found);
        let (Tolerance::Absolute(tolerance) | Tolerance::Relative(tolerance)) = key.tolerance;
        if !key.value.is_finite() || !tolerance.is_finite() || tolerance < 0.0 {
            found.push(Finding::reject(
                Code::NumberInvalid,
                format!("{} ± {tolerance} is no number to be met", key.value),
            ));
        }
    }
    if !keys.is_empty() && keys.iter().all(|key| key.share < 1.0) {
        found.push(Finding::reject(Code::ShareInvalid, "no number is worth all the points"));
    }
}

fn cloze(parts: &[Part], found: &mut Vec<Finding>) {
    let gaps: Vec<&Gap> =
        parts.iter().filter_map(|part| if let Part::Gap(gap) = part { Some(gap) } else { None }).collect();
    let ids: BTreeSet<_> = gaps.iter().map(|gap| &gap.id).collect();
    if gaps.is_empty() || gaps.len() > QUIZ_OPTIONS_MAX || ids.len() != gaps.len() {
        found.push(Finding::reject(
            Code::GapMissing,
            format!("{} gaps, of 1 to {QUIZ_OPTIONS_MAX}, each with its own id", gaps.len()),
        ));
    }
    for gap in gaps {
        if !is_weight(gap.weight) {
            found.push(Finding::reject(Code::ShareInvalid, format!("gap {} weighs {}", gap.id, gap.weight)));
        }
        match &gap.kind {
            GapKind::Text { key } => text_key(key, found),
            GapKind::Numeric { keys } => numbers(keys, found),
            GapKind::Choice { options, key } => {
                options_of(options, 2, found);
                keys_of(options, std::slice::from_ref(key), 1..=1, found);
            }
        }
    }
}

/// Weights are added: one that is too large would leave no share of the whole.
fn is_weight(weight: f64) -> bool {
    weight > 0.0 && weight <= QUIZ_POINTS_MAX
}

fn rubric_of(rubric: &[Criterion], found: &mut Vec<Finding>) {
    if rubric.is_empty() || rubric.iter().any(|criterion| criterion.text.trim().is_empty()) {
        found.push(Finding::reject(Code::RubricEmpty, "a free text needs criteria to be graded by"));
    }
    if rubric.iter().any(|criterion| !is_weight(criterion.weight)) {
        found.push(Finding::reject(
            Code::ShareInvalid,
            format!("every criterion weighs more than 0 and at most {QUIZ_POINTS_MAX}"),
        ));
    }
}
