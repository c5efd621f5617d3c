//! `mfgpu bench`.

use crate::flags::input::InputArguments;
use crate::flags::named::explained;
use crate::flags::paths::{Content, Output, Reads, Writes, plain, reads, writes};
use crate::show::human::thousands;
use crate::show::table::table;
use crate::show::talk::{count, say};
use crate::signals;
use clap::{Args, ValueHint::AnyPath};
use mfgpu::files::Sink;
use mfgpu::generate::{GenerateOptions, generate};
use mfgpu::gpu::{self, DeviceChoice};
use mfgpu::input::{ReadOptions, read_ratings};
use mfgpu::memory::need;
use mfgpu::output::ending;
use mfgpu::ratings::{Dataset, Scale, split};
use mfgpu::train::engine::{Device, Engine};
use mfgpu::train::{
    Algorithm, Choice, Criterion, Direction, Objective, Problem, Score, Settings, Start, Trace, compare,
    first_state, scale_of,
};
use mfgpu::{Error, Result};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;

/// The fraction held out, to measure the progress of each epoch.
const HELD_OUT: f64 = 0.05;
/// A fixed regularization of gradient steps in place of a race: close to the best for the data sets in docs/measurements.md.
const REGULARIZATION: f32 = 0.06;
/// More synthetic ratings say nothing more about the speed of a device.
const MOST_SYNTHETIC: u64 = 1_000_000_000;
/// Bytes of a rating as it is read.
const OF_A_RATING: u64 = 12;
/// Mean number of ratings per synthetic user, as in `GenerateOptions`.
const ACTIVITY: u64 = 150;

const EXAMPLES: &str = "\
Examples:
  mfgpu bench ratings.csv
  mfgpu bench --synthetic 20000000 -k 32,64,128 -o bench.json
  mfgpu bench --device cpu --device gpu:0 --to 0.85 ratings.csv";

/// Compare the speed of the CPU and of each GPU on the same data
///
/// The same epochs of an algorithm from the same start, an epoch of each device in turn, so that what else the
/// machine does meets all of them. A rating counts once, when both its user and its item were updated with it. A
/// twentieth is held out; the time to reach a score on it, an RMSE or an NDCG, is that of the epochs alone. The table
/// goes to standard output, unless Markdown or JSON is to go there.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Bench {
    /// Files of ratings [default: a synthetic set]
    #[arg(value_name = "RATINGS", value_parser = reads(Content::Ratings), value_hint = AnyPath)]
    ratings: Vec<Reads>,
    /// Ratings of the synthetic set, if no file is named
    #[arg(long, value_name = "N", default_value_t = 1_000_000, conflicts_with = "ratings")]
    synthetic: u64,
    /// Devices: cpu, gpu, gpu:N or name:TEXT, each with a flag of its own [default: the CPU and every GPU]
    #[arg(long, value_name = "DEVICE")]
    device: Vec<DeviceChoice>,
    #[arg(long, value_name = "NAME")]
    #[arg(help = format!("sgd, als, bayes or ials [default: {}]", Algorithm::default().name()))]
    #[arg(value_parser = explained(&Algorithm::ALL, Algorithm::name, Algorithm::purpose))]
    algorithm: Option<Algorithm>,
    #[arg(short = 'k', long, value_name = "N,..", value_delimiter = ',')]
    #[arg(help = format!("Numbers that describe a user, and an item [default: {}]", Settings::default().factors()))]
    factors: Vec<usize>,
    /// Epochs of each device
    #[arg(long, value_name = "N", default_value_t = 8)]
    epochs: usize,
    /// Held-out score to time [default: the best that every device reaches]
    #[arg(long, value_name = "SCORE")]
    to: Option<f64>,
    /// Print all that was measured as JSON in place of the table
    #[arg(long, value_name = "FILE", value_parser = writes(Output::File), value_hint = AnyPath)]
    #[arg(num_args = 0..=1, require_equals = true, default_missing_value = "-", hide_possible_values = true)]
    json: Option<Writes>,
    /// File to write in addition to what is printed: .json has all that was measured, .md the table as
    /// Markdown, anything else the table
    #[arg(short, long, value_name = "FILE", value_parser = writes(Output::File), value_hint = AnyPath)]
    output: Option<Writes>,
    /// Write the table as Markdown, too
    #[arg(long, value_name = "FILE", value_parser = writes(Output::File), value_hint = AnyPath)]
    markdown: Option<Writes>,
    #[command(flatten)]
    input: InputArguments,
}

/// How results are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Table,
    Markdown,
    Json,
}

/// The head of the table.
fn head(criterion: Criterion) -> [String; 8] {
    let name = criterion.to_string().to_uppercase();
    let (held_out, to) = (format!("held-out {name}"), format!("s to {name}"));
    ["factors", "device", "ratings/s", "times", "epoch s", &held_out, &to, "difference"].map(str::to_owned)
}

