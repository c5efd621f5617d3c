//! Reading a model: nothing in the file is trusted before it is checked.

use super::format::{FILE_NAME, FORMAT, FORMAT_VERSION, LISTS_FILE_NAME};
use super::rated::Values;
use super::save::NO_CHECKSUM;
use super::{Belief, Factors, FoldIn, Model, Rated};
use crate::error::{Error, Result};
use crate::files::{self, own_read, read_own};
use crate::human;
use crate::math::{Matrix, Square};
use crate::memory::need;
use crate::ratings::IdMap;
use safetensors::{Dtype, SafeTensors};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// A value, or why the file is refused: what was found, and what was expected.
type Checked<T> = std::result::Result<T, String>;

impl Model {
    /// Reads a model file, or the `model.safetensors` of a run directory. For a moment, memory holds both the
    /// file and the model.
    ///
    /// # Errors
    /// [`Error::Read`] if there is no such file; [`Error::Damaged`] if it is not a model, has another
    /// version, or changed since it was written.
    pub fn load(path: impl AsRef<Path>) -> Result<Self> {
        let (path, bytes) = read(path.as_ref())?;
        parse(&bytes).map_err(|why| Error::Damaged { path, why })
    }

    /// As [`load`](Self::load), and also returns the BLAKE3 checksum of the file in hexadecimal digits.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn load_hashed(path: impl AsRef<Path>) -> Result<(Self, String)> {
        let (path, bytes) = read(path.as_ref())?;
        let checksum = blake3::hash(&bytes).to_hex().to_string();
        Ok((parse(&bytes).map_err(|why| Error::Damaged { path, why })?, checksum))
    }
}

/// The file of a model; `path` may also be the directory of its run.
pub(crate) fn model_file(path: &Path) -> PathBuf {
    if path.is_dir() { path.join(FILE_NAME) } else { path.to_owned() }
}

/// The file of the model of lists in the directory of a run that has two models.
///
/// # Errors
/// [`Error::Damaged`] if something else has its name; [`Error::Read`].
pub fn lists_file(path: &Path) -> Result<Option<PathBuf>> {
    let file = path.join(LISTS_FILE_NAME);
    if !path.is_dir() {
        return Ok(None);
    }
    let there = files::found(&file).and_then(|found| found.as_ref().map(files::refuse).transpose());
    Ok(there.map_err(own_read(&file))?.map(|()| file))
}

/// The path and bytes of a model file, or of the one in a run directory.
fn read(path: &Path) -> Result<(PathBuf, Vec<u8>)> {
    let file = model_file(path);
    // Its header is little; all else is there twice, in the file and in the model.
    let size = files::metadata(&file).map_or(0, |found| found.len());
    let what = format!("{}: a model of {}", file.display(), human::size(size));
    need(size.saturating_mul(2), &what, "a model of fewer factors helps")?;
    let bytes = if path.is_dir() { read_own(&file).map_err(own_read(&file)) } else { read_any(&file) };
    Ok((file, bytes?))
}

fn read_any(path: &Path) -> Result<Vec<u8>> {
    files::read(path).map_err(Error::read(path))
}

fn parse(bytes: &[u8]) -> Checked<Model> {
    let (header, parsed) = SafeTensors::read_metadata(bytes)
        .map_err(|error| format!("not a whole safetensors file: {error}"))?;
    let metadata = parsed.metadata().as_ref().ok_or("found no metadata, expected a model of mfgpu")?;
    expect(metadata, "format", FORMAT)?;
    expect(metadata, "format_version", FORMAT_VERSION)?;
    if let Some(checksum) = metadata.get("checksum") {
        verify(bytes, header, checksum)?;
    }
    let about = metadata.get("about").map_or("null", String::as_str);
    let about = about.parse().map_err(|error| format!("about: found no JSON: {error}"))?;

    let file = SafeTensors::deserialize(bytes).map_err(|error| error.to_string())?;
    let file = Tensors { file };
    let users = file.ids("user_ids", "user_id_ends")?;
    let items = file.ids("item_ids", "item_id_ends")?;
    let titles = file.titles()?;
    let range = file.floats("range", &[2])?;
    let model = Model {
        draws: file.draws(users.len(), items.len())?,
        rated: file.rated(users.len(), items.len())?,
        users,
        items,
        range: (range[0], range[1]),
        titles,
        about,
    };
    model.check()?;
    Ok(model)
}

fn expect(metadata: &HashMap<String, String>, key: &str, expected: &str) -> Checked<()> {
    match metadata.get(key) {
        Some(found) if found == expected => Ok(()),
        Some(found) => Err(format!("{key}: found {found:?}, expected {expected:?}")),
        None => Err(format!("found no {key}, expected {expected:?}")),
    }
}

