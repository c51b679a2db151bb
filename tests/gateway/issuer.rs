//! The gateway where an issuer with published keys signs the tokens: who gets in, who stays in, and who does not.

use crate::jwks::{ANON_KEY, Issuer, Mood};
use crate::rig::{Client, Options, Refused, Server, audio, code, eventually, now, start};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::http::StatusCode;

async fn serve(issuer: &Issuer) -> Server {
    Server::whole(options(issuer)).await
}

fn options(issuer: &Issuer) -> Options {
    Options::default()
        .set("VIVA_ISSUER", issuer.issuer())
        .set("VIVA_SUPABASE_URL", issuer.origin())
        .set("VIVA_SUPABASE_ANON_KEY", ANON_KEY)
        .set("VIVA_RECOGNIZER", "scripted")
        .set("VIVA_MODEL", "scripted")
}

async fn attempt(server: &Server, token: &str) -> Result<Client, Refused> {
    server.try_connect(&[("sec-websocket-protocol", &format!("viva.v1, viva.bearer.{token}"))]).await
}

/// The issuer's claims with some of them changed.
fn claims(issuer: &Issuer, user: &str, changes: Value) -> Value {
    let mut claims = issuer.claims(user);
    for (name, value) in changes.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims
}

#[tokio::test]
async fn those_who_sign_in_there_come_in_here_through_a_rotation_of_keys() {
    let issuer = Issuer::start().await;
    let server = serve(&issuer).await;
    let before = issuer.token("ann");
    let mut client = server.connect_with(&before).await;
    let welcome = client.ask(json!({"type": "hello", "client": {"name": "t", "version": "1"}, "features": []})).await;
    assert_eq!(welcome["user"], "ann");
    assert_eq!(issuer.fetches(), 1);
    issuer.rotate(Algorithm::RS256);
    let after = issuer.token("ann");
    eventually("the new key is found", async || attempt(&server, &after).await.is_ok()).await;
    assert!(attempt(&server, &before).await.is_ok(), "the old key is still published");
}

