//! The suites of quizzes, attempts and evidence against a real PostgreSQL, and what row-level security must keep apart.

use super::Made;
use super::postgres_server::Postgres;
use crate::attempts::{Desk, given, marks, new as attempt};
use crate::evidence::observation;
use crate::quizzes::{QUOTA, created, key, new as quiz};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use std::sync::Arc;
use viva::cloud::postgres::migrate::migrate;
use viva::cloud::postgres::{Database, PostgresAttempts, PostgresEvidence, PostgresQuizzes};
use viva::ports::attempts::{Started, Submitted};
use viva::ports::clock::UnixMs;
use viva::ports::ids::{CourseId, TenantId, UserId};
use viva::ports::quizzes::{
    Created, Given, NewQuiz, Queued, QuizChange, QuizKey, QuizQuota, Quizzes as _, QuizzesError,
};

async fn migrated() -> Postgres {
    let server = Postgres::start();
    migrate(&server.url(), None).await.unwrap();
    server
}

pub(crate) fn desk_of(server: &Postgres) -> Desk {
    let database = Database::at(&server.url());
    Desk {
        quizzes: Arc::new(PostgresQuizzes::new(database.clone())),
        attempts: Arc::new(PostgresAttempts::new(database.clone())),
        evidence: Arc::new(PostgresEvidence::new(database)),
    }
}

async fn quizzes() -> Made<PostgresQuizzes, Postgres> {
    let server = migrated().await;
    Made::new(PostgresQuizzes::new(Database::at(&server.url())), server)
}

async fn desk() -> Made<Desk, Postgres> {
    let server = migrated().await;
    Made::new(desk_of(&server), server)
}

async fn evidence() -> Made<PostgresEvidence, Postgres> {
    let server = migrated().await;
    Made::new(PostgresEvidence::new(Database::at(&server.url())), server)
}

mod quizzes_suite {
    quizzes_contract!(super::quizzes);
}

mod attempts_suite {
    attempts_contract!(super::desk);
}

mod evidence_suite {
    evidence_contract!(super::evidence);
}

/// As functions are: each with connections of its own.
#[tokio::test]
async fn many_processes_begin_one_attempt_and_mark_it_once() {
    let server = migrated().await;
    let desks: Vec<Desk> = (0..8).map(|_| desk_of(&server)).collect();
    created(&*desks[0].quizzes, given("q1", 1)).await;
    let starts = (0..48).map(|n| desks[n % 8].attempts.start(attempt(&format!("a{n}"), "ada", 1), Some(1)));
    let started = futures::future::join_all(starts).await;
    let open: Vec<_> = started
        .iter()
        .map(|started| match started {
            Ok(Started::New(attempt) | Started::Open(attempt)) => attempt,
            other => panic!("{other:?}"),
        })
        .collect();
    assert!(open.iter().all(|attempt| *attempt == open[0]), "{open:?}");
    let submits = (0..48).map(|n| desks[n % 8].attempts.submit(&open[0].key, 1, marks(9, n as f64)));
    let submitted = futures::future::join_all(submits).await;
    let now = submitted.iter().filter(|submitted| matches!(submitted, Ok(Submitted::Now(_)))).count();
    assert_eq!((now, submitted.iter().all(Result::is_ok)), (1, true), "{submitted:?}");
}

#[tokio::test]
async fn many_processes_make_no_more_quizzes_than_may_be() {
    let server = migrated().await;
    let processes: Vec<_> = (0..8).map(|_| PostgresQuizzes::new(Database::at(&server.url()))).collect();
    let quota = QuizQuota { quizzes_max: 7, making_max: 0 };
    let requests = (0..40).map(|n| processes[n % 8].create(quiz(&format!("q{n}"), 1), None, &quota));
    let made = futures::future::join_all(requests).await;
    let admitted = made.iter().filter(|made| matches!(made, Ok(Created::New(_)))).count();
    assert_eq!((admitted, made.iter().all(Result::is_ok)), (7, true), "{made:?}");
}

