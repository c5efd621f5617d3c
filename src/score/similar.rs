//! The most similar rows of one side, by the cosine of their factors.

use super::lists::{Constants, Lists, Places};
use super::options::TopOptions;
use super::packed::Packed;
use super::tile::{shape, walk};
use crate::math::Matrix;
use crate::model::Factors;
use crate::ratings::Side;
use rayon::prelude::*;

/// Rows per task, approximately.
const ROWS: usize = 96;

/// For each of `rows` of a side, the `count` other rows of highest similarity, best first; equal ones in the
/// order of their numbers. The similarity is the cosine of the factors, from -1 to 1; biases are ignored. The
/// similarity to a row of zeros is 0.
///
/// With several draws (posterior samples) it is the mean of their cosines. The cosine of mean factors would
/// be meaningless: a draw may rotate all factors without changing its predictions, so only quantities
/// computed within a draw can be averaged.
///
/// # Panics
/// If a number is not a row of the draws.
pub fn similar(
    draws: &(impl AsRef<[Factors]> + ?Sized),
    side: Side,
    rows: &[u32],
    count: usize,
) -> Vec<Vec<(u32, f32)>> {
    similar_among(draws, side, rows, count, None)
}

/// As [`similar`], of the rows that are marked in `allowed`, which has one mark per row of the side; `None`
/// allows all.
///
/// # Panics
/// As [`similar`], and if `allowed` has another length.
pub fn similar_among(
    draws: &(impl AsRef<[Factors]> + ?Sized),
    side: Side,
    rows: &[u32],
    count: usize,
    allowed: Option<&[bool]>,
) -> Vec<Vec<(u32, f32)>> {
    let draws = draws.as_ref();
    let Some(first) = draws.first() else { return vec![Vec::new(); rows.len()] };
    let (all, factors) = (first.side(side).factors.rows(), first.side(side).factors.columns());
    let width = draws.len() * factors;
    // The mean cosine is one inner product of concatenated unit vectors.
    let norms: Vec<Vec<f32>> = draws.iter().map(|draw| inverse_norms(draw.side(side).factors)).collect();
    let unit = |row: u32, to: &mut [f32]| {
        for ((draw, norms), to) in draws.iter().zip(&norms).zip(to.chunks_mut(factors.max(1))) {
            let own = draw.side(side).factors.row(row as usize);
            to.iter_mut().zip(own).for_each(|(to, own)| *to = own * norms[row as usize]);
        }
    };
    let chosen = TopOptions { allowed, ..TopOptions::default() }.chosen(all);
    let right = Packed::new((chosen.len(), width, shape().right), |at, to| unit(chosen[at], to));
    let count = count.min(chosen.len());
    let places = Places::new(chosen, all);
    let task = |rows: &[u32]| {
        let left = Packed::new((rows.len(), width, shape().left), |at, to| unit(rows[at], to));
        let zeros = vec![0.0; rows.len()];
        let itself = rows.chunks(1);
        let wanted = (count, f32::NEG_INFINITY);
        let mut lists = Lists::new((&left, &right), (&places, Constants::OfRows(&zeros)), wanted, itself);
        walk(&left, &right, &mut lists);
        let mut lists = lists.sorted();
        for (_, sum) in lists.iter_mut().flatten() {
            *sum = (*sum / draws.len() as f32).clamp(-1.0, 1.0);
        }
        lists
    };
    rows.par_chunks(ROWS).flat_map_iter(task).collect()
}

