//! An output is never an input nor another output, whatever their names: nothing is read and replaced.

use crate::program::{command, mfgpu, run, words};
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use tempfile::TempDir;

/// Everything below a directory: the contents of files, and nothing for directories.
type Tree = BTreeMap<PathBuf, Vec<u8>>;

fn tree(directory: &Path) -> Tree {
    let mut all = Tree::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_symlink() || !path.is_dir() {
            all.insert(path.clone(), fs::read(&path).unwrap_or_default());
        } else {
            all.append(&mut tree(&path));
            all.insert(path, Vec::new());
        }
    }
    all
}

/// A directory with ratings, lists, and a run `m` that has every file of a run.
fn set() -> TempDir {
    let own = tempfile::tempdir().unwrap();
    let here = own.path();
    let line = "generate --users 40 --items 30 --ratings 600 --seed 7 -o ratings.csv --titles titles.csv";
    run(here, &words(line), 0);
    let line =
        "train ratings.csv --epochs 1 -k 2 --regularization 0.1 --objective ratings --test 0.1 --top 2";
    run(here, &words(&format!("{line} --item-names titles.csv --device cpu -q --out m")), 0);
    for folder in ["m/checkpoints", "m/mfgpu.next", "parts/more"] {
        fs::create_dir_all(here.join(folder)).unwrap();
    }
    let ratings = fs::read(here.join("ratings.csv")).unwrap();
    for name in ["new.csv", "pairs.csv", "parts/a.csv", "parts/more/b.csv", "m/checkpoints/9.checkpoint"] {
        fs::write(here.join(name), &ratings).unwrap();
    }
    for name in ["users.txt", "items.txt", "block.txt", "m/held-out.csv", "m/mfgpu.next/top.csv"] {
        fs::write(here.join(name), "1\n2\n").unwrap();
    }
    own
}

/// The names under which the file `name` can be written: the last two are links to it.
fn spellings(here: &Path, name: &str) -> Vec<String> {
    let whole = here.join(name).display().to_string();
    let mut all = vec![name.to_owned(), format!("./{name}"), whole];
    #[cfg(unix)]
    {
        let (links, flat) = (here.join("links"), name.replace('/', "-"));
        fs::create_dir_all(&links).unwrap();
        let (soft, hard) = (links.join(format!("soft-{flat}")), links.join(format!("hard-{flat}")));
        if !soft.is_symlink() {
            std::os::unix::fs::symlink(here.join(name), soft).unwrap();
            fs::hard_link(here.join(name), hard).unwrap();
        }
        if !links.join("here").is_symlink() {
            std::os::unix::fs::symlink(here, links.join("here")).unwrap();
        }
        all.extend(["soft-", "hard-"].map(|kind| format!("links/{kind}{flat}")));
        all.push(format!("links/here/{name}"));
    }
    all
}

/// What the program said when it refused, and that it changed nothing.
fn refused(here: &Path, line: &[&str], (stdin, stdout): (Stdio, Stdio), before: &Tree) -> String {
    let Output { status, stderr, .. } =
        command(here).args(line).stdin(stdin).stdout(stdout).stderr(Stdio::piped()).output().unwrap();
    let said = String::from_utf8_lossy(&stderr).into_owned();
    assert_eq!(status.code(), Some(2), "{line:?}: {said}");
    assert!(tree(here) == *before, "{line:?}: files have changed");
    said
}

fn nothing() -> (Stdio, Stdio) {
    (Stdio::null(), Stdio::null())
}

