//! The flags of training's settings. Their defaults are the library's.

use crate::flags::named::{explained, on_off, switch};
use crate::flags::over::over;
use crate::flags::paths::{Aside, aside};
use clap::{Args, ValueHint::AnyPath};
use mfgpu::ratings::Confidence;
use mfgpu::run::{Config, Objectives};
use mfgpu::train::{Algorithm, Choice, Criterion, Objective, Settings, Solver, Start};
use mfgpu::{Error, Result};

/// The training settings.
#[derive(Debug, Args)]
#[command(next_help_heading = "Training")]
pub(crate) struct SettingsArguments {
    #[arg(long, value_name = "WHAT", env = "MFGPU_OBJECTIVE", hide_env = true)]
    #[arg(
        help = "What the model is for: ratings, lists or both [default: both; of weights and pairs lists]"
    )]
    #[arg(value_parser = explained(&Objectives::ALL, Objectives::name, explain_objective))]
    objective: Option<Objectives>,
    #[arg(long, value_name = "NAME", env = "MFGPU_ALGORITHM", hide_env = true)]
    #[arg(help = format!(
        "sgd (fastest), als (few epochs), bayes (most accurate), or ials (lists) [default: {}]", defaults().algorithm.name()
    ))]
    #[arg(value_parser = explained(&Algorithm::ALL, Algorithm::name, Algorithm::purpose))]
    pub(crate) algorithm: Option<Algorithm>,
    #[arg(short = 'k', long, value_name = "N", env = "MFGPU_FACTORS", hide_env = true)]
    #[arg(help = format!("Numbers that describe a user, and an item [default: {}]", by_algorithm(|a| a.factors().to_string())))]
    factors: Option<usize>,
    #[arg(long, value_name = "auto|N", env = "MFGPU_LIST_FACTORS", hide_env = true)]
    #[arg(help = "The same for lists; auto doubles them while that gains [default: auto]")]
    list_factors: Option<Choice<usize>>,
    #[arg(long, value_name = "N", env = "MFGPU_EPOCHS", hide_env = true)]
    #[arg(help = format!("Epochs, at most where ratings are held out; draws of bayes [default: {}]", by_algorithm(|a| a.epochs().to_string())))]
    epochs: Option<usize>,
    #[arg(long, value_name = "auto|NUMBER", env = "MFGPU_REGULARIZATION", hide_env = true)]
    #[arg(help = "Regularization; auto is a short race over a few settings [default: auto]")]
    regularization: Option<Choice<f32>>,
    #[arg(long, value_name = "NUMBER", env = "MFGPU_POWER", hide_env = true, hide_short_help = true)]
    #[arg(help = format!("How regularization goes with activity, 0 to 1 [default: {}]", by_algorithm(|a| a.power().to_string())))]
    power: Option<f32>,
    #[arg(long, value_name = "auto|off|WEIGHT", env = "MFGPU_VIEWS", hide_env = true)]
    #[arg(help = "Weight of who rated what, for als and bayes [default: auto]")]
    views: Option<Choice<f32>>,
    #[arg(long, value_name = "NUMBER", env = "MFGPU_LEARNING_RATE", hide_env = true)]
    #[arg(help = format!("First step; later ones shrink by themselves [default: {}]", defaults().learning_rate))]
    learning_rate: Option<f32>,
    #[arg(long, value_name = "HOW", env = "MFGPU_START", hide_env = true, hide_short_help = true)]
    #[arg(help = "Where factors start [default: what wins the race, else centred]")]
    #[arg(value_parser = explained(&Start::ALL, Start::name, explain_start))]
    start: Option<Start>,
    #[arg(long, value_name = "N", env = "MFGPU_STAGES", hide_env = true, hide_short_help = true)]
    #[arg(help = format!("Groups of users that an epoch is cut into [default: {}]", defaults().stages))]
    stages: Option<usize>,
    #[arg(long, value_name = "N", env = "MFGPU_BURN_IN", hide_env = true, hide_short_help = true)]
    #[arg(help = format!("Draws of bayes before those that count [default: {}]", defaults().burn_in))]
    burn_in: Option<usize>,
    #[arg(long, value_name = "N", env = "MFGPU_KEEP_DRAWS", hide_env = true)]
    #[arg(help = format!("Draws of bayes that the model keeps, at most [default: {}]", defaults().keep_draws))]
    keep_draws: Option<usize>,
    #[arg(long, value_name = "N", env = "MFGPU_SEED", hide_env = true)]
    #[arg(help = format!("Seed of everything random [default: {}]", defaults().seed))]
    seed: Option<u64>,
    #[arg(long, value_name = "SLICE", env = "MFGPU_VALID", hide_env = true)]
    #[arg(
        help = "Validation ratings, for early stopping: FRACTION (0 is none), last:N, after:DATE, or a file [default: 0.05, more of few ratings]"
    )]
    #[arg(value_parser = aside(), value_hint = AnyPath)]
    valid: Option<Aside>,
    #[arg(long, value_name = "N", env = "MFGPU_PATIENCE", hide_env = true)]
    #[arg(help = format!("Epochs without a better held-out score before the end [default: {}]", by_algorithm(|a| a.patience().to_string())))]
    patience: Option<usize>,
    #[arg(long, value_name = "NAME", env = "MFGPU_CRITERION", hide_env = true)]
    #[arg(
        help = "What held-out ratings decide by: rmse, or ndcg@N, recall@N, precision@N, map@N, mrr@N, hit_rate@N [default: rmse; of lists ndcg@10]"
    )]
    criterion: Option<Criterion>,
    #[arg(long, value_name = "auto|WEIGHT", env = "MFGPU_UNOBSERVED_WEIGHT", hide_env = true)]
    #[arg(
        help = "Weight of a pair without a rating, for lists, where that of a rating is 1 [default: auto]"
    )]
    unobserved_weight: Option<Choice<f32>>,
    #[arg(long, value_name = "NUMBER", env = "MFGPU_ALPHA", hide_env = true, hide_short_help = true)]
    #[arg(help = "Confidence of a rating, 1 + ALPHA x RATING, in place of --unobserved-weight")]
    alpha: Option<f32>,
    #[arg(long, value_name = "HOW", env = "MFGPU_CONFIDENCE", hide_env = true)]
    #[arg(help = format!("How a value becomes a weight, for lists [default: {}]", defaults().confidence.name()))]
    #[arg(value_parser = explained(&Confidence::ALL, Confidence::name, explain_confidence))]
    confidence: Option<Confidence>,
    #[arg(long, value_name = "RATING", env = "MFGPU_DISLIKES_BELOW", hide_env = true)]
    #[arg(
        help = "Lower ratings weigh against an item, for lists [default: none do]",
        allow_negative_numbers = true
    )]
    dislikes_below: Option<f32>,
    #[arg(long, value_name = "HOW", env = "MFGPU_SOLVER", hide_env = true)]
    #[arg(help = format!("How rows are solved, with als and ials [default: {}]", defaults().solver.name()))]
    #[arg(value_parser = explained(&Solver::ALL, Solver::name, explain_solver))]
    solver: Option<Solver>,
    #[arg(long, value_name = "on|off", env = "MFGPU_REFIT", hide_env = true)]
    #[arg(help = format!("Train the final model on all ratings again [default: {}]", on_off(defaults().refit)))]
    #[arg(value_parser = switch())]
    refit: Option<bool>,
}

