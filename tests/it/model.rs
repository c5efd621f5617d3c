//! The model file: a model is read back bit for bit; damaged files are refused, and never cause a panic.

use mfgpu::math::Matrix;
use mfgpu::model::{Factors, Model, Rated};
use mfgpu::ratings::{IdMap, Ratings};
use mfgpu::{Error, Result};
use proptest::prelude::*;
use std::fs;
use std::path::{Path, PathBuf};

/// A model whose numbers depend on `seed`: all different, with negative zero and the smallest float among
/// them.
fn model(users: usize, items: usize, factors: usize, draws: usize, seed: u32) -> Model {
    let mut state = seed;
    let mut number = move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        match state >> 28 {
            0 => -0.0,
            1 => f32::from_bits(1),
            _ => (state >> 8) as f32 / 16_777_216.0 - 0.5,
        }
    };
    let ids = |count: usize, tag: u8| {
        let mut map = IdMap::new();
        for n in 0..count {
            // Ids are bytes, not text: an empty one, commas, and invalid UTF-8.
            map.number(&[tag, b',', 255, b'"'].repeat(n)[..n]);
        }
        map
    };
    let (user_ids, item_ids) = (ids(users, b'u'), ids(items, b'i'));
    let mut ratings = Ratings::default();
    for user in 0..users as u32 {
        for item in (0..items as u32).rev().filter(|item| (item + user + seed).is_multiple_of(3)) {
            ratings.push(user, item, 1.0 + ((user * 7 + item) % 9) as f32 / 2.0);
        }
    }
    let mut list = |length: usize| (0..length).map(|_| number()).collect::<Vec<f32>>();
    let draw = |_| Factors {
        users: Matrix::from_vec(users, factors, list(users * factors)),
        items: Matrix::from_vec(items, factors, list(items * factors)),
        user_bias: list(users),
        item_bias: list(items),
        mean: 3.1 + seed as f32 / 1e10,
        scale: 0.9,
        ..Factors::default()
    };
    let title = |item: usize| (!item.is_multiple_of(3)).then(|| format!("Title {item}, \u{e9}"));
    let titles = if seed.is_multiple_of(2) { Vec::new() } else { (0..items).map(title).collect() };
    Model {
        draws: (0..draws).map(draw).collect(),
        rated: Rated::from_ratings(&ratings, users, items),
        users: user_ids,
        items: item_ids,
        range: (0.5, 5.0),
        titles,
        about: serde_json::json!({ "algorithm": "sgd", "z": 1, "a": ["\u{e9}", null] }).into(),
    }
}

/// Equality of bits; `==` on floats is different.
fn same(left: &Model, right: &Model) -> bool {
    let bits = |numbers: &[f32]| numbers.iter().map(|number| number.to_bits()).collect::<Vec<u32>>();
    let draw = |draw: &Factors| {
        let lists = [draw.users.as_slice(), draw.items.as_slice(), &draw.user_bias, &draw.item_bias];
        let scalars = bits(&[draw.mean, draw.scale, draw.users.columns() as f32]);
        (lists.map(bits), scalars)
    };
    left.draws.iter().map(draw).eq(right.draws.iter().map(draw))
        && left.users.parts() == right.users.parts()
        && left.items.parts() == right.items.parts()
        && left.rated == right.rated
        && left.range == right.range
        && left.titles == right.titles
        && left.about == right.about
}

fn file(directory: &Path) -> PathBuf {
    directory.join("model.safetensors")
}

/// Loads a model from bytes.
fn load(directory: &Path, bytes: &[u8]) -> Result<Model> {
    fs::write(file(directory), bytes).unwrap();
    Model::load(directory)
}

/// The bytes of a model's file.
fn saved(model: &Model) -> Vec<u8> {
    let directory = tempfile::tempdir().unwrap();
    model.save(file(directory.path())).unwrap();
    fs::read(file(directory.path())).unwrap()
}

/// The file with its checksum renamed, so that the other checks are reached.
fn unchecked(mut bytes: Vec<u8>) -> Vec<u8> {
    let at = position(&bytes, b"\"checksum\"");
    bytes[at + 1] = b'C';
    bytes
}

