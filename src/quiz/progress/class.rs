//! A class at a glance: each skill's mastery over the students, and who needs help with it.

use super::skill::StudentProgress;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClassView {
    pub students: usize,
    /// The least mastered first.
    pub skills: Vec<ClassSkill>,
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
    /// Who was seen often enough and is still far from it, the furthest first.
    pub struggling: Vec<String>,
}

/// From so many observations on, and below this chance, a student is named as struggling.
const STRUGGLING_OBSERVATIONS_MIN: usize = 3;
const STRUGGLING_MASTERY_MAX: f64 = 0.4;

/// `students` by their id; a student without evidence counts as one of the class.
pub fn class_view(students: &BTreeMap<String, StudentProgress>, now_ms: i64) -> ClassView {
    let mut by_skill: BTreeMap<&str, Vec<(&str, &super::SkillProgress)>> = BTreeMap::new();
    for (student, progress) in students {
        for skill in &progress.skills {
            by_skill.entry(&skill.skill).or_default().push((student, skill));
        }
    }
    let mut skills: Vec<ClassSkill> = by_skill
        .into_iter()
        .map(|(name, mut seen)| {
            seen.sort_by(|a, b| a.1.mastery.total_cmp(&b.1.mastery).then_with(|| a.0.cmp(b.0)));
            ClassSkill {
                skill: name.to_owned(),
                observed: seen.len(),
                mastered: seen.iter().filter(|(_, skill)| skill.mastered).count(),
                mean_mastery: seen.iter().map(|(_, skill)| skill.mastery).sum::<f64>() / seen.len().max(1) as f64,
                due: seen.iter().filter(|(_, skill)| skill.due_ms <= now_ms).count(),
                struggling: seen
                    .iter()
                    .filter(|(_, skill)| {
                        skill.observations >= STRUGGLING_OBSERVATIONS_MIN && skill.mastery < STRUGGLING_MASTERY_MAX
                    })
                    .map(|(student, _)| (*student).to_owned())
                    .collect(),
            }
        })
        .collect();
    skills.sort_by(|a, b| a.mean_mastery.total_cmp(&b.mean_mastery).then_with(|| a.skill.cmp(&b.skill)));
    ClassView { students: students.len(), skills }
}
