//! What each target does with some bytes. Nothing may panic or take memory that the bytes do not fill; what is refused is
//! refused with an error of the kind that users see, and what is accepted is sound. `tests/it/corpus.rs` of the project runs
//! the same functions over `fuzz/corpus`.

use mfgpu::Error;
use mfgpu::input::{
    BadRows, Duplicates, Format, ReadOptions, ReadReport, read_cut, read_ids, read_names, read_pairs,
};
use mfgpu::model::Model;
use mfgpu::ratings::{Dataset, IdMap, Side};
use mfgpu::run::{Config, Record, read_checkpoint};
use mfgpu::score::{TopOptions, predict, top_items};
use mfgpu::store::Set;
use std::fs;
use std::path::{Path, PathBuf};

/// A target by its name.
pub type Target = fn(&[u8]);

/// All targets; each has a corpus of its own.
pub const TARGETS: [(&str, Target); 15] = [
    ("auto", auto),
    ("csv", csv),
    ("tsv", tsv),
    ("movielens", movielens),
    ("netflix", netflix),
    ("parquet", parquet),
    ("pairs", pairs),
    ("ids", ids),
    ("titles", titles),
    ("config", config),
    ("record", record),
    ("model", model),
    ("set", set),
    ("checkpoint", checkpoint),
    ("sequence", crate::sequence::sequence),
];

/// Ratings whose layout is found out; packed files too.
pub fn auto(bytes: &[u8]) {
    ratings(bytes, Format::Auto);
}

/// Ratings with some delimiter.
pub fn csv(bytes: &[u8]) {
    ratings(bytes, Format::Csv);
}

/// Ratings between tabs.
pub fn tsv(bytes: &[u8]) {
    ratings(bytes, Format::Tsv);
}

/// Ratings of `MovieLens`.
pub fn movielens(bytes: &[u8]) {
    ratings(bytes, Format::Movielens);
}

/// Ratings of the Netflix prize.
pub fn netflix(bytes: &[u8]) {
    ratings(bytes, Format::Netflix);
}

/// Ratings in columns.
pub fn parquet(bytes: &[u8]) {
    ratings(bytes, Format::Parquet);
}

/// Pairs to predict.
pub fn pairs(bytes: &[u8]) {
    with_file(bytes, |path| {
        for bad_rows in BadRows::ALL {
            let options = ReadOptions { bad_rows, ..ReadOptions::default() };
            sound(accepted(read_pairs(path, &options, &mut |_, _| Ok(())), &[3]).as_ref());
        }
    });
}

/// A list of ids.
pub fn ids(bytes: &[u8]) {
    with_file(bytes, |path| {
        let mut known = IdMap::new();
        known.number(b"1");
        let ids = accepted(read_ids(path, Side::User, &known), &[3]).unwrap_or_default();
        assert!(ids.len() <= bytes.len());
    });
}

/// Titles of items.
pub fn titles(bytes: &[u8]) {
    let mut known = IdMap::new();
    for number in 0..100_u32 {
        known.number(number.to_string().as_bytes());
    }
    with_file(bytes, |path| {
        if let Some(titles) = accepted(read_names(path, &known), &[3]) {
            assert_eq!(titles.len(), known.len());
        }
    });
}

/// Settings of a run: what is accepted is written and read again the same.
pub fn config(bytes: &[u8]) {
    with_file(bytes, |path| {
        let Some(config) = accepted(Config::load(path), &[2, 3]) else { return };
        if config.check().is_ok() {
            config.save(path).expect("written");
            let again = Config::load(path).expect("read again");
            again.save(path).expect("written");
            assert_eq!(Config::load(path).expect("read again"), again);
        }
    });
}

/// The record of a run.
pub fn record(bytes: &[u8]) {
    with_file(bytes, |path| {
        if let Some(record) = accepted(Record::load(path), &[3, 7]) {
            record.save(path).expect("written");
        }
    });
}

/// A model: what is accepted predicts, and is written and read again the same.
pub fn model(bytes: &[u8]) {
    with_file(bytes, |path| {
        let Some(model) = accepted(Model::load(path), &[7]) else { return };
        let (users, items) = (model.users.len() as u32, model.items.len() as u32);
        let options = TopOptions { count: 3, exclude: Some(&model.rated), ..TopOptions::default() };
        let some: Vec<Option<u32>> = (0..users.min(3)).map(Some).chain([None]).collect();
        for list in top_items(&model, &some, &options) {
            assert!(list.len() <= 3 && list.iter().all(|(item, _)| *item < items));
        }
        let _ = predict(&model, some[0], items.checked_sub(1));
        let _ = model.draws[0].principal_axes(2);
        model.save(path).expect("written");
        let again = Model::load(path).expect("read again");
        assert!(again.draws == model.draws && again.rated == model.rated && again.about == model.about);
        assert!(again.users.iter().eq(model.users.iter()) && again.items.iter().eq(model.items.iter()));
    });
}

