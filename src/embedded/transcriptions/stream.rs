//! One stream: collects voiced segments, asks for partials while one grows and for the final once it is over, tells both in order.

use crate::config::limits::{
    GATE_PRE_ROLL_MS, RECOGNIZER_SEGMENT_HARD_MS_MAX, RECOGNIZER_SEGMENT_MS_MAX, RECOGNIZER_SEGMENT_PAUSE_MS,
    RECOGNIZER_SILENCE_MS_MAX, TRANSCRIPTION_FINALS_MAX, TRANSCRIPTION_PARTIAL_EVERY_MS,
    TRANSCRIPTION_PROMPT_CHARS_MAX,
};
use crate::embedded::transcriptions::answer::{Answer, Extent};
use crate::embedded::transcriptions::request::{Ask, Server};
use crate::ports::recognizer::{AudioPiece, Payload, Recognized, RecognizedWord, RecognizerError, StreamSpec};
use futures::StreamExt;
use futures::future::BoxFuture;
use futures::stream::FuturesOrdered;
use std::collections::VecDeque;
use std::sync::Arc;
use tokio::sync::mpsc;

pub(super) struct Stream {
    server: Arc<Server>,
    ask: Ask,
    results: mpsc::Sender<Result<Recognized, RecognizerError>>,
    /// The end of what was taken.
    stream_ms: u64,
    before: VecDeque<AudioPiece>,
    segment: Option<Segment>,
    partial: Option<BoxFuture<'static, (Extent, Option<Answer>)>>,
    finals: FuturesOrdered<BoxFuture<'static, (Extent, Result<Answer, RecognizerError>)>>,
}

struct Segment {
    start_ms: u64,
    samples: Vec<i16>,
    pause_ms: u64,
    /// Since the last partial was asked for.
    untold_ms: u64,
    agreed: Agreed,
}

/// A partial is transcribed anew each time: words that two in a row begin with are promised to stay.
#[derive(Default)]
struct Agreed {
    stable: Vec<String>,
    previous: Vec<String>,
}

/// Why a stream is over.
enum Stop {
    Unheard,
    Failed(RecognizerError),
}

impl Stream {
    pub(super) fn new(
        server: Arc<Server>,
        spec: &StreamSpec,
        results: mpsc::Sender<Result<Recognized, RecognizerError>>,
    ) -> Self {
        let language = spec.language.split('-').next().unwrap_or_default().to_ascii_lowercase();
        let prompt: String = spec.hints.join(", ").chars().take(TRANSCRIPTION_PROMPT_CHARS_MAX).collect();
        Self {
            server,
            ask: Ask { language, prompt },
            results,
            stream_ms: 0,
            before: VecDeque::new(),
            segment: None,
            partial: None,
            finals: FuturesOrdered::new(),
        }
    }

    pub(super) async fn run(mut self, mut audio: mpsc::Receiver<AudioPiece>) {
        match self.transcribe(&mut audio).await {
            Ok(()) | Err(Stop::Unheard) => {}
            // If nobody reads it, nobody needs it.
            Err(Stop::Failed(error)) => drop(self.results.send(Err(error)).await),
        }
    }

    async fn transcribe(&mut self, audio: &mut mpsc::Receiver<AudioPiece>) -> Result<(), Stop> {
        let mut ended = false;
        while !ended || !self.finals.is_empty() {
            tokio::select! {
                piece = audio.recv(), if !ended && self.finals.len() < TRANSCRIPTION_FINALS_MAX => match piece {
                    Some(piece) => self.take(piece)?,
                    None => {
                        ended = true;
                        self.finish();
                    }
                },
                Some((extent, answer)) = self.finals.next(), if !self.finals.is_empty() => {
                    self.tell_final(extent, answer.map_err(Stop::Failed)?).await?;
                }
                (extent, answer) = pending(&mut self.partial), if self.partial.is_some() => {
                    self.partial = None;
                    self.tell_partial(extent, answer).await?;
                }
                () = self.results.closed() => return Err(Stop::Unheard),
            }
        }
        Ok(())
    }

