//! When an answer is over.

use crate::rig::{Rig, params};
use viva::interview::Effect;
use viva::interview::event::{CommitReason, Event};
use viva::interview::input::{Input, Said};
use viva::interview::params::{Params, TurnTaking};

fn with(turn_taking: TurnTaking) -> Rig {
    Rig::asked(Params { turn_taking, ..params() })
}

fn reasons(rig: &Rig) -> Vec<CommitReason> {
    let reason = |event: &Event| match event {
        Event::AnswerCommitted { reason, .. } => Some(*reason),
        _ => None,
    };
    rig.log.iter().filter_map(reason).collect()
}

#[test]
fn half_a_second_of_silence_ends_a_complete_answer() {
    let mut rig = with(TurnTaking::Auto);
    rig.say("I like the borrow checker.");
    rig.silence(400);
    assert_eq!(rig.committed(), []);
    rig.silence(100);
    assert_eq!(rig.committed(), [(1, "I like the borrow checker.".to_owned())]);
    assert_eq!(reasons(&rig), [CommitReason::Silence]);
}

#[test]
fn an_answer_that_breaks_off_is_waited_for() {
    let mut rig = with(TurnTaking::Auto);
    rig.say("I like the borrow checker because");
    rig.silence(1_700);
    assert_eq!(rig.committed(), []);
    rig.say("it is strict.");
    rig.silence(500);
    assert_eq!(rig.committed(), [(1, "I like the borrow checker because it is strict.".to_owned())]);
}

#[test]
fn no_silence_is_longer_than_the_maximum() {
    let mut rig = with(TurnTaking::Auto);
    rig.say("Rust, and um");
    rig.noise(1_000);
    rig.silence(2_900);
    assert_eq!(rig.committed(), []);
    rig.silence(100);
    assert_eq!(rig.committed(), [(1, "Rust, and um".to_owned())]);
}

#[test]
fn patient_waits_three_seconds_and_more() {
    let mut rig = with(TurnTaking::Patient);
    rig.say("I like the borrow checker.");
    rig.silence(2_900);
    assert_eq!(rig.committed(), []);
    rig.silence(100);
    assert_eq!(rig.committed().len(), 1);
}

#[test]
fn manual_answers_end_by_word_alone() {
    let mut rig = with(TurnTaking::Manual);
    rig.say("I like the borrow checker.");
    rig.silence(20_000);
    assert_eq!(rig.committed(), []);
    rig.said(Said::AnswerEnd { turn: 1 });
    assert_eq!(reasons(&rig), [CommitReason::Ended]);
}

#[test]
fn silence_alone_and_noise_without_words_end_nothing() {
    let mut rig = with(TurnTaking::Auto);
    rig.silence(20_000);
    rig.noise(3_000);
    rig.silence(20_000);
    rig.input(Input::Final { text: String::new(), words: Vec::new() });
    rig.silence(5_000);
    assert_eq!(rig.committed(), []);
}

#[test]
fn time_without_audio_ends_no_answer() {
    let mut rig = with(TurnTaking::Auto);
    rig.say("I like the borrow checker.");
    rig.silence(300);
    rig.pass(60_000);
    assert_eq!(rig.committed(), []);
    rig.silence(200);
    assert_eq!(rig.committed().len(), 1);
}

#[test]
fn the_recognizer_is_waited_for_while_it_lags() {
    let mut rig = with(TurnTaking::Auto);
    rig.say("I like the borrow checker.");
    rig.noise(1_500);
    rig.silence(1_000);
    assert_eq!(rig.committed(), []);
    rig.say("Truly.");
    rig.silence(1_000);
    assert_eq!(rig.committed(), [(1, "I like the borrow checker. Truly.".to_owned())]);
}

#[test]
fn the_answers_end_flushes_the_recognizer() {
    let mut rig = with(TurnTaking::Auto);
    rig.say("I like the borrow checker.");
    rig.silence(500);
    assert_eq!(rig.effects.iter().filter(|effect| **effect == Effect::FlushRecognizer).count(), 1);
}

#[test]
fn answer_end_before_the_first_word_waits_for_it_but_not_for_ever() {
    let mut rig = with(TurnTaking::Manual);
    rig.noise(1_500);
    rig.said(Said::AnswerEnd { turn: 1 });
    assert_eq!(rig.committed(), []);
    assert_eq!(rig.effects.last(), Some(&Effect::FlushRecognizer));
    rig.pass(2_000);
    assert_eq!(rig.committed(), [(1, String::new())]);
    assert_eq!(reasons(&rig), [CommitReason::Ended]);
}

#[test]
fn an_endless_answer_reaches_its_limit() {
    let mut rig = with(TurnTaking::Manual);
    rig.say("So it goes on.");
    rig.noise(600_000);
    assert_eq!(reasons(&rig), [CommitReason::Limit]);
}

