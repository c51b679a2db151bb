//! From the library's words to ours: noises dropped, frames turned into stream time, and a beginning of each partial that stays.
//!
//! Pure; it knows neither decoders nor threads.

use crate::embedded::pocketsphinx::ffi::RawWord;
use crate::ports::recognizer::{Recognized, RecognizedWord};

/// The spoken words of an utterance that began at `start_ms` of the stream.
pub(super) fn spoken(raw: Vec<RawWord>, start_ms: u64) -> Vec<RecognizedWord> {
    let words = raw.into_iter().filter(|word| !is_noise(&word.text));
    words
        .map(|word| RecognizedWord {
            text: written(&word.text),
            start_ms: start_ms + word.first_frame * FRAME_MS,
            end_ms: start_ms + (word.last_frame + 1) * FRAME_MS,
            confidence: word.probability.clamp(0.0, 1.0) as f32,
        })
        .collect()
}

pub(super) fn final_of(words: Vec<RecognizedWord>) -> Recognized {
    Recognized::Final { text: join(&words), words }
}

/// Watches the partials of one segment: a word that stood in so many of them in a row, with all before it, will not change any more.
#[derive(Debug, Default)]
pub(super) struct Steady {
    /// Promised to stay.
    stable: Vec<RecognizedWord>,
    /// What came after them, in the last partials, the oldest first.
    loose: Vec<Vec<String>>,
    told: String,
}

impl Steady {
    /// The next partial; none when it says nothing new.
    pub(super) fn partial(&mut self, words: Vec<RecognizedWord>) -> Option<Recognized> {
        // What was promised stays, even if the search has come to think otherwise: the final tells.
        let settled_ms = self.stable.last().map_or(0, |word| word.end_ms);
        let mut rest: Vec<RecognizedWord> =
            words.into_iter().filter(|word| word.start_ms + OVERLAP_MS >= settled_ms.max(OVERLAP_MS)).collect();
        let texts: Vec<String> = rest.iter().map(|word| word.text.clone()).collect();
        let agreed = match self.loose.len() < STABLE_AFTER {
            true => 0,
            false => self.loose.iter().map(|earlier| common_prefix(earlier, &texts)).min().unwrap_or(0),
        };
        // The word that is being spoken is never sure of its end.
        let agreed = agreed.min(rest.len().saturating_sub(1));
        self.loose.push(texts);
        if self.loose.len() > STABLE_AFTER {
            self.loose.remove(0);
        }
        for earlier in &mut self.loose {
            earlier.drain(..agreed.min(earlier.len()));
        }
        self.stable.extend(rest.drain(..agreed));
        self.tell(&rest)
    }

    fn tell(&mut self, rest: &[RecognizedWord]) -> Option<Recognized> {
        let first = self.stable.first().or(rest.first())?;
        let last = rest.last().or(self.stable.last())?;
        let stable_chars = join(&self.stable).chars().count();
        let text = join(self.stable.iter().chain(rest));
        if text == self.told {
            return None;
        }
        self.told.clone_from(&text);
        Some(Recognized::Partial { text, stable_chars, start_ms: first.start_ms, end_ms: last.end_ms })
    }
}

/// Silence, sentence marks and fillers of the model: `<sil>`, `[NOISE]`, `++BREATH++`. `uh` and `um` are words of the dictionary, and stay.
fn is_noise(text: &str) -> bool {
    text.starts_with(['<', '[']) || text.starts_with("++")
}

/// The dictionary writes everything small and numbers the pronunciations: `read(2)`.
fn written(text: &str) -> String {
    let text = text.split_once('(').map_or(text, |(word, _)| word);
    match text.strip_prefix('i') {
        Some(rest) if rest.is_empty() || rest.starts_with('\'') => format!("I{rest}"),
        _ => text.to_owned(),
    }
}

fn join<'a>(words: impl IntoIterator<Item = &'a RecognizedWord>) -> String {
    words.into_iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ")
}

fn common_prefix(left: &[String], right: &[String]) -> usize {
    left.iter().zip(right).take_while(|(left, right)| left == right).count()
}

const FRAME_MS: u64 = 10;
/// Words of one hypothesis may share a frame.
const OVERLAP_MS: u64 = 20;
/// Partials that must agree before the one that promises.
const STABLE_AFTER: usize = 2;

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(texts: &str) -> Vec<RawWord> {
        let words = texts.split_whitespace().zip(0_u64..);
        words
            .map(|(text, index)| RawWord {
                text: text.into(),
                first_frame: index * 20,
                last_frame: index * 20 + 19,
                probability: 0.5,
            })
            .collect()
    }

    fn partials(said: &[&str]) -> Vec<(String, usize)> {
        let mut steady = Steady::default();
        let told = said.iter().filter_map(|texts| match steady.partial(spoken(raw(texts), 1_000)) {
            Some(Recognized::Partial { text, stable_chars, .. }) => Some((text, stable_chars)),
            Some(Recognized::Final { .. } | Recognized::Progress { .. }) | None => None,
        });
        told.collect()
    }

    #[test]
    fn noises_go_and_words_are_written_as_people_write_them() {
        let words = spoken(raw("<s> i read(2) [NOISE] i'm um it ++BREATH++ </s>"), 500);
        assert_eq!(join(&words), "I read I'm um it");
        assert_eq!((words[0].start_ms, words[0].end_ms), (700, 900));
        assert_eq!(words[0].confidence, 0.5);
    }

    #[test]
    fn what_three_partials_agree_on_is_stable_but_for_the_last_word() {
        let told = partials(&["we", "we had", "we had to", "we had to do", "we had to decide it"]);
        let stable: Vec<usize> = told.iter().map(|(_, stable_chars)| *stable_chars).collect();
        assert_eq!(stable, [0, 0, 2, 6, 9]);
        assert_eq!(partials(&["we had to", "we had to", "we had"]), [("we had to".into(), 0), ("we had".into(), 2)]);
    }

    #[test]
    fn a_promise_is_kept_when_the_search_changes_its_mind() {
        let told = partials(&["we had to", "we had to", "we had to go", "he hid to go now"]);
        assert_eq!(told[1], ("we had to go".into(), 9));
        assert_eq!(told[2], ("we had to go now".into(), 9));
    }

    #[test]
    fn a_partial_that_says_nothing_new_is_not_told() {
        assert_eq!(partials(&["", "we", "we", "we"]), [("we".into(), 0)]);
    }
}
