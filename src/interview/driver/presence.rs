//! Once a second: who is bound, what is acknowledged, what was used, and whether anybody is still there.

use crate::config::limits::{ABANDONED_MS, FAREWELL_MS, HEARTBEAT_MS, UNBOUND_MS_MAX};
use crate::interview::driver::hearing::Hearing;
use crate::interview::driver::worker::{Phase, Worker};
use crate::interview::driver::{Ended, Retirement};
use crate::interview::event::Usage;
use crate::interview::{Input, State};
use crate::ports::clock::UnixMs;
use crate::ports::journal::SessionRow;
use crate::session::Slot;
use protocol::v1;

impl Worker<'_> {
    pub(super) fn follow_row(&mut self, row: SessionRow) {
        self.push.bind(row.connection.as_ref(), row.bind_no, row.bound_head_seq);
        let bound = self.push.is_bound();
        let since = row.unbound_since.unwrap_or(self.now);
        self.row = row;
        self.set_bound(bound, since);
    }

    pub(super) fn set_bound(&mut self, bound: bool, since: UnixMs) {
        if bound == self.unbound_since.is_none() {
            return;
        }
        self.unbound_since = (!bound).then_some(since);
        self.inbox.set_bound(bound, self.now);
        if self.core.state() == State::Open {
            self.tell(Input::Bound(bound));
        }
        if bound {
            self.push_status();
        }
    }

    pub(super) fn on_time(&mut self) {
        if matches!(self.phase, Phase::Live) && self.core_deadline.is_some_and(|at| at <= self.now) {
            self.core_deadline = None;
            self.tell(Input::Elapsed);
        }
        if self.beat_at <= self.now {
            self.beat_at = self.now.plus_ms(HEARTBEAT_MS);
            self.beat();
        } else if self.inbox.wants_status(self.now) {
            self.push_status();
        }
    }

    /// Leaves where the time is over, or nearly over and nothing is going on.
    pub(super) fn retire(&mut self) {
        let Retirement { soft, hard } = self.stop.retirement;
        if self.now < soft || !matches!(self.phase, Phase::Live) {
            return;
        }
        let rests = self.calls.is_empty() && self.is_quiet() && !self.refeeding && self.core.is_at_rest();
        if rests || self.now >= hard {
            self.enter_phase(Phase::Leaving { ended: Ended::Retired, until: self.now.plus_ms(FAREWELL_MS) });
        }
    }

    /// Once a second.
    pub(super) fn beat(&mut self) {
        if self.stop.asked.is_cancelled() && matches!(self.phase, Phase::Live) {
            self.enter_phase(Phase::Leaving { ended: Ended::Stopped, until: self.now.plus_ms(FAREWELL_MS) });
        }
        self.push_status();
        if !matches!(self.phase, Phase::Live) {
            return;
        }
        if self.now.since_ms(self.audio_at) >= HEARTBEAT_MS
            && let Some(hearing) = &mut self.hearing
        {
            hearing.waited(HEARTBEAT_MS);
        }
        if let Some(metered) = self.metered.as_mut().filter(|_| self.unbound_since.is_none()) {
            metered.connected(HEARTBEAT_MS);
        }
        self.tell_used();
        let unbound_ms = self.unbound_since.map_or(0, |since| self.now.since_ms(since));
        if unbound_ms >= ABANDONED_MS {
            match self.core.state() {
                State::New => self.close(),
                State::Open => self.tell(Input::Abandon),
                State::Finished | State::Abandoned => {}
            }
        } else if unbound_ms >= UNBOUND_MS_MAX && self.calls.is_empty() {
            self.enter_phase(Phase::Leaving { ended: Ended::Unbound, until: self.now.plus_ms(FAREWELL_MS) });
        }
    }

    /// Tells the core what was counted, where that is news.
    pub(super) fn tell_used(&mut self) {
        let counted = self.hearing.as_ref().map_or(Usage::default(), Hearing::counted);
        let billed_ms = self.hearing.as_ref().map_or(0, Hearing::billed_ms);
        if let Some(metered) = &mut self.metered {
            metered.generated(self.calls.take_used());
        }
        let (services, cost_nano_usd) =
            self.metered.as_ref().map(|metered| metered.counts(self.now, billed_ms)).unwrap_or_default();
        let used = Usage { messages: self.messages, services, cost_nano_usd, ..counted };
        if used != self.told && self.core.state() == State::Open {
            self.told = used;
            self.tell(Input::Used(used));
        }
    }

    pub(super) fn push_status(&mut self) {
        if matches!(self.phase, Phase::Finishing(_) | Phase::Farewell { .. }) || self.core.finished().is_some() {
            return;
        }
        let status = self.inbox.status(self.now);
        let (head, position_ms) = (self.inbox.head(), self.hearing.as_ref().map_or(0, Hearing::position_ms));
        let unread = head.through_seq > self.inbox.read_through_seq();
        let buffered_ms = if unread { head.media_ms.saturating_sub(position_ms) } else { 0 };
        let message = v1::SessionStatus {
            session: self.session.clone(),
            epoch: self.wire_epoch(),
            inbox_through_seq: status.inbox_through_seq,
            window_through_seq: status.window_through_seq,
            missing: status
                .missing
                .iter()
                .map(|range| v1::SeqRange { from_seq: range.from_seq, through_seq: range.through_seq })
                .collect(),
            outbox_head_seq: self.log.head_seq(),
            buffered_ms,
        };
        self.push_ephemeral(Slot::Status, || message.into());
    }
}
