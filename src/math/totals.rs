//! Sums over the lanes of several vectors at once.

#![expect(
    clippy::inline_always,
    reason = "code is compiled for a processor's features only where it is inlined"
)]

use super::LINE;
use pulp::Simd;

/// The number of vectors that are summed at once.
pub const TOGETHER: usize = 8;

/// The sum of the lanes of each vector, padded with zeros.
#[inline(always)]
pub fn totals<S: Simd>(simd: S, sums: [S::f32s; TOGETHER]) -> [f32; LINE] {
    match S::F32_LANES {
        4 => folded::<S, 4>(simd, sums),
        8 => folded::<S, 8>(simd, sums),
        16 => folded::<S, 16>(simd, sums),
        _ => {
            let mut totals = [0f32; LINE];
            for (total, sum) in totals.iter_mut().zip(sums) {
                *total = simd.reduce_sum_f32s(sum);
            }
            totals
        }
    }
}

/// Each step adds halves and puts the results of two vectors into one.
#[inline(always)]
fn folded<S: Simd, const L: usize>(simd: S, [a, b, c, d, e, f, g, h]: [S::f32s; TOGETHER]) -> [f32; LINE] {
    let mut totals = [0f32; LINE];
    let (ab, cd) = (fold::<S, L, 1>(simd, a, b), fold::<S, L, 1>(simd, c, d));
    let (ef, gh) = (fold::<S, L, 1>(simd, e, f), fold::<S, L, 1>(simd, g, h));
    let (first, second) = (fold::<S, L, 2>(simd, ab, cd), fold::<S, L, 2>(simd, ef, gh));
    let total = S::as_mut_simd_f32s(&mut totals).0;
    if L == 4 {
        (total[0], total[1]) = (first, second);
    } else {
        let all = fold::<S, L, 4>(simd, first, second);
        total[0] = if L == 8 { all } else { fold::<S, L, 8>(simd, all, simd.splat_f32s(0.0)) };
    }
    totals
}

/// Adds lanes that are `BY` apart: those of `a` in every other group of `BY` lanes, those of `b` in the
/// groups between.
#[inline(always)]
fn fold<S: Simd, const L: usize, const BY: usize>(simd: S, a: S::f32s, b: S::f32s) -> S::f32s {
    let (a, b): ([f32; L], [f32; L]) = (bytemuck::cast(a), bytemuck::cast(b));
    let (mut kept, mut moved) = ([0f32; L], [0f32; L]);
    for n in 0..L {
        (kept[n], moved[n]) = if n & BY == 0 { (a[n], a[n ^ BY]) } else { (b[n], b[n ^ BY]) };
    }
    simd.add_f32s(bytemuck::cast(kept), bytemuck::cast(moved))
}
