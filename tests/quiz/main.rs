//! Quizzes by themselves: items, scores, statistics, progress and files of questions, through their public interfaces.

#![expect(unreachable_pub, reason = "the rig is for the other modules of this test alone")]
#![expect(clippy::panic, reason = "a test that goes wrong says so")]

mod analysing;
mod drafts;
mod exchanging;
mod generating;
mod judging;
mod packaging;
mod progressing;
mod rig;
mod schema;
mod scoring;
mod scoring_any;
mod seeing;
mod telling;
mod validating;
