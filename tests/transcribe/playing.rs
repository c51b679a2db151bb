//! Voices and silence as clients send them, and what a recognizer makes of them.

use crate::transcribe::{Options, Record, TranscribeStandIn};
use bytes::Bytes;
use std::time::{Duration, Instant};
use viva::audio::framing;
use viva::audio::intake::Intake;
use viva::cloud::transcribe::TranscribeRecognizer;
use viva::config::TranscribeConfig;
use viva::interview::params::{AudioFormat, Codec};
use viva::ports::recognizer::{AudioPiece, Recognized, Recognizer, RecognizerError, RecognizerStream, StreamSpec};

pub(crate) fn recognizer(stand_in: &TranscribeStandIn) -> TranscribeRecognizer {
    TranscribeRecognizer::new(&stand_in.aws(), TranscribeConfig::default())
}

pub(crate) fn with(options: Options) -> (TranscribeStandIn, TranscribeRecognizer) {
    let stand_in = TranscribeStandIn::start(options);
    let recognizer = recognizer(&stand_in);
    (stand_in, recognizer)
}

pub(crate) fn spec() -> StreamSpec {
    StreamSpec { language: "en-US".into(), hints: Vec::new() }
}

/// A rough vowel of 120 Hz, or nothing, at 16 kHz.
pub(crate) fn sound(runs: &[(bool, u64)]) -> Vec<i16> {
    let run = |(voiced, ms): &(bool, u64)| {
        let voiced = *voiced;
        (0..ms * 16).map(move |at| if voiced { ((at % 133) as i16 - 66) * 120 } else { 0 })
    };
    runs.iter().flat_map(run).collect()
}

/// The messages of a client that sends samples.
pub(crate) fn as_pcm(samples: &[i16]) -> (AudioFormat, Vec<Bytes>) {
    let bytes = |message: &[i16]| message.iter().flat_map(|sample| sample.to_le_bytes()).collect::<Vec<_>>().into();
    let format = AudioFormat { codec: Codec::PcmS16le, sample_rate_hz: 16_000, channels: 1 };
    (format, samples.chunks(3_200).map(bytes).collect())
}

/// The messages of a client that sends Opus: ten packets of 20 ms each.
pub(crate) fn as_opus(samples: &[i16]) -> (AudioFormat, Vec<Bytes>) {
    let mut encoder = opus::Encoder::new(16_000, opus::Channels::Mono, opus::Application::Voip).unwrap();
    encoder.set_bitrate(opus::Bitrate::Bits(24_000)).unwrap();
    let packets: Vec<Vec<u8>> =
        samples.chunks_exact(320).map(|frame| encoder.encode_vec(frame, 1_500).unwrap()).collect();
    let format = AudioFormat { codec: Codec::Opus, sample_rate_hz: 16_000, channels: 1 };
    (format, packets.chunks(10).map(|some| framing::message(some).unwrap()).collect())
}

/// What a recognizer is fed of them.
pub(crate) fn pieces(recognizer: &dyn Recognizer, (format, messages): (AudioFormat, Vec<Bytes>)) -> Vec<AudioPiece> {
    let mut intake = Intake::new(format, recognizer.audio_form()).unwrap();
    let taken = messages.iter().flat_map(|data| intake.take(intake.position_ms(), data).unwrap()).collect::<Vec<_>>();
    taken.into_iter().map(|timed| timed.piece).collect()
}

pub(crate) type Said = Result<Recognized, RecognizerError>;

/// Feeds it all and reads to the end.
pub(crate) async fn say(recognizer: &dyn Recognizer, pieces: Vec<AudioPiece>) -> Vec<Said> {
    let RecognizerStream { audio, mut results } = recognizer.open(spec()).await.unwrap();
    let feeding = tokio::spawn(async move {
        for piece in pieces {
            if audio.send(piece).await.is_err() {
                return;
            }
        }
    });
    let mut said = Vec::new();
    while let Some(result) = results.recv().await {
        said.push(result);
    }
    feeding.await.unwrap();
    said
}

pub(crate) fn finals(said: &[Said]) -> Vec<Recognized> {
    said.iter().flatten().filter(|said| matches!(said, Recognized::Final { .. })).cloned().collect()
}

/// The error that ended it.
pub(crate) fn failure(said: &[Said]) -> &RecognizerError {
    said.last().and_then(|last| last.as_ref().err()).unwrap_or_else(|| panic!("it did not fail: {said:?}"))
}

/// Waits until the stand-in has seen something.
pub(crate) async fn seen(stand_in: &TranscribeStandIn, what: impl Fn(&[Record]) -> bool) -> Vec<Record> {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let records = stand_in.records();
        if what(&records) {
            return records;
        }
        assert!(Instant::now() < deadline, "it was waited for in vain: {records:?}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
