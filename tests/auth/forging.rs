//! Tokens that somebody else made. None is believed, and none makes us ask the issuer more often than it should be asked.

use crate::jwks::Mood;
use crate::world::World;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use viva::auth::{AuthError, TokenKeys};

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

fn signed_with(header: &Header, claims: &Value, secret: &[u8]) -> String {
    jsonwebtoken::encode(header, claims, &EncodingKey::from_secret(secret)).unwrap()
}

#[tokio::test]
async fn an_unsigned_token_is_refused_whatever_it_calls_its_algorithm() {
    let world = World::new().await;
    let (id, claims) = (world.issuer.current().id, world.issuer.claims("ann"));
    for algorithm in ["none", "None", "NONE", "nOnE", "", "ES256", "HS256"] {
        let header = json!({"alg": algorithm, "kid": id});
        for signature in ["", "AA"] {
            let token = format!("{}.{}.{signature}", part(&header), part(&claims));
            assert_eq!(world.verify(&token).await, Err(AuthError::Invalid), "{algorithm} {signature}");
        }
    }
}

#[tokio::test]
async fn a_public_key_is_no_secret() {
    for algorithm in [Algorithm::ES256, Algorithm::RS256] {
        let world = World::with(&[("VIVA_TOKEN_SECRET", "a legacy secret, so that HS256 is looked at at all")]).await;
        let pair = world.issuer.rotate(algorithm);
        assert!(world.verify(&world.issuer.token("ann")).await.is_ok());
        let jwk = pair.jwk();
        let modulus = jwk["n"].as_str().or(jwk["x"].as_str()).unwrap();
        let raw = URL_SAFE_NO_PAD.decode(modulus).unwrap();
        let header = Header { kid: Some(pair.id.clone()), ..Header::new(Algorithm::HS256) };
        for secret in [jwk.to_string().as_bytes(), modulus.as_bytes(), &raw] {
            let token = signed_with(&header, &world.issuer.claims("ann"), secret);
            assert_eq!(world.verify(&token).await, Err(AuthError::Invalid), "{algorithm:?}");
        }
    }
}

#[tokio::test]
async fn the_algorithm_belongs_to_the_key_and_not_to_the_token() {
    let world = World::new().await;
    let on_curve = world.issuer.current();
    let rsa = world.issuer.rotate(Algorithm::RS256);
    let stranger = world.issuer.make(Algorithm::ES256);
    for (name, mimicked) in [("a key's name is no key", &on_curve), ("nor with another algorithm", &rsa)] {
        let mut mimic = stranger.clone();
        mimic.id.clone_from(&mimicked.id);
        assert_eq!(world.verify(&mimic.sign(&world.issuer.claims("ann"))).await, Err(AuthError::Invalid), "{name}");
    }
    assert!(world.verify(&on_curve.sign(&world.issuer.claims("ann"))).await.is_ok());
    assert!(world.verify(&rsa.sign(&world.issuer.claims("ann"))).await.is_ok());
}

#[tokio::test]
async fn a_key_that_the_token_brings_along_is_not_looked_at() {
    let world = World::new().await;
    let stranger = world.issuer.make(Algorithm::ES256);
    let own = world.issuer.current();
    let claims = world.issuer.claims("ann");
    for header in [
        Header {
            kid: Some(own.id.clone()),
            jwk: serde_json::from_value(stranger.jwk()).ok(),
            ..Header::new(Algorithm::ES256)
        },
        Header {
            kid: Some(own.id.clone()),
            jku: Some("https://evil.example/jwks.json".into()),
            ..Header::new(Algorithm::ES256)
        },
        Header {
            kid: Some(own.id.clone()),
            x5u: Some("https://evil.example/cert.pem".into()),
            ..Header::new(Algorithm::ES256)
        },
        Header { kid: None, jwk: serde_json::from_value(stranger.jwk()).ok(), ..Header::new(Algorithm::ES256) },
    ] {
        let forged = stranger.sign_under(&header, &claims);
        assert_eq!(world.verify(&forged).await, Err(AuthError::Invalid), "{header:?}");
    }
}

#[tokio::test]
async fn a_token_that_insists_on_what_we_do_not_know_is_refused() {
    let world = World::new().await;
    let pair = world.issuer.current();
    let good = pair.sign(&world.issuer.claims("ann"));
    assert!(world.verify(&good).await.is_ok());
    let header = Header { kid: Some(pair.id.clone()), crit: Some(vec!["b64".into()]), ..Header::new(Algorithm::ES256) };
    let token = pair.sign_under(&header, &world.issuer.claims("ann"));
    assert_eq!(world.verify(&token).await, Err(AuthError::Invalid));
}

