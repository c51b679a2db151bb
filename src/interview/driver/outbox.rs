//! Events that wait for their commit, each group with the cursor that it rests on.
//!
//! A group is what one input brought about. A record ends where a group ends, so that no cursor ever covers an input whose events are
//! not stored; only a group that fills more than a record is cut, and then under the cursor before it.

use crate::config::limits::{MERGED_DELTA_BYTES_MAX, PENDING_EVENTS_MAX, RECORD_EVENTS_MAX};
use crate::interview::Event;
use crate::ports::journal::Cursor;
use std::collections::VecDeque;

#[derive(Debug)]
pub(super) struct Outbox {
    pending: VecDeque<Pending>,
    /// Of the last record.
    cursor: Cursor,
}

#[derive(Debug)]
struct Pending {
    event: Event,
    /// The group ends with this event.
    rests_on: Option<Cursor>,
}

impl Outbox {
    pub(super) fn new(cursor: Cursor) -> Self {
        Self { pending: VecDeque::new(), cursor }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.pending.is_empty()
    }

    pub(super) fn has_room(&self) -> bool {
        self.pending.len() < PENDING_EVENTS_MAX
    }

    /// Of the last record that was taken to be stored.
    pub(super) fn cursor(&self) -> Cursor {
        self.cursor
    }

    /// Pieces of one question that wait together are one piece.
    pub(super) fn push(&mut self, event: Event) {
        if let Event::QuestionDelta { turn, attempt, text } = &event
            && let Some(Pending {
                event: Event::QuestionDelta { turn: before, attempt: tried, text: waiting },
                rests_on,
            }) = self.pending.back_mut()
            && (turn, attempt) == (before, tried)
            && waiting.len() + text.len() <= MERGED_DELTA_BYTES_MAX
        {
            waiting.push_str(text);
            *rests_on = None;
            return;
        }
        self.pending.push_back(Pending { event, rests_on: None });
    }

    pub(super) fn end_group(&mut self, cursor: Cursor) {
        if let Some(last) = self.pending.back_mut() {
            last.rests_on.get_or_insert(cursor);
        }
    }

    /// The next record's events and cursor.
    pub(super) fn take(&mut self) -> Option<(Vec<Event>, Cursor)> {
        let within = self.pending.iter().take(RECORD_EVENTS_MAX);
        let whole = within.enumerate().filter_map(|(at, pending)| Some((at + 1, pending.rests_on?))).next_back();
        let (count, cursor) = whole.unwrap_or((self.pending.len().min(RECORD_EVENTS_MAX), self.cursor));
        if count == 0 {
            return None;
        }
        self.cursor = cursor;
        Some((self.pending.drain(..count).map(|pending| pending.event).collect(), cursor))
    }
}

#[cfg(test)]
mod tests {
    use super::Outbox;
    use crate::config::limits::RECORD_EVENTS_MAX;
    use crate::interview::Event;
    use crate::ports::journal::Cursor;

    fn lost(seq: u64) -> Event {
        Event::InputLost { from_seq: seq, through_seq: seq }
    }

    fn cursor(seq: u64) -> Cursor {
        Cursor { inbox_through_seq: seq, ..Cursor::default() }
    }

    fn group(outbox: &mut Outbox, events: u64, seq: u64) {
        (1..=events).for_each(|at| outbox.push(lost(at)));
        outbox.end_group(cursor(seq));
    }

    #[test]
    fn a_record_ends_where_a_group_ends() {
        let mut outbox = Outbox::new(cursor(1));
        group(&mut outbox, 20, 2);
        group(&mut outbox, 20, 3);
        let (events, rests_on) = outbox.take().unwrap();
        assert_eq!((events.len(), rests_on), (20, cursor(2)));
        let (events, rests_on) = outbox.take().unwrap();
        assert_eq!((events.len(), rests_on), (20, cursor(3)));
        assert!(outbox.take().is_none());
    }

    #[test]
    fn a_group_too_large_for_a_record_is_cut_under_the_cursor_before_it() {
        let mut outbox = Outbox::new(cursor(1));
        group(&mut outbox, RECORD_EVENTS_MAX as u64 + 1, 2);
        let (events, rests_on) = outbox.take().unwrap();
        assert_eq!((events.len(), rests_on), (RECORD_EVENTS_MAX, cursor(1)));
        let (events, rests_on) = outbox.take().unwrap();
        assert_eq!((events.len(), rests_on), (1, cursor(2)));
    }

    #[test]
    fn small_groups_share_a_record() {
        let mut outbox = Outbox::new(cursor(1));
        group(&mut outbox, 2, 2);
        group(&mut outbox, 3, 3);
        let (events, rests_on) = outbox.take().unwrap();
        assert_eq!((events.len(), rests_on), (5, cursor(3)));
    }

    #[test]
    fn pieces_that_wait_together_become_one_under_the_later_cursor() {
        let mut outbox = Outbox::new(cursor(1));
        for (text, seq) in [("Why", 2), (" that?", 3)] {
            outbox.push(Event::QuestionDelta { turn: 1, attempt: 1, text: text.into() });
            outbox.end_group(cursor(seq));
        }
        let merged = Event::QuestionDelta { turn: 1, attempt: 1, text: "Why that?".into() };
        assert_eq!(outbox.take(), Some((vec![merged], cursor(3))));
    }
}
