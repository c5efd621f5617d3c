//! Measures how long work takes, by the device's own clock.

use super::{Buffer, Commands, Gpu};
use crate::{Error, Result};
use wgpu::{BufferUsages, ComputePassTimestampWrites, Features, QuerySetDescriptor, QueryType};

/// Slots for the start and end times of a number of passes.
#[derive(Debug)]
pub struct Clock {
    set: wgpu::QuerySet,
    resolved: Buffer<u64>,
    capacity: usize,
    used: usize,
    /// Seconds per tick.
    tick: f64,
}

impl Gpu {
    /// A clock for at most `capacity` passes.
    ///
    /// # Errors
    /// [`Error::Device`] when the device has no clock.
    pub fn clock(&self, capacity: usize) -> Result<Clock> {
        if !self.has(Features::TIMESTAMP_QUERY) {
            return Err(Error::Device(format!("{}: no timestamps", self.description().name)));
        }
        let usage = BufferUsages::QUERY_RESOLVE | BufferUsages::COPY_SRC;
        let resolved = self.allocate("timestamps", 2 * capacity, usage)?;
        let count = 2 * capacity as u32;
        let descriptor = QuerySetDescriptor { label: Some("clock"), ty: QueryType::Timestamp, count };
        let set = self.guarded("clock", |gpu| gpu.device.create_query_set(&descriptor))?;
        let tick = f64::from(self.inner.queue.get_timestamp_period()) * 1e-9;
        Ok(Clock { set, resolved, capacity, used: 0, tick })
    }
}

impl Clock {
    /// Waits for all submitted work, and returns the seconds that each pass took since the last call.
    ///
    /// # Errors
    /// [`Error::Device`] when the device fails.
    pub fn seconds(&mut self) -> Result<Vec<f64>> {
        let stamps = 0..2 * self.used as u32;
        self.resolved.gpu().guarded("timestamps", |gpu| {
            let mut encoder = gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
            encoder.resolve_query_set(&self.set, stamps, &self.resolved.inner, 0);
            gpu.queue.submit([encoder.finish()])
        })?;
        let stamps = self.resolved.download_range(..2 * self.used)?;
        self.used = 0;
        let (pairs, _) = stamps.as_chunks::<2>();
        Ok(pairs.iter().map(|[begun, ended]| ended.saturating_sub(*begun) as f64 * self.tick).collect())
    }
}

impl Commands {
    /// Times the dispatches that follow as one pass, up to the next copy or the next call of this method.
    ///
    /// # Errors
    /// [`Error::Bug`] when all slots of the clock are used.
    pub fn time(&mut self, clock: &mut Clock) -> Result<()> {
        if clock.used == clock.capacity {
            return Err(Error::Bug(format!("a clock for {} passes", clock.capacity)));
        }
        self.pass = None;
        let first = 2 * clock.used as u32;
        let timestamp_writes = Some(ComputePassTimestampWrites {
            query_set: &clock.set,
            beginning_of_pass_write_index: Some(first),
            end_of_pass_write_index: Some(first + 1),
        });
        let descriptor = wgpu::ComputePassDescriptor { label: None, timestamp_writes };
        self.pass = Some(self.encoder.begin_compute_pass(&descriptor).forget_lifetime());
        clock.used += 1;
        Ok(())
    }
}
