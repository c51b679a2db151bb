//! What the public address serves beside the WebSocket.

use crate::rig::{Options, Server};
use serde_json::{Value, json};
use std::time::Duration;
use viva::ports::objects::{ObjectKey, Objects};

async fn issue(server: &Server, headers: &[(&str, &str)], body: Value) -> reqwest::Response {
    let mut request = reqwest::Client::new().post(server.url("/dev/token")).body(body.to_string());
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.send().await.unwrap()
}

#[tokio::test]
async fn a_dev_token_opens_a_connection_as_whom_it_was_asked_for() {
    let server = Server::start().await;
    let body = json!({"user": "ann", "role": "teacher", "tenant": "acme", "courses": {"law-1": "teacher"}});
    let issued = issue(&server, &[], body).await;
    assert_eq!(issued.status(), 200);
    let issued: Value = issued.json().await.unwrap();
    assert!(issued["expiresUnixMs"].as_u64().unwrap() > crate::rig::now().0);
    let mut client = server.connect_with(issued["token"].as_str().unwrap()).await;
    let welcome = client.ask(json!({"type": "hello", "client": {"name": "t", "version": "1"}, "features": []})).await;
    assert_eq!(welcome["user"], "ann");
}

#[tokio::test]
async fn dev_tokens_are_for_direct_requests_on_this_machine() {
    let server = Server::start().await;
    let own = format!("http://{}", server.addr);
    let body = json!({"user": "ann"});
    for (headers, expected) in [
        (vec![("origin", own.as_str())], 200),
        (vec![("origin", "http://evil.example")], 403),
        (vec![("host", "evil.example")], 403),
        (vec![("host", "localhost:8080")], 200),
        (vec![("x-forwarded-for", "203.0.113.9")], 403),
        (vec![("forwarded", "for=203.0.113.9")], 403),
        (vec![("x-real-ip", "203.0.113.9")], 403),
    ] {
        assert_eq!(issue(&server, &headers, body.clone()).await.status(), expected, "{headers:?}");
    }
    for wrong in [json!({}), json!({"user": "a b"}), json!({"user": "ann", "courses": {"c": "owner"}}), json!([])] {
        assert_eq!(issue(&server, &[], wrong.clone()).await.status(), 400, "{wrong}");
    }
    assert_eq!(issue(&server, &[], json!({"user": "x".repeat(20_000)})).await.status(), 413);
}

#[tokio::test]
async fn beside_a_platforms_key_there_are_no_dev_tokens() {
    let secret = "0123456789abcdef0123456789abcdef";
    for options in
        [Options::default().set("VIVA_TOKEN_SECRET", secret), Options::default().set("VIVA_DEV_TOKENS", "off")]
    {
        let server = Server::start_with(options).await;
        assert_eq!(issue(&server, &[], json!({"user": "ann"})).await.status(), 404);
        let config: Value = reqwest::get(server.url("/config.json")).await.unwrap().json().await.unwrap();
        assert_eq!(config["devTokens"], false);
    }
}

#[tokio::test]
async fn the_page_learns_who_listens_and_who_asks() {
    let server = Server::start().await;
    let config: Value = reqwest::get(server.url("/config.json")).await.unwrap().json().await.unwrap();
    assert_eq!(
        config,
        json!({
            "devTokens": true, "model": {"name": "builtin", "kind": "builtin"},
            "recognizer": {"name": "script", "kind": "scripted", "languages": ["en", "de-AT"]},
        })
    );
    let server = Server::start_with(Options { recognizer: None, ..Options::default() }).await;
    let config: Value = reqwest::get(server.url("/config.json")).await.unwrap().json().await.unwrap();
    assert!(config.get("recognizer").is_none());
}

