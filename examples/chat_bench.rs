//! How long until the first word of an answer from files, when the model says its first word at once: what viva adds, search included.
//!
//!     cargo build --release && cargo run --release --example chat_bench -- target/release/viva [CONVERSATIONS] [QUESTIONS]
//!
//! It starts the server with a scripted model, uploads a book to a course, and lets so many members of the course ask so many questions each,
//! one every two seconds. Milliseconds are from sending the question to receiving the first piece, over a WebSocket on this machine.

use anyhow::{Context, bail};
use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use viva::auth::{CourseRole, Identity, LocalKey};
use viva::embedded::system::SystemClock;
use viva::ports::clock::Clock;
use viva::ports::ids::{TenantId, UserId};

const SECRET: &str = "a secret for this measurement alone";
const COURSE: &str = "bench";
const SECTIONS: usize = 1_000;
/// From one question of a person to the next.
const THINKING: Duration = Duration::from_secs(2);

#[tokio::main(flavor = "current_thread")]
#[expect(clippy::print_stdout, reason = "a measurement for people")]
async fn main() -> anyhow::Result<()> {
    viva::gateway::install_provider();
    let mut arguments = std::env::args().skip(1);
    let executable = arguments.next().context("which viva? e.g. target/release/viva")?;
    let conversations: usize = arguments.next().map_or(Ok(50), |text| text.parse())?;
    let questions: usize = arguments.next().map_or(Ok(20), |text| text.parse())?;
    let folder = tempfile::tempdir()?;
    let (server, ready) = start(&executable, folder.path()).await?;
    let base = ready["url"].as_str().context("no address")?.trim_end_matches('/').to_owned();
    let reading = shelve(&base).await?;
    println!("{SECTIONS} sections uploaded, read and searchable in {reading:.1?}");

    let url = ready["webSocketUrl"].as_str().context("no address")?;
    let step = THINKING / u32::try_from(conversations.max(1))?;
    let people = (0..conversations).map(|number| {
        let (url, wait) = (url.to_owned(), step * number as u32);
        tokio::spawn(async move {
            tokio::time::sleep(wait).await;
            person(&url, number, questions).await
        })
    });
    let (mut first, mut whole) = (Vec::new(), Vec::new());
    for person in futures::future::join_all(people).await {
        for (to_first, to_end) in person?? {
            first.push(to_first);
            whole.push(to_end);
        }
    }
    println!("{conversations} conversations, {questions} questions each, one every {THINKING:?}");
    println!("to the first word: {}", spread(first));
    println!("to the whole answer with its citations: {}", spread(whole));
    println!("the server's memory at its peak: {} MB", peak_mb(server.id().context("it has ended")?)?);
    Ok(())
}

async fn start(executable: &str, folder: &Path) -> anyhow::Result<(Child, Value)> {
    // As far as viva is concerned the model answers at once.
    let answer = "The duty of section 1 is owed to neighbours [1]. It is breached by carelessness [1].";
    let script = folder.join("model.json");
    std::fs::write(&script, json!({"usual": {"text": answer, "intervalMs": 0}}).to_string())?;
    let mut server = Command::new(executable)
        .args(["serve", "--json"])
        .env("VIVA_DATA", folder.join("data"))
        .env("VIVA_ADDR", "127.0.0.1:0")
        .env("VIVA_ADMIN_ADDR", "127.0.0.1:0")
        .env("VIVA_TOKEN_SECRET", SECRET)
        .env("VIVA_RECOGNIZER", "none")
        .env("VIVA_MODEL", "scripted")
        .env("VIVA_MODEL_SCRIPT", script)
        .env("VIVA_LOG", "error")
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let mut line = String::new();
    BufReader::new(server.stdout.as_mut().context("no output")?).read_line(&mut line).await?;
    Ok((server, serde_json::from_str(&line)?))
}

