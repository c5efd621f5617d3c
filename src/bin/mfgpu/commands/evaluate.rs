//! `mfgpu evaluate`.

use crate::flags::evaluation::EvaluationArguments;
use crate::flags::input::InputArguments;
use crate::flags::over::over;
use crate::flags::paths::{Content, Output, Reads, Writes, reads, writes};
use crate::show::json::json_text;
use crate::show::metrics;
use crate::show::numbers::Numbers;
use crate::show::talk::{count, say};
use crate::signals;
use clap::{Args, ValueHint::AnyPath};
use mfgpu::eval::{EvaluationOptions, evaluate_both};
use mfgpu::input::{ReadOptions, read_ratings};
use mfgpu::model::{Model, Rated, lists_file};
use mfgpu::ratings::Dataset;
use mfgpu::{Error, Result};
use std::path::Path;

const EXAMPLES: &str = "\
Examples:
  mfgpu evaluate model test.csv
  mfgpu evaluate model test.csv --cutoffs 5,10,20 --relevant-from 4
  mfgpu evaluate model test.csv --json | jq .rating.rmse.model.value
  mfgpu evaluate model model/test.csv -o metrics.csv";

/// Measure a model by ratings it has not seen, next to baselines
///
/// RMSE and MAE of the predicted ratings; precision, recall, NDCG, MAP, MRR, hit rate, coverage and Gini
/// coefficient of lists over all items that the user has not rated in training. Each with its 95 % interval
/// and the same of baselines: biases and the mean, the most rated items. Of a run with two models, errors are
/// those of the model of ratings, and lists those of the model of lists. docs/metrics.md has the formulas.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Evaluate {
    /// A model.safetensors, or the run directory that holds it
    #[arg(value_parser = reads(Content::Model), value_hint = AnyPath)]
    model: Reads,
    /// A file of ratings to measure by; `-` is standard input
    #[arg(value_parser = reads(Content::Ratings), value_hint = AnyPath)]
    test: Reads,
    /// Ratings the model was trained on, in place of those it kept
    #[arg(long, value_name = "FILE", value_parser = reads(Content::Ratings), value_hint = AnyPath)]
    ratings: Option<Reads>,
    #[arg(long, value_name = "N", env = "MFGPU_SEED", hide_env = true)]
    #[arg(help = format!("Seed of the resampling [default: {}]", EvaluationOptions::default().seed))]
    seed: Option<u64>,
    /// Print JSON in place of tables for people
    #[arg(long)]
    json: bool,
    /// File to write in addition to the printed tables: .csv, .jsonl and .parquet have a row a number,
    /// anything else is JSON
    #[arg(short, long, value_name = "FILE", value_parser = writes(Output::File), value_hint = AnyPath)]
    output: Option<Writes>,
    #[command(flatten)]
    evaluation: EvaluationArguments,
    #[command(flatten)]
    input: InputArguments,
}

impl Evaluate {
    /// Runs the command.
    pub(crate) fn run(&self) -> Result<()> {
        let options = self.options()?;
        let file = self.output.as_deref().map(Numbers::open).transpose()?;
        let mut model = Model::load(&self.model)?;
        let input = self.input.options();
        if let Some(path) = &self.ratings {
            model.rated = trained_on(&model, path, &input)?;
        }
        if model.rated.is_empty() {
            let why = "the model kept no ratings, which baselines learn from and lists leave out; name the \
                       ratings that it was trained on with --ratings";
            return Err(Error::Usage(why.into()));
        }
        let mut lists = lists_file(&self.model)?.map(Model::load).transpose()?;
        if let Some(lists) = lists.as_mut().filter(|_| self.ratings.is_some()) {
            lists.rated = model.rated.clone();
        }
        let test = read(&self.test, &input)?;
        let found = evaluate_both(&model, lists.as_ref(), &test, &options, signals::token())?;
        if let Some(file) = file {
            file.save(&found, metrics::save)?;
        }
        let mut out = signals::sink("-")?;
        out.put(if self.json { json_text(&found)? } else { metrics::text(&found) }.as_bytes())?;
        out.commit()?;
        let worse = metrics::warning(&found, lists.is_some() || model.is_of_lists());
        if let Some(rating) = found.rating.filter(|rating| rating.trained_on > 0) {
            let pairs = count(rating.trained_on, "test rating");
            say(&format!("note: {pairs} of pairs that the model was trained on; errors look too small"));
        }
        if let Some(warning) = worse {
            say(&warning);
        }
        Ok(())
    }

    fn options(&self) -> Result<EvaluationOptions> {
        let mut options = EvaluationOptions::default();
        self.evaluation.over(&mut options);
        over(self.seed, &mut options.seed);
        options.check()?;
        if self.output.as_ref().is_some_and(Writes::is_stdout) {
            return Err(Error::Usage("-o names a file; to have JSON on standard output, say --json".into()));
        }
        let stream = |path: &Path| path.as_os_str() == "-";
        if stream(&self.test) && self.ratings.as_deref().is_some_and(stream) {
            return Err(Error::Usage("two files are `-`; standard input can be read once".into()));
        }
        Ok(options)
    }
}

fn read(path: &Path, options: &ReadOptions) -> Result<Dataset> {
    Ok(read_ratings(&[path.to_owned()], options, &mut signals::check)?.0)
}

/// Reads the ratings of a file, with the row numbers of the model.
fn trained_on(model: &Model, path: &Path, options: &ReadOptions) -> Result<Rated> {
    let (known, _) = read(path, options)?.among(&model.users, &model.items);
    if known.is_empty() {
        return Err(Error::Input(format!(
            "{}: no rating of a user and an item that the model knows, expected those that it was trained on",
            path.display()
        )));
    }
    Ok(Rated::from_ratings(&known, model.users.len(), model.items.len()))
}
