//! What stands before the emulator and breaks what a test wants broken: it cuts connections without a word, and lets `@connections` answer
//! 410 or 429. Everything else goes through as it came.

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::{CONNECTION, HOST, TRANSFER_ENCODING, UPGRADE};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::AbortHandle;
use tokio::time::{Instant, sleep};

#[derive(Clone)]
pub(crate) struct Front {
    pub(crate) addr: SocketAddr,
    state: Arc<State>,
}

struct State {
    emulator: SocketAddr,
    http: reqwest::Client,
    sockets: Mutex<Vec<AbortHandle>>,
    /// So many posts to `@connections` are answered with 429.
    busy: AtomicU64,
    /// So many posts to `@connections` are answered with 410.
    gone: AtomicU64,
    refused_posts: AtomicU64,
}

type Answer = Response<Full<Bytes>>;

impl Front {
    pub(crate) async fn start(emulator: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let addr = listener.local_addr().expect("it is bound");
        let state = Arc::new(State {
            emulator,
            http: loadtest::token::http_client().expect("a client of HTTP can be made"),
            sockets: Mutex::default(),
            busy: AtomicU64::new(0),
            gone: AtomicU64::new(0),
            refused_posts: AtomicU64::new(0),
        });
        let front = Self { addr, state };
        let accepting = front.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                stream.set_nodelay(true).expect("a socket takes its option");
                let state = Arc::clone(&accepting.state);
                tokio::spawn(async move {
                    let service = service_fn(move |request| serve(Arc::clone(&state), request));
                    // A client that leaves in the middle is none of our concern.
                    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).with_upgrades().await;
                });
            }
        });
        front
    }

    /// Cuts every WebSocket as a bad network does.
    pub(crate) fn cut(&self) {
        self.state.sockets.lock().expect("nobody panics with it").drain(..).for_each(|socket| socket.abort());
    }

    /// The next posts to `@connections` are refused with 429.
    pub(crate) fn be_busy(&self, posts: u64) {
        self.state.busy.store(posts, Ordering::SeqCst);
    }

    /// The next posts to `@connections` are refused with 410.
    pub(crate) fn be_gone(&self, posts: u64) {
        self.state.gone.store(posts, Ordering::SeqCst);
    }

    /// Posts to `@connections` that were refused so far.
    pub(crate) fn refused_posts(&self) -> u64 {
        self.state.refused_posts.load(Ordering::SeqCst)
    }

    /// Waits until so many posts were refused.
    pub(crate) async fn until_refused(&self, posts: u64) {
        let deadline = Instant::now() + Duration::from_secs(60);
        while self.refused_posts() < posts {
            assert!(Instant::now() < deadline, "only {} posts were made to be refused", self.refused_posts());
            sleep(Duration::from_millis(5)).await;
        }
    }
}

async fn serve(state: Arc<State>, request: Request<Incoming>) -> Result<Answer, Infallible> {
    let upgrade =
        request.headers().get(UPGRADE).is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"websocket"));
    let answer = if upgrade { upgraded(state, request).await } else { passed_on(&state, request).await };
    Ok(answer.unwrap_or_else(|error| {
        let body = Full::new(Bytes::from(format!("the emulator did not answer: {error}")));
        Response::builder().status(StatusCode::BAD_GATEWAY).body(body).expect("a status and a body")
    }))
}

async fn passed_on(state: &State, request: Request<Incoming>) -> anyhow::Result<Answer> {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    if parts.method == "POST" && path.contains("/@connections/") {
        let fault = taken(&state.busy).then_some((429, "LimitExceededException"));
        let fault = fault.or_else(|| taken(&state.gone).then_some((410, "GoneException")));
        if let Some((status, name)) = fault {
            state.refused_posts.fetch_add(1, Ordering::SeqCst);
            let answer = Response::builder().status(status).header("x-amzn-ErrorType", name);
            return Ok(answer.body(Full::new(Bytes::from(format!(r#"{{"message":"{name}"}}"#))))?);
        }
    }
    let url = format!("http://{}{path}", state.emulator);
    let mut sent = state.http.request(parts.method.clone(), url);
    for (name, value) in &parts.headers {
        // The signature covers the host that the caller spoke to.
        if name != CONNECTION && name != TRANSFER_ENCODING {
            sent = sent.header(name, value);
        }
    }
    let answered = sent.body(body.collect().await?.to_bytes()).send().await?;
    let mut answer = Response::builder().status(answered.status());
    for (name, value) in answered.headers() {
        if name != TRANSFER_ENCODING && name != CONNECTION {
            answer = answer.header(name, value);
        }
    }
    Ok(answer.body(Full::new(answered.bytes().await?))?)
}

/// Takes one of a number of faults.
fn taken(left: &AtomicU64) -> bool {
    left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok()
}

async fn upgraded(state: Arc<State>, request: Request<Incoming>) -> anyhow::Result<Answer> {
    let mut emulator = TcpStream::connect(state.emulator).await?;
    emulator.set_nodelay(true)?;
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let mut head = format!("GET {path} HTTP/1.1\r\nHost: {}\r\n", state.emulator);
    for (name, value) in request.headers().iter().filter(|(name, _)| *name != HOST) {
        head.push_str(&format!("{name}: {}\r\n", value.to_str()?));
    }
    head.push_str("\r\n");
    emulator.write_all(head.as_bytes()).await?;
    let (status, headers, early) = read_head(&mut emulator).await?;
    let mut answer = Response::builder().status(status);
    for (name, value) in &headers {
        answer = answer.header(name, value);
    }
    if status != 101 {
        return Ok(answer.body(Full::new(Bytes::new()))?);
    }
    let sockets = Arc::clone(&state);
    let carried = tokio::spawn(async move {
        let Ok(client) = hyper::upgrade::on(request).await else { return };
        let mut client = TokioIo::new(client);
        if client.write_all(&early).await.is_ok() {
            // How a connection ends is seen by its two ends.
            let _ = copy_bidirectional(&mut client, &mut emulator).await;
        }
    });
    sockets.sockets.lock().expect("nobody panics with it").push(carried.abort_handle());
    Ok(answer.body(Full::new(Bytes::new()))?)
}

/// Status, headers, and the bytes that came after them.
async fn read_head(stream: &mut TcpStream) -> anyhow::Result<(u16, Vec<(String, String)>, Vec<u8>)> {
    let mut bytes = Vec::new();
    let end = loop {
        anyhow::ensure!(stream.read_buf(&mut bytes).await? > 0, "the emulator closed the connection");
        if let Some(at) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break at;
        }
    };
    let head = std::str::from_utf8(&bytes[..end])?;
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).unwrap_or_default().parse()?;
    let headers = lines.filter_map(|line| line.split_once(": ")).map(|(name, value)| (name.into(), value.into()));
    let headers = headers.collect();
    Ok((status, headers, bytes.split_off(end + 4)))
}
