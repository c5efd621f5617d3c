//! Several ranks train the model that one trains, bit for bit.

use crate::learning::{cpu, training, unwatched};
use crate::several::{long_tail, members, train_as, train_with};
use mfgpu::ratings::{At, Scale, Side, Staged, split};
use mfgpu::train::engine::cpu::CpuEngine;
use mfgpu::train::{
    Algorithm, Choice, Event, HeldOut, OpenEngine, Outcome, Problem, Settings, Solver, State, Training, train,
};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

fn open() -> Box<OpenEngine<'static>> {
    Box::new(cpu)
}

/// All that a run decides and finds, but not how long it took.
pub(crate) fn found(outcome: &Outcome) -> String {
    let epochs = |curve: &mfgpu::train::Curve| -> Vec<String> {
        let epoch = |epoch: &mfgpu::Epoch| {
            let scores = [epoch.held_out, epoch.test].map(|score| score.map(|score| score.value.to_bits()));
            format!("{} {:x} {scores:?} {}", epoch.epoch, epoch.train_rmse.to_bits(), epoch.draws)
        };
        curve.epochs.iter().map(epoch).collect()
    };
    format!(
        "{:?} {:?} {:?} {:?} {:?}",
        epochs(&outcome.search),
        outcome.refit.as_ref().map(epochs),
        outcome.settings,
        outcome.held_out_mean,
        outcome.residuals
    )
}

/// The outcome of one rank is that of several, on each of them.
fn alike(training: Training, settings: &Settings) -> Outcome {
    let alone = train(training, settings, &mut cpu, &mut unwatched).expect("it trains");
    for ranks in [1, 2, 3, 4] {
        for (rank, outcome) in train_as(ranks, training, settings, open, unwatched).into_iter().enumerate() {
            let outcome = outcome.expect("it trains");
            let name = settings.algorithm.name();
            assert_eq!(found(&outcome), found(&alone), "{name}, rank {rank} of {ranks}");
            assert!(outcome.draws == alone.draws, "{name}, rank {rank} of {ranks}");
        }
    }
    alone
}

fn settings(algorithm: Algorithm) -> Settings {
    Settings { algorithm, factors: Some(8), epochs: Some(4), ..Settings::default() }
}

/// Races, early stops, refits, and the settings that each algorithm has of its own.
#[test]
fn the_model_of_one_rank_is_that_of_several() {
    let (ratings, size) = long_tail();
    let (rest, test) = split(&ratings, 0.1, 5);
    let watched = Training { test: Some(&test), ..training(&rest, size) };
    let raced = alike(watched, &Settings { epochs: Some(20), patience: Some(1), ..settings(Algorithm::Sgd) });
    assert!(raced.refit.is_some() && raced.search.epochs.len() < 20);
    alike(watched, &Settings { regularization: Choice::Fixed(0.1), ..settings(Algorithm::Als) });
    let views = Settings { views: Choice::Fixed(1.0), ..settings(Algorithm::Als) };
    for solver in [Solver::Auto, Solver::Exact, Solver::Cg] {
        alike(watched, &Settings { regularization: Choice::Fixed(0.1), solver, ..views.clone() });
    }
    for views in [0.0, 1.0] {
        let views = Choice::Fixed(views);
        alike(watched, &Settings { views, burn_in: 2, keep_draws: 2, ..settings(Algorithm::Bayes) });
    }
    for solver in [Solver::Auto, Solver::Exact, Solver::Cg] {
        alike(watched, &Settings { solver, ..settings(Algorithm::Ials) });
    }
}

/// A learning rate that diverges is halved by all ranks alike.
#[test]
fn ranks_roll_back_together() {
    let (ratings, size) = long_tail();
    let rolled_back = AtomicUsize::new(0);
    let settings = Settings { learning_rate: 10.0, epochs: Some(10), ..settings(Algorithm::Sgd) };
    let observe = |event: &Event| {
        rolled_back.fetch_add(usize::from(matches!(event, Event::RolledBack { .. })), Relaxed);
        ControlFlow::Continue(())
    };
    let alone = train(training(&ratings, size), &settings, &mut cpu, &mut |event| observe(event));
    let count = rolled_back.swap(0, Relaxed);
    assert!(count > 0);
    let several = train_as(3, training(&ratings, size), &settings, open, observe);
    assert_eq!(rolled_back.into_inner(), count);
    for outcome in several {
        match (&alone, outcome) {
            (Ok(alone), Ok(outcome)) => {
                assert!(found(alone) == found(&outcome) && alone.draws == outcome.draws);
            }
            (Err(alone), Err(error)) => assert_eq!(alone.to_string(), error.to_string()),
            (alone, outcome) => panic!("{alone:?} {outcome:?}"),
        }
    }
}

