//! Parsers of flags whose values have names.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

/// A parser for a list of values with names.
pub(crate) fn named<T>(all: &'static [T], name: fn(T) -> &'static str) -> impl TypedValueParser<Value = T>
where
    T: Copy + Send + Sync + 'static,
{
    parser(all, name, all.iter().map(|&value| PossibleValue::new(name(value))).collect())
}

/// The same, where `--help` has a line about each value.
pub(crate) fn explained<T>(
    all: &'static [T],
    name: fn(T) -> &'static str,
    help: fn(T) -> &'static str,
) -> impl TypedValueParser<Value = T>
where
    T: Copy + Send + Sync + 'static,
{
    parser(all, name, all.iter().map(|&value| PossibleValue::new(name(value)).help(help(value))).collect())
}

/// A parser for a switch that can be written both ways.
pub(crate) fn switch() -> impl TypedValueParser<Value = bool> {
    explained(&[true, false], on_off, |on| if on { "Yes" } else { "No" })
}

/// How a switch is written.
pub(crate) fn on_off(on: bool) -> &'static str {
    if on { "on" } else { "off" }
}

fn parser<T>(
    all: &'static [T],
    name: fn(T) -> &'static str,
    shown: Vec<PossibleValue>,
) -> impl TypedValueParser<Value = T>
where
    T: Copy + Send + Sync + 'static,
{
    PossibleValuesParser::new(shown)
        .try_map(move |text| all.iter().copied().find(|&value| name(value) == text).ok_or("no such value"))
}