    fn take(&mut self, piece: AudioPiece) -> Result<(), Stop> {
        let from_ms = self.stream_ms;
        self.stream_ms += piece.duration_ms;
        if self.segment.is_none() {
            if !piece.voiced {
                self.keep(piece);
                return Ok(());
            }
            self.begin(from_ms)?;
        }
        let Some(segment) = &mut self.segment else { return Ok(()) };
        let (voiced, duration_ms) = (piece.voiced, piece.duration_ms);
        segment.samples.extend(samples(piece)?);
        segment.pause_ms = if voiced { 0 } else { segment.pause_ms + duration_ms };
        segment.untold_ms += duration_ms;
        let length_ms = self.stream_ms - segment.start_ms;
        let over = segment.pause_ms >= RECOGNIZER_SEGMENT_PAUSE_MS
            || (length_ms >= RECOGNIZER_SEGMENT_MS_MAX && !voiced)
            || length_ms >= RECOGNIZER_SEGMENT_HARD_MS_MAX;
        if over {
            self.finish();
        } else if segment.untold_ms >= TRANSCRIPTION_PARTIAL_EVERY_MS
            && self.partial.is_none()
            && self.finals.is_empty()
        {
            // One at a time: a slow server gives fewer partials, not a queue of them.
            segment.untold_ms = 0;
            let extent = Extent { start_ms: segment.start_ms, end_ms: self.stream_ms };
            let (server, ask, samples) = (Arc::clone(&self.server), self.ask.clone(), segment.samples.clone());
            self.partial = Some(Box::pin(async move { (extent, server.glance(&ask, &samples).await) }));
        }
        Ok(())
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

    fn begin(&mut self, from_ms: u64) -> Result<(), Stop> {
        let before_ms: u64 = self.before.iter().map(|piece| piece.duration_ms).sum();
        let mut before = Vec::new();
        for piece in std::mem::take(&mut self.before) {
            before.extend(samples(piece)?);
        }
        let start_ms = from_ms - before_ms;
        let agreed = Agreed::default();
        self.segment = Some(Segment { start_ms, samples: before, pause_ms: 0, untold_ms: 0, agreed });
        Ok(())
    }

    /// The segment is over: its partial is of no use any more, its final is asked for.
    fn finish(&mut self) {
        self.partial = None;
        let Some(segment) = self.segment.take() else { return };
        let extent = Extent { start_ms: segment.start_ms, end_ms: self.stream_ms - segment.pause_ms };
        let (server, ask) = (Arc::clone(&self.server), self.ask.clone());
        self.finals.push_back(Box::pin(async move { (extent, server.transcribe(&ask, &segment.samples).await) }));
    }

    async fn tell_partial(&mut self, extent: Extent, answer: Option<Answer>) -> Result<(), Stop> {
        let (Some(segment), Some(answer)) = (&mut self.segment, answer) else { return Ok(()) };
        let words = answer.words(extent);
        let (Some(first), Some(last)) = (words.first(), words.last()) else { return Ok(()) };
        let (start_ms, end_ms) = (first.start_ms, last.end_ms);
        let (text, stable_chars) = segment.agreed.next(words.into_iter().map(|word| word.text).collect());
        self.tell(Recognized::Partial { text, stable_chars, start_ms, end_ms }).await
    }

    async fn tell_final(&mut self, extent: Extent, answer: Answer) -> Result<(), Stop> {
        let words: Vec<RecognizedWord> = answer.words(extent);
        let text = words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ");
        self.tell(Recognized::Final { text, words }).await
    }

    async fn tell(&mut self, result: Recognized) -> Result<(), Stop> {
        self.results.send(Ok(result)).await.map_err(|_| Stop::Unheard)
    }
}

impl Agreed {
    fn next(&mut self, mut words: Vec<String>) -> (String, usize) {
        // What was promised stays, whatever the server thinks of it now.
        let promised = self.stable.len().min(words.len());
        words[..promised].clone_from_slice(&self.stable[..promised]);
        words.extend_from_slice(&self.stable[promised..]);
        let same = words.iter().zip(&self.previous).take_while(|(now, then)| now == then).count();
        let stable = same.min(words.len().saturating_sub(1)).max(self.stable.len());
        self.stable = words[..stable].to_vec();
        self.previous.clone_from(&words);
        (words.join(" "), self.stable.join(" ").chars().count())
    }
}

async fn pending<T>(future: &mut Option<BoxFuture<'static, T>>) -> T {
    match future {
        Some(future) => future.await,
        None => std::future::pending().await,
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_two_partials_begin_with_are_kept() {
        let mut agreed = Agreed::default();
        let mut next = |text: &str| agreed.next(text.split_whitespace().map(str::to_owned).collect());
        assert_eq!(next("I sink"), ("I sink".into(), 0));
        assert_eq!(next("I think so"), ("I think so".into(), 1));
        assert_eq!(next("I think so too"), ("I think so too".into(), 10));
        assert_eq!(next("Ice"), ("I think so".into(), 10));
    }
}
