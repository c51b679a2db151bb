//! A load test: so many candidates, begun one after another, watched until the last is done.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use anyhow::Context;
use futures::{StreamExt, TryStreamExt, stream};
use protocol::v1::SessionId;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};

use crate::answers::Speech;
use crate::candidate::{Manner, interview};
use crate::client::Connector;
use crate::figures::Figures;
use crate::server_process::{Sample, ServerCost, ServerProcess};
use crate::summary::Summary;
use crate::token::{dev_token, http_client};

/// What to do.
#[derive(Debug)]
pub struct Plan {
    /// The server's WebSocket.
    pub url: String,
    /// One token for all; without it each candidate is a user of their own, with a token from `/dev/token`.
    pub token: Option<String>,
    /// How many candidates.
    pub sessions: usize,
    /// From the first candidate's start to the last one's.
    pub ramp_up: Duration,
    /// How they behave.
    pub manner: Manner,
    /// What they say.
    pub speech: Arc<Speech>,
    /// The server's process, if it is to be watched.
    pub server: Option<ServerProcess>,
    /// Tells one run's sessions from another's; letters and digits.
    pub name: String,
}

/// Progress, for whoever shows it.
#[derive(Debug, Clone, Copy)]
pub struct Progress {
    /// Candidates that are done.
    pub done: usize,
    /// Of those, the ones that failed.
    pub failed: usize,
    /// Candidates at it.
    pub running: u64,
    /// Answers given.
    pub answers: u64,
}

/// Runs it, and reports progress a few times a second.
pub async fn run(plan: Plan, mut show: impl FnMut(Progress)) -> anyhow::Result<Summary> {
    let figures = Arc::new(Figures::new());
    let tokens = tokens(&plan).await?;
    let manner = Arc::new(plan.manner.clone());
    let mut watch = plan.server.clone().map(Watch::new).transpose()?;
    let begun = Instant::now();
    let mut candidates = JoinSet::new();
    for (index, token) in tokens.into_iter().enumerate() {
        let at = begun + plan.ramp_up.mul_f64(index as f64 / plan.sessions.max(1) as f64);
        let session = SessionId::new(format!("{}-{index}", plan.name)).context("the run's name makes no id")?;
        let connector = Connector::new(plan.url.clone(), token);
        let (manner, speech, figures) = (manner.clone(), plan.speech.clone(), figures.clone());
        candidates.spawn(async move {
            sleep_until(at).await;
            figures.counts.begin();
            let outcome = interview(connector, session, index, &manner, speech, figures.clone()).await;
            figures.counts.end();
            outcome
        });
    }
    let mut failures = Vec::new();
    let mut done = 0;
    let mut look = interval(LOOK_EVERY);
    look.set_missed_tick_behavior(MissedTickBehavior::Skip);
    while done < plan.sessions {
        tokio::select! {
            Some(outcome) = candidates.join_next() => {
                done += 1;
                if let Err(failure) = outcome.context("a candidate broke off")? {
                    failures.push(failure.to_string());
                }
            }
            _ = look.tick() => {
                if let Some(watch) = &mut watch {
                    watch.look()?;
                }
            }
        }
        let counts = &figures.counts;
        show(Progress {
            done,
            failed: failures.len(),
            running: counts.running.load(Ordering::Relaxed),
            answers: counts.answers.load(Ordering::Relaxed),
        });
    }
    let server = watch.map(|watch| watch.cost(&figures, begun.elapsed()));
    Ok(Summary::new(&plan, &figures, failures, begun.elapsed(), server))
}

async fn tokens(plan: &Plan) -> anyhow::Result<Vec<String>> {
    if let Some(token) = &plan.token {
        return Ok(vec![token.clone(); plan.sessions]);
    }
    let http = http_client()?;
    let token = |index| {
        let (http, user) = (http.clone(), format!("{}-user-{index}", plan.name));
        async move { dev_token(&http, &plan.url, &user).await }
    };
    stream::iter((0..plan.sessions).map(token)).buffered(TOKENS_AT_ONCE).try_collect().await
}

/// The server's process over the run.
struct Watch {
    process: ServerProcess,
    first: Sample,
    last: Sample,
    resident_max_bytes: u64,
}

impl Watch {
    fn new(process: ServerProcess) -> anyhow::Result<Self> {
        let first = process.sample()?;
        Ok(Self { process, first, last: first, resident_max_bytes: first.resident_bytes })
    }

    fn look(&mut self) -> anyhow::Result<()> {
        self.last = self.process.sample().context("the server's process is gone")?;
        self.resident_max_bytes = self.resident_max_bytes.max(self.last.resident_bytes);
        Ok(())
    }

    fn cost(self, figures: &Figures, elapsed: Duration) -> ServerCost {
        let cpu = (self.last.cpu - self.first.cpu).as_secs_f64();
        let audio = figures.counts.audio_ms.load(Ordering::Relaxed) as f64 / 1_000.0;
        let sessions = figures.counts.running_max.load(Ordering::Relaxed) as f64;
        ServerCost {
            cpu_ms_per_audio_second: cpu * 1_000.0 / audio.max(1.0),
            cpu_cores: cpu / elapsed.as_secs_f64(),
            resident_before_bytes: self.first.resident_bytes,
            resident_max_bytes: self.resident_max_bytes,
            resident_bytes_per_session: (self.resident_max_bytes - self.first.resident_bytes) as f64
                / sessions.max(1.0),
        }
    }
}

const LOOK_EVERY: Duration = Duration::from_millis(250);
const TOKENS_AT_ONCE: usize = 16;
