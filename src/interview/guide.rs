//! Guides: what the name of a file says of it.
//!
//! Pure. Where the file lies, and who may follow it, is the handlers' business.

/// Whether a file of that name holds a guide.
pub fn is_guide(name: &str) -> bool {
    name.to_lowercase().ends_with(SUFFIX)
}

/// What the name of a guide's file ends in.
pub const SUFFIX: &str = ".guide.md";
