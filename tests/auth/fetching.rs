//! When the issuer is asked for its keys: seldom, by one for all, and not at all while it is of no use.

use crate::jwks::{Issuer, Mood};
use crate::world::World;
use futures::future::join_all;
use jsonwebtoken::Algorithm;
use serde_json::json;
use std::time::Duration;
use viva::auth::AuthError;
use viva::config::limits::{
    JWKS_BYTES_MAX, JWKS_FRESH_MS_MAX, JWKS_KEYS_MAX, JWKS_REST_MS, JWKS_REST_MS_MAX, JWKS_STALE_MS_MAX,
};

/// A token of a key that nobody knows, each by another name.
fn of_unknown_key(world: &World, number: usize) -> String {
    let mut stranger = world.issuer.make(Algorithm::ES256);
    stranger.id = format!("unknown-{number}");
    stranger.sign(&world.issuer.claims("ann"))
}

/// A token that outlives what the tests let pass.
fn lasting(world: &World) -> String {
    world.token_with(json!({}))
}

#[tokio::test]
async fn keys_are_fetched_once_and_again_when_they_are_old() {
    let mut world = World::new().await;
    let token = lasting(&world);
    for _ in 0..10 {
        assert!(world.verify(&token).await.is_ok());
    }
    assert_eq!(world.issuer.fetches(), 1);
    world.pass_ms(JWKS_FRESH_MS_MAX - 1);
    assert!(world.verify(&token).await.is_ok());
    assert_eq!(world.issuer.fetches(), 1);
    world.pass_ms(1);
    assert!(world.verify(&token).await.is_ok());
    assert_eq!(world.issuer.fetches(), 2);
}

#[tokio::test]
async fn a_rotated_key_is_found_at_once_and_the_old_one_stays_good_while_it_is_published() {
    let mut world = World::new().await;
    let (old, before) = (world.issuer.current(), lasting(&world));
    assert!(world.verify(&before).await.is_ok());
    world.pass_ms(JWKS_REST_MS);
    world.issuer.rotate(Algorithm::RS256);
    let after = lasting(&world);
    assert!(world.verify(&after).await.is_ok());
    assert!(world.verify(&before).await.is_ok());
    assert_eq!(world.issuer.fetches(), 2);
    world.issuer.revoke(&old.id);
    world.pass_ms(JWKS_FRESH_MS_MAX);
    assert_eq!(world.verify(&before).await, Err(AuthError::Invalid), "it was taken back");
    assert!(world.verify(&after).await.is_ok());
}

#[tokio::test]
async fn a_hundred_who_come_at_once_ask_once() {
    let world = World::new().await;
    let token = lasting(&world);
    let verified = join_all((0..100).map(|_| world.verify(&token))).await;
    assert!(verified.iter().all(Result::is_ok), "{verified:?}");
    assert_eq!(world.issuer.fetches(), 1);
}

#[tokio::test]
async fn a_flood_of_unknown_keys_is_none_for_the_issuer() {
    let mut world = World::new().await;
    let good = lasting(&world);
    assert!(world.verify(&good).await.is_ok());
    world.pass_ms(JWKS_REST_MS);
    let forged: Vec<String> = (0..50).map(|number| of_unknown_key(&world, number)).collect();
    let refused = join_all(forged.iter().map(|token| world.verify(token))).await;
    assert!(refused.iter().all(|verified| *verified == Err(AuthError::Invalid)), "{refused:?}");
    assert_eq!(world.issuer.fetches(), 2, "one for the first, and a rest for the others");
    // For as long as they go on, the rests grow: ten minutes of it cost a handful of requests, and nobody else waits.
    for second in 0..600 {
        world.pass_ms(1_000);
        assert_eq!(world.verify(&forged[second % forged.len()]).await, Err(AuthError::Invalid));
        assert!(world.verify(&good).await.is_ok());
    }
    assert!(world.issuer.fetches() <= 20, "{}", world.issuer.fetches());
    world.issuer.rotate(Algorithm::ES256);
    let rotated = lasting(&world);
    world.pass_ms(JWKS_REST_MS_MAX);
    assert!(world.verify(&rotated).await.is_ok(), "a real rotation is found after the longest rest at the latest");
}

