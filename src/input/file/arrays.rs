//! Arrays of numpy and sparse matrices of scipy, as rows of text: what is asked of a table is asked of them, too.

use crate::error::{Error, Result};
use crate::guard::guarded;
use npyz::{DType, NpyFile, Order, TypeChar};
use std::io::{self, Cursor, Read, Write};
use std::path::Path;
use zip::ZipArchive;

/// First bytes of an array, and of an archive of arrays.
pub(super) const ARRAY: &[u8] = b"\x93NUMPY";
pub(super) const ARCHIVE: &[u8] = b"PK\x03\x04";

/// A file as rows of text.
pub(super) struct Table {
    pub(super) reader: Box<dyn Read + Send>,
    /// What the file is, in words.
    pub(super) words: String,
}

/// The numbers of an array, in the order of the file.
struct Array {
    shape: Vec<usize>,
    /// Whether the first index moves fastest.
    by_column: bool,
    numbers: Numbers,
}

enum Numbers {
    Whole(Vec<i64>),
    Real(Vec<f64>),
}

impl Numbers {
    fn len(&self) -> usize {
        match self {
            Self::Whole(numbers) => numbers.len(),
            Self::Real(numbers) => numbers.len(),
        }
    }

    /// Writes a number; nothing for one that is none.
    fn write(&self, at: usize, text: &mut Vec<u8>) -> io::Result<()> {
        match self {
            Self::Whole(numbers) => write!(text, "{}", numbers[at]),
            Self::Real(numbers) if numbers[at].is_nan() => Ok(()),
            Self::Real(numbers) => write!(text, "{}", numbers[at]),
        }
    }

    /// The numbers as indices.
    fn indices(&self) -> Option<Vec<usize>> {
        match self {
            Self::Whole(numbers) => numbers.iter().map(|&index| index.try_into().ok()).collect(),
            Self::Real(_) => None,
        }
    }
}

/// Reads an array as a table: a row a row, and its numbers as fields.
pub(super) fn of_array(path: &Path, bytes: &[u8]) -> Result<Table> {
    let fault = |what: &str| Error::Input(format!("{}: {what}", path.display()));
    let array = checked(|| read(bytes)).map_err(|why| fault(&format!("a numpy array {why}")))?;
    let &[rows, columns] = &array.shape[..] else {
        let shape = array.shape.iter().map(usize::to_string).collect::<Vec<_>>().join(" x ");
        let expected = "expected rows of user, item and rating (n x 3), or a matrix of ratings";
        return Err(fault(&format!("a numpy array of shape ({shape}), {expected}")));
    };
    if columns < 2 {
        return Err(fault("a numpy array of one column, expected rows of user, item and rating (n x 3)"));
    }
    let mut row = 0;
    let lines = Lines::new(move |text| {
        if row == rows {
            return Ok(false);
        }
        for column in 0..columns {
            if column > 0 {
                text.push(b'\t');
            }
            let at = if array.by_column { column * rows + row } else { row * columns + column };
            array.numbers.write(at, text)?;
        }
        row += 1;
        Ok(true)
    });
    Ok(Table { reader: Box::new(lines), words: format!("numpy array of {rows} x {columns}") })
}

/// Reads a sparse matrix that scipy saved: rows are users and columns items, both from 0. `None` if the archive
/// holds no arrays.
pub(super) fn of_archive(path: &Path, bytes: Vec<u8>) -> Result<Option<Table>> {
    let Ok(mut archive) = ZipArchive::new(Cursor::new(bytes)) else { return Ok(None) };
    let names: Vec<String> = archive
        .file_names()
        .flatten()
        .filter_map(|name| Some(npyz::npz::array_name_from_file_name(&name)?.to_owned()))
        .collect();
    if names.is_empty() {
        return Ok(None);
    }
    checked(|| matrix(&mut archive, &names)).map(Some).map_err(|why| {
        Error::Input(format!(
            "{}: an archive of numpy arrays (`{}`) {why}",
            path.display(),
            names.join("`, `")
        ))
    })
}

/// Calls libraries that panic at some kinds of damage; a panic becomes an error.
fn checked<T>(call: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    guarded(call).unwrap_or_else(|| Err("whose numbers do not fit together".into()))
}

