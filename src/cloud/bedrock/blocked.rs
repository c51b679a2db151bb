//! A guardrail's message among a model's words: found however the text is cut, so that nobody is read a notice in place of a question.

use crate::config::bedrock::GUARDRAIL_MESSAGE;

/// Filters pieces of text, holding back what may be the beginning of the message.
#[derive(Debug, Default)]
pub(super) struct Blocked {
    held: String,
}

/// The guardrail stopped the model.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Stopped;

impl Blocked {
    /// What may be said by now.
    pub(super) fn push(&mut self, piece: &str) -> Result<String, Stopped> {
        self.held.push_str(piece);
        if self.held.contains(GUARDRAIL_MESSAGE) {
            return Err(Stopped);
        }
        let kept = (1..GUARDRAIL_MESSAGE.len()).rev().find(|length| self.held.ends_with(&GUARDRAIL_MESSAGE[..*length]));
        let rest = self.held.split_off(self.held.len() - kept.unwrap_or(0));
        Ok(std::mem::replace(&mut self.held, rest))
    }

    /// What was held back and turned out to be the model's own.
    pub(super) fn finish(&mut self) -> String {
        std::mem::take(&mut self.held)
    }
}

#[cfg(test)]
mod tests {
    use super::{Blocked, GUARDRAIL_MESSAGE, Stopped};

    fn filtered(text: &str, cut: usize) -> Result<String, Stopped> {
        let mut blocked = Blocked::default();
        let chars = text.chars().collect::<Vec<_>>();
        let mut out = String::new();
        for piece in chars.chunks(cut) {
            out.push_str(&blocked.push(&piece.iter().collect::<String>())?);
        }
        Ok(out + &blocked.finish())
    }

    #[test]
    fn the_message_is_found_and_nothing_else_is_lost_however_the_text_is_cut() {
        let own = "Ünd [viva: is it [[viva: stopped by the guard";
        for cut in 1..own.chars().count() {
            assert_eq!(filtered(own, cut).as_deref(), Ok(own), "cut every {cut}");
            assert_eq!(filtered(&format!("Why [viva{GUARDRAIL_MESSAGE} so"), cut), Err(Stopped), "cut every {cut}");
        }
    }
}
