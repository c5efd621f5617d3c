//! Restricts a model to a list of items.

use super::{Factors, Model, Rated};
use crate::math::Matrix;
use crate::ratings::{IdMap, Ratings};

/// How the items of a list were matched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Chosen {
    /// Items the model does not know: they are predicted from the user's bias alone.
    pub unknown: usize,
    /// Repeated items, which are kept once.
    pub repeated: usize,
}

impl Model {
    /// Keeps only the items of a list, in its order. Their predictions stay the same, to the bit.
    pub fn choose_items(&mut self, ids: &[Vec<u8>]) -> Chosen {
        let mut items = IdMap::new();
        let mut rows: Vec<Option<u32>> = Vec::with_capacity(ids.len());
        for id in ids {
            if items.number(id) as usize == rows.len() {
                rows.push(self.items.get(id));
            }
        }
        self.draws.iter_mut().for_each(|draw| choose(draw, &rows));
        if self.rated.is_kept() {
            self.rated = self.chosen_ratings(&rows);
        }
        if !self.titles.is_empty() {
            let title = |row: &Option<u32>| row.and_then(|row| self.titles[row as usize].take());
            self.titles = rows.iter().map(title).collect();
        }
        self.items = items;
        let unknown = rows.iter().filter(|row| row.is_none()).count();
        Chosen { unknown, repeated: ids.len() - rows.len() }
    }

    fn chosen_ratings(&self, rows: &[Option<u32>]) -> Rated {
        let mut numbers = vec![None; self.items.len()];
        for (number, row) in (0_u32..).zip(rows) {
            row.iter().for_each(|&row| numbers[row as usize] = Some(number));
        }
        let mut ratings = Ratings::default();
        for user in 0..self.users.len() as u32 {
            for (item, value) in self.rated.of(user) {
                numbers[item as usize].iter().for_each(|&number| ratings.push(user, number, value));
            }
        }
        Rated::from_ratings(&ratings, self.users.len(), rows.len())
    }
}

/// Keeps only the item rows that are named; an unknown item gets a row of zeros.
fn choose(draw: &mut Factors, rows: &[Option<u32>]) {
    let width = draw.items.columns();
    let mut items = Matrix::zeros(rows.len(), width);
    for (number, row) in rows.iter().enumerate() {
        row.iter().for_each(|&row| items.row_mut(number).copy_from_slice(draw.items.row(row as usize)));
    }
    let of = |all: &[f32], nothing: f32| -> Vec<f32> {
        rows.iter().map(|row| row.map_or(nothing, |row| all[row as usize])).collect()
    };
    draw.item_bias = of(&draw.item_bias, 0.0);
    if !draw.item_weight.is_empty() {
        draw.item_weight = of(&draw.item_weight, 1.0);
    }
    draw.items = items;
}
