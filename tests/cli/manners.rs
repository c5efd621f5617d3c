//! What a person meets on the command line: quiet, colours, ids and files, tables of runs, and no litter.

use crate::program::{command, run, words};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use tempfile::TempDir;

/// A directory with ratings by users with negative ids, and two runs of them: `m`, and below `runs` one of
/// lists. Made once; read only.
fn shared() -> &'static Path {
    static SHARED: OnceLock<(TempDir, PathBuf)> = OnceLock::new();
    let (_, path) = SHARED.get_or_init(|| {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().to_owned();
        let rating = |n: u32| format!("-{},i{},{}", n % 23, n * n % 31, n % 5 + 1);
        let text = (0..600).map(rating).collect::<Vec<_>>().join("\n");
        fs::write(path.join("r.csv"), format!("user,item,rating\n{text}\n")).unwrap();
        let rest = "--device cpu -q --epochs 3";
        let both = format!("train r.csv --test 0.2 -k 4 --list-factors 3 --regularization 0.1 {rest} -o m");
        run(&path, &words(&both), 0);
        run(&path, &words(&format!("train r.csv --algorithm ials --list-factors 3 {rest}")), 0);
        (directory, path)
    });
    path
}

/// A library of others complains on stderr where no desktop is known.
#[cfg(target_os = "linux")]
#[test]
fn nobody_else_speaks() {
    let here = shared();
    for set in [None, Some(""), Some("relative")] {
        let said = |arguments: &[&str]| {
            let mut command = command(here);
            match set {
                Some(value) => command.env("XDG_RUNTIME_DIR", value),
                None => command.env_remove("XDG_RUNTIME_DIR"),
            };
            let output = command.args(arguments).output().unwrap();
            assert_eq!(output.status.code(), Some(0), "{arguments:?}");
            String::from_utf8_lossy(&output.stderr).into_owned()
        };
        let own = tempfile::tempdir().unwrap();
        let out = own.path().join("quiet");
        let quiet = ["train", "r.csv", "-q", "--epochs", "1", "-k", "2", "--objective", "ratings", "--out"];
        assert_eq!(said(&[&quiet[..], &[out.to_str().unwrap()]].concat()), "");
        assert!(!said(&["devices", "--no-test"]).contains("XDG"));
    }
}

#[test]
fn ids_may_look_like_flags() {
    let here = shared();
    let users = |line: &str| -> Vec<String> {
        let (text, _) = run(here, &words(line), 0);
        text.lines().skip(1).map(|line| line.split(',').next().unwrap().to_owned()).collect()
    };
    assert_eq!(users("recommend m --users -17 -9 --top 1"), ["-17", "-9"]);
    assert_eq!(users("recommend m --top 1 --by lists --users -9"), ["-9"]);
    assert_eq!(users("complete m --users -3 --items i4 i0"), ["-3", "-3"]);
    assert_eq!(users("similar m -17 --users --top 2"), ["-17", "-17"]);
    let (one, _) = run(here, &words("predict m -17 i4"), 0);
    fs::write(here.join("pair.csv"), "user,item\n-17,i4\n").unwrap();
    let (table, _) = run(here, &words("predict m pair.csv"), 0);
    assert_eq!(table, format!("user,item,prediction\n-17,i4,{one}"));

    let (_, stderr) = run(here, &words("recommend m --users -17 --9 --top 1"), 2);
    assert!(stderr.contains("'--users=--9'"), "{stderr}");
    let (_, stderr) = run(here, &words("recommend m --users=--9 --top 1"), 0);
    assert!(stderr.contains("does not know 1 user"), "{stderr}");
    let (_, stderr) = run(here, &words("recommend m --users -17 --topp 1"), 2);
    assert!(stderr.contains("--top"), "{stderr}");
}

#[test]
fn a_list_that_is_missing_is_no_id() {
    let here = shared();
    for line in [
        "recommend m --users missing.txt",
        "recommend m --users lists/users",
        "recommend m --items-from missing.csv.gz",
        "recommend m --block i1 missing.tsv",
        "recommend m --for-items ./missing",
        "complete m --items missing.txt",
    ] {
        let (stdout, stderr) = run(here, &words(line), 2);
        let file = line.split(' ').next_back().unwrap();
        assert!(
            stdout.is_empty() && stderr.contains(&format!(" {file}: there is no such file")),
            "{line}: {stderr}"
        );
    }
    // An id that nobody knows is still one.
    let (_, stderr) = run(here, &words("recommend m --users stranger --top 1"), 0);
    assert!(stderr.contains("does not know 1 user"), "{stderr}");
    let (_, stderr) = run(here, &words("recommend m --users -9 --top 1 --block stranger x.y"), 0);
    assert!(
        stderr.starts_with("warning: --block blocks nothing: the model knows none of 2 items"),
        "{stderr}"
    );
    let (_, stderr) = run(here, &words("recommend m --users -9 --top 1 --block i1 stranger"), 0);
    assert_eq!(stderr, "note: the model does not know 1 item of --block\n");
}

