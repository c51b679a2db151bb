//! Evidence of people's skills, kept by the database. What it says is not read here.

use super::Store;
use super::rows::Batch;
use crate::ports::clock::UnixMs;
use crate::ports::evidence::{EvidenceError, EvidenceLog, Observation};
use crate::ports::ids::{CourseId, TenantId, UserId};
use async_trait::async_trait;
use rusqlite::{Connection, Row, params};
use std::collections::BTreeMap;

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

    async fn of_user(
        &self,
        tenant: &TenantId,
        course: &CourseId,
        user: &UserId,
    ) -> Result<Vec<Observation>, EvidenceError> {
        let (tenant, course, user) = (tenant.clone(), course.clone(), user.clone());
        let of_user = move |db: &Connection| {
            let mut select = db.prepare_cached(
                "SELECT id, at, evidence FROM evidence WHERE tenant = ?1 AND course = ?2 AND usr = ?3 ORDER BY at, id",
            )?;
            let rows = select.query_map([tenant.as_str(), course.as_str(), user.as_str()], read)?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        };
        Ok(self.readers.read(of_user).await?)
    }

    async fn of_course(
        &self,
        tenant: &TenantId,
        course: &CourseId,
    ) -> Result<BTreeMap<UserId, Vec<Observation>>, EvidenceError> {
        let (tenant, course) = (tenant.clone(), course.clone());
        let of_course = move |db: &Connection| {
            let mut select = db.prepare_cached(
                "SELECT usr, id, at, evidence FROM evidence WHERE tenant = ?1 AND course = ?2 ORDER BY usr, at, id",
            )?;
            let rows = select.query_map([tenant.as_str(), course.as_str()], |row| {
                Ok((UserId::new(row.get::<_, String>("usr")?), read(row)?))
            })?;
            let mut found: BTreeMap<UserId, Vec<Observation>> = BTreeMap::new();
            for row in rows {
                let (user, observation) = row?;
                found.entry(user).or_default().push(observation);
            }
            Ok(found)
        };
        Ok(self.readers.read(of_course).await?)
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
