//! The functions on AWS: to each the adapters that it needs, and no others. Nothing here goes over the network: clients connect, keys and
//! secrets are fetched when they are first asked for.

mod lazy_keys;

use crate::config::Environment;
use crate::embedded::system::SystemClock;
use crate::lambda::authorizer::Authorizer;
use crate::lambda::me::WhoAmI;
use crate::ports::clock::Clock;
use crate::wiring::WiringError;
use crate::wiring::functions::lazy_keys::LazyKeys;
use std::sync::Arc;

pub fn authorizer(environment: &Environment) -> Result<Authorizer, WiringError> {
    Ok(Authorizer { keys: Arc::new(LazyKeys::read(environment)?), clock: clock() })
}

pub fn me(_: &Environment) -> Result<WhoAmI, WiringError> {
    Ok(WhoAmI)
}

fn clock() -> Arc<dyn Clock> {
    Arc::new(SystemClock)
}
