//! Users per second when making lists, for each engine in turn in one run; the lists of the engines are
//! compared. `cargo bench --bench lists -- [MODEL [COUNT]]`, `.. -- synthetic USERS ITEMS FACTORS COUNT
//! [DRAWS]`; without a model, random factors of 20,000 users and 5,000 items. `MFGPU_DEVICE` names the
//! devices, by default `cpu` and `gpu`. `benches/lists.py` measures other programs in the same way.

use mfgpu::gpu::GpuOptions;
use mfgpu::math::Matrix;
use mfgpu::math::philox::{Purpose, Stream};
use mfgpu::model::{Factors, Model, Rated};
use mfgpu::ratings::{IdMap, Ratings};
use mfgpu::score::{TopItems, TopOptions};
use std::path::Path;
use std::time::Instant;

/// Turns of each engine; the first warms it up and does not count.
const TURNS: usize = 4;

fn main() -> mfgpu::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|text| !text.starts_with("--")).collect();
    let numbers: Vec<usize> = arguments.iter().filter_map(|text| text.parse().ok()).collect();
    let (model, count) = match arguments.first().map(String::as_str) {
        None => (synthetic(20_000, 5_000, 64, 1), 20),
        Some("synthetic") => {
            let draws = numbers.get(4).copied().unwrap_or(1);
            (synthetic(numbers[0], numbers[1], numbers[2], draws), numbers[3])
        }
        Some(path) => (Model::load(Path::new(path))?, numbers.first().copied().unwrap_or(10)),
    };
    let users: Vec<Option<u32>> = (0..model.users.len() as u32).map(Some).collect();
    let (draws, factors) = (model.draws.len(), model.draws[0].users.columns());
    let (all, items) = (users.len(), model.items.len());
    println!("users={all} items={items} factors={factors} draws={draws} top={count}");
    let options = TopOptions { count, exclude: Some(&model.rated), ..TopOptions::default() };
    let devices = std::env::var("MFGPU_DEVICE").unwrap_or_else(|_| "cpu gpu".into());
    let mut gpus = Vec::new();
    for choice in devices.split_whitespace() {
        gpus.push(mfgpu::gpu::open(&choice.parse()?, &GpuOptions::default())?);
    }
    let mut first = None;
    for _ in 0..TURNS {
        for gpu in &gpus {
            let begun = Instant::now();
            let top = match gpu {
                Some(gpu) => TopItems::on(gpu, &model, &options)?,
                None => TopItems::new(&model, &options),
            };
            let lists = top.of(&users)?;
            let seconds = begun.elapsed().as_secs_f64();
            let device = gpu.as_ref().map_or("cpu", |gpu| &gpu.description().name);
            println!(
                "device={device} users_per_second={:.0} seconds={seconds:.4}",
                users.len() as f64 / seconds
            );
            assert!(*first.get_or_insert_with(|| lists.clone()) == lists, "the lists of {device} are others");
        }
    }
    Ok(())
}

/// Random factors; every user has rated some items, most likely the first ones.
fn synthetic(users: usize, items: usize, factors: usize, draws: usize) -> Model {
    let mut stream = Stream::new(1, Purpose::Init, 0);
    let mut numbers = |count: usize, size: f32| -> Vec<f32> {
        (0..count).map(|_| (rand::RngExt::random::<f32>(&mut stream) - 0.5) * size).collect()
    };
    let mut draw = || Factors {
        users: Matrix::from_vec(users, factors, numbers(users * factors, 0.5)),
        items: Matrix::from_vec(items, factors, numbers(items * factors, 0.5)),
        user_bias: numbers(users, 1.0),
        item_bias: numbers(items, 1.0),
        mean: 3.5,
        scale: 1.0,
        ..Factors::default()
    };
    let draws = (0..draws).map(|_| draw()).collect();
    let mut ratings = Ratings::default();
    for user in 0..users as u32 {
        for n in 0..50.min(items as u32) {
            let item = (user.wrapping_mul(2_654_435_761).wrapping_add(n * n * 17)) % items as u32;
            ratings.push(user, item, 3.0);
        }
    }
    let ids = |count: usize| {
        let mut map = IdMap::new();
        (0..count).for_each(|n| assert_eq!(map.number(n.to_string().as_bytes()) as usize, n));
        map
    };
    let rated = Rated::from_ratings(&ratings, users, items);
    Model { draws, users: ids(users), items: ids(items), rated, range: (1.0, 5.0), ..Model::default() }
}
