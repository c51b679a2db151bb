//! An OpenAI-compatible endpoint, well and ill.

use crate::endpoint::{Act, Endpoint, delta, failing, finish, pieces};
use crate::material::{Reply, answered, debrief, first_word, next_question, perform};
use serde_json::{Value, json};
use std::time::Duration;
use viva::config::limits::{MODEL_DEBRIEF_CHARS_MAX, MODEL_QUESTION_CHARS_MAX};
use viva::embedded::chat_completions::{ChatCompletionsConfig, ChatCompletionsModel, TimeOuts};
use viva::ports::text_model::{ModelError, ModelInfo, ModelKind, Task, TextModel, TokenUsage};

const COUNTED: TokenUsage =
    TokenUsage { input_tokens: 321, output_tokens: 12, cache_read_tokens: 0, cache_write_tokens: 0 };

fn model(endpoint: &Endpoint) -> ChatCompletionsModel {
    let times = TimeOuts { first_ms: 3_000, gap_ms: 400, total_ms: 6_000 };
    let mut config = ChatCompletionsConfig::new(&endpoint.url, "tiny", Some("sk-secret".to_owned()));
    (config.question_times, config.debrief_times) = (times, times);
    ChatCompletionsModel::new(config).expect("a client")
}

/// One that loses patience before its first word.
fn hasty(endpoint: &Endpoint) -> ChatCompletionsModel {
    let mut config = ChatCompletionsConfig::new(&endpoint.url, "tiny", None);
    config.question_times = TimeOuts { first_ms: 300, gap_ms: 5_000, total_ms: 6_000 };
    ChatCompletionsModel::new(config).expect("a client")
}

fn question() -> Task {
    Task::NextQuestion(next_question(2, vec![answered(1, "What did you build?", "A queue.")]))
}

fn feedback() -> Task {
    Task::Debrief(debrief(vec![answered(1, "What did you build?", "A queue that we cut in half.")]))
}

async fn asked(acts: Vec<Act>) -> (Reply, Endpoint) {
    let endpoint = Endpoint::start(acts).await;
    let reply = perform(&model(&endpoint), question()).await;
    (reply, endpoint)
}

fn json_answer(status: u16, body: Value) -> Act {
    Act::Answer { status, retry_after: None, content_type: "application/json", body: body.to_string() }
}

fn busy(retry_after: &'static str) -> Act {
    Act::Answer { status: 429, retry_after: Some(retry_after), content_type: "application/json", body: "{}".to_owned() }
}

fn failed(what: &str) -> ModelError {
    ModelError::Failed(what.to_owned())
}

#[tokio::test]
async fn a_question_streams_and_its_usage_follows() {
    let (reply, endpoint) = asked(vec![Act::Say(pieces("Why a queue, and what did it cost?"))]).await;
    assert_eq!(reply.text(), "Why a queue, and what did it cost?");
    assert!(reply.deltas.len() > 3, "it comes in pieces");
    assert_eq!(reply.end, Ok(COUNTED));
    let request = &endpoint.requests()[0];
    assert_eq!(request.authorization.as_deref(), Some("Bearer sk-secret"));
    assert_eq!(request.body["model"], "tiny");
    assert_eq!(request.body["stream"], true);
    assert_eq!(request.body["stream_options"], json!({"include_usage": true}));
    assert!(request.body["max_tokens"].is_u64());
    assert_eq!(model(&endpoint).info(), ModelInfo { name: "tiny".to_owned(), kind: ModelKind::OpenAi });
}

#[tokio::test]
async fn the_first_word_comes_before_the_last_is_made() {
    let endpoint = Endpoint::start(vec![Act::SayAndStall(pieces("Why "))]).await;
    let mut chunks = model(&endpoint).perform(question()).await.expect("a stream");
    assert_eq!(first_word(&mut chunks).await.as_deref(), Some("Why"));
}

#[tokio::test]
async fn thoughts_and_markup_are_not_said() {
    let (reply, _) = asked(vec![Act::Say(pieces("<think>Easy one. </think>\n\n**Why** a\nqueue?"))]).await;
    assert_eq!(reply.text(), "Why a queue?");
}

