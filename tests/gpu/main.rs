//! Tests with special needs: a GPU, real ratings, an MPI, the right to mount a disk. Each is named after its module.
//! The harness shows a test as ignored where it cannot run.

mod complete;
mod conformance;
mod conformance_calls;
mod conformance_descend;
mod conformance_normal;
mod conformance_steps;
mod fold_in;
mod input_real;
mod lists;
mod on_disk;
mod ranks;
mod resume;
mod support;
mod training_real;

#[cfg(feature = "gpu")]
mod cli;
#[cfg(feature = "gpu")]
mod floor;

#[path = "../support/learning.rs"]
mod learning;
#[path = "../support/models.rs"]
mod models;
#[path = "../support/planted.rs"]
mod planted;
#[path = "../support/program.rs"]
mod program;
#[path = "../support/scored.rs"]
mod scored;
#[cfg(feature = "gpu")]
#[path = "../support/strangers.rs"]
mod strangers;

use libtest_mimic::Arguments;
use std::process::ExitCode;
use support::case::Case;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let modules = [
        #[cfg(feature = "gpu")]
        ("cli", cli::cases()),
        ("complete", complete::cases()),
        ("conformance", conformance::cases()),
        ("conformance_calls", conformance_calls::cases()),
        ("conformance_descend", conformance_descend::cases()),
        ("conformance_normal", conformance_normal::cases()),
        ("conformance_steps", conformance_steps::cases()),
        #[cfg(feature = "gpu")]
        ("floor", floor::cases()),
        ("fold_in", fold_in::cases()),
        ("input_real", input_real::cases()),
        ("lists", lists::cases()),
        ("on_disk", on_disk::cases()),
        ("ranks", ranks::cases()),
        ("resume", resume::cases()),
        ("training_real", training_real::cases()),
    ];
    let trials =
        modules.into_iter().flat_map(|(module, cases)| Case::trials(module, cases, &arguments)).collect();
    libtest_mimic::run(&arguments, trials).exit_code()
}