fn position(bytes: &[u8], part: &[u8]) -> usize {
    bytes.windows(part.len()).position(|window| window == part).unwrap()
}

fn why(result: Result<Model>) -> String {
    match result {
        Err(error @ Error::Damaged { .. }) => error.to_string(),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it was accepted"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn round_trip(
        users in 0_usize..9, items in 0_usize..9, factors in 0_usize..6, draws in 1_usize..4, seed: u32,
        kept: bool,
    ) {
        let mut model = model(users, items, factors, draws, seed % 1000);
        if !kept {
            model.rated = Rated::default();
        }
        let directory = tempfile::tempdir().unwrap();
        let bytes = saved(&model);
        prop_assert_eq!(&bytes, &saved(&model), "the same model gives the same bytes");
        let loaded = load(directory.path(), &bytes).unwrap();
        prop_assert!(same(&model, &loaded));
        prop_assert_eq!(loaded.rated.is_kept(), kept);
        // Apart from its own checks, a written file is sound.
        prop_assert!(same(&model, &load(directory.path(), &unchecked(bytes)).unwrap()));
    }
}

#[test]
fn a_flip_and_a_cut_at_any_byte_is_found() {
    let model = model(3, 4, 2, 1, 1);
    let bytes = saved(&model);
    let directory = tempfile::tempdir().unwrap();
    let mut accepted = 0;
    for at in 0..bytes.len() {
        for change in [1 << (at % 8), 255] {
            let mut flipped = bytes.clone();
            flipped[at] ^= change;
            match load(directory.path(), &flipped) {
                Ok(loaded) => {
                    assert!(same(&model, &loaded), "byte {at}, {change}");
                    accepted += 1;
                }
                Err(Error::Damaged { .. }) => {}
                Err(other) => panic!("{other}"),
            }
        }
        why(load(directory.path(), &bytes[..at]));
    }
    // Only the name of the checksum may be changed, because a file without a checksum is read without that
    // check.
    assert!(accepted <= 2 * "checksum".len(), "{accepted} flips were not found");
    why(load(directory.path(), &[&bytes[..], b" "].concat()));
}

#[test]
fn without_a_checksum_damage_may_pass_but_never_panics() {
    let bytes = unchecked(saved(&model(3, 4, 2, 2, 1)));
    let directory = tempfile::tempdir().unwrap();
    for at in 0..bytes.len() {
        for change in [1, 16, 128] {
            let mut flipped = bytes.clone();
            flipped[at] ^= change;
            if let Err(error) = load(directory.path(), &flipped) {
                assert!(matches!(error, Error::Damaged { .. }), "{error}");
            }
        }
    }
}

#[test]
fn numbers_that_are_none_are_refused() {
    let mut model = model(3, 4, 2, 1, 1);
    let good = model.draws[0].item_bias[2].to_le_bytes();
    let bytes = unchecked(saved(&model));
    let directory = tempfile::tempdir().unwrap();
    let at = bytes.windows(4).rposition(|window| window == good).unwrap();
    for bad in [f32::NAN, f32::INFINITY] {
        let mut changed = bytes.clone();
        changed[at..at + 4].copy_from_slice(&bad.to_le_bytes());
        let text = why(load(directory.path(), &changed));
        assert!(text.contains("item_bias of draw 0: found") && text.contains("at 2"), "{text}");
    }
    model.draws[0].users.row_mut(1)[0] = f32::NAN;
    let refused = model.save(directory.path().join("never"));
    assert!(matches!(refused, Err(Error::Bug(text)) if text.contains("user_factors")));
    assert!(!directory.path().join("never").exists());
}

