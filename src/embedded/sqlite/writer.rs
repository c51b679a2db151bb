//! The one thread that writes the database. It takes what has gathered in its queue into one transaction, and answers each write once that
//! is committed.
//!
//! What a write does is its own business; here is only that a batch is all or nothing, and that a write that fails does not take the
//! others with it: then each is tried again in a transaction of its own.

use super::error::DbError;
use super::rows::{Batch, Rows};
use crate::config::limits::{STORE_BATCH_WRITES_MAX, STORE_WRITE_QUEUE_MAX};
use rusqlite::Connection;
use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use std::thread::JoinHandle;
use tokio::sync::{mpsc, oneshot};

#[derive(Debug)]
pub(super) struct Writer {
    queue: Option<mpsc::Sender<Box<dyn Job>>>,
    thread: Option<JoinHandle<()>>,
}

/// A write: it runs once or twice (see above), then is told whether it is committed.
trait Job: Send {
    fn run(&mut self, batch: &mut Batch<'_>) -> rusqlite::Result<()>;
    fn done(self: Box<Self>, committed: Result<(), DbError>);
}

impl Writer {
    pub(super) fn start(db: Connection, rows: Arc<Rows>) -> io::Result<Self> {
        let (queue, jobs) = mpsc::channel(STORE_WRITE_QUEUE_MAX);
        let thread = std::thread::Builder::new().name("viva-writer".into()).spawn(move || run(&db, &rows, jobs))?;
        Ok(Self { queue: Some(queue), thread: Some(thread) })
    }

    /// Runs `work` in a transaction with whatever else is waiting; answers when it is committed.
    pub(super) async fn write<T: Send + 'static>(
        &self,
        work: impl FnMut(&mut Batch<'_>) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, DbError> {
        let (reply, answer) = oneshot::channel();
        let job = Box::new(Write { work, answer: None, reply });
        let queue = self.queue.as_ref().ok_or_else(stopped)?;
        queue.send(job).await.map_err(|_closed| stopped())?;
        answer.await.map_err(|_closed| stopped())?
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread that writes the database had panicked");
        }
    }
}

fn stopped() -> DbError {
    DbError::Failed("the database's writer has stopped".into())
}

struct Write<T, W> {
    work: W,
    answer: Option<T>,
    reply: oneshot::Sender<Result<T, DbError>>,
}

impl<T: Send, W: FnMut(&mut Batch<'_>) -> rusqlite::Result<T> + Send> Job for Write<T, W> {
    fn run(&mut self, batch: &mut Batch<'_>) -> rusqlite::Result<()> {
        self.answer = Some((self.work)(batch)?);
        Ok(())
    }

    fn done(self: Box<Self>, committed: Result<(), DbError>) {
        let Self { answer, reply, work: _ } = *self;
        let answer = committed.and_then(|()| answer.ok_or_else(|| DbError::Failed("the write did not run".into())));
        // Nobody waits any more when the asking future was dropped; what is committed stays.
        let _ = reply.send(answer);
    }
}

fn run(db: &Connection, rows: &Rows, mut queue: mpsc::Receiver<Box<dyn Job>>) {
    let mut heads = HashMap::new();
    let mut jobs = Vec::new();
    while let Some(first) = queue.blocking_recv() {
        jobs.push(first);
        while jobs.len() < STORE_BATCH_WRITES_MAX {
            match queue.try_recv() {
                Ok(job) => jobs.push(job),
                Err(_) => break,
            }
        }
        commit(db, rows, &mut heads, &mut jobs);
    }
}

fn commit(db: &Connection, rows: &Rows, heads: &mut HashMap<i64, u64>, jobs: &mut Vec<Box<dyn Job>>) {
    match transact(db, rows, heads, jobs) {
        Ok(()) => jobs.drain(..).for_each(|job| job.done(Ok(()))),
        Err(error) if jobs.len() == 1 => jobs.drain(..).for_each(|job| job.done(Err(DbError::from(&error)))),
        Err(_) => {
            for mut job in jobs.drain(..) {
                let committed = transact(db, rows, heads, std::slice::from_mut(&mut job));
                job.done(committed.map_err(DbError::from));
            }
        }
    }
}

fn transact(
    db: &Connection,
    rows: &Rows,
    heads: &mut HashMap<i64, u64>,
    jobs: &mut [Box<dyn Job>],
) -> rusqlite::Result<()> {
    db.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
    let mut batch = Batch::new(db, rows, heads);
    let ran = jobs.iter_mut().try_for_each(|job| job.run(&mut batch));
    let changed = batch.into_changed();
    let committed = ran.and_then(|()| db.prepare_cached("COMMIT")?.execute([]).map(drop));
    match committed {
        Ok(()) => {
            rows.publish(changed);
            Ok(())
        }
        Err(error) => {
            heads.clear();
            // SQLite has rolled back by itself after some errors.
            if !db.is_autocommit() {
                db.prepare_cached("ROLLBACK")?.execute([])?;
            }
            Err(error)
        }
    }
}