/// A prepared set, as it is, and with checksums that are right: what is accepted has no rating without ids.
pub fn set(bytes: &[u8]) {
    let mut sealed = bytes.to_vec();
    let _ = seal(&mut sealed);
    for bytes in [bytes, &sealed] {
        with_file(bytes, |path| {
            let Some(set) = accepted(Set::open(path), &[7]) else { return };
            let Some((ratings, times)) = accepted(set.body.load(), &[7]) else { return };
            assert_eq!(
                (ratings.len(), times.is_empty()),
                (set.body.len(), !set.body.is_timed() || ratings.is_empty())
            );
            let [users, items] = [set.ids.users.len(), set.ids.items.len()];
            assert!(ratings.iter().all(|(user, item, _)| (user as usize) < users && (item as usize) < items));
        });
    }
}

/// Puts right checksums into the bytes of a set as far as these have their places.
fn seal(bytes: &mut [u8]) -> Option<()> {
    let mut at = sealed(bytes, 0, 96, &[])?;
    let number = |place: usize| {
        let at = 16 + 8 * place;
        let number = u64::from_le_bytes(bytes[at..at + 8].try_into().ok()?);
        usize::try_from(number).ok().filter(|number| *number <= bytes.len())
    };
    let [ratings, users, items] = [number(0)?, number(1)?, number(2)?];
    let arenas = [number(3)?, number(4)?];
    let each = if bytes[12] & 1 == 1 { 20 } else { 12 };
    for (block, first) in (0_u64..).zip((0..ratings).step_by(1 << 16)) {
        at = sealed(bytes, at, each * (ratings - first).min(1 << 16), &block.to_le_bytes())?;
    }
    for (rows, arena) in [users, items].into_iter().zip(arenas) {
        at = sealed(bytes, at, 8 * rows + arena, &[])?;
    }
    Some(())
}

/// Writes the checksum of some bytes, and of what comes before them, behind them. Returns where it ends.
fn sealed(bytes: &mut [u8], start: usize, length: usize, before: &[u8]) -> Option<usize> {
    let end = start.checked_add(length)?;
    let checksum = blake3::Hasher::new().update(before).update(bytes.get(start..end)?).finalize();
    bytes.get_mut(end..end + 32)?.copy_from_slice(checksum.as_bytes());
    Some(end + 32)
}

/// What stands between a checkpoint's first line and the checksum.
pub fn checkpoint(bytes: &[u8]) {
    let mut file = [b"mfgpu checkpoint 1\n", bytes].concat();
    file.extend(blake3::hash(&file).as_bytes());
    with_file(&file, |path| {
        if let Some(checkpoint) = accepted(read_checkpoint(path), &[7]) {
            let _ = (checkpoint.phase(), checkpoint.last_epoch());
        }
    });
    // Without a first line and a checksum of their own, bytes are no checkpoint.
    with_file(bytes, |path| assert!(accepted(read_checkpoint(path), &[7]).is_none()));
}

fn ratings(bytes: &[u8], format: Format) {
    with_file(bytes, |path| {
        let paths = [path.to_owned()];
        for bad_rows in BadRows::ALL {
            let duplicates = if bad_rows == BadRows::Skip { Duplicates::Mean } else { Duplicates::Error };
            let options =
                ReadOptions { format, bad_rows, duplicates: Some(duplicates), ..ReadOptions::default() };
            // The size of pieces changes nothing.
            let [whole, cut] = [1 << 16, 16]
                .map(|size| accepted(read_cut(&paths, &options, &mut |_, _| Ok(()), size), &[3]));
            sound(whole.as_ref().map(|(data, _)| data));
            let of = |(data, report): &(Dataset, ReadReport)| {
                (data.ratings.clone(), data.times.clone(), report.clone())
            };
            assert!(whole.as_ref().map(of) == cut.as_ref().map(of), "pieces differ");
            if let Some((data, report)) = &whole {
                assert_eq!(data.ratings.len() as u64, report.rows - report.duplicates);
                assert!(data.ratings.values.iter().all(|value| value.is_finite()));
            }
        }
    });
}

/// Every number is that of an id, no id is blank.
fn sound(data: Option<&Dataset>) {
    let Some(Dataset { ratings, users, items, times, .. }) = data else { return };
    assert!(!ratings.is_empty() && (times.is_empty() || times.len() == ratings.len()));
    assert!(ratings.users.iter().all(|&user| (user as usize) < users.len()));
    assert!(ratings.items.iter().all(|&item| (item as usize) < items.len()));
    assert!(users.iter().chain(items.iter()).all(|id| !id.is_empty()));
}

/// What was accepted; what was not was refused with one of these exit codes, and a reason.
pub fn accepted<T>(result: Result<T, Error>, codes: &[u8]) -> Option<T> {
    let error = match result {
        Ok(found) => return Some(found),
        Err(error) => error,
    };
    assert!(codes.contains(&error.exit_code()), "exit code {}: {error}", error.exit_code());
    assert!(error.to_string().len() < 1 << 16, "a reason of {} bytes", error.to_string().len());
    None
}

/// A file with these bytes, in memory where there is a place for that.
fn with_file(bytes: &[u8], look: impl FnOnce(&Path)) {
    let directory = directory();
    let path: PathBuf = directory.path().join("file");
    fs::write(&path, bytes).expect("written");
    look(&path);
}

/// A directory, in memory where there is a place for that.
pub fn directory() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    let place = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
    tempfile::tempdir_in(place).expect("a directory")
}
