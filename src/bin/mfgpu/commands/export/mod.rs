//! `mfgpu export`.

mod directory;
mod format;
mod vectors;

use crate::flags::by::ByArgument;
use crate::flags::named::named;
use crate::flags::output::{Compress, SafeArgument};
use crate::flags::paths::{Content, Output, Reads, Writes, reads, writes};
use crate::show::talk::say;
use crate::steps::models::{for_lists, one};
use clap::{Args, ValueHint::AnyPath};
use directory::{Directory, SIDES};
use format::ExportFormat;
use mfgpu::model::{Model, Rated};
use mfgpu::output::{TableFormat, TableOptions, bias_array, ending, factor_array, factor_rows, id_rows};
use mfgpu::{Error, Result};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use vectors::SearchArguments;

/// The names of the arrays of a side.
const FACTORS: &str = "factors";
const BIAS: &str = "bias";

const EXAMPLES: &str = "\
Examples:
  mfgpu export model -o factors                         users.csv, items.csv, model.json
  mfgpu export model -o factors --output-format npy     arrays of factors and biases, ids as csv
  mfgpu export model -o factors.safetensors             one file, without the ratings the model kept
  mfgpu export model -o factors --draw 3                one draw of a model of `bayes`
  mfgpu export model --for-search -o vectors --output-format npy    for faiss or hnswlib
  mfgpu export model --for-search -o vectors --output-format sql    for pgvector, run by psql";

const MORE: &str = "\
A prediction is `mean + scale * (user bias + item bias + user factors . item factors)`, clipped to the \
range; mean, scale and range are in model.json, in a safetensors file they are tensors. The safetensors file \
is itself a model of mfgpu.

A model of several draws predicts the mean of what its draws predict. The mean of their factors is no model, \
since each draw is turned in its own way, so all draws are written: a column `draw` in tables, a first \
dimension in arrays; or the one named with --draw, which is a model of its own, a little less accurate than \
all together.

With --for-search the vectors are made for a search of the largest inner product: the items of the largest \
products with a user's vector are those of `recommend`, in the same order, seen items included. The bias of an \
item is a number of its vector, and all draws are in one vector. A score is the product and the user's \
constant, which does not change the order. The items are those that `recommend` lists; model.json has the \
vector of a user that the model does not know. The files are user_vectors.npy, user_constant.npy, users.csv, \
item_vectors.npy and items.csv; or the tables users and items, `user,constant,vector_1,..` and \
`item,vector_1,..`; or vectors.sql, which puts the tables mfgpu.users and mfgpu.items into PostgreSQL.";

/// Write factors, biases and ids for other programs
///
/// Writes a directory: `users` and `items` with a row an id, `user,bias,factor_1,..` and `item,..`, and
/// `model.json`; as npy the arrays `user_factors`, `user_bias`, `item_factors`, `item_bias` next to the ids;
/// or one safetensors file. With --for-search it writes vectors for faiss, hnswlib, pgvector and other programs
/// that search by inner product.
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
    /// Format; sql is for --for-search [default: safetensors for a file of that ending, else csv]
    #[arg(long, value_name = "FORMAT", value_parser = named(&ExportFormat::ALL, ExportFormat::name))]
    output_format: Option<ExportFormat>,
    /// Pack tables and arrays
    #[arg(long, value_name = "HOW")]
    compress: Option<Compress>,
    /// Of a model of several draws, this one alone, from 1 [default: all]
    #[arg(long, value_name = "N")]
    draw: Option<usize>,
    #[command(flatten)]
    search: SearchArguments,
    #[command(flatten)]
    safe: SafeArgument,
}

impl Export {
    /// Runs the command.
    pub(crate) fn run(&self) -> Result<()> {
        let format = self.format()?;
        // The ids next to arrays are csv, too.
        let is_csv = matches!(format, ExportFormat::Table(TableFormat::Csv) | ExportFormat::Npy);
        let options = TableOptions { zstd: self.zstd(), csv_safe: self.safe.of(is_csv)? };
        let mut model = if self.search.for_search {
            for_lists(&self.model, self.by.by)?.0
        } else {
            one(&self.model, self.by.by)?
        };
        self.choose_draw(&mut model)?;
        if self.search.for_search {
            return self.search.write(&model, self.directory(), format, options);
        }
        if format == ExportFormat::Safetensors {
            model.rated = Rated::default();
            return model.save(self.tensors());
        }
        let directory = self.directory();
        directory.make()?;
        for (side, one, many) in SIDES {
            if let ExportFormat::Table(format) = format {
                directory.table(many, format, options, |table| factor_rows(&model, side, table))?;
            } else {
                factor_array(&model, side, directory.array(one, FACTORS)?)?;
                bias_array(&model, side, directory.array(one, BIAS)?)?;
                directory.table(many, TableFormat::Csv, options, |table| id_rows(&model, side, table))?;
            }
        }
        directory.about(&self.about(&model))
    }

    /// The files that are written.
    pub(crate) fn files(&self) -> Result<Vec<PathBuf>> {
        let format = self.format()?;
        if self.search.for_search {
            return Ok(vectors::files(self.directory(), format));
        }
        if format == ExportFormat::Safetensors {
            return Ok(vec![self.tensors()]);
        }
        let directory = self.directory();
        let mut all = vec![directory.about_file()];
        for (_, one, many) in SIDES {
            if let ExportFormat::Table(format) = format {
                all.push(directory.file(many, format.name()));
            } else {
                all.extend([FACTORS, BIAS].map(|what| directory.array_file(one, what)));
                all.push(directory.file(many, "csv"));
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
        self.search.check(format)?;
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
        } else if draws > 1 && !self.search.for_search {
            say(&format!("note: all {draws} draws are written; their mean is no model, --draw N takes one"));
        }
        Ok(())
    }

    fn zstd(&self) -> bool {
        self.compress == Some(Compress::Zstd)
    }

    fn directory(&self) -> Directory<'_> {
        Directory { path: &self.output, zstd: self.zstd() }
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
