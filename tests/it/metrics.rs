//! Metrics compared with the results of ir-measures, with a slow evaluation of whole models, and with results
//! by hand.

use crate::models::Small;
use mfgpu::Stop;
use mfgpu::eval::{
    Biases, Evaluation, EvaluationOptions, ListMetrics, Metric, RankingMetric, Relevance, accuracy,
    check_ids, evaluate, gini, list_metrics,
};
use mfgpu::math::Matrix;
use mfgpu::math::philox::{Purpose, Stream};
use mfgpu::model::{Factors, Model, Rated};
use mfgpu::ratings::{Dataset, Ratings};
use mfgpu::score::score;
use proptest::prelude::*;
use rand::RngExt;
use serde_json::Value;
use std::collections::BTreeMap;

const METRICS: [(&str, Metric); 6] = [
    ("precision", Metric::Precision),
    ("recall", Metric::Recall),
    ("ndcg", Metric::Ndcg),
    ("map", Metric::Map),
    ("mrr", Metric::Mrr),
    ("hit_rate", Metric::HitRate),
];

fn pick(metrics: &ListMetrics, name: &str) -> f64 {
    match name {
        "precision" => metrics.precision,
        "recall" => metrics.recall,
        "ndcg" => metrics.ndcg,
        "map" => metrics.average_precision,
        "mrr" => metrics.reciprocal_rank,
        _ => metrics.hit,
    }
}

/// `golden/lists.json` was made by `golden/lists.py`.
#[test]
fn as_ir_measures_says() {
    let golden: Vec<Value> = serde_json::from_str(include_str!("../golden/lists.json")).unwrap();
    assert_eq!(golden.len(), 50);
    let (mut compared, mut total) = (0, 0.0);
    for user in &golden {
        let ids = |name: &str| user[name].as_array().unwrap().iter().map(|id| id.as_str().unwrap()).collect();
        let (list, relevant): (Vec<&str>, Vec<&str>) = (ids("list"), ids("relevant"));
        let hits: Vec<bool> = list.iter().map(|item| relevant.contains(item)).collect();
        for (cutoff, expected) in user["expected"].as_object().unwrap() {
            let metrics = list_metrics(&hits, relevant.len(), cutoff.parse().unwrap());
            for (name, _) in METRICS {
                let (found, expected) = (pick(&metrics, name), expected[name].as_f64().unwrap());
                assert!((found - expected).abs() < 1e-9, "{name}@{cutoff}: {found}, expected {expected}");
                compared += 1;
                total += expected;
            }
        }
    }
    assert_eq!(compared, 50 * 3 * METRICS.len());
    assert!(total > 100.0, "lists that find something: {total}");
}

/// `golden/spread.json` was made by `golden/spread.py`.
#[test]
fn gini_as_pysal_says() {
    let golden: Vec<Value> = serde_json::from_str(include_str!("../golden/spread.json")).unwrap();
    assert_eq!(golden.len(), 15);
    for row in &golden {
        let counts: Vec<u32> =
            row["counts"].as_array().unwrap().iter().map(|count| count.as_u64().unwrap() as u32).collect();
        let (found, expected) = (gini(&counts), row["gini"].as_f64().unwrap());
        assert!(
            (found - expected).abs() < 1e-12 && expected > 0.0,
            "{counts:?}: {found}, expected {expected}"
        );
    }
}

/// A model of random factors that has rated about a fifth of its cells, and a test set of other cells. The
/// test set has some users and items of its own, and numbers rows in another order.
fn problem(users: usize, items: usize, seed: u64) -> (Model, Dataset) {
    let (mut train, mut test) = (Ratings::default(), Dataset::default());
    let mut stream = Stream::new(seed, Purpose::Planted, 1);
    for user in (0..users + 2).rev() {
        for item in (0..items + 2).rev() {
            let (chance, value) = (stream.random_range(0..10), stream.random_range(1..=5) as f32);
            if chance < 2 && user < users && item < items {
                train.push(user as u32, item as u32, value);
            } else if chance < 4 {
                let user = test.users.number(format!("u{user}").as_bytes());
                let item = test.items.number(format!("i{item}").as_bytes());
                test.ratings.push(user, item, value);
            }
        }
    }
    let small = Small { users, items, factors: 3, seed, ..Small::default() };
    let rated = Rated::from_ratings(&train, users, items);
    (Model { rated, ..small.model() }, test)
}

