//! What every text model that is reached over a network does alike.

use crate::kinds::{Does, HASTY, Kind, Served, TIMES, serve};
use crate::material::{Reply, answered, debrief, first_word, next_question, perform};
use crate::quiz_tasks::{quiz_answers, quiz_items};
use serde_json::json;
use std::collections::BTreeMap;
use std::time::Duration;
use viva::config::limits::{MODEL_DEBRIEF_CHARS_MAX, MODEL_QUESTION_CHARS_MAX, MODEL_QUIZ_BYTES_MAX};
use viva::ports::text_model::{ModelError, Task};
use viva::quiz::answer::Answer;
use viva::quiz::item::Choice;

const QUESTION: &str = "Why a queue, and what did it cost?";

pub(crate) fn question() -> Task {
    Task::NextQuestion(next_question(2, vec![answered(1, "What did you build?", "A queue.")]))
}

pub(crate) fn feedback() -> Task {
    Task::Debrief(debrief(vec![answered(1, "What did you build?", "A queue that we cut in half.")]))
}

fn says(words: &str) -> Does {
    Does::Says(words.to_owned())
}

async fn asked(kind: Kind, acts: Vec<Does>) -> (Reply, Served) {
    let served = serve(kind, acts, TIMES).await;
    let reply = perform(&*served.model, question()).await;
    (reply, served)
}

async fn reviewed(kind: Kind, acts: Vec<Does>) -> (Reply, Served) {
    let served = serve(kind, acts, TIMES).await;
    let reply = perform(&*served.model, feedback()).await;
    (reply, served)
}

async fn a_question_streams_and_what_it_used_follows(kind: Kind) {
    let (reply, served) = asked(kind, vec![says(QUESTION)]).await;
    assert_eq!(reply.text(), QUESTION);
    assert!(reply.deltas.len() > 3, "it comes in pieces");
    let usage = reply.end.expect("an end");
    assert!(usage.input_tokens > 100 && usage.output_tokens > 5, "{usage:?}");
    assert_eq!(served.requests(), 1);
}

async fn the_first_word_comes_before_the_last_is_made(kind: Kind) {
    let served = serve(kind, vec![Does::SaysAndStalls("Why ")], TIMES).await;
    let mut chunks = served.model.perform(question()).await.expect("a stream");
    assert_eq!(first_word(&mut chunks).await.as_deref(), Some("Why"));
}

async fn thoughts_and_markup_are_not_said(kind: Kind) {
    let (reply, _) = asked(kind, vec![says("<think>Easy one. </think>\n\n**Why** a\nqueue?")]).await;
    assert_eq!(reply.text(), "Why a queue?");
}

async fn a_stall_times_out_before_and_after_the_first_word(kind: Kind) {
    let served = serve(kind, vec![Does::Nothing], HASTY).await;
    assert_eq!(perform(&*served.model, question()).await.end, Err(ModelError::TimedOut));
    assert_eq!(served.requests(), 1);
    let (reply, _) = asked(kind, vec![Does::SaysAndStalls("Why a ")]).await;
    assert_eq!((reply.text().as_str(), reply.end), ("Why a", Err(ModelError::TimedOut)));
}

async fn a_broken_connection_in_the_middle_is_told_and_not_tried_again(kind: Kind) {
    let (reply, served) = asked(kind, vec![Does::SaysAndBreaksOff("Why a "), says(QUESTION)]).await;
    assert_eq!(reply.end, Err(ModelError::Failed("the connection broke off".to_owned())));
    assert_eq!(served.requests(), 1, "what has been said is not said again");
}

async fn a_busy_or_failing_server_is_asked_again_before_the_first_word(kind: Kind) {
    let (reply, served) = asked(kind, vec![Does::IsBusy(Some("0")), Does::Fails, says(QUESTION)]).await;
    assert_eq!(reply.text(), QUESTION);
    assert!(reply.end.is_ok());
    assert_eq!(served.requests(), 3);
}

