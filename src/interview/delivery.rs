//! How an answer was delivered: computed, versioned (`METRIC_VERSION`), and shown with the words it rests on.
//!
//! No emotion and no personality is inferred, and nothing is scored: values have bands with dead zones. What cannot be measured is
//! said to be not measured, with the reason, never 0. Definitions are those of version 1; each formula stands with its metric.

mod fillers;
mod pace;
mod pauses;
mod structure;
mod turn_taking;

use crate::config::limits;
use crate::interview::completeness::is_english;
use crate::interview::event::{CommitReason, Word};
use crate::interview::history::{AttemptState, History, Turn};
use crate::interview::metric::{Evidence, Metric, MetricName, MetricStatus};
use crate::interview::params::Playback;
use crate::interview::quotes;
use crate::interview::wording::{prefix, tokens};

/// The metrics of one committed answer; none where it was skipped or not given.
pub fn of_turn(history: &History, turn: &Turn) -> Vec<Metric> {
    match &turn.answer {
        Some(answer) if answer.reason != CommitReason::Skipped => of_answer(history, turn, &answer.text, &[]),
        _ => Vec::new(),
    }
}

/// The metrics of an answer that is being committed as `text`; `provisional` words have no measured times yet.
pub fn of_answer(history: &History, turn: &Turn, text: &str, provisional: &[Word]) -> Vec<Metric> {
    metrics(&[Material::new(history, turn, text, provisional)])
}

/// The metrics of all answers together.
pub fn of_interview(history: &History) -> Vec<Metric> {
    let answered = history.turns.iter().filter_map(|turn| {
        let answer = turn.answer.as_ref().filter(|answer| answer.reason != CommitReason::Skipped)?;
        Some(Material::new(history, turn, &answer.text, &[]))
    });
    metrics(&answered.collect::<Vec<_>>())
}

fn metrics(of: &[Material<'_>]) -> Vec<Metric> {
    let quality = Quality::of(of);
    let mut metrics = vec![
        pace::pace(of),
        pace::articulation(of),
        fillers::fillers(of),
        pauses::long_pauses(of),
        pauses::longest_pause(of),
        turn_taking::response_latency(of),
        turn_taking::talk_share(of),
        pauses::longest_monologue(of),
        structure::structure(of),
    ];
    for metric in &mut metrics {
        metric.evidence.truncate(limits::METRIC_EVIDENCE_MAX);
        if let Some(reason) = quality.flaw.as_ref().filter(|_| metric.name != MetricName::Structure)
            && metric.status == MetricStatus::Measured
        {
            metric.status = MetricStatus::Unreliable;
            metric.band = None;
            metric.reason = Some(reason.clone());
        }
    }
    metrics
}

/// What is known of one answer.
struct Material<'a> {
    turn: u32,
    /// As committed, and as recognized where the candidate corrected it: where quotes are looked for.
    texts: Vec<&'a str>,
    words: Vec<&'a Word>,
    /// Some words' times are only guessed.
    provisional: bool,
    english: bool,
    /// Media time at which the question was over; absent: not known, or it was cut off.
    question_end_ms: Option<u64>,
    /// How long the interviewer was heard; absent: not known, or nothing was read aloud.
    interviewer_ms: Option<u64>,
    /// This recognizer has written down a hesitation ("um") somewhere in the interview.
    hesitations_transcribed: bool,
}

impl<'a> Material<'a> {
    fn new(history: &'a History, turn: &'a Turn, text: &'a str, provisional: &'a [Word]) -> Self {
        let spoken = turn.answer.as_ref().and_then(|answer| answer.spoken.as_deref());
        let language = history.params().map_or("", |params| params.language.as_str());
        let all = history.turns.iter().flat_map(Turn::words).chain(provisional);
        Self {
            turn: turn.turn,
            texts: [Some(text), spoken].into_iter().flatten().collect(),
            words: turn.words().chain(provisional).filter(|word| !tokens(&word.text).is_empty()).collect(),
            provisional: !provisional.is_empty(),
            english: is_english(language),
            question_end_ms: question_end_ms(history, turn),
            interviewer_ms: interviewer_ms(history, turn),
            hesitations_transcribed: all.into_iter().any(fillers::is_hesitation),
        }
    }

