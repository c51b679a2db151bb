//! Things that an answer names and that are worth asking about: known terms, and noun phrases found by small words around them.
//!
//! No parser: a phrase is a run of words that say something, after an article or the like, without verbs.

use super::bank;
use super::language::Language;
use super::text::Words;

/// Something named in an answer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Mention {
    /// As the interviewer would say it: "the billing service", "your team lead", "Kafka".
    pub(crate) text: String,
    /// Its words that count, in lower case, for comparing.
    pub(crate) core: String,
    /// Known from the list of terms.
    pub(crate) term: bool,
    /// People make or choose it.
    pub(crate) made: bool,
    pub(crate) score: f64,
}

/// What is worth asking about, best first.
pub(crate) fn mentions(words: &Words<'_>, language: &Language) -> Vec<Mention> {
    if language.verbs.is_empty() {
        return Vec::new();
    }
    let mut found = terms_in(words, language);
    for phrase in phrases(words, language) {
        let known =
            found.iter().any(|other| other.core == phrase.core || (other.term && phrase.core.contains(&other.core)));
        if !known {
            found.push(phrase);
        }
    }
    found.sort_by(|one, other| other.score.total_cmp(&one.score));
    found
}

fn terms_in(words: &Words<'_>, language: &Language) -> Vec<Mention> {
    let mut found: Vec<Mention> = Vec::new();
    for (at, word) in words.lower().iter().enumerate() {
        for term in bank::terms_beginning(word) {
            if !words.stands_at(&term.lower, at) || found.iter().any(|known| known.core == term.lower) {
                continue;
            }
            let length = term.lower.split(' ').count();
            let score = 3.0 + 0.3 * (length - 1) as f64 + place(at, words.len());
            let text = match determiner(words, language, at) {
                Some(determiner) if term.written == term.lower => with_determiner(determiner, &term.written),
                Some(_) | None => term.written.clone(),
            };
            found.push(Mention { text, core: term.lower.clone(), term: true, made: term.made, score });
        }
    }
    // "cache" within "cache invalidation" or "message queue": the longer term says it.
    let longer = found.iter().map(|mention| mention.core.clone()).collect::<Vec<_>>();
    found.retain(|mention| {
        !longer
            .iter()
            .any(|other| other.len() > mention.core.len() && other.split(' ').any(|part| part == mention.core))
    });
    found
}

fn determiner<'w>(words: &'w Words<'_>, language: &Language, at: usize) -> Option<&'w str> {
    let before = at.checked_sub(1).filter(|_| !words.broken_before(at))?;
    let word = words.lower()[before].as_str();
    language.determiners.iter().any(|known| known == word).then_some(word)
}

/// As the other side of the talk would say it.
fn with_determiner(determiner: &str, name: &str) -> String {
    match determiner {
        "my" | "our" => format!("your {name}"),
        _ => format!("the {name}"),
    }
}

fn phrases(words: &Words<'_>, language: &Language) -> Vec<Mention> {
    let mut found: Vec<Mention> = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let from = at;
        while at < words.len() && names(words, language, at, from) {
            at += 1;
        }
        if at == from {
            at += 1;
            continue;
        }
        if let Some(mention) = phrase(words, language, from, at) {
            match found.iter_mut().find(|known| known.core == mention.core) {
                Some(known) => known.score += 0.6,
                None => found.push(mention),
            }
        }
    }
    found
}

/// Whether word `at` can be part of the name of something that began at `from`.
fn names(words: &Words<'_>, language: &Language, at: usize, from: usize) -> bool {
    let word = words.lower()[at].as_str();
    if (at > from && words.broken_before(at)) || word.chars().count() < 3 {
        return false;
    }
    let number =
        word.starts_with(|c: char| c.is_ascii_digit()) || language.number_words.iter().any(|known| known == word);
    // "the nightly export", but not "it really slows down".
    let adverb = word.ends_with("ly") && !(at == from && determiner(words, language, at).is_some());
    !(number || adverb || language.is_stop(word) || language.is_verb(word) || word.contains('\''))
}

fn phrase(words: &Words<'_>, language: &Language, from: usize, to: usize) -> Option<Mention> {
    let lower = words.lower();
    let from = from.max(to.saturating_sub(PHRASE_WORDS_MAX));
    let length = to - from;
    let last = lower[to - 1].as_str();
    let verbal = |word: &str| word.len() > 4 && (word.ends_with("ed") || word.ends_with("ing"));
    if verbal(last) {
        return None;
    }
    let determiner = determiner(words, language, from);
    let capital = words.raw(to - 1).starts_with(char::is_uppercase) && !words.sentence_before(to - 1);
    if determiner.is_none() && !capital {
        return None;
    }
    let generic =
        lower[from..to].iter().filter(|word| language.generic_nouns.iter().any(|known| known == *word)).count();
    if generic == length || language.generic_nouns.iter().any(|known| known == last) {
        return None;
    }
    let plain = (from..to)
        .map(|index| if capital || is_acronym(words.raw(index)) { words.raw(index) } else { lower[index].as_str() })
        .collect::<Vec<_>>()
        .join(" ");
    let text = determiner.map_or_else(|| plain.clone(), |determiner| with_determiner(determiner, &plain));
    let score = 1.0 + 0.9 * (length - 1) as f64 - 0.6 * generic as f64
        + if capital { 1.0 } else { 0.0 }
        + if determiner.is_some() { 0.6 } else { 0.0 }
        + place(from, words.len());
    Some(Mention { text, core: lower[from..to].join(" "), term: false, made: false, score })
}

fn is_acronym(raw: &str) -> bool {
    raw.chars().filter(|c| c.is_uppercase()).count() >= 2
}

/// What was said last is what one asks about.
fn place(at: usize, of: usize) -> f64 {
    0.5 * at as f64 / of.max(1) as f64
}

const PHRASE_WORDS_MAX: usize = 3;

#[cfg(test)]
mod tests {
    use super::mentions;
    use crate::embedded::builtin::language::language_of;
    use crate::embedded::builtin::text::Words;

    fn named(text: &str) -> Vec<String> {
        mentions(&Words::of(text), language_of("en").0).into_iter().map(|mention| mention.text).collect()
    }

    #[test]
    fn terms_are_known_however_they_are_written() {
        assert_eq!(named("so we moved from postgres to a message queue"), ["the message queue", "Postgres"]);
    }

    #[test]
    fn phrases_stand_after_small_words_and_leave_verbs_out() {
        assert_eq!(
            named("my team lead blamed the billing service and the nightly export took two hours"),
            ["the nightly export", "the billing service", "your team lead"]
        );
    }

    #[test]
    fn what_names_nothing_is_left_alone() {
        assert_eq!(named("it was a really hard problem and we worked a lot on the project"), Vec::<String>::new());
    }
}
