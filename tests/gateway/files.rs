//! Files over HTTP and the WebSocket: uploaded, read, searched, replaced, deleted, by a real server with everything behind it.

mod guides;
mod kinds;
mod openapi;
mod origins;
mod pace;
mod parts;
mod problems;
mod refused;
pub(crate) mod rest;
mod restart;
mod sending;
mod walkthrough;

use crate::rig::{Options, eventually, in_course};
use rest::{Rest, guide, sha256};
use serde_json::{Value, json};
use viva::auth::CourseRole;

#[tokio::test]
async fn a_markdown_file_becomes_ready_is_found_and_is_deleted() {
    let rest = Rest::start().await;
    let mut ann = rest.server.connect("ann").await;
    let document = rest.uploaded("ann", "torts.md", &guide()).await;
    let id = document["id"].as_str().unwrap();
    assert_eq!((&document["course"], &document["version"]), (&json!("ann"), &json!(1)));
    let ready = rest.settled("ann", id).await;
    assert_eq!(ready["state"], "ready", "{ready}");
    assert!(ready["passages"].as_u64().unwrap() > 0);

    // Its way was told, in order, and nothing was told twice.
    let mut states = Vec::new();
    while states.last() != Some(&json!("ready")) {
        let status = ann.next_of("document.status").await;
        assert_eq!(status["document"]["document"], json!(id));
        states.push(status["document"]["state"].clone());
    }
    assert_eq!(states, ["uploaded", "checking", "extracting", "chunking", "ready"]);
    let listed = ann.ask(json!({"type": "documents.list"})).await;
    assert_eq!(listed["documents"][0]["document"], json!(id));
    assert_eq!(listed["documents"][0]["state"], "ready");

    let found = rest.found("ann", "Who owes a duty of care to neighbours?").await;
    assert_eq!(found[0]["document"], json!(id));
    assert!(found[0]["text"].as_str().unwrap().contains("neighbour"), "{found}");
    assert!(found[0]["where"].as_str().unwrap().contains("Torts"), "{found}");
    let passage = rest.get("ann", &format!("/api/passages/{}", found[0]["id"].as_str().unwrap())).await;
    assert_eq!(passage["text"], found[0]["text"]);

    let file = rest.get("ann", &format!("/api/documents/{id}/file")).await;
    let url = file["url"].as_str().unwrap().to_owned();
    let fetched = reqwest::get(rest.server.url(&url)).await.unwrap();
    assert_eq!(fetched.headers()["content-disposition"], "attachment");
    assert_eq!(fetched.bytes().await.unwrap(), guide());

    assert_eq!(rest.ask("ann", "DELETE", &format!("/api/documents/{id}"), None).await.0, 204);
    assert_eq!(rest.found("ann", "duty of care").await, json!([]));
    assert_eq!(rest.ask("ann", "GET", &format!("/api/documents/{id}"), None).await.0, 404);
    assert_eq!(rest.ask("ann", "DELETE", &format!("/api/documents/{id}"), None).await.0, 404);
    assert_eq!(rest.get("ann", "/api/documents").await["documents"], json!([]));
    eventually("the file is gone, too", async || reqwest::get(rest.server.url(&url)).await.unwrap().status() == 404)
        .await;
    assert_eq!(ann.next_of("document.status").await["document"]["state"], "deleted");
}

#[tokio::test]
async fn a_course_s_files_are_its_teachers_to_write_and_its_members_to_read() {
    let rest = Rest::start().await;
    let teacher = in_course("tom", "law-1", CourseRole::Teacher);
    let student = in_course("sue", "law-1", CourseRole::Student);
    let body = json!({"name": "torts.md", "bytes": 5, "sha256": sha256(b"hello"), "course": "law-1"});
    let (status, refused) = rest.ask_as(&student, "POST", "/api/uploads", Some(body.clone())).await;
    assert_eq!((status, &refused["code"]), (403, &json!("forbidden")));
    let stranger = in_course("eve", "law-2", CourseRole::Teacher);
    assert_eq!(rest.ask_as(&stranger, "POST", "/api/uploads", Some(body)).await.0, 403);

    let document = rest.uploaded_as(&teacher, "torts.md", &guide(), json!({"course": "law-1"})).await;
    let id = document["id"].as_str().unwrap();
    let path = format!("/api/documents/{id}");
    assert_eq!(rest.settled_as(&student, id).await["state"], "ready");
    let found = rest.ask_as(&student, "GET", "/api/passages?query=neighbour", None).await.1;
    assert_eq!(found["passages"][0]["course"], "law-1");
    assert_eq!(rest.ask_as(&student, "DELETE", &path, None).await.0, 403);
    let replacing = json!({"name": "torts.md", "bytes": 5, "sha256": sha256(b"hello"), "replaces": id});
    assert_eq!(rest.ask_as(&student, "POST", "/api/uploads", Some(replacing)).await.0, 403);
    assert_eq!(rest.ask_as(&stranger, "GET", &path, None).await.0, 404);
    assert_eq!(rest.ask_as(&stranger, "DELETE", &path, None).await.0, 404);
    assert_eq!(rest.ask_as(&stranger, "GET", "/api/documents?course=law-1", None).await.0, 403);
    let passage = format!("/api/passages/{}", found["passages"][0]["id"].as_str().unwrap());
    assert_eq!(rest.ask_as(&stranger, "GET", &passage, None).await.0, 404);
    let other = in_course("uma", "law-1", CourseRole::Teacher);
    assert_eq!(rest.ask_as(&other, "DELETE", &path, None).await.0, 204);
}