#[test]
fn a_flood_of_words_reaches_its_limit() {
    let mut rig = with(TurnTaking::Manual);
    rig.noise(500);
    let text = "word ".repeat(20_000);
    rig.input(Input::Partial { stable_chars: 0, text, start_ms: 0, end_ms: 500 });
    assert_eq!(reasons(&rig), [CommitReason::Limit]);
    for event in &rig.log {
        assert!(serde_json::to_string(event).expect("JSON").len() < 96_000);
    }
}

#[test]
fn no_silence_ends_an_answer_while_the_recognizer_is_behind_and_gets_on() {
    for turn_taking in [TurnTaking::Auto, TurnTaking::Patient] {
        let mut rig = with(turn_taking);
        rig.say("I like the borrow checker");
        rig.recognized_through(1_500);
        // Four seconds are spoken and a long silence follows, of which the recognizer has worked off a part only.
        rig.noise(4_000);
        for behind_ms in (0..4_000).step_by(400) {
            rig.silence(900);
            rig.recognized_through(1_500 + behind_ms);
            assert_eq!(rig.committed(), [], "{turn_taking:?}, through {}", 1_500 + behind_ms);
        }
        rig.hear_late("because it is strict", 4_000, 5_500);
        rig.recognized_through(5_900);
        rig.silence(100);
        assert_eq!(rig.committed(), [(1, "I like the borrow checker because it is strict".to_owned())]);
    }
}

#[test]
fn a_recognizer_that_does_not_get_on_is_not_waited_for() {
    let mut rig = with(TurnTaking::Auto);
    rig.say("I like the borrow checker");
    rig.recognized_through(1_500);
    rig.noise(4_000);
    rig.silence(5_900);
    assert_eq!(rig.committed(), []);
    rig.silence(100);
    assert_eq!(rig.committed().len(), 1);
}

#[test]
fn one_that_gets_on_for_ever_and_never_arrives_is_not_waited_for() {
    let mut rig = with(TurnTaking::Auto);
    rig.say("I like the borrow checker");
    rig.noise(4_000);
    for step in 0..29 {
        rig.recognized_through(1_500 + step);
        rig.silence(1_000);
        assert_eq!(rig.committed(), []);
    }
    rig.silence(1_000);
    assert_eq!(rig.committed().len(), 1);
}

#[test]
fn noise_that_was_worked_on_without_a_word_is_no_reason_to_wait() {
    let mut rig = with(TurnTaking::Auto);
    rig.say("I like the borrow checker.");
    rig.noise(1_500);
    rig.silence(400);
    rig.recognized_through(rig.media_ms - 200);
    assert_eq!(rig.committed(), []);
    rig.silence(100);
    assert_eq!(rig.committed().len(), 1);
}

#[test]
fn silence_that_comes_faster_than_time_ends_nothing_before_the_words_are_there() {
    let mut rig = with(TurnTaking::Auto);
    rig.say("I like the borrow checker");
    let now = rig.now;
    rig.noise(2_000);
    rig.silence(4_000);
    assert_eq!(rig.committed().len(), 1, "in its own time it does");

    let mut rig = with(TurnTaking::Auto);
    rig.say("I like the borrow checker");
    assert_eq!(rig.now, now);
    rig.burst(2_000, true);
    rig.burst(4_000, false);
    assert_eq!(rig.committed(), []);
    rig.hear_late("because it is strict.", 1_500, 3_500);
    assert_eq!(rig.committed(), [(1, "I like the borrow checker because it is strict.".to_owned())]);
}

#[test]
fn audio_that_was_never_received_is_no_silence() {
    let mut rig = with(TurnTaking::Auto);
    rig.say("I like the borrow checker.");
    rig.silence(200);
    rig.missing(8_000);
    rig.silence(200);
    assert_eq!(rig.committed(), []);
    rig.silence(100);
    assert_eq!(rig.committed().len(), 1);
}

#[test]
fn what_is_recognized_anew_is_waited_for_anew() {
    let mut rig = with(TurnTaking::Auto);
    rig.say("I like the borrow checker.");
    rig.recognized_through(1_500);
    rig.input(Input::RecognizedAnew { from_ms: 0 });
    rig.silence(2_000);
    assert_eq!(rig.committed(), []);
    rig.recognized_through(1_500);
    assert_eq!(rig.committed().len(), 1);
}

#[test]
fn the_last_answers_words_are_waited_for_as_long_as_the_recognizer_gets_on() {
    let mut rig = Rig::asked(Params { turn_taking: TurnTaking::Manual, questions: 1, ..params() });
    rig.say("I like the borrow checker");
    rig.recognized_through(1_500);
    rig.noise(4_000);
    rig.said(Said::AnswerEnd { turn: 1 });
    for behind_ms in (0..4_000).step_by(400) {
        rig.pass(1_000);
        rig.recognized_through(1_500 + behind_ms);
    }
    assert_eq!(rig.committed(), [(1, "I like the borrow checker".to_owned())]);
    rig.hear_late("because it is strict", 4_000, 5_500);
    rig.recognize();
    let revised = rig.log.iter().find_map(|event| match event {
        Event::AnswerRevised { text, .. } => Some(text.as_str()),
        _ => None,
    });
    assert_eq!(revised, Some("I like the borrow checker because it is strict"));
}
