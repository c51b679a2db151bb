//! The recognizer that asks a transcription server, over real HTTP against a small server here, its faults included.

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use viva::embedded::transcriptions::{TranscriptionsConfig, TranscriptionsRecognizer};
use viva::ports::recognizer::{
    AudioPiece, Payload, Recognized, RecognizedWord, Recognizer, RecognizerError, RecognizerStream, StreamSpec,
};

/// What the server does with a request.
#[derive(Clone, Debug)]
enum Act {
    Say(&'static str),
    Refuse(u16),
    RetryAfter(u64),
    Stall,
    /// Half an answer, then the connection breaks.
    Break,
    Huge,
}

/// A request as it came.
#[derive(Clone, Debug)]
struct Asked {
    body: Vec<u8>,
    authorization: Option<String>,
}

impl Asked {
    fn has(&self, text: &str) -> bool {
        self.body.windows(text.len()).any(|window| window == text.as_bytes())
    }

    /// Samples in the WAV file.
    fn samples(&self) -> usize {
        let at = self.body.windows(4).position(|window| window == b"RIFF").expect("a WAV file");
        hound::WavReader::new(&self.body[at..]).expect("a WAV file").duration() as usize
    }
}

#[derive(Clone, Default)]
struct Server {
    asked: Arc<Mutex<Vec<Asked>>>,
    acts: Arc<Mutex<VecDeque<Act>>>,
}

impl Server {
    /// Acts in turn; the last one stays.
    async fn start(acts: &[Act]) -> (Self, TranscriptionsRecognizer) {
        let server = Self::default();
        server.acts.lock().expect("acts").extend(acts.iter().cloned());
        let app = Router::new().route("/v1/audio/transcriptions", post(answer)).with_state(server.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/v1/", listener.local_addr().expect("an address"));
        tokio::spawn(async move { axum::serve(listener, app).await });
        let config = TranscriptionsConfig {
            model: "tiny".into(),
            key: Some("secret".into()),
            languages: vec!["en".into(), "de".into()],
            timeout_ms: 500,
            ..TranscriptionsConfig::new(url)
        };
        (server, TranscriptionsRecognizer::new(config).expect("a recognizer"))
    }

    fn asked(&self) -> Vec<Asked> {
        self.asked.lock().expect("asked").clone()
    }
}

async fn answer(State(server): State<Server>, headers: HeaderMap, body: Bytes) -> Response {
    let authorization = headers.get("authorization").map(|value| value.to_str().expect("text").to_owned());
    server.asked.lock().expect("asked").push(Asked { body: body.to_vec(), authorization });
    let act = {
        let mut acts = server.acts.lock().expect("acts");
        if acts.len() > 1 { acts.pop_front() } else { acts.front().cloned() }
    };
    match act.expect("an act") {
        Act::Say(json) => json.into_response(),
        Act::Refuse(status) => StatusCode::from_u16(status).expect("a status").into_response(),
        Act::RetryAfter(seconds) => {
            (StatusCode::TOO_MANY_REQUESTS, [("retry-after", seconds.to_string())]).into_response()
        }
        Act::Stall => std::future::pending().await,
        Act::Break => {
            let broken = Err::<Bytes, _>(std::io::Error::other("broken"));
            Body::from_stream(futures::stream::iter([Ok(Bytes::from_static(b"{\"text\": \"ha")), broken]))
                .into_response()
        }
        Act::Huge => format!("{{\"text\": \"{}\"}}", "word ".repeat(400_000)).into_response(),
    }
}

fn piece(voiced: bool) -> AudioPiece {
    AudioPiece { duration_ms: 100, voiced, payload: Payload::Pcm16k(vec![if voiced { 900 } else { 0 }; 1_600]) }
}

/// Half a second of silence, so much speech (too little for a partial), a second of silence.
fn spoken(voiced_ms: usize) -> Vec<AudioPiece> {
    [vec![piece(false); 5], vec![piece(true); voiced_ms / 100], vec![piece(false); 10]].concat()
}

async fn open(recognizer: &TranscriptionsRecognizer) -> RecognizerStream {
    let spec = StreamSpec { language: "en-US".into(), hints: vec!["viva".into(), "voce".into()] };
    recognizer.open(spec).await.expect("a stream")
}

async fn say(
    recognizer: &TranscriptionsRecognizer,
    pieces: Vec<AudioPiece>,
) -> Vec<Result<Recognized, RecognizerError>> {
    let RecognizerStream { audio, mut results } = open(recognizer).await;
    let feeding = async move {
        for piece in pieces {
            if audio.send(piece).await.is_err() {
                return;
            }
        }
    };
    let hearing = async move {
        let mut heard = Vec::new();
        while let Some(result) = results.recv().await {
            heard.push(result);
        }
        heard
    };
    let both = async { tokio::join!(feeding, hearing).1 };
    tokio::time::timeout(Duration::from_secs(30), both).await.expect("the stream ends")
}

fn final_of(text: &str, words: &[(&str, u64, u64)]) -> Result<Recognized, RecognizerError> {
    let words = words.iter().map(|(text, start_ms, end_ms)| RecognizedWord {
        text: (*text).into(),
        start_ms: *start_ms,
        end_ms: *end_ms,
        confidence: 1.0,
    });
    Ok(Recognized::Final { text: text.into(), words: words.collect() })
}

const HELLO: Act = Act::Say(
    r#"{"text": "Hello you", "words": [{"word": "Hello", "start": 0.3, "end": 0.4}, {"word": "you", "start": 0.4, "end": 0.5}]}"#,
);

#[tokio::test(flavor = "multi_thread")]
async fn a_segment_is_sent_as_a_wav_file_and_its_words_come_back_in_stream_time() {
    let (server, recognizer) = Server::start(&[HELLO]).await;
    let heard = say(&recognizer, spoken(200)).await;
    assert_eq!(heard, [final_of("Hello you", &[("Hello", 500, 600), ("you", 600, 700)])]);
    let asked = server.asked();
    assert_eq!(asked.len(), 1);
    // 300 ms before, 200 ms of voice, 700 ms after.
    assert_eq!(asked[0].samples(), 12 * 1_600);
    assert_eq!(asked[0].authorization.as_deref(), Some("Bearer secret"));
    for text in ["tiny", "verbose_json", "viva, voce", "name=\"language\"\r\n\r\nen\r\n"] {
        assert!(asked[0].has(text), "{text} is missing");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn partials_come_from_the_growing_segment_one_at_a_time() {
    let first = Act::Say(r#"{"text": "one two"}"#);
    let second = Act::Say(r#"{"text": "one two three four"}"#);
    let (server, recognizer) = Server::start(&[first, second]).await;
    let mut stream = open(&recognizer).await;
    let mut partials = Vec::new();
    for _ in 0..2 {
        for _ in 0..10 {
            stream.audio.send(piece(true)).await.expect("room");
        }
        let result = tokio::time::timeout(Duration::from_secs(10), stream.results.recv()).await.expect("a partial");
        let Some(Ok(Recognized::Partial { text, stable_chars, .. })) = result else { panic!("{result:?}") };
        partials.push((text, stable_chars));
    }
    assert_eq!(partials, [("one two".into(), 0), ("one two three four".into(), 7)]);
    let sent: Vec<usize> = server.asked().iter().map(Asked::samples).collect();
    assert_eq!(sent, [16_000, 32_000]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_in_trouble_is_asked_again() {
    for trouble in [Act::Refuse(500), Act::Refuse(503), Act::RetryAfter(0), Act::Stall, Act::Break] {
        let (server, recognizer) = Server::start(&[trouble.clone(), HELLO]).await;
        let heard = say(&recognizer, spoken(200)).await;
        assert!(
            matches!(heard.as_slice(), [Ok(Recognized::Final { text, .. })] if text == "Hello you"),
            "{trouble:?}: {heard:?}"
        );
        assert_eq!(server.asked().len(), 2, "{trouble:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn trouble_that_lasts_ends_the_stream_with_an_error() {
    for (trouble, requests) in [
        (Act::Refuse(500), 3),
        (Act::Stall, 3),
        (Act::Break, 3),
        (Act::Say("garbage"), 1),
        (Act::Say("[1, 2]"), 1),
        (Act::Huge, 1),
        (Act::Refuse(422), 1),
        (Act::Refuse(400), 2),
    ] {
        let (server, recognizer) = Server::start(std::slice::from_ref(&trouble)).await;
        let heard = say(&recognizer, spoken(200)).await;
        assert!(matches!(heard.as_slice(), [Err(RecognizerError::Failed(_))]), "{trouble:?}: {heard:?}");
        assert_eq!(server.asked().len(), requests, "{trouble:?}");
    }
    let (_, recognizer) = Server::start(&[Act::Refuse(401)]).await;
    let heard = say(&recognizer, spoken(200)).await;
    assert!(matches!(heard.as_slice(), [Err(RecognizerError::Unavailable(_))]), "{heard:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_knows_only_plain_json_is_asked_for_that() {
    let (server, recognizer) = Server::start(&[Act::Refuse(400), Act::Say(r#"{"text": "yes"}"#)]).await;
    assert_eq!(say(&recognizer, spoken(200)).await, [final_of("yes", &[("yes", 200, 700)])]);
    assert_eq!(say(&recognizer, spoken(200)).await.len(), 1);
    let plain: Vec<bool> = server.asked().iter().map(|asked| !asked.has("verbose_json")).collect();
    assert_eq!(plain, [false, true, true]);
}

#[tokio::test(flavor = "multi_thread")]
async fn finals_come_in_the_order_of_the_segments() {
    let slow_then_quick = [Act::RetryAfter(1), Act::Say(r#"{"text": "second"}"#), Act::Say(r#"{"text": "first"}"#)];
    let (server, recognizer) = Server::start(&slow_then_quick).await;
    let RecognizerStream { audio, mut results } = open(&recognizer).await;
    for piece in spoken(200) {
        audio.send(piece).await.expect("the stream listens");
    }
    // The first segment is asked about first; its answer is the slow one.
    let asked = async {
        while server.asked().is_empty() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), asked).await.expect("the server is asked");
    for piece in spoken(200) {
        audio.send(piece).await.expect("the stream listens");
    }
    drop(audio);
    let mut heard = Vec::new();
    while let Some(result) = results.recv().await {
        heard.push(result);
    }
    let texts: Vec<&str> = heard
        .iter()
        .map(|result| match result {
            Ok(Recognized::Final { text, .. }) => text.as_str(),
            Ok(Recognized::Partial { .. } | Recognized::Progress { .. }) | Err(_) => "?",
        })
        .collect();
    assert_eq!(texts, ["first", "second"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_not_there_and_a_language_it_does_not_do_are_errors() {
    let config = TranscriptionsConfig { timeout_ms: 500, ..TranscriptionsConfig::new("http://127.0.0.1:1/v1") };
    let nobody = TranscriptionsRecognizer::new(config).expect("a recognizer");
    let heard = say(&nobody, spoken(200)).await;
    assert_eq!(heard, [Err(RecognizerError::Failed("the transcription server could not be reached".into()))]);
    let (_, recognizer) = Server::start(&[HELLO]).await;
    let refused =
        recognizer.open(StreamSpec { language: "fr-FR".into(), hints: Vec::new() }).await.expect_err("French");
    assert_eq!(refused.to_string(), "the recognizer tiny does not understand fr-FR");
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_asks_for_nothing() {
    let (server, recognizer) = Server::start(&[HELLO]).await;
    assert_eq!(say(&recognizer, vec![piece(false); 100]).await, []);
    assert!(server.asked().is_empty());
}
