//! Training on ratings that do not fit memory makes the model that training in memory does, bit for bit.

use crate::learning::{cpu, training, unwatched};
use crate::ranks::found;
use crate::several::{long_tail, train_as};
use crate::stored::stored;
use mfgpu::files::Scratch;
use mfgpu::input::{Duplicates, ReadOptions, Times, read_ratings, read_stored, read_timed_ratings};
use mfgpu::ratings::{
    Draw, LeftOut, Ratings, Staged, Staging, Take, Trainable, Triples, split, stage_on_disk,
};
use mfgpu::store::Room;
use mfgpu::train::engine::cpu::CpuEngine;
use mfgpu::train::{Algorithm, Choice, HeldOut, Problem, Settings, Solver, State, Training, train};
use std::sync::Arc;

/// Trains on ratings in memory and on disk, in many pieces, alone and as three ranks.
fn alike(ratings: &Ratings, training: Training, settings: &Settings) {
    let directory = tempfile::tempdir().expect("a directory");
    let on_disk = stored(ratings, training.size, (directory.path(), ratings.len() / 40));
    let held = train(training, settings, &mut cpu, &mut unwatched).expect("it trains");
    let from_disk = Training { ratings: &on_disk, ..training };
    let mut pieces = 0;
    let mut open = |problem: Arc<Problem>, state: &State| {
        let rows = problem.staged.all_rows().count();
        assert!(!problem.staged.is_held() && rows > 2 * problem.staged.stages(), "{rows}");
        pieces = pieces.max(rows);
        Ok(Box::new(CpuEngine::new(problem, state)) as _)
    };
    let outcome = train(from_disk, settings, &mut open, &mut unwatched).expect("it trains");
    let name = settings.algorithm.name();
    assert!(pieces >= 40, "{name}: {pieces} pieces");
    assert_eq!(found(&outcome), found(&held), "{name}");
    assert!(outcome.draws == held.draws, "{name}");
    for outcome in train_as(3, from_disk, settings, || Box::new(cpu), unwatched) {
        let outcome = outcome.expect("it trains");
        assert_eq!(found(&outcome), found(&held), "{name} as ranks");
        assert!(outcome.draws == held.draws, "{name} as ranks");
    }
}

fn settings(algorithm: Algorithm) -> Settings {
    Settings { algorithm, factors: Some(8), epochs: Some(4), ..Settings::default() }
}

/// Races, early stops, refits, and the settings that each algorithm has of its own.
#[test]
fn the_model_is_that_of_ratings_in_memory() {
    let (ratings, size) = long_tail();
    let (rest, test) = split(&ratings, 0.1, 5);
    let watched = Training { test: Some(&test), ..training(&rest, size) };
    let raced = Settings { epochs: Some(20), patience: Some(1), ..settings(Algorithm::Sgd) };
    alike(&rest, watched, &raced);
    let marks: Vec<bool> = (0..rest.len()).map(|n| n % 9 == 4).collect();
    alike(&rest, Training { held_out: HeldOut::Marked(&marks), ..watched }, &raced);
    alike(&rest, Training { held_out: HeldOut::Apart(&test), ..watched }, &raced);
    let fixed = Choice::Fixed(0.1);
    for solver in [Solver::Auto, Solver::Exact, Solver::Cg] {
        let views = Choice::Fixed(1.0);
        alike(&rest, watched, &Settings { regularization: fixed, solver, views, ..settings(Algorithm::Als) });
        alike(&rest, watched, &Settings { solver, ..settings(Algorithm::Ials) });
    }
    for views in [0.0, 1.0].map(Choice::Fixed) {
        alike(&rest, watched, &Settings { views, burn_in: 2, keep_draws: 2, ..settings(Algorithm::Bayes) });
    }
}

/// What cannot be read is an error, not a model of the rest.
#[test]
fn a_file_that_cannot_be_read_ends_training() {
    let (ratings, size) = long_tail();
    let directory = tempfile::tempdir().expect("a directory");
    let on_disk = stored(&ratings, size, (directory.path(), ratings.len() / 40));
    std::fs::remove_dir(directory.path()).expect("it is empty");
    let error = train(training(&on_disk, size), &settings(Algorithm::Als), &mut cpu, &mut unwatched);
    assert_eq!(error.expect_err("no place for pieces").exit_code(), 4);
}

