//! Keeps a report within one server message: what is told elsewhere too is left out first.

use crate::config::limits;
use crate::interview::metric::MetricStatus;
use crate::interview::report::Report;
use crate::interview::wording::clip;

/// The report as it is, or so much of it as fits.
pub(super) fn fit(mut report: Report) -> Report {
    for step in STEPS {
        if json_bytes(&report) <= limits::REPORT_JSON_BYTES_MAX {
            break;
        }
        step(&mut report);
    }
    report
}

/// In this order, each only where those before it were not enough.
const STEPS: &[fn(&mut Report)] = &[
    drop_turn_evidence,
    drop_unmeasured,
    shorten_questions,
    drop_metric_evidence,
    drop_turn_metrics,
    shorten_feedback,
    drop_levels,
];

fn json_bytes(report: &Report) -> usize {
    serde_json::to_string(report).map_or(usize::MAX, |json| json.len())
}

/// The answers' own metrics are in the log with theirs.
fn drop_turn_evidence(report: &mut Report) {
    report.turns.iter_mut().flat_map(|turn| &mut turn.metrics).for_each(|metric| metric.evidence.clear());
}

fn drop_unmeasured(report: &mut Report) {
    for turn in &mut report.turns {
        turn.metrics.retain(|metric| metric.status != MetricStatus::NotMeasured);
    }
}

fn shorten_questions(report: &mut Report) {
    for turn in &mut report.turns {
        turn.question = clip(&turn.question, 120);
    }
}

fn drop_metric_evidence(report: &mut Report) {
    report.metrics.iter_mut().for_each(|metric| metric.evidence.truncate(1));
}

fn drop_turn_metrics(report: &mut Report) {
    report.turns.iter_mut().for_each(|turn| turn.metrics.clear());
}

/// Quotes stay as they stand in the transcript; there are fewer of them.
fn shorten_feedback(report: &mut Report) {
    for finding in report.strengths.iter_mut().chain(&mut report.improvements) {
        finding.evidence.truncate(1);
        finding.text = clip(&finding.text, 200);
    }
    for rating in &mut report.ratings {
        rating.evidence.truncate(1);
        rating.rationale = clip(&rating.rationale, 200);
    }
}

/// The teacher's own file has them.
fn drop_levels(report: &mut Report) {
    for rating in &mut report.ratings {
        rating.levels.clear();
        rating.description = clip(&rating.description, 200);
    }
}
