//! What a session uses, counted by the worker that has its process to itself, over changes of worker.

use crate::client::Plan;
use crate::held::{Held, Setup, hold};
use std::collections::BTreeMap;
use std::sync::Arc;
use viva::config::prices;
use viva::interview::Event;
use viva::interview::driver::{Metering, Settings};
use viva::interview::event::Usage;
use viva::interview::wire;
use viva::ports::metering::{Meter, Unit};

fn setup(meter: &Arc<Meter>) -> Setup {
    let metering = Metering { meter: Arc::clone(meter), prices: Arc::new(prices::shipped()), function_mb: 256 };
    let settings = Settings { metering: Some(metering), ..Settings::default() };
    Setup { settings, plan: Plan { words: 12, ..Plan::default() }, ..Setup::default() }
}

fn usage(held: &Held) -> Usage {
    let used = held.events().into_iter().find_map(|event| match event {
        Event::Finished { usage, .. } => Some(usage),
        _ => None,
    });
    used.expect("it is over")
}

#[tokio::test(start_paused = true)]
async fn a_session_counts_what_it_uses_of_each_service_and_what_that_costs() {
    let meter = Arc::new(Meter::default());
    // What another session of the same process used before.
    meter.add(Unit::WriteUnits, 1_000_000);
    let used = usage(&hold(setup(&meter)).await);
    let services = used.services;
    assert!(services.recognizer_ms >= 15_000 * used.recognizer_streams, "each stream bills its minimum: {services:?}");
    assert!(services.recognizer_ms >= used.recognizer_ms);
    assert_eq!(services.messages_in, used.messages, "none is larger than 32 KB");
    assert_eq!(services.invocations, used.messages + 1, "a function for each message, and the worker");
    assert_eq!(services.write_units, used.messages, "none is larger than 1 KB");
    assert_eq!(services.input_tokens, used.model_input_tokens);
    assert_eq!(services.output_tokens, used.model_output_tokens);
    assert!(services.connection_ms >= 5_000 && services.function_mb_ms >= 256 * 5_000, "{services:?}");
    let cost = prices::shipped().cost_nano_usd(&services);
    assert!(cost > 0 && used.cost_nano_usd.abs_diff(cost) <= 20, "{} or {cost}", used.cost_nano_usd);
    let told = wire::usage(&used);
    assert_eq!(told.cost_micro_usd, Some(used.cost_nano_usd.div_ceil(1_000)));
    let told: BTreeMap<String, u64> = told.services.unwrap().into_iter().map(|used| (used.unit, used.amount)).collect();
    assert_eq!(told["messagesIn"], used.messages);
    assert_eq!(told.get("objectPuts"), None, "what was not used is not told");
}

#[tokio::test(start_paused = true)]
async fn who_cannot_tell_its_own_use_from_others_counts_none() {
    let held = hold(Setup::default()).await;
    let told = wire::usage(&usage(&held));
    assert_eq!((told.services, told.cost_micro_usd), (None, None));
}

#[tokio::test(start_paused = true)]
async fn counts_go_on_over_a_change_of_worker() {
    let whole = usage(&hold(setup(&Arc::default())).await);
    for at_ms in [2_000, 6_000, 9_000] {
        let held = hold(Setup { retires_ms: vec![(at_ms, at_ms)], ..setup(&Arc::default()) }).await;
        assert_eq!(held.retired, 1);
        let used = usage(&held);
        assert_eq!(used.services.messages_in, used.messages);
        assert!(used.messages.abs_diff(whole.messages) <= 10, "{used:?} against {whole:?}");
        assert!(used.services.connection_ms + 2_000 >= whole.services.connection_ms, "{used:?} against {whole:?}");
        assert_eq!(used.services.invocations, used.messages + 2);
        assert_eq!(used.services.recognizer_ms, 15_000 * used.recognizer_streams, "each stream bills its minimum");
        assert!(used.cost_nano_usd.abs_diff(prices::shipped().cost_nano_usd(&used.services)) <= 50, "{used:?}");
    }
}
