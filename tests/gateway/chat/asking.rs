//! From a file to an answer with its citation, through everything that is between.

use super::{options, send, to};
use crate::files::rest::Rest;
use crate::making::pdf;
use crate::rig::{Seen, identity};
use serde_json::{Value, json};

/// Three pages of a handbook; each says something that the others do not.
fn handbook() -> Vec<u8> {
    let page = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect();
    pdf(&[
        page(&["Caching for beginners", "A cache keeps answers so that they need not be made again."]),
        page(&["Validators", "An ETag names one version of a resource.", "A client sends it back in If-None-Match."]),
        page(&["Freshness", "The directive max-age counts seconds for which an answer stays fresh."]),
    ])
}

async fn with_handbook() -> (Rest, Value) {
    let rest = Rest::start_with(options()).await;
    let document = rest.uploaded("ann", "handbook.pdf", &handbook()).await;
    let ready = rest.settled("ann", document["id"].as_str().unwrap()).await;
    assert_eq!((&ready["state"], &ready["pages"]), (&json!("ready"), &json!(3)), "{ready}");
    (rest, ready)
}

#[tokio::test]
async fn a_question_about_a_file_is_answered_with_a_citation_that_opens_at_its_page() {
    let (rest, document) = with_handbook().await;
    let mut client = rest.server.connect("ann").await;
    let mut seen = Seen::default();
    client.send(send("q1", "m1", "What does an ETag name?")).await;
    let (_, done) = to(&mut client, "chat.done", &mut seen).await;
    assert_eq!(done["finishReason"], "complete", "{done}");
    let pieces: String = seen.of("chat.delta").iter().map(|delta| delta["text"].as_str().unwrap()).collect();
    assert!(pieces.contains("An ETag names one version of a resource."), "it streams: {pieces}");
    let citation = &done["citations"][0];
    assert_eq!((&citation["document"], &citation["name"]), (&document["id"], &json!("handbook.pdf")));
    assert!(citation["quote"].as_str().unwrap().contains("An ETag names one version of a resource."), "{citation}");
    assert!(done["text"].as_str().unwrap().contains(&format!("[{}]", citation["number"])), "{done}");

    // The passage that it names holds the quote, at the place that it names.
    let passage = rest.get("ann", &format!("/api/passages/{}", citation["passage"].as_str().unwrap())).await;
    assert!(passage["text"].as_str().unwrap().contains(citation["quote"].as_str().unwrap()), "{passage}");
    assert_eq!(passage["where"], citation["locator"]["label"]);
    let (first, last) = (&citation["locator"]["page"], &citation["locator"]["pageLast"]);
    let pages = first.as_u64().unwrap()..=last.as_u64().or(first.as_u64()).unwrap();
    assert!(pages.contains(&2), "the quote stands on page 2: {citation}");
}

#[tokio::test]
async fn what_the_files_do_not_hold_is_said_to_be_missing() {
    let (rest, _) = with_handbook().await;
    let mut client = rest.server.connect("ann").await;
    client.send(send("q1", "m1", "Who composed the Goldberg Variations?")).await;
    let (_, done) = to(&mut client, "chat.done", &mut Seen::default()).await;
    assert_eq!((&done["finishReason"], &done["citations"]), (&json!("not_found"), &json!([])));
    assert!(done["text"].as_str().unwrap().contains("not find anything about this in your materials"), "{done}");
}

#[tokio::test]
async fn a_question_that_leans_on_the_talk_is_answered_from_what_the_talk_was_about() {
    let (rest, _) = with_handbook().await;
    let mut client = rest.server.connect("ann").await;
    let mut seen = Seen::default();
    client.send(send("q1", "m1", "What does the directive max-age count?")).await;
    let (result, _) = to(&mut client, "chat.done", &mut seen).await;
    let mut next = send("q2", "m2", "And what does it count?");
    next["parentId"] = result.unwrap()["replyId"].clone();
    client.send(next).await;
    let (_, done) = to(&mut client, "chat.done", &mut seen).await;
    assert_eq!(done["finishReason"], "complete", "{done}");
    assert!(done["citations"][0]["quote"].as_str().unwrap().contains("max-age"), "{done}");
}

#[tokio::test]
async fn what_was_deleted_or_replaced_is_cited_no_more() {
    let (rest, document) = with_handbook().await;
    let id = document["id"].as_str().unwrap();
    let text = b"# Validators\n\nAn ETag is opaque to whoever receives it.\n";
    rest.uploaded_as(&identity("ann"), "handbook.md", text, json!({"replaces": id})).await;
    assert_eq!(rest.settled("ann", id).await["state"], "ready");
    let mut client = rest.server.connect("ann").await;
    let mut seen = Seen::default();
    client.send(send("q1", "m1", "What is an ETag to its receiver?")).await;
    let (_, done) = to(&mut client, "chat.done", &mut seen).await;
    assert_eq!(done["citations"][0]["name"], "handbook.md", "{done}");
    assert_eq!(rest.ask("ann", "DELETE", &format!("/api/documents/{id}"), None).await.0, 204);
    client.send(json!({"type": "chat.regenerate", "id": "q2", "session": "c1", "messageId": "m1", "attempt": 2})).await;
    assert_eq!(to(&mut client, "chat.done", &mut seen).await.1["finishReason"], "not_found");
}
