//! Statistics against figures worked by hand and against an independent working in exact fractions (tests/quiz/reference/statistics.py).

use proptest::prelude::*;
use serde_json::Value;
use viva::quiz::analytics::{AnalyticsError, Column, Concern, Row, Statistics, Times, analyse};
use viva::quiz::item::{ItemId, OptionId};

fn columns(maxima: &[f64]) -> Vec<Column> {
    maxima
        .iter()
        .enumerate()
        .map(|(at, max)| Column {
            item: ItemId::new(format!("i{at}")),
            max: *max,
            guess: None,
            options: Vec::new(),
            keys: Vec::new(),
        })
        .collect()
}

fn rows(marks: &[&[f64]]) -> Vec<Row> {
    marks.iter().map(|marks| Row { marks: marks.to_vec(), ..Row::default() }).collect()
}

fn close(found: Option<f64>, expected: f64, what: &str) {
    let found = found.unwrap_or_else(|| panic!("{what} is missing"));
    assert!((found - expected).abs() < 1e-9, "{what}: {found}, not {expected}");
}

/// Four attempts at three items of one point: 111, 110, 100, 001.
///
/// Totals 3 2 1 1: mean 7/4, deviations 5/4 1/4 −3/4 −3/4, squares 44/16, so variance 11/12. Items: means 3/4, 1/2, 1/2; variances 1/4, 1/3, 1/3.
/// CIC = 100·3/2·(1 − (11/12)/(11/12)) = 0, error ratio 100, standard error √(11/12).
/// Item 1, rest 2 1 0 1: deviations ¼ ¼ ¼ −¾ and 1 0 −1 0 give 0: index 0.
/// Item 2, rest 2 1 1 1: deviations ½ ½ −½ −½ and ¾ −¼ −¼ −¼ give ½ ÷ 3 = 1/6; variances 1/3 and 1/4: index 100·(1/6)/√(1/12) = 57.735…;
/// sorted 0 0 1 1 with 1 1 1 2 gives the same 1/6: efficiency 100.
/// Item 3, rest 2 2 1 0: deviations ½ −½ −½ ½ and ¾ ¾ −¼ −5/4 give −½ ÷ 3 = −1/6; variances 1/3 and 11/12: index −100·(1/6)/√(11/36);
/// sorted 0 0 1 1 with 0 1 2 2: (5/8 + 1/8 + 3/8 + 3/8) ÷ 3 = ½: efficiency −33.3….
/// Third powers sum to 72/64, so k3 = 16·(72/256)/(3·2) = 3/4, skewness (3/4)/(11/12)^1.5.
/// Fourth powers sum to 788/256: m4 = 788/1024, m2 = 11/16; k4 = 16·(5·788/1024 − 9·121/256)/(3·2·1) = −13/12.
#[test]
fn four_attempts_worked_by_hand() {
    let found = analyse(&columns(&[1.0; 3]), &rows(&[&[1., 1., 1.], &[1., 1., 0.], &[1., 0., 0.], &[0., 0., 1.]]))
        .expect("the marks are whole");
    close(found.mean, 1.75, "mean");
    close(found.median, 1.5, "median");
    let variance: f64 = 11.0 / 12.0;
    close(found.standard_deviation, variance.sqrt(), "standard deviation");
    close(found.internal_consistency, 0.0, "consistency");
    close(found.error_ratio, 100.0, "error ratio");
    close(found.standard_error, variance.sqrt(), "standard error");
    close(found.skewness, 0.75 / variance.powf(1.5), "skewness");
    close(found.kurtosis, -13.0 / 12.0 / (variance * variance), "kurtosis");
    let items: Vec<_> = found
        .items
        .iter()
        .map(|item| (item.facility, item.discrimination_index, item.discriminative_efficiency))
        .collect();
    for ((facility, index, efficiency), expected) in items.into_iter().zip([
        (0.75, 0.0, 0.0),
        (0.5, 100.0 / 6.0 / (1.0_f64 / 12.0).sqrt(), 100.0),
        (0.5, -100.0 / 6.0 / (11.0_f64 / 36.0).sqrt(), -100.0 / 3.0),
    ]) {
        close(facility, expected.0, "facility");
        close(index, expected.1, "discrimination index");
        close(efficiency, expected.2, "discriminative efficiency");
    }
}

