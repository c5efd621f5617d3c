//! Ratings of any size that is allowed: whatever is trained on them is finite in every output.

use crate::program::{run, words};
use std::fs;

#[test]
fn outputs_of_the_largest_and_the_smallest_ratings_are_finite() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    for unit in ["1e30", "1e18", "1e-30"] {
        let unit_is: f64 = unit.parse().unwrap();
        let rating =
            |n: u32| format!("u{},i{},{:e}", n % 20, (n * n + n / 7) % 31, f64::from(n % 5) * 0.25 * unit_is);
        let text = (0..400).map(rating).collect::<Vec<_>>().join("\n");
        fs::write(here.join("r.csv"), text).unwrap();
        let train =
            "train r.csv --quiet --device=cpu --algorithm bayes --epochs 6 --burn-in 4 -k 2 --force --out m";
        run(here, &words(train), 0);
        for table in [
            "recommend m --device=cpu --with-sd --by ratings",
            "predict m r.csv --with-sd",
            "complete m --with-sd",
        ] {
            let table = run(here, &words(table), 0).0;
            let mut lines = table.lines();
            let sd = lines.next().unwrap().split(',').position(|name| name == "sd").unwrap();
            let mut least = f64::INFINITY;
            for line in lines {
                let fields: Vec<&str> = line.split(',').collect();
                let numbers = fields.iter().filter_map(|field| field.parse::<f64>().ok());
                assert!(
                    numbers.clone().count() >= 2 && numbers.clone().all(f64::is_finite),
                    "{unit}: {line}"
                );
                let deviation: f64 = fields[sd].parse().unwrap();
                least = least.min(if deviation > 0.0 { deviation } else { least });
                assert!(deviation < 10.0 * unit_is, "{unit}: {line}");
            }
            assert!(least > unit_is / 1e4 && least.is_finite(), "{unit}: {least}");
        }
    }
    run(here, &words("complete m --to m.npy"), 0);
}

#[test]
fn larger_ratings_are_bad_rows() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    fs::write(here.join("r.csv"), "a,x,4\nb,y,3e38\n").unwrap();
    for command in ["train r.csv --out m", "describe r.csv"] {
        let said = run(here, &words(command), 3).1;
        assert!(
            said.contains("r.csv:2: found rating `3e38`, expected a number from -1e30 to 1e30"),
            "{said}"
        );
    }
}