impl Bench {
    /// Runs the measurements.
    pub(crate) fn run(&self) -> Result<()> {
        let algorithm = self.algorithm.unwrap_or_default();
        let settings = Settings { algorithm, ..Settings::default() };
        let factors = if self.factors.is_empty() { &[settings.factors()][..] } else { &self.factors };
        for &factors in factors {
            Settings { factors: Some(factors), epochs: Some(self.epochs), ..settings.clone() }.check()?;
        }
        self.check_synthetic()?;
        let devices = self.devices()?;
        let outputs = self.outputs()?;
        let dataset = self.dataset()?;
        let size = (dataset.users.len(), dataset.items.len());
        let (kept, held_out) = split(&dataset.ratings, HELD_OUT, settings.seed);
        let scale = scale_of(&kept, dataset.feedback, &settings)?;
        let stages = (settings.epoch_stages().unwrap_or(1), settings.seed);
        let problem = Problem::new(&kept, &held_out, size, scale, stages);
        // Lists are measured by whatever was held out.
        let problem = Arc::new(problem.with_relevant(&held_out, None, f32::NEG_INFINITY));
        drop((dataset, kept, held_out));
        say(&format!(
            "data: {}, {}, {}; held out: {}",
            count(problem.staged.ratings as u64, "rating"),
            count(size.0 as u64, "user"),
            count(size.1 as u64, "item"),
            thousands(problem.held_out.len() as u64)
        ));
        let (mut rows, mut found) = (vec![head(settings.criterion())], Vec::new());
        for &factors in factors {
            let fixed = Settings { factors: Some(factors), ..settings.clone() };
            let traces = self.traces(&devices, &problem, (&fixed, scale))?;
            let measured = Measured { traces, factors, ratings: problem.staged.ratings, scale };
            let criterion = settings.criterion();
            let to = self.to.map(|value| Score { criterion, value }).or_else(|| measured.reached());
            rows.extend((0..devices.len()).map(|place| measured.row(place, to)));
            found.push(measured.json(to));
        }
        let all = json!({
            "ratings": problem.staged.ratings, "users": size.0, "items": size.1,
            "held_out": problem.held_out.len(), "results": found,
        });
        for (mut sink, form) in outputs {
            let text = match form {
                Form::Table => table(&rows),
                Form::Markdown => as_markdown(&rows),
                Form::Json => format!("{all:#}\n"),
            };
            sink.put(text.as_bytes())?;
            sink.commit()?;
        }
        Ok(())
    }

    /// Opens all that is written: the table on standard output, unless something else goes there.
    fn outputs(&self) -> Result<Vec<(Sink<'static>, Form)>> {
        let of = |path: &Path| match ending(path).as_str() {
            "json" => Form::Json,
            "md" | "markdown" => Form::Markdown,
            _ => Form::Table,
        };
        let named = [
            self.markdown.as_deref().map(|path| (path, Form::Markdown)),
            self.json.as_deref().map(|path| (path, Form::Json)),
            self.output.as_deref().map(|path| (path, of(path))),
        ];
        let mut wanted: Vec<(&Path, Form)> = named.into_iter().flatten().collect();
        match wanted.iter().filter(|(path, _)| path.as_os_str() == "-").count() {
            0 => wanted.push((Path::new("-"), Form::Table)),
            1 => {}
            _ => {
                let why = "only one of --json, --markdown - and -o - has standard output; name a file for the others";
                return Err(Error::Usage(why.into()));
            }
        }
        wanted.into_iter().map(|(path, form)| Ok((signals::sink(path)?, form))).collect()
    }

    /// Checks the size of the synthetic set before it is generated.
    fn check_synthetic(&self) -> Result<()> {
        if self.synthetic > MOST_SYNTHETIC {
            let found = self.synthetic;
            return Err(Error::Usage(format!("--synthetic is {found}; it may be up to {MOST_SYNTHETIC}")));
        }
        let what = format!("a synthetic set of {} ratings", thousands(self.synthetic));
        need(self.synthetic * OF_A_RATING, &what, "a smaller one (--synthetic) helps")
    }

    /// The named devices, or all devices of this machine.
    fn devices(&self) -> Result<Vec<DeviceChoice>> {
        if !self.device.is_empty() {
            return Ok(self.device.clone());
        }
        let found = match gpu::adapters() {
            Err(Error::NoDevice(_)) => Vec::new(),
            found => found?,
        };
        let gpus = found.iter().map(|adapter| DeviceChoice::GpuNumber(adapter.number));
        Ok([DeviceChoice::Cpu].into_iter().chain(gpus).collect())
    }

    fn dataset(&self) -> Result<Dataset> {
        if !self.ratings.is_empty() {
            return Ok(read_ratings(&plain(&self.ratings), &self.input.options(), &mut signals::check)?.0);
        }
        let folder = tempfile::tempdir().map_err(Error::write("a temporary directory"))?;
        let path = folder.path().join("ratings.csv");
        let users = (self.synthetic / ACTIVITY).clamp(1, u64::from(u32::MAX)) as u32;
        let defaults = GenerateOptions::default();
        let options = GenerateOptions { users, ratings: self.synthetic, ..defaults };
        generate(&options, signals::sink(&path)?, &mut |_| {})?;
        Ok(read_ratings(&[path], &ReadOptions::default(), &mut signals::check)?.0)
    }

