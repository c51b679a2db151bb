//! The suites of documents and uploads against a real PostgreSQL, and what row-level security must keep apart.

use super::Made;
use super::postgres_server::Postgres;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use viva::cloud::postgres::migrate::migrate;
use viva::cloud::postgres::{Database, PostgresDocuments, PostgresUploads};
use viva::ports::clock::UnixMs;
use viva::ports::documents::{Content, DocumentKey, Documents as _, DocumentsError, NewDocument};
use viva::ports::ids::{CourseId, DocumentId, TenantId, UploadId, UserId};
use viva::ports::objects::ObjectKey;
use viva::ports::uploads::{Began, Quota, Upload, UploadState, Uploads as _};

async fn migrated() -> Postgres {
    let server = Postgres::start();
    migrate(&server.url(), None).await.unwrap();
    server
}

async fn documents() -> Made<PostgresDocuments, Postgres> {
    let server = migrated().await;
    Made::new(PostgresDocuments::new(Database::at(&server.url())), server)
}

async fn uploads() -> Made<PostgresUploads, Postgres> {
    let server = migrated().await;
    Made::new(PostgresUploads::new(Database::at(&server.url())), server)
}

mod documents_suite {
    documents_contract!(super::documents);
}

mod uploads_suite {
    uploads_contract!(super::uploads);
}

#[tokio::test]
async fn what_is_stored_counts_against_the_quota() {
    let server = migrated().await;
    let database = Database::at(&server.url());
    let (uploads, documents) = (PostgresUploads::new(database.clone()), PostgresDocuments::new(database));
    crate::uploads::what_is_stored_counts_against_the_quota(&uploads, &documents).await;
}

#[tokio::test]
async fn a_replacement_counts_for_whoever_replaces() {
    let server = migrated().await;
    let database = Database::at(&server.url());
    let (uploads, documents) = (PostgresUploads::new(database.clone()), PostgresDocuments::new(database));
    crate::uploads::a_replacement_counts_for_whoever_replaces(&uploads, &documents).await;
}

/// As functions are: each with connections of its own.
#[tokio::test]
async fn many_processes_admit_no_more_uploads_than_may() {
    let server = migrated().await;
    let processes: Vec<_> = (0..10).map(|_| PostgresUploads::new(Database::at(&server.url()))).collect();
    let quota = Quota { bytes_max: 70, ..QUOTA };
    let begins = (0..40).map(|n| processes[n % 10].begin(upload("school", &format!("u{n}"), "tom"), None, &quota));
    let began = futures::future::join_all(begins).await;
    let admitted = began.iter().filter(|began| matches!(began, Ok(Began::New(_)))).count();
    assert_eq!((admitted, began.iter().all(Result::is_ok)), (7, true), "{began:?}");
}

fn content(name: &str) -> Content {
    Content {
        object: ObjectKey(format!("o-{name}")),
        name: name.into(),
        media_type: "text/plain".into(),
        bytes: 10,
        sha256: "ab".repeat(32),
    }
}

fn document(tenant: &str, id: &str, course: &str, owner: &str) -> NewDocument {
    NewDocument {
        key: DocumentKey { tenant: TenantId::new(tenant), document: DocumentId::new(id) },
        course: CourseId::new(course),
        owner: UserId::new(owner),
        content: content("a.txt"),
        at: UnixMs(1),
    }
}

fn upload(tenant: &str, id: &str, owner: &str) -> Upload {
    Upload {
        tenant: TenantId::new(tenant),
        upload: UploadId::new(id),
        owner: UserId::new(owner),
        course: CourseId::new("c1"),
        document: DocumentId::new(id),
        replaces: false,
        content: content("a.txt"),
        state: UploadState::Pending,
        created: UnixMs(1),
        expires: UnixMs(1_000),
    }
}

