//! Fold-in: rows that a model never saw are as good as if they had been trained with it. Tested on a planted
//! matrix, and on real ratings where `MFGPU_DATA` names them.

use crate::learning::cpu;
use crate::planted::Planted;
use crate::support::case::{Case, Failed};
use crate::support::trained::{model_of, train_on};
use mfgpu::eval::accuracy;
use mfgpu::input::{ReadOptions, read_ratings};
use mfgpu::model::{Model, Rated};
use mfgpu::ratings::{Dataset, Side};
use mfgpu::train::{Added, Algorithm, Choice, Settings, Start, add_new, fold_in};
use mfgpu::{Error, Result};
use std::path::Path;

type Check = std::result::Result<(), Failed>;

fn push(to: &mut Dataset, user: &[u8], item: &[u8], value: f32) {
    let (user, item) = (to.users.number(user), to.items.number(item));
    to.ratings.push(user, item, value);
}

/// A third of the cells of a matrix of rank 2, with noise of .3.
fn planted(users: usize, items: usize) -> Dataset {
    let is_rated = |user, item| (user * 7 + item * 13 + user / 5) % 3 == 0;
    let (ratings, _) = Planted { noise: 0.3, is_rated, ..Planted::new(users, items) }.grow();
    let mut all = Dataset::default();
    for (user, item, value) in ratings.iter() {
        push(&mut all, format!("u{user}").as_bytes(), format!("i{item}").as_bytes(), value);
    }
    all
}

/// Ratings, with some rows of a side set apart.
#[derive(Default)]
struct Parts {
    /// All ratings for training.
    full: Dataset,
    /// The same, without the rows set apart.
    rest: Dataset,
    /// The same, only the rows set apart.
    new: Dataset,
    /// Test ratings: a fifth of the ratings of each row set apart, which are in none of the others.
    test: Dataset,
}

/// Sets one row of `side` in `every` apart.
fn parts(all: &Dataset, side: Side, every: u32) -> Parts {
    let mut parts = Parts::default();
    let mut seen = vec![0; all.users.len().max(all.items.len())];
    for (user, item, value) in all.ratings.iter() {
        let row = if side == Side::User { user } else { item };
        let apart = row % every == every / 2;
        seen[row as usize] += 1;
        let (user, item) = (all.users.id(user), all.items.id(item));
        if apart && seen[row as usize] % 5 == 0 {
            push(&mut parts.test, user, item, value);
            continue;
        }
        push(&mut parts.full, user, item, value);
        push(if apart { &mut parts.new } else { &mut parts.rest }, user, item, value);
    }
    // Rows of the other side with ratings from the rows set apart only cannot be known.
    let known = |of: &Dataset| {
        let mut known = Dataset::default();
        for (user, item, value) in of.ratings.iter() {
            let (user, item) = (of.users.id(user), of.items.id(item));
            let other =
                if side == Side::User { parts.rest.items.get(item) } else { parts.rest.users.get(user) };
            if other.is_some() {
                push(&mut known, user, item, value);
            }
        }
        known
    };
    let (new, test) = (known(&parts.new), known(&parts.test));
    Parts { new, test, ..parts }
}

fn learn(data: &Dataset, settings: &Settings) -> Result<Model> {
    Ok(model_of(&train_on(data, settings)?, data))
}

/// The model extended with the rows of a side in `new`.
fn with(mut model: Model, new: &Dataset, side: Side) -> Result<Model> {
    let folded = fold_in(&model, new, side, &mut cpu, 1)?;
    assert_eq!((folded.known, folded.unknown), (0, 0));
    model.add(folded.rows);
    Ok(model)
}

fn rmse(model: &Model, test: &Dataset) -> f64 {
    let found = accuracy(model, test, 0.0);
    assert_eq!((found.unknown_users, found.unknown_items), (0, 0), "all of them are folded in");
    found.rmse
}

/// Few epochs of few factors, without a race.
fn settings(algorithm: Algorithm) -> Settings {
    Settings {
        algorithm,
        factors: Some(4),
        epochs: Some(if algorithm == Algorithm::Bayes { 24 } else { 12 }),
        keep_draws: 12,
        regularization: Choice::Fixed(if algorithm == Algorithm::Sgd { 0.03 } else { 0.5 }),
        valid: Some(0.0),
        ..Settings::default()
    }
}

/// Checks the RMSE on the test ratings of the rows set apart: fold-in is at most `bound` worse than training
/// with them.
fn compare(what: &str, parts: &Parts, side: Side, settings: &Settings, bound: f64) -> Check {
    let trained = rmse(&learn(&parts.full, settings)?, &parts.test);
    let folded = rmse(&with(learn(&parts.rest, settings)?, &parts.new, side)?, &parts.test);
    println!("{what}, {side:?}: trained with them {trained:.4}, folded in {folded:.4}");
    if folded - trained <= bound { Ok(()) } else { Err(format!("{what}: {folded} {trained}").into()) }
}