    fn traces(
        &self,
        devices: &[DeviceChoice],
        problem: &Arc<Problem>,
        (settings, scale): (&Settings, Scale),
    ) -> Result<Vec<Trace>> {
        let factors = settings.factors();
        let settings = if settings.epoch_stages().is_some() {
            let (start, regularization) = (Some(Start::Centred), Choice::Fixed(REGULARIZATION));
            Settings { start, regularization, ..settings.clone() }
        } else {
            settings.clone()
        };
        let state = first_state(problem, &settings);
        let engine = |device| -> Result<Box<dyn Engine>> {
            Device::open(device, None)?.engine(Arc::clone(problem), &state)
        };
        let mut engines = devices.iter().map(engine).collect::<Result<Vec<_>>>()?;
        let mut observe = |index: usize, trace: &Trace| -> Result<()> {
            let (epoch, seconds) = (trace.seconds.len(), trace.seconds.last().copied().unwrap_or(0.0));
            say(&format!("factors={factors} device={} epoch={epoch} seconds={seconds:.4}", devices[index]));
            signals::token().check()
        };
        let deviation = match settings.algorithm.objective() {
            Objective::Ratings => scale.deviation,
            Objective::Lists => 1.0,
        };
        compare(&mut engines, problem, (&settings, deviation), self.epochs, &mut observe)
    }
}

/// The results of all devices for one number of factors.
struct Measured {
    traces: Vec<Trace>,
    factors: usize,
    ratings: usize,
    scale: Scale,
}

impl Measured {
    /// The best score that every device reaches. It is made slightly worse so that rounding does not decide which
    /// epoch reaches it.
    fn reached(&self) -> Option<Score> {
        let worst = self.traces.iter().filter_map(Trace::best).max_by(Score::order)?;
        let slightly = match worst.criterion.direction() {
            Direction::Lowest => 1.0 + 1e-4,
            Direction::Highest => 1.0 - 1e-4,
        };
        Some(Score { value: worst.value * slightly, ..worst })
    }

    fn rate(&self, place: usize) -> f64 {
        self.ratings as f64 / self.traces[place].epoch_seconds()
    }

    fn seconds_to(&self, place: usize, score: Option<Score>) -> Option<f64> {
        score.and_then(|score| self.traces[place].seconds_to(&score))
    }

    /// In rating units, from the first device.
    fn difference(&self, place: usize) -> f64 {
        self.traces[place].difference(&self.traces[0]) * self.scale.deviation
    }

    fn row(&self, place: usize, to: Option<Score>) -> [String; 8] {
        let trace = &self.traces[place];
        let text =
            |number: Option<f64>| number.map_or_else(|| "-".to_owned(), |number| format!("{number:.4}"));
        let reached = self.seconds_to(place, to).map(|seconds| format!("{seconds:.3}"));
        [
            self.factors.to_string(),
            trace.device.clone(),
            format!("{:.1} M", self.rate(place) / 1e6),
            format!("{:.2}", self.rate(place) / self.rate(0)),
            format!("{:.4}", trace.epoch_seconds()),
            text(trace.held_out.last().map(|score| score.value)),
            reached
                .map_or_else(|| "-".into(), |seconds| format!("{seconds} ({})", text(to.map(|to| to.value)))),
            format!("{:.1e}", self.difference(place)),
        ]
    }

    fn json(&self, to: Option<Score>) -> Value {
        let name = self.traces[0].held_out.first().map_or(Criterion::Rmse, |score| score.criterion);
        let device = |place: usize| {
            let trace = &self.traces[place];
            let held_out: Vec<f64> = trace.held_out.iter().map(|score| score.value).collect();
            json!({
                "device": trace.device, "ratings_per_second": self.rate(place),
                "epoch_seconds": trace.epoch_seconds(), "seconds": trace.seconds, format!("held_out_{name}"): held_out,
                format!("seconds_to_{name}"): self.seconds_to(place, to), "difference": self.difference(place),
            })
        };
        let devices: Vec<Value> = (0..self.traces.len()).map(device).collect();
        json!({ "factors": self.factors, name.to_string(): to.map(|to| to.value), "devices": devices })
    }
}

fn as_markdown<const N: usize>(rows: &[[String; N]]) -> String {
    let line = |row: &[String; N]| {
        format!("| {} |\n", row.each_ref().map(|cell| cell.replace('|', "\\|")).join(" | "))
    };
    let mut lines: Vec<String> = rows.iter().map(line).collect();
    lines.insert(1, format!("|{}\n", "---|".repeat(N)));
    lines.concat()
}
