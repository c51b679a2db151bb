//! What one process knows of an inbox that it reads: where it stands, what it has read ahead, what it has yet to tell. Pure; looks are
//! given to it, and so is time.
//!
//! A look that need not be consistent may show less than an earlier one did, or a hole that is none. Such a look is doubted, and another
//! taken that is consistent.

use super::look::{Mark, Place, Seen, Stored};
use super::pace::Pace;
use crate::config::limits::FEED_CHECKPOINT_ENTRIES;
use crate::ports::feed::{Entry, FeedHead, FeedPage, SeqRange};

#[derive(Clone, Debug, Default)]
pub(super) struct Reader {
    deleted: bool,
    /// Where the last page ended.
    at: Place,
    /// How often anyone was nudged; `None`: nobody has looked yet.
    nudges: Option<u64>,
    /// Runs that were declared lost together, as the mark names them.
    lost: Vec<SeqRange>,
    /// As the last look found it.
    head: FeedHead,
    /// The furthest that any look has found.
    through_seq: u64,
    head_seq: u64,
    /// Noted on the mark.
    whole: Place,
    /// Found beyond the last page.
    ahead: Vec<Stored>,
    nudge_untold: bool,
    hole_untold: bool,
    pub(super) pace: Pace,
}

impl Reader {
    pub(super) fn is_deleted(&self) -> bool {
        self.deleted
    }

    pub(super) fn delete(&mut self) {
        self.deleted = true;
    }

    /// Where the last page ended, if it ended at `after`.
    pub(super) fn place(&self, after: u64) -> Option<Place> {
        (self.nudges.is_some() && self.at.seq == after).then_some(self.at)
    }

    pub(super) fn lost(&self) -> &[SeqRange] {
        &self.lost
    }

    /// Takes in what the mark says. Whoever reads is told of nudges from now on.
    pub(super) fn see_mark(&mut self, mark: &Mark) {
        self.deleted |= mark.deleted;
        self.nudge_untold |= self.nudges.is_some_and(|nudges| mark.nudges > nudges);
        self.nudges = Some(self.nudges.unwrap_or(0).max(mark.nudges));
        if mark.whole.seq > self.whole.seq {
            self.whole = mark.whole;
        }
        for range in &mark.lost {
            if !self.lost.contains(range) {
                self.lost.push(*range);
            }
        }
    }

    /// Whether an inconsistent look is worth a consistent one: it shows a hole that was not there, or less than was seen before.
    pub(super) fn doubts(&self, seen: &Seen) -> bool {
        let older = seen.head.through_seq < self.through_seq || seen.head.head_seq < self.head_seq;
        seen.to_end && (older || self.is_news(&seen.head.missing))
    }

    /// Runs that the mark does not name yet. Whoever begins to read in the middle of one could not find it.
    pub(super) fn unnoted(&self, seen: &Seen) -> Vec<SeqRange> {
        let runs = seen.entries.iter().filter(|stored| stored.is_run()).map(|stored| stored.seqs);
        runs.filter(|run| !covers(&self.lost, *run) && !covers(&seen.mark.lost, *run)).collect()
    }

    /// Takes in what a look from `after` on has found.
    pub(super) fn see(&mut self, seen: Seen, after: u64, now_ms: u64) {
        let Seen { entries, head, mark, to_end: _ } = seen;
        self.see_mark(&mark);
        self.hole_untold |= self.is_news(&head.missing);
        let came = head.through_seq.saturating_sub(after);
        if came > 0 {
            self.pace.came(came, now_ms);
        }
        self.through_seq = self.through_seq.max(head.through_seq);
        self.head_seq = self.head_seq.max(head.head_seq);
        (self.head, self.ahead) = (head, entries);
    }

    /// How far the inbox is whole, when that is worth a note.
    pub(super) fn take_note(&mut self) -> Option<Place> {
        let FeedHead { through_seq, media_ms, .. } = self.head;
        (through_seq >= self.whole.seq + FEED_CHECKPOINT_ENTRIES).then(|| {
            self.whole = Place { seq: through_seq, media_ms };
            self.whole
        })
    }

    /// What follows `after`: entries, or a nudge, or a hole; `None`: nothing that has not been told.
    pub(super) fn news(&mut self, after: u64, limit: usize) -> Option<FeedPage> {
        let entries = self.next(after, limit);
        (!entries.is_empty() || self.nudge_untold || self.hole_untold).then(|| self.tell(entries))
    }

    /// A page without news.
    pub(super) fn nothing(&mut self) -> FeedPage {
        self.tell(Vec::new())
    }

    /// The next entries of what was read ahead; `None`: nothing was.
    pub(super) fn read_ahead(&mut self, after: u64, limit: usize) -> Option<FeedPage> {
        let entries = self.next(after, limit);
        (!entries.is_empty()).then(|| self.tell(entries))
    }

    fn tell(&mut self, entries: Vec<(u64, Entry)>) -> FeedPage {
        self.hole_untold = false;
        FeedPage { entries, head: self.head.clone(), nudged: std::mem::take(&mut self.nudge_untold) }
    }

