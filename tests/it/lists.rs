//! Training for lists: it finds whose taste an item suits, by weights, pairs and dislikes, on any number of
//! threads, and an average user's list is that of a user without ratings.

use crate::learning::{cpu, unwatched};
use mfgpu::eval::{EvaluationOptions, Metric, evaluate};
use mfgpu::math::philox::{Purpose, Stream};
use mfgpu::model::Model;
use mfgpu::ratings::{Dataset, Feedback, IdMap, Ratings, Sides};
use mfgpu::score::{TopOptions, top_items};
use mfgpu::stop::Stop;
use mfgpu::train::{
    Algorithm, Choice, Criterion, Event, HeldOut, ListMetric, Objective, Outcome, Settings, Training,
    WarmStart, train,
};
use mfgpu::{Error, Result};
use rand::RngExt;

const USERS: usize = 240;
const ITEMS: usize = 90;
const TASTES: usize = 3;

/// Users of three tastes. Most of what they rate is of their taste, some of it is anything.
fn ratings() -> Ratings {
    let mut random = Stream::new(3, Purpose::Planted, 0);
    let mut ratings = Ratings::default();
    for user in 0..USERS {
        for item in 0..ITEMS {
            let suits = user % TASTES == item % TASTES;
            let chance: f64 = random.random();
            if chance < if suits { 0.45 } else { 0.04 } {
                ratings.push(user as u32, item as u32, if suits { 4.0 } else { 2.0 });
            }
        }
    }
    ratings
}

fn dataset(ratings: Ratings, feedback: Feedback) -> Dataset {
    let ids = |count: usize, letter: char| {
        let mut ids = IdMap::new();
        (0..count).for_each(|n| {
            ids.number(format!("{letter}{n}").as_bytes());
        });
        ids
    };
    Dataset {
        ratings,
        users: ids(USERS, 'u'),
        items: ids(ITEMS, 'i'),
        times: Vec::new(),
        feedback,
        stored: None,
    }
}

fn settings() -> Settings {
    Settings {
        algorithm: Algorithm::Ials,
        factors: Some(8),
        regularization: Choice::Fixed(0.005),
        unobserved_weight: Choice::Fixed(1.0),
        ..Settings::default()
    }
}

fn training(data: &Dataset) -> Training<'_> {
    let size = Sides { users: data.users.len(), items: data.items.len() };
    let Dataset { ratings, feedback, .. } = data;
    Training { feedback: *feedback, ..Training::new(ratings, size) }
}

fn learn(data: &Dataset, settings: &Settings) -> Result<Outcome> {
    train(training(data), settings, &mut cpu, &mut unwatched)
}

/// The share of the first ten unseen items of each user that are of the user's taste.
fn suiting(model: &Model) -> f64 {
    let users: Vec<u32> = (0..USERS as u32).collect();
    let options = TopOptions { count: 10, exclude: Some(&model.rated), ..TopOptions::default() };
    let lists = top_items(model, &users, &options);
    let suits = |(user, list): (usize, &Vec<(u32, f32)>)| {
        list.iter().filter(|(item, _)| *item as usize % TASTES == user % TASTES).count()
    };
    lists.iter().enumerate().map(suits).sum::<usize>() as f64 / (10 * USERS) as f64
}

#[test]
fn lists_suit_the_taste_of_users() {
    for (feedback, factors) in [(Feedback::Ratings, 8), (Feedback::Pairs, 8), (Feedback::Weights, 24)] {
        let mut ratings = ratings();
        if feedback == Feedback::Pairs {
            ratings.values.fill(1.0);
        }
        let data = dataset(ratings, feedback);
        let outcome = learn(&data, &Settings { factors: Some(factors), ..settings() }).expect("it trains");
        let best = outcome.search.best_score().expect("a score");
        assert_eq!(best.criterion, Criterion::Lists(ListMetric::Ndcg, 10));
        assert!(best.value > 0.2, "{feedback:?}: {best:?}");
        assert!(outcome.refit.is_some() && outcome.residuals.is_empty());
        let model = outcome.into_model(data).expect("a model");
        assert!(model.is_of_lists());
        let found = suiting(&model);
        assert!(found > 0.9, "{feedback:?}: {found} of the lists");
    }
}

