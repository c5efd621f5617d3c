//! A prepared set: ratings and ids in one file (docs/formats.md, "Prepared sets").

use super::block::{CHECKSUM, fill, little};
use super::on_disk::{Disk, OnDisk};
use super::spill::Blocks;
use crate::files::{AtomicFile, File};
use crate::memory::filled;
use crate::ratings::{Feedback, IdMap, Sides, Triples};
use crate::stop::Stop;
use crate::{Error, Result};
use std::io::{Read, Write};
use std::path::Path;
use std::sync::Arc;

/// What every set begins with.
const MAGIC: [u8; 8] = *b"MFGPUSET";
/// The version of the format.
const VERSION: u32 = 1;
/// The flag of sets with times.
const TIMED: u32 = 1;
/// The bytes of the header before its checksum, and with it.
const HEADER: usize = 96;
const FIRST: u64 = (HEADER + CHECKSUM) as u64;

/// A prepared set that is open.
#[derive(Debug)]
pub struct Set {
    /// Its ratings.
    pub body: OnDisk,
    /// The ids of users and items.
    pub ids: Sides<IdMap>,
    /// What the values of the ratings stand for.
    pub feedback: Feedback,
    /// The bytes of the file.
    pub bytes: u64,
}

/// What a set is written of.
#[derive(Debug, Clone, Copy)]
pub struct Contents<'a> {
    /// The ratings; with their times if `timed`.
    pub ratings: &'a dyn Triples,
    /// The ids of users and items.
    pub ids: Sides<&'a IdMap>,
    /// What the values of the ratings stand for.
    pub feedback: Feedback,
    /// Whether times are written.
    pub timed: bool,
}

/// The numbers of a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Header {
    timed: bool,
    ratings: u64,
    /// The number of users and items, and the bytes of their ids.
    size: Sides<u64>,
    arenas: Sides<u64>,
    feedback: Feedback,
    bytes: u64,
}

/// Whether a file begins as sets do. What cannot be read is none.
pub fn is_set(path: &Path) -> bool {
    let mut begin = [0; MAGIC.len()];
    let is_file = crate::files::length(path).is_some_and(|length| length >= FIRST);
    is_file && File::open(path).is_ok_and(|mut file| file.read_exact(&mut begin).is_ok()) && begin == MAGIC
}

const FEEDBACKS: [Feedback; 3] = [Feedback::Ratings, Feedback::Weights, Feedback::Pairs];

impl Header {
    fn to_bytes(self) -> Vec<u8> {
        let Self { timed, ratings, size, arenas, feedback, bytes } = self;
        let feedback = FEEDBACKS.iter().position(|other| *other == feedback).unwrap_or(0);
        let mut header = MAGIC.to_vec();
        header.extend(VERSION.to_le_bytes());
        header.extend((if timed { TIMED } else { 0 }).to_le_bytes());
        for number in [ratings, size.users, size.items, arenas.users, arenas.items, feedback as u64, bytes] {
            header.extend(number.to_le_bytes());
        }
        header.resize(HEADER, 0);
        let checksum = blake3::hash(&header);
        header.extend(checksum.as_bytes());
        header
    }

    /// The numbers in the bytes of a header, or what is wrong with them.
    fn of(bytes: &[u8; HEADER + CHECKSUM]) -> std::result::Result<Self, String> {
        let (header, checksum) = bytes.split_at(HEADER);
        if header[..MAGIC.len()] != MAGIC {
            return Err("found other contents, expected a prepared set".into());
        }
        let word = |at: usize| -> [u8; 4] { [header[at], header[at + 1], header[at + 2], header[at + 3]] };
        let (version, flags) = (u32::from_le_bytes(word(8)), u32::from_le_bytes(word(12)));
        if version != VERSION {
            return Err(format!(
                "found version {version} of the format, this mfgpu reads version {VERSION}; prepare it again"
            ));
        }
        if blake3::hash(header).as_bytes() != checksum {
            return Err("the checksum of its header is wrong".into());
        }
        let number = |place: usize| {
            let (low, high) = (word(16 + 8 * place), word(20 + 8 * place));
            u64::from(u32::from_le_bytes(low)) | u64::from(u32::from_le_bytes(high)) << 32
        };
        let feedback = usize::try_from(number(5)).ok().and_then(|at| FEEDBACKS.get(at)).copied();
        let Some(feedback) = feedback else { return Err("its header has an unknown kind of values".into()) };
        Ok(Self {
            timed: flags & TIMED != 0,
            ratings: number(0),
            size: Sides { users: number(1), items: number(2) },
            arenas: Sides { users: number(3), items: number(4) },
            feedback,
            bytes: number(6),
        })
    }

