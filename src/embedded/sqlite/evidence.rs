//! Evidence of people's skills, kept by the database. What it says is not read here.

use super::Store;
use super::rows::Batch;
use crate::ports::clock::UnixMs;
use crate::ports::evidence::{EvidenceError, EvidenceLog, Observation, Observed};
use crate::ports::ids::{CourseId, TenantId, UserId};
use async_trait::async_trait;
use rusqlite::{Connection, Row, params};

#[async_trait]
impl EvidenceLog for Store {
    async fn record(
        &self,
        tenant: &TenantId,
        course: &CourseId,
        user: &UserId,
        observations: Vec<Observation>,
    ) -> Result<(), EvidenceError> {
        let (tenant, course, user) = (tenant.clone(), course.clone(), user.clone());
        let put = move |batch: &mut Batch<'_>| put(batch.db, &tenant, &course, &user, &observations);
        Ok(self.writer.write(put).await?)
    }

    async fn newest(
        &self,
        tenant: &TenantId,
        course: &CourseId,
        user: &UserId,
        limit: usize,
    ) -> Result<Observed, EvidenceError> {
        let (tenant, course, user) = (tenant.clone(), course.clone(), user.clone());
        let newest = move |db: &Connection| {
            let mut select = db.prepare_cached(
                "SELECT id, at, evidence FROM evidence WHERE tenant = ?1 AND course = ?2 AND usr = ?3 \
                 ORDER BY at DESC, id DESC LIMIT ?4",
            )?;
            let rows = select.query_map(params![tenant.as_str(), course.as_str(), user.as_str(), limit + 1], read)?;
            Ok(Observed::of(rows.collect::<rusqlite::Result<_>>()?, limit))
        };
        Ok(self.readers.read(newest).await?)
    }

    async fn users(
        &self,
        tenant: &TenantId,
        course: &CourseId,
        after: Option<&UserId>,
        limit: usize,
    ) -> Result<Vec<UserId>, EvidenceError> {
        let (tenant, course) = (tenant.clone(), course.clone());
        let after = after.map_or_else(String::new, UserId::to_string);
        let users = move |db: &Connection| {
            // From one user to the next, by the key: what each has is not read.
            let mut select = db.prepare_cached(
                "WITH RECURSIVE users (usr) AS ( \
                 SELECT MIN(usr) FROM evidence WHERE tenant = ?1 AND course = ?2 AND usr > ?3 UNION ALL \
                 SELECT (SELECT MIN(usr) FROM evidence WHERE tenant = ?1 AND course = ?2 AND usr > users.usr) \
                 FROM users WHERE usr IS NOT NULL LIMIT ?4) SELECT usr FROM users WHERE usr IS NOT NULL",
            )?;
            let rows = select.query_map(params![tenant.as_str(), course.as_str(), after, limit], |row| {
                row.get::<_, String>(0).map(UserId::new)
            })?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        };
        Ok(self.readers.read(users).await?)
    }
}

/// In the transaction that it is called in.
pub(super) fn put(
    db: &Connection,
    tenant: &TenantId,
    course: &CourseId,
    user: &UserId,
    observations: &[Observation],
) -> rusqlite::Result<()> {
    let mut put = db.prepare_cached(
        "INSERT INTO evidence (tenant, course, usr, id, at, evidence) VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
         ON CONFLICT (tenant, course, usr, id) DO UPDATE SET at = excluded.at, evidence = excluded.evidence",
    )?;
    for Observation { id, at, evidence_json } in observations {
        put.execute(params![tenant.as_str(), course.as_str(), user.as_str(), id, at.0, evidence_json])?;
    }
    Ok(())
}

fn read(row: &Row<'_>) -> rusqlite::Result<Observation> {
    Ok(Observation { id: row.get("id")?, at: UnixMs(row.get("at")?), evidence_json: row.get("evidence")? })
}