/// The text of a table in which a third of the pairs come twice or more, sorted by user or not.
fn table(sorted: bool, timed: bool) -> String {
    let mut rows: Vec<(u32, u32, u32, u32)> = (0..9000_u32)
        .map(|n| (n.wrapping_mul(2_654_435_761) % 61, n % 97 % 83, n % 5 + 1, n * 7919 % 1000))
        .collect();
    if sorted {
        rows.sort_by_key(|row| row.0);
    }
    let row = |(user, item, rating, time): (u32, u32, u32, u32)| {
        let time = if timed { format!(",{}", 1_000_000_000 + time) } else { String::new() };
        format!("u{user},i{item},{rating}{time}\n")
    };
    let header = if timed { "user,item,rating,timestamp\n" } else { "user,item,rating\n" };
    header.to_owned() + &rows.into_iter().map(row).collect::<String>()
}

/// Whatever is done with several ratings of a pair, and however little memory there is for it.
#[test]
fn what_is_read_to_a_disk_is_what_is_read_to_memory() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("ratings.csv");
    for (sorted, timed) in [(false, false), (false, true), (true, false), (true, true)] {
        std::fs::write(&path, table(sorted, timed)).expect("it is written");
        let paths = [path.clone()];
        for how in std::iter::once(None).chain(Duplicates::ALL.map(Some)) {
            let options = ReadOptions { duplicates: how, ..ReadOptions::default() };
            let held = if timed { read_timed_ratings } else { read_ratings };
            let held = held(&paths, &options, &mut |_, _| Ok(()));
            for bytes in [0, 72 * 500, 1 << 30] {
                let room = Room { directory: directory.path().to_owned(), bytes };
                let times = if timed { Times::Needed } else { Times::Unused };
                let stored = read_stored(&paths, &options, (times, &room), &mut |_, _| Ok(()));
                match (&held, stored) {
                    (Ok((held, report)), Ok((stored, body, own))) => {
                        assert_eq!(&own, report);
                        let (mut ratings, mut times) = (Ratings::default(), Vec::new());
                        let each = body.each(0..body.len(), bytes, &mut |_, chunk| {
                            chunk.iter().for_each(|(user, item, value)| ratings.push(user, item, value));
                            times.extend_from_slice(chunk.times);
                            Ok(())
                        });
                        each.expect("it is read");
                        assert!(
                            ratings == held.ratings && times == held.times,
                            "{how:?} {sorted} {timed} {bytes}"
                        );
                        assert!(stored.users.iter().eq(held.users.iter()));
                        assert_eq!(stored.feedback, held.feedback);
                    }
                    (Err(error), Err(own)) => assert_eq!(own.to_string(), error.to_string()),
                    (held, stored) => panic!("{how:?}: {held:?} {stored:?}"),
                }
            }
        }
    }
}

/// Ratings at the positions from 2^32 on, as if there were as many before them.
#[derive(Debug)]
struct Far {
    ratings: Ratings,
    directory: tempfile::TempDir,
}

const FAR: usize = 1 << 32;

impl Triples for Far {
    fn len(&self) -> usize {
        FAR + self.ratings.len()
    }

    fn held(&self) -> Option<&Ratings> {
        None
    }

    fn each(&self, take: &mut Take) -> mfgpu::Result<()> {
        take(FAR, self.ratings.chunk())
    }
}

impl Trainable for Far {
    fn staged(&self, left_out: LeftOut, how: &Staging) -> mfgpu::Result<Staged> {
        let place = Arc::new(Scratch::create(self.directory.path())?);
        stage_on_disk(self, left_out, how, (place, 20 * self.ratings.len() / 40))
    }

    fn parted(&self, _: &[bool]) -> mfgpu::Result<(Arc<dyn Trainable>, Ratings)> {
        unreachable!("nothing is set aside")
    }
}

/// Positions beyond 2^32 are held out by their own random numbers, and train what they say.
#[test]
fn there_may_be_more_than_2_to_the_32_ratings() {
    let (ratings, size) = long_tail();
    let far = Far { ratings: ratings.clone(), directory: tempfile::tempdir().expect("a directory") };
    let settings = Settings { valid: Some(0.1), ..settings(Algorithm::Sgd) };
    let draw = Draw::new(0.1, settings.seed);
    let marks = draw.marks(FAR..FAR + ratings.len());
    assert_ne!(marks, draw.marks(0..ratings.len()));
    let from_far = train(training(&far, size), &settings, &mut cpu, &mut unwatched).expect("it trains");
    let marked = Training { held_out: HeldOut::Marked(&marks), ..training(&ratings, size) };
    let held = train(marked, &settings, &mut cpu, &mut unwatched).expect("it trains");
    assert_eq!(found(&from_far), found(&held));
    assert!(from_far.draws == held.draws);
}
