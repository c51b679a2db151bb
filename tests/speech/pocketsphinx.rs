//! PocketSphinx behind its port. Where it is not installed these tests say so and pass: `make test` installs it.

#![expect(clippy::print_stderr, reason = "a skipped test says so, and the rate is worth seeing")]

use crate::hearing::{Pace, hear, read_wav, texts, word_errors};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::sync::{Mutex, MutexGuard};
use viva::embedded::pocketsphinx::{PocketSphinxConfig, PocketSphinxRecognizer};
use viva::ports::recognizer::{AudioPiece, Payload, Recognized, Recognizer, RecognizerError, StreamSpec};

/// The recognizer, and the right to use the machine alone: whether speech is kept up with depends on who else is at work.
async fn alone() -> Option<(Arc<PocketSphinxRecognizer>, MutexGuard<'static, ()>)> {
    static MACHINE: Mutex<()> = Mutex::const_new(());
    let machine = MACHINE.lock().await;
    recognizer().map(|recognizer| (recognizer, machine))
}

fn recognizer() -> Option<Arc<PocketSphinxRecognizer>> {
    static LOADED: OnceLock<Option<Arc<PocketSphinxRecognizer>>> = OnceLock::new();
    LOADED
        .get_or_init(|| match PocketSphinxRecognizer::load(&PocketSphinxConfig::default()) {
            Ok(recognizer) => Some(Arc::new(recognizer)),
            Err(error) => {
                eprintln!("SKIPPED, nothing was tested: {error}");
                None
            }
        })
        .clone()
}

/// The shipped answers: name, samples, text.
fn shipped() -> Vec<(String, Vec<i16>, String)> {
    texts().into_iter().map(|(name, path, text)| (name, read_wav(&path.with_extension("wav")), text)).collect()
}

