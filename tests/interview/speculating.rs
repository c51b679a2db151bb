//! The next question, generated ahead.

use crate::rig::{Rig, USAGE, params};
use viva::interview::event::Event;
use viva::interview::input::Input;
use viva::interview::params::{Params, TurnTaking};
use viva::ports::text_model::Task;

#[test]
fn a_short_silence_starts_the_next_question_and_the_commit_takes_it() {
    let mut rig = Rig::asked(params());
    rig.say("I like the borrow checker.");
    rig.silence(300);
    let (id, task, speculative) = rig.call();
    assert!(speculative && matches!(task, Task::NextQuestion(next) if next.turn == 2 && next.history.len() == 1));
    rig.news();
    rig.delta("Why the ");
    rig.delta("borrow checker?");
    assert_eq!(rig.log, [], "nothing is said before the answer is over");
    rig.silence(200);
    assert_eq!(rig.names(), ["answerCommitted", "questionStarted", "questionDelta", "turnTiming", "budgetWarning"]);
    assert_eq!(rig.call().0, id, "it was not asked for again");
    rig.done();
    assert_eq!(rig.core.history().turns[1].attempt().text, "Why the borrow checker?");
    assert_eq!(rig.cancels(), 0);
    let usage = rig.core.usage();
    assert_eq!((usage.speculative_requests, usage.model_requests, usage.speculative_dropped_tokens), (1, 2, 0));
}

#[test]
fn a_candidate_who_goes_on_drops_it_and_its_tokens_are_counted() {
    let mut rig = Rig::asked(params());
    rig.say("I like the borrow checker.");
    rig.silence(300);
    let id = rig.call().0;
    rig.delta("Why the borrow checker?");
    rig.input(Input::ModelDone { id, usage: USAGE });
    rig.say("And the tests.");
    assert_eq!(rig.cancels(), 1);
    rig.silence(500);
    assert_eq!(rig.committed(), [(1, "I like the borrow checker. And the tests.".to_owned())]);
    assert_eq!(rig.core.usage().speculative_dropped_tokens, 110);
    rig.news();
    rig.input(Input::ModelDelta { id, text: "late".to_owned() });
    assert_eq!(rig.log, []);
}

#[test]
fn a_failed_one_is_dropped_and_the_question_is_asked_for_at_the_commit() {
    let mut rig = Rig::asked(params());
    rig.say("I like the borrow checker.");
    rig.silence(300);
    let id = rig.call().0;
    rig.input(Input::ModelFailed { id, error: viva::ports::text_model::ModelError::TimedOut });
    rig.silence(200);
    let (again, _, speculative) = rig.call();
    assert!(again != id);
    rig.question("Why?");
    assert!(rig.log.iter().any(|event| matches!(event, Event::QuestionDone { turn: 2, .. })), "{speculative}");
}

#[test]
fn nothing_is_generated_ahead_for_what_breaks_off_or_is_last_or_manual() {
    let mut rig = Rig::asked(params());
    rig.say("I like it because");
    rig.silence(400);
    assert_eq!(rig.performs(), 1);
    let mut rig = Rig::asked(Params { questions: 1, ..params() });
    rig.say("I like the borrow checker.");
    rig.silence(400);
    assert_eq!(rig.performs(), 1);
    let mut rig = Rig::asked(Params { turn_taking: TurnTaking::Manual, ..params() });
    rig.say("I like the borrow checker.");
    rig.silence(400);
    assert_eq!(rig.performs(), 1);
}

#[test]
fn one_answer_starts_a_few_at_most() {
    let mut rig = Rig::asked(Params { turn_taking: TurnTaking::Auto, ..params() });
    for _ in 0..10 {
        rig.say("And then there is more of it.");
        rig.silence(300);
    }
    assert_eq!(rig.core.usage().speculative_requests, 3);
}

#[test]
fn a_typed_answer_is_another_text_and_is_asked_about_anew() {
    let mut rig = Rig::asked(params());
    rig.say("I like the borrow checker.");
    rig.silence(300);
    rig.delta("Why the borrow checker?");
    rig.said(viva::interview::input::Said::AnswerText { turn: 1, text: "And the tests.".to_owned() });
    assert_eq!(rig.cancels(), 1);
    let (_, task, speculative) = rig.call();
    assert!(!speculative && matches!(task, Task::NextQuestion(next) if next.turn == 2));
    assert_eq!(rig.core.usage().speculative_dropped_tokens, 6, "23 characters of 4 a token");
}
