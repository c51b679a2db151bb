//! A worker whose time is over, at any moment: its successor goes on, nothing is said twice, nothing is missing.

use crate::client::Plan;
use crate::held::{Held, Setup, hold};
use viva::config::limits::LEASE_MS;
use viva::embedded::scripted_model::{ModelScript, Play};
use viva::interview::Event;
use viva::interview::event::CancelReason;

const NEVER: u64 = u64::MAX / 4;

fn plan() -> Plan {
    Plan { words: 8, ..Plan::default() }
}

/// Questions take their time, so that a worker's end may fall into one.
fn setup(retires_ms: Vec<(u64, u64)>) -> Setup {
    let usual = Play { tokens: 8, first_after_ms: 300, interval_ms: 120, ..Play::default() };
    let model = Some(ModelScript { usual, plays: Vec::new() });
    Setup { plan: plan(), model, retires_ms, ..Setup::default() }
}

fn check_same(held: &Held, whole: &Held, at_ms: u64) {
    held.check_log();
    held.check_client();
    assert_eq!(held.client.answers(), whole.client.answers(), "retired at {at_ms} ms");
    assert_eq!(held.heard(), whole.heard(), "retired at {at_ms} ms");
}

/// How long an interview of [`plan`] takes, from its start to its last record.
fn length_ms(whole: &Held) -> u64 {
    let records = whole.world.records();
    let ends = records.first().zip(records.last()).expect("there are records");
    ends.1.committed.since_ms(ends.0.committed)
}

#[tokio::test(start_paused = true)]
async fn a_worker_that_has_time_leaves_at_a_pause_and_no_question_is_asked_anew() {
    let whole = hold(setup(Vec::new())).await;
    for soft_ms in (100..length_ms(&whole)).step_by(130) {
        let held = hold(setup(vec![(soft_ms, NEVER)])).await;
        check_same(&held, &whole, soft_ms);
        let cancelled = held.events().into_iter().any(|event| matches!(event, Event::QuestionCancelled { .. }));
        assert!(!cancelled, "retired at {soft_ms} ms");
    }
}

#[tokio::test(start_paused = true)]
async fn a_worker_without_time_leaves_in_the_middle_and_only_a_question_is_asked_anew() {
    let whole = hold(setup(Vec::new())).await;
    let (mut retired, mut restarted) = (0, 0);
    for at_ms in (0..length_ms(&whole)).step_by(90) {
        let held = hold(setup(vec![(at_ms, at_ms)])).await;
        check_same(&held, &whole, at_ms);
        retired += held.retired;
        for event in held.events() {
            if let Event::QuestionCancelled { reason, .. } = event {
                assert_eq!(reason, CancelReason::Restarted, "retired at {at_ms} ms");
                restarted += 1;
            }
        }
    }
    assert!(retired > 20 && restarted > 5, "{retired}, {restarted} of them in a question");
}

#[tokio::test(start_paused = true)]
async fn worker_after_worker_retires_and_the_client_never_waits_for_a_lease() {
    let whole = hold(setup(Vec::new())).await;
    let retires_ms: Vec<(u64, u64)> = (1..20).map(|nth| (nth * 3_000, nth * 3_000 + 500)).collect();
    let held = hold(setup(retires_ms)).await;
    check_same(&held, &whole, 0);
    assert!(held.retired >= 3, "{}", held.retired);
    let longer_ms = length_ms(&held).saturating_sub(length_ms(&whole));
    assert!(longer_ms < held.retired as u64 * LEASE_MS / 4, "{longer_ms} ms longer for {} changes", held.retired);
}
