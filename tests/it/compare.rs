//! Comparisons of models against a plain oracle that shares no code with them but the random numbers.

use crate::models::Small;
use mfgpu::Stop;
use mfgpu::eval::{
    BaselineKind, Compared, Comparison, Contender, ErrorMetric, EvaluationOptions, Measure, Metric,
    Relevance, Verdict, compare, evaluate,
};
use mfgpu::math::philox::{Purpose, Stream};
use mfgpu::model::{Model, Rated};
use mfgpu::ratings::{Dataset, Ratings};
use mfgpu::score::score;
use rand::{Rng, RngExt};

const RESAMPLES: usize = 199;
const SEED: u64 = 9;
const LEAST: f32 = 3.0;
const CUTOFF: usize = 4;

/// Two models of the same ratings, and a test of other cells with a user and an item of its own, whose rows
/// have another order.
fn problem() -> ([Model; 2], Dataset) {
    let (users, items) = (40, 25);
    let (mut train, mut test) = (Ratings::default(), Dataset::default());
    let mut stream = Stream::new(3, Purpose::Planted, 1);
    for user in (0..=users).rev() {
        for item in (0..=items).rev() {
            let (chance, value) = (stream.random_range(0..10), stream.random_range(1..=5) as f32);
            if chance < 3 && user < users && item < items {
                train.push(user as u32, item as u32, value);
            } else if chance < 5 {
                let user = test.users.number(format!("u{user}").as_bytes());
                let item = test.items.number(format!("i{item}").as_bytes());
                test.ratings.push(user, item, value);
            }
        }
    }
    let rated = Rated::from_ratings(&train, users, items);
    let model = |seed, factors| {
        let small = Small { users, items, factors, seed, ..Small::default() };
        Model { rated: rated.clone(), ..small.model() }
    };
    ([model(5, 3), model(77, 2)], test)
}

fn options() -> EvaluationOptions {
    EvaluationOptions {
        cutoffs: vec![CUTOFF],
        relevance: Relevance::From(LEAST),
        resamples: RESAMPLES,
        seed: SEED,
    }
}

fn of(contenders: &[(&str, &Model, Option<&Model>)], test: &Dataset) -> mfgpu::Result<Comparison> {
    let contenders: Vec<Contender> =
        contenders.iter().map(|&(name, model, lists)| Contender { name, model, lists }).collect();
    compare(&contenders, test, &options(), &Stop::new())
}

fn find(found: &Comparison, metric: Measure) -> &Compared {
    found.metrics.iter().find(|found| found.metric == metric).unwrap()
}

const RMSE: Measure = Measure::Error(ErrorMetric::Rmse);
const NDCG: Measure = Measure::List(Metric::Ndcg);

/// The numbers of each user of the test, in the order of the model's rows, strangers last: ratings, squared
/// errors of both models, and where the user has relevant ratings the NDCG of both.
fn by_user(models: &[Model; 2], test: &Dataset) -> Vec<(f64, [f64; 2], Option<[f64; 2]>)> {
    let mut users: Vec<u32> = (0..test.users.len() as u32).collect();
    let row = |user: u32| models[0].users.get(test.users.id(user));
    users.sort_by_key(|&user| (row(user).is_none(), row(user), user));
    let numbers = |&user: &u32| {
        let own: Vec<_> = test.ratings.iter().filter(|rating| rating.0 == user).collect();
        let squares = models.each_ref().map(|model| {
            let error = |&(_, item, value): &(u32, u32, f32)| {
                let found = score(model, row(user), model.items.get(test.items.id(item))).clamp(1.0, 5.0);
                f64::from(value - found).powi(2)
            };
            own.iter().map(error).sum()
        });
        let relevant: Vec<Option<u32>> = own
            .iter()
            .filter(|(.., value)| *value >= LEAST)
            .map(|(_, item, _)| models[0].items.get(test.items.id(*item)))
            .collect();
        let gain = |place: usize| 1.0 / (place as f64 + 2.0).log2();
        let ndcg = models.each_ref().map(|model| {
            let mut list: Vec<u32> = (0..model.items.len() as u32)
                .filter(|&item| row(user).is_none_or(|user| model.rated.get(user, item).is_none()))
                .collect();
            let scored = |item: u32| score(model, row(user), Some(item));
            list.sort_by(|&a, &b| scored(b).total_cmp(&scored(a)));
            let hits =
                list.iter().take(CUTOFF).enumerate().filter(|(_, item)| relevant.contains(&Some(**item)));
            let best: f64 = (0..CUTOFF.min(relevant.len())).map(gain).sum();
            hits.map(|(place, _)| gain(place)).sum::<f64>() / best
        });
        (own.len() as f64, squares, (!relevant.is_empty()).then_some(ndcg))
    };
    users.iter().map(numbers).collect()
}

