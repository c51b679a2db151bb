//! A question, what is found for it, and what is answered: by a scripted model, and by the built-in one.

use crate::rig::{ANSWER, Room, key, play, scripted, send};
use async_trait::async_trait;
use futures::StreamExt;
use std::sync::Arc;
use viva::chat::{Citation, Event, Finish};
use viva::embedded::builtin::BuiltinModel;
use viva::ports::conversations::{Ask, Conversations, MessageId, ReplyId, ReplyState};
use viva::ports::feed::Feed;
use viva::ports::text_model::{Chunk, Chunks, ModelError, ModelInfo, ModelKind, Task, TextModel};

fn outcome(done: Event) -> (String, Finish, Vec<Citation>) {
    match done {
        Event::Done { text, finish, citations, .. } => (text, finish, citations),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_streams_and_keeps_the_citation_that_holds() {
    let room = Room::new(scripted(play("An ETag names one version of a resource [1]. Cats purr [1]."))).await;
    room.look_on("phone").await;
    room.ask(send("m1", None, "What does an ETag name?")).await;
    room.run().await;
    let (text, finish, citations) = outcome(room.done().await);
    assert_eq!((text.as_str(), finish), ("An ETag names one version of a resource [1]. Cats purr.", Finish::Complete));
    assert_eq!(citations.len(), 1);
    assert_eq!(citations[0].name, "caching.pdf");
    assert_eq!(citations[0].quote, "An ETag names one version of a resource.");
    assert_eq!(citations[0].locator.to_string(), "p. 3");
    let kinds: Vec<String> =
        room.clients.events("phone").iter().map(|event| event["type"].as_str().unwrap().to_owned()).collect();
    assert_eq!(kinds[..2], ["chat.message", "chat.started"]);
    assert!(kinds.iter().any(|kind| kind == "chat.delta") && kinds.iter().any(|kind| kind == "chat.done"), "{kinds:?}");
    let seqs: Vec<u64> = room.clients.events("phone").iter().map(|event| event["seq"].as_u64().unwrap()).collect();
    assert_eq!(seqs, (1..=seqs.len() as u64).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn where_the_files_say_nothing_the_answer_says_so_and_no_model_is_asked() {
    let room = Room::new(scripted(play("Shakespeare, of course [1]."))).await;
    room.ask(send("m1", None, "Who composed the Goldberg Variations?")).await;
    room.run().await;
    let (text, finish, citations) = outcome(room.done().await);
    assert_eq!(finish, Finish::NotFound);
    assert!(text.contains("could not find anything about this in your materials") && citations.is_empty(), "{text}");
}

#[tokio::test(start_paused = true)]
async fn the_built_in_model_answers_with_quotes_that_hold() {
    let room = Room::new(Arc::new(BuiltinModel::new())).await;
    room.ask(send("m1", None, "What does an ETag name?")).await;
    room.run().await;
    let (text, finish, citations) = outcome(room.done().await);
    assert_eq!(finish, Finish::Complete);
    assert!(text.contains("> An ETag names one version of a resource. [1]"), "{text}");
    assert_eq!(citations.iter().map(|citation| citation.name.as_str()).collect::<Vec<_>>(), ["caching.pdf"]);
    assert_eq!(room.chat().await.title(), Some("What does an ETag name?"));
}

#[tokio::test(start_paused = true)]
async fn a_question_that_leans_on_the_talk_is_searched_for_with_its_words() {
    let room = Room::new(Arc::new(BuiltinModel::new())).await;
    room.ask(send("m1", None, "What do whales breathe?")).await;
    room.run().await;
    room.ask(send("m2", Some("r1"), "And where do they live?")).await;
    room.run().await;
    let history = room.history().await;
    assert!(history[1].text.contains("live in the sea"), "{}", history[1].text);
}

#[tokio::test(start_paused = true)]
async fn another_attempt_and_another_wording_stand_beside_the_first() {
    let room = Room::new(scripted(play(ANSWER))).await;
    room.ask(send("m1", None, "What does an ETag name?")).await;
    room.run().await;
    room.ask(Ask::Regenerate { message: MessageId::new("m1"), attempt: 2 }).await;
    room.ask(Ask::Edit {
        message: MessageId::new("m2"),
        replaces: MessageId::new("m1"),
        text: "What is an ETag for?".to_owned(),
    })
    .await;
    room.run().await;
    let history = room.history().await;
    let seen: Vec<_> = history
        .iter()
        .map(|entry| (entry.due.message.to_string(), entry.due.attempt, entry.state, entry.said.is_some()))
        .collect();
    assert_eq!(
        seen,
        [
            ("m1".to_owned(), 1, ReplyState::Done, true),
            ("m1".to_owned(), 2, ReplyState::Done, false),
            ("m2".to_owned(), 1, ReplyState::Done, true),
        ]
    );
    let chat = room.chat().await;
    assert_eq!(chat.tree().messages(), 2);
    assert!(chat.tree().message(&MessageId::new("m2")).unwrap().parent.is_none());
    assert!(chat.tree().before(&MessageId::new("m2"), 10).is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_persons_title_stays_and_a_models_is_tidied() {
    let room = Room::new(scripted(play("\"Naming versions.\""))).await;
    room.ask(send("m1", None, "What does an ETag name?")).await;
    room.run().await;
    assert_eq!(room.chat().await.title(), Some("Naming versions"));
    room.ask(Ask::Rename { title: "Mine".to_owned() }).await;
    room.ask(send("m2", Some("r1"), "What does a client send back?")).await;
    room.run().await;
    assert_eq!(room.chat().await.title(), Some("Mine"));
    let listed = Conversations::get(&*room.store, &key()).await.unwrap().unwrap();
    assert_eq!((listed.title.as_str(), listed.messages), ("Mine", 2));
}

/// Says the beginning of an answer, and then nothing more.
#[derive(Debug)]
pub(crate) struct Hesitant;

#[async_trait]
impl TextModel for Hesitant {
    fn info(&self) -> ModelInfo {
        ModelInfo { name: "hesitant".to_owned(), kind: ModelKind::OpenAi }
    }

    async fn perform(&self, _: Task) -> Result<Chunks, ModelError> {
        let begun = ["An ETag names ", "one version [1] "].map(|piece| Ok(Chunk::Delta(piece.to_owned())));
        Ok(futures::stream::iter(begun).chain(futures::stream::pending()).boxed())
    }
}

/// The clock runs here: what is waited for comes when it comes.
#[tokio::test]
async fn a_stopped_reply_keeps_what_was_said() {
    let room = Room::new(Arc::new(Hesitant)).await;
    room.look_on("phone").await;
    room.ask(send("m1", None, "What does an ETag name?")).await;
    let stopping = async {
        room.clients.told("phone", "chat.delta").await;
        room.ask(Ask::Stop { reply: ReplyId::new("r1") }).await;
        Feed::nudge(&*room.store, &key()).await.unwrap();
        room.clients.told("phone", "chat.cancelled").await
    };
    tokio::select! {
        ended = room.run() => panic!("it ended before it was stopped: {ended:?}"),
        cancelled = stopping => assert_eq!(cancelled["text"], "An ETag names one version"),
    }
    assert!(!room.events().await.iter().any(|event| matches!(event, Event::Done { .. })));
}
