//! A proxy in front of an emulator that writes down what was asked of it: which operations, on which tables, and how often.

#![allow(dead_code, reason = "each test crate uses its part")]

use std::sync::{Arc, Mutex};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

#[derive(Debug)]
pub(crate) struct CountingProxy {
    pub(crate) url: String,
    asked: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

impl CountingProxy {
    /// In front of what listens on that port of this machine.
    pub(crate) async fn before(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port of this machine is free");
        let url = format!("http://{}", listener.local_addr().expect("it is bound"));
        let asked = Arc::new(Mutex::new(Vec::new()));
        let noting = Arc::clone(&asked);
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(pass_on(client, port, Arc::clone(&noting)));
            }
        });
        Self { url, asked, task }
    }

    /// What was asked since the last time: the operation and its table (`PutItem inbox`), or the method and the path where there is none.
    pub(crate) fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.asked.lock().expect("nothing panics while it is held"))
    }
}

impl Drop for CountingProxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn pass_on(client: TcpStream, port: u16, asked: Arc<Mutex<Vec<String>>>) -> std::io::Result<()> {
    let server = TcpStream::connect(("127.0.0.1", port)).await?;
    server.set_nodelay(true)?;
    client.set_nodelay(true)?;
    let (from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    tokio::spawn(async move { tokio::io::copy(&mut from_server, &mut to_client).await });
    let mut requests = BufReader::new(from_client);
    loop {
        let (mut head, mut operation, mut length) = (Vec::new(), None, 0);
        loop {
            let start = head.len();
            if requests.read_until(b'\n', &mut head).await? == 0 {
                return Ok(());
            }
            let line = String::from_utf8_lossy(&head[start..]).trim().to_owned();
            if line.is_empty() {
                break;
            }
            match line.split_once(": ") {
                Some((name, value)) if name.eq_ignore_ascii_case("x-amz-target") => {
                    operation = value.rsplit('.').next().map(str::to_owned);
                }
                Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                    length = value.parse().expect("a length is a number");
                }
                _ if start == 0 => operation = line.rsplit_once(' ').map(|(asked, _)| asked.to_owned()),
                _ => {}
            }
        }
        let mut body = vec![0; length];
        requests.read_exact(&mut body).await?;
        let asking = operation.map(|operation| match table_of(&body) {
            Some(table) => format!("{operation} {table}"),
            None => operation,
        });
        asked.lock().expect("nothing panics while it is held").extend(asking);
        to_server.write_all(&head).await?;
        to_server.write_all(&body).await?;
    }
}

fn table_of(body: &[u8]) -> Option<String> {
    serde_json::from_slice::<serde_json::Value>(body).ok()?["TableName"].as_str().map(str::to_owned)
}