/// The scale is the number before that of the mean, which is the only one of its value.
#[test]
fn finite_numbers_whose_scores_are_none_are_refused() {
    let mut model = model(3, 4, 2, 1, 5);
    model.draws[0].scale = 0.123_456;
    let bytes = unchecked(saved(&model));
    let at = position(&bytes, &0.123_456_f32.to_le_bytes());
    let directory = tempfile::tempdir().unwrap();
    let with = |scale: f32| {
        let mut bytes = bytes.clone();
        bytes[at..at + 4].copy_from_slice(&scale.to_le_bytes());
        load(directory.path(), &bytes)
    };
    assert!(with(1e30).is_ok());
    let error = with(3e38).unwrap_err();
    assert_eq!(error.exit_code(), 7);
    assert!(error.to_string().contains("scores may reach"), "{error}");
    // A model of this program never has such numbers: saving refuses them, too.
    model.draws[0].items.as_mut_slice().fill(3e38);
    assert!(model.save(file(directory.path())).is_err());
}

#[test]
fn the_reasons_say_what_was_found() {
    let bytes = unchecked(saved(&model(3, 4, 2, 1, 1)));
    let directory = tempfile::tempdir().unwrap();
    let replaced = |from: &str, to: &str| {
        assert_eq!(from.len(), to.len());
        let mut bytes = bytes.clone();
        let at = position(&bytes, from.as_bytes());
        bytes[at..at + to.len()].copy_from_slice(to.as_bytes());
        why(load(directory.path(), &bytes))
    };
    for (from, to, expected) in [
        (r#""format_version":"1""#, r#""format_version":"2""#, r#"format_version: found "2", expected "1""#),
        (r#""format":"mfgpu""#, r#""format":"other""#, r#"format: found "other", expected "mfgpu""#),
        ("\"item_bias\"", "\"item_pies\"", "found no tensor item_bias"),
        ("\"shape\":[3,2]", "\"shape\":[2,3]", "user_factors: found shape [2, 3], expected [3, 3]"),
    ] {
        let text = replaced(from, to);
        assert!(text.contains(expected), "{text}");
    }
    let text = why(load(directory.path(), b"user,item,rating\n1,2,3\n"));
    assert!(text.contains("not a whole safetensors file"), "{text}");
    let missing = Model::load(directory.path().join("missing"));
    assert!(matches!(missing, Err(Error::Read { .. })));
}

#[test]
fn ratings_are_kept_sorted_and_the_last_of_two_counts() {
    let mut ratings = Ratings::default();
    for (user, item, value) in [(2, 1, 4.0), (0, 3, 1.0), (0, 1, 2.0), (2, 1, 5.0), (0, 0, 3.0)] {
        ratings.push(user, item, value);
    }
    let rated = Rated::from_ratings(&ratings, 4, 4);
    assert_eq!(rated.of(0).collect::<Vec<_>>(), [(0, 3.0), (1, 2.0), (3, 1.0)]);
    assert!(rated.items(1).is_empty());
    assert_eq!(rated.of(2).collect::<Vec<_>>(), [(1, 5.0)]);
    assert_eq!((rated.get(2, 1), rated.get(2, 0), rated.get(9, 0)), (Some(5.0), None, None));
    assert_eq!((rated.users(), rated.len(), rated.is_kept()), (4, 4, true));
    assert!(!Rated::default().is_kept() && Rated::default().items(0).is_empty());
}

#[test]
fn more_than_256_values_are_kept_too() {
    let mut ratings = Ratings::default();
    for n in 0..300 {
        ratings.push(n % 3, n / 3, n as f32 / 7.0);
    }
    for (count, tensor) in [(256, "rated_codes"), (300, "rated_values")] {
        let mut model = model(3, 100, 1, 1, 0);
        let part = Ratings {
            users: ratings.users[..count].to_vec(),
            items: ratings.items[..count].to_vec(),
            values: ratings.values[..count].to_vec(),
        };
        model.rated = Rated::from_ratings(&part, 3, 100);
        let bytes = saved(&model);
        position(&bytes, tensor.as_bytes());
        let directory = tempfile::tempdir().unwrap();
        let loaded = load(directory.path(), &bytes).unwrap();
        assert!(part.iter().all(|(user, item, value)| loaded.rated.get(user, item) == Some(value)));
    }
}
