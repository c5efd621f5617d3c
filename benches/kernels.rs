//! The kernels of stochastic gradient sweeps, timed by the clock of the device. Next to them the limits of
//! the same device, measured in the same run: a plain copy, and rows gathered at random without computation.
//! `cargo bench --bench kernels -- [RATINGS [FACTORS..]]`; without a file, half a million synthetic ratings.
//! Where a rating fits one word, ratings of two words are measured as well. `MFGPU_DEVICE` names the device.
//! `MFGPU_SHAPES` lists other shapes of the kernel to try, separated by commas: `LANES/WIDTH/WORKGROUP`.

use mfgpu::gpu::kernels::row_sgd::{Form, Shape};
use mfgpu::gpu::{Binding, Gpu, GpuOptions, Kernel};
use mfgpu::ratings::{At, Ratings, Scale, Side, Sides};
use mfgpu::train::engine::{Engine, gpu::GpuEngine};
use mfgpu::train::row::{Update, sgd::Numbers};
use mfgpu::train::{Problem, Start, State};
use std::sync::Arc;
use std::time::Instant;

#[path = "support/data.rs"]
mod data;

/// Number of epochs that are timed.
const EPOCHS: usize = 15;
/// Seconds of work before timing: an idle GPU is slow at first.
const WARM: f64 = 0.7;
/// The learning rate and the regularization of `mfgpu bench`.
const NUMBERS: Numbers = Numbers {
    learning_rate: 0.05,
    regularization: 0.06,
    power: 0.3,
    mean_activity: 0.0,
    offset: 0.0,
    trained: 0,
};

fn main() -> mfgpu::Result<()> {
    let (dataset, factors) = data::from_arguments()?;
    let size = (dataset.users.len(), dataset.items.len());
    let scale = Scale::of(&dataset.ratings);
    let begun = Instant::now();
    let problem = Arc::new(Problem::new(&dataset.ratings, &Ratings::default(), size, scale, (16, 1)));
    drop(dataset);
    let in_pairs = problem.staged.codes.as_ref().map(|_| Arc::new(in_pairs(&problem)));
    println!(
        "ratings={} users={} items={} staged_seconds={:.2}",
        problem.staged.ratings,
        size.0,
        size.1,
        begun.elapsed().as_secs_f64()
    );
    let device = std::env::var("MFGPU_DEVICE").unwrap_or_else(|_| "gpu".into());
    let Some(gpu) = mfgpu::gpu::open(&device.parse()?, &GpuOptions::default())? else { return Ok(()) };
    println!("device={} copy_gb_per_second={:.0}", gpu.description().name, copied(&gpu)?);
    let shapes = std::env::var("MFGPU_SHAPES").unwrap_or_default();
    for k in factors {
        let stride = k.next_multiple_of(8);
        println!(
            "factors={k} gather_gb_per_second: items={:.0} users_of_a_stage={:.0}",
            gathered(&gpu, size.1, stride)?,
            gathered(&gpu, size.0.div_ceil(16), stride)?
        );
        for problem in [Some(&problem), in_pairs.as_ref()].into_iter().flatten() {
            measure(&gpu, problem, k, None)?;
        }
        for text in shapes.split(',').filter(|text| !text.is_empty()) {
            let mut parts = text.split('/');
            let mut number = || parts.next().and_then(|part| part.parse().ok()).unwrap_or(1);
            let (lanes, width, workgroup) = (number(), number(), number());
            let shape = Shape { workgroup, ..Shape::over_lanes(k, lanes, width) };
            measure(&gpu, &problem, k, Some(shape))?;
        }
    }
    Ok(())
}

/// The same ratings in two words each.
fn in_pairs(problem: &Problem) -> Problem {
    let staged = problem.staged.clone().in_pairs();
    let (held_out, test) = (problem.held_out.clone(), problem.test.clone());
    Problem { staged, held_out, test, range: problem.range, ..Problem::default() }
}

