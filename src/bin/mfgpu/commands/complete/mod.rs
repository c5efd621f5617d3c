//! `mfgpu complete`.

mod disk;

use crate::flags::named::named;
use crate::flags::output::FormatArguments;
use crate::flags::paths::{Content, Named, Output, Reads, Writes, named_ids, reads, writes};
use crate::show::rows_done;
use crate::show::talk::{count, say};
use crate::signals;
use crate::steps::ids::{chosen, find};
use crate::steps::models::for_ratings;
use clap::{Args, ValueEnum, ValueHint::AnyPath};
use mfgpu::model::Model;
use mfgpu::output::{
    Cells, Precision, Size, TableFormat, User, completed, completed_npy, completed_npy_size, completed_size,
    completed_wide, completed_wide_size, ending, is_zstd,
};
use mfgpu::ratings::Side;
use mfgpu::score::{Noise, needs_draws};
use mfgpu::{Error, Result};

const EXAMPLES: &str = "\
Examples:
  mfgpu complete model -o dense.npy --dtype f16
  mfgpu complete model -o completed.parquet
  mfgpu complete model --blanks-only --items new-releases.txt -o blanks.csv.zst
  mfgpu complete model --layout wide --users 17 18 | head";

/// Write the completed matrix: every rating that is known, a prediction for every other
///
/// Writes `user,item,value,known[,sd]`; with `--layout wide` a row a user and a column an item; with `-o
/// NAME.npy` an array of users x items. It is streamed, so memory does not limit it, but disk may: rows and
/// bytes are announced first, and what does not fit is not begun.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Complete {
    /// A model.safetensors, or the run directory that holds it
    #[arg(value_parser = reads(Content::Model), value_hint = AnyPath)]
    model: Reads,
    /// Leave out what is known
    #[arg(long)]
    blanks_only: bool,
    /// Add the standard deviation of each rating, 0 where it is known; for models of several draws
    #[arg(long)]
    with_sd: bool,
    /// Users: ids, or one file with an id a line [default: all of the model]
    #[arg(long, value_name = "FILE|ID", num_args = 1.., value_parser = named_ids(), value_hint = AnyPath)]
    users: Vec<Named>,
    /// Items: ids, or one file with an id a line [default: all of the model]
    #[arg(long, value_name = "FILE|ID", num_args = 1.., value_parser = named_ids(), value_hint = AnyPath)]
    items: Vec<Named>,
    /// File to write: .npy, .csv, .jsonl or .parquet, packed as .npy.zst [default: standard output, as csv]
    #[arg(short, long, alias = "to", value_name = "FILE", default_value = "-", hide_default_value = true)]
    #[arg(help_heading = "Output", value_parser = writes(Output::File), value_hint = AnyPath)]
    output: Writes,
    /// A row a cell, or, as csv, a row a user [default: long]
    #[arg(long, value_name = "LAYOUT", help_heading = "Output")]
    layout: Option<Layout>,
    #[arg(long, value_name = "TYPE", value_parser = named(&Precision::ALL, Precision::name), help_heading = "Output")]
    #[arg(help = format!("Numbers of an array [default: {}]", Precision::default().name()))]
    dtype: Option<Precision>,
    /// Begin even if the disk seems too small
    #[arg(long, help_heading = "Output")]
    force: bool,
    #[command(flatten)]
    format: FormatArguments,
}

/// How a table is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Layout {
    /// A row a cell.
    Long,
    /// A row a user, a column an item.
    Wide,
}

/// The table to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Array,
    Wide,
    Long(TableFormat),
}

impl Complete {
    /// Runs the command.
    pub(crate) fn run(&self) -> Result<()> {
        let form = self.form()?;
        let mut model = for_ratings(&self.model)?;
        if self.with_sd {
            needs_draws(&model, Noise::With, "--with-sd")?;
        }
        let precision = self.dtype.unwrap_or_default();
        let most = model.range.0.abs().max(model.range.1.abs());
        if form == Form::Array && most > precision.largest() {
            return Err(Error::Usage(format!("--dtype f16 has no room for ratings of {most}; use f32")));
        }
        self.choose_items(&mut model)?;
        let ids = chosen("--users", &self.users, Side::User, &model.users)?;
        let users = find(&model, ids.as_deref());
        if !model.rated.is_kept() {
            say("note: the model kept no ratings, so every value is a prediction");
        }
        let size = self.size(form, &model, &users);
        self.announce(size)?;
        self.write(form, &model, &users, size.rows)
    }

