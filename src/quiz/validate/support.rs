//! Whether the cited span carries the key: by its words and figures, as far as words can tell.

use super::{Code, Context, Finding, Sources};
use crate::config::limits::QUIZ_SUPPORT_SHARE_MIN;
use crate::quiz::item::{Body, Choice, GapKind, Item, NumericKey, OptionId, Part, TextKey};
use crate::quiz::language::language;
use crate::quiz::score::meets_number;
use crate::quiz::text::{figures, normal, share, stems};
use std::collections::BTreeSet;

pub(super) fn findings(item: &Item, context: &Context<'_>) -> Vec<Finding> {
    let Some(source) = &item.source else {
        return match context.sources {
            Sources::Required => vec![Finding::reject(Code::SourceMissing, "it rests on no span of a document")],
            Sources::Optional => Vec::new(),
        };
    };
    let quote = normal(&source.quote);
    if quote.is_empty() {
        return vec![Finding::reject(Code::SourceMissing, "the span it rests on is empty")];
    }
    if let Some(passage) = context.passages.get(source.passage.as_str())
        && !normal(passage).contains(&quote)
    {
        return vec![Finding::reject(Code::QuoteNotInPassage, "the words it cites are not in the passage")];
    }
    match Span::of(item, &source.quote, quote).unsupported() {
        Some(what) => vec![Finding::reject(Code::KeyNotSupported, format!("the span does not hold “{what}”"))],
        None => Vec::new(),
    }
}

/// The words that are cited, made comparable once for all that is held against them.
struct Span<'a> {
    item: &'a Item,
    small: &'static [&'static str],
    normal: String,
    stems: BTreeSet<String>,
    figures: Vec<f64>,
}

impl<'a> Span<'a> {
    fn of(item: &'a Item, quote: &str, normal: String) -> Self {
        let small = language(&item.language).small;
        Self { item, small, normal, stems: stems(quote, small), figures: values(quote, &item.language) }
    }

    /// The first key that the span does not carry. A false statement need only speak of what the span speaks of.
    fn unsupported(&self) -> Option<String> {
        match &self.item.body {
            Body::SingleChoice { options, keys } | Body::MultipleChoice { options, keys, .. } => {
                self.options(options, keys)
            }
            Body::Ordering { options, key, .. } => self.options(options, key),
            Body::TrueFalse { key } => self.statement(*key),
            Body::ShortText { key } => self.text(key),
            Body::Numeric { keys, .. } => self.number(keys),
            Body::Matching { targets, key, .. } => {
                let keys: Vec<OptionId> = key.values().cloned().collect();
                self.options(targets, &keys)
            }
            Body::Cloze { parts, .. } => parts.iter().find_map(|part| match part {
                Part::Text(_) => None,
                Part::Gap(gap) => match &gap.kind {
                    GapKind::Text { key } => self.text(key),
                    GapKind::Numeric { keys } => self.number(keys),
                    GapKind::Choice { options, key } => self.options(options, std::slice::from_ref(key)),
                },
            }),
            // Criteria are a teacher's own words.
            Body::FreeText { .. } => None,
        }
    }

    fn options(&self, options: &[Choice], keys: &[OptionId]) -> Option<String> {
        options
            .iter()
            .filter(|option| keys.contains(&option.id))
            .find(|option| !self.holds(&option.text))
            .map(|option| option.text.clone())
    }

    fn text(&self, key: &TextKey) -> Option<String> {
        let bare = |text: &str| text.replace("\\*", " ").replace('*', " ");
        let any = key.accepted.iter().any(|accepted| self.holds(&bare(&accepted.text)));
        if any { None } else { key.accepted.first().map(|accepted| accepted.text.clone()) }
    }

    fn number(&self, keys: &[NumericKey]) -> Option<String> {
        let held = self.figures.iter().any(|value| meets_number(keys, *value).is_some());
        if held { None } else { keys.first().map(|key| key.value.to_string()) }
    }

    /// Most of its words, in whatever form, and all of its figures; or the very words.
    fn holds(&self, text: &str) -> bool {
        self.carries(text, &stems(text, self.small))
    }

    fn carries(&self, text: &str, wanted: &BTreeSet<String>) -> bool {
        let all_figures = values(text, &self.item.language).iter().all(|value| self.figures.contains(value));
        let words = if wanted.is_empty() {
            self.normal.contains(&normal(text))
        } else {
            share(wanted, &self.stems) >= QUIZ_SUPPORT_SHARE_MIN
        };
        words && all_figures
    }

    fn statement(&self, key: bool) -> Option<String> {
        let stated = self.stated();
        let said = stems(stated, self.small);
        let carried = if key {
            self.carries(stated, &said)
        } else {
            share(&said, &self.stems) >= FALSE_SHARE_MIN && !self.repeats(stated)
        };
        if carried { None } else { Some(stated.to_owned()) }
    }

    /// The statement itself, where the stem puts it in quotation marks.
    fn stated(&self) -> &str {
        let stem = self.item.stem.as_str();
        let inner = |open: char, close: char| {
            let start = stem.find(open)? + open.len_utf8();
            let end = stem.rfind(close).filter(|end| *end > start)?;
            Some(&stem[start..end])
        };
        inner('“', '”').or_else(|| inner('„', '“')).unwrap_or(stem)
    }

    /// A statement that the span makes word for word is not false.
    fn repeats(&self, stated: &str) -> bool {
        self.normal.contains(&normal(stated))
    }
}

fn values(text: &str, language: &str) -> Vec<f64> {
    figures(text, language).into_iter().map(|(_, value)| value).collect()
}

/// So much of a false statement must be of what the span speaks of.
const FALSE_SHARE_MIN: f64 = 0.4;
