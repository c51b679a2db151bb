//! Which items a teacher should look at, and why. The bounds are those of Moodle's documentation where it has any; below
//! `QUIZ_JUDGED_ATTEMPTS_MIN` attempts nothing is said.

use super::{Column, ItemStatistics};
use crate::config::limits::QUIZ_JUDGED_ATTEMPTS_MIN;
use crate::quiz::item::OptionId;
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ItemConcern)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Concern {
    /// Those who do well in the quiz do badly here: the key is probably wrong or the question misleading.
    WorksAgainstTheRest,
    /// It hardly tells strong attempts from weak ones.
    HardlyDiscriminates,
    /// Nearly everybody is right.
    TooEasy,
    /// Nearly nobody is right, or no more than guess.
    TooHard,
    /// Hardly anybody takes this distractor.
    UnusedOption { option: OptionId },
    /// The best take this distractor rather than the key.
    BestChooseWrongly { option: OptionId },
}

const DISCRIMINATION_MIN: f64 = 20.0;
const FACILITY_MAX: f64 = 0.95;
const FACILITY_MIN: f64 = 0.2;
const OPTION_SHARE_MIN: f64 = 0.05;

pub(super) fn concerns(column: &Column, item: &ItemStatistics) -> Vec<Concern> {
    let mut found = Vec::new();
    if item.attempts < QUIZ_JUDGED_ATTEMPTS_MIN {
        return found;
    }
    let facility = item.facility.unwrap_or(0.5);
    match item.discrimination_index {
        Some(index) if index < 0.0 => found.push(Concern::WorksAgainstTheRest),
        Some(index) if index < DISCRIMINATION_MIN && facility <= FACILITY_MAX => {
            found.push(Concern::HardlyDiscriminates)
        }
        Some(_) | None => {}
    }
    if facility > FACILITY_MAX {
        found.push(Concern::TooEasy);
    } else if facility < FACILITY_MIN || column.guess.is_some_and(|guess| facility <= guess) {
        found.push(Concern::TooHard);
    }
    let key_of_best =
        item.options.iter().filter(|option| option.is_key).filter_map(|option| option.share_of_best).reduce(f64::max);
    let chosen = item.options.iter().map(|option| option.count).sum::<usize>();
    for option in item.options.iter().filter(|option| !option.is_key) {
        if chosen >= QUIZ_JUDGED_ATTEMPTS_MIN && option.share < OPTION_SHARE_MIN {
            found.push(Concern::UnusedOption { option: option.option.clone() });
        }
        if option.share_of_best.zip(key_of_best).is_some_and(|(wrong, right)| wrong > right) {
            found.push(Concern::BestChooseWrongly { option: option.option.clone() });
        }
    }
    found
}
