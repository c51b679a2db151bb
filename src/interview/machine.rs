//! The interview as a state machine: what comes in, what goes out, and what is kept.
//!
//! All that survives a change of worker is the [`History`], the fold of the events; what runs is [`Live`] and is built anew from it.
//! The work is done in the modules that are named after it: `asking`, `listening`, `barge_in`, `speculation`, `said`, `closing`.

use crate::interview::SessionTime;
use crate::interview::effect::{Effect, Output, Rejection};
use crate::interview::event::{Event, FinishReason, Progress, Usage};
use crate::interview::following::params_of;
use crate::interview::guide::Followed;
use crate::interview::history::{AttemptState, History};
use crate::interview::input::Input;
use crate::interview::live::{Live, Phase};
use crate::interview::params::Params;
use crate::interview::report::Report;
use crate::interview::view::{self, State, TurnView};
use crate::ports::recognizer::RecognizerInfo;
use crate::ports::text_model::{ModelInfo, TokenUsage};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::VecDeque;
use std::ops::Add;

/// One interview. Serialized, it is its history alone (the snapshot); a restored one goes on with `Input::Continued`.
#[derive(Clone, Debug, Default)]
pub struct Interview {
    pub(super) history: History,
    pub(super) live: Live,
    pub(super) outputs: VecDeque<Output>,
    pub(super) now: SessionTime,
}

impl Interview {
    /// Version of the serialized form; another one is rebuilt from the events.
    pub const SNAPSHOT_SCHEMA: u32 = 1;

    pub fn new() -> Self {
        Self::default()
    }

    /// Takes an input. Late or repeated ones are no-ops. Drain [`Self::poll_output`] afterwards.
    pub fn handle(&mut self, input: Input, now: SessionTime) {
        self.now = self.now.max(now);
        self.live.clock.advance(self.now);
        if let Input::Continued { epoch } = input {
            return self.on_continued(epoch);
        }
        self.check_deadlines();
        match input {
            Input::Start { params, recognizer, model, guide } => self.on_start(params, recognizer, model, guide),
            Input::Said { seq, said } => self.on_said(seq, said),
            Input::Audio { from_ms, through_ms, voiced } => self.on_audio(from_ms, through_ms, voiced),
            Input::Partial { text, start_ms, end_ms, stable_chars } => {
                self.on_partial(&text, stable_chars, start_ms, end_ms);
            }
            Input::Final { text, words } => self.on_final(&text, words),
            Input::RecognizedThrough { media_ms } => self.on_recognized_through(media_ms),
            Input::RecognizedAnew { from_ms } => self.live.ear.begin_anew(from_ms),
            Input::RecognizerFailed { message, retrying } => self.on_recognizer_failed(message, retrying),
            Input::RecognizerBusy { retry_after_ms } => self.on_recognizer_busy(retry_after_ms),
            Input::ModelDelta { id, text } => self.on_model_delta(id, &text),
            Input::ModelDebrief { id, draft } => self.on_model_debrief(id, draft),
            Input::ModelSpent { id, usage } => self.on_model_spent(id, usage),
            Input::ModelDone { id, usage } => self.on_model_done(id, usage),
            Input::ModelFailed { id, error } => self.on_model_failed(id, error),
            Input::Bound(bound) => self.live.clock.bound = bound,
            Input::Refeeding(refeeding) => self.on_refeeding(refeeding),
            Input::InputLost { from_seq, through_seq } => self.on_input_lost(from_seq, through_seq),
            Input::BudgetLeft { budget, remaining } => self.on_budget_left(budget, remaining),
            Input::Used(usage) => self.live.usage_of_shell = usage,
            Input::ModelActs => self.live.model_acts = true,
            Input::Abandon => self.on_abandon(),
            // The deadlines have been checked above.
            Input::Continued { .. } | Input::Elapsed => {}
        }
    }

    /// The next output; [`Output::Wait`] when there is nothing more until an input comes.
    #[must_use]
    pub fn poll_output(&mut self) -> Output {
        self.outputs.pop_front().unwrap_or_else(|| Output::Wait(self.next_deadline()))
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
        match self.history.ended {
            Some(ended) => ended.usage,
            None if matches!(self.live.phase, Phase::Idle) => self.history.progress.usage,
            None => self.usage_so_far(),
        }
    }

    /// Wall time while a client was bound.
    pub fn bound_ms(&self) -> u64 {
        self.history.progress.bound_ms.max(self.live.clock.elapsed_ms)
    }

    /// End of the last recognized word, in media time: a worker that re-feeds the audio may drop words that end by then.
    pub fn final_end_ms(&self) -> u64 {
        self.history.final_end_ms
    }

    /// All that the log says.
    pub fn history(&self) -> &History {
        &self.history
    }

