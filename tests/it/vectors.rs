//! Vectors for a search by inner product, against the plain oracle.

use crate::scored::{heads, model, oracle, ranking, tolerance};
use mfgpu::files::Sink;
use mfgpu::model::Model;
use mfgpu::output::{
    SearchRows, TableFormat, TableOptions, constant_array, vector_array, vector_rows, vector_sql,
};
use mfgpu::ratings::Side;
use mfgpu::score::{SearchVectors, TopOptions, top_items};

/// Users, items, factors, draws.
const SHAPES: [(usize, usize, usize, usize); 5] =
    [(1, 1, 1, 1), (3, 5, 0, 1), (9, 17, 5, 1), (5, 40, 33, 3), (7, 31, 130, 2)];

/// The same model as one of lists: without biases, mean and scale, with a row for users that it does not know.
fn of_lists(users: usize, items: usize, factors: usize) -> Model {
    let mut model = model(users, items, factors, 1);
    let draw = &mut model.draws[0];
    draw.user_bias.fill(0.0);
    draw.item_bias.fill(0.0);
    (draw.mean, draw.scale) = (0.0, 1.0);
    draw.origin = draw.users.row(0).to_vec();
    model
}

fn product(a: &[f32], b: &[f32]) -> f64 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum()
}

#[test]
fn products_order_items_as_lists_do() {
    let models = SHAPES.map(|(users, items, factors, draws)| {
        (model(users, items, factors, draws), draws * (factors + 1), draws)
    });
    for (model, width, draws) in models.into_iter().chain([(of_lists(6, 23, 9), 9, 1)]) {
        let vectors = SearchVectors::new(&model);
        assert_eq!(vectors.width(), width, "{draws} draws");
        let items: Vec<Vec<f32>> = (0..model.items.len() as u32).map(|item| vectors.item(item)).collect();
        let users: Vec<Option<u32>> = (0..model.users.len() as u32).map(Some).chain([None]).collect();
        let options = TopOptions { count: 10, ..TopOptions::default() };
        for (&user, list) in users.iter().zip(top_items(&model, &users, &options)) {
            let (own, constant) = (vectors.user(user), f64::from(vectors.constant(user)));
            let mut found: Vec<(u32, f32)> =
                (0..).zip(items.iter().map(|item| (constant + product(&own, item)) as f32)).collect();
            if user.is_some() || !model.is_of_lists() {
                for &(item, score) in &found {
                    let expected = oracle(&model, user, Some(item));
                    assert!((f64::from(score) - expected).abs() < tolerance(&model), "{score} {expected}");
                }
                found.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
                found.truncate(10);
                assert!(heads(&found, &ranking(&model, user, &options), 10, tolerance(&model)), "{user:?}");
            }
            found.truncate(list.len());
            let scores = |list: &[(u32, f32)]| list.iter().map(|entry| entry.1).collect::<Vec<f32>>();
            if user.is_some() {
                for (one, other) in scores(&found).iter().zip(scores(&list)) {
                    assert!(f64::from((one - other).abs()) < tolerance(&model), "{found:?} {list:?}");
                }
            }
        }
    }
}

#[test]
fn the_vector_of_an_unknown_user_is_that_of_the_average_user() {
    let lists = of_lists(6, 23, 9);
    let vectors = SearchVectors::new(&lists);
    assert_eq!(vectors.user(None), vectors.user(Some(0)), "the row that the test took for it");
    let ratings = model(4, 5, 3, 1);
    let vectors = SearchVectors::new(&ratings);
    // The bias of an item alone, times the scale.
    assert_eq!(vectors.user(None), [1.25, 0.0, 0.0, 0.0]);
    assert_eq!(vectors.item(2)[..1], ratings.draws[0].item_bias[2..3]);
    assert!((vectors.constant(None) - 3.5).abs() < 1e-6);
    // A model that has neither factors nor biases has vectors, too.
    let mut empty = model(2, 2, 0, 1);
    empty.draws[0].item_bias.fill(0.0);
    assert_eq!(SearchVectors::new(&empty).item(1), [0.0]);
}