#[tokio::test]
async fn many_processes_have_no_more_quizzes_made_than_may_be() {
    let server = migrated().await;
    let processes: Vec<_> = (0..8).map(|_| PostgresQuizzes::new(Database::at(&server.url()))).collect();
    let quota = QuizQuota { quizzes_max: 100, making_max: 3 };
    let mut keys = Vec::new();
    for n in 0..24 {
        keys.push(created(&processes[0], quiz(&format!("q{n}"), 1)).await.summary.key);
    }
    let requests = keys.iter().enumerate().map(|(n, key)| {
        let change = QuizChange { work_due: Some(UnixMs(5)), ..quiz("q", 1).draft };
        processes[n % 8].queue(key, 1, change, &quota)
    });
    let queued = futures::future::join_all(requests).await;
    let admitted = queued.iter().filter(|queued| matches!(queued, Ok(Queued::Now(_)))).count();
    assert_eq!((admitted, queued.iter().all(Result::is_ok)), (3, true), "{queued:?}");
}

/// Either the quiz was there first, and goes with its attempt, or it was gone.
#[tokio::test]
async fn beginning_beside_a_deletion_leaves_no_attempt() {
    let made = desk().await;
    let desk = made.port();
    for round in 0..10 {
        let at = key(&format!("q{round}"));
        created(&*desk.quizzes, given(at.quiz.as_str(), 1)).await;
        let mut new = attempt(&format!("a{round}"), "ada", 1);
        new.quiz = at.quiz.clone();
        let (started, deleted) = tokio::join!(desk.attempts.start(new.clone(), None), desk.quizzes.delete(&at, 1));
        deleted.unwrap();
        assert!(matches!(started, Ok(Started::New(_) | Started::Unknown)), "{started:?}");
        assert_eq!(desk.attempts.get(&new.key).await.unwrap(), None);
    }
}

const TABLES: [&str; 5] = ["quizzes", "quiz_editions", "deleted_quizzes", "attempts", "evidence"];

/// A quiz with an edition and an attempt in each of two courses and in another tenant; one that was deleted.
async fn filled() -> Postgres {
    let server = migrated().await;
    let desk = desk_of(&server);
    for (tenant, name, course) in [("school", "q1", "c1"), ("school", "q2", "c2"), ("other", "q1", "c1")] {
        let (tenant, course) = (TenantId::new(tenant), CourseId::new(course));
        let new = given(name, 1);
        let draft = QuizChange { work_due: Some(UnixMs(5)), ..new.draft.clone() };
        let key = QuizKey { tenant: tenant.clone(), ..key(name) };
        created(&*desk.quizzes, NewQuiz { key, course: course.clone(), draft, ..new }).await;
        let mut attempt = attempt(&format!("a-{name}"), "ada", 1);
        (attempt.key.tenant, attempt.quiz, attempt.course) = (tenant, quiz(name, 1).key.quiz, course);
        desk.attempts.start(attempt.clone(), None).await.unwrap();
        desk.attempts.submit(&attempt.key, 1, marks(9, 1.0)).await.unwrap();
    }
    created(&*desk.quizzes, quiz("gone", 1)).await;
    desk.quizzes.delete(&key("gone"), 1).await.unwrap();
    server
}

/// Tenant, user, the courses that are learnt in, and those that are taught.
type Told = [&'static str; 4];

async fn run_as(server: &Postgres, role: &str, [tenant, user, courses, taught]: Told, sql: &str) -> sqlx::Result<u64> {
    let mut connection = PgConnection::connect(&server.url()).await.unwrap();
    let mut transaction = connection.begin().await.unwrap();
    let claims = format!(
        "SET LOCAL ROLE {role}; SET LOCAL viva.tenant = '{tenant}'; SET LOCAL viva.\"user\" = '{user}'; \
         SET LOCAL viva.courses = '{courses}'; SET LOCAL viva.taught = '{taught}'"
    );
    sqlx::raw_sql(AssertSqlSafe(claims)).execute(&mut *transaction).await.unwrap();
    Ok(sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut *transaction).await?.rows_affected())
}