/// The 95 % interval of a number of resampled users.
fn interval(users: usize, number: impl Fn(&[usize]) -> f64) -> [f64; 2] {
    let mut values: Vec<f64> = (0..RESAMPLES)
        .map(|resample| {
            let mut stream = Stream::new(SEED, Purpose::Bootstrap, resample as u64);
            let drawn: Vec<usize> = (0..users)
                .map(|_| ((u128::from(stream.next_u64()) * users as u128) >> 64) as usize)
                .collect();
            number(&drawn)
        })
        .collect();
    values.sort_by(f64::total_cmp);
    // The 5th and the 195th of 199: 2.5 % and 97.5 % of 200.
    [values[4], values[194]]
}

fn close(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-5, "{found}, expected {expected}");
}

#[test]
fn as_a_plain_oracle_says() {
    let (models, test) = problem();
    let found = of(&[("a", &models[0], None), ("b", &models[1], None)], &test).unwrap();
    let rows = by_user(&models, &test);
    let rmse = |drawn: &[usize], who: usize| {
        let (count, sum) = drawn
            .iter()
            .map(|&n| &rows[n])
            .fold((0.0, 0.0), |sums, row| (sums.0 + row.0, sums.1 + row.1[who]));
        (sum / count).sqrt()
    };
    let all: Vec<usize> = (0..rows.len()).collect();
    let compared = find(&found, RMSE);
    for who in [0, 1] {
        let estimate = compared.models[who].unwrap();
        close(estimate.value, rmse(&all, who));
        let [low, high] = interval(rows.len(), |drawn| rmse(drawn, who));
        close(estimate.interval.unwrap()[0], low);
        close(estimate.interval.unwrap()[1], high);
    }
    let difference = compared.differences[1].unwrap();
    close(difference.value, rmse(&all, 1) - rmse(&all, 0));
    let expected = interval(rows.len(), |drawn| rmse(drawn, 1) - rmse(drawn, 0));
    close(difference.interval.unwrap()[0], expected[0]);
    close(difference.interval.unwrap()[1], expected[1]);
    assert_eq!(compared.differences[0], None);

    let lists: Vec<[f64; 2]> = rows.iter().filter_map(|row| row.2).collect();
    assert_eq!(found.list_users, lists.len() as u64);
    let mean = |drawn: &[usize], of: fn(&[f64; 2]) -> f64| {
        drawn.iter().map(|&n| of(&lists[n])).sum::<f64>() / drawn.len() as f64
    };
    let all: Vec<usize> = (0..lists.len()).collect();
    let compared = find(&found, NDCG);
    close(compared.models[0].unwrap().value, mean(&all, |row| row[0]));
    close(compared.models[1].unwrap().value, mean(&all, |row| row[1]));
    let difference = compared.differences[1].unwrap();
    close(difference.value, mean(&all, |row| row[1] - row[0]));
    let expected = interval(lists.len(), |drawn| mean(drawn, |row| row[1] - row[0]));
    close(difference.interval.unwrap()[0], expected[0]);
    close(difference.interval.unwrap()[1], expected[1]);
    assert!(expected[0] < expected[1], "{expected:?}");
}

/// Each model is measured as an evaluation measures it, and so are the baselines.
#[test]
fn as_an_evaluation_says() {
    let (models, test) = problem();
    let found = of(&[("a", &models[0], None), ("b", &models[1], None)], &test).unwrap();
    for (place, model) in models.iter().enumerate() {
        let alone = evaluate(model, &test, &options(), &Stop::new()).unwrap();
        let rating = alone.rating.as_ref().unwrap();
        let rmse = find(&found, RMSE);
        assert_eq!(rmse.models[place], Some(rating.rmse.model));
        let baseline = |of| rmse.baselines.iter().find(|baseline| baseline.of == of).unwrap().estimate;
        assert_eq!(baseline(BaselineKind::Biases), rating.rmse.biases);
        assert_eq!(baseline(BaselineKind::Mean), rating.rmse.mean);
        let lists = found.metrics.iter().filter(|found| found.cutoff.is_some());
        let metrics = &alone.ranking.as_ref().unwrap().metrics;
        assert_eq!(lists.clone().count(), metrics.len());
        for (compared, metric) in lists.zip(metrics) {
            assert_eq!(compared.metric, Measure::List(metric.metric));
            assert_eq!(compared.models[place], Some(metric.model));
            assert_eq!(compared.baselines[0].estimate, metric.most_rated);
        }
    }
}

#[test]
fn a_model_does_not_differ_from_itself() {
    let (models, test) = problem();
    let found = of(&[("a", &models[0], None), ("again", &models[0], None)], &test).unwrap();
    for compared in &found.metrics {
        let difference = compared.differences[1].unwrap();
        assert!(difference.value.abs() < f64::MIN_POSITIVE);
        if let Some(ends) = difference.interval {
            assert_eq!((ends, difference.verdict), ([0.0, 0.0], Some(Verdict::Same)));
        }
    }
}

