//! One recognizer stream at a time: opened, offered audio, ended, and noticed when it stalls. Which audio, is the gate's business.

use crate::config::limits::{
    RECOGNIZER_FINISHES_MS, RECOGNIZER_OFFER_MS, RECOGNIZER_OWES_MS, RECOGNIZER_STALLED_MS,
    RECOGNIZER_WAITING_PIECES_MAX,
};
use crate::interview::driver::counting;
use crate::ports::clock::UnixMs;
use crate::ports::recognizer::{AudioPiece, Recognized, Recognizer, RecognizerError, RecognizerStream, StreamSpec};
use futures::future::BoxFuture;
use std::collections::VecDeque;
use std::task::{Context, Poll, ready};
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::mpsc::{Receiver, Sender};

/// What a stream did.
#[derive(Debug)]
pub(super) enum Sign {
    Said(Recognized),
    /// All that it had to say has been said.
    Drained,
    Failed(RecognizerError),
    /// It was fed a good deal of speech and says nothing at all: it has stalled, or that was no speech.
    Mute,
}

pub(super) struct Listening<'d> {
    recognizer: &'d dyn Recognizer,
    spec: StreamSpec,
    state: State<'d>,
    waiting: VecDeque<AudioPiece>,
    /// Nothing follows what waits.
    ending: bool,
    offer_at: Option<UnixMs>,
    full_since: Option<UnixMs>,
    /// Speech that it was fed since it last said something.
    owed_ms: u64,
    /// There was a partial, and its final is still to come.
    unfinished: bool,
    /// The pause at the end of what it was fed: it must finish a segment only with a second of it.
    paused_ms: u64,
    /// When it was last fed, or last said something.
    active_at: UnixMs,
    /// When it was last fed.
    fed_at: UnixMs,
}

enum State<'d> {
    Closed,
    Opening(BoxFuture<'d, Result<RecognizerStream, RecognizerError>>),
    Open { audio: Option<Sender<AudioPiece>>, results: Receiver<Result<Recognized, RecognizerError>> },
}

impl std::fmt::Debug for Listening<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Listening").field("waiting", &self.waiting.len()).finish_non_exhaustive()
    }
}

impl<'d> Listening<'d> {
    pub(super) fn new(recognizer: &'d dyn Recognizer, spec: StreamSpec) -> Self {
        Self {
            recognizer,
            spec,
            state: State::Closed,
            waiting: VecDeque::new(),
            ending: false,
            offer_at: None,
            full_since: None,
            owed_ms: 0,
            unfinished: false,
            paused_ms: 0,
            active_at: UnixMs::default(),
            fed_at: UnixMs::default(),
        }
    }

    /// Opens a stream. What the one before may still have to say is lost; it has had 12 s for it.
    pub(super) fn open(&mut self) {
        self.abort();
        self.state = State::Opening(self.recognizer.open(self.spec.clone()));
    }

    pub(super) fn feed(&mut self, piece: AudioPiece) {
        if !matches!(self.state, State::Closed) {
            self.waiting.push_back(piece);
        }
    }

    /// No more audio follows what was fed.
    pub(super) fn end(&mut self) {
        self.ending = true;
    }

    pub(super) fn abort(&mut self) {
        self.state = State::Closed;
        self.waiting = VecDeque::new();
        self.ending = false;
        self.offer_at = None;
        self.full_since = None;
        self.owed_ms = 0;
        self.unfinished = false;
        self.paused_ms = 0;
    }

    pub(super) fn has_room(&self) -> bool {
        self.waiting.len() < RECOGNIZER_WAITING_PIECES_MAX
    }

    /// When an open stream was last fed, where all that it is to be fed has reached it.
    pub(super) fn fed_at(&self) -> Option<UnixMs> {
        let State::Open { audio: Some(_), .. } = &self.state else { return None };
        (self.waiting.is_empty() && !self.ending).then_some(self.fed_at)
    }

