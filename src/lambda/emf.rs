//! What is counted, for CloudWatch: metrics as lines of JSON on the standard output (the embedded metric format), without a call to AWS.
//!
//! Only the environment is a dimension, because every further one is a metric of its own on the bill. The function's name and the labels
//! stand beside it, for queries of the logs. No label holds anything personal.

use crate::config::limits::{METRIC_VALUES_LINE_MAX, METRIC_VALUES_MAX};
use metrics::{Counter, Gauge, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder, SharedString, Unit};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, HashMap};
use std::io::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

/// What was counted since the last flush.
#[derive(Debug)]
pub struct Emf {
    function: &'static str,
    environment: String,
    metrics: Mutex<HashMap<Key, Metric>>,
}

#[derive(Clone, Debug)]
enum Metric {
    Counter(Arc<AtomicU64>),
    Gauge(Arc<AtomicU64>),
    Histogram(Arc<Values>),
}

type Labels = Vec<(String, String)>;

/// A metric's name and what was recorded of it.
type Named = (String, Vec<f64>);

#[derive(Debug, Default)]
struct Values(Mutex<Vec<f64>>);

impl HistogramFn for Values {
    fn record(&self, value: f64) {
        let mut values = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if value.is_finite() && values.len() < METRIC_VALUES_MAX {
            values.push(value);
        }
    }
}

impl Emf {
    pub fn new(function: &'static str, environment: Option<&str>) -> Arc<Self> {
        let environment = environment.unwrap_or("dev").to_owned();
        Arc::new(Self { function, environment, metrics: Mutex::default() })
    }

    /// The recorder of this process.
    pub fn install(function: &'static str, environment: Option<&str>) -> Arc<Self> {
        let emf = Self::new(function, environment);
        if metrics::set_global_recorder(Recording(Arc::clone(&emf))).is_err() {
            tracing::warn!("another recorder of metrics is installed; nothing is counted here");
        }
        emf
    }

    /// Something to count with, apart from the process's own.
    pub fn recorder(self: &Arc<Self>) -> impl Recorder {
        Recording(Arc::clone(self))
    }

    /// Writes what was counted since the last time.
    pub fn flush(&self) {
        let since_epoch = now_ms();
        let mut out = std::io::stdout().lock();
        for line in self.take_lines(since_epoch) {
            // Whoever reads the logs sees that they break off; there is nowhere else to say it.
            if writeln!(out, "{line}").is_err() {
                return;
            }
        }
    }

    /// One line for each set of labels, and further ones where a histogram holds more than a line may.
    pub fn take_lines(&self, unix_ms: u64) -> Vec<String> {
        let mut by_labels: BTreeMap<Labels, Vec<Named>> = BTreeMap::new();
        for (key, metric) in self.metrics().iter() {
            let values = metric.take();
            if values.is_empty() {
                continue;
            }
            let mut labels: Vec<_> =
                key.labels().map(|label| (label.key().to_owned(), label.value().to_owned())).collect();
            labels.sort();
            by_labels.entry(labels).or_default().push((key.name().to_owned(), values));
        }
        by_labels.into_iter().flat_map(|(labels, named)| self.lines(unix_ms, &labels, named)).collect()
    }

    fn lines(&self, unix_ms: u64, labels: &[(String, String)], mut named: Vec<Named>) -> Vec<String> {
        named.sort_by(|one, other| one.0.cmp(&other.0));
        let mut lines = Vec::new();
        while !named.is_empty() {
            let definitions: Vec<Value> =
                named.iter().map(|(name, _)| json!({ "Name": name, "Unit": unit_of(name) })).collect();
            let mut line = Map::new();
            let directive = json!({ "Namespace": NAMESPACE, "Dimensions": [["environment"]], "Metrics": definitions });
            line.insert("_aws".to_owned(), json!({ "Timestamp": unix_ms, "CloudWatchMetrics": [directive] }));
            line.insert("environment".to_owned(), json!(self.environment));
            line.insert("function".to_owned(), json!(self.function));
            line.extend(labels.iter().map(|(key, value)| (key.clone(), json!(value))));
            for (name, values) in &mut named {
                let rest = values.split_off(values.len().min(METRIC_VALUES_LINE_MAX));
                let first = std::mem::replace(values, rest);
                let value = if let [only] = first[..] { json!(only) } else { json!(first) };
                line.insert(name.clone(), value);
            }
            named.retain(|(_, values)| !values.is_empty());
            lines.push(Value::Object(line).to_string());
        }
        lines
    }

    fn metrics(&self) -> MutexGuard<'_, HashMap<Key, Metric>> {
        self.metrics.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn metric(&self, key: &Key, fresh: impl FnOnce() -> Metric) -> Metric {
        self.metrics().entry(key.clone()).or_insert_with(fresh).clone()
    }
}

