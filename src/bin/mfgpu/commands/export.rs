//! `mfgpu export`.

use crate::flags::by::ByArgument;
use crate::flags::named::named;
use crate::flags::output::{Compress, SafeArgument};
use crate::flags::paths::{Content, Output, Reads, Writes, reads, writes};
use crate::show::json::json_text;
use crate::show::talk::say;
use crate::signals;
use crate::steps::models::one;
use crate::terminal;
use clap::{Args, ValueHint::AnyPath};
use mfgpu::files::{Sink, make_directories};
use mfgpu::model::{Model, Rated};
use mfgpu::output::{TableFormat, TableOptions, bias_array, ending, factor_array, factor_rows, id_rows};
use mfgpu::ratings::Side;
use mfgpu::{Error, Result};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// The sides of a model, with the names of one row and of many.
const SIDES: [(Side, &str, &str); 2] = [(Side::User, "user", "users"), (Side::Item, "item", "items")];
/// The names of the arrays of a side.
const FACTORS: &str = "factors";
const BIAS: &str = "bias";
/// The file of what belongs to no side.
const ABOUT: &str = "model.json";

const EXAMPLES: &str = "\
Examples:
  mfgpu export model -o factors                         users.csv, items.csv, model.json
  mfgpu export model -o factors --output-format npy     arrays of factors and biases, ids as csv
  mfgpu export model -o factors.safetensors             one file, without the ratings the model kept
  mfgpu export model -o factors --draw 3                one draw of a model of `bayes`";

const MORE: &str = "\
A prediction is `mean + scale * (user bias + item bias + user factors . item factors)`, clipped to the \
range; mean, scale and range are in model.json, in a safetensors file they are tensors. The safetensors file \
is itself a model of mfgpu.

A model of several draws predicts the mean of what its draws predict. The mean of their factors is no model, \
since each draw is turned in its own way, so all draws are written: a column `draw` in tables, a first \
dimension in arrays; or the one named with --draw, which is a model of its own, a little less accurate than \
all together.";

/// Write factors, biases and ids for other programs
///
/// Writes a directory: `users` and `items` with a row an id, `user,bias,factor_1,..` and `item,..`, and
/// `model.json`; as npy the arrays `user_factors`, `user_bias`, `item_factors`, `item_bias` next to the ids;
/// or one safetensors file.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, after_long_help = format!("{EXAMPLES}\n\n{MORE}"))]
pub(crate) struct Export {
    /// A model.safetensors, or the run directory that holds it
    #[arg(value_parser = reads(Content::Model), value_hint = AnyPath)]
    model: Reads,
    #[command(flatten)]
    by: ByArgument,
    /// Directory to write, made if it is not there; or a file NAME.safetensors
    #[arg(short, long, value_name = "PLACE", value_parser = writes(Output::Several), value_hint = AnyPath)]
    output: Writes,
    /// Format [default: safetensors for a file of that ending, else csv]
    #[arg(long, value_name = "FORMAT", value_parser = named(&ExportFormat::ALL, ExportFormat::name))]
    output_format: Option<ExportFormat>,
    /// Pack tables and arrays
    #[arg(long, value_name = "HOW")]
    compress: Option<Compress>,
    /// Of a model of several draws, this one alone, from 1 [default: all]
    #[arg(long, value_name = "N")]
    draw: Option<usize>,
    #[command(flatten)]
    safe: SafeArgument,
}

/// The format of the export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ExportFormat {
    Table(TableFormat),
    Npy,
    Safetensors,
}

impl ExportFormat {
    const ALL: [Self; 5] = [
        Self::Table(TableFormat::Csv),
        Self::Table(TableFormat::Jsonl),
        Self::Table(TableFormat::Parquet),
        Self::Npy,
        Self::Safetensors,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Table(format) => format.name(),
            Self::Npy => "npy",
            Self::Safetensors => "safetensors",
        }
    }
}

impl Export {
    /// Runs the command.
    pub(crate) fn run(&self) -> Result<()> {
        let format = self.format()?;
        // The ids next to arrays are csv, too.
        let is_csv = matches!(format, ExportFormat::Table(TableFormat::Csv) | ExportFormat::Npy);
        let options = TableOptions { zstd: self.zstd(), csv_safe: self.safe.of(is_csv)? };
        let mut model = one(&self.model, self.by.by)?;
        self.choose_draw(&mut model)?;
        if format == ExportFormat::Safetensors {
            model.rated = Rated::default();
            return model.save(self.tensors());
        }
        make_directories(&self.output).map_err(Error::write(&*self.output))?;
        for (side, one, many) in SIDES {
            if let ExportFormat::Table(format) = format {
                let mut table =
                    terminal::table(format, &self.file(many, format.name()), options, signals::token())?;
                factor_rows(&model, side, &mut *table)?;
                table.finish()?;
            } else {
                factor_array(&model, side, self.array(one, FACTORS)?)?;
                bias_array(&model, side, self.array(one, BIAS)?)?;
                let path = self.file(many, "csv");
                let mut table = terminal::table(TableFormat::Csv, &path, options, signals::token())?;
                id_rows(&model, side, &mut *table)?;
                table.finish()?;
            }
        }
        let mut file = signals::sink(self.output.join(ABOUT))?;
        file.put(json_text(&self.about(&model))?.as_bytes())?;
        file.commit()
    }

