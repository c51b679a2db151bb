//! The interview core by itself: inputs in, outputs out, on a clock that the tests own.

#![expect(unreachable_pub, reason = "the rig is for the other modules of this test alone")]

mod anything;
mod delivering;
mod endpointing;
mod guided;
mod interrupting;
mod reporting;
mod restoring;
mod revising;
mod rig;
mod saying;
mod speculating;
mod spending;
mod timing;
mod whole;
