//! The database's schema, forward only: every migration runs once, in order, in a transaction with the number that it brings.

use rusqlite::Connection;

/// In order; the first brings version 1.
const MIGRATIONS: &[&str] = &[
    include_str!("../migrations/0001_sessions.sql"),
    include_str!("../migrations/0002_usage.sql"),
    include_str!("../migrations/0003_budgets.sql"),
    include_str!("../migrations/0004_announcements.sql"),
    include_str!("../migrations/0005_documents.sql"),
    include_str!("../migrations/0006_conversations.sql"),
    include_str!("../migrations/0007_reviews.sql"),
    include_str!("../migrations/0008_vectors.sql"),
    include_str!("../migrations/0009_quizzes.sql"),
    include_str!("../migrations/0010_chat_quota.sql"),
    include_str!("../migrations/0011_given.sql"),
];

#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    #[error(
        "the data was written by a newer viva (database version {found}, this program knows {known}): use the newer program"
    )]
    Newer { found: usize, known: usize },
    #[error("the database could not be brought to version {to}: {message}")]
    Failed { to: usize, message: String },
}

/// Brings the database to the newest version.
pub(super) fn migrate(db: &mut Connection) -> Result<(), MigrateError> {
    migrate_with(db, MIGRATIONS)
}

/// Whether this program can read the database as it is, without changing it.
pub(super) fn check_readable(db: &Connection) -> Result<(), MigrateError> {
    let known = MIGRATIONS.len();
    match version(db)? {
        found if found > known => Err(MigrateError::Newer { found, known }),
        found if found < known => {
            let message = format!("it is in version {found}; `viva serve` brings it up to date");
            Err(MigrateError::Failed { to: known, message })
        }
        _ => Ok(()),
    }
}

fn migrate_with(db: &mut Connection, migrations: &[&str]) -> Result<(), MigrateError> {
    let found = version(db)?;
    let known = migrations.len();
    if found > known {
        return Err(MigrateError::Newer { found, known });
    }
    for (before, sql) in migrations.iter().enumerate().skip(found) {
        let to = before + 1;
        apply(db, sql, to).map_err(|error| MigrateError::Failed { to, message: error.to_string() })?;
    }
    Ok(())
}

fn apply(db: &mut Connection, sql: &str, to: usize) -> rusqlite::Result<()> {
    let transaction = db.transaction()?;
    transaction.execute_batch(sql)?;
    transaction.pragma_update(None, "user_version", to as i64)?;
    transaction.commit()
}

fn version(db: &Connection) -> Result<usize, MigrateError> {
    db.pragma_query_value(None, "user_version", |row| row.get::<_, usize>(0))
        .map_err(|error| MigrateError::Failed { to: MIGRATIONS.len(), message: error.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_of_a_newer_program_is_refused_and_left_alone() {
        let mut db = Connection::open_in_memory().unwrap();
        db.pragma_update(None, "user_version", 99).unwrap();
        assert!(matches!(migrate(&mut db), Err(MigrateError::Newer { found: 99, .. })));
        assert_eq!(version(&db).unwrap(), 99);
    }

    #[test]
    fn only_what_is_new_is_applied_and_data_stays() {
        let mut db = Connection::open_in_memory().unwrap();
        let first = "CREATE TABLE a (x INTEGER); INSERT INTO a VALUES (1);";
        migrate_with(&mut db, &[first]).unwrap();
        migrate_with(&mut db, &[first, "ALTER TABLE a ADD COLUMN y INTEGER DEFAULT 2;"]).unwrap();
        let row = db.query_row("SELECT x, y FROM a", [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        assert_eq!((row, version(&db).unwrap()), ((1, 2), 2));
    }

    #[test]
    fn a_quiz_that_was_published_before_tells_what_was_given() {
        let mut db = Connection::open_in_memory().unwrap();
        let before = MIGRATIONS.iter().position(|sql| sql.contains("given_title")).unwrap();
        migrate_with(&mut db, &MIGRATIONS[..before]).unwrap();
        db.execute_batch(
            r#"INSERT INTO quizzes (tenant, quiz, course, owner, title, state, edition, items, sources, version, created, updated, paper)
               VALUES ('t', 'given', 'c', 'o', 'new', 'published', 2, 9, '[]', 4, 1, 2, '{}'),
                      ('t', 'draft', 'c', 'o', 'x', 'draft', NULL, 3, '[]', 1, 1, 2, '{}');
               INSERT INTO quiz_editions VALUES ('t', 'given', 1, '{"title": "first", "items": []}'),
                      ('t', 'given', 2, '{"title": "a\u0000b", "items": [{"stem": "[\""}, {}]}'),
                      ('other', 'draft', 1, '{"title": "another tenant''s", "items": []}');"#,
        )
        .unwrap();
        migrate(&mut db).unwrap();
        let mut select = db.prepare("SELECT quiz, title, given_title, given_items FROM quizzes ORDER BY quiz").unwrap();
        let rows = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))).unwrap();
        let rows: Vec<(String, String, Option<String>, Option<u32>)> = rows.map(Result::unwrap).collect();
        let expected = [("draft", "x", None, None), ("given", "new", Some("a\0b"), Some(2))];
        let expected =
            expected.map(|(quiz, title, given, items)| (quiz.into(), title.into(), given.map(Into::into), items));
        assert_eq!(rows, expected);
    }

    #[test]
    fn a_migration_that_fails_changes_nothing() {
        let mut db = Connection::open_in_memory().unwrap();
        let broken = "CREATE TABLE a (x INTEGER); INSERT INTO nowhere VALUES (1);";
        assert!(matches!(migrate_with(&mut db, &[broken]), Err(MigrateError::Failed { to: 1, .. })));
        assert_eq!(version(&db).unwrap(), 0);
        migrate_with(&mut db, &["CREATE TABLE a (x INTEGER);"]).unwrap();
    }
}
