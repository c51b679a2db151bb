//! The store as the command line sees it while a server may be running: read only, without the data folder's lock.

use super::reports::{self, After};
use super::{DATABASE_NAME, OpenError, migrations, open_reading};
use crate::ports::ids::{SessionKey, TenantId, UserId};
use crate::ports::reports::{ReportsError, Review, SessionSummary, SummaryPage, SummaryQuery};
use rusqlite::{Connection, params};
use std::path::Path;

pub struct Archive {
    db: Connection,
}

impl std::fmt::Debug for Archive {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Archive").finish_non_exhaustive()
    }
}

impl Archive {
    /// `None` where nothing was ever stored.
    pub fn open(folder: &Path) -> Result<Option<Self>, OpenError> {
        let path = folder.join(DATABASE_NAME);
        if !path.try_exists()? {
            return Ok(None);
        }
        let db = open_reading(&path).map_err(|error| OpenError::Database(error.to_string()))?;
        migrations::check_readable(&db)?;
        Ok(Some(Self { db }))
    }

    pub fn list(&self, query: &SummaryQuery) -> Result<SummaryPage, ReportsError> {
        let before = query.cursor.as_deref().map(After::decode).transpose()?;
        Ok(reports::list(&self.db, query, before)?)
    }

    pub fn get(&self, key: &SessionKey) -> Result<Option<(SessionSummary, Option<String>)>, ReportsError> {
        Ok(reports::get(&self.db, key)?)
    }

    pub fn reviews(&self, key: &SessionKey) -> Result<Vec<Review>, ReportsError> {
        Ok(reports::reviews_of(&self.db, key)?)
    }

    /// The users of a tenant that have a session of that id.
    pub fn users_of(&self, tenant: &TenantId, session: &str) -> Result<Vec<UserId>, ReportsError> {
        let read = || {
            let mut select =
                self.db.prepare("SELECT usr FROM summaries WHERE tenant = ?1 AND session = ?2 ORDER BY usr")?;
            let users =
                select.query_map(params![tenant.as_str(), session], |row| row.get::<_, String>(0).map(UserId::new))?;
            users.collect::<rusqlite::Result<Vec<_>>>()
        };
        read().map_err(|error| ReportsError::Failed(error.to_string()))
    }
}
