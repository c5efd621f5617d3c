//! What is alike: rows of one side whose factors point the same way.

use super::best::Best;
use super::walk::{Take, walk};
use crate::math::Matrix;
use crate::model::{Factors, Model};
use crate::ratings::Side;
use rayon::prelude::*;
use std::ops::Range;

/// Rows of one task.
const ROWS: usize = 64;
/// Rows that are compared before their cosines are looked at.
const OTHERS: usize = 512;

/// For each of `rows` of a side the `count` other rows of highest similarity, best first; equal ones in the order of
/// their numbers. The similarity is the cosine of the factors, from -1 to 1; biases take no part. A row of zeros is
/// similar to nothing: 0.
///
/// Of several draws it is the mean of their cosines. The cosine of mean factors would mean nothing: each draw may turn
/// all factors alike without any change of what it predicts, so only what is computed within a draw can be averaged.
///
/// # Panics
/// If a number is no row of the model.
pub fn similar(model: &Model, side: Side, rows: &[u32], count: usize) -> Vec<Vec<(u32, f32)>> {
    let norms: Vec<Vec<f32>> = model.draws.iter().map(|draw| inverse_norms(factors(draw, side))).collect();
    rows.par_chunks(ROWS).flat_map_iter(|rows| block(model, side, &norms, rows, count)).collect()
}

fn block(model: &Model, side: Side, norms: &[Vec<f32>], rows: &[u32], count: usize) -> Vec<Vec<(u32, f32)>> {
    let all = factors(&model.draws[0], side).rows();
    let numbers: Vec<Option<u32>> = rows.iter().map(|&row| Some(row)).collect();
    let mut lists: Vec<Best> = rows.iter().map(|_| Best::new(count, f32::NEG_INFINITY)).collect();
    let mut buffer = vec![0.0; rows.len() * OTHERS.min(all)];
    for start in (0..all).step_by(OTHERS) {
        let tile = start..all.min(start + OTHERS);
        let sums = &mut buffer[..rows.len() * tile.len()];
        sums.fill(0.0);
        for (draw, norms) in model.draws.iter().zip(norms) {
            let factors = factors(draw, side);
            let mut take = AddCosines { norms, rows, tile: tile.clone(), sums };
            walk((factors, &numbers), (factors, tile.clone()), &mut take);
        }
        for ((list, &row), sums) in lists.iter_mut().zip(rows).zip(sums.chunks(tile.len())) {
            for (other, sum) in (start as u32..).zip(sums) {
                let cosine = (sum / model.draws.len() as f32).clamp(-1.0, 1.0);
                if other != row && list.wants(cosine) {
                    list.push(cosine, other);
                }
            }
        }
    }
    lists.into_iter().map(Best::sorted).collect()
}

fn factors(draw: &Factors, side: Side) -> &Matrix {
    if side == Side::User { &draw.users } else { &draw.items }
}

/// One over the length of each row, or 0 for a row of zeros.
fn inverse_norms(rows: &Matrix) -> Vec<f32> {
    let inverse = |row| {
        let square: f64 = rows.row(row).iter().map(|&x| f64::from(x) * f64::from(x)).sum();
        if square > 0.0 { (1.0 / square.sqrt()) as f32 } else { 0.0 }
    };
    (0..rows.rows()).into_par_iter().map(inverse).collect()
}

/// Adds the cosines of a draw to sums.
struct AddCosines<'a> {
    norms: &'a [f32],
    rows: &'a [u32],
    tile: Range<usize>,
    sums: &'a mut [f32],
}

impl Take for AddCosines<'_> {
    #[expect(clippy::inline_always, reason = "part of the walk")]
    #[inline(always)]
    fn take(&mut self, at: usize, first: usize, dots: &[f32]) {
        let sums = &mut self.sums[at * self.tile.len() + first - self.tile.start..][..dots.len()];
        let own = self.norms[self.rows[at] as usize];
        let others = &self.norms[first..][..dots.len()];
        for (sum, (dot, other)) in sums.iter_mut().zip(dots.iter().zip(others)) {
            *sum += dot * own * other;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ratings::IdMap;

    fn model(draws: &[&[f32]]) -> Model {
        let draw = |numbers: &&[f32]| Factors {
            items: Matrix::from_vec(numbers.len() / 2, 2, numbers.to_vec()),
            users: Matrix::from_vec(1, 2, vec![1.0, 1.0]),
            ..Factors::default()
        };
        Model { draws: draws.iter().map(draw).collect(), items: IdMap::new(), ..Model::default() }
    }

    fn near(found: &[(u32, f32)], expected: &[(u32, f32)]) -> bool {
        found.len() == expected.len()
            && found.iter().zip(expected).all(|(a, b)| a.0 == b.0 && (a.1 - b.1).abs() < 1e-6)
    }

    #[test]
    fn cosines_by_hand() {
        let model = model(&[&[2.0, 0.0, 3.0, 4.0, 0.0, 0.0, -0.5, 0.0, 0.0, 7.0]]);
        let lists = similar(&model, Side::Item, &[0, 2, 1], 10);
        assert!(near(&lists[0], &[(1, 0.6), (2, 0.0), (4, 0.0), (3, -1.0)]), "{lists:?}");
        assert!(near(&lists[1], &[(0, 0.0), (1, 0.0), (3, 0.0), (4, 0.0)]), "a zero row: {lists:?}");
        assert!(near(&lists[2], &[(4, 0.8), (0, 0.6), (2, 0.0), (3, -0.6)]), "{lists:?}");
        assert!(near(&similar(&model, Side::Item, &[0], 1)[0], &[(1, 0.6)]));
        assert!(similar(&model, Side::User, &[0], 5)[0].is_empty());
    }

    /// The second draw is the first one, turned by a right angle and twice as long; the mean of the factors would give
    /// another answer for the third item, which is only in it on the other side.
    #[test]
    fn a_turned_draw_changes_nothing() {
        let one: &[f32] = &[1.0, 0.0, 0.6, 0.8, -1.0, 0.0];
        let turned: &[f32] = &[0.0, 2.0, -1.6, 1.2, 0.0, -2.0];
        let alone = similar(&model(&[one]), Side::Item, &[0], 9);
        let both = similar(&model(&[one, turned]), Side::Item, &[0], 9);
        assert!(near(&both[0], &alone[0]), "{both:?} {alone:?}");
        let other: &[f32] = &[0.0, 2.0, -1.6, 1.2, 0.0, 2.0];
        let differs = similar(&model(&[one, other]), Side::Item, &[0], 9);
        assert!(near(&differs[0], &[(1, 0.6), (2, 0.0)]), "{differs:?}");
    }

    #[test]
    fn many_rows_agree_with_a_plain_loop() {
        let numbers: Vec<f32> =
            (0..2 * 1300_u32).map(|n| ((n * 7919) % 1013) as f32 / 1013.0 - 0.4).collect();
        let model = model(&[&numbers]);
        let rows: Vec<u32> = (0..1300).step_by(9).collect();
        for (&row, list) in rows.iter().zip(similar(&model, Side::Item, &rows, 5)) {
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