#[test]
fn ratings_are_within_their_scale() {
    let here = shared();
    for line in [
        "recommend m --by ratings --include-seen --top 40 --min-ratings 0",
        "recommend m --for-items i0 i1 i4 --include-seen --by ratings",
        "recommend m --by ratings --include-seen --top 40 --min-score 1",
    ] {
        let (text, _) = run(here, &words(line), 0);
        let scores: Vec<f32> =
            text.lines().skip(1).map(|row| row.split(',').nth(3).unwrap().parse().unwrap()).collect();
        assert!(scores.len() > 20 && scores.iter().all(|score| (1.0..=5.0).contains(score)), "{text}");
    }
    let (none, stderr) =
        run(here, &words("recommend m --users -9 --by ratings --include-seen --min-score 5.5"), 0);
    assert!(none.lines().count() == 1 && stderr.contains("nothing to list"), "{none} {stderr}");
    // The score is what the same model predicts.
    let (text, _) = run(here, &words("recommend m --users -9 --by ratings --top 3"), 0);
    for row in text.lines().skip(1) {
        let cells: Vec<&str> = row.split(',').collect();
        let (predicted, _) = run(here, &["predict", "m", "-9", cells[2]], 0);
        let apart = predicted.trim().parse::<f32>().unwrap() - cells[3].parse::<f32>().unwrap();
        assert!(apart.abs() < 1e-5, "{row}: {predicted}");
    }
}

#[test]
fn what_nobody_rated_is_listed_if_it_is_asked_for() {
    let own = tempfile::tempdir().unwrap();
    let here = own.path();
    // The only rating of `alone` is the latest of its user, which the test takes.
    let rating = |n: u32| format!("u{},i{},{},{n}", n % 19, n * n % 13, n % 5 + 1);
    let text = (0..300).map(rating).collect::<Vec<_>>().join("\n");
    fs::write(here.join("r.csv"), format!("user,item,rating,time\n{text}\nu1,alone,5,999\n")).unwrap();
    let train =
        "train r.csv --test last:1 -k 3 --list-factors 2 --epochs 2 --regularization 0.1 --device cpu -q";
    run(here, &words(&format!("{train} -o kept")), 0);
    run(here, &words(&format!("{train} --keep-ratings off -o bare")), 0);
    for model in ["kept", "bare"] {
        for by in ["ratings", "lists"] {
            let listed = |more: &[&str]| {
                let line = ["recommend", model, "--by", by, "--users", "u3", "--include-seen", "--top", "99"];
                run(here, &[&line[..], more].concat(), 0)
            };
            let (usual, stderr) = listed(&[]);
            assert!(!usual.contains("alone") && usual.lines().count() > 5, "{model} {by}: {usual}");
            assert!(stderr.ends_with("; --min-ratings 0 lists them\n"), "{model} {by}: {stderr}");
            assert!(listed(&["--items-from", "alone"]).0.contains(",alone,"), "{model} {by}");
            assert!(listed(&["--min-ratings", "0"]).0.contains(",alone,"), "{model} {by}");
        }
    }
}

