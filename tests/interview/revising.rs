//! What a final, or the candidate, changes about an answer that is committed.

use crate::rig::{Rig, params};
use viva::interview::Effect;
use viva::interview::effect::Rejection;
use viva::interview::event::{Event, RevisionCause, Word};
use viva::interview::input::{Input, Said};
use viva::interview::params::{Params, TurnTaking};

fn revisions(rig: &Rig) -> Vec<(u32, String, String, RevisionCause)> {
    let revision = |event: &Event| match event {
        Event::AnswerRevised { turn, text, previous, cause } => Some((*turn, text.clone(), previous.clone(), *cause)),
        _ => None,
    };
    rig.log.iter().filter_map(revision).collect()
}

fn word(text: &str, start_ms: u64, end_ms: u64) -> Word {
    Word { text: text.to_owned(), start_ms, end_ms, confidence: 0.9 }
}

#[test]
fn a_final_that_differs_revises_the_answer_and_never_asks_again() {
    let mut rig = Rig::asked(params());
    rig.say("I like the burrow checker.");
    rig.silence(600);
    let calls = rig.performs();
    rig.recognize_as("I like the borrow checker.");
    assert_eq!(
        revisions(&rig),
        [(
            1,
            "I like the borrow checker.".to_owned(),
            "I like the burrow checker.".to_owned(),
            RevisionCause::Recognizer
        )]
    );
    assert_eq!(rig.performs(), calls);
    let answer = rig.core.turns().next().and_then(|turn| turn.answer).expect("an answer");
    assert_eq!(answer.text, "I like the borrow checker.");
    assert_eq!(answer.previous.as_deref(), Some("I like the burrow checker."));
}

#[test]
fn a_final_that_says_the_same_revises_nothing() {
    let mut rig = Rig::asked(params());
    rig.say("i like the borrow checker");
    rig.silence(1_000);
    rig.recognize_as("I like the Borrow Checker.");
    assert_eq!(revisions(&rig), []);
}

#[test]
fn a_final_after_the_next_question_still_finds_its_turn() {
    let mut rig = Rig::asked(params());
    rig.say("I like the borrow checker.");
    rig.silence(600);
    rig.question("Why?");
    rig.recognize();
    let segments: Vec<usize> = rig.core.history().turns.iter().map(|turn| turn.segments.len()).collect();
    assert_eq!(segments, [1, 0]);
}

#[test]
fn the_segments_of_one_answer_revise_it_once_all_are_there() {
    let mut rig = Rig::asked(params());
    rig.say("one two three four five six.");
    rig.silence(600);
    let first = vec![word("one", 0, 300), word("two", 300, 600)];
    rig.input(Input::Final { text: "one two".to_owned(), words: first });
    assert_eq!(revisions(&rig), [], "the rest is still to come");
    let rest = ["tree", "four", "five", "six"];
    let rest: Vec<Word> = (0..4).map(|n| word(rest[n], 600 + n as u64 * 300, 900 + n as u64 * 300)).collect();
    rig.input(Input::Final { text: "tree four five six".to_owned(), words: rest });
    let texts: Vec<String> = revisions(&rig).into_iter().map(|revision| revision.1).collect();
    assert_eq!(texts, ["one two tree four five six"]);
}

#[test]
fn words_spoken_before_the_next_question_begins_belong_to_the_answer() {
    let mut rig = Rig::asked(params());
    rig.say("I like the borrow checker.");
    rig.silence(600);
    rig.recognize();
    rig.say("Mostly.");
    rig.question("Why?");
    rig.recognize();
    let texts: Vec<String> = revisions(&rig).into_iter().map(|revision| revision.1).collect();
    assert_eq!(texts, ["I like the borrow checker. Mostly."]);
}

#[test]
fn a_final_that_is_fed_again_is_known_already() {
    let mut rig = Rig::asked(params());
    let words = vec![word("one", 100, 300), word("two", 300, 600)];
    let input = Input::Final { text: "one two".to_owned(), words };
    rig.silence(700);
    rig.input(input.clone());
    rig.news();
    rig.input(input);
    assert_eq!(rig.log, []);
    let words = vec![word("two", 300, 600), word("three", 650, 700)];
    rig.input(Input::Final { text: "two three".to_owned(), words });
    assert_eq!(
        rig.log,
        [Event::TranscriptFinal {
            turn: 1,
            segment: 2,
            text: "three".to_owned(),
            words: vec![word("three", 650, 700)]
        }]
    );
}

#[test]
fn a_correction_keeps_both_versions() {
    let mut rig = Rig::asked(params());
    rig.answer("I like the burrow checker.");
    rig.said(Said::AnswerCorrect { turn: 1, text: "I like the borrow checker.".to_owned() });
    rig.said(Said::AnswerCorrect { turn: 1, text: "I like the borrow checker.".to_owned() });
    assert_eq!(revisions(&rig).len(), 1, "the same again is nothing");
    let answer = rig.core.turns().next().and_then(|turn| turn.answer).expect("an answer");
    assert_eq!(answer.text, "I like the borrow checker.");
    assert_eq!(answer.spoken.as_deref(), Some("I like the burrow checker."));
    assert_eq!(answer.previous.as_deref(), Some("I like the burrow checker."));
}

#[test]
fn a_final_does_not_undo_a_correction() {
    let mut rig = Rig::asked(params());
    rig.say("I like the burrow checker.");
    rig.silence(600);
    rig.said(Said::AnswerCorrect { turn: 1, text: "I like the borrow checker.".to_owned() });
    rig.recognize_as("I like the barrow checker.");
    let answer = rig.core.turns().next().and_then(|turn| turn.answer).expect("an answer");
    assert_eq!(answer.text, "I like the borrow checker.");
}

#[test]
fn a_correction_of_what_is_not_answered_makes_no_sense() {
    let mut rig = Rig::asked(Params { turn_taking: TurnTaking::Manual, ..params() });
    rig.said(Said::AnswerCorrect { turn: 1, text: "text".to_owned() });
    rig.said(Said::AnswerCorrect { turn: 7, text: "text".to_owned() });
    let codes: Vec<Rejection> = rig
        .effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Reject { code, .. } => Some(*code),
            _ => None,
        })
        .collect();
    assert_eq!(codes, [Rejection::InvalidField, Rejection::TurnUnknown]);
}
