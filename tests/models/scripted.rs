//! The scripted model keeps to its script, under a virtual clock.
#![expect(clippy::disallowed_methods, reason = "the clock is the runtime's, and paused")]

use crate::material::{answered, debrief, next_question, perform};
use std::time::Duration;
use tokio::time::Instant;
use viva::config::limits::{MODEL_QUESTION_CHARS_MAX, MODEL_TOKEN_GAP_MS_MAX};
use viva::embedded::scripted_model::{Fault, ModelScript, Play, ScriptedModel};
use viva::ports::text_model::{ModelError, Task, TokenUsage};

fn model(json: &str) -> ScriptedModel {
    ScriptedModel::new(serde_json::from_str(json).expect("the script is JSON"))
}

fn question() -> Task {
    Task::NextQuestion(next_question(1, Vec::new()))
}

#[tokio::test(start_paused = true)]
async fn forty_tokens_come_twenty_milliseconds_apart_the_first_at_once() {
    let model = ScriptedModel::new(ModelScript::default());
    let start = Instant::now();
    let reply = perform(&model, question()).await;
    assert_eq!(reply.deltas.len(), 40);
    assert_eq!(reply.end, Ok(TokenUsage { output_tokens: 40, ..TokenUsage::default() }));
    assert_eq!(start.elapsed(), Duration::from_millis(39 * 20));
}

#[tokio::test(start_paused = true)]
async fn plays_come_in_order_and_then_the_usual() {
    let model = model(
        r#"{"plays":[{"text":"Why Rust?","intervalMs":0},{"fault":{"kind":"busy","afterTokens":0,"retryAfterMs":50}}],
            "usual":{"text":"And then?","firstAfterMs":300}}"#,
    );
    assert_eq!(perform(&model, question()).await.text(), "Why Rust?");
    assert_eq!(perform(&model, question()).await.end, Err(ModelError::Busy { retry_after_ms: Some(50) }));
    let start = Instant::now();
    assert_eq!(perform(&model, question()).await.text(), "And then?");
    assert_eq!(start.elapsed(), Duration::from_millis(320));
    assert_eq!(model.requests(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_stall_ends_with_the_time_out_of_every_adapter() {
    let play = Play { fault: Some(Fault::Stall { after_tokens: 3 }), ..Play::default() };
    let model = ScriptedModel::new(ModelScript { usual: play, plays: Vec::new() });
    let start = Instant::now();
    let reply = perform(&model, question()).await;
    assert_eq!(reply.deltas.len(), 3);
    assert_eq!(reply.end, Err(ModelError::TimedOut));
    assert_eq!(start.elapsed(), Duration::from_millis(60 + MODEL_TOKEN_GAP_MS_MAX));
}

#[tokio::test(start_paused = true)]
async fn a_flood_is_cut_off_at_the_limit() {
    let model = model(r#"{"usual":{"intervalMs":0,"fault":{"kind":"flood"}}}"#);
    let reply = perform(&model, question()).await;
    assert!(reply.end.is_ok());
    assert!((MODEL_QUESTION_CHARS_MAX..MODEL_QUESTION_CHARS_MAX + 20).contains(&reply.text().len()));
}

#[tokio::test(start_paused = true)]
async fn a_debrief_quotes_the_first_answer_verbatim() {
    let model = ScriptedModel::new(ModelScript::default());
    let task = Task::Debrief(debrief(vec![answered(2, "Why?", "Because the cache was stale and nobody saw it.")]));
    let draft = perform(&model, task).await.debrief.expect("a debrief");
    assert_eq!(draft.strengths[0].quotes[0].quote, "Because the cache was stale and");
}
