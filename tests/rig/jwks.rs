//! An issuer of tokens that stands in for Supabase: it signs with keys that rotate, publishes them, and lets people sign in.
//!
//! It is strict where Supabase is, counts what it is asked, and fails, stalls or talks nonsense when told to. It knows nothing of viva.

use axum::body::{Body, Bytes};
use axum::extract::{Query, Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// The publishable key that every request to sign in must carry.
pub(crate) const ANON_KEY: &str = "sb_publishable_of_the_tests";

/// How the next requests for keys are answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Mood {
    Well,
    /// With this status.
    Failing(u16),
    /// Not at all, until the mood changes.
    Stalling,
    /// With this body and status 200.
    Saying(String),
    /// With a body that does not end.
    Flooding,
    /// To another address.
    Redirecting(String),
}

/// A running issuer; it stops when it is dropped.
pub(crate) struct Issuer {
    origin: String,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

struct Shared {
    issuer: String,
    state: Mutex<Keys>,
    mood: watch::Sender<Mood>,
    accounts: Mutex<Accounts>,
}

#[derive(Default)]
struct Keys {
    published: Vec<Pair>,
    fetches: u64,
    made: usize,
}

#[derive(Default)]
struct Accounts {
    /// E-mail and password, and what `app_metadata` says.
    people: BTreeMap<String, Person>,
    /// Refresh tokens that are good for one use.
    sessions: HashMap<String, String>,
    made: u64,
    token_seconds: u64,
}

struct Person {
    id: String,
    password: Option<String>,
    app_metadata: Value,
}

/// A key of the issuer: what it signs with, and what of it is published.
#[derive(Clone)]
pub(crate) struct Pair {
    pub(crate) id: String,
    pub(crate) algorithm: Algorithm,
    key: EncodingKey,
}

impl Pair {
    pub(crate) fn sign(&self, claims: &Value) -> String {
        self.sign_under(&Header { kid: Some(self.id.clone()), ..Header::new(self.algorithm) }, claims)
    }

    /// The same under a header of the caller's.
    pub(crate) fn sign_under(&self, header: &Header, claims: &Value) -> String {
        jsonwebtoken::encode(header, claims, &self.key).expect("claims can be signed")
    }

    /// The published half.
    pub(crate) fn jwk(&self) -> Value {
        let jwk = Jwk::from_encoding_key(&self.key, self.algorithm).expect("the key has a public half");
        let mut jwk = serde_json::to_value(jwk).expect("it is JSON");
        jwk["kid"] = json!(self.id);
        jwk["use"] = json!("sig");
        jwk["key_ops"] = json!(["verify"]);
        jwk["ext"] = json!(true);
        jwk
    }
}

impl Issuer {
    /// With one key on P-256, as new projects have.
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("there is a free port");
        let origin = format!("http://{}", listener.local_addr().expect("it has an address"));
        let shared = Arc::new(Shared {
            issuer: format!("{origin}/auth/v1"),
            state: Mutex::default(),
            mood: watch::channel(Mood::Well).0,
            accounts: Mutex::new(Accounts { token_seconds: 3_600, ..Accounts::default() }),
        });
        let router = Router::new()
            .route("/auth/v1/.well-known/jwks.json", get(key_set))
            .route("/auth/v1/token", post(token))
            .route("/auth/v1/signup", post(sign_up))
            .route("/auth/v1/logout", post(log_out))
            .layer(from_fn(across_origins))
            .with_state(Arc::clone(&shared));
        let task = tokio::spawn(async move { axum::serve(listener, router).await.expect("it serves") });
        let issuer = Self { origin, shared, task };
        issuer.rotate(Algorithm::ES256);
        issuer
    }

    /// What `VIVA_SUPABASE_URL` is.
    pub(crate) fn origin(&self) -> &str {
        &self.origin
    }

    /// What `VIVA_ISSUER` is, and the claim `iss`.
    pub(crate) fn issuer(&self) -> &str {
        &self.shared.issuer
    }

    pub(crate) fn jwks_url(&self) -> String {
        format!("{}/.well-known/jwks.json", self.shared.issuer)
    }

    /// Publishes a new key, which signs from now on; the older ones stay published.
    pub(crate) fn rotate(&self, algorithm: Algorithm) -> Pair {
        let pair = self.make(algorithm);
        self.keys().published.push(pair.clone());
        pair
    }

