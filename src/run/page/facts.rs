//! Settings, device, sizes and times, and how to repeat the run.

use super::Sources;
use super::section::Section;
use super::text::name;
use crate::charts::Table;
use crate::human::{size, thousands, time};
use crate::run::record::{Input, Record};
use crate::train::Settings;
use maud::html;

/// The devices and times of training.
pub(super) fn settings(sources: &Sources) -> Section {
    let record = sources.record;
    let settings =
        record.map_or_else(|| sources.config.settings().resolved(), |record| record.settings.clone());
    let mut chosen = Table::new(["setting", "value"]);
    for (key, value) in of_use(&settings) {
        chosen.row([key, value]);
    }
    let lists = record.and_then(|record| record.report.lists.as_ref()).map(|lists| {
        let mut chosen = Table::new(["setting", "value"]);
        of_use(&lists.settings).into_iter().for_each(|(key, value)| chosen.row([key, value]));
        chosen
    });
    let content = html! {
        div.columns {
            div {
                h3 { "Settings" }
                @if record.is_some() { p { "With what was left open decided." } }
                (chosen)
            }
            @if let Some(lists) = &lists {
                div { h3 { "Settings of the model of lists" } (lists) }
            }
            @if let Some(record) = record {
                div { h3 { "Machine and time" } (machine(record)) }
                div { h3 { "Sizes" } (sizes(record)) }
            }
        }
    };
    Section::new("settings", "Settings, device, times", content)
}

/// The settings that are set and have an effect with the algorithm, with their values.
fn of_use(settings: &Settings) -> Vec<(String, String)> {
    // Serialized as text, where an `f32` of 0.06 stays 0.06.
    let text = serde_json::to_string(settings).unwrap_or_default();
    let fields: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&text).unwrap_or_default();
    let written = |value: &serde_json::Value| match value {
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let used =
        |(key, value): &(&String, &serde_json::Value)| !value.is_null() && settings.algorithm.uses(key);
    fields.iter().filter(used).map(|(key, value)| (key.replace('_', " "), written(value))).collect()
}

fn machine(record: &Record) -> Table {
    let report = &record.report;
    let mut table = Table::new(["", ""]);
    table.row(["device".into(), name(record.device.as_bytes())]);
    table.row(["threads".into(), record.threads.to_string()]);
    table.row(["reading".into(), time(report.read_seconds)]);
    if let Some(seconds) = report.fold_seconds {
        table.row(["folds".into(), time(seconds)]);
    }
    if let Some(lists) = &report.lists {
        table.row(["training for lists".into(), time(lists.train_seconds)]);
    }
    table.row(["training".into(), time(report.train_seconds)]);
    table.row(["testing and lists".into(), time(report.write_seconds)]);
    let whole = report.read_seconds
        + report.fold_seconds.unwrap_or(0.0)
        + report.lists.as_ref().map_or(0.0, |lists| lists.train_seconds)
        + report.train_seconds
        + report.write_seconds;
    table.row(["in all".into(), time(whole)]);
    table
}

fn sizes(record: &Record) -> Table {
    let sizes = &record.sizes;
    let mut table = Table::new(["", ""]);
    let counts = [
        ("ratings", sizes.ratings),
        ("users", sizes.users),
        ("items", sizes.items),
        ("factors", sizes.factors),
    ];
    for (what, count) in counts {
        table.row([what.into(), thousands(count)]);
    }
    if sizes.draws > 1 {
        table.row(["draws".into(), thousands(sizes.draws)]);
    }
    table.row(["the factors take".into(), size(sizes.factor_bytes)]);
    if sizes.list_factor_bytes > 0 {
        table.row(["factors for lists".into(), thousands(sizes.list_factors)]);
        table.row(["they take".into(), size(sizes.list_factor_bytes)]);
    }
    table.row(["the full matrix would take".into(), size(sizes.matrix_bytes)]);
    table.row(["rows left out as bad".into(), thousands(record.skipped_rows)]);
    table.row(["duplicates merged".into(), thousands(record.duplicates)]);
    table
}

/// How to repeat the run.
pub(super) fn reproduce(sources: &Sources) -> Section {
    let record = sources.record;
    let command =
        record.map(|record| &record.command).or(sources.status.as_ref().map(|status| &status.command));
    let version =
        record.map(|record| &record.version).or(sources.status.as_ref().map(|status| &status.version));
    let content = html! {
        p {
            "The same ratings, settings and seed give the same model, byte for byte, whatever the number of threads, on the \
            same device."
        }
        @if let Some(command) = command.filter(|command| !command.is_empty()) {
            h3 { "The command" }
            pre tabindex="0" { code { (line(command)) } }
        }
        h3 { "Or, from the run directory" }
        pre tabindex="0" { code { "mfgpu train --config config.toml --out again" } }
        dl.facts {
            @if let Some(version) = version { dt { "mfgpu" } dd { (name(version.as_bytes())) } }
            dt { "seed" } dd { (sources.config.training.seed) }
        }
        @if let Some(record) = record { h3 { "What was read" } (inputs(&record.inputs)) }
        details {
            summary { "config.toml" }
            pre tabindex="0" { code { (sources.config_text) } }
        }
    };
    Section::new("reproduce", "How to reproduce it", content)
}

fn inputs(inputs: &[Input]) -> Table {
    let mut table = Table::new(["file", "ratings", "size", "layout", "columns", "BLAKE3"]);
    for Input { path, bytes, layout, columns, rows, blake3 } in inputs {
        let unknown = || "–".to_owned();
        table.row([
            name(path.as_bytes()),
            thousands(*rows),
            bytes.map_or_else(unknown, size),
            name(layout.as_bytes()),
            name(columns.as_bytes()),
            blake3.clone().unwrap_or_else(unknown),
        ]);
    }
    table
}

/// Quotes a command line for a shell.
fn line(command: &[String]) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./:=,+@%".contains(letter);
    let quoted = |word: &String| {
        if !word.is_empty() && word.chars().all(plain) {
            word.clone()
        } else {
            format!("'{}'", word.replace('\'', "'\\''"))
        }
    };
    command.iter().map(quoted).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_where_a_shell_needs_it() {
        let command = ["mfgpu", "train", "my ratings.csv", "it's", ""].map(String::from);
        assert_eq!(line(&command), r"mfgpu train 'my ratings.csv' 'it'\''s' ''");
    }
}
