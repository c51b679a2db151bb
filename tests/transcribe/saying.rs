//! What is said comes through: words, times, promises; in Opus and in samples; with the settings of the configuration.

use crate::playing::{as_opus, as_pcm, finals, pieces, say, sound, spec, with};
use crate::transcribe::{Delays, End, Options, TranscribeStandIn};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use viva::cloud::transcribe::TranscribeRecognizer;
use viva::config::TranscribeConfig;
use viva::config::transcribe::Stability;
use viva::embedded::scripted::{Script, ScriptedRecognizer};
use viva::ports::recognizer::{AudioPiece, Payload, Recognized, Recognizer, RecognizerError, StreamSpec};

const TWO_ANSWERS: &[(bool, u64)] = &[(false, 300), (true, 2_100), (false, 1_200), (true, 3_000), (false, 1_200)];

#[tokio::test]
async fn a_script_says_the_same_through_transcribe_and_directly() {
    let direct = ScriptedRecognizer::new(Script::default());
    let (_stand_in, transcribe) = with(Options::default());
    for messages in [as_pcm(&sound(TWO_ANSWERS)), as_opus(&sound(TWO_ANSWERS))] {
        let expected = finals(&say(&direct, pieces(&direct, messages.clone())).await);
        assert_eq!(expected.len(), 2, "{expected:?}");
        assert_eq!(finals(&say(&transcribe, pieces(&transcribe, messages)).await), expected);
    }
}

#[tokio::test]
async fn opus_goes_as_it_came_and_samples_go_as_pcm_in_chunks_of_at_most_200_ms() {
    let (stand_in, transcribe) = with(Options::default());
    say(&transcribe, pieces(&transcribe, as_opus(&sound(TWO_ANSWERS)))).await;
    say(&transcribe, pieces(&transcribe, as_pcm(&sound(TWO_ANSWERS)))).await;
    let records = stand_in.records();
    let seen: Vec<_> = records.iter().map(|record| (record.encoding.as_str(), record.rate_hz, record.end)).collect();
    assert_eq!(seen, [("ogg-opus", 48_000, End::Finished), ("pcm", 16_000, End::Finished)]);
    assert!(records.iter().all(|record| record.chunk_ms_max <= 200), "{records:?}");
    assert_eq!(records[0].audio_ms, 7_800 + 20, "the end takes a packet");
    assert_eq!(records[1].audio_ms, 7_800);
    assert_ne!(records[0].session_id, records[1].session_id);
    assert_eq!(stand_in.billed(), Duration::from_secs(30), "each stream bills 15 s at least");
}

#[tokio::test]
async fn silence_without_samples_takes_its_time_in_both_forms() {
    let (stand_in, transcribe) = with(Options::default());
    for messages in [as_opus(&sound(&[(true, 1_000)])), as_pcm(&sound(&[(true, 1_000)]))] {
        let mut fed = pieces(&transcribe, messages);
        let said_before = fed.len();
        for ms in [300, 837] {
            fed.push(AudioPiece { duration_ms: ms, voiced: false, payload: Payload::None });
        }
        fed.extend(fed[..said_before].to_vec());
        let finals = finals(&say(&transcribe, fed).await);
        let [_, Recognized::Final { words, .. }] = &finals[..] else { panic!("two segments: {finals:?}") };
        assert!(words[0].start_ms.abs_diff(1_000 + 300 + 837) <= 20, "{words:?}");
    }
    assert_eq!(stand_in.records()[1].audio_ms, 1_000 + 300 + 837 + 1_000);
}

#[tokio::test]
async fn partials_promise_what_is_stable() {
    let (_stand_in, transcribe) = with(Options { tells_silence: true, ..Options::default() });
    let said = say(&transcribe, pieces(&transcribe, as_pcm(&sound(TWO_ANSWERS)))).await;
    let promises: Vec<String> = said
        .iter()
        .flatten()
        .filter_map(|said| match said {
            Recognized::Partial { text, stable_chars, start_ms, end_ms } => {
                assert!(start_ms < end_ms, "{said:?}");
                Some(text.chars().take(*stable_chars).collect())
            }
            Recognized::Final { .. } | Recognized::Progress { .. } => None,
        })
        .collect();
    assert!(promises.contains(&"in my last project".to_owned()), "{promises:?}");
    assert!(!said.iter().flatten().any(|said| matches!(said, Recognized::Progress { .. })), "it knows of none");
}

