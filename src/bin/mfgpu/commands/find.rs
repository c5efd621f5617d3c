//! `mfgpu find`.

use crate::flags::by::ByArgument;
use crate::flags::listing::ListingArguments;
use crate::flags::paths::{Content, Reads, reads};
use crate::flags::titles::TitleArguments;
use crate::show::listing::{Cell, write};
use crate::show::talk::{count, say};
use crate::steps::models::one;
use clap::{Args, ValueHint::AnyPath};
use mfgpu::Result;
use mfgpu::output::Kind;

/// How many items are printed unless more are asked for.
const MOST: usize = 20;

/// Find items by words of their titles or ids
///
/// Prints `id,title,ratings`: the items that have all words in their titles or ids, whatever the case, those
/// with the most ratings first. The titles are those that `train` was given with --item-names.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  mfgpu find model star wars\n  mfgpu find model toy --top 5 --json")]
pub(crate) struct Find {
    /// A model.safetensors, or the run directory that holds it
    #[arg(value_parser = reads(Content::Model), value_hint = AnyPath)]
    model: Reads,
    /// Words, or parts of them
    #[arg(value_name = "WORD", required = true, allow_negative_numbers = true)]
    words: Vec<String>,
    /// Items to print, 0 for all [default: 20]
    #[arg(long, value_name = "N")]
    top: Option<usize>,
    #[command(flatten)]
    by: ByArgument,
    #[command(flatten)]
    titles: TitleArguments,
    #[command(flatten)]
    listing: ListingArguments,
}

impl Find {
    /// Runs the command.
    pub(crate) fn run(&self) -> Result<()> {
        let mut model = one(&self.model, self.by.by)?;
        self.titles.read(&self.model, &mut model)?;
        let words: Vec<String> =
            self.words.iter().flat_map(|word| word.split_whitespace()).map(str::to_owned).collect();
        let mut found = model.search(&words);
        if found.is_empty() {
            let titles = if model.titles.is_empty() && self.titles.wanted() {
                "; the model has no titles, and --item-names names a file of them"
            } else {
                ""
            };
            say(&format!("note: no item has {} in its id or title{titles}", words.join(" ")));
        }
        let more = match self.top.unwrap_or(MOST) {
            0 => 0,
            most => found.len().saturating_sub(most),
        };
        found.truncate(found.len() - more);
        let ratings = model.ratings_of_items();
        let row = |&item: &u32| {
            vec![
                Cell::Text(model.items.id(item).to_vec()),
                Cell::of(model.title(item), Cell::text),
                Cell::of(ratings.as_ref(), |ratings| Cell::Count(ratings[item as usize].into())),
            ]
        };
        let rows: Vec<Vec<Cell>> = found.iter().map(row).collect();
        let columns = [("id", Kind::Bytes), ("title", Kind::Bytes), ("ratings", Kind::Count)];
        write(&self.listing, &columns, &rows)?;
        if more > 0 {
            say(&format!("note: {} more; --top 0 prints all", count(more as u64, "item")));
        }
        Ok(())
    }
}
