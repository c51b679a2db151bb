//! What of the audio goes to a recognizer, and when its stream opens and closes: silence costs nothing.
//!
//! Pure and unaware of turns: it sees pieces in media time and says what to do. It also keeps the way back from the recognizer's time
//! (which counts only what was fed) to media time.

use crate::audio::TimedPiece;
use crate::config::limits::{GATE_IDLE_MS_MAX, GATE_OPEN_EVERY_MS, GATE_PAUSE_FED_MS, GATE_PRE_ROLL_MS};
use crate::ports::recognizer::{AudioPiece, Payload};
use std::collections::VecDeque;

/// What to do with the recognizer's stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GateAction {
    Open,
    Feed(AudioPiece),
    /// End the input; results may still come.
    Close,
}

/// One session's gate.
#[derive(Debug, Default)]
pub struct Gate {
    state: State,
    /// The end of what was pushed, in media time.
    position_ms: u64,
    /// Media time that was pushed and time that passed without audio.
    clock_ms: u64,
    /// When the last stream opened, by that clock.
    opened_ms: Option<u64>,
    pre_roll: VecDeque<TimedPiece>,
    /// How much the stream that is open, or was last, has been fed.
    stream_ms: u64,
    spans: Vec<Span>,
    /// Where speech begins that no final covers.
    unsettled_ms: Option<u64>,
}

#[derive(Debug, Default)]
enum State {
    #[default]
    Closed,
    /// There is speech, but a stream may not open yet: pieces wait.
    Held(Vec<TimedPiece>),
    /// The stream is fed; this much of a pause went before.
    Feeding { pause_ms: u64 },
    /// The stream is open since the clock stood there, and nothing is fed.
    Idle { since_ms: u64 },
}

/// Audio that was fed: where it lies in the stream and in the media.
#[derive(Clone, Copy, Debug)]
struct Span {
    stream_ms: u64,
    media_ms: u64,
    length_ms: u64,
}

impl Gate {
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next piece in media time.
    pub fn push(&mut self, timed: TimedPiece) -> Vec<GateAction> {
        self.position_ms = timed.through_ms();
        self.clock_ms += timed.piece.duration_ms;
        let mut actions = Vec::new();
        self.route(timed, &mut actions);
        self.close_when_idle(&mut actions);
        actions
    }

    /// Time passed without audio.
    pub fn waited(&mut self, ms: u64) -> Vec<GateAction> {
        self.clock_ms += ms;
        let mut actions = Vec::new();
        if matches!(self.state, State::Held(_)) && self.may_open() {
            self.open(&mut actions);
        }
        self.close_when_idle(&mut actions);
        actions
    }

    /// The answer is over although no pause was heard: silence makes the recognizer finish its segment. The stream stays open.
    pub fn hush(&mut self) -> Vec<GateAction> {
        let mut actions = Vec::new();
        if matches!(self.state, State::Held(_)) {
            self.open(&mut actions);
        }
        if let State::Feeding { pause_ms } = self.state {
            let left_ms = GATE_PAUSE_FED_MS.saturating_sub(pause_ms);
            if left_ms > 0 {
                // Silence that is no media: it takes stream time, and no span leads back from it.
                self.stream_ms += left_ms;
                actions.push(GateAction::Feed(silence(left_ms)));
            }
            self.state = State::Idle { since_ms: self.clock_ms };
        }
        actions
    }

    /// No more audio comes: what is held is fed, and the stream is closed.
    pub fn flush(&mut self) -> Vec<GateAction> {
        let mut actions = Vec::new();
        if matches!(self.state, State::Held(_)) {
            self.open(&mut actions);
        }
        if !matches!(self.state, State::Closed) {
            self.state = State::Closed;
            actions.push(GateAction::Close);
        }
        actions
    }

    /// The stream has been without audio for as long as it may, by the wall clock: it is closed, in the middle of speech too. What is said
    /// later goes to another.
    pub fn starve(&mut self) -> Vec<GateAction> {
        if !self.is_open() {
            return Vec::new();
        }
        self.state = State::Closed;
        vec![GateAction::Close]
    }

    /// The stream has ended on its own (it failed). The next speech opens another, at the earliest 15 s after this one opened.
    pub fn closed(&mut self) {
        if !matches!(self.state, State::Held(_)) {
            self.state = State::Closed;
        }
    }

    /// The media time of a moment of the stream: 0 is the first sample it was fed. A moment in silence that was no media, or beyond what was
    /// fed, is the end of what was fed before it.
    pub fn media_of(&self, stream_ms: u64) -> u64 {
        let after = self.spans.partition_point(|span| span.stream_ms <= stream_ms);
        match after.checked_sub(1).map(|last| self.spans[last]) {
            Some(span) => span.media_ms + (stream_ms - span.stream_ms).min(span.length_ms),
            None => self.spans.first().map_or(self.position_ms, |first| first.media_ms),
        }
    }

    /// A final has come whose last word ends at `stream_ms`, or an empty one for all that was fed.
    pub fn final_through(&mut self, stream_ms: u64) {
        let through_ms = self.media_of(stream_ms);
        // With the pause fed to its end, nothing is left that the recognizer could still make words of.
        self.unsettled_ms = match (&self.state, self.unsettled_ms) {
            // A stream that was closed in the middle of speech may say more yet.
            (State::Feeding { .. } | State::Held(_) | State::Closed, Some(from_ms)) => Some(from_ms.max(through_ms)),
            (State::Feeding { .. } | State::Held(_) | State::Closed | State::Idle { .. }, _) => None,
        };
    }

    /// The results of a stream have come to their end: it will say nothing more.
    pub fn drained(&mut self) {
        if matches!(self.state, State::Closed) {
            self.unsettled_ms = None;
        }
    }

