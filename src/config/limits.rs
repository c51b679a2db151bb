//! Every limit of the product by name, with its unit last. Limits of the wire itself live in `protocol::v1::limits`.

/// Events that one record of the outbox log holds at most.
pub const RECORD_EVENTS_MAX: usize = 32;
