//! The report: what was computed, and what the model wrote as far as its quotes are found in the transcript.
//!
//! Whatever the candidate said is material here, never an instruction: a rating counts only with evidence, and stays pending until a
//! teacher confirms it. No emotion and no personality is inferred.

mod fitting;

use crate::config::limits;
use crate::interview::delivery;
use crate::interview::event::{CommitReason, FinishReason};
use crate::interview::history::{History, Started, Turn};
use crate::interview::metric::{Evidence, Metric, MetricName, MetricStatus};
use crate::interview::quotes;
use crate::interview::report::{
    Finding, METRIC_VERSION, REPORT_VERSION, Rating, RatingStatus, Report, ReportTurn, TurnState,
};
use crate::interview::wording::{clean, clip, key};
use crate::ports::text_model::{Criterion, DebriefDraft, DraftFinding, DraftQuote, DraftRating, ModelKind};

/// What the history does not tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Circumstances {
    pub duration_ms: u64,
    pub reason: FinishReason,
}

/// The report; without a draft it rests on what was computed alone, and says so. `None` before the start.
pub fn report(history: &History, draft: Option<DebriefDraft>, circumstances: Circumstances) -> Option<Report> {
    let started = history.started.as_ref()?;
    let metrics = delivery::of_interview(history);
    let turns: Vec<ReportTurn> = history.turns.iter().map(|turn| report_turn(history, turn)).collect();
    let answered = history.turns.iter().filter(|turn| is_answered(turn)).count() as u32;
    let skipped = history.turns.iter().filter(|turn| state(turn) == TurnState::Skipped).count() as u32;
    let notices = notices(started, draft.is_some(), answered, circumstances.reason);
    let mut check = QuoteCheck { history, dropped: 0 };
    let draft = draft.unwrap_or_default();
    let summary = clip(&clean(&draft.summary), limits::REPORT_SUMMARY_CHARS_MAX);
    let summary = if summary.is_empty() { computed_summary(history, answered, &metrics) } else { summary };
    let strengths = check.findings(draft.strengths);
    let improvements = check.findings(draft.improvements);
    let ratings = match &started.guide {
        Some(followed) if !followed.guide.rubric.is_empty() => {
            check.ratings_of(&followed.guide.rubric, draft.ratings, answered)
        }
        Some(_) | None => check.ratings(draft.ratings),
    };
    let report = Report {
        report_version: REPORT_VERSION,
        metric_version: METRIC_VERSION,
        language: started.params.language.clone(),
        topic: started.params.topic.clone(),
        role: started.params.role.clone(),
        level: started.params.level.clone(),
        questions: history.turns.len() as u32,
        answered,
        skipped,
        duration_ms: circumstances.duration_ms,
        summary,
        strengths,
        improvements,
        ratings,
        metrics,
        turns,
        notices,
        quotes_dropped: check.dropped,
        model: started.model.clone(),
        recognizer: started.recognizer.clone(),
        guide: started.guide.as_ref().map(|followed| followed.summary()),
    };
    Some(fitting::fit(report))
}

/// Whether something was answered.
pub fn is_answered(turn: &Turn) -> bool {
    state(turn) == TurnState::Answered
}

/// The computed evidence in sentences, for a model to rest on.
pub fn sentences(history: &History) -> Vec<String> {
    let of_metrics = |metrics: &[Metric], place: &str| -> Vec<String> {
        metrics.iter().filter_map(|metric| sentence(metric).map(|sentence| format!("{place}: {sentence}"))).collect()
    };
    let mut sentences = of_metrics(&delivery::of_interview(history), "Whole interview");
    for turn in &history.turns {
        sentences.extend(of_metrics(&delivery::of_turn(history, turn), &format!("Answer {}", turn.turn)));
    }
    sentences
}