    pub(super) fn deadline(&self) -> Option<UnixMs> {
        [self.offer_at, self.mute_at()].into_iter().flatten().min()
    }

    pub(super) fn poll(&mut self, cx: &mut Context<'_>, now: UnixMs) -> Poll<Sign> {
        if let State::Opening(opening) = &mut self.state {
            match ready!(opening.as_mut().poll(cx)) {
                Ok(RecognizerStream { audio, results }) => {
                    metrics::counter!("viva_recognizer_streams_total").increment(1);
                    self.state = State::Open { audio: Some(audio), results };
                    self.fed_at = now;
                }
                Err(error) => return Poll::Ready(self.fail(error)),
            }
        }
        self.offer(now);
        let State::Open { audio, results } = &mut self.state else { return Poll::Pending };
        match results.poll_recv(cx) {
            Poll::Ready(Some(Ok(said))) => {
                match said {
                    Recognized::Partial { .. } | Recognized::Final { .. } => {
                        self.owed_ms = 0;
                        self.unfinished = matches!(said, Recognized::Partial { .. });
                    }
                    // It works, but has said nothing.
                    Recognized::Progress { .. } => {}
                }
                self.active_at = now;
                Poll::Ready(Sign::Said(said))
            }
            Poll::Ready(Some(Err(error))) => Poll::Ready(self.fail(error)),
            Poll::Ready(None) if audio.is_none() => {
                self.abort();
                Poll::Ready(Sign::Drained)
            }
            Poll::Ready(None) => Poll::Ready(self.fail(RecognizerError::Failed("its stream ended".into()))),
            Poll::Pending if self.full_since.is_some_and(|since| now.since_ms(since) >= RECOGNIZER_STALLED_MS) => {
                Poll::Ready(self.fail(RecognizerError::Failed("it takes no more audio".into())))
            }
            Poll::Pending if self.mute_at().is_none_or(|at| at > now) => Poll::Pending,
            Poll::Pending if self.unfinished => {
                Poll::Ready(self.fail(RecognizerError::Failed("it does not finish".into())))
            }
            Poll::Pending => {
                self.abort();
                Poll::Ready(Sign::Mute)
            }
        }
    }

    fn offer(&mut self, now: UnixMs) {
        let State::Open { audio, .. } = &mut self.state else { return };
        self.offer_at = None;
        while let (Some(sender), Some(piece)) = (audio.as_ref(), self.waiting.pop_front()) {
            let owes_ms = if piece.voiced { piece.duration_ms } else { 0 };
            let paused_ms = if piece.voiced { 0 } else { self.paused_ms + piece.duration_ms };
            match sender.try_send(piece) {
                Ok(()) => {
                    self.full_since = None;
                    self.owed_ms += owes_ms;
                    self.paused_ms = paused_ms;
                    self.active_at = now;
                    self.fed_at = now;
                }
                Err(TrySendError::Full(piece)) => {
                    self.waiting.push_front(piece);
                    self.full_since.get_or_insert(now);
                    self.offer_at = Some(now.plus_ms(RECOGNIZER_OFFER_MS));
                    return;
                }
                // Its results tell why.
                Err(TrySendError::Closed(_)) => {
                    self.waiting.clear();
                    return;
                }
            }
        }
        if self.ending && audio.take().is_some() {
            // Its last words take their time from here.
            self.active_at = now;
        }
    }

    fn mute_at(&self) -> Option<UnixMs> {
        let is_over = self.paused_ms >= RECOGNIZER_FINISHES_MS || matches!(self.state, State::Open { audio: None, .. });
        let owes = (self.unfinished && is_over) || self.owed_ms >= RECOGNIZER_OWES_MS;
        owes.then(|| self.active_at.plus_ms(RECOGNIZER_STALLED_MS))
    }

    fn fail(&mut self, error: RecognizerError) -> Sign {
        self.abort();
        counting::recognizer_failed(&error);
        Sign::Failed(error)
    }
}
