//! `mfgpu describe`.

mod model;
mod ratings;
mod run;

use crate::flags::input::InputArguments;
use crate::show::human::{size, thousands};
use crate::show::json::json_text;
use crate::show::table::table;
use clap::Args;
use mfgpu::files::Sink;
use mfgpu::model::{FILE_NAME, Model};
use mfgpu::run::{Plan, names};
use mfgpu::{Error, Result};
use serde::Serialize;
use serde_json::Value;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

const EXAMPLES: &str = "\
Examples:
  mfgpu describe ratings.csv
  mfgpu describe year=*/part-*.parquet --json
  mfgpu describe runs/20260101-120000-ratings --axes 20
  mfgpu describe model.safetensors --item-names titles.csv";

/// Say what is in files of ratings, a model, or a run
///
/// Of ratings: counts, scale, density, quantiles of how many ratings users and items have, and what a model takes in place of
/// the matrix. Of a model: settings, sizes, metrics, and what users differ by most, with the items at both ends. Of a run: how it
/// stands, and its model.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Describe {
    /// Files or a directory of ratings, a model.safetensors, or a run directory
    #[arg(required = true)]
    what: Vec<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Of a model, how many of the strongest axes of its factors [default: 5]
    #[arg(long, value_name = "N")]
    axes: Option<usize>,
    /// Titles of items [default: those the run was given]
    #[arg(long, value_name = "FILE")]
    item_names: Option<PathBuf>,
    #[command(flatten)]
    input: InputArguments,
}

/// What is known of something: a table for people, and all of it for programs.
struct Description {
    kind: &'static str,
    lines: Vec<[String; 2]>,
    /// What does not fit a table, below it.
    below: String,
    parts: serde_json::Map<String, Value>,
}

impl Describe {
    /// Describes.
    pub(crate) fn run(&self) -> Result<()> {
        let mut about = self.describe()?;
        let text = if self.json {
            about.parts.shift_insert(0, "kind".into(), about.kind.into());
            json_text(&about.parts)?
        } else {
            table(&about.lines) + &about.below
        };
        let mut out = Sink::open("-")?;
        out.put(text.as_bytes())?;
        out.commit()
    }

    fn describe(&self) -> Result<Description> {
        if let [what] = &self.what[..] {
            let is_run = |name: &&str| what.join(name).exists();
            if [names::RECORD, names::STATUS, names::CONFIG].iter().any(is_run) {
                return self.of_run(what);
            }
            if what.join(FILE_NAME).exists() || is_model(what)? {
                let mut about = Description::of("model");
                self.of_model(&mut about, &Model::load(what)?, None)?;
                return Ok(about);
            }
        }
        self.of_ratings()
    }
}

impl Description {
    fn of(kind: &'static str) -> Self {
        Self { kind, lines: Vec::new(), below: String::new(), parts: serde_json::Map::new() }
    }

    /// A line for people.
    fn line(&mut self, name: &str, value: impl Into<String>) {
        self.lines.push([name.to_owned(), value.into()]);
    }

    /// A part for programs.
    fn part(&mut self, name: &str, value: impl Serialize) -> Result<()> {
        // By way of text, where an `f32` of 0.1 stays 0.1.
        let text = serde_json::to_string(&value).map_err(bug)?;
        self.parts.insert(name.to_owned(), serde_json::from_str(&text).map_err(bug)?);
        Ok(())
    }

    /// How many ratings, users and items there are.
    fn counts(&mut self, ratings: Option<u64>, (users, items): (u64, u64)) {
        self.line("ratings", ratings.map_or("not kept".into(), thousands));
        self.line("users", thousands(users));
        self.line("items", thousands(items));
        if let Some(ratings) = ratings {
            let density = 100.0 * ratings as f64 / (users as f64 * items as f64).max(1.0);
            self.line("density", format!("{density:.3} %"));
        }
    }

    /// What the factors save.
    fn sizes(&mut self, plan: &Plan, draws: usize) -> Result<()> {
        let factors = plan.factor_bytes * draws as u64;
        let part = 100.0 * factors as f64 / plan.matrix_bytes.max(1) as f64;
        self.line("whole matrix", size(plan.matrix_bytes));
        let of = if draws == 1 { String::new() } else { format!("{draws} draws of ") };
        self.line(
            "factors take",
            format!("{}, {part:.1} % of it ({of}{} factors)", size(factors), plan.factors),
        );
        self.part("factors", plan.factors)?;
        self.part("matrix_bytes", plan.matrix_bytes)?;
        self.part("factor_bytes", factors)
    }
}

/// A safetensors file starts with the length of its header, then the header, which is JSON.
fn is_model(path: &Path) -> Result<bool> {
    if path.as_os_str() == "-" || path.is_dir() {
        return Ok(false);
    }
    let mut start = Vec::new();
    File::open(path).and_then(|file| file.take(9).read_to_end(&mut start)).map_err(Error::read(path))?;
    let named = path.extension().is_some_and(|extension| extension == "safetensors");
    Ok(named || (start.len() == 9 && start[8] == b'{' && start[7] == 0))
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn bug(error: serde_json::Error) -> Error {
    Error::Bug(error.to_string())
}
