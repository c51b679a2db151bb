//! Measures the embedded stores: `taskset -c 0 cargo run --release --example stores_bench [seconds]`.
//!
//! It prints what one core does; it judges nothing. Figures that are kept stand in docs/PERFORMANCE.md.

#![allow(clippy::print_stdout, clippy::disallowed_methods)]

use anyhow::{Context, Result};
use bytes::Bytes;
use std::sync::Arc;
use std::time::{Duration, Instant};
use viva::embedded::machine::raise_open_files;
use viva::embedded::sqlite::Store;
use viva::embedded::system::SystemClock;
use viva::ports::clock::UnixMs;
use viva::ports::feed::{Entry, Feed};
use viva::ports::ids::{SessionId, SessionKey, TenantId, UserId, WorkerId};
use viva::ports::journal::{Cursor, Journal, Record, SessionKind};

const SESSIONS: usize = 3_000;
/// 100 ms of 16 kHz mono PCM.
const AUDIO_BYTES: usize = 3_200;
/// Commits a second of the paced run: two for each session.
const PACED_COMMITS: usize = 6_000;

fn main() -> Result<()> {
    let seconds = match std::env::args().nth(1) {
        Some(text) => text.parse().context("seconds")?,
        None => 5,
    };
    let folder = tempfile::tempdir()?;
    println!("open files: {:?}", raise_open_files());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    runtime.block_on(async {
        let store = Store::open(folder.path(), Arc::new(SystemClock))?;
        let keys: Arc<[SessionKey]> = (0..SESSIONS).map(key).collect();
        tokio::spawn(measure(store, keys, seconds)).await?
    })
}

async fn measure(store: Arc<Store>, keys: Arc<[SessionKey]>, seconds: u64) -> Result<()> {
    let begun = Instant::now();
    for key in keys.iter() {
        store.create(key, SessionKind::Interview, UnixMs(1)).await?;
        store.take(key, &WorkerId::new("w"), 0, UnixMs(1), UnixMs(u64::MAX >> 1)).await?;
    }
    println!("create and take, one after another: {:.0} us each", micros(begun.elapsed(), SESSIONS));
    inbox_appends(&store, &keys, seconds).await?;
    renewals(&store, &keys).await?;
    commits_at_once(&store, &keys, seconds).await?;
    commits_paced(&store, &keys, seconds).await?;
    wakes(&store, &keys[0]).await
}

async fn inbox_appends(store: &Store, keys: &[SessionKey], seconds: u64) -> Result<()> {
    let data = Bytes::from(vec![7; AUDIO_BYTES]);
    let (begun, cpu) = (Instant::now(), cpu_ms()?);
    let mut seq = 0;
    while begun.elapsed() < Duration::from_secs(seconds) && seq < 200 {
        seq += 1;
        for key in keys {
            Feed::append(store, key, seq, Entry::Audio { media_ms: seq * 100, data: data.clone() }).await?;
        }
    }
    let count = seq as usize * keys.len();
    let wall = begun.elapsed();
    println!(
        "inbox: {count} appends of {AUDIO_BYTES} bytes, {:.0}/s, {:.1} us each, {:.1} us CPU each",
        count as f64 / wall.as_secs_f64(),
        micros(wall, count),
        (cpu_ms()? - cpu) as f64 * 1_000.0 / count as f64,
    );
    let begun = Instant::now();
    let mut read = 0;
    for key in &keys[..keys.len() / 10] {
        let mut after = 0;
        loop {
            let page = store.read_after(key, after, 64, Duration::ZERO).await?;
            let Some((last, _)) = page.entries.last() else { break };
            after = *last;
            read += page.entries.len();
        }
    }
    println!("inbox: {read} entries read from files, {:.1} us each", micros(begun.elapsed(), read));
    Ok(())
}

async fn renewals(store: &Store, keys: &[SessionKey]) -> Result<()> {
    let worker = WorkerId::new("w");
    let begun = Instant::now();
    for _ in 0..100 {
        for key in keys {
            store.renew(key, &worker, 1, UnixMs(u64::MAX >> 1)).await?;
        }
    }
    println!("renew: {:.3} us each", micros(begun.elapsed(), 100 * keys.len()));
    Ok(())
}

async fn commits_at_once(store: &Arc<Store>, keys: &Arc<[SessionKey]>, seconds: u64) -> Result<()> {
    let (begun, cpu) = (Instant::now(), cpu_ms()?);
    let writers = (0..keys.len()).map(|at| {
        let (store, keys) = (Arc::clone(store), Arc::clone(keys));
        tokio::spawn(async move {
            let mut took = Vec::new();
            let mut seq = store.head_seq(&keys[at]).await?;
            while begun.elapsed() < Duration::from_secs(seconds) {
                seq += 1;
                let sent = Instant::now();
                Journal::append(&*store, &keys[at], record(seq)).await?;
                took.push(sent.elapsed());
            }
            anyhow::Ok(took)
        })
    });
    let took = gather(writers.collect()).await?;
    report("log, every session as fast as it can", took, begun.elapsed(), cpu_ms()? - cpu);
    Ok(())
}

