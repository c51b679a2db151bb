//! What a run showed, for people and as JSON.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::Ordering;
use std::time::Duration;

use protocol::v1::Codec;
use serde::Serialize;

use crate::figures::{Counts, Distribution, Figures};
use crate::run::Plan;
use crate::server_process::ServerCost;
use crate::wer::WordErrors;

/// The result of a run.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// Candidates.
    pub sessions: usize,
    /// Those whose interview did not come to its end.
    pub failed: usize,
    /// Why, each reason with its number.
    pub failures: BTreeMap<String, u64>,
    /// The most sessions at once.
    pub at_once: u64,
    /// How long it took.
    pub elapsed_ms: u64,
    /// The codec.
    pub codec: Codec,
    /// The audio in one message.
    pub message_ms: u64,
    /// Audio sent.
    pub audio_ms: u64,
    /// Answers given.
    pub answers: u64,
    /// Answers that the server took for finished too early.
    pub answers_cut: u64,
    /// Questions that the server took for interrupted.
    pub questions_interrupted: u64,
    /// Latencies as the client sees them.
    pub latencies: BTreeMap<String, Distribution>,
    /// The server's own account, `turn.timing`, by stage.
    pub stages: BTreeMap<String, Distribution>,
    /// `error` messages by code.
    pub errors: BTreeMap<String, u64>,
    /// What connections went through.
    pub network: Network,
    /// Word error rate; absent where no text is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub word_error_rate: Option<f64>,
    /// The words behind it.
    pub words: WordErrors,
    /// What it cost the server; absent where its process was not watched.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server: Option<ServerCost>,
}

/// What connections went through.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Network {
    /// `session.resume` sent.
    pub resumes: u64,
    /// Connections lost that were not dropped on purpose.
    pub losses: u64,
    /// Times without a status for 3 s.
    pub pings: u64,
    /// Messages sent again.
    pub resent: u64,
    /// Events that came twice.
    pub repeated: u64,
}

impl Summary {
    pub(crate) fn new(
        plan: &Plan,
        figures: &Figures,
        failures: Vec<String>,
        elapsed: Duration,
        server: Option<ServerCost>,
    ) -> Self {
        let count = |of: fn(&Counts) -> &std::sync::atomic::AtomicU64| of(&figures.counts).load(Ordering::Relaxed);
        let words = figures.words();
        let failed = failures.len();
        let mut reasons = BTreeMap::new();
        failures.into_iter().for_each(|reason| *reasons.entry(reason).or_default() += 1);
        Self {
            sessions: plan.sessions,
            failed,
            failures: reasons,
            at_once: count(|counts| &counts.running_max),
            elapsed_ms: elapsed.as_millis() as u64,
            codec: plan.speech.format.codec,
            message_ms: plan.speech.message.as_millis() as u64,
            audio_ms: count(|counts| &counts.audio_ms),
            answers: count(|counts| &counts.answers),
            answers_cut: count(|counts| &counts.cut),
            questions_interrupted: count(|counts| &counts.interrupted),
            latencies: figures.latencies.all().into_iter().map(|(name, one)| (camel_case(name), one)).collect(),
            stages: figures.stages(),
            errors: figures.errors(),
            network: Network {
                resumes: count(|counts| &counts.resumes),
                losses: count(|counts| &counts.losses),
                pings: count(|counts| &counts.pings),
                resent: count(|counts| &counts.resent),
                repeated: count(|counts| &counts.repeated),
            },
            word_error_rate: words.rate(),
            words,
            server,
        }
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = |ms: u64| ms as f64 / 1_000.0;
        writeln!(
            f,
            "{} sessions ({} at once), {} failed; {} answers, {} cut, {} questions interrupted; {:.0} s of audio as {} in {} ms messages; {:.1} s",
            self.sessions,
            self.at_once,
            self.failed,
            self.answers,
            self.answers_cut,
            self.questions_interrupted,
            seconds(self.audio_ms),
            self.codec,
            self.message_ms,
            seconds(self.elapsed_ms),
        )?;
        writeln!(f, "\n{:<18}{:>9}{:>11}{:>11}{:>11}{:>11}", "latency (ms)", "count", "p50", "p95", "p99", "max")?;
        for (key, name) in SHOWN {
            if let Some(one) = self.latencies.get(*key).filter(|one| one.count > 0) {
                row(f, name, one)?;
            }
        }
        if !self.stages.is_empty() {
            writeln!(f, "\nturn.timing (ms)")?;
            self.stages.iter().try_for_each(|(name, one)| row(f, name, one))?;
        }
        let Network { resumes, losses, pings, resent, repeated } = self.network;
        writeln!(
            f,
            "\nresumes {resumes}, connections lost {losses}, silences {pings}, sent again {resent}, came twice {repeated}"
        )?;
        list(f, "errors", &self.errors)?;
        list(f, "failures", &self.failures)?;
        let WordErrors { substitutions, insertions, deletions, words } = self.words;
        match self.word_error_rate {
            Some(rate) => writeln!(
                f,
                "word error rate {:.1} % ({substitutions} other, {insertions} more, {deletions} fewer, of {words})",
                rate * 100.0
            )?,
            None => writeln!(f, "word error rate: not measured, no text is known")?,
        }
        if let Some(server) = &self.server {
            let kib = |bytes: f64| bytes / 1_024.0;
            writeln!(
                f,
                "server: {:.3} ms of CPU for each second of audio ({:.2} cores), {:.0} KiB for each session ({:.1} MiB → {:.1} MiB)",
                server.cpu_ms_per_audio_second,
                server.cpu_cores,
                kib(server.resident_bytes_per_session),
                kib(server.resident_before_bytes as f64) / 1_024.0,
                kib(server.resident_max_bytes as f64) / 1_024.0,
            )?;
        }
        Ok(())
    }
}

fn row(f: &mut fmt::Formatter<'_>, name: &str, one: &Distribution) -> fmt::Result {
    let Distribution { count, p50_ms, p95_ms, p99_ms, max_ms } = one;
    writeln!(f, "{name:<18}{count:>9}{p50_ms:>11.1}{p95_ms:>11.1}{p99_ms:>11.1}{max_ms:>11.1}")
}

fn list(f: &mut fmt::Formatter<'_>, title: &str, counts: &BTreeMap<String, u64>) -> fmt::Result {
    if counts.is_empty() {
        return writeln!(f, "{title}: none");
    }
    writeln!(f, "{title}:")?;
    counts.iter().try_for_each(|(name, count)| writeln!(f, "  {count:>6} × {name}"))
}

fn camel_case(name: &str) -> String {
    let mut upper = false;
    name.chars()
        .filter_map(|letter| {
            let shown = (letter != '_').then(|| if upper { letter.to_ascii_uppercase() } else { letter });
            upper = letter == '_';
            shown
        })
        .collect()
}

/// Latencies in the order of an interview.
const SHOWN: &[(&str, &str)] = &[
    ("connect", "connect"),
    ("started", "interview started"),
    ("acknowledgement", "acknowledgement"),
    ("firstPartial", "first partial"),
    ("partialLag", "partial behind"),
    ("finalWords", "final"),
    ("firstToken", "first token"),
    ("added", "added"),
    ("ownLag", "(own lag)"),
];
