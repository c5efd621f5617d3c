//! The best items of each user. Only the scores of candidates are written to memory.

use crate::gpu::kernels::top_n::{Entry, KERNEL, Params};
use crate::gpu::{AdapterKind, Buffer, Gpu, Pipeline, kernels};
use crate::{Error, Result};
use rayon::prelude::*;
use std::cmp::Reverse;

/// Rows are interleaved in groups of this many: the first numbers of all rows, then the second ones, and so
/// on.
pub const GROUP: usize = 64;
/// The longest list.
pub const LONGEST: usize = 512;

/// The number of workgroups that keeps a GPU busy.
const BUSY: usize = 1024;
/// The fewest groups of items that deserve a workgroup of their own.
const FEWEST: usize = 16;
/// Multiplications in one submission: well under a second on any GPU, since a desktop driver kills work that
/// takes long.
const SUBMISSION: usize = 1 << 36;
/// The most users whose lists are on the device at a time.
const USERS: usize = 1 << 15;
/// Loop iterations of an invocation in one dispatch. Software Vulkan (Mesa 22) silently leaves loops after
/// 65,535.
const TURNS: usize = 1 << 22;
const SOFTWARE_TURNS: usize = 65_000;
/// Iterations for each of a group's 64 candidates, besides those through the list: the search among the seen
/// items, and others.
const TURNS_EACH: usize = 40;

/// Items on a device, bound to the kernel that lists the best of them.
#[derive(Debug)]
pub struct TopN {
    gpu: Gpu,
    pipeline: Pipeline,
    count: usize,
    width: usize,
    items: usize,
    pieces: Vec<Piece>,
}

/// As many items as fit in one binding.
#[derive(Debug)]
struct Piece {
    first: usize,
    items: usize,
    rows: Buffer<f32>,
}

/// The users whose lists are requested.
#[derive(Debug, Clone, Copy)]
pub struct Queries<'a> {
    /// The users' rows, laid out like those of items; the last group is padded.
    pub rows: &'a [f32],
    /// Where each user's items start in `seen`; one more entry than there are users.
    pub starts: &'a [u32],
    /// The items to leave out of each user's list, ascending.
    pub seen: &'a [u32],
}

impl TopN {
    /// Uploads `items` rows of `width` numbers, to list the `count` best. The rows are in groups of
    /// [`GROUP`], the last one padded.
    ///
    /// # Errors
    /// [`Error::Bug`] when the sizes do not match or `count` is not in 1..=[`LONGEST`], [`Error::TooLarge`]
    /// or [`Error::Device`] as for any buffer.
    pub fn new(gpu: &Gpu, count: usize, (items, width): (usize, usize), rows: &[f32]) -> Result<Self> {
        if rows.len() != items.next_multiple_of(GROUP) * width || !(1..=LONGEST).contains(&count) {
            return Err(Error::Bug(format!("lists of {count} of {items} items of {width} numbers")));
        }
        let pipeline = kernels::pipeline(gpu, &KERNEL, &[])?;
        let mut this = Self { gpu: gpu.clone(), pipeline, count, width, items, pieces: Vec::new() };
        let groups = (this.limit() / (4 * GROUP * width).max(1)).max(1);
        for (n, rows) in rows.chunks((groups * GROUP * width).max(1)).enumerate() {
            let first = n * groups * GROUP;
            let rows = gpu.upload("items to list", rows)?;
            this.pieces.push(Piece { first, items: (items - first).min(groups * GROUP), rows });
        }
        Ok(this)
    }

    /// Lists each user's items of highest product, at most `count`, best first. Equal items are in the order
    /// of their numbers.
    ///
    /// # Errors
    /// [`Error::Bug`] when the sizes do not match, [`Error::TooLarge`] when the device is out of memory,
    /// [`Error::Device`] when it fails.
    pub fn of(&self, seekers: Queries) -> Result<Vec<Vec<u32>>> {
        let users = seekers.starts.len().saturating_sub(1);
        let group = GROUP * self.width;
        let inside = seekers.starts.last().is_none_or(|&end| end as usize <= seekers.seen.len());
        // The kernel trusts these numbers, so they are checked first.
        if seekers.rows.len() != users.div_ceil(GROUP) * group || !seekers.starts.is_sorted() || !inside {
            return Err(Error::Bug(format!("{} numbers of rows of {users} users", seekers.rows.len())));
        }
        let groups = self.groups_at_once();
        let mut lists = Vec::with_capacity(users);
        for (n, rows) in seekers.rows.chunks((groups * group).max(1)).enumerate() {
            let first = n * groups * GROUP;
            let last = users.min(first + groups * GROUP);
            let starts = &seekers.starts[first..=last];
            let seen = &seekers.seen[starts[0] as usize..starts[last - first] as usize];
            let starts: Vec<u32> = starts.iter().map(|start| start - starts[0]).collect();
            lists.extend(self.at_once(Queries { rows, starts: &starts, seen })?);
        }
        Ok(lists)
    }

