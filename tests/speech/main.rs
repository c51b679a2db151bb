//! Real speech through PocketSphinx: the shipped answers, word by word.
#![expect(clippy::disallowed_methods, reason = "speech takes the time it takes")]

mod hearing;
mod pocketsphinx;
