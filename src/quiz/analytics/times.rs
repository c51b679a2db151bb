//! How long things took. Medians and quartiles, since a mean is spoilt by one tab left open.

use serde::Serialize;
use utoipa::ToSchema;

#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = TimeStatistics)]
#[serde(rename_all = "camelCase")]
pub struct Times {
    pub count: usize,
    pub mean_ms: f64,
    pub median_ms: f64,
    pub lower_quartile_ms: f64,
    pub upper_quartile_ms: f64,
}

impl Times {
    pub(super) fn of(times: impl Iterator<Item = u64>) -> Option<Self> {
        let mut times: Vec<f64> = times.map(|ms| ms as f64).collect();
        times.sort_by(f64::total_cmp);
        Some(Self {
            count: times.len(),
            mean_ms: super::mean(&times)?,
            median_ms: quantile(&times, 0.5)?,
            lower_quartile_ms: quantile(&times, 0.25)?,
            upper_quartile_ms: quantile(&times, 0.75)?,
        })
    }
}

/// Of sorted values, between neighbours in proportion (type 7 of Hyndman and Fan); 0.5 is the median.
pub(super) fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let place = share * sorted.len().checked_sub(1)? as f64;
    let (low, high) = (sorted.get(place.floor() as usize)?, sorted.get(place.ceil() as usize)?);
    Some(low + (high - low) * place.fract())
}
