//! The flag of commands that train as processes of MPI.

use crate::flags::paths::{Content, Reads, reads};
use clap::{Args, ValueHint::AnyPath};

/// Which library of MPI to load.
#[derive(Debug, Args)]
pub(crate) struct WorldArguments {
    /// Library of MPI to load when a launcher starts several processes [default: the launcher's]
    ///
    /// `mpirun -n 4 mfgpu train ..` trains as four ranks, on one machine or several. A library is loaded only
    /// then: `libmpi.so.40` for Open MPI, `libmpi_abi.so.1` or `libmpi.so.12` for MPICH and its relatives. With
    /// `none` each process works for itself.
    #[arg(long, value_name = "LIBRARY", env = "MFGPU_MPI", hide_env = true, help_heading = "Run")]
    #[arg(value_parser = reads(Content::File), value_hint = AnyPath)]
    pub(crate) mpi: Option<Reads>,
}
