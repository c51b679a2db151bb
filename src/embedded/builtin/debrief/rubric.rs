//! A guide's rubric, as far as rules go: what a criterion expects to be mentioned is counted, and what is called like one of the usual
//! criteria is rated like it. Everything else takes someone who understands, and is said to be not rated.

use super::{Heard, ratings};
use crate::embedded::builtin::language::Language;
use crate::embedded::builtin::text::Words;
use crate::embedded::builtin::theme::Theme;
use crate::ports::text_model::{Criterion, DraftQuote, DraftRating};

pub(super) fn ratings(
    rubric: &[Criterion],
    heard: &[Heard<'_>],
    theme: &Theme,
    asked: usize,
    language: &Language,
) -> Vec<DraftRating> {
    let usual = ratings::ratings(heard, theme, asked, language);
    rubric
        .iter()
        .map(|criterion| {
            if !criterion.keywords.is_empty() {
                return by_keywords(criterion, heard, language);
            }
            let same = |known: &&DraftRating| known.criterion == criterion.name.to_lowercase();
            match usual.iter().find(same) {
                Some(known) => DraftRating { criterion: criterion.name.clone(), ..known.clone() },
                None => DraftRating {
                    criterion: criterion.name.clone(),
                    rating: None,
                    rationale: language.feedback.not_by_rules.clone(),
                    quotes: Vec::new(),
                },
            }
        })
        .collect()
}

/// From 1, where nothing expected was said, to 5, where all of it was.
fn by_keywords(criterion: &Criterion, heard: &[Heard<'_>], language: &Language) -> DraftRating {
    let said = &language.feedback;
    let found: Vec<(&str, DraftQuote)> = criterion
        .keywords
        .iter()
        .filter_map(|keyword| Some((keyword.as_str(), heard.iter().find_map(|heard| quote(heard, keyword))?)))
        .collect();
    let (count, of) = (found.len(), criterion.keywords.len());
    let names: Vec<&str> = found.iter().map(|(keyword, _)| *keyword).collect();
    let rationale = if count == 0 {
        said.unmentioned.clone()
    } else {
        let counted = said.mentioned.replace("{count}", &count.to_string()).replace("{of}", &of.to_string());
        counted.replace("{words}", &names.join(", "))
    };
    // Without a quote there is nothing that a rating could rest on.
    let rating = (count > 0).then(|| (1.0 + 4.0 * count as f64 / of as f64).round() as u8);
    let mut quotes: Vec<DraftQuote> = Vec::new();
    for (_, quote) in found {
        if !quotes.contains(&quote) && quotes.len() < QUOTES_MAX {
            quotes.push(quote);
        }
    }
    DraftRating { criterion: criterion.name.clone(), rating, rationale, quotes }
}

fn quote(heard: &Heard<'_>, keyword: &str) -> Option<DraftQuote> {
    let wanted = Words::of(keyword).lower().join(" ");
    let at = heard.answer.words.find(&wanted)?;
    Some(heard.quote(at))
}

const QUOTES_MAX: usize = 4;
