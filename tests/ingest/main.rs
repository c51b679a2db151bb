//! Files in, text with its places out: cutting text, telling kinds apart, reading real documents, and outliving hostile ones.

#![allow(clippy::unwrap_used, reason = "a test may stop at what it did not expect")]

mod chunks;
mod documents;
mod hostile;
mod kinds;
mod making;
mod readers;
mod reading;
