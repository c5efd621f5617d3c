//! The files of a finished run.

use super::RunDirectory;
use super::config::Config;
use super::device::gpu_for_lists;
use super::names;
use super::report::Report;
use crate::files::Sink;
use crate::gpu::{AdapterKind, Gpu};
use crate::model::{Model, Rated};
use crate::output::{Column, CsvTable, Extra, Field, Table, User, top_n};
use crate::ratings::Dataset;
use crate::score::{TopItems, TopOptions, multiplications};
use crate::train::{Outcome, Settings};
use crate::{Error, Result};
use serde_json::json;
use std::path::Path;

/// The model of an outcome. Its bytes depend on the ratings and settings alone: no times, no paths, no threads.
pub(super) fn model(outcome: &mut Outcome, data: Dataset, report: &Report) -> Model {
    let Dataset { ratings, users, items, .. } = data;
    let rated = Rated::from_ratings(&ratings, users.len(), items.len());
    let draws = std::mem::take(&mut outcome.draws);
    let about = about(&outcome.settings, report, ratings.len());
    let range = (outcome.scale.low, outcome.scale.high);
    Model { draws, users, items, rated, range, about }
}

fn about(settings: &Settings, report: &Report, ratings: usize) -> serde_json::Value {
    // By way of text, where 0.06 stays 0.06: a JSON value would take it for the nearest f64 of the f32.
    let text = serde_json::to_string(settings).unwrap_or_default();
    let settings: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "settings": settings,
        "metrics": {
            "ratings": ratings,
            "mean": report.mean,
            "deviation": report.deviation,
            "best_epoch": report.best_epoch,
            "held_out_rmse": report.held_out_rmse,
            "refit_epochs": report.refit_epochs,
        },
    })
}

/// The best items of every user. `names` has one entry an item. A real GPU makes them, if the settings allow for one; where it has no room
/// or fails, and where there is none but software, the CPU does.
pub(super) fn top(
    model: &Model,
    config: &Config,
    item_names: Option<&[Option<String>]>,
    directory: &RunDirectory,
) -> Result<()> {
    let options = TopOptions { count: config.top, exclude: Some(&model.rated), ..TopOptions::default() };
    let path = directory.file(names::TOP);
    if let Some(gpu) = faster(model, config) {
        match TopItems::on(&gpu, model, &options).and_then(|top| lists(&top, item_names, &path)) {
            Err(Error::Device(_) | Error::TooLarge(_)) => {}
            done => return done,
        }
    }
    lists(&TopItems::new(model, &options), item_names, &path)
}

/// A GPU that is faster than the CPU.
fn faster(model: &Model, config: &Config) -> Option<Gpu> {
    let gpu = gpu_for_lists(&config.device, multiplications(model, model.users.len())).ok().flatten();
    gpu.filter(|gpu| gpu.description().kind != AdapterKind::Software)
}

fn lists(top: &TopItems, item_names: Option<&[Option<String>]>, path: &Path) -> Result<()> {
    let mut table = Box::new(CsvTable::new(Sink::open(path)?));
    let users = User::all(top.model());
    let title = |item: u32| {
        item_names.and_then(|titles| titles[item as usize].as_deref()).unwrap_or_default().as_bytes()
    };
    let extra = Extra { titles: item_names.is_some().then_some(&title as _), ..Extra::default() };
    top_n(top, &users, extra, &mut *table, &mut |_| {})?;
    table.finish()
}

/// The ratings that were set aside, so that other models can be measured by the same ones.
pub(super) fn test(test: &Dataset, directory: &RunDirectory) -> Result<()> {
    let mut table = Box::new(CsvTable::new(Sink::open(directory.file(names::TEST))?));
    table.header(&[Column::bytes("user"), Column::bytes("item"), Column::number("rating")])?;
    for (user, item, value) in test.ratings.iter() {
        table.row(&[
            Field::Bytes(test.users.id(user)),
            Field::Bytes(test.items.id(item)),
            Field::Number(value),
        ])?;
    }
    table.finish()
}
