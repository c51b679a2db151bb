//! What goes wrong on AWS, and that nothing of it is lost or told twice.

use crate::stack::{Ears, Stack};
use crate::talk::{Stored, Talk, count, manner, speech};
use crate::transcribe::{End, Fault, Kind, Options};
use std::sync::atomic::Ordering;

const ANSWER_MS: u32 = 5_000;

/// An interview without any fault, on one and the same stack.
async fn undisturbed(stack: &Stack) -> Stored {
    let talk = Talk::begin(stack.connector("ben"), "undisturbed", manner(2), speech(Some(ANSWER_MS)));
    let stored = talk.end(stack).await;
    stored.assert_in_order();
    stored
}

/// The same was heard and answered in as many turns; nothing of it is lost, and nothing was told twice. What is asked next depends on how much
/// of an answer was there when a question was thought of, so the words of the questions may differ.
fn assert_same(stored: &Stored, undisturbed: &Stored) {
    stored.assert_in_order();
    assert!(stored.questions().keys().eq(undisturbed.questions().keys()), "{:?}", stored.questions());
    assert_eq!(stored.answers(), undisturbed.answers());
    assert_eq!(stored.finals(), undisturbed.finals());
}

fn answering(turn: u64) -> impl Fn(&loadtest::figures::Figures) -> bool {
    move |figures| count(figures, "first_partial") >= turn
}

#[tokio::test]
async fn a_worker_killed_in_mid_answer_and_again_in_mid_question_loses_and_repeats_nothing() {
    let stack = Stack::start(Ears::Scripted).await;
    let expected = undisturbed(&stack).await;
    let talk = Talk::begin(stack.connector("ann"), "killed", manner(2), speech(Some(ANSWER_MS)));
    talk.until("a partial", answering(1)).await;
    stack.kill_workers();
    talk.until("the second question", |figures| count(figures, "first_token") >= 1).await;
    stack.kill_workers();
    let stored = talk.end(&stack).await;
    assert_same(&stored, &expected);
    let continued = stored.kinds().into_iter().filter(|kind| *kind == "session.continued").count();
    assert!(continued >= 2, "{:?}", stored.kinds());
}

#[tokio::test]
async fn a_connection_that_drops_is_resumed_with_the_same_words() {
    let stack = Stack::start(Ears::Scripted).await;
    let expected = undisturbed(&stack).await;
    let talk = Talk::begin(stack.connector("ann"), "dropped", manner(2), speech(Some(ANSWER_MS)));
    talk.until("a partial", answering(1)).await;
    stack.front.cut();
    talk.until("a partial of the second answer", answering(2)).await;
    stack.front.cut();
    let resumes = talk.figures.clone();
    let stored = talk.end(&stack).await;
    assert_same(&stored, &expected);
    assert!(resumes.counts.resumes.load(Ordering::Relaxed) >= 2);
}

#[tokio::test]
async fn a_client_that_takes_nothing_for_a_while_misses_nothing() {
    let stack = Stack::start(Ears::Scripted).await;
    let expected = undisturbed(&stack).await;
    let talk = Talk::begin(stack.connector("ann"), "busy", manner(2), speech(Some(ANSWER_MS)));
    talk.until("a partial", answering(1)).await;
    stack.front.be_busy(30);
    let stored = talk.end(&stack).await;
    assert_same(&stored, &expected);
    assert_eq!(stack.front.refused_posts(), 30);
}

#[tokio::test]
async fn a_connection_that_is_said_to_be_gone_is_resumed() {
    let stack = Stack::start(Ears::Scripted).await;
    let expected = undisturbed(&stack).await;
    let talk = Talk::begin(stack.connector("ann"), "gone", manner(2), speech(Some(ANSWER_MS)));
    talk.until("a partial", answering(1)).await;
    stack.front.be_gone(1);
    stack.front.until_refused(1).await;
    stack.front.cut();
    let stored = talk.end(&stack).await;
    assert_same(&stored, &expected);
}

#[tokio::test]
async fn transcribe_failing_in_mid_stream_loses_no_word() {
    let stack = Stack::start(Ears::transcribe(Options::default())).await;
    let expected = undisturbed(&stack).await;
    let transcribe = stack.transcribe.as_ref().expect("it hears");
    let streams = transcribe.records().len();
    transcribe.plan([
        Fault::Exception { after_ms: 2_000, kind: Kind::InternalFailure },
        Fault::Refused(Kind::LimitExceeded),
        Fault::Cut { after_ms: 1_500 },
    ]);
    let talk = Talk::begin(stack.connector("ann"), "failing", manner(2), speech(Some(ANSWER_MS)));
    let stored = talk.end(&stack).await;
    assert_same(&stored, &expected);
    let ends: Vec<End> = transcribe.records()[streams..].iter().map(|record| record.end).collect();
    assert!(ends.contains(&End::Exception(Kind::InternalFailure)) && ends.contains(&End::Cut), "{ends:?}");
}
