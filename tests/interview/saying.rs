//! The candidate's control messages in the states that they meet.

use crate::rig::{Rig, params};
use viva::interview::Effect;
use viva::interview::effect::Rejection;
use viva::interview::event::{CancelReason, CommitReason, Event, FinishReason};
use viva::interview::input::{PlaybackState, Said};
use viva::interview::params::{Params, Playback, TurnTaking};
use viva::ports::text_model::{Outcome, Task};

fn rejections(rig: &Rig) -> Vec<(u64, Rejection)> {
    let rejection = |effect: &Effect| match effect {
        Effect::Reject { seq, code, .. } => Some((*seq, *code)),
        _ => None,
    };
    rig.effects.iter().filter_map(rejection).collect()
}

#[test]
fn a_typed_answer_follows_the_spoken_words() {
    let mut rig = Rig::asked(Params { turn_taking: TurnTaking::Manual, ..params() });
    rig.say("I like tests");
    rig.said(Said::AnswerText { turn: 1, text: "  and fuzzing.\u{0}".to_owned() });
    let Some(Event::AnswerCommitted { text, typed, reason, .. }) =
        rig.log.iter().find(|event| matches!(event, Event::AnswerCommitted { .. }))
    else {
        panic!("it is committed")
    };
    assert_eq!(text, "I like tests and fuzzing.");
    assert_eq!(typed.as_deref(), Some("and fuzzing."));
    assert_eq!(*reason, CommitReason::Typed);
    rig.recognize_as("I liked tests");
    assert_eq!(
        rig.core.history().turns[0].answer.as_ref().map(|answer| answer.text.as_str()),
        Some("I liked tests and fuzzing.")
    );
}

#[test]
fn typing_needs_no_audio() {
    let mut rig = Rig::asked(Params { audio: None, ..params() });
    rig.said(Said::AnswerText { turn: 1, text: "Its tests".to_owned() });
    assert_eq!(rig.committed(), [(1, "Its tests".to_owned())]);
    assert!(!rig.effects.contains(&Effect::FlushRecognizer));
}

#[test]
fn the_same_typed_answer_again_is_nothing_and_another_is_refused() {
    let mut rig = Rig::asked(params());
    rig.said(Said::AnswerText { turn: 1, text: "Its tests".to_owned() });
    rig.question("Why?");
    rig.said(Said::AnswerText { turn: 1, text: "Its tests".to_owned() });
    assert_eq!(rejections(&rig), []);
    rig.said(Said::AnswerText { turn: 1, text: "Its speed".to_owned() });
    rig.said(Said::AnswerText { turn: 2, text: " \n".to_owned() });
    assert_eq!(rejections(&rig), [(4, Rejection::InvalidField), (5, Rejection::InvalidField)]);
    assert_eq!(rig.committed().len(), 1);
}

#[test]
fn a_repeat_asks_again_as_the_next_attempt() {
    let mut rig = Rig::asked(params());
    rig.news();
    rig.said(Said::QuestionRepeat { turn: 1 });
    assert_eq!(
        rig.log,
        [Event::QuestionCancelled {
            turn: 1,
            attempt: 1,
            text: "What do you like about Rust?".to_owned(),
            reason: CancelReason::Repeated,
            media_ms: 0
        }]
    );
    let Task::NextQuestion(next) = rig.call().1 else { panic!("it is asked again") };
    assert_eq!((next.turn, next.attempt), (1, 2));
    assert_eq!(next.repeat_of.as_deref(), Some("What do you like about Rust?"));
    rig.said(Said::QuestionRepeat { turn: 1 });
    assert_eq!(rig.performs(), 2, "it is on its way already");
    rig.question("What is good about Rust?");
    rig.answer("Its tests are good.");
    assert_eq!(rig.committed(), [(1, "Its tests are good.".to_owned())]);
}

#[test]
fn a_question_is_repeated_so_often_and_no_more() {
    let mut rig = Rig::asked(params());
    for _ in 0..40 {
        rig.said(Said::QuestionRepeat { turn: 1 });
        if rig.core.history().turns[0].attempts.len() < 20 {
            rig.question("And again?");
        }
    }
    assert_eq!(rig.core.history().turns[0].attempts.len(), 20);
    assert!(rejections(&rig).iter().all(|(_, code)| *code == Rejection::InvalidField) && !rejections(&rig).is_empty());
}

#[test]
fn a_skip_commits_nothing_and_goes_on() {
    let mut rig = Rig::asked(Params { playback: Playback::Voice, ..params() });
    rig.rendered(1, 1, 4, PlaybackState::Playing);
    rig.news();
    rig.said(Said::QuestionSkip { turn: 1 });
    assert_eq!(rig.names(), ["questionCancelled", "answerCommitted"]);
    let Task::NextQuestion(next) = rig.call().1 else { panic!("a question is next") };
    assert_eq!(next.history[0].outcome, Outcome::Skipped);
    assert_eq!(next.history[0].question, "What do you like about Rust?", "it shall not come again");
    rig.said(Said::QuestionSkip { turn: 1 });
    assert_eq!(rejections(&rig), []);
}

#[test]
fn finishing_commits_what_was_said_and_writes_the_report() {
    let mut rig = Rig::asked(params());
    rig.say("I like tests");
    rig.news();
    rig.said(Said::Finish);
    rig.recognize();
    assert!(matches!(rig.call().1, Task::Debrief(_)));
    rig.debrief(viva::ports::text_model::DebriefDraft::default());
    assert_eq!(rig.names(), ["answerCommitted", "budgetWarning", "transcriptFinal", "report", "finished"]);
    assert_eq!(rig.finished(), Some(FinishReason::Finished));
    assert_eq!(rig.core.report().map(|report| (report.questions, report.answered)), Some((1, 1)));
}

#[test]
fn finishing_without_an_answer_cancels_the_question_and_needs_no_model() {
    let mut rig = Rig::asked(params());
    rig.news();
    rig.said(Said::Finish);
    rig.said(Said::Finish);
    assert_eq!(rig.names(), ["questionCancelled", "report", "finished"]);
    assert_eq!(rig.performs(), 1);
    assert_eq!(rig.core.report().map(|report| report.summary.as_str()), Some("None of 1 questions was answered."));
}

#[test]
fn finishing_before_the_first_question_is_said_stops_the_call() {
    let mut rig = Rig::new(params());
    let id = rig.call().0;
    rig.said(Said::Finish);
    assert!(rig.effects.contains(&Effect::Cancel { id }));
    assert_eq!(rig.names(), ["started", "budgetWarning", "report", "finished"]);
}

#[test]
fn nothing_is_taken_after_the_end() {
    let mut rig = Rig::asked(params());
    rig.said(Said::Finish);
    rig.news();
    rig.said(Said::AnswerText { turn: 1, text: "late".to_owned() });
    rig.rendered(1, 1, 3, PlaybackState::Done);
    rig.noise(2_000);
    assert_eq!(rig.log, []);
    assert_eq!(rejections(&rig), [(3, Rejection::SessionFinished)]);
}

#[test]
fn turns_that_were_never_asked_are_unknown() {
    let mut rig = Rig::asked(params());
    rig.said(Said::AnswerEnd { turn: 2 });
    rig.said(Said::QuestionSkip { turn: 0 });
    rig.rendered(9, 1, 0, PlaybackState::Playing);
    assert_eq!(
        rejections(&rig),
        [(2, Rejection::TurnUnknown), (3, Rejection::TurnUnknown), (4, Rejection::TurnUnknown)]
    );
}