#[test]
fn every_figure_equals_the_reference() {
    let marks: Vec<Value> = serde_json::from_str(include_str!("reference/marks.json")).expect("marks");
    let figures: Vec<Value> = serde_json::from_str(include_str!("reference/statistics.json")).expect("figures");
    let numbers = |value: &Value| -> Vec<f64> {
        value.as_array().expect("a list").iter().map(|number| number.as_f64().expect("a number")).collect()
    };
    let mut compared = 0;
    for (set, expected) in marks.iter().zip(&figures) {
        let rows: Vec<Row> = set["rows"]
            .as_array()
            .expect("rows")
            .iter()
            .map(|row| Row { marks: numbers(row), ..Row::default() })
            .collect();
        let found = analyse(&columns(&numbers(&set["maxima"])), &rows).expect("the marks are whole");
        compared += compare(&serde_json::to_value(found).expect("it serialises"), expected, "");
    }
    assert_eq!(compared, 4 * 8 + (3 + 8 + 12 + 5) * 5);
}

/// Every figure of the reference against ours, to 1e-9 of its size.
fn compare(found: &Value, expected: &Value, path: &str) -> usize {
    match expected {
        Value::Object(fields) => {
            fields.iter().map(|(name, value)| compare(&found[name], value, &format!("{path}.{name}"))).sum()
        }
        Value::Array(values) => {
            values.iter().enumerate().map(|(at, value)| compare(&found[at], value, &format!("{path}[{at}]"))).sum()
        }
        Value::Number(number) => {
            let expected = number.as_f64().expect("a number");
            let found = found.as_f64().unwrap_or_else(|| panic!("{path} is {found}"));
            assert!((found - expected).abs() <= 1e-9 * expected.abs().max(1.0), "{path}: {found}, not {expected}");
            1
        }
        other => {
            assert_eq!(found, other, "{path}");
            1
        }
    }
}

#[test]
fn what_is_not_defined_is_missing_and_not_nought() {
    let none = analyse(&columns(&[1.0; 2]), &[]).expect("no attempts are fine");
    assert_eq!((none.mean, none.median, none.standard_deviation, none.items[0].facility), (None, None, None, None));
    let one = analyse(&columns(&[1.0; 2]), &rows(&[&[1.0, 0.0]])).expect("one attempt");
    assert_eq!((one.mean, one.standard_deviation, one.items[0].discrimination_index), (Some(1.0), None, None));
    let flat = analyse(&columns(&[0.3; 2]), &rows(&[&[0.1, 0.1][..]; 7])).expect("equal attempts");
    assert_eq!(
        (flat.standard_deviation, flat.skewness, flat.internal_consistency, flat.items[0].discrimination_index),
        (Some(0.0), None, None, None)
    );
    let two = analyse(&columns(&[1.0; 2]), &rows(&[&[1.0, 0.0], &[1.0, 1.0]])).expect("two attempts");
    assert_eq!((two.skewness, two.internal_consistency, two.standard_error), (None, None, None));
}

/// What rounding leaves of a sum is no spread: thirds beside an item that everybody gets right.
#[test]
fn what_does_not_vary_tells_nothing_apart() {
    let third = 1.0 / 3.0;
    let marks: Vec<Vec<f64>> =
        [0.0, third, 2.0 * third, 1.0].repeat(3).into_iter().map(|mark| vec![mark, 1.0]).collect();
    let marks: Vec<&[f64]> = marks.iter().map(Vec::as_slice).collect();
    let found = analyse(&columns(&[1.0; 2]), &rows(&marks)).expect("whole");
    for item in &found.items {
        assert_eq!((item.discrimination_index, item.discriminative_efficiency), (None, None), "{item:?}");
    }
    // Each attempt has 0.6 in all, however its parts are added.
    let equal: [&[f64]; 4] = [&[0.1, 0.2, 0.3], &[0.3, 0.2, 0.1], &[0.2, 0.3, 0.1], &[0.6, 0.0, 0.0]];
    let found = analyse(&columns(&[1.0; 3]), &rows(&equal)).expect("whole");
    assert_eq!(
        (found.standard_deviation, found.skewness, found.kurtosis, found.internal_consistency),
        (Some(0.0), None, None, None)
    );
}

#[test]
fn marks_that_do_not_fit_are_refused() {
    assert_eq!(
        analyse(&columns(&[1.0; 2]), &rows(&[&[1.0]])),
        Err(AnalyticsError::Ragged { row: 0, found: 1, columns: 2 })
    );
    assert_eq!(analyse(&columns(&[1.0]), &rows(&[&[f64::NAN]])), Err(AnalyticsError::NotFinite { row: 0 }));
}

