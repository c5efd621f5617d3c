//! The part of a run that trains one model.

use super::checkpoints::Checkpoints;
use super::config::Config;
use super::crew::{Order, Word};
use super::device::Engines;
use super::event::{Observe, RunEvent};
use super::held_out::Valid;
use super::ranks::{Ranks, Task, train_as_threads};
use super::report::RanksReport;
use crate::ratings::{Dataset, Ratings, Scale, Sides};
use crate::train::{Checkpoint, Event, Keeper, Keeping, Objective, Outcome, Training, WarmStart, resume};
use crate::{Error, Result};
use std::ops::ControlFlow;

/// What a model is trained on.
pub(super) struct Part<'a> {
    pub(super) config: &'a Config,
    pub(super) objective: Objective,
    /// The fold whose ratings are left out, from 1.
    pub(super) fold: Option<u8>,
    pub(super) data: &'a Dataset,
    pub(super) valid: &'a Valid,
    /// Test ratings in the numbers of `data`, to be watched during training.
    pub(super) test: Option<&'a Ratings>,
    pub(super) warm: Option<&'a WarmStart>,
    /// Whether training may be ended at any time.
    pub(super) may_end: bool,
}

impl Part<'_> {
    /// Trains, from a checkpoint of this part if there is one. Without checkpoints none are written.
    pub(super) fn train(
        self,
        engines: &mut Engines,
        (checkpoints, from): (Option<&mut Checkpoints>, Option<Checkpoint<'static>>),
        observe: &mut Observe,
    ) -> Result<Outcome> {
        let Self { config, objective, fold, data, valid, test, warm, may_end } = self;
        let keeper = checkpoints.map(|checkpoints| {
            checkpoints.header.objective = objective;
            checkpoints as &mut dyn Keeper
        });
        let settings = config.settings_of(objective);
        let how = if objective == Objective::Lists {
            let (confidence, dislikes) = (settings.confidence, settings.dislikes_below);
            let scale = Scale::of_preferences(data.triples(), data.feedback, confidence, dislikes)?;
            Some(scale.says(data.feedback))
        } else {
            None
        };
        // If this breaks, so does the next event.
        let _ = observe(&RunEvent::Objective { objective, how });
        let training = Training {
            ratings: data.triples(),
            feedback: data.feedback,
            relevance: config.evaluation.relevance,
            held_out: valid.held_out(),
            test,
            warm,
            size: Sides { users: data.users.len(), items: data.items.len() },
            comm: None,
        };
        let mut observe = |event: &Event| -> ControlFlow<()> { observe(&RunEvent::Training(event)) };
        let mut keeping = Keeping::new(&mut observe, keeper).that_may_end(may_end);
        match engines.ranks.clone() {
            Ranks::Alone => resume(training, &settings, engines.of(config), &mut keeping, from),
            Ranks::Threads(devices, vram) => {
                let task = Task { training, settings: &settings, from, may_end };
                let (open, _) = engines.of(config);
                let (outcome, traffic) = train_as_threads((&devices, vram), task, open, &mut keeping)?;
                engines.count(devices.len(), traffic);
                Ok(outcome)
            }
            Ranks::Processes(crew) => {
                let share = crew.comm.share();
                let mut order = Order { fold, objective, may_end, from };
                if share.is_first() {
                    let word = Word::Train(Box::new(order));
                    crew.call(&word)?;
                    let Word::Train(back) = word else { return Err(Error::Bug("a word".into())) };
                    order = *back;
                }
                let training = Training { comm: Some(&crew.comm), ..training };
                let outcome =
                    resume(training, &settings, (engines.of(config).0, None), &mut keeping, order.from);
                crew.after_training(&outcome);
                engines.traffic =
                    Some(RanksReport { count: share.size, traffic: crew.comm.counters().traffic() });
                outcome
            }
        }
    }
}
