//! Holding an interview by spoken answers, and reading afterwards what was stored of it.

use crate::stack::Stack;
use loadtest::answers::{Encoding, Speech};
use loadtest::candidate::{Failure, Manner, interview};
use loadtest::client::{Client, Connector};
use loadtest::figures::Figures;
use protocol::v1::{
    ClientMessage, Codec, Language, RequestResult, ResultBody, ServerMessage, SessionDetail, SessionGet, SessionId,
    TurnTaking, Usage,
};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};

/// One interview in progress.
pub(crate) struct Talk {
    pub(crate) session: SessionId,
    pub(crate) figures: Arc<Figures>,
    connector: Connector,
    running: JoinHandle<Result<(), Failure>>,
}

/// What was stored of an interview.
#[derive(Debug)]
pub(crate) struct Stored {
    /// All numbered events, as they stand on the wire.
    pub(crate) events: Vec<ServerMessage>,
    pub(crate) detail: Box<SessionDetail>,
}

pub(crate) fn manner(turns: u32) -> Manner {
    Manner {
        topic: "Databases".into(),
        language: Language::new("en-US").unwrap(),
        turns,
        think: Duration::from_millis(300),
        turn_taking: TurnTaking::Manual,
        end_after: Duration::from_millis(800),
        recording: true,
        script_wait: Duration::ZERO,
        drop_every: None,
        drop_for: Duration::from_millis(300),
        longest: Duration::from_secs(180),
    }
}

/// The shipped answers, in Opus, 200 ms in a message: what the emulator carries in real time.
pub(crate) fn speech(answer_ms: Option<u32>) -> Arc<Speech> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("loadtest/speech");
    let encoding = Encoding { codec: Codec::Opus, message_ms: 200, bits_per_second: 24_000 };
    Arc::new(Speech::read(&folder, encoding, answer_ms).expect("the shipped answers"))
}

impl Talk {
    pub(crate) fn begin(connector: Connector, name: &str, manner: Manner, speech: Arc<Speech>) -> Self {
        let figures = Arc::new(Figures::new());
        let session = SessionId::new(name).unwrap();
        let (at, named, watched) = (connector.clone(), session.clone(), figures.clone());
        let running = tokio::spawn(async move { interview(at, named, 0, &manner, speech, watched).await });
        Self { session, figures, connector, running }
    }

    /// Waits until the figures say so.
    pub(crate) async fn until(&self, what: &str, so: impl Fn(&Figures) -> bool) {
        let deadline = Instant::now() + Duration::from_secs(60);
        while !so(&self.figures) {
            assert!(!self.running.is_finished(), "the interview ended before {what}");
            assert!(Instant::now() < deadline, "no sign of {what}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Waits for the end, which must be the last question's, and reads what was stored.
    pub(crate) async fn end(self, stack: &Stack) -> Stored {
        self.ended(|| stack.said()).await
    }

    /// The same on one machine.
    pub(crate) async fn end_on_machine(self) -> Stored {
        self.ended(String::new).await
    }

    async fn ended(self, said: impl Fn() -> String) -> Stored {
        match self.running.await.expect("the candidate does not panic") {
            Ok(()) => {}
            Err(failure) => panic!("{failure}\n{:?}\n{}", self.figures.errors(), said()),
        }
        stored(self.connector, self.session).await
    }
}

/// How often something was measured.
pub(crate) fn count(figures: &Figures, latency: &str) -> u64 {
    figures.latencies.all().into_iter().find(|(name, _)| *name == latency).map_or(0, |(_, found)| found.count)
}

/// Reads the whole session by a connection of its own.
pub(crate) async fn stored(connector: Connector, session: SessionId) -> Stored {
    let mut client = Client::connect(connector).await.expect("a connection");
    client.resume(session.clone());
    let mut events = Vec::new();
    while !matches!(events.last(), Some(ServerMessage::InterviewFinished(_))) {
        let message =
            timeout(Duration::from_secs(20), client.next()).await.expect("the events come").expect("a client");
        if message.seq().is_some() {
            events.push(message);
        }
    }
    let get = |id| ClientMessage::SessionGet(SessionGet { id, session: session.clone(), user: None, cursor: None });
    let answer = timeout(Duration::from_secs(20), client.request(get)).await.expect("an answer").expect("a client");
    let ServerMessage::RequestResult(RequestResult { body: ResultBody::Session(detail), .. }) = answer else {
        panic!("{answer:?}")
    };
    Stored { events, detail }
}

impl Stored {
    /// Numbers only go up. That none is left out the client has seen to: what replaces several events names the numbers it stands for.
    pub(crate) fn assert_in_order(&self) {
        let numbers: Vec<u64> = self.events.iter().filter_map(ServerMessage::seq).collect();
        assert!(numbers.is_sorted_by(|one, next| one < next), "{numbers:?}");
    }

    /// The questions by turn; none is asked twice.
    pub(crate) fn questions(&self) -> BTreeMap<u32, String> {
        let mut questions = BTreeMap::new();
        for event in &self.events {
            if let ServerMessage::QuestionDone(asked) = event {
                let before = questions.insert(asked.turn, asked.text.clone());
                assert_eq!(before, None, "the question of turn {} was asked twice", asked.turn);
            }
        }
        questions
    }

    /// The answers as they were understood in the end, by turn.
    pub(crate) fn answers(&self) -> BTreeMap<u32, String> {
        let mut answers = BTreeMap::new();
        for event in &self.events {
            match event {
                ServerMessage::AnswerCommitted(answer) => {
                    let before = answers.insert(answer.turn, answer.text.clone());
                    assert_eq!(before, None, "the answer of turn {} was committed twice", answer.turn);
                }
                ServerMessage::AnswerRevised(answer) => {
                    answers.insert(answer.turn, answer.text.clone());
                }
                _ => {}
            }
        }
        answers
    }

    /// The final segments by turn and number; none is there twice.
    pub(crate) fn finals(&self) -> BTreeMap<(u32, u32), String> {
        let mut finals = BTreeMap::new();
        for event in &self.events {
            if let ServerMessage::TranscriptFinal(said) = event {
                let before = finals.insert((said.turn, said.segment), said.text.clone());
                assert_eq!(before, None, "segment {} of turn {} came twice", said.segment, said.turn);
            }
        }
        finals
    }

    /// What the interview used, as its last event tells.
    pub(crate) fn usage(&self) -> &Usage {
        match self.events.last() {
            Some(ServerMessage::InterviewFinished(finished)) => &finished.usage,
            other => panic!("the last event is {other:?}"),
        }
    }

    pub(crate) fn kinds(&self) -> Vec<&str> {
        self.events.iter().map(ServerMessage::kind).collect()
    }
}
