//! The suite of reports against a real PostgreSQL, and what row-level security must keep apart.

use super::Made;
use super::postgres_server::Postgres;
use crate::fixtures::key;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use viva::cloud::postgres::migrate::migrate;
use viva::cloud::postgres::{Database, PostgresReports};
use viva::ports::clock::UnixMs;
use viva::ports::ids::{TenantId, UserId};
use viva::ports::journal::{SessionKind, SessionState};
use viva::ports::reports::{NewReview, Reports, SessionSummary, SummaryQuery};

async fn reports() -> Made<PostgresReports, Postgres> {
    let server = Postgres::start();
    migrate(&server.url(), None).await.unwrap();
    Made::new(PostgresReports::new(Database::at(&server.url())), server)
}

mod suite {
    reports_contract!(super::reports);
}

fn summary(user: &str, session: &str, course: Option<&str>) -> SessionSummary {
    SessionSummary {
        key: key(user, session),
        kind: SessionKind::Interview,
        state: SessionState::Finished,
        title: "Rust".into(),
        course: course.map(str::to_owned),
        created: UnixMs(1_000),
        updated: UnixMs(2_000),
        questions: 3,
        duration_ms: 60_000,
        usage_json: Some(r#"{"audioMs": 1}"#.into()),
    }
}

fn review(reviewer: &str) -> NewReview {
    let reviewer = UserId::new(reviewer);
    NewReview { criterion: "depth".into(), rating: 4, comment: None, reviewer, at: UnixMs(9), seen: None }
}

/// What a role with these claims counts in each table.
async fn seen(server: &Postgres, role: &str, tenant: &str, user: &str, taught: &str) -> [i64; 3] {
    let mut connection = PgConnection::connect(&server.url()).await.unwrap();
    let mut transaction = connection.begin().await.unwrap();
    let claims = format!(
        "SET LOCAL ROLE {role}; SET LOCAL viva.tenant = '{tenant}'; SET LOCAL viva.\"user\" = '{user}'; \
         SET LOCAL viva.taught = '{taught}'; SET LOCAL viva.courses = '[\"c1\",\"c2\"]'"
    );
    sqlx::raw_sql(AssertSqlSafe(claims)).execute(&mut *transaction).await.unwrap();
    let mut counts = [0; 3];
    for (count, table) in counts.iter_mut().zip(["summaries", "reports", "reviews"]) {
        let sql = AssertSqlSafe(format!("SELECT count(*) FROM viva.{table}"));
        *count = sqlx::query_scalar(sql).fetch_one(&mut *transaction).await.unwrap_or(-1);
        if *count < 0 {
            transaction.rollback().await.unwrap();
            return [-1; 3];
        }
    }
    counts
}

#[tokio::test]
async fn nobody_sees_more_than_the_claims_tell() {
    let made = reports().await;
    let (port, server) = (made.port(), made.kept());
    let mut foreign = summary("ada", "s9", Some("c1"));
    foreign.key.tenant = TenantId::new("other");
    for summary in
        [summary("ada", "s1", Some("c1")), summary("ada", "s2", None), summary("bob", "s3", Some("c2")), foreign]
    {
        port.put(summary.clone()).await.unwrap();
        port.put_report(&summary.key, "{}".into()).await.unwrap();
        port.review(&summary.key, review("tom")).await.unwrap();
    }
    assert_eq!(seen(server, "viva_app", "default", "ada", "[]").await, [2, 2, 2], "her own");
    assert_eq!(seen(server, "viva_app", "default", "bob", "[]").await, [1, 1, 1], "his own");
    assert_eq!(
        seen(server, "viva_app", "default", "tom", r#"["c1","c9"]"#).await,
        [1, 1, 1],
        "a course that he teaches"
    );
    assert_eq!(
        seen(server, "viva_app", "default", "", r#"["c1","c2"]"#).await,
        [2, 2, 2],
        "courses that are taught, alone"
    );
    assert_eq!(seen(server, "viva_app", "other", "bob", r#"["c2"]"#).await, [0, 0, 0], "another tenant's user");
    assert_eq!(seen(server, "viva_app", "default", "eve", "[]").await, [0, 0, 0], "another member of the courses");
    assert_eq!(seen(server, "viva_app", "", "ada", r#"["c1"]"#).await, [0, 0, 0], "no tenant");
    assert_eq!(seen(server, "viva_app", "", "", "").await, [0, 0, 0], "no claims");
    assert_eq!(seen(server, "viva_filing", "", "", "").await, [-1, -1, -1], "the filing role reads no reviews");
    assert_eq!(seen(server, "viva_owner", "", "", "").await, [0, 0, 0], "the owner, without claims");
}

#[tokio::test]
async fn nobody_writes_beyond_the_claims() {
    let made = reports().await;
    let (port, server) = (made.port(), made.kept());
    port.put(summary("ada", "s1", Some("c1"))).await.unwrap();
    port.put_report(&key("ada", "s1"), "{}".into()).await.unwrap();
    let refused = [
        (
            "viva_app",
            "INSERT INTO viva.summaries SELECT tenant, usr, 'forged', kind, state, title, title_folded, course, created, updated, questions, duration_ms, usage FROM viva.summaries",
        ),
        ("viva_app", "UPDATE viva.summaries SET title = 'x'"),
        ("viva_app", "UPDATE viva.reports SET report = '{}'"),
        ("viva_app", "INSERT INTO viva.deleted VALUES ('default', 'ada', 's1')"),
        ("viva_app", "INSERT INTO viva.reviews VALUES ('default', 'ada', 's1', 'depth', 'bob', 5, NULL, 1, 1)"),
        ("viva_app", "UPDATE viva.reviews SET rating = 1"),
        ("viva_app", "DELETE FROM viva.deleted"),
        ("viva_app", "CREATE TABLE viva.mine (x int)"),
        ("viva_app", "SELECT * FROM viva.migrations"),
        ("viva_filing", "INSERT INTO viva.reports VALUES ('other', 'ada', 's1', '{}')"),
        ("viva_filing", "DELETE FROM viva.summaries"),
        ("viva_filing", "INSERT INTO viva.reviews VALUES ('default', 'ada', 's1', 'depth', 'bob', 5, NULL, 1, 1)"),
    ];
    for (role, sql) in refused {
        let done = run_as(server, role, "default", "bob", sql).await;
        assert!(done.is_err(), "{role}: {sql}: {done:?}");
    }
    for sql in ["DELETE FROM viva.summaries", "DELETE FROM viva.reports"] {
        assert_eq!(run_as(server, "viva_app", "default", "bob", sql).await.unwrap(), 0, "{sql}");
    }
    assert!(port.get(&key("ada", "s1")).await.unwrap().is_some_and(|(_, report)| report.is_some()));
}

async fn run_as(server: &Postgres, role: &str, tenant: &str, user: &str, sql: &str) -> sqlx::Result<u64> {
    let mut connection = PgConnection::connect(&server.url()).await.unwrap();
    let mut transaction = connection.begin().await.unwrap();
    let claims =
        format!("SET LOCAL ROLE {role}; SET LOCAL viva.tenant = '{tenant}'; SET LOCAL viva.\"user\" = '{user}'");
    sqlx::raw_sql(AssertSqlSafe(claims)).execute(&mut *transaction).await.unwrap();
    let done = sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut *transaction).await?;
    transaction.commit().await?;
    Ok(done.rows_affected())
}

#[tokio::test]
async fn an_older_summary_does_not_replace_a_newer_one() {
    let made = reports().await;
    let newer = SessionSummary { title: "newer".into(), updated: UnixMs(5_000), ..summary("ada", "s1", None) };
    let older = SessionSummary { state: SessionState::Open, usage_json: None, ..summary("ada", "s1", None) };
    made.port().put(newer.clone()).await.unwrap();
    made.port().put(older).await.unwrap();
    assert_eq!(made.port().get(&newer.key).await.unwrap(), Some((newer, None)));
}

#[tokio::test]
async fn what_a_text_of_postgres_cannot_hold_is_replaced() {
    let made = reports().await;
    made.port().put(SessionSummary { title: "a\0b".into(), ..summary("ada", "s1", None) }).await.unwrap();
    let (kept, _) = made.port().get(&key("ada", "s1")).await.unwrap().unwrap();
    assert_eq!(kept.title, "a\u{fffd}b");
}

#[tokio::test]
async fn deleting_beside_late_filing_leaves_nothing() {
    let made = reports().await;
    let port = made.port();
    for round in 0..10 {
        let late = summary("ada", &format!("s{round}"), None);
        let (put, deleted) = tokio::join!(port.put(late.clone()), port.delete(&late.key));
        put.and(deleted).unwrap();
        assert_eq!(port.get(&late.key).await.unwrap(), None);
    }
    let all = SummaryQuery { tenant: late_tenant(), user: None, courses: None, text: None, cursor: None, limit: 50 };
    assert_eq!(port.list(all).await.unwrap().sessions, []);
}

fn late_tenant() -> TenantId {
    TenantId::new("default")
}

#[tokio::test]
async fn migrating_again_or_at_the_same_time_changes_nothing() {
    let server = Postgres::start();
    let url = server.url();
    let runs = futures::future::join_all((0..4).map(|_| migrate(&url, None))).await;
    let runs: Vec<_> = runs.into_iter().map(Result::unwrap).collect();
    let all = runs.iter().find(|run| !run.is_empty()).unwrap();
    assert!(all.starts_with(&["0001_reports"]) && all.is_sorted(), "{all:?}");
    assert_eq!(runs.iter().filter(|run| run.is_empty()).count(), 3, "{runs:?}");
    assert_eq!(migrate(&url, None).await.unwrap(), Vec::<&str>::new());
    // Another database of the same cluster finds the roles there.
    server.psql("postgres", "CREATE DATABASE second OWNER viva_owner");
    assert_eq!(migrate(&server.url_of("viva_owner", "second"), None).await.unwrap(), *all);
    assert_eq!(
        server.psql("viva", "SELECT count(*) FROM pg_tables WHERE schemaname = 'viva' AND NOT rowsecurity"),
        "1"
    );
}

#[tokio::test]
async fn a_database_of_a_newer_program_is_left_alone() {
    let made = reports().await;
    made.kept().psql("viva", "INSERT INTO viva.migrations (name) VALUES ('9999_later')");
    let refused = migrate(&made.kept().url(), None).await.unwrap_err();
    assert_eq!(
        refused.to_string(),
        "the database has 9999_later, which this program does not know: use the newer program"
    );
}

#[tokio::test]
async fn a_role_that_bypasses_row_level_security_is_refused() {
    let server = Postgres::start();
    server.psql("viva", "CREATE ROLE viva_app BYPASSRLS");
    let refused = migrate(&server.url(), None).await.unwrap_err();
    assert!(refused.to_string().contains("the role viva_app bypasses row-level security"), "{refused}");
    assert_eq!(server.psql("viva", "SELECT count(*) FROM pg_namespace WHERE nspname = 'viva'"), "0");
}

#[tokio::test]
async fn nothing_outlives_a_request() {
    let made = reports().await;
    made.port().put(summary("ada", "s1", None)).await.unwrap();
    made.port().get(&key("ada", "s1")).await.unwrap();
    // As the pooler would: the same connection for the next one, who signs in as the same user.
    let held = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'viva_owner' AND state <> 'idle'";
    assert_eq!(made.kept().psql("viva", held), "0", "no transaction stays open");
    let locks = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'";
    assert_eq!(made.kept().psql("viva", locks), "0");
}

#[tokio::test]
async fn an_address_that_is_none_is_not_quoted() {
    for url in
        ["nonsense-hunter2", "mysql://root:hunter2@localhost/viva", "postgres://viva:hunter2@localhost:port/viva"]
    {
        let failed = PostgresReports::new(Database::at(url)).get(&key("ada", "s1")).await.unwrap_err().to_string();
        assert!(!failed.contains("hunter2"), "{failed}");
    }
}

#[tokio::test]
async fn the_command_says_what_it_did() {
    let server = Postgres::start();
    let run = |url: &str| {
        let done = std::process::Command::new(env!("CARGO_BIN_EXE_migrate")).env("DATABASE_URL", url).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
        (done.status.success(), text(&done.stdout), text(&done.stderr))
    };
    let (done, said, complained) = run(&server.url());
    assert!(done && said.starts_with("migrated: 0001_reports") && complained.is_empty(), "{said}{complained}");
    assert_eq!(run(&server.url()), (true, "the database is up to date".into(), String::new()));
    let unset = "DATABASE_URL is not set: the address of the database, postgres://…";
    assert_eq!(run(""), (false, String::new(), unset.into()));
    let (done, _, said) = run("postgres://viva:hunter2@127.0.0.1:9/viva?sslmode=disable");
    assert!(!done && said.starts_with("the database could not be reached") && !said.contains("hunter2"), "{said}");
}
