//! How long a Lambda function takes from the start of its process to its first answer, and how large its package is.
//!
//! It plays the Lambda runtime API on this machine's loopback, and over TLS every service that the function asks: these say yes at once. Each
//! run is a fresh process. What AWS does before the process starts (fetching the package, making a sandbox) is not in it.
//!
//!     ARCHITECTURE=x86_64 scripts/build-lambdas.sh --native
//!     cargo run --all-features --example cold_start -- target/lambda [runs]

#![allow(clippy::print_stdout, clippy::disallowed_methods, reason = "a benchmark prints, and reads a clock")]

use anyhow::{Context as _, ensure};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let packages = PathBuf::from(arguments.next().context("cold_start FOLDER_OF_PACKAGES [RUNS]")?);
    let runs: usize = arguments.next().map_or(Ok(RUNS), |runs| runs.parse())?;
    let services = Services::start()?;
    println!("{runs} runs each; milliseconds: median (least to most)\n");
    println!(
        "| function | first event | zip | program | asks for its event | has answered | of the processor | asked of services |"
    );
    println!("|---|---|---:|---:|---:|---:|---:|---|");
    for (function, what, event) in cases()? {
        let program = packages.join(function).join("bootstrap");
        // The first reads the program from the disk.
        run(&program, &event, &services)?;
        let measured = (0..runs).map(|_| run(&program, &event, &services)).collect::<anyhow::Result<Vec<_>>>()?;
        let column = |of: fn(&Run) -> Duration| spread(measured.iter().map(of).collect());
        println!(
            "| `{function}` | {what} | {} | {} | {} | {} | {} | {} |",
            megabytes(&packages.join(format!("{function}.zip")))?,
            megabytes(&program)?,
            column(|run| run.ready),
            column(|run| run.answered),
            column(|run| run.processor),
            measured.last().map(|run| run.asked.join(", ")).unwrap_or_default(),
        );
    }
    Ok(())
}

/// Functions with what comes first to them: its name, and the event as AWS gives it.
fn cases() -> anyhow::Result<[(&'static str, &'static str, String); 3]> {
    let expires = SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis() + 3_600_000;
    let speaker = json!({
        "tenant": "school", "user": "ann", "role": "learner", "courses": { "web-101": "student" }, "expires": u64::try_from(expires)?,
    });
    let filled = |event: &str, body: &str| -> anyhow::Result<String> {
        let mut event = event.to_owned();
        for (mark, value) in [("\"SPEAKER\"", speaker.to_string()), ("\"BODY\"", body.to_owned())] {
            event = event.replace(mark, &serde_json::to_string(&value)?);
        }
        Ok(event)
    };
    Ok([
        ("connect", "`$connect`", filled(CONNECT, "")?),
        ("message", "`audio`", filled(MESSAGE, AUDIO)?),
        ("message", "`interview.start`", filled(MESSAGE, START)?),
    ])
}

/// Whatever AWS service is asked: it says yes at once, so that what is measured is ours.
struct Services {
    url: String,
    /// Whom a function has to trust for that.
    certificates: tempfile::NamedTempFile,
    asked: Arc<Mutex<Asked>>,
}

/// What a function has asked for in one run.
#[derive(Default)]
struct Asked {
    names: Vec<String>,
    /// The session's row, once it was put: whoever changes it is given it.
    row: Option<Value>,
    /// A client was told that something failed.
    error: Option<String>,
}

impl Asked {
    fn answer(&mut self, request: &Request) -> String {
        let name = request.name();
        let body: Value = serde_json::from_str(&request.body).unwrap_or_default();
        let answer = match name.as_str() {
            "UpdateItem" => self.row.as_ref().map(|row| json!({ "Attributes": row })),
            _ => None,
        };
        if body["Item"]["sk"]["S"] == "row" {
            self.row = Some(body["Item"].clone());
        }
        if body["type"] == "error" {
            self.error = Some(request.body.clone());
        }
        self.names.push(name);
        answer.unwrap_or_else(|| json!({})).to_string()
    }
}

