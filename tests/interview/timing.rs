//! Budgets, deadlines, and where the time between an answer and the next question went.

use crate::rig::{Rig, params};
use viva::interview::event::{Budget, CommitReason, Event, FinishReason, Stage, Usage};
use viva::interview::input::{Input, Said};
use viva::interview::params::{Params, TurnTaking};
use viva::interview::{Effect, Reason};
use viva::ports::text_model::{DebriefDraft, ModelError, Task};

fn lasting(duration_ms: u64) -> Params {
    Params { duration_ms: Some(duration_ms), ..params() }
}

fn warnings(rig: &Rig) -> Vec<(Budget, u64)> {
    let warning = |event: &Event| match event {
        Event::BudgetWarning { budget, remaining } => Some((*budget, *remaining)),
        _ => None,
    };
    rig.log.iter().filter_map(warning).collect()
}

fn stage(name: &str, duration_ms: u64) -> Stage {
    Stage { name: name.to_owned(), duration_ms }
}

#[test]
fn the_stages_of_a_turn_add_up_from_the_answers_end_to_the_first_delta() {
    let mut rig = Rig::asked(params());
    rig.say("I like it because I do.");
    rig.silence(500);
    // The speculation is another text's: the model begins at the commit.
    rig.pass(340);
    rig.delta("Why?");
    let timing = rig.log.iter().find(|event| matches!(event, Event::TurnTiming { .. }));
    assert_eq!(
        timing,
        Some(&Event::TurnTiming {
            turn: 1,
            total_ms: 840,
            stages: vec![stage("endpointing", 500), stage("transcript", 0), stage("model", 340)]
        })
    );
}

#[test]
fn waiting_for_the_last_words_is_a_stage_of_its_own() {
    let mut rig = Rig::asked(Params { turn_taking: TurnTaking::Manual, ..params() });
    rig.noise(1_000);
    rig.said(Said::AnswerEnd { turn: 1 });
    rig.pass(250);
    rig.input(Input::Final {
        text: "Tests".to_owned(),
        words: vec![viva::interview::event::Word {
            text: "Tests".to_owned(),
            start_ms: 400,
            end_ms: 900,
            confidence: 0.9,
        }],
    });
    rig.pass(100);
    rig.delta("Why?");
    let timing = rig.log.iter().find(|event| matches!(event, Event::TurnTiming { .. }));
    assert_eq!(
        timing,
        Some(&Event::TurnTiming {
            turn: 1,
            total_ms: 350,
            stages: vec![stage("endpointing", 0), stage("transcript", 250), stage("model", 100)]
        })
    );
}

