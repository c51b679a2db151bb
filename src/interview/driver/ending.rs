//! What is stored when an interview is over: its recording, put together from the inbox, its report and its summary.
//!
//! Everything here may be done again by a successor and comes to the same.

use crate::audio::{AudioError, recording};
use crate::config::limits::{FINISH_ATTEMPTS_MAX, FINISH_RETRY_MS, LOG_PAGE_RECORDS, RECORDING_BYTES_MAX};
use crate::interview::driver::{Deps, recording_key};
use crate::interview::params::{AudioFormat, Codec};
use crate::interview::{Interview, wire};
use crate::ports::budgets::BudgetError;
use crate::ports::clock::UnixMs;
use crate::ports::feed::{Entry, FeedError};
use crate::ports::ids::{SessionKey, WorkerId};
use crate::ports::journal::{JournalError, SessionKind, SessionRow, SessionState};
use crate::ports::objects::ObjectError;
use crate::ports::reports::{ReportsError, SessionSummary};
use bytes::Bytes;
use std::time::Duration;
use tokio::sync::Semaphore;

/// Recordings are put together in memory: so many at once in one process.
static RECORDINGS: Semaphore = Semaphore::const_new(2);

type MakeFile = fn(Vec<(u64, Bytes)>, AudioFormat, u64) -> Result<Bytes, AudioError>;

