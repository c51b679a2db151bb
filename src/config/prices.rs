//! Where the table of prices comes from: the one that ships, or one of the operator's own.

use crate::config::environment::{ConfigError, Environment};
use crate::ports::metering::Prices;

/// `VIVA_PRICES`: JSON in the form of `src/config/prices.json`.
pub fn read(environment: &Environment) -> Result<Prices, ConfigError> {
    let Some(json) = environment.text(VARIABLE) else { return Ok(shipped()) };
    let prices: Prices = serde_json::from_str(json)
        .map_err(|error| ConfigError::new(VARIABLE, format!("it is no table of prices: {error}")))?;
    match prices.prices.iter().find(|(_, price)| !(price.usd >= 0.0 && price.per > 0.0)) {
        None => Ok(prices),
        Some((unit, _)) => Err(ConfigError::new(VARIABLE, format!("the price of {unit:?} makes no sense"))),
    }
}

/// The table that ships.
pub fn shipped() -> Prices {
    serde_json::from_str(include_str!("prices.json")).expect("a test reads it")
}

const VARIABLE: &str = "VIVA_PRICES";

#[cfg(test)]
mod tests {
    use super::{read, shipped};
    use crate::config::environment::Environment;
    use crate::ports::metering::Unit;

    #[test]
    fn the_shipped_table_has_a_price_for_every_unit() {
        let prices = shipped();
        assert_eq!(prices.prices.keys().copied().collect::<Vec<_>>(), Unit::ALL);
        assert_eq!(read(&Environment::default()).unwrap(), prices);
    }

    #[test]
    fn another_table_is_given_as_json() {
        let json = r#"{"region":"x","date":"y","sources":[],"prices":{"messagesIn":{"usd":2,"per":10}}}"#;
        let given = read(&Environment::from([("VIVA_PRICES", json)])).unwrap();
        assert!((given.prices[&Unit::MessagesIn].usd - 2.0).abs() < f64::EPSILON);
        let wrong = [
            "{".to_owned(),
            r#"{"region":"x"}"#.to_owned(),
            json.replace("10", "0"),
            json.replace("\"usd\":2", "\"usd\":-2"),
            json.replace("messagesIn", "m"),
        ];
        for wrong in wrong {
            let error = read(&Environment::from([("VIVA_PRICES", wrong.as_str())])).unwrap_err();
            assert_eq!(error.variable, "VIVA_PRICES", "{wrong}");
        }
    }
}
