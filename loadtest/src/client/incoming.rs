//! What a client hears in a session: durable events in order and once, ephemeral ones of the newest worker alone. No
//! socket, no clock.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use protocol::v1::limits::EARLY_EVENTS_MAX;
use protocol::v1::{ServerMessage, SessionContinued, SessionEvents, SessionStatus, Speaking, TranscriptPartial};
use tokio::time::Instant;

/// The server's stream of one session.
#[derive(Debug, Default)]
pub(super) struct Incoming {
    applied_seq: u64,
    epoch: u32,
    early: BTreeMap<u64, ServerMessage>,
    gap_since: Option<Instant>,
    repeated: u64,
}

impl Incoming {
    /// The last event that was given out.
    pub(super) fn applied_seq(&self) -> u64 {
        self.applied_seq
    }

    /// How many events came that had come before.
    pub(super) fn repeated(&self) -> u64 {
        self.repeated
    }

    /// When a gap will have lasted so long that the events have to be asked for.
    pub(super) fn resume_at(&self) -> Option<Instant> {
        self.gap_since.map(|since| since + GAP_MAX)
    }

    /// The events were asked for.
    pub(super) fn handle_resume_sent(&mut self) {
        self.gap_since = None;
    }

    /// Takes a message and adds what can now be given out, in order, to `ready`.
    pub(super) fn handle(&mut self, message: ServerMessage, now: Instant, ready: &mut VecDeque<ServerMessage>) {
        match &message {
            ServerMessage::SessionStatus(SessionStatus { epoch, outbox_head_seq, .. }) => {
                if *epoch < self.epoch {
                    return;
                }
                self.epoch = *epoch;
                if *outbox_head_seq > self.applied_seq {
                    self.gap_since.get_or_insert(now);
                }
            }
            ServerMessage::Speaking(Speaking { epoch, .. })
            | ServerMessage::TranscriptPartial(TranscriptPartial { epoch, .. }) => {
                if *epoch < self.epoch {
                    return;
                }
                self.epoch = *epoch;
            }
            _ => {}
        }
        match (message.seq(), message) {
            (_, ServerMessage::SessionEvents(events)) => self.handle_events(events, ready),
            (Some(seq), message) => self.handle_durable(seq, message, now, ready),
            (None, message) => ready.push_back(message),
        }
        self.drain_early(now, ready);
    }

    fn handle_durable(&mut self, seq: u64, message: ServerMessage, now: Instant, ready: &mut VecDeque<ServerMessage>) {
        if seq <= self.applied_seq {
            self.repeated += 1;
        } else if seq == self.applied_seq + 1 {
            self.apply(seq, message, ready);
        } else {
            self.gap_since.get_or_insert(now);
            if self.early.len() < EARLY_EVENTS_MAX {
                self.early.insert(seq, message);
            }
        }
    }

    fn handle_events(&mut self, events: SessionEvents, ready: &mut VecDeque<ServerMessage>) {
        let SessionEvents { from_seq, through_seq, events, .. } = events;
        if from_seq > self.applied_seq + 1 {
            return;
        }
        for event in events {
            if let Some(seq) = event.seq().filter(|seq| *seq > self.applied_seq) {
                self.apply(seq, event, ready);
            }
        }
        self.applied_seq = self.applied_seq.max(through_seq);
    }

    fn drain_early(&mut self, now: Instant, ready: &mut VecDeque<ServerMessage>) {
        self.early = self.early.split_off(&(self.applied_seq + 1));
        while let Some(message) = self.early.remove(&(self.applied_seq + 1)) {
            self.apply(self.applied_seq + 1, message, ready);
        }
        self.gap_since = if self.early.is_empty() { self.gap_since } else { self.gap_since.or(Some(now)) };
    }

    fn apply(&mut self, seq: u64, message: ServerMessage, ready: &mut VecDeque<ServerMessage>) {
        self.applied_seq = seq;
        self.gap_since = None;
        if let ServerMessage::SessionContinued(SessionContinued { epoch, .. }) = &message {
            self.epoch = self.epoch.max(*epoch);
        }
        ready.push_back(message);
    }
}

/// A gap that lasts so long is closed by `session.resume`.
const GAP_MAX: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use protocol::v1::{QuestionStarted, SessionId};

    use super::*;

    fn session() -> SessionId {
        SessionId::new("s").expect("an id")
    }

    fn event(seq: u64) -> ServerMessage {
        QuestionStarted { session: session(), seq, turn: 1, attempt: 1, guide: None, limit_ms: None, media_ms: None }
            .into()
    }

    fn status(epoch: u32, outbox_head_seq: u64) -> ServerMessage {
        SessionStatus {
            session: session(),
            epoch,
            inbox_through_seq: 0,
            window_through_seq: 64,
            missing: Vec::new(),
            outbox_head_seq,
            buffered_ms: 0,
        }
        .into()
    }

    fn hear(incoming: &mut Incoming, messages: Vec<ServerMessage>) -> Vec<Option<u64>> {
        let (now, mut ready) = (Instant::now(), VecDeque::new());
        messages.into_iter().for_each(|message| incoming.handle(message, now, &mut ready));
        ready.iter().map(ServerMessage::seq).collect()
    }

    #[test]
    fn events_are_given_out_in_order_and_once() {
        let mut incoming = Incoming::default();
        assert_eq!(hear(&mut incoming, vec![event(2), event(1), event(1), event(4)]), vec![Some(1), Some(2)]);
        assert!(incoming.resume_at().is_some());
        assert_eq!(hear(&mut incoming, vec![event(3)]), vec![Some(3), Some(4)]);
        assert_eq!(hear(&mut incoming, vec![event(4)]), vec![]);
        assert_eq!((incoming.applied_seq(), incoming.repeated(), incoming.resume_at()), (4, 2, None));
    }

    #[test]
    fn a_batch_moves_on_to_its_end_though_deltas_are_left_out() {
        let mut incoming = Incoming::default();
        let batch = SessionEvents { session: session(), from_seq: 1, through_seq: 5, events: vec![event(1), event(4)] };
        assert_eq!(hear(&mut incoming, vec![event(6), batch.into()]), vec![Some(1), Some(4), Some(6)]);
        assert_eq!((incoming.applied_seq(), incoming.resume_at()), (6, None));
    }

    #[test]
    fn an_older_workers_signs_are_dropped_and_a_lost_tail_is_noticed() {
        let mut incoming = Incoming::default();
        assert_eq!(hear(&mut incoming, vec![status(2, 0), status(1, 0)]).len(), 1);
        assert_eq!(incoming.resume_at(), None);
        hear(&mut incoming, vec![status(2, 3)]);
        assert!(incoming.resume_at().is_some());
    }
}
