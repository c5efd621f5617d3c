//! Chains as a whole: which draws (posterior samples) a model keeps, the state after a stop, and the
//! uncertainty of the draws. Also the guarantees of `als`: the same bytes on any number of threads, and a
//! model when it is stopped.

use crate::planted::normal;
use crate::support::planted::{clipped_rmse, error, learn, learn_beside, planted, predict, run};
use mfgpu::math::philox::{Purpose, Stream};
use mfgpu::model::Factors;
use mfgpu::ratings::Ratings;
use mfgpu::train::{Algorithm, Choice, Event, Outcome, Phase, Settings};
use rand::RngExt;
use std::ops::ControlFlow;

fn bayes() -> Settings {
    Settings {
        algorithm: Algorithm::Bayes,
        factors: Some(4),
        epochs: Some(20),
        views: Choice::Fixed(0.0),
        burn_in: 10,
        ..Settings::default()
    }
}

/// Ends training at the `last`-th epoch of a phase.
fn stopped(ratings: &Ratings, settings: &Settings, (stop_in, last): (Phase, usize)) -> Outcome {
    run(ratings, settings, &mut |event| match event {
        Event::Epoch { phase, epoch } if *phase == stop_in && epoch.epoch == last => ControlFlow::Break(()),
        _ => ControlFlow::Continue(()),
    })
    .expect("what there is")
}

#[test]
fn kept_draws_are_as_many_as_asked_for_and_evenly_spread() {
    let (ratings, _) = planted(0.5);
    let all = learn(&ratings, &Settings { keep_draws: 100, ..bayes() }).draws;
    assert_eq!(all.len(), 20, "no more than there are");
    assert!(all.windows(2).all(|pair| pair[0] != pair[1]), "draws differ");
    for keep in [1, 2, 6, 7, 19, 20] {
        let kept = learn(&ratings, &Settings { keep_draws: keep, ..bayes() }).draws;
        let place = |draw: &Factors| all.iter().position(|other| other == draw).expect("a draw of the chain");
        let mut ends: Vec<usize> = kept.iter().map(|draw| place(draw) + 1).collect();
        assert_eq!((ends.len(), ends.last()), (keep, Some(&20)), "of 20 draws, the last among them");
        ends.insert(0, 0);
        for pair in ends.windows(2) {
            let gap = pair[1] - pair[0];
            assert!((20 / keep..=20usize.div_ceil(keep)).contains(&gap), "{keep} of 20: {ends:?}");
        }
    }
}

#[test]
fn a_test_is_measured_by_the_mean_of_the_draws_so_far() {
    let (ratings, rest) = planted(0.5);
    let settings = Settings { keep_draws: 20, ..bayes() };
    let (outcome, test) = learn_beside(&ratings, &rest, &settings);
    assert_eq!(outcome.draws, learn(&ratings, &settings).draws);
    for count in [1, 7, 20] {
        let epoch = outcome.search.epochs[10 + count - 1];
        let found = clipped_rmse(&outcome.draws[..count], &ratings, &test);
        let told = epoch.test.map(|score| score.value).expect("a test");
        assert!(epoch.draws == count && (told - found).abs() < 1e-5, "{count} draws: {told} {found}");
    }
}

#[test]
fn stopping_a_chain_gives_the_draws_there_are() {
    let (ratings, rest) = planted(0.2);
    let settings = Settings { keep_draws: 5, ..bayes() };
    let whole = learn(&ratings, &settings).draws;
    // Ten draws of burn-in, then twenty draws of which each fourth is kept.
    for (last, kept) in
        [(1, 0), (4, 0), (7, 0), (10, 0), (11, 0), (13, 0), (14, 1), (20, 2), (29, 4), (30, 5)]
    {
        let outcome = stopped(&ratings, &settings, (Phase::Sample, last));
        assert_eq!(outcome.search.epochs.len(), last);
        assert_eq!(outcome.draws.len(), kept.max(1), "stopped after epoch {last}");
        if kept > 0 {
            assert!(outcome.draws == whole[..kept], "epoch {last}: they are those of the whole chain");
        }
        let rmse = error(&outcome.draws[0], &rest);
        assert!(rmse < if last == 1 { 1.5 } else { 0.4 }, "stopped after epoch {last}: {rmse}");
    }
}

