//! A session's life: whole, left, abandoned, swept, with holes, with credit.

use crate::client::{Client, Plan};
use crate::held::{Setup, deps, hold};
use crate::speech;
use crate::world::{Odds, World, key};
use async_trait::async_trait;
use protocol::v1;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use viva::embedded::workers::TaskWorkers;
use viva::interview::driver::{self, Ended, RunError, Settings};
use viva::interview::event::{Budget, FinishReason};
use viva::interview::{Event, wire};
use viva::ports::budgets::{Allowance, BudgetLimits};
use viva::ports::clock::Clock;
use viva::ports::feed::{Entry, Feed};
use viva::ports::ids::SessionKey;
use viva::ports::journal::{Journal, SessionState};
use viva::ports::workers::{StartError, Workers};
use viva::session::{OpenError, sweep};

#[tokio::test(start_paused = true)]
async fn a_spoken_interview_is_held_to_its_report() {
    let held = hold(Setup::default()).await;
    held.check_log();
    held.check_client();
    let answers: Vec<(u32, String)> = held.client.answers().into_iter().collect();
    assert_eq!(answers, [(1, "w100 w101 w102 w103".to_owned()), (2, "w200 w201 w202 w203".to_owned())]);
    assert_eq!(held.heard(), answers);
    assert!(held.client.partials > 0, "words were shown while they were spoken");
    assert!(held.client.statuses.len() > 3, "a status came every second");
    assert_eq!(held.client.errors, []);
    let state = held.world.state();
    assert_eq!(state.row.as_ref().unwrap().state, SessionState::Finished);
    assert_eq!(state.shown, (1, 1), "summary and report are stored once");
    let summary = state.summary.as_ref().unwrap();
    assert_eq!(summary.state, SessionState::Finished);
    let usage: serde_json::Value = serde_json::from_str(summary.usage_json.as_deref().unwrap()).unwrap();
    assert!(usage["audioMs"].as_u64() > Some(0) && usage["modelRequests"].as_u64() > Some(0), "{usage}");
    assert!(state.report.is_some());
    let (content_type, file) = &state.objects["recordings/default/ann/s1.ogg"];
    assert_eq!(content_type, "audio/ogg");
    assert!(file.starts_with(b"OggS"));
    assert!(state.booked.recognizer_ms > 0 && state.booked.tokens > 0, "{:?}", state.booked);
}

#[tokio::test(start_paused = true)]
async fn a_typed_interview_needs_no_audio() {
    let plan = Plan { spoken: false, ..Plan::default() };
    let held = hold(Setup { plan, ..Setup::default() }).await;
    held.check_log();
    held.check_client();
    assert_eq!(held.client.answers()[&2], "w200 w201 w202 w203");
    assert!(held.world.state().objects.is_empty());
}

/// Waits, in virtual time, until something holds.
async fn until(what: &str, holds: impl Fn() -> bool) {
    for _ in 0..60_000 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("it never came: {what}");
}

fn finish_reason(events: &[Event]) -> Option<FinishReason> {
    events.iter().find_map(|event| match event {
        Event::Finished { reason, .. } => Some(*reason),
        _ => None,
    })
}

