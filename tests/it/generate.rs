//! Synthetic ratings: the promised numbers, no repeated pair, the same bytes for any number of threads.

use mfgpu::Error;
use mfgpu::files::Sink;
use mfgpu::generate::{GenerateOptions, Summary, generate, write_titles};
use std::collections::{HashMap, HashSet};

/// The file's text and the summary.
fn text(options: &GenerateOptions) -> (String, Summary) {
    let mut bytes = Vec::new();
    let summary = generate(options, Sink::stream("memory", &mut bytes), &mut |_| ()).unwrap();
    (String::from_utf8(bytes).unwrap(), summary)
}

fn titles(options: &GenerateOptions) -> String {
    let mut bytes = Vec::new();
    write_titles(options, Sink::stream("memory", &mut bytes)).unwrap();
    String::from_utf8(bytes).unwrap()
}

fn rows(text: &str) -> Vec<(&str, &str, f64)> {
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("user,item,rating"));
    lines
        .map(|line| {
            let fields: Vec<&str> = line.split(',').collect();
            let &[user, item, rating] = fields.as_slice() else { panic!("{line}") };
            (user, item, rating.parse().unwrap())
        })
        .collect()
}

fn small() -> GenerateOptions {
    GenerateOptions { users: 700, items: 300, ratings: 20_000, ..GenerateOptions::default() }
}

#[test]
fn the_summary_says_what_is_in_the_file() {
    let options = small();
    let (text, summary) = text(&options);
    let rows = rows(&text);
    let n = rows.len() as f64;
    assert_eq!((rows.len(), summary.ratings), (20_000, 20_000));
    let (mut users, mut items) = (HashMap::<&str, u64>::new(), HashMap::<&str, u64>::new());
    let mut cells = HashSet::new();
    for &(user, item, rating) in &rows {
        *users.entry(user).or_default() += 1;
        *items.entry(item).or_default() += 1;
        assert!(cells.insert((user, item)), "{user} rates {item} twice");
        assert!((0.5..=5.0).contains(&rating) && (rating * 2.0).fract() == 0.0, "{rating}");
        assert!((1..=700).contains(&user.parse().unwrap()) && (1..=300).contains(&item.parse().unwrap()));
    }
    assert_eq!((users.len() as u32, items.len() as u32), (summary.users, summary.items));
    assert_eq!(users.values().max(), Some(&summary.busiest_user));
    assert_eq!(items.values().max(), Some(&summary.busiest_item));
    let mean = rows.iter().map(|row| row.2).sum::<f64>() / n;
    let deviation = (rows.iter().map(|row| (row.2 - mean).powi(2)).sum::<f64>() / n).sqrt();
    assert!((mean - summary.mean).abs() < 1e-9 && (deviation - summary.deviation).abs() < 1e-9);
}

/// Noise of .5, and rounding to halves, which adds a variance of .5^2 / 12; the ends of the scale reduce it a
/// little.
#[test]
fn the_noise_is_what_was_asked_for() {
    let options = small();
    let floor = |noise: f64| (noise * noise + 0.25 / 12.0).sqrt();
    let summary = text(&options).1;
    assert!((0.9 * floor(0.5)..1.02 * floor(0.5)).contains(&summary.noise), "{summary:?}");
    assert!(summary.deviation > 1.5 * summary.noise, "there is something to learn: {summary:?}");
    let quiet = text(&GenerateOptions { noise: 0.0, ..options.clone() }).1;
    assert!((0.9 * floor(0.0)..1.02 * floor(0.0)).contains(&quiet.noise), "{quiet:?}");
    let exact = GenerateOptions { noise: 0.0, step: 1e-4, ..options };
    assert!(text(&exact).1.noise < 1e-4);
}

#[test]
fn the_same_bytes_for_any_number_of_threads_and_others_for_another_seed() {
    let options = small();
    let one = text(&options).0;
    for threads in 1..4 {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        assert!(pool.install(|| text(&options).0) == one, "{threads} threads");
    }
    assert!(text(&GenerateOptions { seed: 1, ..options }).0 != one);
}

/// The shape of Netflix (480,189 users, 17,770 items, 100.5 M ratings), with a twentieth of its users. The
/// busiest item has .23 % of all ratings, and the busiest tenth of the items has most of them.
#[test]
fn popularity_is_as_in_real_data() {
    let options = GenerateOptions { users: 24_000, items: 17_770, ratings: 5_024_000, rank: 0, ..small() };
    let (text, summary) = text(&options);
    let share = summary.busiest_item as f64 / summary.ratings as f64;
    assert!((0.0015..0.0035).contains(&share), "{share}");
    let mut counts = vec![0_u64; 17_771];
    for line in text.lines().skip(1) {
        counts[line.split(',').nth(1).unwrap().parse::<usize>().unwrap()] += 1;
    }
    counts.sort_unstable_by_key(|&count| std::cmp::Reverse(count));
    let tenth = counts[..1_777].iter().sum::<u64>() as f64 / summary.ratings as f64;
    assert!((0.6..0.9).contains(&tenth), "{tenth}");
}

#[test]
fn a_full_matrix_and_a_single_rating() {
    let full = GenerateOptions { users: 40, items: 30, ratings: 1200, ..GenerateOptions::default() };
    let (text_of_full, summary) = text(&full);
    let cells: HashSet<(&str, &str)> =
        rows(&text_of_full).iter().map(|&(user, item, _)| (user, item)).collect();
    assert_eq!((cells.len(), summary.items), (1200, 30));
    let one = GenerateOptions { users: 1, items: 1, ratings: 1, ..GenerateOptions::default() };
    assert_eq!(rows(&text(&one).0).len(), 1);
}

#[test]
fn string_ids_and_titles() {
    let options = GenerateOptions { string_ids: true, ..small() };
    let (text, _) = text(&options);
    let rows = rows(&text);
    assert_eq!(rows[0].0, "u001");
    assert!(rows.iter().all(|row| row.1.starts_with('i') && row.1.len() == 4));

    let titles_text = titles(&options);
    let lines: Vec<&str> = titles_text.lines().collect();
    assert_eq!((lines[0], lines.len()), ("item,title", 301));
    assert!(lines[1].starts_with("i001,") && lines[300].starts_with("i300,"));
    let unique: HashSet<&str> = lines[1..].iter().map(|line| line.split_once(',').unwrap().1).collect();
    assert_eq!(unique.len(), 300);
    assert!(unique.iter().all(|title| title.ends_with(')') && !title.contains(',')));
    assert_eq!(titles(&options), titles_text);
    assert_ne!(titles(&GenerateOptions { seed: 5, ..options }), titles_text);
}

#[test]
fn what_makes_no_sense_is_refused() {
    let good = small;
    for bad in [
        GenerateOptions { users: 0, ..good() },
        GenerateOptions { items: 0, ..good() },
        GenerateOptions { ratings: 699, ..good() },
        GenerateOptions { ratings: 700 * 300 + 1, ..good() },
        GenerateOptions { noise: -0.1, ..good() },
        GenerateOptions { noise: f32::NAN, ..good() },
        GenerateOptions { step: 0.0, ..good() },
        GenerateOptions { step: 1e-9, ..good() },
        GenerateOptions { min: 5.0, max: 5.0, ..good() },
        GenerateOptions { max: f32::INFINITY, ..good() },
    ] {
        let refused = generate(&bad, Sink::stream("nowhere", std::io::sink()), &mut |_| ());
        assert!(matches!(refused, Err(Error::Usage(_))), "{bad:?}");
    }
}
