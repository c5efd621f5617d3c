//! Runs with two models, one of ratings and one of lists, and runs of lists alone, from outside.

use crate::program::{run, words};
use crate::strangers::{self, table};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use tempfile::TempDir;

/// A directory with ratings, pairs and plays, and a run with two models, `both`. Made once.
fn shared() -> &'static Path {
    static SHARED: OnceLock<(TempDir, PathBuf)> = OnceLock::new();
    let (_, path) = SHARED.get_or_init(|| {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().to_owned();
        strangers::generate(&path);
        let known = fs::read_to_string(path.join("known.csv")).unwrap();
        let rows = || known.lines().skip(1).map(|line| line.rsplit_once(',').unwrap());
        let pairs: Vec<String> = rows().map(|(pair, _)| pair.to_owned()).collect();
        fs::write(path.join("pairs.csv"), format!("user,item\n{}\n", pairs.join("\n"))).unwrap();
        let plays: Vec<String> =
            pairs.iter().enumerate().map(|(n, pair)| format!("{pair},{}", n % 7)).collect();
        fs::write(path.join("plays.csv"), format!("user,item,plays\n{}\n", plays.join("\n"))).unwrap();
        let line =
            "train known.csv -k 4 --list-factors 6 --epochs 8 --regularization 0.05 --test 0.1 --device cpu";
        run(&path, &words(&format!("{line} -q --top 5 --out both")), 0);
        (directory, path)
    });
    path
}

fn out(line: &str) -> String {
    run(shared(), &words(line), 0).0
}

fn refused(line: &str, part: &str) {
    let (_, stderr) = run(shared(), &words(line), 2);
    assert!(stderr.contains(part), "{line}: {stderr}");
}

#[test]
fn each_command_uses_the_model_that_suits_it() {
    let lists = table(&out("recommend both --users u001 --top 5"));
    assert_eq!(lists[0].join(","), "user,rank,item,score,rating");
    assert_eq!(
        out("recommend both --users u001 --top 5 --by lists"),
        out("recommend both --users u001 --top 5")
    );
    // The column has the predictions of the other model, and its lists are others.
    let of_ratings = table(&out("recommend both --users u001 --top 5 --by ratings --min-ratings 0"));
    assert_eq!(of_ratings[0].join(","), "user,rank,item,score");
    let pairs: Vec<String> = lists[1..].iter().map(|row| format!("{},{}", row[0], row[2])).collect();
    fs::write(shared().join("asked.csv"), format!("user,item\n{}\n", pairs.join("\n"))).unwrap();
    let predicted = table(&out("predict both asked.csv"));
    for (list, pair) in lists[1..].iter().zip(&predicted[1..]) {
        assert_eq!((&list[2], &list[4]), (&pair[1], &pair[2]));
    }
    let top = table(&fs::read_to_string(shared().join("both/top.csv")).unwrap());
    assert_eq!(top[0], lists[0]);
    // What is asked in rating units is asked of the model of ratings.
    let high = table(&out("recommend both --users u001 --min-score 1 --min-ratings 0 --top 5"));
    assert_eq!(high, of_ratings);
    assert_ne!(out("similar both i01 --by lists"), out("similar both i01 --by ratings"));
    assert_eq!(out("similar both i01"), out("similar both i01 --by lists"));
    refused("recommend both/model.safetensors --by lists", "has no model of lists, only one of ratings");

    let described = out("describe both");
    assert!(
        described.contains("6 factors, best epoch") && described.contains("held out ndcg@10"),
        "{described}"
    );
    let (evaluated, _) = run(shared(), &words("evaluate both both/test.csv --resamples 0"), 0);
    assert!(evaluated.contains("RMSE") && evaluated.contains("NDCG@10"), "{evaluated}");
    let alone = run(shared(), &words("evaluate both/lists.safetensors both/test.csv --resamples 0"), 0).0;
    assert!(!alone.contains("RMSE") && alone.contains("NDCG@10"), "{alone}");
    let ndcg = |text: &str| text.lines().find(|line| line.starts_with("NDCG@10")).map(str::to_owned);
    assert_eq!(ndcg(&evaluated), ndcg(&alone));
    run(shared(), &words("export both --by lists -o exported.safetensors"), 0);
    assert!(fs::metadata(shared().join("exported.safetensors")).unwrap().len() > 0);
}

