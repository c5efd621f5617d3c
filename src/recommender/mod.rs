//! The front door: from ratings to a model, and from a model to answers.

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

/// Trains models. The same ratings and settings give the same model, byte for byte, as `mfgpu train` writes,
/// for any number of threads. Work runs in the rayon pool of the caller.
///
/// | part | default | purpose |
/// |---|---|---|
/// | [`Settings`] | sgd; open settings are chosen | how a model is trained |
/// | [`device`](Self::device) | `auto` | the device to train on: a real GPU if there is one, else the CPU |
/// | [`vram`](Self::vram) | as much as the driver gives | the most GPU memory that training may use |
/// | [`begin_from`](Self::begin_from) | none | a model to start from, with some of the users and items |
#[derive(Debug, Clone, Default)]
pub struct Recommender<'a> {
    settings: Settings,
    device: DeviceChoice,
    vram: Option<Budget>,
    begin_from: Option<&'a Model>,
}

impl<'a> Recommender<'a> {
    /// Trains with these settings.
    pub fn new(settings: Settings) -> Self {
        Self { settings, ..Self::default() }
    }

    /// The device to train on. Text such as `cpu` or `gpu:1` can be parsed to a choice.
    #[must_use]
    pub fn device(self, device: DeviceChoice) -> Self {
        Self { device, ..self }
    }

    /// The most GPU memory that training may use; ratings that do not fit are streamed through it. Text such
    /// as `6GiB` or `80%` can be parsed to a budget.
    #[must_use]
    pub fn vram(self, most: Budget) -> Self {
        Self { vram: Some(most), ..self }
    }

    /// Starts training from a model: users and items that it knows start with their factors, and open
    /// settings are filled from it. Train on all ratings, old and new.
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

    /// Trains as [`fit`](Self::fit) does. `observe` is called with every event. When `stop` is raised, by the
    /// observer or from anywhere else, training ends soon with the model of the epochs so far.
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
        if data.triples().is_empty() {
            return Err(Error::Input("there are no ratings to train on".into()));
        }
        stop.check()?;
        let begin = |model| {
            let warm = WarmStart::new(model, &data.users, &data.items)?;
            Ok::<_, Error>(warm.in_units_of(model, data.triples())?.0)
        };
        let warm = self.begin_from.map(begin).transpose()?;
        let known = self.begin_from.map(|model| trained_on(model, data)).transpose()?.flatten();
        let marks = known.map(|known| held_out_of_new(&settings, &known));
        let training = Training {
            held_out: marks.as_deref().map_or(HeldOut::Random, HeldOut::Marked),
            warm: warm.as_ref(),
            feedback: data.feedback,
            ..Training::new(data.triples(), (data.users.len(), data.items.len()))
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
        outcome.model_of(data)
    }
}