#[tokio::test]
async fn punctuation_stays_with_its_word() {
    let (_stand_in, transcribe) = with(Options { punctuates: true, ..Options::default() });
    let said = say(&transcribe, pieces(&transcribe, as_pcm(&sound(&[(true, 1_000), (false, 1_000)])))).await;
    let finals = finals(&said);
    let [Recognized::Final { text, words }] = &finals[..] else { panic!("one segment: {said:?}") };
    assert_eq!(text, "In my last.");
    assert_eq!(words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>(), ["In", "my", "last."]);
}

#[tokio::test]
async fn the_configuration_reaches_the_service() {
    let stand_in = TranscribeStandIn::start(Options::default());
    let config = TranscribeConfig {
        stability: Some(Stability::High),
        vocabularies: BTreeMap::from([("en-gb".into(), "terms".into())]),
        filters: BTreeMap::from([("en-gb".into(), "rude".into())]),
        redact: Some(vec!["NAME".into(), "EMAIL".into()]),
        opus_rate_hz: 16_000,
        ..TranscribeConfig::default()
    };
    let transcribe = TranscribeRecognizer::new(&stand_in.aws(), config);
    for language in ["en-GB", "de"] {
        let spec = StreamSpec { language: language.into(), hints: Vec::new() };
        let mut stream = transcribe.open(spec).await.unwrap();
        for piece in pieces(&transcribe, as_opus(&sound(&[(true, 400)]))) {
            stream.audio.send(piece).await.unwrap();
        }
        drop(stream.audio);
        while let Some(said) = stream.results.recv().await {
            said.unwrap();
        }
    }
    let records = stand_in.records();
    assert_eq!(records[0].language, "en-GB");
    assert_eq!(records[0].rate_hz, 16_000);
    assert_eq!(records[0].stability.as_deref(), Some("high"));
    assert_eq!(records[0].vocabulary.as_deref(), Some("terms"));
    assert_eq!(records[0].filter.as_deref(), Some("rude"));
    assert_eq!(records[0].redaction.as_deref(), Some("NAME,EMAIL"));
    assert_eq!(records[1].language, "de-DE");
    assert_eq!((records[1].vocabulary.as_deref(), records[1].filter.as_deref()), (None, None));
}

#[tokio::test]
async fn without_stabilization_nothing_is_promised() {
    let stand_in = TranscribeStandIn::start(Options::default());
    let config = TranscribeConfig { stability: None, ..TranscribeConfig::default() };
    let transcribe = TranscribeRecognizer::new(&stand_in.aws(), config);
    let said = say(&transcribe, pieces(&transcribe, as_pcm(&sound(TWO_ANSWERS)))).await;
    let promised = |said: &Recognized| matches!(said, Recognized::Partial { stable_chars, .. } if *stable_chars > 0);
    assert!(!said.iter().flatten().any(promised), "{said:?}");
    assert_eq!(stand_in.records()[0].stability, None);
}

#[tokio::test]
async fn a_language_that_is_not_streamed_is_refused_by_its_name() {
    let (stand_in, transcribe) = with(Options::default());
    let refused = transcribe.open(StreamSpec { language: "la".into(), hints: Vec::new() }).await.unwrap_err();
    assert!(matches!(refused, RecognizerError::Language { language, .. } if language == "la"));
    assert!(transcribe.info().speaks("en-US") && !transcribe.info().speaks("la"));
    assert_eq!(stand_in.records(), []);
}

#[tokio::test]
async fn a_final_comes_about_a_second_after_the_speech_as_it_does_at_aws() {
    let (_stand_in, transcribe) = with(Options { delays: Delays::Published, ..Options::default() });
    let mut stream = transcribe.open(spec()).await.unwrap();
    for piece in pieces(&transcribe, as_pcm(&sound(&[(true, 1_000), (false, 1_200)]))) {
        stream.audio.send(piece).await.unwrap();
    }
    let sent = Instant::now();
    loop {
        match stream.results.recv().await.expect("a final").unwrap() {
            Recognized::Final { .. } => break,
            Recognized::Partial { .. } | Recognized::Progress { .. } => {}
        }
    }
    assert!(sent.elapsed() > Duration::from_millis(800), "it came after {:?}", sent.elapsed());
}

#[tokio::test]
async fn without_audio_no_stream_is_asked_for() {
    let (stand_in, transcribe) = with(Options::default());
    let mut stream = transcribe.open(spec()).await.unwrap();
    stream.audio.send(AudioPiece { duration_ms: 300, voiced: false, payload: Payload::None }).await.unwrap();
    drop(stream.audio);
    assert_eq!(stream.results.recv().await, None);
    assert_eq!(stand_in.records(), []);
}
