//! The items with enough ratings to be listed.

use crate::show::talk::{count, say};
use mfgpu::Result;
use mfgpu::model::{self, Model};

/// A mark for each item that `asked` users or more have rated, or as many as the model asks for by itself;
/// reports how many items are left out. `None` if none is. `kept` says whether the model came with ratings.
pub(crate) fn listed(model: &Model, kept: bool, asked: Option<u32>) -> Result<Option<Vec<bool>>> {
    let Some((marks, least)) = model::listed(model, kept, (asked, "--min-ratings"))? else { return Ok(None) };
    let out = marks.iter().filter(|&&listed| !listed).count();
    if out == 0 {
        return Ok(None);
    }
    let what = match least {
        1 => "that nobody rated".to_owned(),
        _ => format!("that fewer than {least} users rated"),
    };
    let advice = if asked.is_none() { "; --min-ratings 0 lists them" } else { "" };
    say(&format!("note: not listed: {} {what}{advice}", count(out as u64, "item")));
    Ok(Some(marks))
}