    /// A key that nobody is told of.
    pub(crate) fn make(&self, algorithm: Algorithm) -> Pair {
        let mut keys = self.keys();
        keys.made += 1;
        let key = match algorithm {
            Algorithm::ES256 => {
                let made = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).expect("a key can be made");
                EncodingKey::from_ec_pem(made.serialize_pem().as_bytes()).expect("it is a key")
            }
            Algorithm::RS256 => EncodingKey::from_rsa_pem(RSA[keys.made % RSA.len()].as_bytes()).expect("it is a key"),
            other => panic!("the issuer does not sign with {other:?}"),
        };
        Pair { id: format!("key-{}", keys.made), algorithm, key }
    }

    /// Takes a key back: it is published no longer.
    pub(crate) fn revoke(&self, id: &str) {
        self.keys().published.retain(|pair| pair.id != id);
    }

    /// The key that signs at present.
    pub(crate) fn current(&self) -> Pair {
        self.keys().published.last().expect("there is a key").clone()
    }

    pub(crate) fn fetches(&self) -> u64 {
        self.keys().fetches
    }

    pub(crate) fn be(&self, mood: Mood) {
        self.shared.mood.send_replace(mood);
    }

    /// The claims that Supabase gives a user, good for an hour.
    pub(crate) fn claims(&self, user: &str) -> Value {
        self.shared.claims(user, &json!({ "provider": "email" }), false, 3_600)
    }

    /// A token as Supabase gives it.
    pub(crate) fn token(&self, user: &str) -> String {
        self.current().sign(&self.claims(user))
    }

    /// An account that can sign in with its password.
    pub(crate) fn enrol(&self, email: &str, password: &str, user: &str, app_metadata: Value) {
        let person = Person { id: user.to_owned(), password: Some(password.to_owned()), app_metadata };
        self.shared.accounts().people.insert(email.to_owned(), person);
    }

    /// How long tokens of those who sign in from now on are good.
    pub(crate) fn give_tokens_for_seconds(&self, seconds: u64) {
        self.shared.accounts().token_seconds = seconds;
    }

    fn keys(&self) -> MutexGuard<'_, Keys> {
        self.shared.keys()
    }
}

impl Drop for Issuer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Shared {
    fn keys(&self) -> MutexGuard<'_, Keys> {
        self.state.lock().expect("no test panicked in here")
    }

    fn accounts(&self) -> MutexGuard<'_, Accounts> {
        self.accounts.lock().expect("no test panicked in here")
    }

    fn claims(&self, user: &str, app_metadata: &Value, is_anonymous: bool, seconds: u64) -> Value {
        let now = unix_seconds();
        json!({
            "iss": self.issuer, "sub": user, "aud": "authenticated", "exp": now + seconds, "iat": now,
            "role": "authenticated", "aal": "aal1", "session_id": "00000000-0000-4000-8000-000000000000",
            "email": "", "phone": "", "is_anonymous": is_anonymous, "app_metadata": app_metadata, "user_metadata": {},
        })
    }

    /// What signing in gives: a token, and another for the next.
    fn session(&self, email: &str) -> Response {
        let mut accounts = self.accounts();
        accounts.made += 1;
        let refresh_token = format!("refresh-{}", accounts.made);
        accounts.sessions.insert(refresh_token.clone(), email.to_owned());
        let seconds = accounts.token_seconds;
        let person = &accounts.people[email];
        let is_anonymous = person.password.is_none();
        let claims = self.claims(&person.id, &person.app_metadata, is_anonymous, seconds);
        let user = json!({
            "id": person.id, "aud": "authenticated", "email": if is_anonymous { "" } else { email },
            "is_anonymous": is_anonymous, "app_metadata": person.app_metadata, "user_metadata": {},
        });
        let signer = self.keys().published.last().expect("there is a key").clone();
        Json(json!({
            "access_token": signer.sign(&claims), "token_type": "bearer", "expires_in": seconds,
            "expires_at": unix_seconds() + seconds, "refresh_token": refresh_token, "user": user,
        }))
        .into_response()
    }
}