#[tokio::test]
async fn the_page_comes_with_its_guards_and_is_not_sent_twice() {
    let server = Server::start().await;
    let page = reqwest::get(server.url("/")).await.unwrap();
    assert_eq!(page.status(), 200);
    let header = |name: &str| page.headers()[name].to_str().unwrap().to_owned();
    assert!(header("content-type").starts_with("text/html"));
    assert!(header("content-security-policy").contains("default-src 'self'; connect-src 'self' ws: wss:"));
    assert!(header("permissions-policy").contains("microphone=(self)"));
    assert_eq!(header("x-content-type-options"), "nosniff");
    let etag = header("etag");
    assert!(page.text().await.unwrap().contains("<div id=\"root\">"));
    let http = reqwest::Client::new();
    let again = http.get(server.url("/")).header("if-none-match", &etag).send().await.unwrap();
    assert_eq!(again.status(), 304);
    let script = reqwest::get(server.url("/app.js")).await.unwrap();
    assert!(script.headers()["content-type"].to_str().unwrap().starts_with("text/javascript"));
    for missing in ["/nope.js", "/../Cargo.toml", "/%2e%2e/Cargo.toml", "/api/nothing"] {
        assert_eq!(reqwest::get(server.url(missing)).await.unwrap().status(), 404, "{missing}");
    }
    // A place within the page.
    assert_eq!(reqwest::get(server.url("/sessions/s1")).await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_recording_is_read_by_its_signed_address_whole_or_in_part() {
    let server = Server::start().await;
    let key = ObjectKey("recordings/default/ann/s1.ogg".into());
    let content: Vec<u8> = (0..700_000u32).map(|n| (n % 251) as u8).collect();
    server.objects.put(&key, "audio/ogg", content.clone().into()).await.unwrap();
    let path = server.objects.signed_url(&key, Duration::from_secs(60)).await.unwrap();
    let http = reqwest::Client::new();
    let whole = http.get(server.url(&path)).send().await.unwrap();
    assert_eq!(whole.status(), 200);
    assert_eq!(whole.headers()["content-type"], "audio/ogg");
    assert_eq!(whole.headers()["accept-ranges"], "bytes");
    assert_eq!(whole.bytes().await.unwrap(), content);
    let part = http.get(server.url(&path)).header("range", "bytes=100-199").send().await.unwrap();
    assert_eq!(part.status(), 206);
    assert_eq!(part.headers()["content-range"], "bytes 100-199/700000");
    assert_eq!(part.bytes().await.unwrap(), content[100..200]);
    let beyond = http.get(server.url(&path)).header("range", "bytes=700000-").send().await.unwrap();
    assert_eq!(beyond.status(), 416);
    let head = http.head(server.url(&path)).send().await.unwrap();
    assert_eq!(head.headers()["content-length"], "700000");
    let mut forged = path.clone().into_bytes();
    let last = forged.len() - 1;
    forged[last] = if forged[last] == b'A' { b'B' } else { b'A' };
    let forged = String::from_utf8(forged).unwrap();
    assert_eq!(http.get(server.url(&forged)).send().await.unwrap().status(), 403);
    let over = server.objects.signed_url(&key, Duration::ZERO).await.unwrap();
    assert_eq!(http.get(server.url(&over)).send().await.unwrap().status(), 403);
    server.objects.delete(&key).await.unwrap();
    assert_eq!(http.get(server.url(&path)).send().await.unwrap().status(), 404);
}

#[tokio::test]
async fn whoever_holds_a_token_can_see_what_it_says() {
    let server = Server::start().await;
    let identity = crate::rig::identity("ann");
    let ask = |token: Option<String>| {
        let request = reqwest::Client::new().get(server.url("/api/me"));
        match token {
            Some(token) => request.bearer_auth(token).send(),
            None => request.send(),
        }
    };
    let answer = ask(Some(crate::rig::token_of(&identity))).await.unwrap();
    assert_eq!(answer.status(), 200);
    let me: Value = answer.json().await.unwrap();
    let expected = json!({
        "tenant": identity.tenant.as_str(), "user": "ann", "courses": identity.courses,
        "expiresUnixMs": identity.expires.0.div_ceil(1_000) * 1_000,
    });
    assert_eq!(me, expected);
    assert_eq!(ask(None).await.unwrap().status(), 401);
    assert_eq!(ask(Some("nonsense".to_owned())).await.unwrap().status(), 401);
}
