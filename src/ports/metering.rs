//! What a session uses of services that are billed by use, counted by the unit that each bills, and what that costs.
//!
//! Whoever uses a service counts; nobody here knows when or by whom. Costs are estimates from a table of prices, which is data.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

macro_rules! units {
    ($($(#[$doc:meta])* $unit:ident $name:literal: $field:ident of $service:literal),+ $(,)?) => {
        /// A unit that a service bills.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum Unit {
            $($(#[$doc])* #[serde(rename = $name)] $unit,)+
        }

        /// Amounts by unit.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(default)]
        pub struct Counts {
            $(#[serde(rename = $name, skip_serializing_if = "is_zero")] pub $field: u64,)+
        }

        impl Unit {
            pub const ALL: &'static [Self] = &[$(Self::$unit),+];

            /// As it is stored and shown.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$unit => $name,)+
                }
            }

            pub const fn service(self) -> &'static str {
                match self {
                    $(Self::$unit => $service,)+
                }
            }
        }

        impl Counts {
            pub fn of(&self, unit: Unit) -> u64 {
                match unit {
                    $(Unit::$unit => self.$field,)+
                }
            }

            pub fn add(&mut self, unit: Unit, amount: u64) {
                match unit {
                    $(Unit::$unit => self.$field += amount,)+
                }
            }
        }
    };
}

units! {
    /// Audio given to a recognizer, each stream at least its least billed time, in milliseconds.
    RecognizerMs "recognizerMs": recognizer_ms of "recognizer",
    /// Tokens that went in and were in no cache.
    InputTokens "inputTokens": input_tokens of "model",
    CacheReadTokens "cacheReadTokens": cache_read_tokens of "model",
    CacheWriteTokens "cacheWriteTokens": cache_write_tokens of "model",
    OutputTokens "outputTokens": output_tokens of "model",
    /// From clients, one for each 32 KB begun.
    MessagesIn "messagesIn": messages_in of "gateway",
    /// To clients, one for each 32 KB begun.
    MessagesOut "messagesOut": messages_out of "gateway",
    ConnectionMs "connectionMs": connection_ms of "gateway",
    Invocations "invocations": invocations of "functions",
    /// Milliseconds of run time, times megabytes of memory.
    FunctionMbMs "functionMbMs": function_mb_ms of "functions",
    /// One for each KB begun.
    WriteUnits "writeUnits": write_units of "store",
    /// Half a read unit: 4 KB begun, eventually consistent. A consistent read counts two.
    HalfReadUnits "halfReadUnits": half_read_units of "store",
    ObjectPuts "objectPuts": object_puts of "objects",
    ObjectGets "objectGets": object_gets of "objects",
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
fn is_zero(amount: &u64) -> bool {
    *amount == 0
}

impl Counts {
    pub fn is_zero(&self) -> bool {
        *self == Self::default()
    }

    #[must_use]
    pub fn plus(mut self, other: &Self) -> Self {
        Unit::ALL.iter().for_each(|unit| self.add(*unit, other.of(*unit)));
        self
    }

    /// What came after `earlier`.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        let mut since = Self::default();
        Unit::ALL.iter().for_each(|unit| since.add(*unit, self.of(*unit).saturating_sub(earlier.of(*unit))));
        since
    }
}

/// Counts of one process; adapters add to it from wherever they run.
#[derive(Debug, Default)]
pub struct Meter {
    counts: [AtomicU64; Unit::ALL.len()],
}

impl Meter {
    pub fn add(&self, unit: Unit, amount: u64) {
        self.counts[unit as usize].fetch_add(amount, Ordering::Relaxed);
    }

    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        Unit::ALL.iter().for_each(|unit| counts.add(*unit, self.counts[*unit as usize].load(Ordering::Relaxed)));
        counts
    }
}

/// So much for so many.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Price {
    pub usd: f64,
    pub per: f64,
}

/// What each unit costs, where and when, and who says so.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Prices {
    pub region: String,
    pub date: String,
    pub sources: Vec<String>,
    /// A unit without a price costs nothing.
    pub prices: BTreeMap<Unit, Price>,
}

impl Prices {
    /// In billionths of a dollar: what one event costs is less than a millionth.
    pub fn cost_nano_usd(&self, counts: &Counts) -> u64 {
        Unit::ALL.iter().map(|unit| self.unit_nano_usd(*unit, counts)).sum()
    }

    /// The same by service, in the order of [`Unit::ALL`]; services that were not used are left out.
    pub fn by_service_nano_usd(&self, counts: &Counts) -> Vec<(&'static str, u64)> {
        let mut services: Vec<(&'static str, u64)> = Vec::new();
        for unit in Unit::ALL.iter().filter(|unit| counts.of(**unit) > 0) {
            let cost = self.unit_nano_usd(*unit, counts);
            match services.iter_mut().find(|(service, _)| *service == unit.service()) {
                Some((_, sum)) => *sum += cost,
                None => services.push((unit.service(), cost)),
            }
        }
        services
    }

    fn unit_nano_usd(&self, unit: Unit, counts: &Counts) -> u64 {
        let amount = counts.of(unit) as f64;
        self.prices.get(&unit).map_or(0, |price| (amount * price.usd / price.per * NANO).round() as u64)
    }
}

const NANO: f64 = 1e9;

#[cfg(test)]
mod tests {
    use super::{Counts, Meter, Price, Prices, Unit};

    fn prices() -> Prices {
        let price = |usd, per| Price { usd, per };
        Prices {
            region: "r".into(),
            date: "d".into(),
            sources: Vec::new(),
            prices: [
                (Unit::RecognizerMs, price(0.024, 60_000.0)),
                (Unit::MessagesIn, price(1.0, 1e6)),
                (Unit::MessagesOut, price(1.0, 1e6)),
            ]
            .into(),
        }
    }

    #[test]
    fn what_is_added_is_counted_by_unit() {
        let meter = Meter::default();
        meter.add(Unit::MessagesIn, 2);
        let before = meter.counts();
        meter.add(Unit::MessagesIn, 3);
        meter.add(Unit::ObjectPuts, 1);
        assert_eq!(meter.counts().since(&before), Counts { messages_in: 3, object_puts: 1, ..Counts::default() });
        assert_eq!(before.plus(&meter.counts()).messages_in, 7);
    }

    #[test]
    fn costs_are_the_amounts_times_their_prices() {
        let counts =
            Counts { recognizer_ms: 90_000, messages_in: 5, messages_out: 2, write_units: 7, ..Counts::default() };
        assert_eq!(prices().cost_nano_usd(&counts), 36_000_000 + 5_000 + 2_000);
        let by_service = [("recognizer", 36_000_000), ("gateway", 7_000), ("store", 0)];
        assert_eq!(prices().by_service_nano_usd(&counts), by_service);
    }

    #[test]
    fn counts_are_stored_by_name_without_zeros_and_missing_ones_are_zero() {
        let counts = Counts { messages_in: 5, ..Counts::default() };
        let json = serde_json::to_string(&counts).unwrap();
        assert_eq!(json, r#"{"messagesIn":5}"#);
        assert_eq!(serde_json::from_str::<Counts>(&json).unwrap(), counts);
        assert_eq!(serde_json::from_str::<Counts>("{}").unwrap(), Counts::default());
    }
}