#[test]
fn pieces_of_a_question_are_sent_together_but_the_first_at_once() {
    let mut rig = Rig::new(params());
    rig.news();
    for piece in ["What ", "do ", "you ", "like ", "about ", "Rust", "?"] {
        rig.delta(piece);
        rig.pass(20);
    }
    rig.done();
    let deltas: Vec<&str> = rig
        .log
        .iter()
        .filter_map(|event| match event {
            Event::QuestionDelta { text, .. } => Some(text.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(deltas, ["What ", "do you like ", "about Rust?"]);
}

#[test]
fn a_held_back_piece_is_sent_when_its_time_has_come() {
    let mut rig = Rig::new(params());
    rig.delta("What ");
    rig.pass(10);
    rig.delta("now");
    assert_eq!(rig.wait.map(|(at, reason)| (at.0, reason)), Some((80, Reason::DeltaCoalescing)));
    rig.pass(70);
    assert_eq!(rig.core.history().turns[0].attempt().text, "What now");
}

#[test]
fn the_end_of_the_time_is_announced_and_kept() {
    let mut rig = Rig::asked(lasting(600_000));
    rig.pass(540_000);
    assert_eq!(warnings(&rig), [(Budget::Duration, 60_000)]);
    rig.pass(60_000);
    assert_eq!(warnings(&rig), [(Budget::Duration, 60_000), (Budget::Duration, 0)]);
    assert_eq!(rig.finished(), Some(FinishReason::Time));
}

#[test]
fn one_who_speaks_when_the_time_is_over_may_end_the_sentence() {
    let mut rig = Rig::asked(lasting(30_000));
    rig.pass(29_000);
    rig.say("I like Rust because of tests.");
    assert_eq!(rig.finished(), None);
    rig.silence(500);
    assert_eq!(rig.committed(), [(1, "I like Rust because of tests.".to_owned())]);
    rig.recognize();
    assert!(matches!(rig.call().1, Task::Debrief(_)), "no further question is asked");
    rig.debrief(DebriefDraft::default());
    assert_eq!(rig.finished(), Some(FinishReason::Time));
}

#[test]
fn but_not_go_on_for_ever() {
    let mut rig = Rig::asked(lasting(30_000));
    rig.pass(29_000);
    rig.say(&"and so on ".repeat(20));
    let reason = rig.log.iter().find_map(|event| match event {
        Event::AnswerCommitted { reason, .. } => Some(*reason),
        _ => None,
    });
    assert_eq!(reason, Some(CommitReason::Limit));
}

#[test]
fn the_time_stands_still_while_nobody_is_bound_or_audio_is_fed_again() {
    let mut rig = Rig::asked(lasting(30_000));
    rig.pass(10_000);
    rig.input(Input::Bound(false));
    assert_eq!(rig.wait, None);
    rig.pass(100_000);
    rig.input(Input::Bound(true));
    rig.input(Input::Refeeding(true));
    rig.pass(100_000);
    rig.input(Input::Refeeding(false));
    rig.pass(19_000);
    assert_eq!(rig.finished(), None);
    rig.pass(1_000);
    assert_eq!(rig.finished(), Some(FinishReason::Time));
    assert_eq!(rig.core.report().map(|report| report.duration_ms), Some(30_000));
}

#[test]
fn the_days_budget_is_announced_once_and_ends_the_interview_at_0() {
    let mut rig = Rig::asked(params());
    rig.answer("I like the borrow checker.");
    rig.question("Why?");
    rig.news();
    rig.input(Input::BudgetLeft { budget: Budget::Tokens, remaining: 900 });
    rig.input(Input::BudgetLeft { budget: Budget::Tokens, remaining: 800 });
    assert_eq!(warnings(&rig), [(Budget::Tokens, 900)]);
    rig.input(Input::BudgetLeft { budget: Budget::Tokens, remaining: 0 });
    assert_eq!(rig.finished(), Some(FinishReason::Budget));
    assert!(
        !rig.effects
            .iter()
            .any(|effect| matches!(effect, Effect::Perform { task, .. } if matches!(**task, Task::Debrief(_))))
    );
}

#[test]
fn a_model_that_fails_is_tried_again_with_growing_waits_and_then_given_up() {
    let mut rig = Rig::new(params());
    let mut waits = Vec::new();
    for _ in 0..3 {
        let id = rig.call().0;
        rig.input(Input::ModelFailed { id, error: ModelError::TimedOut });
        let Some((at, Reason::ModelRetry)) = rig.wait else { panic!("it waits") };
        waits.push(at.0 - rig.now);
        rig.pass(at.0 - rig.now);
    }
    assert_eq!(waits, [1_000, 2_000, 4_000]);
    let id = rig.call().0;
    rig.input(Input::ModelFailed { id, error: ModelError::TimedOut });
    assert_eq!(rig.finished(), Some(FinishReason::Failed));
    assert!(rig.core.report().is_some());
}

#[test]
fn a_question_that_breaks_off_is_asked_anew_as_the_next_attempt() {
    let mut rig = Rig::new(params());
    let id = rig.call().0;
    rig.delta("What do you ");
    rig.input(Input::ModelFailed { id, error: ModelError::TimedOut });
    rig.pass(1_000);
    let Task::NextQuestion(next) = rig.call().1 else { panic!("it is asked again") };
    assert_eq!((next.attempt, next.heard_before.as_deref()), (2, Some("What do you")));
    rig.question("What is good?");
    assert_eq!(
        rig.core.turns().map(|turn| (turn.attempt, turn.question)).collect::<Vec<_>>(),
        [(2, "What is good?".to_owned())]
    );
}

#[test]
fn a_debrief_that_fails_twice_leaves_a_report_of_what_was_computed() {
    let mut rig = Rig::asked(Params { questions: 1, ..params() });
    rig.answer("I like the borrow checker and the tests.");
    for _ in 0..2 {
        let id = rig.call().0;
        rig.input(Input::ModelFailed { id, error: ModelError::Failed("down".to_owned()) });
        rig.pass(1_000);
    }
    let report = rig.core.report().expect("a report");
    assert!(
        report.notices.iter().any(|notice| notice.starts_with("The model gave no feedback")),
        "{:?}",
        report.notices
    );
    assert!(report.summary.starts_with("1 of 1 questions were answered."), "{}", report.summary);
    assert_eq!(rig.finished(), Some(FinishReason::Completed));
}

#[test]
fn an_endless_question_is_cut_off() {
    let mut rig = Rig::new(params());
    let id = rig.call().0;
    for _ in 0..400 {
        rig.input(Input::ModelDelta { id, text: "blah blah ".to_owned() });
    }
    assert_eq!(rig.core.history().turns[0].attempt().text.trim_end().len(), 1_999);
    assert_eq!(rig.cancels(), 1);
}

#[test]
fn what_was_used_is_told_at_the_end() {
    let mut rig = Rig::asked(Params { questions: 1, ..params() });
    rig.input(Input::Used(Usage { audio_ms: 5_000, messages: 40, ..Usage::default() }));
    rig.input(Input::Used(Usage { audio_ms: 9_000, messages: 80, ..Usage::default() }));
    rig.answer("I like the borrow checker.");
    rig.debrief(DebriefDraft::default());
    assert_eq!(
        rig.core.usage(),
        Usage {
            audio_ms: 9_000,
            messages: 80,
            model_requests: 2,
            model_input_tokens: 200,
            model_output_tokens: 20,
            ..Usage::default()
        }
    );
}
