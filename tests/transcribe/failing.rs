//! Whatever goes wrong at the service or on the way there ends the stream with a reason that its caller can act upon.

use crate::playing::{as_pcm, failure, pieces, recognizer, say, seen, sound, spec, with};
use crate::transcribe::{End, Fault, Kind, Options, TranscribeStandIn};
use std::collections::BTreeMap;
use viva::cloud::aws::Aws;
use viva::cloud::transcribe::TranscribeRecognizer;
use viva::config::TranscribeConfig;
use viva::ports::recognizer::{AudioPiece, Recognized, Recognizer, RecognizerError};

fn failed(why: &str) -> RecognizerError {
    RecognizerError::Failed(why.into())
}

fn speech(recognizer: &dyn Recognizer) -> Vec<AudioPiece> {
    pieces(recognizer, as_pcm(&sound(&[(true, 3_000), (false, 1_000)])))
}

#[tokio::test]
async fn a_refused_stream_says_why() {
    let (stand_in, transcribe) = with(Options::default());
    let cases = [
        (Fault::Refused(Kind::BadRequest), RecognizerError::Unavailable("Transcribe takes no such request".into())),
        (Fault::Refused(Kind::LimitExceeded), RecognizerError::Busy),
        (Fault::Refused(Kind::InternalFailure), failed("Transcribe broke down")),
        (Fault::Refused(Kind::Conflict), failed("another stream took this one's place")),
        (Fault::Refused(Kind::ServiceUnavailable), failed("Transcribe cannot be had at the moment")),
        (Fault::Expired, failed("the credentials for Transcribe have expired")),
    ];
    for (fault, expected) in cases {
        stand_in.plan([fault]);
        let said = say(&transcribe, speech(&transcribe)).await;
        assert_eq!(said, [Err(expected)], "{fault:?}");
    }
    // And then it goes on as if nothing had been.
    assert!(say(&transcribe, speech(&transcribe)).await.iter().all(Result::is_ok));
}

#[tokio::test]
async fn an_exception_in_mid_stream_follows_what_was_understood() {
    let (stand_in, transcribe) = with(Options::default());
    let cases = [
        (Kind::BadRequest, failed("Transcribe does not take the audio")),
        (Kind::LimitExceeded, RecognizerError::Busy),
        (Kind::InternalFailure, failed("Transcribe broke down")),
        (Kind::Conflict, failed("another stream took this one's place")),
        (Kind::ServiceUnavailable, failed("Transcribe cannot be had at the moment")),
    ];
    for (kind, expected) in cases {
        stand_in.plan([Fault::Exception { after_ms: 2_000, kind }]);
        let said = say(&transcribe, speech(&transcribe)).await;
        assert_eq!(failure(&said), &expected, "{kind:?}");
        assert_eq!(stand_in.records().last().unwrap().end, End::Exception(kind));
    }
}

#[tokio::test]
async fn a_broken_connection_fails_the_stream_and_the_next_makes_another() {
    let (stand_in, transcribe) = with(Options::default());
    stand_in.plan([Fault::Cut { after_ms: 1_000 }]);
    let said = say(&transcribe, speech(&transcribe)).await;
    assert_eq!(failure(&said), &failed("the connection to Transcribe broke"));
    let said = say(&transcribe, speech(&transcribe)).await;
    assert!(said.iter().all(Result::is_ok), "{said:?}");
}

#[tokio::test]
async fn a_certificate_of_someone_else_is_not_trusted() {
    let (one, other) = (TranscribeStandIn::start(Options::default()), TranscribeStandIn::start(Options::default()));
    let aws = Aws::of_function(&one.environment_with(&other.ca_path())).unwrap();
    let transcribe = TranscribeRecognizer::new(&aws, TranscribeConfig::default());
    let said = say(&transcribe, speech(&transcribe)).await;
    assert_eq!(said, [Err(failed("the connection to Transcribe broke"))]);
    assert_eq!(one.records(), []);
}

