//! One look at an inbox: what is stored after a number, how far it goes without a hole, and what the mark at its end says. Pure, but for the
//! queries.

use super::entry::{LOST, sort_key, stored_of};
use super::item::{Item, has, optional_number_of, text_of, texts_of};
use super::request::{Consistency, Order, Range};
use super::table::{Table, TableError};
use crate::config::limits::{FEED_AHEAD_BYTES_MIN, FEED_LOOK_PAGES_MAX, FEED_MISSING_MAX, INBOX_AHEAD_SEQS_MAX};
use crate::ports::feed::{Entry, FeedHead, SeqRange};

/// Sorts after every number, so that whoever reads to the end of an inbox reads it, too.
pub(super) const MARK: &str = "~mark";

/// What the mark says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) deleted: bool,
    /// How often the reader was nudged.
    pub(super) nudges: u64,
    /// The inbox was found whole as far as here.
    pub(super) whole: Place,
    /// Runs of numbers that were declared lost as one item. It stands at the run's first number, where whoever looks from the middle of the
    /// run does not find it.
    pub(super) lost: Vec<SeqRange>,
}

/// A number up to which nothing is missing, and where the audio up to it ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) seq: u64,
    pub(super) media_ms: u64,
}

/// Where a look begins, and what for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Start<'l> {
    pub(super) from: Place,
    /// Runs that the mark names.
    pub(super) lost: &'l [SeqRange],
    /// Entries after this number are wanted; `None`: only how far the inbox goes.
    pub(super) after: Option<u64>,
}

/// What one look found.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Seen {
    /// Those that were wanted, without a hole; not all of them where the look did not reach the end.
    pub(super) entries: Vec<Stored>,
    pub(super) head: FeedHead,
    pub(super) mark: Mark,
    /// Otherwise the inbox may go further than was seen.
    pub(super) to_end: bool,
}

/// What stands at one number, or at a run of numbers that were declared lost together.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Stored {
    pub(super) seqs: SeqRange,
    pub(super) entry: Entry,
}

impl Stored {
    pub(super) fn is_run(&self) -> bool {
        self.seqs.through_seq > self.seqs.from_seq
    }
}

/// Looks at all that is stored from a place on.
pub(super) async fn look(
    table: &Table,
    pk: &str,
    start: Start<'_>,
    consistency: Consistency,
) -> Result<Seen, TableError> {
    let mut looking = Looking::new(start);
    let range = Range {
        pk,
        from: sort_key(looking.through.seq + 1),
        through: MARK.to_owned(),
        order: Order::Ascending,
        consistency,
        limit: None,
        wanted: None,
    };
    let mut next = None;
    for _ in 0..FEED_LOOK_PAGES_MAX {
        let page = table.page(&range, next.take()).await?;
        for item in &page.items {
            looking.take(item)?;
        }
        next = page.next;
        if next.is_none() || looking.is_enough() {
            break;
        }
    }
    let Looking { mut mark, through, mut head, entries, .. } = looking;
    let to_end = next.is_none();
    if mark.is_none() && !to_end {
        mark = table.get(pk, MARK).await?.as_ref().map(mark_of).transpose()?;
    }
    head.through_seq = through.seq;
    head.media_ms = through.media_ms;
    head.head_seq = head.head_seq.max(through.seq);
    Ok(Seen { entries, head, mark: mark.unwrap_or_default(), to_end })
}

pub(super) fn mark_of(item: &Item) -> Result<Mark, TableError> {
    let number = |name| Ok::<u64, TableError>(optional_number_of(item, name)?.unwrap_or(0));
    let lost: Option<Vec<SeqRange>> = texts_of(item, "lost")?.iter().map(|text| run_of(text)).collect();
    Ok(Mark {
        deleted: has(item, "gone"),
        nudges: number("nudges")?,
        whole: Place { seq: number("whole")?, media_ms: number("media")? },
        lost: lost.ok_or_else(|| TableError::Failed("an inbox's mark cannot be read".to_owned()))?,
    })
}

/// A run as the mark names it.
pub(super) fn run_text(run: SeqRange) -> String {
    format!("{}-{}", run.from_seq, run.through_seq)
}

fn run_of(text: &str) -> Option<SeqRange> {
    let (from, through) = text.split_once('-')?;
    Some(SeqRange { from_seq: from.parse().ok()?, through_seq: through.parse().ok()? })
}

struct Looking {
    after: Option<u64>,
    through: Place,
    head: FeedHead,
    mark: Option<Mark>,
    entries: Vec<Stored>,
    bytes: usize,
    /// Numbers up to here were declared lost; what came for them is not looked at.
    lost_through: u64,
    next_missing: u64,
    far: bool,
}

impl Looking {
    fn new(start: Start<'_>) -> Self {
        let Start { from, lost, after } = start;
        let mut looking = Self {
            after,
            through: from,
            head: FeedHead::default(),
            mark: None,
            entries: Vec::new(),
            bytes: 0,
            lost_through: 0,
            next_missing: from.seq + 1,
            far: false,
        };
        let around = lost.iter().find(|run| run.from_seq <= from.seq && from.seq < run.through_seq);
        if let Some(run) = around {
            let seqs = SeqRange { from_seq: from.seq + 1, through_seq: run.through_seq };
            looking.place(Stored { seqs, entry: Entry::Refused { code: LOST.to_owned() } });
        }
        looking
    }

    fn take(&mut self, item: &Item) -> Result<(), TableError> {
        if text_of(item, "sk")? == MARK {
            self.mark = Some(mark_of(item)?);
        } else {
            self.place(stored_of(item)?);
        }
        Ok(())
    }

    fn place(&mut self, stored: Stored) {
        let SeqRange { from_seq, through_seq } = stored.seqs;
        // Beyond what a client may keep unsent: a number that was made up. It is never reached, and expires.
        self.far |= from_seq > self.through.seq.saturating_add(INBOX_AHEAD_SEQS_MAX);
        if self.far || from_seq <= self.lost_through {
            return;
        }
        if stored.is_run() {
            self.lost_through = through_seq;
        }
        if from_seq > self.next_missing && self.head.missing.len() < FEED_MISSING_MAX {
            self.head.missing.push(SeqRange { from_seq: self.next_missing, through_seq: from_seq - 1 });
        }
        self.next_missing = through_seq + 1;
        self.head.head_seq = through_seq;
        if from_seq > self.through.seq + 1 {
            return;
        }
        self.through.seq = through_seq;
        if let Entry::Audio { media_ms, .. } = &stored.entry {
            self.through.media_ms = self.through.media_ms.max(*media_ms);
        }
        if self.after.is_some_and(|after| through_seq > after) {
            self.bytes += entry_bytes(&stored.entry);
            self.entries.push(stored);
        }
    }

    /// Whether the next page can wait until what was found is read.
    fn is_enough(&self) -> bool {
        self.far || self.bytes >= FEED_AHEAD_BYTES_MIN
    }
}

/// What an entry takes in memory, itself included.
fn entry_bytes(entry: &Entry) -> usize {
    let content = match entry {
        Entry::Audio { data, .. } => data.len(),
        Entry::Control { json } => json.len(),
        Entry::Refused { code } => code.len(),
    };
    content + size_of::<Stored>()
}
