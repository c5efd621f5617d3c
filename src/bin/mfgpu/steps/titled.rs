//! The item that a title stands for.

use mfgpu::model::Model;
use mfgpu::{Error, Result};

/// How many of several items an error names.
const NAMED: usize = 8;

/// The row of the one item with this title: the title as it is, else but for capital letters, else a part of
/// it.
///
/// # Errors
/// [`Error::Usage`] if there is no such item, or several, which are named then with their ids.
pub(crate) fn titled(model: &Model, text: &str) -> Result<u32> {
    if model.titles.is_empty() {
        let why = "the model has no titles; name a file of them with --item-names, or items by their ids";
        return Err(Error::Usage(format!("--title {text}: {why}")));
    }
    let Some(found) = model.titled(text) else {
        let advice = "`mfgpu find` searches for words of it";
        return Err(Error::Usage(format!("--title {text}: no item has such a title; {advice}")));
    };
    match found.items[..] {
        [one] => Ok(one),
        _ => Err(several(model, text, &found.items)),
    }
}

fn several(model: &Model, text: &str, items: &[u32]) -> Error {
    let name = |&item: &u32| {
        let id = String::from_utf8_lossy(model.items.id(item));
        format!("{id} ({})", model.title(item).unwrap_or_default())
    };
    let named: Vec<String> = items.iter().take(NAMED).map(name).collect();
    let more = match items.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(", and {more} more"),
    };
    Error::Usage(format!(
        "--title {text}: {} items have such a title: {}{more}; name one by its id, or say more of its title",
        items.len(),
        named.join(", ")
    ))
}