#[derive(Debug, thiserror::Error)]
pub(super) enum EndingError {
    #[error(transparent)]
    Feed(#[from] FeedError),
    #[error(transparent)]
    Objects(#[from] ObjectError),
    #[error(transparent)]
    Reports(#[from] ReportsError),
    #[error(transparent)]
    Journal(#[from] JournalError),
    #[error(transparent)]
    Budgets(#[from] BudgetError),
    #[error("the recording could not be put together: {0}")]
    Recording(String),
}

/// The state that a session ends in.
pub(super) fn end_state(interview: &Interview) -> SessionState {
    match interview.state() {
        crate::interview::State::Finished => SessionState::Finished,
        crate::interview::State::Abandoned | crate::interview::State::New => SessionState::Abandoned,
        crate::interview::State::Open => SessionState::Open,
    }
}

pub(super) fn summary(key: &SessionKey, row: &SessionRow, interview: &Interview, now: UnixMs) -> SessionSummary {
    SessionSummary {
        key: key.clone(),
        kind: SessionKind::Interview,
        state: end_state(interview),
        title: interview.title(),
        course: interview.params().and_then(|params| params.course.clone()),
        created: row.created,
        updated: now,
        questions: u32::try_from(interview.turns().count()).unwrap_or(u32::MAX),
        duration_ms: interview.bound_ms(),
        usage_json: interview.finished().map(|_| usage_json(interview)),
    }
}

fn usage_json(interview: &Interview) -> String {
    serde_json::to_string(&wire::usage(&interview.usage())).expect("counts are plain data")
}

/// Puts the recording together and stores it; without audio there is none.
pub(super) async fn record(deps: &Deps, key: &SessionKey, format: AudioFormat, end_ms: u64) {
    let recorded = persist(|| async { try_record(deps, key, format, end_ms).await }).await;
    if let Err(error) = recorded {
        tracing::error!(%error, "a recording could not be stored; the session has none");
    }
}

async fn try_record(deps: &Deps, key: &SessionKey, format: AudioFormat, end_ms: u64) -> Result<(), EndingError> {
    let _turn = RECORDINGS.acquire().await.map_err(|_| EndingError::Recording("the process ends".into()))?;
    let messages = audio_messages(deps, key).await?;
    if messages.is_empty() {
        return Ok(());
    }
    let (content_type, make): (_, MakeFile) = match format.codec {
        Codec::Opus => ("audio/ogg", recording::opus_file),
        Codec::PcmS16le => ("audio/wav", recording::wav_file),
    };
    let made = tokio::task::spawn_blocking(move || make(messages, format, end_ms)).await;
    let file = made
        .map_err(|error| EndingError::Recording(error.to_string()))?
        .map_err(|error| EndingError::Recording(error.to_string()))?;
    put_recording(deps.clone(), key.clone(), format.codec, content_type, file).await
}

/// In a task of its own: whoever deletes the session may do so while the file is being written, and stop the worker. What was written
/// after all is taken away again.
async fn put_recording(
    deps: Deps,
    key: SessionKey,
    codec: Codec,
    content_type: &'static str,
    file: Bytes,
) -> Result<(), EndingError> {
    let putting = tokio::spawn(async move {
        let object = recording_key(&key, codec);
        deps.objects.put(&object, content_type, file).await?;
        persist(|| async {
            let row = deps.journal.row(&key).await?;
            if row.is_none_or(|row| row.state == SessionState::Deleted) {
                deps.objects.delete(&object).await?;
            }
            Ok(())
        })
        .await
    });
    putting.await.map_err(|error| EndingError::Recording(error.to_string()))?
}

async fn audio_messages(deps: &Deps, key: &SessionKey) -> Result<Vec<(u64, Bytes)>, EndingError> {
    let (mut messages, mut after, mut bytes) = (Vec::new(), 0, 0);
    loop {
        let page = deps.feed.read_after(key, after, LOG_PAGE_RECORDS, Duration::ZERO).await?;
        let Some((last, _)) = page.entries.last() else { return Ok(messages) };
        after = *last;
        for (_, entry) in page.entries {
            let Entry::Audio { media_ms, data } = entry else { continue };
            bytes += data.len() as u64;
            if bytes > RECORDING_BYTES_MAX {
                tracing::warn!("a recording is cut at {RECORDING_BYTES_MAX} bytes");
                return Ok(messages);
            }
            messages.push((media_ms, data));
        }
    }
}

/// Stores summary and report for all to see. Should it fail, it is done again before the session is given back.
pub(super) async fn show(deps: &Deps, key: &SessionKey, shown: &Shown) -> bool {
    let Shown { summary, report_json } = shown;
    match store(deps, key, summary, report_json.as_deref()).await {
        Ok(()) => true,
        Err(error) => {
            tracing::warn!(%error, "a report could not be stored yet");
            false
        }
    }
}

/// What is shown of a session that is over.
#[derive(Debug)]
pub(super) struct Shown {
    pub(super) summary: SessionSummary,
    pub(super) report_json: Option<String>,
}

async fn store(
    deps: &Deps,
    key: &SessionKey,
    summary: &SessionSummary,
    report_json: Option<&str>,
) -> Result<(), EndingError> {
    // The report first: the summary is what others are told by, and they find all of it then.
    if let Some(json) = report_json {
        deps.reports.put_report(key, json.to_owned()).await?;
    }
    Ok(deps.reports.put(summary.clone()).await?)
}

/// Stores summary and report where they are not stored yet, and gives the session back for good: the last thing that is done, because
/// nobody looks after a session that was given back.
pub(super) async fn finish(
    deps: &Deps,
    key: &SessionKey,
    (worker, epoch): (&WorkerId, u64),
    state: SessionState,
    unshown: Option<Shown>,
    keeps_audio: bool,
) -> Result<SessionState, EndingError> {
    if let Some(Shown { summary, report_json }) = unshown {
        persist(|| store(deps, key, &summary, report_json.as_deref())).await?;
    }
    if !keeps_audio {
        // No recording was wanted: what was said is not kept either.
        persist(|| async { Ok(deps.feed.delete(key).await?) }).await?;
    }
    persist(|| async { Ok(deps.budgets.release(key).await?) }).await?;
    persist(|| async { Ok(deps.journal.release(key, worker, epoch, state, None).await?) }).await?;
    Ok(state)
}

async fn persist<T, F: Future<Output = Result<T, EndingError>>>(attempt: impl Fn() -> F) -> Result<T, EndingError> {
    let mut wait_ms = FINISH_RETRY_MS;
    for _ in 1..FINISH_ATTEMPTS_MAX {
        match attempt().await {
            Ok(done) => return Ok(done),
            Err(error) => tracing::warn!(%error, "storing the end of a session failed; it is tried again"),
        }
        tokio::time::sleep(Duration::from_millis(wait_ms)).await;
        wait_ms *= 2;
    }
    attempt().await
}
