//! What becomes of a file's bytes and text on the way to passages: which kind of file its content shows, and where its text is cut.
//!
//! Pure: it opens nothing, runs nothing and waits for nothing. Reading a format is an `Extractor`'s business, keeping passages that of
//! `Passages`.

pub mod chunks;
pub mod kinds;
pub mod tokens;