    /// The length of a file with this header; `None` beyond 2^63.
    fn length(&self) -> Option<u64> {
        let each = if self.timed { 20 } else { 12 };
        let blocks = self.ratings.div_ceil(super::block::BLOCK as u64);
        let mut length = self.ratings.checked_mul(each)?.checked_add(blocks.checked_mul(CHECKSUM as u64)?)?;
        for (size, arena) in self.size.zip(self.arenas) {
            length =
                length.checked_add(size.checked_mul(8)?)?.checked_add(arena)?.checked_add(CHECKSUM as u64)?;
        }
        length.checked_add(FIRST).filter(|length| *length < 1 << 63)
    }
}

impl Set {
    /// Opens a set, and reads its ids.
    ///
    /// # Errors
    /// [`Error::Read`]; [`Error::Damaged`] for what is no set, for a set of another version, and for one whose
    /// checksums are wrong; [`Error::TooLarge`] if memory is refused.
    pub fn open(path: &Path) -> Result<Self> {
        let damaged = |why: String| Error::Damaged { path: path.to_owned(), why };
        let file = File::open(path).map_err(Error::read(path))?;
        let length = file.metadata().map_err(Error::read(path))?.len();
        let mut bytes = [0; HEADER + CHECKSUM];
        if length < FIRST {
            return Err(damaged(format!("it has {length} bytes, and a prepared set has {FIRST} at least")));
        }
        file.read_at(&mut bytes, 0).map_err(Error::read(path))?;
        let header = Header::of(&bytes).map_err(damaged)?;
        if header.length() != Some(header.bytes) || header.bytes != length {
            return Err(damaged(format!("it has {length} bytes, and its header says {}", header.bytes)));
        }
        let most = u64::from(u32::MAX);
        if header.size.iter().any(|size| *size > most) {
            return Err(damaged("its header has more than 2^32 users or items".into()));
        }
        let size = header.size.map(|size| size as usize);
        let disk = Arc::new(Disk::Named(file, path.to_owned()));
        let (ratings, timed) = (header.ratings as usize, header.timed);
        let body = OnDisk { disk, at: FIRST, ratings, timed, told: true, size };
        let mut at = FIRST + body.bytes();
        let mut ids = |(name, size, arena): (&str, usize, u64)| -> Result<IdMap> {
            let mut ends: Vec<u64> = filled(0, size)?;
            let mut bytes = filled(0, 8 * size + arena as usize + CHECKSUM)?;
            body.disk.read_at(&mut bytes, at)?;
            at += bytes.len() as u64;
            let found = bytes.split_off(bytes.len() - CHECKSUM);
            if blake3::hash(&bytes).as_bytes()[..] != found {
                return Err(damaged(format!("the checksum of the {name} ids is wrong")));
            }
            let arena = bytes.split_off(8 * size);
            fill(&mut ends, &bytes);
            IdMap::from_parts(arena, ends)?
                .ok_or_else(|| damaged(format!("the {name} ids do not fit together, or one occurs twice")))
        };
        let users = ids(("user", size.users, header.arenas.users))?;
        let items = ids(("item", size.items, header.arenas.items))?;
        Ok(Self { body, ids: Sides { users, items }, feedback: header.feedback, bytes: length })
    }

