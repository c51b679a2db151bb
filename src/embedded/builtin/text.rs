//! Words and clauses of what was said, each knowing where it stands, so that everything quoted is verbatim.
//!
//! Transcripts of speech come without punctuation and capitals: a long run is split before the words that open a new clause. No grammar.

/// A word of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// What stands before a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Break {
    None,
    Comma,
    Sentence,
}

/// A text cut into words.
#[derive(Clone, Debug)]
pub(crate) struct Words<'a> {
    text: &'a str,
    spans: Vec<Span>,
    lower: Vec<String>,
    breaks: Vec<Break>,
}

impl<'a> Words<'a> {
    pub(crate) fn of(text: &'a str) -> Self {
        let spans = spans(text);
        let lower = spans.iter().map(|span| normal(&text[span.start..span.end])).collect();
        let breaks = (0..spans.len()).map(|index| break_before(text, &spans, index)).collect();
        Self { text, spans, lower, breaks }
    }

    /// The same without the words of these ranges; what stood on both sides of them does not belong together.
    pub(crate) fn without(&self, ranges: &[(usize, usize)]) -> Self {
        let left_out = |index: usize| ranges.iter().any(|(from, to)| (*from..*to).contains(&index));
        let mut rest = Self { text: self.text, spans: Vec::new(), lower: Vec::new(), breaks: Vec::new() };
        let mut gap = false;
        for index in 0..self.len() {
            if left_out(index) {
                gap = true;
                continue;
            }
            rest.spans.push(self.spans[index]);
            rest.lower.push(self.lower[index].clone());
            rest.breaks.push(if gap { Break::Sentence } else { self.breaks[index] });
            gap = false;
        }
        rest
    }

    pub(crate) fn len(&self) -> usize {
        self.spans.len()
    }

    pub(crate) fn lower(&self) -> &[String] {
        &self.lower
    }

    /// As it was written.
    pub(crate) fn raw(&self, index: usize) -> &'a str {
        &self.text[self.spans[index].start..self.spans[index].end]
    }

    /// The text from word `from` up to, not including, word `to`.
    pub(crate) fn slice(&self, from: usize, to: usize) -> &'a str {
        match (self.spans.get(from), to.checked_sub(1).and_then(|last| self.spans.get(last))) {
            (Some(first), Some(last)) if first.start < last.end => &self.text[first.start..last.end],
            _ => "",
        }
    }

    /// Whether more than spaces stands between word `index` and the one before it.
    pub(crate) fn broken_before(&self, index: usize) -> bool {
        self.breaks[index] >= Break::Comma
    }

    /// Whether a sentence begins with word `index`.
    pub(crate) fn sentence_before(&self, index: usize) -> bool {
        self.breaks[index] == Break::Sentence
    }

    /// Where `phrase` (lower-case words with single spaces) stands, as word indexes.
    pub(crate) fn find(&self, phrase: &str) -> Option<usize> {
        self.find_from(phrase, 0)
    }

    pub(crate) fn find_from(&self, phrase: &str, from: usize) -> Option<usize> {
        let wanted = phrase.split(' ').collect::<Vec<_>>();
        (from..self.len()).find(|&at| {
            at + wanted.len() <= self.len()
                && wanted.iter().zip(&self.lower[at..]).all(|(want, have)| matches(want, have))
        })
    }

    /// The first of `phrases` that stands here: its index, and how many words it has.
    pub(crate) fn find_any(&self, phrases: &[String]) -> Option<(usize, usize)> {
        phrases.iter().filter_map(|phrase| Some((self.find(phrase)?, phrase.split(' ').count()))).min()
    }

    pub(crate) fn has_any(&self, phrases: &[String]) -> bool {
        phrases.iter().any(|phrase| self.find(phrase).is_some())
    }

    pub(crate) fn count(&self, phrases: &[String]) -> usize {
        phrases
            .iter()
            .map(|phrase| {
                let words = phrase.split(' ').count();
                let mut from = 0;
                let mut times = 0;
                while let Some(at) = self.find_from(phrase, from) {
                    times += 1;
                    from = at + words;
                }
                times
            })
            .sum()
    }

    /// Clauses as ranges of words: at the ends of sentences, and in long runs before words that open a new clause.
    pub(crate) fn clauses(&self, openers: &[String]) -> Vec<(usize, usize)> {
        let mut clauses = Vec::new();
        let mut start = 0;
        for at in 1..self.len() {
            let opens = openers.iter().any(|opener| self.stands_at(opener, at));
            let long = at - start >= CLAUSE_WORDS_MIN;
            let rest = self.len() - at >= CLAUSE_REST_WORDS_MIN;
            if self.sentence_before(at) || (opens && long && rest) || at - start >= CLAUSE_WORDS_MAX {
                clauses.push((start, at));
                start = at;
            }
        }
        if start < self.len() {
            clauses.push((start, self.len()));
        }
        clauses
    }

    /// Whether these words (in lower case, with single spaces) stand here.
    pub(crate) fn stands_at(&self, phrase: &str, at: usize) -> bool {
        phrase.split(' ').enumerate().all(|(index, word)| self.lower.get(at + index).is_some_and(|have| have == word))
    }
}

/// A marker's word: `decid*` stands for every word that begins so.
fn matches(want: &str, have: &str) -> bool {
    match want.strip_suffix('*') {
        Some(stem) => have.starts_with(stem),
        None => want == have,
    }
}

fn normal(word: &str) -> String {
    word.replace('’', "'").to_lowercase()
}

