//! A client as the protocol wants it: numbers what it says, keeps what is not acknowledged, applies events in order, resumes.
//!
//! Its microphone never stops: words while it answers, silence otherwise. It answers every question once, in its own words.

use crate::speech;
use crate::world::{World, key};
use bytes::Bytes;
use protocol::v1::{self, ServerMessage};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use viva::interview::wire;
use viva::ports::clock::{Clock, UnixMs};
use viva::ports::feed::{Entry, Feed, FeedError};
use viva::ports::ids::{ConnectionId, Ids};
use viva::ports::journal::{Journal, SessionKind, SessionState};
use viva::session::log;

/// How the network treats what the client says, in a thousand.
#[derive(Clone, Copy, Debug, Default)]
pub struct Network {
    pub loses: u64,
    pub repeats: u64,
    pub delays: u64,
    /// Every so often, the connection breaks and another is made.
    pub breaks: u64,
}

#[derive(Clone, Debug)]
pub struct Plan {
    pub questions: u32,
    /// Words of each answer.
    pub words: u16,
    pub spoken: bool,
    /// Answers are ended by saying so, and the number after that is lost.
    pub manual: bool,
    pub recording: bool,
    /// Once it is told that nobody recognizes.
    pub types_when_unheard: bool,
    pub duration_ms: Option<u64>,
    /// From then on, for so long, its messages wait: the network is gone, though nobody has noticed.
    pub stuck_ms: Option<(u64, u64)>,
    /// Never heard of again from then on.
    pub leaves_at_ms: Option<u64>,
    pub network: Network,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            questions: 2,
            words: 4,
            spoken: true,
            manual: false,
            recording: true,
            types_when_unheard: false,
            duration_ms: None,
            stuck_ms: None,
            leaves_at_ms: None,
            network: Network::default(),
        }
    }
}

pub struct Client {
    world: Arc<World>,
    plan: Plan,
    pub connection: ConnectionId,
    next_seq: u64,
    unacknowledged: BTreeMap<u64, (UnixMs, Entry)>,
    /// On their way, slower than others.
    delayed: Vec<(UnixMs, u64, Entry)>,
    window_through_seq: u64,
    media_ms: u64,
    to_say: Vec<u16>,
    answered: u32,
    began: UnixMs,
    /// Events in order, without those that a replay leaves out.
    pub applied: Vec<ServerMessage>,
    pub last_seq: u64,
    early: BTreeMap<u64, ServerMessage>,
    gap_since: Option<UnixMs>,
    pub errors: Vec<v1::Error>,
    pub partials: usize,
    pub statuses: Vec<v1::SessionStatus>,
    status_at: UnixMs,
    outbox_head_seq: u64,
    epoch: u32,
}

impl Client {
    pub async fn start(world: Arc<World>, plan: Plan) -> Self {
        let (now, connection) = (world.now(), world.connection());
        let mut client = Self {
            connection,
            plan,
            next_seq: 1,
            unacknowledged: BTreeMap::new(),
            delayed: Vec::new(),
            window_through_seq: 64,
            media_ms: 0,
            to_say: Vec::new(),
            answered: 0,
            began: now,
            applied: Vec::new(),
            last_seq: 0,
            early: BTreeMap::new(),
            gap_since: None,
            errors: Vec::new(),
            partials: 0,
            statuses: Vec::new(),
            status_at: now,
            outbox_head_seq: 0,
            epoch: 0,
            world,
        };
        let audio = client.plan.spoken.then_some(v1::AudioFormat {
            codec: v1::Codec::Opus,
            sample_rate_hz: 48_000,
            channels: 1,
        });
        let params = v1::Params {
            topic: "Rust".into(),
            language: v1::Language::new("en-US").unwrap(),
            questions: client.plan.questions,
            playback: v1::Playback::Text,
            turn_taking: if client.plan.manual { v1::TurnTaking::Manual } else { v1::TurnTaking::Auto },
            recording: client.plan.recording,
            role: None,
            level: None,
            duration_ms: client.plan.duration_ms,
            course: None,
            documents: None,
            guide: None,
            audio,
        };
        let start = v1::InterviewStart { session: wire::session_id(&key()), seq: 1, params };
        let json = v1::encode_client(&start.into());
        client.world.create(&key(), SessionKind::Interview, now).await.unwrap();
        client.next_seq = 2;
        client.world.append_sure(1, Entry::Control { json }).await;
        Journal::bind(&*client.world, &key(), &client.connection, 0).await.unwrap();
        client
    }

