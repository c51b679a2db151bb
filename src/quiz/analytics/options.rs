//! Who chose which option: the table that shows a distractor nobody takes, or one that the best take.

use super::{Column, Row};
use crate::quiz::item::OptionId;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OptionStatistics {
    pub option: OptionId,
    pub is_key: bool,
    pub count: usize,
    /// Of the attempts that chose anything, from 0 to 1.
    pub share: f64,
    /// Of the best 27 % of attempts by total, and of the weakest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub share_of_best: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub share_of_weakest: Option<f64>,
    /// Mean total of those who chose it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mean_total: Option<f64>,
}

/// The usual size of the groups that are compared (Kelley 1939).
const GROUP_SHARE: f64 = 0.27;

/// Attempts by total. Ties at a group's edge fall by the order of the attempts.
pub(super) struct Ranked {
    /// For each attempt whether it is among the best or the weakest.
    groups: Vec<Group>,
    totals: Vec<f64>,
    size: usize,
}

#[derive(Clone, Copy, PartialEq)]
enum Group {
    Best,
    Middle,
    Weakest,
}

pub(super) fn ranked(totals: &[f64]) -> Ranked {
    let mut order: Vec<usize> = (0..totals.len()).collect();
    order.sort_by(|a, b| totals[*b].total_cmp(&totals[*a]));
    let size = (totals.len() as f64 * GROUP_SHARE).round() as usize;
    let mut groups = vec![Group::Middle; totals.len()];
    order.iter().take(size).for_each(|attempt| groups[*attempt] = Group::Best);
    order.iter().rev().take(size).for_each(|attempt| groups[*attempt] = Group::Weakest);
    Ranked { groups, totals: totals.to_vec(), size }
}

#[derive(Clone, Copy, Default)]
struct Tally {
    count: usize,
    best: usize,
    weakest: usize,
    total: f64,
}

pub(super) fn table(at: usize, column: &Column, rows: &[Row], ranked: &Ranked) -> Vec<OptionStatistics> {
    if column.options.is_empty() {
        return Vec::new();
    }
    let places: BTreeMap<&OptionId, usize> = column.options.iter().enumerate().map(|(place, id)| (id, place)).collect();
    let mut tallies = vec![Tally::default(); column.options.len()];
    let mut answered = 0_usize;
    for (attempt, row) in rows.iter().enumerate() {
        let chosen = row.chosen.get(at).map(Vec::as_slice).unwrap_or_default();
        answered += usize::from(!chosen.is_empty());
        for place in chosen.iter().filter_map(|id| places.get(id)) {
            let tally = &mut tallies[*place];
            tally.count += 1;
            tally.total += ranked.totals[attempt];
            tally.best += usize::from(ranked.groups[attempt] == Group::Best);
            tally.weakest += usize::from(ranked.groups[attempt] == Group::Weakest);
        }
    }
    let of_group = |count: usize| (ranked.size > 0).then(|| count as f64 / ranked.size as f64);
    column
        .options
        .iter()
        .zip(tallies)
        .map(|(option, tally)| OptionStatistics {
            option: option.clone(),
            is_key: column.keys.contains(option),
            count: tally.count,
            share: if answered > 0 { tally.count as f64 / answered as f64 } else { 0.0 },
            share_of_best: of_group(tally.best),
            share_of_weakest: of_group(tally.weakest),
            mean_total: (tally.count > 0).then(|| tally.total / tally.count as f64),
        })
        .collect()
}
