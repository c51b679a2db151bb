//! What the session uses of services that bill by use: what adapters counted in this process while the worker ran, and what follows from
//! what the worker sees.
//!
//! Only a worker that has its process to itself can say so; elsewhere nothing is counted. What the functions that take the client's
//! messages use is derived from the messages.

use crate::config::limits::{GATEWAY_UNIT_BYTES, MESSAGE_FUNCTION_MB, MESSAGE_FUNCTION_MS, STORE_UNIT_BYTES};
use crate::ports::clock::UnixMs;
use crate::ports::feed::Entry;
use crate::ports::metering::{Counts, Meter, Prices, Unit};
use crate::ports::text_model::TokenUsage;
use std::sync::Arc;

/// How a worker that has its process to itself counts.
#[derive(Clone, Debug)]
pub struct Metering {
    /// What the adapters of this process count.
    pub meter: Arc<Meter>,
    pub prices: Arc<Prices>,
    /// Memory of the function that the worker runs in.
    pub function_mb: u64,
}

#[derive(Debug)]
pub(super) struct Metered<'d> {
    metering: &'d Metering,
    before: Counts,
    began: UnixMs,
    derived: Counts,
}

impl<'d> Metered<'d> {
    pub(super) fn new(metering: &'d Metering, now: UnixMs) -> Self {
        let derived = Counts { invocations: 1, ..Counts::default() };
        Self { metering, before: metering.meter.counts(), began: now, derived }
    }

    /// What a message had cost by the time that the worker read it: its way through the gateway, a function's run, its place in the inbox.
    pub(super) fn took(&mut self, entry: &Entry) {
        let (wire_bytes, stored_bytes) = match entry {
            Entry::Audio { data, .. } => (data.len().div_ceil(3) * 4 + ENVELOPE_BYTES, data.len() + KEY_BYTES),
            Entry::Control { json } => (json.len(), json.len() + KEY_BYTES),
            Entry::Refused { code } => (ENVELOPE_BYTES, code.len() + KEY_BYTES),
        };
        self.derived.messages_in += units(wire_bytes, GATEWAY_UNIT_BYTES);
        self.derived.write_units += units(stored_bytes, STORE_UNIT_BYTES);
        self.derived.invocations += 1;
        self.derived.function_mb_ms += MESSAGE_FUNCTION_MS * MESSAGE_FUNCTION_MB;
    }

    pub(super) fn connected(&mut self, ms: u64) {
        self.derived.connection_ms += ms;
    }

    pub(super) fn generated(&mut self, usage: TokenUsage) {
        let TokenUsage { input_tokens, output_tokens, cache_read_tokens, cache_write_tokens } = usage;
        self.derived.input_tokens += input_tokens.saturating_sub(cache_read_tokens + cache_write_tokens);
        self.derived.cache_read_tokens += cache_read_tokens;
        self.derived.cache_write_tokens += cache_write_tokens;
        self.derived.output_tokens += output_tokens;
    }

    /// So far, with what it costs in billionths of a dollar. `recognizer_ms`: as it is billed.
    pub(super) fn counts(&self, now: UnixMs, recognizer_ms: u64) -> (Counts, u64) {
        let mut counts = self.metering.meter.counts().since(&self.before).plus(&self.derived);
        counts.add(Unit::RecognizerMs, recognizer_ms);
        counts.add(Unit::FunctionMbMs, now.since_ms(self.began) * self.metering.function_mb);
        (counts, self.metering.prices.cost_nano_usd(&counts))
    }
}

fn units(bytes: usize, unit_bytes: usize) -> u64 {
    bytes.div_ceil(unit_bytes).max(1) as u64
}

/// What stands around a message's audio on the wire, and beside an entry in its item.
const ENVELOPE_BYTES: usize = 120;
const KEY_BYTES: usize = 100;