fn state(turn: &Turn) -> TurnState {
    match &turn.answer {
        Some(answer) if answer.reason == CommitReason::Skipped => TurnState::Skipped,
        Some(answer) if !key(&answer.text).is_empty() => TurnState::Answered,
        Some(_) | None => TurnState::Unanswered,
    }
}

fn report_turn(history: &History, turn: &Turn) -> ReportTurn {
    let asked = turn.attempt();
    let question = if asked.text.is_empty() { &asked.asked } else { &asked.text };
    ReportTurn {
        turn: turn.turn,
        question: clip(question, limits::REPORT_QUESTION_CHARS_MAX),
        state: state(turn),
        metrics: delivery::of_turn(history, turn),
    }
}

/// A metric in words; `None` for what was not measured.
fn sentence(metric: &Metric) -> Option<String> {
    let value = metric.value?;
    let number = if value.fract() == 0.0 { format!("{value:.0}") } else { format!("{value:.1}") };
    let told = match metric.name {
        MetricName::Pace => format!("pace {number} words a minute"),
        MetricName::Articulation => format!("{number} words a minute without the pauses"),
        MetricName::Fillers => format!("{number} filler words a minute"),
        MetricName::LongPauses => format!("{number} pauses of 1.5 s or more"),
        MetricName::LongestPause => format!("longest pause {:.1} s", value / 1_000.0),
        MetricName::ResponseLatency => format!("first word {:.1} s after the question", value / 1_000.0),
        MetricName::TalkShare => format!("spoke {:.0} % of the time that anyone spoke", value * 100.0),
        MetricName::LongestMonologue => format!("longest run without a pause {:.0} s", value / 1_000.0),
        MetricName::Structure => {
            let parts: Vec<&str> = metric.evidence.iter().filter_map(|evidence| evidence.note.as_deref()).collect();
            format!("signposts {number} of situation, task, action, result ({})", parts.join(", "))
        }
    };
    let doubt = if metric.status == MetricStatus::Unreliable { ", unreliable" } else { "" };
    Some(match &metric.band {
        Some(band) => format!("{told} ({band}{doubt})"),
        None if doubt.is_empty() => told,
        None => format!("{told} (unreliable)"),
    })
}

fn computed_summary(history: &History, answered: u32, metrics: &[Metric]) -> String {
    let asked = history.turns.len();
    let told: Vec<String> = metrics
        .iter()
        .filter(|metric| !matches!(metric.name, MetricName::Articulation | MetricName::LongestMonologue))
        .filter_map(sentence)
        .collect();
    let opening = match answered {
        0 => format!("None of {asked} questions was answered."),
        _ => format!("{answered} of {asked} questions were answered."),
    };
    if told.is_empty() { opening } else { format!("{opening} Over all answers: {}.", told.join("; ")) }
}

fn notices(started: &Started, drafted: bool, answered: u32, reason: FinishReason) -> Vec<String> {
    let mut notices = vec![NO_EMOTION.to_owned(), PENDING.to_owned()];
    if started.model.kind == ModelKind::Builtin {
        notices.push(BUILTIN.to_owned());
    }
    if !drafted {
        notices.push(if answered == 0 { NOTHING_TO_DEBRIEF } else { NO_DEBRIEF }.to_owned());
    }
    let ended = match reason {
        FinishReason::Completed | FinishReason::Finished => None,
        FinishReason::Time => Some("The interview ended because its time was over."),
        FinishReason::Abandoned => Some("The interview was left and not continued."),
        FinishReason::Failed => {
            Some("The interview ended early because no further question could be had from the model.")
        }
        FinishReason::Budget => Some("The interview ended early because a budget was used up."),
    };
    notices.extend(ended.map(str::to_owned));
    notices
}

/// Keeps what is found in the transcript, and counts the rest.
struct QuoteCheck<'a> {
    history: &'a History,
    dropped: u32,
}

