//! How long a Lambda function takes from the start of its process to its first answer, and how large its package is.
//!
//! It plays the Lambda runtime API on this machine's loopback: a fresh process for each run asks for its first event and posts its answer.
//! What AWS does before the process starts (fetching the package, making a sandbox) is not in it.
//!
//!     cargo build --profile lambda --no-default-features --features cloud --bin connect --bin message
//!     cargo run --release --example cold_start -- target/lambda/connect tests/lambda/events/connect.json [runs]

#![allow(clippy::print_stdout, clippy::disallowed_methods, reason = "a benchmark prints, and reads a clock")]

use anyhow::{Context as _, ensure};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let usage = "cold_start BINARY EVENT.json [RUNS]";
    let binary = arguments.next().context(usage)?;
    let event = std::fs::read_to_string(arguments.next().context(usage)?)?;
    let runs: usize = arguments.next().map_or(Ok(RUNS), |runs| runs.parse())?;
    let services = services()?;
    let mut first_answers = Vec::new();
    let mut ready = Vec::new();
    for _ in 0..runs {
        let run = run(&binary, &event, &services)?;
        ready.push(run.ready);
        first_answers.push(run.answered);
    }
    println!("{binary}: {:.1} MB, {runs} runs", std::fs::metadata(&binary)?.len() as f64 / 1e6);
    println!("  process start to first request for an event: {}", spread(&mut ready));
    println!("  process start to first answer:               {}", spread(&mut first_answers));
    Ok(())
}

/// Whatever AWS service is asked: it says yes at once, so that what is measured is ours.
fn services() -> anyhow::Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let url = format!("http://{}", listener.local_addr()?);
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            std::thread::spawn(move || -> anyhow::Result<()> {
                stream.set_nodelay(true)?;
                let mut reader = BufReader::new(stream);
                while read_request(&mut reader)?.is_some() {
                    reader.get_mut().write_all(YES)?;
                }
                Ok(())
            });
        }
    });
    Ok(url)
}

struct Run {
    ready: Duration,
    answered: Duration,
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

fn run(binary: &str, event: &str, services: &str) -> anyhow::Result<Run> {
    let api = TcpListener::bind("127.0.0.1:0")?;
    let started = Instant::now();
    let function = Command::new(binary)
        .env("AWS_LAMBDA_RUNTIME_API", api.local_addr()?.to_string())
        .env("AWS_LAMBDA_FUNCTION_NAME", "function")
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
        .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
        .env("AWS_LAMBDA_LOG_STREAM_NAME", "stream")
        .env("AWS_LAMBDA_LOG_GROUP_NAME", "group")
        .envs([("AWS_REGION", "eu-west-1"), ("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test")])
        .env("AWS_ENDPOINT_URL", services)
        .env("VIVA_CONNECTIONS_URL", services)
        .envs(NAMES.iter().map(|name| (*name, "name")))
        .envs([
            ("VIVA_ISSUER", "https://project.supabase.co/auth/v1"),
            ("VIVA_MODEL", "builtin"),
            ("VIVA_RECOGNIZER", "none"),
        ])
        .stdout(Stdio::null())
        .spawn()?;
    let _function = Function(function);
    let mut ready = None;
    loop {
        let (stream, _) = api.accept()?;
        stream.set_nodelay(true)?;
        let mut reader = BufReader::new(stream);
        while let Some(request) = read_request(&mut reader)? {
            if request.starts_with("GET ") && request.contains("/invocation/next") {
                ready.get_or_insert_with(|| started.elapsed());
                write_event(reader.get_mut(), event)?;
            } else if request.starts_with("POST ") {
                ensure!(request.contains("/response"), "the function failed: {request}");
                let answered = started.elapsed();
                return Ok(Run { ready: ready.context("an answer came before its event")?, answered });
            }
        }
    }
}

/// The request's line, with its body after it; `None`: the connection was closed.
fn read_request(reader: &mut BufReader<TcpStream>) -> anyhow::Result<Option<String>> {
    let mut first = String::new();
    if reader.read_line(&mut first)? == 0 {
        return Ok(None);
    }
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let line = line.trim();
        if line.is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    first.push_str(&String::from_utf8_lossy(&body));
    Ok(Some(first))
}

fn write_event(stream: &mut TcpStream, event: &str) -> anyhow::Result<()> {
    let now_ms = SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis();
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
         Lambda-Runtime-Aws-Request-Id: 8476a536-e9f4-11e8-9739-2dfe598c3fcd\r\nLambda-Runtime-Deadline-Ms: {}\r\n\
         Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:eu-west-1:123456789012:function:function\r\n\r\n",
        event.len(),
        now_ms + 29_000
    );
    stream.write_all(head.as_bytes())?;
    Ok(stream.write_all(event.as_bytes())?)
}

fn spread(times: &mut [Duration]) -> String {
    times.sort();
    let ms = |at: usize| times.get(at).map_or(0.0, |time| time.as_secs_f64() * 1_000.0);
    format!("median {:.1} ms, {:.1} to {:.1} ms", ms(times.len() / 2), ms(0), ms(times.len().saturating_sub(1)))
}

const RUNS: usize = 30;
const YES: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.0\r\nContent-Length: 2\r\n\r\n{}";
/// Variables whose values do not matter here.
const NAMES: &[&str] = &[
    "VIVA_TABLE_SESSIONS",
    "VIVA_TABLE_INBOX",
    "VIVA_TABLE_CONNECTIONS",
    "VIVA_TABLE_BUDGETS",
    "VIVA_BUCKET",
    "VIVA_WORKER_FUNCTION",
    "VIVA_DATABASE_SECRET",
    "VIVA_EVENT_BUS",
];