    /// Writes a set to a file, whole or not at all.
    ///
    /// # Errors
    /// [`Error::Write`], and those of reading the ratings; [`Error::Stopped`] if `stop` is raised.
    pub fn write(mut file: AtomicFile, contents: Contents, stop: &Stop) -> Result<()> {
        let Contents { ratings, ids, feedback, timed } = contents;
        let parts = ids.map(IdMap::parts);
        let header = Header {
            timed,
            ratings: ratings.len() as u64,
            size: ids.map(|ids| ids.len() as u64),
            arenas: parts.map(|(arena, _)| arena.len() as u64),
            feedback,
            bytes: 0,
        };
        let bytes = header.length().ok_or_else(|| Error::TooLarge("a set of 2^63 bytes or more".into()))?;
        let path = file.path().to_owned();
        let mut emit =
            |bytes: &[u8]| -> Result<()> { file.write_all(bytes).map_err(Error::write(path.clone())) };
        emit(&Header { bytes, ..header }.to_bytes())?;
        let mut blocks = Blocks::new(timed);
        ratings.each(&mut |_, chunk| {
            stop.check()?;
            blocks.add(chunk, &mut emit)
        })?;
        blocks.flush(&mut emit)?;
        for (arena, ends) in parts {
            let ends = little(ends);
            let checksum = blake3::Hasher::new().update(&ends).update(arena).finalize();
            emit(&ends)?;
            emit(arena)?;
            emit(checksum.as_bytes())?;
        }
        file.commit()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ratings::Ratings;

    fn written(path: &Path) -> (Ratings, Sides<IdMap>) {
        let mut ids = Sides { users: IdMap::new(), items: IdMap::new() };
        let mut ratings = Ratings::default();
        for n in 0..70_000_u32 {
            let user = ids.users.number(format!("user {}", n % 1001).as_bytes());
            let item = ids.items.number(&(n % 17).to_le_bytes());
            ratings.push(user, item, (n % 5) as f32);
        }
        let contents =
            Contents { ratings: &ratings, ids: ids.as_ref(), feedback: Feedback::Weights, timed: false };
        Set::write(AtomicFile::create(path).unwrap(), contents, &Stop::new()).unwrap();
        (ratings, ids)
    }

    fn load(path: &Path) -> Result<(Ratings, Set)> {
        let set = Set::open(path)?;
        let (ratings, times) = set.body.load()?;
        assert!(times.is_empty());
        Ok((ratings, set))
    }

    #[test]
    fn what_was_written_is_read() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("set.mfr");
        let (ratings, ids) = written(&path);
        assert!(is_set(&path) && !is_set(directory.path()));
        let (found, set) = load(&path).unwrap();
        assert_eq!((found, set.feedback), (ratings, Feedback::Weights));
        for (own, other) in ids.zip(set.ids) {
            assert!(own.iter().eq(other.iter()));
        }
    }

    /// A byte that is changed anywhere, and a file that is cut off anywhere, is noticed.
    #[test]
    fn damage_is_noticed_wherever_it_is() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("set.mfr");
        written(&path);
        let whole = std::fs::read(&path).unwrap();
        let places = (0..200).chain((200..whole.len()).step_by(4999)).chain(whole.len() - 40..whole.len());
        for place in places {
            let mut bytes = whole.clone();
            bytes[place] ^= 0x10;
            std::fs::write(&path, &bytes).unwrap();
            let error = load(&path).unwrap_err();
            assert!(matches!(error, Error::Damaged { .. }), "{place}: {error}");
        }
        for length in [0, 7, 127, 128, 1000, whole.len() - 1] {
            std::fs::write(&path, &whole[..length]).unwrap();
            assert!(matches!(load(&path), Err(Error::Damaged { .. })), "{length}");
        }
        std::fs::write(&path, [&whole[..], b"x"].concat()).unwrap();
        assert!(matches!(load(&path), Err(Error::Damaged { .. })));
    }
}
