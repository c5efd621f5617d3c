//! The front door: the models of the program, from files and from memory, and their predictions and lists.

use mfgpu::{Algorithm, Choice, Dataset, Error, Event, IdText, Model, Phase, Recommender, Settings, Stop};
use std::fs;
use std::path::Path;
use std::sync::mpsc::channel;

fn example() -> Dataset {
    Dataset::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/ratings.csv")).expect("ratings")
}

fn bytes_of(model: &Model) -> Vec<u8> {
    let here = tempfile::tempdir().expect("a directory");
    let path = here.path().join("model.safetensors");
    model.save(&path).expect("saved");
    fs::read(path).expect("a file")
}

/// A few epochs, with a search and a refit.
fn quick() -> Settings {
    Settings { factors: Some(4), epochs: Some(4), regularization: Choice::Fixed(0.1), ..Settings::default() }
}

/// The ratings of the first so many users of the example, as triples.
fn triples(data: &Dataset, users: u32) -> Vec<(String, String, f32)> {
    let own = data.ratings.iter().filter(|(user, ..)| *user < users);
    let text = |id: &[u8]| String::from_utf8(id.to_vec()).expect("text");
    own.map(|(user, item, value)| (text(data.users.id(user)), text(data.items.id(item)), value)).collect()
}

#[cfg(feature = "cli")]
#[test]
fn the_model_is_that_of_the_program_byte_for_byte() {
    use crate::program::{run, words};

    let here = tempfile::tempdir().expect("a directory");
    let ratings = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/ratings.csv");
    run(here.path(), &["train", ratings, "--out", "m", "--top", "0", "-q"], 0);
    let model = Recommender::new(Settings::default()).fit(&example()).expect("it trains");
    assert!(bytes_of(&model) == fs::read(here.path().join("m/model.safetensors")).unwrap());

    // The same for a run that starts from a model: the model has the first ratings, the run has all.
    let text = fs::read_to_string(ratings).expect("text");
    let first: Vec<&str> = text.lines().take(20_001).collect();
    fs::write(here.path().join("first.csv"), first.join("\n") + "\n").expect("written");
    run(here.path(), &words("train first.csv -k 4 --epochs 4 --regularization 0.1 --out old --top 0 -q"), 0);
    let more = ["train", ratings, "--init-from", "old", "--epochs", "4", "--out", "new", "--top", "0", "-q"];
    run(here.path(), &more, 0);
    let old = Model::load(here.path().join("old")).expect("a model");
    let settings = Settings { epochs: Some(4), ..Settings::default() };
    let new = Recommender::new(settings).begin_from(&old).fit(&example()).expect("it trains");
    assert!(bytes_of(&new) == fs::read(here.path().join("new/model.safetensors")).unwrap());
}

#[test]
fn ratings_in_memory_are_those_of_a_file() {
    let here = tempfile::tempdir().expect("a directory");
    let path = here.path().join("r.csv");
    // One pair appears twice: the last rating counts, at the position of the first.
    fs::write(&path, "user,item,rating\n7,12,3.5\n7,9,1\n-2,12,5\n7,12,2.5\n").expect("written");
    let file = Dataset::read(&path).expect("ratings");
    let users = [7_i64, 7, -2, 7];
    let items = ["12", "9", "12", "12"];
    let values = [3.5_f64, 1.0, 5.0, 2.5];
    let columns = Dataset::from_columns(&users, &items, &values).expect("ratings");
    let owned =
        users.iter().map(i64::to_string).zip([12_u32, 9, 12, 12]).zip(values.map(|value| value as f32));
    let owned =
        Dataset::from_triples(owned.map(|((user, item), value)| (user, item, value))).expect("ratings");
    for memory in [columns, owned] {
        assert_eq!(memory.ratings, file.ratings);
        assert!(memory.users.iter().eq(file.users.iter()) && memory.items.iter().eq(file.items.iter()));
    }
}

