//! Ranks: threads or processes that train one model together. Each rank updates a share of the rows, and then
//! all ranks gather the rows of all; so every rank holds the same state after each sweep.
//!
//! The calls of a [`Comm`] are collective: all ranks make the same calls in the same order.

mod counters;
mod launcher;
#[cfg(unix)]
mod mpi;
mod room;
mod rounds;
mod share;

pub use counters::{Counters, Traffic};
pub use launcher::Launcher;
#[cfg(unix)]
pub use mpi::World;
pub use room::{Guard, Member, is_echo, threads};
pub use share::{MOST, Share};

use crate::Result;
use std::any::Any;
use std::fmt::Debug;
use std::sync::Arc;
use std::time::Instant;

/// What the ranks of a process have in common.
pub type Common = Arc<dyn Any + Send + Sync>;

/// A rank's connection to the others.
pub trait Comm: Debug + Send + Sync {
    /// Which rank this is, and of how many.
    fn share(&self) -> Share;

    /// Puts the bytes of all ranks one after the other, in the order of the ranks. `counts` has the number of
    /// bytes of each rank, and is the same on all ranks.
    ///
    /// # Errors
    /// If a rank has failed.
    fn exchange(&self, own: &[u8], counts: &[usize], all: &mut [u8]) -> Result<()>;

    /// Replaces the bytes of every rank by those of rank 0. Their number is the same on all ranks.
    ///
    /// # Errors
    /// If a rank has failed.
    fn spread(&self, bytes: &mut [u8]) -> Result<()>;

    /// Waits until all ranks are here.
    ///
    /// # Errors
    /// If a rank has failed.
    fn meet(&self) -> Result<()>;

    /// What all ranks need alike. The ranks of one process share it: the first of them makes it.
    ///
    /// # Errors
    /// If a rank has failed.
    fn once(&self, make: &mut dyn FnMut() -> Common) -> Result<Common> {
        Ok(make())
    }

    /// Tells the other ranks that this one has failed. They end as soon as they notice.
    fn fail(&self);

    /// Remembers that the ranks are no longer at the same place, so that they cannot end in order.
    fn tear(&self) {}

    /// Leaves the others, after the last call. If they cannot end in order, it ends them.
    fn leave(&self) {}

    /// What was gathered so far.
    fn counters(&self) -> &Counters;
}

/// Gathers the bytes of all ranks, of known numbers, and counts them. The time until all ranks are here counts
/// as waiting.
///
/// # Errors
/// As [`Comm::exchange`].
pub fn gather(comm: &dyn Comm, own: &[u8], counts: &[usize]) -> Result<Vec<u8>> {
    let begun = Instant::now();
    comm.meet()?;
    let met = Instant::now();
    let mut all = vec![0; counts.iter().sum()];
    comm.exchange(own, counts, &mut all)?;
    comm.counters().add(own.len(), all.len(), met - begun, met.elapsed());
    Ok(all)
}

/// Gathers numbers of which each rank has as many as it has.
///
/// # Errors
/// As [`Comm::exchange`].
pub fn gather_numbers<T: bytemuck::Pod>(comm: &dyn Comm, own: &[T]) -> Result<Vec<T>> {
    let (all, _) = gather_any(comm, bytemuck::cast_slice(own))?;
    Ok(bytemuck::pod_collect_to_vec(&all))
}

/// Gathers a text of each rank.
///
/// # Errors
/// As [`Comm::exchange`].
pub fn gather_texts(comm: &dyn Comm, own: &str) -> Result<Vec<String>> {
    let (all, counts) = gather_any(comm, own.as_bytes())?;
    let mut rest = &all[..];
    let text = |count: usize| {
        let (text, behind) = rest.split_at(count);
        rest = behind;
        String::from_utf8_lossy(text).into_owned()
    };
    Ok(counts.into_iter().map(text).collect())
}

/// Gathers bytes of which each rank has as many as it has. Returns them, and how many each had.
fn gather_any(comm: &dyn Comm, own: &[u8]) -> Result<(Vec<u8>, Vec<usize>)> {
    let lengths = gather(comm, &(own.len() as u64).to_le_bytes(), &vec![8; comm.share().size])?;
    let length = |eight: &[u8]| eight.iter().rev().fold(0, |sum, &byte| sum << 8 | usize::from(byte));
    let counts: Vec<usize> = lengths.chunks_exact(8).map(length).collect();
    Ok((gather(comm, own, &counts)?, counts))
}

/// What rank 0 says, on every rank. The others do not ask themselves.
///
/// # Errors
/// As [`Comm::spread`].
pub fn as_rank_0(comm: &dyn Comm, ask: impl FnOnce() -> bool) -> Result<bool> {
    let mut answer = [u8::from(comm.share().is_first() && ask())];
    comm.spread(&mut answer)?;
    Ok(answer[0] != 0)
}

/// The bytes of rank 0, on every rank. The others need not give any.
///
/// # Errors
/// As [`Comm::spread`].
pub fn bytes_of_rank_0(comm: &dyn Comm, own: Vec<u8>) -> Result<Vec<u8>> {
    let mut length = (own.len() as u64).to_le_bytes();
    comm.spread(&mut length)?;
    let mut bytes = own;
    bytes.resize(u64::from_le_bytes(length) as usize, 0);
    comm.spread(&mut bytes)?;
    Ok(bytes)
}
