//! The part of a run that trains one model.

use super::checkpoints::Checkpoints;
use super::config::Config;
use super::device::Engines;
use super::event::{Observe, RunEvent};
use super::held_out::Valid;
use super::ranks::{Ranks, Task, train_as_threads};
use crate::Result;
use crate::ratings::{Dataset, Ratings, Scale, Sides};
use crate::train::{Checkpoint, Event, Keeper, Keeping, Objective, Outcome, Training, WarmStart, resume};
use std::ops::ControlFlow;

/// What a model is trained on.
pub(super) struct Part<'a> {
    pub(super) config: &'a Config,
    pub(super) objective: Objective,
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
        let Self { config, objective, data, valid, test, warm, may_end } = self;
        let keeper = checkpoints.map(|checkpoints| {
            checkpoints.header.objective = objective;
            checkpoints as &mut dyn Keeper
        });
        let settings = config.settings_of(objective);
        let how = (objective == Objective::Lists).then(|| {
            let (confidence, dislikes) = (settings.confidence, settings.dislikes_below);
            Scale::of_preferences(&data.ratings, data.feedback, confidence, dislikes).says(data.feedback)
        });
        // If this breaks, so does the next event.
        let _ = observe(&RunEvent::Objective { objective, how });
        let training = Training {
            ratings: &data.ratings,
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
        let ranks = engines.ranks.clone();
        let Ranks::Threads(devices, vram) = &ranks else {
            return resume(training, &settings, engines.of(config), &mut keeping, from);
        };
        let task = Task { training, settings: &settings, from, may_end };
        let (open, _) = engines.of(config);
        let (outcome, traffic) = train_as_threads((devices, *vram), task, open, &mut keeping)?;
        engines.count(devices.len(), &traffic);
        Ok(outcome)
    }
}
