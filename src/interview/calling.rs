//! Calls of the model as the core sees them: begun, cancelled, and what each of them used.
//!
//! A call that is over has told what it used; one that failed or was cancelled has not, and counts with what it had used by then, once. What
//! is called for, and what becomes of the words, is the business of `asking`, `speculation` and `closing`.

use crate::interview::effect::{Effect, EffectId};
use crate::interview::machine::Interview;
use crate::ports::text_model::{Task, TokenUsage};

impl Interview {
    /// The id's epoch makes it differ from every earlier worker's.
    pub(super) fn perform(&mut self, task: Task, speculative: bool) -> EffectId {
        self.live.effects += 1;
        let id = EffectId((self.history.epoch << 32) | u64::from(self.live.effects));
        self.live.calls.insert(id, TokenUsage::default());
        self.effect(Effect::Perform { id, task: Box::new(task), speculative });
        id
    }

    pub(super) fn cancel(&mut self, id: EffectId) {
        self.count_lost(id);
        self.effect(Effect::Cancel { id });
    }

    pub(super) fn on_model_spent(&mut self, id: EffectId, usage: TokenUsage) {
        if let Some(spent) = self.live.calls.get_mut(&id) {
            *spent = usage;
        }
    }

    /// It is over, and used so much. Whatever comes of it later is not counted again.
    pub(super) fn count_call(&mut self, id: EffectId, usage: TokenUsage) {
        if self.live.calls.remove(&id).is_some() {
            self.live.usage_of_model.model_input_tokens += usage.input_tokens;
            self.live.usage_of_model.model_output_tokens += usage.output_tokens;
        }
    }

    /// It failed or is dropped: nobody will tell more.
    pub(super) fn count_lost(&mut self, id: EffectId) {
        let spent = self.live.calls.get(&id).copied().unwrap_or_default();
        self.count_call(id, spent);
    }
}
