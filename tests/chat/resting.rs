//! A conversation that nobody looks at: its log grows short, its worker is found again, what it used is in the books.

use crate::rig::{ANSWER, Room, key, play, scripted, send};
use async_trait::async_trait;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use viva::chat::Event;
use viva::chat::driver::Ended;
use viva::config::limits::{CHAT_LOG_KEPT_MS, CHAT_OVERDUE_MS, CHAT_REST_MS};
use viva::embedded::scripted_model::{Fault, ModelScript, Play, ScriptedModel};
use viva::ports::conversations::{Ask, MessageId, ReplyState};
use viva::ports::feed::Feed;
use viva::ports::ids::SessionKey;
use viva::ports::journal::{Cursor, Journal, Snapshot};
use viva::ports::workers::{StartError, Workers};
use viva::session::sweep_conversations;

async fn firsts(room: &Room) -> Vec<u64> {
    room.store.records_after(&key(), 0, 100).await.unwrap().iter().map(|record| record.first_seq).collect()
}

/// Whether it is due in so long, but for what the store took.
async fn rests_for(room: &Room, ms: u64) -> bool {
    let row = room.store.row(&key()).await.unwrap().unwrap();
    let rest_ms = row.due_at.unwrap().since_ms(room.deps.clock.now());
    (ms - 60_000..=ms).contains(&rest_ms)
}

#[tokio::test(start_paused = true)]
async fn after_a_day_the_log_keeps_its_newest_record_and_the_talk_goes_on() {
    let room = Room::new(scripted(play(ANSWER))).await;
    room.ask(send("m1", None, "What does an ETag name?")).await;
    room.run().await;
    assert!(firsts(&room).await.len() > 1);
    let head = room.store.head_seq(&key()).await.unwrap();
    assert!(rests_for(&room, CHAT_LOG_KEPT_MS).await, "somebody looks after its log in a day");

    tokio::time::advance(Duration::from_millis(CHAT_LOG_KEPT_MS + 1)).await;
    assert_eq!(Journal::due(&*room.store, room.deps.clock.now(), 10).await.unwrap(), [key()]);
    assert_eq!(room.run().await, Ended::Idle);
    assert_eq!(firsts(&room).await, [head + 1], "what says that a worker was there again");
    assert!(rests_for(&room, CHAT_REST_MS).await);

    room.ask(send("m2", Some("r1"), "And why does a client send it back?")).await;
    room.run().await;
    let history = room.history().await;
    assert_eq!(history.iter().map(|entry| entry.state).collect::<Vec<_>>(), [ReplyState::Done; 2]);
    assert_eq!(firsts(&room).await[0], head + 1);
}

#[tokio::test(start_paused = true)]
async fn without_log_and_snapshot_a_conversation_is_what_its_history_says() {
    let room = Room::new(scripted(play(ANSWER))).await;
    room.ask(send("m1", None, "What does an ETag name?")).await;
    let (message, replaces) = (MessageId::new("m2"), MessageId::new("m1"));
    room.ask(Ask::Edit { message, replaces, text: "What is an ETag for?".to_owned() }).await;
    room.run().await;
    tokio::time::advance(Duration::from_millis(CHAT_LOG_KEPT_MS + 1)).await;
    room.run().await;
    // A snapshot of a newer program: this one cannot read it.
    let outbox_seq = room.store.head_seq(&key()).await.unwrap();
    let snapshot = Snapshot { schema: 99, outbox_seq, cursor: Cursor::default(), state: "{}".to_owned() };
    room.store.save_snapshot(&key(), snapshot).await.unwrap();

    room.ask(send("m3", Some("r2"), "And why is that?")).await;
    room.run().await;
    let history = room.history().await;
    assert_eq!(history.iter().map(|entry| entry.state).collect::<Vec<_>>(), [ReplyState::Done; 3]);
    // It leaned on the question before, which the log no longer holds.
    assert_eq!(history[2].text, ANSWER);
    let said = room.events().await.into_iter().filter(|event| matches!(event, Event::Said { .. })).count();
    assert_eq!(said, 1, "what was told before is not told again");
}