impl QuoteCheck<'_> {
    fn evidence(&mut self, quotes: Vec<DraftQuote>) -> Vec<Evidence> {
        let mut kept: Vec<Evidence> = Vec::new();
        for quote in quotes {
            let found = self.history.turn(quote.turn).and_then(|turn| quotes::evidence(turn, &quote.quote));
            match found {
                Some(evidence) if kept.len() < limits::REPORT_EVIDENCE_MAX && !kept.contains(&evidence) => {
                    kept.push(evidence);
                }
                Some(_) => {}
                None => self.dropped += 1,
            }
        }
        kept
    }

    /// A claim without evidence is none.
    fn findings(&mut self, drafts: Vec<DraftFinding>) -> Vec<Finding> {
        let mut findings: Vec<Finding> = Vec::new();
        for draft in drafts {
            let text = clip(&clean(&draft.text), limits::REPORT_TEXT_CHARS_MAX);
            let evidence = self.evidence(draft.quotes);
            if !text.is_empty() && !evidence.is_empty() && findings.len() < limits::REPORT_FINDINGS_MAX {
                findings.push(Finding { text, evidence });
            }
        }
        findings
    }

    /// Every rating is pending; one without evidence says only that there was not enough.
    fn ratings(&mut self, drafts: Vec<DraftRating>) -> Vec<Rating> {
        let mut ratings: Vec<Rating> = Vec::new();
        for draft in drafts {
            let criterion = clip(&clean(&draft.criterion), limits::REPORT_CRITERION_CHARS_MAX);
            let rating = self.rating(Criterion { name: criterion, ..Criterion::default() }, draft);
            let known = ratings.iter().any(|known| known.criterion == rating.criterion);
            if !rating.criterion.is_empty() && !known && ratings.len() < limits::REPORT_RATINGS_MAX {
                ratings.push(rating);
            }
        }
        ratings
    }

    /// The rubric's criteria, all of them and no others, in the rubric's order: what the model did not rate a teacher may.
    fn ratings_of(&mut self, rubric: &[Criterion], drafts: Vec<DraftRating>, answered: u32) -> Vec<Rating> {
        let same = |name: &str, draft: &DraftRating| key(name) == key(&draft.criterion);
        let unrated = if answered == 0 { NOTHING_TO_RATE } else { NOT_RATED };
        let rate = |criterion: &Criterion| {
            let draft = drafts.iter().find(|draft| same(&criterion.name, draft)).cloned();
            let draft =
                draft.unwrap_or_else(|| DraftRating { rationale: unrated.to_owned(), ..DraftRating::default() });
            self.rating(criterion.clone(), draft)
        };
        rubric.iter().map(rate).collect()
    }

    fn rating(&mut self, criterion: Criterion, draft: DraftRating) -> Rating {
        let Criterion { name, description, levels, keywords: _ } = criterion;
        let evidence = self.evidence(draft.quotes);
        Rating {
            criterion: name,
            rating: draft.rating.filter(|rating| (1..=5).contains(rating) && !evidence.is_empty()),
            status: RatingStatus::Pending,
            rationale: clip(&clean(&draft.rationale), limits::REPORT_TEXT_CHARS_MAX),
            evidence,
            reviewed_by: None,
            comment: None,
            reviewed_unix_ms: None,
            revision: None,
            proposed: None,
            description,
            levels,
        }
    }
}

const NOT_RATED: &str = "The model did not rate this.";
const NOTHING_TO_RATE: &str = "Nothing was answered, so there is nothing to rate.";
const NO_EMOTION: &str = "No emotion and no trait of personality is inferred from voice or words.";
const PENDING: &str = "Ratings are proposals, pending until a teacher confirms or changes them.";
const BUILTIN: &str = "Questions and feedback come from the built-in model: rules without a language model, which know the computed \
     figures and the words, not whether an answer is right.";
const NO_DEBRIEF: &str = "The model gave no feedback; this report rests on the computed figures alone.";
const NOTHING_TO_DEBRIEF: &str = "Nothing was answered, so there is no feedback on content.";
