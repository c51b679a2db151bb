//! One student's skills: mastery, memory, history and what is due.

use super::evidence::Evidence;
use super::mastery::{MASTERED, Tracing};
use super::memory::{Memory, Rating, interval_days, retrievability};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use utoipa::ToSchema;

/// Changes with the formulas and their parameters.
pub const PROGRESS_VERSION: u32 = 1;

const DAY_MS: i64 = 86_400_000;
/// The chance of recall at which a review is due.
const RETENTION: f64 = 0.9;

#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct StudentProgress {
    pub version: u32,
    /// By name.
    pub skills: Vec<SkillProgress>,
}

#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SkillProgress {
    pub skill: String,
    pub observations: usize,
    /// The chance that it is known, from 0 to 1.
    pub mastery: f64,
    pub mastered: bool,
    pub memory: Memory,
    pub last_ms: i64,
    pub due_ms: i64,
    /// When, and the chance that it is known from then on.
    pub history: Vec<(i64, f64)>,
}

/// What to review, most urgent first.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = SkillDue)]
#[serde(rename_all = "camelCase")]
pub struct Due {
    pub skill: String,
    pub due_ms: i64,
    /// The chance of recall now.
    pub recall: f64,
    pub mastery: f64,
}

/// The progress that the evidence shows, whatever its order and however often a piece of it comes.
pub fn progress(evidence: &[Evidence]) -> StudentProgress {
    let mut sorted: Vec<&Evidence> = evidence.iter().collect();
    // A total order, so that two accounts of one observation leave the same one.
    sorted
        .sort_by(|a, b| a.at_ms.cmp(&b.at_ms).then_with(|| a.id.cmp(&b.id)).then_with(|| a.share.total_cmp(&b.share)));
    let mut seen = BTreeSet::new();
    let mut skills: BTreeMap<&str, SkillProgress> = BTreeMap::new();
    for piece in sorted {
        if !seen.insert((piece.skill.as_str(), piece.id.as_str())) {
            continue;
        }
        match skills.get_mut(piece.skill.as_str()) {
            Some(skill) => skill.observe(piece),
            None => {
                skills.insert(&piece.skill, SkillProgress::begun(piece));
            }
        }
    }
    StudentProgress { version: PROGRESS_VERSION, skills: skills.into_values().collect() }
}

impl StudentProgress {
    /// What is due at `now_ms`: the least remembered first.
    pub fn due(&self, now_ms: i64) -> Vec<Due> {
        let mut due: Vec<Due> = self
            .skills
            .iter()
            .filter(|skill| skill.due_ms <= now_ms)
            .map(|skill| Due {
                skill: skill.skill.clone(),
                due_ms: skill.due_ms,
                recall: skill.recall(now_ms),
                mastery: skill.mastery,
            })
            .collect();
        due.sort_by(|a, b| {
            a.recall.total_cmp(&b.recall).then_with(|| a.due_ms.cmp(&b.due_ms)).then_with(|| a.skill.cmp(&b.skill))
        });
        due
    }
}

impl SkillProgress {
    fn begun(piece: &Evidence) -> Self {
        let tracing = Tracing::default().guessed(piece.guess);
        let mut skill = Self {
            skill: piece.skill.clone(),
            observations: 0,
            mastery: tracing.initial,
            mastered: false,
            memory: Memory::first(Rating::of_share(piece.share)),
            last_ms: piece.at_ms,
            due_ms: piece.at_ms,
            history: Vec::new(),
        };
        skill.learn(piece);
        skill
    }

    fn observe(&mut self, piece: &Evidence) {
        let days = days_between(self.last_ms, piece.at_ms);
        self.memory = self.memory.reviewed(Rating::of_share(piece.share), days);
        self.learn(piece);
    }

    fn learn(&mut self, piece: &Evidence) {
        self.mastery = Tracing::default().guessed(piece.guess).after_share(self.mastery, piece.share);
        self.mastered = self.mastery >= MASTERED;
        self.observations += 1;
        self.last_ms = piece.at_ms;
        self.due_ms = piece
            .at_ms
            .saturating_add(i64::from(interval_days(self.memory.stability, RETENTION)).saturating_mul(DAY_MS));
        self.history.push((piece.at_ms, self.mastery));
    }

    /// The chance of recall at a moment.
    pub fn recall(&self, now_ms: i64) -> f64 {
        retrievability(self.memory.stability, days_between(self.last_ms, now_ms))
    }
}

/// Whole days; none backwards.
fn days_between(from_ms: i64, to_ms: i64) -> u32 {
    u32::try_from(to_ms.saturating_sub(from_ms).max(0) / DAY_MS).unwrap_or(u32::MAX)
}
