//! Small training problems, made from a seed.

use mfgpu::math::philox::{Purpose, Stream};
use mfgpu::ratings::Side;
use mfgpu::ratings::{Ratings, Scale, split};
use mfgpu::train::row::normal::Quadratic;
use mfgpu::train::row::sgd::{EARLY, Numbers};
use mfgpu::train::{Problem, Start, State};
use rand::RngExt;

/// The numbers of one epoch of stochastic gradient descent.
pub(crate) struct EpochNumbers {
    users: Numbers,
    items: Numbers,
}

impl EpochNumbers {
    /// The numbers of one side's sweeps.
    pub(crate) fn of(&self, side: Side) -> &Numbers {
        match side {
            Side::User => &self.users,
            Side::Item => &self.items,
        }
    }
}

/// The size of a problem.
pub(crate) struct Shape {
    users: usize,
    items: usize,
    ratings: usize,
    stages: usize,
    /// Values that are not whole numbers, so that a rating takes two words.
    fine: bool,
}

impl Shape {
    /// Rows shorter and longer than a batch, users and items without ratings.
    pub(crate) const SMALL: Self = Self { users: 61, items: 40, ratings: 700, stages: 3, fine: false };
    /// The same in one stage.
    pub(crate) const WHOLE: Self = Self { stages: 1, ..Self::SMALL };
    /// Rows that are summed in parts, three with more than 2048 ratings and others with more than 1024, and
    /// rows of one rating.
    pub(crate) const LONG: Self = Self { users: 9000, items: 16, ratings: 30_000, stages: 1, fine: false };
    /// Several bundles of rows per stage.
    pub(crate) const LARGE: Self = Self { users: 900, items: 300, ratings: 40_000, stages: 2, fine: true };
    /// One user, one item, one rating, more stages than users, and rows that fill a workgroup.
    pub(crate) const ODD: [Self; 6] = [
        Self { users: 1, items: 1, ratings: 1, stages: 16, fine: false },
        Self { users: 1, items: 50, ratings: 40, stages: 16, fine: false },
        Self { users: 50, items: 1, ratings: 40, stages: 4, fine: false },
        Self { users: 3, items: 200, ratings: 500, stages: 16, fine: true },
        Self { users: 130, items: 7, ratings: 800, stages: 1, fine: false },
        Self { users: 64, items: 65, ratings: 2000, stages: 2, fine: true },
    ];

    /// One item with this many training ratings, and one held-out rating for every nine of them.
    #[cfg(feature = "gpu")]
    pub(crate) fn one_item(ratings: usize) -> Self {
        let ratings = ratings * 10 / 9;
        Self { users: ratings, items: 1, ratings, stages: 1, fine: false }
    }

    /// The same with ratings of two words, or of one.
    pub(crate) fn fine(&self, fine: bool) -> Self {
        Self { fine, ..*self }
    }

    /// The same in one stage.
    pub(crate) fn whole(&self) -> Self {
        Self { stages: 1, ..*self }
    }
}

/// Ratings from 1 to 5, whole numbers unless the shape is fine. A tenth is held out, and about a third of the
/// others is also the test. Some pairs are rated twice, which training must accept.
pub(crate) fn problem(shape: &Shape) -> Problem {
    let ratings = rated(shape);
    staged(parted(&ratings, shape), shape, Scale::of(&ratings))
}

fn rated(shape: &Shape) -> Ratings {
    let mut random = Stream::new(7, Purpose::Generate, 0);
    let mut ratings = Ratings::default();
    for _ in 0..shape.ratings {
        // Squared, so that some rows are busy and some have no rating at all.
        let skewed = |unit: f64, count: usize| ((unit * unit * count as f64) as usize).min(count - 1) as u32;
        let user = skewed(random.random(), shape.users);
        let item = skewed(random.random(), shape.items);
        let value =
            if shape.fine { random.random_range(1.0..=5.0) } else { random.random_range(1..=5) as f32 };
        ratings.push(user, item, value);
    }
    ratings
}