#[tokio::test(start_paused = true)]
async fn who_leaves_for_good_is_left_after_a_minute_and_given_a_report_after_half_an_hour() {
    let plan = Plan { questions: 9, leaves_at_ms: Some(6_000), ..Plan::default() };
    let setup = Setup { plan, ..Setup::default() };
    let world = World::new(1, Odds::default());
    let (deps, key, stop) = (deps(&world, &setup), key(), CancellationToken::new());
    let client = tokio::spawn(Client::start(world.clone(), setup.plan.clone()).await.run());
    let began = world.now();

    assert_eq!(driver::run(&deps, &key, &stop).await.unwrap(), Ended::Unbound);
    let waited_ms = world.now().since_ms(began);
    assert!((65_000..70_000).contains(&waited_ms), "left after {waited_ms} ms");
    let row = world.state().row.clone().unwrap();
    assert_eq!((row.state, row.owner), (SessionState::Open, None));
    let due_at = row.due_at.expect("the sweep will look at it");
    assert!((1_800_000..1_810_000).contains(&due_at.since_ms(began)), "{}", due_at.since_ms(began));
    assert!(world.state().snapshot.is_some());
    client.await.unwrap();

    let started = Arc::new(Started::default());
    assert_eq!(sweep(&*world, &*started, &*world).await.unwrap().started, 0, "it is not due yet");
    tokio::time::sleep(Duration::from_millis(due_at.since_ms(world.now()))).await;
    assert_eq!(sweep(&*world, &*started, &*world).await.unwrap().started, 1);
    assert_eq!(driver::run(&deps, &key, &stop).await.unwrap(), Ended::Over(SessionState::Abandoned));
    let records = world.records();
    let events: Vec<Event> =
        records.iter().flat_map(|record| &record.events).map(|stored| wire::decode_event(stored).unwrap()).collect();
    assert_eq!(finish_reason(&events), Some(FinishReason::Abandoned));
    assert!(world.state().report.is_some());
    assert_eq!(world.state().row.clone().unwrap().state, SessionState::Abandoned);
}

#[derive(Default)]
struct Started(AtomicUsize);