async fn a_wait_that_is_too_long_is_told_on(kind: Kind) {
    let (reply, served) = asked(kind, vec![Does::IsBusy(Some("30"))]).await;
    assert_eq!(reply.end, Err(ModelError::Busy { retry_after_ms: Some(30_000) }));
    assert_eq!(served.requests(), 1);
}

async fn being_busy_again_and_again_ends(kind: Kind) {
    let (reply, served) = asked(kind, vec![Does::IsBusy(None), Does::IsBusy(None), Does::IsBusy(None)]).await;
    assert_eq!(reply.end, Err(ModelError::Busy { retry_after_ms: None }));
    assert_eq!(served.requests(), 3);
}

async fn what_is_forbidden_is_not_tried_again(kind: Kind) {
    let (reply, served) = asked(kind, vec![Does::ForbidsIt]).await;
    assert!(matches!(reply.end, Err(ModelError::Failed(_))), "{:?}", reply.end);
    assert_eq!(served.requests(), 1);
}

async fn saying_nothing_cannot_be_used(kind: Kind) {
    let (reply, _) = asked(kind, vec![says("<think>I would rather not</think> ")]).await;
    assert_eq!(reply.end, Err(ModelError::Invalid("it said nothing".to_owned())));
}

async fn a_flood_is_cut_off_and_its_connection_closed(kind: Kind) {
    let (reply, mut served) = asked(kind, vec![Does::SaysForEver("more and ".to_owned())]).await;
    assert!(reply.end.is_ok());
    assert_eq!(reply.text().len(), MODEL_QUESTION_CHARS_MAX);
    closed(&mut served).await;
}

async fn a_flood_without_words_is_cut_off(kind: Kind) {
    let (reply, mut served) = asked(kind, vec![Does::SaysForEver(" ".repeat(10_000))]).await;
    assert_eq!(reply.end, Err(ModelError::Invalid("it sent too much".to_owned())));
    closed(&mut served).await;
}

async fn dropping_the_stream_closes_the_connection(kind: Kind) {
    let mut served = serve(kind, vec![Does::SaysAndStalls("Why a ")], TIMES).await;
    let mut chunks = served.model.perform(question()).await.expect("a stream");
    assert!(first_word(&mut chunks).await.is_some());
    drop(chunks);
    closed(&mut served).await;
}

async fn a_debrief_comes_as_a_whole(kind: Kind) {
    let written = json!({"summary": "Short, but clear.", "strengths": [{"text": "A result.",
        "quotes": [{"turn": 1, "quote": "we cut in half"}]}], "improvements": [],
        "ratings": [{"criterion": "depth", "rating": 2, "rationale": "One sentence.", "quotes": []}]});
    let (reply, _) = reviewed(kind, vec![says(&written.to_string())]).await;
    assert_eq!(serde_json::to_value(reply.debrief.expect("a debrief")).expect("JSON"), written);
    assert!(reply.end.is_ok());
}

async fn a_debrief_that_is_no_json_is_asked_for_once_more(kind: Kind) {
    let (reply, served) = reviewed(kind, vec![says("You did very well! "), says("{\"summary\": \"Well.\"}")]).await;
    assert_eq!(reply.debrief.map(|draft| draft.summary).as_deref(), Some("Well."));
    assert_eq!(served.requests(), 2);
    let (reply, served) = reviewed(kind, vec![says("No."), says("{\"summary\": 4}")]).await;
    assert_eq!(reply.end, Err(ModelError::Invalid("it is not the JSON asked for".to_owned())));
    assert_eq!(served.requests(), 2);
}

async fn a_debrief_without_end_is_cut_off(kind: Kind) {
    let (reply, mut served) = reviewed(kind, vec![Does::SaysForEver("x".repeat(MODEL_DEBRIEF_CHARS_MAX / 4))]).await;
    assert_eq!(reply.end, Err(ModelError::Invalid("it is too long".to_owned())));
    closed(&mut served).await;
}

async fn asked_for_a_quiz(kind: Kind, task: Task, acts: Vec<Does>) -> (Reply, Served) {
    let served = serve(kind, acts, TIMES).await;
    let reply = perform(&*served.model, task).await;
    (reply, served)
}

