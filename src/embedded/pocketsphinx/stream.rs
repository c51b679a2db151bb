//! One stream: cuts the audio into segments at pauses, borrows a decoder for each, tells partials and finals in stream time.

use crate::config::limits::{
    GATE_PRE_ROLL_MS, RECOGNIZER_BACKLOG_MS_MAX, RECOGNIZER_PARTIAL_EVERY_MS, RECOGNIZER_SEGMENT_HARD_MS_MAX,
    RECOGNIZER_SEGMENT_MS_MAX, RECOGNIZER_SEGMENT_PAUSE_MS, RECOGNIZER_SILENCE_MS_MAX,
};
use crate::embedded::pocketsphinx::crew::{Crew, Lease};
use crate::embedded::pocketsphinx::ffi::{FfiError, RawWord};
use crate::embedded::pocketsphinx::hypothesis::{Steady, final_of, spoken};
use crate::ports::recognizer::{AudioPiece, Payload, Recognized, RecognizerError};
use std::collections::VecDeque;
use tokio::sync::mpsc;

pub(super) struct Stream {
    number: u64,
    crew: Crew,
    input: Input,
    results: mpsc::Sender<Result<Recognized, RecognizerError>>,
    /// The end of what was taken.
    stream_ms: u64,
    /// Silence just before: speech begins before it is noticed.
    before: VecDeque<AudioPiece>,
    segment: Option<Segment>,
}

struct Segment {
    lease: Lease,
    start_ms: u64,
    /// The decoder was fed up to there.
    fed_through_ms: u64,
    /// Without a voice since.
    pause_ms: u64,
    /// Since the last partial.
    untold_ms: u64,
    steady: Steady,
}

/// Why a stream is over.
enum Stop {
    /// Nobody listens.
    Unheard,
    Failed(RecognizerError),
}

impl From<FfiError> for Stop {
    fn from(error: FfiError) -> Self {
        Stop::Failed(RecognizerError::Failed(error.to_string()))
    }
}

impl Stream {
    pub(super) fn new(
        number: u64,
        crew: Crew,
        audio: mpsc::Receiver<AudioPiece>,
        results: mpsc::Sender<Result<Recognized, RecognizerError>>,
    ) -> Self {
        let input = Input { audio, backlog: VecDeque::new(), backlog_ms: 0, ended: false };
        Self { number, crew, input, results, stream_ms: 0, before: VecDeque::new(), segment: None }
    }

    pub(super) async fn run(mut self) {
        match self.recognize().await {
            Ok(()) | Err(Stop::Unheard) => {}
            // If nobody reads it, nobody needs it.
            Err(Stop::Failed(error)) => drop(self.results.send(Err(error)).await),
        }
    }

    async fn recognize(&mut self) -> Result<(), Stop> {
        loop {
            let piece = tokio::select! {
                piece = self.input.next() => piece,
                () = self.results.closed() => return Err(Stop::Unheard),
            };
            match piece {
                Some(piece) => self.take(piece).await?,
                None => return self.finish().await,
            }
        }
    }

    async fn take(&mut self, piece: AudioPiece) -> Result<(), Stop> {
        let from_ms = self.stream_ms;
        self.stream_ms += piece.duration_ms;
        if self.segment.is_none() {
            if !piece.voiced {
                self.keep(piece);
                return Ok(());
            }
            self.begin(from_ms).await?;
        }
        let (voiced, duration_ms) = (piece.voiced, piece.duration_ms);
        self.feed(piece).await?;
        let Some(segment) = &mut self.segment else { return Ok(()) };
        segment.pause_ms = if voiced { 0 } else { segment.pause_ms + duration_ms };
        let length_ms = self.stream_ms - segment.start_ms;
        let over = segment.pause_ms >= RECOGNIZER_SEGMENT_PAUSE_MS
            || (length_ms >= RECOGNIZER_SEGMENT_MS_MAX && !voiced)
            || length_ms >= RECOGNIZER_SEGMENT_HARD_MS_MAX;
        if over { self.finish().await } else { Ok(()) }
    }

    fn keep(&mut self, piece: AudioPiece) {
        self.before.push_back(piece);
        let mut kept_ms: u64 = self.before.iter().map(|piece| piece.duration_ms).sum();
        while let Some(first) = self.before.front()
            && kept_ms - first.duration_ms >= GATE_PRE_ROLL_MS
        {
            kept_ms -= first.duration_ms;
            self.before.pop_front();
        }
    }