/// Uploads the book; how long until it was searchable.
#[expect(clippy::disallowed_methods, reason = "a measurement reads the clock")]
async fn shelve(base: &str) -> anyhow::Result<Duration> {
    let section = |n: usize| {
        format!(
            "## Section {n}\n\nThe duty of section {n} is owed to neighbours, and breached by carelessness of kind {n}. {}\n\n",
            "What follows from it depends on causation, on damage, and on what could be foreseen. ".repeat(12)
        )
    };
    let book: String = std::iter::once("# Torts\n\n".to_owned()).chain((0..SECTIONS).map(section)).collect();
    let sha256: String = Sha256::digest(&book).iter().map(|byte| format!("{byte:02x}")).collect();
    let http = reqwest::Client::new();
    let token = token("teacher", CourseRole::Teacher)?;
    let begun = Instant::now();
    let body = json!({"name": "torts.md", "bytes": book.len(), "sha256": sha256, "course": COURSE});
    let post = http.post(format!("{base}/api/uploads")).bearer_auth(&token).body(body.to_string());
    let ticket: Value = serde_json::from_str(&post.send().await?.error_for_status()?.text().await?)?;
    let address = ticket["send"]["url"].as_str().context("no address")?;
    http.put(format!("{base}{address}")).body(book).send().await?.error_for_status()?;
    let upload = ticket["upload"]["id"].as_str().context("no upload")?;
    http.post(format!("{base}/api/uploads/{upload}/complete")).bearer_auth(&token).send().await?.error_for_status()?;
    let document = ticket["upload"]["document"].as_str().context("no document")?;
    loop {
        let get = http.get(format!("{base}/api/documents/{document}")).bearer_auth(&token);
        let state: Value = serde_json::from_str(&get.send().await?.error_for_status()?.text().await?)?;
        match state["state"].as_str() {
            Some("ready") => return Ok(begun.elapsed()),
            Some("failed") => bail!("{state}"),
            _ => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
}

/// For each question the time to the first piece and to the end.
#[expect(clippy::disallowed_methods, reason = "a measurement reads the clock")]
async fn person(url: &str, number: usize, questions: usize) -> anyhow::Result<Vec<(Duration, Duration)>> {
    let mut request = url.into_client_request()?;
    let token = token(&format!("student-{number}"), CourseRole::Student)?;
    request.headers_mut().insert("sec-websocket-protocol", format!("viva.v1, viva.bearer.{token}").parse()?);
    let (mut socket, _) = connect_async(request).await?;
    let (mut times, mut parent): (_, Option<Value>) = (Vec::new(), None);
    for question in 0..questions {
        let section = (number * 37 + question * 11) % SECTIONS;
        let mut send = json!({
            "type": "chat.send", "id": "q", "session": "talk", "messageId": format!("m{question}"),
            "text": format!("To whom is the duty of section {section} owed, and how is it breached?"),
        });
        if let Some(parent) = parent.take() {
            send["parentId"] = parent;
        }
        let asked = Instant::now();
        socket.send(Message::text(send.to_string())).await?;
        let mut first = None;
        loop {
            let Some(Message::Text(text)) = socket.next().await.transpose()? else { continue };
            let told: Value = serde_json::from_str(&text)?;
            match told["type"].as_str() {
                Some("error") => bail!("{told}"),
                Some("chat.delta") => first = first.or(Some(asked.elapsed())),
                Some("chat.done") => {
                    anyhow::ensure!(told["finishReason"] == "complete", "{told}");
                    parent = Some(told["replyId"].clone());
                    break;
                }
                _ => {}
            }
        }
        times.push((first.context("an answer without words")?, asked.elapsed()));
        tokio::time::sleep_until((asked + THINKING).into()).await;
    }
    Ok(times)
}

fn token(user: &str, role: CourseRole) -> anyhow::Result<String> {
    let identity = Identity {
        tenant: TenantId::new("default"),
        user: UserId::new(user),
        role: None,
        courses: BTreeMap::from([(COURSE.to_owned(), role)]),
        expires: SystemClock.now().plus_ms(3_600_000),
    };
    Ok(LocalKey::new(SECRET).issue(&identity)?)
}

fn spread(mut times: Vec<Duration>) -> String {
    times.sort_unstable();
    let at = |share: f64| {
        let index = (times.len().saturating_sub(1) as f64 * share) as usize;
        times.get(index).copied().unwrap_or_default().as_secs_f64() * 1_000.0
    };
    format!("p50 {:.1}, p95 {:.1}, p99 {:.1}, most {:.1} ms of {}", at(0.5), at(0.95), at(0.99), at(1.0), times.len())
}

/// The most that was resident at once.
fn peak_mb(process: u32) -> anyhow::Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("no VmHWM")?;
    Ok(line.trim().trim_end_matches(" kB").parse::<u64>()? / 1024)
}
