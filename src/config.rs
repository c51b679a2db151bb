//! Configuration: one struct per concern, each read once from the environment, and every limit by name.

pub mod limits;