#[tokio::test]
async fn a_server_that_does_not_stream_is_understood() {
    let body = json!({"choices": [{"message": {"role": "assistant", "content": "Why a queue?"}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 321, "completion_tokens": 12}});
    let (reply, _) = asked(vec![json_answer(200, body)]).await;
    assert_eq!((reply.text().as_str(), reply.end), ("Why a queue?", Ok(COUNTED)));
}

#[tokio::test]
async fn usage_that_is_not_told_is_estimated() {
    let (reply, _) = asked(vec![Act::Events(vec![delta("Why a queue?"), finish("stop"), "[DONE]".to_owned()])]).await;
    let usage = reply.end.expect("an end");
    assert_eq!(usage.output_tokens, 3);
    assert!(usage.input_tokens > 300);
}

#[tokio::test]
async fn a_stall_before_the_first_word_times_out() {
    let mut endpoint = Endpoint::start(vec![Act::Silence]).await;
    let reply = perform(&hasty(&endpoint), question()).await;
    assert_eq!((reply.deltas.len(), reply.end), (0, Err(ModelError::TimedOut)));
    endpoint.closed().await;
}

#[tokio::test]
async fn a_stall_after_the_first_word_times_out() {
    let (reply, mut endpoint) = asked(vec![Act::SayAndStall(pieces("Why a "))]).await;
    assert_eq!((reply.text().as_str(), reply.end), ("Why a", Err(ModelError::TimedOut)));
    endpoint.closed().await;
}

#[tokio::test]
async fn endless_thinking_times_out_as_a_silent_model_does() {
    let mut endpoint = Endpoint::start(vec![Act::Flood("<think>hm ".to_owned())]).await;
    let reply = perform(&hasty(&endpoint), question()).await;
    assert!(matches!(reply.end, Err(ModelError::TimedOut | ModelError::Invalid(_))), "{:?}", reply.end);
    assert!(reply.deltas.is_empty());
    endpoint.closed().await;
}

#[tokio::test]
async fn a_cut_connection_is_a_failure_and_is_not_asked_again() {
    let (reply, endpoint) = asked(vec![Act::SayAndCut(pieces("Why a ")), Act::Say(pieces("Again?"))]).await;
    assert_eq!((reply.text().as_str(), reply.end), ("Why a", Err(failed("the connection broke off"))));
    assert_eq!(endpoint.requests().len(), 1, "what was said cannot be taken back");
}

#[tokio::test]
async fn a_stream_that_ends_without_an_end_is_a_failure() {
    let (reply, _) = asked(vec![Act::Events(vec![delta("Why ")])]).await;
    assert_eq!(reply.end, Err(failed("the connection broke off")));
}

#[tokio::test]
async fn a_busy_server_is_asked_again_before_the_first_word() {
    let (reply, endpoint) = asked(vec![busy("0"), failing(502), Act::Say(pieces("Why a queue?"))]).await;
    assert_eq!((reply.text().as_str(), reply.end), ("Why a queue?", Ok(COUNTED)));
    assert_eq!(endpoint.requests().len(), 3);
}

#[tokio::test]
async fn a_wait_that_is_too_long_is_told_on() {
    let (reply, endpoint) = asked(vec![busy("30")]).await;
    assert_eq!(reply.end, Err(ModelError::Busy { retry_after_ms: Some(30_000) }));
    assert_eq!(endpoint.requests().len(), 1);
}

#[tokio::test]
async fn failing_again_and_again_ends_and_shows_nothing_of_the_reply() {
    let (reply, endpoint) = asked(vec![failing(500), failing(500), failing(500)]).await;
    assert_eq!(reply.end, Err(failed("its server says 500")));
    assert_eq!(endpoint.requests().len(), 3);
}

#[tokio::test]
async fn a_refused_key_or_an_unknown_model_is_not_asked_again() {
    let (reply, endpoint) = asked(vec![failing(401)]).await;
    assert_eq!(reply.end, Err(failed("its server does not accept the key")));
    assert_eq!(endpoint.requests().len(), 1);
    let (reply, _) = asked(vec![failing(404)]).await;
    assert_eq!(reply.end, Err(failed("its server knows no such model or address")));
}

#[tokio::test]
async fn a_server_that_is_not_there_is_a_failure() {
    let config = ChatCompletionsConfig::new("http://127.0.0.1:9", "tiny", None);
    let reply = perform(&ChatCompletionsModel::new(config).expect("a client"), question()).await;
    assert_eq!(reply.end, Err(failed("its server cannot be reached")));
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let (reply, _) = asked(vec![failing(307)]).await;
    assert_eq!(reply.end, Err(failed("its server says 307")));
}

#[tokio::test]
async fn garbage_is_an_answer_that_cannot_be_used() {
    for events in [vec!["not JSON".to_owned()], vec!["[1,2]".to_owned()], vec![delta("Why"), "{".to_owned()]] {
        let (reply, _) = asked(vec![Act::Events(events)]).await;
        assert_eq!(reply.end, Err(ModelError::Invalid("an event is not the JSON expected".to_owned())));
    }
    let (reply, _) = asked(vec![Act::Events(vec![json!({"error": {"message": "sk-secret"}}).to_string()])]).await;
    assert_eq!(reply.end, Err(failed("its server broke off with an error")));
}

#[tokio::test]
async fn another_content_type_is_an_answer_that_cannot_be_used() {
    let body = "<html>Log in</html>".to_owned();
    let (reply, _) = asked(vec![Act::Answer { status: 200, retry_after: None, content_type: "text/html", body }]).await;
    assert_eq!(reply.end, Err(ModelError::Invalid("it is neither an event stream nor JSON".to_owned())));
}

#[tokio::test]
async fn saying_nothing_is_an_answer_that_cannot_be_used() {
    let (reply, _) = asked(vec![Act::Say(pieces("<think>I would rather not</think> "))]).await;
    assert_eq!(reply.end, Err(ModelError::Invalid("it said nothing".to_owned())));
}

#[tokio::test]
async fn a_filter_is_a_refusal() {
    let (reply, _) = asked(vec![Act::Events(vec![delta("Why "), finish("content_filter")])]).await;
    assert_eq!(reply.end, Err(ModelError::Refused));
    let refusal = json!({"choices": [{"delta": {"refusal": "I cannot"}}]}).to_string();
    let (reply, _) = asked(vec![Act::Events(vec![refusal])]).await;
    assert_eq!(reply.end, Err(ModelError::Refused));
    let (reply, _) = asked(vec![json_answer(400, json!({"error": {"code": "content_filter"}}))]).await;
    assert_eq!(reply.end, Err(ModelError::Refused));
}

#[tokio::test]
async fn a_flood_of_words_is_cut_off_and_its_connection_closed() {
    let (reply, mut endpoint) = asked(vec![Act::Flood("more and ".to_owned())]).await;
    assert!(reply.end.is_ok());
    assert_eq!(reply.text().len(), MODEL_QUESTION_CHARS_MAX);
    endpoint.closed().await;
}

#[tokio::test]
async fn a_huge_word_is_cut_off_within_a_letter_of_the_limit() {
    let (reply, _) = asked(vec![Act::Say(vec!["ü".repeat(300_000)])]).await;
    assert!(reply.end.is_ok());
    assert!((MODEL_QUESTION_CHARS_MAX - 1..=MODEL_QUESTION_CHARS_MAX).contains(&reply.text().len()));
}

#[tokio::test]
async fn a_flood_of_bytes_without_words_is_cut_off() {
    let (reply, mut endpoint) = asked(vec![Act::Flood(" ".repeat(10_000))]).await;
    assert_eq!(reply.end, Err(ModelError::Invalid("it sent too much".to_owned())));
    endpoint.closed().await;
}

#[tokio::test]
async fn dropping_the_stream_closes_the_connection() {
    let mut endpoint = Endpoint::start(vec![Act::SayAndStall(pieces("Why a "))]).await;
    let mut chunks = model(&endpoint).perform(question()).await.expect("a stream");
    assert!(first_word(&mut chunks).await.is_some());
    drop(chunks);
    tokio::time::timeout(Duration::from_secs(10), endpoint.closed()).await.expect("the server sees it closed");
}

#[tokio::test]
async fn fields_that_a_server_does_not_know_are_left_out_from_then_on() {
    let complaint =
        |name: &str| json_answer(400, json!({"error": {"message": format!("Unsupported parameter: '{name}'")}}));
    let endpoint = Endpoint::start(vec![
        complaint("stream_options"),
        complaint("max_tokens"),
        complaint("response_format"),
        complaint("response_format"),
        Act::Say(vec![json!({"summary": "Short."}).to_string()]),
        Act::Say(pieces("Why a queue?")),
    ])
    .await;
    let model = model(&endpoint);
    assert!(perform(&model, feedback()).await.debrief.is_some());
    assert_eq!(perform(&model, question()).await.text(), "Why a queue?");
    let requests = endpoint.requests();
    assert_eq!(requests.len(), 6);
    assert_eq!(requests[0].body["response_format"]["type"], "json_schema");
    assert_eq!(requests[3].body["response_format"]["type"], "json_object");
    assert!(requests[4].body.get("response_format").is_none());
    let last = &requests[5].body;
    assert!(last.get("stream_options").is_none() && last.get("max_tokens").is_none());
    assert!(last["max_completion_tokens"].is_u64());
}

#[tokio::test]
async fn a_debrief_comes_as_a_whole() {
    let written = json!({"summary": "Short, but clear.", "strengths": [{"text": "A result.",
        "quotes": [{"turn": 1, "quote": "we cut in half"}]}], "improvements": [],
        "ratings": [{"criterion": "depth", "rating": 2, "rationale": "One sentence.", "quotes": []}]});
    let endpoint = Endpoint::start(vec![Act::Say(pieces(&written.to_string()))]).await;
    let reply = perform(&model(&endpoint), feedback()).await;
    let draft = reply.debrief.expect("a debrief");
    assert_eq!(serde_json::to_value(draft).expect("JSON"), written);
    assert_eq!(reply.end, Ok(COUNTED));
}

#[tokio::test]
async fn a_debrief_that_is_no_json_is_asked_for_once_more() {
    let endpoint = Endpoint::start(vec![
        Act::Say(pieces("You did very well! ")),
        Act::Say(pieces("```json\n{\"summary\": \"Well.\"}\n```")),
    ])
    .await;
    let reply = perform(&model(&endpoint), feedback()).await;
    assert_eq!(reply.debrief.map(|draft| draft.summary).as_deref(), Some("Well."));
    assert_eq!(
        reply.end,
        Ok(TokenUsage { input_tokens: 642, output_tokens: 24, ..TokenUsage::default() }),
        "both requests are counted"
    );
    let second = &endpoint.requests()[1].body["messages"];
    assert_eq!(second[2]["role"], "assistant");
    assert_eq!(second[2]["content"], "You did very well! ");
}

#[tokio::test]
async fn a_debrief_that_is_no_json_twice_cannot_be_used() {
    let endpoint = Endpoint::start(vec![Act::Say(pieces("No.")), Act::Say(pieces("{\"summary\": 4}"))]).await;
    let reply = perform(&model(&endpoint), feedback()).await;
    assert_eq!(reply.end, Err(ModelError::Invalid("it is not the JSON asked for".to_owned())));
    assert_eq!(endpoint.requests().len(), 2);
    let both = TokenUsage { input_tokens: 642, output_tokens: 24, ..TokenUsage::default() };
    assert_eq!(reply.spent, both, "what failed was used all the same");
}

#[tokio::test]
async fn what_was_used_of_what_breaks_off_is_told_as_far_as_it_came() {
    for (task, said) in [(feedback(), "{\"summary\": \"W"), (question(), "Why a queue, and ")] {
        let endpoint = Endpoint::start(vec![Act::SayAndCut(vec![said.to_owned()])]).await;
        let reply = perform(&model(&endpoint), task).await;
        assert_eq!(reply.end, Err(failed("the connection broke off")));
        let messages = endpoint.requests()[0].body["messages"].clone();
        let bytes = |message: &serde_json::Value| message["content"].as_str().map_or(0, str::len);
        let given: usize = messages.as_array().expect("messages").iter().map(bytes).sum();
        assert_eq!(reply.spent, TokenUsage::estimated(given, said.len()));
    }
}

#[tokio::test]
async fn what_is_turned_away_used_nothing() {
    for task in [feedback(), question()] {
        let endpoint = Endpoint::start(vec![failing(401)]).await;
        let reply = perform(&model(&endpoint), task).await;
        assert!(reply.end.is_err());
        assert_eq!(reply.spent, TokenUsage::default());
    }
}

#[tokio::test]
async fn a_debrief_without_end_is_cut_off() {
    let mut endpoint = Endpoint::start(vec![Act::Flood("x".repeat(MODEL_DEBRIEF_CHARS_MAX / 4))]).await;
    let reply = perform(&model(&endpoint), feedback()).await;
    assert_eq!(reply.end, Err(ModelError::Invalid("it is too long".to_owned())));
    endpoint.closed().await;
}

#[test]
fn a_key_is_never_shown() {
    let config = ChatCompletionsConfig::new("http://127.0.0.1:9", "tiny", Some("sk-secret".to_owned()));
    let model = ChatCompletionsModel::new(config.clone()).expect("a client");
    assert!(!format!("{config:?} {model:?}").contains("sk-secret"));
}
