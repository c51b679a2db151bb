//! Getting the next question from the model and passing it on piece by piece; trying again where that fails.
//!
//! What becomes of the question once it is said (heard, held, cut off) is `barge_in`'s.

use crate::config::limits;
use crate::interview::SessionTime;
use crate::interview::effect::{Effect, EffectId, Rejection};
use crate::interview::event::{Budget, CancelReason, Event, FinishReason, Stage};
use crate::interview::guide::Place;
use crate::interview::history::Attempt;
use crate::interview::live::{AnswerEnd, Asking, Call, Listening, Phase, Playback};
use crate::interview::machine::Interview;
use crate::interview::params::Playback as PlaybackMode;
use crate::interview::wording::{clean, prefix};
use crate::ports::text_model::{ModelError, NextQuestion, Task, TokenUsage};

/// Why a question is asked again.
#[derive(Clone, Debug, Default)]
pub(super) struct Again {
    /// It was cut off after this much was heard.
    pub(super) heard_before: Option<String>,
    /// The candidate wants to hear it again.
    pub(super) repeat_of: Option<String>,
}

impl Interview {
    /// Whatever is due after an answer, or at the beginning: the next question, or the end.
    pub(super) fn go_on(&mut self) {
        if self.lacks_guide() {
            self.fail("the guide could not be read");
        } else if self.closing_reason().is_some() || self.is_through(None) {
            self.start_closing();
        } else {
            self.ask_next();
        }
    }

    pub(super) fn ask_next(&mut self) {
        let turn = self.history.last_turn().map_or(1, |turn| turn.turn + 1);
        self.live.speculations_of_turn = 0;
        self.ask(turn, 1, Again::default());
    }

    /// Starts the call for a question; one that was generated ahead for the same answer is taken instead.
    pub(super) fn ask(&mut self, turn: u32, attempt: u32, again: Again) {
        if attempt > limits::QUESTION_ATTEMPTS_MAX {
            return self.fail("the question was asked too often");
        }
        self.live.playback = Playback::default();
        let place = match self.history.turn(turn) {
            Some(known) => known.place,
            None => self.planned(None),
        };
        let ahead = self.take_speculation(turn, attempt, place);
        let id = match &ahead {
            Some(speculation) => speculation.id,
            None => self.call_for_question(turn, attempt, place, &again),
        };
        self.live.phase = Phase::Asking(Asking {
            turn,
            attempt,
            call: Call::Running(id),
            failures: 0,
            chars: 0,
            pending: String::new(),
            last_delta: None,
            heard_before: again.heard_before,
            repeat_of: again.repeat_of,
            place,
        });
        if let Some(speculation) = ahead {
            self.on_model_delta(id, &speculation.held);
            if let Some(usage) = speculation.done {
                self.on_model_done(id, usage);
            }
        }
    }

    fn call_for_question(&mut self, turn: u32, attempt: u32, place: Option<Place>, again: &Again) -> EffectId {
        self.live.usage_of_model.model_requests += 1;
        let task = NextQuestion {
            heard_before: again.heard_before.clone(),
            repeat_of: again.repeat_of.clone(),
            ..self.next_question(turn, attempt, place, None)
        };
        self.perform(Task::NextQuestion(task), false)
    }

    /// The task, with all that was asked and answered; `answer` is one that is not committed yet.
    pub(super) fn next_question(
        &self,
        turn: u32,
        attempt: u32,
        place: Option<Place>,
        answer: Option<&str>,
    ) -> NextQuestion {
        NextQuestion {
            subject: self.subject(),
            turn,
            attempt,
            questions: self.history.params().map_or(0, |params| params.questions),
            remaining_ms: self.remaining_ms(),
            history: self.exchanges(turn, answer),
            heard_before: None,
            repeat_of: None,
            guided: self.guided(place, answer),
            sources: Vec::new(),
        }
    }

    pub(super) fn on_model_delta(&mut self, id: EffectId, text: &str) {
        let text = clean(text);
        if let Some(speculation) = self.live.speculation.as_mut().filter(|speculation| speculation.id == id) {
            let room = limits::QUESTION_CHARS_MAX.saturating_sub(speculation.held.chars().count());
            speculation.held.push_str(prefix(&text, room));
            return;
        }
        let Some(asking) = self.asking_of(id) else { return };
        let begun = asking.last_delta.is_some();
        let text = if begun || !asking.pending.is_empty() { text.as_str() } else { text.trim_start() };
        let room = limits::QUESTION_CHARS_MAX.saturating_sub(asking.chars + asking.pending.chars().count());
        let taken = prefix(text, room);
        asking.pending.push_str(taken);
        let cut_off = taken.len() < text.len();
        if !begun {
            self.begin_question();
        } else if self.delta_is_due() {
            self.flush_delta();
        }
        if cut_off {
            self.cancel(id);
            self.complete_question();
        }
    }