#[test]
fn unusable_input_is_named() {
    let wrong =
        |rating: f64| Dataset::from_triples([("ann", "tea", 4.0), ("bob", "ham", rating)]).unwrap_err();
    for (rating, shown) in [(f64::NAN, "NaN"), (f64::INFINITY, "inf"), (1e300, "inf")] {
        let error = wrong(rating).to_string();
        assert!(error.contains("rating 2, of item `ham` by user `bob`") && error.contains(shown), "{error}");
    }
    let none: [(&str, &str, f32); 0] = [];
    assert!(matches!(Dataset::from_triples(none), Err(Error::Input(why)) if why.contains("no ratings")));
    let error = Dataset::from_columns(&[1, 2], &["a"], &[3.0, 4.0]).unwrap_err();
    assert!(matches!(&error, Error::Usage(why) if why.contains("items 1")), "{error}");
    let empty = Recommender::new(quick()).fit(&Dataset::default()).unwrap_err();
    assert!(matches!(empty, Error::Input(_)), "{empty}");
    let settings = Settings { factors: Some(0), ..Settings::default() };
    let error = Recommender::new(settings).fit(&example()).unwrap_err().to_string();
    assert!(error.contains("factors is 0"), "{error}");
}

#[test]
fn a_model_answers_by_ids() {
    let data = example();
    let model =
        Recommender::new(quick()).device("cpu".parse().expect("a device")).fit(&data).expect("it trains");
    let user = std::str::from_utf8(data.users.id(0)).expect("text").to_owned();
    let number: u32 = user.parse().expect("a number");
    assert!(model.knows_user(number) && !model.knows_user("nobody") && !model.knows_item(-1));
    assert_eq!([model.predict("nobody", 1), model.predict(number, "nothing")], [None, None]);
    assert_eq!((model.top("nobody", 5), model.similar("nothing", 5)), (None, None));

    let list = model.top(number, 5).expect("known");
    assert_eq!(list.len(), 5);
    assert!(list.windows(2).all(|pair| pair[0].1 >= pair[1].1), "{list:?}");
    let (low, high) = model.range;
    for &(item, score) in &list {
        let known = model.items.get(item.as_bytes()).expect("an item");
        assert!(model.rated.get(0, known).is_none(), "{item} is rated");
        assert_eq!(model.predict(&user, item), Some(score.clamp(low, high)));
    }
    let many = model.top_many([user.as_str(), "nobody", user.as_str()], 5);
    assert_eq!(many, [Some(list.clone()), None, Some(list.clone())]);

    let (item, _) = list[0];
    let alike = model.similar(item, 3).expect("known");
    assert!(alike.len() == 3 && alike.iter().all(|(other, _)| *other != item), "{alike:?}");
    assert_eq!(model.similar_users(&user, 3).expect("known").len(), 3);
    assert!(list.iter().all(|(item, _)| IdText::from(item.as_bytes()) == *item));
}

#[test]
fn a_model_is_measured_saved_and_takes_in_new_users() {
    let (data, test) = example().split(0.1, 3);
    assert_eq!(data.ratings.len() + test.ratings.len(), 30_000);
    let settings = Settings { algorithm: Algorithm::Als, ..quick() };
    let mut model = Recommender::new(settings).fit(&data).expect("it trains");
    let rmse = model.evaluate(&test).expect("measured").rating.expect("of ratings").rmse;
    assert!(rmse.model.value < rmse.mean.value, "{rmse:?}");

    let here = tempfile::tempdir().expect("a directory");
    let path = here.path().join("m.safetensors");
    model.save(&path).expect("saved");
    let user = IdText::from(data.users.id(5));
    assert_eq!(Model::load(&path).expect("a model").top(user, 9), model.top(user, 9));

    let items: Vec<IdText> = (0..8).map(|item| data.items.id(item).into()).collect();
    let new = Dataset::from_triples(items.iter().map(|item| ("new", item, 5))).expect("ratings");
    let added = model.fold_in(&new).expect("folded in");
    assert_eq!((added.users, added.items), (1, 0));
    assert!(model.predict("new", items[0]) > Some(model.draws[0].mean), "somebody who likes all");
}

