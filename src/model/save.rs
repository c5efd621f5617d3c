//! Writes a model as a safetensors file: the same bytes for the same model, never held in memory as a whole.
//!
//! The header is written by this file rather than by the safetensors crate, which keeps metadata in random
//! order.

use super::format::{FORMAT, FORMAT_VERSION};
use super::rated::Values;
use super::{About, Factors, FoldIn, Model};
use crate::error::{Error, Result};
use crate::files::AtomicFile;
use bytemuck::Pod;
use serde_json::{Map, Value, json};
use std::borrow::Cow;
use std::io::Write;
use std::path::Path;

/// Takes the place of the checksum while it is computed.
pub(super) const NO_CHECKSUM: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// One tensor; its bytes are the pieces in order.
struct Tensor<'a> {
    name: &'static str,
    kind: &'static str,
    shape: Vec<usize>,
    pieces: Vec<Cow<'a, [u8]>>,
}

impl Model {
    /// Writes the model to `path`, whole or not at all. `docs/formats.md` describes the file.
    ///
    /// # Errors
    /// [`Error::Write`]; [`Error::Bug`] if shapes disagree or a number is not finite, so that every file
    /// written can be read.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        self.write_to(AtomicFile::create(path)?)
    }

    /// Writes the model to a file.
    pub(crate) fn write_to(&self, mut file: AtomicFile) -> Result<()> {
        self.check().map_err(|why| Error::Bug(format!("this model cannot be saved: {why}")))?;
        let tensors = self.tensors();
        let mut hash = blake3::Hasher::new();
        hash.update(&header(&tensors, &self.about, NO_CHECKSUM));
        for bytes in tensors.iter().flat_map(|tensor| &tensor.pieces) {
            hash.update(bytes);
        }
        let header = header(&tensors, &self.about, hash.finalize().to_hex().as_str());

        let pieces = tensors.iter().flat_map(|tensor| &tensor.pieces).map(AsRef::as_ref);
        for bytes in std::iter::once(&header[..]).chain(pieces) {
            file.write_all(bytes).map_err(|error| Error::write(file.path())(error))?;
        }
        file.commit()
    }

    /// All tensors, wide numbers first, so that each is aligned.
    fn tensors(&self) -> Vec<Tensor<'_>> {
        let (users, items) = (self.users.len(), self.items.len());
        let factors = self.draws[0].users.columns();
        let (user_arena, user_ends) = self.users.parts();
        let (item_arena, item_ends) = self.items.parts();
        let (starts, rated_items, values) = self.rated.parts();
        let kept = self.rated.is_kept();

        let mut tensors =
            vec![plain("user_id_ends", "U64", user_ends), plain("item_id_ends", "U64", item_ends)];
        let titles = self.packed_titles();
        if let Some((_, ends)) = &titles {
            let ends = ends.iter().flat_map(|end| end.to_le_bytes()).collect();
            tensors.push(owned("item_title_ends", "U64", self.titles.len(), ends));
        }
        if kept {
            tensors.push(plain("rated_starts", "U64", starts));
        }
        tensors.extend(self.beliefs());
        tensors.extend([
            self.drawn("user_factors", &[users, factors], |draw| draw.users.as_slice()),
            self.drawn("item_factors", &[items, factors], |draw| draw.items.as_slice()),
            self.drawn("user_bias", &[users], |draw| &draw.user_bias),
            self.drawn("item_bias", &[items], |draw| &draw.item_bias),
            self.drawn("mean", &[], |draw| std::slice::from_ref(&draw.mean)),
            self.drawn("scale", &[], |draw| std::slice::from_ref(&draw.scale)),
            Tensor {
                name: "range",
                kind: "F32",
                shape: vec![2],
                pieces: vec![Cow::Owned([self.range.0.to_le_bytes(), self.range.1.to_le_bytes()].concat())],
            },
        ]);
        tensors.extend(self.fold_in_numbers());
        if self.draws.iter().all(|draw| !draw.user_weight.is_empty()) {
            tensors.push(self.drawn("user_weight", &[users], |draw| &draw.user_weight));
            tensors.push(self.drawn("item_weight", &[items], |draw| &draw.item_weight));
        }
        if self.draws.iter().all(|draw| !draw.origin.is_empty()) {
            tensors.push(self.drawn("user_origin", &[factors], |draw| &draw.origin));
        }
        if kept {
            tensors.push(plain("rated_items", "U32", rated_items));
            match values {
                Values::Plain(values) => tensors.push(plain("rated_values", "F32", values)),
                Values::Coded { codes, levels } => {
                    tensors.push(plain("rated_levels", "F32", levels));
                    tensors.push(plain("rated_codes", "U8", codes));
                }
            }
        }
        tensors.extend([plain("user_ids", "U8", user_arena), plain("item_ids", "U8", item_arena)]);
        tensors.extend(titles.map(|(arena, _)| owned("item_titles", "U8", arena.len(), arena)));
        tensors
    }

    /// All titles one behind the other, and where each ends; `None` if no titles are known.
    fn packed_titles(&self) -> Option<(Vec<u8>, Vec<u64>)> {
        let mut arena = Vec::new();
        let mut add = |title: &Option<String>| {
            arena.extend_from_slice(title.as_deref().unwrap_or_default().as_bytes());
            arena.len() as u64
        };
        let ends: Vec<u64> = self.titles.iter().map(&mut add).collect();
        (!ends.is_empty()).then_some((arena, ends))
    }

    /// The beliefs for fold-in, if the model has them.
    fn beliefs(&self) -> Vec<Tensor<'_>> {
        let known: Vec<&FoldIn> = self.draws.iter().filter_map(|draw| draw.fold_in.as_ref()).collect();
        if known.len() < self.draws.len() {
            return Vec::new();
        }
        let size = known[0].users.pull.len();
        let tensor = |name, shape: &[usize], numbers: fn(&FoldIn) -> &[f64]| {
            let pieces = known.iter().map(|fold_in| bytes(numbers(fold_in))).collect();
            Tensor { name, kind: "F64", shape: self.shape(shape), pieces }
        };
        vec![
            tensor("user_belief", &[size, size], |fold_in| fold_in.users.precision.as_slice()),
            tensor("item_belief", &[size, size], |fold_in| fold_in.items.precision.as_slice()),
            tensor("user_pull", &[size], |fold_in| &fold_in.users.pull),
            tensor("item_pull", &[size], |fold_in| &fold_in.items.pull),
        ]
    }

    /// The scalars of fold-in: `precision, power, implicit_weight` of each draw, and `unobserved_weight` unless it
    /// is 0.
    fn fold_in_numbers(&self) -> Option<Tensor<'_>> {
        let known = self.draws.iter().map(|draw| draw.fold_in.as_ref());
        let of_all = known.clone().flatten().any(|fold_in| fold_in.unobserved_weight > 0.0);
        let width = if of_all { 4 } else { 3 };
        let numbers = |fold_in: &FoldIn| {
            let FoldIn { precision, power, implicit_weight, unobserved_weight, .. } = *fold_in;
            let numbers = &[precision, power, implicit_weight, unobserved_weight][..width];
            Cow::Owned(numbers.iter().flat_map(|number| number.to_le_bytes()).collect())
        };
        let pieces = known.map(|fold_in| fold_in.map(numbers)).collect::<Option<_>>()?;
        Some(Tensor { name: "fold_in", kind: "F32", shape: self.shape(&[width]), pieces })
    }

    /// The shape of a tensor of all draws, given that of one draw.
    fn shape(&self, of_one: &[usize]) -> Vec<usize> {
        let several = (self.draws.len() > 1).then_some(self.draws.len());
        several.into_iter().chain(of_one.iter().copied()).collect()
    }

    /// A tensor with a part for each draw; the draws are its first dimension if there are several.
    fn drawn<'a>(
        &'a self,
        name: &'static str,
        shape: &[usize],
        numbers: impl Fn(&'a Factors) -> &'a [f32],
    ) -> Tensor<'a> {
        let pieces = self.draws.iter().map(|draw| bytes(numbers(draw))).collect();
        Tensor { name, kind: "F32", shape: self.shape(shape), pieces }
    }
}

