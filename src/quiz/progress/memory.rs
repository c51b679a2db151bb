//! FSRS-6: how long something is remembered, and when to review it.
//!
//! The published formulas with the published default parameters ("The Algorithm", open-spaced-repetition wiki), held against py-fsrs 6.3.2 in
//! tests/quiz/reference. The crate `fsrs` is not used: its scheduler is these few lines, and it brings its optimizer along (ndarray, rayon,
//! random numbers: forty crates), in single precision. No fuzz, no steps within a day, no training of parameters.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How a review went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rating {
    Again = 1,
    Hard = 2,
    Good = 3,
    Easy = 4,
}

impl Rating {
    /// Of the share of points that was reached. `Easy` is never concluded from points: it says how it felt.
    pub fn of_share(share: f64) -> Self {
        match share {
            share if share < 0.6 => Self::Again,
            share if share < 0.9 => Self::Hard,
            _ => Self::Good,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = SkillMemory)]
pub struct Memory {
    /// Days until the chance of recall has sunk to 90 %.
    pub stability: f64,
    /// From 1 to 10.
    pub difficulty: f64,
}

/// The default parameters of FSRS-6, w0 to w20.
const W: [f64; 21] = [
    0.212, 1.2931, 2.3065, 8.2956, 6.4133, 0.8334, 3.0194, 0.001, 1.8722, 0.1666, 0.796, 1.4835, 0.0614, 0.2629,
    1.6483, 0.6014, 1.8729, 0.5425, 0.0912, 0.0658, 0.1542,
];
const STABILITY_MIN: f64 = 0.001;
const INTERVAL_DAYS_MAX: f64 = 36_500.0;

impl Memory {
    /// After the first review.
    pub fn first(rating: Rating) -> Self {
        let stability = W[rating as usize - 1].max(STABILITY_MIN);
        Self { stability, difficulty: initial_difficulty(rating).clamp(1.0, 10.0) }
    }

    /// After a further review, so many whole days after the last; 0 is the same day.
    pub fn reviewed(self, rating: Rating, days: u32) -> Self {
        let stability = if days == 0 {
            self.short_term(rating)
        } else {
            self.long_term(rating, retrievability(self.stability, days))
        };
        Self { stability: stability.max(STABILITY_MIN), difficulty: self.next_difficulty(rating) }
    }

    fn short_term(self, rating: Rating) -> f64 {
        let growth = (W[17] * (grade(rating) - 3.0 + W[18])).exp() * self.stability.powf(-W[19]);
        self.stability * if rating == Rating::Again { growth } else { growth.max(1.0) }
    }

    fn long_term(self, rating: Rating, recall: f64) -> f64 {
        let bonus = match rating {
            Rating::Again => return self.forgotten(recall),
            Rating::Hard => W[15],
            Rating::Good => 1.0,
            Rating::Easy => W[16],
        };
        let growth = W[8].exp()
            * (11.0 - self.difficulty)
            * self.stability.powf(-W[9])
            * (((1.0 - recall) * W[10]).exp() - 1.0)
            * bonus;
        self.stability * (1.0 + growth)
    }

    fn forgotten(self, recall: f64) -> f64 {
        let long = W[11]
            * self.difficulty.powf(-W[12])
            * ((self.stability + 1.0).powf(W[13]) - 1.0)
            * ((1.0 - recall) * W[14]).exp();
        long.min(self.stability / (W[17] * W[18]).exp())
    }

    fn next_difficulty(self, rating: Rating) -> f64 {
        let damped = self.difficulty - W[6] * (grade(rating) - 3.0) * (10.0 - self.difficulty) / 9.0;
        (W[7] * initial_difficulty(Rating::Easy) + (1.0 - W[7]) * damped).clamp(1.0, 10.0)
    }
}

fn initial_difficulty(rating: Rating) -> f64 {
    W[4] - (W[5] * (grade(rating) - 1.0)).exp() + 1.0
}

fn grade(rating: Rating) -> f64 {
    f64::from(rating as u8)
}

/// The forgetting curve's factor: recall is 90 % when as many days as the stability have gone.
fn factor() -> f64 {
    0.9_f64.powf(-1.0 / W[20]) - 1.0
}

/// The chance of recall so many whole days after the last review.
pub fn retrievability(stability: f64, days: u32) -> f64 {
    (1.0 + factor() * f64::from(days) / stability).powf(-W[20])
}

/// Whole days until the chance of recall has sunk to `retention`: at least 1, at most a hundred years; halves go to the even day.
pub fn interval_days(stability: f64, retention: f64) -> u32 {
    let days = stability / factor() * (retention.clamp(0.5, 0.99).powf(-1.0 / W[20]) - 1.0);
    days.round_ties_even().clamp(1.0, INTERVAL_DAYS_MAX) as u32
}
