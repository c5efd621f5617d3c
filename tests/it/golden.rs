//! Models of an early version: they load, list, predict and fold in as they did in that version, and runs can
//! start from them. `tests/golden/models.sh` made them.

use mfgpu::input::{ReadOptions, read_timed_ratings};
use mfgpu::run::prepare;
use mfgpu::{Algorithm, Dataset, IdText, Model, Recommender, Settings, Stop};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

/// Other processors round differently.
const ROUNDING: f32 = 1e-5;

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/models").join(name)
}

fn model(algorithm: Algorithm) -> Model {
    Model::load(file(&format!("{}.safetensors", algorithm.name()))).expect("a model")
}

/// The rows of a table without its header.
fn rows(name: &str) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(file(name)).expect("a table");
    text.lines().skip(1).map(|line| line.split(',').map(str::to_owned).collect()).collect()
}

fn number(cell: &str) -> f32 {
    cell.parse().expect("a number")
}

/// The lists of users equal those of a table with rows of user, rank, item and score.
fn lists_are(model: &Model, table: &str) {
    let rows = rows(table);
    assert!(!rows.is_empty());
    for list in rows.chunk_by(|a, b| a[0] == b[0]) {
        let found = model.top(&list[0][0], 5).expect("a user of the model");
        assert_eq!(found.len(), list.len(), "{list:?}");
        for (row, (item, score)) in list.iter().zip(found) {
            assert!(
                item == row[2].as_str() && (score - number(&row[3])).abs() < ROUNDING,
                "{row:?} {item} {score}"
            );
        }
    }
}

#[test]
fn old_models_list_and_predict_what_they_did() {
    for algorithm in Algorithm::ALL {
        let (model, name) = (model(algorithm), algorithm.name());
        assert_eq!(model.about.setting("algorithm"), Some(algorithm));
        lists_are(&model, &format!("{name}-top.csv"));
        let listed = rows(&format!("{name}-top.csv"));
        for user in model.users.iter().map(IdText::from) {
            let is_listed = listed.iter().any(|row| user == row[0].as_str());
            assert_eq!(model.top(user, 5).is_some_and(|list| !list.is_empty()), is_listed, "{user}");
        }
        let predictions = rows(&format!("{name}-predictions.csv"));
        assert_eq!(predictions.len(), 400);
        for row in predictions {
            let found = model.predict(&row[0], &row[1]).expect("a pair of the model");
            assert!((found - number(&row[2])).abs() < ROUNDING, "{row:?} {found}");
        }
    }
}

#[test]
fn old_models_fold_in_as_they_did() {
    let new = Dataset::read(file("new.csv")).expect("ratings");
    for algorithm in Algorithm::ALL {
        let mut model = model(algorithm);
        let added = model.fold_in(&new).expect("folded in");
        assert_eq!((added.users, added.items), (2, 1));
        lists_are(&model, &format!("{}-new.csv", algorithm.name()));
    }
}

/// The algorithms that predict ratings.
const OF_RATINGS: [Algorithm; 3] = [Algorithm::Sgd, Algorithm::Als, Algorithm::Bayes];

#[test]
fn old_models_are_begun_from() {
    let data = Dataset::read(file("ratings.csv")).expect("ratings");
    for algorithm in OF_RATINGS {
        let old = model(algorithm);
        let settings = Settings { algorithm, epochs: Some(3), burn_in: 2, ..Settings::default() };
        let new = Recommender::new(settings).begin_from(&old).fit(&data).expect("it trains");
        assert_eq!(new.draws[0].users.columns(), 4, "as many factors as the old one");
        let apart = |model: &Model| {
            let square = |(user, item, rating): (u32, u32, f32)| {
                let found =
                    model.predict(IdText::from(data.users.id(user)), IdText::from(data.items.id(item)));
                (f64::from(found.expect("a pair of the model")) - f64::from(rating)).powi(2)
            };
            (data.ratings.iter().map(square).sum::<f64>() / data.ratings.len() as f64).sqrt()
        };
        assert!(apart(&new) < 1.05 * apart(&old), "{algorithm:?}: {} from {}", apart(&new), apart(&old));
    }
}

/// A run of an early version: a finished one, or one that was killed.
fn golden_run(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/run").join(name)
}

fn copied(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("made");
    for entry in std::fs::read_dir(from).expect("a directory") {
        let (path, to) = entry.map(|entry| (entry.path(), to.join(entry.file_name()))).expect("an entry");
        if path.is_dir() {
            copied(&path, &to);
        } else {
            std::fs::copy(path, to).expect("copied");
        }
    }
}

