//! Random sequences of commands on one run directory, some of which fail, are killed, or meet a full disk:
//! whatever happened, the last model is there, and nothing of a person is lost.

use crate::program::{mfgpu, run};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Something that happens to the directory `m`.
#[derive(Debug, Clone)]
enum Step {
    /// Training on one of two files of ratings.
    Train {
        second: bool,
        force: bool,
        fault: Fault,
    },
    /// Training on a file that cannot be read.
    Bad {
        force: bool,
    },
    Resume {
        fault: Fault,
    },
    /// A person puts a file of their own there.
    Put {
        name: &'static str,
    },
}

/// What happens to a command, at one of its operations on files.
#[derive(Debug, Clone)]
enum Fault {
    None,
    At(&'static str, u32),
}

fn fault() -> impl Strategy<Value = Fault> {
    let what = prop::sample::select(vec!["kill", "cut", "tear", "ENOSPC:ever", "EIO:ever", "EIO"]);
    // A run has some 400 operations; a fault behind them is none.
    prop_oneof![2 => Just(Fault::None), 5 => (what, 1_u32..450).prop_map(|(what, at)| Fault::At(what, at))]
}

fn step() -> impl Strategy<Value = Step> {
    let names = ["notes.txt", "test.csv", "previous/a", "checkpoints/b", "mfgpu.next-7/c", "held-out.csv"];
    prop_oneof![
        4 => (any::<bool>(), any::<bool>(), fault()).prop_map(|(second, force, fault)| Step::Train { second, force, fault }),
        2 => any::<bool>().prop_map(|force| Step::Bad { force }),
        3 => fault().prop_map(|fault| Step::Resume { fault }),
        1 => prop::sample::select(names.to_vec()).prop_map(|name| Step::Put { name }),
    ]
}

/// A directory with ratings of two kinds and some that are bad, and the models of both.
struct Place {
    own: tempfile::TempDir,
    models: [Vec<u8>; 2],
}

const RATINGS: [&str; 2] = ["first.csv", "second.csv"];

impl Place {
    fn new() -> Self {
        let memory = Path::new("/dev/shm");
        let own = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
        let own = own.expect("a directory");
        let here = own.path();
        for (name, seed) in RATINGS.iter().zip(3..) {
            let line = format!("generate --users 12 --items 8 --ratings 60 --seed {seed} -o {name}");
            run(here, &line.split(' ').collect::<Vec<_>>(), 0);
        }
        fs::write(here.join("bad.csv"), "user,item,rating\na,b,3\na,c,much\n").expect("written");
        fs::create_dir(here.join("aside")).expect("made");
        let settings = "checkpoint_every = \"1 epochs\"\ntop = 2\nobjective = \"ratings\"\ndevice = \"cpu\"\n\
                        test = 0.1\nthreads = 1\n\
                        [training]\nfactors = 2\nepochs = 3\nregularization = 0.1\n\
                        [evaluation]\nresamples = 0\ncutoffs = []\n";
        fs::write(here.join("settings.toml"), settings).expect("written");
        let models = RATINGS.map(|ratings| {
            let line = format!("train {ratings} --config settings.toml --test 0 --out whole");
            run(here, &line.split(' ').collect::<Vec<_>>(), 0);
            let model = fs::read(here.join("whole/model.safetensors")).expect("a model");
            fs::remove_dir_all(here.join("whole")).expect("removed");
            model
        });
        Self { own, models }
    }

    fn here(&self) -> &Path {
        self.own.path()
    }

    fn run(&self, line: &str, fault: &Fault) -> (i32, String) {
        let mut command = mfgpu(self.here());
        if let Fault::At(what, at) = fault {
            command.env("MFGPU_FAULT", format!("{at}:{what}"));
            command.env("MFGPU_FAULT_ASIDE", self.here().join("aside"));
        }
        let output = command.args(line.split(' ')).output().expect("ended");
        (output.status.code().expect("a code"), String::from_utf8_lossy(&output.stderr).into_owned())
    }

    /// The number of the model in the directory, from 0.
    fn model(&self) -> Option<usize> {
        let found = fs::read(self.here().join("m/model.safetensors")).ok()?;
        Some(self.models.iter().position(|model| *model == found).expect("one of the two models, whole"))
    }

