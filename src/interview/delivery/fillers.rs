//! Filler words a minute. English only.
//!
//! Always fillers: um, uh, ah, er, "you know". In context: basically, actually, literally; "like", unless it compares or is a verb; "so"
//! and "right" only beside a pause. Recognizers often leave hesitations out: where none was ever written down, their number is unknown.

use crate::interview::delivery::{GAP_MS, Material, NO_WORDS, measured, not_measured, per_minute};
use crate::interview::event::Word;
use crate::interview::metric::{Evidence, Metric, MetricName, MetricStatus};
use crate::interview::wording::tokens;

/// Fillers ÷ minutes of the window. Up to 5 are harmless, 12 and more distract.
pub(super) fn fillers(of: &[Material<'_>]) -> Metric {
    let name = MetricName::Fillers;
    let window_ms: u64 = of.iter().map(Material::window_ms).sum();
    if of.iter().any(|material| !material.english) {
        return not_measured(name, "filler words are known for English alone");
    }
    if window_ms == 0 {
        return not_measured(name, NO_WORDS);
    }
    let found: Vec<Evidence> = of.iter().flat_map(in_material).collect();
    let value = per_minute(found.len() as f64, window_ms);
    let transcribed = of.iter().any(|material| material.hesitations_transcribed);
    if !transcribed && found.is_empty() {
        return not_measured(name, NOT_TRANSCRIBED);
    }
    let band = match value {
        few if few <= HARMLESS_THROUGH => "harmless",
        many if many >= DISTRACTING_FROM => "distracting",
        _ => "noticeable",
    };
    let metric = measured(name, value, "perMinute", Some(band), found);
    if transcribed {
        return metric;
    }
    Metric { status: MetricStatus::Unreliable, band: None, reason: Some(NOT_TRANSCRIBED.to_owned()), ..metric }
}

pub(super) fn is_hesitation(word: &Word) -> bool {
    tokens(&word.text).first().is_some_and(|token| HESITATIONS.contains(&token.as_str()))
}

fn in_material(material: &Material<'_>) -> Vec<Evidence> {
    let words = &material.words;
    let spelled: Vec<String> = words.iter().map(|word| tokens(&word.text).concat()).collect();
    let at = |index: Option<usize>| index.and_then(|index| spelled.get(index)).map_or("", String::as_str);
    let mut found = Vec::new();
    for (index, word) in spelled.iter().enumerate() {
        let before = at(index.checked_sub(1));
        let opens = index == 0 || words[index].start_ms.saturating_sub(words[index - 1].end_ms) >= GAP_MS;
        let ends = words.get(index + 1).is_none_or(|next| next.start_ms.saturating_sub(words[index].end_ms) >= GAP_MS);
        let length = match word.as_str() {
            hesitation if HESITATIONS.contains(&hesitation) => 1,
            "you" if at(Some(index + 1)) == "know" && !DO_YOU_KNOW.contains(&before) => 2,
            "like" if !LIKE_BEFORE.contains(&before) => 1,
            "so" if opens => 1,
            "right" if ends => 1,
            "basically" | "actually" | "literally" => 1,
            _ => continue,
        };
        let (from, through) = (index.saturating_sub(1), (index + length + 1).min(words.len()));
        let own = &words[index..index + length];
        let around = material.evidence(&words[from..through], Some(said(own)));
        found.push(around.or_else(|| material.evidence(own, Some(said(own)))).unwrap_or_else(|| Evidence {
            turn: material.turn,
            quote: said(own),
            start_ms: Some(words[index].start_ms),
            end_ms: Some(words[index + length - 1].end_ms),
            note: None,
        }));
    }
    found
}

fn said(words: &[&Word]) -> String {
    let texts: Vec<String> = words.iter().flat_map(|word| tokens(&word.text)).collect();
    texts.join(" ")
}

const HESITATIONS: &[&str] = &["um", "umm", "uh", "uhh", "ah", "er", "erm"];

/// "Do you know" asks.
const DO_YOU_KNOW: &[&str] = &["do", "did", "if", "that", "as", "what", "how"];

/// "Was like", "looks like" compare; "I like", "would like" say what one likes.
const LIKE_BEFORE: &[&str] = &[
    "is",
    "was",
    "are",
    "were",
    "its",
    "thats",
    "feel",
    "feels",
    "felt",
    "feeling",
    "look",
    "looks",
    "looked",
    "looking",
    "sound",
    "sounds",
    "sounded",
    "seem",
    "seems",
    "seemed",
    "i",
    "we",
    "you",
    "they",
    "people",
    "would",
    "id",
    "wed",
    "youd",
    "theyd",
    "really",
    "to",
    "dont",
    "didnt",
    "things",
    "something",
    "stuff",
    "more",
    "just",
];

const HARMLESS_THROUGH: f64 = 5.0;
const DISTRACTING_FROM: f64 = 12.0;
const NOT_TRANSCRIBED: &str = "the recognizer wrote down no hesitation such as \"um\", and may leave them out";
