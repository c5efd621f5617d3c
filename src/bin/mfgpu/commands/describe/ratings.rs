//! Describes files of ratings.

use super::description::Description;
use crate::flags::names::with_flags;
use crate::show::human::thousands;
use crate::show::talk::count;
use crate::signals;
use mfgpu::Result;
use mfgpu::input::{ReadOptions, ReadReport, read_ratings};
use mfgpu::ratings::{Profile, Quantiles, Scale};
use mfgpu::run::Plan;
use mfgpu::train::Settings;
use std::path::PathBuf;

/// Number of rating levels listed, with their counts.
const LISTED: usize = 12;

/// Describes files of ratings.
pub(super) fn describe(files: &[PathBuf], options: &ReadOptions) -> Result<Description> {
    let (data, report) = read_ratings(files, options, &mut signals::check)?;
    let profile = Profile::of(&data.ratings, (data.users.len(), data.items.len()));
    let mut about = Description::of("ratings");
    read(&mut about, &report);
    about.counts(Some(profile.ratings), (profile.users, profile.items));
    let Scale { mean, deviation, low, high, .. } = profile.scale;
    about.line("scale", format!("{low} to {high}, mean {mean:.3}, deviation {deviation:.3}"));
    about.line("levels", levels(&profile));
    about.line("ratings a user", quantiles(&profile.activity));
    about.line("ratings an item", quantiles(&profile.popularity));
    about.part("read", &report)?;
    about.part("ratings", &profile)?;
    let shape = (data.users.len(), data.items.len());
    about.sizes(&Plan::new(data.ratings.len(), shape, Settings::default().factors()))?;
    Ok(about)
}

fn read(about: &mut Description, report: &ReadReport) {
    let first = report.files.first().map_or("", |file| &file.layout);
    match report.files.len() {
        1 => about.line("layout", first),
        many => {
            let alike = report.files.iter().all(|file| file.layout == first);
            let layout = if alike { first } else { "several layouts" };
            about.line("files", format!("{}, {layout}", thousands(many as u64)));
        }
    }
    let columns = report.files.first().map_or("", |file| &file.columns);
    if !columns.is_empty() && report.files.iter().all(|file| file.columns == columns) {
        about.line("columns", columns);
    }
    about.line("feedback", report.feedback.words());
    for doubt in &report.doubts {
        about.line("warning", with_flags(doubt));
    }
    if report.missing > 0 {
        about.line(
            "missing",
            format!("{} left out, which stand for no rating", count(report.missing, "value")),
        );
    }
    if report.skipped > 0 {
        let first = with_flags(report.first_skipped.as_deref().unwrap_or_default());
        about.line("bad rows", format!("{}, the first: {first}", thousands(report.skipped)));
    }
    if report.duplicates > 0 {
        let (merged, how) = (count(report.duplicates, "rating"), with_flags(&report.merged));
        about.line("duplicates", format!("{merged} merged; {how}"));
    }
}

fn levels(profile: &Profile) -> String {
    let Some(levels) = &profile.levels else { return "more than 100".into() };
    let mut text = levels.len().to_string();
    if levels.len() <= LISTED {
        let part = |ratings: u64| 100.0 * ratings as f64 / profile.ratings.max(1) as f64;
        let level = |level: &mfgpu::ratings::Level| format!("{} ({:.1} %)", level.value, part(level.ratings));
        text = format!("{text}: {}", levels.iter().map(level).collect::<Vec<_>>().join(", "));
    }
    text
}

fn quantiles(of: &Quantiles) -> String {
    let Quantiles { least, p10, p25, p50, p75, p90, p99, most, mean } = *of;
    let parts = [
        ("least", least),
        ("10%", p10),
        ("25%", p25),
        ("50%", p50),
        ("75%", p75),
        ("90%", p90),
        ("99%", p99),
    ];
    let parts = parts.map(|(name, value)| format!("{name} {}", thousands(value)));
    format!("{}, most {}, mean {mean:.1}", parts.join(", "), thousands(most))
}
