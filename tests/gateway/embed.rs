//! The example of a platform around viva works as it stands: its tokens, its origin, the client that it serves.

use crate::rig::{Options, SECRET, Seen, Server, start};
use serde_json::{Value, json};
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

async fn platform(web_socket_url: &str) -> (Child, String) {
    let mut child = Command::new("node")
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/embed/server.mjs"))
        .env("VIVA_TOKEN_SECRET", SECRET)
        .env("VIVA_WEB_SOCKET_URL", web_socket_url)
        .env("PORT", "0")
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("Node.js is there: `make setup` installs it");
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).await.unwrap();
    (child, line.trim().trim_end_matches('/').to_owned())
}

#[tokio::test]
async fn a_platforms_own_token_opens_an_interview_in_its_course() {
    let server = Server::whole(Options::default().set("VIVA_RECOGNIZER", "none")).await;
    let (_child, address) = platform(&format!("ws://{}/ws", server.addr)).await;
    let refused = reqwest::get(format!("{address}/viva")).await.unwrap();
    assert_eq!(refused.status(), 401);
    let given: Value = reqwest::get(format!("{address}/viva?user=ann")).await.unwrap().json().await.unwrap();
    assert_eq!(given["webSocketUrl"], format!("ws://{}/ws", server.addr));
    let mut client = server.connect_with(given["token"].as_str().unwrap()).await;
    let mut message = start("s1");
    message["params"].as_object_mut().unwrap().remove("audio");
    message["params"]["course"] = json!("law-1");
    client.send(message).await;
    assert_eq!(client.events_to("question.done", &mut Seen::default()).await["turn"], 1);
}

#[tokio::test]
async fn the_platform_serves_its_page_and_the_client_with_all_it_imports() {
    viva::gateway::install_provider();
    let (_child, address) = platform("ws://127.0.0.1:1/ws").await;
    let page = reqwest::get(&address).await.unwrap().text().await.unwrap();
    assert!(page.contains("/viva-client.js"));
    let client = reqwest::get(format!("{address}/viva-client.js")).await.unwrap();
    assert_eq!(client.status(), 200);
    let client = client.text().await.unwrap();
    for chunk in client.split('"').filter(|part| part.starts_with("./chunks/")) {
        let found = reqwest::get(format!("{address}/{}", chunk.trim_start_matches("./"))).await.unwrap();
        assert_eq!(found.status(), 200, "{chunk}");
    }
    assert_eq!(reqwest::get(format!("{address}/../server.mjs")).await.unwrap().status(), 404);
}
