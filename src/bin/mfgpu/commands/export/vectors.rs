//! Vectors for programs that search by inner product.

use super::directory::{Directory, SIDES};
use super::format::ExportFormat;
use crate::show::talk::{count, say};
use crate::signals;
use crate::steps::listed::listed;
use clap::Args;
use mfgpu::model::Model;
use mfgpu::output::{
    MOST_INDEXED, SearchRows, TableFormat, TableOptions, constant_array, vector_array, vector_rows,
    vector_sql,
};
use mfgpu::ratings::Side;
use mfgpu::score::SearchVectors;
use mfgpu::{Error, Result};
use serde_json::{Value, json};
use std::path::PathBuf;

/// The names of the arrays, and of the file of SQL.
const VECTORS: &str = "vectors";
const CONSTANT: &str = "constant";

/// The flags of vectors for a search.
#[derive(Debug, Args)]
pub(super) struct SearchArguments {
    /// Vectors whose inner products order items as `recommend` does, biases included
    #[arg(long)]
    pub(super) for_search: bool,
    /// Only items that at least N users rated, for --for-search [default: as `recommend`: for a model of
    /// lists 1, else a quarter of the median, from 2 to 10]
    #[arg(long, value_name = "N", requires = "for_search")]
    min_ratings: Option<u32>,
}

/// The files that are written.
pub(super) fn files(directory: Directory, format: ExportFormat) -> Vec<PathBuf> {
    let mut all = vec![directory.about_file()];
    match format {
        ExportFormat::Table(format) => {
            all.extend(SIDES.map(|(.., many)| directory.file(many, format.name())));
        }
        ExportFormat::Sql => all.push(directory.file(VECTORS, format.name())),
        _ => {
            all.extend(SIDES.map(|(_, one, _)| directory.array_file(one, VECTORS)));
            all.extend(SIDES.map(|(.., many)| directory.file(many, "csv")));
            all.push(directory.array_file(SIDES[0].1, CONSTANT));
        }
    }
    all
}

impl SearchArguments {
    /// Checks that the format suits.
    pub(super) fn check(&self, format: ExportFormat) -> Result<()> {
        let error = match (self.for_search, format) {
            (true, ExportFormat::Safetensors) => {
                "--for-search writes tables, arrays or sql; say --output-format csv, jsonl, parquet, npy or sql, \
                 not safetensors"
            }
            (false, ExportFormat::Sql) => "--output-format sql is for vectors; add --for-search",
            _ => return Ok(()),
        };
        Err(Error::Usage(error.into()))
    }

    /// Writes the vectors of a model.
    pub(super) fn write(
        &self,
        model: &Model,
        directory: Directory,
        format: ExportFormat,
        options: TableOptions,
    ) -> Result<()> {
        let marks = listed(model, model.rated.is_kept(), self.min_ratings)?;
        let is_listed = |item: &u32| marks.as_ref().is_none_or(|marks| marks[*item as usize]);
        let rows = [
            (0..model.users.len() as u32).collect::<Vec<_>>(),
            (0..model.items.len() as u32).filter(is_listed).collect(),
        ];
        let vectors = SearchVectors::new(model);
        note(model, &vectors, format);
        let of = |side: Side| SearchRows {
            side,
            rows: &rows[side.index()],
            ids: model.ids(side),
            vectors: &vectors,
        };
        directory.make()?;
        if format == ExportFormat::Sql {
            let sink = signals::sink(directory.file(VECTORS, format.name()))?.packed(directory.zstd)?;
            vector_sql(&Side::BOTH.map(of), sink)?;
        }
        for (side, one, many) in SIDES {
            let of = of(side);
            match format {
                ExportFormat::Table(format) => {
                    directory.table(many, format, options, |table| vector_rows(&of, table))?;
                }
                ExportFormat::Npy => {
                    vector_array(&of, directory.array(one, VECTORS)?)?;
                    if side == Side::User {
                        constant_array(&of, directory.array(one, CONSTANT)?)?;
                    }
                    directory.table(many, TableFormat::Csv, options, |table| of.id_rows(table))?;
                }
                ExportFormat::Sql | ExportFormat::Safetensors => {}
            }
        }
        directory.about(&about(model, &vectors, &rows))
    }
}

/// Says of long vectors what makes them long, and what cannot take them.
fn note(model: &Model, vectors: &SearchVectors, format: ExportFormat) {
    let (width, draws) = (vectors.width() as u64, model.draws.len() as u64);
    if draws > 1 {
        let (all, one) = (count(width, "number"), width / draws);
        say(&format!("note: a vector has {all}, those of {draws} draws; --draw N takes {one}, of one draw"));
    }
    if format == ExportFormat::Sql && vectors.width() > MOST_INDEXED {
        say(&format!(
            "note: an index of pgvector takes vectors of at most {}; these are searched without one, or as halfvec",
            count(MOST_INDEXED as u64, "number")
        ));
    }
}

/// The contents of `model.json`.
fn about(model: &Model, vectors: &SearchVectors, [users, items]: &[Vec<u32>; 2]) -> Value {
    let range = (!model.is_of_lists()).then_some([model.range.0, model.range.1]);
    json!({
        "users": users.len(),
        "items": items.len(),
        "numbers": vectors.width(),
        "range": range,
        "average_user": { "constant": vectors.constant(None), "vector": vectors.user(None) },
        "score": "constant of the user + user vector . item vector; clipped to the range it is the score of `recommend`",
    })
}
