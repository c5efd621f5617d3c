//! The random split into ratings to learn from and ratings held out.

use super::Ratings;
use crate::math::philox::{Purpose, bits, key};

/// Splits `ratings` into `(kept, held_out)`. Each rating is held out with probability `fraction`, by a random
/// number that depends only on `seed` and on the rating's place in the file.
pub fn split(ratings: &Ratings, fraction: f64, seed: u64) -> (Ratings, Ratings) {
    let key = key(seed, Purpose::Split);
    let threshold = (fraction.clamp(0.0, 1.0) * 2f64.powi(64)) as u64;
    let (mut kept, mut held_out) = (Ratings::default(), Ratings::default());
    for (place, (user, item, value)) in ratings.iter().enumerate() {
        let side = if bits(key, place as u64) < threshold { &mut held_out } else { &mut kept };
        side.push(user, item, value);
    }
    (kept, held_out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_a_partition_of_the_asked_size_that_depends_on_the_seed() {
        let mut ratings = Ratings::default();
        (0..10_000).for_each(|n| ratings.push(n, n, n as f32));
        let (kept, held_out) = split(&ratings, 0.05, 1);
        assert_eq!(kept.len() + held_out.len(), ratings.len());
        assert!((400..600).contains(&held_out.len()), "{}", held_out.len());
        assert_ne!(held_out, split(&ratings, 0.05, 2).1);
        assert_eq!(held_out, split(&ratings, 0.05, 1).1);
        assert!(split(&ratings, 0.0, 1).1.is_empty());
    }
}
