//! The command line on a GPU: `--device gpu` trains and folds in on the GPU, reports it, and is as good as
//! the CPU.

use crate::program::{mfgpu, run, words};
use crate::strangers;
use crate::support::case::Case;
use crate::support::device;
use mfgpu::gpu::GpuOptions;
use mfgpu::run::Record;
use std::path::Path;

pub(crate) fn cases() -> Vec<Case> {
    vec![
        Case::on_a_gpu("train_on_the_gpu", train_on_the_gpu),
        Case::on_a_gpu("fold_in_on_the_gpu", fold_in_on_the_gpu),
    ]
}

/// Trains; returns the record of the run and its messages.
fn train(directory: &Path, device: &str) -> mfgpu::Result<(Record, String)> {
    let ratings = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/ratings.csv");
    let mut command = mfgpu(directory);
    command.arg("train").arg(ratings);
    command.args(["-k", "16", "--epochs", "12", "--test", "0.1", "--device", device, "--out", device]);
    let assert = command.assert().success();
    let said = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
    Ok((Record::load(&directory.join(device).join("run.json"))?, said))
}

fn train_on_the_gpu() -> mfgpu::Result<()> {
    let directory = tempfile::tempdir().expect("a directory");
    let (gpu, said) = train(directory.path(), "gpu")?;
    let name = device::open(&GpuOptions::default())?.description().name.clone();
    assert!(said.contains("device: gpu:") && gpu.device.contains(&name), "{said}");
    let (cpu, _) = train(directory.path(), "cpu")?;
    let here = directory.path();
    let lists = |more: &str| run(here, &words(&format!("recommend gpu --device {more}")), 0);
    let ((by_gpu, said), (by_cpu, _)) = (lists("gpu"), lists("cpu"));
    assert!(by_gpu == by_cpu && said.contains("lists: gpu:") && said.contains(&name), "{said}");
    let rmse = [&gpu, &cpu].map(|record| record.report.test.expect("a test").rmse);
    assert!((rmse[0] - rmse[1]).abs() < 0.01, "gpu {}, cpu {}", rmse[0], rmse[1]);
    Ok(())
}

/// Fold-in of new users and of an item rated by new and known users, for models of every algorithm.
fn fold_in_on_the_gpu() -> mfgpu::Result<()> {
    let name = device::open(&GpuOptions::default())?.description().name.clone();
    let directory = tempfile::tempdir().expect("a directory");
    let here = directory.path();
    strangers::generate(here);
    let new = std::fs::read_to_string(here.join("new.csv")).expect("text");
    std::fs::write(here.join("new.csv"), new + "u101,new,5\nu001,new,4.5\nu002,new,5\n").expect("written");
    let test = std::fs::read_to_string(here.join("test.csv")).expect("text");
    std::fs::write(here.join("test.csv"), test + "u003,new,1\nu102,new,1\n").expect("written");
    for algorithm in ["sgd", "als", "bayes"] {
        strangers::train(here, algorithm);
        let predictions = |device: &str| {
            let line = format!("predict {algorithm} test.csv --new new.csv --device {device}");
            let (text, said) = run(here, &words(&line), 0);
            assert_eq!(device == "gpu", said.contains("device: gpu:") && said.contains(&name), "{said}");
            assert!(said.contains(&format!("new: {} users and 1 item", strangers::NEW)), "{said}");
            text
        };
        let (gpu, cpu) = (predictions("gpu"), predictions("cpu"));
        assert_eq!(gpu, predictions("gpu"), "the same bytes again");
        let (gpu, cpu) = (strangers::table(&gpu), strangers::table(&cpu));
        assert!(gpu.len() > 100 && gpu.len() == cpu.len());
        for (gpu, cpu) in gpu[1..].iter().zip(&cpu[1..]) {
            let [found, expected] = [gpu, cpu].map(|row| row[2].parse::<f32>().expect("a number"));
            assert!((found - expected).abs() < 0.002, "{algorithm}: gpu {gpu:?}, cpu {cpu:?}");
        }
        let line = format!("recommend {algorithm} --new new.csv --device gpu --top 3");
        assert_eq!(strangers::table(&run(here, &words(&line), 0).0).len(), 1 + 3 * strangers::NEW);
    }
    Ok(())
}
