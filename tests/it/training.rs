//! Training as a whole: it learns the planted matrix, stops early, recovers from divergence, and accepts
//! unusual data.

use crate::learning::unwatched;
use crate::support::planted::{clipped_rmse, error, learn, learn_beside, planted, predict, run, run_with};
use mfgpu::Error;
use mfgpu::ratings::{Ratings, part, random};
use mfgpu::train::{Algorithm, Choice, Event, HeldOut, Outcome, Phase, Settings, Solver, Start};
use std::ops::ControlFlow;

#[test]
fn learns_a_planted_matrix_on_any_scale() {
    let settings = Settings { factors: Some(8), ..Settings::default() };
    let (ratings, rest) = planted(0.2);
    let plain = learn(&ratings, &settings);
    let rmse = error(&plain.draws[0], &rest);
    assert!(rmse < 0.2, "{rmse} on cells it never saw, with noise of .2 on those it did");
    assert!(plain.refit.is_some());

    let moved = |value: f32| value * 20.0 - 70.0;
    let values = ratings.values.iter().map(|&value| moved(value)).collect();
    let other = learn(&Ratings { values, ..ratings }, &settings);
    let rmse_moved =
        error(&other.draws[0], &rest.iter().map(|&(u, i, v)| (u, i, v * 20.0 - 70.0)).collect::<Vec<_>>());
    assert!((rmse_moved / 20.0 - rmse).abs() < 0.01, "{rmse_moved} on a scale 20 times as wide, {rmse}");
}

/// The marked ratings are those that the settings would hold out. `Apart` has the same ratings, which then
/// are not trained on.
#[test]
fn ratings_to_stop_by_are_random_or_marked_or_apart() {
    let (ratings, _) = planted(0.5);
    let settings = Settings { factors: Some(4), valid: Some(0.1), ..Settings::default() };
    let marks = random(ratings.len(), 0.1, settings.seed);
    let with = |ratings: &Ratings, held_out| {
        run_with(ratings, held_out, &settings, &mut unwatched).expect("it trains")
    };
    let [by_chance, marked] =
        [HeldOut::Random, HeldOut::Marked(&marks)].map(|held_out| with(&ratings, held_out));
    assert_eq!(by_chance.draws, marked.draws);
    assert!(marked.refit.is_some());
    let (rest, taken) = part(&ratings, &marks);
    let apart = with(&rest, HeldOut::Apart(&taken));
    assert!(apart.refit.is_none() && apart.draws != marked.draws);
    let other: Vec<bool> = (0..ratings.len()).map(|place| place % 10 == 0).collect();
    assert_ne!(with(&ratings, HeldOut::Marked(&other)).search.best(), marked.search.best());
}

#[test]
fn a_test_is_measured_after_each_epoch_and_decides_nothing() {
    let (ratings, rest) = planted(0.5);
    for algorithm in [Algorithm::Sgd, Algorithm::Als] {
        let settings = Settings { algorithm, factors: Some(4), ..Settings::default() };
        let (outcome, test) = learn_beside(&ratings, &rest, &settings);
        assert_eq!(outcome.draws, learn(&ratings, &settings).draws);
        let refit = outcome.refit.expect("a refit");
        assert!(
            outcome
                .search
                .epochs
                .iter()
                .chain(&refit.epochs)
                .all(|epoch| epoch.test.map(|score| score.value).is_some())
        );
        let last =
            refit.epochs.last().and_then(|epoch| epoch.test.map(|score| score.value)).expect("a last epoch");
        let found = clipped_rmse(&outcome.draws, &ratings, &test);
        assert!((last - found).abs() < 1e-5, "{last} {found}");
    }
}

#[test]
fn the_race_is_heard_of_and_decides() {
    let (ratings, _) = planted(0.5);
    let (mut raced, mut kept) = (Vec::new(), 0);
    let outcome = run(&ratings, &Settings { factors: Some(4), ..Settings::default() }, &mut |event| {
        if let Event::Raced { candidate, kept: stays, .. } = event {
            raced.push((candidate.start(), candidate.regularization()));
            kept += usize::from(*stays);
        }
        ControlFlow::Continue(())
    })
    .expect("it trains");
    assert!(raced.len() >= 6 && kept < raced.len());
    let Choice::Fixed(number) = outcome.settings.regularization else { panic!("undecided") };
    assert!(raced.contains(&(outcome.settings.start.expect("decided"), number)));
}

