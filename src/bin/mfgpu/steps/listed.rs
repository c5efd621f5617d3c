//! The items with enough ratings to be listed.

use crate::show::talk::{count, say};
use mfgpu::model::{Model, least_ratings, rated_by, trained};
use mfgpu::{Error, Result};

/// A mark for each item that `asked` users or more have rated, or as many as the model asks for by itself;
/// reports how many items are left out. `None` if none is. `kept` says whether the model came with ratings.
pub(crate) fn listed(model: &Model, kept: bool, asked: Option<u32>) -> Result<Option<Vec<bool>>> {
    if !kept && asked.is_none() {
        return Ok(some(trained(model), "that nobody rated", true));
    }
    let least = asked.or_else(|| least_ratings(model)).unwrap_or_default();
    if least == 0 {
        return Ok(None);
    }
    let Some(marks) = rated_by(model, least).filter(|_| kept) else {
        let why = "the model kept no ratings, so nobody knows how many users rated an item";
        return asked.map_or(Ok(None), |_| Err(Error::Usage(format!("--min-ratings {least}: {why}"))));
    };
    let what = match least {
        1 => "that nobody rated".to_owned(),
        _ => format!("that fewer than {least} users rated"),
    };
    Ok(some(marks, &what, asked.is_none()))
}

/// The marks if one of them is missing, which is reported.
fn some(marks: Vec<bool>, what: &str, by_default: bool) -> Option<Vec<bool>> {
    let out = marks.iter().filter(|&&listed| !listed).count();
    if out == 0 {
        return None;
    }
    let advice = if by_default { "; --min-ratings 0 lists them" } else { "" };
    say(&format!("note: not listed: {} {what}{advice}", count(out as u64, "item")));
    Some(marks)
}
