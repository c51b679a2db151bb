//! What every driver of a live session needs around its core: the log, the inbox, the client, the lease.
//!
//! A worker may be dropped at any await, and the next one goes on from what is stored: so nothing here keeps the only copy of anything.
//! All parts are polled by the driver's one loop and share its clock; none spawns a task. What the events mean is the driver's business.

pub mod inbox;
pub mod lease;
pub mod log;
pub mod push;
pub mod retirement;
pub mod snapshots;
pub mod stored;
pub mod sweep;
pub mod versions;

pub use inbox::{Inbox, InboxStatus, Reading};
pub use lease::{Lease, Renewal};
pub use log::{CommitOutcome, Log, OpenError};
pub use push::{Push, Pushed, Slot};
pub use retirement::{Retirement, Stop};
pub use sweep::{SweepError, Swept, sweep, sweep_conversations};