/// A command, where `{}` stands for an output, and the files that it reads.
const COMMANDS: [(&str, &str); 17] = [
    ("predict m pairs.csv --new new.csv -o {}", "pairs.csv new.csv m/model.safetensors m/lists.safetensors"),
    ("predict m parts -o {}", "parts/a.csv parts/more/b.csv m/checkpoints/9.checkpoint"),
    (
        "recommend m --users users.txt --items-from items.txt --block block.txt --item-names titles.csv -o {}",
        "users.txt items.txt block.txt titles.csv m/test.csv m/run.json",
    ),
    (
        "recommend m --for-items items.txt --ratings ratings.csv --output {}",
        "items.txt ratings.csv m/config.toml",
    ),
    ("recommend m --new parts -o {}", "parts/more/b.csv m/mfgpu.next/top.csv"),
    ("similar m --ids items.txt --item-names titles.csv -o {}", "items.txt titles.csv m/metrics.jsonl"),
    ("complete m --users users.txt --items items.txt --to {}", "users.txt items.txt m/status.json"),
    ("evaluate m pairs.csv --ratings ratings.csv -o {}", "pairs.csv ratings.csv m/held-out.csv"),
    (
        "compare m m --test new.csv --report {}",
        "new.csv m/model.safetensors m/test.csv ratings.csv titles.csv",
    ),
    ("compare m m --test pairs.csv -o {}", "pairs.csv m/run.json"),
    ("export m --output-format safetensors -o {}", "m/model.safetensors m/log.txt"),
    ("report m -o {}", "m/run.json m/model.safetensors m/test.csv ratings.csv titles.csv m/lock"),
    ("bench pairs.csv --device cpu --markdown {}", "pairs.csv"),
    ("bench parts --device cpu --json={}", "parts/a.csv"),
    ("bench parts --device cpu -o {}", "parts/a.csv"),
    ("runs . -o {}", "m/status.json m/run.json m/config.toml"),
    ("find m i -o {}", "m/model.safetensors m/lists.safetensors"),
];

#[test]
fn no_output_is_an_input_by_any_name() {
    let own = set();
    let here = own.path();
    // Links are made first, so that nothing else changes.
    let files = COMMANDS.iter().flat_map(|(_, files)| files.split(' '));
    fs::write(here.join("m/lists.safetensors"), "x").unwrap();
    let named: BTreeMap<&str, Vec<String>> = files.map(|file| (file, spellings(here, file))).collect();
    let before = tree(here);
    let mut runs = 0;
    for (line, files) in COMMANDS {
        for file in files.split(' ') {
            for output in &named[file] {
                let line = line.replace("{}", output);
                let said = refused(here, &words(&line), nothing(), &before);
                let read = if file.starts_with("parts/m") { "parts" } else { file };
                assert!(said.contains(output.as_str()) && said.contains(read), "{line}: {said}");
                assert!(said.contains("name another --"), "{line}: {said}");
                runs += 1;
            }
        }
    }
    assert!(runs > 100, "{runs}");
}

/// A file that exists only when it is written is compared by its name.
#[test]
fn a_name_of_a_run_is_taken_before_it_is_there() {
    let own = set();
    let here = own.path();
    let before = tree(here);
    for output in ["m/lists.safetensors", "m/checkpoints/new/x.csv", "m/./mfgpu.next/x.csv"] {
        let said = refused(here, &["recommend", "m", "-o", output], nothing(), &before);
        assert!(said.contains("--output") && said.contains("of MODEL m"), "{said}");
    }
}

#[cfg(unix)]
#[test]
fn standard_streams_are_files_too() {
    let own = set();
    let here = own.path();
    let before = tree(here);
    let append = |name: &str| OpenOptions::new().append(true).open(here.join(name)).unwrap();
    for (line, file) in [
        ("predict m - -o p.csv", "p.csv"),
        ("recommend m --new - -o p.csv", "p.csv"),
        ("similar m --ids - -o p.csv", "p.csv"),
        ("train - --out p", "p/top.csv"),
        ("train ratings.csv --test - --out p", "p/lock"),
        ("evaluate m - -o ./p.csv", "p.csv"),
    ] {
        fs::create_dir_all(here.join("p")).unwrap();
        fs::copy(here.join("pairs.csv"), here.join(file)).unwrap();
        let (before, input) = (tree(here), File::open(here.join(file)).unwrap());
        let said = refused(here, &words(line), (input.into(), Stdio::null()), &before);
        assert!(said.contains("standard input of ") && said.contains(file), "{line}: {said}");
        fs::remove_file(here.join(file)).unwrap();
        fs::remove_dir_all(here.join("p")).unwrap();
    }
    for (line, file) in [
        ("recommend m --users users.txt", "users.txt"),
        ("predict m pairs.csv", "m/model.safetensors"),
        ("predict m pairs.csv --output /dev/stdout", "pairs.csv"),
        ("evaluate m pairs.csv", "pairs.csv"),
        ("describe parts", "parts/more/b.csv"),
        ("describe m", "m/run.json"),
        ("describe m", "titles.csv"),
        ("runs .", "m/status.json"),
        ("complete m", "m/test.csv"),
        ("report m -o -", "ratings.csv"),
        ("bench ratings.csv --markdown -", "ratings.csv"),
        ("train ratings.csv --out x", "ratings.csv"),
        ("train --config m/config.toml --out x", "titles.csv"),
    ] {
        let said = refused(here, &words(line), (Stdio::null(), append(file).into()), &before);
        let read = if file.starts_with("parts/") { "parts" } else { file };
        let out = if line.ends_with('-') || line.contains("stdout") { " -" } else { "standard output" };
        assert!(said.contains(out) || said.contains("/dev/stdout"), "{line}: {said}");
        assert!(said.contains(read), "{line}: {said}");
    }
    // Where messages would go into an input, none is said.
    for (line, file) in
        [("describe ratings.csv", "ratings.csv"), ("train ratings.csv --out x", "ratings.csv")]
    {
        let mut command = command(here);
        command.args(words(line)).stdout(append(file)).stderr(append(file));
        assert_eq!(command.status().unwrap().code(), Some(2));
        assert!(tree(here) == before, "{line}");
    }
}

