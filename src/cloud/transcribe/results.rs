//! From Transcribe's results to what was recognized. Times stay what they are: those of the stream.

use crate::ports::recognizer::{Recognized, RecognizedWord};
use aws_sdk_transcribestreaming::types::{Item, ItemType, Result as Transcribed, TranscriptEvent};

/// What an event tells, in order. Many tell nothing.
pub(super) fn recognized(event: TranscriptEvent) -> Vec<Recognized> {
    let results = event.transcript.and_then(|transcript| transcript.results).unwrap_or_default();
    results.into_iter().filter_map(of_result).collect()
}

fn of_result(result: Transcribed) -> Option<Recognized> {
    let (start_ms, end_ms) = (milliseconds(result.start_time), milliseconds(result.end_time));
    let best = result.alternatives.unwrap_or_default().into_iter().next();
    let (text, items) = match best {
        Some(best) => (best.transcript.unwrap_or_default(), best.items.unwrap_or_default()),
        None => (String::new(), Vec::new()),
    };
    if !result.is_partial {
        return Some(Recognized::Final { text, words: words(items) });
    }
    let stable_chars = stable_chars(&text, &items);
    (!text.is_empty()).then_some(Recognized::Partial { text, stable_chars, start_ms, end_ms })
}

/// Words with their punctuation.
fn words(items: Vec<Item>) -> Vec<RecognizedWord> {
    let mut words: Vec<RecognizedWord> = Vec::new();
    // What stands before a word, as in ¿qué?
    let mut opening = String::new();
    for item in items {
        let Some(content) = item.content.filter(|content| !content.is_empty()) else { continue };
        match (item.r#type, words.last_mut()) {
            (Some(ItemType::Punctuation), Some(last)) if !content.starts_with(OPENING) => last.text.push_str(&content),
            (Some(ItemType::Punctuation), _) => opening.push_str(&content),
            _ => words.push(RecognizedWord {
                text: std::mem::take(&mut opening) + &content,
                start_ms: milliseconds(item.start_time),
                end_ms: milliseconds(item.end_time).max(milliseconds(item.start_time)),
                // It is given for every word of a final; there is no better guess where it is not.
                confidence: item.confidence.map_or(1.0, |confidence| confidence.clamp(0.0, 1.0) as f32),
            }),
        }
    }
    words
}

/// How much of the text its first items cover that are promised to stay.
fn stable_chars(text: &str, items: &[Item]) -> usize {
    let mut through = 0;
    for item in items.iter().take_while(|item| item.stable == Some(true)) {
        let Some(content) = &item.content else { continue };
        match text[through..].find(content.as_str()) {
            Some(at) => through += at + content.len(),
            None => break,
        }
    }
    text[..through].chars().count()
}

fn milliseconds(seconds: f64) -> u64 {
    (seconds.max(0.0) * 1_000.0).round() as u64
}

const OPENING: [char; 6] = ['¿', '¡', '«', '“', '(', '['];

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_transcribestreaming::types::{Alternative, Transcript};

    fn word(content: &str, start: f64, stable: bool) -> Item {
        Item::builder()
            .content(content)
            .r#type(ItemType::Pronunciation)
            .start_time(start)
            .end_time(start + 0.25)
            .confidence(0.5)
            .stable(stable)
            .build()
    }

    fn mark(content: &str, stable: bool) -> Item {
        Item::builder().content(content).r#type(ItemType::Punctuation).stable(stable).build()
    }

    fn event(is_partial: bool, text: &str, items: Vec<Item>) -> TranscriptEvent {
        let alternative = Alternative::builder().transcript(text).set_items(Some(items)).build();
        let result = Transcribed::builder()
            .start_time(1.0)
            .end_time(2.5)
            .is_partial(is_partial)
            .alternatives(alternative)
            .build();
        TranscriptEvent::builder().transcript(Transcript::builder().results(result).build()).build()
    }

    #[test]
    fn punctuation_belongs_to_the_word_before_and_opening_marks_to_the_one_after() {
        let items =
            vec![mark("¿", true), word("Qué", 1.0, true), mark("?", true), word("Nada", 2.0, true), mark(".", true)];
        let [Recognized::Final { text, words }] = &recognized(event(false, "¿Qué? Nada.", items))[..] else {
            panic!("one final")
        };
        assert_eq!(text, "¿Qué? Nada.");
        let expected = [("¿Qué?", 1_000, 1_250), ("Nada.", 2_000, 2_250)]
            .map(|(text, start_ms, end_ms)| RecognizedWord { text: text.into(), start_ms, end_ms, confidence: 0.5 });
        assert_eq!(words[..], expected);
    }

    #[test]
    fn a_partial_promises_its_first_stable_items_alone() {
        let items = vec![word("Über", 1.0, true), mark(",", true), word("so", 1.5, false), word("zu", 2.0, true)];
        let expected =
            Recognized::Partial { text: "Über, so zu".into(), stable_chars: 5, start_ms: 1_000, end_ms: 2_500 };
        assert_eq!(recognized(event(true, "Über, so zu", items)), [expected]);
    }

    #[test]
    fn events_without_results_tell_nothing() {
        assert_eq!(recognized(TranscriptEvent::builder().build()), []);
        assert_eq!(recognized(event(true, "", vec![])), []);
    }
}
