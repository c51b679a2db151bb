//! One look at an inbox: what is stored after a number, how far it goes without a hole, and what the mark at its end says. Pure, but for the
//! queries.

use super::entry::{Stored, sort_key, stored_of};
use super::item::{Item, has, optional_number_of, text_of};
use super::request::{Consistency, Order, Range};
use super::table::{Table, TableError};
use crate::config::limits::{FEED_AHEAD_BYTES_MAX, FEED_LOOK_PAGES_MAX, FEED_MISSING_MAX, INBOX_AHEAD_SEQS_MAX};
use crate::ports::feed::{Entry, FeedHead, SeqRange};

/// Sorts after every number, so that whoever reads to the end of an inbox reads it, too.
pub(super) const MARK: &str = "~mark";

/// What the mark says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) deleted: bool,
    /// How often the reader was nudged.
    pub(super) nudges: u64,
    /// The inbox was found whole as far as here.
    pub(super) whole: Place,
}

/// A number up to which nothing is missing, and where the audio up to it ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) seq: u64,
    pub(super) media_ms: u64,
}

/// What one look found.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Seen {
    /// Without a hole, from the first number after where it was looked from; not all of them where they are many.
    pub(super) entries: Vec<Stored>,
    pub(super) head: FeedHead,
    /// `None`: the look did not reach the end.
    pub(super) mark: Option<Mark>,
}

/// Looks at all that is stored after `from`.
pub(super) async fn after(table: &Table, pk: &str, from: Place, consistency: Consistency) -> Result<Seen, TableError> {
    let range = Range {
        pk,
        from: sort_key(from.seq + 1),
        through: MARK.to_owned(),
        order: Order::Ascending,
        consistency,
        limit: None,
        wanted: None,
    };
    let mut looking = Looking::new(from);
    let mut start = None;
    for _ in 0..FEED_LOOK_PAGES_MAX {
        let page = table.page(&range, start.take()).await?;
        for item in &page.items {
            looking.take(item)?;
        }
        start = page.next;
        if start.is_none() {
            break;
        }
    }
    // A look that reached the end of an inbox that has no mark found that there is none.
    let at_end = start.is_none();
    Ok(looking.seen(at_end))
}

pub(super) fn mark_of(item: &Item) -> Result<Mark, TableError> {
    let number = |name| Ok::<u64, TableError>(optional_number_of(item, name)?.unwrap_or(0));
    Ok(Mark {
        deleted: has(item, "gone"),
        nudges: number("nudges")?,
        whole: Place { seq: number("whole")?, media_ms: number("media")? },
    })
}

struct Looking {
    seen: Seen,
    through: Place,
    bytes: usize,
    /// Numbers up to here were declared lost; what came for them is not looked at.
    lost_through: u64,
    next_missing: u64,
}

impl Looking {
    fn new(from: Place) -> Self {
        Self { seen: Seen::default(), through: from, bytes: 0, lost_through: 0, next_missing: from.seq + 1 }
    }

    fn take(&mut self, item: &Item) -> Result<(), TableError> {
        if text_of(item, "sk")? == MARK {
            self.seen.mark = Some(mark_of(item)?);
            return Ok(());
        }
        let mut stored = stored_of(item)?;
        let SeqRange { from_seq, through_seq } = stored.seqs;
        // Beyond what a client may keep unsent: a number that was made up. It is never reached, and expires.
        if from_seq > self.through.seq.saturating_add(INBOX_AHEAD_SEQS_MAX) || from_seq <= self.lost_through {
            return Ok(());
        }
        if through_seq > from_seq {
            self.lost_through = through_seq;
        }
        if from_seq > self.next_missing && self.seen.head.missing.len() < FEED_MISSING_MAX {
            self.seen.head.missing.push(SeqRange { from_seq: self.next_missing, through_seq: from_seq - 1 });
        }
        self.next_missing = through_seq + 1;
        self.seen.head.head_seq = through_seq;
        if from_seq > self.through.seq + 1 {
            return Ok(());
        }
        self.through.seq = through_seq;
        if let Entry::Audio { media_ms, data } = &stored.entry {
            self.through.media_ms = self.through.media_ms.max(*media_ms);
            self.bytes += data.len();
        }
        stored.seqs.from_seq = from_seq;
        // More than this is read again when its turn comes.
        if self.bytes <= FEED_AHEAD_BYTES_MAX || self.seen.entries.is_empty() {
            self.seen.entries.push(stored);
        }
        Ok(())
    }

    fn seen(mut self, at_end: bool) -> Seen {
        self.seen.head.through_seq = self.through.seq;
        self.seen.head.media_ms = self.through.media_ms;
        self.seen.head.head_seq = self.seen.head.head_seq.max(self.through.seq);
        if at_end && self.seen.mark.is_none() {
            self.seen.mark = Some(Mark::default());
        }
        self.seen
    }
}
