//! `mfgpu predict`.

use crate::input::InputArguments;
use crate::talk::{count, say};
use clap::Args;
use mfgpu::Result;
use mfgpu::files::Sink;
use mfgpu::input::read_pairs;
use mfgpu::model::Model;
use mfgpu::output::{CsvTable, Table, predictions};
use std::path::PathBuf;

/// Predict a rating for each listed pair of user and item
///
/// Writes `user,item,prediction` in the order of the pairs. An unknown user or item is predicted from what is known of
/// the other.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  mfgpu predict model pairs.csv -o predictions.csv")]
pub(crate) struct Predict {
    /// A model.safetensors, or the run directory that holds it
    model: PathBuf,
    /// A file with a user and an item a row; `-` is standard input
    pairs: PathBuf,
    /// File to write [default: standard output]
    #[arg(short, long, value_name = "FILE", default_value = "-", hide_default_value = true)]
    output: PathBuf,
    #[command(flatten)]
    input: InputArguments,
}

impl Predict {
    /// Predicts.
    pub(crate) fn run(&self) -> Result<()> {
        let model = Model::load(&self.model)?;
        let pairs = read_pairs(&self.pairs, &self.input.options())?;
        let unknown = |known: &mfgpu::ratings::IdMap, asked: &mfgpu::ratings::IdMap| {
            asked.iter().filter(|id| known.get(id).is_none()).count() as u64
        };
        let (users, items) = (unknown(&model.users, &pairs.users), unknown(&model.items, &pairs.items));
        if users + items > 0 {
            say(&format!(
                "note: the model does not know {} and {}",
                count(users, "user"),
                count(items, "item")
            ));
        }
        let mut table = Box::new(CsvTable::new(Sink::open(&self.output)?));
        let listed = pairs.ratings.iter().map(|(user, item, _)| (pairs.users.id(user), pairs.items.id(item)));
        predictions(&model, listed, &mut *table, &mut |_| {})?;
        table.finish()
    }
}
