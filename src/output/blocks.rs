//! Tables that are encoded some rows at a time, on all threads, and written in order.

use super::batch::Batch;
use super::{Column, Field, Table};
use crate::error::Result;
use rayon::prelude::*;

/// The most batches that are encoded at the same time, which bounds memory on machines with many cores.
const MOST_LANES: usize = 16;

/// A format of tables: how some rows become bytes, and where they go.
pub trait Encoding {
    /// The data about the columns that all batches share.
    type Plan: Sync;
    /// Encoded rows.
    type Part: Send;

    /// The size of a batch's cells, in bytes of memory.
    const BATCH: usize;

    /// Writes what comes before the rows.
    ///
    /// # Errors
    /// [`Error::Write`](crate::Error::Write), or [`Error::Usage`](crate::Error::Usage) for a name that the
    /// format cannot hold.
    fn begin(&mut self, columns: &[Column]) -> Result<Self::Plan>;

    /// Encodes some rows.
    ///
    /// # Errors
    /// [`Error::Usage`](crate::Error::Usage) for an id that the format cannot hold.
    fn encode(plan: &Self::Plan, batch: &Batch) -> Result<Self::Part>;

    /// Appends encoded rows to those written before.
    ///
    /// # Errors
    /// [`Error::Write`](crate::Error::Write).
    fn append(&mut self, part: Self::Part) -> Result<()>;

    /// Writes what comes after the rows, and ends the file.
    ///
    /// # Errors
    /// [`Error::Write`](crate::Error::Write).
    fn end(self) -> Result<()>;
}

/// A table in a format. Rows are gathered into batches, and as many batches as there are threads (at most 16)
/// are encoded at a time. The output does not depend on the number of threads.
pub struct Blocks<E: Encoding> {
    encoding: E,
    plan: Option<E::Plan>,
    /// The last one begun takes the next row.
    batches: Vec<Batch>,
    begun: usize,
}

impl<E: Encoding> Blocks<E> {
    pub(super) fn with(encoding: E) -> Self {
        Self { encoding, plan: None, batches: Vec::new(), begun: 0 }
    }

    /// The same table in a changed encoding, before its header.
    pub(super) fn change(self, change: impl FnOnce(E) -> E) -> Self {
        Self { encoding: change(self.encoding), ..self }
    }

    /// Encodes and writes the gathered rows.
    fn flush(&mut self) -> Result<()> {
        let plan = self.plan.as_ref().expect("a header before the rows");
        let full = &mut self.batches[..self.begun];
        let parts: Vec<Result<E::Part>> = full
            .par_iter_mut()
            .map(|batch| {
                let part = E::encode(plan, batch);
                batch.clear();
                part
            })
            .collect();
        self.begun = 0;
        parts.into_iter().try_for_each(|part| self.encoding.append(part?))
    }
}

impl<E: Encoding> Table for Blocks<E> {
    fn header(&mut self, columns: &[Column]) -> Result<()> {
        self.plan = Some(self.encoding.begin(columns)?);
        let lanes = rayon::current_num_threads().min(MOST_LANES);
        self.batches = (0..lanes).map(|_| Batch::new(columns)).collect();
        Ok(())
    }

    fn row(&mut self, fields: &[Field]) -> Result<()> {
        let last = self.begun.saturating_sub(1);
        let full = self.begun == 0 || self.batches[last].bytes() >= E::BATCH;
        if full && self.begun == self.batches.len() {
            self.flush()?;
        }
        self.begun += usize::from(full);
        self.batches[self.begun - 1].push(fields)
    }

    fn finish(mut self: Box<Self>) -> Result<()> {
        self.flush()?;
        self.encoding.end()
    }
}