#[test]
fn new_users_have_lists_and_ratings() {
    let new = table(&out("recommend both --new new.csv --device cpu --top 3"));
    assert_eq!(new[0].join(","), "user,rank,item,score,rating");
    assert_eq!(new.len(), 1 + 3 * strangers::NEW);
    assert!(
        new[1..].iter().all(|row| row[4].parse::<f32>().is_ok_and(|rating| (0.0..=6.0).contains(&rating)))
    );
}

#[test]
fn weights_and_pairs_have_lists_alone() {
    for (name, says) in [
        ("pairs", "training for lists: every pair weighs the same"),
        ("plays", "training for lists: a weight weighs in proportion to its value"),
    ] {
        let line = format!("train {name}.csv -k 5 --epochs 4 --regularization 0.005 --test 0.1 --device cpu");
        let (_, stderr) = run(shared(), &words(&format!("{line} --top 0 --out of-{name}")), 0);
        assert!(stderr.contains(says), "{stderr}");
        assert!(stderr.contains("test lists: ") && !stderr.contains("test: rmse"), "{stderr}");
        let directory = shared().join(format!("of-{name}"));
        assert!(!directory.join("lists.safetensors").exists());
        let config = fs::read_to_string(directory.join("config.toml")).unwrap();
        assert!(config.contains("objective = \"lists\""), "{config}");
        // The general settings were those of the lists, and the run can be repeated.
        let described = out(&format!("describe of-{name}"));
        assert!(described.contains("lists"), "{described}");
        run(shared(), &words(&format!("train --config of-{name}/config.toml -q --out again-{name}")), 0);
        let [one, other] = ["of", "again"]
            .map(|run| fs::read(shared().join(format!("{run}-{name}/model.safetensors"))).unwrap());
        assert!(one == other, "{name}");
        let (text, stderr) = run(shared(), &words(&format!("predict of-{name} pairs.csv")), 0);
        assert!(text.starts_with("user,item,prediction\n"));
        assert!(stderr.contains("note: the model is of lists"), "{stderr}");
        let test = table(&fs::read_to_string(directory.join("test.csv")).unwrap());
        assert_eq!(test[0].join(","), if name == "pairs" { "user,item" } else { "user,item,weight" });
    }
    refused("train pairs.csv --objective ratings", "--objective is ratings; there are only pairs");
    refused("train known.csv --objective both --algorithm ials", "it is the algorithm of lists");
    refused("train known.csv --objective lists --algorithm als", "it predicts ratings");
}

#[test]
fn a_run_begins_from_both_models() {
    let line = "train known.csv --init-from both --epochs 3 --device cpu -q --top 0 --out begun";
    run(shared(), &words(line), 0);
    let read = |name: &str| fs::read(shared().join(name)).unwrap();
    assert_ne!(read("begun/lists.safetensors"), read("both/lists.safetensors"));
    let metrics = fs::read_to_string(shared().join("begun/metrics.jsonl")).unwrap();
    assert!(metrics.contains("\"objective\":\"lists\"") && !metrics.contains("race"), "{metrics}");
    refused(
        "train pairs.csv --init-from both/model.safetensors --objective lists --out none",
        "has no model of lists to begin from",
    );
}

/// Folds measure the errors of one model and the lists of the other.
#[test]
fn folds_measure_both_models() {
    let line =
        "train known.csv -k 4 --list-factors 4 --epochs 3 --regularization 0.05 --folds 2 --device cpu";
    let (_, stderr) = run(shared(), &words(&format!("{line} --top 0 --out folds")), 0);
    assert!(stderr.contains("2 folds: rmse=") && stderr.contains("2 folds, lists: "), "{stderr}");
    assert_eq!(stderr.matches("training for lists").count(), 3, "of each fold, and of the run: {stderr}");
}
