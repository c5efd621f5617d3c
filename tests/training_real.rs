//! Training with default settings on real ratings: no other than `--seed` and `--test` would set. Needs `MFGPU_DATA`.
//! The bounds are those that the project set itself; docs/measurements.md has the numbers that were measured.

#[path = "support/gpu.rs"]
#[cfg(feature = "gpu")]
mod gpu;

use libtest_mimic::{Arguments, Failed, Trial};
use mfgpu::eval::accuracy;
use mfgpu::input::{ReadOptions, read_ratings};
use mfgpu::model::Model;
use mfgpu::ratings::Dataset;
use mfgpu::train::engine::cpu::CpuEngine;
use mfgpu::train::{OpenEngine, Outcome, Settings, Training, train};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

type Check = Result<(), Failed>;

fn read(folder: &Path, name: &str) -> Result<Dataset, Failed> {
    Ok(read_ratings(&[folder.join(name)], &ReadOptions::default(), &mut |_, _| {})?.0)
}

fn learn(dataset: &Dataset, settings: &Settings, open: &mut OpenEngine) -> Result<Outcome, Failed> {
    let size = (dataset.users.len(), dataset.items.len());
    let training = Training { ratings: &dataset.ratings, held_out: None, size };
    Ok(train(training, settings, open, &mut |_| ControlFlow::Continue(()))?)
}

/// RMSE of clipped predictions; ids never seen in training count as average ones.
fn rmse(outcome: &Outcome, train: &Dataset, test: &Dataset) -> f64 {
    let model = Model {
        draws: outcome.draws.clone(),
        users: train.users.clone(),
        items: train.items.clone(),
        range: (outcome.scale.low, outcome.scale.high),
        ..Model::default()
    };
    accuracy(&model, test, outcome.scale.mean).rmse
}

fn on_cpu(folder: &Path, train: &str, test: &str) -> Result<f64, Failed> {
    let (train, test) = (read(folder, train)?, read(folder, test)?);
    let mut open = |problem, state: &_| Ok(Box::new(CpuEngine::new(problem, state)) as _);
    Ok(rmse(&learn(&train, &Settings::default(), &mut open)?, &train, &test))
}

fn below(what: &str, rmse: f64, bound: f64) -> Check {
    println!("{what}: test RMSE {rmse:.4}, bound {bound}");
    if rmse <= bound { Ok(()) } else { Err(format!("{what}: test RMSE {rmse:.4} is above {bound}").into()) }
}

fn ml_1m(folder: &Path) -> Check {
    below("ML-1M", on_cpu(folder, "ml-1m/train.csv.gz", "ml-1m/test.csv.gz")?, 0.839)
}

fn goodbooks(folder: &Path) -> Check {
    below("goodbooks", on_cpu(folder, "goodbooks/train.csv.gz", "goodbooks/test.csv.gz")?, 0.815)
}

fn ml_100k_folds(folder: &Path) -> Check {
    let fold = |n| on_cpu(folder, &format!("ml-100k/u{n}.base.gz"), &format!("ml-100k/u{n}.test.gz"));
    let sum = (1..=5).map(fold).sum::<Result<f64, Failed>>()?;
    below("ML-100K, mean of the official folds", sum / 5.0, 0.908)
}

/// Both engines run the same ten epochs of `MovieLens` 1M.
#[cfg(feature = "gpu")]
fn engines_agree(folder: &Path) -> Check {
    use mfgpu::gpu::GpuOptions;
    use mfgpu::train::engine::gpu::GpuEngine;
    use mfgpu::train::{Regularization, Start};
    let (train, test) = (read(folder, "ml-1m/train.csv.gz")?, read(folder, "ml-1m/test.csv.gz")?);
    let settings = Settings {
        epochs: Some(10),
        regularization: Regularization::Fixed(0.05),
        start: Some(Start::Offset),
        refit: false,
        ..Settings::default()
    };
    let mut open = |problem, state: &_| Ok(Box::new(CpuEngine::new(problem, state)) as _);
    let cpu = learn(&train, &settings, &mut open)?;
    let mut open = |problem, state: &_| {
        GpuEngine::new(gpu::open(&GpuOptions::default())?, problem, state).map(|engine| Box::new(engine) as _)
    };
    let gpu = learn(&train, &settings, &mut open)?;
    let speed = |outcome: &Outcome| outcome.search.epochs[9].ratings_per_second / 1e6;
    let (on_cpu, on_gpu) = (rmse(&cpu, &train, &test), rmse(&gpu, &train, &test));
    println!(
        "CPU {on_cpu:.5}, {:.1} M ratings/s; GPU {on_gpu:.5}, {:.1} M ratings/s",
        speed(&cpu),
        speed(&gpu)
    );
    if (on_cpu - on_gpu).abs() <= 0.0005 { Ok(()) } else { Err(format!("CPU {on_cpu}, GPU {on_gpu}").into()) }
}

fn main() -> ExitCode {
    let folder = std::env::var_os("MFGPU_DATA").map(PathBuf::from).unwrap_or_default();
    let missing = folder.as_os_str().is_empty();
    let real = |name: &str, check: fn(&Path) -> Check| {
        let folder = folder.clone();
        Trial::test(name, move || check(&folder)).with_ignored_flag(missing)
    };
    let mut trials =
        vec![real("ml_1m", ml_1m), real("goodbooks", goodbooks), real("ml_100k_folds", ml_100k_folds)];
    #[cfg(feature = "gpu")]
    if missing {
        trials.push(real("engines_agree_on_ml_1m", engines_agree));
    } else {
        let folder = folder.clone();
        trials.push(gpu::trial("engines_agree_on_ml_1m", move || {
            engines_agree(&folder).map_err(|why| mfgpu::Error::Bug(why.message().unwrap_or_default().into()))
        }));
    }
    trials.shrink_to_fit();
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}
