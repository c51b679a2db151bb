//! The question's own words, heard again by the microphone: they are no answer and interrupt nothing.

use crate::interview::wording::{alike, tokens};

/// Tells for each word of an utterance whether it is echo of `question`.
///
/// Runs of two or more words that stand in the question one after another are echo (but for slips of the recognizer); in an utterance
/// that is mostly echo, so is a single word of the question.
pub fn echoed(question: &str, utterance: &[String]) -> Vec<bool> {
    let question = tokens(question);
    let mut echo = vec![false; utterance.len()];
    let mut at = 0;
    while at < utterance.len() {
        let run = longest_run(&question, &utterance[at..]);
        if run >= RUN_WORDS {
            echo[at..at + run].fill(true);
        }
        at += run.max(1);
    }
    let certain = echo.iter().filter(|echo| **echo).count();
    if certain * 2 >= utterance.len() && certain > 0 {
        for (word, echo) in utterance.iter().zip(&mut echo) {
            *echo |= question.iter().any(|asked| alike(asked, word));
        }
    }
    echo
}

/// The utterance without its echo.
pub fn without_echo(question: &str, text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let normalised: Vec<String> = words.iter().map(|word| tokens(word).concat()).collect();
    let kept: Vec<&str> =
        words.iter().zip(echoed(question, &normalised)).filter(|(_, echo)| !echo).map(|(word, _)| *word).collect();
    kept.join(" ")
}

/// Words of `text` that are not echo and are more than a sign of listening.
pub fn real_words(question: &str, text: &str) -> usize {
    let words = tokens(text);
    if let [only] = words.as_slice()
        && tokens(question).iter().any(|asked| alike(asked, only))
    {
        // It may be the first that is heard of an echo; as an answer it still counts.
        return 0;
    }
    let echo = echoed(question, &words);
    let mostly_echo = echo.iter().filter(|echo| **echo).count() * 2 > words.len();
    let is_slip = |word: &str| mostly_echo && word.chars().count() <= SLIP_CHARS_MAX;
    words.iter().zip(echo).filter(|(word, echo)| !echo && !is_backchannel(word) && !is_slip(word)).count()
}

/// "mm-hmm", "okay": one listens, and does not take the turn.
pub fn is_backchannel(word: &str) -> bool {
    BACKCHANNELS.contains(&word)
}

fn longest_run(question: &[String], utterance: &[String]) -> usize {
    (0..question.len())
        .map(|from| question[from..].iter().zip(utterance).take_while(|(asked, heard)| alike(asked, heard)).count())
        .max()
        .unwrap_or(0)
}

const RUN_WORDS: usize = 2;
/// Amid an echo a word this short is the recognizer's slip.
const SLIP_CHARS_MAX: usize = 3;

const BACKCHANNELS: &[&str] = &[
    "ah", "aha", "eh", "er", "erm", "hm", "hmm", "huh", "mhm", "mm", "mmm", "oh", "ok", "okay", "uh", "uhhuh", "um",
    "yeah",
];

#[cfg(test)]
mod tests {
    use super::{echoed, real_words};
    use crate::interview::wording::tokens;

    const QUESTION: &str = "Tell me about a time when you had to debug a hard problem.";

    #[test]
    fn the_questions_own_words_are_echo_even_with_a_slip() {
        assert_eq!(real_words(QUESTION, "about a time when you had to debugg a hard"), 0);
        assert_eq!(real_words(QUESTION, "when you had to the problem"), 0);
        assert_eq!(real_words(QUESTION, "tell"), 0);
    }

    #[test]
    fn an_answer_over_the_question_is_no_echo() {
        assert_eq!(real_words(QUESTION, "wait I know this one"), 5);
        assert_eq!(real_words(QUESTION, "you had to I would rather begin with another"), 6);
    }

    #[test]
    fn signs_of_listening_are_no_real_words() {
        assert_eq!(real_words(QUESTION, "mm okay yeah"), 0);
    }

    #[test]
    fn the_words_beside_an_echo_stay() {
        let words = tokens("debug a hard well that was in May");
        assert_eq!(echoed(QUESTION, &words), [true, true, true, false, false, false, false, false]);
    }
}
