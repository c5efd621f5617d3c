//! `mfgpu evaluate`.

use crate::input::InputArguments;
use crate::metrics;
use crate::talk::{count, say};
use clap::Args;
use mfgpu::eval::{EvaluationOptions, Relevance, evaluate};
use mfgpu::files::Sink;
use mfgpu::input::{ReadOptions, read_ratings};
use mfgpu::model::{Model, Rated};
use mfgpu::ratings::{Dataset, Ratings};
use mfgpu::{Error, Result};
use std::path::{Path, PathBuf};

const EXAMPLES: &str = "\
Examples:
  mfgpu evaluate model test.csv
  mfgpu evaluate model test.csv --cutoffs 5,10,20 --relevant-from 4
  mfgpu evaluate model test.csv --json | jq .rating.rmse.model";

/// Measure a model by ratings it has not seen, beside baselines
///
/// RMSE and MAE of the predicted ratings; precision, recall, NDCG, MAP, MRR, hit rate, coverage and Gini coefficient of
/// lists over all items that the user has not rated in training. Each with its 95 % interval and the same of baselines:
/// biases and the mean, the most rated items. docs/metrics.md has the formulas.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Evaluate {
    /// A model.safetensors, or the run directory that holds it
    model: PathBuf,
    /// A file of ratings to measure by; `-` is standard input
    test: PathBuf,
    /// Ratings the model was trained on, in place of those it kept
    #[arg(long, value_name = "FILE")]
    train: Option<PathBuf>,
    #[arg(long, value_name = "N,N..", value_delimiter = ',')]
    #[arg(help = format!("Lengths at which lists are cut off [default: {}]", lengths()))]
    cutoffs: Vec<usize>,
    #[arg(long, value_name = "all|mean|RATING")]
    #[arg(help = format!(
        "Which test ratings a list should find: all, those from the mean of the training ratings, or from a rating \
         [default: {}]", defaults().relevance
    ))]
    relevant_from: Option<Relevance>,
    #[arg(long, value_name = "N")]
    #[arg(help = format!("How often users are resampled for the intervals, 0 for none [default: {}]", defaults().resamples))]
    resamples: Option<usize>,
    #[arg(long, value_name = "N")]
    #[arg(help = format!("Seed of the resampling [default: {}]", defaults().seed))]
    seed: Option<u64>,
    /// Print JSON in place of tables
    #[arg(long)]
    json: bool,
    /// File to write as JSON, beside what is printed
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    input: InputArguments,
}

fn defaults() -> EvaluationOptions {
    EvaluationOptions::default()
}

fn lengths() -> String {
    let lengths: Vec<String> = defaults().cutoffs.iter().map(ToString::to_string).collect();
    lengths.join(",")
}

impl Evaluate {
    /// Evaluates.
    pub(crate) fn run(&self) -> Result<()> {
        let options = self.options()?;
        let file = self.output.as_ref().map(Sink::open).transpose()?;
        let mut model = Model::load(&self.model)?;
        let input = self.input.options();
        if let Some(path) = &self.train {
            model.rated = trained_on(&model, path, &input)?;
        }
        let test = read(&self.test, &input)?;
        let found = evaluate(&model, &test, &options)?;
        let json = metrics::json(&found)?;
        let text = if self.json { json.clone() } else { metrics::text(&found) };
        let mut out = Sink::open("-")?;
        out.put(text.as_bytes())?;
        out.commit()?;
        if found.rating.trained_on > 0 {
            let pairs = count(found.rating.trained_on, "test rating");
            say(&format!("note: {pairs} of pairs that the model was trained on; errors look too small"));
        }
        if let Some(mut file) = file {
            file.put(json.as_bytes())?;
            file.commit()?;
        }
        Ok(())
    }

    fn options(&self) -> Result<EvaluationOptions> {
        let defaults = defaults();
        let cutoffs = if self.cutoffs.is_empty() { defaults.cutoffs } else { self.cutoffs.clone() };
        let options = EvaluationOptions {
            cutoffs,
            relevance: self.relevant_from.unwrap_or(defaults.relevance),
            resamples: self.resamples.unwrap_or(defaults.resamples),
            seed: self.seed.unwrap_or(defaults.seed),
        };
        options.check()?;
        Ok(options)
    }
}

fn read(path: &Path, options: &ReadOptions) -> Result<Dataset> {
    Ok(read_ratings(&[path.to_owned()], options, &mut |_, _| {})?.0)
}

/// The ratings of a file in the model's numbers.
fn trained_on(model: &Model, path: &Path, options: &ReadOptions) -> Result<Rated> {
    let data = read(path, options)?;
    let mut known = Ratings::default();
    for (user, item, value) in data.ratings.iter() {
        let (user, item) = (model.users.get(data.users.id(user)), model.items.get(data.items.id(item)));
        if let (Some(user), Some(item)) = (user, item) {
            known.push(user, item, value);
        }
    }
    if known.is_empty() {
        return Err(Error::Input(format!(
            "{}: no rating of a user and an item that the model knows, expected those that it was trained on",
            path.display()
        )));
    }
    Ok(Rated::from_ratings(&known, model.users.len(), model.items.len()))
}
