//! What the built-in interviewer knows of a language: its markers, its small words and everything it can say.
//!
//! All of it is data in `languages/*.json`; no rule is here. A language without a file is asked in English, and told so.

use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Language {
    /// Primary tag.
    pub(crate) language: String,
    /// Words that say nothing by themselves, sorted.
    pub(crate) stop: Vec<String>,
    /// Words that are rather verbs than names of something, sorted. Empty: no phrases are picked up in this language.
    #[serde(default)]
    pub(crate) verbs: Vec<String>,
    /// Words that open a clause.
    pub(crate) openers: Vec<String>,
    pub(crate) markers: Markers,
    pub(crate) number_words: Vec<String>,
    /// The candidate's "my" is the interviewer's "your".
    #[serde(default)]
    pub(crate) flips: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) determiners: Vec<String>,
    /// Nouns too general to ask about.
    #[serde(default)]
    pub(crate) generic_nouns: Vec<String>,
    pub(crate) say: Say,
    pub(crate) closings: ByMode<Line>,
    pub(crate) follow_ups: BTreeMap<Move, Vec<Line>>,
    pub(crate) mains: ByMode<Main>,
    pub(crate) reading: Reading,
    pub(crate) feedback: Feedback,
}

/// Questions about what a file says. `{where}`: file and place, `{quote}`: its words.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Reading {
    /// Words between a term and what it is.
    pub(crate) defines: Vec<String>,
    /// Words that mark a reason or an effect.
    pub(crate) causes: Vec<String>,
    /// May stand before a term.
    pub(crate) articles: Vec<String>,
    /// None of these is empty.
    pub(crate) term: Vec<Wording>,
    pub(crate) reason: Vec<Wording>,
    pub(crate) meaning: Vec<Wording>,
}

/// A question, and the same in fewer words.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wording {
    pub(crate) ask: String,
    pub(crate) short: String,
}

/// Phrases that show what an answer contains. A word that ends in `*` stands for all that begin so.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Markers {
    pub(crate) result: Vec<String>,
    pub(crate) own: Vec<String>,
    pub(crate) own_action: Vec<String>,
    pub(crate) group: Vec<String>,
    pub(crate) example: Vec<String>,
    pub(crate) reason: Vec<String>,
    pub(crate) decision: Vec<String>,
    pub(crate) difficulty: Vec<String>,
    pub(crate) tradeoff: Vec<String>,
    pub(crate) lesson: Vec<String>,
    pub(crate) vague: Vec<String>,
    pub(crate) unsure: Vec<String>,
    /// Asks to hear the question again.
    pub(crate) repeat: Vec<String>,
    /// Beside a figure: it says by how much something changed.
    pub(crate) change: Vec<String>,
    /// Before a figure: it says when, or how long.
    pub(crate) when: Vec<String>,
    /// Meant for whoever rates, not for the interviewer: it counts for nothing.
    pub(crate) addressed: Vec<String>,
    /// Beside such words they belong to them.
    #[serde(default)]
    pub(crate) addressed_fillers: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Say {
    pub(crate) greetings: Vec<String>,
    pub(crate) about_exam: Vec<String>,
    pub(crate) about_interview: Vec<String>,
    #[serde(default)]
    pub(crate) other_language: String,
    pub(crate) last: Vec<String>,
    pub(crate) acks: Vec<String>,
    pub(crate) bridges: Vec<String>,
    pub(crate) skip_acks: Vec<String>,
    pub(crate) empty_acks: Vec<String>,
    pub(crate) unsure_acks: Vec<String>,
    pub(crate) repeat_acks: Vec<String>,
    pub(crate) restart_acks: Vec<String>,
    pub(crate) return_acks: Vec<String>,
    pub(crate) short_time: Vec<String>,
    pub(crate) this_topic: String,
    /// When every question has been asked: `{turn}`, `{topic}`.
    pub(crate) another_side: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ByMode<T> {
    pub(crate) exam: Vec<T>,
    pub(crate) interview: Vec<T>,
}

/// A question in full, and in fewer and simpler words. `{topic}`, `{role}`, `{x}` (something mentioned), `{n}` (a figure) and
/// `{clause}` (a decision, turned to the second person) are filled in.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Line {
    pub(crate) ask: String,
    pub(crate) short: String,
    /// Only in this kind of interview.
    #[serde(default)]
    pub(crate) mode: Option<Mode>,
    /// `{x}` must be something that people make or choose.
    #[serde(default)]
    pub(crate) made: bool,
}

