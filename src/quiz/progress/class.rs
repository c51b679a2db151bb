//! A class at a glance: each skill's mastery over the students, and who needs help with it. Folded student by student: of each stays what is
//! counted, and the name of whoever struggles.

use super::skill::StudentProgress;
use crate::config::limits::{CLASS_SKILLS_MAX, CLASS_STRUGGLING_NAMED_MAX};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClassView {
    pub students: usize,
    /// The least mastered first.
    pub skills: Vec<ClassSkill>,
    /// There are more students or skills than are looked at: the last by id, and the best mastered, are left out. Absent otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub truncated: Option<bool>,
}

#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClassSkill {
    pub skill: String,
    /// Students of whom something is known; the others are in no figure.
    pub observed: usize,
    pub mastered: usize,
    pub mean_mastery: f64,
    pub due: usize,
    /// How many were seen often enough and are still far from it.
    pub struggling_count: usize,
    /// Those of them who are the furthest, the furthest first; not all are named.
    pub struggling: Vec<String>,
}

/// From so many observations on, and below this chance, a student is named as struggling.
const STRUGGLING_OBSERVATIONS_MIN: usize = 3;
const STRUGGLING_MASTERY_MAX: f64 = 0.4;

/// A class as far as its students were looked at.
#[derive(Clone, Debug)]
pub struct Class {
    now_ms: i64,
    students: usize,
    skills: BTreeMap<String, Tally>,
}

#[derive(Clone, Debug, Default)]
struct Tally {
    observed: usize,
    mastered: usize,
    mastery_sum: f64,
    due: usize,
    struggling: Vec<(f64, String)>,
}

impl Class {
    pub fn new(now_ms: i64) -> Self {
        Self { now_ms, students: 0, skills: BTreeMap::new() }
    }

    pub fn students(&self) -> usize {
        self.students
    }

    /// One without evidence counts as one of the class.
    pub fn take(&mut self, student: &str, progress: &StudentProgress) {
        self.students += 1;
        for skill in &progress.skills {
            let tally = self.skills.entry(skill.skill.clone()).or_default();
            tally.observed += 1;
            tally.mastered += usize::from(skill.mastered);
            tally.mastery_sum += skill.mastery;
            tally.due += usize::from(skill.due_ms <= self.now_ms);
            if skill.observations >= STRUGGLING_OBSERVATIONS_MIN && skill.mastery < STRUGGLING_MASTERY_MAX {
                tally.struggling.push((skill.mastery, student.to_owned()));
            }
        }
    }

    /// `is_whole`: there are no students who were not looked at.
    pub fn view(self, is_whole: bool) -> ClassView {
        let mut skills: Vec<ClassSkill> = self.skills.into_iter().map(|(skill, tally)| tally.told(skill)).collect();
        skills.sort_by(|a, b| a.mean_mastery.total_cmp(&b.mean_mastery).then_with(|| a.skill.cmp(&b.skill)));
        let is_cut = !is_whole || skills.len() > CLASS_SKILLS_MAX;
        skills.truncate(CLASS_SKILLS_MAX);
        ClassView { students: self.students, skills, truncated: is_cut.then_some(true) }
    }
}

impl Tally {
    fn told(self, skill: String) -> ClassSkill {
        let Self { observed, mastered, mastery_sum, due, mut struggling } = self;
        struggling.sort_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.cmp(&b.1)));
        ClassSkill {
            skill,
            observed,
            mastered,
            mean_mastery: mastery_sum / observed.max(1) as f64,
            due,
            struggling_count: struggling.len(),
            struggling: struggling.into_iter().take(CLASS_STRUGGLING_NAMED_MAX).map(|(_, student)| student).collect(),
        }
    }
}
