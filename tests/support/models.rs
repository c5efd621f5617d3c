//! Models of random numbers, small enough to check every cell.

use mfgpu::math::{Matrix, Square};
use mfgpu::model::{Belief, Factors, FoldIn, Model, Rated};
use mfgpu::ratings::{IdMap, Ratings};

/// The properties of a model; [`model`](Self::model) makes it.
pub(crate) struct Small {
    pub(crate) users: usize,
    pub(crate) items: usize,
    pub(crate) factors: usize,
    pub(crate) draws: usize,
    pub(crate) mean: f32,
    pub(crate) scale: f32,
    /// Whether each draw states its noise, so that predictions have deviations.
    pub(crate) with_deviations: bool,
    pub(crate) user_id: fn(usize) -> Vec<u8>,
    pub(crate) item_id: fn(usize) -> Vec<u8>,
    /// The rating of a user and an item, if it is known.
    pub(crate) rated: fn(u32, u32) -> Option<f32>,
    pub(crate) seed: u64,
}

impl Default for Small {
    /// One user, one item, no factor; ids are `u0`, `i0` and so on; a seventh of the cells is known.
    fn default() -> Self {
        Self {
            users: 1,
            items: 1,
            factors: 0,
            draws: 1,
            mean: 3.0,
            scale: 1.0,
            with_deviations: false,
            user_id: |number| format!("u{number}").into_bytes(),
            item_id: |number| format!("i{number}").into_bytes(),
            rated: |user, item| (user + 3 * item).is_multiple_of(7).then(|| 1.0 + ((user + item) % 5) as f32),
            seed: 0,
        }
    }
}

impl Small {
    pub(crate) fn model(&self) -> Model {
        let mut ratings = Ratings::default();
        for user in 0..self.users as u32 {
            for item in 0..self.items as u32 {
                if let Some(value) = (self.rated)(user, item) {
                    ratings.push(user, item, value);
                }
            }
        }
        Model {
            draws: (0..self.draws).map(|draw| self.draw(draw)).collect(),
            users: ids(self.users, self.user_id),
            items: ids(self.items, self.item_id),
            rated: Rated::from_ratings(&ratings, self.users, self.items),
            range: (1.0, 5.0),
            ..Model::default()
        }
    }

    fn draw(&self, draw: usize) -> Factors {
        let (users, items, factors) = (self.users, self.items, self.factors);
        let seed = self.seed + 10 * draw as u64;
        let factors = Factors {
            users: Matrix::from_vec(users, factors, numbers(users * factors, seed + 1)),
            items: Matrix::from_vec(items, factors, numbers(items * factors, seed + 2)),
            user_bias: numbers(users, seed + 3),
            item_bias: numbers(items, seed + 4),
            mean: self.mean,
            scale: self.scale,
            ..Factors::default()
        };
        if !self.with_deviations {
            return factors;
        }
        let belief = Belief::new(Square::diagonal(self.factors + 1, 1.0), vec![0.0; self.factors + 1]);
        Factors {
            user_weight: numbers(users, seed + 5).iter().map(|number| 1.0 + number).collect(),
            item_weight: numbers(items, seed + 6).iter().map(|number| 1.0 + number).collect(),
            fold_in: Some(FoldIn {
                unobserved_weight: 0.0,
                precision: 1.5 + draw as f32,
                power: 0.0,
                implicit_weight: 0.0,
                users: belief.clone(),
                items: belief,
            }),
            ..factors
        }
    }
}

/// Numbers in [-.5, .5).
fn numbers(count: usize, seed: u64) -> Vec<f32> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 40) as f32 / 16_777_216.0 - 0.5
    };
    (0..count).map(|_| next()).collect()
}

fn ids(count: usize, id: fn(usize) -> Vec<u8>) -> IdMap {
    let mut map = IdMap::new();
    (0..count).for_each(|number| assert_eq!(map.number(&id(number)) as usize, number, "each once"));
    map
}