fn of(found: &Evaluation, metric: Metric, cutoff: usize) -> RankingMetric {
    let metrics = &found.ranking.as_ref().unwrap().metrics;
    *metrics.iter().find(|found| found.metric == metric && found.cutoff == cutoff).unwrap()
}

/// The definitions written out: every list is sorted as a whole, every sum is computed plainly.
fn slowly(
    model: &Model,
    test: &Dataset,
    least: f32,
    cutoff: usize,
    by_model: bool,
) -> BTreeMap<&'static str, f64> {
    let items = model.items.len() as u32;
    let mut relevant: BTreeMap<u32, Vec<Option<u32>>> = BTreeMap::new();
    for (user, item, _) in test.ratings.iter().filter(|(_, _, value)| *value >= least) {
        relevant.entry(user).or_default().push(model.items.get(test.items.id(item)));
    }
    let times = |item: u32| {
        (0..model.users.len() as u32).filter(|&user| model.rated.get(user, item).is_some()).count()
    };
    let (mut sums, mut listed) = (BTreeMap::new(), vec![0_u32; items as usize]);
    for (user, relevant) in &relevant {
        let user = model.users.get(test.users.id(*user));
        let mut list: Vec<u32> = (0..items)
            .filter(|&item| user.is_none_or(|user| model.rated.get(user, item).is_none()))
            .collect();
        if by_model {
            list.sort_by(|&a, &b| score(model, user, Some(b)).total_cmp(&score(model, user, Some(a))));
        } else {
            list.sort_by_key(|&item| std::cmp::Reverse(times(item)));
        }
        list.truncate(cutoff);
        list.iter().for_each(|&item| listed[item as usize] += 1);
        let gain = |place: usize| 1.0 / (place as f64 + 2.0).log2();
        let is_hit = |item: &u32| relevant.contains(&Some(*item));
        let places: Vec<usize> = (0..list.len()).filter(|&place| is_hit(&list[place])).collect();
        let count = relevant.len() as f64;
        let at = |place: usize| {
            list[..=place].iter().filter(|item| is_hit(item)).count() as f64 / (place as f64 + 1.0)
        };
        let mut add = |name, value: f64| *sums.entry(name).or_insert(0.0) += value;
        add("precision", places.len() as f64 / cutoff as f64);
        add("recall", places.len() as f64 / count);
        let ideal: f64 = (0..cutoff.min(relevant.len())).map(gain).sum();
        add("ndcg", places.iter().map(|&place| gain(place)).sum::<f64>() / ideal);
        add("map", places.iter().map(|&place| at(place)).sum::<f64>() / count);
        add("mrr", places.first().map_or(0.0, |&place| 1.0 / (place as f64 + 1.0)));
        add("hit_rate", f64::from(u8::from(!places.is_empty())));
    }
    sums.values_mut().for_each(|sum| *sum /= relevant.len() as f64);
    let mean = listed.iter().sum::<u32>() as f64 / f64::from(items);
    let differences =
        listed.iter().flat_map(|&a| listed.iter().map(move |&b| f64::from(a.abs_diff(b)))).sum::<f64>();
    let pairs = f64::from(items) * (f64::from(items) - 1.0);
    sums.insert("gini", differences / (2.0 * pairs * mean));
    sums.insert("coverage", listed.iter().filter(|&&count| count > 0).count() as f64 / f64::from(items));
    sums
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn as_a_slow_evaluation_says(users in 1_usize..30, items in 2_usize..40, seed in 0_u64..1000) {
        let (model, test) = problem(users, items, seed);
        prop_assume!(!model.rated.is_empty() && check_ids(&test, &model.users, &model.items).is_ok());
        let options = EvaluationOptions {
            cutoffs: vec![7, 1, 50, 7],
            relevance: Relevance::From(3.0),
            resamples: 20,
            ..EvaluationOptions::default()
        };
        let found = evaluate(&model, &test, &options, &Stop::new()).unwrap();
        let ranking = found.ranking.as_ref().unwrap();
        prop_assume!(ranking.users > 0);
        prop_assert_eq!(ranking.metrics.len(), 3 * 8, "each cutoff once");
        let names = METRICS.iter().copied().chain([("coverage", Metric::Coverage), ("gini", Metric::Gini)]);
        for (name, metric) in names {
            for cutoff in [1, 7, 50] {
                let found = of(&found, metric, cutoff);
                for (estimate, by_model) in [(found.model, true), (found.most_rated, false)] {
                    let expected = slowly(&model, &test, 3.0, cutoff, by_model)[name];
                    prop_assert!((estimate.value - expected).abs() < 1e-9, "{name}@{cutoff}: {estimate:?} {expected}");
                    prop_assert!((0.0..=1.0 + 1e-12).contains(&estimate.value));
                    if let Some([low, high]) = estimate.interval {
                        prop_assert!(low <= high && low >= 0.0 && high <= 1.0 + 1e-12);
                    }
                }
            }
        }
        let plain = accuracy(&model, &test, Biases::of(&model.rated, items).mean);
        prop_assert!((found.rating.as_ref().unwrap().rmse.model.value - plain.rmse).abs() < 1e-9);
        prop_assert!((found.rating.as_ref().unwrap().mae.model.value - plain.mae).abs() < 1e-9);
        prop_assert!((found.rating.as_ref().unwrap().rmse.mean.value - plain.mean_rmse).abs() < 1e-9);
    }
}