#[cfg(feature = "cli")]
#[test]
fn old_runs_are_read() {
    use crate::program::{run, words};

    let own = tempfile::tempdir().expect("a directory");
    let here = own.path();
    copied(&golden_run("finished"), &here.join("finished"));
    copied(&golden_run("stopped"), &here.join("stopped"));
    let (table, _) = run(here, &words("runs . --output-format csv"), 0);
    assert!(table.contains("./finished,finished,") && table.contains("./stopped,died,"), "{table}");
    let (described, _) = run(here, &words("describe finished"), 0);
    assert!(described.contains("316") && described.contains("held out ndcg@10"), "{described}");
    run(here, &words("describe stopped"), 0);
    for run_of in ["finished", "stopped"] {
        run(here, &words(&format!("report {run_of} -o page.html")), 0);
    }
    // The lists come out as they were, but for rounding on another processor.
    run(here, &words("recommend finished --top 5 --device cpu -o top.csv"), 0);
    let rows = |path: &Path| std::fs::read_to_string(path).expect("a table").lines().count();
    assert_eq!(rows(&here.join("top.csv")), rows(&here.join("finished/top.csv")));

    // Its ratings were somewhere else.
    std::fs::copy(file("ratings.csv"), here.join("ratings.csv")).expect("copied");
    let config = here.join("stopped/config.toml");
    let text = std::fs::read_to_string(&config).expect("settings");
    let (before, after) = ("/tmp/mfgpu-golden/ratings.csv", here.join("ratings.csv").display().to_string());
    std::fs::write(&config, text.replace(before, &after)).expect("written");
    let record = mfgpu::run::Record::load(&here.join("finished/run.json")).expect("a record");
    if record.version == env!("CARGO_PKG_VERSION") {
        run(here, &words("resume stopped"), 0);
        let resumed = mfgpu::run::Record::load(&here.join("stopped/run.json")).expect("a record");
        let rmse = |record: &mfgpu::run::Record| record.report.test.as_ref().expect("a test").rmse;
        assert!((rmse(&resumed) - rmse(&record)).abs() < 1e-4, "{} {}", rmse(&resumed), rmse(&record));
    } else {
        // Checkpoints are for the version that wrote them, which says so.
        let (_, said) = run(here, &words("resume stopped"), 7);
        assert!(said.contains("go on with that version"), "{said}");
    }
    // What the list names can be replaced; what was changed since cannot.
    let again = "train ratings.csv --device cpu -k 2 --epochs 2 --regularization 0.1 --out finished --force";
    std::fs::write(here.join("finished/top.csv"), "mine").expect("written");
    let (_, said) = run(here, &words(again), 2);
    assert!(said.contains("top.csv"), "{said}");
    std::fs::remove_file(here.join("finished/top.csv")).expect("removed");
    run(here, &words(again), 0);
}

/// Sets that the first version prepared: they are read as the tables that they were made of, and made again to the
/// byte. `mfgpu prepare timed.csv -o timed.mfr` and `mfgpu prepare weights.tsv --weight-col plays -o weights.mfr`
/// made them.
#[test]
fn old_sets_are_read_and_made_again() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/sets");
    let own = tempfile::tempdir().expect("a directory");
    let weights = ReadOptions { weight_column: Some("plays".into()), ..ReadOptions::default() };
    for (table, set, options) in
        [("timed.csv", "timed.mfr", ReadOptions::default()), ("weights.tsv", "weights.mfr", weights)]
    {
        let (table, set, again) = ([folder.join(table)], [folder.join(set)], own.path().join(set));
        let read =
            |paths, options| read_timed_ratings(paths, options, &mut |_, _| Ok(())).expect("ratings").0;
        let (from_table, from_set) = (read(&table, &options), read(&set, &ReadOptions::default()));
        assert!(from_set.ratings == from_table.ratings && from_set.times == from_table.times);
        assert_eq!(from_set.feedback, from_table.feedback);
        assert!(from_set.users.iter().eq(from_table.users.iter()));
        assert!(from_set.items.iter().eq(from_table.items.iter()));
        let made =
            prepare(&table, &options, (&again, None), &Stop::new(), &mut |_| ControlFlow::Continue(()));
        assert_eq!(made.expect("a set").ratings as usize, from_table.ratings.len());
        assert!(std::fs::read(again).expect("a set") == std::fs::read(&set[0]).expect("a set"));
    }
}
