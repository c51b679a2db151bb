//! What attempts say about a quiz and its items: the figures of Moodle's statistics report, defined as its calculator computes them.
//!
//! Variances and covariances divide by n − 1. A figure that is not defined (one attempt, no spread) is `None`, never 0. Definitions: Moodle's
//! "Quiz statistics calculations" (`question/classes/statistics/questions/calculator.php`, `mod/quiz/report/statistics/classes/calculator.php`).
//! It neither chooses which attempts count nor knows who made them.

mod concerns;
mod items;
mod options;
mod times;

pub use concerns::Concern;
pub use items::ItemStatistics;
pub use options::OptionStatistics;
pub use times::Times;

use super::item::{ItemId, OptionId};
use serde::Serialize;
use utoipa::ToSchema;

/// An item as far as its statistics need it.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    pub item: ItemId,
    /// What a right answer is worth.
    pub max: f64,
    /// The share that blind guessing earns; `None` where it earns nothing that can be told.
    pub guess: Option<f64>,
    /// The options of a choice; empty for other kinds.
    pub options: Vec<OptionId>,
    pub keys: Vec<OptionId>,
}

/// One attempt: everything in the order of the columns.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Row {
    /// Points; an item without an answer has 0, as in Moodle.
    pub marks: Vec<f64>,
    /// The options chosen; shorter than the columns where nothing is known of the rest.
    pub chosen: Vec<Vec<OptionId>>,
    /// Time on each item; shorter than the columns where nothing is known of the rest.
    pub item_ms: Vec<Option<u64>>,
    pub duration_ms: Option<u64>,
}

#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Statistics {
    pub attempts: usize,
    pub max: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mean: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub median: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub standard_deviation: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skewness: Option<f64>,
    /// Excess: 0 for a normal distribution.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kurtosis: Option<f64>,
    /// Coefficient of internal consistency (Cronbach's α), in per cent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub internal_consistency: Option<f64>,
    /// Of the standard deviation, the part that is chance, in per cent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_ratio: Option<f64>,
    /// In points.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub standard_error: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration: Option<Times>,
    pub items: Vec<ItemStatistics>,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AnalyticsError {
    #[error("attempt {row} has {found} marks for {columns} items")]
    Ragged { row: usize, found: usize, columns: usize },
    #[error("attempt {row} has a mark that is no number")]
    NotFinite { row: usize },
}

/// The figures of all attempts given.
pub fn analyse(columns: &[Column], rows: &[Row]) -> Result<Statistics, AnalyticsError> {
    for (row, attempt) in rows.iter().enumerate() {
        if attempt.marks.len() != columns.len() {
            return Err(AnalyticsError::Ragged { row, found: attempt.marks.len(), columns: columns.len() });
        }
        if attempt.marks.iter().any(|mark| !mark.is_finite()) {
            return Err(AnalyticsError::NotFinite { row });
        }
    }
    let totals: Vec<f64> = rows.iter().map(|row| row.marks.iter().sum()).collect();
    let ranked = options::ranked(&totals);
    let mut items: Vec<ItemStatistics> =
        columns.iter().enumerate().map(|(at, column)| items::item(at, column, rows, &totals, &ranked)).collect();
    items::weigh(&mut items, columns);
    let variance_sum: f64 = items.iter().filter_map(|item| item.variance).sum();
    let moments = Moments::of(&totals);
    let k2 = moments.k2.filter(|k2| *k2 > 0.0);
    // Moodle gives these from the third attempt on.
    let from_three = k2.filter(|_| totals.len() > 2);
    let parts = columns.len() as f64;
    let internal_consistency =
        from_three.filter(|_| columns.len() > 1).map(|k2| 100.0 * parts / (parts - 1.0) * (1.0 - variance_sum / k2));
    let error_ratio = internal_consistency.map(|cic| 100.0 * (1.0 - cic / 100.0).max(0.0).sqrt());
    let standard_deviation = moments.k2.map(f64::sqrt);
    Ok(Statistics {
        attempts: rows.len(),
        max: columns.iter().map(|column| column.max).sum(),
        mean: mean(&totals),
        median: times::quantile(&sorted(&totals), 0.5),
        standard_deviation,
        skewness: from_three.zip(moments.k3).map(|(k2, k3)| k3 / k2.powf(1.5)),
        kurtosis: from_three.zip(moments.k4).map(|(k2, k4)| k4 / (k2 * k2)),
        internal_consistency,
        error_ratio,
        standard_error: error_ratio.zip(standard_deviation).map(|(ratio, deviation)| ratio * deviation / 100.0),
        duration: Times::of(rows.iter().filter_map(|row| row.duration_ms)),
        items,
    })
}

/// Unbiased cumulants (k-statistics) of a sample; each from the number of values on that it needs.
struct Moments {
    k2: Option<f64>,
    k3: Option<f64>,
    k4: Option<f64>,
}

impl Moments {
    fn of(values: &[f64]) -> Self {
        let Some(mean) = mean(values).filter(|_| !is_flat(values)) else {
            let none = (values.len() > 1).then_some(0.0);
            return Self { k2: none, k3: None, k4: None };
        };
        let s = values.len() as f64;
        let power = |power: i32| values.iter().map(|value| (value - mean).powi(power)).sum::<f64>() / s;
        let (m2, m3, m4) = (power(2), power(3), power(4));
        Self {
            k2: Some(s * m2 / (s - 1.0)),
            k3: (values.len() > 2).then(|| s * s * m3 / ((s - 1.0) * (s - 2.0))),
            k4: (values.len() > 3)
                .then(|| s * s * ((s + 1.0) * m4 - 3.0 * (s - 1.0) * m2 * m2) / ((s - 1.0) * (s - 2.0) * (s - 3.0))),
        }
    }
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// Of the greatest value: less than this is what rounding leaves of sums of marks, and no spread.
const ROUNDING: f64 = 1e-12;

/// Whether all values are one but for rounding: their spread is then exactly none.
fn is_flat(values: &[f64]) -> bool {
    let (least, most) = values
        .iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), value| (least.min(*value), most.max(*value)));
    values.is_empty() || most - least <= ROUNDING * least.abs().max(most.abs())
}

/// What each attempt has but for the item at `at`, without a difference that would leave rounding behind.
fn rests(at: usize, rows: &[Row]) -> Vec<f64> {
    let rest = |row: &Row| row.marks[..at].iter().sum::<f64>() + row.marks[at + 1..].iter().sum::<f64>();
    rows.iter().map(rest).collect()
}

fn sorted(values: &[f64]) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
}
