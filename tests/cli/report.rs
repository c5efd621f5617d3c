//! The report of a run, as a browser would read it: well-formed, accessible, without external content, and
//! without anything that data could make run.

use crate::program::{run, words};
use scraper::{ElementRef, Html, Selector};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

fn all<'a>(page: &'a Html, what: &str) -> Vec<ElementRef<'a>> {
    page.select(&Selector::parse(what).unwrap()).collect()
}

fn text(element: ElementRef) -> String {
    element.text().collect()
}

/// The faults of a page.
pub(crate) fn faults(source: &str) -> Vec<String> {
    let page = Html::parse_document(source);
    let mut faults: Vec<String> = page.errors.iter().map(ToString::to_string).collect();
    let mut ids = BTreeSet::new();
    for element in all(&page, "[id]") {
        let id = element.value().attr("id").unwrap();
        if !ids.insert(id) {
            faults.push(format!("the id {id} is there twice"));
        }
    }
    for element in all(&page, "[aria-labelledby], [href]") {
        let named = element.value().attr("aria-labelledby").unwrap_or_default().split_whitespace();
        let linked =
            element.value().attr("href").map(|link| link.strip_prefix('#').unwrap_or("what is elsewhere"));
        faults.extend(
            named.chain(linked).filter(|id| !ids.contains(id)).map(|id| format!("no {id} to point to")),
        );
    }
    for what in
        ["script", "img", "iframe", "link", "object", "form", "[src]", "[onload]", "[onclick]", "[onerror]"]
    {
        faults.extend(all(&page, what).iter().map(|found| format!("found {what}: {}", found.html())));
    }
    for outside in ["http://", "https://", "url(", "@import", "javascript:"] {
        if source.contains(outside) {
            faults.push(format!("refers to {outside}"));
        }
    }
    let mut level = 0;
    for heading in all(&page, "h1, h2, h3, h4, h5, h6") {
        let own: usize = heading.value().name()[1..].parse().unwrap();
        if own > level + 1 {
            faults.push(format!("h{own} `{}` comes below h{level}", text(heading)));
        }
        level = own;
    }
    let charts = all(&page, "figure").len();
    for part in ["figcaption h3", "svg[role=img] > title", "svg[role=img] > desc", "details table"] {
        let found = all(&page, &format!("figure {part}")).len();
        if found != charts {
            faults.push(format!("{charts} charts have {found} {part}"));
        }
    }
    if all(&page, "html[lang] > head > meta[name=viewport]").len() != 1 {
        faults.push("no language, or not made for phones".into());
    }
    faults
}

#[test]
fn the_checker_can_fail() {
    let page = |body: &str| {
        format!(
            "<!DOCTYPE html><html lang=en><head><meta name=viewport><title>x</title></head><body>{body}</body></html>"
        )
    };
    assert_eq!(faults(&page("<h1>a</h1><p id=b>c</p>")), [""; 0]);
    for wrong in [
        "<p></div>",
        "<p id=a></p><p id=a></p>",
        "<p aria-labelledby=a></p>",
        "<a href='elsewhere'>x</a>",
        "<script>alert(1)</script>",
        "<img alt=x>",
        "<p onclick='x()'></p>",
        "<p>https://example.org</p>",
        "<h1>a</h1><h3>b</h3>",
        "<figure><figcaption><h3>x</h3></figcaption></figure>",
    ] {
        assert!(!faults(&page(wrong)).is_empty(), "{wrong}");
    }
    assert!(!faults("<p>x").is_empty());
}

/// Ratings, and titles that would be a script if they were not text.
fn generate(here: &Path) {
    let line = "generate --users 300 --items 80 --ratings 9000 --seed 3 -o ratings.csv";
    run(here, &words(line), 0);
    let titles: String = (1..=80)
        .map(|item| format!("{item},<script>alert(1)</script> & \"{item}\"\n"))
        .collect::<Vec<_>>()
        .concat();
    fs::write(here.join("titles.csv"), format!("item,title\n{}", titles.replace('"', "'"))).unwrap();
}

fn page(here: &Path, name: &str) -> String {
    let source = fs::read_to_string(here.join(name)).unwrap();
    assert_eq!(faults(&source), [""; 0], "{name}");
    source
}

/// The page without the time it was written.
fn timeless(source: &str) -> &str {
    source.split_once("<footer>").unwrap().0
}