    fn asking_of(&mut self, id: EffectId) -> Option<&mut Asking> {
        match &mut self.live.phase {
            Phase::Asking(asking) if asking.call == Call::Running(id) => Some(asking),
            _ => None,
        }
    }

    /// The first piece goes out at once.
    fn begin_question(&mut self) {
        let Phase::Asking(asking) = &self.live.phase else { return };
        if asking.pending.trim().is_empty() {
            return;
        }
        let (turn, attempt, place, media_ms) = (asking.turn, asking.attempt, asking.place, self.live.ear.media_ms);
        let limit_ms = self.limit_told(place);
        self.emit(Event::QuestionStarted { turn, attempt, media_ms, place, limit_ms });
        self.flush_delta();
        if let Some(end) = self.live.timing.take() {
            self.emit(turn_timing(end, self.now));
        }
        let before = self.live.ear.partial.as_ref();
        self.live.playback = Playback {
            playing: true,
            began: Some(self.live.clock.elapsed_ms),
            words_before: before.map_or(0, |partial| partial.text.split_whitespace().count()),
            ..Playback::default()
        };
        if attempt == 1 && self.is_last_but_one(turn, place) && !self.history.warned.contains(&Budget::Questions) {
            self.emit(Event::BudgetWarning { budget: Budget::Questions, remaining: 1 });
        }
    }

    fn delta_is_due(&self) -> bool {
        let Phase::Asking(asking) = &self.live.phase else { return false };
        let waited = asking.last_delta.is_none_or(|at| self.now.0 >= at.0 + limits::DELTA_COALESCING_MS);
        let sentence = asking.pending.trim_end().ends_with(['.', '?', '!', '。', '？', '！']);
        waited || sentence || asking.pending.len() >= limits::DELTA_BYTES_MAX
    }

    pub(super) fn flush_delta(&mut self) {
        let now = self.now;
        let Phase::Asking(asking) = &mut self.live.phase else { return };
        if asking.pending.is_empty() {
            return;
        }
        let text = std::mem::take(&mut asking.pending);
        asking.chars += text.chars().count();
        asking.last_delta = Some(now);
        let (turn, attempt) = (asking.turn, asking.attempt);
        self.emit(Event::QuestionDelta { turn, attempt, text });
    }

    pub(super) fn on_model_done(&mut self, id: EffectId, usage: TokenUsage) {
        if let Some(speculation) = self.live.speculation.as_mut().filter(|speculation| speculation.id == id) {
            speculation.done = Some(usage);
            return self.on_model_spent(id, usage);
        }
        self.count_call(id, usage);
        if self.asking_of(id).is_some() {
            if self.question_has_begun() {
                self.complete_question();
            } else {
                self.question_failed(ModelError::Invalid("the question is empty".to_owned()));
            }
        } else {
            self.on_debrief_done(id);
        }
    }

    fn question_has_begun(&self) -> bool {
        matches!(&self.live.phase, Phase::Asking(asking) if asking.last_delta.is_some())
    }

    /// All of it is there: now the answer is awaited.
    fn complete_question(&mut self) {
        self.flush_delta();
        let Phase::Asking(asking) = &self.live.phase else { return };
        let (turn, attempt) = (asking.turn, asking.attempt);
        let text = self.history.turn(turn).map_or(String::new(), |turn| turn.attempt().asked.trim_end().to_owned());
        let spoken_ms = text.chars().count() as u64 * limits::SPOKEN_CHAR_MS;
        let media_ms = self.live.ear.media_ms;
        self.emit(Event::QuestionDone { turn, attempt, text, media_ms, progress: self.progress() });
        self.live.phase = Phase::Listening(Listening { turn, end_asked: None });
        if self.playback_mode() == PlaybackMode::Text {
            self.end_playback();
        } else if self.live.playback.playing {
            let until = self.live.clock.elapsed_ms + spoken_ms + limits::RENDERED_UNKNOWN_MS;
            self.live.playback.unknown_until = Some(until);
        }
    }

    pub(super) fn on_model_failed(&mut self, id: EffectId, error: ModelError) {
        if self.live.speculation.as_ref().is_some_and(|speculation| speculation.id == id) {
            self.drop_speculation();
            return;
        }
        self.count_lost(id);
        if self.asking_of(id).is_some() {
            self.question_failed(error);
        } else {
            self.on_debrief_failed(id, &error);
        }
    }

