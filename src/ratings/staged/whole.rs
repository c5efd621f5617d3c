//! Ratings prepared for training.

use super::assign::{assign, moved, positions};
use super::buffers::{Arrays, buffers, shared};
use super::cells::MANY;
use super::deal::{Deal, count, count_kept, starts};
use super::numbers::{Numbers, Placed};
use super::shelf::{Elsewhere, Shelf};
use super::stage::Stage;
use super::waves::in_waves;
use super::{Cells, Codes, Rows, Shared};
use crate::Result;
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
    /// The sides of each stage; in pieces of some rows each where the ratings are elsewhere, else in one.
    stages: Vec<Pieces>,
    /// The training number of each user and item of the data set.
    pub position: Sides<Vec<u32>>,
    /// How many ratings each user and item has, by training number.
    pub activity: Sides<Vec<u32>>,
    /// The number of ratings.
    pub ratings: usize,
    /// The codes of the distinct values, if a rating can be one word.
    pub codes: Option<Arc<Codes>>,
    /// The rows of each stage that have ratings, where the stages hold only those of some rows, or in pieces.
    rated: Vec<Sides<Vec<u32>>>,
    /// Where the ratings of the pieces are.
    elsewhere: Elsewhere,
}

/// The pieces of the sides of a stage.
type Pieces = Sides<Vec<Rows>>;

/// The number and order of the rows of ratings, before these are laid out.
pub(super) struct Layout {
    pub(super) position: Sides<Vec<u32>>,
    pub(super) activity: Sides<Vec<u32>>,
    pub(super) ratings: usize,
    /// The stage of each user of the data set.
    pub(super) stage_of: Vec<u32>,
}