#[test]
fn two_outputs_are_two_files() {
    let own = tempfile::tempdir().unwrap();
    let here = own.path();
    fs::create_dir(here.join("d")).unwrap();
    let mut lines = vec![
        "bench --synthetic 1000 --device cpu --markdown x --json=x",
        "generate --users 10 --items 10 --ratings 20 -o x --titles ./x",
        "generate --users 10 --items 10 --ratings 20 -o x --titles d/../x",
    ];
    #[cfg(unix)]
    {
        use std::os::unix::fs::symlink;
        symlink("x", here.join("y")).unwrap();
        symlink(here.join("mfgpu.1"), here.join("d/mfgpu-train.1")).unwrap();
        symlink("../mfgpu.1", here.join("d/mfgpu.1")).unwrap();
        lines.extend(["generate --users 10 --items 10 --ratings 20 -o x --titles y", "man --to d"]);
    }
    let before = tree(here);
    for line in lines {
        let said = refused(here, &words(line), nothing(), &before);
        assert!(said.contains("are one file"), "{line}: {said}");
    }
    #[cfg(unix)]
    {
        let line = "generate --users 10 --items 10 --ratings 20 -o - --titles z";
        let before = tree(here);
        let file = File::create(here.join("z")).unwrap();
        let Output { status, .. } = command(here).args(words(line)).stdout(file).output().unwrap();
        assert_eq!(status.code(), Some(2));
        fs::remove_file(here.join("z")).unwrap();
        assert!(tree(here) == before);
    }
}

/// The files of a run, as `src/run/names.rs` has them, and some in its directories.
const OF_A_RUN: [&str; 15] = [
    "model.safetensors",
    "lists.safetensors",
    "run.json",
    "config.toml",
    "metrics.jsonl",
    "top.csv",
    "test.csv",
    "held-out.csv",
    "report.html",
    "status.json",
    "log.txt",
    "lock",
    "checkpoints/a.csv",
    "checkpoints/deep/a.csv",
    "mfgpu.next/a.csv",
];

