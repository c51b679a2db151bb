//! How making ends before its end: busy, stalled, cancelled, killed, out of time, out of tokens, without passages.

use crate::endpoint::{Act, Endpoint, pieces};
use crate::rig::{Room, SENTENCES, answers, key, model, statement, tenant, wanted, writes};
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use viva::config::limits::{QUIZ_LEASE_MS, QUIZ_MAKING_ATTEMPTS_MAX, QUIZ_MAKING_RETRY_MS_MAX};
use viva::embedded::builtin::BuiltinModel;
use viva::handlers::quiz_maker::{QuizMaker, Ran};
use viva::ports::budgets::{Allowance, BudgetLimits, Budgets, Spent};
use viva::ports::clock::Clock;
use viva::ports::documents::{DocumentKey, Documents};
use viva::ports::ids::{DocumentId, SessionId, SessionKey, UserId};
use viva::ports::quizzes::Quizzes;
use viva::ports::text_model::TokenUsage;
use viva::quiz::paper::{MakingState, Wanted};
use viva::quiz::validate::Code;

/// Seven items: two batches.
const WANTED: [(&str, u32); 1] = [("true_false", 7)];

fn first_batch() -> Vec<Act> {
    let items: Vec<_> = SENTENCES.iter().map(|sentence| statement(sentence, true)).collect();
    vec![writes(&items), answers(&["true"; 6])]
}

fn last_item() -> [Act; 2] {
    [writes(&[statement("No flood ever stands on the side that faces the sun.", false)]), answers(&["false"])]
}

fn busy() -> Act {
    let body = json!({"error": {"message": "later"}}).to_string();
    Act::Answer { status: 429, retry_after: Some("60"), content_type: "application/json", body }
}

#[tokio::test]
async fn a_busy_model_is_asked_again_later_and_given_up_in_the_end() {
    let endpoint = Endpoint::start((0..QUIZ_MAKING_ATTEMPTS_MAX).map(|_| busy()).collect()).await;
    let room = Room::new().await;
    room.want(&WANTED).await;
    for attempt in 1..QUIZ_MAKING_ATTEMPTS_MAX {
        assert_eq!(room.run(model(&endpoint)).await, Ran::Later);
        let (quiz, paper) = room.quiz().await;
        let making = paper.making.unwrap();
        assert_eq!((making.state, making.attempts), (MakingState::Queued, attempt));
        assert!(quiz.summary.work_due.unwrap() >= room.clock.now().plus_ms(60_000), "as the model asked");
        assert_eq!(room.run(model(&endpoint)).await, Ran::Overtaken, "it rests until then");
        room.clock.advance_ms(QUIZ_MAKING_RETRY_MS_MAX);
    }
    assert_eq!(room.run(model(&endpoint)).await, Ran::Settled);
    let making = room.making().await;
    assert_eq!((making.state, making.failure.unwrap().code.as_str()), (MakingState::Failed, "model_busy"));
    assert_eq!(endpoint.requests().len(), QUIZ_MAKING_ATTEMPTS_MAX as usize);
}

#[tokio::test]
async fn a_model_that_stalls_is_left_and_what_was_made_before_stays() {
    let mut acts = first_batch();
    acts.push(Act::SayAndStall(pieces("{\"items\": [")));
    acts.extend(last_item());
    let endpoint = Endpoint::start(acts).await;
    let room = Room::new().await;
    room.want(&WANTED).await;
    assert_eq!(room.run(model(&endpoint)).await, Ran::Later);
    let making = room.making().await;
    assert_eq!((making.made, making.failure.unwrap().code.as_str()), (6, "model_timed_out"));
    room.clock.advance_ms(QUIZ_MAKING_RETRY_MS_MAX);
    assert_eq!(room.run(model(&endpoint)).await, Ran::Settled);
    let making = room.making().await;
    assert_eq!((making.state, making.made, making.failure), (MakingState::Done, 7, None));
}

