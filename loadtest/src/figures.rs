//! What is measured, gathered from all sessions while they run.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hdrhistogram::Histogram;
use serde::Serialize;

use crate::wer::WordErrors;

macro_rules! latencies {
    ($($(#[$meta:meta])* $name:ident),* $(,)?) => {
        /// Every latency, in microseconds.
        #[derive(Debug)]
        pub struct Latencies {
            $($(#[$meta])* pub $name: Recorder,)*
        }

        impl Latencies {
            fn new() -> Self {
                Self { $($name: Recorder::new(),)* }
            }

            /// Name and distribution of each, in order.
            pub fn all(&self) -> Vec<(&'static str, Distribution)> {
                vec![$((stringify!($name), self.$name.distribution()),)*]
            }
        }
    };
}

latencies! {
    /// Opening a connection, the upgrade included.
    connect,
    /// `interview.start` → `interview.started`.
    started,
    /// A message sent → `inboxThroughSeq` covers it.
    acknowledgement,
    /// First voiced message sent → first partial.
    first_partial,
    /// The message that a partial rests on sent → the partial. Only where the server names its `mediaMs`.
    partial_lag,
    /// Last voiced message sent → the next final.
    final_words,
    /// Last voiced message sent → first piece of the next question.
    first_token,
    /// The message that ended the answer sent → first piece of the next question, less what the script waits.
    added,
    /// How late this program itself was: above a few ms it measures itself.
    own_lag,
}

/// Everything that is gathered.
#[derive(Debug)]
pub struct Figures {
    /// Latencies.
    pub latencies: Latencies,
    /// `turn.timing`, by stage.
    stages: Mutex<BTreeMap<String, Histogram<u64>>>,
    /// `error`, by code.
    errors: Mutex<BTreeMap<String, u64>>,
    words: Mutex<WordErrors>,
    /// Counters.
    pub counts: Counts,
}

/// What is counted.
#[derive(Debug, Default)]
pub struct Counts {
    /// Sessions that run now.
    pub running: AtomicU64,
    /// The most that ran at once.
    pub running_max: AtomicU64,
    /// Answers given.
    pub answers: AtomicU64,
    /// Answers that were committed before they were over.
    pub cut: AtomicU64,
    /// Questions that the server took for interrupted.
    pub interrupted: AtomicU64,
    /// Audio sent, in ms.
    pub audio_ms: AtomicU64,
    /// Messages sent again.
    pub resent: AtomicU64,
    /// `session.resume` sent.
    pub resumes: AtomicU64,
    /// Connections lost that were not dropped on purpose.
    pub losses: AtomicU64,
    /// Times without a status for 3 s.
    pub pings: AtomicU64,
    /// Events that came twice.
    pub repeated: AtomicU64,
}

impl Figures {
    /// Nothing yet.
    #[expect(clippy::new_without_default, reason = "histograms are made, not defaulted")]
    pub fn new() -> Self {
        Self {
            latencies: Latencies::new(),
            stages: Mutex::default(),
            errors: Mutex::default(),
            words: Mutex::default(),
            counts: Counts::default(),
        }
    }

    /// Counts an `error`.
    pub fn count_error(&self, code: &str) {
        *lock(&self.errors).entry(code.to_owned()).or_default() += 1;
    }

    /// Notes a stage of `turn.timing`.
    pub fn record_stage(&self, name: &str, duration_ms: u64) {
        let mut stages = lock(&self.stages);
        let stage = stages.entry(name.to_owned()).or_insert_with(histogram);
        stage.saturating_record(duration_ms * 1_000);
    }

    /// Adds the word errors of an answer.
    pub fn add_words(&self, words: WordErrors) {
        *lock(&self.words) += words;
    }

    /// Stages, each with its distribution.
    pub fn stages(&self) -> BTreeMap<String, Distribution> {
        lock(&self.stages).iter().map(|(name, stage)| (name.clone(), Distribution::of(stage))).collect()
    }

    /// Errors by code.
    pub fn errors(&self) -> BTreeMap<String, u64> {
        lock(&self.errors).clone()
    }

    /// Word errors of all answers whose texts are known.
    pub fn words(&self) -> WordErrors {
        *lock(&self.words)
    }
}

impl Counts {
    /// A session begins.
    pub fn begin(&self) {
        let running = self.running.fetch_add(1, Ordering::Relaxed) + 1;
        self.running_max.fetch_max(running, Ordering::Relaxed);
    }

    /// A session ends.
    pub fn end(&self) {
        self.running.fetch_sub(1, Ordering::Relaxed);
    }
}

/// One latency.
#[derive(Debug)]
pub struct Recorder(Mutex<Histogram<u64>>);

impl Recorder {
    fn new() -> Self {
        Self(Mutex::new(histogram()))
    }

    /// Notes one.
    pub fn record(&self, duration: Duration) {
        lock(&self.0).saturating_record(duration.as_micros() as u64);
    }

    /// What was noted so far.
    pub fn distribution(&self) -> Distribution {
        Distribution::of(&lock(&self.0))
    }
}

/// A distribution in ms.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Distribution {
    /// How many.
    pub count: u64,
    /// Half are at most this.
    pub p50_ms: f64,
    /// 95 of 100 are at most this.
    pub p95_ms: f64,
    /// 99 of 100 are at most this.
    pub p99_ms: f64,
    /// The largest.
    pub max_ms: f64,
}

impl Distribution {
    fn of(histogram: &Histogram<u64>) -> Self {
        let ms = |micros: u64| micros as f64 / 1_000.0;
        Self {
            count: histogram.len(),
            p50_ms: ms(histogram.value_at_quantile(0.5)),
            p95_ms: ms(histogram.value_at_quantile(0.95)),
            p99_ms: ms(histogram.value_at_quantile(0.99)),
            max_ms: ms(histogram.max()),
        }
    }
}

fn histogram() -> Histogram<u64> {
    // From 1 µs to 10 minutes with three significant digits.
    Histogram::new_with_bounds(1, 600_000_000, 3).expect("the bounds are in order")
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