/// What is held out is measured as an evaluation measures a test.
#[test]
fn the_criterion_is_that_of_an_evaluation() {
    let all = ratings();
    let marks: Vec<bool> = (0..all.len()).map(|place| place % 9 == 0).collect();
    let (rest, test) = mfgpu::ratings::part(&all, &marks);
    let (data, test) = (dataset(rest, Feedback::Ratings), dataset(test, Feedback::Ratings));
    for (metric, length) in [(ListMetric::Ndcg, 10), (ListMetric::Recall, 20), (ListMetric::Map, 5)] {
        let criterion = Criterion::Lists(metric, length);
        let settings = Settings { criterion: Some(criterion), refit: false, ..settings() };
        let apart = Training { held_out: HeldOut::Apart(&test.ratings), ..training(&data) };
        let outcome = train(apart, &settings, &mut cpu, &mut unwatched).expect("it trains");
        let best = outcome.search.best_score().expect("a score");
        let model = outcome.model_of(&data).expect("a model");
        let options =
            EvaluationOptions { cutoffs: vec![length], resamples: 0, ..EvaluationOptions::default() };
        let evaluation = evaluate(&model, &test, &options, &Stop::new()).expect("measured");
        assert!(evaluation.rating.is_none(), "scores are no ratings");
        let named = match metric {
            ListMetric::Ndcg => Metric::Ndcg,
            ListMetric::Recall => Metric::Recall,
            _ => Metric::Map,
        };
        let found = evaluation.lists().iter().find(|found| found.metric == named).expect("the metric");
        assert!((found.model.value - best.value).abs() < 1e-9, "{criterion}: {} {best:?}", found.model.value);
    }
}

#[test]
fn threads_do_not_show() {
    let data = dataset(ratings(), Feedback::Ratings);
    let settings = Settings { factors: Some(20), ..settings() };
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        pool.install(|| learn(&data, &settings)).expect("it trains")
    };
    let [one, two, three] = [1, 2, 3].map(on);
    assert!(one.draws == two.draws && one.draws == three.draws);
}

/// The race chooses the weights at few factors, then more factors are tried as long as they gain.
#[test]
fn the_race_tries_more_factors() {
    let data = dataset(ratings(), Feedback::Ratings);
    let open = Settings {
        factors: None,
        regularization: Choice::Auto,
        unobserved_weight: Choice::Auto,
        ..settings()
    };
    let mut raced = Vec::new();
    let mut observe = |event: &Event| {
        if let Event::Raced { candidate, .. } = event {
            raced.push((candidate.settings().factors(), candidate.regularization()));
        }
        unwatched(event)
    };
    let outcome = train(training(&data), &open, &mut cpu, &mut observe).expect("it trains");
    assert!(raced.iter().filter(|(factors, _)| *factors == 64).count() >= 5, "{raced:?}");
    assert!(raced.iter().any(|(factors, _)| *factors == 128), "{raced:?}");
    let Settings { factors, regularization, unobserved_weight, .. } = outcome.settings;
    assert!(factors.is_some() && !regularization.is_open() && !unobserved_weight.is_open());
}

/// Items that users dislike are not listed for those of their kind.
#[test]
fn dislikes_weigh_against_an_item() {
    let mut ratings = ratings();
    // Every other user of the first taste has rated the items of the second taste badly.
    for user in (0..USERS).step_by(2 * TASTES) {
        (1..ITEMS).step_by(TASTES).for_each(|item| ratings.push(user as u32, item as u32, 1.0));
    }
    ratings = without_repeats(&ratings);
    let data = dataset(ratings, Feedback::Ratings);
    let shares = [None, Some(1.5)].map(|dislikes_below| {
        let outcome = learn(&data, &Settings { dislikes_below, ..settings() }).expect("it trains");
        let model = outcome.model_of(&data).expect("a model");
        let users: Vec<u32> = (TASTES as u32..USERS as u32).step_by(2 * TASTES).collect();
        let options = TopOptions { count: 10, exclude: Some(&model.rated), ..TopOptions::default() };
        let lists = top_items(&model, &users, &options);
        lists.iter().flatten().filter(|(item, _)| *item as usize % TASTES == 1).count()
    });
    assert!(shares[1] < shares[0], "{shares:?} of the disliked items are listed");
}

/// The last rating of each pair.
fn without_repeats(ratings: &Ratings) -> Ratings {
    let mut last = std::collections::BTreeMap::new();
    ratings.iter().for_each(|(user, item, value)| {
        last.insert((user, item), value);
    });
    let mut kept = Ratings::default();
    last.into_iter().for_each(|((user, item), value)| kept.push(user, item, value));
    kept
}

/// The classic confidence of a rating, `1 + alpha * rating`, in units of the mean rating.
#[test]
fn alpha_is_another_way_to_name_the_unobserved_weight() {
    let data = dataset(ratings(), Feedback::Ratings);
    let count = data.ratings.len() as f64;
    let mean = data.ratings.values.iter().map(|&value| f64::from(value)).sum::<f64>() / count;
    let alpha = Settings { alpha: Some(0.5), unobserved_weight: Choice::Auto, ..settings() };
    let outcome = learn(&data, &alpha).expect("it trains");
    let found = outcome.settings.unobserved_weight.unwrap_or(0.0);
    assert!((f64::from(found) - 1.0 / (0.5 * mean)).abs() < 1e-5, "{found}");
}

