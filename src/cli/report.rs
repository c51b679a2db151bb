//! `viva report`: one interview's report, every claim with the words it rests on and where they were said. It only reads.

use crate::cli::moment::{date_and_time, length, place};
use crate::cli::sessions::{archive, as_json, folder, printable};
use crate::cli::{Failure, print};
use crate::embedded::sqlite::archive::Archive;
use crate::interview::metric::{Evidence, Metric, MetricStatus};
use crate::interview::report::{Finding, Rating, Report};
use crate::ports::ids::{SessionId, SessionKey, TenantId, UserId};
use crate::ports::reports::{Review, SessionSummary};
use clap::Args;
use serde::Serialize;
use serde_json::{Value, json};
use std::fmt::Write;
use std::path::PathBuf;

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  viva report 5f0c… \n  viva report s1 --user ann --json")]
pub(crate) struct ReportArguments {
    /// The session, as `viva sessions` names it.
    session: String,
    /// Whose it is; needed where several users have a session of that name.
    #[arg(long)]
    user: Option<String>,
    /// The user's organisation.
    #[arg(long, default_value = crate::auth::claims::TENANT_DEFAULT)]
    tenant: String,
    /// The data folder [env: VIVA_DATA].
    #[arg(long)]
    data: Option<PathBuf>,
    /// Print {"session":…,"report":…,"reviews":[…]}.
    #[arg(long)]
    json: bool,
}

pub(crate) fn report(arguments: ReportArguments) -> Result<(), Failure> {
    let ReportArguments { session, user, tenant, data, json } = arguments;
    let folder = folder(data)?;
    let unknown = || Failure::of_work(format!("there is no session {session} in {}", folder.display()));
    let archive = archive(&folder)?.ok_or_else(unknown)?;
    let tenant = TenantId::new(tenant);
    let user = match user {
        Some(user) => UserId::new(user),
        None => only_user(&archive, &tenant, &session)?.ok_or_else(unknown)?,
    };
    let key = SessionKey::new(tenant, user, SessionId::new(session.as_str()));
    let (summary, stored) = archive.get(&key).map_err(Failure::of_work)?.ok_or_else(unknown)?;
    let reviews = archive.reviews(&key).map_err(Failure::of_work)?;
    let Some(stored) = stored else {
        let state = format!("{:?}", summary.state).to_lowercase();
        return Err(Failure::of_work(format!("session {session} is {state} and has no report yet")));
    };
    let unreadable = |error| Failure::of_work(format!("the report of {session} cannot be read: {error}"));
    if json {
        let report: Value = serde_json::from_str(&stored).map_err(unreadable)?;
        let reviews: Vec<Value> = reviews.iter().map(review_json).collect();
        return print(&json!({ "session": as_json(&summary), "report": report, "reviews": reviews }).to_string());
    }
    let report: Report = serde_json::from_str(&stored).map_err(unreadable)?;
    let mut page = Page(String::new());
    page.whole(&summary, &report, &reviews);
    print(page.0.trim_end())
}

fn only_user(archive: &Archive, tenant: &TenantId, session: &str) -> Result<Option<UserId>, Failure> {
    let mut users = archive.users_of(tenant, session).map_err(Failure::of_work)?;
    if users.len() > 1 {
        let names: Vec<&str> = users.iter().map(UserId::as_str).collect();
        let problem = format!("several users have a session {session}; choose one with --user: {}", names.join(", "));
        return Err(Failure::of_usage(problem));
    }
    Ok(users.pop())
}

fn review_json(review: &Review) -> Value {
    let Review { criterion, revision, rating, comment, reviewer, at } = review;
    let mut value = json!({
        "criterion": criterion, "revision": revision, "rating": rating, "reviewer": reviewer, "atUnixMs": at,
    });
    if let Some(comment) = comment {
        value["comment"] = json!(comment);
    }
    value
}

/// A page of text, written from top to bottom.
struct Page(String);

impl Page {
    fn whole(&mut self, summary: &SessionSummary, report: &Report, reviews: &[Review]) {
        self.head(summary, report);
        self.section("Summary");
        self.line(1, &report.summary);
        self.findings("Strengths", &report.strengths);
        self.findings("To improve", &report.improvements);
        self.ratings(&report.ratings, reviews);
        self.section("Delivery, over the whole interview");
        self.metrics(1, &report.metrics);
        self.section("Question by question");
        for turn in &report.turns {
            self.line(1, &format!("{}. {} [{}]", turn.turn, turn.question, word(&turn.state)));
            self.metrics(3, &turn.metrics);
        }
        self.section("Notes");
        for notice in &report.notices {
            self.line(1, notice);
        }
        if report.quotes_dropped > 0 {
            let dropped = report.quotes_dropped;
            self.line(1, &format!("Quotes that were not found in the transcript, and dropped: {dropped}."));
        }
    }

