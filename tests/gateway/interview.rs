//! Whole interviews over the wire, with everything behind the gateway.

use crate::rig::{Client, Options, Seen, Server, eventually, identity, pcm, speech, start, token_of};
use serde_json::{Value, json};
use std::time::Duration;
use viva::auth::CourseRole;
use viva::ports::journal::SessionState;

fn typed() -> Options {
    Options::default().set("VIVA_RECOGNIZER", "none").set("VIVA_MODEL", "builtin")
}

fn scripted() -> Options {
    Options::default().set("VIVA_RECOGNIZER", "scripted").set("VIVA_MODEL", "builtin")
}

fn typed_start(session: &str) -> Value {
    let mut message = start(session);
    message["params"].as_object_mut().unwrap().remove("audio");
    message
}

async fn answer(client: &mut Client, seq: u64, turn: u64, text: &str) {
    client.send(json!({"type": "answer.text", "session": "s1", "seq": seq, "turn": turn, "text": text})).await;
}

#[tokio::test]
async fn a_typed_interview_comes_to_its_report() {
    let server = Server::whole(typed()).await;
    let mut client = server.connect("ann").await;
    let mut seen = Seen::default();
    let mut message = typed_start("s1");
    message["params"]["course"] = json!("law-1");
    client.send(message.clone()).await;
    assert_eq!(client.next().await["code"], "forbidden");
    let mut client = server.connect_with(&token_of(&crate::rig::in_course("ann", "law-1", CourseRole::Student))).await;
    client.send(message).await;
    let first = client.events_to("question.done", &mut seen).await;
    assert_eq!(first["turn"], 1);
    assert!(!first["text"].as_str().unwrap().is_empty());
    answer(&mut client, 2, 1, "I led the parser team, because the old one lost input. We cut failures by half.").await;
    let second = client.events_to("question.done", &mut seen).await;
    assert_eq!(second["turn"], 2);
    answer(&mut client, 3, 2, "I would measure first, and then change one thing at a time.").await;
    let finished = client.events_to("interview.finished", &mut seen).await;
    assert_eq!(finished["reason"], "completed");
    let report = &seen.of("interview.report")[0]["report"];
    assert_eq!((&report["questions"], &report["answered"]), (&json!(2), &json!(2)));
    assert_eq!(seen.of("turn.timing").len(), 1);
    for timing in seen.of("turn.timing") {
        let stages = timing["stages"].as_array().unwrap();
        let sum: u64 = stages.iter().map(|stage| stage["durationMs"].as_u64().unwrap()).sum();
        assert_eq!(timing["totalMs"], sum);
    }
    let got = client.ask(json!({"type": "session.get", "session": "s1"})).await;
    assert_eq!(got["state"], "finished");
    assert_eq!(got["turns"].as_array().unwrap().len(), 2);
    assert_eq!(got["report"]["summary"], report["summary"]);
    assert!(got["turns"][0]["answer"]["text"].as_str().unwrap().contains("parser team"));
    eventually("the list says so, too", async || {
        let listed = client.ask(json!({"type": "session.list", "query": "rust"})).await;
        listed["sessions"][0]["state"] == "finished" && listed["sessions"][0]["questions"] == 2
    })
    .await;
    teacher_reviews(&server, report).await;
}

async fn teacher_reviews(server: &Server, report: &Value) {
    let teacher = crate::rig::in_course("tom", "law-1", CourseRole::Teacher);
    let mut teacher = server.connect_with(&token_of(&teacher)).await;
    let got = teacher.ask(json!({"type": "session.get", "session": "s1", "user": "ann"})).await;
    assert_eq!(got["report"], *report);
    let Some(criterion) = report["ratings"][0]["criterion"].as_str() else {
        panic!("the report rates nothing: {report}")
    };
    let reviewed = teacher
        .ask(json!({"type": "report.review", "session": "s1", "user": "ann", "criterion": criterion, "rating": 2, "comment": "Too short."}))
        .await;
    assert_eq!((&reviewed["rating"]["rating"], &reviewed["rating"]["reviewedBy"]), (&json!(2), &json!("tom")));
    let unknown = teacher
        .ask(json!({"type": "report.review", "session": "s1", "user": "ann", "criterion": "beauty", "rating": 2}))
        .await;
    assert_eq!(unknown["code"], "invalid_field");
    let mut ann = server.connect("ann").await;
    let got = ann.ask(json!({"type": "session.get", "session": "s1"})).await;
    assert_eq!(got["report"]["ratings"][0]["comment"], "Too short.");
}