    /// The files that are written.
    pub(crate) fn files(&self) -> Result<Vec<PathBuf>> {
        let format = self.format()?;
        if format == ExportFormat::Safetensors {
            return Ok(vec![self.tensors()]);
        }
        let mut all = vec![self.output.join(ABOUT)];
        for (_, one, many) in SIDES {
            if let ExportFormat::Table(format) = format {
                all.push(self.file(many, format.name()));
            } else {
                all.extend([FACTORS, BIAS].map(|what| self.array_file(one, what)));
                all.push(self.file(many, "csv"));
            }
        }
        Ok(all)
    }

    /// The place of the files.
    pub(crate) fn place(&self) -> &Path {
        &self.output
    }

    fn format(&self) -> Result<ExportFormat> {
        if self.output.as_os_str() == "-" {
            return Err(Error::Usage(
                "-o names a directory or a .safetensors file; there are several files".into(),
            ));
        }
        let ending = ending(&self.output);
        let named = ExportFormat::ALL.into_iter().find(|format| format.name() == ending);
        let format = match (self.output_format, named) {
            (Some(format), _) => format,
            (None, Some(ExportFormat::Safetensors)) => ExportFormat::Safetensors,
            (None, Some(other)) if !self.output.is_dir() => {
                let (here, name) = (self.output.display(), other.name());
                let what = format!("expected a directory; say --output-format {name} for such files in it");
                return Err(Error::Usage(format!("{here}: {what}")));
            }
            _ => ExportFormat::default(),
        };
        if format == ExportFormat::Safetensors && self.compress.is_some() {
            return Err(Error::Usage(
                "--compress is for tables and arrays; a safetensors file is mapped as it is".into(),
            ));
        }
        Ok(format)
    }

    fn choose_draw(&self, model: &mut Model) -> Result<()> {
        let draws = model.draws.len();
        if let Some(draw) = self.draw {
            if draw == 0 || draw > draws {
                return Err(Error::Usage(format!("--draw is {draw}; the model has draws 1 to {draws}")));
            }
            model.draws = vec![model.draws.swap_remove(draw - 1)];
        } else if draws > 1 {
            say(&format!("note: all {draws} draws are written; their mean is no model, --draw N takes one"));
        }
        Ok(())
    }

    fn zstd(&self) -> bool {
        self.compress == Some(Compress::Zstd)
    }

    /// The path of a file in the directory; only text and arrays are compressed as a whole.
    fn file(&self, name: &str, ending: &str) -> PathBuf {
        let packed = if self.zstd() && ending != "parquet" { ".zst" } else { "" };
        self.output.join(format!("{name}.{ending}{packed}"))
    }

    fn array_file(&self, one: &str, what: &str) -> PathBuf {
        self.file(&format!("{one}_{what}"), "npy")
    }

    fn array(&self, one: &str, what: &str) -> Result<Sink<'static>> {
        signals::sink(self.array_file(one, what))?.packed(self.zstd())
    }

    /// The safetensors file.
    fn tensors(&self) -> PathBuf {
        let inside = self.output.is_dir().then(|| self.output.join("factors.safetensors"));
        inside.unwrap_or_else(|| self.output.to_path_buf())
    }

    /// The contents of `model.json`: everything needed in addition to the tables.
    fn about(&self, model: &Model) -> Value {
        let draw = |(factors, number): (&mfgpu::model::Factors, usize)| json!({ "draw": number, "mean": factors.mean, "scale": factors.scale });
        let first = self.draw.unwrap_or(1);
        json!({
            "users": model.users.len(),
            "items": model.items.len(),
            "factors": model.draws[0].users.columns(),
            "draws": model.draws.iter().zip(first..).map(draw).collect::<Vec<Value>>(),
            "range": [model.range.0, model.range.1],
            "prediction": "mean + scale * (user bias + item bias + user factors . item factors), the mean of it over the draws, clipped to the range",
        })
    }
}

impl Default for ExportFormat {
    fn default() -> Self {
        Self::Table(TableFormat::Csv)
    }
}
