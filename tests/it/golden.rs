//! Models of an early version: they load, list, predict and fold in as they did in that version, and runs can
//! start from them. `tests/golden/models.sh` made them.

use mfgpu::{Algorithm, Dataset, IdText, Model, Recommender, Settings};
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
