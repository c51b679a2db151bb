//! Who may open a connection.

use crate::rig::{Options, SECRET, Server, code, eventually, identity, now, token, token_of};
use serde_json::json;
use tokio_tungstenite::tungstenite::http::StatusCode;
use viva::auth::{Identity, LocalKey};
use viva::ports::clock::UnixMs;

fn browser(token: &str) -> String {
    format!("viva.v1, viva.bearer.{token}")
}

#[tokio::test]
async fn a_browsers_token_comes_as_a_sub_protocol_and_only_the_protocol_is_echoed() {
    let server = Server::start().await;
    let client = server.connect("ann").await;
    assert_eq!(client.protocol.as_deref(), Some("viva.v1"));
}

#[tokio::test]
async fn a_programs_token_comes_in_a_header() {
    let server = Server::start().await;
    let bearer = format!("Bearer {}", token("ann"));
    let mut client =
        server.try_connect(&[("sec-websocket-protocol", "viva.v1"), ("authorization", &bearer)]).await.unwrap();
    let welcome =
        client.ask(json!({"type": "hello", "client": {"name": "test", "version": "1"}, "features": []})).await;
    assert_eq!(welcome["type"], "welcome");
    assert_eq!(welcome["protocol"], "viva.v1");
    assert_eq!(welcome["user"], "ann");
    assert_eq!(welcome["limits"]["messageBytesMax"], 32_000);
    assert!(welcome["expiresUnixMs"].as_u64().unwrap() > now().0);
}

#[tokio::test]
async fn another_sub_protocol_or_none_is_refused() {
    let server = Server::start().await;
    let bearer = format!("Bearer {}", token("ann"));
    for offer in [None, Some("viva.v2"), Some("graphql-ws, mqtt")] {
        let mut headers = vec![("authorization", bearer.as_str())];
        headers.extend(offer.map(|offer| ("sec-websocket-protocol", offer)));
        let refused = server.try_connect(&headers).await.err().unwrap();
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{offer:?}");
        assert!(refused.text.contains("viva.v1"));
    }
}

#[tokio::test]
async fn without_a_good_token_there_is_no_connection() {
    let server = Server::start().await;
    let expired = token_of(&Identity { expires: UnixMs(now().0 - 2_000), ..identity("ann") });
    let forged = LocalKey::new([7; 32]).issue(&identity("ann")).unwrap();
    for offer in ["viva.v1", &browser(&expired), &browser(&forged), &browser("nonsense"), &browser(&"x".repeat(9_000))]
    {
        let refused = server.try_connect(&[("sec-websocket-protocol", offer)]).await.err().unwrap();
        assert_eq!(refused.status, StatusCode::UNAUTHORIZED, "{offer}");
    }
    assert!(server.try_connect(&[("sec-websocket-protocol", &browser(&token("ann")))]).await.is_ok(), "{SECRET}");
}

#[tokio::test]
async fn pages_of_other_origins_are_kept_out_unless_they_are_named() {
    let offer = browser(&token("ann"));
    let server = Server::start().await;
    let own = format!("http://{}", server.addr);
    for (origin, admitted) in [(own.as_str(), true), ("https://evil.example", false), ("null", false)] {
        let done = server.try_connect(&[("sec-websocket-protocol", &offer), ("origin", origin)]).await;
        assert_eq!(done.is_ok(), admitted, "{origin}");
        if let Err(refused) = done {
            assert_eq!(refused.status, StatusCode::FORBIDDEN);
        }
    }
    let server = Server::start_with(Options::default().set("VIVA_ORIGINS", "https://learn.example")).await;
    for (origin, admitted) in [("https://learn.example", true), ("https://evil.example", false)] {
        let done = server.try_connect(&[("sec-websocket-protocol", &offer), ("origin", origin)]).await;
        assert_eq!(done.is_ok(), admitted, "{origin}");
    }
}

#[tokio::test]
async fn a_user_has_a_limit_of_connections_and_gets_room_back_when_one_closes() {
    let server = Server::start_with(Options::default().set("VIVA_CONNECTIONS_PER_USER", 2)).await;
    let first = server.connect("ann").await;
    let _second = server.connect("ann").await;
    let offer = browser(&token("ann"));
    let refused = server.try_connect(&[("sec-websocket-protocol", &offer)]).await.err().unwrap();
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    let _other_user = server.connect("bob").await;
    drop(first);
    eventually("there is room again", async || server.try_connect(&[("sec-websocket-protocol", &offer)]).await.is_ok())
        .await;
}

#[tokio::test]
async fn the_gateway_has_a_limit_of_connections() {
    let server = Server::start_with(Options::default().set("VIVA_CONNECTIONS", 1)).await;
    let _first = server.connect("ann").await;
    let refused = server.try_connect(&[("sec-websocket-protocol", &browser(&token("bob")))]).await.err().unwrap();
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn a_connections_token_is_checked_on_every_message_and_can_be_renewed() {
    let server = Server::start().await;
    let short = Identity { expires: now().plus_ms(1_500), ..identity("ann") };
    let mut client = server.connect_with(&token_of(&short)).await;
    eventually("the token expires", async || {
        let answer = client.ask(json!({"type": "session.list"})).await;
        answer["type"] == "error" && code(&answer) == "token_expired" && answer["retryable"] == true
    })
    .await;
    let other = client.ask(json!({"type": "auth.refresh", "token": token("bob")})).await;
    assert_eq!(code(&other), "forbidden");
    let bad = client.ask(json!({"type": "auth.refresh", "token": "nonsense"})).await;
    assert_eq!(code(&bad), "unauthorized");
    let renewed = client.ask(json!({"type": "auth.refresh", "token": token("ann")})).await;
    assert_eq!(renewed["type"], "result");
    assert!(renewed["expiresUnixMs"].as_u64().unwrap() > now().0);
    assert_eq!(client.ask(json!({"type": "session.list"})).await["type"], "result");
}
