//! What a transcription server answers, in the shapes that are in use, as words in stream time. Pure.

use crate::config::limits::{TRANSCRIPT_CHARS_MAX, TRANSCRIPT_WORDS_MAX};
use crate::ports::recognizer::RecognizedWord;
use serde::Deserialize;

/// `json` has the text alone; `verbose_json` may have words, or segments, or both.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Answer {
    text: String,
    #[serde(default)]
    words: Option<Vec<TimedText>>,
    #[serde(default)]
    segments: Option<Vec<Segment>>,
}

/// Times are seconds from the start of the file.
#[derive(Debug, Deserialize)]
struct TimedText {
    #[serde(alias = "text")]
    word: String,
    start: f64,
    end: f64,
    #[serde(default, alias = "score")]
    probability: Option<f64>,
}

#[derive(Debug, Deserialize)]
struct Segment {
    #[serde(default)]
    text: String,
    start: f64,
    end: f64,
    #[serde(default)]
    avg_logprob: Option<f64>,
    #[serde(default)]
    no_speech_prob: Option<f64>,
}

/// Where the file lies in the stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Extent {
    pub(super) start_ms: u64,
    pub(super) end_ms: u64,
}

impl Answer {
    /// Words in order, within the extent. Times that the server does not tell are spread by the words' lengths; a confidence that it does
    /// not tell is 1.
    pub(super) fn words(self, extent: Extent) -> Vec<RecognizedWord> {
        let segments = self.segments.unwrap_or_default();
        let doubted = !segments.is_empty() && segments.iter().all(Segment::is_silence);
        if doubted || self.text.chars().count() > TRANSCRIPT_CHARS_MAX {
            return Vec::new();
        }
        let mut words = match self.words {
            Some(words) if !words.is_empty() => told(words, &segments, extent),
            _ if segments.iter().any(|segment| !segment.text.trim().is_empty()) => {
                let spoken = segments.iter().filter(|segment| !segment.is_silence());
                spoken.flat_map(|segment| spread(&segment.text, segment.extent(extent), segment.confidence())).collect()
            }
            _ => spread(&self.text, extent, 1.0),
        };
        words.truncate(TRANSCRIPT_WORDS_MAX);
        in_order(&mut words);
        words
    }
}

impl Segment {
    /// Whisper makes up words for silence, and says itself that it doubts them.
    fn is_silence(&self) -> bool {
        self.no_speech_prob.is_some_and(|p| p > 0.6) && self.avg_logprob.is_some_and(|log| log < -1.0)
    }

    fn confidence(&self) -> f32 {
        self.avg_logprob.map_or(1.0, |log| log.exp().clamp(0.0, 1.0) as f32)
    }

    fn extent(&self, whole: Extent) -> Extent {
        Extent { start_ms: moment(self.start, whole), end_ms: moment(self.end, whole) }
    }
}

fn told(words: Vec<TimedText>, segments: &[Segment], extent: Extent) -> Vec<RecognizedWord> {
    let words = words.into_iter().filter(|word| !word.word.trim().is_empty());
    words
        .map(|word| {
            let around = segments.iter().find(|segment| segment.start <= word.start && word.start < segment.end);
            RecognizedWord {
                text: word.word.trim().to_owned(),
                start_ms: moment(word.start, extent),
                end_ms: moment(word.end, extent),
                confidence: match word.probability {
                    Some(probability) => probability.clamp(0.0, 1.0) as f32,
                    None => around.map_or(1.0, Segment::confidence),
                },
            }
        })
        .collect()
}

fn spread(text: &str, extent: Extent, confidence: f32) -> Vec<RecognizedWord> {
    let length_ms = extent.end_ms.saturating_sub(extent.start_ms);
    let chars = |word: &str| word.chars().count() as u64 + 1;
    let all = text.split_whitespace().map(chars).sum::<u64>().max(1);
    let mut before = 0;
    let words = text.split_whitespace().map(|word| {
        let start_ms = extent.start_ms + length_ms * before / all;
        before += chars(word);
        RecognizedWord {
            text: word.to_owned(),
            start_ms,
            end_ms: extent.start_ms + length_ms * before / all,
            confidence,
        }
    });
    words.collect()
}

/// A server's word on time is no better than its clock: keep words in order and apart.
fn in_order(words: &mut [RecognizedWord]) {
    let mut from_ms = 0;
    for word in words {
        word.start_ms = word.start_ms.max(from_ms);
        word.end_ms = word.end_ms.max(word.start_ms);
        from_ms = word.end_ms;
    }
}

fn moment(seconds: f64, extent: Extent) -> u64 {
    // The cast saturates, and takes what is not a number for 0.
    extent.start_ms.saturating_add((seconds * 1_000.0).max(0.0) as u64).min(extent.end_ms)
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXTENT: Extent = Extent { start_ms: 1_000, end_ms: 3_000 };

    fn words(json: &str) -> Vec<(String, u64, u64, f32)> {
        let answer: Answer = serde_json::from_str(json).expect("an answer");
        answer.words(EXTENT).into_iter().map(|w| (w.text, w.start_ms, w.end_ms, w.confidence)).collect()
    }

    fn word(text: &str, start_ms: u64, end_ms: u64, confidence: f32) -> (String, u64, u64, f32) {
        (text.into(), start_ms, end_ms, confidence)
    }

    #[test]
    fn words_with_times_are_taken_as_told() {
        let json = r#"{"text": "Hi there.", "words": [{"word": " Hi", "start": 0.1, "end": 0.5}, {"word": "there.", "start": 0.5, "end": 9}]}"#;
        assert_eq!(words(json), [word("Hi", 1_100, 1_500, 1.0), word("there.", 1_500, 3_000, 1.0)]);
    }

    #[test]
    fn segments_alone_spread_their_words_and_lend_their_confidence() {
        let json =
            r#"{"text": "a bcd", "segments": [{"text": " a bcd", "start": 0, "end": 1.2, "avg_logprob": -0.5}]}"#;
        assert_eq!(words(json), [word("a", 1_000, 1_400, 0.606_530_66), word("bcd", 1_400, 2_200, 0.606_530_66)]);
    }

    #[test]
    fn a_text_alone_is_spread_over_the_whole() {
        assert_eq!(words(r#"{"text": "one two"}"#), [word("one", 1_000, 2_000, 1.0), word("two", 2_000, 3_000, 1.0)]);
        assert_eq!(words(r#"{"text": "  "}"#), []);
    }

    #[test]
    fn words_made_up_for_silence_are_dropped() {
        let json = r#"{"text": "Thank you.", "segments": [{"text": "Thank you.", "start": 0, "end": 2, "avg_logprob": -1.4, "no_speech_prob": 0.9}]}"#;
        assert_eq!(words(json), []);
    }

    #[test]
    fn times_that_make_no_sense_are_brought_into_order() {
        let json = r#"{"text": "a b", "words": [{"word": "a", "start": 1e300, "end": -5}, {"word": "b", "start": -1, "end": 0.2}]}"#;
        assert_eq!(words(json), [word("a", 3_000, 3_000, 1.0), word("b", 3_000, 3_000, 1.0)]);
    }
}