/// Times the sweeps with this shape, or with the one that suits the device.
fn measure(gpu: &Gpu, problem: &Arc<Problem>, k: usize, shape: Option<Shape>) -> mfgpu::Result<()> {
    let staged = &problem.staged;
    let state = State::start(&staged.position, k, Start::Centred.interval(k), 1);
    let mut engine = match shape {
        Some(shape) => GpuEngine::with_shape(gpu.clone(), Arc::clone(problem), &state, shape)?,
        None => GpuEngine::new(gpu.clone(), Arc::clone(problem), &state)?,
    };
    let shape = engine.shape();
    let numbers = Sides::from_fn(|side| {
        let mean_activity = staged.ratings as f32 / staged.size(side).max(1) as f32;
        Numbers { mean_activity, trained: k, ..NUMBERS }
    });
    let begun = Instant::now();
    let epoch = |engine: &mut GpuEngine| -> mfgpu::Result<()> {
        for stage in 0..engine.stages() {
            for side in Side::BOTH {
                engine.sweep(At { stage, side }, &Update::Sgd(numbers[side]))?;
            }
        }
        Ok(())
    };
    epoch(&mut engine)?;
    let loss = engine.loss()?;
    let first = begun.elapsed().as_secs_f64();
    while begun.elapsed().as_secs_f64() < first + WARM {
        epoch(&mut engine)?;
        engine.loss()?;
    }
    engine.time_sweeps(EPOCHS * 2 * engine.stages())?;
    let begun = Instant::now();
    for _ in 0..EPOCHS {
        epoch(&mut engine)?;
    }
    let seconds = engine.sweep_seconds()?;
    let wall = begun.elapsed().as_secs_f64() / EPOCHS as f64;
    let mut epochs: Vec<(f64, f64)> = seconds
        .chunks(2 * engine.stages())
        .map(|epoch| (epoch.iter().step_by(2).sum(), epoch.iter().skip(1).step_by(2).sum()))
        .collect();
    epochs.sort_by(|a, b| (a.0 + a.1).total_cmp(&(b.0 + b.1)));
    let (users, items) = epochs[epochs.len() / 2];
    let width = if shape.form == Form::Subgroup { 2 } else { 4 };
    let bytes = (2 * staged.ratings * shape.stride() * width) as f64;
    println!(
        "factors={k} form={:?} lanes={} held={} width={} packed={} workgroup={} user_ms={:.2} item_ms={:.2} wall_ms={:.2} \
         ratings_per_second={:.3e} gathered_gb_per_second={:.0} first_epoch_seconds={first:.2} loss={:.5}",
        shape.form,
        shape.lanes,
        shape.held,
        shape.width,
        shape.packed,
        shape.workgroup,
        users * 1e3,
        items * 1e3,
        wall * 1e3,
        staged.ratings as f64 / (users + items),
        bytes / (users + items) / 1e9,
        loss / staged.ratings as f64
    );
    Ok(())
}

#[derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
struct Params {
    rows: u32,
    width: u32,
    turns: u32,
}

const fn kernel(name: &'static str) -> Kernel {
    Kernel {
        name,
        source: include_str!("kernels.wgsl"),
        bindings: &[Binding::Uniform("params"), Binding::Read("source"), Binding::ReadWrite("sink")],
        twins: &[],
        permutations: Vec::new,
    }
}

/// Runs a kernel a few times; returns the median of its seconds.
fn timed(
    gpu: &Gpu,
    kernel: &Kernel,
    params: Params,
    sizes: (usize, usize),
    workgroups: u32,
) -> mfgpu::Result<f64> {
    let pipeline = kernel.pipeline(gpu, &[])?;
    let params = gpu.params("sizes", &[params])?;
    let source: Vec<[u32; 4]> =
        (0..sizes.0 as u32).map(|n| [n, n ^ 0x5555, n.wrapping_mul(0x9e37_79b9), !n]).collect();
    let source = gpu.upload("source", &source)?;
    let sink = gpu.zeroed::<[u32; 4]>("sink", sizes.1)?;
    let bound = pipeline.bind(&[params.at(0), source.all(), sink.all()])?;
    let mut clock = gpu.clock(EPOCHS + 1)?;
    let (begun, mut seconds) = (Instant::now(), Vec::new());
    while seconds.is_empty() || begun.elapsed().as_secs_f64() < WARM {
        let mut commands = gpu.commands("roof");
        for _ in 0..=EPOCHS {
            commands.time(&mut clock)?;
            commands.dispatch(&bound, workgroups);
        }
        commands.submit_and_wait()?;
        seconds = clock.seconds()?.split_off(1);
    }
    seconds.sort_by(f64::total_cmp);
    Ok(seconds[seconds.len() / 2])
}

/// Bytes read and written by a copy, in GB/s.
fn copied(gpu: &Gpu) -> mfgpu::Result<f64> {
    let limit = gpu.limits().max_storage_buffer_binding_size.min(1 << 30) as usize / 16;
    let params = Params { rows: 0, width: 0, turns: 0 };
    let seconds = timed(gpu, &kernel("copy"), params, (limit, limit), 8192)?;
    Ok((32 * limit) as f64 / seconds / 1e9)
}

/// Bytes gathered from a table with this many rows of f16, in GB/s.
fn gathered(gpu: &Gpu, rows: usize, stride: usize) -> mfgpu::Result<f64> {
    let width = (stride / 8).next_power_of_two();
    let software = gpu.description().kind == mfgpu::gpu::AdapterKind::Software;
    let (workgroups, turns) = if software { (64, 16) } else { (8192, 32) };
    let params = Params { rows: rows as u32, width: width as u32, turns };
    let seconds = timed(gpu, &kernel("gather"), params, (rows * width, workgroups * 256), workgroups as u32)?;
    Ok((workgroups * 256 * 8 * turns as usize * 16) as f64 / seconds / 1e9)
}