#[tokio::test]
async fn what_was_rejected_is_told_even_where_nobody_answers_the_rest() {
    let twice = [statement(SENTENCES[0], true), statement(SENTENCES[0], true)];
    let endpoint = Endpoint::start(vec![writes(&twice), busy()]).await;
    let room = Room::new().await;
    room.want(&WANTED).await;
    assert_eq!(room.run(model(&endpoint)).await, Ran::Later);
    let making = room.making().await;
    assert_eq!((making.made, making.rejected.len()), (0, 1));
    assert_eq!(making.rejected[0].findings[0].code, Code::StemRepeated);
}

#[tokio::test]
async fn ids_tell_neither_what_an_item_says_nor_what_an_earlier_one_was() {
    let mut seen = BTreeSet::new();
    for _ in 0..2 {
        let endpoint = Endpoint::start(vec![writes(&[statement(SENTENCES[0], true)]), answers(&["true"])]).await;
        let room = Room::new().await;
        room.want(&[("true_false", 1)]).await;
        assert_eq!(room.run(model(&endpoint)).await, Ran::Settled);
        let (_, paper) = room.quiz().await;
        assert!(seen.insert(paper.items[0].id.clone()), "the same words and choices give other ids: {seen:?}");
    }
}

#[tokio::test]
async fn a_cancelled_quiz_is_left_at_once_and_its_stream_closed() {
    let mut acts = first_batch();
    acts.push(Act::SayAndStall((0..200).map(|_| " ".to_owned()).collect()));
    let mut endpoint = Endpoint::start(acts).await;
    let room = Room::new().await;
    room.want(&WANTED).await;
    let maker = patient(&room, &endpoint);
    let working = tokio::spawn(async move { maker.run(&key(), None).await.unwrap() });
    room.teacher.made(6).await;
    room.cancel().await;
    assert_eq!(working.await.unwrap(), Ran::Overtaken);
    tokio::time::timeout(Duration::from_secs(20), endpoint.closed()).await.unwrap();
    let (quiz, paper) = room.quiz().await;
    assert_eq!((paper.items.len(), paper.making.unwrap().state), (6, MakingState::Cancelled));
    assert_eq!(quiz.summary.work_due, None);
    assert_eq!(room.teacher.told().last().unwrap()["quiz"]["state"], "cancelled");
    assert_eq!(room.run(model(&endpoint)).await, Ran::Overtaken, "nobody works on it again");
}

/// A maker whose model may be silent for long.
fn patient(room: &Room, endpoint: &Endpoint) -> QuizMaker {
    use viva::embedded::chat_completions::{ChatCompletionsConfig, ChatCompletionsModel};
    let config = ChatCompletionsConfig::new(&endpoint.url, "small", None);
    room.maker(Arc::new(ChatCompletionsModel::new(config).unwrap()))
}

#[tokio::test]
async fn a_worker_killed_in_the_middle_is_succeeded_and_nothing_comes_twice() {
    let mut acts = first_batch();
    acts.push(Act::Silence);
    let dying = Endpoint::start(acts).await;
    let room = Room::new().await;
    room.want(&WANTED).await;
    let maker = patient(&room, &dying);
    let working = tokio::spawn(async move { maker.run(&key(), None).await });
    room.teacher.made(6).await;
    working.abort();
    assert!(working.await.unwrap_err().is_cancelled());

    let next = Endpoint::start(last_item().into()).await;
    assert_eq!(room.run(model(&next)).await, Ran::Overtaken, "the hold is not over yet");
    room.clock.advance_ms(QUIZ_LEASE_MS);
    assert_eq!(Quizzes::waiting(&*room.store, room.clock.now(), 9).await.unwrap(), [key()]);
    assert_eq!(room.run(model(&next)).await, Ran::Settled);
    let (_, paper) = room.quiz().await;
    assert_eq!(paper.making.unwrap().made, 7);
    let ids: BTreeSet<_> = paper.items.iter().map(|item| &item.id).collect();
    let stems: BTreeSet<_> = paper.items.iter().map(|item| &item.stem).collect();
    assert_eq!((ids.len(), stems.len()), (7, 7));
}

