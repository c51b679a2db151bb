//! An interview that follows a guide: which of its questions is next, and when a question's time is over.

use crate::config::limits;
use crate::interview::event::CommitReason;
use crate::interview::guide::plan::{self, Moment};
use crate::interview::guide::{Followed, Guide, Place};
use crate::interview::live::{Grace, Listening, Phase};
use crate::interview::machine::Interview;
use crate::interview::params::Params;
use crate::ports::text_model::{Guided, GuidedStep};

impl Interview {
    pub(super) fn guide(&self) -> Option<&Guide> {
        let followed = self.history.started.as_ref()?.guide.as_ref()?;
        Some(&followed.guide)
    }

    /// A guide was asked for and could not be had: nothing else is asked instead.
    pub(super) fn lacks_guide(&self) -> bool {
        let Some(started) = &self.history.started else { return false };
        started.params.guide.is_some() && started.guide.is_none() && self.history.turns.is_empty()
    }

    /// The guide's place of the next turn. `answer` is the last one's where it is not committed yet.
    pub(super) fn planned(&self, answer: Option<&str>) -> Option<Place> {
        let now = Moment { elapsed_ms: self.live.clock.elapsed_ms, remaining_ms: self.remaining_ms() };
        plan::next(self.guide()?, &self.history, answer, now)
    }

    /// Whether nothing more is to be asked.
    pub(super) fn is_through(&self, answer: Option<&str>) -> bool {
        match self.guide() {
            Some(_) => self.planned(answer).is_none(),
            None => self.questions_left() == 0,
        }
    }

    /// What the model is told of the guide's question at a place.
    pub(super) fn guided(&self, place: Option<Place>, answer: Option<&str>) -> Option<Guided> {
        let (guide, place) = (self.guide()?, place?);
        let question = guide.question(place)?;
        let prepared = place.follow_up.checked_sub(1).map(|at| question.prepared.get(at as usize));
        let step = match prepared {
            None => GuidedStep::Question,
            Some(Some(text)) => GuidedStep::Prepared { text: text.clone() },
            Some(None) => GuidedStep::FollowUp { unsaid: plan::unsaid(question, &self.history, place, answer) },
        };
        Some(Guided {
            question: place.question,
            questions: guide.questions.len() as u32,
            text: question.text.clone(),
            notes: question.notes.clone(),
            step,
        })
    }

    /// Whether exactly one of the guide's questions is left after the one at this place.
    pub(super) fn is_last_but_one(&self, turn: u32, place: Option<Place>) -> bool {
        match (self.guide(), place) {
            (Some(guide), Some(place)) => place.follow_up == 0 && place.question as usize + 1 == guide.questions.len(),
            _ => self.history.params().is_some_and(|params| turn + 1 == params.questions),
        }
    }

    /// A question's limit is told with the question itself.
    pub(super) fn limit_told(&self, place: Option<Place>) -> Option<u64> {
        let place = place.filter(|place| place.follow_up == 0)?;
        self.guide()?.question(place)?.limit_ms
    }

    /// When the time of the guide's question that is being answered is over, in bound time.
    pub(super) fn question_over_at(&self) -> Option<u64> {
        let Phase::Listening(Listening { turn, end_asked: None }) = self.live.phase else { return None };
        if self.live.playback.playing {
            return None;
        }
        let place = self.open_turn().filter(|open| open.turn == turn)?.place?;
        let over_at = plan::over_at(self.guide()?, &self.history, place)?;
        let grace = self.live.question_grace.filter(|grace| grace.turn == turn);
        Some(grace.map_or(over_at, |grace| grace.until))
    }

    /// The time of the question is over. Someone who is speaking may end the sentence.
    pub(super) fn time_of_question_is_over(&mut self) {
        let Phase::Listening(Listening { turn, .. }) = self.live.phase else { return };
        let speaking = self.live.ear.voiced_end_ms.is_some() && self.live.ear.silence_ms() < limits::SILENCE_SHORT_MS;
        if speaking && self.live.question_grace.is_none_or(|grace| grace.turn != turn) {
            let until = self.live.clock.elapsed_ms + limits::DURATION_GRACE_MS;
            self.live.question_grace = Some(Grace { turn, until });
        } else {
            self.end_answer(CommitReason::Limit);
        }
    }
}

/// With a guide it is the guide that says how many questions there are, and how long it may take at most.
pub(super) fn params_of(params: Params, guide: Option<&Followed>) -> Params {
    let Some(Followed { guide, .. }) = guide else { return params };
    let duration_ms = match (params.duration_ms, guide.duration_ms) {
        (Some(asked), Some(allowed)) => Some(asked.min(allowed)),
        (asked, allowed) => asked.or(allowed),
    };
    Params { questions: guide.turns_max(), duration_ms, ..params }
}
