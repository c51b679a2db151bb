//! One stream's life: events up are decoded, checked and fed to a recognizer; what it says goes down, late if so wished.

#![allow(clippy::disallowed_methods, reason = "a server keeps its own time")]

use super::audio::Audio;
use super::exception::Exception;
use super::request::Asked;
use super::server::Down;
use super::transcript::{self, Writer};
use super::{Delays, End, Fault, Kind, Shared};
use aws_smithy_eventstream::frame::{DecodedFrame, MessageFrameDecoder, read_message_from, write_message_to};
use aws_smithy_types::event_stream::{HeaderValue, Message};
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::{Frame, Incoming};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, mpsc};
use tokio::time::Instant;
use viva::ports::recognizer::{AudioPiece, Recognized, RecognizerError, StreamSpec};

pub(super) struct Stream {
    pub(super) shared: Arc<Shared>,
    pub(super) asked: Asked,
    pub(super) index: usize,
    pub(super) fault: Fault,
    /// Another stream took its session id.
    pub(super) killed: Arc<Notify>,
}

/// Why a stream is over, in the middle of it.
enum Over {
    Exception(Exception),
    Cut,
    Left,
    /// Its input ended.
    Input,
}

impl From<Exception> for Over {
    fn from(exception: Exception) -> Self {
        Self::Exception(exception)
    }
}

impl Stream {
    pub(super) async fn hold(self, mut body: Incoming, down: Down) -> End {
        let speech = &self.shared.options.speech;
        let spec = StreamSpec { language: self.asked.language.clone(), hints: Vec::new() };
        let audio = Audio::new(&self.asked, speech.audio_form());
        let (mut audio, stream) = match (audio, speech.open(spec).await) {
            (Ok(audio), Ok(stream)) => (audio, stream),
            (Err(exception), _) => return tell_exception(&down, &exception).await,
            (_, Err(error)) => return tell_exception(&down, &Exception::bad_request(error.to_string())).await,
        };
        let teller = tokio::spawn(self.teller(down.clone()).run(stream.results));
        let over = self.listen(&mut body, &mut audio, &stream.audio, &down).await;
        match over {
            Over::Input => {
                drop(stream.audio);
                match teller.await {
                    Ok(Ok(())) => End::Finished,
                    _ => tell_exception(&down, &Kind::InternalFailure.into()).await,
                }
            }
            Over::Exception(exception) => {
                teller.abort();
                tell_exception(&down, &exception).await
            }
            Over::Cut => End::Cut,
            Over::Left => {
                teller.abort();
                End::Left
            }
        }
    }

    fn teller(&self, down: Down) -> Teller {
        let writer = Writer {
            stabilizes: self.asked.stability.is_some(),
            punctuates: self.shared.options.punctuates,
            language: self.asked.language.clone(),
            segments: 0,
        };
        Teller { shared: Arc::clone(&self.shared), index: self.index, fault: self.fault, writer, down }
    }

    async fn listen(
        &self,
        body: &mut Incoming,
        audio: &mut Audio,
        speech: &mpsc::Sender<AudioPiece>,
        down: &Down,
    ) -> Over {
        let mut events = Events::default();
        let began = Instant::now();
        let quiet = Duration::from_millis(QUIET_MS_MAX) / self.shared.options.time_scale;
        let mut heard_at = began;
        loop {
            let frame = tokio::select! {
                frame = body.frame() => frame,
                () = tokio::time::sleep_until(heard_at + quiet) => {
                    return Exception::bad_request(TIMED_OUT).into();
                }
                () = self.killed.notified() => return Exception::from(Kind::Conflict).into(),
                () = down.closed() => return Over::Left,
            };
            let data = match frame.map(|frame| frame.map(Frame::into_data)) {
                Some(Ok(Ok(data))) => data,
                Some(Ok(Err(_))) => continue,
                // Broken off, or without the empty event that ends it.
                Some(Err(_)) | None => return Over::Left,
            };
            let chunks = match events.read(&data) {
                Ok(chunks) => chunks,
                Err(exception) => return exception.into(),
            };
            for chunk in chunks {
                let Some(chunk) = chunk else { return Over::Input };
                match self.take(audio, &chunk, began, speech, down).await {
                    Ok(()) => heard_at = Instant::now(),
                    Err(over) => return over,
                }
            }
        }
    }

    async fn take(
        &self,
        audio: &mut Audio,
        chunk: &Bytes,
        began: Instant,
        speech: &mpsc::Sender<AudioPiece>,
        down: &Down,
    ) -> Result<(), Over> {
        let (ms, pieces) = audio.take(chunk)?;
        let mut audio_ms = 0;
        self.shared.note(self.index, |record| {
            record.audio_ms += ms;
            record.chunks += 1;
            record.chunk_ms_max = record.chunk_ms_max.max(ms);
            audio_ms = record.audio_ms;
        });
        if Duration::from_millis(audio_ms) > began.elapsed() + Duration::from_millis(self.shared.options.ahead_ms_max) {
            return Err(Exception::bad_request("The audio comes far too fast.").into());
        }
        match self.fault {
            Fault::Exception { after_ms, kind } if audio_ms > after_ms => return Err(Exception::from(kind).into()),
            Fault::Cut { after_ms } if audio_ms > after_ms => return Err(Over::Cut),
            _ => {}
        }
        let silent = pieces.iter().all(|piece| !piece.voiced);
        for piece in pieces {
            if speech.send(piece).await.is_err() {
                return Err(Exception::from(Kind::InternalFailure).into());
            }
        }
        if silent && self.shared.options.tells_silence {
            tell(down, &transcript::nothing()).await.map_err(|()| Over::Left)?;
        }
        Ok(())
    }
}