/// The checksum covers the whole file, with its own digits taken as zeros.
fn verify(bytes: &[u8], header: usize, checksum: &str) -> Checked<()> {
    let digits = checksum.as_bytes();
    let at = bytes[..8 + header].windows(digits.len().max(1)).position(|window| window == digits);
    let Some(at) = at.filter(|_| digits.len() == NO_CHECKSUM.len()) else {
        return Err(format!("checksum: found {checksum:?}, expected 64 hexadecimal digits"));
    };
    let mut hash = blake3::Hasher::new();
    hash.update(&bytes[..at]).update(NO_CHECKSUM.as_bytes()).update(&bytes[at + digits.len()..]);
    let found = hash.finalize().to_hex();
    if found.as_str() == checksum {
        Ok(())
    } else {
        Err(format!(
            "the contents have checksum {found}, expected {checksum}: the file was changed or damaged"
        ))
    }
}

/// A file whose header is valid.
struct Tensors<'a> {
    file: SafeTensors<'a>,
}

impl<'a> Tensors<'a> {
    /// The shape and bytes of a tensor; the safetensors crate has checked that they agree.
    fn tensor(&self, name: &str, kind: Dtype) -> Checked<(Vec<usize>, &'a [u8])> {
        let tensor = self.file.tensor(name).map_err(|_| format!("found no tensor {name}"))?;
        if tensor.dtype() != kind {
            return Err(format!("{name}: found {}, expected {kind}", tensor.dtype()));
        }
        Ok((tensor.shape().to_vec(), tensor.data()))
    }