    fn next(&mut self, after: u64, limit: usize) -> Vec<(u64, Entry)> {
        let mut entries = Vec::new();
        // Where a successor begins before the place that is known to be whole, the audio goes at least as far as there.
        let mut media_ms = if self.at.seq == after { self.at.media_ms } else { self.whole.media_ms };
        'all: for stored in &self.ahead {
            for seq in stored.seqs.from_seq.max(after + 1)..=stored.seqs.through_seq {
                if entries.len() == limit || seq != after + 1 + entries.len() as u64 {
                    break 'all;
                }
                if let Entry::Audio { media_ms: ms, .. } = &stored.entry {
                    media_ms = media_ms.max(*ms);
                }
                entries.push((seq, stored.entry.clone()));
            }
        }
        if let Some((last, _)) = entries.last() {
            let through_seq = *last;
            self.at = Place { seq: through_seq, media_ms };
            self.ahead.retain(|stored| stored.seqs.through_seq > through_seq);
        }
        entries
    }

    /// Part of a hole that is known is no news.
    fn is_news(&self, missing: &[SeqRange]) -> bool {
        missing.iter().any(|hole| !covers(&self.head.missing, *hole))
    }
}

fn covers(ranges: &[SeqRange], part: SeqRange) -> bool {
    ranges.iter().any(|range| range.from_seq <= part.from_seq && part.through_seq <= range.through_seq)
}

#[cfg(test)]
mod tests {
    use super::super::entry::LOST;
    use super::*;

    fn range(from_seq: u64, through_seq: u64) -> SeqRange {
        SeqRange { from_seq, through_seq }
    }

    fn refused(from_seq: u64, through_seq: u64) -> Stored {
        Stored { seqs: range(from_seq, through_seq), entry: Entry::Refused { code: LOST.to_owned() } }
    }

    /// A look that found the numbers up to `through_seq`, and one beyond each hole.
    fn seen(through_seq: u64, missing: &[SeqRange], nudges: u64) -> Seen {
        let head_seq = missing.last().map_or(through_seq, |hole| hole.through_seq + 1);
        let head = FeedHead { through_seq, head_seq, missing: missing.to_vec(), media_ms: 0 };
        let entries = (1..=through_seq).map(|seq| refused(seq, seq)).collect();
        Seen { entries, head, mark: Mark { nudges, ..Mark::default() }, to_end: true }
    }

    #[test]
    fn an_older_look_is_doubted_and_so_is_a_new_hole() {
        let mut reader = Reader::default();
        assert!(!reader.doubts(&seen(3, &[], 0)));
        reader.see(seen(3, &[range(4, 6)], 0), 0, 0);
        assert!(reader.doubts(&seen(2, &[], 0)));
        assert!(reader.doubts(&seen(3, &[], 0)), "the entry beyond the hole is not seen any more");
        assert!(!reader.doubts(&seen(3, &[range(4, 6)], 0)));
        assert!(reader.doubts(&seen(3, &[range(4, 6), range(8, 8)], 0)));
        assert!(!reader.doubts(&Seen { to_end: false, ..seen(2, &[], 0) }));
    }

    #[test]
    fn a_nudge_is_told_once_whatever_older_marks_come_after_it() {
        let mut reader = Reader::default();
        let mut told = |nudges| {
            reader.see(seen(0, &[], nudges), 0, 0);
            reader.news(0, 10).is_some_and(|page| page.nudged)
        };
        let marks = [5, 5, 6, 5, 6, 4, 8, 7];
        assert_eq!(marks.map(&mut told), [false, false, true, false, false, false, true, false]);
    }

    #[test]
    fn what_was_not_told_is_told_with_the_next_page() {
        let mut reader = Reader::default();
        reader.see(seen(1, &[], 0), 0, 0);
        reader.see(seen(1, &[range(2, 2)], 1), 0, 0);
        // Whoever looked went away before the page was made.
        let page = reader.read_ahead(0, 10).unwrap_or_default();
        assert!(page.nudged);
        assert_eq!((page.entries.len(), page.head.missing), (1, vec![range(2, 2)]));
        assert_eq!(reader.news(1, 10), None);
    }

    #[test]
    fn a_hole_that_is_filled_in_part_is_no_new_one() {
        let mut reader = Reader::default();
        reader.see(seen(1, &[range(2, 9)], 0), 0, 0);
        assert!(reader.news(0, 10).is_some());
        reader.see(seen(1, &[range(2, 4), range(6, 9)], 0), 1, 0);
        assert_eq!(reader.news(1, 10), None);
    }

    #[test]
    fn a_run_of_lost_numbers_is_noted_once() {
        let mut reader = Reader::default();
        let mut found = seen(0, &[], 0);
        found.entries = vec![refused(1, 1), refused(2, 500)];
        assert_eq!(reader.unnoted(&found), [range(2, 500)]);
        reader.see_mark(&Mark { lost: vec![range(2, 500)], ..Mark::default() });
        // A look from its middle finds the rest of it.
        found.entries = vec![refused(100, 500)];
        assert_eq!(reader.unnoted(&found), []);
    }
}
