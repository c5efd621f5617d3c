//! Does the device compute the same numbers as the host, and how fast does it copy?

use crate::gpu::kernels::self_test::{Params, SELF_TEST, SELF_TEST_SUBGROUP};
use crate::gpu::{AdapterKind, Buffer, Constant, Gpu, SelfTest, kernels};
use crate::math::philox::philox;
use crate::{Error, Result};
use std::time::Instant;

const WORKGROUP: u32 = 64;

/// Compares the device's random words and sums with the host's, bit for bit, and measures its speed roughly.
///
/// # Errors
/// [`Error::Device`] when the device's results differ from the host's, or when it fails.
pub fn self_test(gpu: &Gpu) -> Result<SelfTest> {
    let key = [0x243f_6a88, 0x85a3_08d3];
    // Not a multiple of a workgroup.
    let count = 100_003_u32;
    let params = gpu.params("self-test params", &[Params { key, count, unused: 0 }])?;
    let words: Buffer<[u32; 4]> = gpu.output("self-test words", count as usize)?;
    let sums: Buffer<f32> = gpu.output("self-test sums", count.div_ceil(WORKGROUP) as usize)?;
    let pipeline = kernels::pipeline(gpu, &SELF_TEST, &[("WORKGROUP", Constant::U32(WORKGROUP))])?;
    let bound = pipeline.bind(&[params.at(0), words.all(), sums.all()])?;
    let mut commands = gpu.commands("self-test");
    commands.dispatch(&bound, count.div_ceil(WORKGROUP));
    commands.submit_and_wait()?;

    let expected: Vec<_> = (0..count).map(|index| philox([index, 0, 0, 0], key)).collect();
    compare(gpu, "random words", &words.download()?, &expected)?;
    let expected_sums: Vec<f32> = expected.chunks(WORKGROUP as usize).map(exact_sum).collect();
    compare(gpu, "sums over workgroups", &sums.download()?, &expected_sums)?;
    let mut compared = expected.len() + expected_sums.len();

    if gpu.subgroups() {
        let lanes = gpu.description().subgroup_min_size.clamp(1, WORKGROUP);
        let totals: Buffer<f32> = gpu.output("self-test totals", count as usize)?;
        let pipeline = kernels::pipeline(gpu, &SELF_TEST_SUBGROUP, &[("LANES", Constant::U32(lanes))])?;
        let bound = pipeline.bind(&[params.at(0), words.all(), totals.all()])?;
        let mut commands = gpu.commands("self-test of subgroups");
        commands.dispatch(&bound, count.div_ceil(WORKGROUP));
        commands.submit_and_wait()?;
        let expected: Vec<f32> = expected.chunks(lanes as usize).flat_map(butterfly).collect();
        compare(gpu, "sums over subgroups", &totals.download()?, &expected)?;
        compared += expected.len();
    }
    Ok(SelfTest {
        compared,
        subgroups: gpu.subgroups(),
        copy_gigabytes_per_second: copy_speed(gpu)?,
        round_trip_seconds: round_trip(gpu)?,
    })
}

/// Sums of products of bytes stay below 2^24, so `f32` holds them exactly in any order.
fn exact_sum(blocks: &[[u32; 4]]) -> f32 {
    let dot = |block: &[u32; 4]| block.iter().map(|word| (word & 0xff) * (word >> 8 & 0xff)).sum::<u32>();
    blocks.iter().map(dot).sum::<u32>() as f32
}

fn butterfly(blocks: &[[u32; 4]]) -> Vec<f32> {
    let total: u32 = blocks.iter().map(|block| block[0] & 0xffff).sum();
    vec![total as f32; blocks.len()]
}

fn compare<T: PartialEq + std::fmt::Debug>(gpu: &Gpu, what: &str, device: &[T], host: &[T]) -> Result<()> {
    match device.iter().zip(host).position(|(device, host)| device != host) {
        None if device.len() == host.len() => Ok(()),
        at => Err(Error::Device(format!(
            "{}: self-test: {what} differ from the host's at {at:?}: {:?}, not {:?}",
            gpu.description().name,
            at.map(|at| &device[at]),
            at.map(|at| &host[at]),
        ))),
    }
}

/// Bytes read and written in a copy between two buffers, in GB/s.
fn copy_speed(gpu: &Gpu) -> Result<f64> {
    let size = if gpu.description().kind == AdapterKind::Software { 16 << 20 } else { 256 << 20 };
    let size = size.min(gpu.limits().max_buffer_size as usize / 4);
    let (from, to): (Buffer<u32>, Buffer<u32>) =
        (gpu.zeroed("copy from", size / 4)?, gpu.zeroed("copy to", size / 4)?);
    let mut best = f64::INFINITY;
    let repeats = 8;
    // The first round is not measured: drivers allocate the memory on first use.
    for round in 0..4 {
        let mut commands = gpu.commands("copy");
        for _ in 0..repeats {
            commands.copy(from.all(), to.all())?;
        }
        let start = Instant::now();
        commands.submit_and_wait()?;
        if round > 0 {
            best = best.min(start.elapsed().as_secs_f64());
        }
    }
    Ok(2.0 * size as f64 * f64::from(repeats) / best / 1e9)
}

/// The shortest time from submission to answer, in seconds.
fn round_trip(gpu: &Gpu) -> Result<f64> {
    let params = gpu.params("empty params", &[Params { key: [0; 2], count: 0, unused: 0 }])?;
    let (words, sums) = (gpu.zeroed::<[u32; 4]>("empty words", 1)?, gpu.zeroed::<f32>("empty sums", 1)?);
    let pipeline = kernels::pipeline(gpu, &SELF_TEST, &[("WORKGROUP", Constant::U32(WORKGROUP))])?;
    let bound = pipeline.bind(&[params.at(0), words.all(), sums.all()])?;
    let mut best = f64::INFINITY;
    for _ in 0..20 {
        let mut commands = gpu.commands("empty");
        commands.dispatch(&bound, 1);
        let start = Instant::now();
        commands.submit_and_wait()?;
        best = best.min(start.elapsed().as_secs_f64());
    }
    Ok(best)
}