async fn key_set(State(shared): State<Arc<Shared>>) -> Response {
    let mut mood = shared.mood.subscribe();
    shared.keys().fetches += 1;
    let current = mood.wait_for(|mood| *mood != Mood::Stalling).await.expect("the issuer lives").clone();
    match current {
        Mood::Well | Mood::Stalling => {
            let keys: Vec<Value> = shared.keys().published.iter().map(Pair::jwk).collect();
            ([(header::CACHE_CONTROL, "public, max-age=600")], Json(json!({ "keys": keys }))).into_response()
        }
        Mood::Failing(status) => StatusCode::from_u16(status).expect("a status").into_response(),
        Mood::Saying(body) => body.into_response(),
        Mood::Flooding => {
            let pieces = futures::stream::repeat_with(|| Ok::<_, std::io::Error>(Bytes::from_static(&[b' '; 4_096])));
            Body::from_stream(pieces).into_response()
        }
        Mood::Redirecting(to) => (StatusCode::FOUND, [(header::LOCATION, to)]).into_response(),
    }
}

async fn token(
    State(shared): State<Arc<Shared>>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if let Some(refused) = without_key(&headers) {
        return refused;
    }
    let body: Value = match serde_json::from_slice(&body) {
        Ok(body) => body,
        Err(_) => return refusal(StatusCode::BAD_REQUEST, "bad_json", "Could not parse request body as JSON"),
    };
    let text = |field: &str| body[field].as_str().unwrap_or_default().to_owned();
    match query.get("grant_type").map(String::as_str) {
        Some("password") => {
            let (email, password) = (text("email"), text("password"));
            let good = shared.accounts().people.get(&email).is_some_and(|person| person.password == Some(password));
            if good {
                shared.session(&email)
            } else {
                refusal(StatusCode::BAD_REQUEST, "invalid_credentials", "Invalid login credentials")
            }
        }
        Some("refresh_token") => {
            let email = shared.accounts().sessions.remove(&text("refresh_token"));
            match email {
                Some(email) => shared.session(&email),
                None => refusal(
                    StatusCode::BAD_REQUEST,
                    "refresh_token_not_found",
                    "Invalid Refresh Token: Refresh Token Not Found",
                ),
            }
        }
        _ => refusal(StatusCode::BAD_REQUEST, "validation_failed", "unsupported_grant_type"),
    }
}

/// Guests only: those without an e-mail.
async fn sign_up(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> Response {
    if let Some(refused) = without_key(&headers) {
        return refused;
    }
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    if body.get("email").is_some() {
        return refusal(StatusCode::UNPROCESSABLE_ENTITY, "signup_disabled", "Signups not allowed for this instance");
    }
    let email = {
        let mut accounts = shared.accounts();
        let email = format!("guest {}", accounts.people.len());
        let id = format!("guest-{}", accounts.people.len());
        accounts.people.insert(email.clone(), Person { id, password: None, app_metadata: json!({}) });
        email
    };
    shared.session(&email)
}

async fn log_out(headers: HeaderMap) -> Response {
    without_key(&headers).unwrap_or_else(|| StatusCode::NO_CONTENT.into_response())
}

fn without_key(headers: &HeaderMap) -> Option<Response> {
    let given = headers.get("apikey").and_then(|key| key.to_str().ok());
    (given != Some(ANON_KEY))
        .then(|| (StatusCode::UNAUTHORIZED, Json(json!({ "message": "Invalid API key" }))).into_response())
}

fn refusal(status: StatusCode, code: &str, message: &str) -> Response {
    (status, Json(json!({ "code": status.as_u16(), "error_code": code, "msg": message }))).into_response()
}

/// Browsers of any origin may ask, with the headers that signing in needs.
async fn across_origins(request: Request, next: Next) -> Response {
    let mut response = match *request.method() {
        Method::OPTIONS => StatusCode::NO_CONTENT.into_response(),
        _ => next.run(request).await,
    };
    for (name, value) in [
        ("access-control-allow-origin", "*"),
        ("access-control-allow-methods", "GET, POST"),
        ("access-control-allow-headers", "authorization, apikey, content-type"),
    ] {
        response.headers_mut().insert(name, value.parse().expect("a header"));
    }
    response
}

#[expect(clippy::disallowed_methods, reason = "the stand-in is a world of its own, with its own clock")]
fn unix_seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs()
}

/// Made for these tests and good for nothing else: making one takes longer than all of them.
const RSA: [&str; 3] = [include_str!("keys/rsa-1.pem"), include_str!("keys/rsa-2.pem"), include_str!("keys/rsa-3.pem")];