#[tokio::test]
async fn of_two_workers_one_makes_the_quiz() {
    let room = Room::new().await;
    room.want(&[("true_false", 1)]).await;
    let (one, other) = (room.maker(Arc::new(BuiltinModel::new())), room.maker(Arc::new(BuiltinModel::new())));
    let key = key();
    let (one, other) = tokio::join!(one.run(&key, None), other.run(&key, None));
    let ends = [one.unwrap(), other.unwrap()];
    assert!(ends.contains(&Ran::Settled) && ends.contains(&Ran::Overtaken), "{ends:?}");
    let states = room.teacher.told().iter().filter(|message| message["quiz"]["state"] == "running").count();
    assert!(states <= 2, "taken once, stored once");
}

#[tokio::test]
async fn a_worker_whose_time_is_over_hands_over_what_is_left() {
    let mut acts = first_batch();
    acts.push(Act::Silence);
    acts.extend(last_item());
    let endpoint = Endpoint::start(acts).await;
    let room = Room::new().await;
    room.want(&WANTED).await;
    let until = room.clock.now().plus_ms(60_000);
    let maker = patient(&room, &endpoint);
    let working = tokio::spawn(async move { maker.run(&key(), Some(until)).await.unwrap() });
    room.teacher.made(6).await;
    room.clock.advance_ms(60_000);
    assert_eq!(working.await.unwrap(), Ran::HandedOver);
    assert_eq!(room.quiz().await.0.summary.work_due, Some(room.clock.now()));
    assert_eq!(room.run(model(&endpoint)).await, Ran::Settled);
    assert_eq!(room.making().await.made, 7);
}

#[tokio::test]
async fn tokens_are_booked_for_the_owner_and_none_are_used_beyond_the_budget() {
    let mut acts = first_batch();
    acts.extend(last_item());
    let endpoint = Endpoint::start(acts).await;
    let room = Room::new().await;
    room.want(&WANTED).await;
    let user = Allowance { tokens_per_day: 500, ..Allowance::default() };
    let limits = BudgetLimits { user, ..BudgetLimits::default() };
    let maker = QuizMaker { limits, ..room.maker(model(&endpoint)) };
    assert_eq!(maker.run(&key(), None).await.unwrap(), Ran::Settled);
    let making = room.making().await;
    assert_eq!((making.state, making.made), (MakingState::Failed, 6), "what is there stays");
    assert_eq!(making.failure.unwrap().code, "budget_exceeded");
    assert_eq!(endpoint.requests().len(), 2);
    assert_eq!(booked(&room).await, 2 * COUNTED);
}

/// What the stand-in says that a whole reply used.
const COUNTED: u64 = 333;

/// What stands in the owner's books today.
async fn booked(room: &Room) -> u64 {
    let probe = SessionKey::new(tenant(), UserId::new("ann"), SessionId::new("probe"));
    let totals = Budgets::book(&*room.store, &probe, room.clock.now().day(), Spent::default()).await.unwrap();
    totals.user.spent.tokens
}

/// What the stand-in's n-th request is estimated at.
fn given(endpoint: &Endpoint, request: usize) -> u64 {
    let messages = endpoint.requests()[request].body["messages"].clone();
    let bytes = messages.as_array().unwrap().iter().map(|message| message["content"].as_str().unwrap().len()).sum();
    TokenUsage::estimated(bytes, 0).billed()
}

#[tokio::test]
async fn what_a_dropped_request_used_is_booked_once() {
    let mut acts = first_batch();
    acts.push(Act::Silence);
    let mut endpoint = Endpoint::start(acts).await;
    let room = Room::new().await;
    room.want(&WANTED).await;
    let maker = patient(&room, &endpoint);
    let working = tokio::spawn(async move { maker.run(&key(), None).await.unwrap() });
    room.teacher.made(6).await;
    room.cancel().await;
    assert_eq!(working.await.unwrap(), Ran::Overtaken);
    tokio::time::timeout(Duration::from_secs(20), endpoint.closed()).await.unwrap();
    let used = 2 * COUNTED + given(&endpoint, 2);
    assert_eq!(booked(&room).await, used);
    assert_eq!(room.run(model(&endpoint)).await, Ran::Overtaken);
    assert_eq!(booked(&room).await, used, "whoever looks again adds nothing");
}

