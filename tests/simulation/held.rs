//! Holds whole interviews: client, world and workers together, with workers stopped at chosen polls.

use crate::client::{Client, Plan};
use crate::speech::{Ear, StreamFault, ear};
use crate::world::{Odds, World, key};
use protocol::v1::ServerMessage;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use viva::embedded::scripted_model::{ModelScript, Play, ScriptedModel};
use viva::interview::driver::{self, Deps, Ended, RunError, Settings};
use viva::interview::{Event, Interview, wire};
use viva::ports::clock::Clock;
use viva::ports::journal::{Journal, SessionState};
use viva::session::{OpenError, Retirement};

#[derive(Clone, Debug, Default)]
pub struct Setup {
    pub seed: u64,
    pub odds: Odds,
    pub plan: Plan,
    pub streams: Vec<StreamFault>,
    pub model: Option<ModelScript>,
    pub settings: Settings,
    /// Each worker in turn is stopped at that poll.
    pub kills: Vec<usize>,
    /// Each worker in turn retires so long (soft, hard) after the interview began.
    pub retires_ms: Vec<(u64, u64)>,
    /// Two workers at a time.
    pub rivals: bool,
}

pub struct Held {
    pub world: Arc<World>,
    pub client: Client,
    /// How often the first worker was polled.
    pub polls: usize,
    /// Workers that retired.
    pub retired: usize,
    pub ear: Arc<Ear>,
}

pub fn deps(world: &Arc<World>, setup: &Setup) -> Deps {
    let usual = Play { tokens: 5, ..Play::default() };
    let model = setup.model.clone().unwrap_or(ModelScript { usual, plays: Vec::new() });
    Deps {
        feed: world.clone(),
        journal: world.clone(),
        connections: world.clone(),
        recognizer: Some(ear(setup.streams.clone())),
        model: Arc::new(ScriptedModel::new(model)),
        objects: world.clone(),
        passages: None,
        reports: world.clone(),
        budgets: world.clone(),
        clock: world.clone(),
        ids: world.clone(),
        settings: setup.settings.clone(),
    }
}

/// Holds an interview to its end.
pub async fn hold(setup: Setup) -> Held {
    let world = World::new(setup.seed, setup.odds);
    let ear = ear(setup.streams.clone());
    let deps = Deps { recognizer: Some(ear.clone()), ..deps(&world, &setup) };
    let mut client = tokio::spawn(Client::start(world.clone(), setup.plan.clone()).await.run());
    let (mut kills, mut polls) = (setup.kills.into_iter().peekable(), 0);
    let began = world.now();
    let mut retirements = setup
        .retires_ms
        .into_iter()
        .map(|(soft_ms, hard_ms)| Retirement { soft: began.plus_ms(soft_ms), hard: began.plus_ms(hard_ms) });
    let mut retired = 0;
    let stop = CancellationToken::new();
    let mut served = None;
    loop {
        let is_due = !world.due(world.now(), 1).await.unwrap().is_empty();
        if world.state().row.as_ref().is_some_and(|row| row.state != SessionState::Open) {
            break;
        }
        if client.is_finished() && served.is_none() {
            // It may have heard of the end from a worker that was stopped before the row said so.
            served = Some((&mut client).await.unwrap());
        }
        if is_due || setup.rivals {
            let key = key();
            let retirement = retirements.next().unwrap_or(Retirement::NEVER);
            let worker = Stoppable {
                polls: 0,
                stop_at: kills.next(),
                inner: Some(Box::pin(bounded(driver::run_until(&deps, &key, &stop, retirement)))),
            };
            if setup.rivals {
                let late = async {
                    tokio::time::sleep(Duration::from_millis(world.random() % 4_000)).await;
                    driver::run(&deps, &key, &stop).await
                };
                let ((first, _), second) = tokio::join!(worker, late);
                first.into_iter().chain([second]).for_each(check);
            } else {
                let (ended, polled) = worker.await;
                if polls == 0 {
                    polls = polled;
                }
                if matches!(ended, Some(Ok(Ended::Retired))) {
                    retired += 1;
                    let row = world.state().row.clone().unwrap();
                    assert_eq!((row.state, row.owner), (SessionState::Open, None), "a successor can begin at once");
                    assert!(!world.due(world.now(), 1).await.unwrap().is_empty(), "the sweep finds it");
                    continue;
                }
                ended.into_iter().for_each(check);
            }
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let client = match served {
        Some(client) => client,
        None => client.await.unwrap(),
    };
    Held { world, client, polls, retired, ear }
}

async fn bounded<T>(worker: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(900), worker).await.expect("the worker comes to an end")
}

fn check(ended: Result<Ended, RunError>) {
    match ended {
        Ok(Ended::Over(_) | Ended::Unbound | Ended::Fenced | Ended::Stopped) => {}
        Err(RunError::Open(OpenError::Held { .. } | OpenError::Over(_))) => {}
        other => panic!("a worker ended badly: {other:?}"),
    }
}

/// A future that is dropped at its n-th poll.
pub struct Stoppable<'a, T> {
    pub polls: usize,
    pub stop_at: Option<usize>,
    pub inner: Option<Pin<Box<dyn Future<Output = T> + Send + 'a>>>,
}

