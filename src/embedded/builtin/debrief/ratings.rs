//! Ratings from counts, 1 to 5, on the criteria of every model. Too little material gives none.
//!
//! Each answer has up to four points for a criterion; the rating is one more than their mean.

use super::Heard;
use crate::embedded::builtin::language::{Criterion, Feedback, Language, Mode};
use crate::embedded::builtin::text::{Words, content_words};
use crate::embedded::builtin::theme::Theme;
use crate::ports::text_model::{Criterion as RubricCriterion, DraftQuote, DraftRating};

pub(super) fn ratings(heard: &[Heard<'_>], theme: &Theme, asked: usize, language: &Language) -> Vec<DraftRating> {
    let said = &language.feedback;
    let words = heard.iter().map(|heard| heard.answer.len()).sum::<usize>();
    if heard.len() < ANSWERS_MIN || words < WORDS_MIN {
        return none(said, &[]);
    }
    CRITERIA
        .into_iter()
        .filter_map(|(criterion, name)| {
            let words = said.criteria.get(&criterion)?;
            let points =
                (0..heard.len()).map(|index| points(heard, index, criterion, theme, language)).collect::<Vec<_>>();
            // What was skipped says nothing of its structure, but it was not to the point either.
            let of = if criterion == Criterion::Relevance { asked.max(heard.len()) } else { heard.len() };
            let mean = points.iter().sum::<usize>() as f64 / of as f64;
            let good = points.iter().filter(|points| **points >= GOOD_POINTS).count();
            Some(DraftRating {
                criterion: name.to_owned(),
                rating: Some((1.0 + mean).round().clamp(1.0, 5.0) as u8),
                rationale: words.replace("{count}", &good.to_string()).replace("{of}", &of.to_string()),
                quotes: best_quotes(heard, &points, criterion),
            })
        })
        .collect()
}

/// None of the rubric's criteria, or of the usual ones, can be rated.
pub(super) fn none(said: &Feedback, rubric: &[RubricCriterion]) -> Vec<DraftRating> {
    let usual = CRITERIA.iter().map(|(_, name)| *name).filter(|_| rubric.is_empty());
    usual
        .chain(rubric.iter().map(|criterion| criterion.name.as_str()))
        .map(|name| DraftRating {
            criterion: name.to_owned(),
            rating: None,
            rationale: said.too_little.clone(),
            quotes: Vec::new(),
        })
        .collect()
}

fn points(all: &[Heard<'_>], index: usize, criterion: Criterion, theme: &Theme, language: &Language) -> usize {
    let heard = &all[index];
    let answer = &heard.answer;
    let count = |parts: [bool; 4]| parts.into_iter().filter(|part| *part).count();
    match criterion {
        Criterion::Structure => {
            // A part that was told when it was asked about counts as told.
            let next = all.get(index + 1).map_or([false; 4], |next| next.parts(theme.mode));
            let own = heard.parts(theme.mode);
            own.into_iter().zip(next).filter(|(own, next)| *own || *next).count()
        }
        Criterion::Specificity => count([
            !answer.figures.is_empty(),
            answer.example.is_some(),
            answer.mentions.iter().any(|mention| mention.term) || answer.mentions.len() >= MENTIONS_MIN,
            answer.len() >= FULL_WORDS_MIN && answer.vague < 3,
        ]),
        Criterion::Depth => count([
            answer.reason.is_some(),
            answer.tradeoff.is_some(),
            answer.lesson.is_some() || answer.difficulty.is_some() || answer.decision.is_some(),
            answer.len() >= FULL_WORDS_MIN,
        ]),
        Criterion::Relevance => {
            let context = format!("{} {}", heard.question, theme.words);
            let context = Words::of(&context);
            let known = content_words(&context, &language.stop);
            let shared = content_words(&answer.words, &language.stop).into_iter().any(|word| known.contains(&word));
            let concrete = answer.is_concrete();
            if answer.unsure || answer.is_brief() {
                usize::from(shared)
            } else {
                2 + usize::from(shared) + usize::from(concrete && (shared || theme.mode == Mode::Interview))
            }
        }
    }
}

fn best_quotes(heard: &[Heard<'_>], points: &[usize], criterion: Criterion) -> Vec<DraftQuote> {
    let best =
        heard.iter().zip(points).filter(|(_, points)| **points >= GOOD_POINTS).max_by_key(|(_, points)| **points);
    best.map(|(heard, _)| {
        let answer = &heard.answer;
        let at = match criterion {
            Criterion::Specificity => answer.figures.first().map(|figure| figure.from).or(answer.example),
            Criterion::Depth => answer.reason.or(answer.tradeoff),
            Criterion::Structure => answer.result.or(answer.reason),
            Criterion::Relevance => None,
        };
        heard.quote(at.unwrap_or(0))
    })
    .into_iter()
    .collect()
}

const CRITERIA: [(Criterion, &str); 4] = [
    (Criterion::Relevance, "relevance"),
    (Criterion::Structure, "structure"),
    (Criterion::Specificity, "specificity"),
    (Criterion::Depth, "depth"),
];
const ANSWERS_MIN: usize = 2;
const WORDS_MIN: usize = 60;
const GOOD_POINTS: usize = 2;
const FULL_WORDS_MIN: usize = 30;
const MENTIONS_MIN: usize = 3;
