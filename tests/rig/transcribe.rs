//! Amazon Transcribe streaming as tests need it: HTTP/2 over TLS, signed event streams up, transcript events down.
//!
//! It is strict: what the service refuses it refuses with the service's own exceptions. What it understands comes from a recognizer of viva,
//! fed with the audio that arrived, so that a script or PocketSphinx speaks through it. It checks that signatures are there, not that they are
//! right; and where AWS promises nothing (how far ahead of real time audio may run), its limit is its own.

#![allow(dead_code, reason = "each test crate uses its part")]

#[path = "transcribe/audio.rs"]
mod audio;
#[path = "transcribe/exception.rs"]
mod exception;
#[path = "transcribe/ogg_pages.rs"]
mod ogg_pages;
#[path = "transcribe/request.rs"]
mod request;
#[path = "transcribe/server.rs"]
mod server;
#[path = "transcribe/session.rs"]
mod session;
#[path = "transcribe/transcript.rs"]
mod transcript;

pub(crate) use exception::Kind;

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tempfile::TempDir;
use tokio::sync::Notify;
use viva::cloud::aws::Aws;
use viva::config::Environment;
use viva::embedded::scripted::{Script, ScriptedRecognizer};
use viva::ports::recognizer::Recognizer;

/// How it behaves.
pub(crate) struct Options {
    /// Who understands what it is fed.
    pub(crate) speech: Arc<dyn Recognizer>,
    pub(crate) delays: Delays,
    pub(crate) streams_max: usize,
    /// Its own times (the 15 s without audio) are so many times shorter.
    pub(crate) time_scale: u32,
    /// Every stream without a fault of its own fails after so much audio.
    pub(crate) fails_after_ms: Option<u64>,
    /// How far audio may run ahead of the time since the stream began.
    pub(crate) ahead_ms_max: u64,
    /// Finals begin with a capital and end in a full stop.
    pub(crate) punctuates: bool,
    /// An event without results follows audio in which there was nothing.
    pub(crate) tells_silence: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            speech: Arc::new(ScriptedRecognizer::new(Script::default())),
            delays: Delays::None,
            streams_max: 25,
            time_scale: 1,
            fails_after_ms: None,
            ahead_ms_max: 60_000,
            punctuates: false,
            tells_silence: false,
        }
    }
}

/// From the end of speech to the final.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Delays {
    None,
    /// As measured by others over 1,000 samples: p50 1136 ms, p95 1527 ms, p99 1897 ms.
    Published,
}

/// What goes wrong with a stream, in the order of their coming.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    /// Refused instead of a response.
    Refused(Kind),
    /// Refused because the credentials' time is over.
    Expired,
    /// No response comes.
    NoAnswer,
    /// An exception in mid-stream.
    Exception {
        after_ms: u64,
        kind: Kind,
    },
    /// The connection breaks, for all its streams.
    Cut {
        after_ms: u64,
    },
    /// Nothing comes any more.
    Silence {
        after_ms: u64,
    },
}

/// One stream as it was seen here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) session_id: String,
    pub(crate) language: String,
    pub(crate) encoding: String,
    pub(crate) rate_hz: u32,
    pub(crate) stability: Option<String>,
    pub(crate) vocabulary: Option<String>,
    pub(crate) filter: Option<String>,
    pub(crate) redaction: Option<String>,
    pub(crate) audio_ms: u64,
    pub(crate) chunks: usize,
    pub(crate) chunk_ms_max: u64,
    pub(crate) end: End,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Live,
    /// The input ended, and everything was told.
    Finished,
    Exception(Kind),
    Cut,
    /// The client went away.
    Left,
}

/// A running stand-in; dropping it ends it.
pub(crate) struct TranscribeStandIn {
    address: SocketAddr,
    shared: Arc<Shared>,
    folder: TempDir,
    serving: tokio::task::JoinHandle<()>,
}

impl TranscribeStandIn {
    /// On a free port of this machine, with a certificate of its own. Within a runtime.
    pub(crate) fn start(options: Options) -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let shared = Arc::new(Shared {
            options,
            faults: Mutex::default(),
            records: Mutex::default(),
            live: Mutex::default(),
            finals: AtomicU64::new(0),
        });
        let (address, serving) = server::start(Arc::clone(&shared), &folder.path().join(CA_FILE));
        Self { address, shared, folder, serving }
    }

    pub(crate) fn url(&self) -> String {
        format!("https://127.0.0.1:{}", self.address.port())
    }

    /// The certificate to trust, in PEM.
    pub(crate) fn ca_path(&self) -> PathBuf {
        self.folder.path().join(CA_FILE)
    }

    /// Variables that lead Transcribe's client here, and credentials.
    pub(crate) fn environment(&self) -> Environment {
        self.environment_with(&self.ca_path())
    }

    /// The same with another certificate to trust.
    pub(crate) fn environment_with(&self, ca: &Path) -> Environment {
        Environment::from([
            ("AWS_REGION", "us-east-1"),
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("AWS_ENDPOINT_URL_TRANSCRIBE_STREAMING", &self.url()),
            ("AWS_CA_BUNDLE", &ca.to_string_lossy()),
        ])
    }

    pub(crate) fn aws(&self) -> Aws {
        Aws::of_function(&self.environment()).expect("the variables are complete")
    }

    /// What befalls the streams to come, one each.
    pub(crate) fn plan(&self, faults: impl IntoIterator<Item = Fault>) {
        lock(&self.shared.faults).extend(faults);
    }

    /// All streams so far, in the order of their coming; a refused one is none.
    pub(crate) fn records(&self) -> Vec<Record> {
        lock(&self.shared.records).clone()
    }

    /// What AWS would bill: 15 s at least for each.
    pub(crate) fn billed(&self) -> Duration {
        Duration::from_millis(self.records().iter().map(|record| record.audio_ms.max(15_000)).sum())
    }
}

impl Drop for TranscribeStandIn {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// What all its streams share.
struct Shared {
    options: Options,
    faults: Mutex<VecDeque<Fault>>,
    records: Mutex<Vec<Record>>,
    /// Session ids of live streams, and what ends each.
    live: Mutex<Vec<(String, Arc<Notify>)>>,
    finals: AtomicU64,
}

impl Shared {
    fn next_fault(&self) -> Fault {
        let default = self
            .options
            .fails_after_ms
            .map_or(Fault::None, |after_ms| Fault::Exception { after_ms, kind: Kind::InternalFailure });
        lock(&self.faults).pop_front().unwrap_or(default)
    }

    fn next_final(&self) -> u64 {
        self.finals.fetch_add(1, Ordering::Relaxed)
    }

    fn note(&self, index: usize, change: impl FnOnce(&mut Record)) {
        change(&mut lock(&self.records)[index]);
    }
}

/// A test that panicked elsewhere is told of there.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

const CA_FILE: &str = "ca.pem";