/// What rank 0 decides holds for all: the end of training, too.
#[test]
fn ranks_end_together() {
    let (ratings, size) = long_tail();
    let held_out = vec![false; ratings.len()];
    let training = Training { held_out: HeldOut::Marked(&held_out), ..training(&ratings, size) };
    let settings = Settings { regularization: Choice::Fixed(0.1), ..settings(Algorithm::Als) };
    let stop = |event: &Event| match event {
        Event::Epoch { epoch, .. } if epoch.epoch == 2 => ControlFlow::Break(()),
        _ => ControlFlow::Continue(()),
    };
    let alone = train(training, &settings, &mut cpu, &mut |event| stop(event)).expect("it trains");
    assert_eq!(alone.search.epochs.len(), 2);
    for outcome in train_as(3, training, &settings, open, stop) {
        assert_eq!(found(&outcome.expect("it trains")), found(&alone));
    }
}

/// One rank's engine does not open; nobody waits for it.
#[test]
fn a_rank_that_fails_ends_all() {
    let (ratings, size) = long_tail();
    let opened = AtomicUsize::new(0);
    let opened = &*Box::leak(Box::new(opened));
    let open = move || -> Box<OpenEngine<'static>> {
        Box::new(move |problem: Arc<Problem>, state: &State| {
            if opened.fetch_add(1, Relaxed) == 2 {
                return Err(mfgpu::Error::Device("lost".into()));
            }
            Ok(Box::new(CpuEngine::new(problem, state)) as _)
        })
    };
    let all = train_as(3, training(&ratings, size), &settings(Algorithm::Als), open, unwatched);
    let errors: Vec<String> =
        all.into_iter().map(|outcome| outcome.expect_err("it ends").to_string()).collect();
    assert_eq!(errors.iter().filter(|error| error.contains("lost")).count(), 1, "{errors:?}");
    assert_eq!(
        errors.iter().filter(|error| error.contains("another rank has ended")).count(),
        2,
        "{errors:?}"
    );
}

/// What is gathered is what the rows weigh (docs/scale.md), and the parts are about equal.
#[test]
fn bytes_are_those_of_the_rows() {
    let (ratings, size) = long_tail();
    let held_out = vec![false; ratings.len()];
    let training = Training { held_out: HeldOut::Marked(&held_out), ..training(&ratings, size) };
    let (k, epochs, stages) = (8, 3, 5);
    let row = 4 * k + 16;
    // The sums over rows, of 2048 at most, each with its length on every rank.
    let sums = |ranks: usize| 4 * (k + 2) * (k + 3) / 2 + 8 * ranks;
    let rows = |stages: usize, side: Side| -> usize {
        let staged = Staged::build(&ratings, size, stages, Scale::of(&ratings), 0);
        (0..stages).map(|stage| staged.rated(At { stage, side }).len()).sum()
    };
    let [users, items] = Side::BOTH.map(|side| rows(1, side));
    for ranks in [2, 3, 4] {
        for (algorithm, views, expected) in [
            (Algorithm::Sgd, 0.0, row * (rows(stages, Side::User) + rows(stages, Side::Item))),
            (Algorithm::Als, 0.0, row * (users + items)),
            (Algorithm::Als, 1.0, row * (users + items) + 4 * k * users + 2 * sums(ranks)),
            (Algorithm::Ials, 0.0, row * (users + items) + 2 * sums(ranks)),
        ] {
            let (views, open_settings) = (Choice::Fixed(views), settings(algorithm));
            let settings = Settings {
                epochs: Some(epochs),
                stages,
                views,
                seed: 0,
                regularization: Choice::Fixed(0.1),
                ..open_settings
            };
            let settings = match algorithm {
                Algorithm::Ials => {
                    Settings { unobserved_weight: Choice::Fixed(0.1), views: Choice::Auto, ..settings }
                }
                _ => settings,
            };
            let members = members(ranks);
            train_with(&members, training, &settings, open, unwatched).into_iter().for_each(|outcome| {
                outcome.expect("it trains");
            });
            let traffic: Vec<_> = members.iter().map(|comm| comm.counters().traffic()).collect();
            let given: u64 = traffic.iter().map(|traffic| traffic.bytes_given).sum();
            let name = format!("{} with {ranks} ranks", algorithm.name());
            assert_eq!(given, (epochs * expected) as u64, "{name}");
            assert!(traffic.iter().all(|one| one.bytes_given + one.bytes_received == given), "{name}");
            let most = traffic.iter().map(|one| one.bytes_given).max().unwrap_or(0);
            assert!(most as f64 <= 1.12 * given as f64 / ranks as f64, "{name}: {most} of {given}");
        }
    }
}
