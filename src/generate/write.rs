//! The ratings file, user by user: memory for the items and for a batch of lines, whatever the size.

use super::GenerateOptions;
use super::planted::{self, Vector};
use super::popularity::{Popularity, activity, normal};
use crate::error::Result;
use crate::files::Sink;
use crate::math::philox::{Purpose, Stream};
use rayon::prelude::*;

/// Ratings whose lines are held in memory at a time, unless one user has more.
const BATCH: u64 = 1 << 20;
/// Users of one task.
const BLOCK: usize = 64;

/// A summary of the written file.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Summary {
    /// Lines, the header not counted.
    pub ratings: u64,
    /// Users with ratings: all.
    pub users: u32,
    /// Items with ratings.
    pub items: u32,
    /// Ratings of the busiest item.
    pub busiest_item: u64,
    /// Ratings of the busiest user.
    pub busiest_user: u64,
    /// The mean of the ratings.
    pub mean: f64,
    /// Their standard deviation, which is the error of always predicting the mean.
    pub deviation: f64,
    /// The root mean square error of the planted truth: noise, and rounding to the scale. An ideal model
    /// comes close to it.
    pub noise: f64,
}

/// Sums over some users' ratings.
#[derive(Default)]
struct Block {
    text: Vec<u8>,
    items: Vec<u32>,
    sum: f64,
    squares: f64,
    errors: f64,
}

/// Writes a csv file with the header `user,item,rating` and ends the sink. Users come one after another, each
/// one's ratings in random order, none twice. The bytes depend on the options alone, not on the number of
/// threads. `progress` is called now and then with the number of ratings written.
///
/// # Errors
/// [`Error::Usage`](crate::Error::Usage) for options that make no sense,
/// [`Error::Write`](crate::Error::Write).
pub fn generate(options: &GenerateOptions, mut sink: Sink, progress: &mut dyn FnMut(u64)) -> Result<Summary> {
    options.check()?;
    let counts = activity(options);
    let world = World::new(options);
    sink.put(b"user,item,rating\n")?;

    let mut total = Block::default();
    let mut item_counts = vec![0_u64; options.items as usize];
    let (mut start, mut done) = (0, 0);
    while start < counts.len() {
        let end = batch_end(&counts, start);
        let blocks: Vec<Block> = (start..end)
            .into_par_iter()
            .step_by(BLOCK)
            .map(|first| world.block(first..end.min(first + BLOCK), &counts))
            .collect();
        for block in blocks {
            sink.put(&block.text)?;
            block.items.iter().for_each(|&item| item_counts[item as usize] += 1);
            total.sum += block.sum;
            total.squares += block.squares;
            total.errors += block.errors;
            done += block.items.len() as u64;
        }
        progress(done);
        start = end;
    }
    sink.commit()?;

    let ratings = done as f64;
    let mean = total.sum / ratings;
    Ok(Summary {
        ratings: done,
        users: options.users,
        items: item_counts.iter().filter(|&&count| count > 0).count() as u32,
        busiest_item: item_counts.iter().copied().max().unwrap_or(0),
        busiest_user: counts.iter().copied().max().unwrap_or(0).into(),
        mean,
        deviation: (total.squares / ratings - mean * mean).max(0.0).sqrt(),
        noise: (total.errors / ratings).sqrt(),
    })
}

/// The end of the batch that begins at user `start`.
fn batch_end(counts: &[u32], start: usize) -> usize {
    let mut ratings = 0;
    let more = |&count: &u32| {
        ratings += u64::from(count);
        ratings <= BATCH
    };
    start + counts[start..].iter().copied().take_while(more).count().max(1)
}

/// The data that all users share.
struct World<'a> {
    options: &'a GenerateOptions,
    popularity: Popularity,
    items: Vec<Vector>,
    levels: Vec<f32>,
    /// The text after the user in a line: `,item,` and where it ends for each item, `rating\n` for each
    /// level.
    names: Vec<u8>,
    ends: Vec<usize>,
    ratings: Vec<String>,
}

impl<'a> World<'a> {
    fn new(options: &'a GenerateOptions) -> Self {
        let items = (0..options.items).into_par_iter().map(|item| planted::item(options, item)).collect();
        let levels = options.levels();
        let (mut names, mut ends) = (Vec::new(), vec![0]);
        for item in 0..options.items {
            names.push(b',');
            options.push_id(&mut names, 'i', item);
            names.push(b',');
            ends.push(names.len());
        }
        let ratings = levels.iter().map(|level| format!("{level}\n")).collect();
        Self { options, popularity: Popularity::new(options), items, levels, names, ends, ratings }
    }

    /// All lines of some users.
    fn block(&self, users: std::ops::Range<usize>, counts: &[u32]) -> Block {
        let mut block = Block::default();
        let mut taken = vec![u32::MAX; self.items.len()];
        let (mut items, mut id) = (Vec::new(), Vec::new());
        for user in users {
            let number = user as u32;
            let mut random = Stream::new(self.options.seed, Purpose::Generate, number.into());
            self.popularity.draw(&mut random, counts[user] as usize, &mut taken, number, &mut items);
            let vector = planted::user(self.options, number);
            id.clear();
            self.options.push_id(&mut id, 'u', number);
            for &item in &items {
                let truth = planted::truth(self.options, &vector, &self.items[item as usize]);
                let level = self.level(truth + self.options.noise * normal(&mut random) as f32);
                let rating = f64::from(self.levels[level]);
                block.sum += rating;
                block.squares += rating * rating;
                block.errors += (rating - f64::from(truth)).powi(2);
                block.text.extend_from_slice(&id);
                block
                    .text
                    .extend_from_slice(&self.names[self.ends[item as usize]..self.ends[item as usize + 1]]);
                block.text.extend_from_slice(self.ratings[level].as_bytes());
            }
            block.items.extend_from_slice(&items);
        }
        block
    }

    /// The nearest rating of the scale.
    fn level(&self, value: f32) -> usize {
        let steps = ((value - self.options.min) / self.options.step).round();
        steps.clamp(0.0, (self.levels.len() - 1) as f32) as usize
    }
}