/// A question that opens a thread.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Main {
    pub(crate) kind: Kind,
    pub(crate) theme: String,
    #[serde(default)]
    pub(crate) tags: Vec<String>,
    /// Fit to begin with.
    #[serde(default)]
    pub(crate) opening: bool,
    #[serde(default)]
    pub(crate) needs_role: bool,
    pub(crate) ask: String,
    pub(crate) short: String,
}

/// What kind of answer a question asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Kind {
    /// Something that happened to the candidate.
    Story,
    /// Something to explain.
    Concept,
    /// Something to plan.
    Design,
    Opinion,
}

/// What the interview is: about the candidate's work, or about a subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Mode {
    Exam,
    Interview,
}

/// Ways of following up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Move {
    Elaborate,
    Example,
    OwnPart,
    Outcome,
    Measure,
    Why,
    Alternatives,
    Difficulty,
    Hindsight,
    Deepen,
    Reason,
    Mechanism,
    Failure,
    Tradeoff,
    Scale,
    Counter,
    Apply,
    TieBack,
}

/// Sentences of the feedback.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Feedback {
    pub(crate) rules: String,
    pub(crate) nothing: String,
    /// `{answered}`, `{asked}`, `{words}`.
    pub(crate) counted: String,
    pub(crate) skipped_one: String,
    pub(crate) skipped_many: String,
    pub(crate) best: String,
    pub(crate) work_on: String,
    pub(crate) strengths: BTreeMap<Strength, Told>,
    pub(crate) improvements: BTreeMap<Gap, Told>,
    /// What its rating rests on: `{count}` of `{of}` answers.
    pub(crate) criteria: BTreeMap<Criterion, String>,
    pub(crate) too_little: String,
    /// What a rubric's rating rests on: `{count}` of `{of}` keywords, which `{words}`.
    pub(crate) mentioned: String,
    pub(crate) unmentioned: String,
    /// What no rule can judge.
    pub(crate) not_by_rules: String,
}

/// A finding in full, and in the few words with which the summary names it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Told {
    pub(crate) text: String,
    pub(crate) name: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Strength {
    Result,
    Figure,
    Decision,
    Tradeoff,
    Reason,
    Example,
    Lesson,
    OwnPart,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Gap {
    NoResult,
    OnlyWe,
    Brief,
    NoReason,
    NoExample,
    Vague,
    NoFigure,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Criterion {
    Relevance,
    Structure,
    Specificity,
    Depth,
}

impl Language {
    fn parse(json: &str) -> Self {
        let mut language =
            serde_json::from_str::<Self>(json).expect("the language files are valid, which a test checks");
        language.stop.sort();
        language.verbs.sort();
        language
    }

    pub(crate) fn is_stop(&self, word: &str) -> bool {
        self.stop.binary_search_by(|known| known.as_str().cmp(word)).is_ok()
    }

    pub(crate) fn is_verb(&self, word: &str) -> bool {
        let known = |word: &str| self.verbs.binary_search_by(|known| known.as_str().cmp(word)).is_ok();
        known(word) || word.strip_suffix('s').is_some_and(known)
    }
}

/// The language of a BCP 47 tag, and whether it is the one asked for.
pub(crate) fn language_of(tag: &str) -> (&'static Language, bool) {
    let primary = tag.split(['-', '_']).next().unwrap_or_default().to_lowercase();
    match LANGUAGES.iter().find(|language| language.language == primary) {
        Some(language) => (language, true),
        None => (&LANGUAGES[0], false),
    }
}

/// English first: it stands in for those that are missing.
static LANGUAGES: LazyLock<Vec<Language>> = LazyLock::new(|| {
    [
        include_str!("languages/en.json"),
        include_str!("languages/de.json"),
        include_str!("languages/es.json"),
        include_str!("languages/fr.json"),
    ]
    .map(Language::parse)
    .into()
});
