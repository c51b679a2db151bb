//! Binding, moving, resuming, listing and deleting, as the handlers do it, without a worker.

use crate::rig::{Client, Options, Server, audio, code, eventually, identity, now, start};
use serde_json::{Value, json};
use viva::config::limits::CONNECTION_SESSIONS_MAX;
use viva::interview::Event;
use viva::interview::wire::encode_event;
use viva::ports::ids::WorkerId;
use viva::ports::journal::{Cursor, Record, SessionState};

/// What a worker would commit: `continued` events, because they need no more than a number.
async fn commit(server: &Server, user: &str, session: &str, seqs: std::ops::RangeInclusive<u64>) {
    let key = identity(user).session_key(session);
    for seq in seqs {
        let record = Record {
            first_seq: seq,
            last_seq: seq,
            epoch: 1,
            writer: WorkerId::new("w"),
            cursor: Cursor::default(),
            committed: now(),
            events: vec![encode_event(&Event::Continued { epoch: seq })],
        };
        server.handlers.journal.append(&key, record).await.unwrap();
    }
}

async fn resume(client: &mut Client, session: &str, last_seq: u64) -> (Value, Vec<(u64, u64)>) {
    let result = client.ask(json!({"type": "session.resume", "session": session, "lastSeq": last_seq})).await;
    let mut batches = Vec::new();
    for event in client.settled().await {
        assert_eq!(event["type"], "session.events");
        batches.push((event["fromSeq"].as_u64().unwrap(), event["throughSeq"].as_u64().unwrap()));
    }
    (result, batches)
}

#[tokio::test]
async fn a_start_stores_binds_lists_and_asks_for_a_worker() {
    let server = Server::start().await;
    let mut client = server.connect("ann").await;
    client.start_interview("s1").await;
    let key = identity("ann").session_key("s1");
    let row = server.handlers.journal.row(&key).await.unwrap().unwrap();
    assert_eq!(row.state, SessionState::Open);
    let welcome = client.ask(json!({"type": "hello", "client": {"name": "t", "version": "1"}, "features": []})).await;
    assert_eq!(row.connection.unwrap().as_str(), welcome["connection"].as_str().unwrap());
    assert_eq!(*server.starts.0.lock().unwrap(), [key]);
    let listed = client.ask(json!({"type": "session.list"})).await;
    let listed = &listed["sessions"][0];
    assert_eq!(
        (&listed["session"], &listed["title"], &listed["state"]),
        (&json!("s1"), &json!("Rust"), &json!("open"))
    );
    assert!(listed.get("user").is_none());
}

#[tokio::test]
async fn a_resume_tells_where_all_stands_and_gives_what_was_missed() {
    let server = Server::start().await;
    let mut client = server.connect("ann").await;
    client.start_interview("s1").await;
    for seq in 2..=4 {
        client.send(audio("s1", seq, (seq - 2) * 100, 100)).await;
    }
    client.send(audio("s1", 7, 500, 100)).await;
    assert!(client.settled().await.is_empty());
    commit(&server, "ann", "s1", 1..=5).await;
    drop(client);
    let mut client = server.connect("ann").await;
    let (result, batches) = resume(&mut client, "s1", 2).await;
    assert_eq!(
        result,
        json!({
            "type": "result", "id": "r1", "session": "s1", "state": "open", "epoch": 0, "outboxHeadSeq": 5,
            "inboxThroughSeq": 4, "inboxHeadSeq": 7, "windowThroughSeq": 68, "mediaMs": result["mediaMs"],
        })
    );
    assert_eq!(batches, [(3, 5)]);
    let (_, batches) = resume(&mut client, "s1", 5).await;
    assert_eq!(batches, [(6, 5)]);
    let beyond = client.ask(json!({"type": "session.resume", "session": "s1", "lastSeq": 6})).await;
    assert_eq!(code(&beyond), "invalid_field");
}

#[tokio::test]
async fn the_worker_is_started_again_where_its_lease_is_over_and_only_there() {
    let server = Server::start().await;
    let mut client = server.connect("ann").await;
    client.start_interview("s1").await;
    let key = identity("ann").session_key("s1");
    let journal = &server.handlers.journal;
    let starts = || server.starts.0.lock().unwrap().len();
    assert_eq!(starts(), 1);
    journal.take(&key, &WorkerId::new("w"), 0, now(), now().plus_ms(60_000)).await.unwrap();
    assert_eq!(client.ask(json!({"type": "ping", "session": "s1"})).await["type"], "pong");
    resume(&mut client, "s1", 0).await;
    assert_eq!(starts(), 1);
    journal.release(&key, &WorkerId::new("w"), 1, SessionState::Open, None).await.unwrap();
    assert_eq!(client.ask(json!({"type": "ping", "session": "s1"})).await["session"], "s1");
    assert_eq!(starts(), 2);
    resume(&mut client, "s1", 0).await;
    assert_eq!(starts(), 3);
}

