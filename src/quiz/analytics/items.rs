//! The figures of one item against the rest of the quiz.

use super::concerns::{Concern, concerns};
use super::options::{OptionStatistics, Ranked, table};
use super::times::Times;
use super::{Column, Row, is_flat, mean, rests, sorted};
use crate::quiz::item::ItemId;
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ItemStatistics {
    pub item: ItemId,
    pub attempts: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mean: Option<f64>,
    /// Mean ÷ maximum, from 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub facility: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub standard_deviation: Option<f64>,
    /// What blind guessing earns, from 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guess: Option<f64>,
    /// Part of the points by design, in per cent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub intended_weight: Option<f64>,
    /// Part in what tells attempts apart, in per cent; `None` where the item works against the rest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effective_weight: Option<f64>,
    /// Correlation with the rest of the quiz, in per cent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discrimination_index: Option<f64>,
    /// Covariance with the rest as a part of the greatest that these marks allow, in per cent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discriminative_efficiency: Option<f64>,
    /// Of the marks, for the quiz's consistency.
    #[serde(skip)]
    pub variance: Option<f64>,
    /// Covariance with the whole mark, for the effective weights.
    #[serde(skip)]
    pub covariance_with_total: Option<f64>,
    pub options: Vec<OptionStatistics>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<Times>,
    pub concerns: Vec<Concern>,
}

pub(super) fn item(at: usize, column: &Column, rows: &[Row], totals: &[f64], ranked: &Ranked) -> ItemStatistics {
    let marks: Vec<f64> = rows.iter().map(|row| row.marks[at]).collect();
    let rest = rests(at, rows);
    let variance = covariance(&marks, &marks);
    let rest_variance = covariance(&rest, &rest);
    let together = covariance(&marks, &rest);
    let most = covariance(&sorted(&marks), &sorted(&rest));
    let ratio = |covariance: Option<f64>, by: Option<f64>| {
        covariance.zip(by.filter(|by| *by != 0.0)).map(|(covariance, by)| 100.0 * covariance / by)
    };
    let options = table(at, column, rows, ranked);
    let mut statistics = ItemStatistics {
        item: column.item.clone(),
        attempts: marks.len(),
        mean: mean(&marks),
        facility: mean(&marks).filter(|_| column.max != 0.0).map(|mean| mean / column.max),
        standard_deviation: variance.map(f64::sqrt),
        guess: column.guess,
        intended_weight: None,
        effective_weight: None,
        discrimination_index: ratio(together, variance.zip(rest_variance).map(|(own, rest)| (own * rest).sqrt())),
        discriminative_efficiency: ratio(together, most),
        variance,
        covariance_with_total: covariance(&marks, totals),
        options,
        time: Times::of(rows.iter().filter_map(|row| row.item_ms.get(at).copied().flatten())),
        concerns: Vec::new(),
    };
    statistics.concerns = concerns(column, &statistics);
    statistics
}

/// Intended and effective weights, which take all items.
pub(super) fn weigh(items: &mut [ItemStatistics], columns: &[Column]) {
    let max: f64 = columns.iter().map(|column| column.max).sum();
    let root =
        |item: &ItemStatistics| item.covariance_with_total.filter(|covariance| *covariance >= 0.0).map(f64::sqrt);
    let roots: f64 = items.iter().filter_map(root).sum();
    for (item, column) in items.iter_mut().zip(columns) {
        item.intended_weight = (max > 0.0).then(|| 100.0 * column.max / max);
        item.effective_weight = root(item).filter(|_| roots > 0.0).map(|root| 100.0 * root / roots);
    }
}

/// By n − 1; none of fewer than two values, and exactly 0 where one side does not vary.
fn covariance(a: &[f64], b: &[f64]) -> Option<f64> {
    if a.len() < 2 {
        return None;
    }
    if is_flat(a) || is_flat(b) {
        return Some(0.0);
    }
    let (mean_a, mean_b) = (mean(a)?, mean(b)?);
    let sum: f64 = a.iter().zip(b).map(|(a, b)| (a - mean_a) * (b - mean_b)).sum();
    Some(sum / (a.len() - 1) as f64)
}
