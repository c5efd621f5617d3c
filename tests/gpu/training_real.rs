//! Training with default settings on real ratings: only `--seed` and `--test` differ. Needs `MFGPU_DATA`. The
//! bounds are the project's own targets; docs/measurements.md has the measured numbers.

use crate::support::case::{Case, Failed};
#[cfg(feature = "gpu")]
use crate::support::device;
#[cfg(feature = "gpu")]
use crate::support::trained::train_with;
use crate::support::trained::{model_of, train_on};
use mfgpu::eval::accuracy;
use mfgpu::input::{ReadOptions, read_ratings};
use mfgpu::ratings::Dataset;
use mfgpu::train::{Algorithm, Choice, Outcome, Settings};
use std::path::Path;

type Check = Result<(), Failed>;

fn read(folder: &Path, name: &str) -> Result<Dataset, Failed> {
    Ok(read_ratings(&[folder.join(name)], &ReadOptions::default(), &mut |_, _| Ok(()))?.0)
}

/// RMSE of clipped predictions; ids without training ratings count as average ones.
fn rmse(outcome: &Outcome, train: &Dataset, test: &Dataset) -> f64 {
    accuracy(&model_of(outcome, train), test, outcome.scale.mean).rmse
}

fn on_cpu(folder: &Path, (train, test): (&str, &str), settings: &Settings) -> Result<f64, Failed> {
    let (train, test) = (read(folder, train)?, read(folder, test)?);
    Ok(rmse(&train_on(&train, settings)?, &train, &test))
}

fn default_of(algorithm: Algorithm) -> Settings {
    Settings { algorithm, ..Settings::default() }
}

const ML_1M: (&str, &str) = ("ml-1m/train.csv.gz", "ml-1m/test.csv.gz");
const GOODBOOKS: (&str, &str) = ("goodbooks/train.csv.gz", "goodbooks/test.csv.gz");

fn below(what: &str, rmse: f64, bound: f64) -> Check {
    println!("{what}: test RMSE {rmse:.4}, bound {bound}");
    if rmse <= bound { Ok(()) } else { Err(format!("{what}: test RMSE {rmse:.4} is above {bound}").into()) }
}

fn ml_1m(folder: &Path) -> Check {
    below("ML-1M", on_cpu(folder, ML_1M, &Settings::default())?, 0.839)
}

fn goodbooks(folder: &Path) -> Check {
    below("goodbooks", on_cpu(folder, GOODBOOKS, &Settings::default())?, 0.815)
}

fn folds(folder: &Path, settings: &Settings) -> Result<f64, Failed> {
    let fold = |n| {
        let files = (&*format!("ml-100k/u{n}.base.gz"), &*format!("ml-100k/u{n}.test.gz"));
        on_cpu(folder, files, settings)
    };
    Ok((1..=5).map(fold).sum::<Result<f64, Failed>>()? / 5.0)
}

fn ml_100k_folds(folder: &Path) -> Check {
    below("ML-100K, mean of the official folds", folds(folder, &Settings::default())?, 0.908)
}

fn als_on_ml_1m(folder: &Path) -> Check {
    below("als on ML-1M", on_cpu(folder, ML_1M, &default_of(Algorithm::Als))?, 0.838)
}

fn als_on_ml_100k_folds(folder: &Path) -> Check {
    below("als on the folds of ML-100K", folds(folder, &default_of(Algorithm::Als))?, 0.905)
}

fn als_on_goodbooks(folder: &Path) -> Check {
    below("als on goodbooks", on_cpu(folder, GOODBOOKS, &default_of(Algorithm::Als))?, 0.812)
}

fn bayes_on_ml_1m(folder: &Path) -> Check {
    below("bayes on ML-1M", on_cpu(folder, ML_1M, &default_of(Algorithm::Bayes))?, 0.829)
}

fn bayes_on_ml_100k_folds(folder: &Path) -> Check {
    below("bayes on the folds of ML-100K", folds(folder, &default_of(Algorithm::Bayes))?, 0.883)
}

fn bayes_on_goodbooks(folder: &Path) -> Check {
    // Later draws change only the fourth digit.
    let settings = Settings { epochs: Some(80), ..default_of(Algorithm::Bayes) };
    below("bayes on goodbooks", on_cpu(folder, GOODBOOKS, &settings)?, 0.811)
}

fn bayes_without_views(folder: &Path) -> Check {
    let settings = Settings { views: Choice::Fixed(0.0), ..default_of(Algorithm::Bayes) };
    below("bayes without views on the folds of ML-100K", folds(folder, &settings)?, 0.895)
}

