//! Ratings prepared for training.

use super::assign::{assign, moved, positions};
use super::buffers::{Arrays, buffers, shared};
use super::cells::MANY;
use super::deal::{Deal, count, count_kept, starts};
use super::numbers::{Numbers, Placed};
use super::stage::Stage;
use super::waves::in_waves;
use super::{Cells, Codes, Rows, Shared};
use crate::ratings::{At, Kept, Scale, Side, Sides};
use std::sync::Arc;

/// How many ratings are assigned to stages at a time: all divided by the first number, but no fewer than the
/// second.
const AT_A_TIME: (usize, usize) = (8, 4 << 20);

/// Ratings prepared for training: in standard units, renumbered, cut into stages.
///
/// Users are renumbered stage by stage, the busiest first within a stage; items are renumbered with the most
/// popular first. So rows that are used together lie together, and long rows are started before short ones.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Staged {
    stages: Vec<Stage>,
    /// The training number of each user and item of the data set.
    pub position: Sides<Vec<u32>>,
    /// How many ratings each user and item has, by training number.
    pub activity: Sides<Vec<u32>>,
    /// The number of ratings.
    pub ratings: usize,
    /// The codes of the distinct values, if a rating can be one word.
    pub codes: Option<Arc<Codes>>,
    /// The rows of each stage that have ratings, where the stages hold only those of some rows.
    rated: Vec<Sides<Vec<u32>>>,
}

