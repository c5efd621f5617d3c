//! Scores and tables compared with a plain `f64` oracle that looks at every cell and sorts.

use crate::scored::{heads, model, oracle, oracle_of_draw, ranking, tolerance};
use mfgpu::files::Sink;
use mfgpu::math::Matrix;
use mfgpu::model::{Factors, Model, Rated};
use mfgpu::output::{
    Cells, CsvTable, Extra, Precision, Table, TableFormat, User, completed, completed_npy,
    completed_npy_size, completed_size, predictions, similar_rows, top_n, top_n_users,
};
use mfgpu::ratings::{Ratings, Side};
use mfgpu::score::{ItemBlock, TopItems, TopOptions, TopUsers, predict, score, similar, top_items};
use mfgpu::{Error, Result};
use std::io::{self, Write};

/// The root of the variance of a mixture: the mean of squares less the square of the mean.
fn oracle_deviation(model: &Model, user: Option<u32>, item: Option<u32>) -> f64 {
    let weight = |weights: &[f32], row: Option<u32>| row.map_or(1.0, |row| f64::from(weights[row as usize]));
    let squares = model.draws.iter().map(|draw| {
        let precision = f64::from(draw.fold_in.as_ref().unwrap().precision);
        let weights = weight(&draw.user_weight, user) * weight(&draw.item_weight, item);
        oracle_of_draw(draw, user, item).powi(2) + f64::from(draw.scale).powi(2) / (precision * weights)
    });
    let mean = squares.sum::<f64>() / model.draws.len() as f64;
    (mean - oracle(model, user, item).powi(2)).sqrt()
}

const SHAPES: [(usize, usize, usize, usize); 6] =
    [(1, 1, 1, 1), (3, 5, 0, 1), (9, 17, 5, 1), (70, 1100, 16, 1), (5, 40, 33, 3), (66, 31, 130, 2)];

#[test]
fn a_block_agrees_with_single_scores_to_the_bit_and_with_the_oracle() {
    for (users, items, factors, draws) in SHAPES {
        let model = model(users, items, factors, draws);
        let rows: Vec<Option<u32>> = (0..users as u32).rev().map(Some).chain([None]).collect();
        for range in [0..items, items / 3..items - items / 4] {
            let mut block = vec![f32::NAN; rows.len() * range.len()];
            ItemBlock::new(&model, range.clone()).scores(&rows, &mut block);
            for (row, scores) in rows.iter().zip(block.chunks(range.len().max(1))) {
                for (item, &found) in range.clone().zip(scores) {
                    let item = Some(item as u32);
                    assert_eq!(found.to_bits(), score(&model, *row, item).to_bits());
                    let expected = oracle(&model, *row, item);
                    assert!((f64::from(found) - expected).abs() < tolerance(&model), "{found} {expected}");
                    assert_eq!(predict(&model, *row, item).to_bits(), found.clamp(1.0, 5.0).to_bits());
                }
            }
        }
        for (user, item) in [(Some(0), None), (None, None)] {
            let difference = f64::from(score(&model, user, item)) - oracle(&model, user, item);
            assert!(difference.abs() < tolerance(&model));
        }
    }
}

