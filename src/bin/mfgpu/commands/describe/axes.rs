//! The directions in which the users of a model differ most, with the items at both ends.

use super::description::Description;
use crate::flags::titles::TitleArguments;
use crate::terminal::clean;
use clap::Args;
use mfgpu::Result;
use mfgpu::model::{AxisEnds, Model};
use serde_json::{Value, json};
use std::fmt::Write;

/// Number of axes shown.
const AXES: usize = 5;

/// Number of items shown at each end of an axis.
const ENDS: usize = 3;

/// Which axes are shown, and how.
#[derive(Debug, Args)]
pub(super) struct AxesArguments {
    /// Of a model, how many of the strongest axes of its factors [default: 5]
    #[arg(long, value_name = "N")]
    axes: Option<usize>,
    #[command(flatten)]
    pub(super) titles: TitleArguments,
}

impl AxesArguments {
    /// Describes the axes of a model.
    pub(super) fn describe(&self, about: &mut Description, model: &Model) -> Result<()> {
        let title = |item: u32| model.title(item);
        let id = |item: u32| String::from_utf8_lossy(model.items.id(item)).into_owned();
        let axes = model.axis_ends(&model.rated, self.axes.unwrap_or(AXES), ENDS);
        for (AxisEnds { strength, positive, negative }, number) in axes.iter().zip(1..) {
            let ends = positive.iter().chain(negative.iter().rev());
            let line = |text: &mut String, &(item, effect): &(u32, f32)| {
                let name = title(item).map_or_else(|| id(item), Into::into);
                let _ = writeln!(text, "  {effect:+.2}  {}", clean(&name));
            };
            let _ = writeln!(about.below, "\naxis {number}, {strength:.2} in the root mean square");
            ends.for_each(|one| line(&mut about.below, one));
        }
        let end = |&(item, effect): &(u32, f32)| {
            let mut one = json!({ "item": id(item), "effect": effect });
            title(item).into_iter().for_each(|title| one["title"] = title.into());
            one
        };
        let ends = |items: &[(u32, f32)]| items.iter().map(end).collect::<Vec<Value>>();
        let axis = |axis: &AxisEnds| json!({ "strength": axis.strength, "positive": ends(&axis.positive), "negative": ends(&axis.negative) });
        about.part("axes", axes.iter().map(axis).collect::<Vec<Value>>())
    }
}
