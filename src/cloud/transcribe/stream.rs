//! One stream from its first audio to its last word. The audio goes up as it comes, whether or not Transcribe has answered yet.
//!
//! Nothing on the way notices a connection that has fallen silent, so the time since audio was sent and nothing came is kept here.

use crate::cloud::transcribe::chunks::{Chunk, Chunks, Encoding};
use crate::cloud::transcribe::{exceptions, results};
use crate::config::limits::{
    RECOGNIZER_FINISHES_MS, RECOGNIZER_OWES_MS, TRANSCRIBE_CHUNKS_MAX, TRANSCRIBE_SILENT_MS_MAX,
};
use crate::ports::recognizer::{AudioPiece, Recognized, RecognizerError};
use aws_sdk_transcribestreaming::operation::start_stream_transcription::builders::StartStreamTranscriptionFluentBuilder;
use aws_sdk_transcribestreaming::primitives::Blob;
use aws_sdk_transcribestreaming::types::error::AudioStreamError;
use aws_sdk_transcribestreaming::types::{AudioEvent, AudioStream, MediaEncoding, TranscriptResultStream};
use futures::stream::poll_fn;
use std::time::Duration;
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::time::Instant;

/// Runs until the last word was told, something failed, or nobody listens any more.
pub(super) async fn run(
    request: StartStreamTranscriptionFluentBuilder,
    opus_rate_hz: u32,
    pieces: Receiver<AudioPiece>,
    told: Sender<Result<Recognized, RecognizerError>>,
) {
    tokio::select! {
        done = transcribe(request, opus_rate_hz, pieces, &told) => if let Err(error) = done {
            // If nobody reads it, nobody needs it.
            let _ = told.send(Err(error)).await;
        },
        () = told.closed() => {}
    }
}

async fn transcribe(
    request: StartStreamTranscriptionFluentBuilder,
    opus_rate_hz: u32,
    pieces: Receiver<AudioPiece>,
    told: &Sender<Result<Recognized, RecognizerError>>,
) -> Result<(), RecognizerError> {
    let Some((mut chunks, encoding)) = Chunks::begin(pieces).await? else { return Ok(()) };
    let (encoding, rate_hz) = match encoding {
        Encoding::OggOpus => (MediaEncoding::OggOpus, opus_rate_hz),
        Encoding::Pcm16k => (MediaEncoding::Pcm, PCM_RATE_HZ),
    };
    let (up, mut audio) = mpsc::channel::<Result<AudioStream, AudioStreamError>>(TRANSCRIBE_CHUNKS_MAX);
    let answer = request
        .media_encoding(encoding)
        .media_sample_rate_hertz(rate_hz.cast_signed())
        .audio_stream(poll_fn(move |cx| audio.poll_recv(cx)).into())
        .send();
    tokio::pin!(answer);
    let mut up = Some(up);
    let mut down = None;
    let mut debt = Debt::default();
    loop {
        tokio::select! {
            sent = send(&mut chunks, up.as_ref()), if up.is_some() => match sent? {
                Some(ms) => debt.sent(ms),
                None => {
                    up = None;
                    debt.ended();
                }
            },
            answered = &mut answer, if down.is_none() => {
                down = Some(answered.map_err(exceptions::at_start)?.transcript_result_stream);
                debt.answered();
            }
            event = receive(&mut down), if down.is_some() => match event? {
                Some(event) => {
                    let recognized = match event {
                        TranscriptResultStream::TranscriptEvent(event) => results::recognized(event),
                        _ => Vec::new(),
                    };
                    debt.heard(&recognized);
                    for result in recognized {
                        // Whoever listens no more is noticed by the caller.
                        let _ = told.send(Ok(result)).await;
                    }
                }
                None if up.is_none() => return Ok(()),
                None => return Err(exceptions::failed("Transcribe ended the stream")),
            },
            () = debt.due() => return Err(exceptions::failed("Transcribe has fallen silent")),
        }
    }
}

/// Sends the next chunk as soon as there is one and room for it, and answers its length; `None` after the last. May be given up at any time.
async fn send(
    chunks: &mut Chunks,
    up: Option<&Sender<Result<AudioStream, AudioStreamError>>>,
) -> Result<Option<u64>, RecognizerError> {
    let Some(up) = up else { return Ok(None) };
    let Ok(room) = up.reserve().await else {
        // The request has let go of its body; its answer tells why.
        return std::future::pending().await;
    };
    let Some(Chunk { bytes, ms }) = chunks.next().await? else { return Ok(None) };
    let event = AudioEvent::builder().audio_chunk(Blob::new(bytes)).build();
    room.send(Ok(AudioStream::AudioEvent(event)));
    Ok(Some(ms))
}

async fn receive(down: &mut Option<Events>) -> Result<Option<TranscriptResultStream>, RecognizerError> {
    match down {
        Some(events) => events.recv().await.map_err(exceptions::within),
        None => std::future::pending().await,
    }
}

type Events = aws_sdk_transcribestreaming::primitives::event_stream::EventReceiver<
    TranscriptResultStream,
    aws_sdk_transcribestreaming::types::error::TranscriptResultStreamError,
>;

/// What Transcribe owes: an answer to the request, the end of a segment that it began, an end after the input's end. Where it proved to tell
/// of silence too, anything at all to audio.
#[derive(Debug, Default)]
struct Debt {
    /// When audio was sent to which nothing came yet.
    since: Option<Instant>,
    unheard_ms: u64,
    answered: bool,
    in_segment: bool,
    tells_silence: bool,
    ended: bool,
}

#[expect(clippy::disallowed_methods, reason = "this adapter keeps the time that the protocol does not")]
impl Debt {
    fn sent(&mut self, ms: u64) {
        self.since.get_or_insert_with(Instant::now);
        self.unheard_ms += ms;
    }

    fn ended(&mut self) {
        self.ended = true;
        self.since = Some(Instant::now());
    }

    fn answered(&mut self) {
        self.answered = true;
        self.since = self.since.map(|_| Instant::now());
    }

    fn heard(&mut self, recognized: &[Recognized]) {
        match recognized.last() {
            Some(Recognized::Partial { .. }) => self.in_segment = true,
            Some(Recognized::Final { .. }) => self.in_segment = false,
            Some(Recognized::Progress { .. }) => {}
            None => self.tells_silence = true,
        }
        self.unheard_ms = 0;
        self.since = self.ended.then(Instant::now);
    }

    /// Waits until what is owed has been waited for in vain.
    async fn due(&self) {
        let owes = !self.answered
            || self.ended
            || (self.in_segment && self.unheard_ms >= RECOGNIZER_FINISHES_MS)
            || (self.tells_silence && self.unheard_ms >= RECOGNIZER_OWES_MS);
        match self.since.filter(|_| owes) {
            Some(since) => tokio::time::sleep_until(since + Duration::from_millis(TRANSCRIBE_SILENT_MS_MAX)).await,
            None => std::future::pending().await,
        }
    }
}

const PCM_RATE_HZ: u32 = 16_000;