#[tokio::test]
async fn a_claim_that_was_changed_breaks_the_signature() {
    let world = World::new().await;
    let token = world.issuer.token("ann");
    let [header, _, signature] = token.split('.').collect::<Vec<_>>()[..] else { panic!("three parts") };
    let forged = format!("{header}.{}.{signature}", part(&world.issuer.claims("bob")));
    assert_eq!(world.verify(&forged).await, Err(AuthError::Invalid));
}

#[tokio::test]
async fn what_no_published_key_can_have_signed_asks_nobody() {
    let world = World::new().await;
    let (claims, stranger) = (world.issuer.claims("ann"), world.issuer.make(Algorithm::ES256));
    let mut endless = stranger.clone();
    endless.id = "k".repeat(257);
    let without_name = format!("{}.{}.AA", part(&json!({"alg": "ES256"})), part(&claims));
    let with_secret =
        signed_with(&Header { kid: Some("k".into()), ..Header::new(Algorithm::HS256) }, &claims, b"secret");
    let other = format!("{}.{}.AA", part(&json!({"alg": "EdDSA", "kid": "k"})), part(&claims));
    let texts = [
        "",
        ".",
        "..",
        "a.b.c",
        "\u{e9}",
        &"x".repeat(9_000),
        &endless.sign(&claims),
        &without_name,
        &with_secret,
        &other,
    ];
    for text in texts {
        assert_eq!(world.verify(text).await, Err(AuthError::Invalid), "{text}");
    }
    assert_eq!(world.issuer.fetches(), 0);
}

#[tokio::test]
async fn keys_of_other_kinds_in_the_set_are_passed_over() {
    let world = World::new().await;
    let pair = world.issuer.current();
    let good = pair.jwk();
    let rsa = world.issuer.make(Algorithm::RS256).jwk();
    let with = |base: &Value, changes: Value| {
        let mut jwk = base.clone();
        jwk["kid"] = json!("odd");
        for (name, value) in changes.as_object().unwrap() {
            jwk[name] = value.clone();
        }
        jwk
    };
    let secret = b"a secret that somebody published";
    let odd = [
        json!({"kty": "oct", "kid": "odd", "alg": "HS256", "use": "sig", "k": URL_SAFE_NO_PAD.encode(secret)}),
        json!({"kty": "oct", "kid": "odd", "alg": "ES256", "k": URL_SAFE_NO_PAD.encode(secret)}),
        with(&good, json!({"use": "enc"})),
        with(&good, json!({"key_ops": ["encrypt"]})),
        with(&good, json!({"crv": "P-384"})),
        with(&good, json!({"alg": "ES384"})),
        with(&good, json!({"x": "AQAB"})),
        with(&good, json!({"x": "not base64!"})),
        with(&rsa, json!({"alg": "RS512"})),
        with(&rsa, json!({"alg": "ES256"})),
        with(&rsa, json!({"n": URL_SAFE_NO_PAD.encode([0xff; 128])})),
        with(&rsa, json!({"n": URL_SAFE_NO_PAD.encode([0xff; 513])})),
        with(&rsa, json!({"e": URL_SAFE_NO_PAD.encode([0xff; 5])})),
        json!({"kty": "EC"}),
        json!("a key"),
        Value::Null,
    ];
    let mut signer = world.issuer.make(Algorithm::ES256);
    signer.id = "odd".into();
    let header = Header { kid: Some("odd".into()), ..Header::new(Algorithm::HS256) };
    let claims = world.issuer.claims("ann");
    let own = world.issuer.token("ann");
    for jwk in odd {
        world.issuer.be(Mood::Saying(json!({ "keys": [jwk, good], "more": 1 }).to_string()));
        let keys = crate::world::keys(&world.issuer, &[]);
        for token in [signer.sign(&claims), signed_with(&header, &claims, secret)] {
            assert_eq!(keys.verify(&token, world.now).await, Err(AuthError::Invalid), "{jwk}");
        }
        assert!(keys.verify(&own, world.now).await.is_ok(), "the good one beside it is used: {jwk}");
    }
}

#[tokio::test]
async fn a_key_off_its_curve_verifies_nothing() {
    let world = World::new().await;
    let mut jwk = world.issuer.current().jwk();
    jwk["y"] = json!(URL_SAFE_NO_PAD.encode([1; 32]));
    world.issuer.be(Mood::Saying(json!({ "keys": [jwk] }).to_string()));
    assert_eq!(world.verify(&world.issuer.token("ann")).await, Err(AuthError::Invalid));
}