#[async_trait]
impl Workers for Started {
    async fn start(&self, _: &SessionKey) -> Result<(), StartError> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn what_never_comes_is_reported_then_given_up_and_the_interview_goes_on() {
    let world = World::new(1, Odds::default());
    let setup = Setup::default();
    let (deps, key, stop) = (deps(&world, &setup), key(), CancellationToken::new());
    let client = Client::start(world.clone(), Plan { questions: 1, ..Plan::default() }).await;
    let connection = client.connection.clone();
    let worker = {
        let (deps, key, stop) = (deps.clone(), key.clone(), stop.clone());
        tokio::spawn(async move { driver::run(&deps, &key, &stop).await })
    };
    tokio::time::sleep(Duration::from_millis(2_000)).await;
    // 2 and 3 never come.
    let silence = Entry::Audio { media_ms: 200, data: speech::message(None) };
    Feed::append(&*world, &key, 4, silence).await.unwrap();
    tokio::time::sleep(Duration::from_millis(800)).await;
    let missing = |world: &World| {
        let mail: Vec<_> = world.state().mail.get(&connection).cloned().unwrap_or_default().into();
        mail.iter().rev().find_map(|text| match v1::decode_server(text.as_bytes()).unwrap() {
            v1::ServerMessage::SessionStatus(status) => Some((status.inbox_through_seq, status.missing)),
            _ => None,
        })
    };
    assert_eq!(missing(&world), Some((1, vec![v1::SeqRange { from_seq: 2, through_seq: 3 }])));
    let lost = |world: &World| {
        let stored: Vec<String> = world.records().into_iter().flat_map(|record| record.events).collect();
        stored
            .iter()
            .any(|event| wire::decode_event(event).unwrap() == Event::InputLost { from_seq: 2, through_seq: 3 })
    };
    assert!(!lost(&world), "it may still come");
    until("input.lost", || lost(&world)).await;
    until("the acknowledgement", || missing(&world) == Some((4, vec![]))).await;
    // What comes now is a no-op.
    let late = Entry::Audio { media_ms: 0, data: speech::message(Some(7)) };
    Feed::append(&*world, &key, 2, late).await.unwrap();
    let said = v1::InterviewFinish { session: wire::session_id(&key), seq: 5 };
    Feed::append(&*world, &key, 5, Entry::Control { json: v1::encode_client(&said.into()) }).await.unwrap();
    assert_eq!(worker.await.unwrap().unwrap(), Ended::Over(SessionState::Finished));
}

#[tokio::test(start_paused = true)]
async fn a_client_that_floods_is_read_as_far_as_its_credit_goes() {
    let world = World::new(1, Odds::default());
    let setup = Setup::default();
    let (deps, key, stop) = (deps(&world, &setup), key(), CancellationToken::new());
    let client = Client::start(world.clone(), Plan::default()).await;
    for seq in 2..2_000 {
        // A wrong turn: every one of them is answered with an error.
        let said = v1::AnswerEnd { session: wire::session_id(&key), seq, turn: 99 };
        Feed::append(&*world, &key, seq, Entry::Control { json: v1::encode_client(&said.into()) }).await.unwrap();
    }
    let worker = {
        let (deps, key, stop) = (deps.clone(), key.clone(), stop.clone());
        tokio::spawn(async move { driver::run(&deps, &key, &stop).await })
    };
    // The flood lay there before; from now on credit is given.
    tokio::time::sleep(Duration::from_millis(20_000)).await;
    let mail: Vec<_> = world.state().mail[&client.connection].clone().into();
    let statuses: Vec<(u64, u64)> = mail
        .iter()
        .filter_map(|text| match v1::decode_server(text.as_bytes()).unwrap() {
            v1::ServerMessage::SessionStatus(status) => Some((status.inbox_through_seq, status.window_through_seq)),
            _ => None,
        })
        .collect();
    assert!(statuses.iter().all(|(through, window)| *window >= through + 64), "{statuses:?}");
    assert_eq!(statuses.last().unwrap().0, 1_999);
    stop.cancel();
    assert_eq!(worker.await.unwrap().unwrap(), Ended::Stopped);
}

#[tokio::test(start_paused = true)]
async fn a_worker_that_is_asked_to_stop_gives_the_session_back_and_the_next_goes_on() {
    let world = World::new(1, Odds::default());
    let setup = Setup::default();
    let (deps, key) = (deps(&world, &setup), key());
    let client = tokio::spawn(Client::start(world.clone(), Plan::default()).await.run());
    let first = TaskWorkers::new(deps.clone(), 10);
    first.start(&key).await.unwrap();
    first.start(&key).await.unwrap();
    tokio::time::sleep(Duration::from_millis(3_000)).await;
    assert_eq!(first.live(), 1);
    assert!(first.drain(Duration::from_secs(10)).await);
    assert_eq!(world.state().row.clone().unwrap().owner, None);
    assert!(first.start(&key).await.is_err(), "a stopped place takes no more");

    let second = TaskWorkers::new(deps.clone(), 10);
    second.start(&key).await.unwrap();
    let client = client.await.unwrap();
    assert_eq!(client.answers()[&2], "w200 w201 w202 w203");
    until("the worker's end", || second.live() == 0).await;
}

#[tokio::test(start_paused = true)]
async fn as_many_workers_run_as_may() {
    let world = World::new(1, Odds::default());
    let workers = TaskWorkers::new(deps(&world, &Setup::default()), 0);
    assert!(matches!(workers.start(&key()).await, Err(StartError::Full)));
}

#[tokio::test(start_paused = true)]
async fn a_days_budget_ends_the_interview_with_its_report() {
    let tenant = Allowance { recognizer_ms_per_day: 2_000, ..Allowance::default() };
    let settings = Settings { budgets: BudgetLimits { tenant, ..BudgetLimits::default() }, ..Settings::default() };
    let plan = Plan { questions: 5, ..Plan::default() };
    let held = hold(Setup { settings, plan, ..Setup::default() }).await;
    held.check_log();
    let warned = held.events().iter().any(|event| matches!(event, Event::BudgetWarning { budget: Budget::Audio, .. }));
    assert!(warned, "a warning comes first");
    assert_eq!(finish_reason(&held.events()), Some(FinishReason::Budget));
    let told: Vec<_> = held.client.errors.iter().map(|error| (error.code, error.retryable)).collect();
    assert_eq!(told, [(v1::ErrorCode::BudgetExceeded, false)]);
    assert!(held.client.errors[0].retry_after_ms.is_some_and(|ms| (1..=86_400_000).contains(&ms)));
    assert!(!held.world.state().place_held, "its place is given back");
}

#[tokio::test(start_paused = true)]
async fn without_a_recording_nothing_that_was_said_is_kept_as_audio() {
    let held = hold(Setup { plan: Plan { recording: false, ..Plan::default() }, ..Setup::default() }).await;
    held.check_log();
    until("the inbox's end", || held.world.state().inbox.is_empty()).await;
    assert!(held.world.state().objects.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_session_that_a_newer_program_stored_is_refused() {
    let world = World::new(1, Odds::default());
    let _client = Client::start(world.clone(), Plan::default()).await;
    world.state().row.as_mut().unwrap().stored_version = 99;
    let refused = driver::run(&deps(&world, &Setup::default()), &key(), &CancellationToken::new()).await;
    assert!(matches!(refused, Err(RunError::Open(OpenError::Version(_)))), "{refused:?}");
}

#[tokio::test(start_paused = true)]
async fn a_snapshot_that_cannot_be_read_is_as_good_as_none() {
    let whole = hold(Setup::default()).await;
    for state in ["{", "{\"turns\":7}", "null"] {
        let world = World::new(1, Odds::default());
        let setup = Setup::default();
        let (deps, key) = (deps(&world, &setup), key());
        let client = tokio::spawn(Client::start(world.clone(), Plan::default()).await.run());
        let first = CancellationToken::new();
        let (stopper, delay) = (first.clone(), Duration::from_millis(2_000));
        tokio::spawn(async move {
            tokio::time::sleep(delay).await;
            stopper.cancel();
        });
        assert_eq!(driver::run(&deps, &key, &first).await.unwrap(), Ended::Stopped);
        world.state().snapshot.as_mut().expect("it was written when the worker stopped").state = state.to_owned();
        let ended = driver::run(&deps, &key, &CancellationToken::new()).await.unwrap();
        assert_eq!(ended, Ended::Over(SessionState::Finished));
        assert_eq!(client.await.unwrap().answers(), whole.client.answers());
    }
}

#[tokio::test(start_paused = true)]
async fn a_deleted_session_loses_its_worker() {
    let world = World::new(1, Odds::default());
    let client = tokio::spawn(Client::start(world.clone(), Plan::default()).await.run());
    let (deps, key) = (deps(&world, &Setup::default()), key());
    let worker = tokio::spawn(async move { driver::run(&deps, &key, &CancellationToken::new()).await });
    tokio::time::sleep(Duration::from_millis(2_000)).await;
    Journal::delete(&*world, &crate::world::key()).await.unwrap();
    assert_eq!(worker.await.unwrap().unwrap(), Ended::Gone);
    client.abort();
}

#[tokio::test(start_paused = true)]
async fn a_session_deleted_while_its_recording_is_written_leaves_none() {
    for stopped in [false, true] {
        let world = World::new(1, Odds::default());
        world.state().deletes_while_recording = true;
        let client = tokio::spawn(Client::start(world.clone(), Plan { questions: 1, ..Plan::default() }).await.run());
        let (deps, key) = (deps(&world, &Setup::default()), key());
        let worker = tokio::spawn(async move { driver::run(&deps, &key, &CancellationToken::new()).await });
        until("the recording", || world.state().row.as_ref().unwrap().state == SessionState::Deleted).await;
        client.abort();
        if stopped {
            worker.abort();
        } else {
            assert_eq!(worker.await.unwrap().unwrap(), Ended::Gone);
        }
        tokio::time::sleep(Duration::from_secs(60)).await;
        assert!(world.state().objects.is_empty(), "stopped: {stopped}");
    }
}
