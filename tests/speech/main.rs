//! Real speech through PocketSphinx, word by word, and a transcription server over real HTTP.
#![expect(clippy::disallowed_methods, reason = "speech takes the time it takes")]

mod hearing;
mod pocketsphinx;
mod transcriptions;