/// Trains, checks the page, and checks that `mfgpu report` makes the same page from the files of the run.
fn trained(here: &Path, flags: &str, out: &str) -> String {
    let epochs = if flags.contains("--epochs") { "" } else { "--epochs 6 " };
    run(here, &words(&format!("train ratings.csv -k 4 {epochs}{flags} --out {out}")), 0);
    let source = page(here, &format!("{out}/report.html"));
    run(here, &["report", out, "-o", "again.html"], 0);
    assert_eq!(timeless(&source), timeless(&page(here, "again.html")), "{flags}");
    source
}

pub(crate) fn sections(source: &str) -> Vec<String> {
    let page = Html::parse_document(source);
    all(&page, "main > section").iter().map(|section| section.value().attr("id").unwrap().into()).collect()
}

#[test]
fn data_stays_text() {
    let own = tempfile::tempdir().unwrap();
    let here = own.path();
    generate(here);
    let evil = "a<b onload=x>&amp;'\".csv";
    fs::copy(here.join("ratings.csv"), here.join(evil)).unwrap();
    let line = "-k 4 --epochs 6 --test 0.1 --item-names titles.csv --out run<i>";
    run(here, &[&["train", evil][..], &words(line)].concat(), 0);
    let source = page(here, "run<i>/report.html");
    let html = Html::parse_document(&source);
    let named = all(&html, "bdi").into_iter().map(text);
    let scripts = named.filter(|name| name.starts_with("<script>alert(1)</script> & '")).count();
    assert!(scripts > 60, "titles are shown as they are: {scripts}");
    assert_eq!(text(all(&html, "h1 bdi")[0]), "run<i>");
    assert!(
        all(&html, "tbody th").into_iter().any(|cell| text(cell) == evil),
        "the name of the file is there"
    );
    assert!(all(&html, "pre code").into_iter().any(|code| text(code).contains("--item-names titles.csv")));
    let sum = blake3::hash(&fs::read(here.join(evil)).unwrap()).to_hex().to_string();
    assert!(all(&html, "td").into_iter().any(|cell| text(cell) == sum), "the checksum of the file is there");
    assert!(source.len() < 200_000, "{} bytes", source.len());
}

#[test]
fn every_kind_of_run_has_one() {
    let own = tempfile::tempdir().unwrap();
    let here = own.path();
    generate(here);
    let whole = [
        "lists",
        "items",
        "accuracy",
        "learning",
        "predictions",
        "known",
        "factors",
        "settings",
        "reproduce",
    ];
    let untested = [&whole[..2], &whole[3..]].concat();
    let tested = trained(here, "--test 0.1", "sgd");
    assert_eq!(sections(&tested), whole);
    assert!(!here.join("sgd/held-out.csv").exists());

    // Without a test, the page uses the held-out ratings of the search. If the ratings are not kept, a later
    // report knows less.
    let held_out = trained(here, "--algorithm als", "als");
    assert_eq!(sections(&held_out), untested);
    let rows = fs::read_to_string(here.join("als/held-out.csv")).unwrap();
    assert!(rows.starts_with("user,item,rating,prediction\n") && rows.lines().count() > 1000, "{rows}");
    let unmeasured = trained(here, "--valid 0 --top 0", "blind");
    assert!(unmeasured.contains("No ratings were set aside"));
    assert_eq!(
        sections(&unmeasured),
        ["lists", "items", "learning", "predictions", "factors", "settings", "reproduce"]
    );

    let sure = trained(here, "--algorithm bayes --burn-in 4 --epochs 12 --test 0.2", "bayes");
    assert_eq!(sections(&sure), [&whole[..6], &["calibration"], &whole[6..]].concat());
    assert!(Html::parse_document(&sure).errors.is_empty() && sure.contains("± "));
    let folds = trained(here, "--folds 2 --regularization 0.1", "folds");
    assert!(folds.contains("Over 2 folds") && sections(&folds) == whole);

    run(here, &words("train ratings.csv -k 4 --epochs 3 --test 0.1 --keep-ratings off --out forgot"), 0);
    assert_eq!(sections(&page(here, "forgot/report.html")), whole, "at the end all is known");
    run(here, &["report", "forgot"], 0);
    let forgot = page(here, "forgot/report.html");
    assert!(forgot.contains("keeps no ratings"));
    assert_eq!(
        sections(&forgot),
        ["accuracy", "learning", "predictions", "factors", "settings", "reproduce"]
    );
}

pub(crate) fn texts(source: &str, what: &str) -> Vec<String> {
    all(&Html::parse_document(source), what).into_iter().map(text).collect()
}