    /// Lives until the interview is over and everything that was said has been applied, or until it leaves for good.
    pub async fn run(mut self) -> Self {
        let mut tick = tokio::time::interval(Duration::from_millis(100));
        loop {
            tick.tick().await;
            let now = self.world.now();
            if self.plan.leaves_at_ms.is_some_and(|at| now.since_ms(self.began) >= at) {
                self.world.state().closed.insert(self.connection.clone());
                Journal::unbind(&*self.world, &key(), &self.connection, now).await.unwrap();
                return self;
            }
            let so_far_ms = now.since_ms(self.began);
            if self.plan.stuck_ms.is_some_and(|(from, length)| (from..from + length).contains(&so_far_ms)) {
                continue;
            }
            self.hear(now);
            if self.is_done() {
                return self;
            }
            if self.world.state().row.as_ref().is_some_and(|row| row.state != SessionState::Open) {
                // Nobody pushes any more.
                self.resume().await;
                assert!(self.is_done(), "the session is over and its end is not in the log");
                return self;
            }
            self.speak(now).await;
            self.mend(now).await;
            assert!(now.since_ms(self.began) < 600_000, "the interview does not come to an end");
        }
    }

    pub fn is_done(&self) -> bool {
        matches!(self.applied.last(), Some(ServerMessage::InterviewFinished(_)))
    }

    /// The answers as they stand, by turn.
    pub fn answers(&self) -> BTreeMap<u32, String> {
        let mut answers = BTreeMap::new();
        for event in &self.applied {
            match event {
                ServerMessage::AnswerCommitted(answer) => answers.insert(answer.turn, answer.text.clone()),
                ServerMessage::AnswerRevised(answer) => answers.insert(answer.turn, answer.text.clone()),
                _ => None,
            };
        }
        answers
    }

    fn hear(&mut self, now: UnixMs) {
        let mail = self.world.state().mail.get_mut(&self.connection).map(std::mem::take).unwrap_or_default();
        for text in mail {
            let message = v1::decode_server(text.as_bytes()).expect("the server speaks the protocol");
            self.receive(message, now);
        }
    }

    fn receive(&mut self, message: ServerMessage, now: UnixMs) {
        match message {
            ServerMessage::SessionStatus(status) if status.epoch >= self.epoch => {
                self.epoch = status.epoch;
                self.status_at = now;
                self.outbox_head_seq = status.outbox_head_seq;
                self.window_through_seq = self.window_through_seq.max(status.window_through_seq);
                self.unacknowledged.retain(|seq, _| *seq > status.inbox_through_seq);
                for (seq, (sent, _)) in &mut self.unacknowledged {
                    if status.missing.iter().any(|range| (range.from_seq..=range.through_seq).contains(seq)) {
                        *sent = UnixMs(0);
                    }
                }
                self.statuses.push(status);
            }
            ServerMessage::TranscriptPartial(partial) if partial.epoch >= self.epoch => self.partials += 1,
            ServerMessage::SessionStatus(_) | ServerMessage::TranscriptPartial(_) | ServerMessage::Speaking(_) => {}
            ServerMessage::SessionEvents(batch) => {
                if batch.from_seq <= self.last_seq + 1 {
                    let news = batch.events.into_iter().filter(|event| event.seq() > Some(self.last_seq));
                    news.collect::<Vec<_>>().into_iter().for_each(|event| self.apply(event));
                    self.last_seq = self.last_seq.max(batch.through_seq);
                    self.apply_early();
                }
            }
            ServerMessage::Error(error) => {
                let unheard = error.code == v1::ErrorCode::RecognizerFailed && error.retry_after_ms.is_none();
                if unheard && self.plan.types_when_unheard {
                    self.plan.spoken = false;
                    // What was said to nobody is said again, typed.
                    self.answer(self.answered);
                }
                self.errors.push(error);
            }
            event => {
                let seq = event.seq().expect("what is left is durable");
                if seq > self.last_seq {
                    self.early.insert(seq, event);
                    self.apply_early();
                }
            }
        }
        self.gap_since = match (self.early.is_empty() && self.outbox_head_seq <= self.last_seq, self.gap_since) {
            (true, _) => None,
            (false, since) => since.or(Some(now)),
        };
    }

    fn apply_early(&mut self) {
        self.early = self.early.split_off(&(self.last_seq + 1));
        while let Some(event) = self.early.remove(&(self.last_seq + 1)) {
            self.last_seq += 1;
            self.apply(event);
        }
    }

    fn apply(&mut self, event: ServerMessage) {
        if let ServerMessage::SessionContinued(continued) = &event {
            assert!(continued.epoch > self.epoch || self.epoch <= continued.epoch, "epochs go up");
            self.epoch = self.epoch.max(continued.epoch);
        }
        if let ServerMessage::QuestionDone(done) = &event
            && done.turn > self.answered
        {
            self.answer(done.turn);
        }
        self.applied.push(event);
    }

    fn answer(&mut self, turn: u32) {
        self.answered = turn;
        let first = turn as u16 * 100;
        // Each word takes 300 ms.
        self.to_say = (first..first + self.plan.words).rev().flat_map(|word| [word; 3]).collect();
    }