#[tokio::test]
async fn while_the_issuer_fails_old_keys_serve_for_a_bounded_time() {
    let mut world = World::new().await;
    let token = lasting(&world);
    assert!(world.verify(&token).await.is_ok());
    let fetched = world.now;
    world.issuer.be(Mood::Failing(503));
    world.pass_ms(JWKS_FRESH_MS_MAX);
    for _ in 0..50 {
        assert!(world.verify(&token).await.is_ok());
    }
    assert_eq!(world.issuer.fetches(), 2, "one attempt, then a rest");
    assert_eq!(
        world.verify(&of_unknown_key(&world, 1)).await,
        Err(AuthError::Unavailable),
        "whether the key exists cannot be told"
    );
    world.now = fetched.plus_ms(JWKS_STALE_MS_MAX - 1);
    assert!(world.verify(&token).await.is_ok());
    world.pass_ms(1);
    assert_eq!(world.verify(&token).await, Err(AuthError::Unavailable));
    world.issuer.be(Mood::Well);
    world.pass_ms(JWKS_REST_MS_MAX);
    assert!(world.verify(&token).await.is_ok());
    assert_eq!(world.verify(&of_unknown_key(&world, 2)).await, Err(AuthError::Invalid));
}

#[tokio::test]
async fn without_any_keys_yet_a_failing_issuer_is_asked_ever_more_seldom() {
    let mut world = World::new().await;
    let token = lasting(&world);
    world.issuer.be(Mood::Failing(500));
    for second in 0..300 {
        assert_eq!(world.verify(&token).await, Err(AuthError::Unavailable), "{second}");
        world.pass_ms(1_000);
    }
    // After 0, 1, 3, 7, 15, 31, 63 seconds, then every minute.
    assert_eq!(world.issuer.fetches(), 10);
    world.issuer.be(Mood::Well);
    world.pass_ms(JWKS_REST_MS_MAX);
    assert!(world.verify(&token).await.is_ok());
}

#[tokio::test]
async fn what_is_no_set_of_keys_counts_as_a_failure() {
    let world = World::new().await;
    let many = json!({ "keys": vec![world.issuer.current().jwk(); JWKS_KEYS_MAX + 1] }).to_string();
    let large = json!({ "keys": [], "more": "x".repeat(JWKS_BYTES_MAX) }).to_string();
    let elsewhere = Issuer::start().await;
    for mood in [
        Mood::Saying(String::new()),
        Mood::Saying("{".into()),
        Mood::Saying("[]".into()),
        Mood::Saying("{\"keys\": {}}".into()),
        Mood::Saying("<html>".into()),
        Mood::Saying(many),
        Mood::Saying(large),
        Mood::Flooding,
        Mood::Redirecting(elsewhere.jwks_url()),
        Mood::Failing(404),
        Mood::Failing(204),
    ] {
        let keys = crate::world::keys(&world.issuer, &[]);
        world.issuer.be(mood.clone());
        let verified = viva::auth::TokenKeys::verify(&*keys, &lasting(&world), world.now).await;
        assert_eq!(verified, Err(AuthError::Unavailable), "{mood:?}");
    }
    assert_eq!(elsewhere.fetches(), 0, "keys come from where the configuration says");
}

#[tokio::test]
async fn an_issuer_that_stalls_holds_nobody_up_who_has_a_known_key() {
    let mut world = World::new().await;
    let token = lasting(&world);
    assert!(world.verify(&token).await.is_ok());
    world.issuer.be(Mood::Stalling);
    world.pass_ms(JWKS_FRESH_MS_MAX);
    let asked = async {
        while world.issuer.fetches() < 2 {
            tokio::task::yield_now().await;
        }
        // Somebody waits for the issuer now; those who come after do not.
        let others = join_all((0..100).map(|_| world.verify(&token))).await;
        assert!(others.iter().all(Result::is_ok));
    };
    let patience = Duration::from_secs(10);
    let (first, ()) = tokio::join!(tokio::time::timeout(patience, world.verify(&token)), asked);
    assert!(first.expect("the wait is bounded").is_ok(), "then the old key serves whoever waited, too");
    assert_eq!(world.issuer.fetches(), 2);
}

#[tokio::test]
async fn callers_who_leave_do_not_make_us_ask_more_often() {
    let mut world = World::new().await;
    let token = lasting(&world);
    world.issuer.be(Mood::Stalling);
    for round in 1..=20 {
        let fetches = world.issuer.fetches();
        tokio::select! {
            verified = world.verify(&token) => assert_eq!(verified, Err(AuthError::Unavailable), "{round}"),
            () = async { while world.issuer.fetches() == fetches { tokio::task::yield_now().await; } } => {}
        }
    }
    assert_eq!(world.issuer.fetches(), 1, "an attempt that was given up is one that failed");
    world.issuer.be(Mood::Well);
    world.pass_ms(JWKS_REST_MS_MAX);
    assert!(world.verify(&token).await.is_ok());
}