#[test]
fn lists_are_shown_beside_ratings() {
    let own = tempfile::tempdir().unwrap();
    let here = own.path();
    generate(here);
    let both = trained(here, "--test 0.1 --list-factors 8 --item-names titles.csv", "both");
    let tiles = texts(&both, ".tiles dt");
    assert!(["Test RMSE", "NDCG@10"].iter().all(|name| tiles.iter().any(|tile| tile == name)), "{tiles:?}");
    let verdict = texts(&both, ".verdict").concat();
    assert!(verdict.starts_with("NDCG@10 of the lists is ") && verdict.contains("On "), "{verdict}");
    assert_eq!(tiles[..2], ["NDCG@10", "Test RMSE"]);
    assert_eq!(texts(&both, ".tiles .good dt"), ["NDCG@10", "Test RMSE"]);
    assert_eq!(texts(&both, "#learning figcaption h3"), ["Learning curves", "Learning curves of the lists"]);
    let legend = texts(&both, "#learning-lists .legend li");
    assert!(legend[0] == "held out" && !legend.iter().any(|name| name.contains("training")), "{legend:?}");
    let [scores, ratings] = ["#lists .score", "#lists .score small"].map(|what| texts(&both, what));
    assert!(ratings.len() >= 30 && ratings.len() < scores.len(), "{scores:?}");
    assert!(
        ratings.iter().all(|rating| (0.5..=5.0).contains(&rating.parse::<f32>().unwrap())),
        "{ratings:?}"
    );
    let html = Html::parse_document(&both);
    assert_eq!((all(&html, "#items article").len(), all(&html, "#items article li").len()), (20, 100));
    assert_eq!(all(&html, "#items details article").len(), 14, "the others are folded");
    assert_eq!(all(&html, "#items tbody tr").len(), 10);
    let named = texts(&both, "#items tbody th");
    assert!(named.iter().all(|name| name.starts_with("<script>alert(1)</script> & '")), "{named:?}");
}

/// Where nothing predicts ratings, nothing on the page is in rating units.
#[test]
fn a_run_for_lists_alone() {
    let own = tempfile::tempdir().unwrap();
    let here = own.path();
    generate(here);
    let sections_of_lists = ["lists", "items", "accuracy", "learning", "settings", "reproduce"];
    let tested = trained(here, "--rating-col none --test 0.1", "tested");
    assert_eq!(sections(&tested), sections_of_lists);
    assert_eq!(texts(&tested, "#learning figcaption h3"), ["Learning curves of the lists"]);
    let verdict = texts(&tested, ".verdict").concat();
    assert!(verdict.starts_with("NDCG@10") || verdict.starts_with("The lists"), "{verdict}");
    assert!(!tested.contains("on a scale") && !tested.contains("RMSE"));
    let held_out = trained(here, "--objective lists", "held_out");
    assert_eq!(sections(&held_out), [&sections_of_lists[..2], &sections_of_lists[3..]].concat());
    assert!(texts(&held_out, ".tiles dt").iter().any(|tile| tile == "Held-out NDCG@10"));
    assert!(!held_out.contains("No ratings were set aside"));
}

/// A model of ratings lists what is liked, not what is rated: where every rating counts, the most rated items
/// are better.
#[test]
fn lists_that_are_worse_than_popular_ones() {
    let own = tempfile::tempdir().unwrap();
    let here = own.path();
    generate(here);
    let line =
        "train ratings.csv -k 4 --epochs 2 --objective ratings --test 0.1 --relevant-from all --out run";
    let (_, said) = run(here, &words(line), 0);
    let warned = |said: &str| {
        let line = said.lines().find(|line| line.starts_with("warning: lists are worse")).unwrap();
        assert!(
            line.contains("ndcg@10=0.") && line.ends_with("--objective both trains a model of lists, too")
        );
    };
    warned(&said);
    let verdict = texts(&page(here, "run/report.html"), ".verdict").concat();
    assert!(verdict.starts_with("The lists are worse than a sort by popularity"), "{verdict}");
    assert_eq!(texts(&page(here, "run/report.html"), ".tiles .bad dt")[0], "NDCG@10");
    assert!(verdict.contains("--objective both"), "{verdict}");
    warned(&run(here, &words("evaluate run run/test.csv --relevant-from all"), 0).1);
}

