//! The command: reads its arguments, shows progress, prints the summary.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a command speaks to its terminal and reads the clock"
)]

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::ensure;
use clap::{Parser, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};
use loadtest::answers::{Encoding, Speech};
use loadtest::candidate::Manner;
use loadtest::run::{Plan, run};
use loadtest::server_process::ServerProcess;
use protocol::v1::{Codec, Language, TurnTaking};

/// Holds many interviews with a viva server at once, by spoken answers in real time, and prints what a client sees.
///
/// Example, one core for the server and one for the load:
///
///     taskset -c 0 target/release/viva serve &
///     taskset -c 1 target/release/loadtest --sessions 500 --ramp-up 30 --answer-ms 6000 --turn-taking manual --server-pid $!
#[derive(Debug, Parser)]
#[command(version, verbatim_doc_comment)]
struct Arguments {
    /// The server's WebSocket.
    #[arg(long, default_value = "ws://127.0.0.1:8080/ws")]
    url: String,
    /// A token for all sessions; without it each session is a user of its own, by the server's /dev/token.
    #[arg(long, env = "VIVA_TOKEN", hide_env_values = true)]
    token: Option<String>,
    /// Interviews to hold.
    #[arg(long, default_value_t = 10)]
    sessions: usize,
    /// Seconds from the first interview's start to the last one's.
    #[arg(long, default_value_t = 2.0)]
    ramp_up: f64,
    /// A folder of WAV files (mono, 16 bits), each with what is said in it in a .txt beside it.
    #[arg(long, default_value = "loadtest/speech")]
    answers: PathBuf,
    /// Squeeze pauses out and cut or repeat each answer to so many ms: for load; no word error rate then.
    #[arg(long)]
    answer_ms: Option<u32>,
    /// Questions in each interview.
    #[arg(long, default_value_t = 3)]
    turns: u32,
    /// How audio is coded.
    #[arg(long, value_enum, default_value_t = CodecName::Opus)]
    codec: CodecName,
    /// Audio in one message, a multiple of 20 ms.
    #[arg(long, default_value_t = 100)]
    message_ms: u32,
    /// Opus' bit rate.
    #[arg(long, default_value_t = 20_000)]
    bits_per_second: i32,
    /// What ends an answer: a silence, a longer one, or `answer.end`.
    #[arg(long, value_enum, default_value_t = TurnTakingName::Auto)]
    turn_taking: TurnTakingName,
    /// With manual turn-taking: from the last voice to `answer.end`.
    #[arg(long, default_value_t = 600)]
    end_after_ms: u64,
    /// From the end of a question to the answer.
    #[arg(long, default_value_t = 500)]
    think_ms: u64,
    /// What the script of a scripted model waits before its first token: taken off the added latency.
    #[arg(long, default_value_t = 0)]
    script_wait_ms: u64,
    /// Drop each connection every so many seconds, and resume.
    #[arg(long)]
    drop_every: Option<f64>,
    /// How long a dropped connection stays away.
    #[arg(long, default_value_t = 500)]
    drop_for_ms: u64,
    /// Have the server keep recordings.
    #[arg(long)]
    recording: bool,
    /// What the interviews are about.
    #[arg(long, default_value = "How a web server handles many requests at once")]
    topic: String,
    /// The language spoken, a BCP 47 tag.
    #[arg(long, default_value = "en-US")]
    language: Language,
    /// The longest that an interview may take, in seconds; by default what its answers take, and two minutes more.
    #[arg(long)]
    longest: Option<f64>,
    /// Watch this process: its memory and CPU are the server's.
    #[arg(long)]
    server_pid: Option<u32>,
    /// Print JSON and show no progress.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum CodecName {
    Opus,
    Pcm,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum TurnTakingName {
    Auto,
    Patient,
    Manual,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<ExitCode> {
    let arguments = Arguments::parse();
    let plan = plan(&arguments)?;
    let bar = if arguments.json {
        ProgressBar::hidden()
    } else {
        ProgressBar::new(plan.sessions as u64 * u64::from(arguments.turns))
    };
    bar.set_style(ProgressStyle::with_template("{bar:32} {pos}/{len} answers, {msg}, {elapsed}")?);
    let summary = run(plan, |progress| {
        bar.set_position(progress.answers);
        bar.set_message(format!("{} at it, {} done, {} failed", progress.running, progress.done, progress.failed));
    })
    .await?;
    bar.finish_and_clear();
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&summary)?);
    } else {
        print!("{summary}");
    }
    Ok(if summary.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn plan(arguments: &Arguments) -> anyhow::Result<Plan> {
    ensure!(arguments.sessions > 0, "at least one session");
    let codec = match arguments.codec {
        CodecName::Opus => Codec::Opus,
        CodecName::Pcm => Codec::PcmS16le,
    };
    let turn_taking = match arguments.turn_taking {
        TurnTakingName::Auto => TurnTaking::Auto,
        TurnTakingName::Patient => TurnTaking::Patient,
        TurnTakingName::Manual => TurnTaking::Manual,
    };
    let encoding = Encoding { codec, message_ms: arguments.message_ms, bits_per_second: arguments.bits_per_second };
    let speech = Speech::read(&arguments.answers, encoding, arguments.answer_ms)?;
    let longest = match arguments.longest {
        Some(seconds) => Duration::try_from_secs_f64(seconds)?,
        None => {
            let answer = speech.answers.iter().map(|answer| answer.messages.len()).max().unwrap_or_default();
            (speech.message * answer as u32 + Duration::from_millis(arguments.think_ms + 5_000)) * arguments.turns
                + SLACK
        }
    };
    let manner = Manner {
        topic: arguments.topic.clone(),
        language: arguments.language.clone(),
        turns: arguments.turns,
        think: Duration::from_millis(arguments.think_ms),
        turn_taking,
        end_after: Duration::from_millis(arguments.end_after_ms),
        recording: arguments.recording,
        script_wait: Duration::from_millis(arguments.script_wait_ms),
        drop_every: arguments.drop_every.map(Duration::try_from_secs_f64).transpose()?,
        drop_for: Duration::from_millis(arguments.drop_for_ms),
        longest,
    };
    Ok(Plan {
        url: arguments.url.clone(),
        token: arguments.token.clone(),
        sessions: arguments.sessions,
        ramp_up: Duration::try_from_secs_f64(arguments.ramp_up)?,
        manner,
        speech: Arc::new(speech),
        server: arguments.server_pid.map(ServerProcess::new).transpose()?,
        name: format!("load-{}", SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis()),
    })
}

/// What an interview may take beyond its answers.
const SLACK: Duration = Duration::from_secs(120);
