//! The items at both ends of the axes in which users differ most.

use super::{Model, Rated};

/// The fewest ratings of an item that is shown, if there are enough such items: little is known of others.
const ENOUGH: u32 = 50;

/// A principal axis of the factors by its items. Each item has its number and how many rating units higher
/// than the average user a user one standard deviation along the axis rates it.
#[derive(Debug, Clone, PartialEq)]
pub struct AxisEnds {
    /// The standard deviation, over the items, of the change that one standard deviation of the users makes,
    /// in rating units.
    pub strength: f64,
    /// Items on the positive side, the farthest first.
    pub positive: Vec<(u32, f32)>,
    /// Items on the negative side, the farthest first.
    pub negative: Vec<(u32, f32)>,
}

impl Model {
    /// The `axes` strongest axes of the last draw (posterior sample), each with at most `ends` items at
    /// either end. Only items with many ratings in `rated` are shown, or all items if that is empty. The
    /// result is empty if there are no factors, or fewer than two items.
    pub fn axis_ends(&self, rated: &Rated, axes: usize, ends: usize) -> Vec<AxisEnds> {
        let Some(draw) = self.draws.last().filter(|_| axes > 0) else { return Vec::new() };
        let mut items = self.well_known(rated, ends);
        if items.len() < 2 {
            return Vec::new();
        }
        let ends = ends.min(items.len() / 2);
        let axis = |axis: super::PrincipalAxis| {
            let effect = |item: u32| axis.items[item as usize];
            items.sort_by(|&a, &b| effect(b).total_cmp(&effect(a)).then(a.cmp(&b)));
            AxisEnds {
                strength: axis.strength,
                positive: items.iter().take(ends).map(|&item| (item, effect(item))).collect(),
                negative: items.iter().rev().take(ends).map(|&item| (item, effect(item))).collect(),
            }
        };
        draw.principal_axes(axes).into_iter().map(axis).collect()
    }

    /// The items with enough ratings, for lists of `ends` items at each end.
    fn well_known(&self, rated: &Rated, ends: usize) -> Vec<u32> {
        let all = 0..self.items.len() as u32;
        if rated.is_empty() {
            return all.collect();
        }
        let popularity = rated.popularity(self.items.len());
        let known =
            |least: u32| all.clone().filter(|&item| popularity[item as usize] >= least).collect::<Vec<u32>>();
        let many = known(ENOUGH);
        if many.len() >= 4 * ends {
            return many;
        }
        let mut sorted: Vec<u32> = popularity.iter().copied().filter(|&count| count > 0).collect();
        sorted.sort_unstable();
        known(sorted.get(sorted.len() / 2).copied().unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::Matrix;
    use crate::model::Factors;
    use crate::ratings::{IdMap, Ratings};

    #[test]
    fn the_farthest_of_what_is_known() {
        let effects = [0.1, -3.0, 0.9, -0.5, 2.0, 0.0];
        let mut ids = IdMap::new();
        (0..6).for_each(|item: u32| assert_eq!(ids.number(item.to_string().as_bytes()), item));
        let draw = Factors {
            users: Matrix::from_vec(2, 1, vec![1.0, -1.0]),
            items: Matrix::from_vec(6, 1, effects.to_vec()),
            scale: 1.0,
            ..Factors::default()
        };
        let model = Model { draws: vec![draw], items: ids, ..Model::default() };
        let items = |found: &[(u32, f32)]| found.iter().map(|one| one.0).collect::<Vec<u32>>();
        let all = &model.axis_ends(&Rated::default(), 5, 2)[..];
        let [axis] = all else { panic!("{all:?}") };
        // The farthest of all is on the positive side.
        assert_eq!((items(&axis.positive), items(&axis.negative)), (vec![1, 3], vec![4, 2]));
        assert!((axis.positive[0].1 - 3.0).abs() < 1e-5, "{axis:?}");
        // Item 1 has one rating, the others two: about half have more.
        let mut ratings = Ratings::default();
        (0..2).for_each(|user| (0..6).for_each(|item| ratings.push(user, item, 1.0)));
        ratings.items[1] = 0;
        let rated = Rated::from_ratings(&ratings, 2, 6);
        let axis = &model.axis_ends(&rated, 1, 9)[0];
        assert_eq!((items(&axis.positive), items(&axis.negative)), (vec![3, 5], vec![4, 2]));
        assert!(
            model.axis_ends(&rated, 0, 9).is_empty() && Model::default().axis_ends(&rated, 2, 2).is_empty()
        );
    }
}