#[test]
fn runs_are_a_table_for_people_and_for_programs() {
    let here = shared();
    let (table, stderr) = run(here, &["runs", "m"], 0);
    let lines: Vec<&str> = table.lines().collect();
    assert!(stderr.is_empty() && lines.len() == 2, "{table}{stderr}");
    let expected = "run  state     algorithm  objective  factors  list factors  test rmse  ndcg@10";
    assert!(lines[0].starts_with(expected) && lines[0].trim_end().ends_with("began"), "{table}");
    assert!(
        !lines[0].contains("phase")
            && lines[1].starts_with("m    finished  sgd        both       4        3 "),
        "{table}"
    );

    let (json, _) = run(here, &words("runs . --json"), 0);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let found = &json[0];
    assert_eq!((found["run"].as_str(), found["state"].as_str()), (Some("./m"), Some("finished")));
    assert_eq!((found["factors"].as_u64(), found["list_factors"].as_u64()), (Some(4), Some(3)));
    let record: serde_json::Value =
        serde_json::from_slice(&fs::read(here.join("m/run.json")).unwrap()).unwrap();
    assert_eq!(found["test_rmse"], record["report"]["test"]["rmse"]);
    assert!(found["ndcg@10"].is_f64() && found["seconds"].as_f64().unwrap() > 0.0);
    assert!(found["phase"].is_null() && found["eta_seconds"].is_null());

    let (csv, _) = run(here, &words("runs --output-format csv"), 0);
    let head = "run,state,algorithm,objective,factors,list_factors,test_rmse,ndcg@10,seconds,phase,epoch,epochs,\
                best_held_out_rmse,eta_seconds,began\n";
    assert!(csv.starts_with(head) && csv.contains("-r,finished,ials,lists,3,,,,"), "{csv}");

    let own = tempfile::tempdir().unwrap();
    let out = own.path().join("all.csv");
    assert_eq!(run(here, &["runs", "-o", out.to_str().unwrap()], 0).0, "");
    assert_eq!(fs::read_to_string(out).unwrap(), csv);

    // Where nothing was trained yet there is nothing to list.
    let (stdout, stderr) = run(own.path(), &["runs"], 0);
    assert!(
        stdout.is_empty() && stderr.starts_with("note: no runs in runs; `mfgpu train` makes one"),
        "{stderr}"
    );
    assert_eq!(run(own.path(), &["runs", "--json"], 0).0, "[]\n");
    let (_, stderr) = run(own.path(), &["runs", "nowhere"], 3);
    assert!(stderr.starts_with("error: nowhere: there is no such directory, expected "), "{stderr}");
}

#[test]
fn a_run_without_input_leaves_no_directory() {
    let own = tempfile::tempdir().unwrap();
    let here = own.path();
    fs::write(here.join("bad.csv"), "user,item\n\"open,1\n").unwrap();
    fs::write(here.join("r.csv"), "user,item,rating\na,b,3\na,c,4\nb,b,2\n").unwrap();
    let names = |line: &str, code: i32| {
        run(here, &words(line), code);
        let mut names: Vec<String> = fs::read_dir(here)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    };
    for line in [
        "train nothing.csv --out m --device cpu",
        "train nothing.csv --device cpu",
        "train bad.csv --out a/b/c --device cpu",
        "train r.csv --test nothing.csv --out m --device cpu",
        "train r.csv --item-names nothing.csv --out m --device cpu",
    ] {
        assert_eq!(names(line, 3), ["bad.csv", "r.csv"], "{line}");
    }
    assert_eq!(names("train r.csv --rating-col stars --out m --device cpu", 2), ["bad.csv", "r.csv"]);
    // A directory that was there stays, and so does what is in it.
    fs::create_dir(here.join("m")).unwrap();
    assert_eq!(names("train nothing.csv --out m --device cpu", 3), ["bad.csv", "m", "r.csv"]);
    assert_eq!(fs::read_dir(here.join("m")).unwrap().count(), 0);
}

