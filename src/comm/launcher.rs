//! What a launcher of MPI (`mpirun`, `srun`) says to the processes that it starts.

/// A launcher, by whose variables it was recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    OpenMpi,
    /// Hydra, of MPICH and its relatives.
    Hydra,
    Slurm,
}

/// The place of a process among those that a launcher started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Launcher {
    pub(super) kind: Kind,
    /// The number of the process, from 0.
    pub rank: usize,
    /// The number of processes.
    pub size: usize,
    /// The number of the process among those on the same machine.
    pub local: usize,
}

/// The variables of each launcher: rank, size, and the rank within a machine. The more particular come first.
const VARIABLES: [(Kind, [&str; 3]); 3] = [
    (Kind::OpenMpi, ["OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_LOCAL_RANK"]),
    (Kind::Hydra, ["PMI_RANK", "PMI_SIZE", "MPI_LOCALRANKID"]),
    // Those of a step, which `srun` starts. A batch script has a number of tasks, too, and is one process.
    (Kind::Slurm, ["SLURM_PROCID", "SLURM_STEP_NUM_TASKS", "SLURM_LOCALID"]),
];

impl Launcher {
    /// The launcher of this process, if it was started with others.
    pub fn of_this_process() -> Option<Self> {
        Self::of(|name| std::env::var(name).ok())
    }

    fn of(variable: impl Fn(&str) -> Option<String>) -> Option<Self> {
        let number = |name: &str| variable(name)?.parse().ok();
        let found = |&(kind, [rank, size, local]): &(Kind, [&str; 3])| {
            Some(Self { kind, rank: number(rank)?, size: number(size)?, local: number(local).unwrap_or(0) })
        };
        VARIABLES.iter().find_map(found).filter(|launcher| launcher.size > 1)
    }

    /// The name for people.
    pub(super) fn name(self) -> &'static str {
        match self.kind {
            Kind::OpenMpi => "Open MPI's mpirun",
            Kind::Hydra => "MPICH's mpirun",
            Kind::Slurm => "srun",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(variables: &[(&str, &str)]) -> Option<Launcher> {
        Launcher::of(|name| {
            variables.iter().find(|(own, _)| *own == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn launchers_are_known_by_their_variables() {
        assert_eq!(of(&[]), None);
        let open = of(&[
            ("OMPI_COMM_WORLD_RANK", "2"),
            ("OMPI_COMM_WORLD_SIZE", "4"),
            ("OMPI_COMM_WORLD_LOCAL_RANK", "1"),
            // Slurm started the launcher.
            ("SLURM_PROCID", "0"),
            ("SLURM_STEP_NUM_TASKS", "2"),
        ]);
        assert_eq!(open, Some(Launcher { kind: Kind::OpenMpi, rank: 2, size: 4, local: 1 }));
        let hydra = of(&[("PMI_RANK", "0"), ("PMI_SIZE", "3")]);
        assert_eq!(hydra, Some(Launcher { kind: Kind::Hydra, rank: 0, size: 3, local: 0 }));
        let slurm = of(&[("SLURM_PROCID", "5"), ("SLURM_STEP_NUM_TASKS", "8"), ("SLURM_LOCALID", "1")]);
        assert_eq!(slurm, Some(Launcher { kind: Kind::Slurm, rank: 5, size: 8, local: 1 }));
        // One process, and a batch script.
        assert_eq!(of(&[("PMI_RANK", "0"), ("PMI_SIZE", "1")]), None);
        assert_eq!(of(&[("SLURM_PROCID", "0"), ("SLURM_NTASKS", "8")]), None);
    }
}
