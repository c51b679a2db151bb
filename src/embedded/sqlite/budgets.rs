//! The budgets, kept by the database: a row for each session, and the sums of its user and its tenant for each day.

use super::Store;
use super::rows::Batch;
use crate::ports::budgets::{BudgetError, BudgetLimits, Budgets, Reserved, Spent, Totals, Used};
use crate::ports::ids::SessionKey;
use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, params};

#[async_trait]
impl Budgets for Store {
    async fn reserve(&self, key: &SessionKey, day: u64, limits: &BudgetLimits) -> Result<Reserved, BudgetError> {
        let (key, limits) = (key.clone(), *limits);
        let reserve = move |batch: &mut Batch<'_>| {
            let booked = booked(batch.db, &key)?;
            if booked.as_ref().is_some_and(|booked| booked.place != Place::None) {
                return Ok(Reserved::Granted);
            }
            if let Some(exhausted) = limits.exhausted(&totals(batch.db, &key, day)?) {
                return Ok(Reserved::Refused(exhausted));
            }
            let spent = booked.map_or(Spent::default(), |booked| booked.spent);
            write_booked(batch.db, &key, &Booked { day, place: Place::Held, spent })?;
            add(batch.db, &key, day, 1, Spent::default())?;
            Ok(Reserved::Granted)
        };
        Ok(self.writer.write(reserve).await?)
    }

    async fn book(&self, key: &SessionKey, day: u64, in_all: Spent) -> Result<Totals, BudgetError> {
        let key = key.clone();
        let book = move |batch: &mut Batch<'_>| {
            let booked = booked(batch.db, &key)?.unwrap_or(Booked { day, place: Place::None, spent: Spent::default() });
            let news = Spent {
                recognizer_ms: in_all.recognizer_ms.saturating_sub(booked.spent.recognizer_ms),
                tokens: in_all.tokens.saturating_sub(booked.spent.tokens),
            };
            if news != Spent::default() {
                let spent = Spent {
                    recognizer_ms: booked.spent.recognizer_ms + news.recognizer_ms,
                    tokens: booked.spent.tokens + news.tokens,
                };
                write_booked(batch.db, &key, &Booked { spent, ..booked })?;
                add(batch.db, &key, day, 0, news)?;
            }
            totals(batch.db, &key, day)
        };
        Ok(self.writer.write(book).await?)
    }

    async fn release(&self, key: &SessionKey) -> Result<(), BudgetError> {
        let key = key.clone();
        let release = move |batch: &mut Batch<'_>| {
            let Some(booked) = booked(batch.db, &key)?.filter(|booked| booked.place == Place::Held) else {
                return Ok(());
            };
            let day = booked.day;
            write_booked(batch.db, &key, &Booked { place: Place::Released, ..booked })?;
            add(batch.db, &key, day, -1, Spent::default())
        };
        Ok(self.writer.write(release).await?)
    }
}

/// What is known of one session.
struct Booked {
    day: u64,
    place: Place,
    spent: Spent,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    None,
    Held,
    Released,
}

impl Place {
    const fn text(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Held => "held",
            Self::Released => "released",
        }
    }
}

fn booked(db: &Connection, key: &SessionKey) -> rusqlite::Result<Option<Booked>> {
    let mut select = db.prepare_cached(
        "SELECT day, place, recognizer_ms, tokens FROM budget_sessions WHERE tenant = ?1 AND usr = ?2 AND session = ?3",
    )?;
    let names = [key.tenant.as_str(), key.user.as_str(), key.session.as_str()];
    let read = select.query_row(names, |row| {
        let place = match row.get_ref(1)?.as_str()? {
            "held" => Place::Held,
            "released" => Place::Released,
            _ => Place::None,
        };
        Ok(Booked { day: row.get(0)?, place, spent: Spent { recognizer_ms: row.get(2)?, tokens: row.get(3)? } })
    });
    read.optional()
}

fn write_booked(db: &Connection, key: &SessionKey, booked: &Booked) -> rusqlite::Result<()> {
    let mut write = db.prepare_cached(
        "INSERT OR REPLACE INTO budget_sessions (tenant, usr, session, day, place, recognizer_ms, tokens) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    let SessionKey { tenant, user, session } = key;
    let Booked { day, place, spent: Spent { recognizer_ms, tokens } } = booked;
    let row = params![tenant.as_str(), user.as_str(), session.as_str(), day, place.text(), recognizer_ms, tokens];
    write.execute(row).map(drop)
}

/// Adds to the user's day and to the tenant's.
fn add(db: &Connection, key: &SessionKey, day: u64, sessions: i64, spent: Spent) -> rusqlite::Result<()> {
    let mut add = db.prepare_cached(
        "INSERT INTO budget_days (tenant, owner, day, sessions_open, recognizer_ms, tokens) VALUES (?1, ?2, ?3, max(?4, 0), ?5, ?6) \
         ON CONFLICT (tenant, owner, day) DO UPDATE SET sessions_open = max(sessions_open + ?4, 0), \
         recognizer_ms = recognizer_ms + excluded.recognizer_ms, tokens = tokens + excluded.tokens",
    )?;
    for owner in [key.user.as_str(), OF_TENANT] {
        add.execute(params![key.tenant.as_str(), owner, day, sessions, spent.recognizer_ms, spent.tokens])?;
    }
    Ok(())
}

fn totals(db: &Connection, key: &SessionKey, day: u64) -> rusqlite::Result<Totals> {
    let mut select = db.prepare_cached(
        "SELECT sessions_open, recognizer_ms, tokens FROM budget_days WHERE tenant = ?1 AND owner = ?2 AND day = ?3",
    )?;
    let mut of = |owner: &str| -> rusqlite::Result<Used> {
        let used = select.query_row(params![key.tenant.as_str(), owner, day], |row| {
            let spent = Spent { recognizer_ms: row.get(1)?, tokens: row.get(2)? };
            Ok(Used { sessions_open: row.get(0)?, spent })
        });
        Ok(used.optional()?.unwrap_or_default())
    };
    Ok(Totals { user: of(key.user.as_str())?, tenant: of(OF_TENANT)? })
}

/// No user has an empty name.
const OF_TENANT: &str = "";
