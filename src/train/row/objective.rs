//! The objective of a rating (docs/maths.md, "sgd" and "als"): squared error, with the same weight for every
//! rating. The twin with the same names is `shaders/objective.wgsl`.

#![expect(
    clippy::inline_always,
    reason = "code is compiled for a processor's features only where it is inlined"
)]

use pulp::Simd;

/// The values minus the products of rows: the direction of a gradient step.
#[inline(always)]
pub(super) fn residual<S: Simd>(simd: S, value: S::f32s, product: S::f32s) -> S::f32s {
    simd.sub_f32s(value, product)
}

/// The weight of a rating of this value in normal equations, to be multiplied by the weights of its rows. The
/// compiler removes products with the constant 1.
#[inline(always)]
pub(super) fn weight(_value: f32) -> f32 {
    1.0
}
