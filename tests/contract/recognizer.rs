//! What every [`Recognizer`] does. The adapter under test understands words in any voice; it knows English and does not know Latin.

use std::time::Duration;
use viva::ports::recognizer::{
    AudioForm, AudioPiece, Payload, Recognized, RecognizedWord, Recognizer, RecognizerError, RecognizerStream,
    StreamSpec,
};

macro_rules! recognizer_contract {
    ($make:path) => {
        contract!(
            recognizer,
            $make,
            [
                a_pause_of_a_second_makes_a_segment_final,
                finals_are_in_order_and_within_what_was_fed,
                the_last_final_comes_after_the_end_of_the_input,
                partials_keep_what_they_promise,
                a_stream_that_waits_for_audio_holds_up_no_other,
                a_language_it_does_not_know_is_refused,
                an_abandoned_stream_leaves_no_trace_in_the_next,
            ]
        );
    };
}

fn spec(language: &str) -> StreamSpec {
    StreamSpec { language: language.into(), hints: Vec::new() }
}

/// A rough vowel, or silence, in pieces of 100 ms.
fn sound(recognizer: &dyn Recognizer, runs: &[(bool, u64)]) -> Vec<AudioPiece> {
    let piece = |voiced: bool| {
        let sample = |at: i16| if voiced { (at % 133 - 66) * 120 } else { 0 };
        let payload = match recognizer.audio_form() {
            AudioForm::Timing => Payload::None,
            AudioForm::Pcm16k | AudioForm::OpusOrPcm16k => Payload::Pcm16k((0..1_600).map(sample).collect()),
        };
        AudioPiece { duration_ms: 100, voiced, payload }
    };
    runs.iter().flat_map(|(voiced, ms)| (0..ms / 100).map(|_| piece(*voiced))).collect()
}

async fn feed(stream: &RecognizerStream, pieces: Vec<AudioPiece>) {
    for piece in pieces {
        stream.audio.send(piece).await.expect("it takes audio");
    }
}

async fn next(stream: &mut RecognizerStream) -> Option<Recognized> {
    let next = tokio::time::timeout(Duration::from_secs(20), stream.results.recv()).await;
    next.expect("it says something").transpose().expect("it does not fail")
}

async fn next_final(stream: &mut RecognizerStream) -> Vec<RecognizedWord> {
    loop {
        match next(stream).await.expect("a final") {
            Recognized::Final { words, .. } => return words,
            Recognized::Partial { .. } | Recognized::Progress { .. } => {}
        }
    }
}

/// Ends the input and reads what is left.
async fn rest(stream: RecognizerStream) -> Vec<Recognized> {
    let RecognizerStream { audio, results } = stream;
    drop(audio);
    let (kept, _) = tokio::sync::mpsc::channel(1);
    let mut stream = RecognizerStream { audio: kept, results };
    let mut said = Vec::new();
    while let Some(next) = next(&mut stream).await {
        said.push(next);
    }
    said
}

pub(crate) async fn a_pause_of_a_second_makes_a_segment_final(recognizer: &dyn Recognizer) {
    let mut stream = recognizer.open(spec("en-US")).await.unwrap();
    feed(&stream, sound(recognizer, &[(true, 2_000), (false, 1_000)])).await;
    assert!(!next_final(&mut stream).await.is_empty());
    // And the stream goes on.
    feed(&stream, sound(recognizer, &[(true, 1_000), (false, 1_000)])).await;
    assert!(!next_final(&mut stream).await.is_empty());
}