/// Speaks in real time, as a microphone does, and reads meanwhile.
async fn speak(client: &mut Client, seen: &mut Seen, seq: &mut u64, media_ms: &mut u64, sound: &[u8]) -> Vec<Value> {
    let mut came = Vec::new();
    let mut due = tokio::time::interval(Duration::from_millis(PIECE_MS));
    for piece in sound.chunks(PIECE_MS as usize * 32) {
        due.tick().await;
        *seq += 1;
        client.send(pcm("s1", *seq, *media_ms, piece)).await;
        *media_ms += PIECE_MS;
        for message in client.settled().await {
            seen.take(message.clone());
            came.push(message);
        }
    }
    came
}

const PIECE_MS: u64 = 200;

#[tokio::test]
async fn a_spoken_interview_is_heard_while_it_is_spoken_and_can_be_played_back() {
    let server = Server::whole(scripted()).await;
    let mut client = server.connect("ann").await;
    let (mut seen, mut seq, mut media_ms) = (Seen::default(), 1, 0);
    let mut message = start("s1");
    message["params"]["questions"] = json!(1);
    message["params"]["recording"] = json!(true);
    client.send(message).await;
    client.events_to("question.done", &mut seen).await;
    let mut sound = speech("team");
    sound.truncate(4 * 32_000);
    sound.extend(vec![0; 5 * 32_000]);
    let came = speak(&mut client, &mut seen, &mut seq, &mut media_ms, &sound).await;
    let partials = came.iter().filter(|message| message["type"] == "transcript.partial").count();
    assert!(partials >= 3, "{partials} partials while it was spoken");
    assert!(came.iter().any(|message| message["type"] == "session.status"));
    if seen.of("interview.finished").is_empty() {
        client.events_to("interview.finished", &mut seen).await;
    }
    let committed = seen.of("answer.committed")[0];
    assert_eq!((&committed["turn"], &committed["reason"]), (&json!(1), &json!("silence")));
    assert!(!seen.of("transcript.final")[0]["words"].as_array().unwrap().is_empty());
    let mut url = String::new();
    eventually("the recording is there", async || {
        let got = client.ask(json!({"type": "session.get", "session": "s1"})).await;
        got["recordingUrl"].as_str().is_some_and(|found| {
            url = found.to_owned();
            true
        })
    })
    .await;
    let wav = reqwest::get(server.url(&url)).await.unwrap();
    assert_eq!(wav.headers()["content-type"], "audio/wav");
    let bytes = wav.bytes().await.unwrap();
    let reader = hound::WavReader::new(std::io::Cursor::new(bytes)).unwrap();
    assert!(reader.duration() >= 16_000 * 4, "{} samples", reader.duration());
}

#[tokio::test]
async fn a_dropped_connection_resumes_where_it_was_and_hears_the_rest() {
    let server = Server::whole(typed()).await;
    let mut client = server.connect("ann").await;
    let mut seen = Seen::default();
    client.send(typed_start("s1")).await;
    client.events_to("question.started", &mut seen).await;
    drop(client);
    let mut client = server.connect("ann").await;
    client.send(json!({"type": "session.resume", "id": "back", "session": "s1", "lastSeq": seen.last_seq})).await;
    client.events_to("question.done", &mut seen).await;
    answer(&mut client, 2, 1, "An answer.").await;
    client.events_to("answer.committed", &mut seen).await;
    drop(client);
    let mut client = server.connect("ann").await;
    client.send(json!({"type": "session.resume", "id": "back", "session": "s1", "lastSeq": seen.last_seq})).await;
    // The same bytes again are no second answer.
    answer(&mut client, 2, 1, "An answer.").await;
    client.send(json!({"type": "interview.finish", "session": "s1", "seq": 3})).await;
    let finished = client.events_to("interview.finished", &mut seen).await;
    assert_eq!(finished["reason"], "finished");
    assert_eq!(seen.of("answer.committed").len(), 1);
}