#[test]
fn a_run_is_apart_from_what_it_reads() {
    let own = set();
    let here = own.path();
    let train = "train -q --device cpu --epochs 1 -k 2 --regularization 0.1 --objective ratings --out d";
    for name in OF_A_RUN {
        let file = here.join("d").join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::copy(here.join("pairs.csv"), &file).unwrap();
        fs::write(here.join("c.toml"), format!("ratings = ['d/{name}']\n")).unwrap();
        let before = tree(here);
        for rest in [
            "d/{}",
            "--force d/{}",
            "--dry-run d/{}",
            "ratings.csv --test d/{}",
            "ratings.csv --valid ./d/{}",
            "ratings.csv --item-names d/{}",
            "ratings.csv --init-from d/{}",
            "--config c.toml",
        ] {
            let line = format!("{train} {}", rest.replace("{}", name));
            let said = refused(here, &words(&line), nothing(), &before);
            assert!(said.contains("name another --out") && said.contains(name), "{line}: {said}");
        }
        fs::remove_dir_all(here.join("d")).unwrap();
    }
    // Nor does a run write its files among those that it reads, named or not.
    fs::write(here.join("c.toml"), "ratings = ['parts']\n").unwrap();
    let before = tree(here);
    for line in [
        "train parts --out parts/new",
        "train ratings.csv --test parts --out ./parts/more/new",
        "train .",
        "train --config c.toml --out parts/new",
    ] {
        let said = refused(here, &words(line), nothing(), &before);
        assert!(said.contains("lies in") && said.contains("name another --out"), "{line}: {said}");
    }
    // Variables name files as flags do, a link is no other file, and settings are an input, too.
    fs::create_dir(here.join("d")).unwrap();
    fs::hard_link(here.join("titles.csv"), here.join("d/log.txt")).unwrap();
    fs::copy(here.join("m/config.toml"), here.join("d/config.toml")).unwrap();
    let before = tree(here);
    for (name, value) in [("ITEM_NAMES", "titles.csv"), ("CONFIG", "d/config.toml"), ("TEST", "d/top.csv")] {
        let mut program = mfgpu(here);
        program.args(words(&format!("{train} ratings.csv"))).env(format!("MFGPU_{name}"), value);
        program.assert().code(2);
        assert!(tree(here) == before, "{name}");
    }
    // A run that goes on reads what its settings name.
    let text = fs::read_to_string(here.join("m/config.toml")).unwrap();
    let titles = here.join("titles.csv").display().to_string();
    fs::write(here.join("d/config.toml"), text.replace(&titles, "d/report.html")).unwrap();
    fs::write(here.join("d/report.html"), "item,title\n1,a\n").unwrap();
    let before = tree(here);
    let said = refused(here, &["resume", "d"], nothing(), &before);
    assert!(said.contains("d/report.html"), "{said}");
}

#[test]
fn the_files_of_an_export_are_compared_one_by_one() {
    let own = set();
    let here = own.path();
    run(here, &words("export m -o m"), 0);
    assert!(here.join("m/users.csv").exists() && here.join("m/model.json").exists());
    fs::copy(here.join("pairs.csv"), here.join("parts/user_bias.npy")).unwrap();
    #[cfg(unix)]
    {
        fs::create_dir(here.join("e")).unwrap();
        fs::hard_link(here.join("m/model.safetensors"), here.join("e/user_bias.npy")).unwrap();
        let before = tree(here);
        let said = refused(here, &words("export m -o e --output-format npy"), nothing(), &before);
        assert!(said.contains("user_bias.npy of --output e"), "{said}");
        run(here, &words("export m -o e"), 0);
        fs::remove_file(here.join("e/items.csv")).unwrap();
        fs::hard_link(here.join("e/users.csv"), here.join("e/items.csv")).unwrap();
        let before = tree(here);
        refused(here, &words("export m -o e"), nothing(), &before);
        // The page of a run is written in its directory.
        fs::remove_file(here.join("m/report.html")).unwrap();
        fs::hard_link(here.join("m/run.json"), here.join("m/report.html")).unwrap();
        let before = tree(here);
        refused(here, &["report", "m"], nothing(), &before);
    }
}

#[test]
fn what_is_apart_is_written() {
    let own = set();
    let here = own.path();
    for line in [
        "report m",
        "report m -o m/report.html",
        "report m -o monday.html",
        "recommend m -o m/top.csv",
        "recommend m --users users.txt -o m/mine.csv",
        // Several values are ids, whatever files are called so.
        "recommend m --users mine 1 -o mine",
        "predict m parts -o parts-predicted.csv",
        "predict m m/test.csv -o m/top.csv",
        "evaluate m m/test.csv -o m/metrics.csv",
        "export m -o m --output-format npy",
        "export m --for-search -o m --output-format npy",
        // What begins with `_` is not read.
        "train parts --test 0.1 --out parts/_run --epochs 1 -k 2 --objective ratings --device cpu -q",
    ] {
        run(here, &words(line), 0);
    }
    #[cfg(unix)]
    for line in [
        "generate --users 10 --items 10 --ratings 20 -o /dev/null --titles /dev/null",
        "recommend m --new ratings.csv --ratings ratings.csv --device cpu -o /dev/null",
    ] {
        run(here, &words(line), 0);
    }
    let list = File::create(here.join("m/list.csv")).unwrap();
    assert!(command(here).args(["recommend", "m"]).stdout(list).status().unwrap().success());
    assert!(fs::read_to_string(here.join("m/list.csv")).unwrap().starts_with("user,rank,item"));
}
