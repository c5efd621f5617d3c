//! Folds in new users and items from their ratings.

use crate::flags::new::NewArguments;
use crate::show::talk::{count, say};
use crate::signals;
use mfgpu::Result;
use mfgpu::input::{ReadOptions, read_ratings};
use mfgpu::model::Model;
use mfgpu::ratings::Dataset;
use mfgpu::train::engine::Device;
use mfgpu::train::{Added, State, add_new};

/// The new rows of `--new`.
pub(crate) struct New {
    /// The ratings of the file.
    pub(crate) data: Dataset,
    /// The ratings of the file that were folded in.
    pub(crate) added: Added,
    /// The device that folded them in.
    pub(crate) device: Device,
}

impl New {
    /// Folds the same rows into another model of the same ids.
    pub(crate) fn fold_into(&mut self, model: &mut Model, seed: u64) -> Result<()> {
        let device = &mut self.device;
        let mut open = |problem, state: &State| device.engine(problem, state);
        add_new(model, &self.data, &mut open, seed).map(|_| ())
    }
}

/// Folds the new rows into the model, if a file of them is named, and reports the result.
pub(crate) fn fold_in(asked: &NewArguments, model: &mut Model, options: &ReadOptions) -> Result<Option<New>> {
    let Some(path) = &asked.new else { return Ok(None) };
    let mut device = Device::open(&asked.device(), None)?;
    say(&format!("device: {}", device.description()));
    let (data, _) = read_ratings(&[path.to_path_buf()], options, &mut signals::check)?;
    let (low, high) = model.range;
    let outside = data.ratings.values.iter().filter(|&&value| value < low || value > high).count();
    if outside > 0 {
        let ratings = count(outside as u64, "rating");
        say(&format!("note: {ratings} outside the range of the model's own, {low} to {high}"));
    }
    let mut open = |problem, state: &State| device.engine(problem, state);
    let added = add_new(model, &data, &mut open, asked.seed())?;
    say(&format!("new: {} and {}", count(added.users as u64, "user"), count(added.items as u64, "item")));
    if added.unknown > 0 {
        let ratings = count(added.unknown as u64, "rating");
        say(&format!(
            "note: not used: {ratings} of users who rated nothing known, of items nobody known rated"
        ));
    }
    Ok(Some(New { data, added, device }))
}
