//! What the rules need to know of a language: its small words and the turns of phrase that they look for. Data, no rules. And which language a
//! text is in.

mod english;
mod german;
mod neutral;
mod telling;

pub use telling::{passages_told, told, told_of};

/// All lists are in lower case, as `text::words` gives words.
#[derive(Debug)]
pub struct Language {
    pub code: &'static str,
    /// Words that carry no meaning of their own.
    pub small: &'static [&'static str],
    pub negatives: &'static [&'static str],
    pub absolutes: &'static [&'static str],
    pub vague: &'static [&'static str],
    /// Phrases, normalised: all, none, and combinations of the options.
    pub all_of_above: &'static [&'static str],
    pub none_of_above: &'static [&'static str],
    pub combinations: &'static [&'static str],
    pub truths: &'static [&'static str],
    /// Words that open a question.
    pub question_words: &'static [&'static str],
    /// Verbs that open a task without a question mark.
    pub task_words: &'static [&'static str],
    /// Words at a sentence's start that point to the one before.
    pub pointing: &'static [&'static str],
    /// Words anywhere that need the sentence before.
    pub referring: &'static [&'static str],
    /// Words that need something named before them, and what may stand between the two in one sentence.
    pub pronouns: &'static [&'static str],
    pub joining: &'static [&'static str],
    /// Verbs that are never asked for, and do not end a term.
    pub verbs: &'static [&'static str],
    /// Nouns too general to be asked for: another would do as well.
    pub general: &'static [&'static str],
    /// Words that are an adjective in one place and a verb or a noun in another.
    pub doubtful: &'static [&'static str],
    /// Words before an adjective that says how something is.
    pub copulas: &'static [&'static str],
    /// Articles of what is named for the first time, and of what is known already.
    pub indefinite: &'static [&'static str],
    pub definite: &'static [&'static str],
    /// Endings of nouns that name a thing or an idea.
    pub noun_endings: &'static [&'static str],
    /// Endings of words that are no nouns.
    pub other_endings: &'static [&'static str],
    /// Whether every noun is written with a capital.
    pub nouns_capital: bool,
    pub articles: &'static [&'static str],
    /// What parts the steps of a sequence, in order.
    pub sequence: &'static [&'static str],
    /// Pairs of opposites: a statement with one for the other is false.
    pub opposites: &'static [(&'static str, &'static str)],
    /// Between a term and what defines it: `A tide is …`.
    pub defines: &'static [&'static str],
    /// After a definition and before its term: `… is called`.
    pub is_called: &'static [&'static str],
    pub phrases: Phrases,
}

/// Wording of items; `{}` is replaced.
#[derive(Debug)]
pub struct Phrases {
    pub which_term: &'static str,
    pub which_word: &'static str,
    pub fill_gap: &'static str,
    pub is_it_true: &'static str,
    pub which_number: &'static str,
    pub put_in_order: &'static str,
}

/// Those that there is data of.
static KNOWN: [&Language; 2] = [&english::ENGLISH, &german::GERMAN];

/// The language by its primary subtag, if there is data of it.
pub fn known(code: &str) -> Option<&'static Language> {
    let primary = code.split(['-', '_']).next().unwrap_or_default();
    KNOWN.into_iter().find(|language| language.code.eq_ignore_ascii_case(primary))
}

/// The same; for a language without data one that knows no words, so that nothing is found by those of another.
pub fn language(code: &str) -> &'static Language {
    known(code).unwrap_or(&neutral::NEUTRAL)
}

/// Whether words are a sentence of the language: it has small words of it, and none knows more of them.
pub fn speaks<'a>(words: impl Iterator<Item = &'a str> + Clone, language: &Language) -> bool {
    let count = |of: &Language| words.clone().filter(|word| of.small.contains(word)).count();
    let own = count(language);
    own > 0 && KNOWN.into_iter().all(|other| count(other) <= own)
}

/// What a language is called in English, for people; its code where nobody knows.
pub fn name_of(code: &str) -> &str {
    telling::name_of(code).unwrap_or(code)
}

/// The names of those that there is data of.
pub fn known_names() -> String {
    KNOWN.map(|language| name_of(language.code)).join(" and ")
}

/// What is asked of a text with gaps.
pub fn fill_gap(code: &str) -> &'static str {
    known(code).map_or_else(|| neutral::fill_gap(code), |language| language.phrases.fill_gap)
}