    /// First word's start to last word's end.
    fn window_ms(&self) -> u64 {
        match (self.words.first(), self.words.last()) {
            (Some(first), Some(last)) => last.end_ms.saturating_sub(first.start_ms),
            _ => 0,
        }
    }

    /// Gaps between words: the word before, the word after, the length.
    fn gaps(&self) -> impl Iterator<Item = (&'a Word, &'a Word, u64)> + '_ {
        self.words.windows(2).map(|pair| (pair[0], pair[1], pair[1].start_ms.saturating_sub(pair[0].end_ms)))
    }

    /// The window without its gaps of 250 ms or more.
    fn speech_ms(&self) -> u64 {
        let gaps: u64 = self.gaps().map(|(_, _, gap)| gap).filter(|gap| *gap >= GAP_MS).sum();
        self.window_ms().saturating_sub(gaps)
    }

    /// These words as evidence, where the transcript has them verbatim.
    fn evidence(&self, words: &[&Word], note: Option<String>) -> Option<Evidence> {
        let said: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
        let quote = quotes::verbatim(&self.texts, &said.join(" "))?;
        Some(Evidence {
            turn: self.turn,
            quote: prefix(quote, limits::METRIC_QUOTE_CHARS_MAX).trim_end().to_owned(),
            start_ms: words.first().map(|word| word.start_ms),
            end_ms: words.last().map(|word| word.end_ms),
            note,
        })
    }
}

/// Flags figures that rest on too little: under 10 words a minute, or words recognized with a mean confidence under 0.5.
struct Quality {
    flaw: Option<String>,
}

impl Quality {
    fn of(materials: &[Material<'_>]) -> Self {
        let words: Vec<&Word> = materials.iter().flat_map(|material| material.words.iter().copied()).collect();
        let window_ms: u64 = materials.iter().map(Material::window_ms).sum();
        if words.is_empty() || window_ms == 0 {
            return Self { flaw: None };
        }
        let confidence = words.iter().map(|word| f64::from(word.confidence)).sum::<f64>() / words.len() as f64;
        let flaw = if confidence < CONFIDENCE_MIN {
            Some("the words were recognized with little confidence".to_owned())
        } else if per_minute(words.len() as f64, window_ms) < WORDS_PER_MINUTE_MIN {
            Some("fewer than 10 words a minute were recognized".to_owned())
        } else {
            None
        };
        Self { flaw }
    }
}

/// Shown questions end when they are complete; spoken ones when they were heard to the end.
fn question_end_ms(history: &History, turn: &Turn) -> Option<u64> {
    let asked = turn.attempt();
    let playback = history.params().map(|params| params.playback)?;
    match (asked.state, playback) {
        (AttemptState::Done, Playback::Text) => asked.done_ms,
        (AttemptState::Done, Playback::Voice) if asked.heard_all => asked.heard_ms,
        (AttemptState::Asking | AttemptState::Done | AttemptState::Cancelled(_), _) => None,
    }
}

fn interviewer_ms(history: &History, turn: &Turn) -> Option<u64> {
    if history.params()?.playback != Playback::Voice {
        return None;
    }
    let heard = turn.attempts.iter().filter_map(|asked| Some(asked.heard_ms?.saturating_sub(asked.started_ms)));
    Some(heard.sum()).filter(|heard_ms| *heard_ms > 0)
}

fn per_minute(count: f64, window_ms: u64) -> f64 {
    count * 60_000.0 / window_ms as f64
}

fn measured(name: MetricName, value: f64, unit: &str, band: Option<&str>, evidence: Vec<Evidence>) -> Metric {
    Metric {
        name,
        status: MetricStatus::Measured,
        value: Some((value * 100.0).round() / 100.0),
        unit: Some(unit.to_owned()),
        band: band.map(str::to_owned),
        reason: None,
        evidence,
    }
}

fn not_measured(name: MetricName, reason: &str) -> Metric {
    Metric {
        name,
        status: MetricStatus::NotMeasured,
        value: None,
        unit: None,
        band: None,
        reason: Some(reason.to_owned()),
        evidence: Vec::new(),
    }
}

/// Gaps from here on are no articulation.
const GAP_MS: u64 = 250;
const WORDS_PER_MINUTE_MIN: f64 = 10.0;
const CONFIDENCE_MIN: f64 = 0.5;

const NO_WORDS: &str = "no spoken words were recognized in it";
const PROVISIONAL: &str = "the words' times were not final yet; the report has it";
