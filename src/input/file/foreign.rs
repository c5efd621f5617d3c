//! Files that hold no ratings that can be read, by their first bytes, and what to do with them.

/// First bytes, and what they show. Advice follows in parentheses where there is some.
const STARTS: [(&[u8], &str); 31] = [
    (b"PK\x03\x04", "a zip archive (unpack it first, or use .gz or .zst; a spreadsheet is saved as csv)"),
    (b"BZh", "packed with bzip2 (unpack it first: `bzip2 -dc FILE | mfgpu .. -`)"),
    (b"\xfd7zXZ\0", "packed with xz (unpack it first: `xz -dc FILE | mfgpu .. -`)"),
    (b"\x1f\x9d", "packed with compress (unpack it first)"),
    (b"\x04\x22\x4d\x18", "packed with lz4 (unpack it first: `lz4 -dc FILE | mfgpu .. -`)"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive (unpack it first)"),
    (b"Rar!\x1a\x07", "a rar archive (unpack it first)"),
    (
        b"PAR1",
        "a parquet file within another or from a pipe (a file on disk is read with `input.format = auto` or `parquet`)",
    ),
    (b"FEA1", "a Feather file of version 1 (write it again with a newer pyarrow, or as parquet)"),
    (b"ORC", "an ORC file (write it as parquet or csv)"),
    (b"Obj\x01", "an Avro file (write it as parquet or csv)"),
    (
        b"SQLite format 3\0",
        "an SQLite database (pipe the ratings in: `sqlite3 -header -csv FILE 'select user, item, rating from ratings' | \
         mfgpu .. -`)",
    ),
    (
        b"PGDMP",
        "a dump of a PostgreSQL database (pipe the ratings in: `psql -c '\\copy (select user_id, item_id, rating from \
         ratings) to stdout csv header' | mfgpu .. -`)",
    ),
    (b"DUCK", "a DuckDB database (`copy (select ..) to 'ratings.parquet'` writes what can be read)"),
    (b"\x89HDF\r\n\x1a\n", "an HDF5 file (`pandas.read_hdf(..).to_csv(..)` writes what can be read)"),
    (b"CDF", "a NetCDF file (write it as csv)"),
    (b"MATLAB ", "a MATLAB file (write its matrix as csv or Matrix Market)"),
    (
        b"RDX2\n",
        "an R workspace (`write.csv(ratings, 'ratings.csv', row.names=FALSE)` writes what can be read)",
    ),
    (
        b"RDX3\n",
        "an R workspace (`write.csv(ratings, 'ratings.csv', row.names=FALSE)` writes what can be read)",
    ),
    (
        b"X\n\0\0\0",
        "an R object (`write.csv(readRDS(..), 'ratings.csv', row.names=FALSE)` writes what can be read)",
    ),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel workbook (save it as csv)"),
    (b"%PDF", "a PDF document"),
    (b"\x7fELF", "a program"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"<!DOCTYPE", "a web page (the download may have led to a login or an error)"),
    (b"<!doctype", "a web page (the download may have led to a login or an error)"),
    (b"<html", "a web page (the download may have led to a login or an error)"),
    (b"<?xml", "an XML document (write its rows as csv)"),
    (b"version https://git-lfs", "a pointer of Git LFS (`git lfs pull` fetches the file)"),
];

/// Where a tar archive has its mark.
const TAR: std::ops::Range<usize> = 257..262;

/// How many bytes must be seen.
pub(super) const SEEN: usize = 512;

/// What a file is that is none of ratings, by its first bytes; `None` if it may be one.
pub(super) fn what(start: &[u8]) -> Option<&'static str> {
    if let Some((_, what)) = STARTS.iter().find(|(first, _)| start.starts_with(first)) {
        return Some(what);
    }
    if start.get(TAR) == Some(b"ustar") {
        return Some("a tar archive (unpack it first)");
    }
    // Pickles of protocols 2 to 5.
    if matches!(start, [0x80, 2..=5, ..]) {
        return Some("a Python pickle (write what it holds as csv, npz or parquet)");
    }
    // Text has no such bytes but in ids, and those of a first line are few.
    let zeros = memchr::memchr_iter(0, start).count();
    (zeros * 8 > start.len() && zeros > 4).then_some("a binary file of an unknown kind (export it as csv)")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_of_files() {
        for (start, expected) in [
            (&b"SQLite format 3\0\x10\0"[..], "SQLite"),
            (b"\x80\x04\x95", "pickle"),
            (b"\x89HDF\r\n\x1a\n\0", "HDF5"),
            (b"\0\0\0\x01\0\0\0\x02\0\0", "binary"),
        ] {
            assert!(what(start).unwrap().contains(expected), "{expected}");
        }
        let mut tar = vec![b'a'; 600];
        tar[TAR].copy_from_slice(b"ustar");
        assert_eq!(what(&tar), Some("a tar archive (unpack it first)"));
        for text in [&b"user,item,rating\n"[..], b"", b"caf\xe9\0,x,4\n", b"\x80,x,4\n"] {
            assert_eq!(what(text), None);
        }
    }
}