impl Services {
    fn start() -> anyhow::Result<Self> {
        let own = rcgen::generate_simple_self_signed(["localhost".to_owned()])?;
        let mut certificates = tempfile::NamedTempFile::new()?;
        certificates.write_all(own.cert.pem().as_bytes())?;
        let key = PrivateKeyDer::Pkcs8(own.signing_key.serialize_der().into());
        let tls = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![own.cert.der().clone()], key)?;
        let tls = Arc::new(tls);
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let url = format!("https://localhost:{}", listener.local_addr()?.port());
        let asked: Arc<Mutex<Asked>> = Arc::default();
        let noted = Arc::clone(&asked);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (tls, noted) = (Arc::clone(&tls), Arc::clone(&noted));
                std::thread::spawn(move || -> anyhow::Result<()> {
                    stream.set_nodelay(true)?;
                    let mut reader = BufReader::new(StreamOwned::new(ServerConnection::new(tls)?, stream));
                    while let Some(request) = read_request(&mut reader)? {
                        let body = noted.lock().unwrap_or_else(PoisonError::into_inner).answer(&request);
                        let length = body.len();
                        let yes = format!("{YES}Content-Length: {length}\r\n\r\n{body}");
                        reader.get_mut().write_all(yes.as_bytes())?;
                    }
                    Ok(())
                });
            }
        });
        Ok(Self { url, certificates, asked })
    }

    fn take_asked(&self) -> Asked {
        std::mem::take(&mut *self.asked.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

struct Run {
    /// From the start of the process until it asks for its first event.
    ready: Duration,
    /// From the start of the process until it has answered that event.
    answered: Duration,
    /// What it has used of the processor by then.
    processor: Duration,
    /// What it asked services for, in order.
    asked: Vec<String>,
}

/// Ends the process however the run ends.
struct Function(Child);

impl Drop for Function {
    fn drop(&mut self) {
        // It is gone already, or it goes now.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

fn run(program: &Path, event: &str, services: &Services) -> anyhow::Result<Run> {
    let api = TcpListener::bind("127.0.0.1:0")?;
    let mut command = Command::new(program);
    command
        .env_clear()
        .env("AWS_LAMBDA_RUNTIME_API", api.local_addr()?.to_string())
        .envs(FUNCTION.iter().copied())
        .env("AWS_ENDPOINT_URL", &services.url)
        .env("VIVA_CONNECTIONS_URL", &services.url)
        .env("AWS_CA_BUNDLE", services.certificates.path())
        .stdout(Stdio::null());
    drop(services.take_asked());
    let started = Instant::now();
    let function = Function(command.spawn().with_context(|| program.display().to_string())?);
    let mut ready = None;
    loop {
        let (stream, _) = api.accept()?;
        stream.set_nodelay(true)?;
        let mut reader = BufReader::new(stream);
        while let Some(request) = read_request(&mut reader)? {
            if request.line.starts_with("GET ") {
                ready.get_or_insert_with(|| started.elapsed());
                write_event(reader.get_mut(), event)?;
                continue;
            }
            let answered = started.elapsed();
            ensure!(request.line.contains("/response"), "the function failed: {}{}", request.line, request.body);
            let processor = processor(function.0.id())?;
            let ready = ready.context("an answer came before its event")?;
            let Asked { names, error, .. } = services.take_asked();
            ensure!(error.is_none(), "the client was told of an error: {error:?}");
            return Ok(Run { ready, answered, processor, asked: names });
        }
    }
}

/// What the threads of a process have used of the processor.
fn processor(process: u32) -> anyhow::Result<Duration> {
    let mut nanoseconds = 0;
    for thread in std::fs::read_dir(format!("/proc/{process}/task"))? {
        let spent = std::fs::read_to_string(thread?.path().join("schedstat"))?;
        nanoseconds += spent.split(' ').next().context("no time in schedstat")?.parse::<u64>()?;
    }
    Ok(Duration::from_nanos(nanoseconds))
}

struct Request {
    line: String,
    /// What DynamoDB calls the operation; other services have a path for each.
    target: Option<String>,
    body: String,
}

impl Request {
    fn name(&self) -> String {
        let operation = self.target.as_deref().and_then(|target| target.split('.').next_back());
        operation.or_else(|| self.line.split(['?', ' ']).nth(1)).unwrap_or_default().to_owned()
    }
}

/// `None`: the connection was closed.
fn read_request(reader: &mut impl BufRead) -> anyhow::Result<Option<Request>> {
    let mut request = Request { line: String::new(), target: None, body: String::new() };
    if reader.read_line(&mut request.line)? == 0 {
        return Ok(None);
    }
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.split_once(':') else { break };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.trim().parse()?,
            "x-amz-target" => request.target = Some(value.trim().to_owned()),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    request.body = String::from_utf8_lossy(&body).into_owned();
    Ok(Some(request))
}

fn write_event(stream: &mut TcpStream, event: &str) -> anyhow::Result<()> {
    let now_ms = SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis();
    let answer = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
         Lambda-Runtime-Aws-Request-Id: 8476a536-e9f4-11e8-9739-2dfe598c3fcd\r\nLambda-Runtime-Deadline-Ms: {}\r\n\
         Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:eu-west-1:123456789012:function:function\r\n\r\n{event}",
        event.len(),
        now_ms + 29_000
    );
    Ok(stream.write_all(answer.as_bytes())?)
}

fn spread(mut times: Vec<Duration>) -> String {
    times.sort();
    let ms = |at: usize| times.get(at).map_or(0.0, |time| time.as_secs_f64() * 1_000.0);
    format!("{:.1} ({:.1} to {:.1})", ms(times.len() / 2), ms(0), ms(times.len().saturating_sub(1)))
}

fn megabytes(path: &Path) -> anyhow::Result<String> {
    let size = std::fs::metadata(path).with_context(|| path.display().to_string())?.len();
    Ok(format!("{:.2} MB", size as f64 / 1e6))
}

const RUNS: usize = 40;
const YES: &str = "HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.0\r\n";

const CONNECT: &str = include_str!("../tests/lambda/events/connect.json");
const MESSAGE: &str = include_str!("../tests/lambda/events/message.json");
const AUDIO: &str = include_str!("../protocol/vectors/v1/audio.json");
const START: &str = include_str!("../protocol/vectors/v1/interview.start.json");

/// What `template.yaml` gives the functions, and Lambda itself; the values of most do not matter here.
const FUNCTION: &[(&str, &str)] = &[
    ("AWS_LAMBDA_FUNCTION_NAME", "function"),
    ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
    ("AWS_LAMBDA_FUNCTION_VERSION", "1"),
    ("AWS_LAMBDA_LOG_STREAM_NAME", "stream"),
    ("AWS_LAMBDA_LOG_GROUP_NAME", "group"),
    ("AWS_REGION", "eu-west-1"),
    ("AWS_ACCESS_KEY_ID", "test"),
    ("AWS_SECRET_ACCESS_KEY", "test"),
    ("VIVA_TABLE_SESSIONS", "sessions"),
    ("VIVA_TABLE_INBOX", "inbox"),
    ("VIVA_TABLE_CONNECTIONS", "connections"),
    ("VIVA_TABLE_BUDGETS", "budgets"),
    ("VIVA_BUCKET", "recordings"),
    ("VIVA_BUCKET_UPLOADS", "uploads"),
    ("VIVA_WORKER_FUNCTION", "interview:live"),
    ("VIVA_CHAT_FUNCTION", "chat:live"),
    ("VIVA_INGEST_FUNCTION", "ingest:live"),
    ("VIVA_DATABASE_SECRET", "database"),
    ("VIVA_ISSUER", "https://project.supabase.co/auth/v1"),
    ("VIVA_RECOGNIZER", "transcribe"),
    ("VIVA_MODEL", "bedrock"),
];
