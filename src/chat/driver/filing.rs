//! What is committed goes into the history, one thing after another, until it is there. The log is the truth; a successor files again what
//! the log holds beyond the last snapshot, and filing twice changes nothing.

use crate::chat::driver::Deps;
use crate::chat::event::Event;
use crate::chat::wire::Details;
use crate::config::limits::{COMMIT_RETRY_MS, COMMIT_RETRY_MS_MAX};
use crate::ports::clock::UnixMs;
use crate::ports::conversations::{ConversationsError, Filed, ReplyState};
use crate::ports::ids::SessionKey;
use futures::future::BoxFuture;
use std::collections::VecDeque;
use std::task::{Context, Poll};

pub(super) struct Filing<'d> {
    deps: &'d Deps,
    key: &'d SessionKey,
    waiting: VecDeque<Sheet>,
    filing: Option<BoxFuture<'d, Result<(), ConversationsError>>>,
    retry_at: Option<UnixMs>,
    retry_ms: u64,
}

#[derive(Clone, Debug)]
enum Sheet {
    Reply(Filed),
    Title(String),
}

impl std::fmt::Debug for Filing<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Filing").field("waiting", &self.waiting.len()).finish_non_exhaustive()
    }
}

impl<'d> Filing<'d> {
    pub(super) fn new(deps: &'d Deps, key: &'d SessionKey) -> Self {
        Self { deps, key, waiting: VecDeque::new(), filing: None, retry_at: None, retry_ms: COMMIT_RETRY_MS }
    }

    /// These are in the log.
    pub(super) fn file(&mut self, events: &[Event]) {
        self.waiting.extend(events.iter().filter_map(sheet));
    }

    pub(super) fn is_idle(&self) -> bool {
        self.waiting.is_empty()
    }

    pub(super) fn deadline(&self) -> Option<UnixMs> {
        self.retry_at
    }

    /// Ready when something was filed.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>, now: UnixMs) -> Poll<()> {
        loop {
            if let Some(filing) = &mut self.filing {
                let filed = std::task::ready!(filing.as_mut().poll(cx));
                self.filing = None;
                match filed {
                    Ok(()) => {
                        self.waiting.pop_front();
                        self.retry_ms = COMMIT_RETRY_MS;
                        return Poll::Ready(());
                    }
                    Err(error) => {
                        tracing::warn!(%error, "a reply could not be filed; it is tried again");
                        self.retry_at = Some(now.plus_ms(self.retry_ms));
                        self.retry_ms = (self.retry_ms * 2).min(COMMIT_RETRY_MS_MAX);
                    }
                }
            }
            if self.retry_at.is_some_and(|at| at > now) {
                return Poll::Pending;
            }
            self.retry_at = None;
            let Some(sheet) = self.waiting.front().cloned() else { return Poll::Pending };
            let (conversations, key) = (&*self.deps.conversations, self.key);
            let filing: BoxFuture<'d, Result<(), ConversationsError>> = match sheet {
                Sheet::Reply(filed) => conversations.file(key, filed, now),
                Sheet::Title(title) => Box::pin(async move { conversations.entitle(key, &title).await }),
            };
            self.filing = Some(filing);
        }
    }
}

fn sheet(event: &Event) -> Option<Sheet> {
    match event {
        Event::Done { reply, text, finish, citations, .. } => {
            let details = Details { finish: Some(*finish), citations: citations.clone() };
            Some(filed(reply.clone(), ReplyState::Done, text, &details))
        }
        Event::Cancelled { reply, text, used: _ } => {
            let details = Details { finish: None, citations: Vec::new() };
            Some(filed(reply.clone(), ReplyState::Cancelled, text, &details))
        }
        Event::Titled { title, used: _ } => Some(Sheet::Title(title.clone())),
        Event::Continued { .. } | Event::Said { .. } | Event::Started { .. } | Event::Delta { .. } => None,
    }
}

fn filed(reply: crate::ports::conversations::ReplyId, state: ReplyState, text: &str, details: &Details) -> Sheet {
    let details = serde_json::to_string(details).expect("details are plain data");
    Sheet::Reply(Filed { reply, state, text: text.to_owned(), details })
}
