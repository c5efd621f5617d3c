//! Restricts lists to some items.

use crate::flags::paths::{Named, named_ids};
use crate::show::talk::{count, say};
use crate::steps::ids::{chosen, rows};
use crate::steps::listed::listed;
use clap::{Args, ValueHint::AnyPath};
use mfgpu::model::Model;
use mfgpu::ratings::Side;
use mfgpu::{Error, Result};

/// The items that may be listed.
#[derive(Debug, Args)]
pub(super) struct ItemArguments {
    /// List these items only: ids, or one file with an id a line
    #[arg(long, value_name = "FILE|ID", num_args = 1.., value_parser = named_ids(), value_hint = AnyPath)]
    items_from: Vec<Named>,
    /// Never list these items: ids, or one file with an id a line
    #[arg(long, value_name = "FILE|ID", num_args = 1.., value_parser = named_ids(), value_hint = AnyPath)]
    block: Vec<Named>,
    /// Only items that at least N users rated, and those of --items-from [default: for a model of lists 1,
    /// else a quarter of the median, from 2 to 10]
    #[arg(long, value_name = "N")]
    min_ratings: Option<u32>,
}

impl ItemArguments {
    /// A mark per item that may be listed; `None` allows all. `kept` says whether the model came with
    /// ratings.
    pub(super) fn marks(&self, model: &Model, kept: bool, strict: bool) -> Result<Option<Vec<bool>>> {
        let chosen = |flag: &str, ids: &[Named]| chosen(flag, ids, Side::Item, &model.items);
        let (from, block) = (chosen("--items-from", &self.items_from)?, chosen("--block", &self.block)?);
        let often = if from.is_none() { listed(model, kept, self.min_ratings)? } else { None };
        let any = from.is_some() || block.is_some() || often.is_some();
        let mut marks = often.unwrap_or_else(|| vec![from.is_none(); model.items.len()]);
        let lists = [("--items-from", &from, true), ("--block", &block, false)];
        for (flag, ids, mark) in
            lists.iter().filter_map(|&(flag, ids, mark)| Some((flag, ids.as_ref()?, mark)))
        {
            let known = find(model, flag, ids, strict)?;
            if known.is_empty() {
                let nothing = nothing(model, ids.len());
                if mark {
                    return Err(Error::Usage(format!("{flag}: {nothing}")));
                }
                say(&format!("warning: {flag} blocks nothing: {nothing}"));
            }
            known.iter().for_each(|&item| marks[item as usize] = mark);
        }
        Ok(any.then_some(marks))
    }
}

/// The rows of the known items; reports how many are unknown.
fn find(model: &Model, flag: &str, ids: &[Vec<u8>], strict: bool) -> Result<Vec<u32>> {
    if strict {
        return rows(model, Side::Item, ids, "");
    }
    let known: Vec<u32> = ids.iter().filter_map(|id| model.items.get(id)).collect();
    let unknown = (ids.len() - known.len()) as u64;
    if unknown > 0 && !known.is_empty() {
        say(&format!("note: the model does not know {} of {flag}", count(unknown, "item")));
    }
    Ok(known)
}

/// What to say when none of the listed items is known.
fn nothing(model: &Model, ids: usize) -> String {
    let example = match model.items.iter().next() {
        Some(id) => format!("; its items have ids like `{}`", String::from_utf8_lossy(id)),
        None => String::new(),
    };
    format!("the model knows none of {}{example}", count(ids as u64, "item"))
}