#[tokio::test]
async fn who_brings_a_token_of_somebody_elses_making_stays_out() {
    let issuer = Issuer::start().await;
    let server = serve(&issuer).await;
    assert!(attempt(&server, &issuer.token("ann")).await.is_ok());
    let good = issuer.claims("ann");
    let mut mimic = issuer.make(Algorithm::ES256);
    mimic.id = issuer.current().id;
    let secret = EncodingKey::from_secret(issuer.current().jwk()["x"].as_str().unwrap().as_bytes());
    let header = Header { kid: Some(issuer.current().id), ..Header::new(Algorithm::HS256) };
    let with_public_key = jsonwebtoken::encode(&header, &good, &secret).unwrap();
    let body = issuer.token("ann").split('.').nth(1).unwrap().to_owned();
    let signed = |changes: Value| issuer.current().sign(&claims(&issuer, "ann", changes));
    for (what, token) in [
        ("unsigned", format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{body}.")),
        ("signed by another under the key's name", mimic.sign(&good)),
        ("signed by a key that nobody published", issuer.make(Algorithm::ES256).sign(&good)),
        ("signed with the public key as a secret", with_public_key),
        ("signed with our own old secret", crate::rig::token("ann")),
        ("another issuer's", signed(json!({"iss": "https://evil.example/auth/v1"}))),
        ("for another audience", signed(json!({"aud": "other"}))),
        ("expired", signed(json!({"exp": now().0 / 1_000 - 1}))),
        ("a guest's", signed(json!({"is_anonymous": true}))),
        ("of a tenant that is no name", signed(json!({"app_metadata": {"tenant": "a#b"}}))),
    ] {
        let refused = attempt(&server, &token).await.err().unwrap();
        assert_eq!(refused.status, StatusCode::UNAUTHORIZED, "{what}");
    }
}

#[tokio::test]
async fn every_message_needs_a_token_that_is_not_over_audio_too() {
    let issuer = Issuer::start().await;
    let server = serve(&issuer).await;
    let soon = now().0 / 1_000 + 3;
    let short = issuer.current().sign(&claims(&issuer, "ann", json!({"exp": soon})));
    let mut client = server.connect_with(&short).await;
    client.send(start("s1")).await;
    client.next_of("interview.started").await;
    eventually("the token is over", async || now().0 > soon * 1_000).await;
    client.send(audio("s1", 2, 0, 100)).await;
    let refused = client.next_of("error").await;
    assert_eq!(
        (code(&refused), &refused["re"]["seq"], &refused["retryable"]),
        ("token_expired", &json!(2), &json!(true))
    );

    let renew = |token: String| json!({"type": "auth.refresh", "token": token});
    let other_tenant = claims(&issuer, "ann", json!({"app_metadata": {"tenant": "acme"}}));
    for (what, token, expected) in [
        ("another user's", issuer.token("bob"), "forbidden"),
        ("another tenant's", issuer.current().sign(&other_tenant), "forbidden"),
        ("a forged one", issuer.make(Algorithm::ES256).sign(&issuer.claims("ann")), "unauthorized"),
        ("the one that is over", short.clone(), "unauthorized"),
    ] {
        assert_eq!(code(&client.ask(renew(token)).await), expected, "{what}");
    }
    issuer.rotate(Algorithm::RS256);
    let fresh = issuer.token("ann");
    eventually("a token of the new key is taken", async || client.ask(renew(fresh.clone())).await["type"] == "result")
        .await;
    client.send(audio("s1", 2, 0, 100)).await;
    eventually("the audio is stored", async || client.next_of("session.status").await["inboxThroughSeq"] == 2).await;
}

#[tokio::test]
async fn a_tenant_is_a_world_of_its_own() {
    let issuer = Issuer::start().await;
    let server = serve(&issuer).await;
    let mut ann = server.connect_with(&issuer.token("ann")).await;
    ann.send(start("s1")).await;
    ann.next_of("interview.started").await;
    let acme = issuer.current().sign(&claims(&issuer, "ann", json!({"app_metadata": {"tenant": "acme"}})));
    let mut foreign = server.connect_with(&acme).await;
    for message in [
        json!({"type": "session.get", "session": "s1"}),
        json!({"type": "session.resume", "session": "s1", "lastSeq": 0}),
        json!({"type": "session.delete", "session": "s1"}),
    ] {
        assert_eq!(code(&foreign.ask(message.clone()).await), "session_unknown", "{message}");
    }
    assert_eq!(foreign.ask(json!({"type": "session.list"})).await["sessions"], json!([]));
}

#[tokio::test]
async fn while_the_issuer_cannot_be_asked_nobody_is_told_that_the_token_is_bad() {
    let issuer = Issuer::start().await;
    let server = serve(&issuer).await;
    issuer.be(Mood::Failing(503));
    let token = issuer.token("ann");
    let refused = attempt(&server, &token).await.err().unwrap();
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE, "{}", refused.text);
    issuer.be(Mood::Well);
    eventually("it is asked again", async || attempt(&server, &token).await.is_ok()).await;
}

#[tokio::test]
async fn beside_an_issuer_nobody_here_gives_tokens_and_the_page_learns_where_to_sign_in() {
    let issuer = Issuer::start().await;
    let server = serve(&issuer).await;
    let http = reqwest::Client::new();
    let asked = http.post(server.url("/dev/token")).json(&json!({"user": "ann"})).send().await.unwrap();
    assert_eq!(asked.status(), 404);
    let config: Value = reqwest::get(server.url("/config.json")).await.unwrap().json().await.unwrap();
    assert_eq!(
        (&config["devTokens"], &config["supabaseUrl"], &config["supabaseAnonKey"], &config["guests"]),
        (&json!(false), &json!(issuer.origin()), &json!(ANON_KEY), &json!(false))
    );
    let page = reqwest::get(server.url("/")).await.unwrap();
    let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.contains(&format!("connect-src 'self' ws: wss: {};", issuer.origin())), "{policy}");
}

#[tokio::test]
async fn guests_come_in_where_they_are_welcome_and_the_page_learns_of_it() {
    let issuer = Issuer::start().await;
    let server = Server::whole(options(&issuer).set("VIVA_ANONYMOUS", "on")).await;
    let guest = issuer.current().sign(&claims(&issuer, "guest-1", json!({"is_anonymous": true})));
    assert!(attempt(&server, &guest).await.is_ok());
    let config: Value = reqwest::get(server.url("/config.json")).await.unwrap().json().await.unwrap();
    assert_eq!(config["guests"], json!(true));
}
