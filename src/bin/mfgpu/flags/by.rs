//! The flag that chooses a model of a run that has two.

use crate::flags::named::explained;
use clap::Args;
use mfgpu::train::Objective;

/// The choice of a model.
#[derive(Debug, Args)]
pub(crate) struct ByArgument {
    /// The model of a run that has two: of lists, or of ratings [default: what suits the command]
    #[arg(long, value_name = "ratings|lists")]
    #[arg(value_parser = explained(&Objective::ALL, Objective::name, explain))]
    pub(crate) by: Option<Objective>,
}

fn explain(objective: Objective) -> &'static str {
    match objective {
        Objective::Ratings => "The model that predicts ratings",
        Objective::Lists => "The model that makes lists",
    }
}
