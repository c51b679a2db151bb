//! What one frame of audio costs on AWS: the function `message` as it is wired, its requests counted on the wire.

use crate::counting_proxy::CountingProxy;
use crate::ministack::{Ministack, unique};
use crate::rig::{SECRET, ann, clock, event, invocation, speaker};
use crate::tables::make_table;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::time::Duration;
use viva::auth::Identity;
use viva::cloud::dynamo::DynamoFeed;
use viva::config::Environment;
use viva::lambda::Function as _;
use viva::lambda::message::Message;
use viva::ports::clock::UnixMs;
use viva::ports::feed::{Entry, Feed as _};
use viva::ports::ids::ConnectionId;
use viva::ports::register::Registered;
use viva::wiring::functions;

const MESSAGE: &str = include_str!("events/message.json");
const FRAMES: u64 = 25;

struct Stack {
    proxy: CountingProxy,
    function: Message,
    inbox: String,
    connections: String,
}

impl Stack {
    async fn new() -> Self {
        let emulator = Ministack::shared();
        let proxy = CountingProxy::before(emulator.port()).await;
        let [sessions, inbox, connections, budgets] = ["sessions", "inbox", "connections", "budgets"].map(unique);
        for table in [&sessions, &inbox, &connections, &budgets] {
            make_table(&emulator.aws(), table).await;
        }
        let environment = Environment::from([
            ("AWS_REGION", "us-east-1"),
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("AWS_ENDPOINT_URL", &proxy.url),
            ("VIVA_TABLE_SESSIONS", &sessions),
            ("VIVA_TABLE_INBOX", &inbox),
            ("VIVA_TABLE_CONNECTIONS", &connections),
            ("VIVA_TABLE_BUDGETS", &budgets),
            ("VIVA_BUCKET", "recordings"),
            ("VIVA_BUCKET_UPLOADS", "uploads"),
            ("VIVA_WORKER_FUNCTION", "interview"),
            ("VIVA_CHAT_FUNCTION", "chat"),
            ("VIVA_INGEST_FUNCTION", "ingest"),
            ("VIVA_CONNECTIONS_URL", &format!("{}/_aws/execute-api/nothere/live", proxy.url)),
            ("VIVA_DATABASE_SECRET", "arn:aws:secretsmanager:us-east-1:123456789012:secret:nothere"),
            ("VIVA_TOKEN_SECRET", SECRET),
            ("VIVA_RECOGNIZER", "transcribe"),
            ("VIVA_MODEL", "builtin"),
        ]);
        let function = functions::message(&environment).unwrap();
        Self { proxy, function, inbox, connections }
    }

    /// Says it, and what that asked of AWS.
    async fn says(&self, identity: &Identity, body: &Value) -> Vec<String> {
        let message = event(MESSAGE, &[("SPEAKER", &speaker(identity)), ("BODY", &body.to_string())]);
        let answer = self.function.call(message, invocation()).await.unwrap();
        assert_eq!(answer, json!({ "statusCode": 200 }));
        self.proxy.take()
    }
}

fn start() -> Value {
    json!({
        "type": "interview.start", "session": "s1", "seq": 1,
        "params": {
            "topic": "HTTP", "language": "en-US", "questions": 5, "playback": "text", "turnTaking": "auto",
            "audio": { "codec": "opus", "sampleRateHz": 48_000, "channels": 1 }, "recording": false,
        },
    })
}

/// 200 ms of Opus at 24 kbit/s.
fn frame(seq: u64) -> Value {
    json!({
        "type": "audio", "session": "s1", "seq": seq, "mediaMs": (seq - 2) * 200, "data": STANDARD.encode(bytes(seq)),
    })
}

fn bytes(seq: u64) -> Vec<u8> {
    let packet = [&58_u16.to_be_bytes()[..], &[seq as u8; 58]].concat();
    packet.repeat(10)
}

#[tokio::test]
async fn a_frame_of_audio_is_one_write_and_no_read_while_the_token_is_valid() {
    let stack = Stack::new().await;
    let ann = ann();
    assert!(!stack.says(&ann, &start()).await.is_empty());
    for seq in 2..2 + FRAMES {
        assert_eq!(stack.says(&ann, &frame(seq)).await, [format!("PutItem {}", stack.inbox)], "frame {seq}");
    }
    // The same again is the same write, which the store refuses.
    assert_eq!(stack.says(&ann, &frame(7)).await, [format!("PutItem {}", stack.inbox)]);

    let inbox = DynamoFeed::new(&Ministack::shared().aws(), &stack.inbox, clock());
    let page = inbox.read_after(&ann.session_key("s1"), 1, 100, Duration::ZERO).await.unwrap();
    let expected: Vec<_> =
        (2..2 + FRAMES).map(|seq| (seq, Entry::Audio { media_ms: (seq - 2) * 200, data: bytes(seq).into() })).collect();
    assert_eq!(page.entries, expected);
}

#[tokio::test]
async fn a_frame_after_the_tokens_end_looks_for_a_newer_one_and_is_stored() {
    let stack = Stack::new().await;
    let ann = ann();
    let expired = Identity { expires: UnixMs(1_000), ..ann.clone() };
    let connection = ConnectionId::new(crate::rig::CONNECTION);
    let registered = Registered {
        tenant: ann.tenant.clone(),
        user: ann.user.clone(),
        speaker: speaker(&ann),
        expires: ann.expires,
        connected: clock().now(),
        sessions: Vec::new(),
    };
    stack.function.handlers.register.enter(&connection, registered, 10).await.unwrap();
    stack.says(&ann, &start()).await;
    let asked = stack.says(&expired, &frame(2)).await;
    assert_eq!(asked, [format!("GetItem {}", stack.connections), format!("PutItem {}", stack.inbox)]);
}
