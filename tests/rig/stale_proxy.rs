//! A proxy in front of an emulator of DynamoDB that answers queries which need not be consistent from another table: one that a test fills
//! with what was true a moment ago.
//!
//! The emulator itself is always consistent; AWS's is not, and says so.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

#[derive(Debug)]
pub(crate) struct StaleProxy {
    pub(crate) url: String,
    answered: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl StaleProxy {
    /// In front of what listens on that port of this machine. The names of the tables have one length.
    pub(crate) async fn before(port: u16, now: &str, stale: &str) -> Self {
        assert_eq!(now.len(), stale.len());
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port of this machine is free");
        let url = format!("http://{}", listener.local_addr().expect("it is bound"));
        let answered = Arc::new(AtomicUsize::new(0));
        let tables = Arc::new((format!("\"{now}\""), format!("\"{stale}\"")));
        let counting = Arc::clone(&answered);
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(pass_on(client, port, Arc::clone(&tables), Arc::clone(&counting)));
            }
        });
        Self { url, answered, task }
    }

    /// How many queries were answered from the other table.
    pub(crate) fn answered(&self) -> usize {
        self.answered.load(Ordering::SeqCst)
    }
}

impl Drop for StaleProxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn pass_on(
    client: TcpStream,
    port: u16,
    tables: Arc<(String, String)>,
    answered: Arc<AtomicUsize>,
) -> std::io::Result<()> {
    let server = TcpStream::connect(("127.0.0.1", port)).await?;
    server.set_nodelay(true)?;
    client.set_nodelay(true)?;
    let (from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    tokio::spawn(async move { tokio::io::copy(&mut from_server, &mut to_client).await });
    let mut requests = BufReader::new(from_client);
    loop {
        let (mut head, mut is_query, mut length) = (Vec::new(), false, 0);
        loop {
            let start = head.len();
            if requests.read_until(b'\n', &mut head).await? == 0 {
                return Ok(());
            }
            let line = String::from_utf8_lossy(&head[start..]).trim().to_ascii_lowercase();
            match line.split_once(": ") {
                Some(("x-amz-target", value)) => is_query = value.ends_with(".query"),
                Some(("content-length", value)) => length = value.parse().expect("a length is a number"),
                Some(_) => {}
                None if line.is_empty() => break,
                None => {}
            }
        }
        let mut body = vec![0; length];
        requests.read_exact(&mut body).await?;
        let mut text = String::from_utf8(body).expect("what DynamoDB is asked is JSON");
        if is_query && !text.contains(r#""ConsistentRead":true"#) {
            answered.fetch_add(1, Ordering::SeqCst);
            text = text.replace(&tables.0, &tables.1);
        }
        to_server.write_all(&head).await?;
        to_server.write_all(text.as_bytes()).await?;
    }
}
