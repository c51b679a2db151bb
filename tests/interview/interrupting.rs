//! What happens to a question that is being read aloud.

use crate::rig::{Rig, params};
use viva::interview::event::{CancelReason, Event};
use viva::interview::input::{Input, PlaybackState, Said};
use viva::interview::params::{Params, Playback};
use viva::ports::text_model::Task;

const QUESTION: &str = "What do you like about Rust?";

fn aloud() -> Rig {
    let mut rig = Rig::asked(Params { playback: Playback::Voice, ..params() });
    rig.rendered(1, 1, 0, PlaybackState::Playing);
    rig.silence(500);
    rig.news();
    rig
}

#[test]
fn two_real_words_cut_the_question_off_and_begin_the_answer() {
    let mut rig = aloud();
    rig.rendered(1, 1, 11, PlaybackState::Playing);
    rig.news();
    rig.say("wait I");
    assert_eq!(
        rig.log,
        [
            Event::QuestionHeld { turn: 1, attempt: 1, media_ms: 800 },
            Event::QuestionCancelled {
                turn: 1,
                attempt: 1,
                text: "What do you".to_owned(),
                reason: CancelReason::BargeIn,
                media_ms: 1_000
            },
        ]
    );
    rig.say("love its tests.");
    rig.silence(500);
    assert_eq!(rig.committed(), [(1, "wait I love its tests.".to_owned())]);
    let Task::NextQuestion(next) = rig.call().1 else { panic!("a question is next") };
    assert_eq!(next.history[0].question, "What do you", "only what was heard stays");
}

#[test]
fn words_cut_off_a_question_that_is_still_being_generated() {
    let mut rig = Rig::new(Params { playback: Playback::Voice, ..params() });
    rig.delta("What do you like about ");
    let id = rig.call().0;
    rig.rendered(1, 1, 4, PlaybackState::Playing);
    rig.say("sorry but wait");
    assert_eq!(rig.cancels(), 1);
    rig.news();
    rig.input(Input::ModelDelta { id, text: "Rust?".to_owned() });
    rig.input(Input::ModelDone { id, usage: crate::rig::USAGE });
    assert_eq!(rig.log, [], "what comes late is nothing");
    assert_eq!(rig.core.history().turns[0].attempt().text, "What");
}

#[test]
fn a_cough_holds_the_question_and_two_seconds_later_it_goes_on() {
    let mut rig = aloud();
    rig.noise(600);
    assert_eq!(rig.names(), ["questionHeld"]);
    rig.silence(1_800);
    assert_eq!(rig.names(), ["questionHeld"]);
    rig.silence(200);
    assert_eq!(rig.names(), ["questionHeld", "questionResumed"]);
    rig.noise(1_000);
    assert_eq!(rig.names().len(), 2, "noise alone holds it no more");
    rig.say("but really");
    assert_eq!(rig.names(), ["questionHeld", "questionResumed", "questionHeld", "questionCancelled"]);
}

#[test]
fn one_word_needs_voice_to_cut_it_off() {
    let mut rig = aloud();
    rig.say("Stop");
    assert_eq!(rig.names(), ["questionHeld"]);
    rig.noise(200);
    assert_eq!(rig.names(), ["questionHeld", "questionCancelled"]);
}

#[test]
fn signs_of_listening_neither_hold_nor_cut_it_off() {
    let mut rig = aloud();
    rig.say("okay");
    rig.silence(1_000);
    rig.say("mhm");
    rig.silence(2_000);
    assert_eq!(rig.log, []);
}

#[test]
fn the_questions_echo_is_no_word_of_the_candidate() {
    let mut rig = aloud();
    rig.say("do you like about rust");
    rig.recognize();
    assert!(!rig.names().contains(&"questionCancelled".to_owned()), "{:?}", rig.log);
    assert!(!rig.names().contains(&"transcriptFinal".to_owned()), "{:?}", rig.log);
    rig.rendered(1, 1, 28, PlaybackState::Done);
    rig.silence(5_000);
    assert_eq!(rig.committed(), []);
}

#[test]
fn the_questions_words_are_an_answer_once_it_is_over() {
    let mut rig = aloud();
    rig.rendered(1, 1, 28, PlaybackState::Done);
    rig.silence(1_000);
    rig.say("What do you like about Rust?");
    rig.silence(600);
    assert_eq!(rig.committed(), [(1, "What do you like about Rust?".to_owned())]);
}

