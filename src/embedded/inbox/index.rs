//! Where the numbers of one inbox lie in its file, in few bytes: runs of records that follow each other in number and in place.
//!
//! It holds no content and reads no file.

use crate::config::limits::{FEED_MISSING_MAX, INBOX_RUN_BYTES_MAX, INBOX_RUN_ENTRIES_MAX};
use crate::ports::feed::{FeedHead, SeqRange};

/// Records that follow each other in number and in place, or one record that declares a range of numbers lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) first_seq: u64,
    pub(super) last_seq: u64,
    pub(super) offset: u64,
    pub(super) bytes: u32,
    pub(super) lost: bool,
    media_ms_max: u64,
}

/// One record that is to be indexed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Placed {
    pub(super) first_seq: u64,
    pub(super) last_seq: u64,
    pub(super) offset: u64,
    pub(super) bytes: u32,
    pub(super) lost: bool,
    pub(super) media_ms: u64,
}

#[derive(Debug, Default)]
pub(super) struct Index {
    /// In the order of numbers, without overlap.
    runs: Vec<Run>,
    /// How many runs at the front follow each other without a hole from 1.
    contiguous_runs: usize,
    /// The largest media time within them.
    media_ms: u64,
}

impl Index {
    pub(super) fn through_seq(&self) -> u64 {
        match self.contiguous_runs {
            0 => 0,
            runs => self.runs[runs - 1].last_seq,
        }
    }

    pub(super) fn head_seq(&self) -> u64 {
        self.runs.last().map_or(0, |run| run.last_seq)
    }

    pub(super) fn head(&self) -> FeedHead {
        let holes = Holes { from_seq: self.through_seq() + 1, runs: &self.runs[self.contiguous_runs..] };
        FeedHead {
            through_seq: self.through_seq(),
            head_seq: self.head_seq(),
            missing: holes.take(FEED_MISSING_MAX).collect(),
            media_ms: self.media_ms,
        }
    }

    /// The run that holds `seq`.
    pub(super) fn run_of(&self, seq: u64) -> Option<Run> {
        let at = self.runs.partition_point(|run| run.last_seq < seq);
        self.runs.get(at).filter(|run| run.first_seq <= seq).copied()
    }

    /// The runs that hold `from_seq` and what follows as far as it is contiguous, at most `limit`.
    pub(super) fn contiguous_from(&self, from_seq: u64, limit: usize) -> &[Run] {
        let runs = &self.runs[..self.contiguous_runs];
        let at = runs.partition_point(|run| run.last_seq < from_seq);
        &runs[at..runs.len().min(at + limit)]
    }

    /// The parts of `range` that are not stored.
    pub(super) fn gaps_in(&self, range: SeqRange) -> Vec<SeqRange> {
        let at = self.runs.partition_point(|run| run.last_seq < range.from_seq);
        let mut from_seq = range.from_seq;
        let mut gaps = Vec::new();
        for run in self.runs[at..].iter().take_while(|run| run.first_seq <= range.through_seq) {
            if run.first_seq > from_seq {
                gaps.push(SeqRange { from_seq, through_seq: run.first_seq - 1 });
            }
            from_seq = run.last_seq + 1;
        }
        if from_seq <= range.through_seq {
            gaps.push(SeqRange { from_seq, through_seq: range.through_seq });
        }
        gaps
    }

    /// Takes in a record none of whose numbers is held yet.
    pub(super) fn insert(&mut self, placed: Placed) {
        let at = self.runs.partition_point(|run| run.last_seq < placed.first_seq);
        let grows = at > 0 && self.runs[at - 1].takes(&placed);
        if grows {
            self.runs[at - 1].grow(&placed);
        } else {
            self.runs.insert(at, Run::from(placed));
        }
        if grows && at <= self.contiguous_runs {
            self.media_ms = self.media_ms.max(placed.media_ms);
        }
        while let Some(next) = self.runs.get(self.contiguous_runs)
            && next.first_seq == self.through_seq() + 1
        {
            self.media_ms = self.media_ms.max(next.media_ms_max);
            self.contiguous_runs += 1;
        }
    }
}

impl Run {
    fn takes(&self, next: &Placed) -> bool {
        !self.lost
            && !next.lost
            && self.last_seq + 1 == next.first_seq
            && self.offset + u64::from(self.bytes) == next.offset
            && self.last_seq - self.first_seq + 1 < INBOX_RUN_ENTRIES_MAX
            && self.bytes + next.bytes <= INBOX_RUN_BYTES_MAX
    }

    fn grow(&mut self, next: &Placed) {
        self.last_seq = next.last_seq;
        self.bytes += next.bytes;
        self.media_ms_max = self.media_ms_max.max(next.media_ms);
    }
}

impl From<Placed> for Run {
    fn from(placed: Placed) -> Self {
        let Placed { first_seq, last_seq, offset, bytes, lost, media_ms } = placed;
        Self { first_seq, last_seq, offset, bytes, lost, media_ms_max: media_ms }
    }
}

struct Holes<'a> {
    from_seq: u64,
    runs: &'a [Run],
}

impl Iterator for Holes<'_> {
    type Item = SeqRange;

    fn next(&mut self) -> Option<SeqRange> {
        while let Some((run, rest)) = self.runs.split_first() {
            let hole = SeqRange { from_seq: self.from_seq, through_seq: run.first_seq - 1 };
            self.from_seq = run.last_seq + 1;
            self.runs = rest;
            if hole.from_seq <= hole.through_seq {
                return Some(hole);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn placed(seq: u64, offset: u64) -> Placed {
        Placed { first_seq: seq, last_seq: seq, offset, bytes: 10, lost: false, media_ms: seq * 100 }
    }

    proptest! {
        #[test]
        fn in_any_order_it_knows_what_is_contiguous_and_what_is_missing(
            seqs in prop::collection::vec(1_u64..120, 0..120)
        ) {
            let mut index = Index::default();
            let mut model = BTreeSet::new();
            for seq in seqs {
                prop_assert_eq!(index.run_of(seq).is_some(), model.contains(&seq));
                if model.insert(seq) {
                    index.insert(placed(seq, model.len() as u64 * 10));
                }
                let through = (1..).take_while(|seq| model.contains(seq)).last().unwrap_or(0);
                let highest = model.last().copied().unwrap_or(0);
                let head = index.head();
                prop_assert_eq!(head.through_seq, through);
                prop_assert_eq!(head.head_seq, highest);
                prop_assert_eq!(head.media_ms, through * 100);
                let missing: Vec<u64> = (through + 1..highest).filter(|seq| !model.contains(seq)).collect();
                let told: Vec<u64> = index
                    .gaps_in(SeqRange { from_seq: 1, through_seq: highest })
                    .into_iter()
                    .flat_map(|range| range.from_seq..=range.through_seq)
                    .collect();
                prop_assert_eq!(&told, &missing);
                let first: Vec<u64> = head.missing.iter().flat_map(|range| range.from_seq..=range.through_seq).collect();
                prop_assert_eq!(&first[..], &missing[..first.len()]);
                prop_assert!(head.missing.len() == FEED_MISSING_MAX || first.len() == missing.len());
            }
        }
    }

    #[test]
    fn a_long_line_in_order_takes_few_runs() {
        let mut index = Index::default();
        for seq in 1..=10_000 {
            index.insert(placed(seq, seq * 10));
        }
        assert!(index.runs.len() <= 10_000 / INBOX_RUN_ENTRIES_MAX as usize + 1);
    }
}
