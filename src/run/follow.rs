//! A rank of a run that is another process than rank 0.

use super::config::Config;
use super::crew::{Crew, Order, Standing, Word};
use super::device::Engines;
use super::event::RunEvent;
use super::folds::{valid_of_fold, without};
use super::material::{Given, Material};
use super::part::Part;
use super::ranks::{Ranks, device_of};
use super::warm::Begin;
use crate::comm::Comm;
use crate::ratings::{Dataset, folds};
use crate::stop::Stop;
use crate::train::State;
use crate::train::engine::Device;
use crate::{Error, Result};
use std::ops::ControlFlow;
use std::rc::Rc;
use std::sync::Arc;

/// Does what rank 0 says until it ends. `local` is the number of this process on its machine, which chooses among
/// several GPUs. `prepare` is called with the settings before anything is read.
///
/// # Errors
/// What this rank cannot do. Where all ranks see an error, rank 0 alone returns it.
pub fn follow(comm: &Arc<dyn Comm>, local: usize, prepare: impl FnOnce(&Config) -> Result<()>) -> Result<()> {
    let crew = Rc::new(Crew::new(Arc::clone(comm)));
    let Some(config) = crew.settings()? else { return Ok(()) };
    let read = prepare(&config).and_then(|()| Ready::new(&config));
    let own = Standing::of(read.as_ref().map(Ready::checksums).map_err(ToString::to_string));
    let (Ok(_), Ok(ready)) = (crew.compare(&own), read) else { return Ok(()) };
    let ended = ready.work(&crew, local);
    if ended.is_err() {
        comm.tear();
    }
    let share = comm.share();
    ended.map_err(|error| match error {
        Error::Device(why) => Error::Device(format!("rank {} on {}: {why}", share.rank, own.host)),
        Error::TooLarge(why) => Error::TooLarge(format!("rank {} on {}: {why}", share.rank, own.host)),
        other => other,
    })
}

/// Lets the other processes end, which wait for a run.
pub fn dismiss(comm: &Arc<dyn Comm>) {
    Crew::new(Arc::clone(comm)).dismiss();
}

/// Observes nothing: rank 0 speaks.
fn unseen(_: &RunEvent) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

/// The settings and the ratings.
struct Ready {
    config: Config,
    material: Material,
    checksums: (String, String),
}

impl Ready {
    fn new(config: &Config) -> Result<Self> {
        let (config, begin) = Begin::of(config)?;
        // The directory of the run is rank 0's.
        let scratch = std::env::temp_dir();
        let material = Material::of(&config, (Given::default(), &scratch), begin, &Stop::new(), &mut unseen)?;
        let config = config.decided(material.data.feedback)?;
        let checksums = (material.checksum()?, config.checksum()?);
        Ok(Self { config, material, checksums })
    }

    fn checksums(&self) -> (String, String) {
        self.checksums.clone()
    }

    /// Trains whenever rank 0 does.
    fn work(&self, crew: &Rc<Crew>, local: usize) -> Result<()> {
        let mut device = Device::open(&device_of(&self.config, local), self.config.vram)?;
        let mut open = |problem, state: &State| device.engine(problem, state);
        let mut engines = Engines::new(&mut open, Ranks::Processes(Rc::clone(crew)));
        loop {
            match crew.hear()? {
                Word::End => return Ok(()),
                Word::Train(order) => self.train(*order, &mut engines)?,
            }
        }
    }

    fn train(&self, order: Order, engines: &mut Engines) -> Result<()> {
        let Self { config, material, .. } = self;
        let Material { data, valid, warm, .. } = material;
        let Order { fold, objective, may_end, from } = order;
        let part =
            |data, valid, test, warm| Part { config, objective, fold, data, valid, test, warm, may_end };
        let trained = if let Some(number) = fold {
            let dealt = folds(data.triples().len(), config.folds.unwrap_or(number), config.training.seed);
            let (mut rest, _): (Dataset, _) = without(data, &dealt, number - 1)?;
            let own = valid_of_fold(config, &mut rest, valid, &Stop::new(), &mut unseen)?;
            part(&rest, own.as_ref().unwrap_or(valid), None, None).train(engines, (None, from), &mut unseen)
        } else {
            let watched = material.test.as_ref().map(|test| test.among(&data.users, &data.items).0);
            part(data, valid, watched.as_ref(), warm.of(objective)).train(engines, (None, from), &mut unseen)
        };
        match trained {
            Err(error) if !super::crew::is_of_all(&error) => Err(error),
            _ => Ok(()),
        }
    }
}
