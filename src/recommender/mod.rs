//! The front door: from ratings to a model, and what a model answers.

mod ask;

pub use ask::Ranked;

use crate::gpu::{Budget, DeviceChoice};
use crate::model::Model;
use crate::ratings::Dataset;
use crate::stop::Stop;
use crate::train::engine::Device;
use crate::train::{
    Event, HeldOut, Settings, State, Training, WarmStart, filled_from, held_out_of_new, train, trained_on,
};
use crate::{Error, Result};
use std::ops::ControlFlow;

/// Makes models of ratings. The same ratings and settings give the same model, byte for byte, as
/// `mfgpu train` does, for any number of threads: work runs in the rayon pool that it is called in.
///
/// | part | default | purpose |
/// |---|---|---|
/// | [`Settings`] | sgd, what is open found out | how a model is trained |
/// | [`device`](Self::device) | `auto` | what trains: a real GPU if there is one, else the CPU |
/// | [`vram`](Self::vram) | what the driver gives | the most memory of a GPU that training takes |
/// | [`begin_from`](Self::begin_from) | none | a model that knows some of the users and items already |
#[derive(Debug, Clone, Default)]
pub struct Recommender<'a> {
    settings: Settings,
    device: DeviceChoice,
    vram: Option<Budget>,
    begin_from: Option<&'a Model>,
}

impl<'a> Recommender<'a> {
    /// Makes models with these settings.
    pub fn new(settings: Settings) -> Self {
        Self { settings, ..Self::default() }
    }

    /// What to train on. Text such as `cpu` or `gpu:1` is parsed to a choice.
    #[must_use]
    pub fn device(self, device: DeviceChoice) -> Self {
        Self { device, ..self }
    }

    /// The most memory of a GPU that training takes; ratings that do not fit stream through it. Text such as
    /// `6GiB` or `80%` is parsed to a budget.
    #[must_use]
    pub fn vram(self, most: Budget) -> Self {
        Self { vram: Some(most), ..self }
    }

    /// Begins from a model: users and items that it knows keep their factors, and settings that are open are
    /// those of the model. The ratings to train on are all ratings, old and new.
    #[must_use]
    pub fn begin_from(self, model: &'a Model) -> Self {
        Self { begin_from: Some(model), ..self }
    }

    /// Trains.
    ///
    /// # Errors
    /// [`Error::Usage`] for settings that make no sense, [`Error::Input`] without ratings,
    /// [`Error::Diverged`], and those of the device: [`Error::NoDevice`], [`Error::Device`],
    /// [`Error::TooLarge`].
    pub fn fit(&self, data: &Dataset) -> Result<Model> {
        self.fit_with(data, |_| (), &Stop::new())
    }

    /// Trains. `observe` sees every event. When `stop` is raised, by the observer or from anywhere else,
    /// training ends soon with the model of the epochs so far.
    ///
    /// ```
    /// use mfgpu::{Dataset, Event, Recommender, Settings, Stop};
    ///
    /// let data = Dataset::from_triples((0..400_u32).map(|n| (n % 37, n % 23, (n % 7) as f32)))?;
    /// let stop = Stop::new();
    /// let mut epochs = 0;
    /// let observe = |event: &Event| {
    ///     if let Event::Epoch { epoch, .. } = event {
    ///         epochs = epoch.epoch;
    ///         if epochs == 2 {
    ///             stop.raise();
    ///         }
    ///     }
    /// };
    /// let settings = Settings { factors: Some(4), valid: Some(0.0), ..Settings::default() };
    /// Recommender::new(settings).fit_with(&data, observe, &stop)?;
    /// assert_eq!(epochs, 2);
    /// # Ok::<(), mfgpu::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`fit`](Self::fit); [`Error::Stopped`] if `stop` is raised before the first epoch is over.
    pub fn fit_with(&self, data: &Dataset, mut observe: impl FnMut(&Event), stop: &Stop) -> Result<Model> {
        let settings = match self.begin_from {
            Some(model) => filled_from(&self.settings, model)?,
            None => self.settings.clone(),
        };
        settings.check()?;
        if data.ratings.is_empty() {
            return Err(Error::Input("there are no ratings to train on".into()));
        }
        stop.check()?;
        let warm =
            self.begin_from.map(|model| WarmStart::new(model, &data.users, &data.items)).transpose()?;
        let known = self.begin_from.and_then(|model| trained_on(model, data));
        let marks = known.map(|known| held_out_of_new(&settings, &known));
        let training = Training {
            held_out: marks.as_deref().map_or(HeldOut::Random, HeldOut::Marked),
            warm: warm.as_ref(),
            ..Training::new(&data.ratings, (data.users.len(), data.items.len()))
        };
        let mut device = Device::open(&self.device, self.vram)?;
        let mut open = |problem, state: &State| device.engine(problem, state);
        let outcome = train(training, &settings, &mut open, &mut |event| {
            observe(event);
            if stop.is_raised() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        if outcome.search.epochs.is_empty() {
            stop.check()?;
        }
        Ok(outcome.model_of(data))
    }
}
