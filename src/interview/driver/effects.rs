//! What the core tells the shell to do, done. No decision is made here.

use crate::audio::AudioError;
use crate::interview::driver::material::Scope;
use crate::interview::driver::worker::Worker;
use crate::interview::effect::Rejection;
use crate::interview::{Effect, wire};
use crate::session::Slot;
use protocol::v1;

impl Worker<'_> {
    pub(super) fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Perform { id, task, speculative: _ } => {
                let scope = self.core.params().and_then(|params| Scope::of(self.key, params));
                self.calls.start(id, *task, scope, self.now);
            }
            Effect::Cancel { id } => self.calls.cancel(id),
            Effect::Speaking { on } => {
                let message =
                    v1::Speaking { session: self.session.clone(), epoch: self.wire_epoch(), on, media_ms: None };
                self.push_ephemeral(Slot::Speaking, || message.into());
            }
            Effect::Partial { turn, segment, revision, text, stable_chars } => {
                let message = v1::TranscriptPartial {
                    session: self.session.clone(),
                    epoch: self.wire_epoch(),
                    turn,
                    segment,
                    revision,
                    text,
                    stable_chars: u32::try_from(stable_chars).unwrap_or(u32::MAX),
                    media_ms: self.hearing.as_ref().map(|hearing| hearing.position_ms()),
                };
                self.push_ephemeral(Slot::Partial, || message.into());
            }
            Effect::Reject { seq, code, message } => self.reject(seq, wire::error_code(code), message),
            Effect::Notify { code, message, retry_after_ms } => self.notify(code, message, retry_after_ms),
            Effect::FlushRecognizer => {
                if let Some(hearing) = &mut self.hearing {
                    hearing.hush();
                }
            }
            Effect::Close => self.close(),
        }
    }

    /// A stored message made no sense: its number is spent.
    pub(super) fn reject(&mut self, seq: u64, code: v1::ErrorCode, message: String) {
        let re = v1::Re { id: None, session: Some(self.session.clone()), seq: Some(seq) };
        self.push_error(v1::Error { code, message, retryable: false, re, retry_after_ms: None });
    }

    pub(super) fn reject_audio(&mut self, seq: u64, error: &AudioError) {
        let code = match error {
            AudioError::MediaTime { .. } => v1::ErrorCode::MediaTime,
            AudioError::TooLong { .. } => v1::ErrorCode::AudioTooLong,
            AudioError::Undecodable(_) => v1::ErrorCode::AudioInvalid,
            AudioError::Codec(_) => v1::ErrorCode::AudioCodec,
        };
        self.reject(seq, code, error.to_string());
    }

    fn notify(&mut self, code: Rejection, message: String, retry_after_ms: Option<u64>) {
        let re = v1::Re { id: None, session: Some(self.session.clone()), seq: None };
        let code = wire::error_code(code);
        self.push_error(v1::Error { code, message, retryable: retry_after_ms.is_some(), re, retry_after_ms });
    }

    /// The interview ends for want of a budget of the day.
    pub(super) fn tell_over_budget(&mut self) {
        let re = v1::Re { id: None, session: Some(self.session.clone()), seq: None };
        let message = "today's budget is used up; the interview ends with its report".to_owned();
        let (code, retry_after_ms) = (v1::ErrorCode::BudgetExceeded, Some(self.now.ms_left_of_day()));
        self.push_error(v1::Error { code, message, retryable: code.retryable(), re, retry_after_ms });
    }

    pub(super) fn push_error(&mut self, mut error: v1::Error) {
        if let Some((at, _)) = error.message.char_indices().nth(v1::limits::ERROR_MESSAGE_CHARS_MAX) {
            error.message.truncate(at);
        }
        metrics::counter!("viva_errors_total", "code" => error.code.as_str()).increment(1);
        if self.push.is_bound() {
            self.push.notice(wire::text(&error.into()));
        }
    }

    pub(super) fn push_ephemeral(&mut self, slot: Slot, message: impl FnOnce() -> v1::ServerMessage) {
        if self.push.is_bound() {
            self.push.ephemeral(slot, wire::text(&message()));
        }
    }

    pub(super) fn wire_epoch(&self) -> u32 {
        wire::epoch(self.log.epoch())
    }
}
