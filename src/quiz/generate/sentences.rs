//! The sentences of passages that can stand by themselves. No grammar.

use super::Material;
use crate::config::limits::QUIZ_GENERATE_SENTENCES_MAX;
use crate::quiz::language::{Language, speaks};
use crate::quiz::text::stem;

#[derive(Clone, Debug, PartialEq)]
pub struct Sentence {
    /// The passage it stands in, by its place in the material.
    pub material: usize,
    /// The paragraph it stands in, counted over all passages.
    pub paragraph: usize,
    /// As it stands there, spaces collapsed.
    pub text: String,
    pub tokens: Vec<Token>,
    /// The heading above, if the passage's text has one.
    pub heading: Option<String>,
    /// Whether it can be understood without the one before.
    pub alone: bool,
    /// The number that a list gives it.
    pub step: Option<u32>,
}

/// A word with the bytes it covers in its sentence.
#[derive(Clone, Debug, PartialEq)]
pub struct Token {
    pub start: usize,
    pub end: usize,
    /// Folded, as `text::words` gives it.
    pub word: String,
    pub capital: bool,
    /// A mark stands between it and the next word.
    pub stops: bool,
}

const WORDS_MIN: usize = 7;
const WORDS_MAX: usize = 32;

pub fn sentences(material: &[Material], language: &Language) -> Vec<Sentence> {
    let mut found = Vec::new();
    let mut paragraph = 0;
    for (at, passage) in material.iter().enumerate() {
        let mut heading = None;
        for block in passage.text.split("\n\n") {
            paragraph += 1;
            if let Some(steps) = steps(block) {
                found.extend(steps.into_iter().map(|(number, text)| Sentence {
                    material: at,
                    paragraph,
                    tokens: tokens(&text),
                    text,
                    heading: heading.clone(),
                    alone: false,
                    step: Some(number),
                }));
                continue;
            }
            let block = block.split_whitespace().collect::<Vec<_>>().join(" ");
            if !block.ends_with(['.', '!', '?', '”', '“', ')']) {
                heading = Some(block.trim_start_matches('#').trim().to_owned()).filter(|text| !text.is_empty());
                continue;
            }
            for text in split(&block, language) {
                if found.len() >= QUIZ_GENERATE_SENTENCES_MAX {
                    return found;
                }
                let tokens = tokens(&text);
                let alone = stands_alone(&text, &tokens, language)
                    && !known_already(
                        &tokens,
                        found.iter().rev().take_while(|before| before.paragraph == paragraph),
                        language,
                    );
                found.push(Sentence {
                    material: at,
                    paragraph,
                    text,
                    tokens,
                    heading: heading.clone(),
                    alone,
                    step: None,
                });
            }
        }
    }
    found
}

/// The lines of a numbered list, with their numbers.
fn steps(block: &str) -> Option<Vec<(u32, String)>> {
    let lines: Vec<(u32, String)> = block
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| {
            let (number, _) = line.trim().split_once(['.', ')'])?;
            Some((number.parse().ok()?, line.split_whitespace().collect::<Vec<_>>().join(" ")))
        })
        .collect::<Option<_>>()?;
    (lines.len() > 1).then_some(lines)
}

fn split(block: &str, language: &Language) -> Vec<String> {
    let mut found = Vec::new();
    let mut start = 0;
    for (at, c) in block.char_indices() {
        let end = at + c.len_utf8();
        let Some(next) = block[end..].strip_prefix(' ').and_then(|rest| rest.chars().next()) else {
            continue;
        };
        let before = block[start..at].rsplit(' ').next().unwrap_or_default();
        let short = before.chars().count() <= 1 || ABBREVIATIONS.contains(&before);
        let ordinal = language.code == "de" && before.chars().all(|c| c.is_ascii_digit());
        if matches!(c, '.' | '!' | '?')
            && (next.is_uppercase() || matches!(next, '“' | '„' | '"'))
            && !(c == '.' && (short || ordinal))
        {
            found.push(block[start..end].to_owned());
            start = end + 1;
        }
    }
    found.push(block[start..].to_owned());
    found
}

const ABBREVIATIONS: &[&str] = &[
    "Dr", "Mr", "Mrs", "Prof", "St", "e.g", "i.e", "etc", "vs", "ca", "bzw", "usw", "Nr", "Abb", "Fig", "approx", "No",
];

