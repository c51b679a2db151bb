//! What is counted of interviews, whatever shows it: numbers without a person in them.

use crate::interview::Event;
use crate::ports::recognizer::RecognizerError;
use crate::ports::text_model::ModelError;

/// These are in the log now; nobody else counts them.
pub(super) fn committed(events: &[Event]) {
    metrics::counter!("viva_commits_total").increment(1);
    metrics::counter!("viva_events_total").increment(events.len() as u64);
    for event in events {
        match event {
            Event::Started { .. } => metrics::counter!("viva_sessions_started_total").increment(1),
            Event::Finished { usage, .. } => {
                metrics::counter!("viva_sessions_finished_total").increment(1);
                metrics::counter!("viva_cost_micro_usd_total").increment(usage.cost_nano_usd.div_ceil(1_000));
            }
            Event::TurnTiming { total_ms, .. } => {
                metrics::histogram!("viva_first_token_seconds").record(*total_ms as f64 / 1_000.0);
            }
            _ => {}
        }
    }
}

pub(super) fn recognizer_failed(error: &RecognizerError) {
    match error {
        RecognizerError::Busy => metrics::counter!("viva_recognizer_busy_total").increment(1),
        RecognizerError::Unavailable(_) | RecognizerError::Language { .. } | RecognizerError::Failed(_) => {
            metrics::counter!("viva_recognizer_errors_total").increment(1);
        }
    }
}

pub(super) fn model_failed(error: &ModelError) {
    match error {
        ModelError::Busy { .. } => metrics::counter!("viva_model_busy_total").increment(1),
        ModelError::TimedOut | ModelError::Refused | ModelError::Invalid(_) | ModelError::Failed(_) => {
            metrics::counter!("viva_model_errors_total").increment(1);
        }
    }
}
