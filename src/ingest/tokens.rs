//! How many tokens a text is to a model, estimated.
//!
//! Models differ in their vocabularies, and a chunk's length is a matter of taste within a third: what counts is that the estimate is the
//! same everywhere, adds up over words, and is not too low for any script.

/// Tokens of a text: the sum over its words, so that joining texts by spaces adds their tokens.
pub fn estimate(text: &str) -> usize {
    text.split_whitespace().map(of_word).sum()
}

/// A run of letters is a token for every six of them, as is usual in the vocabularies of byte pairs; every other mark, and every
/// character of a script without spaces, is one of its own.
fn of_word(word: &str) -> usize {
    let mut tokens = 0;
    let mut run = 0;
    for character in word.chars() {
        if character.is_alphanumeric() && u32::from(character) < IDEOGRAPHS_FROM {
            run += 1;
        } else {
            tokens += of_run(run) + 1;
            run = 0;
        }
    }
    tokens + of_run(run)
}

fn of_run(letters: usize) -> usize {
    letters.div_ceil(RUN_CHARS)
}

const RUN_CHARS: usize = 6;
/// Kana, Han, Hangul and what follows them: about one token each.
const IDEOGRAPHS_FROM: u32 = 0x2E80;