/// Words that say something: neither in `stop` nor shorter than three letters.
pub(crate) fn content_words<'w>(words: &'w Words<'_>, stop: &[String]) -> Vec<&'w str> {
    words
        .lower()
        .iter()
        .map(String::as_str)
        .filter(|word| word.chars().count() > 2 && stop.binary_search_by(|known| known.as_str().cmp(word)).is_err())
        .collect()
}

/// The words of a question that say something, to compare it with others.
#[derive(Clone, Debug)]
pub(crate) struct Gist(Vec<String>);

impl Gist {
    pub(crate) fn of(text: &str, stop: &[String]) -> Self {
        let words = Words::of(text);
        let mut gist = content_words(&words, stop).into_iter().map(str::to_owned).collect::<Vec<_>>();
        gist.sort_unstable();
        gist.dedup();
        Self(gist)
    }

    /// Shared words over all of them, 0 to 1.
    pub(crate) fn likeness(&self, other: &Self) -> f64 {
        if self.0.is_empty() || other.0.is_empty() {
            return 0.0;
        }
        let shared = self.0.iter().filter(|word| other.0.binary_search(word).is_ok()).count();
        shared as f64 / (self.0.len() + other.0.len() - shared) as f64
    }
}

/// The same for the same bytes on every machine and in every release (FNV-1a), which the standard hasher does not promise.
pub(crate) fn seed(parts: &[&str]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in parts.iter().flat_map(|part| part.bytes().chain([0])) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    hash ^ (hash >> 29)
}

fn break_before(text: &str, spans: &[Span], index: usize) -> Break {
    let Some(before) = index.checked_sub(1).map(|before| spans[before]) else {
        return Break::Sentence;
    };
    text[before.end..spans[index].start]
        .chars()
        .map(|c| match c {
            '.' | '!' | '?' | ';' | '\n' | '…' | '。' => Break::Sentence,
            ',' | ':' | '(' | ')' | '—' | '–' | '"' | '“' | '”' => Break::Comma,
            _ => Break::None,
        })
        .max()
        .unwrap_or(Break::None)
}

fn spans(text: &str) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut start = None;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let next = chars.peek().map(|(_, next)| *next);
        let inside = start.is_some()
            && match c {
                '\'' | '’' | '-' | '/' | '_' => next.is_some_and(char::is_alphanumeric),
                '.' | ',' => {
                    next.is_some_and(|next| next.is_ascii_digit()) && text[..at].ends_with(|b: char| b.is_ascii_digit())
                }
                '+' | '#' | '%' => true,
                _ => false,
            };
        if c.is_alphanumeric() || inside {
            start.get_or_insert(at);
        } else if let Some(from) = start.take() {
            spans.push(Span { start: from, end: at });
        }
    }
    if let Some(from) = start {
        spans.push(Span { start: from, end: text.len() });
    }
    spans
}

/// A clause is not split off before it has this many words.
const CLAUSE_WORDS_MIN: usize = 7;
/// Nor when fewer than these would remain.
const CLAUSE_REST_WORDS_MIN: usize = 3;
/// Longer runs are cut anywhere.
const CLAUSE_WORDS_MAX: usize = 32;

#[cfg(test)]
mod tests {
    use super::{Gist, Words, seed};

    fn list(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn words_keep_their_place_and_their_inner_marks() {
        let words = Words::of("We didn't use C++, only Node.js: 2.5% of p-values…");
        assert_eq!(words.lower(), ["we", "didn't", "use", "c++", "only", "node", "js", "2.5%", "of", "p-values"]);
        assert_eq!(words.slice(1, 4), "didn't use C++");
        assert!(words.broken_before(4));
        assert!(!words.broken_before(3));
    }

    #[test]
    fn a_run_without_punctuation_splits_where_a_clause_opens() {
        let words = Words::of(
            "i was working on the billing service and then the database fell over because nobody had tested it",
        );
        let clauses = words.clauses(&list(&["and then", "because"]));
        let texts = clauses.iter().map(|(from, to)| words.slice(*from, *to)).collect::<Vec<_>>();
        assert_eq!(
            texts,
            ["i was working on the billing service", "and then the database fell over because nobody had tested it"]
        );
    }

    #[test]
    fn a_star_stands_for_any_ending() {
        let words = Words::of("So we finally decided to wait.");
        assert_eq!(words.find("we finally decid* to"), Some(1));
        assert_eq!(words.find("we decid*"), None);
    }

    #[test]
    fn likeness_sees_through_small_words() {
        let stop = list(&["a", "did", "how", "the", "what", "you"]);
        assert!(
            Gist::of("How did you test the cache?", &stop).likeness(&Gist::of("What did you test: a cache?", &stop))
                > 0.9
        );
        assert!(
            Gist::of("How did you test the cache?", &stop).likeness(&Gist::of("How did you hire people?", &stop)) < 0.2
        );
    }

    #[test]
    fn seeds_are_the_same_in_every_release() {
        assert_eq!(seed(&["a", "b"]), seed(&["a", "b"]));
        assert_ne!(seed(&["ab"]), seed(&["a", "b"]));
        assert_eq!(seed(&["viva"]), 6_812_169_782_093_061_684_u64);
    }

    #[test]
    fn any_text_can_be_cut() {
        for text in ["", " ", "…", "'", "a'", "日本語 です", "é́", "1,000.50", "\u{200b}x"] {
            let words = Words::of(text);
            for (from, to) in words.clauses(&list(&["and"])) {
                assert!(text.contains(words.slice(from, to)));
            }
        }
    }
}
