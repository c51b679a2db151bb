//! The subject as the interviewer takes it: how to name it in a sentence, what kind of interview it is, and which questions fit it.

use super::bank::{self, Bank};
use super::language::{Language, Mode};
use super::text::Words;
use crate::ports::text_model::Subject;

#[derive(Debug)]
pub(crate) struct Theme {
    /// Fit to stand within a sentence.
    pub(crate) topic: String,
    /// "a backend engineer".
    pub(crate) role: Option<String>,
    pub(crate) mode: Mode,
    pub(crate) level: Level,
    /// Topic and role in lower-case words, to compare tags with.
    pub(crate) words: String,
    /// Best first; only where the interview is in English.
    pub(crate) banks: Vec<&'static Bank>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Level {
    Junior,
    Senior,
    Unknown,
}

impl Theme {
    pub(crate) fn of(subject: &Subject, language: &Language) -> Self {
        let words = format!("{} {}", subject.topic, subject.role.as_deref().unwrap_or_default());
        let banks = if language.verbs.is_empty() { Vec::new() } else { bank::banks_for(&words) };
        let job = subject.role.as_deref().is_some_and(|role| !role.trim().is_empty() && !is_learner(role))
            || JOB_WORDS.iter().any(|word| Words::of(&subject.topic).find(word).is_some())
            || banks.first().is_some_and(|bank| bank.name == bank::behavioural().name);
        Self {
            topic: name_of(&subject.topic, language).unwrap_or_else(|| language.say.this_topic.clone()),
            role: subject.role.as_deref().filter(|role| !is_learner(role)).and_then(role_of),
            mode: if job { Mode::Interview } else { Mode::Exam },
            level: level_of(subject),
            words,
            banks,
        }
    }
}

/// The topic without what surrounds its name, or nothing when it is rather a description than a name.
fn name_of(topic: &str, language: &Language) -> Option<String> {
    let mut name = topic.split(['.', ':', ';', '\n', '(', '—', '–', ',']).find(|part| !part.trim().is_empty())?.trim();
    let mut again = true;
    while again {
        again = false;
        for prefix in PREFIXES {
            if name.len() > prefix.len()
                && name.is_char_boundary(prefix.len())
                && name[..prefix.len()].eq_ignore_ascii_case(prefix)
            {
                name = name[prefix.len()..].trim();
                again = true;
            }
        }
    }
    for suffix in SUFFIXES {
        let at = name.len().saturating_sub(suffix.len());
        if at > 0 && name.is_char_boundary(at) && name[at..].eq_ignore_ascii_case(suffix) {
            name = name[..at].trim();
        }
    }
    name = how_it_works(name).unwrap_or(name);
    let words = Words::of(name);
    if words.len() == 0 || words.len() > TOPIC_WORDS_MAX || name.contains('?') {
        return None;
    }
    // German nouns keep their capitals, and of other languages too little is known.
    Some(if language.verbs.is_empty() { name.to_owned() } else { lowered(name, &words) })
}

/// "How HTTP caching works" is called "HTTP caching".
fn how_it_works(name: &str) -> Option<&str> {
    let (how, rest) = name.split_once(' ')?;
    let (what, works) = rest.rsplit_once(' ')?;
    let (how, works) = (how.to_lowercase(), works.to_lowercase());
    (how == "how" && (works == "works" || works == "work")).then(|| what.trim()).filter(|what| !what.is_empty())
}

/// "Distributed systems" within a sentence is "distributed systems"; "Rust", "French cinema" and "SQL joins" stay.
fn lowered(name: &str, words: &Words<'_>) -> String {
    if let Some(rest) = name.strip_prefix("The ") {
        return format!("the {rest}");
    }
    let first = words.raw(0);
    if QUESTION_WORDS.contains(&first) {
        return format!("{}{}", first.to_lowercase(), &name[first.len()..]);
    }
    let only_first = first.chars().skip(1).all(|c| !c.is_uppercase())
        && (1..words.len()).all(|index| words.raw(index).chars().all(|c| !c.is_uppercase()));
    let lower = words.lower()[0].as_str();
    let proper = bank::terms_beginning(lower).iter().any(|term| term.lower == lower && term.written != lower)
        || NATIONAL_ENDINGS.iter().any(|ending| lower.ends_with(ending))
        || NATIONAL.contains(&lower);
    if only_first && !proper && (words.len() > 1 || COMMON_ENDINGS.iter().any(|ending| lower.ends_with(ending))) {
        let mut chars = name.chars();
        chars.next().map(|c| c.to_lowercase().chain(chars).collect()).unwrap_or_default()
    } else {
        name.to_owned()
    }
}

