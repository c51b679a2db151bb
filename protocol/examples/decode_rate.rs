//! How long one core takes to read and write the messages that come most often. Run it with `--release`.
#![expect(clippy::print_stdout, clippy::disallowed_methods, reason = "a measurement reads the clock and prints")]

use std::hint::black_box;
use std::time::Instant;

use bytes::Bytes;
use protocol::v1::{
    Audio, ClientMessage, QuestionDelta, ServerMessage, SessionId, decode_client, decode_server, encode_client,
    encode_server,
};

fn main() {
    let session = SessionId::new("interview-7Qz4bV1Lk3").expect("an id");
    // 200 ms of Opus at 20 kbit/s, and 100 ms of PCM at 16 kHz.
    for (name, bytes) in [("audio, Opus", 450), ("audio, PCM", 3_200)] {
        let data: Vec<u8> = (0..bytes).map(|i| (i * 73 % 251) as u8).collect();
        let audio = Audio { session: session.clone(), seq: 1_234, media_ms: 123_400, data: Bytes::from(data) };
        let text = encode_client(&ClientMessage::Audio(audio));
        measure(&format!("decode {name}, {} bytes", text.len()), || {
            black_box(decode_client(black_box(text.as_bytes()))).is_ok()
        });
    }
    let delta = QuestionDelta { session, seq: 77, turn: 3, attempt: 1, text: "validator ".into(), media_ms: None };
    let delta = ServerMessage::QuestionDelta(delta);
    let text = encode_server(&delta);
    measure("encode question.delta", || !black_box(encode_server(black_box(&delta))).is_empty());
    measure("decode question.delta", || black_box(decode_server(black_box(text.as_bytes()))).is_ok());
}

fn measure(name: &str, mut work: impl FnMut() -> bool) {
    const ROUNDS: u32 = 200_000;
    let begun = Instant::now();
    for _ in 0..ROUNDS {
        assert!(work());
    }
    let each = begun.elapsed() / ROUNDS;
    println!("{name}: {each:?}, {:.0} a second", 1.0 / each.as_secs_f64());
}