async fn quiz_items_come_as_a_whole_and_are_asked_for_once_more(kind: Kind) {
    let written = json!({"items": [{"kind": "true_false", "passage": 1, "quote": "The moon raises the tide.",
        "stem": "The moon raises the tide.", "explanation": "So it says.", "isTrue": true}]});
    let task = Task::QuizItems(quiz_items());
    let (reply, served) = asked_for_a_quiz(kind, task.clone(), vec![says("Sure! "), says(&written.to_string())]).await;
    assert_eq!(serde_json::to_value(reply.items.expect("items")).expect("JSON"), written["items"]);
    assert!(reply.end.is_ok());
    assert_eq!(served.requests(), 2);
    let (reply, served) = asked_for_a_quiz(kind, task, vec![says("No."), says("{\"items\": [{\"kind\": 4}]}")]).await;
    assert_eq!(reply.end, Err(ModelError::Invalid("it is not the JSON asked for".to_owned())));
    assert_eq!(served.requests(), 2);
}

async fn quiz_answers_name_options_by_their_letters(kind: Kind) {
    let written = "{\"answers\": [{\"question\": 1, \"answer\": [\"A\"]}]}";
    let task = quiz_answers();
    let moon = Answer::Choice(Choice::of("the moon").id);
    let item = task.questions[0].item.id.clone();
    let (reply, _) = asked_for_a_quiz(kind, Task::QuizAnswers(task), vec![says(written)]).await;
    assert_eq!(reply.answers, Some(BTreeMap::from([(item, moon)])));
    assert!(reply.end.is_ok());
}

async fn a_quiz_without_end_is_cut_off_and_one_that_stalls_times_out(kind: Kind) {
    let endless = Does::SaysForEver("x".repeat(MODEL_QUIZ_BYTES_MAX / 4));
    let (reply, mut served) = asked_for_a_quiz(kind, Task::QuizItems(quiz_items()), vec![endless]).await;
    assert_eq!(reply.end, Err(ModelError::Invalid("it is too long".to_owned())));
    closed(&mut served).await;
    let served = serve(kind, vec![Does::Nothing], HASTY).await;
    let reply = perform(&*served.model, Task::QuizAnswers(quiz_answers())).await;
    assert_eq!(reply.end, Err(ModelError::TimedOut));
}

async fn closed(served: &mut Served) {
    tokio::time::timeout(Duration::from_secs(20), served.closed()).await.expect("the server sees it closed");
}

macro_rules! contract {
    ($($test:ident),* $(,)?) => {
        contract!(@of chat_completions, ChatCompletions, $($test),*);
        contract!(@of converse, Converse, $($test),*);
        contract!(@of agent, Agent, $($test),*);
    };
    (@of $module:ident, $kind:ident, $($test:ident),*) => {
        mod $module {
            $(
                #[tokio::test]
                async fn $test() {
                    super::$test(crate::kinds::Kind::$kind).await;
                }
            )*
        }
    };
}

contract! {
    a_question_streams_and_what_it_used_follows,
    the_first_word_comes_before_the_last_is_made,
    thoughts_and_markup_are_not_said,
    a_stall_times_out_before_and_after_the_first_word,
    a_broken_connection_in_the_middle_is_told_and_not_tried_again,
    a_busy_or_failing_server_is_asked_again_before_the_first_word,
    a_wait_that_is_too_long_is_told_on,
    being_busy_again_and_again_ends,
    what_is_forbidden_is_not_tried_again,
    saying_nothing_cannot_be_used,
    a_flood_is_cut_off_and_its_connection_closed,
    a_flood_without_words_is_cut_off,
    dropping_the_stream_closes_the_connection,
    a_debrief_comes_as_a_whole,
    a_debrief_that_is_no_json_is_asked_for_once_more,
    a_debrief_without_end_is_cut_off,
    quiz_items_come_as_a_whole_and_are_asked_for_once_more,
    quiz_answers_name_options_by_their_letters,
    a_quiz_without_end_is_cut_off_and_one_that_stalls_times_out,
}