async fn commits_paced(store: &Arc<Store>, keys: &Arc<[SessionKey]>, seconds: u64) -> Result<()> {
    let (begun, cpu) = (Instant::now(), cpu_ms()?);
    let writers = (0..keys.len()).map(|at| {
        let (store, keys) = (Arc::clone(store), Arc::clone(keys));
        tokio::spawn(async move {
            let mut took = Vec::new();
            let mut seq = store.head_seq(&keys[at]).await?;
            let each = Duration::from_secs(1) * keys.len() as u32 / PACED_COMMITS as u32;
            let first = tokio::time::Instant::now() + each * at as u32 / keys.len() as u32;
            let mut ticks = tokio::time::interval_at(first, each);
            while begun.elapsed() < Duration::from_secs(seconds) {
                ticks.tick().await;
                seq += 1;
                let sent = Instant::now();
                Journal::append(&*store, &keys[at], record(seq)).await?;
                took.push(sent.elapsed());
            }
            anyhow::Ok(took)
        })
    });
    let took = gather(writers.collect()).await?;
    report(&format!("log, {PACED_COMMITS} commits a second"), took, begun.elapsed(), cpu_ms()? - cpu);
    Ok(())
}

async fn wakes(store: &Arc<Store>, key: &SessionKey) -> Result<()> {
    let first = Feed::head(&**store, key).await?.through_seq;
    let (sent, mut received) = tokio::sync::mpsc::unbounded_channel();
    let reader = {
        let (store, key) = (Arc::clone(store), key.clone());
        tokio::spawn(async move {
            for after in first..first + 1_000 {
                store.read_after(&key, after, 1, Duration::from_secs(10)).await?;
                sent.send(Instant::now()).ok();
            }
            anyhow::Ok(())
        })
    };
    let mut took = Vec::new();
    for seq in first + 1..=first + 1_000 {
        tokio::time::sleep(Duration::from_micros(200)).await;
        let written = Instant::now();
        Feed::append(&**store, key, seq, Entry::Audio { media_ms: 0, data: Bytes::from_static(&[1; 100]) }).await?;
        took.push(received.recv().await.context("the reader ended")?.saturating_duration_since(written));
    }
    reader.await??;
    report("from append to its reader", took, Duration::from_secs(1), 0);
    Ok(())
}

async fn gather(writers: Vec<tokio::task::JoinHandle<Result<Vec<Duration>>>>) -> Result<Vec<Duration>> {
    let mut all = Vec::new();
    for writer in writers {
        all.extend(writer.await??);
    }
    Ok(all)
}

fn report(what: &str, mut took: Vec<Duration>, wall: Duration, cpu_ms: u64) {
    took.sort_unstable();
    let at = |share: f64| took[((took.len() - 1) as f64 * share) as usize].as_secs_f64() * 1_000.0;
    println!(
        "{what}: {} in {:.1} s ({:.0}/s), p50 {:.2} ms, p99 {:.2} ms, max {:.2} ms, CPU {:.0} % of a core",
        took.len(),
        wall.as_secs_f64(),
        took.len() as f64 / wall.as_secs_f64(),
        at(0.5),
        at(0.99),
        at(1.0),
        cpu_ms as f64 / wall.as_millis() as f64 * 100.0,
    );
}

fn key(number: usize) -> SessionKey {
    SessionKey::new(TenantId::new("default"), UserId::new(format!("user{number}")), SessionId::new("s"))
}

fn record(seq: u64) -> Record {
    Record {
        first_seq: seq,
        last_seq: seq,
        epoch: 1,
        writer: WorkerId::new("0123456789abcdef0123456789abcdef"),
        cursor: Cursor::default(),
        committed: UnixMs(seq),
        events: vec![format!(r#"{{"type":"questionDelta","turn":3,"attempt":1,"text":"{:-<160}"}}"#, seq)],
    }
}

fn micros(wall: Duration, count: usize) -> f64 {
    wall.as_secs_f64() * 1_000_000.0 / count as f64
}

/// CPU time of this process, all threads.
fn cpu_ms() -> Result<u64> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks: u64 = fields[11].parse::<u64>()? + fields[12].parse::<u64>()?;
    // Linux counts in hundredths of a second.
    Ok(ticks * 10)
}
