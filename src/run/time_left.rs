//! The time limit of a run: training has to stop early enough for the model to be evaluated and written.

use super::limits::Limit;
use super::plan::Plan;
use crate::math::Matrix;
use crate::model::Factors;
use crate::score::{TopOptions, top_items};
use crate::train::{Event, Phase, Settings};
use std::time::{Duration, Instant};

/// Assumed writing speed in bytes per second, a low guess.
const WRITTEN: f64 = 50e6;

/// Bytes of one line of a list.
const LINE: u64 = 30;

/// The fraction of the limit kept as a reserve.
const SPARE: f64 = 0.05;

/// Users and items of the trial lists that measure the speed of the machine under its current load, and how
/// long the trial takes.
const TRIAL: (usize, usize) = (256, 8192);
const TRIAL_TIME: Duration = Duration::from_millis(60);

/// Decides when training must end to keep the limit.
pub(super) struct TimeLeft {
    began: Instant,
    limit: Option<Duration>,
    /// Estimated seconds after training: a fixed part, and a part per draw that the model keeps.
    after: f64,
    after_draw: f64,
    /// How many draws a chain keeps, out of how many, and how many there are so far.
    keep: (usize, usize),
    draws: usize,
    /// The seconds at which the current part of training must end, if others follow.
    part: Option<f64>,
    /// Duration of the latest epoch in seconds.
    epoch: f64,
    /// Start of the current stage, and the seconds of the last two stages. Two, because the sides may differ.
    stage: (Instant, [f64; 2]),
}

impl TimeLeft {
    /// Starts the clock.
    pub(super) fn new(limit: Option<Limit>) -> Self {
        Self {
            began: Instant::now(),
            limit: limit.map(|Limit(limit)| limit),
            after: 0.0,
            after_draw: 0.0,
            keep: (1, 1),
            draws: 0,
            part: None,
            epoch: 0.0,
            stage: (Instant::now(), [0.0; 2]),
        }
    }

    /// A part of training begins that may take half of the time that is left.
    pub(super) fn begin_half(&mut self) {
        let now = self.began.elapsed().as_secs_f64();
        self.part = self
            .limit
            .map(|limit| now + (limit.as_secs_f64() * (1.0 - SPARE) - self.needed_after() - now) / 2.0);
    }

    /// The last part of training begins.
    pub(super) fn begin_rest(&mut self) {
        (self.part, self.epoch, self.draws) = (None, 0.0, 0);
    }

    /// Reserves time to write files and to make `lists` lists, evaluation included. The speed of making lists
    /// is measured by a trial.
    pub(super) fn reserve(&mut self, plan: &Plan, settings: &Settings, (lists, top): (u64, usize)) {
        if self.limit.is_none() {
            return;
        }
        if let Some(keep) = settings.draws() {
            self.keep = keep;
        }
        let products = lists as f64 * plan.items as f64 * plan.factors as f64;
        let of_lists = if products > 0.0 { products / products_a_second(plan.factors as usize) } else { 0.0 };
        self.after_draw = of_lists + (plan.factor_bytes / plan.draws) as f64 / WRITTEN;
        let top = plan.users * (top as u64).min(plan.items);
        self.after = (LINE * top + 12 * plan.ratings) as f64 / WRITTEN;
    }

    /// Estimated seconds after training, if one more draw is added.
    fn needed_after(&self) -> f64 {
        let (keep, counting) = self.keep;
        let kept = ((self.draws + 1) * keep).div_ceil(counting).clamp(1, keep);
        self.after + kept as f64 * self.after_draw
    }

    /// Estimated seconds of the next stage.
    fn next_stage(&self) -> f64 {
        let [before, last] = self.stage.1;
        before.max(last)
    }

