//! How far the training of a model is, and how long its phase takes yet.

use crate::train::{Event, Phase, Score};
use std::collections::VecDeque;

/// The time of an epoch is the mean of so many.
const RECENT: usize = 3;

/// How far the training of a model is, by its events.
#[derive(Debug, Clone, Default)]
pub struct PhaseProgress {
    /// The phase.
    pub phase: Option<Phase>,
    /// In a race, the setting whose turn it is, from 1, and how many run in this round.
    pub setting: Option<[usize; 2]>,
    /// The last completed epoch.
    pub epoch: usize,
    /// The most epochs: of the phase, or in a race of the setting in this round.
    pub epochs: usize,
    /// The epochs without a better score after which the phase ends early.
    patience: Option<usize>,
    best: Option<(usize, Score)>,
    /// The epochs of the race that are known to be left.
    of_race: usize,
    /// The seconds of the latest epochs.
    seconds: VecDeque<f64>,
}

/// How long a phase takes yet, in seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Left {
    /// If no epoch is better than the best one so far.
    pub least: f64,
    /// If it ends at its last epoch.
    pub most: f64,
}

impl PhaseProgress {
    /// Takes an event into account.
    pub fn hear(&mut self, event: &Event) {
        match event {
            Event::Begin { phase, epochs, patience } => {
                let (phase, patience) = (Some(*phase), *patience);
                *self = Self { phase, epochs: *epochs, patience, ..Self::default() };
            }
            Event::Turn { number, of, from, until, left } => {
                self.setting = Some([*number, *of]);
                (self.epoch, self.epochs, self.of_race) = (*from, *until, *left);
            }
            Event::Epoch { epoch, .. } => {
                self.epoch = epoch.epoch;
                self.of_race = self.of_race.saturating_sub(1);
                let better = |score: &Score| self.best.is_none_or(|(_, best)| score.order(&best).is_lt());
                if let Some(score) = epoch.held_out.filter(better) {
                    self.best = Some((epoch.epoch, score));
                }
                self.seconds.push_back(epoch.seconds);
                if self.seconds.len() > RECENT {
                    self.seconds.pop_front();
                }
            }
            Event::RolledBack { to, .. } => self.epoch = *to,
            _ => {}
        }
    }

    /// How long the phase takes yet; `None` before its first epoch.
    pub fn left(&self) -> Option<Left> {
        if self.seconds.is_empty() {
            return None;
        }
        let second = self.seconds.iter().sum::<f64>() / self.seconds.len() as f64;
        let most = match self.setting {
            Some(_) => self.of_race,
            None => self.epochs.saturating_sub(self.epoch),
        };
        let until_end = |(best, _): (usize, Score)| Some((best + self.patience?).saturating_sub(self.epoch));
        let least = self.best.and_then(until_end).map_or(most, |least| least.min(most));
        Some(Left { least: least as f64 * second, most: most as f64 * second })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::{Criterion, Epoch};

    fn epoch(phase: Phase, epoch: usize, held_out: f64, seconds: f64) -> Event {
        let held_out = Some(Score { criterion: Criterion::Rmse, value: held_out });
        let epoch = Epoch {
            epoch,
            train_rmse: 1.0,
            held_out,
            test: None,
            draws: 0,
            learning_rate: None,
            seconds,
            ratings_per_second: 1.0,
        };
        Event::Epoch { phase, epoch }
    }

    #[test]
    fn a_race_then_a_search() {
        let mut at = PhaseProgress::default();
        let mut left = |event: Event| {
            at.hear(&event);
            (at.left().map(|left| [left.least, left.most]), at.setting, [at.epoch, at.epochs])
        };
        let race = Phase::Race;
        assert_eq!(left(Event::Begin { phase: race, epochs: 50, patience: None }).0, None);
        // Two of four settings go on from 8 to 16 epochs.
        let turn = |number, left| Event::Turn { number, of: 4, from: 0, until: 8, left };
        assert_eq!(left(turn(1, 48)), (None, Some([1, 4]), [0, 8]));
        assert_eq!(left(epoch(race, 1, 1.0, 2.0)), (Some([94.0; 2]), Some([1, 4]), [1, 8]));
        assert_eq!(left(turn(2, 40)), (Some([80.0; 2]), Some([2, 4]), [0, 8]));
        // The search reports the epochs of its setting in the race again, with the times that they took.
        let search = Phase::Search;
        assert_eq!(left(Event::Begin { phase: search, epochs: 50, patience: Some(3) }).0, None);
        assert_eq!(left(epoch(search, 15, 0.9, 2.0)).0, Some([6.0, 70.0]));
        assert_eq!(left(epoch(search, 16, 0.8, 2.0)).0, Some([6.0, 68.0]));
        assert_eq!(left(epoch(search, 17, 0.85, 2.0)).0, Some([4.0, 66.0]));
        assert_eq!(left(epoch(search, 49, 0.7, 2.0)), (Some([2.0; 2]), None, [49, 50]));
        // A refit runs to its end.
        let refit = Phase::Refit;
        assert_eq!(left(Event::Begin { phase: refit, epochs: 10, patience: None }).0, None);
        assert_eq!(left(epoch(refit, 4, 0.7, 2.0)).0, Some([12.0; 2]));
        assert_eq!(left(Event::RolledBack { epoch: 5, to: 2, learning_rate: 0.1 }).2, [2, 10]);
    }
}
