//! One client, one session.

use std::time::Duration;

use loadtest::client::{Client, ClientError, Connector, EncodedAudio};
use protocol::v1::{
    AnswerEnd, ClientInfo, ClientMessage, Hello, Language, Params, Playback, ServerMessage, SessionId, TurnTaking,
};
use tokio::time::timeout;

use crate::fake_server::{FakeServer, Trouble};

fn session() -> SessionId {
    SessionId::new("int-1").unwrap()
}

fn params(questions: u32) -> Params {
    Params {
        topic: "Anything".into(),
        language: Language::new("en-US").unwrap(),
        questions,
        playback: Playback::Text,
        turn_taking: TurnTaking::Manual,
        recording: false,
        role: None,
        level: None,
        duration_ms: None,
        course: None,
        documents: None,
        guide: None,
        audio: None,
    }
}

async fn connect(server: &FakeServer) -> Client {
    Client::connect(Connector::new(&server.url, "token")).await.unwrap()
}

/// Says 10 messages of audio and ends the answer, whenever a question is done, until the interview is over; gives back the
/// numbers of the events heard.
async fn hold(client: &mut Client) -> Vec<u64> {
    timeout(Duration::from_secs(20), hold_without_end(client)).await.expect("the interview comes to its end")
}

async fn hold_without_end(client: &mut Client) -> Vec<u64> {
    let audio = EncodedAudio::new(&[7; 320], Duration::from_millis(10));
    let (mut seqs, mut media_ms) = (Vec::new(), 0);
    loop {
        let message = client.next().await.unwrap();
        seqs.extend(message.seq());
        match message {
            ServerMessage::QuestionDone(done) => {
                for _ in 0..10 {
                    client.say_audio(media_ms, &audio);
                    media_ms += 10;
                }
                client.say(|session, seq| AnswerEnd { session, seq, turn: done.turn }.into());
            }
            ServerMessage::InterviewFinished(_) => return seqs,
            _ => {}
        }
    }
}

/// The interview comes to its end, every event is heard once and in order, and everything said is stored.
async fn holds_in_spite_of(trouble: Trouble) -> (Client, FakeServer) {
    let refused = trouble.refused.len();
    let server = FakeServer::start(trouble).await;
    let mut client = connect(&server).await;
    client.start_interview(session(), params(3));
    let seqs = hold(&mut client).await;
    server.stored(&session(), |stored| {
        assert_eq!(seqs, (1..=stored.events.len() as u64).collect::<Vec<_>>());
        assert_eq!(stored.inbox.keys().copied().collect::<Vec<_>>(), (1..=34).collect::<Vec<_>>(), "{refused} refused");
    });
    (client, server)
}

#[tokio::test]
async fn an_interview_is_held_to_its_end() {
    let (client, server) = holds_in_spite_of(Trouble::default()).await;
    assert_eq!((client.resent(), client.repeated()), (0, 0));
    let start = server.stored(&session(), |stored| stored.inbox[&2].clone());
    let ClientMessage::Audio(audio) = start else { panic!("another message") };
    assert_eq!((audio.media_ms, audio.data.as_ref()), (0, &[7; 320][..]));
}

#[tokio::test]
async fn what_is_lost_on_the_way_is_sent_again() {
    let (client, _) = holds_in_spite_of(Trouble { lost: [3, 4, 9, 34].into(), ..Trouble::default() }).await;
    assert!(client.resent() >= 4);
}

#[tokio::test]
async fn what_is_refused_for_now_is_sent_again_and_what_is_refused_for_good_is_not() {
    let trouble = Trouble { refused_once: [5, 6].into(), refused: [8].into(), ..Trouble::default() };
    let (client, _) = holds_in_spite_of(trouble).await;
    assert_eq!(client.resent(), 2);
}

#[tokio::test]
async fn a_connection_that_breaks_again_and_again_costs_nothing() {
    let (mut client, server) = holds_in_spite_of(Trouble { breaks_every: Some(9), ..Trouble::default() }).await;
    let tally = client.take_tally();
    assert!(tally.losses >= 3 && tally.resumes >= 3, "{tally:?}");
    assert_eq!(server.stored(&session(), |stored| stored.resumes), tally.resumes);
}

#[tokio::test]
async fn a_dropped_connection_is_taken_up_again() {
    let server = FakeServer::start(Trouble::default()).await;
    let mut client = connect(&server).await;
    client.start_interview(session(), params(1));
    client.drop_connection(Duration::from_millis(10));
    // The start itself was lost: the server does not know the session, and it is said again.
    assert_eq!(hold(&mut client).await.len(), 8);
    assert_eq!(client.take_tally().losses, 0);
}

#[tokio::test]
async fn an_event_that_was_never_pushed_is_asked_for() {
    let (mut client, _) = holds_in_spite_of(Trouble { unpushed: [3, 8].into(), ..Trouble::default() }).await;
    assert!(client.take_tally().resumes >= 2);
}

#[tokio::test]
async fn a_silent_server_is_pinged() {
    let server = FakeServer::start(Trouble { silent: true, ..Trouble::default() }).await;
    let mut client = connect(&server).await;
    client.start_interview(session(), params(1));
    let mut pongs = 0;
    while pongs == 0 {
        let message = timeout(Duration::from_secs(10), client.next()).await.unwrap().unwrap();
        pongs += u32::from(matches!(message, ServerMessage::Pong(_)));
    }
    assert_eq!(server.stored(&session(), |stored| stored.pings), 1);
}

#[tokio::test]
async fn another_client_takes_the_session_up_and_goes_on_counting() {
    let server = FakeServer::start(Trouble::default()).await;
    let mut first = connect(&server).await;
    first.start_interview(session(), params(1));
    while !matches!(first.next().await.unwrap(), ServerMessage::QuestionDone(_)) {}
    drop(first);
    let mut second = connect(&server).await;
    second.resume(session());
    assert_eq!(hold(&mut second).await.len(), 8);
    assert_eq!(server.stored(&session(), |stored| stored.inbox.len()), 12);
}

#[tokio::test]
async fn a_request_is_answered() {
    let server = FakeServer::start(Trouble::default()).await;
    let mut client = connect(&server).await;
    let hello = |id| {
        let client = ClientInfo { name: "test".into(), version: "1".into() };
        Hello { client, features: vec![], id: Some(id) }.into()
    };
    let answer = client.request(hello).await.unwrap();
    assert!(matches!(answer, ServerMessage::Welcome(_)));
}

#[tokio::test]
async fn without_a_server_there_is_an_error() {
    let outcome = Client::connect(Connector::new("ws://127.0.0.1:9/ws", "token")).await;
    assert!(matches!(outcome, Err(ClientError::Connect(_))));
}
