//! Mastery by the formula, memory against py-fsrs (tests/quiz/reference/memory.py), and what both make of evidence.

use crate::rig::{choices, ids, item, typed};
use proptest::prelude::*;
use serde::Deserialize;
use viva::config::limits::{CLASS_SKILLS_MAX, CLASS_STRUGGLING_NAMED_MAX};
use viva::quiz::answer::Answer;
use viva::quiz::item::{Body, Criterion, Item, OptionId};
use viva::quiz::progress::{
    Class, Evidence, MASTERED, Memory, Origin, Rating, Tracing, evidence_of, interval_days, progress, retrievability,
};
use viva::quiz::score::score;

const DAY_MS: i64 = 86_400_000;

#[test]
fn mastery_follows_the_formula() {
    let tracing = Tracing { initial: 0.3, transit: 0.1, slip: 0.1, guess: 0.2 };
    // 0.3·0.9 ÷ (0.27 + 0.7·0.2) = 0.27/0.41; then + (1 − x)·0.1.
    let right = 0.27 / 0.41;
    assert!((tracing.after(0.3, true) - (right + (1.0 - right) * 0.1)).abs() < 1e-12);
    // 0.3·0.1 ÷ (0.03 + 0.7·0.8) = 0.03/0.59.
    let wrong = 0.03 / 0.59;
    assert!((tracing.after(0.3, false) - (wrong + (1.0 - wrong) * 0.1)).abs() < 1e-12);
    assert_eq!(tracing.after_share(0.3, 1.0), tracing.after(0.3, true));
    assert_eq!(tracing.after_share(0.3, 0.0), tracing.after(0.3, false));
}

#[derive(Deserialize)]
struct Step {
    day: u32,
    rating: usize,
    retrievability: f64,
    stability: f64,
    difficulty: f64,
    interval: u32,
}

const RATINGS: [Rating; 4] = [Rating::Again, Rating::Hard, Rating::Good, Rating::Easy];

#[test]
fn four_hundred_reviews_go_as_the_reference_scheduler_has_them() {
    let histories: Vec<Vec<Step>> =
        serde_json::from_str(include_str!("reference/memory.json")).expect("golden figures");
    let close = |a: f64, b: f64| (a - b).abs() <= 1e-9 * b.abs().max(1.0);
    let mut compared = 0;
    for history in histories {
        let mut last: Option<(Memory, u32)> = None;
        for step in history {
            let rating = RATINGS[step.rating - 1];
            let memory = match last {
                None => Memory::first(rating),
                Some((memory, day)) => {
                    assert!(close(retrievability(memory.stability, step.day - day), step.retrievability));
                    memory.reviewed(rating, step.day - day)
                }
            };
            assert!(close(memory.stability, step.stability), "{memory:?}, not {}", step.stability);
            assert!(close(memory.difficulty, step.difficulty), "{memory:?}, not {}", step.difficulty);
            assert_eq!(interval_days(memory.stability, 0.9), step.interval);
            last = Some((memory, step.day));
            compared += 1;
        }
    }
    assert_eq!(compared, 400);
}

fn seen(id: u32, skill: &str, day: i64, share: f64) -> Evidence {
    Evidence {
        id: format!("a{id}/i1"),
        skill: skill.into(),
        at_ms: day * DAY_MS,
        share,
        guess: 0.25,
        origin: Origin::Interview { session: "s".into() },
    }
}

#[test]
fn right_answers_lead_to_mastery_and_to_longer_waits() {
    let evidence: Vec<Evidence> =
        [0, 3, 12, 40].iter().zip(0..).map(|(day, id)| seen(id, "tides", *day, 1.0)).collect();
    let skill = progress(&evidence).skills.remove(0);
    assert!(skill.mastered && skill.mastery >= MASTERED, "{}", skill.mastery);
    let rising: Vec<f64> = skill.history.iter().map(|(_, mastery)| *mastery).collect();
    assert!(rising.is_sorted(), "{rising:?}");
    assert!(skill.due_ms > 70 * DAY_MS, "due on day {}", skill.due_ms / DAY_MS);
}

#[test]
fn what_is_least_remembered_is_due_first() {
    let all = [seen(1, "tides", 0, 1.0), seen(2, "waves", 0, 0.0), seen(3, "currents", 30, 1.0)];
    let student = progress(&all);
    let due: Vec<String> = student.due(31 * DAY_MS).into_iter().map(|due| due.skill).collect();
    assert_eq!(due, ["waves", "tides"]);
    assert_eq!(student.due(0), []);
}

#[test]
fn a_class_shows_its_weakest_skill_and_who_struggles_with_it() {
    let weak: Vec<Evidence> = (0..4).map(|id| seen(id, "waves", i64::from(id), 0.0)).collect();
    let strong: Vec<Evidence> =
        (0..6).flat_map(|id| [seen(id, "waves", 0, 1.0), seen(id + 10, "tides", 0, 1.0)]).collect();
    let mut class = Class::new(1_000 * DAY_MS);
    for (student, evidence) in [("ada", &strong), ("ben", &weak), ("cem", &Vec::new())] {
        class.take(student, &progress(evidence));
    }
    let view = class.view(true);
    assert_eq!((view.students, view.truncated), (3, None));
    let skills: Vec<_> = view
        .skills
        .iter()
        .map(|skill| (skill.skill.as_str(), skill.observed, skill.mastered, skill.due, skill.struggling.clone()))
        .collect();
    assert_eq!(skills, [("waves", 2, 1, 2, vec!["ben".to_owned()]), ("tides", 1, 1, 1, vec![])]);
}