fn role_of(role: &str) -> Option<String> {
    let role = role.trim().trim_end_matches(['.', '!', ',']);
    let words = Words::of(role);
    if words.len() == 0 || words.len() > ROLE_WORDS_MAX {
        return None;
    }
    let spoken = role
        .split(' ')
        .map(|word| {
            let acronym = word.chars().filter(|c| c.is_uppercase()).count() > 1;
            if acronym { word.to_owned() } else { word.to_lowercase() }
        })
        .collect::<Vec<_>>()
        .join(" ");
    if ["a ", "an ", "the "].iter().any(|article| spoken.starts_with(article)) {
        return Some(spoken);
    }
    let vowel = spoken.starts_with(['a', 'e', 'i', 'o'])
        || ["SRE", "HR", "ML", "MBA", "SQL"].iter().any(|word| spoken.starts_with(word));
    Some(format!("{} {spoken}", if vowel { "an" } else { "a" }))
}

fn is_learner(role: &str) -> bool {
    let words = Words::of(role);
    ["student", "pupil", "learner", "candidate", "examinee"].iter().any(|word| words.find(word).is_some())
        && words.len() <= 4
}

fn level_of(subject: &Subject) -> Level {
    let text =
        format!("{} {}", subject.level.as_deref().unwrap_or_default(), subject.role.as_deref().unwrap_or_default());
    let words = Words::of(&text);
    let has = |list: &[&str]| list.iter().any(|word| words.find(word).is_some());
    if has(&["senior", "lead", "principal", "staff", "head", "director", "expert", "advanced", "master"]) {
        Level::Senior
    } else if has(&[
        "junior",
        "intern",
        "internship",
        "trainee",
        "entry",
        "beginner",
        "graduate",
        "apprentice",
        "school",
    ]) {
        Level::Junior
    } else {
        Level::Unknown
    }
}

const TOPIC_WORDS_MAX: usize = 7;
const ROLE_WORDS_MAX: usize = 5;

const QUESTION_WORDS: &[&str] = &["How", "What", "Why", "When", "Where", "Who", "Which"];
/// In a topic they say that it is about a job, whether a role is named or not.
const JOB_WORDS: [&str; 8] =
    ["job interview", "job", "interview", "behavioural", "behavioral", "position", "internship", "hiring"];
const PREFIXES: [&str; 22] = [
    "interview about ",
    "interview on ",
    "interview for ",
    "an interview about ",
    "an interview on ",
    "job interview for ",
    "questions about ",
    "questions on ",
    "oral exam on ",
    "oral exam about ",
    "oral exam in ",
    "exam on ",
    "exam about ",
    "exam in ",
    "talk about ",
    "introduction to ",
    "practice for ",
    "preparation for ",
    "a position as ",
    "my ",
    "all about ",
    "basics of ",
];
const SUFFIXES: [&str; 5] = [" interview", " job interview", " exam", " oral exam", " practice"];
/// Adjectives of peoples and places keep their capital, as far as an ending tells.
const NATIONAL_ENDINGS: [&str; 4] = ["ese", "ish", "rican", "ussian"];
const NATIONAL: [&str; 14] = [
    "french",
    "german",
    "roman",
    "greek",
    "italian",
    "european",
    "asian",
    "indian",
    "dutch",
    "swiss",
    "egyptian",
    "victorian",
    "newtonian",
    "bayesian",
];
/// A lone capitalised word is a common noun when it ends so.
const COMMON_ENDINGS: [&str; 16] = [
    "ing", "ment", "ship", "tion", "sion", "ics", "ogy", "istry", "esis", "ism", "ity", "work", "ure", "ance", "ence",
    "phy",
];

#[cfg(test)]
mod tests {
    use super::Theme;
    use crate::embedded::builtin::language::{Mode, language_of};
    use crate::ports::text_model::Subject;

    fn theme(topic: &str, role: Option<&str>) -> Theme {
        let subject =
            Subject { topic: topic.to_owned(), role: role.map(str::to_owned), level: None, language: "en".to_owned() };
        Theme::of(&subject, language_of("en").0)
    }

    #[test]
    fn a_topic_reads_well_within_a_sentence() {
        let names = [
            ("Distributed systems", "distributed systems"),
            ("How HTTP caching works", "HTTP caching"),
            ("How plants make sugar", "how plants make sugar"),
            ("Rust", "Rust"),
            ("French cinema", "French cinema"),
            ("The French Revolution", "the French Revolution"),
            ("Leadership", "leadership"),
            ("Oral exam on photosynthesis.", "photosynthesis"),
            ("Interview for a position as nurse", "nurse"),
            ("SQL joins, and when they hurt", "SQL joins"),
            ("What would you say makes a good teacher in a difficult school?", "this subject"),
            ("  ", "this subject"),
            ("机器学习", "机器学习"),
        ];
        for (topic, name) in names {
            assert_eq!(theme(topic, None).topic, name, "{topic}");
        }
    }

    #[test]
    fn a_role_makes_it_an_interview_and_a_bare_subject_an_exam() {
        assert_eq!(theme("Databases", None).mode, Mode::Exam);
        assert_eq!(theme("Databases", Some("Student")).mode, Mode::Exam);
        assert_eq!(theme("Databases", Some("SRE")).role.as_deref(), Some("an SRE"));
        assert_eq!(theme("Databases", Some("Backend Engineer")).mode, Mode::Interview);
        assert_eq!(theme("Teamwork and conflict", None).mode, Mode::Interview);
    }
}
