//! Typed text made comparable, words, numbers as people write them, and how far two words are apart. No meaning, no dictionary.

mod numbers;

pub use numbers::{figures, number};

use std::collections::BTreeSet;
use unicode_normalization::UnicodeNormalization;

/// NFKC, case folded, punctuation gone, spaces collapsed. Where nothing would be left, punctuation stays.
///
/// Apostrophes and full stops vanish (`U.S.A.` is `USA`), other marks part words, and what carries meaning stays: `C#`, `C++`, `50 %`, `3.5`.
pub fn normal(text: &str) -> String {
    let folded: Vec<char> = folded(text).chars().collect();
    let mut bare = String::with_capacity(folded.len());
    for (at, c) in folded.iter().enumerate() {
        let between_digits =
            || at > 0 && folded[at - 1].is_ascii_digit() && folded.get(at + 1).is_some_and(char::is_ascii_digit);
        let sign_of_number =
            || folded.get(at + 1).is_some_and(char::is_ascii_digit) && (at == 0 || folded[at - 1].is_whitespace());
        match c {
            '.' | ',' if between_digits() => bare.push(*c),
            '-' | '\u{2212}' if sign_of_number() => bare.push('-'),
            '.' | '\'' | '’' | '‘' | 'ʼ' | '´' | '`' | '\u{00ad}' | '\u{200b}'..='\u{200d}' | '\u{feff}' => {}
            c if is_punctuation(*c) => bare.push(' '),
            c => bare.push(*c),
        }
    }
    let bare = collapsed(&bare);
    if bare.is_empty() { collapsed(&folded.iter().collect::<String>()) } else { bare }
}

/// NFKC and full case folding by way of upper case: `ß` is `ss`, final `ς` is `σ`.
pub fn folded(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.nfkc().flat_map(char::to_uppercase).flat_map(char::to_lowercase).nfkc().collect()
}

fn collapsed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn is_punctuation(c: char) -> bool {
    matches!(
        c,
        '!' | '"' | '(' | ')' | ',' | '-' | '/' | ':' | ';' | '?' | '[' | '\\' | ']' | '_' | '{' | '}'
            | '¡' | '§' | '«' | '¶' | '·' | '»' | '¿'
            | '\u{2010}'..='\u{2027}' | '\u{2030}'..='\u{205e}' | '\u{2e00}'..='\u{2e5d}' | '\u{3001}'..='\u{3003}'
            | '\u{3008}'..='\u{3011}' | '\u{3014}'..='\u{301f}'
    )
}

/// The words of a text, normalised, in order; an English genitive is the word itself.
pub fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !(c.is_alphanumeric() || c == '\'' || c == '’'))
        .map(|word| folded(word.trim_matches(['\'', '’'])).replace('’', "'"))
        .map(|word| word.strip_suffix("'s").map(str::to_owned).unwrap_or(word))
        .filter(|word| !word.is_empty())
        .collect()
}

/// The words without their endings and without those that stand in every text of the language.
pub fn stems(text: &str, small: &[&str]) -> BTreeSet<String> {
    stems_of(&words(text), small)
}

/// The same of a text whose words are known.
pub fn stems_of(words: &[String], small: &[&str]) -> BTreeSet<String> {
    words.iter().filter(|word| !small.contains(&word.as_str())).map(|word| stem(word)).collect()
}

/// A rough stem, the same for the usual forms of a word in English and German: long words lose a plural or an ending.
pub fn stem(word: &str) -> String {
    let length = word.chars().count();
    for (ending, kept_min) in ENDINGS {
        if let Some(start) = word.strip_suffix(ending)
            && length - ending.chars().count() >= *kept_min
        {
            return start.to_owned();
        }
    }
    word.to_owned()
}

/// Longest first, each with the characters that must remain.
const ENDINGS: &[(&str, usize)] = &[
    ("ings", 4),
    ("ing", 4),
    ("ies", 3),
    ("ern", 4),
    ("ed", 4),
    ("es", 4),
    ("en", 4),
    ("er", 4),
    ("em", 4),
    ("s", 3),
    ("e", 4),
    ("y", 3),
    ("n", 5),
];

/// The share of `of` that is in `within`; nothing is wholly in anything.
pub fn share(of: &BTreeSet<String>, within: &BTreeSet<String>) -> f64 {
    if of.is_empty() { 1.0 } else { of.intersection(within).count() as f64 / of.len() as f64 }
}

/// Whether two texts differ by at most one letter put in, left out or mistaken, or by two neighbours that changed places.
pub fn within_one_edit(a: &str, b: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let (short, long) = if a.len() <= b.len() { (&a, &b) } else { (&b, &a) };
    let head = short.iter().zip(long).take_while(|(x, y)| x == y).count();
    let (short, long) = (&short[head..], &long[head..]);
    match long.len() - short.len() {
        0 if short.len() >= 2 && short[0] == long[1] && short[1] == long[0] && short[2..] == long[2..] => true,
        0 => short.is_empty() || short[1..] == long[1..],
        1 => *short == long[1..],
        _ => false,
    }
}

/// A text in which stars stand for any run of characters: what stands between them, one piece more than there are stars.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern(Vec<String>);

impl Pattern {
    /// A key's text as it is written: `*` for any run of characters, `\*` for a star.
    pub fn of(text: &str) -> Self {
        let mut pieces = vec![];
        let mut piece = String::new();
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '\\' if chars.peek() == Some(&'*') => {
                    chars.next();
                    piece.push('*');
                }
                '*' => pieces.push(std::mem::take(&mut piece)),
                c => piece.push(c),
            }
        }
        pieces.push(piece);
        Self(pieces)
    }

    pub fn stars(&self) -> usize {
        self.0.len() - 1
    }

    /// With each piece as the caller's rule makes it comparable.
    pub fn map(self, rule: impl Fn(String) -> String) -> Self {
        Self(self.0.into_iter().map(rule).collect())
    }

    /// Whether it says the whole text. Each piece is taken where it is first found, so that nothing is tried twice: the time is linear in both.
    pub fn matches(&self, text: &str) -> bool {
        let [first, middle @ .., last] = self.0.as_slice() else {
            return self.0.first().is_some_and(|whole| whole == text);
        };
        let Some(mut rest) = text.strip_prefix(first.as_str()) else { return false };
        for piece in middle {
            let Some(at) = rest.find(piece.as_str()) else { return false };
            rest = &rest[at + piece.len()..];
        }
        rest.ends_with(last.as_str())
    }
}
