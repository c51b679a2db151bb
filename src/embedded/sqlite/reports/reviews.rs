//! What teachers said of ratings: each word is a row of its own, numbered for its criterion, and stays.

use super::{is_deleted, parts};
use crate::embedded::sqlite::error::DbError;
use crate::embedded::sqlite::rows::Batch;
use crate::ports::clock::UnixMs;
use crate::ports::ids::{SessionKey, UserId};
use crate::ports::reports::{NewReview, Review, Reviewed};
use rusqlite::{Connection, OptionalExtension, Row, params};

pub(super) fn add(batch: &Batch<'_>, key: &SessionKey, review: NewReview) -> rusqlite::Result<Reviewed> {
    let (tenant, user, session) = parts(key);
    let mut known =
        batch.db.prepare_cached("SELECT 1 FROM summaries WHERE tenant = ?1 AND usr = ?2 AND session = ?3")?;
    if is_deleted(batch, key)? || !known.exists([tenant, user, session])? {
        return Ok(Reviewed::Unknown);
    }
    let sql = format!("{SELECT} AND criterion = ?4 ORDER BY revision DESC LIMIT 1");
    let last =
        batch.db.prepare_cached(&sql)?.query_row(params![tenant, user, session, review.criterion], read).optional()?;
    let revision = match last {
        Some(last) if review.repeats(&last) => return Ok(Reviewed::Same(last)),
        Some(last) if review.seen.is_some_and(|seen| seen != last.revision) => return Ok(Reviewed::Conflict(last)),
        Some(last) => last.revision + 1,
        None => 1,
    };
    let newest: Option<u64> = batch
        .db
        .prepare_cached("SELECT max(at) FROM reviews WHERE tenant = ?1 AND usr = ?2 AND session = ?3")?
        .query_row([tenant, user, session], |row| row.get(0))?;
    let review = review.later_than(newest.map(UnixMs)).numbered(revision);
    let Review { criterion, revision, rating, comment, reviewer, at } = &review;
    batch
        .db
        .prepare_cached(
            "INSERT INTO reviews (tenant, usr, session, criterion, revision, reviewer, rating, comment, at) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?
        .execute(params![tenant, user, session, criterion, revision, reviewer.as_str(), rating, comment, at.0])?;
    Ok(Reviewed::New(review))
}

pub(in crate::embedded::sqlite) fn all(db: &Connection, key: &SessionKey) -> Result<Vec<Review>, DbError> {
    let mut select = db.prepare_cached(&format!("{SELECT} ORDER BY at, criterion, revision"))?;
    let (tenant, user, session) = parts(key);
    let reviews = select.query_map([tenant, user, session], read)?;
    Ok(reviews.collect::<rusqlite::Result<_>>()?)
}

fn read(row: &Row<'_>) -> rusqlite::Result<Review> {
    Ok(Review {
        criterion: row.get(0)?,
        revision: row.get(1)?,
        reviewer: UserId::new(row.get::<_, String>(2)?),
        rating: row.get(3)?,
        comment: row.get(4)?,
        at: UnixMs(row.get(5)?),
    })
}

const SELECT: &str = "SELECT criterion, revision, reviewer, rating, comment, at FROM reviews \
     WHERE tenant = ?1 AND usr = ?2 AND session = ?3";