    /// Groups of users whose lists are on the device at a time, limited by the work and by the size of a
    /// binding.
    fn groups_at_once(&self) -> usize {
        let work = SUBMISSION / (self.items * self.width).max(1);
        let rows = self.limit() / (GROUP * 4 * self.width).max(1);
        (work.min(USERS) / GROUP).min(self.room()).min(rows).max(1)
    }

    /// The number of workgroups that share the items.
    fn parts(&self, user_groups: usize) -> usize {
        let wanted = if self.is_software() { 1 } else { BUSY.div_ceil(user_groups) };
        wanted.min(self.items.div_ceil(GROUP) / FEWEST).min(self.room() / user_groups).max(1)
    }

    /// The number of groups of items that a workgroup visits in one dispatch.
    fn groups_a_dispatch(&self) -> usize {
        let turns = if self.is_software() { SOFTWARE_TURNS } else { TURNS };
        (turns / (self.width + GROUP * (self.count + TURNS_EACH))).max(1)
    }

    fn is_software(&self) -> bool {
        self.gpu.description().kind == AdapterKind::Software
    }

    /// The number of groups of lists that fit in a binding.
    fn room(&self) -> usize {
        self.limit() / (GROUP * size_of::<Entry>() * self.count.max(GROUP))
    }

    fn limit(&self) -> usize {
        let limits = self.gpu.limits();
        limits.max_storage_buffer_binding_size.min(limits.max_buffer_size) as usize
    }

    fn at_once(&self, seekers: Queries) -> Result<Vec<Vec<u32>>> {
        let (gpu, users) = (&self.gpu, seekers.starts.len() - 1);
        let groups = users.div_ceil(GROUP);
        let parts = self.parts(groups);
        let slots = parts * groups * GROUP;
        let rows = gpu.upload("users to list for", seekers.rows)?;
        let mut starts = seekers.starts.to_vec();
        // The users that pad the last group have seen nothing.
        starts.resize(groups * GROUP + 1, starts[users]);
        let starts = gpu.upload("starts of what was seen", &starts)?;
        let seen = gpu.upload("what was seen", seekers.seen)?;
        let candidates = gpu.output::<Entry>("candidates", slots * GROUP)?;
        let lists = gpu.output::<Entry>("lists", slots * self.count)?;
        let lengths = gpu.zeroed::<u32>("lengths of lists", slots)?;
        let mut commands = gpu.commands("lists");
        for piece in &self.pieces {
            let steps = self.steps(piece, (groups, parts));
            let params = gpu.params("sizes of lists", &steps)?;
            for step in 0..steps.len() {
                let bound = self.pipeline.bind(&[
                    params.at(step),
                    rows.all(),
                    piece.rows.all(),
                    starts.all(),
                    seen.all(),
                    candidates.all(),
                    lists.all(),
                    lengths.all(),
                ])?;
                commands.dispatch(&bound, (parts * groups) as u32);
            }
        }
        commands.submit_and_wait()?;
        self.merged(users, &lists.download()?, &lengths.download()?)
    }

    /// The dispatches that visit all items of a piece.
    fn steps(&self, piece: &Piece, (user_groups, parts): (usize, usize)) -> Vec<Params> {
        let groups = piece.items.div_ceil(GROUP);
        let step = self.groups_a_dispatch() * parts;
        let params = |begin: usize| Params {
            width: self.width as u32,
            count: self.count as u32,
            user_groups: user_groups as u32,
            parts: parts as u32,
            items: piece.items as u32,
            first: piece.first as u32,
            begin: begin as u32,
            end: groups.min(begin + step) as u32,
        };
        (0..groups).step_by(step).map(params).collect()
    }

    /// Merges the lists of all parts into one per user.
    fn merged(&self, users: usize, lists: &[Entry], lengths: &[u32]) -> Result<Vec<Vec<u32>>> {
        if lengths.iter().any(|&length| length as usize > self.count) {
            return Err(Error::Device("lists longer than they can be".into()));
        }
        let list = |user: usize| {
            let mut list = Vec::new();
            for slot in (user..lengths.len()).step_by(users.next_multiple_of(GROUP)) {
                list.extend_from_slice(&lists[slot * self.count..][..lengths[slot] as usize]);
            }
            list.sort_unstable_by_key(|entry: &Entry| (Reverse(entry.ordered), entry.item));
            list.truncate(self.count);
            list.into_iter().map(|entry| entry.item).collect()
        };
        Ok((0..users).into_par_iter().map(list).collect())
    }
}