    /// Whether training must end at this event because the next step would take too long.
    pub(super) fn is_over(&mut self, event: &Event) -> bool {
        let Some(limit) = self.limit else { return false };
        if let Event::Begin { .. } = event {
            self.stage = (Instant::now(), [0.0; 2]);
        }
        let needed = match event {
            Event::Epoch { epoch, .. } => {
                (self.epoch, self.draws) = (epoch.seconds, epoch.draws);
                self.next_stage()
            }
            Event::Stage { .. } => {
                let now = Instant::now();
                let (begun, [_, before]) = self.stage;
                self.stage = (now, [before, (now - begun).as_secs_f64()]);
                self.next_stage()
            }
            // A refit that does not finish in time is useless, so it needs the time of all its epochs.
            Event::Begin { phase: Phase::Refit, epochs, .. } => self.epoch * *epochs as f64,
            _ => 0.0,
        };
        let end = limit.as_secs_f64() * (1.0 - SPARE) - self.needed_after();
        let end = self.part.map_or(end, |part| part.min(end));
        self.began.elapsed().as_secs_f64() + needed >= end
    }
}

/// Measures the multiplications per second when making lists with this many factors, on all threads and under
/// the current load of the machine.
fn products_a_second(factors: usize) -> f64 {
    let (users, items) = TRIAL;
    let rows = |count: usize| {
        let number = |n: usize| (n.wrapping_mul(2_654_435_761) % 1000) as f32 / 1000.0 - 0.5;
        Matrix::from_vec(count, factors, (0..count * factors).map(number).collect())
    };
    let draws = [Factors {
        users: rows(users),
        items: rows(items),
        user_bias: vec![0.0; users],
        item_bias: vec![0.0; items],
        scale: 1.0,
        ..Factors::default()
    }];
    let all: Vec<Option<u32>> = (0..users as u32).map(Some).collect();
    let lists = || top_items(&draws, &all, &TopOptions { count: 20, ..TopOptions::default() });
    // The first round wakes the threads and touches new memory, so it is not timed.
    std::hint::black_box(lists());
    let (clock, mut times) = (Instant::now(), 0);
    while times == 0 || clock.elapsed() < TRIAL_TIME {
        std::hint::black_box(lists());
        times += 1;
    }
    (times * users * items * factors) as f64 / clock.elapsed().as_secs_f64()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::{Algorithm, Epoch};

    fn epoch(draws: usize) -> Event {
        let epoch = Epoch {
            epoch: draws,
            train_rmse: 1.0,
            held_out: None,
            test: None,
            draws,
            learning_rate: None,
            seconds: 1.0,
            ratings_per_second: 1.0,
        };
        Event::Epoch { phase: Phase::Sample, epoch }
    }

    /// After the first stage its duration is known, and a second one would exceed the limit.
    #[test]
    fn a_stage_that_takes_too_long_is_not_begun() {
        let mut left = TimeLeft::new(Some(Limit(Duration::from_millis(400))));
        let phase = Phase::Sample;
        assert!(!left.is_over(&Event::Begin { phase, epochs: 9, patience: None }));
        std::thread::sleep(Duration::from_millis(200));
        assert!(left.is_over(&Event::Stage { phase, epoch: 1, stage: 0 }));
    }

    #[test]
    fn what_comes_after_is_set_aside() {
        let hour = || TimeLeft::new(Some(Limit(Duration::from_secs(3600))));
        let plan = |users| Plan::new(1_000_000, (users, 20_000), 64);
        let mut left = hour();
        left.reserve(&plan(10_000), &Settings::default(), (10_000, 20));
        assert!(!left.is_over(&epoch(0)));
        // A refit of more epochs than there is time for is not started.
        assert!(!left.is_over(&Event::Begin { phase: Phase::Refit, epochs: 100, patience: None }));
        assert!(left.is_over(&Event::Begin { phase: Phase::Refit, epochs: 3600, patience: None }));
        // Lists that take the whole hour leave no time for training.
        left.reserve(&plan(2_000_000_000), &Settings::default(), (2_000_000_000, 20));
        assert!(left.is_over(&epoch(0)));
        // Each kept draw makes lists take longer.
        let mut left = hour();
        let settings = Settings { algorithm: Algorithm::Bayes, ..Settings::default() };
        left.reserve(&plan(10_000), &settings, (10_000, 20));
        left.after_draw = 100.0;
        assert!(!left.is_over(&epoch(50)) && left.is_over(&epoch(120)), "64 of 200 are kept");
        assert!(!TimeLeft::new(None).is_over(&epoch(120)));
    }
}