fn as_good_as_trained(algorithm: Algorithm, views: f32, bound: f64) -> Check {
    let all = planted(1000, 150);
    let settings = Settings { views: Choice::Fixed(views), ..settings(algorithm) };
    for (side, every) in [(Side::User, 10), (Side::Item, 15)] {
        compare("planted", &parts(&all, side, every), side, &settings, bound)?;
    }
    Ok(())
}

fn nothing_new_changes_nothing() -> Check {
    let parts = parts(&planted(100, 60), Side::User, 10);
    let model = learn(&parts.rest, &settings(Algorithm::Als))?;
    let mut open = |_, _: &_| -> Result<_> { Err(Error::Bug("nothing is to be computed".into())) };
    let folded = fold_in(&model, &parts.rest, Side::User, &mut open, 1)?;
    assert_eq!((folded.rows.ids.len(), folded.known), (0, parts.rest.ratings.len()));
    let mut same = model.clone();
    same.add(folded.rows);
    assert_eq!((same.draws, same.rated), (model.draws.clone(), model.rated.clone()));

    let mut old = model;
    old.draws[0].fold_in = None;
    let refused = fold_in(&old, &parts.new, Side::User, &mut open, 1);
    assert!(matches!(refused, Err(Error::Usage(why)) if why.contains("train it again")));
    Ok(())
}

/// Two thousand new users in one batch, twenty of each kind, alone or together, on any number of threads.
fn thousands_at_once() -> Check {
    let parts = parts(&planted(1000, 150), Side::User, 10);
    let settings = Settings { views: Choice::Fixed(0.1), ..settings(Algorithm::Als) };
    let model = learn(&parts.rest, &settings)?;
    let mut many = Dataset::default();
    for copy in 0..20 {
        for (user, item, value) in parts.new.ratings.iter() {
            let id = [parts.new.users.id(user), format!(" {copy}").as_bytes()].concat();
            push(&mut many, &id, parts.new.items.id(item), value);
        }
    }
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        pool.install(|| with(model.clone(), &many, Side::User))
    };
    let (one, three) = (on(1)?, on(3)?);
    assert_eq!(one.draws, three.draws, "the threads show");
    assert_eq!(
        (one.users.len(), one.rated.len()),
        (900 + 2000, parts.rest.ratings.len() + many.ratings.len())
    );
    let alone = with(model.clone(), &parts.new, Side::User)?;
    let (few, all) = (&alone.draws[0].users, &one.draws[0].users);
    for row in 0..2000 {
        let (one, other) = (all.row(900 + row), few.row(900 + row % 100));
        assert!(one.iter().zip(other).all(|(a, b)| (a - b).abs() < 1e-3), "{row}: {one:?} {other:?}");
    }
    Ok(())
}

/// Ratings whose user and item are both unknown are left out, and counted.
fn what_is_not_used_is_counted() -> Check {
    let parts = parts(&planted(100, 60), Side::User, 10);
    let model = learn(&parts.rest, &settings(Algorithm::Bayes))?;
    let mut new = Dataset::default();
    push(&mut new, b"u0", b"i0", 3.0);
    push(&mut new, b"stranger", b"unheard of", 3.0);
    push(&mut new, b"stranger", b"i3", 9.0);
    push(&mut new, b"u0", b"unheard of", 1.0);
    for (side, id, known) in [(Side::User, &b"stranger"[..], 2), (Side::Item, b"unheard of", 2)] {
        let folded = fold_in(&model, &new, side, &mut cpu, 1)?;
        assert!(folded.rows.ids.iter().eq([id]));
        assert_eq!((folded.known, folded.unknown, folded.rows.ratings.len()), (known, 1, 1));
        assert_eq!(folded.rows.draws.len(), 12);
        assert!(
            folded.rows.draws.windows(2).all(|pair| pair[0] != pair[1]),
            "each draw has a row of its own"
        );
        assert!(folded.rows.draws.iter().all(|draw| draw.weight.len() == 1 && draw.weight[0] > 0.0));
    }
    Ok(())
}

