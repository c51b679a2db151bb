//! Whose tokens are believed, and what is read in them.

use crate::world::World;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use viva::auth::{AuthError, CourseRole, Identity};
use viva::ports::clock::UnixMs;
use viva::ports::ids::{TenantId, UserId};

const SECRET: &str = "the secret of a project from before it had key pairs";

fn with_secret(claims: &Value) -> String {
    jsonwebtoken::encode(&Header::new(Algorithm::HS256), claims, &EncodingKey::from_secret(SECRET.as_bytes())).unwrap()
}

#[tokio::test]
async fn tokens_signed_on_p_256_and_with_rsa_are_believed() {
    for algorithm in [Algorithm::ES256, Algorithm::RS256] {
        let world = World::new().await;
        world.issuer.rotate(algorithm);
        let identity = world.verify(&world.issuer.token("ann")).await.unwrap();
        assert_eq!(identity.user, UserId::new("ann"), "{algorithm:?}");
    }
}

#[tokio::test]
async fn tenant_courses_and_role_come_from_what_the_platform_wrote_alone() {
    let world = World::new().await;
    let exp = world.now.0 / 1_000 + 60;
    let token = world.token_with(json!({
        "sub": "7c9e6679-7425-40de-944b-e07fc1f90ae7", "exp": exp, "role": "service_role",
        "app_metadata": {"provider": "email", "providers": ["email"], "tenant": "acme", "role": "lecturer", "courses": {"law-1": "teacher"}},
        "user_metadata": {"tenant": "evil", "role": "admin", "courses": {"law-2": "teacher"}},
    }));
    let expected = Identity {
        tenant: TenantId::new("acme"),
        user: UserId::new("7c9e6679-7425-40de-944b-e07fc1f90ae7"),
        role: Some("lecturer".into()),
        courses: [("law-1".to_owned(), CourseRole::Teacher)].into(),
        expires: UnixMs(exp * 1_000),
    };
    assert_eq!(world.verify(&token).await, Ok(expected));
    let hooked = world.token_with(json!({"user_role": "examiner", "app_metadata": {"role": "lecturer"}}));
    let identity = world.verify(&hooked).await.unwrap();
    assert_eq!((identity.role.as_deref(), identity.tenant.as_str()), (Some("examiner"), "default"));
    let plain = world.verify(&world.token_with(json!({"role": "service_role"}))).await.unwrap();
    assert_eq!(plain.role, None);
}

#[tokio::test]
async fn an_audience_may_be_one_of_several() {
    let world = World::new().await;
    for (audience, good) in [
        (json!("authenticated"), true),
        (json!(["other", "authenticated"]), true),
        (json!(["other"]), false),
        (json!("other"), false),
        (json!([]), false),
        (json!("authenticated,other"), false),
        (Value::Null, false),
    ] {
        let verified = world.verify(&world.token_with(json!({"aud": audience}))).await;
        let expected = if good { Ok(UserId::new("ann")) } else { Err(AuthError::Claim("aud")) };
        assert_eq!(verified.map(|identity| identity.user), expected, "{audience}");
    }
    let other = World::with(&[("VIVA_AUDIENCE", "viva")]).await;
    assert!(other.verify(&other.token_with(json!({"aud": ["viva"]}))).await.is_ok());
    assert_eq!(other.verify(&other.issuer.token("ann")).await, Err(AuthError::Claim("aud")));
}

#[tokio::test]
async fn another_issuers_token_is_refused_even_with_the_same_key() {
    let world = World::new().await;
    for iss in [json!("https://evil.example/auth/v1"), json!(format!("{}/", world.issuer.issuer())), Value::Null] {
        let verified = world.verify(&world.token_with(json!({"iss": iss}))).await;
        assert_eq!(verified, Err(AuthError::Claim("iss")), "{iss}");
    }
}

#[tokio::test]
async fn a_token_ends_to_the_millisecond_and_may_begin_a_little_ahead() {
    let mut world = World::new().await;
    let seconds = world.now.0 / 1_000;
    let token = world.token_with(json!({"exp": seconds + 60, "iat": seconds + 20, "nbf": seconds + 20}));
    assert!(world.verify(&token).await.is_ok());
    world.now = UnixMs((seconds + 60) * 1_000 - 1);
    assert!(world.verify(&token).await.is_ok());
    world.pass_ms(1);
    assert_eq!(world.verify(&token).await, Err(AuthError::Expired));
    world.now = UnixMs(seconds * 1_000);
    for claim in ["iat", "nbf"] {
        let early = world.token_with(json!({claim: seconds + 31}));
        assert_eq!(world.verify(&early).await, Err(AuthError::NotYet), "{claim}");
    }
    assert_eq!(
        world.verify(&world.token_with(json!({"exp": null}))).await,
        Err(AuthError::Claim("sub, exp or app_metadata"))
    );
}

#[tokio::test]
async fn guests_are_admitted_only_where_they_are_wanted() {
    let guest = json!({"is_anonymous": true});
    let world = World::new().await;
    assert_eq!(world.verify(&world.token_with(guest.clone())).await, Err(AuthError::Anonymous));
    assert!(world.verify(&world.token_with(json!({"is_anonymous": false}))).await.is_ok());
    let open = World::with(&[("VIVA_ANONYMOUS", "on")]).await;
    assert_eq!(open.verify(&open.token_with(guest)).await.unwrap().user, UserId::new("ann"));
}

#[tokio::test]
async fn the_legacy_secret_is_believed_where_it_is_configured_and_asks_nobody() {
    let world = World::with(&[("VIVA_TOKEN_SECRET", SECRET)]).await;
    let token = with_secret(&world.issuer.claims("ann"));
    assert_eq!(world.verify(&token).await.unwrap().user, UserId::new("ann"));
    assert_eq!(world.issuer.fetches(), 0);
    assert!(world.verify(&world.issuer.token("ann")).await.is_ok(), "keys are believed beside it");
    let elsewhere = with_secret(&world.claims_with(json!({"iss": "https://evil.example/auth/v1"})));
    assert_eq!(world.verify(&elsewhere).await, Err(AuthError::Claim("iss")));
    // The project's public key is a token of that kind: everybody has it.
    let seconds = world.now.0 / 1_000;
    let anon =
        with_secret(&json!({"iss": "supabase", "ref": "abc", "role": "anon", "iat": seconds, "exp": seconds + 60}));
    assert!(world.verify(&anon).await.is_err());

    let without = World::new().await;
    assert_eq!(without.verify(&with_secret(&without.issuer.claims("ann"))).await, Err(AuthError::Invalid));
    assert_eq!(without.issuer.fetches(), 0);
}