    fn head(&mut self, summary: &SessionSummary, report: &Report) {
        let more = [&report.role, &report.level].into_iter().flatten().cloned().collect::<Vec<_>>().join(", ");
        let more = if more.is_empty() { more } else { format!(" ({more})") };
        self.line(0, &format!("Interview: {}{more}", report.topic));
        self.line(
            0,
            &format!(
                "{} UTC, user {}, session {}, {}, {}",
                date_and_time(summary.created),
                summary.key.user,
                summary.key.session,
                word(&summary.state),
                length(report.duration_ms),
            ),
        );
        let (questions, answered, skipped) = (report.questions, report.answered, report.skipped);
        self.line(0, &format!("{questions} questions: {answered} answered, {skipped} skipped"));
        let heard = report.recognizer.as_ref().map_or("none, answers were typed", |recognizer| &recognizer.name);
        self.line(0, &format!("Recognizer: {heard}. Model: {}.", report.model.name));
    }

    fn findings(&mut self, title: &str, findings: &[Finding]) {
        if findings.is_empty() {
            return;
        }
        self.section(title);
        for finding in findings {
            self.line(1, &format!("- {}", finding.text));
            self.evidence(3, &finding.evidence);
        }
    }

    fn ratings(&mut self, ratings: &[Rating], reviews: &[Review]) {
        if ratings.is_empty() && reviews.is_empty() {
            return;
        }
        self.section("Ratings");
        for rating in ratings {
            let value = rating.rating.map_or("no rating".to_owned(), |rating| format!("{rating} of 5"));
            let Rating { criterion, status, rationale, .. } = rating;
            self.line(1, &format!("- {criterion}: {value}, {}. {rationale}", word(status)));
            self.evidence(3, &rating.evidence);
        }
        for Review { criterion, revision: _, rating, comment, reviewer, at } in reviews {
            let comment = comment.as_ref().map(|comment| format!(": {comment}")).unwrap_or_default();
            let on = date_and_time(*at);
            self.line(1, &format!("- {criterion}: {rating} of 5, by {reviewer} on {on}{comment}"));
        }
    }

    fn metrics(&mut self, indent: usize, metrics: &[Metric]) {
        for metric in metrics {
            let Metric { name, status, value, unit, band, reason, evidence } = metric;
            let mut text = format!("{}: ", word(name));
            match (status, value) {
                (MetricStatus::NotMeasured, _) | (_, None) => text.push_str("not measured"),
                (MetricStatus::Measured | MetricStatus::Unreliable, Some(value)) => {
                    text.push_str(&number(*value));
                    if let Some(unit) = unit {
                        let _ = write!(text, " {unit}");
                    }
                    if let Some(band) = band {
                        let _ = write!(text, ", {band}");
                    }
                    if *status == MetricStatus::Unreliable {
                        text.push_str(", unreliable");
                    }
                }
            }
            if let Some(reason) = reason {
                let _ = write!(text, " ({reason})");
            }
            self.line(indent, &text);
            self.evidence(indent + 2, evidence);
        }
    }

    fn evidence(&mut self, indent: usize, evidence: &[Evidence]) {
        for Evidence { turn, quote, start_ms, end_ms, note } in evidence {
            let at = match (start_ms, end_ms) {
                (Some(start), Some(end)) => format!(", {} to {}", place(*start), place(*end)),
                (Some(start), None) => format!(", {}", place(*start)),
                (None, _) => String::new(),
            };
            let note = note.as_ref().map(|note| format!(" ({note})")).unwrap_or_default();
            self.line(indent, &format!("answer {turn}{at}: \"{quote}\"{note}"));
        }
    }

    fn section(&mut self, title: &str) {
        self.0.push('\n');
        self.line(0, title);
    }

    fn line(&mut self, indent: usize, text: &str) {
        self.0.push_str(&"  ".repeat(indent));
        self.0.push_str(&printable(text));
        self.0.push('\n');
    }
}

/// The word that the wire has for it.
fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(Value::String(word)) => word.replace('_', " "),
        _ => String::new(),
    }
}

fn number(value: f64) -> String {
    if value.fract() == 0.0 { format!("{value:.0}") } else { format!("{value:.1}") }
}
