//! The scripted recognizer through its port.

use super::*;
use crate::ports::recognizer::Payload;

fn piece(duration_ms: u64, voiced: bool) -> AudioPiece {
    AudioPiece { duration_ms, voiced, payload: Payload::None }
}

fn spec(language: &str) -> StreamSpec {
    StreamSpec { language: language.into(), hints: Vec::new() }
}

async fn say(recognizer: &ScriptedRecognizer, pieces: &[AudioPiece]) -> Vec<Result<Recognized, RecognizerError>> {
    let RecognizerStream { audio, mut results } = recognizer.open(spec("en-US")).await.expect("a stream");
    let mut heard = Vec::new();
    for piece in pieces {
        if audio.send(piece.clone()).await.is_err() {
            break;
        }
        tokio::task::yield_now().await;
        while let Ok(result) = results.try_recv() {
            heard.push(result);
        }
    }
    drop(audio);
    while let Some(result) = results.recv().await {
        heard.push(result);
    }
    heard
}

fn finals(heard: &[Result<Recognized, RecognizerError>]) -> Vec<String> {
    let texts = heard.iter().filter_map(|result| match result {
        Ok(Recognized::Final { text, .. }) => Some(text.clone()),
        Ok(Recognized::Partial { .. } | Recognized::Progress { .. }) | Err(_) => None,
    });
    texts.collect()
}

fn spoken(voiced_ms: u64) -> Vec<AudioPiece> {
    let mut pieces = vec![piece(100, true); (voiced_ms / 100) as usize];
    pieces.extend(vec![piece(100, false); 12]);
    pieces
}

#[tokio::test]
async fn a_partial_comes_every_500_ms_and_the_final_with_the_first_silence() {
    let script = Script { answers: vec!["one two three four".into()], ..Script::default() };
    let heard = say(&ScriptedRecognizer::new(script), &spoken(1_200)).await;
    let partial = |text: &str, stable_chars, end_ms| {
        Ok(Recognized::Partial { text: text.into(), stable_chars, start_ms: 0, end_ms })
    };
    let word = |text: &str, start_ms, end_ms| RecognizedWord { text: text.into(), start_ms, end_ms, confidence: 1.0 };
    let words = vec![word("one", 0, 400), word("two", 400, 800), word("three", 800, 1_200)];
    let end = Ok(Recognized::Final { text: "one two three".into(), words });
    assert_eq!(heard, vec![partial("one", 0, 400), partial("one two", 3, 800), end]);
}

#[tokio::test]
async fn segments_take_the_answers_in_turn() {
    let script = Script { answers: vec!["red".into(), "green".into()], word_ms: 1_000, ..Script::default() };
    let pieces = [spoken(800), spoken(800), spoken(800)].concat();
    assert_eq!(finals(&say(&ScriptedRecognizer::new(script), &pieces).await), ["red", "green", "red"]);
}

#[tokio::test]
async fn the_end_of_the_audio_makes_the_segment_final() {
    let heard = say(&ScriptedRecognizer::new(Script::default()), &[piece(900, true)]).await;
    assert_eq!(finals(&heard), ["in my last"]);
}

#[tokio::test(start_paused = true)]
async fn a_script_can_fail_stall_flood_and_be_late() {
    let broken = ScriptedRecognizer::new(
        Script::parse(r#"{"failingOpens": 1, "failsAfterMs": 600, "languages": ["en"]}"#).expect("a script"),
    );
    assert!(matches!(broken.open(spec("en-GB")).await, Err(RecognizerError::Failed(_))));
    assert!(matches!(broken.open(spec("de-DE")).await, Err(RecognizerError::Language { .. })));
    let heard = say(&broken, &spoken(1_000)).await;
    assert!(matches!(heard.as_slice(), [Ok(Recognized::Partial { .. }), Err(RecognizerError::Failed(_))]), "{heard:?}");

    let flooding = ScriptedRecognizer::new(Script { partial_copies: 30, ..Script::default() });
    assert_eq!(say(&flooding, &spoken(500)).await.len(), 31);

    let late = ScriptedRecognizer::new(Script { final_delay_ms: 5_000, ..Script::default() });
    assert!(tokio::time::timeout(Duration::from_secs(4), say(&late, &spoken(400))).await.is_err());
    assert_eq!(say(&late, &spoken(400)).await.len(), 1);

    let stalled = ScriptedRecognizer::new(Script { stalls_after_ms: Some(0), ..Script::default() });
    let mut stream = stalled.open(spec("en")).await.expect("a stream");
    stream.audio.send(piece(100, true)).await.expect("room");
    let waited = tokio::time::timeout(Duration::from_secs(60), stream.results.recv()).await;
    assert!(waited.is_err(), "a stalled stream says nothing, and does not end either");
}

#[test]
fn a_script_that_makes_no_sense_is_refused() {
    for json in [r#"{"wordMs": 0}"#, r#"{"answers": []}"#, r#"{"answers": ["  "]}"#, r#"{"unknown": 1}"#, "7"] {
        assert!(Script::parse(json).is_err(), "{json}");
    }
}