const TEACHER: Told = ["school", "tom", r#"["c1"]"#, r#"["c1"]"#];
const STUDENT: Told = ["school", "eve", r#"["c1","c2"]"#, "[]"];
const NOBODY: Told = ["", "", "", ""];

#[tokio::test]
async fn nobody_sees_more_of_quizzes_than_the_claims_tell() {
    let server = filled().await;
    let seen = async |role, claims, table| {
        run_as(&server, role, claims, &format!("SELECT tenant FROM viva.{table}")).await.ok()
    };
    let ada = ["school", "ada", "[]", "[]"];
    let both = r#"["c1","c2"]"#;
    for (role, claims, expected) in [
        ("viva_app", TEACHER, [Some(1), None, None, None, Some(2)]),
        ("viva_app", ["school", "", both, both], [Some(2), None, None, None, Some(4)]),
        ("viva_app", ["school", "", "[]", both], [Some(0), None, None, None, Some(4)]),
        ("viva_app", ["school", "", both, "[]"], [Some(2), None, None, None, Some(0)]),
        ("viva_app", STUDENT, [Some(2), None, None, None, Some(0)]),
        ("viva_app", ada, [Some(0), None, None, None, Some(4)]),
        ("viva_app", ["school", "eve", "[]", "[]"], [Some(0), None, None, None, Some(0)]),
        ("viva_app", ["", "ada", both, both], [Some(0), None, None, None, Some(0)]),
        ("viva_app", NOBODY, [Some(0), None, None, None, Some(0)]),
        ("viva_filing", ["school", "", "", ""], [Some(2), Some(2), Some(1), Some(2), Some(4)]),
        ("viva_filing", NOBODY, [Some(0); 5]),
        ("viva_upkeep", NOBODY, [Some(3), None, None, None, None]),
        ("viva_owner", NOBODY, [Some(0); 5]),
    ] {
        for (table, expected) in TABLES.into_iter().zip(expected) {
            assert_eq!(seen(role, claims, table).await, expected, "{role} {claims:?} {table}");
        }
    }
    server.psql("viva", "UPDATE viva.quizzes SET work_due = NULL WHERE tenant = 'school'");
    assert_eq!(seen("viva_upkeep", NOBODY, "quizzes").await, Some(1), "on which nobody has to work");
}

#[tokio::test]
async fn whoever_lists_quizzes_reads_no_keys() {
    let server = filled().await;
    for (role, sql) in [
        ("viva_app", "SELECT paper FROM viva.quizzes"),
        ("viva_app", "SELECT * FROM viva.quizzes"),
        ("viva_app", "SELECT fingerprint FROM viva.quizzes"),
        ("viva_app", "SELECT content FROM viva.quiz_editions"),
        ("viva_app", "SELECT seed FROM viva.attempts"),
        ("viva_upkeep", "SELECT paper FROM viva.quizzes"),
        ("viva_upkeep", "SELECT title FROM viva.quizzes"),
    ] {
        let done = run_as(&server, role, TEACHER, sql).await;
        assert!(done.is_err(), "{role}: {sql}: {done:?}");
    }
}

/// Whatever the statement says, and whoever is named in it: of a course that one learns in one sees nothing of the others.
#[tokio::test]
async fn a_student_of_a_course_reads_nobody_else_s_evidence() {
    let server = filled().await;
    server.psql("viva", "INSERT INTO viva.evidence VALUES ('school', 'c1', 'eve', 'own', 1, '{}')");
    for (sql, expected) in [
        ("SELECT evidence FROM viva.evidence", 1),
        ("SELECT evidence FROM viva.evidence WHERE course = 'c1'", 1),
        ("SELECT evidence FROM viva.evidence WHERE usr = 'ada'", 0),
        ("SELECT evidence FROM viva.evidence WHERE usr <> 'eve' OR true", 1),
        ("SELECT max(at) FROM viva.evidence HAVING count(*) > 1", 0),
    ] {
        assert_eq!(run_as(&server, "viva_app", STUDENT, sql).await.unwrap(), expected, "{sql}");
        let seen = run_as(&server, "viva_app", TEACHER, sql).await.unwrap();
        assert!(seen > expected, "{sql}: a teacher sees more, {seen}");
    }
}

#[tokio::test]
async fn nobody_changes_quizzes_beyond_a_role() {
    let server = filled().await;
    for (role, sql) in [
        ("viva_app", "UPDATE viva.quizzes SET title = 'x'"),
        ("viva_app", "DELETE FROM viva.quizzes"),
        ("viva_app", "DELETE FROM viva.evidence"),
        ("viva_app", "INSERT INTO viva.evidence VALUES ('school', 'c1', 'tom', 'x', 1, '{}')"),
        ("viva_filing", "UPDATE viva.quizzes SET tenant = 'other'"),
        ("viva_filing", "UPDATE viva.quizzes SET course = 'c2'"),
        ("viva_filing", "UPDATE viva.quiz_editions SET content = '{}'"),
        ("viva_filing", "UPDATE viva.attempts SET usr = 'eve'"),
        ("viva_filing", "UPDATE viva.attempts SET seed = 1"),
        ("viva_filing", "UPDATE viva.evidence SET usr = 'eve'"),
        ("viva_filing", "DELETE FROM viva.deleted_quizzes"),
        ("viva_filing", "INSERT INTO viva.evidence VALUES ('other', 'c1', 'tom', 'x', 1, '{}')"),
        ("viva_upkeep", "UPDATE viva.quizzes SET work_due = NULL"),
        ("viva_upkeep", "DELETE FROM viva.quizzes"),
    ] {
        let done = run_as(&server, role, TEACHER, sql).await;
        assert!(done.is_err(), "{role}: {sql}: {done:?}");
    }
    let of_its_tenant = run_as(&server, "viva_filing", TEACHER, "DELETE FROM viva.attempts").await;
    assert_eq!(of_its_tenant.unwrap(), 2);
}

/// As Supabase's API would be, had somebody exposed the schema and granted it everything.
#[tokio::test]
async fn an_api_s_role_sees_no_quiz_whatever_it_is_granted() {
    let server = filled().await;
    server.psql("viva", "CREATE ROLE anon NOLOGIN; GRANT anon TO viva_owner");
    for granted in [false, true] {
        for table in TABLES {
            let seen = run_as(&server, "anon", TEACHER, &format!("SELECT * FROM viva.{table}")).await;
            assert_eq!(seen.ok(), granted.then_some(0), "{table}");
        }
        server.psql("viva", "GRANT USAGE ON SCHEMA viva TO anon; GRANT ALL ON ALL TABLES IN SCHEMA viva TO anon");
    }
}

/// The schema as it was before is the schema of now without what this migration brings.
#[tokio::test]
async fn a_quiz_that_was_published_before_tells_what_was_given() {
    let made = quizzes().await;
    let content = r#"{"title": "a\u0000b", "items": [{"stem": "[\"\u0000"}, {}]}"#;
    let draft = QuizChange { edition_json: Some(content.into()), ..given("q1", 1).draft };
    created(made.port(), NewQuiz { draft, ..quiz("q1", 1) }).await;
    created(made.port(), quiz("q2", 2)).await;
    made.kept().psql(
        "viva",
        "ALTER TABLE viva.quizzes DROP given_title, DROP given_items; DROP INDEX viva.evidence_newest; \
         DELETE FROM viva.migrations WHERE name = '0008_given'",
    );
    assert_eq!(migrate(&made.kept().url(), None).await.unwrap(), ["0008_given"]);
    let found = async |name| made.port().get(&key(name)).await.unwrap().unwrap().summary.given;
    let told = Given { edition: 1, title: "a\u{fffd}b".into(), items: 2 };
    assert_eq!((found("q1").await, found("q2").await), (Some(told), None));
    for table in ["quizzes", "quiz_editions"] {
        let seen = run_as(made.kept(), "viva_owner", NOBODY, &format!("SELECT tenant FROM viva.{table}")).await;
        assert_eq!(seen.unwrap(), 0, "the owner is under the policies of {table} again");
    }
}

#[tokio::test]
async fn each_question_about_quizzes_finds_its_index() {
    let server = migrated().await;
    server.psql(
        "viva",
        "INSERT INTO viva.quizzes SELECT 's', 'q' || n, 'c' || n % 50, 'u' || n % 90, 't', 'draft', NULL, 1, '[]', \
             CASE n % 100 WHEN 0 THEN n END, 1, 'k' || n, 'f', n, n, '{}' FROM generate_series(1, 20000) AS n; \
         INSERT INTO viva.attempts SELECT 's', 'a' || n, 'q' || n % 90, 'c', 'u' || n / 90, 1, 1, false, 1, \
             CASE n % 10 WHEN 0 THEN 'open' ELSE 'marked' END, n, n, NULL, NULL, NULL, 1, '{}' FROM generate_series(1, 20000) AS n; \
         INSERT INTO viva.evidence SELECT 's', 'c' || n % 50, 'u' || n % 90, 'e' || n, n, '{}' FROM generate_series(1, 20000) AS n; \
         ANALYZE",
    );
    for (sql, index) in [
        (
            "SELECT quiz FROM viva.quizzes WHERE tenant = 's' AND course = 'c1' ORDER BY created DESC, quiz LIMIT 9",
            "quizzes_newest",
        ),
        ("SELECT count(work_due) FROM viva.quizzes WHERE tenant = 's' AND owner = 'u1'", "quizzes_owner"),
        (
            "SELECT quiz FROM viva.quizzes WHERE tenant = 's' AND owner = 'u1' AND idempotency_key = 'k'",
            "quizzes_idempotency",
        ),
        (
            "SELECT quiz FROM viva.quizzes WHERE work_due <= 5000 ORDER BY work_due, tenant, quiz LIMIT 9",
            "quizzes_waiting",
        ),
        (
            "SELECT attempt FROM viva.attempts WHERE tenant = 's' AND quiz = 'q1' ORDER BY started DESC, attempt LIMIT 9",
            "attempts_newest",
        ),
        ("SELECT count(*) FROM viva.attempts WHERE tenant = 's' AND quiz = 'q1' AND usr = 'u1'", "attempts_number"),
        (
            "SELECT attempt FROM viva.attempts WHERE tenant = 's' AND quiz = 'q1' AND state = 'open' AND due <= 900 \
             ORDER BY due, attempt LIMIT 9",
            "attempts_due",
        ),
        (
            "SELECT id FROM viva.evidence WHERE tenant = 's' AND course = 'c1' AND usr = 'u1' AND id = 'e1'",
            "evidence_pkey",
        ),
        (
            "SELECT id FROM viva.evidence WHERE tenant = 's' AND course = 'c1' AND usr = 'u1' ORDER BY at DESC, id DESC LIMIT 9",
            "evidence_newest",
        ),
    ] {
        let plan = server.psql("viva", &format!("EXPLAIN {sql}"));
        assert!(plan.contains(index) && !plan.contains("Sort"), "{sql}\n{plan}");
    }
}

#[tokio::test]
async fn nothing_outlives_a_request_about_quizzes() {
    let made = desk().await;
    let desk = made.port();
    created(&*desk.quizzes, given("q1", 1)).await;
    desk.attempts.start(attempt("a1", "ada", 1), Some(0)).await.unwrap();
    assert!(matches!(desk.quizzes.delete(&key("q1"), 9).await, Err(QuizzesError::Stale)));
    let (tenant, course, ada) = (TenantId::new("school"), CourseId::new("law-1"), UserId::new("ada"));
    desk.evidence.record(&tenant, &course, &ada, vec![observation("o", 1, "x")]).await.unwrap();
    let held = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'viva_owner' AND state <> 'idle'";
    assert_eq!(made.kept().psql("viva", held), "0", "no transaction stays open");
    assert_eq!(made.kept().psql("viva", "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"), "0");
}

#[tokio::test]
async fn what_a_text_of_postgres_cannot_hold_is_replaced_in_a_quiz_s_title() {
    let made = quizzes().await;
    let mut new = quiz("q1", 1);
    new.draft.title = "a\0b".into();
    assert!(matches!(made.port().create(new, None, &QUOTA).await, Ok(Created::New(_))));
    assert_eq!(made.port().get(&key("q1")).await.unwrap().unwrap().summary.title, "a\u{fffd}b");
}
