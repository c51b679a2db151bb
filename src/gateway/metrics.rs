//! The metrics of this process, for Prometheus. Their names are declared here, whoever counts; no label holds anything personal.

use metrics::Unit;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use std::sync::LazyLock;
use std::time::Instant;

/// Installed once for the process: recorders are global.
pub(crate) static METRICS: LazyLock<PrometheusHandle> = LazyLock::new(|| {
    let recorder = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), SECONDS)
        .expect("the buckets are not empty")
        .build_recorder();
    let handle = recorder.handle();
    if metrics::set_global_recorder(recorder).is_err() {
        tracing::warn!("another recorder of metrics is installed; /metrics stays empty");
    }
    describe();
    handle
});

fn describe() {
    for (name, text) in COUNTERS {
        metrics::describe_counter!(*name, Unit::Count, *text);
    }
    for (name, text) in GAUGES {
        metrics::describe_gauge!(*name, Unit::Count, *text);
    }
    for (name, text) in HISTOGRAMS {
        metrics::describe_histogram!(*name, Unit::Seconds, *text);
    }
}

/// Counters.
pub const COUNTERS: &[(&str, &str)] = &[
    ("viva_connections_total", "Connections opened"),
    ("viva_connections_refused_total", "Upgrades refused, by HTTP status"),
    ("viva_messages_total", "Messages of clients that could be read, by type"),
    ("viva_errors_total", "Errors told to clients, by code"),
    ("viva_commits_total", "Records committed to the logs of sessions"),
    ("viva_events_total", "Numbered events in those records"),
    ("viva_recognizer_streams_total", "Streams opened at the recognizer"),
    ("viva_recognizer_errors_total", "Streams of the recognizer that failed"),
    ("viva_recognizer_busy_total", "Streams that the recognizer refused because as many are open as may be"),
    ("viva_model_errors_total", "Calls of the text model that failed"),
    ("viva_model_busy_total", "Calls that the text model refused because it is busy"),
    ("viva_sessions_started_total", "Interviews begun"),
    ("viva_sessions_finished_total", "Interviews that came to an end, abandoned ones included"),
    ("viva_cost_micro_usd_total", "What the interviews that ended cost by our own estimate, in millionths of a dollar"),
    ("viva_worker_panics_total", "Workers that broke by a fault of ours"),
    ("viva_worker_failures_total", "Workers that ended with an error"),
    ("viva_swept_total", "Sessions that the sweep found due, by outcome"),
    ("viva_throttled_total", "Requests that had to wait because there were too many, by who said so"),
    ("viva_tokens_refused_total", "Tokens that the authorizer refused"),
    ("viva_filed_total", "Sessions whose reports were filed, by outcome"),
    ("viva_announcements_total", "Attempts to tell the platform of an interview's end, by outcome"),
    ("viva_key_fetches_total", "Attempts at an issuer's keys, by outcome"),
    ("viva_problems_total", "REST requests refused, by code"),
    ("viva_documents_total", "Documents that came to the end of their way, by state"),
    ("viva_quizzes_stalled_total", "Quizzes that stood still and were asked for again"),
    ("viva_documents_stalled_total", "Documents that stood still and were asked for again"),
    ("viva_arrivals_total", "Files that a queue told of, by outcome"),
    ("viva_passages_embedded_total", "Passages whose vectors were made"),
    (
        "viva_semantic_searches_failed_total",
        "Searches by words alone, because the index of meanings could not be asked",
    ),
    ("viva_quizzes_made_total", "Quizzes whose making came to its end, by state"),
    ("viva_quizzes_put_off_total", "Quizzes whose making could not go on for now"),
    ("viva_ingestions_put_off_total", "Documents whose ingestion could not go on for now"),
    ("viva_slow_readers_total", "Clients cut off because they took nothing for too long"),
];

/// Gauges.
pub const GAUGES: &[(&str, &str)] = &[
    ("viva_connections", "Connections that are open"),
    ("viva_sessions_live", "Sessions that have a worker"),
    ("viva_budget_used_ratio", "The share of a day's budget that the last booking found used, by whose it is"),
];

/// Histograms, in seconds.
pub const HISTOGRAMS: &[(&str, &str)] = &[
    ("viva_message_seconds", "From a message's arrival until it is handled"),
    ("viva_first_token_seconds", "From an answer's end to the first piece of the next question"),
];

const SECONDS: &[f64] =
    &[0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

/// Measures how long something takes, for a histogram.
#[derive(Debug)]
pub(crate) struct Stopwatch(Instant);

impl Stopwatch {
    #[expect(clippy::disallowed_methods, reason = "a measurement decides nothing; it needs more than milliseconds")]
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    pub(crate) fn seconds(&self) -> f64 {
        self.0.elapsed().as_secs_f64()
    }
}