#[test]
fn a_chain_stopped_within_an_epoch_gives_what_there_is() {
    let (ratings, rest) = planted(0.2);
    for last in [2, 8, 17] {
        let outcome = run(&ratings, &bayes(), &mut |event| match event {
            Event::Stage { epoch, stage: 0, .. } if *epoch == last => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        })
        .expect("what there is");
        assert_eq!(outcome.search.epochs.len(), last - 1);
        let rmse = error(&outcome.draws[0], &rest);
        assert!(rmse < if last == 2 { 1.5 } else { 0.6 }, "stopped within epoch {last}: {rmse}");
    }
}

#[test]
fn stopping_least_squares_gives_what_there_is() {
    let (ratings, rest) = planted(0.2);
    let settings = Settings { algorithm: Algorithm::Als, factors: Some(4), ..Settings::default() };
    for (stop_in, last) in [(Phase::Race, 2), (Phase::Search, 2), (Phase::Refit, 1)] {
        let outcome = stopped(&ratings, &settings, (stop_in, last));
        assert!(outcome.refit.is_none(), "{stop_in:?}");
        let rmse = error(&outcome.draws[0], &rest);
        assert!(rmse < if stop_in == Phase::Race { 0.9 } else { 0.6 }, "{stop_in:?} {rmse}");
    }
}

#[test]
fn least_squares_are_the_same_on_any_number_of_threads() {
    let (ratings, _) = planted(1.0);
    let settings = Settings {
        algorithm: Algorithm::Als,
        factors: Some(6),
        epochs: Some(8),
        views: Choice::Fixed(0.5),
        regularization: Choice::Auto,
        ..Settings::default()
    };
    let draws = [1, 2, 3].map(|threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
        pool.install(|| learn(&ratings, &settings)).draws
    });
    assert!(draws.iter().all(|other| *other == draws[0]));
    let other = learn(&ratings, &Settings { seed: 43, ..settings }).draws;
    assert!(other != draws[0], "another seed is another run");
}

/// The number of values within this many standard deviations of the mean of the draws.
fn coverage(draws: &[Factors], cells: &[(usize, usize, f64)], deviations: f64) -> f64 {
    let count = draws.len() as f64;
    let within = cells.iter().filter(|&&(user, item, value)| {
        let predicted: Vec<f64> = draws.iter().map(|draw| predict(draw, user, item)).collect();
        let mean = predicted.iter().sum::<f64>() / count;
        let spread = predicted.iter().map(|each| (each - mean).powi(2)).sum::<f64>() / (count - 1.0);
        let noise = draws.iter().map(|draw| {
            let precision = draw.fold_in.as_ref().expect("what it takes to fold in").precision;
            let precision = precision * draw.user_weight[user] * draw.item_weight[item];
            f64::from(draw.scale).powi(2) / f64::from(precision)
        });
        (value - mean).abs() < deviations * (spread + noise.sum::<f64>() / count).sqrt()
    });
    within.count() as f64 / cells.len() as f64
}

/// A random two thirds of the cells, so that who rated what carries no information; and the rest.
fn dealt_anew(noise: f64, random: &mut Stream) -> (Ratings, Vec<(usize, usize, f64)>) {
    let (ratings, truth) = planted(noise);
    let mut rest: Vec<(usize, usize, f64)> =
        truth.into_iter().map(|(user, item, truth)| (user, item, truth + noise * normal(random))).collect();
    rest.extend(ratings.iter().map(|(user, item, value)| (user as usize, item as usize, f64::from(value))));
    let mut kept = Ratings::default();
    rest.retain(|&(user, item, value)| {
        let test = random.random::<f64>() < 1.0 / 3.0;
        if !test {
            kept.push(user as u32, item as u32, value as f32);
        }
        test
    });
    (kept, rest)
}

#[test]
fn draws_are_as_sure_as_they_ought_to_be() {
    let mut random = Stream::new(3, Purpose::Planted, 0);
    for (noise, views) in [(0.3, Choice::Fixed(0.0)), (1.5, Choice::Fixed(0.0)), (0.8, Choice::Auto)] {
        let (ratings, rated) = dealt_anew(noise, &mut random);
        let settings = Settings { epochs: Some(60), keep_draws: 60, views, ..bayes() };
        let draws = learn(&ratings, &settings).draws;
        let covered = coverage(&draws, &rated, 1.6449);
        assert!((0.86..0.94).contains(&covered), "noise {noise}, {views:?}: 90 % intervals hold {covered}");
        // The measure can fail: intervals of half the width contain too few values.
        assert!(coverage(&draws, &rated, 0.82) < 0.75, "half the width");
    }
}