    async fn begin(&mut self, from_ms: u64) -> Result<(), Stop> {
        let mut lease = self.input.while_leasing(&self.crew, self.number, &self.results).await?;
        lease.with(|decoder| decoder.start()).await??;
        let before_ms: u64 = self.before.iter().map(|piece| piece.duration_ms).sum();
        let start_ms = from_ms - before_ms;
        self.segment = Some(Segment {
            lease,
            start_ms,
            fed_through_ms: start_ms,
            pause_ms: 0,
            untold_ms: 0,
            steady: Steady::default(),
        });
        for piece in std::mem::take(&mut self.before) {
            self.feed(piece).await?;
        }
        Ok(())
    }

    /// Gives a piece to the decoder, and tells what it makes of it when a partial is due.
    async fn feed(&mut self, piece: AudioPiece) -> Result<(), Stop> {
        let Some(segment) = &mut self.segment else { return Ok(()) };
        segment.fed_through_ms += piece.duration_ms;
        segment.untold_ms += piece.duration_ms;
        let through_ms = segment.fed_through_ms;
        let due = segment.untold_ms >= RECOGNIZER_PARTIAL_EVERY_MS;
        if due {
            segment.untold_ms = 0;
        }
        let samples = samples(piece)?;
        let words = segment
            .lease
            .with(move |decoder| {
                decoder.process(&samples)?;
                Ok::<_, FfiError>(if due { decoder.words() } else { Vec::new() })
            })
            .await??;
        let partial = segment.steady_partial(due, words);
        if let Some(partial) = partial {
            self.tell(partial).await?;
        }
        if due { self.tell(Recognized::Progress { through_ms }).await } else { Ok(()) }
    }

    async fn finish(&mut self) -> Result<(), Stop> {
        let Some(mut segment) = self.segment.take() else { return Ok(()) };
        let ended = segment.lease.with(|decoder| decoder.end().map(|()| decoder.words())).await;
        let words = spoken(ended??, segment.start_ms);
        self.tell(final_of(words)).await?;
        self.tell(Recognized::Progress { through_ms: segment.fed_through_ms }).await
    }

    async fn tell(&mut self, result: Recognized) -> Result<(), Stop> {
        self.results.send(Ok(result)).await.map_err(|_| Stop::Unheard)
    }
}

impl Segment {
    fn steady_partial(&mut self, due: bool, words: Vec<RawWord>) -> Option<Recognized> {
        if due { self.steady.partial(spoken(words, self.start_ms)) } else { None }
    }
}

/// The audio that comes, also while the stream waits for a decoder.
struct Input {
    audio: mpsc::Receiver<AudioPiece>,
    backlog: VecDeque<AudioPiece>,
    backlog_ms: u64,
    ended: bool,
}

impl Input {
    async fn next(&mut self) -> Option<AudioPiece> {
        if let Some(piece) = self.backlog.pop_front() {
            self.backlog_ms -= piece.duration_ms;
            return Some(piece);
        }
        if self.ended { None } else { self.audio.recv().await }
    }

    /// Takes audio in while all decoders are busy, so that the caller never waits for other people's speech.
    async fn while_leasing(
        &mut self,
        crew: &Crew,
        number: u64,
        results: &mpsc::Sender<Result<Recognized, RecognizerError>>,
    ) -> Result<Lease, Stop> {
        let leasing = crew.lease(number);
        tokio::pin!(leasing);
        loop {
            tokio::select! {
                lease = &mut leasing => return Ok(lease?),
                () = results.closed() => return Err(Stop::Unheard),
                piece = self.audio.recv(), if !self.ended => match piece {
                    Some(piece) => {
                        self.backlog_ms += piece.duration_ms;
                        self.backlog.push_back(piece);
                    }
                    None => self.ended = true,
                },
            }
            if self.backlog_ms > RECOGNIZER_BACKLOG_MS_MAX {
                return Err(Stop::Failed(RecognizerError::Busy));
            }
        }
    }
}

/// 16 kHz samples; silence without samples becomes some.
fn samples(piece: AudioPiece) -> Result<Vec<i16>, Stop> {
    match piece.payload {
        Payload::Pcm16k(samples) => Ok(samples),
        Payload::None => Ok(vec![0; (piece.duration_ms.min(RECOGNIZER_SILENCE_MS_MAX) * SAMPLES_PER_MS) as usize]),
        Payload::Opus(_) => {
            Err(Stop::Failed(RecognizerError::Failed("it was fed packets where it wants samples".into())))
        }
    }
}

const SAMPLES_PER_MS: u64 = 16;
