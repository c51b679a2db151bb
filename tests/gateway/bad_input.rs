//! Every wrong message gets its error, harms nobody else, and takes nothing that was stored.

use crate::rig::{Options, Server, audio, code, identity, in_course, start, token_of};
use serde_json::{Value, json};
use std::time::Duration;
use viva::auth::CourseRole;
use viva::ports::feed::Entry;

#[tokio::test]
async fn what_is_no_message_is_told_so() {
    let server = Server::start().await;
    let mut client = server.connect("ann").await;
    for (text, expected) in [
        ("", "malformed_json"),
        ("{", "malformed_json"),
        ("[]", "malformed_json"),
        ("null", "malformed_json"),
        ("{}", "invalid_field"),
        (r#"{"type":7}"#, "invalid_field"),
        (r#"{"type":"chat.shout","id":"r1"}"#, "unknown_type"),
        (r#"{"type":"session.resume","id":"r1","session":"s1"}"#, "invalid_field"),
        (r#"{"type":"session.resume","id":"r1","session":"../s1","lastSeq":0}"#, "invalid_field"),
        (r#"{"type":"audio","session":"s1","seq":0,"mediaMs":0,"data":"AAAA"}"#, "invalid_field"),
        (r#"{"type":"audio","session":"s1","seq":2,"mediaMs":0,"data":"?"}"#, "audio_invalid"),
    ] {
        client.send_text(text).await;
        let error = client.next().await;
        assert_eq!(code(&error), expected, "{text}");
    }
    assert!(client.settled().await.is_empty());
}

#[tokio::test]
async fn a_start_that_is_wrong_stores_nothing() {
    let server = Server::start().await;
    let mut client = server.connect("ann").await;
    let with = |path: &str, value: Value| {
        let mut message = start("s1");
        message["params"][path] = value;
        message
    };
    let mut second = start("s1");
    second["seq"] = json!(2);
    for (message, expected) in [
        (with("topic", json!("")), "invalid_field"),
        (with("topic", json!("x".repeat(501))), "invalid_field"),
        (with("questions", json!(0)), "invalid_field"),
        (with("questions", json!(51)), "invalid_field"),
        (with("durationMs", json!(1)), "invalid_field"),
        (with("playback", json!("sung")), "invalid_field"),
        (with("course", json!("law-1")), "forbidden"),
        (with("language", json!("fr-FR")), "language_unsupported"),
        (second, "invalid_field"),
    ] {
        client.send(message.clone()).await;
        let error = client.next().await;
        assert_eq!(code(&error), expected, "{message}");
        assert_eq!(error["re"]["session"], "s1");
    }
    let key = identity("ann").session_key("s1");
    assert!(server.handlers.journal.row(&key).await.unwrap().is_none());
    assert_eq!(server.handlers.feed.head(&key).await.unwrap().head_seq, 0);
    client.start_interview("s1").await;
}

#[tokio::test]
async fn a_language_is_refused_by_name_and_typed_answers_still_work() {
    let server = Server::start().await;
    let mut client = server.connect("ann").await;
    let mut message = start("s1");
    message["params"]["language"] = json!("fr-FR");
    client.send(message.clone()).await;
    let error = client.next().await;
    assert_eq!(code(&error), "language_unsupported");
    let text = error["message"].as_str().unwrap();
    assert!(text.contains("script") && text.contains("fr-FR") && text.contains("de-AT"), "{text}");
    message["params"].as_object_mut().unwrap().remove("audio");
    client.send(message).await;
    assert!(client.settled().await.is_empty());
}

#[tokio::test]
async fn audio_without_a_recognizer_names_what_is_missing() {
    let server = Server::start_with(Options { recognizer: None, ..Options::default() }).await;
    let mut client = server.connect("ann").await;
    client.send(start("s1")).await;
    let error = client.next().await;
    assert_eq!(code(&error), "recognizer_unavailable");
    assert!(error["message"].as_str().unwrap().contains("libpocketsphinx3"));
    let mut typed = start("s1");
    typed["params"].as_object_mut().unwrap().remove("audio");
    client.send(typed).await;
    assert!(client.settled().await.is_empty());
}

#[tokio::test]
async fn the_same_start_again_is_a_no_op_and_another_is_refused() {
    let server = Server::start().await;
    let mut client = server.connect("ann").await;
    client.start_interview("s1").await;
    client.start_interview("s1").await;
    let mut other = start("s1");
    other["params"]["topic"] = json!("Go");
    client.send(other).await;
    let error = client.next().await;
    assert_eq!(code(&error), "session_exists");
    assert_eq!(error["re"], json!({"session": "s1", "seq": 1}));
    client.send(audio("s1", 1, 0, 100)).await;
    assert_eq!(code(&client.next().await), "seq_conflict");
    assert_eq!(server.handlers.feed.head(&identity("ann").session_key("s1")).await.unwrap().head_seq, 1);
}

#[tokio::test]
async fn a_number_is_stored_once_and_with_one_content() {
    let server = Server::start().await;
    let mut client = server.connect("ann").await;
    client.start_interview("s1").await;
    client.send(audio("s1", 2, 0, 100)).await;
    client.send(audio("s1", 2, 0, 100)).await;
    assert!(client.settled().await.is_empty());
    client.send(audio("s1", 2, 100, 100)).await;
    let error = client.next().await;
    assert_eq!(code(&error), "seq_conflict");
    assert_eq!(error["retryable"], false);
    assert_eq!(error["re"], json!({"session": "s1", "seq": 2}));
}

#[tokio::test]
async fn what_is_refused_for_good_keeps_its_number_so_that_the_line_goes_on() {
    let server = Server::start().await;
    let mut client = server.connect("ann").await;
    client.start_interview("s1").await;
    let over = json!({"type": "audio", "session": "s1", "seq": 2, "mediaMs": 0, "data": "A".repeat(26_672)});
    let turn = json!({"type": "answer.end", "session": "s1", "seq": 3, "turn": 0});
    let unknown = json!({"type": "answer.sing", "session": "s1", "seq": 4});
    let base64 = json!({"type": "audio", "session": "s1", "seq": 5, "mediaMs": 0, "data": "not base64"});
    let large = json!({"type": "answer.text", "session": "s1", "seq": 6, "turn": 1, "text": "x".repeat(32_000)});
    let expected = ["audio_too_long", "invalid_field", "unknown_type", "audio_invalid", "message_too_large"];
    for (message, expected) in [over, turn, unknown, base64, large].into_iter().zip(expected) {
        let seq = message["seq"].clone();
        client.send(message).await;
        let error = client.next().await;
        assert_eq!((code(&error), &error["re"]["seq"], &error["retryable"]), (expected, &seq, &json!(false)));
    }
    let key = identity("ann").session_key("s1");
    let page = server.handlers.feed.read_after(&key, 1, 64, Duration::ZERO).await.unwrap();
    let stored: Vec<String> = page
        .entries
        .iter()
        .map(|(_, entry)| match entry {
            Entry::Refused { code } => code.clone(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(stored, expected);
    // Sent again as it should be, it is too late.
    client.send(audio("s1", 2, 0, 100)).await;
    assert_eq!(code(&client.next().await), "seq_conflict");
}

#[tokio::test]
async fn sessions_that_are_not_there_are_unknown_and_nothing_is_kept_for_them() {
    let server = Server::start().await;
    let mut client = server.connect("ann").await;
    client.send(audio("nope", 2, 0, 100)).await;
    let error = client.next().await;
    assert_eq!(code(&error), "session_unknown");
    assert_eq!(error["retryable"], true);
    for request in ["session.resume", "session.get", "session.delete", "ping"] {
        let answer = client.ask(json!({"type": request, "session": "nope", "lastSeq": 0})).await;
        assert_eq!(code(&answer), "session_unknown", "{request}");
    }
    assert_eq!(server.handlers.feed.head(&identity("ann").session_key("nope")).await.unwrap().head_seq, 0);
}

#[tokio::test]
async fn nobody_reaches_anothers_session() {
    let server = Server::start().await;
    let mut ann = server.connect("ann").await;
    ann.start_interview("s1").await;
    let mut bob = server.connect("bob").await;
    bob.send(audio("s1", 2, 0, 100)).await;
    assert_eq!(code(&bob.next().await), "session_unknown");
    for request in [
        json!({"type": "session.resume", "session": "s1", "lastSeq": 0}),
        json!({"type": "session.delete", "session": "s1"}),
        json!({"type": "session.get", "session": "s1"}),
    ] {
        assert_eq!(code(&bob.ask(request).await), "session_unknown");
    }
    for request in [
        json!({"type": "session.get", "session": "s1", "user": "ann"}),
        json!({"type": "session.list", "user": "ann"}),
        json!({"type": "report.review", "session": "s1", "user": "ann", "criterion": "x", "rating": 5}),
    ] {
        assert_eq!(code(&bob.ask(request).await), "forbidden");
    }
    // The same names in another tenant are another session.
    let elsewhere = viva::auth::Identity { tenant: viva::ports::ids::TenantId::new("acme"), ..identity("ann") };
    let mut stranger = server.connect_with(&token_of(&elsewhere)).await;
    assert_eq!(code(&stranger.ask(json!({"type": "session.get", "session": "s1"})).await), "session_unknown");
    assert!(ann.settled().await.is_empty());
}

#[tokio::test]
async fn a_teacher_of_the_course_sees_it_and_a_teacher_of_another_does_not() {
    let server = Server::start().await;
    let mut ann = server.connect_with(&token_of(&in_course("ann", "law-1", CourseRole::Student))).await;
    let mut message = start("s1");
    message["params"]["course"] = json!("law-1");
    ann.send(message).await;
    assert!(ann.settled().await.is_empty());
    let mut teacher = server.connect_with(&token_of(&in_course("tom", "law-1", CourseRole::Teacher))).await;
    let listed = teacher.ask(json!({"type": "session.list", "course": "law-1"})).await;
    assert_eq!(listed["sessions"][0]["session"], "s1");
    assert_eq!(listed["sessions"][0]["user"], "ann");
    let listed = teacher.ask(json!({"type": "session.list", "user": "ann"})).await;
    assert_eq!(listed["sessions"][0]["title"], "Rust");
    for other in [in_course("eve", "law-2", CourseRole::Teacher), in_course("eve", "law-1", CourseRole::Student)] {
        let mut eve = server.connect_with(&token_of(&other)).await;
        let anns = eve.ask(json!({"type": "session.list", "user": "ann", "course": "law-1"})).await;
        assert_eq!(code(&anns), "forbidden");
        let anns = eve.ask(json!({"type": "session.list", "user": "ann"})).await;
        assert!(anns["code"] == "forbidden" || anns["sessions"] == json!([]), "{anns}");
        assert_eq!(code(&eve.ask(json!({"type": "session.get", "session": "s1", "user": "ann"})).await), "forbidden");
        let listed = eve.ask(json!({"type": "session.list", "course": "law-1"})).await;
        assert_eq!(listed["sessions"], json!([]));
    }
}

#[tokio::test]
async fn open_sessions_and_the_days_budgets_have_limits() {
    let server = Server::start_with(Options::default().set("VIVA_BUDGET_SESSIONS_OPEN", 1)).await;
    let mut client = server.connect("ann").await;
    client.start_interview("s1").await;
    client.start_interview("s1").await;
    client.send(start("s2")).await;
    let error = client.next().await;
    assert_eq!((code(&error), &error["retryable"]), ("too_many_sessions", &json!(true)));
    for name in [
        "VIVA_BUDGET_RECOGNIZER_SECONDS",
        "VIVA_BUDGET_TOKENS",
        "VIVA_BUDGET_TENANT_RECOGNIZER_SECONDS",
        "VIVA_BUDGET_TENANT_TOKENS",
    ] {
        let server = Server::start_with(Options::default().set(name, 0)).await;
        let mut client = server.connect("ann").await;
        client.send(start("s1")).await;
        let error = client.next().await;
        assert_eq!((code(&error), &error["retryable"]), ("budget_exceeded", &json!(false)), "{name}");
        assert!((1..=86_400_000).contains(&error["retryAfterMs"].as_u64().unwrap()), "until the day is over: {error}");
        let row = server.handlers.journal.row(&identity("ann").session_key("s1")).await.unwrap();
        assert_eq!(row, None, "{name}: nothing was stored");
    }
}

#[tokio::test]
async fn too_many_messages_are_refused_and_not_stored() {
    let server = Server::start_with(Options::default().set("VIVA_RATE_MESSAGES", 5)).await;
    let mut client = server.connect("ann").await;
    client.start_interview("s1").await;
    for n in 2..40 {
        client.send(json!({"type": "rendered", "session": "s1", "seq": n, "turn": 1, "attempt": 1, "chars": n, "state": "playing"})).await;
    }
    let error = client.next().await;
    assert_eq!(code(&error), "rate_limited");
    assert_eq!(error["retryable"], true);
    assert!(error["retryAfterMs"].as_u64().unwrap() > 0);
    let refused = error["re"]["seq"].as_u64().unwrap();
    let head = server.handlers.feed.head(&identity("ann").session_key("s1")).await.unwrap();
    assert_eq!(head.through_seq, refused - 1);
}

#[tokio::test]
async fn audio_that_comes_far_faster_than_it_was_spoken_is_held_back() {
    let server = Server::start().await;
    let mut client = server.connect("ann").await;
    client.start_interview("s1").await;
    for n in 0..60 {
        client.send(audio("s1", n + 2, n * 500, 500)).await;
    }
    let error = client.next().await;
    assert_eq!(code(&error), "rate_limited");
    let refused = error["re"]["seq"].as_u64().unwrap();
    assert!((20..30).contains(&refused), "ten seconds at once are welcome, thirty are not: {refused}");
    client.settled().await;
    let mut other = server.connect("bob").await;
    other.start_interview("s1").await;
}