/// What `write` writes.
fn written(write: impl FnOnce(Sink) -> mfgpu::Result<()>) -> Vec<u8> {
    let mut bytes = Vec::new();
    write(Sink::stream("memory", &mut bytes)).unwrap();
    bytes
}

#[test]
fn tables_arrays_and_sql_hold_the_same_numbers() {
    let model = model(3, 5, 2, 1);
    let vectors = SearchVectors::new(&model);
    let (users, items) = ([0, 1, 2], [4, 1]);
    let of = |side: Side| SearchRows {
        side,
        rows: if side == Side::User { &users } else { &items },
        ids: model.ids(side),
        vectors: &vectors,
    };
    let text = |numbers: &[f32]| numbers.iter().map(f32::to_string).collect::<Vec<_>>().join(",");
    let csv = |side| {
        let bytes = written(|sink| {
            let mut table = TableFormat::Csv.table(sink, TableOptions::default())?;
            vector_rows(&of(side), &mut *table)?;
            table.finish()
        });
        String::from_utf8(bytes).unwrap()
    };
    let expected: Vec<String> = users
        .iter()
        .map(|&user| {
            format!("u{user},{},{}\n", vectors.constant(Some(user)), text(&vectors.user(Some(user))))
        })
        .collect();
    assert_eq!(csv(Side::User), format!("user,constant,vector_1,vector_2,vector_3\n{}", expected.concat()));
    let expected: Vec<String> =
        items.iter().map(|&item| format!("\"i\"\"{item}\",{}\n", text(&vectors.item(item)))).collect();
    assert_eq!(csv(Side::Item), format!("item,vector_1,vector_2,vector_3\n{}", expected.concat()));

    let numbers = |bytes: &[u8], shape: &str| {
        let length = usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
        let header = String::from_utf8_lossy(&bytes[10..10 + length]).into_owned();
        assert!(header.contains(&format!("'shape': {shape}")), "{header}");
        let (numbers, []) = bytes[10 + length..].as_chunks::<4>() else { panic!("a rest") };
        numbers.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect::<Vec<f32>>()
    };
    let array = written(|sink| vector_array(&of(Side::Item), sink));
    assert_eq!(numbers(&array, "(2, 3)"), [vectors.item(4), vectors.item(1)].concat());
    let array = written(|sink| constant_array(&of(Side::User), sink));
    assert_eq!(numbers(&array, "(3,)"), users.map(|user| vectors.constant(Some(user))));

    let sql = String::from_utf8(written(|sink| vector_sql(&Side::BOTH.map(of), sink))).unwrap();
    let row = |item| format!("i\"{item}\t[{}]\n", text(&vectors.item(item)));
    let copy = format!("COPY mfgpu.items_next FROM stdin;\n{}{}\\.\n", row(4), row(1));
    assert!(sql.contains(&copy), "{sql}");
    let (constant, vector) = (vectors.constant(Some(2)), text(&vectors.user(Some(2))));
    assert!(sql.contains(&format!("\nu2\t{constant}\t[{vector}]\n\\.\n")), "{sql}");
    let create = "CREATE TABLE mfgpu.items_next (id text PRIMARY KEY, vector vector(3) NOT NULL);";
    assert!(sql.contains(create) && sql.ends_with("RENAME TO items;\nCOMMIT;\n"), "{sql}");
}

#[test]
fn sql_refuses_vectors_that_are_too_long_for_pgvector() {
    let model = model(1, 1, 16_000, 1);
    let vectors = SearchVectors::new(&model);
    let of = |side: Side| SearchRows { side, rows: &[0], ids: model.ids(side), vectors: &vectors };
    let error = vector_sql(&Side::BOTH.map(of), Sink::stream("memory", Vec::new())).unwrap_err();
    assert!(error.to_string().contains("a vector has 16001 numbers, expected at most 16000"), "{error}");
}
