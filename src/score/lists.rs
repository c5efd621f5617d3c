//! Lists of the best, updated tile by tile: scores are never written to memory.

use super::best::Best;
use super::deviation::Squares;
use super::packed::Packed;
use super::tile::{Tile, TileSink, block_lanes};
use pulp::Simd;
use std::ops::Range;

/// Marks a row that is not listed.
const NOWHERE: u32 = u32::MAX;

/// The constants that turn products into scores.
#[derive(Debug, Clone, Copy)]
pub(super) enum Constants<'a> {
    /// A number for each row on the left.
    OfRows(&'a [f32]),
    /// A number for each lane on the right.
    OfLanes(&'a [f32]),
}

/// Maps the positions of the rows on the right to their numbers in the model, and back.
pub(super) struct Places {
    numbers: Vec<u32>,
    places: Vec<u32>,
}

impl Places {
    /// Positions for `numbers`, rows of a side that has `count` rows.
    pub(super) fn new(numbers: Vec<u32>, count: usize) -> Self {
        let mut places = vec![NOWHERE; count];
        for (place, &number) in (0..).zip(&numbers) {
            places[number as usize] = place;
        }
        Self { numbers, places }
    }

    /// The position of a number, if it is listed.
    pub(super) fn of(&self, number: u32) -> Option<u32> {
        Some(self.places[number as usize]).filter(|&place| place != NOWHERE)
    }

    /// The numbers, in the order of their positions.
    pub(super) fn numbers(&self) -> &[u32] {
        &self.numbers
    }
}

/// The lists of some rows on the left.
pub(super) struct Lists<'a> {
    places: &'a Places,
    constants: Constants<'a>,
    width: usize,
    /// For each block of lanes and each group of rows, the positions in [`bases`](Self::bases) that must not
    /// be listed.
    left_out: Vec<Vec<u32>>,
    /// The index of the next group of rows and block.
    next: usize,
    /// The constants added to the products of a group of rows and a block of lanes; NaN where nothing is
    /// listed.
    bases: Vec<f32>,
    first_lane: usize,
    block: usize,
    limits: Vec<f32>,
    best: Vec<Best>,
    /// The exploration added to a score: a multiple of the standard deviation over the draws.
    explore: Option<(f32, Squares)>,
}

impl<'a> Lists<'a> {
    /// Lists of at most `count` with scores of at least `min_score`, for the rows of `left` against those of
    /// `right`. `left_out` has, for each row, the numbers to leave out of its list.
    pub(super) fn new<'b>(
        (left, right): (&Packed, &Packed),
        (places, constants): (&'a Places, Constants<'a>),
        (count, min_score): (usize, f32),
        left_out: impl Iterator<Item = &'b [u32]>,
    ) -> Self {
        let (block, groups) = (block_lanes(right).min(right.groups() * right.group()), left.groups());
        let blocks = if block == 0 { 0 } else { right.rows().div_ceil(block) };
        let mut out = vec![Vec::new(); blocks * groups];
        for (row, numbers) in left_out.enumerate() {
            for &number in numbers {
                if let Some(place) = places.of(number) {
                    let place = place as usize;
                    let at = row % left.group() * block + place % block;
                    out[place / block * groups + row / left.group()].push(at as u32);
                }
            }
        }
        let best: Vec<Best> = (0..left.rows()).map(|_| Best::new(count, min_score)).collect();
        // A row that only pads a group has no list, and no score reaches its limit.
        let mut limits = vec![f32::INFINITY; groups * left.group()];
        limits.iter_mut().zip(&best).for_each(|(limit, list)| *limit = list.limit());
        let bases = vec![f32::NAN; block * left.group()];
        let (width, first_lane) = (right.width(), 0);
        Self {
            places,
            constants,
            width,
            left_out: out,
            next: 0,
            bases,
            first_lane,
            block,
            limits,
            best,
            explore: None,
        }
    }

    /// Ranks by the score plus `times` the standard deviation over the draws.
    pub(super) fn exploring(self, times: f32, squares: Squares) -> Self {
        Self { explore: Some((times, squares)), ..self }
    }

    /// The numbers and scores of each row, best first.
    pub(super) fn sorted(self) -> Vec<Vec<(u32, f32)>> {
        self.best.into_iter().map(Best::sorted).collect()
    }

    /// Adds scores, at least one of which reaches the limit.
    #[inline(never)]
    fn push(&mut self, row: usize, lane: usize, scores: &[f32]) {
        let Some(list) = self.best.get_mut(row) else { return };
        for (&score, &number) in scores.iter().zip(&self.places.numbers[lane..]) {
            if score >= list.limit() {
                list.push(score, number);
            }
        }
        self.limits[row] = list.limit();
    }
}

impl TileSink for Lists<'_> {
    fn begin(&mut self, rows: Range<usize>, lanes: Range<usize>) {
        self.first_lane = lanes.start;
        for (bases, row) in self.bases.chunks_mut(self.block).zip(rows) {
            let (bases, rest) = bases.split_at_mut(lanes.len());
            match self.constants {
                Constants::OfRows(constants) => bases.fill(constants[row]),
                Constants::OfLanes(constants) => bases.copy_from_slice(&constants[lanes.clone()]),
            }
            rest.fill(f32::NAN);
        }
        for &place in &self.left_out[self.next] {
            self.bases[place as usize] = f32::NAN;
        }
        self.next += 1;
    }

    #[expect(clippy::inline_always, reason = "part of the walk")]
    #[inline(always)]
    fn take<S: Simd, const ROWS: usize, const VECTORS: usize>(&mut self, simd: S, tile: Tile<'_>) {
        let mut scores = tile.products::<S, ROWS, VECTORS>(simd, 0..self.width);
        let lanes = VECTORS * S::F32_LANES;
        for (n, scores) in scores.iter_mut().enumerate() {
            let start = n * self.block + tile.lane - self.first_lane;
            let bases = S::as_simd_f32s(&self.bases[start..start + lanes]).0;
            for (score, &base) in scores.iter_mut().zip(bases) {
                *score = simd.add_f32s(base, *score);
            }
        }
        if let Some((times, squares)) = &self.explore {
            let (times, parts) = (simd.splat_f32s(*times), simd.splat_f32s(1.0 / squares.draws() as f32));
            let sums = squares.sums::<S, ROWS, VECTORS>(simd, tile, &scores);
            for (score, sum) in scores.as_flattened_mut().iter_mut().zip(sums.as_flattened()) {
                let deviation = simd.sqrt_f32s(simd.mul_f32s(*sum, parts));
                *score = simd.mul_add_e_f32s(times, deviation, *score);
            }
        }
        for (n, scores) in scores.iter().enumerate() {
            let row = tile.row + n;
            let limit = simd.splat_f32s(self.limits[row]);
            // NaN reaches no limit.
            if scores.iter().any(|&score| any::<S>(simd.less_than_or_equal_f32s(limit, score))) {
                self.push(row, tile.lane, bytemuck::cast_slice(scores));
            }
        }
    }
}

/// Whether a mask is true anywhere.
#[expect(clippy::inline_always, reason = "part of the walk")]
#[inline(always)]
fn any<S: Simd>(mask: S::m32s) -> bool {
    bytemuck::bytes_of(&mask).iter().fold(0, |all, byte| all | byte) != 0
}