/// Twenty attempts at a choice of three and a filler that ranks them. The best ten take `b` although `a` is the key; nobody takes `c`.
#[test]
fn a_bad_item_is_named_with_its_options_and_times() {
    let [a, b, c] = ["a", "b", "c"].map(OptionId::new);
    let mut columns = columns(&[1.0, 20.0]);
    columns[0].options = vec![a.clone(), b.clone(), c.clone()];
    columns[0].keys = vec![a.clone()];
    let rows: Vec<Row> = (0..20_u32)
        .map(|rank| Row {
            marks: vec![f64::from(u8::from(rank < 10)), f64::from(rank)],
            chosen: vec![vec![if rank < 10 { a.clone() } else { b.clone() }]],
            item_ms: vec![Some(u64::from(rank) * 1_000)],
            duration_ms: None,
        })
        .collect();
    let item = analyse(&columns, &rows).expect("whole").items.remove(0);
    assert_eq!(
        item.concerns,
        [
            Concern::WorksAgainstTheRest,
            Concern::BestChooseWrongly { option: b.clone() },
            Concern::UnusedOption { option: c }
        ]
    );
    let shares: Vec<_> = item
        .options
        .iter()
        .map(|option| (option.count, option.share, option.share_of_best, option.share_of_weakest))
        .collect();
    assert_eq!(
        shares,
        [(10, 0.5, Some(0.0), Some(1.0)), (10, 0.5, Some(1.0), Some(0.0)), (0, 0.0, Some(0.0), Some(0.0))]
    );
    assert_eq!((item.options[0].mean_total, item.options[1].mean_total), (Some(5.5), Some(14.5)));
    assert_eq!(
        item.time,
        Some(Times {
            count: 20,
            mean_ms: 9_500.0,
            median_ms: 9_500.0,
            lower_quartile_ms: 4_750.0,
            upper_quartile_ms: 14_250.0
        })
    );
}

fn figures(statistics: &Statistics) -> Vec<Option<f64>> {
    let mut all =
        vec![statistics.mean, statistics.standard_deviation, statistics.internal_consistency, statistics.skewness];
    all.extend(
        statistics
            .items
            .iter()
            .flat_map(|item| [item.facility, item.discrimination_index, item.discriminative_efficiency]),
    );
    all
}

proptest! {
    #[test]
    fn the_order_of_attempts_does_not_matter(marks in prop::collection::vec(prop::collection::vec(0_u8..5, 4), 0..40)) {
        let row = |marks: &Vec<u8>| Row { marks: marks.iter().map(|mark| f64::from(*mark)).collect(), ..Row::default() };
        let forth: Vec<Row> = marks.iter().map(row).collect();
        let back: Vec<Row> = marks.iter().rev().map(row).collect();
        let [forth, back] = [forth, back].map(|rows| analyse(&columns(&[4.0; 4]), &rows).expect("whole"));
        for (a, b) in figures(&forth).into_iter().zip(figures(&back)) {
            match (a, b) {
                (Some(a), Some(b)) => prop_assert!((a - b).abs() < 1e-9, "{} and {}", a, b),
                (a, b) => prop_assert_eq!(a, b),
            }
        }
    }

    #[test]
    fn figures_stay_within_their_bounds(marks in prop::collection::vec(prop::collection::vec(0_u8..3, 5), 2..30)) {
        let rows: Vec<Row> = marks.iter().map(|marks| Row { marks: marks.iter().map(|mark| f64::from(*mark)).collect(), ..Row::default() }).collect();
        let found = analyse(&columns(&[2.0; 5]), &rows).expect("whole");
        for item in &found.items {
            prop_assert!(item.facility.is_none_or(|share| (0.0..=1.0).contains(&share)));
            prop_assert!(item.discrimination_index.is_none_or(|index| (-100.0 - 1e-9..=100.0 + 1e-9).contains(&index)));
            prop_assert!(item.discriminative_efficiency.is_none_or(|efficiency| efficiency <= 100.0 + 1e-9));
        }
        prop_assert!(found.internal_consistency.is_none_or(|cic| cic <= 100.0 + 1e-9));
        prop_assert!(found.error_ratio.is_none_or(|ratio| ratio >= 0.0));
    }
}
