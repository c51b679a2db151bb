//! The spoken interview.
//!
//! The core is pure: no I/O, no clock, no randomness, no async. [`Interview::handle`] takes an input, [`Interview::poll_output`] is drained
//! until it says [`Output::Wait`], and [`Interview::apply`] restores the state from the log. `driver` (not pure) runs the loop around it.

mod asking;
mod barge_in;
mod calling;
mod closing;
pub mod completeness;
mod deadlines;
pub mod debrief;
pub mod delivery;
pub mod driver;
pub mod echo;
pub mod effect;
pub mod endpoint;
pub mod event;
mod following;
pub mod guide;
mod hearing;
pub mod history;
pub mod input;
mod listening;
mod live;
mod machine;
pub mod metric;
pub mod params;
pub mod quotes;
pub mod report;
mod said;
mod speculation;
pub mod view;
pub mod wire;
pub mod wording;

pub use effect::{Effect, EffectId, Output, Reason};
pub use event::Event;
pub use input::{Input, Said};
pub use machine::Interview;
pub use params::Params;
pub use view::State;

use serde::{Deserialize, Serialize};

/// Milliseconds since the session was created, given by the shell (an `Instant` does not survive a change of worker).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SessionTime(pub u64);
