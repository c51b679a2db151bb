//! The real-time backend of a learning platform.
