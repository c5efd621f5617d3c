//! Parsers of flags whose values have names.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

/// A parser for a list of values with names.
pub(crate) fn named<T>(all: &'static [T], name: fn(T) -> &'static str) -> impl TypedValueParser<Value = T>
where
    T: Copy + Send + Sync + 'static,
{
    let names: Vec<PossibleValue> = all.iter().map(|&value| PossibleValue::new(name(value))).collect();
    PossibleValuesParser::new(names)
        .try_map(move |text| all.iter().copied().find(|&value| name(value) == text).ok_or("no such value"))
}
