//! The flags of every command that measures a model.

use crate::flags::over::over;
use clap::Args;
use mfgpu::eval::{EvaluationOptions, Relevance};

/// Which metrics are computed, and how.
#[derive(Debug, Args)]
#[command(next_help_heading = "Measuring")]
pub(crate) struct EvaluationArguments {
    #[arg(long, value_name = "N,N..", value_delimiter = ',', env = "MFGPU_CUTOFFS", hide_env = true)]
    #[arg(help = format!("Lengths at which lists are cut off, 0 for no lists [default: {}]", lengths()))]
    cutoffs: Option<Vec<usize>>,
    #[arg(long, value_name = "all|mean|RATING", env = "MFGPU_RELEVANT_FROM", hide_env = true)]
    #[arg(help = format!(
        "Which test ratings a list should find: all, those from the mean of the training ratings, or from a rating \
         [default: {}]", defaults().relevance
    ))]
    relevant_from: Option<Relevance>,
    #[arg(long, value_name = "N", env = "MFGPU_RESAMPLES", hide_env = true)]
    #[arg(help = format!("How often users are resampled for the intervals, 0 for none [default: {}]", defaults().resamples))]
    resamples: Option<usize>,
}

fn defaults() -> EvaluationOptions {
    EvaluationOptions::default()
}

fn lengths() -> String {
    let lengths: Vec<String> = defaults().cutoffs.iter().map(ToString::to_string).collect();
    lengths.join(",")
}

impl EvaluationArguments {
    /// Overrides `options` with the given flags.
    pub(crate) fn over(&self, options: &mut EvaluationOptions) {
        if let Some(cutoffs) = &self.cutoffs {
            options.cutoffs = if cutoffs == &[0] { Vec::new() } else { cutoffs.clone() };
        }
        over(self.relevant_from, &mut options.relevance);
        over(self.resamples, &mut options.resamples);
    }
}