/// A model that is told the test is better, and one that is told its opposite is worse.
#[test]
fn verdicts() {
    let (models, test) = problem();
    let mut worse = models[0].clone();
    worse.range = (1.0, 1.0);
    let found = of(&[("a", &models[0], None), ("worse", &worse, None)], &test).unwrap();
    assert_eq!(find(&found, RMSE).differences[1].unwrap().verdict, Some(Verdict::Worse));
    assert_eq!(
        find(&found, NDCG).differences[1].unwrap().verdict,
        Some(Verdict::Same),
        "the lists are the same"
    );
    let found = of(&[("worse", &worse, None), ("a", &models[0], None)], &test).unwrap();
    assert_eq!(find(&found, RMSE).differences[1].unwrap().verdict, Some(Verdict::Better));
}

/// Ratings of pairs that one of the models was trained on count for none.
#[test]
fn what_one_was_trained_on_is_left_out() {
    let (models, test) = problem();
    let [a, mut b] = models;
    let clean = of(&[("a", &a, None), ("b", &b, None)], &test).unwrap();
    let mut more = test.clone();
    let user = (0..b.users.len() as u32).find(|&user| !b.rated.items(user).is_empty()).unwrap();
    let item = b.rated.items(user)[0];
    let (user, item) = (more.users.number(b.users.id(user)), more.items.number(b.items.id(item)));
    more.ratings.push(user, item, 4.0);
    let found = of(&[("a", &a, None), ("b", &b, None)], &more).unwrap();
    assert_eq!((found.left_out, clean.left_out), (1, 0));
    assert_eq!(found, Comparison { left_out: 1, ..clean });

    let mut all = Ratings::default();
    for (user, item, value) in test.ratings.iter() {
        let ids = (b.users.get(test.users.id(user)), b.items.get(test.items.id(item)));
        if let (Some(user), Some(item)) = ids {
            all.push(user, item, value);
        }
    }
    b.rated = Rated::from_ratings(&all, b.users.len(), b.items.len());
    let found = of(&[("a", &a, None), ("b", &b, None)], &test).unwrap();
    assert_eq!(found.left_out, all.len() as u64);
    assert!(found.ratings > 0 && found.ratings + found.left_out == test.ratings.len() as u64);
}

/// A model of lists has no errors, and the others are compared with the first that has some.
#[test]
fn models_of_lists_have_lists_alone() {
    let (models, test) = problem();
    let mut lists = models[1].clone();
    lists.range = (f32::MIN, f32::MAX);
    lists.draws[0].origin = vec![0.0; 2];
    assert!(lists.is_of_lists());
    let found =
        of(&[("lists", &lists, None), ("a", &models[0], None), ("both", &models[0], Some(&lists))], &test)
            .unwrap();
    let rmse = find(&found, RMSE);
    assert_eq!((rmse.first(), rmse.models[0]), (Some(1), None));
    assert_eq!(rmse.differences[0], None);
    assert_eq!((rmse.differences[1], rmse.differences[2].unwrap().value), (None, 0.0));
    let ndcg = find(&found, NDCG);
    assert_eq!(ndcg.models[2], ndcg.models[0]);
    assert_ne!(ndcg.models[1], ndcg.models[0]);
}

#[test]
fn the_same_for_any_number_of_threads() {
    let (models, test) = problem();
    let all = || of(&[("a", &models[0], None), ("b", &models[1], None)], &test).unwrap();
    let expected = all();
    for threads in 1..4 {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        assert_eq!(pool.install(all), expected);
    }
    let text = serde_json::to_string(&expected).unwrap();
    assert_eq!(serde_json::from_str::<Comparison>(&text).unwrap().metrics.len(), expected.metrics.len());
}

#[test]
fn what_cannot_be_compared_is_refused() {
    let (models, test) = problem();
    let refused = |contenders: &[(&str, &Model, Option<&Model>)]| of(contenders, &test).unwrap_err();
    assert_eq!(refused(&[("a", &models[0], None)]).exit_code(), 2);
    let forgot = Model { rated: Rated::default(), ..models[1].clone() };
    let error = refused(&[("a", &models[0], None), ("b", &forgot, None)]);
    assert!(error.exit_code() == 2 && error.to_string().starts_with("b: "), "{error}");
    let stranger = Small {
        user_id: |n| format!("x{n}").into_bytes(),
        item_id: |n| format!("y{n}").into_bytes(),
        ..Small::default()
    };
    let error = refused(&[("a", &models[0], None), ("c", &stranger.model(), None)]);
    assert!(error.exit_code() == 3 && error.to_string().starts_with("c: "), "{error}");
}
