//! The suite of conversations against a real PostgreSQL, and what row-level security must keep apart.

use super::Made;
use super::postgres_server::Postgres;
use crate::conversations::QUOTA;
use crate::fixtures::key;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use viva::cloud::postgres::migrate::migrate;
use viva::cloud::postgres::{Database, PostgresConversations};
use viva::ports::clock::UnixMs;
use viva::ports::conversations::{
    Ask, Conversations as _, Filed, MessageId, ReplyId, ReplyState, Request, SubmitError,
};
use viva::ports::ids::ConnectionId;

async fn conversations() -> Made<PostgresConversations, Postgres> {
    let server = Postgres::start();
    migrate(&server.url(), None).await.unwrap();
    Made::new(PostgresConversations::new(Database::at(&server.url())), server)
}

mod suite {
    conversations_contract!(super::conversations);
    chat_quota_contract!(super::conversations);
}

const TABLES: [&str; 5] = ["conversations", "chat_requests", "chat_replies", "chat_bindings", "deleted_conversations"];

fn send(message: &str) -> Request {
    let message = MessageId::new(message);
    Request { ask: Ask::Send { message, parent: None, text: "Why?".into(), asked: None }, courses: Vec::new() }
}

fn filed(text: &str) -> Filed {
    Filed { reply: ReplyId::of(1), state: ReplyState::Done, text: text.into(), details: "{}".into() }
}

/// Ada and Bob each hold a conversation, and each has deleted one.
async fn filled() -> Made<PostgresConversations, Postgres> {
    let made = conversations().await;
    for user in ["ada", "bob"] {
        made.port().submit(&key(user, "c1"), send("m1"), &QUOTA, UnixMs(1)).await.unwrap();
        made.port().bind(&key(user, "c1"), &ConnectionId::new("tab"), 0).await.unwrap();
        made.port().delete(&key(user, "gone")).await.unwrap();
    }
    made
}

async fn run_as(server: &Postgres, role: &str, user: &str, sql: &str) -> sqlx::Result<u64> {
    let mut connection = PgConnection::connect(&server.url()).await.unwrap();
    let mut transaction = connection.begin().await.unwrap();
    let claims = format!(
        "SET LOCAL ROLE {role}; SET LOCAL viva.tenant = 'default'; SET LOCAL viva.\"user\" = '{user}'; \
         SET LOCAL viva.courses = '[\"web\"]'"
    );
    sqlx::raw_sql(AssertSqlSafe(claims)).execute(&mut *transaction).await.unwrap();
    Ok(sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut *transaction).await?.rows_affected())
}

#[tokio::test]
async fn a_conversation_is_seen_by_whoever_held_it_alone() {
    let made = filled().await;
    let server = made.kept();
    for table in TABLES {
        let sql = format!("SELECT * FROM viva.{table}");
        assert_eq!(run_as(server, "viva_app", "ada", &sql).await.unwrap(), 1, "{table}");
        assert_eq!(run_as(server, "viva_app", "tom", &sql).await.unwrap(), 0, "{table}");
        assert_eq!(run_as(server, "viva_app", "", &sql).await.unwrap(), 0, "{table}");
        assert!(run_as(server, "viva_filing", "ada", &sql).await.is_err(), "{table}");
        assert_eq!(run_as(server, "viva_owner", "", &sql).await.unwrap(), 0, "{table}");
    }
}

#[tokio::test]
async fn upkeep_sees_that_a_reply_is_due_and_not_a_word() {
    let made = filled().await;
    let whose = "SELECT tenant, usr, session FROM viva.chat_replies WHERE state = 'due'";
    assert_eq!(run_as(made.kept(), "viva_upkeep", "", whose).await.unwrap(), 2);
    made.port().file(&key("ada", "c1"), filed("So."), UnixMs(2)).await.unwrap();
    assert_eq!(run_as(made.kept(), "viva_upkeep", "", "SELECT usr FROM viva.chat_replies").await.unwrap(), 1);
    for sql in
        ["SELECT text FROM viva.chat_replies", "SELECT title FROM viva.conversations", "DELETE FROM viva.chat_replies"]
    {
        let done = run_as(made.kept(), "viva_upkeep", "", sql).await;
        assert!(done.is_err(), "{sql}: {done:?}");
    }
}

#[tokio::test]
async fn nobody_changes_another_s_conversation() {
    let made = filled().await;
    let server = made.kept();
    for sql in [
        "UPDATE viva.conversations SET usr = 'bob'",
        "INSERT INTO viva.deleted_conversations VALUES ('default', 'bob', 'c1')",
        "DELETE FROM viva.deleted_conversations",
        "UPDATE viva.chat_requests SET request = '{}'",
    ] {
        let done = run_as(server, "viva_app", "ada", sql).await;
        assert!(done.is_err(), "{sql}: {done:?}");
    }
    for table in &TABLES[..4] {
        assert_eq!(
            run_as(server, "viva_app", "ada", &format!("DELETE FROM viva.{table}")).await.unwrap(),
            1,
            "{table}"
        );
    }
}

/// As Supabase's API would be, had somebody exposed the schema and granted it everything.
#[tokio::test]
async fn an_api_s_role_sees_no_conversation_whatever_it_is_granted() {
    let made = filled().await;
    let server = made.kept();
    server.psql("viva", "CREATE ROLE anon NOLOGIN; GRANT anon TO viva_owner");
    for granted in [false, true] {
        for table in TABLES {
            let seen = run_as(server, "anon", "ada", &format!("SELECT * FROM viva.{table}")).await;
            assert_eq!(seen.ok(), granted.then_some(0), "{table}");
        }
        server.psql("viva", "GRANT USAGE ON SCHEMA viva TO anon; GRANT ALL ON ALL TABLES IN SCHEMA viva TO anon");
    }
}