    /// From here on audio is needed again by a worker that takes over: all speech before it is in finals.
    pub fn settled_ms(&self) -> u64 {
        self.unsettled_ms.unwrap_or(self.position_ms)
    }

    /// Whether a stream is open.
    pub fn is_open(&self) -> bool {
        matches!(self.state, State::Feeding { .. } | State::Idle { .. })
    }

    fn route(&mut self, timed: TimedPiece, actions: &mut Vec<GateAction>) {
        let voiced = timed.piece.voiced;
        if voiced {
            self.unsettled_ms.get_or_insert(self.pre_roll.front().map_or(timed.from_ms, |first| first.from_ms));
        }
        match &mut self.state {
            State::Held(waiting) => {
                waiting.push(timed);
                if self.may_open() {
                    self.open(actions);
                }
            }
            State::Closed if voiced => {
                let mut waiting: Vec<TimedPiece> = self.pre_roll.drain(..).collect();
                waiting.push(timed);
                self.state = State::Held(waiting);
                if self.may_open() {
                    self.open(actions);
                }
            }
            State::Idle { .. } if voiced => {
                self.state = State::Feeding { pause_ms: 0 };
                let waiting: Vec<TimedPiece> = self.pre_roll.drain(..).collect();
                for earlier in waiting {
                    self.feed(&earlier, actions);
                }
                self.feed(&timed, actions);
            }
            State::Closed | State::Idle { .. } => self.keep(timed),
            State::Feeding { .. } => self.feed_on(timed, actions),
        }
    }

    /// Feeds a piece while the stream is fed; the pause that it makes long enough ends that.
    fn feed_on(&mut self, timed: TimedPiece, actions: &mut Vec<GateAction>) {
        let State::Feeding { pause_ms } = &mut self.state else { return };
        if timed.piece.voiced {
            *pause_ms = 0;
            return self.feed(&timed, actions);
        }
        let left_ms = GATE_PAUSE_FED_MS.saturating_sub(*pause_ms);
        *pause_ms += timed.piece.duration_ms;
        let over = *pause_ms >= GATE_PAUSE_FED_MS;
        match cut(timed, left_ms) {
            (now, None) => self.feed(&now, actions),
            (now, Some(later)) => {
                self.feed(&now, actions);
                self.keep(later);
            }
        }
        if over {
            self.state = State::Idle { since_ms: self.clock_ms };
        }
    }

    fn feed(&mut self, timed: &TimedPiece, actions: &mut Vec<GateAction>) {
        let length_ms = timed.piece.duration_ms;
        match self.spans.last_mut() {
            Some(last)
                if last.media_ms + last.length_ms == timed.from_ms
                    && last.stream_ms + last.length_ms == self.stream_ms =>
            {
                last.length_ms += length_ms;
            }
            _ => self.spans.push(Span { stream_ms: self.stream_ms, media_ms: timed.from_ms, length_ms }),
        }
        self.stream_ms += length_ms;
        actions.push(GateAction::Feed(timed.piece.clone()));
    }

    fn open(&mut self, actions: &mut Vec<GateAction>) {
        let State::Held(waiting) = std::mem::replace(&mut self.state, State::Feeding { pause_ms: 0 }) else { return };
        self.opened_ms = Some(self.clock_ms);
        self.stream_ms = 0;
        self.spans.clear();
        actions.push(GateAction::Open);
        let speech = waiting.iter().position(|timed| timed.piece.voiced).unwrap_or(0);
        for (index, timed) in waiting.into_iter().enumerate() {
            if index < speech {
                self.feed(&timed, actions);
            } else {
                self.route(timed, actions);
            }
        }
    }

    fn may_open(&self) -> bool {
        self.opened_ms.is_none_or(|opened_ms| self.clock_ms >= opened_ms + GATE_OPEN_EVERY_MS)
    }

    fn close_when_idle(&mut self, actions: &mut Vec<GateAction>) {
        if let State::Idle { since_ms } = self.state
            && self.clock_ms >= since_ms + GATE_IDLE_MS_MAX
            && self.may_open()
        {
            self.state = State::Closed;
            actions.push(GateAction::Close);
        }
    }

    /// Keeps a silent piece as pre-roll, and no more of them than it takes.
    fn keep(&mut self, timed: TimedPiece) {
        if timed.piece.payload == Payload::None && timed.piece.duration_ms > GATE_PRE_ROLL_MS {
            let from_ms = timed.through_ms() - GATE_PRE_ROLL_MS;
            self.pre_roll = VecDeque::from([TimedPiece { from_ms, piece: silence(GATE_PRE_ROLL_MS) }]);
            return;
        }
        let starts_ms = timed.through_ms().saturating_sub(GATE_PRE_ROLL_MS);
        self.pre_roll.push_back(timed);
        while self.pre_roll.front().is_some_and(|first| first.through_ms() <= starts_ms) {
            self.pre_roll.pop_front();
        }
    }
}

/// Cuts a silent piece without payload; others are short and stay whole.
fn cut(timed: TimedPiece, left_ms: u64) -> (TimedPiece, Option<TimedPiece>) {
    if timed.piece.payload != Payload::None || timed.piece.duration_ms <= left_ms {
        return (timed, None);
    }
    let later_ms = timed.piece.duration_ms - left_ms;
    let now = TimedPiece { from_ms: timed.from_ms, piece: silence(left_ms) };
    let later = TimedPiece { from_ms: timed.from_ms + left_ms, piece: silence(later_ms) };
    (now, Some(later))
}

/// Silence without payload; a recognizer that wants samples makes them.
fn silence(duration_ms: u64) -> AudioPiece {
    AudioPiece { duration_ms, voiced: false, payload: Payload::None }
}

#[cfg(test)]
mod tests;