#[test]
fn top_items_are_those_of_the_oracle() {
    for (users, items, factors, draws) in SHAPES {
        let model = model(users, items, factors, draws);
        let rows: Vec<Option<u32>> = (0..users as u32).map(Some).chain([None]).collect();
        let allowed: Vec<bool> = (0..items).map(|item| item % 3 == 1 || item > 1000).collect();
        for count in [0, 1, 10, 5000] {
            for exclude in [None, Some(&model.rated)] {
                for allowed in [None, Some(allowed.as_slice())] {
                    for min_score in [f32::NEG_INFINITY, 3.51] {
                        let options = TopOptions { count, exclude, allowed, min_score, explore: 0.0 };
                        let lists = top_items(&model, &rows, &options);
                        assert_eq!(lists.len(), rows.len());
                        for (row, list) in rows.iter().zip(lists) {
                            let ranking = ranking(&model, *row, &options);
                            assert!(heads(&list, &ranking, count, tolerance(&model)), "{row:?} {options:?}");
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn top_users_are_those_of_the_oracle() {
    for (users, items, factors, draws) in SHAPES {
        let model = model(users, items, factors, draws);
        // One item is listed twice.
        let rows: Vec<u32> = (0..items as u32).rev().take(300).chain([0]).collect();
        let allowed: Vec<bool> = (0..users).map(|user| user % 3 != 1).collect();
        for (count, min_score) in [(0, 0.0), (1, 3.51), (10, f32::NEG_INFINITY), (5000, 3.4)] {
            for (exclude, allowed) in [(None, None), (Some(&model.rated), Some(allowed.as_slice()))] {
                let options = TopOptions { count, exclude, allowed, min_score, explore: 0.0 };
                let lists = TopUsers::new(&model, &options).of(&rows);
                assert_eq!(lists.len(), rows.len());
                for (&item, list) in rows.iter().zip(lists) {
                    let mut ranking: Vec<(u32, f64)> = (0..users as u32)
                        .filter(|&user| allowed.is_none_or(|allowed| allowed[user as usize]))
                        .filter(|&user| exclude.is_none_or(|rated| rated.get(user, item).is_none()))
                        .map(|user| (user, oracle(&model, Some(user), Some(item))))
                        .filter(|&(_, score)| score >= f64::from(min_score))
                        .collect();
                    ranking.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
                    assert!(heads(&list, &ranking, count, tolerance(&model)), "{item} {options:?}");
                    for (user, found) in list {
                        assert_eq!(found.to_bits(), score(&model, Some(user), Some(item)).to_bits());
                    }
                }
            }
        }
    }
}

#[test]
fn equal_scores_are_listed_by_item_number() {
    let mut model = model(2, 1500, 1, 1);
    model.draws[0].items = Matrix::zeros(1500, 1);
    model.draws[0].item_bias = (0..1500).map(|item| ((item * 7) % 3) as f32).collect();
    let list = &top_items(&model, &[1_u32], &TopOptions { count: 700, ..TopOptions::default() })[0];
    let expected: Vec<u32> = [2, 1, 0]
        .iter()
        .flat_map(|&bias| (0..1500).filter(move |item| (item * 7) % 3 == bias))
        .take(700)
        .collect();
    assert_eq!(list.iter().map(|entry| entry.0).collect::<Vec<u32>>(), expected);

    let mut model = self::model(900, 2, 1, 1);
    model.draws[0].users = Matrix::zeros(900, 1);
    model.draws[0].user_bias = (0..900).map(|user| ((user * 7) % 3) as f32).collect();
    let options = TopOptions { count: 700, ..TopOptions::default() };
    let list = &TopUsers::new(&model, &options).of(&[1])[0];
    let users = |bias| (0..900).filter(move |user| (user * 7) % 3 == bias);
    let expected: Vec<u32> = users(2).chain(users(1)).chain(users(0)).take(700).collect();
    assert_eq!(list.iter().map(|entry| entry.0).collect::<Vec<u32>>(), expected);
}

/// Users whose list is empty have no rows and are counted; the same holds for items.
#[test]
fn nothing_left_is_counted() {
    let mut model = model(40, 30, 4, 1);
    let mut ratings = Ratings::default();
    (0..30).for_each(|item| ratings.push(7, item, 3.0));
    (0..40).for_each(|user| ratings.push(user, 5, 3.0));
    model.rated = Rated::from_ratings(&ratings, 40, 30);
    let users = User::all(&model);
    // As many as there are items, and many more.
    for count in [30, usize::MAX] {
        let options = TopOptions { count, exclude: Some(&model.rated), ..TopOptions::default() };
        let mut without = 0;
        let text = table(|table| {
            without = top_n(
                &model,
                &TopItems::new(&model, &options),
                &users,
                Extra::default(),
                table,
                &mut |_| (),
            )?;
            Ok(())
        });
        assert_eq!((without, records(&text).len()), (1, 1 + 39 * 29));
        let text = table(|table| {
            without =
                top_n_users(&model, &TopUsers::new(&model, &options), &[5, 6], false, table, &mut |_| ())?;
            Ok(())
        });
        let records = records(&text);
        assert_eq!(
            (without, records.len(), records[0].join(",").as_str()),
            (1, 1 + count.min(39), "item,rank,user,score")
        );
        assert!(records[1..].iter().all(|record| record[0] == "i\"6" && record[2] != "u7"));
        let best: f32 = records[1][3].parse().unwrap();
        let user = model.users.get(records[1][2].as_bytes());
        assert_eq!(best.to_bits(), score(&model, user, Some(6)).to_bits());
    }
    let none = TopOptions { allowed: Some(&[false; 30]), ..TopOptions::default() };
    let all = |table: &mut dyn Table| {
        top_n(&model, &TopItems::new(&model, &none), &users, Extra::default(), table, &mut |_| ())
    };
    assert_eq!(table(all), "user,rank,item,score\n");
}

/// The csv that a function writes.
fn table<T>(write: impl FnOnce(&mut dyn Table) -> Result<T>) -> String {
    let mut bytes = Vec::new();
    let mut table = Box::new(CsvTable::new(Sink::stream("memory", &mut bytes)));
    write(&mut *table).unwrap();
    table.finish().unwrap();
    String::from_utf8(bytes).unwrap()
}

fn records(text: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect()
}

#[test]
fn predictions_come_in_the_order_of_the_pairs() {
    let model = model(9, 17, 5, 1);
    let pairs: [(&[u8], &[u8]); 4] =
        [(b"u3", b"i\"16"), (b"new", b"i\"2"), (b"u0", b"new"), (b"u3", b"i\"16")];
    let text = table(|table| predictions(&model, pairs, false, table, &mut |done| assert_eq!(done, 4)));
    let records = records(&text);
    assert_eq!(records[0], ["user", "item", "prediction"]);
    let rows = [(Some(3), Some(16)), (None, Some(2)), (Some(0), None), (Some(3), Some(16))];
    for ((record, (user, item)), pair) in records[1..].iter().zip(rows).zip(pairs) {
        assert_eq!((record[0].as_bytes(), record[1].as_bytes()), pair);
        // Parsed again, the text gives the same number.
        let found: f32 = record[2].parse().unwrap();
        assert_eq!(found.to_bits(), predict(&model, user, item).to_bits());
    }
    assert_eq!(records.len(), 5);
}

#[test]
fn numbers_are_short_and_ids_are_bytes() {
    let mut model = model(1, 1, 0, 1);
    model.draws[0] = Factors {
        mean: 3.1,
        scale: 1.0,
        user_bias: vec![0.0],
        item_bias: vec![0.0],
        ..model.draws[0].clone()
    };
    let mut bytes = Vec::new();
    let mut table = Box::new(CsvTable::new(Sink::stream("memory", &mut bytes)));
    let pairs: [(&[u8], &[u8]); 1] = [(b"\xff,\xfe", b"two\nlines")];
    predictions(&model, pairs, false, &mut *table, &mut |_| ()).unwrap();
    table.finish().unwrap();
    assert_eq!(bytes, b"user,item,prediction\n\"\xff,\xfe\",\"two\nlines\",3.1\n");
}

#[test]
fn top_n_writes_lists_with_ranks_and_titles() {
    let model = model(70, 50, 4, 1);
    let ids: [&[u8]; 3] = [b"u64", b"stranger", b"u1"];
    let users: Vec<User> = ids.iter().map(|id| User::find(&model, id)).collect();
    assert_eq!(users.iter().map(|user| user.row).collect::<Vec<_>>(), [Some(64), None, Some(1)]);
    let options = TopOptions { count: 3, exclude: Some(&model.rated), ..TopOptions::default() };
    let title = |item: u32| if item.is_multiple_of(2) { &b"Even, odd"[..] } else { b"" };
    let titled = Extra { titles: Some(&title), ..Extra::default() };
    let with = records(&table(|table| {
        top_n(&model, &TopItems::new(&model, &options), &users, titled, table, &mut |_| ())
    }));
    let without = records(&table(|table| {
        top_n(&model, &TopItems::new(&model, &options), &users, Extra::default(), table, &mut |_| ())
    }));
    assert_eq!(with[0], ["user", "rank", "item", "score", "title"]);
    assert_eq!(without[0], with[0][..4]);
    let mut at = 1;
    for user in &users {
        for (rank, (item, score)) in top_items(&model, &[user.row], &options)[0].iter().enumerate() {
            let expected = [
                String::from_utf8(user.id.to_vec()).unwrap(),
                (rank + 1).to_string(),
                format!("i\"{item}"),
                score.to_string(),
                String::from_utf8(title(*item).to_vec()).unwrap(),
            ];
            assert_eq!((&with[at][..], &without[at][..]), (&expected[..], &expected[..4]));
            at += 1;
        }
    }
    assert_eq!((at, with.len(), without.len()), (10, 10, 10));
    assert_eq!(User::all(&model).len(), 70);
}

#[test]
fn a_completed_matrix_keeps_what_was_given() {
    for (users, items, factors, draws) in SHAPES {
        let model = model(users, items, factors, draws);
        let mut chosen = User::all(&model);
        chosen.push(User { id: b"stranger", row: None });
        for cells in [Cells::All, Cells::Blanks] {
            let text = table(|table| completed(&model, &chosen, (cells, false), table, &mut |_| ()));
            let records = records(&text);
            assert_eq!(records[0], ["user", "item", "value", "known"]);
            let mut found = records[1..].iter();
            for user in &chosen {
                for item in 0..items as u32 {
                    let given = user.row.and_then(|row| model.rated.get(row, item));
                    if given.is_some() && cells == Cells::Blanks {
                        continue;
                    }
                    let expected = oracle(&model, user.row, Some(item)).clamp(1.0, 5.0);
                    let expected = given.map_or(expected, f64::from);
                    let record = found.next().unwrap();
                    assert_eq!(record[0].as_bytes(), user.id);
                    assert_eq!(record[1], format!("i\"{item}"));
                    assert!((record[2].parse::<f64>().unwrap() - expected).abs() < tolerance(&model));
                    assert_eq!(record[3], if given.is_some() { "1" } else { "0" });
                }
            }
            assert!(found.next().is_none());
            let size = completed_size(&model, &chosen, (cells, false), TableFormat::Csv);
            assert_eq!(size.rows, records.len() as u64 - 1);
            let error = size.bytes as f64 / text.len() as f64 - 1.0;
            // Ids with quotes are not counted, because they are quoted and their quotes doubled.
            assert!(size.rows < 100 || (-0.3..0.1).contains(&error), "{error}");
        }
    }
}

#[test]
fn the_array_holds_the_values_of_the_table() {
    let model = model(70, 1100, 16, 1);
    let users = User::all(&model);
    let mut bytes = Vec::new();
    let mut done = 0;
    completed_npy(&model, &users, Precision::Single, Sink::stream("memory", &mut bytes), &mut |rows| {
        done = rows;
    })
    .unwrap();
    assert_eq!(done, 70);
    assert_eq!(completed_npy_size(&model, &users, Precision::Single).bytes, bytes.len() as u64);
    let array = npyz::NpyFile::new(&bytes[..]).unwrap();
    assert_eq!(array.shape(), [70, 1100]);
    assert_eq!(array.order(), npyz::Order::C);
    let values: Vec<f32> = array.into_vec().unwrap();
    let text = table(|table| completed(&model, &users, (Cells::All, false), table, &mut |_| ()));
    let records = records(&text);
    assert!(records[1..].iter().map(|record| record[2].parse::<f32>().unwrap()).eq(values));
}

#[test]
fn ratings_of_another_model_stand_beside_scores() {
    let (lists, ratings) = (model(9, 40, 4, 1), model(9, 40, 3, 1));
    let known = User { id: b"u3", row: Some(3) };
    let users = [known, User { id: b"stranger", row: None }];
    let rating = |user: &[u8], item: &[u8]| {
        let (user, item) = (ratings.users.get(user)?, ratings.items.get(item)?);
        Some(predict(&ratings, Some(user), Some(item)))
    };
    let title = |_| &b"Title"[..];
    let extra = Extra { rating: Some(&rating), titles: Some(&title), ..Extra::default() };
    let options = TopOptions { count: 2, ..TopOptions::default() };
    let found = records(&table(|table| {
        top_n(&lists, &TopItems::new(&lists, &options), &users, extra, table, &mut |_| ())
    }));
    assert_eq!(found[0], ["user", "rank", "item", "score", "rating", "title"]);
    assert_eq!(found.len(), 5);
    for record in &found[1..3] {
        let item = ratings.items.get(record[2].as_bytes());
        assert_eq!(record[4], predict(&ratings, Some(3), item).to_string(), "{record:?}");
    }
    assert!(found[3..].iter().all(|record| record[4].is_empty() && record[5] == "Title"), "{found:?}");
}

#[test]
fn deviations_stand_beside_what_they_are_of() {
    let model = model(70, 600, 5, 3);
    let stranger = User { id: b"stranger", row: None };
    let users: Vec<User> = User::all(&model).into_iter().chain([stranger]).collect();
    let near = |text: &str, user: Option<u32>, item: Option<u32>| {
        let expected = oracle_deviation(&model, user, item);
        (text.parse::<f64>().unwrap() - expected).abs() < 4.0 * tolerance(&model)
    };
    let item_of = |id: &str| model.items.get(id.as_bytes());

    let pairs: [(&[u8], &[u8]); 3] = [(b"u3", b"i\"16"), (b"new", b"i\"2"), (b"u0", b"new")];
    let found = records(&table(|table| predictions(&model, pairs, true, table, &mut |_| ())));
    assert_eq!(found[0], ["user", "item", "prediction", "sd"]);
    let rows = [(Some(3), Some(16)), (None, Some(2)), (Some(0), None)];
    assert!(found[1..].iter().zip(rows).all(|(record, (user, item))| near(&record[3], user, item)));

    let options = TopOptions { count: 4, ..TopOptions::default() };
    let title = |_| &b"Title"[..];
    let extra = Extra { sd: true, titles: Some(&title), ..Extra::default() };
    let found = records(&table(|table| {
        top_n(&model, &TopItems::new(&model, &options), &users, extra, table, &mut |_| ())
    }));
    assert_eq!(found[0], ["user", "rank", "item", "score", "sd", "title"]);
    assert_eq!(found.len(), 1 + 4 * users.len());
    for (at, record) in found[1..].iter().enumerate() {
        assert!(
            near(&record[4], users[at / 4].row, item_of(&record[2])) && record[5] == "Title",
            "{record:?}"
        );
    }

    for cells in [Cells::All, Cells::Blanks] {
        let text = table(|table| completed(&model, &users, (cells, true), table, &mut |_| ()));
        let plain = records(&table(|table| completed(&model, &users, (cells, false), table, &mut |_| ())));
        let found = records(&text);
        assert_eq!((found[0][4].as_str(), found.len()), ("sd", plain.len()));
        for (record, plain) in found[1..].iter().zip(&plain[1..]) {
            assert_eq!(record[..4], plain[..]);
            let (user, item) = (model.users.get(record[0].as_bytes()), item_of(&record[1]));
            let known = record[3] == "1";
            assert!(if known { record[4] == "0" } else { near(&record[4], user, item) }, "{record:?}");
        }
        let size = completed_size(&model, &users, (cells, true), TableFormat::Csv);
        let error = size.bytes as f64 / text.len() as f64 - 1.0;
        assert!((-0.3..0.1).contains(&error) && size.rows + 1 == found.len() as u64, "{error}");
    }
}

#[test]
fn similar_rows_are_listed_with_ranks_and_titles() {
    let model = model(9, 40, 5, 2);
    let title = |item: u32| if item == 3 { &b"Three"[..] } else { b"" };
    let lists = similar(&model, Side::Item, &[7, 0, 7], 39);
    let titled = records(&table(|table| {
        similar_rows(&model, (Side::Item, &[7, 0, 7]), (39, None), Some(&title), table, &mut |_| ())
    }));
    assert_eq!(titled[0], ["id", "rank", "other", "similarity", "title"]);
    let mut found = titled[1..].iter();
    for (row, list) in [7, 0, 7].iter().zip(&lists) {
        for (rank, (other, similarity)) in list.iter().enumerate() {
            let expected = [
                format!("i\"{row}"),
                (rank + 1).to_string(),
                format!("i\"{other}"),
                similarity.to_string(),
                if *other == 3 { "Three".into() } else { String::new() },
            ];
            assert_eq!(found.next().unwrap()[..], expected);
        }
    }
    assert!(found.next().is_none());
    let allowed: Vec<bool> = (0..40).map(|item| item % 2 == 1).collect();
    let some = records(&table(|table| {
        similar_rows(&model, (Side::Item, &[7]), (39, Some(&allowed)), None, table, &mut |_| ())
    }));
    let expected = lists[0].iter().filter(|entry| entry.0 % 2 == 1).map(|entry| format!("i\"{}", entry.0));
    assert!(some[1..].iter().map(|record| record[2].clone()).eq(expected), "{some:?}");
    let users = records(&table(|table| {
        similar_rows(&model, (Side::User, &[8]), (2, None), None, table, &mut |_| ())
    }));
    assert_eq!((users[0].len(), users.len(), users[1][0].as_str()), (4, 3, "u8"));
    assert!(users[1][2].starts_with('u'));
}

#[test]
fn the_same_bytes_for_any_number_of_threads() {
    let model = model(300, 1100, 16, 2);
    let users = User::all(&model);
    let all = || {
        let options = TopOptions { exclude: Some(&model.rated), ..TopOptions::default() };
        let extra = Extra { sd: true, ..Extra::default() };
        let lists =
            table(|table| top_n(&model, &TopItems::new(&model, &options), &users, extra, table, &mut |_| ()));
        let cells = table(|table| completed(&model, &users[..40], (Cells::Blanks, true), table, &mut |_| ()));
        (lists, cells)
    };
    let expected = all();
    for threads in 1..4 {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        assert!(pool.install(all) == expected, "{threads} threads");
    }
}

/// A stream that its reader has closed.
struct Closed;

impl Write for Closed {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::BrokenPipe.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_closed_pipe_can_be_told_from_a_full_disk_and_no_half_file_stays() {
    let model = model(70, 1100, 16, 1);
    let mut table = CsvTable::new(Sink::stream("standard output", Closed));
    let broken = completed(&model, &User::all(&model), (Cells::All, false), &mut table, &mut |_| ());
    let Err(Error::Write { path, source }) = broken else { panic!("{broken:?}") };
    assert_eq!((path.to_str(), source.kind()), (Some("standard output"), io::ErrorKind::BrokenPipe));

    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("completed.csv");
    let mut table = Box::new(CsvTable::new(Sink::open(&path).unwrap()));
    completed(&model, &User::all(&model)[..3], (Cells::All, false), &mut *table, &mut |_| ()).unwrap();
    assert!(!path.exists(), "not before its end");
    table.finish().unwrap();
    assert_eq!(std::fs::read_to_string(&path).unwrap().lines().count(), 3301);
    let unfinished = CsvTable::new(Sink::open(&path).unwrap());
    drop(unfinished);
    assert_eq!(std::fs::read_dir(&directory).unwrap().count(), 1);
}
