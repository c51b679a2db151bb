//! With a model behind HTTP: what it writes is read, repaired, checked against the text, answered blind, and replaced where it does not hold.

use crate::endpoint::{Act, Endpoint, pieces};
use crate::rig::{Room, SENTENCES, answers, model, statement, wanted, writes};
use viva::handlers::quiz_maker::Ran;
use viva::quiz::answer::Answer;
use viva::quiz::paper::MakingState;
use viva::quiz::validate::Code;

/// What the stand-in was told last in its n-th request.
fn told(endpoint: &Endpoint, request: usize) -> String {
    let messages = endpoint.requests()[request].body["messages"].clone();
    messages.as_array().unwrap().last().unwrap()["content"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn items_that_hold_are_stored_with_their_blind_answers_and_told_of() {
    let items = [statement(SENTENCES[0], true), statement(SENTENCES[3], true)];
    let endpoint = Endpoint::start(vec![writes(&items), answers(&["true", "true"])]).await;
    let room = Room::new().await;
    room.want(&[("true_false", 2)]).await;
    assert_eq!(room.run(model(&endpoint)).await, Ran::Settled);
    let (quiz, paper) = room.quiz().await;
    let making = paper.making.unwrap();
    assert_eq!((making.state, making.made, making.missing.len(), making.failure), (MakingState::Done, 2, 0, None));
    assert_eq!(making.model.as_deref(), Some("small"));
    assert_eq!(paper.verdicts, []);
    assert!(paper.second.values().all(|answer| *answer == Answer::TrueFalse(true)) && paper.second.len() == 2);
    let source = paper.items[1].source.clone().unwrap();
    assert_eq!((source.document.as_str(), source.version, source.passage.as_str()), ("tides", 1, "tides-1-2"));
    assert_eq!(paper.items[1].skill.as_deref(), Some("Part 2"));
    assert_eq!((quiz.summary.items, quiz.summary.sources.len()), (2, 1));
    let states: Vec<_> = room.teacher.told().iter().map(|message| message["quiz"]["state"].clone()).collect();
    assert_eq!(states, ["running", "running", "done"]);
    assert_eq!(room.teacher.told()[2]["quiz"]["wanted"], 2);

    let requests = endpoint.requests();
    assert_eq!(requests[0].body["response_format"]["json_schema"]["name"], "quiz_items");
    assert_eq!(requests[1].body["response_format"]["json_schema"]["name"], "quiz_answers");
    let blind = requests[1].body.to_string();
    assert!(!blind.contains("SECRET") && !blind.contains("isTrue"), "neither explanation nor key is shown");
}

#[tokio::test]
async fn what_is_no_json_is_asked_for_once_more() {
    let items = writes(&[statement(SENTENCES[0], true)]);
    let broken = Act::Say(pieces("{\"items\": [{\"kind\": \"true_fal"));
    let endpoint = Endpoint::start(vec![broken, items, answers(&["true"])]).await;
    let room = Room::new().await;
    room.want(&[("true_false", 1)]).await;
    assert_eq!(room.run(model(&endpoint)).await, Ran::Settled);
    assert_eq!(room.making().await.made, 1);
    assert!(told(&endpoint, 1).starts_with("That was not a JSON object with `items`"));
}

#[tokio::test]
async fn a_question_that_asks_the_same_as_another_of_its_batch_names_it_as_the_quiz_does() {
    let twice = [statement(SENTENCES[0], true), statement(SENTENCES[0], true)];
    let another = writes(&[statement(SENTENCES[3], true)]);
    let acts = vec![writes(&twice), answers(&["true"]), another, answers(&["true"])];
    let endpoint = Endpoint::start(acts).await;
    let room = Room::new().await;
    room.want(&[("true_false", 2)]).await;
    assert_eq!(room.run(model(&endpoint)).await, Ran::Settled);
    let (_, paper) = room.quiz().await;
    let making = paper.making.unwrap();
    assert_eq!((making.made, making.rejected.len()), (2, 1));
    let finding = &making.rejected[0].findings[0];
    assert_eq!(finding.code, Code::StemRepeated);
    assert_eq!(finding.reason, format!("asks the same as {}", paper.items[0].id));
}

#[tokio::test]
async fn a_key_that_the_text_does_not_support_is_rejected_and_replaced() {
    let invented = statement("Whales raise the flood by singing in the deep dark water.", true);
    let endpoint =
        Endpoint::start(vec![writes(&[invented]), writes(&[statement(SENTENCES[1], true)]), answers(&["true"])]).await;
    let room = Room::new().await;
    room.want(&[("true_false", 1)]).await;
    assert_eq!(room.run(model(&endpoint)).await, Ran::Settled);
    let (_, paper) = room.quiz().await;
    let making = paper.making.unwrap();
    assert_eq!((making.state, making.made, making.rejected.len()), (MakingState::Done, 1, 1));
    assert_eq!(making.rejected[0].findings[0].code, Code::KeyNotSupported);
    assert_eq!(paper.items[0].stem, SENTENCES[1]);
}

#[tokio::test]
async fn an_item_that_comes_out_otherwise_blind_is_rejected_and_replaced() {
    let doubtful = "The moon raises the flood on the side of the earth that turns away.";
    let endpoint = Endpoint::start(vec![
        writes(&[statement(doubtful, false), statement(SENTENCES[4], true)]),
        answers(&["true", "true"]),
        writes(&[statement(SENTENCES[5], true)]),
        answers(&["true"]),
    ])
    .await;
    let room = Room::new().await;
    room.want(&[("true_false", 2)]).await;
    assert_eq!(room.run(model(&endpoint)).await, Ran::Settled);
    let making = room.making().await;
    assert_eq!((making.state, making.made, making.rejected.len()), (MakingState::Done, 2, 1));
    assert_eq!(making.rejected[0].item.stem, doubtful);
    assert_eq!(making.rejected[0].findings[0].code, Code::BlindAnswerDiffers);
    assert!(told(&endpoint, 2).contains("1 × true_false"), "one is asked for again");
    assert!(told(&endpoint, 2).contains(SENTENCES[4]), "and what is asked already is said");
}

#[tokio::test]
async fn what_a_model_never_gets_right_is_reported_as_missing() {
    let nothing = || writes(&[]);
    let endpoint =
        Endpoint::start(vec![writes(&[statement(SENTENCES[0], true)]), answers(&["true"]), nothing(), nothing()]).await;
    let room = Room::new().await;
    room.want(&[("true_false", 1), ("ordering", 2)]).await;
    assert_eq!(room.run(model(&endpoint)).await, Ran::Settled);
    let making = room.making().await;
    assert_eq!((making.state, making.made), (MakingState::Done, 1));
    assert_eq!(making.missing, wanted(&[("ordering", 2)]).counts);
    assert_eq!(making.failure.unwrap().code, "incomplete");
    assert_eq!(endpoint.requests().len(), 4, "it is not asked without end");
}

#[tokio::test]
async fn a_model_that_writes_nothing_readable_is_named_as_the_reason() {
    let endpoint = Endpoint::start((0..6).map(|_| Act::Say(pieces("I would rather not."))).collect()).await;
    let room = Room::new().await;
    room.want(&[("true_false", 1)]).await;
    assert_eq!(room.run(model(&endpoint)).await, Ran::Settled);
    let making = room.making().await;
    assert_eq!((making.state, making.made), (MakingState::Failed, 0));
    assert_eq!(making.failure.unwrap().code, "model_invalid");
}