#[tokio::test]
async fn a_conversation_is_no_longer_than_one_may_be() {
    let made = filled().await;
    made.kept().psql("viva", "UPDATE viva.conversations SET requests = 2000 WHERE usr = 'ada'");
    let refused = made.port().submit(&key("ada", "c1"), send("m2"), &QUOTA, UnixMs(2)).await;
    assert!(matches!(refused, Err(SubmitError::Exceeded)), "{refused:?}");
    let known = made.port().submit(&key("ada", "c1"), send("m1"), &QUOTA, UnixMs(2)).await.unwrap();
    assert_eq!((known.number, known.is_new), (1, false));
}

#[tokio::test]
async fn what_a_text_of_postgres_cannot_hold_is_replaced_in_what_was_answered() {
    let made = filled().await;
    made.port().file(&key("ada", "c1"), filed("a\0b"), UnixMs(2)).await.unwrap();
    made.port().entitle(&key("ada", "c1"), "t\0").await.unwrap();
    assert_eq!(made.port().history(&key("ada", "c1"), None, 1).await.unwrap()[0].text, "a\u{fffd}b");
    assert_eq!(made.port().get(&key("ada", "c1")).await.unwrap().unwrap().title, "t\u{fffd}");
}

#[tokio::test]
async fn nothing_outlives_a_request_of_a_conversation() {
    let made = filled().await;
    let refused = made
        .port()
        .submit(
            &key("ada", "none"),
            Request { ask: Ask::Rename { title: "x".into() }, courses: Vec::new() },
            &QUOTA,
            UnixMs(1),
        )
        .await;
    assert!(matches!(refused, Err(SubmitError::Unknown)), "{refused:?}");
    let held = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'viva_owner' AND state <> 'idle'";
    assert_eq!(made.kept().psql("viva", held), "0", "no transaction stays open");
    assert_eq!(made.kept().psql("viva", "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"), "0");
}

/// As functions are: each with connections of its own.
#[tokio::test]
async fn many_processes_number_requests_without_a_gap() {
    let made = conversations().await;
    let of = key("ada", "c1");
    made.port().submit(&of, send("m1"), &QUOTA, UnixMs(1)).await.unwrap();
    let processes: Vec<_> = (0..10).map(|_| PostgresConversations::new(Database::at(&made.kept().url()))).collect();
    let rename = |n: usize| Request { ask: Ask::Rename { title: format!("t{n}") }, courses: Vec::new() };
    let submits = (0..40).map(|n| processes[n % 10].submit(&of, rename(n), &QUOTA, UnixMs(2)));
    let submitted = futures::future::join_all(submits).await;
    let mut numbers: Vec<u64> = submitted.into_iter().map(|submitted| submitted.unwrap().number).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (2..=41).collect::<Vec<_>>());
}

#[tokio::test]
async fn each_question_about_conversations_finds_its_index() {
    let made = conversations().await;
    made.kept().psql(
        "viva",
        "INSERT INTO viva.conversations SELECT 's', 'u' || n % 90, 'c' || n, 't', 't', false, NULL, n, n, 20, 20 \
             FROM generate_series(1, 5000) AS n; \
         INSERT INTO viva.chat_requests SELECT 's', 'u' || n % 90, 'c' || n, k, 'm' || k || '/1', '{}' \
             FROM generate_series(1, 5000) AS n, generate_series(1, 10) AS k; \
         INSERT INTO viva.chat_replies SELECT 's', 'u' || n % 90, 'c' || n, k, 'r' || k, 'm' || k, 1, NULL, \
             CASE (n * 10 + k) % 500 WHEN 0 THEN 'due' ELSE 'done' END, 't', NULL, NULL, n, 'f' \
             FROM generate_series(1, 5000) AS n, generate_series(1, 10) AS k; \
         ANALYZE",
    );
    let whose = "tenant = 's' AND usr = 'u1'";
    for (sql, index) in [
        (
            format!("SELECT * FROM viva.conversations WHERE {whose} ORDER BY updated DESC, session LIMIT 9"),
            "conversations_latest",
        ),
        (
            format!(
                "SELECT * FROM viva.chat_requests WHERE {whose} AND session = 'c1' AND number > 5 ORDER BY number LIMIT 9"
            ),
            "chat_requests_pkey",
        ),
        (format!("SELECT * FROM viva.chat_requests WHERE {whose} AND session = 'c1' AND name = 'n'"), "chat_requests_"),
        (
            format!(
                "SELECT * FROM viva.chat_replies WHERE {whose} AND session = 'c1' AND number < 5 ORDER BY number DESC LIMIT 9"
            ),
            "chat_replies_pkey",
        ),
        (format!("SELECT * FROM viva.chat_replies WHERE {whose} AND session = 'c1' AND reply = 'r'"), "chat_replies_"),
        (
            format!("SELECT max(attempt) FROM viva.chat_replies WHERE {whose} AND session = 'c1' AND message = 'm'"),
            "chat_replies_",
        ),
    ] {
        let plan = made.kept().psql("viva", &format!("EXPLAIN {sql}"));
        assert!(plan.contains(index) && !plan.contains("Sort"), "{sql}\n{plan}");
    }
}
