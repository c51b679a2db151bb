//! The threads that recognize, a bounded number, and the decoders that streams borrow while somebody speaks.
//!
//! A decoder is expensive to make and cheap to keep, so they are made when they are needed and used again. It knows nothing of streams' content.

use crate::embedded::pocketsphinx::ffi::{Decoder, FfiError, Library, ModelPaths};
use std::fmt;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::mpsc;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

/// Where a decoder's models are; checked to exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Models {
    pub(super) acoustic: PathBuf,
    pub(super) language: PathBuf,
    pub(super) dictionary: PathBuf,
}

impl Models {
    pub(super) fn decoder(&self, library: &Arc<Library>) -> Result<Decoder, FfiError> {
        Decoder::new(
            library,
            &ModelPaths {
                acoustic: &self.acoustic.to_string_lossy(),
                language: &self.language.to_string_lossy(),
                dictionary: &self.dictionary.to_string_lossy(),
            },
        )
    }
}

/// Threads and decoders, shared by all streams.
#[derive(Clone)]
pub(super) struct Crew {
    jobs: mpsc::Sender<Job>,
    places: Arc<Semaphore>,
    shared: Arc<Shared>,
}

type Job = Box<dyn FnOnce() + Send>;

struct Shared {
    library: Arc<Library>,
    models: Models,
    idle: Mutex<Vec<Kept>>,
}

/// A decoder that nobody uses, and whose it was: its idea of the microphone fits that stream best.
struct Kept {
    stream: u64,
    decoder: Decoder,
}

/// A stream's hold on a decoder.
pub(super) struct Lease {
    crew: Crew,
    stream: u64,
    /// Away while a thread works with it.
    decoder: Option<Decoder>,
    _place: OwnedSemaphorePermit,
}

impl Crew {
    /// Starts the threads. `first` is a decoder that is there already.
    pub(super) fn start(
        threads: NonZeroUsize,
        decoders_max: usize,
        library: Arc<Library>,
        models: Models,
        first: Decoder,
    ) -> Result<Self, FfiStartError> {
        let (jobs, queue) = mpsc::channel::<Job>();
        let queue = Arc::new(Mutex::new(queue));
        for number in 1..=threads.get() {
            let queue = Arc::clone(&queue);
            std::thread::Builder::new().name(format!("recognizer-{number}")).spawn(move || work(&queue))?;
        }
        let idle = Mutex::new(vec![Kept { stream: 0, decoder: first }]);
        let shared = Arc::new(Shared { library, models, idle });
        Ok(Self { jobs, places: Arc::new(Semaphore::new(decoders_max)), shared })
    }

    /// Waits for a decoder; makes one where none is idle.
    pub(super) async fn lease(&self, stream: u64) -> Result<Lease, FfiError> {
        let place = Arc::clone(&self.places).acquire_owned().await.map_err(|_| gone())?;
        let decoder = match self.shared.take_idle(stream) {
            Some(decoder) => decoder,
            None => {
                let shared = Arc::clone(&self.shared);
                self.run(move || shared.models.decoder(&shared.library)).await??
            }
        };
        Ok(Lease { crew: self.clone(), stream, decoder: Some(decoder), _place: place })
    }

    /// Runs a job on one of the threads, after those that came before it.
    async fn run<T: Send + 'static>(&self, job: impl FnOnce() -> T + Send + 'static) -> Result<T, FfiError> {
        let (done, result) = oneshot::channel();
        let job = Box::new(move || {
            // Nobody waits for it any more when its stream was dropped.
            let _ = done.send(job());
        });
        self.jobs.send(job).map_err(|_| gone())?;
        result.await.map_err(|_| gone())
    }
}

impl fmt::Debug for Crew {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Crew").field("free_places", &self.places.available_permits()).finish_non_exhaustive()
    }
}

impl Lease {
    /// Does something with the decoder on one of the threads. When this is dropped halfway the decoder is lost, and its place is free again.
    pub(super) async fn with<T: Send + 'static>(
        &mut self,
        job: impl FnOnce(&mut Decoder) -> T + Send + 'static,
    ) -> Result<T, FfiError> {
        let mut decoder = self.decoder.take().ok_or_else(gone)?;
        let (decoder, result) = self
            .crew
            .run(move || {
                let result = job(&mut decoder);
                (decoder, result)
            })
            .await?;
        self.decoder = Some(decoder);
        Ok(result)
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(decoder) = self.decoder.take() {
            self.crew.shared.lock_idle().push(Kept { stream: self.stream, decoder });
        }
    }
}

impl Shared {
    fn take_idle(&self, stream: u64) -> Option<Decoder> {
        let mut idle = self.lock_idle();
        let at = idle.iter().position(|kept| kept.stream == stream).or_else(|| idle.len().checked_sub(1))?;
        Some(idle.swap_remove(at).decoder)
    }

    fn lock_idle(&self) -> std::sync::MutexGuard<'_, Vec<Kept>> {
        // Nothing that could panic happens under the lock.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A thread could not be started.
pub(super) type FfiStartError = std::io::Error;

fn gone() -> FfiError {
    FfiError::new("its threads have ended")
}

fn work(queue: &Mutex<mpsc::Receiver<Job>>) {
    loop {
        let job = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        match job {
            Ok(job) => job(),
            // Nobody can send any more: the recognizer and all its streams are gone.
            Err(mpsc::RecvError) => return,
        }
    }
}
