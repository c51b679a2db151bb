//! How much a model is told, within a budget of tokens: of the passages the best, of the talk before the newest whole, an older one shorter,
//! the oldest not at all.

use crate::ports::passages::Passage;
use crate::ports::text_model::{BYTES_PER_TOKEN, Talk, estimated_tokens};

/// How many of the passages (the best first) fit; the best always does.
pub fn passages_within(passages: &[Passage], tokens_max: usize) -> usize {
    let mut used = 0;
    let fitting = passages.iter().take_while(|passage| {
        used += tokens(&passage.text);
        used <= tokens_max
    });
    fitting.count().max(1)
}

pub fn of_talk(talk: &[Talk]) -> usize {
    talk.iter().map(|exchange| tokens(&exchange.question) + tokens(&exchange.answer)).sum()
}

/// The newest part of `talk` (oldest first) that fits `tokens_max`. The last exchange always stays, cut where it must be.
pub fn within(talk: &[Talk], tokens_max: usize) -> Vec<Talk> {
    let mut left = tokens_max;
    let mut kept: Vec<Talk> = Vec::new();
    for exchange in talk.iter().rev() {
        let whole = tokens(&exchange.question) + tokens(&exchange.answer);
        if whole <= left {
            left -= whole;
            kept.push(exchange.clone());
            continue;
        }
        // What was asked says more about where the talk stands than what was answered.
        let question = beginning(&exchange.question, left * BYTES_PER_TOKEN);
        let after = left.saturating_sub(tokens(question));
        if question.len() == exchange.question.len() || kept.is_empty() {
            let answer = beginning(&exchange.answer, after * BYTES_PER_TOKEN);
            kept.push(Talk { question: question.to_owned(), answer: answer.to_owned() });
        }
        break;
    }
    kept.reverse();
    kept
}

pub fn tokens(text: &str) -> usize {
    estimated_tokens(text.len())
}

fn beginning(text: &str, bytes_max: usize) -> &str {
    &text[..text.floor_char_boundary(bytes_max)]
}

#[cfg(test)]
mod tests {
    use super::{tokens, within};
    use crate::ports::text_model::Talk;

    fn talk(number: usize) -> Talk {
        Talk { question: format!("Question {number}?"), answer: "é".repeat(200) }
    }

    #[test]
    fn the_newest_talk_that_fits_is_kept_in_order() {
        let all: Vec<Talk> = (1..=50).map(talk).collect();
        let kept = within(&all, 350);
        let used: usize = kept.iter().map(|talk| tokens(&talk.question) + tokens(&talk.answer)).sum();
        assert!(used <= 350 && used > 250, "{used}");
        assert_eq!(kept.last(), all.last());
        assert_eq!(kept.iter().map(|talk| &talk.question).max(), Some(&"Question 50?".to_owned()));
    }

    #[test]
    fn the_last_exchange_is_cut_rather_than_left_out() {
        let kept = within(&[talk(1)], 10);
        assert_eq!(kept.len(), 1);
        assert!(kept[0].answer.len() <= 40 && kept[0].question == "Question 1?");
        assert_eq!(within(&[], 10), []);
    }
}