fn defaults() -> Settings {
    Settings::default()
}

/// A default that depends on the algorithm.
fn by_algorithm(default: impl Fn(Algorithm) -> String) -> String {
    let of = |algorithm: Algorithm| {
        if algorithm == Algorithm::default() {
            return default(algorithm);
        }
        format!("{} {}", algorithm.name(), default(algorithm))
    };
    Algorithm::ALL.map(of).join("; ")
}

/// The help of an objective.
fn explain_objective(objective: Objectives) -> &'static str {
    match objective {
        Objectives::Ratings => "Predicted ratings",
        Objectives::Lists => "Lists of the best items",
        Objectives::Both => "A model of each",
    }
}

/// The help of a confidence.
fn explain_confidence(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::Auto => "log for weights with a heavy tail, else linear",
        Confidence::Linear => "In proportion to the value",
        Confidence::Log => "The logarithm of one plus the value",
        Confidence::None => "All weigh the same",
    }
}

/// The help of a solver.
fn explain_solver(solver: Solver) -> &'static str {
    match solver {
        Solver::Auto => "Each row as is fastest at equal quality",
        Solver::Exact => "Every row exactly",
        Solver::Cg => "A few steps of conjugate gradients for every row",
    }
}

/// The help of a start.
fn explain_start(start: Start) -> &'static str {
    match start {
        Start::Centred => "Near zero; suits sparse data",
        Start::Offset => "Positive; suits dense data",
    }
}

