//! Keys against tokens that are good, expired, forged, or of another algorithm.

use super::*;
use crate::auth::claims::CourseRole;
use crate::ports::ids::{TenantId, UserId};
use serde_json::{Value, json};

const SECRET: &[u8] = b"0123456789abcdef0123456789abcdef";
const NOW: UnixMs = UnixMs(1_700_000_000_000);

fn keys() -> VerifyingKeys {
    VerifyingKeys::new(vec![VerifyingKey::hs256(SECRET)])
}

fn signed(claims: &Value) -> String {
    signed_as(&Header::new(Algorithm::HS256), claims, SECRET)
}

fn signed_as(header: &Header, claims: &Value, secret: &[u8]) -> String {
    jsonwebtoken::encode(header, claims, &EncodingKey::from_secret(secret)).unwrap()
}

fn later() -> u64 {
    NOW.0 / 1_000 + 60
}

#[test]
fn a_token_of_the_local_key_gives_back_its_identity() {
    let identity = Identity {
        tenant: TenantId::new("acme"),
        user: UserId::new("ann"),
        role: Some("teacher".into()),
        courses: [("law-1".to_owned(), CourseRole::Teacher)].into(),
        expires: UnixMs(NOW.0 + 60_000),
    };
    let token = LocalKey::new(SECRET).issue(&identity).unwrap();
    assert_eq!(keys().verify_now(&token, NOW), Ok(identity));
}

#[test]
fn a_supabase_token_is_read_without_what_a_user_may_write() {
    let token = signed(&json!({
        "sub": "7c9e6679-7425-40de-944b-e07fc1f90ae7", "exp": later(), "aud": "authenticated", "role": "authenticated",
        "app_metadata": {"provider": "email", "courses": {"c1": "student"}},
        "user_metadata": {"tenant": "evil", "role": "admin", "courses": {"c2": "teacher"}},
    }));
    let identity = keys().verify_now(&token, NOW).unwrap();
    assert_eq!(
        identity,
        Identity {
            tenant: TenantId::new("default"),
            user: UserId::new("7c9e6679-7425-40de-944b-e07fc1f90ae7"),
            role: None,
            courses: [("c1".to_owned(), CourseRole::Student)].into(),
            expires: UnixMs(later() * 1_000),
        }
    );
    assert!(identity.is_member("c1") && !identity.teaches("c1") && !identity.is_member("c2"));
}

#[test]
fn an_expired_token_is_told_from_a_forged_one() {
    let expired = signed(&json!({"sub": "ann", "exp": NOW.0 / 1_000}));
    assert_eq!(keys().verify_now(&expired, NOW), Err(AuthError::Expired));
    let forged = signed_as(&Header::new(Algorithm::HS256), &json!({"sub": "ann", "exp": later()}), &[7; 32]);
    assert_eq!(keys().verify_now(&forged, NOW), Err(AuthError::Invalid));
}

#[test]
fn a_token_that_is_not_valid_yet_is_refused() {
    let token = signed(&json!({"sub": "ann", "exp": later(), "nbf": later()}));
    assert_eq!(keys().verify_now(&token, NOW), Err(AuthError::NotYet));
}

#[test]
fn the_token_never_chooses_the_algorithm() {
    let claims = json!({"sub": "ann", "exp": later()});
    let other = signed_as(&Header::new(Algorithm::HS512), &claims, SECRET);
    assert_eq!(keys().verify_now(&other, NOW), Err(AuthError::Invalid));
    let body = signed(&claims).split('.').nth(1).unwrap().to_owned();
    // {"alg":"none","typ":"JWT"}
    let unsigned = format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{body}.");
    assert_eq!(keys().verify_now(&unsigned, NOW), Err(AuthError::Invalid));
}

#[test]
fn claims_of_the_wrong_shape_are_named() {
    let courses: serde_json::Map<String, Value> = (0..101).map(|n| (format!("c{n}"), json!("student"))).collect();
    for (claims, claim) in [
        (json!({"sub": "a#b", "exp": later()}), "sub"),
        (json!({"sub": "", "exp": later()}), "sub"),
        (json!({"sub": "ann", "exp": later(), "app_metadata": {"tenant": "a/b"}}), "app_metadata.tenant"),
        (json!({"sub": "ann", "exp": later(), "app_metadata": {"courses": courses}}), "app_metadata.courses"),
        (json!({"sub": "ann"}), "sub, exp or app_metadata"),
        (
            json!({"sub": "ann", "exp": later(), "app_metadata": {"courses": {"c1": "owner"}}}),
            "sub, exp or app_metadata",
        ),
    ] {
        assert_eq!(keys().verify_now(&signed(&claims), NOW), Err(AuthError::Claim(claim)), "{claims}");
    }
}

#[test]
fn what_is_no_token_at_all_is_refused() {
    for text in ["", ".", "..", "a.b.c", "é", &"x".repeat(9_000)] {
        assert_eq!(keys().verify_now(text, NOW), Err(AuthError::Invalid), "{text}");
    }
}
