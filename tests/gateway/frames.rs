//! API Gateway's rules of frames, and the codes that connections close with.

use crate::rig::{Server, code};
use futures::SinkExt;
use serde_json::json;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

#[tokio::test]
async fn a_binary_message_closes_with_1003() {
    let server = Server::start().await;
    let mut client = server.connect("ann").await;
    client.socket.send(Message::binary(vec![1, 2, 3])).await.unwrap();
    assert_eq!(client.close_code().await, 1003);
}

#[tokio::test]
async fn a_frame_above_32_kib_closes_with_1009() {
    let server = Server::start().await;
    let mut client = server.connect("ann").await;
    client.send_text("x".repeat(32 * 1024 + 1)).await;
    assert_eq!(client.close_code().await, 1009);
}

#[tokio::test]
async fn a_message_above_128_kib_in_small_frames_closes_with_1009() {
    let server = Server::start().await;
    let mut client = server.connect("ann").await;
    for n in 0..5 {
        let kind = if n == 0 { Data::Text } else { Data::Continue };
        let frame = Frame::message("x".repeat(30_000), OpCode::Data(kind), n == 4);
        client.socket.send(Message::Frame(frame)).await.unwrap();
    }
    assert_eq!(client.close_code().await, 1009);
}

#[tokio::test]
async fn a_message_above_32000_bytes_is_an_error_and_the_connection_stays() {
    let server = Server::start().await;
    let mut client = server.connect("ann").await;
    client.send_text(json!({"type": "ping", "id": "big", "pad": "x".repeat(32_000)}).to_string()).await;
    let error = client.next().await;
    assert_eq!(code(&error), "message_too_large");
    assert_eq!(error["re"]["id"], "big");
    assert_eq!(error["retryable"], false);
    // In frames that are small enough by themselves, too.
    let text = json!({"type": "ping", "pad": "x".repeat(60_000)}).to_string();
    let (head, tail) = text.split_at(30_000);
    let frames =
        [(Data::Text, head, false), (Data::Continue, &tail[..30_000], false), (Data::Continue, &tail[30_000..], true)];
    for (kind, part, last) in frames {
        let frame = Frame::message(part.to_owned(), OpCode::Data(kind), last);
        client.socket.send(Message::Frame(frame)).await.unwrap();
    }
    assert_eq!(code(&client.next().await), "message_too_large");
    assert!(client.settled().await.is_empty());
}

#[tokio::test]
async fn text_that_is_not_utf_8_closes_with_1007() {
    let server = Server::start().await;
    let mut client = server.connect("ann").await;
    let frame = Frame::message(vec![0xff, 0xfe], OpCode::Data(Data::Text), true);
    client.socket.send(Message::Frame(frame)).await.unwrap();
    assert_eq!(client.close_code().await, 1007);
}

#[tokio::test]
async fn a_ping_frame_is_answered() {
    let server = Server::start().await;
    let mut client = server.connect("ann").await;
    client.socket.send(Message::Ping("here".into())).await.unwrap();
    use futures::StreamExt;
    assert_eq!(client.socket.next().await.unwrap().unwrap(), Message::Pong("here".into()));
}

#[tokio::test]
async fn a_client_that_closes_gets_its_close_frame_back() {
    let server = Server::start().await;
    let mut client = server.connect("ann").await;
    client.socket.close(None).await.unwrap();
    client.closed().await;
}

#[tokio::test]
async fn messages_sent_without_waiting_are_answered_in_order() {
    let server = Server::start().await;
    let mut client = server.connect("ann").await;
    for n in 0..300 {
        client.socket.feed(Message::text(json!({"type": "ping", "id": format!("p{n}")}).to_string())).await.unwrap();
    }
    client.socket.flush().await.unwrap();
    for n in 0..300 {
        assert_eq!(client.next().await["id"], json!(format!("p{n}")));
    }
}
