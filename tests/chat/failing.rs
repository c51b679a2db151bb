//! A model that is slow, stalls, fails, is busy, refuses or never ends: each reply ends with an event that says why, and nothing hangs.

use crate::rig::{ANSWER, Room, play, scripted, send};
use async_trait::async_trait;
use futures::StreamExt;
use std::sync::Arc;
use viva::chat::{Event, Finish};
use viva::embedded::scripted_model::{Fault, Play};
use viva::ports::conversations::ReplyState;
use viva::ports::text_model::{Chunks, ModelError, ModelInfo, ModelKind, Task, TextModel};

async fn ended(model: Arc<dyn TextModel>) -> (Finish, String, Option<String>) {
    let room = Room::new(model).await;
    room.ask(send("m1", None, "What does an ETag name?")).await;
    room.run().await;
    assert_eq!(room.history().await[0].state, ReplyState::Done);
    match room.done().await {
        Event::Done { finish, text, notice, .. } => (finish, text, notice),
        other => panic!("{other:?}"),
    }
}

fn faulty(fault: Fault) -> Arc<dyn TextModel> {
    scripted(Play { fault: Some(fault), ..play(ANSWER) })
}

#[tokio::test(start_paused = true)]
async fn a_model_that_stalls_ends_in_a_time_out_and_what_it_said_stays() {
    let (finish, text, notice) = ended(faulty(Fault::Stall { after_tokens: 3 })).await;
    assert_eq!((finish, text.as_str()), (Finish::TimedOut, "An ETag names"));
    assert!(notice.is_some());
}

#[tokio::test(start_paused = true)]
async fn a_model_that_fails_in_the_middle_leaves_what_it_said() {
    let (finish, text, _) = ended(faulty(Fault::Failure { after_tokens: 3 })).await;
    assert_eq!((finish, text.as_str()), (Finish::Failed, "An ETag names"));
}

#[tokio::test(start_paused = true)]
async fn a_filter_and_a_busy_model_are_told_apart() {
    assert_eq!(ended(faulty(Fault::Refusal { after_tokens: 0 })).await.0, Finish::Filtered);
    assert_eq!(ended(faulty(Fault::Busy { after_tokens: 0, retry_after_ms: None })).await.0, Finish::Busy);
}

#[tokio::test(start_paused = true)]
async fn a_slow_model_is_waited_for() {
    let slow = Play { first_after_ms: 15_000, interval_ms: 4_000, ..play(ANSWER) };
    assert_eq!(ended(scripted(slow)).await.0, Finish::Complete);
}

#[tokio::test(start_paused = true)]
async fn a_model_that_says_nothing_is_no_answer() {
    assert_eq!(ended(scripted(play(""))).await.0, Finish::Failed);
}

#[tokio::test(start_paused = true)]
async fn a_reply_that_does_not_end_is_cut_where_replies_are() {
    let (finish, text, _) = ended(scripted(play(&"word ".repeat(4_000)))).await;
    assert_eq!(finish, Finish::Length);
    assert!(text.chars().count() <= protocol::v1::limits::CHAT_REPLY_CHARS_MAX);
}

#[tokio::test(start_paused = true)]
async fn an_adapter_without_time_outs_cannot_hold_a_reply_for_ever() {
    #[derive(Debug)]
    struct Mute;

    #[async_trait]
    impl TextModel for Mute {
        fn info(&self) -> ModelInfo {
            ModelInfo { name: "mute".to_owned(), kind: ModelKind::OpenAi }
        }

        async fn perform(&self, _: Task) -> Result<Chunks, ModelError> {
            Ok(futures::stream::pending().boxed())
        }
    }

    assert_eq!(ended(Arc::new(Mute)).await.0, Finish::TimedOut);
}

#[tokio::test(start_paused = true)]
async fn a_budget_that_is_used_up_is_said() {
    let room = Room::with_tokens_used(scripted(play(ANSWER)), 1_000).await;
    room.ask(send("m1", None, "What does an ETag name?")).await;
    room.run().await;
    assert!(matches!(room.done().await, Event::Done { finish: Finish::Budget, .. }));
}
