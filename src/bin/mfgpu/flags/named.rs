//! Parsers of flags with named values.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

/// A parser for a list of named values.
pub(crate) fn named<T>(all: &'static [T], name: fn(T) -> &'static str) -> impl TypedValueParser<Value = T>
where
    T: Copy + Send + Sync + 'static,
{
    parser(all, name, all.iter().map(|&value| PossibleValue::new(name(value))).collect())
}

/// The same, with a line in `--help` about each value.
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

/// A parser for a switch, in both notations.
pub(crate) fn switch() -> impl TypedValueParser<Value = bool> {
    explained(&[true, false], on_off, |on| if on { "Yes" } else { "No" })
}

/// The notation of a switch.
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