/// What a role with these claims counts among documents and uploads; `None`: it is refused.
async fn seen(server: &Postgres, role: &str, tenant: &str, user: &str, courses: &str) -> [Option<i64>; 2] {
    let mut counts = [None; 2];
    for (count, table) in counts.iter_mut().zip(["documents", "uploads"]) {
        let sql = format!("SELECT count(*) FROM viva.{table}");
        let mut connection = PgConnection::connect(&server.url()).await.unwrap();
        let mut transaction = connection.begin().await.unwrap();
        sqlx::raw_sql(AssertSqlSafe(claims(role, tenant, user, courses))).execute(&mut *transaction).await.unwrap();
        *count = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&mut *transaction).await.ok();
    }
    counts
}

async fn run_as(server: &Postgres, role: &str, sql: &str) -> sqlx::Result<u64> {
    let mut connection = PgConnection::connect(&server.url()).await.unwrap();
    let mut transaction = connection.begin().await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(claims(role, "school", "tom", "[\"c1\"]"))).execute(&mut *transaction).await.unwrap();
    Ok(sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut *transaction).await?.rows_affected())
}

fn claims(role: &str, tenant: &str, user: &str, courses: &str) -> String {
    format!(
        "SET LOCAL ROLE {role}; SET LOCAL viva.tenant = '{tenant}'; SET LOCAL viva.\"user\" = '{user}'; \
         SET LOCAL viva.courses = '{courses}'"
    )
}

const QUOTA: Quota = Quota { documents_max: 100, bytes_max: 100_000, pending_max: 50 };

async fn filled() -> Postgres {
    let server = migrated().await;
    let database = Database::at(&server.url());
    let (uploads, documents) = (PostgresUploads::new(database.clone()), PostgresDocuments::new(database));
    for (tenant, id, course, owner) in [
        ("school", "d1", "c1", "tom"),
        ("school", "d2", "c2", "tom"),
        ("school", "d3", "uma", "uma"),
        ("other", "d1", "c1", "tom"),
    ] {
        documents.create(document(tenant, id, course, owner)).await.unwrap();
        uploads.begin(upload(tenant, id, owner), None, &QUOTA).await.unwrap();
    }
    server
}

