//! The solution of rows in each of its forms. `cargo bench --bench rows` times rows of `n` ratings with `k`
//! factors, in nanoseconds each; the table of forms in `train/row/normal/solver.rs` stands on these
//! numbers. `cargo bench --bench rows -- RATINGS [FACTORS..]` times whole epochs of a file: all rows with
//! an unknown for each factor, and each row in the form of the table. Forms take turns in one run.
//! `MFGPU_DEVICE` names another device than the CPU.

use mfgpu::gpu::GpuOptions;
use mfgpu::math::philox::{Purpose, Stream, key};
use mfgpu::ratings::{At, Ratings, Scale, Side, Sides};
use mfgpu::train::engine::{Engine, cpu::CpuEngine, gpu::GpuEngine};
use mfgpu::train::row::normal::{Form, Forms, Noise, Numbers, Quadratic, Solver};
use mfgpu::train::row::{Target, Update};
use mfgpu::train::{Problem, Start, State};
use rand::RngExt;
use std::sync::Arc;
use std::time::Instant;

#[path = "support/data.rs"]
mod data;

/// Rows of the fixed side, when rows of one length are timed.
const FIXED: u32 = 20_000;
/// Multiplications of a sweep, about.
const WORK: usize = 2_000_000_000;
/// Sweeps or epochs that are timed.
const TURNS: usize = 3;

/// What is solved: the equations of als, of a draw of bayes, of ials.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    Als,
    Bayes,
    Ials,
}

impl Kind {
    fn numbers(self, k: usize, side: Side, forms: Forms) -> Numbers {
        let mut ridge = Quadratic::none(k);
        (0..=k).for_each(|n| ridge.matrix.row_mut(n)[n] = if self == Self::Bayes { 4.0 } else { 0.7 });
        let mut dense = Quadratic::none(k);
        for row in 0..k {
            for column in 0..k {
                let near = 0.1 / (1.0 + row.abs_diff(column) as f32);
                dense.matrix.row_mut(row)[column] = if row == column { 1.0 } else { near };
            }
        }
        let plain = Numbers {
            target: Target::Value,
            precision: 1.0,
            prior: ridge,
            power: 0.5,
            shared: Quadratic::none(k),
            implicit_weight: 0.0,
            noise: None,
            forms,
            steps: 3,
            measure: side == Side::User,
        };
        match self {
            Self::Als => plain,
            Self::Bayes => {
                let noise = Noise { key: key(1, Purpose::Draw), draw: 1, side: side.index() as u32 };
                Numbers { power: 0.0, shared: dense, noise: Some(noise), measure: true, ..plain }
            }
            Self::Ials => {
                // The bias has an equation of its own.
                dense.matrix.row_mut(k)[k] = 1.0;
                let mut ials = Numbers { target: Target::Preference, power: 1.0, shared: dense, ..plain };
                ials.prior.matrix.row_mut(k)[k] = 0.0;
                ials
            }
        }
    }

    /// The forms to compare: the first is that of before.
    fn forms(self, k: usize) -> Vec<(&'static str, Forms)> {
        let dense = self != Self::Als;
        let mut all = vec![("long", Forms::only(Form::Long)), ("exact", Forms::of(Solver::Exact, k, dense))];
        if self != Self::Bayes {
            all.push(("cg", Forms::only(Form::Steps)));
            all.push(("auto", Forms::of(Solver::Auto, k, dense)));
        }
        all
    }
}

fn open(problem: &Arc<Problem>, state: &State) -> mfgpu::Result<Box<dyn Engine>> {
    if let Ok(device) = std::env::var("MFGPU_DEVICE")
        && let Some(gpu) = mfgpu::gpu::open(&device.parse()?, &GpuOptions::default())?
    {
        return Ok(Box::new(GpuEngine::new(gpu, Arc::clone(problem), state)?));
    }
    Ok(Box::new(CpuEngine::new(Arc::clone(problem), state)))
}

fn median(mut seconds: Vec<f64>) -> f64 {
    seconds.sort_by(f64::total_cmp);
    seconds[seconds.len() / 2]
}