#[tokio::test]
async fn replacing_a_file_reads_it_anew_and_forgets_the_old_words() {
    let rest = Rest::start().await;
    let document = rest.uploaded("ann", "torts.md", &guide()).await;
    let id = document["id"].as_str().unwrap().to_owned();
    rest.settled("ann", &id).await;
    let identity = crate::rig::identity("ann");
    let text = b"# Contracts\n\nAn offer lapses upon rejection.\n";
    let replaced = rest.uploaded_as(&identity, "contracts.md", text, json!({"replaces": id})).await;
    assert_eq!((&replaced["id"], &replaced["version"]), (&json!(id), &json!(2)));
    assert_eq!(rest.settled("ann", &id).await["state"], "ready");
    assert_eq!(rest.found("ann", "neighbour").await, json!([]));
    assert_eq!(rest.found("ann", "rejected offers").await[0]["name"], "contracts.md");
    assert_eq!(rest.get("ann", "/api/documents").await["documents"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_file_that_a_colleague_replaces_is_the_colleague_s_from_then_on() {
    let rest = Rest::start_with(Options::default().set("VIVA_FILES_PER_USER", 1)).await;
    let (tom, uma) = (in_course("tom", "law-1", CourseRole::Teacher), in_course("uma", "law-1", CourseRole::Teacher));
    let (mut tom_s, mut uma_s) = (rest.server.connect("tom").await, rest.server.connect("uma").await);
    let text = b"# Torts\n\nA tort is a civil wrong.\n";
    let document = rest.uploaded_as(&tom, "torts.md", text, json!({"course": "law-1"})).await;
    let id = document["id"].as_str().unwrap();
    while tom_s.next_of("document.status").await["document"]["state"] != "ready" {}

    let text = b"# Contracts\n\nAn offer lapses upon rejection.\n";
    rest.uploaded_as(&uma, "contracts.md", text, json!({"replaces": id})).await;
    let mut states = Vec::new();
    while states.last() != Some(&json!("ready")) {
        let status = uma_s.next_of("document.status").await["document"].take();
        assert_eq!((&status["document"], &status["version"]), (&json!(id), &json!(2)), "the first was not uma's");
        states.push(status["state"].clone());
    }
    assert_eq!(states, ["uploaded", "checking", "extracting", "chunking", "ready"]);
    assert_eq!(tom_s.settled().await, Vec::<Value>::new(), "nothing of it is tom's business any more");

    // Each may have one file; this one is uma's now.
    let another = json!({"name": "a.md", "bytes": 5, "sha256": sha256(b"hello"), "course": "law-1"});
    let (status, refused) = rest.ask_as(&uma, "POST", "/api/uploads", Some(another.clone())).await;
    assert_eq!((status, &refused["code"]), (403, &json!("quota_exceeded")));
    assert_eq!(rest.ask_as(&tom, "POST", "/api/uploads", Some(another)).await.0, 201);
    let back = json!({"name": "torts.md", "bytes": 5, "sha256": sha256(b"hello"), "replaces": id});
    assert_eq!(rest.ask_as(&tom, "POST", "/api/uploads", Some(back)).await.1["code"], "quota_exceeded");
}

#[tokio::test]
async fn a_file_that_cannot_be_read_fails_with_a_reason() {
    let rest = Rest::start().await;
    for (name, content, code) in [
        ("lie.pdf", &b"This is plain text and no PDF."[..], "wrong_type"),
        ("broken.docx", b"PK\x03\x04 not really an archive", "broken"),
        ("empty.md", b"\n \n", "empty"),
    ] {
        let document = rest.uploaded("ann", name, content).await;
        let failed = rest.settled("ann", document["id"].as_str().unwrap()).await;
        assert_eq!(failed["state"], "failed", "{name}: {failed}");
        assert_eq!(failed["failure"]["code"], code, "{name}: {failed}");
        assert!(failed["failure"]["reason"].as_str().unwrap().len() > 10, "{failed}");
    }
}

#[tokio::test]
async fn lists_come_in_pages() {
    let rest = Rest::start().await;
    for number in 0..5 {
        rest.uploaded("ann", &format!("n{number}.md"), b"# Notes\n\nSome words.\n").await;
    }
    let mut names = Vec::new();
    let mut path = "/api/documents?limit=2".to_owned();
    loop {
        let page = rest.get("ann", &path).await;
        let documents = page["documents"].as_array().unwrap();
        assert!(documents.len() <= 2);
        names.extend(documents.iter().map(|document| document["name"].clone()));
        let Some(cursor) = page["cursor"].as_str() else { break };
        path = format!("/api/documents?limit=2&cursor={cursor}");
    }
    names.sort_by_key(Value::to_string);
    assert_eq!(names, ["n0.md", "n1.md", "n2.md", "n3.md", "n4.md"]);
    let one = rest.get("ann", "/api/documents?query=N3").await;
    assert_eq!(one["documents"].as_array().unwrap().len(), 1);
}