#[tokio::test]
async fn what_was_used_when_time_is_over_is_booked_and_the_successor_adds_its_own() {
    let mut acts = first_batch();
    acts.push(Act::Silence);
    acts.extend(last_item());
    let endpoint = Endpoint::start(acts).await;
    let room = Room::new().await;
    room.want(&WANTED).await;
    let until = room.clock.now().plus_ms(60_000);
    let maker = patient(&room, &endpoint);
    let working = tokio::spawn(async move { maker.run(&key(), Some(until)).await.unwrap() });
    room.teacher.made(6).await;
    room.clock.advance_ms(60_000);
    assert_eq!(working.await.unwrap(), Ran::HandedOver);
    let used = 2 * COUNTED + given(&endpoint, 2);
    assert_eq!(booked(&room).await, used);
    assert_eq!(room.run(model(&endpoint)).await, Ran::Settled);
    assert_eq!(booked(&room).await, used + 2 * COUNTED);
}

#[tokio::test]
async fn what_failed_is_booked_as_far_as_it_came() {
    let said = "{\"items\": [";
    let unreadable = || Act::Say(pieces("I would rather not."));
    let endpoint = Endpoint::start(vec![
        busy(),
        Act::SayAndCut(vec![said.to_owned()]),
        unreadable(),
        unreadable(),
        writes(&[statement(SENTENCES[0], true)]),
        answers(&["true"]),
    ])
    .await;
    let room = Room::new().await;
    room.want(&[("true_false", 1)]).await;
    assert_eq!(room.run(model(&endpoint)).await, Ran::Later);
    assert_eq!(booked(&room).await, 0, "what was turned away was not read");
    room.clock.advance_ms(QUIZ_MAKING_RETRY_MS_MAX);
    assert_eq!(room.run(model(&endpoint)).await, Ran::Later);
    let cut = given(&endpoint, 1) + TokenUsage::estimated(0, said.len()).billed();
    assert_eq!(booked(&room).await, cut);
    room.clock.advance_ms(QUIZ_MAKING_RETRY_MS_MAX);
    assert_eq!(room.run(model(&endpoint)).await, Ran::Settled);
    assert_eq!(room.making().await.made, 1);
    assert_eq!(booked(&room).await, cut + 4 * COUNTED, "two that could not be read, and two that could");
}

#[tokio::test]
async fn a_teacher_is_told_what_is_wrong_with_the_documents_or_the_topic() {
    let room = Room::new().await;
    let topic = Some("volcanoes".to_owned());
    room.want_of(Wanted { topic, ..wanted(&WANTED) }, "en").await;
    assert_eq!(room.run(Arc::new(BuiltinModel::new())).await, Ran::Settled);
    let failure = room.making().await.failure.unwrap();
    assert_eq!(failure.code, "no_passages");
    assert!(failure.reason.contains("volcanoes"));

    let room = Room::new().await;
    room.want(&WANTED).await;
    let tides = DocumentKey { tenant: tenant(), document: DocumentId::new("tides") };
    Documents::delete(&*room.store, &tides, room.clock.now()).await.unwrap();
    assert_eq!(room.run(Arc::new(BuiltinModel::new())).await, Ran::Settled);
    let making = room.making().await;
    assert_eq!((making.state, making.failure.unwrap().code.as_str()), (MakingState::Failed, "document_gone"));
}

#[tokio::test]
async fn a_topic_is_looked_up_in_the_course() {
    let items = [statement(SENTENCES[5], true)];
    let endpoint = Endpoint::start(vec![writes(&items), answers(&["true"])]).await;
    let room = Room::new().await;
    room.shelve(
        "birds",
        &["Swifts sleep on the wing and land to breed alone, high up in old walls and towers of the town."],
    )
    .await;
    let topic = Some("neap tide".to_owned());
    room.want_of(Wanted { topic, ..wanted(&[("true_false", 1)]) }, "en").await;
    assert_eq!(room.run(model(&endpoint)).await, Ran::Settled);
    assert_eq!(room.making().await.made, 1);
    let asked = endpoint.requests()[0].body.to_string();
    assert!(asked.contains("neap tide that follows") && !asked.contains("Swifts"));
}