/// The seconds of some sweeps in each form, in turns.
fn timed(
    engine: &mut dyn Engine,
    state: &State,
    sides: &[Side],
    of: &[&dyn Fn(Side) -> Numbers],
) -> mfgpu::Result<Vec<f64>> {
    let mut seconds = vec![Vec::new(); of.len()];
    for turn in 0..=TURNS {
        for (numbers, seconds) in of.iter().zip(&mut seconds) {
            engine.restore(state)?;
            let updates: Vec<_> = sides.iter().map(|&side| Update::Normal(numbers(side))).collect();
            let begun = Instant::now();
            for (&side, update) in sides.iter().zip(&updates) {
                engine.sweep(At { stage: 0, side }, update)?;
            }
            // Waits for the work.
            engine.row_states(sides[0])?;
            if turn > 0 {
                seconds.push(begun.elapsed().as_secs_f64());
            }
        }
    }
    Ok(seconds.into_iter().map(median).collect())
}

fn main() -> mfgpu::Result<()> {
    if std::env::args().skip(1).any(|argument| !argument.starts_with("--")) { epochs() } else { rows() }
}

/// Epochs of a file.
fn epochs() -> mfgpu::Result<()> {
    let (dataset, factors) = data::from_arguments()?;
    let size = (dataset.users.len(), dataset.items.len());
    let scale = Scale::of(&dataset.ratings);
    let problem = Arc::new(Problem::new(&dataset.ratings, &Ratings::default(), size, scale, (1, 1)));
    drop(dataset);
    println!("ratings={} users={} items={}", problem.staged.ratings, size.0, size.1);
    for k in factors {
        let state = State::start(&problem.staged.position, k, Start::Centred.interval(k), 1);
        let mut engine = open(&problem, &state)?;
        for kind in [Kind::Als, Kind::Bayes, Kind::Ials] {
            let forms = kind.forms(k);
            let of: Vec<_> =
                forms.iter().map(|&(_, forms)| move |side: Side| kind.numbers(k, side, forms)).collect();
            let of: Vec<&dyn Fn(Side) -> Numbers> = of.iter().map(|of| of as _).collect();
            let seconds = timed(&mut *engine, &state, &Side::BOTH, &of)?;
            for ((name, _), found) in forms.iter().zip(&seconds) {
                let times = seconds[0] / found;
                println!("{kind:?} factors={k} form={name} seconds={found:.4} times={times:.2}");
            }
        }
    }
    Ok(())
}

/// Rows of one length.
fn rows() -> mfgpu::Result<()> {
    for k in [16, 64, 128, 256, 512, 1024] {
        for n in [1, 3, 8, 18, 32, 64, 128, 256, 512, 1024].into_iter().filter(|n| *n <= 4 * k) {
            let cost = (n * n.min(k) * k).max(4 * k * k);
            let users = (WORK / cost).clamp(16, 20_000) as u32;
            let mut random = Stream::new(1, Purpose::Generate, 0);
            let mut ratings = Ratings::default();
            for user in 0..users {
                for _ in 0..n {
                    ratings.push(user, random.random_range(0..FIXED), random.random_range(1.0..5.0));
                }
            }
            let size = Sides { users: users as usize, items: FIXED as usize };
            let scale = Scale::of(&ratings);
            let problem = Arc::new(Problem::new(&ratings, &Ratings::default(), size, scale, (1, 1)));
            let state = State::start(&problem.staged.position, k, Start::Centred.interval(k), 1);
            let mut engine = open(&problem, &state)?;
            for kind in [Kind::Als, Kind::Ials] {
                let all = [Form::Short, Form::Long, Form::Steps];
                let of = all.map(|form| move |side: Side| kind.numbers(k, side, Forms::only(form)));
                let of: Vec<&dyn Fn(Side) -> Numbers> = of.iter().map(|of| of as _).collect();
                let seconds = timed(&mut *engine, &state, &[Side::User], &of)?;
                print!("{kind:?} factors={k} ratings={n}");
                for (form, seconds) in all.iter().zip(seconds) {
                    print!(" {form:?}={:.0}", seconds / f64::from(users) * 1e9);
                }
                println!(" ns/row");
            }
        }
    }
    Ok(())
}