impl SettingsArguments {
    /// Refuses an algorithm that is not for the objective.
    pub(crate) fn agree(&self) -> Result<()> {
        let (Some(objective), Some(algorithm)) = (self.objective, self.algorithm) else { return Ok(()) };
        let of_lists = algorithm.objective() == Objective::Lists;
        if of_lists == (objective == Objectives::Lists) {
            return Ok(());
        }
        let (objective, algorithm) = (objective.name(), algorithm.name());
        let advice = if of_lists {
            "it is the algorithm of lists; leave it out, or say --objective lists"
        } else {
            "it predicts ratings; leave it out, or say --objective both"
        };
        Err(Error::Usage(format!("--algorithm {algorithm} with --objective {objective}: {advice}")))
    }

    /// Overrides `config` with the given flags. Where only lists are trained, those of training in general
    /// are for lists.
    pub(crate) fn over(&self, config: &mut Config) {
        over(self.objective.map(Some), &mut config.objective);
        match self.algorithm {
            Some(algorithm) if algorithm.objective() == Objective::Lists => {
                config.objective = Some(Objectives::Lists);
            }
            algorithm => over(algorithm, &mut config.training.algorithm),
        }
        let only_lists = config.objective == Some(Objectives::Lists);
        self.over_lists(&mut config.lists);
        self.over_both(if only_lists { &mut config.lists } else { &mut config.training });
        // The solver of lists where both are trained and ratings have none.
        let only_ratings = config.objective == Some(Objectives::Ratings);
        let settings = &mut config.training;
        if settings.algorithm.has_solver() || only_ratings {
            over(self.solver, &mut settings.solver);
        }
        over(self.views, &mut settings.views);
        over(self.burn_in, &mut settings.burn_in);
        over(self.keep_draws, &mut settings.keep_draws);
        over(self.learning_rate, &mut settings.learning_rate);
        over(self.stages, &mut settings.stages);
        over(self.seed, &mut settings.seed);
        over(self.refit, &mut settings.refit);
        over(self.start.map(Some), &mut settings.start);
        over(self.valid.clone().map(|Aside(slice)| Some(slice)), &mut config.valid);
        match self.criterion {
            Some(criterion) if only_lists || criterion != Criterion::Rmse => {
                let lists = if config.objective == Some(Objectives::Ratings) {
                    &mut config.training
                } else {
                    &mut config.lists
                };
                lists.criterion = Some(criterion);
            }
            criterion => over(criterion.map(Some), &mut config.training.criterion),
        }
    }

    /// The flags that settings of either objective have.
    fn over_both(&self, settings: &mut Settings) {
        over(self.factors.map(Some), &mut settings.factors);
        over(self.epochs.map(Some), &mut settings.epochs);
        over(self.regularization, &mut settings.regularization);
        over(self.power.map(Some), &mut settings.power);
        over(self.patience.map(Some), &mut settings.patience);
    }

    /// The flags of lists.
    fn over_lists(&self, settings: &mut Settings) {
        match self.list_factors {
            Some(Choice::Fixed(factors)) => settings.factors = Some(factors),
            Some(Choice::Auto) => settings.factors = None,
            None => {}
        }
        over(self.unobserved_weight, &mut settings.unobserved_weight);
        over(self.alpha.map(Some), &mut settings.alpha);
        over(self.confidence, &mut settings.confidence);
        over(self.solver, &mut settings.solver);
        over(self.dislikes_below.map(Some), &mut settings.dislikes_below);
    }
}