#[test]
fn a_fit_that_is_stopped_gives_what_there_is_or_says_so() {
    let data = example();
    let (stop, mut epochs) = (Stop::new(), 0);
    let observe = |event: &Event| {
        if matches!(event, Event::Epoch { phase: Phase::Search, .. }) {
            epochs += 1;
            stop.raise();
        }
    };
    let model = Recommender::new(quick()).fit_with(&data, observe, &stop).expect("one epoch");
    assert!(epochs == 1 && model.draws.len() == 1);
    let none = Recommender::new(quick()).fit_with(&data, |_| (), &stop).unwrap_err();
    assert!(matches!(none, Error::Stopped { .. }), "{none}");
    let early = Stop::new();
    let none = Recommender::new(quick()).fit_with(&data, |_| early.raise(), &early).unwrap_err();
    assert!(matches!(none, Error::Stopped { .. }), "{none}");
    let measured = model.evaluate_with(&data, &mfgpu::EvaluationOptions::default(), &stop);
    assert!(matches!(measured, Err(Error::Stopped { .. })));
}

/// Two fits in one process: one is stopped while the other runs; the other gives the same bits as alone.
#[test]
fn a_fit_that_is_stopped_leaves_another_one_alone() {
    let data = example();
    let some = triples(&data, 200);
    let other = Dataset::from_triples(some).expect("ratings");
    let alone = bytes_of(&Recommender::new(quick()).fit(&data).expect("it trains"));
    let (first, second) = (Stop::new(), Stop::new());
    let (begun, waits) = channel();
    let (ended, goes_on) = channel();
    let together = std::thread::scope(|scope| {
        let (first, other) = (&first, &other);
        let stopped = scope.spawn(move || {
            // This one starts when the other one has started, which waits until this one has ended.
            waits.recv().expect("the other one");
            let settings = Settings { epochs: Some(1000), patience: Some(1000), ..quick() };
            let mut epochs = 0;
            let observe = |event: &Event| {
                epochs += usize::from(matches!(event, Event::Epoch { .. }));
                if epochs == 2 {
                    first.raise();
                }
            };
            let model = Recommender::new(settings).fit_with(other, observe, first);
            ended.send(()).expect("the other one");
            (model.map(|_| ()), epochs)
        });
        let mut epochs = 0;
        let observe = |event: &Event| {
            if matches!(event, Event::Epoch { .. }) {
                epochs += 1;
                if epochs == 2 {
                    begun.send(()).expect("the one to be stopped");
                    goes_on.recv().expect("the one to be stopped");
                }
            }
        };
        let model = Recommender::new(quick()).fit_with(&data, observe, &second).expect("it trains");
        let (result, epochs) = stopped.join().expect("no panic");
        assert!(result.is_ok() && epochs == 2, "{result:?} after {epochs}");
        bytes_of(&model)
    });
    assert!(first.is_raised() && !second.is_raised());
    assert!(together == alone, "a stop of another fit changed the model");
}

