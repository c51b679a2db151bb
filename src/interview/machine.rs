//! The interview as a state machine: what comes in, what goes out, and what is kept.
//!
//! All that survives a change of worker is the [`History`], the fold of the events; what runs is `live` and is built anew from it.

use crate::interview::SessionTime;
use crate::interview::effect::Output;
use crate::interview::event::{Event, FinishReason, Usage};
use crate::interview::history::History;
use crate::interview::input::Input;
use crate::interview::params::Params;
use crate::interview::report::Report;
use crate::interview::view::{self, State, TurnView};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::VecDeque;

/// One interview. Serialized, it is its history alone (the snapshot); a restored one goes on with `Input::Continued`.
#[derive(Clone, Debug, Default)]
pub struct Interview {
    history: History,
    outputs: VecDeque<Output>,
    now: SessionTime,
}

impl Interview {
    /// Version of the serialized form; another one is rebuilt from the events.
    pub const SNAPSHOT_SCHEMA: u32 = 1;

    pub fn new() -> Self {
        Self::default()
    }

    /// Takes an input. Late or repeated ones are no-ops. Drain [`Self::poll_output`] afterwards.
    pub fn handle(&mut self, _input: Input, now: SessionTime) {
        self.now = self.now.max(now);
    }

    /// The next output; [`Output::Wait`] when there is nothing more until an input comes.
    #[must_use]
    pub fn poll_output(&mut self) -> Output {
        self.outputs.pop_front().unwrap_or(Output::Wait(None))
    }

    /// Restores from the log; nothing comes out.
    pub fn apply(&mut self, event: &Event) {
        self.history.apply(event);
    }

    pub fn state(&self) -> State {
        match self.history.ended {
            Some(ended) if ended.reason == FinishReason::Abandoned => State::Abandoned,
            Some(_) => State::Finished,
            None if self.history.started.is_some() => State::Open,
            None => State::New,
        }
    }

    /// What is known of every turn, oldest first.
    pub fn turns(&self) -> impl Iterator<Item = TurnView> + '_ {
        self.history.turns.iter().map(|turn| view::turn_view(&self.history, turn))
    }

    /// `None` before the start.
    pub fn params(&self) -> Option<&Params> {
        self.history.params()
    }

    /// The topic, and the role where there is one; empty before the start.
    pub fn title(&self) -> String {
        match self.params() {
            Some(Params { topic, role: Some(role), .. }) => format!("{topic} ({role})"),
            Some(Params { topic, .. }) => topic.clone(),
            None => String::new(),
        }
    }

    pub fn report(&self) -> Option<&Report> {
        self.history.report.as_ref()
    }

    /// Why it ended, once it has.
    pub fn finished(&self) -> Option<FinishReason> {
        self.history.ended.map(|ended| ended.reason)
    }

    pub fn usage(&self) -> Usage {
        self.history.ended.map_or(self.history.progress.usage, |ended| ended.usage)
    }

    /// Wall time while a client was bound.
    pub fn bound_ms(&self) -> u64 {
        self.history.progress.bound_ms
    }

    /// End of the last recognized word, in media time: a worker that re-feeds the audio may drop words that end by then.
    pub fn final_end_ms(&self) -> u64 {
        self.history.final_end_ms
    }

    /// All that the log says.
    pub fn history(&self) -> &History {
        &self.history
    }
}

impl Serialize for Interview {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.history.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Interview {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self { history: History::deserialize(deserializer)?, ..Self::default() })
    }
}
