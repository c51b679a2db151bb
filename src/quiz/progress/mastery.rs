//! Bayesian knowledge tracing (Corbett and Anderson 1995): the chance that a skill is known, after each observation.

use serde::{Deserialize, Serialize};

/// From this chance on a skill counts as mastered.
pub const MASTERED: f64 = 0.95;

/// The four parameters. `guess` is an item's own where it can be told, e.g. a quarter for a choice of four.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tracing {
    /// Known before anything was seen.
    pub initial: f64,
    /// Learnt at an occasion.
    pub transit: f64,
    /// Known, and yet answered wrongly.
    pub slip: f64,
    /// Not known, and yet answered rightly.
    pub guess: f64,
}

impl Default for Tracing {
    fn default() -> Self {
        Self { initial: 0.3, transit: 0.1, slip: 0.1, guess: 0.2 }
    }
}

impl Tracing {
    /// The same with an item's own chance of guessing, kept where an answer still tells something.
    pub fn guessed(self, guess: f64) -> Self {
        Self { guess: guess.clamp(0.01, 0.5), ..self }
    }

    /// The chance after a right answer or a wrong one and the occasion to learn that it was.
    pub fn after(&self, known: f64, right: bool) -> f64 {
        self.learnt(self.posterior(known, right))
    }

    /// The same for a part of the points: right and wrong weighed by it. At 1 and 0 it is `after`.
    pub fn after_share(&self, known: f64, share: f64) -> f64 {
        let share = share.clamp(0.0, 1.0);
        self.learnt(share * self.posterior(known, true) + (1.0 - share) * self.posterior(known, false))
    }

    fn posterior(&self, known: f64, right: bool) -> f64 {
        let (if_known, if_not) = if right { (1.0 - self.slip, self.guess) } else { (self.slip, 1.0 - self.guess) };
        let whole = known * if_known + (1.0 - known) * if_not;
        if whole > 0.0 { known * if_known / whole } else { known }
    }

    fn learnt(&self, posterior: f64) -> f64 {
        posterior + (1.0 - posterior) * self.transit
    }
}