#[tokio::test]
async fn nobody_there_is_a_failure() {
    let stand_in = TranscribeStandIn::start(Options::default());
    let transcribe = recognizer(&stand_in);
    drop(stand_in);
    let said = say(&transcribe, speech(&transcribe)).await;
    assert!(matches!(said[..], [Err(RecognizerError::Failed(_))]), "{said:?}");
}

#[tokio::test]
async fn a_vocabulary_that_nobody_made_is_not_asked_for_again() {
    let stand_in = TranscribeStandIn::start(Options::default());
    let vocabularies = BTreeMap::from([("en-us".to_owned(), "unknown".to_owned())]);
    let config = TranscribeConfig { vocabularies, ..TranscribeConfig::default() };
    let transcribe = TranscribeRecognizer::new(&stand_in.aws(), config);
    let said = say(&transcribe, speech(&transcribe)).await;
    assert!(matches!(failure(&said), RecognizerError::Unavailable(_)), "{said:?}");
}

#[tokio::test]
async fn more_streams_than_allowed_are_busy_until_one_ends() {
    let (stand_in, transcribe) = with(Options { streams_max: 1, ..Options::default() });
    let mut first = transcribe.open(spec()).await.unwrap();
    for piece in speech(&transcribe) {
        first.audio.send(piece).await.unwrap();
    }
    seen(&stand_in, |records| records.len() == 1).await;
    assert_eq!(say(&transcribe, speech(&transcribe)).await, [Err(RecognizerError::Busy)]);
    drop(first.audio);
    while let Some(said) = first.results.recv().await {
        said.unwrap();
    }
    seen(&stand_in, |records| records[0].end == End::Finished).await;
    assert!(say(&transcribe, speech(&transcribe)).await.iter().all(Result::is_ok));
}

#[tokio::test]
async fn fifteen_seconds_without_audio_end_the_stream() {
    // 250 ms here.
    let (stand_in, transcribe) = with(Options { time_scale: 60, ..Options::default() });
    let mut stream = transcribe.open(spec()).await.unwrap();
    for piece in speech(&transcribe) {
        stream.audio.send(piece).await.unwrap();
    }
    let mut said = Vec::new();
    while let Some(result) = stream.results.recv().await {
        said.push(result);
    }
    assert_eq!(failure(&said), &failed("Transcribe waited for audio in vain"));
    assert_eq!(stand_in.records()[0].end, End::Exception(Kind::BadRequest));
}

#[tokio::test]
async fn a_service_that_falls_silent_is_noticed() {
    let fallen = |fault| async move {
        let (stand_in, transcribe) = with(Options::default());
        stand_in.plan([fault]);
        let said = say(&transcribe, speech(&transcribe)).await;
        assert_eq!(failure(&said), &failed("Transcribe has fallen silent"), "{fault:?}");
    };
    tokio::join!(fallen(Fault::NoAnswer), fallen(Fault::Silence { after_ms: 1_500 }));
}

#[tokio::test]
async fn silence_owes_nothing_and_ends_no_stream() {
    let (stand_in, transcribe) = with(Options { tells_silence: true, ..Options::default() });
    let mut stream = transcribe.open(spec()).await.unwrap();
    for piece in speech(&transcribe) {
        stream.audio.send(piece).await.unwrap();
    }
    loop {
        match stream.results.recv().await.expect("a final").unwrap() {
            Recognized::Final { .. } => break,
            Recognized::Partial { .. } | Recognized::Progress { .. } => {}
        }
    }
    // Longer than what is owed may take, shorter than what the service waits.
    let quiet = tokio::time::timeout(std::time::Duration::from_secs(10), stream.results.recv()).await;
    assert!(quiet.is_err(), "{quiet:?}");
    assert_eq!(stand_in.records()[0].end, End::Live);
}

#[tokio::test]
async fn letting_go_of_a_stream_ends_it_at_the_service() {
    let (stand_in, transcribe) = with(Options::default());
    let stream = transcribe.open(spec()).await.unwrap();
    for piece in speech(&transcribe) {
        stream.audio.send(piece).await.unwrap();
    }
    seen(&stand_in, |records| records.len() == 1).await;
    drop(stream);
    seen(&stand_in, |records| records[0].end == End::Left).await;
}