#[test]
fn playback_that_is_never_reported_counts_as_heard_in_the_end() {
    let mut rig = Rig::asked(Params { playback: Playback::Voice, ..params() });
    rig.news();
    rig.pass(QUESTION.len() as u64 * 65 + 4_900);
    assert_eq!(rig.log, []);
    rig.pass(200);
    assert_eq!(rig.log, [Event::QuestionHeard { turn: 1, attempt: 1, chars: 28, finished: true, media_ms: 0 }]);
}

#[test]
fn a_client_that_does_not_report_heard_what_could_be_said_by_then() {
    let mut rig = Rig::asked(Params { playback: Playback::Voice, ..params() });
    rig.silence(400);
    rig.say("wait a");
    // 28 characters take 1,820 ms; 1,000 ms are 15 of them.
    assert_eq!(rig.core.history().turns[0].attempt().text, "What do you");
}

#[test]
fn what_was_rendered_is_kept_and_never_goes_back() {
    let mut rig = aloud();
    rig.rendered(1, 1, 12, PlaybackState::Playing);
    rig.rendered(1, 1, 5, PlaybackState::Paused);
    rig.rendered(1, 1, 9_999, PlaybackState::Playing);
    rig.rendered(1, 2, 3, PlaybackState::Playing);
    let chars: Vec<u32> = rig
        .log
        .iter()
        .map(|event| match event {
            Event::QuestionHeard { chars, .. } => *chars,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(chars, [12, 28]);
}

#[test]
fn shown_questions_are_not_disturbed_by_what_follows_them() {
    let mut rig = Rig::asked(params());
    rig.news();
    rig.say("I like tests.");
    rig.silence(500);
    assert!(!rig.names().contains(&"questionHeld".to_owned()));
    assert!(!rig.names().contains(&"questionCancelled".to_owned()));
}

#[test]
fn one_who_goes_on_speaking_cuts_off_the_question_that_came_too_soon() {
    let mut rig = Rig::asked(Params { playback: Playback::Voice, ..params() });
    rig.rendered(1, 1, 28, PlaybackState::Done);
    rig.silence(200);
    rig.say("I like tests.");
    rig.silence(1_000);
    assert_eq!(rig.committed().len(), 1);
    rig.recognize();
    rig.say("But first");
    rig.question("Why do you test?");
    rig.news();
    rig.say("let me add");
    assert!(rig.names().contains(&"questionCancelled".to_owned()), "{:?}", rig.log);
    rig.recognize();
    let spoken: Vec<String> = rig.core.history().turns.iter().map(|turn| turn.spoken()).collect();
    assert_eq!(spoken, ["I like tests. But first", "let me add"]);
}

#[test]
fn a_typed_answer_over_the_question_cuts_it_off() {
    let mut rig = aloud();
    rig.rendered(1, 1, 8, PlaybackState::Playing);
    rig.said(Said::AnswerText { turn: 1, text: "Its tests".to_owned() });
    assert_eq!(rig.core.history().turns[0].attempt().text, "What do");
    assert_eq!(rig.committed(), [(1, "Its tests".to_owned())]);
}

#[test]
fn a_word_over_the_question_is_no_quick_answer_to_it() {
    let mut rig = aloud();
    rig.say("Yes.");
    rig.silence(2_500);
    assert_eq!(rig.names(), ["questionHeld", "questionResumed"]);
    rig.rendered(1, 1, 28, PlaybackState::Done);
    rig.silence(2_900);
    assert_eq!(rig.committed(), []);
    rig.silence(100);
    assert_eq!(rig.committed(), [(1, "Yes.".to_owned())]);
}

#[test]
fn the_last_breath_of_an_answer_does_not_cut_off_the_next_question() {
    let mut rig = Rig::asked(Params { playback: Playback::Voice, ..params() });
    rig.rendered(1, 1, QUESTION.len() as u32, PlaybackState::Done);
    rig.say("I like that it tells me early");
    rig.recognize();
    rig.said(Said::AnswerEnd { turn: 1 });
    rig.delta("And what ");
    rig.news();
    rig.noise(60);
    rig.hear_late("early", rig.media_ms - 60, rig.media_ms);
    assert!(!rig.names().contains(&"questionCancelled".to_owned()), "{:?}", rig.names());
    rig.delta("do you dislike?");
    rig.done();
    assert!(rig.names().contains(&"questionDone".to_owned()), "{:?}", rig.names());
}
