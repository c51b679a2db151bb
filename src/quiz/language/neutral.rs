//! A language that nothing is known of: no words, so that no rule finds anything. The little that is said in it all the same stands here, too.

use super::{Language, Phrases};

pub(super) static NEUTRAL: Language = Language {
    code: "",
    small: &[],
    negatives: &[],
    absolutes: &[],
    vague: &[],
    all_of_above: &[],
    none_of_above: &[],
    combinations: &[],
    truths: &[],
    question_words: &[],
    task_words: &[],
    pointing: &[],
    referring: &[],
    pronouns: &[],
    joining: &[],
    verbs: &[],
    general: &[],
    doubtful: &[],
    copulas: &[],
    indefinite: &[],
    definite: &[],
    noun_endings: &[],
    other_endings: &[],
    articles: &[],
    sequence: &[],
    opposites: &[],
    defines: &[],
    is_called: &[],
    nouns_capital: false,
    phrases: Phrases {
        which_term: "{}",
        which_word: "{}",
        fill_gap: GAP,
        is_it_true: "{}",
        which_number: "{}",
        put_in_order: "1, 2, 3 …",
    },
};

const GAP: &str = "_____";

/// What a text with gaps asks, where a model writes and the rules have no data.
pub(super) fn fill_gap(code: &str) -> &'static str {
    let said = FILL_GAP.iter().find(|(language, _)| *language == code);
    said.map_or(GAP, |(_, said)| said)
}

const FILL_GAP: [(&str, &str); 6] = [
    ("es", "Completa la frase."),
    ("fr", "Complétez la phrase."),
    ("it", "Completa la frase."),
    ("nl", "Vul de zin aan."),
    ("pl", "Uzupełnij zdanie."),
    ("pt", "Complete a frase."),
];