fn spec(language: &str) -> StreamSpec {
    StreamSpec { language: language.into(), hints: Vec::new() }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_shipped_answers_are_recognized_with_at_most_15_percent_of_words_wrong() {
    let Some((recognizer, _machine)) = alone().await else { return };
    let (mut errors, mut words) = (0, 0);
    for (name, samples, text) in shipped() {
        let heard = hear(&*recognizer, &samples, Pace::AsTaken).await.expect("recognition");
        let (wrong, of) = word_errors(&text, &heard.text());
        assert!(wrong * 5 < of, "{name}: {wrong} of {of} words: {}", heard.text());
        errors += wrong;
        words += of;
    }
    let rate = errors as f64 / words as f64;
    eprintln!("word error rate {:.1} %", rate * 100.0);
    assert!(rate <= 0.15, "{errors} of {words} words are wrong");
}

#[tokio::test(flavor = "multi_thread")]
async fn partials_come_while_somebody_speaks_and_what_they_promise_stays() {
    let Some((recognizer, _machine)) = alone().await else { return };
    let (_, samples, _) = shipped().swap_remove(0);
    let heard = hear(&*recognizer, &samples[..16_000 * 8], Pace::RealTime).await.expect("recognition");
    let spoken_ms = 8_000;
    let early = heard.partials.iter().filter(|(played_ms, _)| *played_ms < spoken_ms).count();
    assert!(early >= 8, "{early} partials in 8 s");
    let mut promised = String::new();
    for (played_ms, partial) in &heard.partials {
        let Recognized::Partial { text, stable_chars, start_ms, end_ms } = partial else { continue };
        assert!(start_ms < end_ms && *end_ms <= played_ms + 200, "{partial:?} at {played_ms}");
        let stable: String = text.chars().take(*stable_chars).collect();
        // Only a new segment takes a promise back.
        assert!(stable.starts_with(&promised) || text.len() < promised.len(), "promised {promised:?}, then {text:?}");
        promised = stable;
    }
    assert!(promised.split_whitespace().count() >= 3, "only {promised:?} was ever stable");
    assert!(heard.final_after < Duration::from_secs(2), "the final came {:?} after the audio", heard.final_after);
}

#[tokio::test(flavor = "multi_thread")]
async fn words_carry_their_media_times_and_confidences() {
    let Some((recognizer, _machine)) = alone().await else { return };
    let (_, samples, text) = shipped().into_iter().find(|(name, _, _)| name == "deadline").expect("the answer");
    // Two seconds of silence before, in which the gate feeds nothing.
    let late: Vec<i16> = vec![0; 32_000].into_iter().chain(samples.iter().copied()).collect();
    let heard = hear(&*recognizer, &late, Pace::AsTaken).await.expect("recognition");
    assert!(heard.words.is_sorted_by(|a, b| a.end_ms <= b.start_ms + 20), "words overlap: {:?}", heard.words);
    let first = &heard.words[0];
    assert_eq!(first.text, text.split_whitespace().next().expect("a word").to_lowercase());
    let onset_ms = 2_000 + samples.iter().position(|sample| sample.abs() > 300).expect("a voice") as u64 / 16;
    assert!(first.start_ms.abs_diff(onset_ms) < 120, "{first:?}, but the voice begins at {onset_ms}");
    let end_ms = 2_000 + samples.iter().rposition(|sample| sample.abs() > 300).expect("a voice") as u64 / 16;
    let last = heard.words.last().expect("words");
    assert!(last.end_ms.abs_diff(end_ms) < 200, "{last:?}, but the voice ends at {end_ms}");
    let confidences: Vec<f32> = heard.words.iter().map(|word| word.confidence).collect();
    assert!(confidences.iter().all(|confidence| (0.0..=1.0).contains(confidence)));
    assert!(confidences.iter().any(|confidence| *confidence < 0.9), "all words are equally sure: {confidences:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn words_of_a_later_utterance_carry_their_media_times_too() {
    let Some((recognizer, _machine)) = alone().await else { return };
    let of = |wanted: &str| shipped().into_iter().find(|(name, _, _)| name == wanted).expect("the answer").1;
    let (first, second) = (of("deadline"), of("mistake"));
    let mut samples = first[..16_000 * 6].to_vec();
    samples.resize(16_000 * 9, 0);
    samples.extend(&second[..16_000 * 5]);
    let heard = hear(&*recognizer, &samples, Pace::AsTaken).await.expect("recognition");
    let onset_ms = 9_000 + second.iter().position(|sample| sample.abs() > 300).expect("a voice") as u64 / 16;
    let word = heard.words.iter().find(|word| word.text == "biggest").expect("\"my biggest mistake\"");
    assert!((onset_ms..onset_ms + 800).contains(&word.start_ms), "{word:?}, but the voice begins at {onset_ms}");
    assert!(heard.words.is_sorted_by(|a, b| a.start_ms < b.start_ms), "{:?}", heard.words);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_people_speak_at_once_and_neither_falls_behind() {
    let Some((recognizer, _machine)) = alone().await else { return };
    let mut answers = shipped();
    let speakers: Vec<_> = (0..2)
        .map(|_| {
            let (_, samples, text) = answers.remove(0);
            let recognizer = Arc::clone(&recognizer);
            tokio::spawn(
                async move { (hear(&*recognizer, &samples, Pace::RealTime).await.expect("recognition"), text) },
            )
        })
        .collect();
    for speaker in speakers {
        let (heard, text) = speaker.await.expect("a speaker");
        let (wrong, of) = word_errors(&text, &heard.text());
        assert!(wrong * 5 < of, "{wrong} of {of} words: {}", heard.text());
        assert!(heard.final_after < Duration::from_secs(1), "behind by {:?}", heard.final_after);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn more_people_than_decoders_wait_for_one_and_lose_nothing() {
    let Some((_, _machine)) = alone().await else { return };
    let config = PocketSphinxConfig { threads: NonZeroUsize::new(1), ..PocketSphinxConfig::default() };
    let recognizer = Arc::new(PocketSphinxRecognizer::load(&config).expect("it was loaded before"));
    let (_, samples, _) = shipped().swap_remove(1);
    let said = samples[..16_000 * 3].to_vec();
    let speakers: Vec<_> = (0..6)
        .map(|_| {
            let (recognizer, said) = (Arc::clone(&recognizer), said.clone());
            tokio::spawn(async move { hear(&*recognizer, &said, Pace::AsTaken).await.expect("recognition").text() })
        })
        .collect();
    for speaker in speakers {
        let text = speaker.await.expect("a speaker");
        assert!(text.starts_with("there was one week"), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_and_noise_give_no_words_and_break_nothing() {
    let Some((recognizer, _machine)) = alone().await else { return };
    let stream = recognizer.open(spec("en-GB")).await.expect("a stream");
    let mut state = 1_u32;
    let mut noise = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 20) as i16 - 2_048
    };
    for index in 0..60 {
        let voiced = (10..30).contains(&index);
        let payload = match index % 3 {
            0 => Payload::None,
            _ => Payload::Pcm16k((0..1_600).map(|_| if voiced { noise() } else { 0 }).collect()),
        };
        stream.audio.send(AudioPiece { duration_ms: 100, voiced, payload }).await.expect("room");
    }
    drop(stream.audio);
    let mut results = stream.results;
    while let Some(result) = results.recv().await {
        let result = result.expect("recognition");
        if let Recognized::Final { text, .. } = result {
            assert!(text.split_whitespace().count() <= 3, "noise became {text:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_is_dropped_in_mid_word_leaves_its_decoder_to_others() {
    let Some((recognizer, _machine)) = alone().await else { return };
    let (_, samples, text) = shipped().swap_remove(1);
    for _ in 0..12 {
        let stream = recognizer.open(spec("en")).await.expect("a stream");
        for chunk in samples[..16_000].chunks(1_600) {
            let piece = AudioPiece { duration_ms: 100, voiced: true, payload: Payload::Pcm16k(chunk.to_vec()) };
            stream.audio.send(piece).await.expect("room");
        }
    }
    let heard = hear(&*recognizer, &samples, Pace::AsTaken).await.expect("recognition");
    let (wrong, of) = word_errors(&text, &heard.text());
    assert!(wrong * 5 < of, "{wrong} of {of} words: {}", heard.text());
}

#[tokio::test]
async fn a_language_it_cannot_do_is_refused_by_name() {
    let Some((recognizer, _machine)) = alone().await else { return };
    let refused = recognizer.open(spec("de-DE")).await.expect_err("German");
    assert_eq!(refused.to_string(), "the recognizer PocketSphinx (US English) does not understand de-DE");
}

#[test]
fn what_is_missing_is_named_with_the_package_that_brings_it() {
    let config = PocketSphinxConfig { library: Some("/nowhere/lib.so".into()), ..PocketSphinxConfig::default() };
    let Err(RecognizerError::Unavailable(why)) = PocketSphinxRecognizer::load(&config) else { panic!("it was loaded") };
    assert!(why.contains("libpocketsphinx3"), "{why}");
    if recognizer().is_some() {
        let models = PocketSphinxConfig::with_models(&PathBuf::from("/nowhere"));
        let Err(RecognizerError::Unavailable(why)) = PocketSphinxRecognizer::load(&models) else {
            panic!("it was loaded")
        };
        assert!(why.contains("/nowhere") && why.contains("pocketsphinx-en-us"), "{why}");
    }
}
