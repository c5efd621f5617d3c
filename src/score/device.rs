//! Lists of items by a GPU. It finds a few more items than wanted; the CPU then computes their scores and
//! order.

use super::best::Best;
use super::form::{packed_items, packed_users, width};
use super::lists::Places;
use super::options::TopOptions;
use super::score;
use crate::Result;
use crate::gpu::Gpu;
use crate::gpu::operations::top_n::{GROUP, LONGEST, Queries, TopN};
use crate::model::Factors;
use rayon::prelude::*;

/// Extra items to find, so that the device's rounding does not decide which item is the last of a list.
const SPARE: usize = 4;

/// The items of the draws on a device.
pub(super) struct Device {
    top: TopN,
}

impl Device {
    /// Whether a GPU can make these lists at all.
    pub(super) fn can(draws: &[Factors], options: &TopOptions) -> bool {
        !options.explores() && options.count > 0 && options.count + SPARE <= LONGEST && width(draws) > 0
    }

    /// Uploads the items that may be listed.
    ///
    /// # Errors
    /// As for any buffer.
    pub(super) fn new(gpu: &Gpu, draws: &[Factors], items: &[u32], options: &TopOptions) -> Result<Self> {
        let rows = packed_items(draws, items, GROUP);
        let top = TopN::new(gpu, options.count + SPARE, (items.len(), width(draws)), rows.all())?;
        Ok(Self { top })
    }

    /// As [`TopItems::of`](super::TopItems::of).
    ///
    /// # Errors
    /// [`Error::Device`](crate::Error::Device) or [`Error::TooLarge`](crate::Error::TooLarge) when the device
    /// fails.
    pub(super) fn of(
        &self,
        (draws, options): (&[Factors], &TopOptions),
        places: &Places,
        users: &[Option<u32>],
    ) -> Result<Vec<Vec<(u32, f32)>>> {
        let rows = packed_users(draws, users, GROUP);
        let (mut starts, mut seen) = (vec![0], Vec::new());
        for &user in users {
            let rated = options.exclude.zip(user).map_or(&[][..], |(rated, user)| rated.items(user));
            seen.extend(rated.iter().filter_map(|&item| places.of(item)));
            starts.push(seen.len() as u32);
        }
        let found = self.top.of(Queries { rows: rows.all(), starts: &starts, seen: &seen })?;
        let lists = users.par_iter().zip(found).map(|(&user, found)| {
            let mut best = Best::new(options.count, options.min_score);
            for place in found {
                let item = places.numbers()[place as usize];
                let score = score(draws, user, Some(item));
                if score >= best.limit() {
                    best.push(score, item);
                }
            }
            best.sorted()
        });
        Ok(lists.collect())
    }
}