#[tokio::test]
async fn a_fresh_device_sees_the_same_events_as_the_one_that_was_there() {
    let server = Server::whole(typed()).await;
    let mut client = server.connect("ann").await;
    let mut seen = Seen::default();
    client.send(typed_start("s1")).await;
    client.events_to("question.done", &mut seen).await;
    client.send(json!({"type": "interview.finish", "session": "s1", "seq": 2})).await;
    client.events_to("interview.finished", &mut seen).await;
    let mut fresh = server.connect("ann").await;
    let mut replayed = Seen::default();
    fresh.send(json!({"type": "session.resume", "id": "new", "session": "s1", "lastSeq": 0})).await;
    fresh.events_to("interview.finished", &mut replayed).await;
    let whole: Vec<&Value> = seen.events.iter().filter(|event| event["type"] != "question.delta").collect();
    assert_eq!(replayed.events.iter().collect::<Vec<_>>(), whole);
    assert_eq!(replayed.last_seq, seen.last_seq);
    assert_eq!(identity("ann").user.as_str(), "ann");
}

#[tokio::test]
async fn messages_that_make_no_sense_are_refused_with_their_number_and_the_interview_goes_on() {
    let server = Server::whole(typed()).await;
    let mut client = server.connect("ann").await;
    let mut seen = Seen::default();
    client.send(typed_start("s1")).await;
    client.events_to("question.done", &mut seen).await;
    client.send(json!({"type": "question.skip", "session": "s1", "seq": 2, "turn": 40})).await;
    let error = client.next_of("error").await;
    assert_eq!((&error["code"], &error["re"]), (&json!("turn_unknown"), &json!({"session": "s1", "seq": 2})));
    assert_eq!(error["retryable"], false);
    client.send(crate::rig::audio("s1", 3, 0, 100)).await;
    let error = client.next_of("error").await;
    assert_eq!(error["re"]["seq"], 3, "audio that was not announced: {error}");
    client.send(json!({"type": "interview.finish", "session": "s1", "seq": 4})).await;
    let mut last = Value::Null;
    while last["type"] != "interview.finished" {
        last = client.next().await;
    }
    assert_eq!(last["reason"], "finished");
}

#[tokio::test]
async fn a_hole_in_the_line_is_reported_and_closed_by_sending_again() {
    let server = Server::whole(typed()).await;
    let mut client = server.connect("ann").await;
    let mut seen = Seen::default();
    client.send(typed_start("s1")).await;
    client.events_to("question.done", &mut seen).await;
    client.send(json!({"type": "interview.finish", "session": "s1", "seq": 3})).await;
    let missing = loop {
        let status = client.next_of("session.status").await;
        if status["missing"] != json!([]) {
            break status["missing"].clone();
        }
    };
    assert_eq!(missing, json!([{"fromSeq": 2, "throughSeq": 2}]));
    answer(&mut client, 2, 1, "Here it is.").await;
    let mut kinds = Vec::new();
    while kinds.last() != Some(&json!("interview.finished")) {
        kinds.push(client.next().await["type"].clone());
    }
    assert!(kinds.contains(&json!("answer.committed")));
}

#[tokio::test]
async fn what_comes_after_the_end_is_told_that_it_is_over() {
    let server = Server::whole(typed()).await;
    let mut client = server.connect("ann").await;
    let mut seen = Seen::default();
    client.send(typed_start("s1")).await;
    client.events_to("question.done", &mut seen).await;
    client.send(json!({"type": "interview.finish", "session": "s1", "seq": 2})).await;
    client.events_to("interview.finished", &mut seen).await;
    let key = identity("ann").session_key("s1");
    eventually("what was said is gone", async || server.handlers.feed.head(&key).await.is_err()).await;
    for message in [
        json!({"type": "answer.text", "session": "s1", "seq": 3, "turn": 1, "text": "Too late."}),
        crate::rig::audio("s1", 4, 0, 100),
        typed_start("s1"),
    ] {
        client.send(message).await;
        assert_eq!(client.next_of("error").await["code"], "session_finished");
    }
    let given_back = async || server.handlers.journal.row(&key).await.unwrap().unwrap().state == SessionState::Finished;
    eventually("the session is given back", given_back).await;
    client.send(json!({"type": "ping", "session": "s1"})).await;
    assert_eq!(client.next_of("session.status").await["outboxHeadSeq"], seen.last_seq);
}