#[test]
fn a_user_without_ratings_gets_the_list_of_the_average_user() {
    let mut ratings = ratings();
    let last = USERS as u32 - 1;
    let kept: Vec<bool> = ratings.users.iter().map(|&user| user != last).collect();
    ratings = mfgpu::ratings::part(&ratings, &kept).1;
    let data = dataset(ratings, Feedback::Ratings);
    let model = learn(&data, &settings()).expect("it trains").into_model(data).expect("a model");
    let options = TopOptions { count: 8, ..TopOptions::default() };
    let lists = top_items(&model, &[None, Some(last)], &options);
    assert_eq!(lists[0], lists[1]);
    let draw = &model.draws[0];
    let mean = |column: usize| {
        let sum: f64 = (0..USERS - 1).map(|user| f64::from(draw.users.row(user)[column])).sum();
        sum / (USERS - 1) as f64
    };
    assert!((0..8).all(|column| (f64::from(draw.origin[column]) - mean(column)).abs() < 1e-6));
}

#[test]
fn a_model_of_lists_is_kept_and_begun_from() {
    let data = dataset(ratings(), Feedback::Ratings);
    let outcome = learn(&data, &Settings { dislikes_below: Some(2.5), ..settings() }).expect("it trains");
    let search = outcome.search.clone();
    let model = outcome.model_of(&data).expect("a model");
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("model.safetensors");
    model.save(&path).expect("saved");
    let again = Model::load(&path).expect("loaded");
    assert_eq!((&again.draws, again.about.weights()), (&model.draws, model.about.weights()));
    assert!(again.is_of_lists() && again.about.weights().is_some());

    let warm = WarmStart::new(&again, &data.users, &data.items).expect("it fits");
    let begun = Training { warm: Some(&warm), ..training(&data) };
    let resumed = train(begun, &settings(), &mut cpu, &mut unwatched).expect("it trains");
    let [first, fresh] =
        [&resumed.search, &search].map(|curve| curve.epochs[0].held_out.expect("a score").value);
    assert!(first > fresh, "after an epoch {first}, without a model {fresh}");
}

#[test]
fn a_new_user_gets_the_row_that_training_gives() {
    let data = dataset(ratings(), Feedback::Ratings);
    // Below the number of factors from which a row only steps towards its solution.
    let settled = Settings { epochs: Some(60), valid: Some(0.0), ..settings() };
    let mut model = learn(&data, &settled).expect("it trains").model_of(&data).expect("a model");
    let mut new = Dataset::default();
    let copied = 7;
    let id = new.users.number(b"new");
    for (item, value) in model.rated.of(copied) {
        let item = new.items.number(model.items.id(item));
        new.ratings.push(id, item, value);
    }
    let folded = mfgpu::train::add_new(&mut model, &new, &mut cpu, 1).expect("folded in");
    assert_eq!((folded.users, folded.items), (1, 0));
    // Its row is the solution for the items as they are; that of training was solved before the items were.
    let draw = &model.draws[0];
    let (own, row) = (draw.users.row(copied as usize), draw.users.row(USERS));
    let norm = |row: &[f32]| row.iter().map(|x| x * x).sum::<f32>().sqrt();
    let apart: Vec<f32> = own.iter().zip(row).map(|(a, b)| a - b).collect();
    assert!(norm(&apart) < 0.01 * norm(own), "{own:?} {row:?}");
}

#[test]
fn settings_of_lists_are_for_lists() {
    let refused = |settings: Settings, name: &str| match settings.check() {
        Err(Error::Setting { name: found, .. }) => assert_eq!(found, name),
        other => panic!("{name}: {other:?}"),
    };
    let of_ratings = Settings::default;
    refused(Settings { alpha: Some(1.0), ..of_ratings() }, "training.alpha");
    refused(Settings { dislikes_below: Some(1.0), ..of_ratings() }, "training.dislikes_below");
    refused(Settings { unobserved_weight: Choice::Fixed(1.0), ..of_ratings() }, "training.unobserved_weight");
    refused(Settings { alpha: Some(1.0), ..settings() }, "training.alpha");
    refused(Settings { alpha: Some(0.0), unobserved_weight: Choice::Auto, ..settings() }, "training.alpha");
    refused(Settings { criterion: Some(Criterion::Rmse), ..settings() }, "training.criterion");
    assert_eq!(Algorithm::Ials.objective(), Objective::Lists);
    // A model of ratings may be chosen by its lists.
    let ndcg = Some(Criterion::Lists(ListMetric::Ndcg, 10));
    let by_lists = Settings { criterion: ndcg, factors: Some(4), epochs: Some(3), ..of_ratings() };
    let data = dataset(ratings(), Feedback::Ratings);
    let outcome = learn(&data, &by_lists).expect("it trains");
    assert!(outcome.search.epochs.iter().all(|epoch| epoch.held_out.is_some_and(|s| s.value >= 0.0)));
    assert!(!outcome.model_of(&data).expect("a model").is_of_lists());
}
