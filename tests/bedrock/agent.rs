//! What is InvokeAgent's own: sessions, chunks of bytes, and agents that want something done.

use crate::bedrock::{Act, Bedrock, chunk, exception, of_agent};
use crate::contract::{feedback, question};
use crate::kinds::{HASTY, TIMES, agent, converse, said};
use crate::material::{Reply, perform};
use serde_json::json;
use std::sync::Arc;
use viva::cloud::bedrock::RoleModels;
use viva::config::bedrock::GUARDRAIL_MESSAGE;
use viva::ports::text_model::{ModelError, ModelInfo, ModelKind, Talk, Task, TextModel, Title};

async fn asked(acts: Vec<Act>) -> (Reply, Bedrock) {
    let bedrock = Bedrock::start(acts).await;
    let reply = perform(&agent(&bedrock, TIMES), question()).await;
    (reply, bedrock)
}

fn failed(what: &str) -> ModelError {
    ModelError::Failed(what.to_owned())
}

fn title() -> Task {
    let first = Talk { question: "What is a tort?".into(), answer: "A civil wrong.".into() };
    Task::Title(Title { first })
}

#[tokio::test]
async fn each_request_has_a_session_of_its_own_and_asks_for_a_stream() {
    let bedrock = Bedrock::start(vec![Act::Stream(vec![chunk(b"Why?")]), Act::Stream(vec![chunk(b"How?")])]).await;
    let model = agent(&bedrock, TIMES);
    assert_eq!(perform(&model, question()).await.text(), "Why?");
    assert_eq!(perform(&model, question()).await.text(), "How?");
    let requests = bedrock.requests();
    assert_ne!(requests[0].session, requests[1].session);
    assert_eq!(requests[0].of, "AGENT1/ALIAS1");
    let body = &requests[0].body;
    assert_eq!(body["streamingConfigurations"], json!({"streamFinalResponse": true, "applyGuardrailInterval": 100}));
    assert_eq!((&body["enableTrace"], &body["endSession"]), (&json!(false), &json!(false)));
    let told = body["inputText"].as_str().expect("a text");
    assert!(told.starts_with("MATERIAL begin\n") && told.ends_with("Ask question 2 of 6."), "{told}");
    assert!(!told.contains("You are an experienced interviewer"), "the instruction is the agent's own");
    assert_eq!(model.info(), ModelInfo { name: "Bedrock agent AGENT1".to_owned(), kind: ModelKind::Bedrock });
}

#[tokio::test]
async fn a_letter_cut_between_chunks_is_whole() {
    let bytes = "Für wen?".as_bytes();
    let (reply, _) = asked(vec![Act::Stream(vec![chunk(&bytes[..2]), chunk(&bytes[2..])])]).await;
    assert_eq!(reply.text(), "Für wen?");
}

#[tokio::test]
async fn an_agent_that_hands_work_back_is_told_as_such() {
    for name in ["returnControl", "files"] {
        let event = of_agent(name, json!({"invocationId": "i-1", "files": []}));
        let (reply, bedrock) = asked(vec![Act::Stream(vec![event])]).await;
        assert_eq!(reply.end, Err(failed("the agent hands work back to its caller, which this role does not do")));
        assert_eq!(bedrock.requests().len(), 1, "what an agent did is not done twice");
    }
}

#[tokio::test]
async fn a_guardrail_of_the_agent_is_a_refusal() {
    let (front, back) = GUARDRAIL_MESSAGE.split_at(5);
    let (reply, _) = asked(vec![Act::Stream(vec![chunk(front.as_bytes()), chunk(back.as_bytes())])]).await;
    assert_eq!((reply.text().as_str(), reply.end), ("", Err(ModelError::Refused)));
}

#[tokio::test]
async fn an_error_in_the_stream_is_tried_again_before_the_first_word_and_told_after_it() {
    for (name, error) in [
        ("dependencyFailedException", failed("something that the agent depends on failed")),
        ("badGatewayException", failed("something that the agent depends on failed")),
        ("internalServerException", failed("Bedrock broke off with an error of its own")),
        ("conflictException", failed("the agent is being changed")),
        ("throttlingException", ModelError::Busy { retry_after_ms: None }),
        ("serviceQuotaExceededException", ModelError::Busy { retry_after_ms: None }),
    ] {
        let again = vec![Act::Stream(vec![exception(name)]), Act::Stream(vec![chunk(b"Why?")])];
        let (reply, bedrock) = asked(again).await;
        assert_eq!((reply.text().as_str(), bedrock.requests().len()), ("Why?", 2), "{name}");
        let (reply, bedrock) = asked(vec![Act::Stream(vec![chunk(b"Why "), exception(name)])]).await;
        assert_eq!((reply.end, bedrock.requests().len()), (Err(error), 1), "{name}");
    }
    for (name, error) in [
        ("resourceNotFoundException", "Bedrock knows no such model or agent in this region"),
        ("accessDeniedException", "AWS does not allow this model or agent to be called"),
        ("validationException", "Bedrock does not accept the request"),
    ] {
        let (reply, bedrock) = asked(vec![Act::Stream(vec![exception(name)])]).await;
        assert_eq!((reply.end, bedrock.requests().len()), (Err(failed(error)), 1), "{name}");
    }
}

#[tokio::test]
async fn a_repair_tells_what_was_replied_for_the_agent_remembers_nothing() {
    let bedrock = Bedrock::start(vec![
        Act::Stream(vec![chunk(b"Well done!")]),
        Act::Stream(vec![chunk(b"{\"summary\": \"Well.\"}")]),
    ])
    .await;
    let reply = perform(&agent(&bedrock, TIMES), feedback()).await;
    assert_eq!(reply.debrief.map(|draft| draft.summary).as_deref(), Some("Well."));
    let told = bedrock.requests()[1].body["inputText"].as_str().expect("a text").to_owned();
    assert!(
        told.starts_with("MATERIAL begin\n") && told.contains("\n\nYou replied:\nWell done!\n\nThat was not a JSON")
    );
}

#[tokio::test]
async fn each_role_has_a_model_of_its_own_and_an_agent_is_not_asked_ahead() {
    let agents = Bedrock::start(vec![Act::Stream(vec![chunk(b"Why?")])]).await;
    let models = Bedrock::start(vec![Act::Stream(said("{\"summary\": \"Well.\"}"))]).await;
    let tutors = Bedrock::start(vec![Act::Stream(said("Torts"))]).await;
    let writers = Bedrock::start(vec![Act::Stream(said("{\"items\": []}"))]).await;
    let roles = RoleModels {
        interviewer: Arc::new(agent(&agents, TIMES)),
        reviewer: Arc::new(converse(&models, HASTY)),
        tutor: Arc::new(converse(&tutors, HASTY)),
        quiz_writer: Arc::new(converse(&writers, HASTY)),
    };
    assert_eq!(perform(&roles, question()).await.text(), "Why?");
    assert!(perform(&roles, feedback()).await.debrief.is_some());
    assert_eq!(perform(&roles, title()).await.text(), "Torts");
    let items = Task::QuizItems(crate::quiz_tasks::quiz_items());
    assert_eq!(perform(&roles, items).await.items, Some(Vec::new()));
    assert_eq!(writers.requests().len(), 1);
    assert_eq!((agents.requests().len(), models.requests().len(), tutors.requests().len()), (1, 1, 1));
    assert_eq!(roles.info().name, "Bedrock agent AGENT1");
    assert!(!roles.may_speculate());
    let swapped = RoleModels { interviewer: roles.reviewer.clone(), ..roles };
    assert!(swapped.may_speculate());
}