#[test]
fn a_class_counts_all_who_struggle_and_names_the_furthest() {
    let mut class = Class::new(0);
    let students = CLASS_STRUGGLING_NAMED_MAX + 5;
    for student in 0..students {
        // The later, the longer it went wrong.
        let evidence: Vec<Evidence> = (0..3 + student as u32).map(|id| seen(id, "waves", i64::from(id), 0.1)).collect();
        class.take(&format!("s{student:02}"), &progress(&evidence));
    }
    let known = |skill: usize| progress(&[seen(1, &format!("known {skill:04}"), 0, 1.0)]);
    for skill in 0..CLASS_SKILLS_MAX {
        class.take("zoe", &known(skill));
    }
    let view = class.view(true);
    let waves = &view.skills[0];
    assert_eq!((waves.skill.as_str(), waves.observed, waves.struggling_count), ("waves", students, students));
    assert_eq!(waves.struggling.len(), CLASS_STRUGGLING_NAMED_MAX);
    assert_eq!((view.skills.len(), view.truncated), (CLASS_SKILLS_MAX, Some(true)), "one skill is left out");
    let mut small = Class::new(0);
    small.take("ada", &known(1));
    assert_eq!(small.clone().view(true).truncated, None);
    assert_eq!(small.view(false).truncated, Some(true), "not all were looked at");
}

#[test]
fn a_scored_answer_is_evidence_but_a_pending_one_is_not() {
    let choice = Item {
        skill: Some("tides".into()),
        ..item(2.0, Body::SingleChoice { options: choices(&["a", "b", "c", "d"]), keys: ids(&["a"]) })
    };
    let scored = score(&choice, Some(&Answer::Choice(OptionId::of("a"))));
    let found = evidence_of(&choice, &scored, "attempt-1", 5).expect("it has a skill");
    assert_eq!((found.id.as_str(), found.share, found.guess), ("attempt-1/i1", 1.0, 0.25));
    assert_eq!(evidence_of(&Item { skill: None, ..choice }, &scored, "attempt-1", 5), None);
    let rubric = vec![Criterion { id: OptionId::of("x"), text: "x".into(), weight: 1.0 }];
    let essay = Item { skill: Some("tides".into()), ..item(2.0, Body::FreeText { rubric, sample: None }) };
    assert_eq!(evidence_of(&essay, &score(&essay, Some(&typed("Moon."))), "attempt-1", 5), None);
}

#[test]
fn a_confirmed_rating_of_an_interview_is_evidence_of_the_same_skill() {
    let found = Evidence::of_interview("s1", "tides", 7, 4.0, 1.0, 5.0).expect("on the scale");
    assert_eq!((found.share, found.id.as_str()), (0.75, "s1/tides"));
    assert_eq!(Evidence::of_interview("s1", "tides", 7, 6.0, 1.0, 5.0), None);
    assert_eq!(Evidence::of_interview("s1", "tides", 7, 1.0, 1.0, 1.0), None);
    let both = progress(&[found, seen(1, "tides", 1, 1.0)]);
    assert_eq!((both.skills.len(), both.skills[0].observations), (1, 2));
}

fn evidence() -> impl Strategy<Value = Vec<Evidence>> {
    prop::collection::vec((0_u32..40, 0_u8..3, 0_i64..400, 0_u8..=4), 0..40).prop_map(|pieces| {
        pieces
            .into_iter()
            .map(|(id, skill, day, share)| seen(id, &format!("s{skill}"), day, f64::from(share) / 4.0))
            .collect()
    })
}

proptest! {
    #[test]
    fn order_and_repeats_of_evidence_change_nothing(evidence in evidence(), seed: u64) {
        let mut other: Vec<Evidence> = evidence.iter().chain(&evidence).cloned().collect();
        viva::quiz::shuffle::Shuffle::new(seed).shuffle(&mut other);
        prop_assert_eq!(progress(&evidence), progress(&other));
    }

    #[test]
    fn chances_stay_chances(evidence in evidence(), now in 0_i64..1_000) {
        let student = progress(&evidence);
        for skill in &student.skills {
            prop_assert!((0.0..=1.0).contains(&skill.mastery));
            prop_assert!((0.0..=1.0).contains(&skill.recall(now * DAY_MS)));
            prop_assert!((1.0..=10.0).contains(&skill.memory.difficulty) && skill.memory.stability.is_finite());
            prop_assert!(skill.due_ms > skill.last_ms);
        }
    }

    #[test]
    fn a_better_answer_never_lowers_mastery(known in 0.0..1.0_f64, share in 0.0..1.0_f64, more in 0.0..1.0_f64, guess in 0.0..1.0_f64) {
        let tracing = Tracing::default().guessed(guess);
        let better = share + (1.0 - share) * more;
        prop_assert!(tracing.after_share(known, better) >= tracing.after_share(known, share) - 1e-12);
    }
}