/// The same ratings as preferences, in one stage: a value of 3 has no weight, smaller ones are dislikes. User
/// 0 has rated all items, some of them twice; the ratings of user 1 have no weight; user 2 has none, and user
/// 3 has a single one.
pub(crate) fn preferences(shape: &Shape) -> Problem {
    let mut ratings = Ratings::default();
    for (user, item, value) in rated(shape).iter().filter(|&(user, ..)| user != 2 && user != 3) {
        ratings.push(user, item, if user == 1 { 3.0 } else { value });
    }
    let (mut kept, held_out) = parted(&ratings, shape);
    (0..shape.items as u32).for_each(|item| kept.push(0, item, (1 + item % 5) as f32));
    if shape.users > 3 {
        kept.push(3, 0, 5.0);
    }
    let scale = Scale { mean: 3.0, deviation: 1.0, ..Scale::of(&ratings) };
    staged((kept, held_out), &shape.whole(), scale)
}

/// Users with these numbers of ratings.
pub(crate) fn of_lengths(lengths: &[usize], items: usize) -> Problem {
    let mut ratings = Ratings::default();
    for (user, &length) in (0u32..).zip(lengths) {
        // Coprime with any number of items in use, so that no item is rated twice.
        let item = |n: usize| ((n * 7919 + user as usize * 31) % items) as u32;
        (0..length.min(items)).for_each(|n| ratings.push(user, item(n), (1 + (n * n + 3) % 5) as f32));
    }
    let scale = Scale::of(&ratings);
    let shape = Shape { users: lengths.len(), items, ratings: ratings.len(), stages: 1, fine: false };
    staged((ratings, Ratings::default()), &shape, scale)
}

/// The ratings to train on, and those that are held out.
fn parted(ratings: &Ratings, shape: &Shape) -> (Ratings, Ratings) {
    if shape.ratings > 10 { split(ratings, 0.1, 3) } else { (ratings.clone(), Ratings::default()) }
}

fn staged((kept, held_out): (Ratings, Ratings), shape: &Shape, scale: Scale) -> Problem {
    let (_, test) = split(&kept, 0.3, 4);
    let size = (shape.users, shape.items);
    let problem = Problem::new(&kept, &held_out, size, scale, (shape.stages, 5));
    // One word per rating, as in a large set.
    let problem = Problem { staged: problem.staged.clone().in_words(), ..problem };
    problem.with_test(&test, scale)
}

pub(crate) fn start_state(problem: &Problem, k: usize, start: Start) -> State {
    State::start(&problem.staged.position, k, start.interval(k), 11)
}

pub(crate) fn epoch_numbers(problem: &Problem, k: usize, start: Start, epoch: usize) -> EpochNumbers {
    let side = |rows: usize| Numbers {
        learning_rate: 0.05,
        regularization: 0.07,
        power: 0.3,
        mean_activity: problem.staged.ratings as f32 / rows as f32,
        offset: start.offset(),
        trained: if epoch == 1 && start == Start::Offset { k.min(EARLY) } else { k },
    };
    EpochNumbers {
        users: side(problem.staged.size(Side::User)),
        items: side(problem.staged.size(Side::Item)),
    }
}

/// A symmetric positive definite matrix that is not a multiple of the identity, and a pull.
pub(crate) fn belief(k: usize, weight: f32) -> Quadratic {
    let n = k + 1;
    let mut belief = Quadratic::none(k);
    for i in 0..n {
        for j in 0..n {
            // Small enough that the diagonal dominates.
            let near = 0.3 / (1.0 + i.abs_diff(j) as f32).powi(2);
            belief.matrix.row_mut(i)[j] = weight * if i == j { 2.0 + (i % 3) as f32 } else { near };
        }
        belief.pull[i] = weight * ((i % 5) as f32 - 1.5);
    }
    belief
}
