//! A whole interview, from the first question to the report.

use crate::rig::{Rig, model, params, recognizer};
use viva::interview::event::{Budget, Event, FinishReason};
use viva::interview::{Effect, State};
use viva::ports::text_model::{DebriefDraft, NextQuestion, Outcome, Task};

#[test]
fn it_begins_with_the_first_question() {
    let rig = Rig::new(params());
    assert_eq!(
        rig.log,
        [Event::Started { params: params(), recognizer: Some(recognizer()), model: model(), guide: None }]
    );
    let (_, task, speculative) = rig.call();
    assert!(matches!(task, Task::NextQuestion(NextQuestion { turn: 1, attempt: 1, questions: 3, .. })));
    assert!(!speculative);
}

#[test]
fn every_answer_leads_to_the_next_question_and_the_last_to_the_report() {
    let mut rig = Rig::asked(params());
    rig.answer("I like the borrow checker.");
    rig.question("Why the borrow checker?");
    rig.answer("It finds my mistakes early.");
    rig.question("What else helps?");
    rig.answer("The tests help me a lot.");
    assert!(matches!(rig.call().1, Task::Debrief(_)));
    rig.debrief(DebriefDraft { summary: "Good.".to_owned(), ..DebriefDraft::default() });
    assert_eq!(
        rig.names(),
        [
            "started",
            "questionStarted",
            "questionDelta",
            "questionDone",
            "answerCommitted",
            "transcriptFinal",
            "questionStarted",
            "questionDelta",
            "turnTiming",
            "budgetWarning",
            "questionDone",
            "answerCommitted",
            "transcriptFinal",
            "questionStarted",
            "questionDelta",
            "turnTiming",
            "questionDone",
            "answerCommitted",
            "transcriptFinal",
            "report",
            "finished",
        ]
    );
    assert_eq!(rig.finished(), Some(FinishReason::Completed));
    assert_eq!(rig.core.state(), State::Finished);
    assert_eq!(rig.effects.last(), Some(&Effect::Close));
    let report = rig.core.report().expect("a report");
    assert_eq!((report.questions, report.answered, report.skipped, report.summary.as_str()), (3, 3, 0, "Good."));
}

#[test]
fn the_model_is_told_what_was_asked_and_answered() {
    let mut rig = Rig::asked(params());
    rig.answer("I like the borrow checker.");
    let Task::NextQuestion(task) = rig.call().1 else { panic!("a question is asked next") };
    assert_eq!((task.turn, task.history.len()), (2, 1));
    assert_eq!(task.history[0].question, "What do you like about Rust?");
    assert_eq!(task.history[0].outcome, Outcome::Answered { text: "I like the borrow checker.".to_owned() });
}

#[test]
fn the_last_question_but_one_is_announced() {
    let mut rig = Rig::asked(params());
    rig.answer("I like the borrow checker.");
    rig.news();
    rig.question("Why?");
    assert!(rig.log.contains(&Event::BudgetWarning { budget: Budget::Questions, remaining: 1 }));
}
