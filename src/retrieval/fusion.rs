//! Several rankings of the same things as one: reciprocal rank fusion. Pure.
//!
//! score(d) = Σ over rankings r that name d of 1 / (k + rank of d in r), ranks from 1, k = 60: G. V. Cormack, C. L. A. Clarke and S. Büttcher,
//! "Reciprocal Rank Fusion outperforms Condorcet and individual Rank Learning Methods", SIGIR 2009. It looks at ranks alone, so that scores
//! of different kinds need not be made comparable.

use std::collections::HashMap;
use std::hash::Hash;

/// The constant of the paper: how much less the first ranks count above the next.
const K: f64 = 60.0;

/// The best first, each with its score. What is named twice in one ranking counts where it is named first; among equals, the order of
/// the rankings and then that within them decides.
pub fn fused<T: Clone + Eq + Hash>(rankings: &[Vec<T>]) -> Vec<(T, f64)> {
    let mut places: HashMap<&T, usize> = HashMap::new();
    let mut scored: Vec<(&T, f64)> = Vec::new();
    for ranking in rankings {
        let mut named = std::collections::HashSet::new();
        for thing in ranking.iter().filter(|thing| named.insert(*thing)).enumerate() {
            let (index, thing) = thing;
            let place = *places.entry(thing).or_insert_with(|| {
                scored.push((thing, 0.0));
                scored.len() - 1
            });
            scored[place].1 += 1.0 / (K + (index + 1) as f64);
        }
    }
    // Stable: equals stay in the order in which they were first named.
    scored.sort_by(|one, other| other.1.total_cmp(&one.1));
    scored.into_iter().map(|(thing, score)| (thing.clone(), score)).collect()
}

#[cfg(test)]
mod tests {
    use super::fused;
    use proptest::prelude::*;
    use std::collections::HashSet;

    #[test]
    fn the_formula_of_the_paper() {
        let fused = fused(&[vec!["a", "b"], vec!["b", "c"]]);
        let expected = [("b", 1.0 / 62.0 + 1.0 / 61.0), ("a", 1.0 / 61.0), ("c", 1.0 / 62.0)];
        assert_eq!(fused.len(), 3);
        for ((thing, score), (wanted, value)) in fused.iter().zip(expected) {
            assert_eq!(*thing, wanted);
            assert!((score - value).abs() < 1e-12);
        }
    }

    fn rankings() -> impl Strategy<Value = Vec<Vec<u8>>> {
        proptest::collection::vec(proptest::collection::vec(0_u8..40, 0..30), 0..4)
    }

    proptest! {
        #[test]
        fn everything_that_is_ranked_comes_out_once_and_nothing_else(rankings in rankings()) {
            let out: Vec<u8> = fused(&rankings).into_iter().map(|(thing, _)| thing).collect();
            let set: HashSet<u8> = out.iter().copied().collect();
            prop_assert_eq!(out.len(), set.len());
            prop_assert_eq!(set, rankings.iter().flatten().copied().collect::<HashSet<_>>());
        }

        #[test]
        fn scores_fall_and_are_bounded(rankings in rankings()) {
            let scores: Vec<f64> = fused(&rankings).into_iter().map(|(_, score)| score).collect();
            prop_assert!(scores.windows(2).all(|two| two[0] >= two[1]));
            prop_assert!(scores.iter().all(|score| *score > 0.0 && *score <= rankings.len() as f64 / 61.0 + 1e-12));
        }

        #[test]
        fn one_ranking_alone_stays_as_it_is(ranking in proptest::collection::hash_set(any::<u16>(), 0..50)) {
            let ranking: Vec<u16> = ranking.into_iter().collect();
            let out: Vec<u16> = fused(std::slice::from_ref(&ranking)).into_iter().map(|(thing, _)| thing).collect();
            prop_assert_eq!(out, ranking);
        }

        #[test]
        fn what_every_ranking_places_higher_ends_higher(mut rankings in rankings(), best in 100_u8..110) {
            for ranking in &mut rankings {
                ranking.insert(0, best);
            }
            prop_assume!(!rankings.is_empty());
            prop_assert_eq!(fused(&rankings)[0].0, best);
        }
    }
}
