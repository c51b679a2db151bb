//! Feedback by rules: what the answers contain and lack, each point with the candidate's own words.
//!
//! It counts and quotes; it does not know whether something is true, and says so.

mod findings;
mod ratings;
mod rubric;

use super::answer::Answer;
use super::language::{Feedback, Language, Mode, language_of};
use super::theme::Theme;
use crate::ports::text_model::{Debrief, DebriefDraft, DraftQuote, Exchange, Outcome};

/// An answer with the question that it belongs to.
#[derive(Debug)]
struct Heard<'a> {
    turn: u32,
    question: &'a str,
    answer: Answer<'a>,
}

pub(crate) fn debrief(task: &Debrief) -> DebriefDraft {
    let (language, _) = language_of(&task.subject.language);
    let theme = Theme::of(&task.subject, language);
    let heard = heard(&task.exchanges, language);
    let words = heard.iter().map(|heard| heard.answer.len()).sum::<usize>();
    let said = &language.feedback;
    if words == 0 {
        return DebriefDraft {
            summary: format!("{} {}", said.rules, said.nothing),
            ratings: ratings::none(said, &task.criteria),
            ..DebriefDraft::default()
        };
    }
    let strengths = findings::strengths(&heard, theme.mode, language);
    let improvements = findings::improvements(&heard, theme.mode, language);
    let summary = summary(task, said, heard.len(), words, &strengths, &improvements);
    DebriefDraft {
        summary,
        strengths: strengths.into_iter().map(|point| point.finding).collect(),
        improvements: improvements.into_iter().map(|point| point.finding).collect(),
        ratings: if task.criteria.is_empty() {
            ratings::ratings(&heard, &theme, task.exchanges.len(), language)
        } else {
            rubric::ratings(&task.criteria, &heard, &theme, task.exchanges.len(), language)
        },
    }
}

fn heard<'a>(exchanges: &'a [Exchange], language: &Language) -> Vec<Heard<'a>> {
    exchanges
        .iter()
        .filter_map(|exchange| match &exchange.outcome {
            Outcome::Answered { text } => {
                let answer = Answer::of(text, language);
                (answer.len() > 0).then_some(Heard { turn: exchange.turn, question: &exchange.question, answer })
            }
            Outcome::Skipped | Outcome::Unanswered => None,
        })
        .collect()
}

fn summary(
    task: &Debrief,
    said: &Feedback,
    answered: usize,
    words: usize,
    strengths: &[findings::Point<'_>],
    improvements: &[findings::Point<'_>],
) -> String {
    let skipped = task.exchanges.iter().filter(|exchange| exchange.outcome == Outcome::Skipped).count();
    let mut parts = vec![
        said.rules.clone(),
        said.counted
            .replace("{answered}", &answered.to_string())
            .replace("{asked}", &task.exchanges.len().to_string())
            .replace("{words}", &words.to_string()),
    ];
    match skipped {
        0 => {}
        1 => parts.push(said.skipped_one.clone()),
        _ => parts.push(said.skipped_many.replace("{skipped}", &skipped.to_string())),
    }
    let names = |points: &[findings::Point<'_>]| {
        points.iter().map(|point| point.name).take(SUMMARY_POINTS_MAX).collect::<Vec<_>>().join("; ")
    };
    if !strengths.is_empty() {
        parts.push(said.best.replace("{points}", &names(strengths)));
    }
    if !improvements.is_empty() {
        parts.push(said.work_on.replace("{points}", &names(improvements)));
    }
    parts.join(" ")
}

impl Heard<'_> {
    fn quote(&self, at: usize) -> DraftQuote {
        DraftQuote { turn: self.turn, quote: self.answer.quote(at).to_owned() }
    }

    /// Which of the things that a full answer has are there.
    fn parts(&self, mode: Mode) -> [bool; 4] {
        let answer = &self.answer;
        match mode {
            Mode::Interview => [
                answer.example.is_some(),
                answer.own_action.is_some(),
                answer.result.is_some(),
                answer.reason.is_some() || answer.lesson.is_some(),
            ],
            Mode::Exam => [
                answer.len() >= STATEMENT_WORDS_MIN,
                answer.reason.is_some(),
                answer.example.is_some(),
                answer.tradeoff.is_some() || answer.result.is_some(),
            ],
        }
    }
}

const SUMMARY_POINTS_MAX: usize = 2;
/// A statement that can stand in an exam has so many words.
const STATEMENT_WORDS_MIN: usize = 15;
