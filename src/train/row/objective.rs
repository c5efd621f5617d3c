//! What a rating asks of the rows it is of (docs/maths.md, "sgd" and "als"): squared error, and every rating
//! weighs the same. Its twin, with the same names, is `shaders/objective.wgsl`.

#![expect(
    clippy::inline_always,
    reason = "code is compiled for a processor's features only where it is inlined"
)]

use pulp::Simd;

/// How far products of rows fall short of the values that are left for them: the direction of a gradient
/// step.
#[inline(always)]
pub(super) fn residual<S: Simd>(simd: S, value: S::f32s, product: S::f32s) -> S::f32s {
    simd.sub_f32s(value, product)
}

/// What a rating of this value weighs in normal equations, times the weights of its rows. A product with the
/// constant 1 leaves no trace in the compiled code.
#[inline(always)]
pub(super) fn weight(_value: f32) -> f32 {
    1.0
}