    fn list(&self, name: &str, kind: Dtype) -> Checked<&'a [u8]> {
        let (shape, bytes) = self.tensor(name, kind)?;
        if shape.len() == 1 {
            Ok(bytes)
        } else {
            Err(format!("{name}: found shape {shape:?}, expected a list"))
        }
    }

    fn floats(&self, name: &str, expected: &[usize]) -> Checked<Vec<f32>> {
        let (shape, bytes) = self.tensor(name, Dtype::F32)?;
        if shape == expected { Ok(floats(bytes)) } else { Err(wrong(name, &shape, expected)) }
    }

    fn ids(&self, arena: &str, ends: &str) -> Checked<IdMap> {
        let pieces = self.pieces(arena, ends)?;
        if u32::try_from(pieces.len()).is_err() {
            return Err(format!("{arena}: found {} ids, expected less than 2^32", pieces.len()));
        }
        let mut ids = IdMap::new();
        for (number, id) in pieces.into_iter().enumerate() {
            if ids.number(id) as usize != number {
                return Err(format!("{arena}: id {number} is there twice"));
            }
        }
        Ok(ids)
    }

    /// The titles of the items; an empty one is none. The list is empty if the file has no titles.
    fn titles(&self) -> Checked<Vec<Option<String>>> {
        if self.file.tensor("item_titles").is_err() {
            return Ok(Vec::new());
        }
        let title = |bytes: &[u8]| match std::str::from_utf8(bytes) {
            Ok(text) => Ok((!text.is_empty()).then(|| text.to_owned())),
            Err(_) => Err("item_titles: found bytes that are no text in UTF-8".to_owned()),
        };
        self.pieces("item_titles", "item_title_ends")?.into_iter().map(title).collect()
    }

    /// The pieces of bytes that end at these places, one behind the other.
    fn pieces(&self, arena: &str, ends: &str) -> Checked<Vec<&'a [u8]>> {
        let bytes = self.list(arena, Dtype::U8)?;
        let mut start = 0;
        let mut pieces = Vec::new();
        for (number, end) in longs(self.list(ends, Dtype::U64)?).into_iter().enumerate() {
            let piece = usize::try_from(end).ok().and_then(|end| bytes.get(start..end));
            let piece = piece.ok_or_else(|| {
                format!("{arena}: text {number} ends at {end}, expected {start} to {}", bytes.len())
            })?;
            start += piece.len();
            pieces.push(piece);
        }
        if start == bytes.len() {
            Ok(pieces)
        } else {
            Err(format!("{arena}: the texts end at {start}, expected {}", bytes.len()))
        }
    }

    fn draws(&self, users: usize, items: usize) -> Checked<Vec<Factors>> {
        let (mut shape, _) = self.tensor("user_factors", Dtype::F32)?;
        let several = if shape.len() == 3 { Some(shape.remove(0)) } else { None };
        let &[_, factors] = shape.as_slice() else {
            return Err(format!("user_factors: found shape {shape:?}, expected [users, factors]"));
        };
        let read = |name, shape: &[usize]| {
            let full: Vec<usize> = several.iter().chain(shape).copied().collect();
            self.floats(name, &full)
        };
        let user_factors = read("user_factors", &[users, factors])?;
        let item_factors = read("item_factors", &[items, factors])?;
        let user_bias = read("user_bias", &[users])?;
        let item_bias = read("item_bias", &[items])?;
        let (mean, scale) = (read("mean", &[])?, read("scale", &[])?);
        let weights =
            |name, rows| if self.file.tensor(name).is_ok() { read(name, &[rows]) } else { Ok(Vec::new()) };
        let (user_weight, item_weight) = (weights("user_weight", users)?, weights("item_weight", items)?);
        let origin = weights("user_origin", factors)?;
        let mut fold_in = self.fold_in(several, factors)?.into_iter();
        // The file has one mean per draw, so the number of draws is limited by the file's length.
        let part = |all: &[f32], at: usize, length: usize| all[at * length..][..length].to_vec();
        let mut draw = |at| Factors {
            users: Matrix::from_vec(users, factors, part(&user_factors, at, users * factors)),
            items: Matrix::from_vec(items, factors, part(&item_factors, at, items * factors)),
            user_bias: part(&user_bias, at, users),
            item_bias: part(&item_bias, at, items),
            mean: mean[at],
            scale: scale[at],
            user_weight: part(&user_weight, at, user_weight.len() / mean.len()),
            item_weight: part(&item_weight, at, item_weight.len() / mean.len()),
            origin: part(&origin, at, origin.len() / mean.len()),
            fold_in: fold_in.next(),
        };
        Ok((0..mean.len()).map(&mut draw).collect())
    }

    /// The fold-in parameters of each draw; empty if the file has none.
    fn fold_in(&self, several: Option<usize>, factors: usize) -> Checked<Vec<FoldIn>> {
        if self.file.tensor("fold_in").is_err() {
            return Ok(Vec::new());
        }
        let size = factors + 1;
        let numbers = |name: &str, of_one: &[usize]| {
            let (shape, bytes) = self.tensor(name, Dtype::F64)?;
            let expected: Vec<usize> = several.iter().chain(of_one).copied().collect();
            if shape == expected { Ok(doubles(bytes)) } else { Err(wrong(name, &shape, &expected)) }
        };
        // The fourth number came later, and is left out where it is 0.
        let width = if self.tensor("fold_in", Dtype::F32)?.0.last() == Some(&4) { 4 } else { 3 };
        let shape: Vec<usize> = several.into_iter().chain([width]).collect();
        let scalars = self.floats("fold_in", &shape)?;
        let matrices = [numbers("user_belief", &[size, size])?, numbers("item_belief", &[size, size])?];
        let pulls = [numbers("user_pull", &[size])?, numbers("item_pull", &[size])?];
        let belief = |side: usize, at: usize| {
            let precision = matrices[side][at * size * size..][..size * size].to_vec();
            Belief::new(Square::from_vec(size, precision), pulls[side][at * size..][..size].to_vec())
        };
        let one = |(at, numbers): (usize, &[f32])| FoldIn {
            precision: numbers[0],
            power: numbers[1],
            implicit_weight: numbers[2],
            unobserved_weight: numbers.get(3).copied().unwrap_or(0.0),
            users: belief(0, at),
            items: belief(1, at),
        };
        Ok(scalars.chunks_exact(width).enumerate().map(one).collect())
    }

    fn rated(&self, users: usize, items: usize) -> Checked<Rated> {
        if self.file.tensor("rated_starts").is_err() {
            return Ok(Rated::default());
        }
        let starts = longs(self.list("rated_starts", Dtype::U64)?);
        let columns = self.list("rated_items", Dtype::U32)?;
        let columns = columns.as_chunks().0.iter().map(|&four| u32::from_le_bytes(four)).collect();
        let values = if self.file.tensor("rated_codes").is_ok() {
            let codes = self.list("rated_codes", Dtype::U8)?.to_vec();
            Values::Coded { codes, levels: floats(self.list("rated_levels", Dtype::F32)?) }
        } else {
            Values::Plain(floats(self.list("rated_values", Dtype::F32)?))
        };
        Rated::from_parts(starts, columns, values, (users, items))
    }
}

fn floats(bytes: &[u8]) -> Vec<f32> {
    bytes.as_chunks().0.iter().map(|&four| f32::from_le_bytes(four)).collect()
}

fn doubles(bytes: &[u8]) -> Vec<f64> {
    bytes.as_chunks().0.iter().map(|&eight| f64::from_le_bytes(eight)).collect()
}

fn wrong(name: &str, found: &[usize], expected: &[usize]) -> String {
    format!("{name}: found shape {found:?}, expected {expected:?}")
}

fn longs(bytes: &[u8]) -> Vec<u64> {
    bytes.as_chunks().0.iter().map(|&eight| u64::from_le_bytes(eight)).collect()
}
