//! What the rules need to know of a language: its small words and the turns of phrase that they look for. Data, no rules.

mod english;
mod german;

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

/// The language by its primary subtag; English for one that has no data here.
pub fn language(code: &str) -> &'static Language {
    match code.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase().as_str() {
        "de" => &german::GERMAN,
        _ => &english::ENGLISH,
    }
}
