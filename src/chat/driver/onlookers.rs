//! The connections that look on: each gets every event in order, at its own pace.

use crate::chat::driver::Deps;
use crate::chat::event::Event;
use crate::chat::wire;
use crate::config::limits::REPUSHED_EVENTS_MAX;
use crate::ports::clock::UnixMs;
use crate::ports::conversations::Onlooker;
use crate::ports::ids::{ConnectionId, SessionKey};
use crate::session::{Push, Pushed, Slot};
use protocol::v1;
use std::sync::Arc;
use std::task::{Context, Poll};

pub(super) struct Onlookers<'d> {
    deps: &'d Deps,
    key: &'d SessionKey,
    session: v1::SessionId,
    head_seq: u64,
    pushes: Vec<(Onlooker, Push<'d>)>,
    /// Those that turned out to be gone: the store may show them a little longer.
    gone: Vec<u64>,
}

impl std::fmt::Debug for Onlookers<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Onlookers").field("pushes", &self.pushes).finish_non_exhaustive()
    }
}

impl<'d> Onlookers<'d> {
    pub(super) fn new(deps: &'d Deps, key: &'d SessionKey, head_seq: u64) -> Self {
        Self { deps, key, session: wire::session_id(key), head_seq, pushes: Vec::new(), gone: Vec::new() }
    }

    /// Follows the store: who is new gets what comes after the event that it stands at.
    pub(super) fn follow(&mut self, bound: Vec<Onlooker>) {
        self.gone.retain(|gone| bound.iter().any(|onlooker| onlooker.bind_no == *gone));
        self.pushes.retain(|(known, _)| bound.iter().any(|onlooker| onlooker.bind_no == known.bind_no));
        for onlooker in bound {
            let bind_no = onlooker.bind_no;
            if self.gone.contains(&bind_no) || self.pushes.iter().any(|(known, _)| known.bind_no == bind_no) {
                continue;
            }
            let mut push = Push::new(&*self.deps.connections, &*self.deps.journal, self.key, render, self.head_seq);
            // What a predecessor had pushed is pushed again in small measure: clients know events by their numbers.
            let from = onlooker.head_seq.max(self.head_seq.saturating_sub(REPUSHED_EVENTS_MAX));
            push.bind(Some(&onlooker.connection), bind_no, from);
            self.pushes.push((onlooker, push));
        }
    }

    /// These are committed.
    pub(super) fn committed(&mut self, first_seq: u64, events: &[Event]) {
        self.head_seq += events.len() as u64;
        if self.pushes.is_empty() {
            return;
        }
        // Rendered once, however many look on.
        let texts: Vec<Arc<str>> =
            (first_seq..).zip(events).map(|(seq, event)| wire::event_text(&self.session, seq, event)).collect();
        for (_, push) in &mut self.pushes {
            push.committed(first_seq, &texts, |_, text| Arc::clone(text));
        }
    }

    pub(super) fn status(&mut self, epoch: u32, outbox_head_seq: u64) {
        if self.pushes.is_empty() {
            return;
        }
        let status = v1::SessionStatus {
            session: self.session.clone(),
            epoch,
            inbox_through_seq: 0,
            window_through_seq: 0,
            missing: Vec::new(),
            outbox_head_seq,
            buffered_ms: 0,
        };
        let text: Arc<str> = v1::encode_server(&status.into()).into();
        self.pushes.iter_mut().for_each(|(_, push)| push.ephemeral(Slot::Status, Arc::clone(&text)));
    }

    pub(super) fn notice(&mut self, error: v1::Error) {
        let text: Arc<str> = v1::encode_server(&v1::ServerMessage::Error(error)).into();
        self.pushes.iter_mut().for_each(|(_, push)| push.notice(Arc::clone(&text)));
    }

    /// Whether everybody has got everything.
    pub(super) fn is_idle(&self) -> bool {
        self.pushes.iter().all(|(_, push)| push.is_idle())
    }

    pub(super) fn deadline(&self) -> Option<UnixMs> {
        self.pushes.iter().filter_map(|(_, push)| push.deadline()).min()
    }

    /// Ready with a connection that is gone.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>, now: UnixMs) -> Poll<ConnectionId> {
        for at in 0..self.pushes.len() {
            if let Poll::Ready(Pushed::Unbound(connection)) = self.pushes[at].1.poll(cx, now) {
                let (onlooker, _) = self.pushes.remove(at);
                self.gone.push(onlooker.bind_no);
                return Poll::Ready(connection);
            }
        }
        Poll::Pending
    }
}

fn render(key: &SessionKey, seq: u64, stored: &str) -> Option<Arc<str>> {
    match wire::stored_text(key, seq, stored) {
        Ok(text) => Some(text),
        Err(error) => {
            tracing::error!(%error, seq, "a stored event could not be read");
            None
        }
    }
}
