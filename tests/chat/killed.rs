//! The worker stopped at every poll of a whole chat: another takes over, and the history is the same.

use crate::rig::{ANSWER, Room, play, scripted, send};
use viva::chat::Event;
use viva::chat::driver::Ended;
use viva::ports::conversations::{Ask, Entry, MessageId, ReplyId, ReplyState};

/// Two questions, another attempt, another wording, a stop and a title.
async fn chat() -> Room {
    let room = Room::new(scripted(play(ANSWER))).await;
    room.look_on("phone").await;
    room.ask(send("m1", None, "What does an ETag name?")).await;
    room.ask(send("m2", Some("r1"), "And what does a client send back?")).await;
    room.ask(Ask::Regenerate { message: MessageId::new("m1"), attempt: 2 }).await;
    let (message, replaces) = (MessageId::new("m3"), MessageId::new("m2"));
    room.ask(Ask::Edit { message, replaces, text: "Why does a client send it back?".to_owned() }).await;
    room.ask(Ask::Stop { reply: ReplyId::new("r2") }).await;
    room.ask(Ask::Rename { title: "Validators".to_owned() }).await;
    room
}

fn seen(history: &[Entry]) -> Vec<(u64, ReplyState, String)> {
    let text = |entry: &Entry| if entry.state == ReplyState::Cancelled { String::new() } else { entry.text.clone() };
    history.iter().map(|entry| (entry.number, entry.state, text(entry))).collect()
}

async fn check(room: &Room, whole: &[(u64, ReplyState, String)], polls: usize) {
    assert_eq!(seen(&room.history().await), whole, "stopped after {polls} polls");
    let chat = room.chat().await;
    assert_eq!((chat.title(), chat.tree().messages()), (Some("Validators"), 3), "stopped after {polls} polls");
    assert!(chat.is_idle(), "stopped after {polls} polls");
    let events = room.events().await;
    let said = events.iter().filter(|event| matches!(event, Event::Said { .. })).count();
    assert_eq!(said, 3, "a message was told twice, stopped after {polls} polls");
    let over = events.iter().filter(|event| matches!(event, Event::Done { .. } | Event::Cancelled { .. })).count();
    assert_eq!(over, 4, "a reply ended twice, stopped after {polls} polls");
}

#[tokio::test(start_paused = true)]
async fn a_worker_stopped_at_any_poll_is_not_missed() {
    let room = chat().await;
    assert_eq!(room.run().await, Ended::Idle);
    let whole = seen(&room.history().await);
    assert_eq!(
        whole.iter().map(|(_, state, _)| *state).collect::<Vec<_>>(),
        [ReplyState::Done, ReplyState::Cancelled, ReplyState::Done, ReplyState::Done,]
    );
    for polls in 1..500 {
        let room = chat().await;
        let ended = room.run_polls(polls).await;
        if ended.is_none() {
            assert_eq!(room.run().await, Ended::Idle);
        }
        check(&room, &whole, polls).await;
        if ended.is_some() {
            assert!(polls > 5, "it was over before it could be stopped");
            return;
        }
    }
    panic!("a chat takes more polls than anybody would wait for");
}

#[tokio::test(start_paused = true)]
async fn worker_after_worker_may_be_stopped() {
    let whole = {
        let room = chat().await;
        room.run().await;
        seen(&room.history().await)
    };
    for polls in (3..24).step_by(4) {
        let room = chat().await;
        let mut stopped = 0;
        while stopped < 6 && room.run_polls(polls + stopped).await.is_none() {
            stopped += 1;
        }
        room.run().await;
        check(&room, &whole, polls).await;
    }
}
