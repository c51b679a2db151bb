//! A worker whose time is over, at any moment: its successor goes on, nothing is said twice, nothing is missing.

use crate::client::Plan;
use crate::held::{Held, Setup, hold};
use viva::config::limits::LEASE_MS;
use viva::interview::Event;
use viva::interview::event::CancelReason;

const NEVER: u64 = u64::MAX / 4;

fn plan() -> Plan {
    Plan { words: 8, ..Plan::default() }
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
    let whole = hold(Setup { plan: plan(), ..Setup::default() }).await;
    for soft_ms in (100..length_ms(&whole)).step_by(130) {
        let held = hold(Setup { plan: plan(), retires_ms: vec![(soft_ms, NEVER)], ..Setup::default() }).await;
        check_same(&held, &whole, soft_ms);
        let cancelled = held.events().into_iter().any(|event| matches!(event, Event::QuestionCancelled { .. }));
        assert!(!cancelled, "retired at {soft_ms} ms");
    }
}

#[tokio::test(start_paused = true)]
async fn a_worker_without_time_leaves_in_the_middle_and_only_a_question_is_asked_anew() {
    let whole = hold(Setup { plan: plan(), ..Setup::default() }).await;
    let mut retired = 0;
    for at_ms in (0..length_ms(&whole)).step_by(90) {
        let held = hold(Setup { plan: plan(), retires_ms: vec![(at_ms, at_ms)], ..Setup::default() }).await;
        check_same(&held, &whole, at_ms);
        retired += held.retired;
        for event in held.events() {
            if let Event::QuestionCancelled { reason, .. } = event {
                assert_eq!(reason, CancelReason::Restarted, "retired at {at_ms} ms");
            }
        }
    }
    assert!(retired > 20, "{retired}");
}

#[tokio::test(start_paused = true)]
async fn worker_after_worker_retires_and_the_client_never_waits_for_a_lease() {
    let whole = hold(Setup { plan: plan(), ..Setup::default() }).await;
    let retires_ms: Vec<(u64, u64)> = (1..100).map(|nth| (nth * 700, nth * 700 + 350)).collect();
    let held = hold(Setup { plan: plan(), retires_ms, ..Setup::default() }).await;
    check_same(&held, &whole, 0);
    assert!(held.retired >= 5, "{}", held.retired);
    let longer_ms = length_ms(&held).saturating_sub(length_ms(&whole));
    assert!(longer_ms < held.retired as u64 * LEASE_MS / 4, "{longer_ms} ms longer for {} changes", held.retired);
}
