//! How many messages a second the gateway answers, and how quickly: pings over so many connections, so many under way on each.
//!
//! `cargo run --release --example echo_bench -- ws://127.0.0.1:8080/ws "$(viva token --user bench)" 50 8 5`
//! (start the server with `VIVA_RATE_MESSAGES=1000000 VIVA_CONNECTIONS_PER_USER=1000`).

#![expect(clippy::print_stdout, clippy::disallowed_methods, clippy::unwrap_used, reason = "a measurement for people")]

use futures::{SinkExt, StreamExt};
use std::time::{Duration, Instant};
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [url, token, connections, under_way, seconds] = arguments.as_slice() else {
        println!("echo_bench URL TOKEN CONNECTIONS UNDER_WAY SECONDS");
        return;
    };
    let (connections, under_way): (usize, usize) = (connections.parse().unwrap(), under_way.parse().unwrap());
    let length = Duration::from_secs(seconds.parse().unwrap());
    let begun = Instant::now();
    let clients = (0..connections).map(|_| tokio::spawn(client(url.clone(), token.clone(), under_way, begun + length)));
    let mut micros: Vec<u64> = Vec::new();
    for client in futures::future::join_all(clients).await {
        micros.extend(client.unwrap());
    }
    micros.sort_unstable();
    let at = |share: f64| micros[((micros.len() - 1) as f64 * share) as usize];
    println!(
        "{connections} connections, {under_way} under way: {:.0} messages/s, p50 {} µs, p95 {} µs, p99 {} µs",
        micros.len() as f64 / length.as_secs_f64(),
        at(0.5),
        at(0.95),
        at(0.99)
    );
}

/// The round trips of one connection, in microseconds.
async fn client(url: String, token: String, under_way: usize, until: Instant) -> Vec<u64> {
    let mut request = url.into_client_request().unwrap();
    request.headers_mut().insert("sec-websocket-protocol", format!("viva.v1, viva.bearer.{token}").parse().unwrap());
    let (mut socket, _) = connect_async(request).await.unwrap();
    let mut micros = Vec::new();
    while Instant::now() < until {
        let sent = Instant::now();
        for n in 0..under_way {
            socket.feed(Message::text(format!(r#"{{"type":"ping","id":"p{n}"}}"#))).await.unwrap();
        }
        socket.flush().await.unwrap();
        for _ in 0..under_way {
            socket.next().await.unwrap().unwrap();
            micros.push(sent.elapsed().as_micros() as u64);
        }
    }
    micros
}