/// Intervals of the predictive distribution contain the stated share of ratings.
fn bayes_knows_how_sure_it_is(folder: &Path) -> Check {
    let (train, test) = (read(folder, "ml-100k/u1.base.gz")?, read(folder, "ml-100k/u1.test.gz")?);
    let outcome = train_on(&train, &default_of(Algorithm::Bayes))?;
    let (mut within, mut count, mut surprise) = ([0.0; 2], 0.0, 0.0);
    for (user, item, value) in test.ratings.iter() {
        let user = train.users.get(test.users.id(user));
        let item = train.items.get(test.items.id(item));
        let (Some(user), Some(item)) = (user, item) else { continue };
        let (user, item) = (user as usize, item as usize);
        let (mut sum, mut squares, mut noise) = (0.0, 0.0, 0.0);
        for draw in &outcome.draws {
            let product: f32 =
                draw.users.row(user).iter().zip(draw.items.row(item)).map(|(p, q)| p * q).sum();
            let standard = draw.user_bias[user] + draw.item_bias[item] + product;
            let predicted = f64::from(draw.mean + draw.scale * standard);
            let precision = draw.fold_in.as_ref().ok_or("no precision")?.precision;
            let precision = f64::from(precision * draw.user_weight[user] * draw.item_weight[item]);
            sum += predicted;
            squares += predicted * predicted;
            noise += f64::from(draw.scale).powi(2) / precision;
        }
        let draws = outcome.draws.len() as f64;
        let mean = sum / draws;
        let variance = squares / draws - mean * mean + noise / draws;
        let away = (f64::from(value) - mean.clamp(1.0, 5.0)).abs() / variance.sqrt();
        within[0] += f64::from(away < 1.6449);
        within[1] += f64::from(away < 1.96);
        surprise += 0.5 * (away * away + (std::f64::consts::TAU * variance).ln());
        count += 1.0;
    }
    let [ninety, ninety_five] = within.map(|within| within / count);
    println!("90 %: {ninety:.4}, 95 %: {ninety_five:.4}, negative log likelihood {:.4}", surprise / count);
    if (0.88..0.92).contains(&ninety) && (0.935..0.965).contains(&ninety_five) && surprise / count < 1.3 {
        Ok(())
    } else {
        Err(format!("90 % intervals hold {ninety}, 95 % intervals {ninety_five}, {}", surprise / count)
            .into())
    }
}

/// Both engines run the same ten epochs of `MovieLens` 1M.
#[cfg(feature = "gpu")]
fn engines_agree(folder: &Path) -> Check {
    use mfgpu::gpu::GpuOptions;
    use mfgpu::train::engine::gpu::GpuEngine;
    use mfgpu::train::{Choice, Start};
    let (train, test) = (read(folder, "ml-1m/train.csv.gz")?, read(folder, "ml-1m/test.csv.gz")?);
    let settings = Settings {
        epochs: Some(10),
        regularization: Choice::Fixed(0.05),
        start: Some(Start::Offset),
        refit: false,
        ..Settings::default()
    };
    let cpu = train_on(&train, &settings)?;
    let mut open = |problem, state: &_| {
        GpuEngine::new(device::open(&GpuOptions::default())?, problem, state)
            .map(|engine| Box::new(engine) as _)
    };
    let gpu = train_with(&mut open, &train, &settings)?;
    let speed = |outcome: &Outcome| outcome.search.epochs[9].ratings_per_second / 1e6;
    let (on_cpu, on_gpu) = (rmse(&cpu, &train, &test), rmse(&gpu, &train, &test));
    println!(
        "CPU {on_cpu:.5}, {:.1} M ratings/s; GPU {on_gpu:.5}, {:.1} M ratings/s",
        speed(&cpu),
        speed(&gpu)
    );
    if (on_cpu - on_gpu).abs() <= 0.0005 { Ok(()) } else { Err(format!("CPU {on_cpu}, GPU {on_gpu}").into()) }
}

pub(crate) fn cases() -> Vec<Case> {
    let real = |name: &str, check: fn(&Path) -> Check| Case::on_real_ratings(name, check);
    vec![
        real("ml_1m", ml_1m),
        real("goodbooks", goodbooks),
        real("ml_100k_folds", ml_100k_folds),
        real("als_on_ml_1m", als_on_ml_1m),
        real("als_on_ml_100k_folds", als_on_ml_100k_folds),
        real("als_on_goodbooks", als_on_goodbooks),
        real("bayes_on_ml_1m", bayes_on_ml_1m),
        real("bayes_on_ml_100k_folds", bayes_on_ml_100k_folds),
        real("bayes_on_goodbooks", bayes_on_goodbooks),
        real("bayes_without_views", bayes_without_views),
        real("bayes_knows_how_sure_it_is", bayes_knows_how_sure_it_is),
        #[cfg(feature = "gpu")]
        real("engines_agree_on_ml_1m", engines_agree).and_a_gpu(),
    ]
}