/// One over the length of each row, or 0 for a row of zeros.
fn inverse_norms(rows: &Matrix) -> Vec<f32> {
    let inverse = |row| {
        let square: f64 = rows.row(row).iter().map(|&x| f64::from(x) * f64::from(x)).sum();
        // Of the smallest rows it is no `f32`; they are then a little short.
        if square > 0.0 { ((1.0 / square.sqrt()) as f32).min(f32::MAX) } else { 0.0 }
    };
    (0..rows.rows()).into_par_iter().map(inverse).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draws(draws: &[&[f32]]) -> Vec<Factors> {
        let draw = |numbers: &&[f32]| Factors {
            items: Matrix::from_vec(numbers.len() / 2, 2, numbers.to_vec()),
            users: Matrix::from_vec(1, 2, vec![1.0, 1.0]),
            ..Factors::default()
        };
        draws.iter().map(draw).collect()
    }

    fn near(found: &[(u32, f32)], expected: &[(u32, f32)]) -> bool {
        found.len() == expected.len()
            && found.iter().zip(expected).all(|(a, b)| a.0 == b.0 && (a.1 - b.1).abs() < 1e-6)
    }

    #[test]
    fn cosines_by_hand() {
        let draws = draws(&[&[2.0, 0.0, 3.0, 4.0, 0.0, 0.0, -0.5, 0.0, 0.0, 7.0]]);
        let lists = similar(&draws, Side::Item, &[0, 2, 1], 10);
        assert!(near(&lists[0], &[(1, 0.6), (2, 0.0), (4, 0.0), (3, -1.0)]), "{lists:?}");
        assert!(near(&lists[1], &[(0, 0.0), (1, 0.0), (3, 0.0), (4, 0.0)]), "a zero row: {lists:?}");
        assert!(near(&lists[2], &[(4, 0.8), (0, 0.6), (2, 0.0), (3, -0.6)]), "{lists:?}");
        assert!(near(&similar(&draws, Side::Item, &[0], 1)[0], &[(1, 0.6)]));
        assert!(similar(&draws, Side::User, &[0], 5)[0].is_empty());
        let some = similar_among(&draws, Side::Item, &[0, 3], 2, Some(&[false, false, true, true, true]));
        assert!(near(&some[0], &[(2, 0.0), (4, 0.0)]), "not the second: {some:?}");
        assert!(near(&some[1], &[(2, 0.0), (4, 0.0)]), "{some:?}");
        let none = similar_among(&draws, Side::Item, &[0], 2, Some(&[false; 5]));
        assert!(none.len() == 1 && none[0].is_empty(), "{none:?}");
    }

    /// The second draw is the first one, rotated by a right angle and twice as long. The mean of the factors
    /// would give another result for the third item, which only that draw places on the other side.
    #[test]
    fn a_turned_draw_changes_nothing() {
        let one: &[f32] = &[1.0, 0.0, 0.6, 0.8, -1.0, 0.0];
        let turned: &[f32] = &[0.0, 2.0, -1.6, 1.2, 0.0, -2.0];
        let alone = similar(&draws(&[one]), Side::Item, &[0], 9);
        let both = similar(&draws(&[one, turned]), Side::Item, &[0], 9);
        assert!(near(&both[0], &alone[0]), "{both:?} {alone:?}");
        let other: &[f32] = &[0.0, 2.0, -1.6, 1.2, 0.0, 2.0];
        let differs = similar(&draws(&[one, other]), Side::Item, &[0], 9);
        assert!(near(&differs[0], &[(1, 0.6), (2, 0.0)]), "{differs:?}");
    }

    #[test]
    fn many_rows_agree_with_a_plain_loop() {
        let numbers: Vec<f32> =
            (0..2 * 1300_u32).map(|n| ((n * 7919) % 1013) as f32 / 1013.0 - 0.4).collect();
        let draws = draws(&[&numbers]);
        let rows: Vec<u32> = (0..1300).step_by(9).collect();
        for (&row, list) in rows.iter().zip(similar(&draws, Side::Item, &rows, 5)) {
            let cosine = |other: u32| {
                let of = |row: u32| [0, 1].map(|n| f64::from(numbers[2 * row as usize + n]));
                let (a, b) = (of(row), of(other));
                (a[0] * b[0] + a[1] * b[1]) / (a[0].hypot(a[1]) * b[0].hypot(b[1]))
            };
            let mut all: Vec<f64> = (0..1300).filter(|&other| other != row).map(cosine).collect();
            all.sort_by(|a, b| b.total_cmp(a));
            for (&(other, found), best) in list.iter().zip(all) {
                assert!((f64::from(found) - best).abs() < 1e-5 && (cosine(other) - best).abs() < 1e-5);
            }
        }
    }
}