impl Staged {
    /// Cuts ratings of `size` users and items into `stages` groups, and converts values to standard units.
    pub fn build<'a>(
        kept: impl Into<Kept<'a>>,
        size: impl Into<Sides<usize>>,
        stages: usize,
        scale: Scale,
        seed: u64,
    ) -> Self {
        Self::cut(kept.into(), size.into(), stages, scale, seed, (AT_A_TIME.1, MANY))
    }

    /// As [`build`](Self::build), but at least `least` ratings are assigned at a time, and ratings are stored
    /// as words if there are `many` of them.
    fn cut(
        kept: Kept<'_>,
        size: Sides<usize>,
        stages: usize,
        scale: Scale,
        seed: u64,
        (least, many): (usize, usize),
    ) -> Self {
        let count = Sides::from_fn(|side| count_kept(kept.ratings.rows(side), kept.left_out, size[side]));
        let ratings = count.items.iter().map(|&count| count as usize).sum();
        let stage_of = assign(&count.users, ratings, stages, seed);
        let position = Sides {
            users: positions(size.users, |user| (stage_of[user], u32::MAX - count.users[user])),
            items: positions(size.items, |item| (0, u32::MAX - count.items[item])),
        };
        let activity = Sides::from_fn(|side| moved(&count[side], &position[side]));
        let mut staged = Self { position, activity, ratings, ..Self::default() };
        let codes = Codes::fit(&kept.ratings.values, size, |value| scale.standard(value));
        staged.codes = codes.map(Arc::new);
        let how = (stages, scale, (seed, least));
        staged.stages = match &staged.codes {
            Some(codes) if ratings >= many => {
                let cells = |words, _| Cells::Words(words, Arc::clone(codes));
                staged.grouped(kept, &stage_of, how, |row, value| (codes.word(row, value), ()), cells)
            }
            _ => staged.grouped(kept, &stage_of, how, |row, value| (row, value), Cells::Pairs),
        };
        staged
    }

    /// The stages, once all other fields are filled. `cell` encodes a rating; `cells` makes the ratings of
    /// rows out of the two encoded arrays.
    fn grouped<T: Copy + Default + Send + Sync>(
        &self,
        kept: Kept<'_>,
        stage_of: &[u32],
        (stages, scale, (seed, least)): (usize, Scale, (u64, usize)),
        cell: impl Fn(u32, f32) -> (u32, T) + Sync,
        cells: impl Fn(Shared<u32>, Shared<T>) -> Cells,
    ) -> Vec<Stage> {
        let ratings = self.ratings;
        let of = Numbers { position: &self.position, scale };
        let activity = self.activity.as_ref().map(Vec::as_slice);
        let mut arrays: Arrays<T> = [(); 2].map(|()| (vec![0; ratings], vec![T::default(); ratings]));
        let (grouped, sizes) = if stages == 1 {
            let ways = rayon::current_num_threads().div_ceil(2);
            let placed = Placed { kept, of };
            let buffers = buffers(&mut arrays, &[ratings]).into_iter();
            let grouped = buffers.map(|mut buffer| {
                buffer.group(&placed, (0, activity.users), activity.items, (seed, ways), &cell)
            });
            (grouped.collect(), vec![ratings])
        } else {
            let deal = Deal::new(kept, stage_of, stages);
            let sizes: Vec<usize> = (0..stages).map(|stage| deal.size(stage)).collect();
            // Users are numbered stage by stage.
            let first = starts(&count(stage_of, stages));
            let most = (ratings / AT_A_TIME.0).max(least);
            let buffers = buffers(&mut arrays, &sizes);
            (in_waves(&deal, &first, of, activity, (seed, most), &cell, buffers), sizes)
        };
        shared(grouped, arrays, &sizes, cells)
    }

    /// Converts to one word per rating if possible, however few ratings there are.
    #[must_use]
    pub fn in_words(mut self) -> Self {
        let Some(codes) = self.codes.clone() else { return self };
        self.lay_down(|cells| {
            let words: Vec<u32> = cells.all().iter().map(|(row, value)| codes.word(row, value)).collect();
            Cells::Words(words.into(), Arc::clone(&codes))
        });
        self
    }

    /// Converts to two words per rating, on a device, too.
    #[must_use]
    pub fn in_pairs(mut self) -> Self {
        self.codes = None;
        self.lay_down(|cells| Cells::pairs(cells.all().iter()));
        self
    }

    fn lay_down(&mut self, new: impl Fn(&Cells) -> Cells) {
        for rows in self.stages.iter_mut().flatten() {
            rows.ratings = new(&rows.ratings);
        }
    }

    /// The number of stages.
    pub fn stages(&self) -> usize {
        self.stages.len()
    }

    /// The ratings of a stage.
    pub fn stage(&self, stage: usize) -> &Stage {
        &self.stages[stage]
    }

    /// The ratings of a stage, by the rows of a side.
    pub fn rows(&self, at: At) -> &Rows {
        &self.stages[at.stage][at.side]
    }

    /// The rows of a side that have ratings in a stage, ascending, also where the ratings of only some are held.
    pub fn rated(&self, at: At) -> &[u32] {
        self.rated.get(at.stage).map_or(&self.rows(at).row, |rated| &rated[at.side])
    }

    /// Holds the ratings only of the rows that are `own`. All numbers and counts stay those of the whole.
    #[must_use]
    pub fn only(&self, own: impl Fn(u32) -> bool) -> Self {
        let Self { position, activity, ratings, codes, .. } = self;
        Self {
            stages: self.stages.iter().map(|stage| stage.as_ref().map(|rows| rows.only(&own))).collect(),
            position: position.clone(),
            activity: activity.clone(),
            ratings: *ratings,
            codes: codes.clone(),
            rated: self.stages.iter().map(|stage| stage.as_ref().map(|rows| rows.row.clone())).collect(),
        }
    }

    /// Changes the ratings of a stage: for tests of engines, which must notice the fault.
    #[must_use]
    pub fn with_changed(mut self, stage: usize, change: impl FnOnce(&mut Stage)) -> Self {
        change(&mut self.stages[stage]);
        self
    }

    /// The ratings of all stages by the rows of both sides, in the order of an epoch's sweeps.
    pub fn all_rows(&self) -> impl Iterator<Item = &Rows> {
        self.stages.iter().flatten()
    }

    /// The rows of a side that have ratings. For each, the share of the other side's such rows that it has
    /// ratings of.
    pub fn known(&self, side: Side) -> (Vec<u32>, Vec<f32>) {
        let known = |activity: &[u32]| -> Vec<u32> {
            (0..).zip(activity).filter(|&(_, &count)| count > 0).map(|(row, _)| row).collect()
        };
        let activity = &self.activity[side];
        let (rows, others) = (known(activity), known(&self.activity[side.other()]).len());
        let share = |&row: &u32| activity[row as usize] as f32 / others as f32;
        let shares = rows.iter().map(share).collect();
        (rows, shares)
    }

    /// The number of rows of a side.
    pub fn size(&self, side: Side) -> usize {
        self.position[side].len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ratings::Ratings;
    use std::collections::BTreeSet;

    fn some() -> (Ratings, Scale) {
        let mut ratings = Ratings::default();
        (0..3000u32).for_each(|n| ratings.push(n * n % 97, n * 7 % 53, (n % 5) as f32));
        let scale = Scale::of(&ratings);
        (ratings, scale)
    }

    /// Also with some ratings left out, and with one stage, which is grouped without assignment.
    #[test]
    fn every_rating_stands_once_on_each_side() {
        let (ratings, scale) = some();
        let left_out: Vec<bool> = (0..ratings.len()).map(|n| n % 5 == 2).collect();
        for (stages, marks) in [(4, &[][..]), (4, &left_out), (1, &[]), (1, &left_out)] {
            let kept = Kept::without(&ratings, marks);
            let staged = Staged::build(kept, (97, 53), stages, scale, 3);
            let mut expected: Vec<(u32, u32, i32)> = ratings
                .iter()
                .enumerate()
                .filter(|(n, _)| kept.has(*n))
                .map(|(_, (u, i, v))| {
                    (staged.position.users[u as usize], staged.position.items[i as usize], v as i32)
                })
                .collect();
            expected.sort_unstable();
            assert_eq!(staged.ratings, expected.len());
            for side in Side::BOTH {
                let mut found = Vec::new();
                for rows in staged.stages.iter().map(|stage| &stage[side]) {
                    for n in 0..rows.len() {
                        for at in rows.span(n) {
                            let (row, (other, value)) = (rows.row[n], rows.ratings.all().get(at));
                            let value = f64::from(value) * scale.deviation + scale.mean;
                            let (user, item) = if side == Side::User { (row, other) } else { (other, row) };
                            found.push((user, item, value.round() as i32));
                        }
                    }
                }
                found.sort_unstable();
                assert_eq!(found, expected, "{side:?}");
            }
        }
    }

    #[test]
    fn stages_have_about_equal_work_and_users_of_their_own() {
        let (ratings, scale) = some();
        let staged = Staged::build(&ratings, (97, 53), 4, scale, 3);
        let sizes: Vec<usize> = staged.stages.iter().map(|stage| stage.users.ratings.len()).collect();
        assert!(sizes.iter().all(|&size| (600..900).contains(&size)), "{sizes:?}");
        let stages = staged.stages.iter().map(|s| s.users.row.iter().copied().collect::<BTreeSet<u32>>());
        assert_eq!(
            stages.map(|users| users.len()).sum::<usize>(),
            ratings.users.iter().collect::<BTreeSet<_>>().len()
        );
    }

    /// The parts of two owners are the whole, and each knows which rows the whole has.
    #[test]
    fn parts_are_together_the_whole() {
        let (ratings, scale) = some();
        for words in [false, true] {
            let whole = Staged::build(&ratings, (97, 53), 4, scale, 3);
            let whole = if words { whole.in_words() } else { whole };
            let parts = [0, 1].map(|owner| whole.only(|row| row % 2 == owner));
            for (stage, side) in (0..4).flat_map(|stage| Side::BOTH.map(|side| (stage, side))) {
                let at = At { stage, side };
                let mut found = Vec::new();
                for part in &parts {
                    assert_eq!(part.rated(at), whole.rows(at).row);
                    let rows = part.rows(at);
                    found.extend((0..rows.len()).map(|n| (rows.row[n], rows.ratings.part(rows.span(n)))));
                }
                found.sort_by_key(|(row, _)| *row);
                let rows = whole.rows(at);
                assert_eq!(found.len(), rows.len());
                for (n, (row, ratings)) in found.into_iter().enumerate() {
                    assert_eq!(row, rows.row[n]);
                    assert!(ratings.iter().eq(rows.ratings.part(rows.span(n)).iter()));
                }
            }
        }
    }

    /// The result does not depend on how many ratings are assigned at a time, nor on the number of threads.
    #[test]
    fn the_same_in_waves() {
        let (ratings, scale) = some();
        let whole = Staged::build(&ratings, (97, 53), 5, scale, 3);
        for (threads, least) in [(1, 0), (3, 0), (3, 1300)] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let cut =
                pool.install(|| Staged::cut((&ratings).into(), (97, 53).into(), 5, scale, 3, (least, MANY)));
            assert!(whole == cut);
            let words =
                pool.install(|| Staged::cut((&ratings).into(), (97, 53).into(), 5, scale, 3, (least, 0)));
            assert!(words != cut && words == cut.clone().in_words() && words.in_pairs().stages == cut.stages);
        }
    }
}