#[tokio::test]
async fn the_second_connection_takes_the_session_and_the_first_is_told_and_stays() {
    let server = Server::start().await;
    let mut first = server.connect("ann").await;
    first.start_interview("s1").await;
    let mut second = server.connect("ann").await;
    resume(&mut second, "s1", 0).await;
    assert_eq!(first.next().await, json!({"type": "session.moved", "session": "s1"}));
    assert!(first.settled().await.is_empty());
    // The first one's end does not unbind the second.
    let key = identity("ann").session_key("s1");
    let bound = server.handlers.journal.row(&key).await.unwrap().unwrap().connection;
    drop(first);
    assert!(second.settled().await.is_empty());
    assert_eq!(server.handlers.journal.row(&key).await.unwrap().unwrap().connection, bound);
    drop(second);
    eventually("the session is unbound", async || {
        server.handlers.journal.row(&key).await.unwrap().unwrap().connection.is_none()
    })
    .await;
}

#[tokio::test]
async fn a_finished_session_takes_nothing_more_and_shows_its_last_events() {
    let server = Server::start().await;
    let mut client = server.connect("ann").await;
    client.start_interview("s1").await;
    let key = identity("ann").session_key("s1");
    let journal = &server.handlers.journal;
    journal.take(&key, &WorkerId::new("w"), 0, now(), now().plus_ms(60_000)).await.unwrap();
    commit(&server, "ann", "s1", 1..=3).await;
    journal.release(&key, &WorkerId::new("w"), 1, SessionState::Finished, None).await.unwrap();
    let mut client = server.connect("ann").await;
    client.send(audio("s1", 2, 0, 100)).await;
    assert_eq!(code(&client.next().await), "session_finished");
    let (result, batches) = resume(&mut client, "s1", 0).await;
    assert_eq!((&result["state"], batches.as_slice()), (&json!("finished"), [(1, 3)].as_slice()));
    client.send(json!({"type": "ping", "session": "s1"})).await;
    assert_eq!(client.next_of("session.status").await["outboxHeadSeq"], 3);
    client.send(start("s1")).await;
    assert_eq!(code(&client.next_of("error").await), "session_finished");
}

#[tokio::test]
async fn a_deleted_session_is_gone_with_all_that_belongs_to_it() {
    let server = Server::start().await;
    let mut client = server.connect("ann").await;
    client.start_interview("s1").await;
    client.send(audio("s1", 2, 0, 100)).await;
    commit(&server, "ann", "s1", 1..=2).await;
    let key = identity("ann").session_key("s1");
    let recording = viva::ports::objects::ObjectKey("recordings/default/ann/s1.wav".into());
    server.handlers.objects.put(&recording, "audio/wav", "RIFF".into()).await.unwrap();
    assert_eq!(client.ask(json!({"type": "session.delete", "session": "s1"})).await["type"], "result");
    assert_eq!(client.ask(json!({"type": "session.list"})).await["sessions"], json!([]));
    for request in ["session.get", "session.resume"] {
        let answer = client.ask(json!({"type": request, "session": "s1", "lastSeq": 0})).await;
        assert_eq!(code(&answer), "session_unknown");
    }
    client.send(audio("s1", 3, 100, 100)).await;
    assert_eq!(code(&client.next().await), "session_unknown");
    client.send(start("s1")).await;
    assert_eq!(code(&client.next().await), "session_exists");
    assert!(server.handlers.objects.meta(&recording).await.unwrap().is_none());
    assert!(server.handlers.journal.records_after(&key, 0, 10).await.map_or(true, |records| records.is_empty()));
    assert_eq!(client.ask(json!({"type": "session.delete", "session": "s1"})).await["type"], "result");
}

#[tokio::test]
async fn a_connection_forgets_sessions_that_are_over_and_refuses_before_anything_is_stored() {
    let server = Server::start_with(Options::default().set("VIVA_BUDGET_SESSIONS_OPEN", 50)).await;
    let mut client = server.connect("ann").await;
    for nth in 0..CONNECTION_SESSIONS_MAX {
        client.start_interview(&format!("s{nth}")).await;
    }
    client.send(start("late")).await;
    assert_eq!(code(&client.next().await), "too_many_sessions");
    let late = identity("ann").session_key("late");
    assert_eq!(server.handlers.journal.row(&late).await.unwrap(), None, "nothing was stored");
    let over = identity("ann").session_key("s3");
    let worker = WorkerId::new("w");
    server.handlers.journal.take(&over, &worker, 0, now(), now().plus_ms(4_000)).await.unwrap();
    server.handlers.journal.release(&over, &worker, 1, SessionState::Finished, None).await.unwrap();
    client.start_interview("late").await;
    assert!(server.handlers.journal.row(&late).await.unwrap().unwrap().connection.is_some());
}

#[tokio::test]
async fn what_is_said_starts_a_worker_where_there_is_none_and_audio_does_not() {
    let server = Server::start().await;
    let mut client = server.connect("ann").await;
    client.start_interview("s1").await;
    let starts = || server.starts.0.lock().unwrap().len();
    assert_eq!(starts(), 1);
    client.send(audio("s1", 2, 0, 100)).await;
    client.settled().await;
    assert_eq!(starts(), 1);
    client.send(json!({"type": "answer.end", "session": "s1", "seq": 3, "turn": 1})).await;
    client.settled().await;
    assert_eq!(starts(), 2);
    let key = identity("ann").session_key("s1");
    server.handlers.journal.take(&key, &WorkerId::new("w"), 0, now(), now().plus_ms(4_000)).await.unwrap();
    client.send(json!({"type": "answer.end", "session": "s1", "seq": 4, "turn": 1})).await;
    client.settled().await;
    assert_eq!(starts(), 2, "a worker has it");
}