/// Users are folded in first, then items; the new users count for the items.
fn both_sides_at_once() -> Check {
    let parts = parts(&planted(100, 60), Side::User, 10);
    let mut model = learn(&parts.rest, &settings(Algorithm::Als))?;
    let mut new = Dataset::default();
    push(&mut new, b"u0", b"i0", 3.0);
    push(&mut new, b"stranger", b"unheard of", 3.5);
    push(&mut new, b"stranger", b"i3", 4.0);
    push(&mut new, b"u0", b"unheard of", 1.0);
    push(&mut new, b"nobody", b"nothing", 1.0);
    let added = add_new(&mut model, &new, &mut cpu, 1)?;
    assert_eq!(added, Added { users: 1, items: 1, known: 1, unknown: 1 });
    let (user, item) = (model.users.get(b"stranger"), model.items.get(b"unheard of"));
    let (user, item) = (user.expect("a user"), item.expect("an item"));
    assert_eq!((user as usize + 1, item as usize + 1), (model.users.len(), model.items.len()));
    assert_eq!(model.rated.get(user, item), Some(3.5));
    assert_eq!(model.rated.items(user).len(), 2);
    assert_eq!(add_new(&mut model, &new, &mut cpu, 1)?, Added { users: 0, items: 0, known: 4, unknown: 1 });
    Ok(())
}

/// Implicit features are not used then, not even with the ratings of new users that the model has by now.
fn a_model_without_ratings_folds_in_without_views() -> Check {
    let settings = Settings { views: Choice::Fixed(5.0), ..settings(Algorithm::Als) };
    let with_implicit = learn(&planted(100, 60), &settings)?;
    let mut model = Model { rated: Rated::default(), ..with_implicit.clone() };
    let mut new = Dataset::default();
    for (user, item, value) in [(&b"u1"[..], &b"new"[..], 5.0), (b"u2", b"new", 1.0), (b"n", b"i2", 3.0)] {
        push(&mut new, user, item, value);
    }
    let alone = fold_in(&model, &new, Side::Item, &mut cpu, 1)?.rows;
    assert_ne!(
        fold_in(&with_implicit, &new, Side::Item, &mut cpu, 1)?.rows.draws,
        alone.draws,
        "views matter"
    );
    assert_eq!(add_new(&mut model, &new, &mut cpu, 1)?, Added { users: 1, items: 1, known: 0, unknown: 0 });
    let item = model.items.get(b"new").expect("an item") as usize;
    assert_eq!(model.draws[0].items.row(item), alone.draws[0].factors.row(0));
    assert_eq!(model.rated.len(), 3);
    Ok(())
}

/// A tenth of the users of `MovieLens` 1M is set apart, then a tenth of the items.
fn ml_1m(folder: &Path, algorithm: Algorithm) -> Check {
    let all =
        read_ratings(&[folder.join("ml-1m/train.csv.gz")], &ReadOptions::default(), &mut |_, _| Ok(()))?.0;
    let settings = match algorithm {
        Algorithm::Als => Settings {
            algorithm,
            factors: Some(32),
            epochs: Some(15),
            regularization: Choice::Fixed(1.0),
            views: Choice::Fixed(0.0),
            valid: Some(0.0),
            ..Settings::default()
        },
        Algorithm::Sgd => Settings {
            epochs: Some(16),
            regularization: Choice::Fixed(0.05),
            start: Some(Start::Offset),
            valid: Some(0.0),
            ..Settings::default()
        },
        Algorithm::Bayes => Settings { algorithm, epochs: Some(40), keep_draws: 20, ..Settings::default() },
        Algorithm::Ials => return Err("lists have no error of ratings".into()),
    };
    for (side, bound) in [(Side::User, 0.005), (Side::Item, 0.006)] {
        let parts = parts(&all, side, 10);
        let count = if side == Side::User { parts.new.users.len() } else { parts.new.items.len() };
        compare(&format!("ML-1M, {algorithm:?}, {count} new"), &parts, side, &settings, bound)?;
    }
    Ok(())
}

pub(crate) fn cases() -> Vec<Case> {
    let real = |name: &str, algorithm| Case::on_real_ratings(name, move |folder| ml_1m(folder, algorithm));
    let as_good = |name: &str, algorithm, views, bound| {
        let name = format!("{name}_rows_are_as_good_as_trained");
        Case::new(name, move || as_good_as_trained(algorithm, views, bound))
    };
    vec![
        as_good("als", Algorithm::Als, 0.0, 0.005),
        as_good("als_with_views", Algorithm::Als, 0.1, 0.005),
        as_good("bayes", Algorithm::Bayes, 0.0, 0.005),
        as_good("bayes_with_views", Algorithm::Bayes, 0.1, 0.005),
        as_good("sgd", Algorithm::Sgd, 0.0, 0.005),
        Case::new("nothing_new_changes_nothing", nothing_new_changes_nothing),
        Case::new("thousands_at_once", thousands_at_once),
        Case::new("both_sides_at_once", both_sides_at_once),
        Case::new("a_model_without_ratings", a_model_without_ratings_folds_in_without_views),
        Case::new("what_is_not_used_is_counted", what_is_not_used_is_counted),
        real("als_on_ml_1m", Algorithm::Als),
        real("bayes_on_ml_1m", Algorithm::Bayes),
        real("sgd_on_ml_1m", Algorithm::Sgd),
    ]
}
