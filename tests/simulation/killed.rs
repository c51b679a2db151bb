//! The worker stopped at every await: another takes over, and nobody can tell but by `session.continued` and questions asked anew.

use crate::client::Plan;
use crate::held::{Held, Setup, hold};
use crate::speech::StreamFault;
use viva::interview::event::CancelReason;
use viva::interview::{Event, Interview};
use viva::ports::journal::SessionState;

/// Every so many polls one test stops a worker, each test at others, so that they share the machine.
const STEP: usize = 4;

async fn whole() -> Held {
    let held = hold(Setup::default()).await;
    held.check_log();
    held
}

fn check_same(held: &Held, whole: &Held, kills: &[usize]) {
    held.check_log();
    held.check_client();
    assert_eq!(held.client.answers(), whole.client.answers(), "stopped at polls {kills:?}");
    assert_eq!(held.heard(), whole.heard(), "stopped at polls {kills:?}");
    let questions = |held: &Held| -> Vec<(u32, String)> {
        let done = held.events().into_iter().filter_map(|event| match event {
            Event::QuestionDone { turn, text, .. } => Some((turn, text)),
            _ => None,
        });
        done.collect()
    };
    assert_eq!(questions(held), questions(whole), "stopped at polls {kills:?}");
    for event in held.events() {
        if let Event::QuestionCancelled { reason, .. } = event {
            assert_eq!(reason, CancelReason::Restarted, "stopped at polls {kills:?}");
        }
    }
    assert!(held.world.state().objects.contains_key("recordings/default/ann/s1.ogg"));
    assert!(held.world.state().report.is_some());
}

async fn stopped_at_every(first: usize) {
    let whole = whole().await;
    for poll in (first..=whole.polls).step_by(STEP) {
        let kills = vec![poll];
        let held = hold(Setup { kills: kills.clone(), ..Setup::default() }).await;
        check_same(&held, &whole, &kills);
    }
}

#[tokio::test(start_paused = true)]
async fn a_worker_stopped_at_any_poll_is_not_missed_1() {
    stopped_at_every(1).await;
}

#[tokio::test(start_paused = true)]
async fn a_worker_stopped_at_any_poll_is_not_missed_2() {
    stopped_at_every(2).await;
}

#[tokio::test(start_paused = true)]
async fn a_worker_stopped_at_any_poll_is_not_missed_3() {
    stopped_at_every(3).await;
}

#[tokio::test(start_paused = true)]
async fn a_worker_stopped_at_any_poll_is_not_missed_4() {
    stopped_at_every(4).await;
}

#[tokio::test(start_paused = true)]
async fn worker_after_worker_may_be_stopped() {
    let whole = whole().await;
    for seed in 1..60_usize {
        let kills: Vec<usize> = (1..6).map(|nth| 1 + (seed * 37 + nth * 101) % (whole.polls / 3)).collect();
        let held = hold(Setup { kills: kills.clone(), ..Setup::default() }).await;
        check_same(&held, &whole, &kills);
    }
}

#[tokio::test(start_paused = true)]
async fn a_typed_interview_survives_its_workers_too() {
    let plan = Plan { spoken: false, ..Plan::default() };
    let whole = hold(Setup { plan: plan.clone(), ..Setup::default() }).await;
    for poll in 1..=whole.polls {
        let held = hold(Setup { plan: plan.clone(), kills: vec![poll], ..Setup::default() }).await;
        held.check_log();
        held.check_client();
        assert_eq!(held.client.answers(), whole.client.answers(), "stopped at poll {poll}");
    }
}

/// An `answer.end` that still waits for the last words when its worker is stopped is heard again by the successor.
#[tokio::test(start_paused = true)]
async fn an_answer_that_was_ended_by_saying_so_is_ended_whoever_hears_of_it() {
    let plan = Plan { manual: true, ..Plan::default() };
    // The words come a little late, and something else is stored while they are waited for.
    let streams = vec![StreamFault::Lags(1); 16];
    let setup = |kills| Setup { plan: plan.clone(), streams: streams.clone(), kills, ..Setup::default() };
    let whole = hold(setup(Vec::new())).await;
    whole.check_log();
    assert_eq!(whole.heard().len(), 2);
    for poll in 1..=whole.polls {
        let held = hold(setup(vec![poll])).await;
        check_same(&held, &whole, &[poll]);
    }
}

#[tokio::test(start_paused = true)]
async fn without_a_recording_a_worker_stopped_at_the_end_leaves_no_audio() {
    let plan = Plan { recording: false, questions: 1, ..Plan::default() };
    let whole = hold(Setup { plan: plan.clone(), ..Setup::default() }).await;
    for poll in whole.polls.saturating_sub(150)..=whole.polls {
        let held = hold(Setup { plan: plan.clone(), kills: vec![poll], ..Setup::default() }).await;
        held.check_log();
        let state = held.world.state();
        assert_eq!(state.row.as_ref().unwrap().state, SessionState::Finished, "stopped at poll {poll}");
        assert!(state.inbox_deleted && state.objects.is_empty(), "stopped at poll {poll}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_state_is_the_fold_of_the_log_and_its_snapshot_is_as_good() {
    let held = whole().await;
    let mut interview = Interview::new();
    for (at, event) in held.events().iter().enumerate() {
        interview.apply(event);
        let json = serde_json::to_string(&interview).unwrap();
        let restored: Interview = serde_json::from_str(&json).unwrap();
        assert_eq!(restored.history(), interview.history(), "after event {at}");
    }
    assert_eq!(interview.history(), held.fold().history());
}
