//! Answers made of the files' own sentences, and titles made of the question's own words. Nothing is put in other words, so that nothing is
//! claimed that the files do not say; whether they say what was meant, the reader sees.

use crate::chat::machine::title_of;
use crate::chat::words::{sentences, share, term_set};
use crate::ports::text_model::{Answer, Source, Talk, Title};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn answer(task: &Answer) -> String {
    let wanted = wanted(task);
    let mut best = ranked(&task.sources, &wanted);
    best.truncate(SENTENCES_MAX);
    if best.is_empty() {
        return NOTHING.to_owned();
    }
    // As they stand in the files, so that they read on.
    best.sort_by_key(|found| (found.source, found.place));
    let quotes = best.iter().map(|found| {
        let Source { number, name, place, .. } = &task.sources[found.source];
        let from = if place.is_empty() { name.clone() } else { format!("{name}, {place}") };
        format!("> {} [{number}]\n>\n> — {}", without_links(found.text), without_links(&from))
    });
    format!("{OPENING}\n\n{}", quotes.collect::<Vec<_>>().join("\n\n"))
}

/// What stands in a file says where it is from; it leads nowhere else.
fn without_links(text: &str) -> String {
    text.replace("](", "] (").replace('<', "‹")
}

pub(super) fn title(task: &Title) -> String {
    title_of(&task.first.question)
}

#[derive(Clone, Copy, Debug)]
struct Found<'a> {
    source: usize,
    place: usize,
    text: &'a str,
    score: f64,
}

/// What is asked for; a question without words of its own ("Why is that?") asks about the one before.
fn wanted(task: &Answer) -> BTreeSet<String> {
    let own = term_set(&task.question);
    if !own.is_empty() {
        return own;
    }
    task.talk
        .iter()
        .rev()
        .map(|Talk { question, .. }| term_set(question))
        .find(|terms| !terms.is_empty())
        .unwrap_or_default()
}

/// Sentences that hold words asked for, the best first. A word that few passages hold counts for more; the search's own order decides
/// between equals.
fn ranked<'a>(sources: &'a [Source], wanted: &BTreeSet<String>) -> Vec<Found<'a>> {
    let mut spread: BTreeMap<&String, usize> = BTreeMap::new();
    for source in sources {
        let held = term_set(&source.text);
        wanted.iter().filter(|term| held.contains(*term)).for_each(|term| *spread.entry(term).or_default() += 1);
    }
    let weight = |term: &String| spread.get(term).map_or(0.0, |passages| 1.0 / (1.0 + (*passages as f64)).ln());
    let mut found: Vec<Found<'a>> = Vec::new();
    for (source, passage) in sources.iter().enumerate() {
        for (place, range) in sentences(&passage.text).into_iter().enumerate() {
            let text = &passage.text[range];
            let held = term_set(text);
            let score: f64 = wanted.intersection(&held).map(weight).sum();
            if score > 0.0 && held.len() >= SENTENCE_TERMS_MIN && text.chars().count() <= SENTENCE_CHARS_MAX {
                found.push(Found { source, place, text, score });
            }
        }
    }
    found.sort_by(|a, b| b.score.total_cmp(&a.score).then((a.source, a.place).cmp(&(b.source, b.place))));
    distinct(found)
}

/// Files say the same thing twice: the first will do. What scores far below the best is left out.
fn distinct(found: Vec<Found<'_>>) -> Vec<Found<'_>> {
    let best = found.first().map_or(0.0, |found| found.score);
    let mut kept: Vec<Found<'_>> = Vec::new();
    for candidate in found.into_iter().take_while(|found| found.score >= best * SCORE_SHARE_MIN) {
        let terms = term_set(candidate.text);
        if kept.iter().all(|before| share(&terms, &term_set(before.text)) < SAME_SHARE_MIN) {
            kept.push(candidate);
        }
    }
    kept
}

const SENTENCES_MAX: usize = 4;
/// A heading or a scrap of a table is no answer.
const SENTENCE_TERMS_MIN: usize = 3;
const SENTENCE_CHARS_MAX: usize = 600;
const SCORE_SHARE_MIN: f64 = 0.5;
const SAME_SHARE_MIN: f64 = 0.9;
const OPENING: &str = "Your materials say:";
const NOTHING: &str = "Your materials touch on this, but no sentence in them answers it.";

#[cfg(test)]
mod tests {
    use super::answer;
    use crate::ports::text_model::{Answer, Source, Talk};

    fn source(number: u32, text: &str) -> Source {
        Source { number, name: format!("file-{number}.pdf"), place: format!("p. {number}"), text: text.to_owned() }
    }

    fn task(question: &str) -> Answer {
        let sources = vec![
            source(1, "Caching\nA cache keeps copies of responses. An ETag names one version of a resource."),
            source(2, "A cache keeps copies of responses. Whales live in the sea."),
        ];
        Answer { question: question.to_owned(), talk: Vec::new(), sources }
    }

    #[test]
    fn an_answer_quotes_the_sentence_that_holds_the_words_asked_for() {
        let said = answer(&task("What does an ETag name?"));
        assert_eq!(
            said,
            "Your materials say:\n\n> An ETag names one version of a resource. [1]\n>\n> — file-1.pdf, p. 1"
        );
    }

    #[test]
    fn what_two_files_say_alike_is_quoted_once() {
        let said = answer(&task("Which copies does a cache keep?"));
        assert_eq!(said.matches("A cache keeps copies").count(), 1);
        assert!(!said.contains("Whales"));
    }

    #[test]
    fn a_question_without_words_of_its_own_asks_about_the_one_before() {
        let talk = vec![Talk { question: "What is an ETag?".to_owned(), answer: String::new() }];
        assert!(answer(&Answer { talk, ..task("Why is that?") }).contains("names one version"));
    }

    #[test]
    fn where_no_sentence_fits_it_says_so() {
        assert!(answer(&task("Who wrote Hamlet?")).starts_with("Your materials touch on this"));
    }
}
