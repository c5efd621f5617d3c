//! How far the scores of a model can reach: finite factors may have a product that no number holds.

use super::Factors;
use crate::math::Matrix;
use crate::ratings::Side;

/// Scores, deviations and their sums over draws must stay below the largest `f32`, with room for rounding.
const LARGEST: f64 = f32::MAX as f64 / 8.0;

impl Factors {
    /// Checks that no score can leave the range of numbers, and no deviation. The error names the bound.
    pub(crate) fn check_reach(&self) -> Result<(), String> {
        check(self)
    }
}

fn check(draw: &Factors) -> Result<(), String> {
    let largest = |numbers: &[f32]| numbers.iter().fold(0.0_f64, |most, x| most.max(f64::from(*x).abs()));
    // By Cauchy and Schwarz no product is larger than the product of the lengths, and no part of its sum is.
    let users = longest(draw.side(Side::User).factors).max(length(&draw.origin));
    let items = longest(draw.side(Side::Item).factors);
    let biases = largest(&draw.user_bias) + largest(&draw.item_bias);
    let scale = f64::from(draw.scale).abs();
    let reach = f64::from(draw.mean).abs() + scale * (biases + users * items);
    // A row is multiplied by the scale before it meets another.
    let row = scale.max(1.0) * users.max(items);
    for (what, found) in [("scores", reach), ("rows", row), ("deviations", deviation(draw))] {
        if found > LARGEST {
            return Err(format!(
                "{what} may reach {found:.1e}, expected at most {LARGEST:.1e} (scale \
                 {scale:.1e}, mean {:.1e}, biases up to {biases:.1e}, users up to a length of {users:.1e}, items {items:.1e})",
                draw.mean
            ));
        }
    }
    Ok(())
}

/// The largest standard deviation of a rating about its prediction; 0 if the draw does not know any.
fn deviation(draw: &Factors) -> f64 {
    let least = |weights: &[f32]| weights.iter().fold(f64::INFINITY, |least, x| least.min(f64::from(*x)));
    let least = |weights: &[f32]| if weights.is_empty() { 1.0 } else { least(weights) };
    let precision = draw.fold_in.as_ref().map_or(0.0, |fold_in| f64::from(fold_in.precision));
    if precision <= 0.0 {
        return 0.0;
    }
    f64::from(draw.scale).abs() / (precision * least(&draw.user_weight) * least(&draw.item_weight)).sqrt()
}

fn longest(rows: &Matrix) -> f64 {
    (0..rows.rows()).map(|row| length(rows.row(row))).fold(0.0, f64::max)
}

fn length(row: &[f32]) -> f64 {
    row.iter().map(|&x| f64::from(x) * f64::from(x)).sum::<f64>().sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draw() -> Factors {
        Factors {
            users: Matrix::from_vec(1, 2, vec![3.0, 4.0]),
            items: Matrix::from_vec(2, 2, vec![0.0, 0.0, -1.0, 0.0]),
            user_bias: vec![0.5],
            item_bias: vec![-2.0, 1.0],
            mean: 3.0,
            scale: 2.0,
            ..Factors::default()
        }
    }

    #[test]
    fn what_can_leave_the_numbers_is_named() {
        assert_eq!(check(&draw()), Ok(()));
        let with = |change: fn(&mut Factors)| {
            let mut draw = draw();
            change(&mut draw);
            check(&draw).unwrap_err()
        };
        let all = with(|draw| draw.users.as_mut_slice().fill(3e38));
        assert!(all.starts_with("scores may reach 8.5e38, expected at most 4.3e37"), "{all}");
        for text in [
            with(|draw| draw.scale = 3e38),
            with(|draw| draw.mean = -3e38),
            with(|draw| draw.item_bias[0] = -3e38),
            with(|draw| draw.items.as_mut_slice().fill(2e37)),
            with(|draw| {
                draw.users.as_mut_slice().fill(1e20);
                draw.items.as_mut_slice().fill(1e20);
            }),
        ] {
            assert!(text.contains("scores may reach"), "{text}");
        }
        let rows = with(|draw| {
            draw.items.as_mut_slice().fill(0.0);
            draw.users.as_mut_slice().fill(3e38);
        });
        assert!(rows.contains("rows may reach"), "{rows}");
    }
}