/// Ratings without noise want next to no regularization: the winner lies below the lowest of the field, every step on the way
/// was clearly better, and one step further was not.
#[test]
fn a_winner_at_the_edge_of_the_field_is_followed_beyond_it() {
    let (ratings, _) = planted(0.0);
    let mut raced = Vec::new();
    let settings = Settings { factors: Some(6), start: Some(Start::Centred), ..Settings::default() };
    let outcome = run(&ratings, &settings, &mut |event| {
        if let Event::Raced { candidate, held_out: Some(score), kept, .. } = event {
            raced.push((candidate.regularization(), score.value, *kept));
        }
        ControlFlow::Continue(())
    })
    .expect("it trains");
    let Choice::Fixed(found) = outcome.settings.regularization else { panic!("undecided") };
    assert!(found < 0.05, "{found} of {raced:?}");
    let reached = |number: f32| {
        let near = raced.iter().filter(|(other, ..)| (other / number - 1.0).abs() < 0.01);
        near.map(|(_, rmse, kept)| (*rmse, *kept)).fold(None, |_, last| Some(last))
    };
    let (rmse, kept) = reached(found).expect("it took part");
    let (inside, _) = reached(found / 0.6).expect("the step before");
    let (further, further_kept) = reached(found * 0.6).expect("a step further");
    assert!(kept && !further_kept && rmse < 0.99 * inside && further > 0.99 * rmse, "{raced:?}");
}

#[test]
fn stops_early_and_keeps_the_best_epoch() {
    let (ratings, rest) = planted(1.5);
    let settings = Settings {
        factors: Some(32),
        regularization: Choice::Fixed(0.001),
        refit: false,
        epochs: Some(40),
        ..Settings::default()
    };
    let outcome = learn(&ratings, &settings);
    let best = outcome.search.best().expect("epochs");
    assert_eq!(outcome.search.epochs.len(), best.epoch + settings.patience(), "it waits, and no longer");
    assert!(outcome.refit.is_none());
    let unstopped = Settings { patience: Some(40), valid: Some(0.0), ..settings };
    let overfitted = error(&learn(&ratings, &unstopped).draws[0], &rest);
    let stopped = error(&outcome.draws[0], &rest);
    assert!(stopped < overfitted, "{stopped} {overfitted}");
}

