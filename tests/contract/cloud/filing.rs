//! From a session's records in the stream to Postgres and the event bus: fresh reports from a store of this machine, a real PostgreSQL, marks
//! in the emulator's DynamoDB, and a bus that fails when it is told to.

use super::Made;
use super::bus::Bus;
use super::ministack::{Ministack, aws_at, unique};
use super::postgres_server::Postgres;
use super::tables::make_table;
use crate::embedded::{TestClock, open};
use crate::fixtures::key;
use serde_json::{Value, json};
use std::sync::Arc;
use tempfile::TempDir;
use viva::cloud::dynamo::{DynamoAnnounced, partition, session_key};
use viva::cloud::event_bus::EventBus;
use viva::cloud::filing::FiledReports;
use viva::cloud::postgres::migrate::migrate;
use viva::cloud::postgres::{Database, PostgresReports};
use viva::embedded::sqlite::Store;
use viva::handlers::filing::Filing;
use viva::lambda::reports::FileReports;
use viva::lambda::{Function, Invocation};
use viva::ports::announcements::{Announcements, InterviewFinished};
use viva::ports::clock::UnixMs;
use viva::ports::ids::{SessionKey, UserId};
use viva::ports::journal::{SessionKind, SessionState};
use viva::ports::reports::{
    NewReview, Reports, ReportsError, Review, Reviewed, SessionSummary, SummaryPage, SummaryQuery,
};

struct World {
    fresh: Arc<Store>,
    filed: Arc<PostgresReports>,
    bus: Bus,
    function: FileReports,
    _kept: (TempDir, Postgres),
}

async fn world() -> World {
    let folder = tempfile::tempdir().unwrap();
    let fresh = open(folder.path());
    let server = Postgres::start();
    migrate(&server.url(), None).await.unwrap();
    let filed = Arc::new(PostgresReports::new(Database::at(&server.url())));
    let (aws, table, bus) = (Ministack::shared().aws(), unique("sessions"), Bus::start());
    make_table(&aws, &table).await;
    let filing = Filing {
        fresh: fresh.clone(),
        filed: filed.clone(),
        announcements: Arc::new(EventBus::new(&aws_at(&bus.url()), "viva-test")),
        announced: Arc::new(DynamoAnnounced::new(&aws, &table, TestClock::at(2_000_000))),
    };
    World { fresh, filed, bus, function: FileReports { filing, session_of: session_key }, _kept: (folder, server) }
}

impl World {
    /// The answer to a batch with a record for each of these.
    async fn stream(&self, records: &[(&str, &str)]) -> Value {
        let records: Vec<Value> = records.iter().enumerate().map(|(at, (pk, sk))| record(100 + at, pk, sk)).collect();
        let batch = serde_json::from_value(json!({ "Records": records })).unwrap();
        let answer = self.function.call(batch, Invocation { deadline: UnixMs(u64::MAX) }).await.unwrap();
        serde_json::to_value(answer).unwrap()
    }
}

/// As Lambda gives it.
fn record(sequence_number: usize, pk: &str, sk: &str) -> Value {
    json!({
        "eventID": "c4ca4238a0b923820dcc509a6f75849b", "eventName": "INSERT", "eventVersion": "1.1",
        "eventSource": "aws:dynamodb", "awsRegion": "us-east-1",
        "dynamodb": {
            "ApproximateCreationDateTime": 1_795_414_080, "Keys": {"pk": {"S": pk}, "sk": {"S": sk}},
            "NewImage": {"pk": {"S": pk}, "sk": {"S": sk}, "n": {"N": "1"}},
            "SequenceNumber": sequence_number.to_string(), "SizeBytes": 26, "StreamViewType": "NEW_IMAGE",
        },
        "eventSourceARN": "arn:aws:dynamodb:us-east-1:123456789012:table/sessions/stream/2026-11-23T00:00:00.000",
    })
}