#[tokio::test]
async fn nobody_sees_more_files_than_the_claims_tell() {
    let server = filled().await;
    let told = [
        ("viva_app", "school", "tom", r#"["c1"]"#, [Some(1), Some(2)]),
        ("viva_app", "school", "", r#"["c1","c2","c9"]"#, [Some(2), Some(0)]),
        ("viva_app", "school", "uma", "[]", [Some(0), Some(1)]),
        ("viva_app", "", "tom", r#"["c1"]"#, [Some(0), Some(0)]),
        ("viva_app", "", "", "", [Some(0), Some(0)]),
        ("viva_filing", "school", "", "", [Some(3), Some(3)]),
        ("viva_filing", "", "", "", [Some(0), Some(0)]),
        ("viva_upkeep", "", "", "", [Some(4), Some(4)]),
        ("viva_owner", "", "", "", [Some(0), Some(0)]),
    ];
    for (role, tenant, user, courses, expected) in told {
        assert_eq!(seen(&server, role, tenant, user, courses).await, expected, "{role} {tenant} {user} {courses}");
    }
    server.psql("viva", "UPDATE viva.documents SET unfinished = false WHERE tenant = 'school'");
    assert_eq!(seen(&server, "viva_upkeep", "", "", "").await, [Some(1), Some(4)], "what nobody has to work on");
}

#[tokio::test]
async fn nobody_changes_files_beyond_a_role() {
    let server = filled().await;
    let refused = [
        ("viva_app", "UPDATE viva.documents SET name = 'x'"),
        ("viva_app", "DELETE FROM viva.uploads"),
        ("viva_filing", "DELETE FROM viva.documents"),
        ("viva_filing", "UPDATE viva.documents SET tenant = 'other'"),
        ("viva_filing", "UPDATE viva.uploads SET owner = 'eve'"),
        (
            "viva_filing",
            "INSERT INTO viva.uploads SELECT 'other', 'u9', owner, course, document, replaces, object, name, media_type, bytes, sha256, state, NULL, NULL, created, expires FROM viva.uploads LIMIT 1",
        ),
        ("viva_upkeep", "UPDATE viva.documents SET unfinished = false"),
        ("viva_upkeep", "DELETE FROM viva.uploads"),
    ];
    for (role, sql) in refused {
        let done = run_as(&server, role, sql).await;
        assert!(done.is_err(), "{role}: {sql}: {done:?}");
    }
    assert_eq!(run_as(&server, "viva_filing", "DELETE FROM viva.uploads").await.unwrap(), 3, "of its tenant alone");
}

/// As Supabase's API would be, had somebody exposed the schema and granted it everything.
#[tokio::test]
async fn an_api_s_role_sees_nothing_whatever_it_is_granted() {
    let server = filled().await;
    server.psql("viva", "CREATE ROLE anon NOLOGIN; GRANT anon TO viva_owner");
    assert_eq!(seen(&server, "anon", "school", "tom", r#"["c1"]"#).await, [None, None]);
    server.psql("viva", "GRANT USAGE ON SCHEMA viva TO anon; GRANT ALL ON ALL TABLES IN SCHEMA viva TO anon");
    assert_eq!(seen(&server, "anon", "school", "tom", r#"["c1"]"#).await, [Some(0), Some(0)]);
    assert_eq!(run_as(&server, "anon", "DELETE FROM viva.uploads").await.unwrap(), 0);
}

#[tokio::test]
async fn each_question_finds_its_index() {
    let server = migrated().await;
    server.psql(
        "viva",
        "INSERT INTO viva.documents SELECT 's', 'd' || n, 'c' || n % 50, 'u' || n % 90, 'o', 'n', 'n', 't', 1, 'h', 'ready', 1, 1, 1, \
             NULL, NULL, NULL, 1, 1, '{}', n % 500 = 0, n, n FROM generate_series(1, 20000) AS n; \
         INSERT INTO viva.uploads SELECT 's', 'up' || n, 'u' || n % 90, 'c', 'd', false, 'o', 'n', 't', 1, 'h', \
             CASE n % 10 WHEN 0 THEN 'pending' ELSE 'completed' END, 'k' || n, 'f', n, n FROM generate_series(1, 20000) AS n; \
         ANALYZE",
    );
    let questions = [
        (
            "SELECT * FROM viva.documents WHERE tenant = 's' AND course = 'c1' AND state <> 'deleted' ORDER BY created DESC, document LIMIT 9",
            "documents_newest",
        ),
        (
            "SELECT sum(bytes) FROM viva.documents WHERE tenant = 's' AND owner = 'u1' AND state <> 'deleted'",
            "documents_owner",
        ),
        ("SELECT * FROM viva.documents WHERE unfinished ORDER BY updated LIMIT 9", "documents_unfinished"),
        (
            "SELECT * FROM viva.uploads WHERE tenant = 's' AND owner = 'u1' AND state = 'pending' ORDER BY created DESC, upload LIMIT 9",
            "uploads_pending",
        ),
        (
            "SELECT * FROM viva.uploads WHERE tenant = 's' AND owner = 'u1' AND idempotency_key = 'k'",
            "uploads_idempotency",
        ),
        ("SELECT * FROM viva.uploads WHERE expires < 5 ORDER BY expires LIMIT 9", "uploads_expires"),
    ];
    for (sql, index) in questions {
        let plan = server.psql("viva", &format!("EXPLAIN {sql}"));
        assert!(plan.contains(index) && !plan.contains("Sort"), "{sql}\n{plan}");
    }
}

#[tokio::test]
async fn a_full_disk_is_told_as_one() {
    let made = documents().await;
    made.kept().psql(
        "viva",
        "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no space' USING ERRCODE = 'disk_full'; END $$; \
         CREATE TRIGGER full_disk BEFORE INSERT ON viva.documents EXECUTE FUNCTION full_disk()",
    );
    let refused = made.port().create(document("school", "d1", "c1", "tom")).await;
    assert!(matches!(refused, Err(DocumentsError::Full)), "{refused:?}");
}