/// The matrix of an archive. The error says what is wrong with it.
fn matrix(archive: &mut ZipArchive<Cursor<Vec<u8>>>, names: &[String]) -> Result<Table, String> {
    const NONE: &str = "that is no sparse matrix of scipy (`scipy.sparse.save_npz`), expected one in coo, csr or csc form, \
                        or rows of user, item and rating in a .npy file";
    if !names.iter().any(|name| name == "format") {
        return Err(NONE.into());
    }
    let mut bytes = |name: &str| -> Result<Vec<u8>, String> {
        let mut bytes = Vec::new();
        let mut file =
            archive.by_name(&npyz::npz::file_name_from_array_name(name)).map_err(|_| NONE.to_owned())?;
        file.read_to_end(&mut bytes)
            .map_err(|error| format!("whose `{name}` cannot be unpacked: {error}"))?;
        Ok(bytes)
    };
    let format = NpyFile::new(&bytes("format")?[..]).and_then(NpyFile::into_vec::<Vec<u8>>);
    let format = format.ok().and_then(|mut format| format.pop()).ok_or(NONE)?;
    let mut array = |name: &str| -> Result<Array, String> {
        read(&bytes(name)?[..]).map_err(|why| format!("whose `{name}` is an array {why}"))
    };
    let mut indices = |name: &str| -> Result<Vec<usize>, String> {
        array(name)?
            .numbers
            .indices()
            .ok_or_else(|| format!("whose `{name}` holds other numbers than indices"))
    };
    let unfit = || "whose arrays do not fit each other".to_owned();
    let (first, second) = match &format[..] {
        b"coo" => (indices("row")?, indices("col")?),
        form @ (b"csr" | b"csc") => {
            let (pointers, minor) = (indices("indptr")?, indices("indices")?);
            if !pointers.is_sorted() || pointers.first() != Some(&0) || pointers.last() != Some(&minor.len())
            {
                return Err(unfit());
            }
            let counts = pointers.windows(2).map(|pair| pair[1] - pair[0]).enumerate();
            let major = counts.flat_map(|(at, count)| std::iter::repeat_n(at, count)).collect();
            if form == b"csr" { (major, minor) } else { (minor, major) }
        }
        _ => return Err(NONE.into()),
    };
    let shape = indices("shape")?;
    let values = array("data")?.numbers;
    let inside = |indices: &[usize], side: usize| {
        shape.get(side).is_some_and(|&size| indices.iter().all(|&index| index < size))
    };
    if first.len() != second.len() || values.len() != first.len() || !inside(&first, 0) || !inside(&second, 1)
    {
        return Err(unfit());
    }
    let form = String::from_utf8_lossy(&format).into_owned();
    let words =
        format!("scipy matrix ({form}) of {} x {}, rows are users and columns items", shape[0], shape[1]);
    let mut at = 0;
    let lines = Lines::new(move |text| {
        if at == first.len() {
            return Ok(false);
        }
        write!(text, "{}\t{}\t", first[at], second[at])?;
        values.write(at, text)?;
        at += 1;
        Ok(true)
    });
    Ok(Table {
        reader: Box::new(Cursor::new(b"user\titem\trating").chain(Cursor::new(b"\n")).chain(lines)),
        words,
    })
}

/// Reads an array of numbers. The error says what is wrong with it.
fn read(bytes: &[u8]) -> Result<Array, String> {
    let file = NpyFile::new(bytes).map_err(|error| format!("that cannot be read: {error}"))?;
    let DType::Plain(kind) = file.dtype() else {
        return Err("of named fields, expected numbers (pandas writes its columns as csv)".into());
    };
    let shape: Option<Vec<usize>> = file.shape().iter().map(|&size| size.try_into().ok()).collect();
    let shape = shape.ok_or("that is too large")?;
    // A few bytes may claim to be billions of numbers.
    let numbers = shape.iter().try_fold(1_usize, |product, &size| product.checked_mul(size));
    let needed = numbers.and_then(|numbers| numbers.checked_mul(kind.num_bytes()?));
    if needed.is_none_or(|needed| needed > bytes.len()) {
        return Err("that is cut off: it has fewer numbers than its shape says".into());
    }
    let by_column = file.order() == Order::Fortran;
    let damaged = |error: io::Error| format!("that is damaged: {error}");
    let numbers = match (kind.type_char(), kind.size_field()) {
        (TypeChar::Bool, 1) => whole(file.into_vec::<bool>().map_err(damaged)?),
        (TypeChar::Int, 1) => whole(file.into_vec::<i8>().map_err(damaged)?),
        (TypeChar::Int, 2) => whole(file.into_vec::<i16>().map_err(damaged)?),
        (TypeChar::Int, 4) => whole(file.into_vec::<i32>().map_err(damaged)?),
        (TypeChar::Int, 8) => whole(file.into_vec::<i64>().map_err(damaged)?),
        (TypeChar::Uint, 1) => whole(file.into_vec::<u8>().map_err(damaged)?),
        (TypeChar::Uint, 2) => whole(file.into_vec::<u16>().map_err(damaged)?),
        (TypeChar::Uint, 4) => whole(file.into_vec::<u32>().map_err(damaged)?),
        (TypeChar::Uint, 8) => {
            let numbers = file.into_vec::<u64>().map_err(damaged)?.into_iter().map(i64::try_from);
            Numbers::Whole(numbers.collect::<Result<_, _>>().map_err(|_| "of numbers beyond 2^63")?)
        }
        (TypeChar::Float, 4) => real(file.into_vec::<f32>().map_err(damaged)?),
        (TypeChar::Float, 8) => real(file.into_vec::<f64>().map_err(damaged)?),
        _ => return Err(format!("of `{kind}`, expected whole numbers or floats of 4 or 8 bytes")),
    };
    Ok(Array { shape, by_column, numbers })
}

fn whole<T: Into<i64>>(numbers: Vec<T>) -> Numbers {
    Numbers::Whole(numbers.into_iter().map(Into::into).collect())
}

fn real<T: Into<f64>>(numbers: Vec<T>) -> Numbers {
    Numbers::Real(numbers.into_iter().map(Into::into).collect())
}

/// Lines that are written while they are read.
struct Lines<Next> {
    next: Next,
    text: Vec<u8>,
    from: usize,
}

/// How much text is written at a time.
const PART: usize = 1 << 16;

impl<Next: FnMut(&mut Vec<u8>) -> io::Result<bool>> Lines<Next> {
    /// `next` appends a line without its end, or returns that there is none.
    fn new(next: Next) -> Self {
        Self { next, text: Vec::new(), from: 0 }
    }
}

impl<Next: FnMut(&mut Vec<u8>) -> io::Result<bool>> Read for Lines<Next> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.from == self.text.len() {
            self.text.clear();
            self.from = 0;
            while self.text.len() < PART && (self.next)(&mut self.text)? {
                self.text.push(b'\n');
            }
        }
        let count = (&self.text[self.from..]).read(buffer)?;
        self.from += count;
        Ok(count)
    }
}
