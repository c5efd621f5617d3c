//! Ratings per second of the engines on the same data and settings, in one run, with the epochs of the
//! engines in turn. `cargo bench --bench engines -- [RATINGS [FACTORS...]]`; without a file, half a million
//! synthetic ratings.

use mfgpu::ratings::{Ratings, Scale};
use mfgpu::train::engine::{Engine, cpu::CpuEngine};
use mfgpu::train::{Choice, Problem, Settings, Start, State, compare};
use std::sync::Arc;

#[path = "support/data.rs"]
mod data;

/// Epochs of each engine; the first warms it up and does not count.
const EPOCHS: usize = 6;

fn main() -> mfgpu::Result<()> {
    let (dataset, factors) = data::from_arguments()?;
    let size = (dataset.users.len(), dataset.items.len());
    let scale = Scale::of(&dataset.ratings);
    let problem = Arc::new(Problem::new(&dataset.ratings, &Ratings::default(), size, scale, (16, 1)));
    println!("{} ratings, {} users, {} items", problem.staged.ratings, size.0, size.1);
    for k in factors {
        let staged = &problem.staged;
        let state = State::start(&staged.position, k, Start::Centred.interval(k), 1);
        let mut engines: Vec<Box<dyn Engine>> = vec![Box::new(CpuEngine::new(Arc::clone(&problem), &state))];
        #[cfg(feature = "gpu")]
        if let Ok(Some(gpu)) =
            mfgpu::gpu::open(&mfgpu::gpu::DeviceChoice::Gpu, &mfgpu::gpu::GpuOptions::default())
        {
            use mfgpu::train::engine::gpu::GpuEngine;
            engines.push(Box::new(GpuEngine::new(gpu, Arc::clone(&problem), &state)?));
        }
        let settings = Settings {
            factors: Some(k),
            start: Some(Start::Centred),
            regularization: Choice::Fixed(0.06),
            ..Settings::default()
        };
        for trace in compare(&mut engines, &problem, (&settings, 1.0), EPOCHS, &mut |_, _| Ok(()))? {
            let median = trace.epoch_seconds();
            println!(
                "factors={k} ratings_per_second={:.3e} seconds={median:.4} device={}",
                staged.ratings as f64 / median,
                trace.device
            );
        }
    }
    Ok(())
}