impl Layout {
    /// The layout of ratings of which each user and item has `count`.
    pub(super) fn new(count: &Sides<Vec<u32>>, stages: usize, seed: u64) -> Self {
        let ratings = count.items.iter().map(|&count| count as usize).sum();
        let stage_of = assign(&count.users, ratings, stages, seed);
        let position = Sides {
            users: positions(count.users.len(), |user| (stage_of[user], u32::MAX - count.users[user])),
            items: positions(count.items.len(), |item| (0, u32::MAX - count.items[item])),
        };
        let activity = Sides::from_fn(|side| moved(&count[side], &position[side]));
        Self { position, activity, ratings, stage_of }
    }
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
        let Layout { position, activity, ratings, stage_of } = Layout::new(&count, stages, seed);
        let mut staged = Self { position, activity, ratings, ..Self::default() };
        let codes = Codes::fit(&kept.ratings.values, size, |value| scale.standard(value));
        staged.codes = codes.map(Arc::new);
        let how = (stages, scale, (seed, least));
        let grouped = match &staged.codes {
            Some(codes) if ratings >= many => {
                let cells = |words, _| Cells::Words(words, Arc::clone(codes));
                staged.grouped(kept, &stage_of, how, |row, value| (codes.word(row, value), ()), cells)
            }
            _ => staged.grouped(kept, &stage_of, how, |row, value| (row, value), Cells::Pairs),
        };
        staged.stages = grouped.into_iter().map(|stage| stage.map(|rows| vec![rows])).collect();
        staged
    }

    /// Ratings of such a layout whose pieces are elsewhere. `pieces` are those of each stage, without ratings;
    /// `rated` has the rows of each stage that have any, also those of which none are here.
    pub(super) fn elsewhere(
        layout: Layout,
        codes: Option<Arc<Codes>>,
        (pieces, rated): (Vec<Pieces>, Vec<Sides<Vec<u32>>>),
        shelf: Arc<dyn Shelf>,
    ) -> Self {
        let Layout { position, activity, ratings, .. } = layout;
        Self { stages: pieces, position, activity, ratings, codes, rated, elsewhere: Elsewhere(Some(shelf)) }
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
        for rows in self.stages.iter_mut().flatten().flatten() {
            rows.ratings = new(&rows.ratings);
        }
    }

    /// The number of stages.
    pub fn stages(&self) -> usize {
        self.stages.len()
    }

    /// Whether all ratings are in memory.
    pub fn is_held(&self) -> bool {
        self.elsewhere.0.is_none()
    }

    /// The ratings of a side of a stage, by its rows, in pieces of some rows each: one where they are in memory;
    /// else the pieces have no ratings, which [`each_piece`](Self::each_piece) reads.
    pub fn pieces(&self, at: At) -> &[Rows] {
        &self.stages[at.stage][at.side]
    }

    /// Calls `work` with the pieces of a side of a stage in their order, each with its number and its ratings.
    ///
    /// # Errors
    /// Those of reading, and of `work`.
    pub fn each_piece(&self, at: At, mut work: impl FnMut(usize, &Rows) -> Result<()>) -> Result<()> {
        (0..self.pieces(at).len()).try_for_each(|piece| self.with_piece(at, piece, |rows| work(piece, rows)))
    }

    /// Calls `work` with a piece of a side of a stage, with its ratings.
    ///
    /// # Errors
    /// Those of reading, and of `work`.
    pub fn with_piece<T>(&self, at: At, piece: usize, work: impl FnOnce(&Rows) -> Result<T>) -> Result<T> {
        let rows = &self.pieces(at)[piece];
        let Some(shelf) = &self.elsewhere.0 else { return work(rows) };
        let before = self.stages[..at.stage].iter().flatten().map(Vec::len).sum::<usize>();
        let users = if at.side == Side::Item { self.stages[at.stage].users.len() } else { 0 };
        let cells = shelf.take(before + users + piece)?;
        let rows = rows.with(cells);
        let result = work(&rows);
        shelf.give_back(rows.ratings);
        result
    }

    /// The ratings of a side of a stage that are all in memory, by rows.
    ///
    /// # Panics
    /// If they are elsewhere.
    pub fn rows(&self, at: At) -> &Rows {
        assert!(self.is_held(), "the ratings are not in memory");
        &self.pieces(at)[0]
    }

    /// The rows of a side that have ratings in a stage, ascending, also where the ratings of only some are held.
    pub fn rated(&self, at: At) -> &[u32] {
        self.rated.get(at.stage).map_or_else(|| &*self.rows(at).row, |rated| &rated[at.side])
    }

    /// Holds the ratings only of the rows that are `own`. All numbers and counts stay those of the whole. The
    /// ratings must be in memory.
    #[must_use]
    pub fn only(&self, own: impl Fn(u32) -> bool) -> Self {
        let Self { position, activity, ratings, codes, .. } = self;
        let only = |rows: &Vec<Rows>| rows.iter().map(|rows| rows.only(&own)).collect();
        Self {
            stages: self.stages.iter().map(|stage| stage.as_ref().map(only)).collect(),
            position: position.clone(),
            activity: activity.clone(),
            ratings: *ratings,
            codes: codes.clone(),
            rated: (0..self.stages())
                .map(|stage| Sides::from_fn(|side| self.rows(At { stage, side }).row.to_vec()))
                .collect(),
            elsewhere: Elsewhere::default(),
        }
    }

    /// Changes the ratings of a stage: for tests of engines, which must notice the fault.
    #[must_use]
    pub fn with_changed(mut self, stage: usize, change: impl FnOnce(&mut Stage)) -> Self {
        let mut changed = Sides::from_fn(|side| self.rows(At { stage, side }).clone());
        change(&mut changed);
        self.stages[stage] = changed.map(|rows| vec![rows]);
        self
    }

    /// The pieces of all stages by the rows of both sides, in the order of an epoch's sweeps.
    pub fn all_rows(&self) -> impl Iterator<Item = &Rows> {
        self.stages.iter().flatten().flatten()
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
                for rows in staged.stages.iter().flat_map(|stage| &stage[side]) {
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
        let sizes: Vec<usize> = staged.stages.iter().map(|stage| stage.users[0].count()).collect();
        assert!(sizes.iter().all(|&size| (600..900).contains(&size)), "{sizes:?}");
        let stages = staged.stages.iter().map(|s| s.users[0].row.iter().copied().collect::<BTreeSet<u32>>());
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
                    assert_eq!(part.rated(at), &*whole.rows(at).row);
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
