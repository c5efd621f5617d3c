//! A matrix of rank 2 with biases; some cells are rated, with noise.

use mfgpu::math::philox::{Purpose, Stream};
use mfgpu::ratings::Ratings;
use rand::RngExt;

/// The properties of the matrix: `Planted { noise: 0.3, ..Planted::new(300, 120) }.grow()`.
pub(crate) struct Planted {
    pub(crate) users: usize,
    pub(crate) items: usize,
    /// The standard deviation of the noise added to the true values.
    pub(crate) noise: f64,
    pub(crate) is_rated: fn(usize, usize) -> bool,
}

impl Planted {
    /// Two thirds of the cells, without noise.
    pub(crate) fn new(users: usize, items: usize) -> Self {
        Self { users, items, noise: 0.0, is_rated: |user, item| (user * 7 + item * 13) % 3 != 0 }
    }

    /// The ratings, and the remaining cells with their true values.
    pub(crate) fn grow(self) -> (Ratings, Vec<(usize, usize, f64)>) {
        let mut random = Stream::new(1, Purpose::Planted, 0);
        let mut normal = || normal(&mut random);
        let p: Vec<[f64; 3]> = (0..self.users).map(|_| [normal(), normal(), normal()]).collect();
        let q: Vec<[f64; 3]> = (0..self.items).map(|_| [normal(), normal(), normal()]).collect();
        let (mut ratings, mut rest) = (Ratings::default(), Vec::new());
        for (user, p) in p.iter().enumerate() {
            for (item, q) in q.iter().enumerate() {
                let truth = 3.0 + 0.5 * (p[2] + q[2]) + 0.7 * (p[0] * q[0] + p[1] * q[1]);
                if (self.is_rated)(user, item) {
                    ratings.push(user as u32, item as u32, (truth + self.noise * normal()) as f32);
                } else {
                    rest.push((user, item, truth));
                }
            }
        }
        (ratings, rest)
    }
}

/// A standard normal number.
pub(crate) fn normal(random: &mut Stream) -> f64 {
    let (a, b): (f64, f64) = (random.random(), random.random());
    (-2.0 * (1.0 - a).ln()).sqrt() * (std::f64::consts::TAU * b).cos()
}
