//! Connecting, speaking and leaving over the WebSocket API.

use crate::rig::{CONNECTION, Stage, ann, clock, event, invocation, speaker};
use aws_lambda_events::apigw::ApiGatewayWebsocketProxyRequest;
use serde_json::{Value, json};
use viva::auth::Identity;
use viva::lambda::Function as _;
use viva::lambda::connect::Connect;
use viva::lambda::disconnect::Disconnect;
use viva::lambda::message::Message;
use viva::ports::clock::UnixMs;
use viva::ports::ids::ConnectionId;
use viva::ports::journal::Journal as _;
use viva::ports::register::Register as _;

const CONNECT: &str = include_str!("events/connect.json");
const MESSAGE: &str = include_str!("events/message.json");
const DISCONNECT: &str = include_str!("events/disconnect.json");

fn connect(stage: &Stage) -> Connect {
    Connect { register: stage.register.clone(), clock: clock(), connections_per_user_max: 2 }
}

fn disconnect(stage: &Stage) -> Disconnect {
    Disconnect {
        register: stage.register.clone(),
        journal: stage.store.clone(),
        feed: stage.store.clone(),
        clock: clock(),
    }
}

fn connecting(identity: &Identity) -> ApiGatewayWebsocketProxyRequest {
    event(CONNECT, &[("SPEAKER", &speaker(identity))])
}

async fn say(stage: &Stage, identity: &Identity, body: &str) -> Value {
    let function = Message { handlers: stage.handlers() };
    let message = event(MESSAGE, &[("SPEAKER", &speaker(identity)), ("BODY", body)]);
    function.call(message, invocation()).await.unwrap()
}

#[tokio::test]
async fn a_connection_is_registered_and_our_protocol_is_accepted() {
    let stage = Stage::new();
    let ann = ann();
    let answer = connect(&stage).call(connecting(&ann), invocation()).await.unwrap();
    assert_eq!(answer, json!({ "statusCode": 200, "headers": { "Sec-WebSocket-Protocol": "viva.v1" } }));
    let registered = stage.register.get(&ConnectionId::new(CONNECTION)).await.unwrap().unwrap();
    assert_eq!((registered.user, registered.expires), (ann.user.clone(), ann.expires));
    assert_eq!(registered.speaker, speaker(&ann));
}

#[tokio::test]
async fn a_client_of_another_protocol_is_refused() {
    let stage = Stage::new();
    let mut request: Value = serde_json::from_str(CONNECT).unwrap();
    request["headers"]["Sec-WebSocket-Protocol"] = json!("chat");
    request["multiValueHeaders"]["Sec-WebSocket-Protocol"] = json!(["chat"]);
    let answer = connect(&stage).call(serde_json::from_value(request).unwrap(), invocation()).await.unwrap();
    assert_eq!(answer, json!({ "statusCode": 400, "body": "offer the sub-protocol viva.v1" }));
}

#[tokio::test]
async fn one_connection_too_many_of_a_user_is_refused() {
    let stage = Stage::new();
    for (number, status) in [(1, 200), (2, 200), (3, 429)] {
        let mut request = connecting(&ann());
        request.request_context.connection_id = Some(format!("c{number}"));
        let answer = connect(&stage).call(request, invocation()).await.unwrap();
        assert_eq!(answer["statusCode"], status);
    }
}

#[tokio::test]
async fn a_connect_route_without_its_authorizer_lets_nobody_in() {
    let stage = Stage::new();
    let answer = connect(&stage).call(event(CONNECT, &[("SPEAKER", "?")]), invocation()).await.unwrap();
    assert_eq!(answer["statusCode"], 401);
    assert_eq!(stage.register.get(&ConnectionId::new(CONNECTION)).await.unwrap(), None);
}

#[tokio::test]
async fn what_a_message_is_answered_goes_to_its_connection_and_the_gateway_hears_200() {
    let stage = Stage::new();
    assert_eq!(say(&stage, &ann(), r#"{"type":"ping","id":"p1"}"#).await, json!({ "statusCode": 200 }));
    assert_eq!(stage.last_sent(), json!({ "type": "pong", "id": "p1" }));
}

#[tokio::test]
async fn what_cannot_be_read_is_told_to_the_client_and_is_no_error_of_ours() {
    let stage = Stage::new();
    for body in ["", "no json", r#"{"type":"nothing"}"#] {
        assert_eq!(say(&stage, &ann(), body).await, json!({ "statusCode": 200 }), "{body}");
        assert_eq!(stage.last_sent()["type"], "error", "{body}");
    }
}

#[tokio::test]
async fn an_expired_token_is_told_of_unless_the_register_knows_a_newer_one() {
    let stage = Stage::new();
    let fresh = ann();
    let expired = Identity { expires: UnixMs(1_000), ..fresh.clone() };
    assert_eq!(say(&stage, &expired, r#"{"type":"ping"}"#).await["statusCode"], 200);
    assert_eq!(stage.last_sent()["code"], "token_expired");

    connect(&stage).call(connecting(&expired), invocation()).await.unwrap();
    let connection = ConnectionId::new(CONNECTION);
    stage.register.refresh(&connection, speaker(&fresh), fresh.expires).await.unwrap();
    say(&stage, &expired, r#"{"type":"ping"}"#).await;
    assert_eq!(stage.last_sent()["type"], "pong");
}

#[tokio::test]
async fn a_message_route_without_its_authorizer_serves_nobody() {
    let stage = Stage::new();
    let function = Message { handlers: stage.handlers() };
    let answer = function.call(event(MESSAGE, &[("BODY", r#"{"type":"ping"}"#)]), invocation()).await.unwrap();
    assert_eq!(answer, json!({ "statusCode": 200 }));
    assert_eq!(stage.last_sent()["code"], "unauthorized");
}

#[tokio::test]
async fn whoever_leaves_is_unbound_once_and_may_leave_twice() {
    let stage = Stage::new();
    let ann = ann();
    connect(&stage).call(connecting(&ann), invocation()).await.unwrap();
    let start = json!({
        "type": "interview.start", "session": "s1", "seq": 1,
        "params": {
            "topic": "HTTP", "language": "en-US", "questions": 5, "playback": "text", "turnTaking": "auto",
            "recording": false,
        },
    });
    say(&stage, &ann, &start.to_string()).await;
    let key = ann.session_key("s1");
    let row = stage.store.row(&key).await.unwrap().expect("the interview was started");
    assert_eq!(row.connection, Some(ConnectionId::new(CONNECTION)));
    assert_eq!(*stage.starts.started.lock().unwrap(), std::slice::from_ref(&key));
    for _ in 0..2 {
        let answer = disconnect(&stage).call(event(DISCONNECT, &[]), invocation()).await.unwrap();
        assert_eq!(answer, json!({ "statusCode": 200 }));
    }
    assert_eq!(stage.store.row(&key).await.unwrap().unwrap().connection, None);
}