/// The files of a run that was stopped or is in progress: there is no model.
#[test]
fn a_run_without_a_model() {
    let own = tempfile::tempdir().unwrap();
    let here = own.path();
    generate(here);
    run(here, &words("train ratings.csv -k 4 --epochs 6 --out done"), 0);
    fs::create_dir(here.join("stopped")).unwrap();
    for name in ["config.toml", "metrics.jsonl", "status.json"] {
        fs::copy(here.join("done").join(name), here.join("stopped").join(name)).unwrap();
    }
    let status = fs::read_to_string(here.join("stopped/status.json")).unwrap();
    for (state, told) in [("training", "died"), ("stopped", "stopped")] {
        let status = status.replace("\"finished\"", &format!("\"{state}\""));
        fs::write(here.join("stopped/status.json"), status).unwrap();
        let (stdout, _) = run(here, &["report", "stopped", "-o", "-"], 0);
        assert_eq!(faults(&stdout), [""; 0]);
        assert_eq!(sections(&stdout), ["learning", "settings", "reproduce"]);
        let html = Html::parse_document(&stdout);
        assert_eq!(text(all(&html, ".state")[0]), told);
        assert!(stdout.contains("mfgpu resume"), "{state}");
    }
    fs::remove_file(here.join("stopped/status.json")).unwrap();
    fs::remove_file(here.join("stopped/metrics.jsonl")).unwrap();
    run(here, &["report", "stopped"], 0);
    assert_eq!(sections(&page(here, "stopped/report.html")), ["settings", "reproduce"]);

    let (_, said) = run(here, &["report", "nowhere"], 2);
    assert!(said.contains("no run is here"), "{said}");
    fs::write(here.join("done/model.safetensors"), "no model").unwrap();
    run(here, &["report", "done"], 7);
    let before = fs::read(here.join("done/report.html")).unwrap();
    assert!(String::from_utf8(before).unwrap().contains("finished"), "the old page stays");
}

/// An item that four users love is in the lists of all others, and the page says so.
#[test]
fn an_item_with_few_ratings_in_many_lists() {
    let own = tempfile::tempdir().unwrap();
    let here = own.path();
    let mut rows: Vec<String> = (0..60)
        .flat_map(|user: u32| (0..20).map(move |item: u32| (user, item)))
        .filter(|(user, item)| (user * 7 + item * 3).is_multiple_of(5))
        .map(|(user, item)| format!("u{user},i{item},{}", 2 + (user + item) % 3))
        .collect();
    rows.extend((0..4).map(|user| format!("u{user},rare,5")));
    fs::write(here.join("r.csv"), format!("user,item,rating\n{}\n", rows.join("\n"))).unwrap();
    let line = "train r.csv --objective ratings --algorithm als -k 2 --epochs 8 --regularization 0.01 --valid 0 --out m";
    run(here, &words(line), 0);
    let warnings = texts(&page(here, "m/report.html"), "#items .warning");
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(
        warnings[0].starts_with("“rare” is in ") && warnings[0].contains("only 4 ratings speak for it"),
        "{warnings:?}"
    );
    let often = texts(&fs::read_to_string(here.join("m/report.html")).unwrap(), "#items tbody tr");
    assert!(often.iter().any(|row| row.starts_with("rare")), "{often:?}");
    // The score that puts it there is beyond the scale, the rating that is shown is on it.
    let shown = texts(&fs::read_to_string(here.join("m/report.html")).unwrap(), "#lists .score");
    assert!(shown.iter().all(|score| score.parse::<f32>().unwrap() <= 5.0), "{shown:?}");
}

/// Settings of other algorithms are not shown.
#[test]
fn settings_that_are_used() {
    let own = tempfile::tempdir().unwrap();
    let here = own.path();
    generate(here);
    for (algorithm, shown, hidden) in [
        ("sgd", ["learning rate", "stages"], ["burn in", "solver"]),
        ("als", ["solver", "views"], ["learning rate", "burn in"]),
        ("bayes", ["burn in", "keep draws"], ["learning rate", "patience"]),
    ] {
        let line = format!(
            "train ratings.csv -k 2 --epochs 3 --solver exact --algorithm {algorithm} --out {algorithm}"
        );
        let line = if algorithm == "als" { line } else { line.replace("--solver exact ", "") };
        run(here, &words(&line), 0);
        let settings =
            texts(&page(here, &format!("{algorithm}/report.html")), "#settings div:first-child tbody th");
        let has = |name: &str| settings.iter().any(|setting| setting == name);
        assert!(shown.iter().all(|name| has(name)) && !hidden.iter().any(|name| has(name)), "{settings:?}");
    }
}