/// Notes who is to be started.
#[derive(Default)]
struct Starts(Mutex<Vec<SessionKey>>);

#[async_trait]
impl Workers for Starts {
    async fn start(&self, key: &SessionKey) -> Result<(), StartError> {
        self.0.lock().unwrap().push(key.clone());
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_whose_worker_never_came_is_found_by_the_sweep() {
    let room = Room::new(scripted(play(ANSWER))).await;
    room.ask(send("m1", None, "What does an ETag name?")).await;
    room.run().await;
    room.ask(send("m2", Some("r1"), "And what does a client send back?")).await;
    let swept = async || {
        let starts = Starts::default();
        sweep_conversations(&*room.store, &starts, &*room.deps.clock).await.unwrap();
        starts.0.into_inner().unwrap()
    };
    assert_eq!(swept().await, [], "a worker may still be on its way");
    tokio::time::advance(Duration::from_millis(CHAT_OVERDUE_MS + 1)).await;
    assert_eq!(swept().await, [key()]);
    room.run().await;
    assert_eq!(swept().await, []);
}

#[tokio::test(start_paused = true)]
async fn what_a_reply_and_a_title_used_is_booked_at_once() {
    let room = Room::new(scripted(play(ANSWER))).await;
    room.ask(send("m1", None, "What does an ETag name?")).await;
    room.run().await;
    let chat = room.chat().await;
    assert!(chat.tokens() > 0);
    assert_eq!(*room.booked.lock().unwrap(), chat.tokens());
}

#[tokio::test(start_paused = true)]
async fn a_model_that_breaks_off_is_paid_for_what_it_was_given_and_said() {
    let room = Room::new(scripted(Play { fault: Some(Fault::Failure { after_tokens: 3 }), ..play(ANSWER) })).await;
    room.ask(send("m1", None, "What does an ETag name?")).await;
    room.run().await;
    let Event::Done { used, .. } = room.done().await else { unreachable!("`done` gives a reply that is done") };
    assert!(used.tokens.input_tokens > 20 && used.tokens.output_tokens > 0, "{used:?}");
    assert_eq!(*room.booked.lock().unwrap(), used.billed());
}

#[tokio::test(start_paused = true)]
async fn a_title_that_breaks_off_is_paid_for_as_far_as_it_came() {
    let broken = Play { fault: Some(Fault::Failure { after_tokens: 3 }), ..play("A name for one version") };
    let model = |plays| Arc::new(ScriptedModel::new(ModelScript { usual: play("Names of versions"), plays }));
    let room = Room::new(model(vec![play(ANSWER), broken])).await;
    room.ask(send("m1", None, "What does an ETag name?")).await;
    room.run().await;
    let Event::Done { used, .. } = room.done().await else { unreachable!("`done` gives a reply that is done") };
    assert_eq!(*room.booked.lock().unwrap(), used.billed() + 3);
}

/// The clock runs here: what is waited for comes when it comes.
#[tokio::test]
async fn a_reply_that_is_stopped_is_paid_for_all_the_same() {
    let room = Room::new(Arc::new(crate::answering::Hesitant)).await;
    room.look_on("phone").await;
    let due = room.ask(send("m1", None, "What does an ETag name?")).await.reply.unwrap();
    let stopping = async {
        room.clients.told("phone", "chat.delta").await;
        room.ask(Ask::Stop { reply: due.reply }).await;
        Feed::nudge(&*room.store, &key()).await.unwrap();
        room.clients.told("phone", "chat.cancelled").await;
    };
    tokio::select! {
        ended = room.run() => panic!("it ended before it was stopped: {ended:?}"),
        () = stopping => {}
    }
    let events = room.events().await;
    let Some(Event::Cancelled { used, .. }) = events.last() else { panic!("{events:?}") };
    assert!(used.tokens.input_tokens > 20 && used.tokens.output_tokens > 0, "{used:?}");
}