impl Metric {
    fn take(&self) -> Vec<f64> {
        match self {
            Self::Counter(count) => match count.swap(0, Ordering::Relaxed) {
                0 => Vec::new(),
                count => vec![count as f64],
            },
            // Told once for each time that it was set: a function that waits says nothing of what it did last. JSON has no word for what is
            // no number, and one bad value would spoil its line.
            Self::Gauge(bits) => Some(f64::from_bits(bits.swap(f64::NAN.to_bits(), Ordering::Relaxed)))
                .filter(|value| value.is_finite())
                .into_iter()
                .collect(),
            Self::Histogram(values) => std::mem::take(&mut *values.0.lock().unwrap_or_else(PoisonError::into_inner)),
        }
    }
}

struct Recording(Arc<Emf>);

impl Recorder for Recording {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        match self.0.metric(key, || Metric::Counter(Arc::default())) {
            Metric::Counter(count) => Counter::from_arc(count),
            Metric::Gauge(_) | Metric::Histogram(_) => Counter::noop(),
        }
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        match self.0.metric(key, || Metric::Gauge(Arc::default())) {
            Metric::Gauge(bits) => Gauge::from_arc(bits),
            Metric::Counter(_) | Metric::Histogram(_) => Gauge::noop(),
        }
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        match self.0.metric(key, || Metric::Histogram(Arc::default())) {
            Metric::Histogram(values) => Histogram::from_arc(values),
            Metric::Counter(_) | Metric::Gauge(_) => Histogram::noop(),
        }
    }
}

/// The unit is the last part of a name.
fn unit_of(name: &str) -> &'static str {
    if name.ends_with("_seconds") {
        "Seconds"
    } else if name.ends_with("_total") {
        "Count"
    } else {
        "None"
    }
}

#[expect(clippy::disallowed_methods, reason = "the moment of a measurement; it decides nothing")]
fn now_ms() -> u64 {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX)
}

/// The namespace of the dashboard and the alarms.
const NAMESPACE: &str = "viva";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_counted_is_told_once() {
        let emf = Emf::new("message", Some("prod"));
        metrics::with_local_recorder(&emf.recorder(), || {
            metrics::counter!("viva_messages_total", "type" => "audio").increment(2);
            metrics::counter!("viva_messages_total", "type" => "audio").increment(1);
            metrics::histogram!("viva_first_token_seconds").record(0.25);
            metrics::histogram!("viva_first_token_seconds").record(0.5);
        });
        let lines: Vec<Value> =
            emf.take_lines(7).iter().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect();
        let about = |name: &str, unit: &str| {
            json!({ "Timestamp": 7, "CloudWatchMetrics": [{
                "Namespace": "viva", "Dimensions": [["environment"]], "Metrics": [{ "Name": name, "Unit": unit }],
            }] })
        };
        assert_eq!(
            lines,
            [
                json!({ "_aws": about("viva_first_token_seconds", "Seconds"), "environment": "prod",
                    "function": "message", "viva_first_token_seconds": [0.25, 0.5] }),
                json!({ "_aws": about("viva_messages_total", "Count"), "environment": "prod",
                    "function": "message", "type": "audio", "viva_messages_total": 3.0 }),
            ]
        );
        assert_eq!(emf.take_lines(8), Vec::<String>::new());
    }

    #[test]
    fn what_is_no_number_is_left_out() {
        let emf = Emf::new("interview", None);
        metrics::with_local_recorder(&emf.recorder(), || {
            metrics::gauge!("viva_budget_used_ratio").set(f64::NAN);
            for value in [f64::INFINITY, 1.5, f64::NAN] {
                metrics::histogram!("viva_first_token_seconds").record(value);
            }
        });
        let lines = emf.take_lines(1);
        assert_eq!(lines.len(), 1, "{lines:?}");
        let line: Value = serde_json::from_str(&lines[0]).expect("a line is JSON");
        assert_eq!((&line["viva_first_token_seconds"], line.get("viva_budget_used_ratio")), (&json!(1.5), None));
    }

    #[test]
    fn what_was_set_is_told_once() {
        let emf = Emf::new("interview", None);
        metrics::with_local_recorder(&emf.recorder(), || {
            metrics::gauge!("viva_budget_used_ratio").set(0.9);
        });
        assert_eq!((emf.take_lines(1).len(), emf.take_lines(2).len()), (1, 0));
    }

    #[test]
    fn a_line_holds_no_more_values_than_it_may_and_none_is_lost() {
        let emf = Emf::new("interview", None);
        metrics::with_local_recorder(&emf.recorder(), || {
            for value in 0..METRIC_VALUES_LINE_MAX + 1 {
                metrics::histogram!("viva_first_token_seconds").record(value as f64);
            }
        });
        let lines = emf.take_lines(1);
        let counts: Vec<usize> = lines
            .iter()
            .map(|line| {
                let line: Value = serde_json::from_str(line).expect("a line is JSON");
                line["viva_first_token_seconds"].as_array().map_or(1, Vec::len)
            })
            .collect();
        assert_eq!(counts, [METRIC_VALUES_LINE_MAX, 1]);
    }
}