impl<T> Future for Stoppable<'_, T> {
    type Output = (Option<T>, usize);

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.polls += 1;
        if self.stop_at == Some(self.polls) {
            self.inner = None;
            return Poll::Ready((None, self.polls));
        }
        let inner = self.inner.as_mut().expect("it is not polled after its end");
        let polled = inner.as_mut().poll(cx);
        polled.map(|output| (Some(output), self.polls))
    }
}

impl Held {
    pub fn events(&self) -> Vec<Event> {
        let records = self.world.records();
        records.iter().flat_map(|record| &record.events).map(|stored| wire::decode_event(stored).unwrap()).collect()
    }

    /// What holds of every session, whatever happened to it.
    pub fn check_log(&self) {
        assert_eq!(self.ear.starved.load(Ordering::Relaxed), 0, "a stream was left without audio for 15 s");
        let records = self.world.records();
        let mut head = 0;
        let (mut cursor, mut epoch) = (0, 0);
        for record in &records {
            assert_eq!(record.first_seq, head + 1, "no event twice, none missing");
            assert!(record.epoch >= epoch, "an old worker wrote after its successor");
            assert!(record.cursor.inbox_through_seq >= cursor, "the cursor went back");
            (head, epoch, cursor) = (record.last_seq, record.epoch, record.cursor.inbox_through_seq);
        }
        let events = self.events();
        let count = |of: fn(&Event) -> bool| events.iter().filter(|event| of(event)).count();
        assert_eq!(count(|event| matches!(event, Event::Started { .. })), 1);
        assert_eq!(count(|event| matches!(event, Event::Report { .. })), 1);
        assert_eq!(count(|event| matches!(event, Event::Finished { .. })), 1);
        assert!(matches!(events.first(), Some(Event::Started { .. })));
        assert!(matches!(events.last(), Some(Event::Finished { .. })));
        for (at, event) in events.iter().enumerate() {
            if let Event::AnswerCommitted { turn, .. } = event {
                let again = events[at + 1..]
                    .iter()
                    .any(|later| matches!(later, Event::AnswerCommitted { turn: of, .. } if of == turn));
                assert!(!again, "turn {turn} was answered twice");
            }
        }
    }

    /// What the client has applied is what the log says, but for pieces that a replay leaves out.
    pub fn check_client(&self) {
        let logged: Vec<ServerMessage> = (1..)
            .zip(self.events())
            .map(|(seq, event)| wire::event_message(&wire::session_id(&key()), seq, &event))
            .collect();
        let mut expected = logged.iter();
        for applied in &self.client.applied {
            let found = expected.by_ref().find(|event| event.seq() == applied.seq()).expect("an event from the log");
            assert_eq!(found, applied);
        }
        let seen: Vec<Option<u64>> = self.client.applied.iter().map(ServerMessage::seq).collect();
        for event in &logged {
            let piece = matches!(event, ServerMessage::QuestionDelta(_));
            assert!(piece || seen.contains(&event.seq()), "the client lacks {event:?}");
        }
    }

    /// Words that were heard, turn by turn.
    pub fn heard(&self) -> Vec<(u32, String)> {
        let mut turns: Vec<(u32, String)> = Vec::new();
        for event in self.events() {
            let Event::TranscriptFinal { turn, words, .. } = event else { continue };
            for word in words {
                match turns.iter_mut().find(|(known, _)| *known == turn) {
                    Some((_, heard)) => *heard = format!("{heard} {}", word.text),
                    None => turns.push((turn, word.text)),
                }
            }
        }
        turns
    }

    pub fn fold(&self) -> Interview {
        let mut interview = Interview::new();
        self.events().iter().for_each(|event| interview.apply(event));
        interview
    }
}
