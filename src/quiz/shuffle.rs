//! Orders of items and options from a seed: the same on every machine and in every release.
//!
//! SplitMix64 (Steele, Lea, Flood 2014) and Fisher and Yates from the end, with rejection, so that every order is as likely as any other.
//! Not for secrets: who knows the seed knows the order. Attempts that are open are shown by it again and again, so that it never changes.

#[derive(Clone, Debug)]
pub struct Shuffle {
    state: u64,
}

impl Shuffle {
    pub fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// An order of its own for one thing in an attempt, e.g. an item's options: it does not move when other items come or go.
    pub fn of(seed: u64, name: &str) -> Self {
        let hash = name
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
        let mut mixed = Self { state: seed ^ hash };
        Self { state: mixed.step() }
    }

    pub fn shuffle<T>(&mut self, things: &mut [T]) {
        for last in (1..things.len()).rev() {
            things.swap(last, self.below(last as u64 + 1) as usize);
        }
    }

    /// A number from 0 to below `bound`, each as likely; 0 for a bound of 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        if bound == 0 {
            return 0;
        }
        let unfair = (u64::MAX % bound + 1) % bound;
        loop {
            let drawn = self.step();
            if drawn <= u64::MAX - unfair {
                return drawn % bound;
            }
        }
    }

    fn step(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}