    async fn speak(&mut self, now: UnixMs) {
        if self.plan.spoken {
            // The microphone has caught up with the clock.
            while self.media_ms + 100 <= now.since_ms(self.began) {
                let word = self.to_say.pop();
                let ends = self.plan.manual && word.is_some() && self.to_say.is_empty();
                let (media_ms, data): (u64, Bytes) = (self.media_ms, speech::message(word));
                self.media_ms += 100;
                self.say(Entry::Audio { media_ms, data }, now).await;
                if ends {
                    let (session, seq, turn) = (wire::session_id(&key()), self.next_seq, self.answered);
                    let said = v1::AnswerEnd { session, seq, turn };
                    self.say(Entry::Control { json: v1::encode_client(&said.into()) }, now).await;
                    self.say(Entry::Refused { code: "input_lost".into() }, now).await;
                }
            }
        } else if !self.to_say.is_empty() {
            self.to_say.dedup();
            let text: Vec<String> = self.to_say.drain(..).rev().map(speech::word).collect();
            let said = v1::AnswerText {
                session: wire::session_id(&key()),
                seq: self.next_seq,
                turn: self.answered,
                text: text.join(" "),
            };
            self.say(Entry::Control { json: v1::encode_client(&said.into()) }, now).await;
        }
    }

    async fn say(&mut self, entry: Entry, now: UnixMs) {
        let seq = self.next_seq;
        self.next_seq += 1;
        // What goes beyond the credit waits.
        let sent = if seq <= self.window_through_seq { now } else { UnixMs(0) };
        self.unacknowledged.insert(seq, (sent, entry.clone()));
        if seq <= self.window_through_seq {
            self.send(seq, entry, now).await;
        }
    }

    async fn send(&mut self, seq: u64, entry: Entry, now: UnixMs) {
        let Network { loses, repeats, delays, .. } = self.plan.network;
        if self.world.chance(loses) {
            return;
        }
        if self.world.chance(delays) {
            let late = now.plus_ms(50 + self.world.random() % 1_500);
            self.delayed.push((late, seq, entry));
            return;
        }
        if self.world.chance(repeats) {
            self.append(seq, entry.clone()).await;
        }
        self.append(seq, entry).await;
    }

    async fn append(&self, seq: u64, entry: Entry) {
        match Feed::append(&*self.world, &key(), seq, entry).await {
            Ok(_) | Err(FeedError::Full | FeedError::Deleted | FeedError::TooFarAhead { .. }) => {}
            Err(FeedError::Exceeded) => panic!("so much was never said"),
            Err(FeedError::Failed(error)) => panic!("{error}"),
        }
    }

    /// Sends again what needs it, resumes where a gap lasts, and finds another connection when this one breaks.
    async fn mend(&mut self, now: UnixMs) {
        let due: Vec<(UnixMs, u64, Entry)> = self.delayed.extract_if(.., |(at, ..)| *at <= now).collect();
        for (_, seq, entry) in due {
            self.append(seq, entry).await;
        }
        let again: Vec<u64> = self
            .unacknowledged
            .iter()
            .filter(|(seq, (sent, _))| **seq <= self.window_through_seq && now.since_ms(*sent) >= 3_000)
            .map(|(seq, _)| *seq)
            .collect();
        for seq in again {
            let Some((sent, entry)) = self.unacknowledged.get_mut(&seq) else { continue };
            *sent = now;
            let entry = entry.clone();
            self.send(seq, entry, now).await;
        }
        let broken = self.world.chance(self.plan.network.breaks);
        if broken {
            self.world.state().closed.insert(self.connection.clone());
            Journal::unbind(&*self.world, &key(), &self.connection, now).await.unwrap();
            self.connection = self.world.connection();
        }
        if broken || self.gap_since.is_some_and(|since| now.since_ms(since) >= 1_000) {
            self.resume().await;
        }
    }

    pub async fn resume(&mut self) {
        let records = log::read(&*self.world, &key(), self.last_seq).await.unwrap();
        let head = records.last().map_or(self.last_seq, |record| record.last_seq);
        for batch in wire::replay(&key(), &records, self.last_seq).unwrap() {
            let batch = v1::decode_server(batch.as_bytes()).unwrap();
            self.receive(batch, self.world.now());
        }
        assert!(self.last_seq >= head, "a replay ends at the head");
        self.gap_since = None;
        Journal::bind(&*self.world, &key(), &self.connection, head).await.unwrap();
        self.world.nudge(&key()).await.unwrap();
    }
}

impl World {
    async fn append_sure(&self, seq: u64, entry: Entry) {
        Feed::append(self, &key(), seq, entry).await.unwrap();
    }
}
