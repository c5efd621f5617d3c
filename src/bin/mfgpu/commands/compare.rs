//! `mfgpu compare`.

use crate::flags::evaluation::EvaluationArguments;
use crate::flags::input::InputArguments;
use crate::flags::over::over;
use crate::flags::paths::{Content, Output, Reads, Writes, reads, writes};
use crate::show::compared;
use crate::show::json::json_text;
use crate::show::numbers::Numbers;
use crate::show::talk::{count, say};
use crate::signals;
use clap::{Args, ValueHint::AnyPath};
use mfgpu::eval::{Comparison, Contender, EvaluationOptions, compare};
use mfgpu::input::read_ratings;
use mfgpu::model::{Model, lists_file};
use mfgpu::ratings::Dataset;
use mfgpu::run::{Config, Record, in_common, names, test_of_run, write_comparison};
use mfgpu::{Error, Result};
use std::path::Path;

const EXAMPLES: &str = "\
Examples:
  mfgpu compare sgd bayes
  mfgpu compare sgd als bayes --test test.csv --cutoffs 5,10
  mfgpu compare sgd bayes --report compared.html
  mfgpu compare sgd bayes --json | jq '.metrics[0].differences[1]'";

/// Set runs side by side on the same test ratings
///
/// RMSE and MAE of predicted ratings, and all metrics of lists, of each run and of baselines, as `evaluate`
/// measures them; then the difference of each run to the first, with a 95 % interval by resamples of the same
/// users for both, and what it says. The runs must have been measured by the same ratings, or --test names
/// some. Ratings of pairs that one of the runs was trained on are left out for all. docs/metrics.md says
/// more.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Compare {
    /// The directories of runs, or files of models; the others are compared with the first
    #[arg(required = true, num_args = 2.., value_name = "RUN")]
    #[arg(value_parser = reads(Content::Run), value_hint = AnyPath)]
    runs: Vec<Reads>,
    /// A file of ratings to measure by, in place of the test of the runs; `-` is standard input
    #[arg(long, value_name = "FILE", value_parser = reads(Content::Ratings), value_hint = AnyPath)]
    test: Option<Reads>,
    #[arg(long, value_name = "N", env = "MFGPU_SEED", hide_env = true)]
    #[arg(help = format!("Seed of the resampling [default: that of the first run, else {}]", EvaluationOptions::default().seed))]
    seed: Option<u64>,
    /// Print JSON in place of tables for people
    #[arg(long)]
    json: bool,
    /// File to write in addition to what is printed: .csv, .jsonl and .parquet have a row a number, anything
    /// else is JSON
    #[arg(short, long, value_name = "FILE", value_parser = writes(Output::File), value_hint = AnyPath)]
    output: Option<Writes>,
    /// Page to write in addition, to open in a browser
    #[arg(long, value_name = "FILE", value_parser = writes(Output::File), value_hint = AnyPath)]
    report: Option<Writes>,
    #[command(flatten)]
    evaluation: EvaluationArguments,
    #[command(flatten)]
    input: InputArguments,
}

impl Compare {
    /// Runs the command.
    pub(crate) fn run(&self) -> Result<()> {
        if self.report.as_ref().is_some_and(Writes::is_stdout) && self.json {
            return Err(Error::Usage(
                "--report and --json both write to standard output; name a file".into(),
            ));
        }
        if self.output.as_ref().is_some_and(Writes::is_stdout) {
            return Err(Error::Usage("-o names a file; to have JSON on standard output, say --json".into()));
        }
        let options = self.options()?;
        let file = self.output.as_deref().map(Numbers::open).transpose()?;
        let page = self.report.as_deref().map(signals::sink).transpose()?;
        let test = self.test()?;
        let load = |run: &Reads| Ok((Model::load(run)?, lists_file(run)?.map(Model::load).transpose()?));
        let models: Vec<(Model, Option<Model>)> = self.runs.iter().map(load).collect::<Result<_>>()?;
        let names: Vec<String> = self.runs.iter().map(|run| name(run)).collect();
        let contenders: Vec<Contender> = names
            .iter()
            .zip(&models)
            .map(|(name, (model, lists))| Contender { name, model, lists: lists.as_ref() })
            .collect();
        let found = compare(&contenders, &test, &options, signals::token())?;
        if let Some(file) = file {
            file.save(&found, compared::save)?;
        }
        if let Some(page) = page {
            let record = |run: &Reads| Record::load(&run.join(names::RECORD)).ok();
            let records: Vec<Option<Record>> = self.runs.iter().map(record).collect();
            write_comparison(&found, &records, page)?;
        }
        self.tell(&found)?;
        if found.left_out > 0 {
            let ratings = count(found.left_out, "test rating");
            say(&format!("note: left out: {ratings} of pairs that one of the models was trained on"));
        }
        Ok(())
    }

    fn tell(&self, found: &Comparison) -> Result<()> {
        if self.report.as_ref().is_some_and(Writes::is_stdout) {
            return Ok(());
        }
        let mut out = signals::sink("-")?;
        out.put(if self.json { json_text(found)? } else { compared::text(found) }.as_bytes())?;
        out.commit()
    }

    /// How to measure: as the first run was measured, unless flags say otherwise.
    fn options(&self) -> Result<EvaluationOptions> {
        let first = &self.runs[0];
        let mut options = if first.join(names::CONFIG).is_file() {
            let config = Config::of_run(first)?;
            EvaluationOptions { seed: config.training.seed, ..config.evaluation }
        } else {
            EvaluationOptions::default()
        };
        self.evaluation.over(&mut options);
        over(self.seed, &mut options.seed);
        options.check()?;
        Ok(options)
    }

    /// The test ratings: those that are named, or those of all runs if they are the same.
    fn test(&self) -> Result<Dataset> {
        if let Some(path) = &self.test {
            return Ok(read_ratings(&[path.to_path_buf()], &self.input.options(), &mut signals::check)?.0);
        }
        let mut found: Option<Dataset> = None;
        for run in &self.runs {
            let own = own_test(run)?;
            let Some(first) = &found else {
                found = Some(own);
                continue;
            };
            let (common, [one, other]) =
                (in_common(first, &own), [first, &own].map(|test| test.ratings.len() as u64));
            if common != one || common != other {
                let (first, here) = (name(&self.runs[0]), name(run));
                let ratings = |number| count(number, "rating");
                return Err(Error::Input(format!(
                    "{first} and {here} were not tested by the same ratings: {first} by {}, {here} by {}, of which {} \
                     are the same; expected the same test for all; name one with --test FILE that no run was trained on",
                    ratings(one),
                    ratings(other),
                    ratings(common)
                )));
            }
        }
        found.ok_or_else(|| Error::Bug("no runs to compare".into()))
    }
}

/// The test of a run.
fn own_test(run: &Path) -> Result<Dataset> {
    let advice = "name test ratings with --test FILE";
    if run.is_file() {
        let here = name(run);
        return Err(Error::Usage(format!("{here} is a model, which has no test of its own; {advice}")));
    }
    test_of_run(run, signals::token())?.ok_or_else(|| {
        let here = name(run);
        Error::Usage(format!("{here} has no test ratings, it was trained without --test; {advice}"))
    })
}

/// A run as it was named.
fn name(run: &Path) -> String {
    let text = run.display().to_string();
    let short = text.trim_end_matches('/');
    if short.is_empty() { text } else { short.into() }
}