/// Reads what the recognizer says and sends it down.
struct Teller {
    shared: Arc<Shared>,
    index: usize,
    fault: Fault,
    writer: Writer,
    down: Down,
}

impl Teller {
    async fn run(mut self, mut results: mpsc::Receiver<Result<Recognized, RecognizerError>>) -> Result<(), ()> {
        while let Some(result) = results.recv().await {
            let recognized = result.map_err(|_| ())?;
            let arrived = Instant::now();
            let Some(event) = self.writer.event(&recognized) else { continue };
            if matches!(recognized, Recognized::Final { .. }) {
                tokio::time::sleep_until(arrived + self.delay()).await;
            }
            if self.is_mute() {
                return std::future::pending().await;
            }
            tell(&self.down, &event).await?;
        }
        if self.is_mute() { std::future::pending().await } else { Ok(()) }
    }

    fn is_mute(&self) -> bool {
        let mut audio_ms = 0;
        self.shared.note(self.index, |record| audio_ms = record.audio_ms);
        matches!(self.fault, Fault::Silence { after_ms } if audio_ms > after_ms)
    }

    fn delay(&self) -> Duration {
        match self.shared.options.delays {
            Delays::None => Duration::ZERO,
            Delays::Published => {
                let nth = self.shared.next_final() as usize;
                // Voice activity notices the end of speech so much later than the ear.
                Duration::from_millis(PUBLISHED_MS[nth % PUBLISHED_MS.len()] - HANGOVER_MS)
            }
        }
    }
}

/// Decodes the signed events of a request.
#[derive(Default)]
struct Events {
    decoder: MessageFrameDecoder,
    buffer: BytesMut,
}

impl Events {
    /// The chunks that these bytes complete; `None` for the empty event that ends the stream.
    fn read(&mut self, data: &Bytes) -> Result<Vec<Option<Bytes>>, Exception> {
        self.buffer.extend_from_slice(data);
        let mut found = Vec::new();
        loop {
            match self.decoder.decode_frame(&mut self.buffer) {
                Ok(DecodedFrame::Complete(message)) => found.push(chunk(&message)?),
                Ok(DecodedFrame::Incomplete) => return Ok(found),
                Err(error) => return Err(Exception::bad_request(format!("Not an event stream: {error}"))),
            }
        }
    }
}

fn chunk(signed: &Message) -> Result<Option<Bytes>, Exception> {
    let has = |name: &str, is: fn(&HeaderValue) -> bool| {
        signed.headers().iter().any(|header| header.name().as_str() == name && is(header.value()))
    };
    if !has(":date", |value| value.as_timestamp().is_ok())
        || !has(":chunk-signature", |value| value.as_byte_array().is_ok_and(|signature| signature.len() == 32))
    {
        return Err(Exception::bad_request("An event is not signed."));
    }
    if signed.payload().is_empty() {
        return Ok(None);
    }
    let event = read_message_from(&mut signed.payload().clone())
        .map_err(|error| Exception::bad_request(format!("Not an event: {error}")))?;
    let wants =
        [(":message-type", "event"), (":event-type", "AudioEvent"), (":content-type", "application/octet-stream")];
    for (name, wanted) in wants {
        let mut values = event.headers().iter().filter(|header| header.name().as_str() == name);
        if !values.any(|header| header.value().as_string().is_ok_and(|value| value.as_str() == wanted)) {
            return Err(Exception::bad_request(format!("An event's {name} is not {wanted}.")));
        }
    }
    Ok(Some(event.payload().clone()))
}

async fn tell_exception(down: &Down, exception: &Exception) -> End {
    // Whoever has gone needs no reason.
    let _ = tell(down, &exception.in_stream()).await;
    End::Exception(exception.kind)
}

async fn tell(down: &Down, message: &Message) -> Result<(), ()> {
    let mut bytes = Vec::new();
    write_message_to(message, &mut bytes).expect("our own messages are well formed");
    down.send(Ok(Frame::data(bytes.into()))).await.map_err(|_| ())
}

const QUIET_MS_MAX: u64 = 15_000;
const TIMED_OUT: &str = "Your request timed out because no new audio was received for 15 seconds.";
const HANGOVER_MS: u64 = 160;
/// A hundred samples' worth in twenty: the middle at 1136 ms, the nineteenth at 1527 ms.
const PUBLISHED_MS: [u64; 20] = [
    1_136, 980, 1_240, 1_060, 1_180, 1_136, 1_020, 1_310, 1_100, 1_160, 1_136, 940, 1_270, 1_080, 1_200, 1_400, 1_040,
    1_527, 1_120, 1_897,
];
