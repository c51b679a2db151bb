//! Strengths and things to work on. Each needs words that show it: a point that cannot be quoted is not made.

use super::Heard;
use crate::embedded::builtin::language::{Gap, Language, Mode, Strength};
use crate::ports::text_model::{DraftFinding, DraftQuote};

/// A finding, and how the summary names it.
#[derive(Debug)]
pub(super) struct Point<'l> {
    pub(super) name: &'l str,
    pub(super) finding: DraftFinding,
}

pub(super) fn strengths<'l>(heard: &[Heard<'_>], mode: Mode, language: &'l Language) -> Vec<Point<'l>> {
    let order: &[Strength] = match mode {
        Mode::Interview => &[
            Strength::Result,
            Strength::Figure,
            Strength::Decision,
            Strength::Lesson,
            Strength::Tradeoff,
            Strength::OwnPart,
            Strength::Example,
        ],
        Mode::Exam => &[Strength::Reason, Strength::Example, Strength::Tradeoff, Strength::Figure],
    };
    let mut points: Vec<Point<'l>> = Vec::new();
    for strength in order {
        let Some(told) = language.feedback.strengths.get(strength) else { continue };
        let quotes = heard.iter().filter_map(|heard| Some(heard.quote(shows(heard, *strength)?)));
        let quotes = fresh(quotes, &points);
        if !quotes.is_empty() {
            points.push(Point { name: &told.name, finding: DraftFinding { text: told.text.clone(), quotes } });
        }
        if points.len() == POINTS_MAX {
            break;
        }
    }
    points
}

pub(super) fn improvements<'l>(heard: &[Heard<'_>], mode: Mode, language: &'l Language) -> Vec<Point<'l>> {
    let order: &[Gap] = match mode {
        Mode::Interview => {
            &[Gap::NoResult, Gap::OnlyWe, Gap::NoExample, Gap::NoReason, Gap::Brief, Gap::Vague, Gap::NoFigure]
        }
        Mode::Exam => &[Gap::NoReason, Gap::NoExample, Gap::Brief, Gap::Vague],
    };
    let mut points: Vec<Point<'l>> = Vec::new();
    for gap in order {
        let Some(told) = language.feedback.improvements.get(gap) else { continue };
        let quotes = (0..heard.len()).filter_map(|index| Some(heard[index].quote(lacks(heard, index, *gap, mode)?)));
        let quotes = fresh(quotes, &points);
        if !quotes.is_empty() {
            points.push(Point { name: &told.name, finding: DraftFinding { text: told.text.clone(), quotes } });
        }
        if points.len() == POINTS_MAX {
            break;
        }
    }
    points
}

/// Where an answer shows it.
fn shows(heard: &Heard<'_>, strength: Strength) -> Option<usize> {
    let answer = &heard.answer;
    match strength {
        Strength::Result => answer.result.filter(|_| answer.len() >= TOLD_WORDS_MIN),
        Strength::Figure => answer.figures.iter().find(|figure| figure.change).map(|figure| figure.from),
        Strength::Decision => answer.decision.filter(|_| answer.reason.is_some()),
        Strength::Lesson => answer.lesson,
        Strength::Tradeoff => answer.tradeoff.filter(|_| answer.len() >= TOLD_WORDS_MIN),
        Strength::Reason => answer.reason.filter(|_| answer.len() >= TOLD_WORDS_MIN),
        Strength::Example => answer.example.filter(|_| answer.len() >= TOLD_WORDS_MIN),
        Strength::OwnPart => answer.own_action,
    }
}

/// Where an answer could have held what it lacks.
fn lacks(all: &[Heard<'_>], index: usize, gap: Gap, mode: Mode) -> Option<usize> {
    let answer = &all[index].answer;
    // The last question looks back or ahead: there a full story is not asked for.
    let closing = index + 1 == all.len() && all.len() > 2;
    let told = answer.len() >= TOLD_WORDS_MIN && !closing;
    match gap {
        Gap::NoResult => {
            // What came of it may have been told when it was asked about.
            let told_later = all.get(index + 1).is_some_and(|next| next.answer.result.is_some());
            answer.own_action.filter(|_| told && answer.result.is_none() && !told_later)
        }
        Gap::OnlyWe => {
            let own_later = all.get(index + 1).is_some_and(|next| next.answer.own_action.is_some());
            (answer.only_we() && !own_later).then_some(0)
        }
        Gap::NoExample => {
            let concrete = if mode == Mode::Exam { answer.example.is_some() } else { answer.is_concrete() };
            (told && !concrete && !answer.unsure).then_some(0)
        }
        Gap::NoReason if mode == Mode::Exam => (told && answer.reason.is_none()).then_some(0),
        Gap::NoReason => answer.decision.filter(|_| answer.reason.is_none()),
        Gap::Brief => (answer.is_brief() && !answer.asks_again).then_some(0),
        Gap::Vague => answer.vague_at.filter(|_| answer.vague >= VAGUE_WORDS_MIN),
        Gap::NoFigure => answer.result.filter(|_| all.iter().all(|heard| heard.answer.figures.is_empty())),
    }
}

/// A few quotes, rather ones that no other point has.
fn fresh(quotes: impl Iterator<Item = DraftQuote>, points: &[Point<'_>]) -> Vec<DraftQuote> {
    let mut quotes = quotes.filter(|quote| !quote.quote.is_empty()).collect::<Vec<_>>();
    quotes.dedup();
    let known = |quote: &DraftQuote| points.iter().any(|point| point.finding.quotes.contains(quote));
    quotes.sort_by_key(known);
    let new = quotes.iter().filter(|quote| !known(quote)).count();
    quotes.truncate(new.clamp(1, QUOTES_MAX));
    quotes
}

const POINTS_MAX: usize = 3;
const QUOTES_MAX: usize = 2;
/// An answer of fewer words is not expected to hold everything.
const TOLD_WORDS_MIN: usize = 18;
const VAGUE_WORDS_MIN: usize = 3;
