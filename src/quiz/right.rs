//! What is right, in words for people: for whoever left an item out and wants to know. Never shown before submission.

use super::item::{Body, Choice, Item, OptionId, Part};

/// The keys' texts, the lines in their order, each prompt with its target, what stands in the gaps; nothing for a free text.
pub fn right(item: &Item) -> Vec<String> {
    match &item.body {
        Body::SingleChoice { options, keys } | Body::MultipleChoice { options, keys, rule: _ } => texts(options, keys),
        Body::TrueFalse { key } => vec![key.to_string()],
        Body::ShortText { key } => {
            key.accepted.first().map(|first| first.text.replace("\\*", "*")).into_iter().collect()
        }
        Body::Numeric { keys, unit } => {
            let shown = |value: f64| unit.as_ref().map_or_else(|| value.to_string(), |unit| format!("{value} {unit}"));
            keys.first().map(|key| shown(key.value)).into_iter().collect()
        }
        Body::Ordering { options, key, rule: _ } => texts(options, key),
        Body::Matching { prompts, targets, key, rule: _ } => prompts
            .iter()
            .filter_map(|prompt| {
                let target = text_of(targets, key.get(&prompt.id)?)?;
                Some(format!("{} → {target}", prompt.text))
            })
            .collect(),
        Body::Cloze { parts, rule: _ } => parts
            .iter()
            .filter_map(|part| match part {
                Part::Gap(gap) => gap.filled(),
                Part::Text(_) => None,
            })
            .collect(),
        Body::FreeText { .. } => Vec::new(),
    }
}

fn texts(options: &[Choice], ids: &[OptionId]) -> Vec<String> {
    ids.iter().filter_map(|id| text_of(options, id)).map(str::to_owned).collect()
}

fn text_of<'c>(options: &'c [Choice], id: &OptionId) -> Option<&'c str> {
    options.iter().find(|option| option.id == *id).map(|option| option.text.as_str())
}