#[test]
fn the_same_for_any_number_of_threads() {
    let (model, test) = problem(150, 700, 5);
    let all = || evaluate(&model, &test, &EvaluationOptions::default(), &Stop::new()).unwrap();
    let expected = all();
    for threads in 1..4 {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        assert_eq!(pool.install(all), expected, "{threads} threads");
    }
    let [low, high] = of(&expected, Metric::Recall, 10).model.interval.unwrap();
    assert!(low < high);
    let other =
        evaluate(&model, &test, &EvaluationOptions { seed: 7, ..EvaluationOptions::default() }, &Stop::new())
            .unwrap();
    assert_ne!(of(&other, Metric::Recall, 10).model.interval, Some([low, high]));
}

/// Two users and three items: only biases rank, in the order x, y, z.
fn tiny() -> Model {
    let factors = Factors {
        users: Matrix::from_vec(2, 0, vec![]),
        items: Matrix::from_vec(3, 0, vec![]),
        user_bias: vec![0.0, 0.5],
        item_bias: vec![1.0, 0.0, -1.0],
        mean: 3.0,
        scale: 1.0,
        ..Factors::default()
    };
    let named = dataset(&["a,x", "b,y", "b,z"]);
    let mut train = Ratings::default();
    train.push(0, 0, 4.0);
    train.push(1, 1, 2.0);
    Model {
        draws: vec![factors],
        users: named.users,
        items: named.items,
        rated: Rated::from_ratings(&train, 2, 3),
        range: (2.0, 4.0),
        ..Model::default()
    }
}

/// Ratings such as `a,x,4`; 3 where none is given.
fn dataset(rows: &[&str]) -> Dataset {
    let mut data = Dataset::default();
    for row in rows {
        let mut fields = row.split(',');
        let user = data.users.number(fields.next().unwrap().as_bytes());
        let item = data.items.number(fields.next().unwrap().as_bytes());
        data.ratings.push(user, item, fields.next().map_or(3.0, |value| value.parse().unwrap()));
    }
    data
}

