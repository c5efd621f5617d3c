//! Sequences of runs in one directory, which are stopped, fail, and meet files that are damaged or not theirs. Nothing
//! may panic, and what a person put there stays.

use crate::targets::{accepted, directory};
use mfgpu::Result;
use mfgpu::gpu::DeviceChoice;
use mfgpu::model::Model;
use mfgpu::run::{self, About, Config, Context, Every, Objectives, Record, RunDirectory, names};
use mfgpu::stop::Stop;
use mfgpu::train::Settings;
use mfgpu::train::engine::Device;
use std::collections::BTreeMap;
use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

/// At most so many steps of one sequence.
const STEPS: usize = 12;
/// Files of a person in the directory of a run.
const MINE: [&str; 6] = ["notes", "test.csv", "previous/a", "checkpoints/b", "mfgpu.next/c", "held-out.csv"];
/// What a command may say: all but a bug, a device that fails, and training that diverges.
const CODES: [u8; 5] = [2, 3, 4, 7, 128];

/// Each byte is a step: the upper four bits say what happens, the lower four how.
pub fn sequence(bytes: &[u8]) {
    let own = directory();
    let place = Place {
        out: own.path().join("m"),
        files: [0, 1, 2].map(|number| own.path().join(format!("{number}.csv"))),
    };
    for (path, text) in place.files.iter().zip(["", "", "a,b,much\n"]) {
        let shift = path.to_string_lossy().len();
        let rows =
            (0..40_usize).map(|row| format!("u{},i{},{}\n", row % 9, (row * 7 + shift) % 6, 1 + row % 5));
        fs::write(path, format!("user,item,rating\n{}{text}", rows.collect::<String>())).expect("written");
    }
    let mut mine: BTreeMap<PathBuf, Vec<u8>> = BTreeMap::new();
    for &byte in bytes.iter().take(STEPS) {
        let how = usize::from(byte & 15);
        match byte >> 4 {
            0..=3 => place.train(usize::from(byte >> 4 & 1), how),
            4 => place.train(2, how),
            5..=8 => place.resume(how),
            9 | 10 if place.out.join(names::LIST).exists() => place.put(MINE[how % MINE.len()], &mut mine),
            what => place.change(how, &mine, |path, bytes| damage(what, path, bytes)),
        }
        for (path, text) in &mine {
            assert!(fs::read(path).is_ok_and(|found| found == *text), "{} is lost", path.display());
        }
    }
}

/// Cuts a file off, flips a bit of it, removes it, or puts a directory in its place.
fn damage(what: u8, path: &Path, mut bytes: Vec<u8>) -> std::io::Result<()> {
    let middle = bytes.len() / 2;
    match what {
        11 => fs::write(path, &bytes[..middle]),
        12 => {
            bytes.iter_mut().skip(middle).take(1).for_each(|byte| *byte ^= 4);
            fs::write(path, bytes)
        }
        13 => fs::remove_file(path),
        14 => fs::remove_file(path).and_then(|()| fs::create_dir(path)),
        _ => Ok(()),
    }
}

struct Place {
    out: PathBuf,
    files: [PathBuf; 3],
}

impl Place {
    fn train(&self, file: usize, how: usize) {
        let training =
            Settings { factors: Some(2), epochs: Some(3), patience: Some(3), ..Settings::default() };
        let config = Config {
            ratings: vec![self.files[file].clone()],
            device: DeviceChoice::Cpu,
            checkpoint_every: Every::Epochs(1),
            objective: Some(Objectives::Ratings),
            top: 2,
            training,
            ..Config::default()
        };
        let Some(directory) = accepted(RunDirectory::create(&self.out, how & 1 == 1), &CODES) else { return };
        if self.run(&directory, how, |context, observe| run::run(&config, &directory, context, observe)) {
            assert!(Model::load(&self.out).is_ok(), "the model of a run that has ended");
        }
    }

    fn resume(&self, how: usize) {
        let Some(directory) = accepted(RunDirectory::open(&self.out), &CODES) else { return };
        if directory.is_finished() {
            return;
        }
        let Some(config) = accepted(Config::of_run(directory.work()), &CODES) else { return };
        self.run(&directory, how, |context, observe| run::resume(&config, &directory, context, observe));
    }

    /// Works on a run, and stops it after some of its events, or not. Whether it came to its end.
    fn run(
        &self,
        directory: &RunDirectory,
        how: usize,
        work: impl FnOnce(&mut Context, &mut run::Observe) -> Result<Record>,
    ) -> bool {
        let (stop, about) = (Stop::new(), About::default());
        let mut device = Device::open(&DeviceChoice::Cpu, None).expect("the processor");
        let mut context = Context { about: &about, device: &mut device, stop: &stop, world: None };
        let mut left = if how & 2 == 2 { usize::MAX } else { 1 + how };
        let record = work(&mut context, &mut |_| {
            left = left.saturating_sub(1);
            if left == 0 {
                stop.raise();
            }
            ControlFlow::Continue(())
        });
        assert!(directory.path() == self.out);
        accepted(record, &CODES).is_some()
    }

    /// A person's file, where nothing else is.
    fn put(&self, name: &str, mine: &mut BTreeMap<PathBuf, Vec<u8>>) {
        let path = self.out.join(name);
        let folder = path.parent().expect("a directory");
        if !path.exists() && fs::create_dir_all(folder).is_ok() && fs::write(&path, "mine").is_ok() {
            mine.insert(path, b"mine".to_vec());
        }
    }

    /// Changes a file of the run.
    fn change(
        &self,
        how: usize,
        mine: &BTreeMap<PathBuf, Vec<u8>>,
        change: impl FnOnce(&Path, Vec<u8>) -> std::io::Result<()>,
    ) {
        let mut files = Vec::new();
        below(&self.out, &mut files);
        files.retain(|path| !mine.contains_key(path));
        files.sort();
        if let Some(path) = files.get(how % files.len().max(1)) {
            let _ = fs::read(path).and_then(|bytes| change(path, bytes));
        }
    }
}

fn below(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() { below(&path, files) } else { files.push(path) }
    }
}
