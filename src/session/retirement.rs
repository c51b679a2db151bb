//! When a worker's place ends although its session goes on. What it does about that is the driver's business.

use crate::ports::clock::UnixMs;
use tokio_util::sync::CancellationToken;

/// When a worker must leave although the session goes on, because the place that it runs in ends: from `soft` on at the first pause, at
/// `hard` in the middle of whatever happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retirement {
    pub soft: UnixMs,
    pub hard: UnixMs,
}

impl Retirement {
    /// For a worker whose place lasts.
    pub const NEVER: Self = Self { soft: UnixMs(u64::MAX), hard: UnixMs(u64::MAX) };
}

/// What may end a worker from outside.
#[derive(Clone, Copy, Debug)]
pub struct Stop<'d> {
    pub asked: &'d CancellationToken,
    pub retirement: Retirement,
}