    pub(super) fn emit(&mut self, event: Event) {
        self.history.apply(&event);
        self.outputs.push_back(Output::Emit(event));
    }

    pub(super) fn effect(&mut self, effect: Effect) {
        self.outputs.push_back(Output::Effect(effect));
    }

    pub(super) fn reject(&mut self, seq: u64, code: Rejection, message: &str) {
        self.effect(Effect::Reject { seq, code, message: message.to_owned() });
    }

    pub(super) fn progress(&self) -> Progress {
        Progress { bound_ms: self.live.clock.elapsed_ms, usage: self.usage_so_far() }
    }

    /// Puts what was used until now into the history, so that a snapshot of it tells a successor, who would otherwise know of the time until
    /// the last question or answer alone.
    pub fn note_progress(&mut self) {
        if !matches!(self.live.phase, Phase::Idle | Phase::Over) {
            self.history.progress = self.progress();
        }
    }

    pub(super) fn usage_so_far(&self) -> Usage {
        let (before, shell, model) = (self.live.usage_before, self.live.usage_of_shell, self.live.usage_of_model);
        let running = self.live.calls.values().copied().fold(TokenUsage::default(), Add::add);
        Usage {
            audio_ms: before.audio_ms + shell.audio_ms,
            speech_ms: before.speech_ms + shell.speech_ms,
            recognizer_ms: before.recognizer_ms + shell.recognizer_ms,
            recognizer_streams: before.recognizer_streams + shell.recognizer_streams,
            model_requests: before.model_requests + model.model_requests,
            model_input_tokens: before.model_input_tokens + model.model_input_tokens + running.input_tokens,
            model_output_tokens: before.model_output_tokens + model.model_output_tokens + running.output_tokens,
            speculative_requests: before.speculative_requests + model.speculative_requests,
            speculative_dropped_tokens: before.speculative_dropped_tokens + model.speculative_dropped_tokens,
            messages: before.messages + shell.messages,
            services: before.services.plus(&shell.services),
            cost_nano_usd: before.cost_nano_usd + shell.cost_nano_usd,
        }
    }

    fn on_start(
        &mut self,
        params: Params,
        recognizer: Option<RecognizerInfo>,
        model: ModelInfo,
        guide: Option<Box<Followed>>,
    ) {
        if self.history.started.is_some() {
            return;
        }
        let params = params_of(params, guide.as_deref());
        let problem = match &recognizer {
            Some(recognizer) if !recognizer.speaks(&params.language) => Some((
                Rejection::LanguageUnsupported,
                format!("{} does not understand {}; answers can be typed", recognizer.name, params.language),
            )),
            None if params.audio.is_some() => Some((
                Rejection::RecognizerUnavailable,
                "there is no speech recognizer here; answers can be typed".to_owned(),
            )),
            _ => None,
        };
        self.emit(Event::Started { params, recognizer, model, guide });
        if let Some((code, message)) = problem {
            self.effect(Effect::Notify { code, message, retry_after_ms: None });
        }
        self.go_on();
    }

    /// A successor goes on from the history: what was being asked is asked anew, what was due is done.
    fn on_continued(&mut self, epoch: u64) {
        if epoch <= self.history.epoch && self.history.epoch > 0 {
            return;
        }
        let (bound, at) = (self.live.clock.bound, self.live.clock.at);
        self.live = Live::default();
        self.live.clock.bound = bound;
        self.live.clock.at = at;
        self.live.clock.elapsed_ms = self.history.progress.bound_ms;
        self.live.usage_before = self.history.progress.usage;
        self.live.ear.media_ms = self.history.media_ms();
        self.live.ear.covered_ms = self.history.final_end_ms;
        self.emit(Event::Continued { epoch });
        if self.history.started.is_none() {
            return;
        }
        if self.history.ended.is_some() {
            self.live.phase = Phase::Over;
            return self.effect(Effect::Close);
        }
        if self.history.report.is_some() {
            return self.finish();
        }
        let Some(turn) = self.history.last_turn() else { return self.go_on() };
        let (number, asked) = (turn.turn, turn.attempt().clone());
        if turn.answer.is_some() {
            return self.go_on();
        }
        match asked.state {
            AttemptState::Asking => self.restart_question(number, &asked),
            AttemptState::Done => self.resume_listening(number, &asked),
            AttemptState::Cancelled(reason) => self.resume_cancelled(number, &asked, reason),
        }
    }

    fn on_refeeding(&mut self, refeeding: bool) {
        self.live.clock.refeeding = refeeding;
        if !refeeding {
            self.consider_answer();
        }
    }

    fn on_input_lost(&mut self, from_seq: u64, through_seq: u64) {
        if self.history.started.is_some() && self.history.ended.is_none() {
            self.emit(Event::InputLost { from_seq, through_seq });
        }
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
