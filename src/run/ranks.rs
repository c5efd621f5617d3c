//! The ranks that train a model together: threads of this process, or processes.

use super::config::Config;
use super::crew::Crew;
use crate::comm::{Comm, Guard, Traffic, is_echo, threads};
use crate::gpu::{self, AdapterDescription, AdapterKind, Budget, DeviceChoice};
use crate::train::engine::Device;
use crate::train::engine::cpu::CpuEngine;
use crate::train::{Checkpoint, Keeping, OpenEngine, Outcome, Settings, State, Training, resume};
use crate::{Error, Result};
use std::ops::ControlFlow;
use std::panic::resume_unwind;
use std::rc::Rc;
use std::sync::Arc;

/// Who trains.
#[derive(Debug, Clone, Default)]
pub(super) enum Ranks {
    /// This thread alone.
    #[default]
    Alone,
    /// Threads of this process, of which this is the first; the device of each, and the limit of its memory.
    Threads(Vec<DeviceChoice>, Option<Budget>),
    /// Processes, of which this is one.
    Processes(Rc<Crew>),
}

/// How a rank trains.
pub(super) struct Task<'a> {
    pub(super) training: Training<'a>,
    pub(super) settings: &'a Settings,
    pub(super) from: Option<Checkpoint<'static>>,
    /// Whether training may be ended at any time.
    pub(super) may_end: bool,
}

impl Ranks {
    /// The ranks that the settings ask for, where this device was opened.
    pub(super) fn of(config: &Config, device: &Device, crew: Option<&Rc<Crew>>) -> Self {
        if let Some(crew) = crew {
            return Self::Processes(Rc::clone(crew));
        }
        let count = number_of(config);
        if count == 1 {
            return Self::Alone;
        }
        let all = all_of(config);
        let device_of = |rank| match device.opened() {
            Some(_) => one_of(&config.device, &all, rank),
            None => DeviceChoice::Cpu,
        };
        Self::Threads((0..count).map(device_of).collect(), config.vram)
    }
}

/// How many ranks the settings ask for: one, and with all GPUs one on each.
pub(super) fn number_of(config: &Config) -> usize {
    config.ranks.unwrap_or_else(|| all_of(config).len().max(1))
}

/// The device of a process that has this number on its machine.
pub(super) fn device_of(config: &Config, local: usize) -> DeviceChoice {
    one_of(&config.device, &all_of(config), local)
}

/// The device of a rank, which has one of all GPUs if all were asked for.
fn one_of(choice: &DeviceChoice, all: &[usize], rank: usize) -> DeviceChoice {
    match choice {
        DeviceChoice::AllGpus => {
            let number = all.get(rank % all.len().max(1));
            number.map_or(DeviceChoice::Gpu, |&number| DeviceChoice::GpuNumber(number))
        }
        choice => choice.clone(),
    }
}

/// The numbers of all GPUs, if all were asked for; of the software ones if there are no others.
fn all_of(config: &Config) -> Vec<usize> {
    if config.device != DeviceChoice::AllGpus {
        return Vec::new();
    }
    let found = gpu::adapters().unwrap_or_default();
    let is_real = |adapter: &&AdapterDescription| adapter.kind != AdapterKind::Software;
    let any_real = found.iter().any(|adapter| is_real(&adapter));
    found.iter().filter(|adapter| is_real(adapter) == any_real).map(|adapter| adapter.number).collect()
}

/// Trains as several threads, of which this is rank 0. Returns what rank 0 gathered, too.
pub(super) fn train_as_threads(
    (devices, vram): (&[DeviceChoice], Option<Budget>),
    task: Task,
    open: &mut OpenEngine,
    keeping: &mut Keeping,
) -> Result<(Outcome, Traffic)> {
    let Task { training, settings, from, may_end } = task;
    let members: Vec<Arc<dyn Comm>> = threads(devices.len()).into_iter().map(|member| member as _).collect();
    let each = (rayon::current_num_threads() / devices.len()).max(1);
    let refused = |error| Error::TooLarge(format!("a thread for a rank: {error}; fewer ranks help"));
    std::thread::scope(|scope| {
        let guard = Guard::new(&*members[0]);
        let others: Result<Vec<_>> = members
            .iter()
            .zip(devices)
            .skip(1)
            .map(|(comm, device)| {
                let task = Task {
                    training: Training { comm: Some(comm), ..training },
                    settings,
                    from: from.clone(),
                    may_end,
                };
                let work = move || follow(comm, task, (device, vram), each);
                std::thread::Builder::new().name("rank".into()).spawn_scoped(scope, work).map_err(refused)
            })
            .collect();
        let others = others?;
        let training = Training { comm: Some(&members[0]), ..training };
        let outcome = resume(training, settings, (open, None), keeping, from);
        guard.release_if(outcome.is_ok());
        let mut errors = Vec::new();
        let outcome = outcome.map_err(|error| errors.push(error));
        for other in others {
            errors.extend(other.join().unwrap_or_else(|panic| resume_unwind(panic)).err());
        }
        // The error that the others are the echo of.
        let first = errors.iter().position(|error| !is_echo(error)).unwrap_or(0);
        match outcome {
            Ok(outcome) if errors.is_empty() => Ok((outcome, members[0].counters().traffic())),
            _ => Err(errors.swap_remove(first)),
        }
    })
}

/// Trains as another rank than the first, and ends as that one does.
fn follow(
    comm: &Arc<dyn Comm>,
    task: Task,
    (device, vram): (&DeviceChoice, Option<Budget>),
    threads: usize,
) -> Result<()> {
    let guard = Guard::new(&**comm);
    let refused = |error| Error::TooLarge(format!("{threads} threads for a rank: {error}; fewer ranks help"));
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().map_err(refused)?;
    let ended = pool.install(|| {
        let Task { training, settings, from, may_end } = task;
        let mut opened = if *device == DeviceChoice::Cpu { None } else { Some(Device::open(device, vram)?) };
        let mut open = |problem, state: &State| match &mut opened {
            Some(device) => device.engine(problem, state),
            None => Ok(Box::new(CpuEngine::new(problem, state)) as _),
        };
        let mut observe = |_: &_| ControlFlow::Continue(());
        let mut keeping = Keeping::new(&mut observe, None).that_may_end(may_end);
        resume(training, settings, (&mut open, None), &mut keeping, from).map(drop)
    });
    guard.release_if(ended.is_ok());
    ended
}