fn stands_alone(text: &str, tokens: &[Token], language: &Language) -> bool {
    let first = tokens.first().map(|token| token.word.as_str()).unwrap_or_default();
    (WORDS_MIN..=WORDS_MAX).contains(&tokens.len())
        && text.ends_with('.')
        && !text.contains(['“', '”', '„', '"', ';', ':', '?', '(', '['])
        && speaks(tokens.iter().map(|token| token.word.as_str()), language)
        && !refers_back(tokens, language)
        && !language.pointing.contains(&first)
        && !language.sequence.contains(&first)
}

/// Whether a word needs the sentence before: one that points there, or a pronoun before anything that it could stand for.
fn refers_back(tokens: &[Token], language: &Language) -> bool {
    let named = tokens
        .iter()
        .position(|token| {
            let joins = language.joining.contains(&token.word.as_str())
                && !language.articles.contains(&token.word.as_str())
                && !LISTING.contains(&token.word.as_str());
            token.stops || joins
        })
        .map_or(tokens.len(), |at| at.max(1));
    tokens.iter().enumerate().any(|(at, token)| {
        let word = token.word.as_str();
        let before = at.checked_sub(1).map_or("", |before| tokens[before].word.as_str());
        let next = tokens.get(at + 1).map_or("", |next| next.word.as_str());
        // `Of that time`, but not `as thick as that of the right`.
        let shows = word == "that" && BEFORE_THAT.contains(&before) && next != "of";
        // `Less of them`: of what was said before, more often than not.
        let some_of = before == "of" && matches!(word, "it" | "them");
        // `The second, …`
        let counted = token.stops
            && COUNTED.contains(&word)
            && (language.articles.contains(&before) || COUNTED.contains(&before));
        language.referring.contains(&word)
            || at <= named && language.pronouns.contains(&word)
            || shows
            || some_of
            || counted
    })
}

/// Whether it speaks of something that a sentence before has just named: `… built a machine. The machine …`.
fn known_already<'a>(tokens: &[Token], mut before: impl Iterator<Item = &'a Sentence>, language: &Language) -> bool {
    let [article, rest @ ..] = tokens else { return false };
    if !language.definite.contains(&article.word.as_str()) {
        return false;
    }
    // Up to its first small word: which of these is the noun, the sentence before says.
    let nouns: Vec<String> = rest
        .iter()
        .take(NOUN_AFTER_MAX)
        .take_while(|token| !language.small.contains(&token.word.as_str()))
        .filter(|token| token.capital || !language.nouns_capital)
        .map(|token| stem(&token.word))
        .collect();
    let is_named = |tokens: &[Token]| {
        tokens.iter().enumerate().any(|(at, token)| {
            let first = at.saturating_sub(NOUN_AFTER_MAX);
            nouns.contains(&stem(&token.word))
                && tokens[first..at].iter().any(|article| language.indefinite.contains(&article.word.as_str()))
        })
    };
    before.any(|sentence| is_named(&sentence.tokens))
}

/// Words between an article and its noun, with the noun.
const NOUN_AFTER_MAX: usize = 3;
/// They join two of a kind, and so end nothing.
const LISTING: &[&str] = &["and", "that", "und", "dass"];
/// After these `that` shows something.
const BEFORE_THAT: &[&str] =
    &["to", "of", "in", "at", "by", "for", "with", "on", "from", "when", "if", "after", "before"];
const COUNTED: &[&str] =
    &["first", "second", "third", "last", "known", "oldest", "largest", "erste", "zweite", "dritte", "letzte"];

pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut found: Vec<Token> = Vec::new();
    let mut start = None;
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        let inside = c.is_alphanumeric() || (matches!(c, '\'' | '’' | '-') && start.is_some());
        match (start, inside) {
            (None, true) => start = Some(at),
            (Some(from), false) => {
                let end = from + text[from..at].trim_end_matches(['\'', '’', '-']).len();
                let word = &text[from..end];
                found.push(Token {
                    start: from,
                    end,
                    word: crate::quiz::text::folded(word),
                    capital: word.starts_with(char::is_uppercase),
                    stops: !c.is_whitespace(),
                });
                start = None;
            }
            _ => {}
        }
    }
    if let Some(last) = found.last_mut() {
        last.stops = true;
    }
    found
}
