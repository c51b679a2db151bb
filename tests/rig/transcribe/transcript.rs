//! From what was recognized to the service's transcript events.

use super::exception::text;
use aws_smithy_types::event_stream::Message;
use serde_json::{Value, json};
use viva::ports::recognizer::{Recognized, RecognizedWord};

/// How results are written.
pub(super) struct Writer {
    pub(super) stabilizes: bool,
    pub(super) punctuates: bool,
    pub(super) language: String,
    /// Segments so far: each has a result id of its own.
    pub(super) segments: u64,
}

impl Writer {
    /// `None`: the service tells no such thing.
    pub(super) fn event(&mut self, recognized: &Recognized) -> Option<Message> {
        let result = match recognized {
            Recognized::Partial { text, stable_chars, start_ms, end_ms } => {
                self.partial(text, *stable_chars, *start_ms, *end_ms)
            }
            Recognized::Final { text, words } => {
                let result = self.finished(text, words);
                self.segments += 1;
                result
            }
            Recognized::Progress { .. } => return None,
        };
        Some(event(&json!([result])))
    }

    fn partial(&self, text: &str, stable_chars: usize, start_ms: u64, end_ms: u64) -> Value {
        let count = text.split_whitespace().count().max(1) as u64;
        let mut through = 0;
        let items: Vec<Value> = (0..)
            .zip(text.split_whitespace())
            .map(|(index, word)| {
                through += usize::from(index > 0) + word.chars().count();
                let at = |index: u64| start_ms + (end_ms.saturating_sub(start_ms)) * index / count;
                let mut item = item("pronunciation", word, at(index), at(index + 1));
                if self.stabilizes {
                    item["Stable"] = json!(through <= stable_chars);
                }
                item
            })
            .collect();
        self.result(true, text, start_ms, end_ms, &items)
    }

    fn finished(&self, text: &str, words: &[RecognizedWord]) -> Value {
        let mut text = text.to_owned();
        let mut items: Vec<Value> = words
            .iter()
            .map(|word| {
                let mut item = item("pronunciation", &word.text, word.start_ms, word.end_ms);
                item["Confidence"] = json!(word.confidence);
                if self.stabilizes {
                    item["Stable"] = json!(true);
                }
                item
            })
            .collect();
        let end_ms = words.last().map_or(0, |word| word.end_ms);
        if self.punctuates && !words.is_empty() {
            let first = capital(&words[0].text);
            items[0]["Content"] = json!(first);
            text = format!("{first}{}.", &text[words[0].text.len()..]);
            items.push(item("punctuation", ".", end_ms, end_ms));
        }
        self.result(false, &text, words.first().map_or(0, |word| word.start_ms), end_ms, &items)
    }

    fn result(&self, partial: bool, text: &str, start_ms: u64, end_ms: u64, items: &[Value]) -> Value {
        json!({
            "ResultId": format!("result-{}", self.segments),
            "ChannelId": "ch_0",
            "LanguageCode": self.language,
            "IsPartial": partial,
            "StartTime": seconds(start_ms),
            "EndTime": seconds(end_ms),
            "Alternatives": [{ "Transcript": text, "Items": items }],
        })
    }
}

/// An event without results: there was audio, and nothing in it.
pub(super) fn nothing() -> Message {
    event(&json!([]))
}

fn event(results: &Value) -> Message {
    Message::new(json!({ "Transcript": { "Results": results } }).to_string())
        .add_header(text(":event-type", "TranscriptEvent"))
        .add_header(text(":content-type", "application/json"))
        .add_header(text(":message-type", "event"))
}

fn item(kind: &str, content: &str, start_ms: u64, end_ms: u64) -> Value {
    json!({
        "Type": kind,
        "Content": content,
        "StartTime": seconds(start_ms),
        "EndTime": seconds(end_ms),
        "VocabularyFilterMatch": false,
    })
}

fn seconds(ms: u64) -> f64 {
    ms as f64 / 1_000.0
}

fn capital(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}