#[test]
fn a_wild_learning_rate_is_rolled_back_or_given_up_with_its_own_error() {
    let (ratings, rest) = planted(0.2);
    let (mut rolled_back, mut rates) = (0, Vec::new());
    let settings = Settings {
        factors: Some(8),
        learning_rate: 10.0,
        regularization: Choice::Fixed(300.0),
        ..Settings::default()
    };
    let result = run(&ratings, &settings, &mut |event| {
        if let Event::RolledBack { learning_rate, .. } = event {
            rolled_back += 1;
            rates.push(*learning_rate);
        }
        ControlFlow::Continue(())
    });
    assert!(rolled_back > 0);
    assert!(rates.windows(2).all(|pair| pair[1] < pair[0]), "{rates:?}");
    match result {
        Err(error @ Error::Diverged(_)) => assert_eq!(error.exit_code(), 6),
        Ok(outcome) => assert!(error(&outcome.draws[0], &rest).is_finite()),
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn odd_data_trains_to_something_finite() {
    let cases: [&[(u32, u32, f32)]; 6] = [
        &[(0, 0, 4.0)],
        &[(0, 0, 4.0), (0, 1, 2.0)],
        &[(0, 0, 5.0), (1, 0, 5.0), (2, 0, 5.0)],
        &[(0, 0, 0.0), (1, 1, 0.0)],
        &[(0, 0, -1e30), (1, 1, 1e30)],
        &[(5, 7, 1e-30), (5, 2, 3e-30), (0, 0, 2e-30)],
    ];
    for case in cases {
        let mut ratings = Ratings::default();
        case.iter().for_each(|&(user, item, value)| ratings.push(user, item, value));
        for factors in [1, 3, 128] {
            let outcome = learn(&ratings, &Settings { factors: Some(factors), ..Settings::default() });
            let all = outcome.draws[0].users.as_slice().iter().chain(outcome.draws[0].items.as_slice());
            assert!(all.chain(&outcome.draws[0].user_bias).all(|value| value.is_finite()), "{case:?}");
        }
    }
    // Perfectly learnable: the error falls to rounding noise, and growth of that noise is no divergence.
    let mut ratings = Ratings::default();
    (0..20).for_each(|n| ratings.push(n % 5, n / 5, n as f32));
    let settings = Settings {
        factors: Some(16),
        regularization: Choice::Fixed(0.0),
        epochs: Some(300),
        ..Settings::default()
    };
    assert!(error(&learn(&ratings, &settings).draws[0], &[(2, 1, 7.0)]) < 0.5);
}

/// One outlier among the held-out ratings is no divergence.
#[test]
fn an_outlier_is_no_divergence() {
    let (mut ratings, _) = planted(0.5);
    for n in [17, 1700, 9000, 15_000] {
        ratings.values[n] = 1e4;
    }
    for seed in 0..3 {
        learn(&ratings, &Settings { factors: Some(4), epochs: Some(12), seed, ..Settings::default() });
    }
}

#[test]
fn stopping_gives_what_there_is() {
    let (ratings, rest) = planted(0.2);
    let settings = Settings { factors: Some(8), start: Some(Start::Centred), ..Settings::default() };
    for (stop_in, least) in [(Phase::Race, 0), (Phase::Search, 1), (Phase::Refit, 1)] {
        let mut seen = 0;
        let outcome = run(&ratings, &settings, &mut |event| match event {
            Event::Epoch { phase, .. } if *phase == stop_in => {
                seen += 1;
                if seen == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            }
            _ => ControlFlow::Continue(()),
        })
        .expect("what there is");
        assert!(seen >= least, "{stop_in:?}");
        assert!(outcome.refit.is_none(), "{stop_in:?}");
        let rmse = error(&outcome.draws[0], &rest);
        assert!(rmse < if stop_in == Phase::Race { 2.0 } else { 0.6 }, "{stop_in:?} {rmse}");
    }
}

#[test]
fn settings_that_make_no_sense_are_refused() {
    let ratings = planted(0.1).0;
    let wrong = [
        Settings { factors: Some(0), ..Settings::default() },
        Settings { epochs: Some(0), ..Settings::default() },
        Settings { learning_rate: f32::NAN, ..Settings::default() },
        Settings { learning_rate: 0.0, ..Settings::default() },
        Settings { regularization: Choice::Fixed(-1.0), ..Settings::default() },
        Settings { valid: Some(1.0), ..Settings::default() },
        Settings { patience: Some(0), ..Settings::default() },
        Settings { stages: 0, ..Settings::default() },
        Settings { power: Some(1.5), ..Settings::default() },
        Settings { views: Choice::Fixed(-1.0), ..Settings::default() },
        Settings { keep_draws: 0, ..Settings::default() },
        Settings { algorithm: Algorithm::Als, factors: Some(2049), ..Settings::default() },
        Settings { algorithm: Algorithm::Bayes, solver: Solver::Cg, ..Settings::default() },
    ];
    for settings in wrong {
        let result = run(&ratings, &settings, &mut unwatched);
        assert!(
            matches!(&result, Err(Error::Setting { name, .. }) if name.starts_with("training.")),
            "{settings:?}"
        );
    }
}

#[test]
fn exact_updates_and_draws_learn_what_was_planted() {
    let (ratings, rest) = planted(0.2);
    for (algorithm, views) in
        [(Algorithm::Als, 0.0), (Algorithm::Als, 0.05), (Algorithm::Bayes, 0.0), (Algorithm::Bayes, 0.05)]
    {
        let settings = Settings {
            algorithm,
            factors: Some(4),
            epochs: Some(20),
            views: Choice::Fixed(views),
            keep_draws: 8,
            ..Settings::default()
        };
        let outcome = learn(&ratings, &settings);
        let mean: Vec<(usize, usize, f64)> = rest
            .iter()
            .map(|&(user, item, truth)| {
                let sum: f64 = outcome.draws.iter().map(|draw| predict(draw, user, item)).sum();
                (user, item, truth - sum / outcome.draws.len() as f64)
            })
            .collect();
        let rmse = (mean.iter().map(|cell| cell.2 * cell.2).sum::<f64>() / mean.len() as f64).sqrt();
        assert!(rmse < 0.2, "{algorithm:?} with views {views}: {rmse}");
        assert_eq!(outcome.draws.len(), if algorithm == Algorithm::Bayes { 8 } else { 1 });
    }
}

#[test]
fn draws_are_the_same_on_any_number_of_threads_and_their_mean_gets_better() {
    let (ratings, _) = planted(1.0);
    let settings = Settings {
        algorithm: Algorithm::Bayes,
        factors: Some(6),
        epochs: Some(30),
        valid: Some(0.1),
        ..Settings::default()
    };
    let outcomes: Vec<Outcome> = [1, 2, 3]
        .into_iter()
        .map(|threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
            pool.install(|| learn(&ratings, &settings))
        })
        .collect();
    assert!(outcomes.iter().all(|outcome| outcome.draws == outcomes[0].draws));
    let counting: Vec<f64> = outcomes[0]
        .search
        .epochs
        .iter()
        .filter(|epoch| epoch.draws > 0)
        .filter_map(mfgpu::Epoch::held_out_rmse)
        .collect();
    assert_eq!(counting.len(), 30);
    assert!(counting[29] < counting[0], "{counting:?}");
}

#[test]
fn odd_data_is_finite_for_every_algorithm() {
    let cases: [&[(u32, u32, f32)]; 4] = [
        &[(0, 0, 4.0)],
        &[(0, 0, 5.0), (1, 0, 5.0), (2, 0, 5.0)],
        &[(0, 0, -1e30), (1, 1, 1e30)],
        &[(5, 7, 1e-30), (5, 2, 3e-30), (0, 0, 2e-30)],
    ];
    for case in cases {
        let mut ratings = Ratings::default();
        case.iter().for_each(|&(user, item, value)| ratings.push(user, item, value));
        for algorithm in [Algorithm::Als, Algorithm::Bayes] {
            let settings = Settings { algorithm, factors: Some(5), epochs: Some(6), ..Settings::default() };
            for draw in learn(&ratings, &settings).draws {
                let all = draw.users.as_slice().iter().chain(draw.items.as_slice()).chain(&draw.user_bias);
                assert!(all.chain(&draw.item_weight).all(|value| value.is_finite()), "{case:?}");
            }
        }
    }
}
