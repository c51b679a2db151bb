//! Reports, metrics, evidence and usage on their way to a client, with what teachers said of the ratings.

use crate::interview::event::Usage;
use crate::interview::metric::{Evidence, Metric, MetricName, MetricStatus};
use crate::interview::report::{Finding, Rating, RatingStatus, Report, ReportTurn, TurnState};
use crate::interview::wire::{guide, params};
use crate::ports::metering::Unit;
use crate::ports::text_model::Level;
use protocol::v1;

pub fn report(report: &Report) -> v1::Report {
    let Report {
        report_version,
        metric_version,
        language,
        topic,
        role,
        level,
        questions,
        answered,
        skipped,
        duration_ms,
        summary,
        strengths,
        improvements,
        ratings,
        metrics: measured,
        turns,
        notices,
        quotes_dropped,
        model,
        recognizer,
        guide: followed,
    } = report;
    v1::Report {
        report_version: *report_version,
        metric_version: *metric_version,
        language: params::wire_language(language),
        topic: topic.clone(),
        questions: *questions,
        answered: *answered,
        skipped: *skipped,
        duration_ms: *duration_ms,
        summary: summary.clone(),
        strengths: strengths.iter().map(finding).collect(),
        improvements: improvements.iter().map(finding).collect(),
        ratings: ratings.iter().map(rating).collect(),
        metrics: metrics(measured),
        turns: turns.iter().map(report_turn).collect(),
        notices: notices.clone(),
        quotes_dropped: *quotes_dropped,
        model: params::model(model),
        role: role.clone(),
        level: level.clone(),
        recognizer: recognizer.as_ref().map(params::recognizer),
        guide: followed.as_ref().map(guide::guide),
    }
}

pub fn usage(usage: &Usage) -> v1::Usage {
    let Usage {
        audio_ms,
        speech_ms,
        recognizer_ms,
        recognizer_streams,
        model_requests,
        model_input_tokens,
        model_output_tokens,
        speculative_requests,
        speculative_dropped_tokens,
        messages,
        services,
        cost_nano_usd,
    } = *usage;
    let counted = !services.is_zero();
    let amounts = Unit::ALL.iter().filter(|unit| services.of(**unit) > 0).map(|unit| v1::ServiceUsage {
        service: unit.service().to_owned(),
        unit: unit.name().to_owned(),
        amount: services.of(*unit),
    });
    let count = |value: u64| u32::try_from(value).unwrap_or(u32::MAX);
    v1::Usage {
        audio_ms,
        speech_ms,
        recognizer_ms,
        recognizer_streams: count(recognizer_streams),
        model_requests: count(model_requests),
        model_input_tokens,
        model_output_tokens,
        speculative_requests: count(speculative_requests),
        speculative_dropped_tokens,
        messages,
        services: counted.then(|| amounts.collect()),
        cost_micro_usd: counted.then(|| cost_nano_usd.div_ceil(1_000)),
    }
}

pub(super) fn metrics(metrics: &[Metric]) -> Vec<v1::Metric> {
    metrics.iter().map(metric).collect()
}

fn metric(metric: &Metric) -> v1::Metric {
    let Metric { name, status, value, unit, band, reason, evidence: shown } = metric;
    v1::Metric {
        name: metric_name(*name).to_owned(),
        status: match status {
            MetricStatus::Measured => v1::MetricStatus::Measured,
            MetricStatus::Unreliable => v1::MetricStatus::Unreliable,
            MetricStatus::NotMeasured => v1::MetricStatus::NotMeasured,
        },
        evidence: evidence(shown),
        value: *value,
        unit: unit.clone(),
        band: band.clone(),
        reason: reason.clone(),
    }
}

fn metric_name(name: MetricName) -> &'static str {
    match name {
        MetricName::Pace => "pace",
        MetricName::Articulation => "articulation",
        MetricName::Fillers => "fillers",
        MetricName::LongPauses => "longPauses",
        MetricName::LongestPause => "longestPause",
        MetricName::ResponseLatency => "responseLatency",
        MetricName::TalkShare => "talkShare",
        MetricName::LongestMonologue => "longestMonologue",
        MetricName::Structure => "structure",
    }
}

fn evidence(evidence: &[Evidence]) -> Vec<v1::Evidence> {
    let wire = |Evidence { turn, quote, start_ms, end_ms, note }: &Evidence| v1::Evidence {
        turn: *turn,
        quote: quote.clone(),
        start_ms: *start_ms,
        end_ms: *end_ms,
        note: note.clone(),
    };
    evidence.iter().map(wire).collect()
}

fn finding(finding: &Finding) -> v1::Finding {
    let Finding { text, evidence: shown } = finding;
    v1::Finding { text: text.clone(), evidence: evidence(shown) }
}

pub(super) fn rating(rating: &Rating) -> v1::Rating {
    let Rating {
        criterion,
        rating,
        status,
        rationale,
        evidence: shown,
        reviewed_by,
        comment,
        reviewed_unix_ms,
        revision,
        proposed,
        description,
        levels,
    } = rating;
    let level = |Level { rating, text }: &Level| v1::RubricLevel { rating: *rating, text: text.clone() };
    v1::Rating {
        criterion: criterion.clone(),
        status: match status {
            RatingStatus::Pending => v1::RatingStatus::Pending,
            RatingStatus::Confirmed => v1::RatingStatus::Confirmed,
            RatingStatus::Changed => v1::RatingStatus::Changed,
        },
        rationale: rationale.clone(),
        evidence: evidence(shown),
        rating: *rating,
        reviewed_by: reviewed_by
            .as_ref()
            .map(|user| v1::UserId::new(user.as_str()).expect("a user's id was checked with the token")),
        comment: comment.clone(),
        reviewed_unix_ms: *reviewed_unix_ms,
        revision: *revision,
        proposed: *proposed,
        description: (!description.is_empty()).then(|| description.clone()),
        levels: (!levels.is_empty()).then(|| levels.iter().map(level).collect()),
    }
}

fn report_turn(turn: &ReportTurn) -> v1::ReportTurn {
    let ReportTurn { turn, question, state, metrics: measured } = turn;
    v1::ReportTurn {
        turn: *turn,
        question: question.clone(),
        state: match state {
            TurnState::Answered => v1::TurnState::Answered,
            TurnState::Skipped => v1::TurnState::Skipped,
            TurnState::Unanswered => v1::TurnState::Unanswered,
        },
        metrics: metrics(measured),
    }
}