/// The mean of the training ratings is 3. The list of `a`, who has seen x, is y, z; of `b`, who has seen y,
/// it is x, z; of an unknown user, x, y, z. The items x and y are equally popular, before z, so the most
/// rated items have the same order.
#[test]
fn unknown_users_and_items_and_pairs_that_were_trained_on() {
    let test = dataset(&["a,z,5", "a,new,4", "b,x,1", "stranger,x,3", "a,x,4", "a,y,2"]);
    let found = evaluate(&tiny(), &test, &EvaluationOptions::default(), &Stop::new()).unwrap();
    let rating = found.rating.as_ref().unwrap();
    assert_eq!((rating.ratings, rating.users, rating.items), (6, 3, 4));
    // z was never rated.
    assert_eq!((rating.unknown_users, rating.unknown_items, rating.trained_on), (1, 2, 1));
    // Predicted: 2, 3, 4 (4.5 clipped), 4, 4, 3.
    let squares = [9.0, 1.0, 9.0, 1.0, 0.0, 1.0_f64];
    assert!((rating.rmse.model.value - (squares.iter().sum::<f64>() / 6.0).sqrt()).abs() < 1e-6);
    assert!(
        (rating.mae.model.value - squares.iter().map(|square| square.sqrt()).sum::<f64>() / 6.0).abs() < 1e-6
    );
    let constant = [4.0, 1.0, 4.0, 0.0, 1.0, 1.0_f64];
    assert!((rating.rmse.mean.value - (constant.iter().sum::<f64>() / 6.0).sqrt()).abs() < 1e-12);

    // Relevant are ratings from 3 up: z and the unknown item for `a` (x was seen), nothing for `b`, x for the
    // unknown user.
    let ranking = found.ranking.as_ref().unwrap();
    assert_eq!(ranking.relevant_from, Some(3.0));
    assert_eq!((ranking.users, ranking.relevant, ranking.out_of_reach, ranking.catalogue), (2, 3, 1, 3));
    assert!((of(&found, Metric::Recall, 10).model.value - f64::midpoint(0.5, 1.0)).abs() < 1e-12);
    assert!((of(&found, Metric::Mrr, 10).model.value - f64::midpoint(0.5, 1.0)).abs() < 1e-12);
    assert!((of(&found, Metric::Precision, 10).most_rated.value - 0.1).abs() < 1e-12);
    // Listed: x once, y and z twice.
    assert!((of(&found, Metric::Coverage, 10).model.value - 1.0).abs() < 1e-12);
    assert!((of(&found, Metric::Gini, 10).model.value - 2.0 / 10.0).abs() < 1e-12);
}

#[test]
fn what_counts_as_relevant() {
    let test = dataset(&["a,y,2", "a,z,3", "b,x,4"]);
    let relevant = |relevance| {
        let options = EvaluationOptions { relevance, ..EvaluationOptions::default() };
        let ranking = evaluate(&tiny(), &test, &options, &Stop::new()).unwrap().ranking.unwrap();
        (ranking.relevant, ranking.users, ranking.metrics.len())
    };
    assert_eq!(relevant(Relevance::All), (3, 2, 8));
    assert_eq!(relevant(Relevance::Mean), (2, 2, 8));
    assert_eq!(relevant(Relevance::From(4.0)), (1, 1, 8));
    assert_eq!(relevant(Relevance::From(4.5)), (0, 0, 0), "no users, no metrics");
}

#[test]
fn lists_only_if_asked_for_and_intervals_only_where_they_mean_something() {
    let test = dataset(&["a,y,2", "a,z,3"]);
    let options = EvaluationOptions { cutoffs: vec![], ..EvaluationOptions::default() };
    let found = evaluate(&tiny(), &test, &options, &Stop::new()).unwrap();
    assert!(found.ranking.is_none());
    assert_eq!(found.rating.as_ref().unwrap().rmse.model.interval, None, "one user");
    let none = Model { rated: Rated::default(), ..tiny() };
    assert_eq!(evaluate(&none, &test, &options, &Stop::new()).unwrap_err().exit_code(), 2);
}