/// A run in memory makes both models of the program, with a test, titles, and ratings given or read.
#[cfg(feature = "cli")]
#[test]
fn a_run_in_memory_has_the_bytes_of_one_in_a_directory() {
    use crate::program::run;
    use mfgpu::input::{ReadOptions, read_ratings};
    use mfgpu::run::{About, Config, Context, Given, Slice, fit};
    use mfgpu::train::engine::Device;
    use std::ops::ControlFlow;

    let here = tempfile::tempdir().expect("a directory");
    let ratings = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/ratings.csv");
    let titles = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/titles.csv");
    let flags = ["-k", "4", "--list-factors", "4", "--epochs", "4", "--test", "0.1", "--device", "cpu", "-q"];
    let all = [&["train", ratings, "--item-names", titles, "--out", "m"], &flags[..]].concat();
    run(here.path(), &all, 0);
    let training = Settings { factors: Some(4), epochs: Some(4), ..Settings::default() };
    let lists = Settings { factors: Some(4), algorithm: Algorithm::Ials, ..Settings::default() };
    let config = Config {
        ratings: vec![ratings.into()],
        test: Some(Slice::Fraction(0.1)),
        item_names: Some(titles.into()),
        training,
        lists,
        ..Config::default()
    };
    let (data, report) =
        read_ratings(&[ratings.into()], &ReadOptions::default(), &mut |_, _| Ok(())).expect("ratings");
    let names = mfgpu::input::read_names(Path::new(titles), &data.items).expect("titles");
    let numbers = data.items.clone();
    let title_of = |id: &[u8]| names[numbers.get(id)? as usize].clone();
    let given = Given { ratings: Some((data, report)), title_of: Some(&title_of), ..Given::default() };
    let about = About::default();
    for (given, ratings) in [(Given::default(), vec![ratings.into()]), (given, vec!["none such".into()])] {
        let mut device = Device::open(&mfgpu::DeviceChoice::Cpu, None).expect("a device");
        let stop = Stop::new();
        let mut context = Context { about: &about, device: &mut device, stop: &stop, world: None };
        let config = Config { ratings, item_names: config.item_names.clone(), ..config.clone() };
        let mut epochs = 0;
        let mut observe = |event: &mfgpu::run::RunEvent| {
            epochs += usize::from(matches!(event, mfgpu::run::RunEvent::Training(Event::Epoch { .. })));
            ControlFlow::Continue(())
        };
        let fitted = fit(&config, given, &mut context, &mut observe).expect("it trains");
        let file = |name: &str| fs::read(here.path().join("m").join(name)).expect("a file");
        assert!(bytes_of(&fitted.model) == file("model.safetensors"));
        assert!(bytes_of(&fitted.lists.expect("lists")) == file("lists.safetensors"));
        let record: serde_json::Value = serde_json::from_slice(&file("run.json")).expect("JSON");
        // Both as read from text, which may round the last digit.
        let evaluation = serde_json::to_string(&fitted.report.evaluation).expect("JSON");
        let evaluation: serde_json::Value = serde_json::from_str(&evaluation).expect("JSON");
        assert_eq!(record["report"]["evaluation"], evaluation);
        assert!(epochs > 8, "{epochs}");
    }
}

#[test]
fn a_run_in_memory_ends_as_asked() {
    use mfgpu::run::{About, Config, Context, Given, RunEvent, Slice, fit};
    use mfgpu::train::engine::Device;
    use std::ops::ControlFlow;

    let training = Settings { epochs: Some(100_000), patience: Some(100_000), ..quick() };
    let config = Config {
        ratings: vec!["memory".into()],
        objective: Some(mfgpu::run::Objectives::Ratings),
        training,
        ..Config::default()
    };
    let ended = |config: &Config, raise: bool| {
        let given =
            Given { ratings: Some((example(), mfgpu::input::ReadReport::default())), ..Given::default() };
        let (about, stop) = (About::default(), Stop::new());
        let mut device = Device::open(&mfgpu::DeviceChoice::Cpu, None).expect("a device");
        let mut context = Context { about: &about, device: &mut device, stop: &stop, world: None };
        let mut seen = 0;
        fit(config, given, &mut context, &mut |event| {
            seen += usize::from(matches!(event, RunEvent::Training(Event::Epoch { .. })));
            match seen {
                3 if raise => stop.raise(),
                3.. => return ControlFlow::Break(()),
                _ => {}
            }
            ControlFlow::Continue(())
        })
    };
    let fitted = ended(&config, false).expect("the best model so far");
    assert!((1..100).contains(&fitted.report.search_epochs), "{}", fitted.report.search_epochs);
    assert!(matches!(ended(&config, true), Err(Error::Stopped { .. })));
    let folds = Config { folds: Some(3), ..config.clone() };
    assert!(ended(&folds, false).unwrap_err().to_string().contains("the directory of a run"));
    let missing = Config { test: Some(Slice::File("none such".into())), ..config };
    assert_eq!(ended(&missing, false).unwrap_err().exit_code(), 3);
}