fn summary(session: &str, state: SessionState) -> SessionSummary {
    SessionSummary {
        key: key("ada", session),
        kind: SessionKind::Interview,
        state,
        title: "Rust".into(),
        course: Some("c1".into()),
        created: UnixMs(1_000),
        updated: UnixMs(if state == SessionState::Open { 1_500 } else { 2_000 }),
        questions: 3,
        duration_ms: 60_000,
        usage_json: (state != SessionState::Open).then(|| r#"{"audioMs":1}"#.into()),
    }
}

fn nothing_failed() -> Value {
    json!({ "batchItemFailures": [] })
}

#[tokio::test]
async fn a_session_is_filed_as_it_changes_and_its_end_announced_once() {
    let world = world().await;
    let key = key("ada", "s1");
    let pk = partition(&key);
    let first = summary("s1", SessionState::Open);
    world.fresh.put(first.clone()).await.unwrap();
    assert_eq!(world.stream(&[(&pk, "summary")]).await, nothing_failed());
    assert_eq!(world.filed.get(&key).await.unwrap(), Some((first, None)));
    assert_eq!(world.bus.events(), Vec::<Value>::new());
    let finished = summary("s1", SessionState::Finished);
    world.fresh.put_report(&key, r#"{"n":1}"#.into()).await.unwrap();
    world.fresh.put(finished.clone()).await.unwrap();
    for _ in 0..3 {
        assert_eq!(world.stream(&[(&pk, "report"), (&pk, "summary")]).await, nothing_failed());
    }
    assert_eq!(world.filed.get(&key).await.unwrap(), Some((finished, Some(r#"{"n":1}"#.into()))));
    let detail = json!({
        "tenant": "default", "user": "ada", "session": "s1", "state": "finished", "course": "c1", "title": "Rust",
        "questions": 3, "durationMs": 60_000, "finishedUnixMs": 2_000, "usage": {"audioMs": 1},
    });
    let expected =
        json!({ "EventBusName": "viva-test", "Source": "viva", "DetailType": "interview.finished", "Detail": detail });
    assert_eq!(world.bus.events(), [expected]);
}

#[tokio::test]
async fn what_cannot_be_announced_is_named_and_told_when_the_stream_repeats_it() {
    let world = world().await;
    for session in ["s1", "s2"] {
        world.fresh.put(summary(session, SessionState::Abandoned)).await.unwrap();
    }
    let [one, two] = ["s1", "s2"].map(|session| partition(&key("ada", session)));
    world.bus.refuse(4);
    let answer = world.stream(&[(&one, "summary"), (&one, "report"), (&two, "summary")]).await;
    assert_eq!(answer, json!({ "batchItemFailures": [{"itemIdentifier": "100"}] }));
    let told = |world: &World| -> Vec<Value> {
        world.bus.events().into_iter().map(|event| event["Detail"]["session"].clone()).collect()
    };
    assert_eq!(told(&world), ["s2"], "one that fails does not keep the others");
    assert_eq!(world.stream(&[(&one, "summary"), (&two, "summary")]).await, nothing_failed());
    assert_eq!(told(&world), ["s2", "s1"]);
}

#[tokio::test]
async fn an_event_that_the_bus_refuses_for_a_moment_is_sent_again() {
    let bus = Bus::start();
    bus.refuse(2);
    let events = EventBus::new(&aws_at(&bus.url()), "viva-test");
    let finished = InterviewFinished::of(&summary("s1", SessionState::Finished)).unwrap();
    events.publish(&finished).await.unwrap();
    assert_eq!(bus.events().len(), 1);
}

#[tokio::test]
async fn what_was_deleted_is_neither_filed_nor_announced() {
    let world = world().await;
    let gone = summary("gone", SessionState::Finished);
    world.fresh.put(gone.clone()).await.unwrap();
    world.fresh.delete(&gone.key).await.unwrap();
    assert_eq!(world.stream(&[(&partition(&gone.key), "summary")]).await, nothing_failed());
    assert_eq!(world.filed.get(&gone.key).await.unwrap(), None);
    assert_eq!(world.bus.events(), Vec::<Value>::new());
}

#[tokio::test]
async fn records_of_no_session_are_passed_over() {
    let world = world().await;
    let answer =
        world.stream(&[("nonsense", "summary"), ("a#b#c#d", "report"), ("default#ada#s1", "log#000000000001")]);
    assert_eq!(answer.await, nothing_failed());
}

#[tokio::test]
async fn a_database_that_is_away_loses_nothing() {
    let mut world = world().await;
    world.function.filing.filed = Arc::new(PostgresReports::new(Database::at("postgres://viva@127.0.0.1:9/viva")));
    world.fresh.put(summary("s1", SessionState::Finished)).await.unwrap();
    let pk = partition(&key("ada", "s1"));
    assert_eq!(world.stream(&[(&pk, "summary")]).await, json!({ "batchItemFailures": [{"itemIdentifier": "100"}] }));
    assert_eq!(world.bus.events(), Vec::<Value>::new(), "nothing is announced that nobody would find");
    world.function.filing.filed = world.filed.clone();
    assert_eq!(world.stream(&[(&pk, "summary")]).await, nothing_failed());
    assert_eq!(world.bus.events().len(), 1);
}

async fn filed_reports() -> Made<FiledReports<SharedStore, PostgresReports>, (TempDir, Postgres)> {
    let folder = tempfile::tempdir().unwrap();
    let server = Postgres::start();
    migrate(&server.url(), None).await.unwrap();
    let reports =
        FiledReports::new(SharedStore(open(folder.path())), PostgresReports::new(Database::at(&server.url())));
    Made::new(reports, (folder, server))
}

/// Fresh reports, kept by this machine.
struct SharedStore(Arc<Store>);

#[async_trait::async_trait]
impl Reports for SharedStore {
    async fn put(&self, summary: SessionSummary) -> Result<(), ReportsError> {
        self.0.put(summary).await
    }
    async fn put_report(&self, key: &SessionKey, json: String) -> Result<(), ReportsError> {
        self.0.put_report(key, json).await
    }
    async fn get(&self, key: &SessionKey) -> Result<Option<(SessionSummary, Option<String>)>, ReportsError> {
        self.0.get(key).await
    }
    async fn list(&self, query: SummaryQuery) -> Result<SummaryPage, ReportsError> {
        self.0.list(query).await
    }
    async fn review(&self, key: &SessionKey, review: NewReview) -> Result<Reviewed, ReportsError> {
        self.0.review(key, review).await
    }
    async fn reviews(&self, key: &SessionKey) -> Result<Vec<Review>, ReportsError> {
        self.0.reviews(key).await
    }
    async fn delete(&self, key: &SessionKey) -> Result<(), ReportsError> {
        self.0.delete(key).await
    }
}

#[tokio::test]
async fn what_is_fresh_is_opened_and_reviewed_before_it_is_filed_and_deleted_for_good() {
    let made = filed_reports().await;
    let (reports, finished) = (made.port(), summary("s1", SessionState::Finished));
    reports.put_report(&finished.key, "{}".into()).await.unwrap();
    reports.put(finished.clone()).await.unwrap();
    assert_eq!(reports.get(&finished.key).await.unwrap(), Some((finished.clone(), Some("{}".into()))));
    let review = NewReview {
        criterion: "depth".into(),
        rating: 4,
        comment: None,
        reviewer: UserId::new("tom"),
        at: UnixMs(9),
        seen: Some(0),
    };
    reports.review(&finished.key, review.clone()).await.unwrap();
    assert_eq!(reports.reviews(&finished.key).await.unwrap(), [review.numbered(1)]);
    reports.delete(&finished.key).await.unwrap();
    reports.put(finished.clone()).await.unwrap();
    assert_eq!(reports.get(&finished.key).await.unwrap(), None);
    assert_eq!(reports.reviews(&finished.key).await.unwrap(), []);
}
