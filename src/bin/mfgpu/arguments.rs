//! The commands, and the flags that all of them share.

use crate::commands::{
    bench, compare, complete, completions, describe, devices, evaluate, export, find, generate, manual,
    predict, prepare, recommend, report, resume, runs, similar, train,
};
use crate::flags::apart::{Source, Touched};
use crate::flags::colour::ColourArgument;
use crate::steps::world::is_another;
use crate::threads::use_threads;
use clap::{Arg, CommandFactory, Parser, Subcommand, value_parser};
use mfgpu::Result;
use std::path::Path;

const EXAMPLES: &str = "\
Examples:
  mfgpu train ratings.csv                     a model and top-20 lists below runs/
  mfgpu train --test 0.1 --out m ratings.csv  with a test, into the directory m
  mfgpu resume m                              go on after a crash or a signal
  mfgpu evaluate m test.csv                   how good a model is, next to baselines
  mfgpu compare m other                       two runs side by side on one test
  mfgpu recommend m --users alice bob         the best unseen items of two users
  mfgpu similar m 318                         the items most like an item
  mfgpu find m star wars                      items by their titles
  mfgpu predict m alice 318                   a prediction for a pair, or a file of them
  mfgpu complete m -o dense.npy               the whole matrix, blanks filled in
  mfgpu export m -o factors                   factors and ids for other programs
  mfgpu describe ratings.csv                  what is in a file
  mfgpu prepare ratings.csv -o ratings.mfr    read once; later runs open the set at once
  mfgpu report m                              write m/report.html anew
  mfgpu bench ratings.csv                     how fast the CPU and each GPU are";

const MORE: &str = "\
Data goes to stdout or to the file named with -o; everything else to stderr. A MODEL is a model.safetensors or the
run directory that holds it.

Every flag NAME of `train` can be set by the variable MFGPU_NAME or in a TOML file named with --config. A flag wins
over a variable, a variable over the file, the file over the default.

Exit codes: 0 finished; 1 a bug; 2 wrong usage or settings; 3 input data unusable; 4 not enough memory or disk, or
an output that cannot be written; 5 the device is not there or failed; 6 training diverged; 7 a model or checkpoint is
damaged or of another version; 9 another process works on the run; 75 preempted by USR2; 129, 130, 143 ended by HUP,
INT, TERM; other codes from 128 on: killed by the system, such as 137 by KILL or for want of memory. A run that was
ended saves first; `mfgpu resume` goes on with it. USR1 saves and goes on. A second signal ends at once.";

/// Matrix factorization of rating tables: fills in the blanks, on a GPU or the CPU.
#[derive(Debug, Parser)]
#[command(name = "mfgpu", bin_name = "mfgpu", version, max_term_width = 100, infer_long_args = false)]
#[command(after_help = EXAMPLES, after_long_help = format!("{EXAMPLES}\n\n{MORE}"))]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
    /// Threads to use [default: one a core]
    #[arg(long, global = true, value_name = "N", env = "MFGPU_THREADS", hide_env = true)]
    threads: Option<usize>,
    #[command(flatten)]
    colour: ColourArgument,
}

#[derive(Debug, Subcommand)]
enum Command {
    Train(Box<train::Train>),
    Resume(resume::Resume),
    Evaluate(evaluate::Evaluate),
    Compare(compare::Compare),
    Predict(predict::Predict),
    Recommend(recommend::Recommend),
    Similar(similar::Similar),
    Find(find::Find),
    Complete(complete::Complete),
    Export(export::Export),
    Describe(describe::Describe),
    Prepare(prepare::Prepare),
    Runs(runs::Runs),
    Report(report::Report),
    Generate(generate::Generate),
    Devices(devices::Devices),
    Bench(bench::Bench),
    Completions(completions::Completions),
    Man(manual::Manual),
}

/// Commands that have no work for several threads.
const OF_ONE_THREAD: [&str; 3] = ["completions", "man", "runs"];

/// The whole command line. Where `--threads` does nothing it is accepted and not shown.
pub(crate) fn program() -> clap::Command {
    let threads = || Arg::new("threads").long("threads").value_parser(value_parser!(usize)).hide(true);
    OF_ONE_THREAD.iter().fold(Cli::command(), |all, name| all.mut_subcommand(name, |one| one.arg(threads())))
}

impl Cli {
    /// Runs the command. Nothing is written before its outputs are known to be no inputs.
    pub(crate) fn run(self, mut touched: Touched) -> Result<()> {
        self.command.add_outputs(&mut touched)?;
        touched.check()?;
        // `train` may find the number of threads in its settings file.
        if !matches!(self.command, Command::Train(_) | Command::Resume(_)) {
            use_threads(self.threads)?;
        }
        if is_another() && !matches!(self.command, Command::Train(_) | Command::Resume(_)) {
            // All else is done by rank 0.
            return Ok(());
        }
        match self.command {
            Command::Train(command) => command.run(self.threads, touched),
            Command::Resume(command) => command.run(self.threads),
            Command::Evaluate(command) => command.run(),
            Command::Compare(command) => command.run(),
            Command::Predict(command) => command.run(),
            Command::Recommend(command) => command.run(),
            Command::Similar(command) => command.run(),
            Command::Find(command) => command.run(),
            Command::Complete(command) => command.run(),
            Command::Export(command) => command.run(),
            Command::Describe(command) => command.run(),
            Command::Prepare(command) => command.run(),
            Command::Runs(command) => command.run(),
            Command::Report(command) => command.run(),
            Command::Generate(command) => command.run(),
            Command::Devices(command) => command.run(),
            Command::Bench(command) => command.run(),
            Command::Completions(command) => command.run(program()),
            Command::Man(command) => command.run(program()),
        }
    }
}

impl Command {
    /// Adds the files that only the command knows by name.
    fn add_outputs(&self, touched: &mut Touched) -> Result<()> {
        match self {
            Self::Export(command) => {
                touched.writes(Source { flag: "--output", path: command.place() }, command.files()?);
            }
            Self::Report(command) if command.inside() => {
                let path = &command.page();
                touched.writes(Source { flag: "--output", path }, [path.clone()]);
            }
            Self::Train(command) if command.names_its_directory() => {
                let path = Path::new("runs/TIME-NAME");
                touched.fills(Source { flag: "--out", path }, [path.to_owned()]);
            }
            Self::Man(command) => {
                if let Some((path, files)) = command.files(&program()) {
                    touched.writes(Source { flag: "--output", path }, files);
                }
            }
            _ => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flags::names::FLAGS;

    /// Errors name flags; each of them must be a flag of `train`, which takes all settings.
    #[test]
    fn flags_of_settings_are_there() {
        let mut all = Cli::command();
        all.build();
        let train = all.find_subcommand("train").unwrap();
        let has =
            |flag: &str| train.get_arguments().any(|argument| argument.get_long() == flag.strip_prefix("--"));
        for (setting, flag) in FLAGS {
            assert!(has(flag), "{setting}: {flag}");
        }
        assert!(!has("--none-such"));
    }
}
