//! A reply as it comes from either of Bedrock's streams: words, then what it used. Until the first word an error leads to another attempt;
//! afterwards it is told.

use super::blocked::Blocked;
use super::setback::{Setback, failed};
use crate::config::limits::{MODEL_REPLY_BYTES_MAX, MODEL_USAGE_MS_MAX};
use crate::ports::text_model::{ModelError, TokenUsage};
use crate::prompts::replies::{Piece, Pieces};
use std::collections::VecDeque;
use std::time::Duration;

/// What one event of a stream means.
#[derive(Debug)]
pub(super) enum Step {
    Text(String),
    /// So many bytes of thoughts, which nobody hears.
    Thought(usize),
    /// The frame of a message or of a block.
    Frame,
    /// All words have been said; what was used may follow.
    Stopped,
    Usage(TokenUsage),
}

/// A stream of events. Dropping it closes the connection, or resets its HTTP/2 stream.
pub(super) trait Events: Send {
    /// Nothing when the stream is over.
    fn receive(&mut self) -> impl Future<Output = Result<Option<Step>, Setback>> + Send;
}

pub(super) struct Reply<E> {
    events: E,
    ready: VecDeque<Piece>,
    blocked: Blocked,
    bytes: usize,
    progress: Progress,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Progress {
    Speaking,
    /// The usage is waited for.
    Stopped,
    Over,
}

impl<E: Events> Reply<E> {
    /// Waits until the model is heard of: only before may there be another attempt.
    pub(super) async fn begin(events: E) -> Result<Self, Setback> {
        let mut reply = Self {
            events,
            ready: VecDeque::new(),
            blocked: Blocked::default(),
            bytes: 0,
            progress: Progress::Speaking,
        };
        while reply.progress == Progress::Speaking && !reply.ready.iter().any(|piece| matches!(piece, Piece::Text(_))) {
            if reply.advance().await? {
                break;
            }
        }
        Ok(reply)
    }

    /// Takes one event; `true`: it was a thought.
    async fn advance(&mut self) -> Result<bool, Setback> {
        let step = match self.progress {
            Progress::Speaking => self.events.receive().await?,
            Progress::Stopped => self.usage().await,
            Progress::Over => None,
        };
        let mut thought = false;
        match step {
            Some(Step::Text(text)) => {
                self.count(text.len())?;
                let text = self.blocked.push(&text).map_err(|_| Setback::Final(ModelError::Refused))?;
                self.say(text);
            }
            Some(Step::Thought(bytes)) => {
                self.count(bytes)?;
                self.ready.push_back(Piece::Progress);
                thought = true;
            }
            Some(Step::Frame) => {
                self.count(0)?;
                self.ready.push_back(Piece::Progress);
            }
            Some(Step::Stopped) => {
                let rest = self.blocked.finish();
                self.say(rest);
                self.progress = Progress::Stopped;
            }
            Some(Step::Usage(usage)) => {
                self.ready.push_back(Piece::Usage(usage));
                if self.progress == Progress::Stopped {
                    self.progress = Progress::Over;
                }
            }
            None if self.progress == Progress::Speaking => return Err(Setback::broken_off()),
            None => self.progress = Progress::Over,
        }
        Ok(thought)
    }

    /// All has been said: nobody waits long for the bill, and no error spoils the words.
    async fn usage(&mut self) -> Option<Step> {
        let patience = Duration::from_millis(MODEL_USAGE_MS_MAX);
        match tokio::time::timeout(patience, self.events.receive()).await {
            Ok(Ok(step)) => step,
            Ok(Err(setback)) => {
                tracing::debug!(?setback, "a model did not tell what it used");
                None
            }
            Err(_) => None,
        }
    }

    fn say(&mut self, text: String) {
        let piece = if text.is_empty() { Piece::Progress } else { Piece::Text(text) };
        self.ready.push_back(piece);
    }

    /// Frames are counted, too, so that a flood of empty events ends.
    fn count(&mut self, bytes: usize) -> Result<(), Setback> {
        self.bytes += bytes + EVENT_BYTES;
        if self.bytes > MODEL_REPLY_BYTES_MAX {
            return Err(Setback::Final(ModelError::Invalid("it sent too much".to_owned())));
        }
        Ok(())
    }
}

impl<E: Events> Pieces for Reply<E> {
    async fn next(&mut self) -> Result<Option<Piece>, ModelError> {
        loop {
            if let Some(piece) = self.ready.pop_front() {
                return Ok(Some(piece));
            }
            if self.progress == Progress::Over {
                return Ok(None);
            }
            self.advance().await.map_err(Setback::into_error)?;
        }
    }
}

/// An agent wants something done before it goes on.
pub(super) fn acts_elsewhere() -> Setback {
    Setback::Final(failed("the agent hands work back to its caller, which this role does not do"))
}

/// About what an event takes besides its text.
const EVENT_BYTES: usize = 100;
