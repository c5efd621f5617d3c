//! The memory that files certainly need, before they are read; and a watch while they are read, since nobody knows
//! what comes through a pipe.

use crate::Result;
use crate::files::File;
use crate::human::thousands;
use crate::input::file::open::{self, Columnar};
use crate::input::format::Groups;
use crate::input::options::{ReadOptions, Wanted};
use crate::memory::{keep_free, need};
use memchr::memchr_iter;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

/// Bytes of a rating: its user, its item and its value.
const RATING: u64 = 12;
/// Smaller files need not be looked at: they hold less than all else that a run needs.
const SMALL: u64 = 1 << 20;
/// Text is sampled in this many places, so much in each.
const PLACES: u64 = 16;
const SAMPLE: u64 = 16 << 10;
/// Text of a packed file that is sampled, and by how much the rest may have fewer rows.
const UNPACKED: u64 = 1 << 20;
const FEWER: u64 = 3;
/// Ratings between two looks at the memory that is left, and how much must be left.
const STRETCH: usize = 1 << 20;
const LEAST: u64 = 16 << 20;

/// Checks that the ratings of these files can be held at all.
///
/// # Errors
/// [`Error::TooLarge`](crate::Error::TooLarge).
pub(in crate::input) fn check(paths: &[PathBuf], options: &ReadOptions, wanted: Wanted) -> Result<()> {
    // Whatever cannot be looked at here is reported when it is read.
    let rows = |path: &PathBuf| least_rows(path, options, wanted).unwrap_or(0);
    let rows = paths.iter().map(rows).fold(0, u64::saturating_add);
    let what = format!("reading {} rows or more", thousands(rows));
    need(
        rows.saturating_mul(RATING),
        &what,
        "fewer ratings help, or training with them on disk (`memory = SIZE`)",
    )
}

/// The rows that a file has for almost certain; `None` if it is small, no file on a disk, or cannot be read.
fn least_rows(path: &Path, options: &ReadOptions, wanted: Wanted) -> Option<u64> {
    if open::is_stdin(path) {
        return None;
    }
    let mut file = File::open(path).ok().filter(|file| file.metadata().is_ok_and(|file| file.is_file()))?;
    let size = file.metadata().ok()?.len();
    if open::columnar(path).ok()? == Some(Columnar::Parquet) {
        return Groups::open(path, options, wanted).ok().map(|groups| groups.rows());
    }
    if size < SMALL || open::is_array(path).ok()? {
        return None;
    }
    if open::is_packed(path).ok()? {
        let mut opened = open::open(path).ok()?;
        let text = read(&mut opened.reader, UNPACKED)?;
        let bytes = opened.bytes.load(Ordering::Relaxed).max(1);
        return Some((size as f64 / bytes as f64 * rows(&text)? as f64) as u64 / FEWER);
    }
    // An array of JSON may have any number of lines a row.
    if read(&mut file, SAMPLE)?.trim_ascii_start().starts_with(b"[") {
        return None;
    }
    // The places with the longest rows say how many there are at least: ids often grow along a file.
    let mut fewest = u64::MAX;
    for place in 0..PLACES {
        file.seek(SeekFrom::Start((size - SAMPLE) / (PLACES - 1) * place)).ok()?;
        fewest = fewest.min(rows(&read(&mut file, SAMPLE)?)?);
    }
    Some((size as f64 / SAMPLE as f64 * fewest as f64) as u64)
}

fn read(reader: &mut dyn Read, size: u64) -> Option<Vec<u8>> {
    let mut text = Vec::new();
    reader.take(size).read_to_end(&mut text).ok()?;
    Some(text)
}

/// The whole rows of a sample that may begin and end within a row. `None` where a quote reaches over line ends,
/// so that nobody can say where rows begin.
fn rows(sample: &[u8]) -> Option<u64> {
    let mut rows = 0_u64;
    let (mut start, first) = (0, memchr::memchr(b'\n', sample).unwrap_or(sample.len()));
    for end in memchr_iter(b'\n', sample) {
        let line = sample[start..end].trim_ascii_end();
        // The first line is often the end of one.
        if start > first && memchr_iter(b'"', line).count() % 2 == 1 {
            return None;
        }
        // In the Netflix layout such a line has no rating.
        rows += u64::from(!line.is_empty() && !line.ends_with(b":"));
        start = end + 1;
    }
    Some(rows.saturating_sub(1))
}

/// Looks at the memory that is left while ratings are gathered.
#[derive(Debug, Default)]
pub(in crate::input) struct Watch {
    next: usize,
}

impl Watch {
    /// Looks now and then; `ratings` is how many there are by now.
    ///
    /// # Errors
    /// [`Error::TooLarge`](crate::Error::TooLarge) if the process is about to be killed.
    pub(in crate::input) fn over(&mut self, ratings: usize) -> Result<()> {
        if ratings < self.next {
            return Ok(());
        }
        self.next = ratings + STRETCH;
        let what = format!("reading on after {} ratings", thousands(ratings as u64));
        keep_free(LEAST, &what, "fewer ratings help, or training with them on disk (`memory = SIZE`)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::options::{BadRows, TimesWanted};
    use std::io::Write;

    fn least(path: &Path) -> Option<u64> {
        let wanted = Wanted { ratings: true, bad_rows: BadRows::Error, times: TimesWanted::No, lines: false };
        least_rows(path, &ReadOptions::default(), wanted)
    }

    /// Rows that grow along a file, as they do where files are sorted by user: never too many, and most of them.
    #[test]
    fn a_lower_bound_of_plain_and_packed_rows() {
        let folder = tempfile::tempdir().unwrap();
        let line = |n: u64| format!("{},{},{}", n * n, n % 977, n % 5 + 1);
        let text = (0..400_000).map(line).collect::<Vec<_>>().join("\n") + "\n";
        let plain = folder.path().join("r.csv");
        std::fs::write(&plain, &text).unwrap();
        let found = least(&plain).unwrap();
        assert!((300_000..400_000).contains(&found), "{found}");

        let packed = folder.path().join("r.csv.gz");
        let mut gzip = flate2::write::GzEncoder::new(
            std::fs::File::create(&packed).unwrap(),
            flate2::Compression::fast(),
        );
        gzip.write_all(text.as_bytes()).unwrap();
        gzip.finish().unwrap();
        let found = least(&packed).unwrap();
        assert!((50_000..400_000).contains(&found), "{found}");
    }

    #[test]
    fn what_nobody_knows_is_no_bound() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("r.csv");
        assert_eq!(least(&path), None);
        std::fs::write(&path, "a,b,3\n".repeat(10)).unwrap();
        assert_eq!(least(&path), None, "a small one");
        std::fs::write(&path, "a,b,3,\"one\ntwo\nthree\"\n".repeat(100_000)).unwrap();
        assert_eq!(least(&path), None, "texts of several lines");
        std::fs::write(&path, "\"a\",\"b\",3\n".repeat(200_000)).unwrap();
        assert!(least(&path).unwrap() > 190_000);
        assert_eq!(least(Path::new("-")), None);
    }

    #[test]
    fn lines_without_a_rating_are_no_rows() {
        assert_eq!(rows(b"17:\n1,3\n2,4\n\n18:\n3,4\n4"), Some(2));
        assert_eq!(rows(b""), Some(0));
        assert_eq!(rows(b"end\"\na,\"b\nc\"\nd"), None);
    }
}