#[test]
fn colours_are_a_choice() {
    let own = tempfile::tempdir().unwrap();
    let said = |arguments: &[&str], variables: &[(&str, &str)]| {
        let mut command = command(own.path());
        command.env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE").envs(variables.iter().copied());
        let output = command.args(arguments).output().unwrap();
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    let red = "\x1b[1m\x1b[31merror:\x1b[0m ";
    for usage in [&["describe", "nothing.csv"][..], &["describe", "--nonsense"]] {
        let with = |flags: &[&'static str]| [usage, flags].concat();
        assert!(said(usage, &[]).starts_with("error: "), "no terminal");
        assert!(said(&with(&["--color", "always"]), &[]).starts_with(red), "{usage:?}");
        assert!(said(&with(&["--color=always"]), &[("NO_COLOR", "1")]).starts_with(red), "a flag wins");
        assert!(said(&with(&["--color", "never"]), &[("CLICOLOR_FORCE", "1")]).starts_with("error: "));
        assert!(said(usage, &[("MFGPU_COLOR", "always")]).starts_with(red));
        assert!(said(usage, &[("CLICOLOR_FORCE", "1")]).starts_with(red));
    }
    let refused = said(&["describe", "nothing.csv", "--color", "often"], &[]);
    assert!(refused.contains("'often'") && refused.contains("--color"), "{refused}");
}

#[test]
fn names_are_the_same_everywhere() {
    let here = shared();
    let own = tempfile::tempdir().unwrap();
    let at = |name: &str| own.path().join(name).to_str().unwrap().to_owned();
    for (name, flag) in [("a.npy", "-o"), ("b.npy", "--output"), ("c.npy", "--to")] {
        run(here, &["complete", "m", flag, &at(name)], 0);
        assert_eq!(fs::read(at(name)).unwrap(), fs::read(at("a.npy")).unwrap());
    }
    for (name, flag) in [("a", "-o"), ("b", "--output"), ("c", "--to")] {
        fs::create_dir(at(name)).unwrap();
        run(here, &["man", flag, &at(name)], 0);
        assert!(Path::new(&at(name)).join("mfgpu-find.1").exists());
    }
    let (_, stderr) = run(here, &words("recommend m -o x.json"), 2);
    assert!(
        stderr.contains("x.json: found .json, expected the name of a table, .csv, .jsonl or .parquet"),
        "{stderr}"
    );
    for (name, shown) in
        [("runs", false), ("man", false), ("completions", false), ("train", true), ("similar", true)]
    {
        let (help, _) = run(here, &[name, "--help"], 0);
        assert_eq!(help.contains("--threads"), shown, "{name}");
    }
    run(here, &words("runs --threads 1"), 0);
}

#[test]
fn what_an_algorithm_does_not_use_is_not_described() {
    let here = shared();
    let (of_ratings, _) = run(here, &words("describe m"), 0);
    assert!(of_ratings.contains("learning rate") && of_ratings.contains("regularization"), "{of_ratings}");
    for other in ["burn in", "keep draws", "unobserved weight", "views", "confidence", "solver"] {
        assert!(!of_ratings.contains(other), "{other}: {of_ratings}");
    }
    let (of_lists, _) = run(here, &words("describe m/lists.safetensors"), 0);
    assert!(of_lists.contains("unobserved weight") && !of_lists.contains("learning rate"), "{of_lists}");
}

#[test]
fn a_search_says_why_it_ended() {
    let own = tempfile::tempdir().unwrap();
    let here = own.path();
    let generate = "generate --users 200 --items 90 --ratings 9000 --rank 2 --noise 0.4 --seed 3 -o r.csv";
    run(here, &words(generate), 0);
    let said = |more: &str| {
        let line = format!("train r.csv --objective ratings --device cpu -k 4 --force -o m {more}");
        run(here, &words(&line), 0).1
    };
    let limit = "note: the limit of 2 epochs was reached: more may help (--epochs)\n";
    assert!(said("--regularization 0.05 --epochs 2").contains(limit));
    assert!(
        !said("--regularization 0.05 --epochs 2 --valid 0").contains("the limit of"),
        "as many as were asked for"
    );
    let early = said("--regularization 0.05 --epochs 400 --patience 2");
    assert!(early.contains(" (stopped early: no gain in 2 epochs), then trained on all"), "{early}");
    let cut = said("--algorithm bayes --epochs 1000000 --max-time 2s");
    assert!(cut.contains("note: ended by --max-time: ") && cut.contains(" draws were not made\n"), "{cut}");
}

/// Who asks for an end is answered at once, and gets no error.
#[cfg(unix)]
#[test]
fn a_stop_is_answered() {
    use std::io::{BufRead, BufReader};
    use std::process::{Command, Stdio};
    let own = tempfile::tempdir().unwrap();
    let here = own.path();
    run(here, &words("generate --users 300 --items 200 --ratings 20000 -o r.csv"), 0);
    let line = "train r.csv --objective ratings -k 32 --epochs 1000000 --patience 1000000 --regularization 0.1 \
                --device cpu -o m";
    let mut child = command(here).args(words(line)).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    assert!(lines.any(|line| line.starts_with("epoch=2 phase=search")));
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let rest: Vec<String> = lines.filter(|line| !line.starts_with("epoch=")).collect();
    let expected = [
        "stopping after this stage, and saving; once more to stop now, without saving",
        "to go on: mfgpu resume m",
        "stopped: interrupted (INT)",
    ];
    assert_eq!(rest, expected);
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let (json, _) = run(here, &words("runs . --json"), 0);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&json[0]["state"], &json[0]["phase"]), (&"stopped".into(), &"search".into()));
}