    fn question_failed(&mut self, error: ModelError) {
        if self.question_has_begun() {
            self.flush_delta();
            let Phase::Asking(asking) = &self.live.phase else { return };
            let asked = self.history.turn(asking.turn).map(|turn| turn.attempt().clone());
            match asked {
                // It broke off after a whole question: that will do.
                Some(asked) if asked.asked.trim_end().ends_with(['?', '？', '؟']) => return self.complete_question(),
                Some(asked) => self.break_off(&asked),
                None => {}
            }
        }
        let now = self.now;
        let Phase::Asking(asking) = &mut self.live.phase else { return };
        asking.failures += 1;
        asking.pending.clear();
        if asking.failures >= limits::MODEL_CALLS_MAX {
            return self.fail(&format!("no question could be had: {error}"));
        }
        let wait = retry_wait_ms(asking.failures, &error);
        asking.call = Call::Waiting { until: SessionTime(now.0 + wait) };
        self.effect(Effect::Notify {
            code: Rejection::ModelFailed,
            message: format!("the next question takes longer: {error}"),
            retry_after_ms: Some(wait),
        });
    }

    /// The model stopped in mid-sentence: what there is is taken back, and asked anew as the next attempt.
    fn break_off(&mut self, asked: &Attempt) {
        let heard = self.heard_text(asked);
        let Phase::Asking(asking) = &mut self.live.phase else { return };
        let turn = asking.turn;
        asking.attempt += 1;
        asking.chars = 0;
        asking.last_delta = None;
        asking.heard_before = (!heard.is_empty()).then(|| heard.clone());
        self.live.playback = Playback::default();
        self.cancel_question(turn, asked.attempt, heard, CancelReason::Restarted);
    }

    /// The wait after a failure is over.
    pub(super) fn retry_question(&mut self) {
        let Phase::Asking(asking) = &self.live.phase else { return };
        let (turn, attempt, place) = (asking.turn, asking.attempt, asking.place);
        let again = Again { heard_before: asking.heard_before.clone(), repeat_of: asking.repeat_of.clone() };
        let id = self.call_for_question(turn, attempt, place, &again);
        if let Phase::Asking(asking) = &mut self.live.phase {
            asking.call = Call::Running(id);
        }
    }

    /// A successor asks anew what its predecessor was asking.
    pub(super) fn restart_question(&mut self, turn: u32, asked: &Attempt) {
        let heard = self.heard_text(asked);
        let reason = match self.closing_reason() {
            Some(_) => CancelReason::Finished,
            None => CancelReason::Restarted,
        };
        self.cancel_question(turn, asked.attempt, heard.clone(), reason);
        if self.closing_reason().is_some() {
            return self.wind_up();
        }
        let heard_before = (!heard.is_empty()).then_some(heard);
        self.ask(turn, asked.attempt + 1, Again { heard_before, repeat_of: None });
    }

    /// Nothing can be asked any more.
    pub(super) fn fail(&mut self, why: &str) {
        self.effect(Effect::Notify { code: Rejection::ModelFailed, message: why.to_owned(), retry_after_ms: None });
        self.live.closing.get_or_insert(FinishReason::Failed);
        self.wind_up();
    }
}

/// Where the time went between an answer's end and the first piece of what follows; the stages add up.
fn turn_timing(end: AnswerEnd, now: SessionTime) -> Event {
    let stage = |name: &str, from: SessionTime, to: SessionTime| Stage {
        name: name.to_owned(),
        duration_ms: to.0.saturating_sub(from.0),
    };
    let decided = end.decided.max(end.ended);
    let committed = end.committed.max(decided);
    let stages = vec![
        stage("endpointing", end.ended, decided),
        stage("transcript", decided, committed),
        stage("model", committed, now.max(committed)),
    ];
    let total_ms = stages.iter().map(|stage| stage.duration_ms).sum();
    Event::TurnTiming { turn: end.turn, total_ms, stages }
}

/// Doubles with each failure, unless the model says how long it is busy.
pub(super) fn retry_wait_ms(failures: u32, error: &ModelError) -> u64 {
    let doubled = limits::MODEL_RETRY_MS << failures.saturating_sub(1).min(8);
    let wait = match error {
        ModelError::Busy { retry_after_ms: Some(wait) } => *wait,
        _ => doubled,
    };
    wait.clamp(limits::MODEL_RETRY_MS.min(doubled), limits::MODEL_RETRY_MS_MAX)
}