    /// Decides what to write, and refuses what cannot be written.
    fn form(&self) -> Result<Form> {
        let array = self.format.named().is_none() && ending(&self.output) == "npy";
        let wide = self.layout == Some(Layout::Wide);
        let refused = |what: &str| Err(Error::Usage(what.to_owned()));
        if array {
            if self.blanks_only {
                return refused("--blanks-only needs a table: an array has no blanks to leave out");
            }
            if self.with_sd {
                return refused("--with-sd needs a table: an array has room for the values alone");
            }
            if self.layout.is_some() {
                return refused("--layout is of tables: an array has a row a user and a column an item");
            }
            self.format.is_no_table()?;
            return Ok(Form::Array);
        }
        if self.dtype.is_some() {
            return refused("--dtype is of arrays: name a file with -o NAME.npy");
        }
        let format = self.format.of(&self.output)?;
        if !wide {
            return Ok(Form::Long(format));
        }
        if format != TableFormat::Csv {
            return refused("--layout wide is for csv; an array (-o NAME.npy) has the same shape");
        }
        if self.with_sd {
            return refused("--with-sd needs --layout long: a row a user has room for the values alone");
        }
        Ok(Form::Wide)
    }

    fn cells(&self) -> Cells {
        if self.blanks_only { Cells::Blanks } else { Cells::All }
    }

    fn choose_items(&self, model: &mut Model) -> Result<()> {
        let Some(ids) = chosen("--items", &self.items, Side::Item, &model.items)? else { return Ok(()) };
        let found = model.choose_items(&ids);
        if found.unknown > 0 {
            let unknown = count(found.unknown as u64, "item");
            say(&format!(
                "note: the model does not know {unknown}; they get what their users give on average"
            ));
        }
        if found.repeated > 0 {
            let repeated = count(found.repeated as u64, "item");
            say(&format!("note: {repeated} of the list had been there before, and come once"));
        }
        Ok(())
    }

    fn size(&self, form: Form, model: &Model, users: &[User]) -> Size {
        match form {
            Form::Array => completed_npy_size(model, users, self.dtype.unwrap_or_default()),
            Form::Wide => completed_wide_size(model, users, self.cells()),
            Form::Long(format) => completed_size(model, users, (self.cells(), self.with_sd), format),
        }
    }

    /// Reports how much will be written, and checks that it fits the disk.
    fn announce(&self, size: Size) -> Result<()> {
        let what = format!("{}, about {}", count(size.rows, "row"), crate::show::human::size(size.bytes));
        if self.packed() {
            // The size after compression is not known in advance.
            say(&format!("writing {what} before they are packed"));
            return Ok(());
        }
        let free = disk::check(
            &self.output,
            size.bytes,
            (self.force, "--dtype f16, --users, --items, --compress zstd"),
        )?;
        say(&format!("writing {what}{free}"));
        Ok(())
    }

    /// Whether the output is compressed, by its name or by a flag.
    fn packed(&self) -> bool {
        self.format.zstd() || is_zstd(&self.output)
    }

    fn write(&self, form: Form, model: &Model, users: &[User], rows: u64) -> Result<()> {
        let mut done = rows_done::RowsDone::new(rows);
        let mut progress = |rows| done.show(rows);
        if form == Form::Array {
            let sink = signals::sink(&self.output)?.packed(self.packed())?;
            return completed_npy(model, users, self.dtype.unwrap_or_default(), sink, &mut progress);
        }
        let mut table = self.format.table(&self.output)?;
        if form == Form::Wide {
            completed_wide(model, users, self.cells(), &mut *table, &mut progress)?;
        } else {
            completed(model, users, (self.cells(), self.with_sd), &mut *table, &mut progress)?;
        }
        table.finish()
    }
}
