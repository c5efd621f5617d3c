//! The command line on a GPU: `--device gpu` trains there, says so, and reaches what the CPU reaches.

#[path = "support/gpu.rs"]
mod support;

use assert_cmd::Command;
use libtest_mimic::Arguments;
use mfgpu::gpu::GpuOptions;
use mfgpu::run::Record;
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let trials = vec![support::trial("train_on_the_gpu", train_on_the_gpu)];
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// Trains and gives the record of the run and what was said.
fn train(directory: &Path, device: &str) -> mfgpu::Result<(Record, String)> {
    let ratings = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/ratings.csv");
    let mut command = Command::new(env!("CARGO_BIN_EXE_mfgpu"));
    command.current_dir(directory).arg("train").arg(ratings);
    command.args(["-k", "16", "--epochs", "12", "--test", "0.1", "--device", device, "--out", device]);
    let assert = command.assert().success();
    let said = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
    Ok((Record::load(&directory.join(device).join("run.json"))?, said))
}

fn train_on_the_gpu() -> mfgpu::Result<()> {
    let directory = tempfile::tempdir().expect("a directory");
    let (gpu, said) = train(directory.path(), "gpu")?;
    let name = support::open(&GpuOptions::default())?.description().name.clone();
    assert!(said.contains("device: gpu:") && gpu.device.contains(&name), "{said}");
    let (cpu, _) = train(directory.path(), "cpu")?;
    let rmse = [&gpu, &cpu].map(|record| record.report.test.expect("a test").rmse);
    assert!((rmse[0] - rmse[1]).abs() < 0.01, "gpu {}, cpu {}", rmse[0], rmse[1]);
    Ok(())
}
