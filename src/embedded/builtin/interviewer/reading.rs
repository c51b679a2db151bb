//! Questions about files, made of the files' own sentences: what a term is, why something is so, what a statement means. A sentence that
//! speaks to whoever rates, or that is no statement, is passed over; nothing in a file decides how the interview goes.

use super::{Asked, choose};
use crate::chat::words::sentences;
use crate::embedded::builtin::answer::Answer;
use crate::embedded::builtin::language::{Language, Reading, Wording};
use crate::embedded::builtin::text::{Gist, Words, seed};
use crate::ports::text_model::{NextQuestion, Outcome, Source};

/// A question about the passages; `None`: there is nothing in them that was not asked about.
pub(super) fn asked(task: &NextQuestion, language: &'static Language) -> Option<Asked> {
    let before: Vec<&str> = task.history.iter().map(|exchange| exchange.question.as_str()).collect();
    let mut found: Vec<Found<'_>> = Vec::new();
    for (rank, source) in task.sources.iter().enumerate() {
        for (place, range) in sentences(&source.text).into_iter().enumerate() {
            found.extend(question_in(&source.text[range], language).map(|kind| Found { kind, source, rank, place }));
        }
    }
    found.retain(|found| found.is_news(&before, language));
    // The best passages first; within one, what asks for more than words.
    found.sort_by_key(|found| (found.rank / RANKS_ALIKE, found.kind.order(), found.rank, found.place));
    let best = found.into_iter().next()?;
    let (core, short) = best.words(&language.reading, task);
    Some(Asked { lead: lead(task, language), core, short })
}

fn lead(task: &NextQuestion, language: &Language) -> String {
    let say = &language.say;
    let key = |purpose| seed(&[&task.subject.topic, &task.turn.to_string(), purpose]);
    if task.turn == 1 {
        return choose(&say.greetings, key("greeting")).to_owned();
    }
    let leads = match task.history.last().map(|exchange| &exchange.outcome) {
        Some(Outcome::Skipped) => &say.skip_acks,
        Some(Outcome::Unanswered) | None => &say.empty_acks,
        Some(Outcome::Answered { text }) if Answer::of(text, language).unsure => &say.unsure_acks,
        Some(Outcome::Answered { .. }) => &say.acks,
    };
    choose(leads, key("lead")).to_owned()
}

/// What a sentence gives reason to ask.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Asking<'a> {
    /// What this is.
    Term(&'a str),
    /// Why it is so.
    Reason(&'a str),
    /// What it means.
    Meaning(&'a str),
}

#[derive(Clone, Debug)]
struct Found<'a> {
    kind: Asking<'a>,
    source: &'a Source,
    rank: usize,
    place: usize,
}

fn question_in<'a>(sentence: &'a str, language: &Language) -> Option<Asking<'a>> {
    let words = Words::of(sentence);
    let is_statement = (STATEMENT_WORDS_MIN..=STATEMENT_WORDS_MAX).contains(&words.len())
        && sentence.starts_with(char::is_alphabetic)
        && sentence.ends_with(['.', '!'])
        && !sentence.contains(['|', '{', '}', '<', '>', '\n', '?'])
        && !sentence.contains("://");
    if !is_statement || Answer::of(sentence, language).addressed {
        return None;
    }
    let reading = &language.reading;
    if let Some(term) = term(&words, language) {
        return Some(Asking::Term(term));
    }
    let kind = if words.has_any(&reading.causes) { Asking::Reason } else { Asking::Meaning };
    Some(kind(sentence))
}

/// What a sentence explains: the few words before "is", without an article.
fn term<'a>(words: &Words<'a>, language: &Language) -> Option<&'a str> {
    let (at, _) = words.find_any(&language.reading.defines)?;
    let from = usize::from(language.reading.articles.contains(&words.lower()[0]));
    let fits = (1..=TERM_WORDS_MAX).contains(&at.saturating_sub(from)) && at > from;
    let is_name = fits && words.lower()[from..at].iter().all(|word| !language.is_stop(word));
    is_name.then(|| words.slice(from, at))
}

impl Asking<'_> {
    fn order(&self) -> u8 {
        match self {
            Self::Term(_) => 0,
            Self::Reason(_) => 1,
            Self::Meaning(_) => 2,
        }
    }
}

impl Found<'_> {
    fn is_news(&self, before: &[&str], language: &Language) -> bool {
        match &self.kind {
            Asking::Term(term) => {
                let term = term.to_lowercase();
                before.iter().all(|question| Words::of(question).find(&term).is_none())
            }
            Asking::Reason(sentence) | Asking::Meaning(sentence) => {
                let (words, gist) = (Words::of(sentence), Gist::of(sentence, &language.stop));
                let opening = words.lower()[..STATEMENT_WORDS_MIN.min(words.len())].join(" ");
                before.iter().all(|question| {
                    let is_quoted = Words::of(question).find(&opening).is_some();
                    !is_quoted && Gist::of(question, &language.stop).likeness(&gist) <= LIKENESS_MAX
                })
            }
        }
    }

    fn words(&self, reading: &Reading, task: &NextQuestion) -> (String, String) {
        let (wordings, quote) = match &self.kind {
            Asking::Term(term) => (&reading.term, term),
            Asking::Reason(sentence) => (&reading.reason, sentence),
            Asking::Meaning(sentence) => (&reading.meaning, sentence),
        };
        let key = seed(&[&task.subject.topic, &task.turn.to_string(), "reading"]);
        let Wording { ask, short } = &wordings[(key % wordings.len() as u64) as usize];
        let Source { name, place, .. } = self.source;
        let place = if place.is_empty() { name.clone() } else { format!("{name}, {place}") };
        let filled = |line: &str| {
            // What is quoted is put in last, so that nothing in it is taken for a gap.
            let (before, after) = line.split_once("{quote}").unwrap_or((line, ""));
            format!("{}{quote}{}", before.replace("{where}", &place), after.replace("{where}", &place))
        };
        (filled(ask), filled(short))
    }
}

/// Passages that are about as good as each other.
const RANKS_ALIKE: usize = 3;
const STATEMENT_WORDS_MIN: usize = 5;
const STATEMENT_WORDS_MAX: usize = 34;
const TERM_WORDS_MAX: usize = 4;
const LIKENESS_MAX: f64 = 0.5;
