//! How connections end: idle, too old, not reading, expired, and when the server stops.

use crate::rig::{Options, Server, code, identity, now, token_of};
use serde_json::json;
use viva::auth::Identity;
use viva::gateway::SocketLimits;

fn limits(change: impl FnOnce(&mut SocketLimits)) -> Options {
    let mut limits = SocketLimits { go_away_notice_ms: 300, ..SocketLimits::default() };
    change(&mut limits);
    Options { limits, ..Options::default() }
}

#[tokio::test]
async fn an_idle_connection_is_warned_and_closed_with_1001() {
    let server = Server::start_with(limits(|limits| limits.idle_ms_max = 600)).await;
    let mut client = server.connect("ann").await;
    let warned = client.next_of("goAway").await;
    assert_eq!(warned["reason"], "idle");
    assert!(warned["remainingMs"].as_u64().unwrap() <= 300);
    let frame = client.closed().await.unwrap();
    assert_eq!((u16::from(frame.code), frame.reason.as_str()), (1001, "idle for too long"));
}

#[tokio::test]
async fn a_connection_that_is_used_is_not_idle_but_ends_with_its_time() {
    let options = limits(|limits| {
        limits.idle_ms_max = 700;
        limits.life_ms_max = 1_800;
    });
    let server = Server::start_with(options).await;
    let mut client = server.connect("ann").await;
    let opened = now();
    let warned = loop {
        if let Some(warned) = client.settled().await.into_iter().find(|message| message["type"] == "goAway") {
            break warned;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    };
    assert_eq!(warned["reason"], "max_duration");
    assert!(now().since_ms(opened) >= 1_400);
    let frame = client.closed().await.unwrap();
    assert_eq!((u16::from(frame.code), frame.reason.as_str()), (1001, "connected for as long as one may be"));
}

#[tokio::test]
async fn a_connection_whose_token_is_not_renewed_is_closed_with_1008() {
    let server = Server::start_with(limits(|limits| limits.expired_token_grace_ms = 200)).await;
    let short = Identity { expires: now().plus_ms(1_200), ..identity("ann") };
    let mut client = server.connect_with(&token_of(&short)).await;
    assert_eq!(client.next_of("goAway").await["reason"], "token_expired");
    assert_eq!(client.close_code().await, 1008);
}

#[tokio::test]
async fn a_client_that_reads_nothing_is_cut_off() {
    let server = Server::start_with(limits(|limits| limits.slow_reader_ms_max = 300)).await;
    let mut client = server.connect("ann").await;
    let welcome = client.ask(json!({"type": "hello", "client": {"name": "t", "version": "1"}, "features": []})).await;
    let url = server.admin_url(&format!("/@connections/{}", welcome["connection"].as_str().unwrap()));
    let http = reqwest::Client::new();
    let piece = format!("\"{}\"", "x".repeat(120 * 1024));
    let deadline = now().plus_ms(20_000);
    loop {
        let status = http.post(&url).body(piece.clone()).send().await.unwrap().status();
        if status == 410 {
            break;
        }
        assert!(now() < deadline, "it is cut off in time");
    }
}

#[tokio::test]
async fn a_stopping_server_warns_drains_closes_and_takes_nobody() {
    let server = Server::start().await;
    let mut client = server.connect("ann").await;
    client.settled().await;
    let addr = server.addr;
    let stopped = server.asked_to_stop();
    let warned = client.next().await;
    assert_eq!((&warned["type"], &warned["reason"]), (&json!("goAway"), &json!("draining")));
    assert_eq!(client.close_code().await, 1001);
    drop(client);
    stopped.await.unwrap();
    assert!(tokio::net::TcpStream::connect(addr).await.is_err());
    assert_eq!(code(&json!({"type": "error", "code": "going_away"})), "going_away");
}