    /// The checkpoints of all unfinished runs in the directory.
    fn checkpoints(&self) -> Vec<PathBuf> {
        let folders = fs::read_dir(self.here().join("m")).into_iter().flatten().flatten();
        let runs = folders.map(|entry| entry.path()).chain([self.here().join("m")]);
        let mut all = Vec::new();
        let unfinished =
            |run: &PathBuf| run.join("config.toml").exists() && !run.join("model.safetensors").exists();
        for run in runs.filter(unfinished) {
            let found = fs::read_dir(run.join("checkpoints")).into_iter().flatten().flatten();
            all.extend(
                found
                    .map(|entry| entry.path())
                    .filter(|path| path.extension().is_some_and(|end| end == "checkpoint")),
            );
        }
        all
    }

    fn check(&self, steps: &[Step]) {
        let _ = fs::remove_dir_all(self.here().join("m"));
        let mut files: BTreeMap<PathBuf, String> = BTreeMap::new();
        let mut had_model = false;
        for (step, number) in steps.iter().zip(0..) {
            let (model, checkpoints) = (self.model(), self.checkpoints());
            let forced = |force: &bool| if *force { " --force" } else { "" };
            let (code, said) = match step {
                Step::Train { second, force, fault } => {
                    let ratings = RATINGS[usize::from(*second)];
                    let line =
                        format!("train {ratings} --config settings.toml --test 0 --out m{}", forced(force));
                    self.run(&line, fault)
                }
                Step::Bad { force } => {
                    let line =
                        format!("train bad.csv --config settings.toml --test 0 --out m{}", forced(force));
                    self.run(&line, &Fault::None)
                }
                Step::Resume { fault } => self.run("resume m", fault),
                // A directory of somebody's own is not one for a run.
                Step::Put { .. } if !self.here().join("m/mfgpu.files").exists() => continue,
                Step::Put { name } => {
                    let path = self.here().join("m").join(name);
                    let text = format!("mine {number}");
                    fs::create_dir_all(path.parent().expect("a directory")).expect("made");
                    if !path.exists() || files.contains_key(&path) {
                        fs::write(&path, &text).expect("written");
                        files.insert(path, text);
                    }
                    continue;
                }
            };
            let about = format!("step {number} of {steps:?}: exit code {code}\n{said}");
            let now = self.model();
            for (path, text) in &files {
                let found = fs::read_to_string(path);
                assert!(found.is_ok_and(|found| found == *text), "{} is lost: {about}", path.display());
            }
            had_model |= model.is_some();
            assert!(now.is_some() || !had_model, "the model is lost: {about}");
            match step {
                Step::Bad { .. } => {
                    assert!(matches!(code, 2 | 3), "{about}");
                    // What another command left may have been completed before.
                    assert!(now == model || model.is_none() || checkpoints.is_empty(), "{about}");
                    let left = self.checkpoints();
                    let lost = checkpoints.iter().find(|path| !left.contains(path));
                    assert!(lost.is_none() || now.is_some() && now != model, "{lost:?} is lost: {about}");
                }
                Step::Train { second, fault, .. } => match (code, fault) {
                    (0, _) => assert_eq!(now, Some(usize::from(*second)), "{about}"),
                    // It may have its model and fail at what comes after.
                    (2, _) | (3 | 4 | 137, Fault::At(..)) => {}
                    _ => panic!("{about}"),
                },
                Step::Resume { fault } => match (code, fault) {
                    (0, _) => assert!(now.is_some(), "{about}"),
                    // There may be none to resume, or one whose ratings are bad.
                    (2 | 3, _) | (4 | 137, Fault::At(..)) => {}
                    _ => panic!("{about}"),
                },
                Step::Put { .. } => {}
            }
        }
        // Nothing that happened keeps a new run from its end, unless a person's file is in its way.
        let (code, said) =
            self.run("train first.csv --config settings.toml --test 0 --out m --force", &Fault::None);
        let taken = files.keys().any(|path| path.ends_with("held-out.csv"));
        assert!(code == 0 && self.model() == Some(0) || code == 2 && taken, "{code} {steps:?}\n{said}");
    }
}

#[test]
fn whatever_happens_the_last_model_is_there() {
    let place = Place::new();
    let cases = std::env::var("MFGPU_SEQUENCES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(60);
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 200, ..Config::default() };
    let steps = prop::collection::vec(step(), 1..9);
    let mut runner = TestRunner::new(config);
    let result = runner.run(&steps, |steps| {
        place.check(&steps);
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
}