pub(crate) async fn finals_are_in_order_and_within_what_was_fed(recognizer: &dyn Recognizer) {
    let stream = recognizer.open(spec("en-US")).await.unwrap();
    let runs =
        [(false, 300), (true, 1_500), (false, 1_200), (true, 2_500), (false, 1_200), (true, 800), (false, 1_200)];
    feed(&stream, sound(recognizer, &runs)).await;
    let said = rest(stream).await;
    let finals: Vec<_> = said
        .iter()
        .filter_map(|said| match said {
            Recognized::Final { text, words } => Some((text, words)),
            Recognized::Partial { .. } | Recognized::Progress { .. } => None,
        })
        .collect();
    assert_eq!(finals.len(), 3, "{said:?}");
    let mut through_ms = 300;
    for (text, words) in finals {
        assert_eq!(*text, words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" "));
        for word in words {
            assert!(word.start_ms >= through_ms && word.end_ms >= word.start_ms, "{word:?} after {through_ms}");
            assert!((0.0..=1.0).contains(&word.confidence));
            through_ms = word.end_ms;
        }
    }
    assert!(through_ms <= runs.iter().map(|(_, ms)| ms).sum());
}

pub(crate) async fn the_last_final_comes_after_the_end_of_the_input(recognizer: &dyn Recognizer) {
    let stream = recognizer.open(spec("en-US")).await.unwrap();
    feed(&stream, sound(recognizer, &[(true, 1_500)])).await;
    let said = rest(stream).await;
    assert!(matches!(said.last(), Some(Recognized::Final { words, .. }) if !words.is_empty()), "{said:?}");
}

pub(crate) async fn partials_keep_what_they_promise(recognizer: &dyn Recognizer) {
    let stream = recognizer.open(spec("en-US")).await.unwrap();
    feed(&stream, sound(recognizer, &[(true, 5_000), (false, 1_000)])).await;
    let mut promised = String::new();
    let mut partials = 0;
    for said in rest(stream).await {
        let text = match &said {
            Recognized::Partial { text, stable_chars, start_ms, end_ms } => {
                assert!(*stable_chars <= text.chars().count() && start_ms <= end_ms, "{said:?}");
                partials += 1;
                text
            }
            Recognized::Final { text, .. } => text,
            Recognized::Progress { .. } => continue,
        };
        assert!(text.starts_with(&promised), "{promised:?} was promised, then came {said:?}");
        if let Recognized::Partial { text, stable_chars, .. } = &said {
            promised = text.chars().take(*stable_chars).collect();
        }
    }
    assert!(partials >= 2 && !promised.is_empty(), "{partials} partials, {promised:?}");
}

pub(crate) async fn a_stream_that_waits_for_audio_holds_up_no_other(recognizer: &dyn Recognizer) {
    let waiting = recognizer.open(spec("en-US")).await.unwrap();
    let mut other = recognizer.open(spec("en-US")).await.unwrap();
    feed(&other, sound(recognizer, &[(true, 1_000), (false, 1_000)])).await;
    assert!(!next_final(&mut other).await.is_empty());
    feed(&waiting, sound(recognizer, &[(true, 1_000), (false, 1_000)])).await;
    assert!(rest(waiting).await.iter().any(|said| matches!(said, Recognized::Final { .. })));
}

pub(crate) async fn a_language_it_does_not_know_is_refused(recognizer: &dyn Recognizer) {
    assert!(recognizer.info().speaks("en-US") && !recognizer.info().speaks("la"));
    let refused = recognizer.open(spec("la")).await;
    assert!(matches!(refused, Err(RecognizerError::Language { language, .. }) if language == "la"));
}

pub(crate) async fn an_abandoned_stream_leaves_no_trace_in_the_next(recognizer: &dyn Recognizer) {
    let abandoned = recognizer.open(spec("en-US")).await.unwrap();
    feed(&abandoned, sound(recognizer, &[(true, 3_000)])).await;
    drop(abandoned);
    let mut next = recognizer.open(spec("en-US")).await.unwrap();
    feed(&next, sound(recognizer, &[(true, 1_000), (false, 1_000)])).await;
    let words = next_final(&mut next).await;
    assert!(words.last().is_some_and(|word| word.end_ms <= 1_300), "{words:?}");
}