fn plain<'a, T: Pod>(name: &'static str, kind: &'static str, numbers: &'a [T]) -> Tensor<'a> {
    Tensor { name, kind, shape: vec![numbers.len()], pieces: vec![bytes(numbers)] }
}

/// A tensor of bytes that are made for it.
fn owned(name: &'static str, kind: &'static str, length: usize, bytes: Vec<u8>) -> Tensor<'static> {
    Tensor { name, kind, shape: vec![length], pieces: vec![Cow::Owned(bytes)] }
}

/// Numbers as little-endian bytes.
fn bytes<T: Pod>(numbers: &[T]) -> Cow<'_, [u8]> {
    let native = bytemuck::cast_slice(numbers);
    if cfg!(target_endian = "little") {
        Cow::Borrowed(native)
    } else {
        Cow::Owned(native.chunks(size_of::<T>()).flat_map(|one| one.iter().rev().copied()).collect())
    }
}

/// The header's length as a u64, and the header, padded with blanks to a multiple of 8 bytes.
fn header(tensors: &[Tensor], about: &About, checksum: &str) -> Vec<u8> {
    let metadata = json!({
        "checksum": checksum,
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "about": about.to_string(),
    });
    let mut entries = Map::from_iter([("__metadata__".to_owned(), metadata)]);
    let mut start = 0;
    for tensor in tensors {
        let end = start + tensor.pieces.iter().map(|piece| piece.len()).sum::<usize>();
        let entry = json!({ "dtype": tensor.kind, "shape": tensor.shape, "data_offsets": [start, end] });
        entries.insert(tensor.name.to_owned(), entry);
        start = end;
    }
    let mut text = Value::Object(entries).to_string().into_bytes();
    text.resize(text.len().next_multiple_of(8), b' ');
    let mut header = (text.len() as u64).to_le_bytes().to_vec();
    header.append(&mut text);
    header
}
