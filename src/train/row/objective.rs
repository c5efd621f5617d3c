//! The objective of a rating (docs/maths.md, "sgd", "als" and "ials"): a squared error with a weight. The
//! twin with the same names is `shaders/objective.wgsl`.

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

/// What a rating is evidence of in normal equations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// Its value, which factors and biases explain. All ratings weigh the same.
    Value,
    /// A preference, which factors alone explain: 1 with the value as its weight or, for a negative value, 0
    /// with minus the value as its weight.
    Preference,
}

impl Target {
    /// The weight of a rating of this value, to be multiplied by the weights of its rows.
    #[inline(always)]
    pub(super) fn weight(self, value: f32) -> f32 {
        match self {
            Self::Value => 1.0,
            Self::Preference => value.abs(),
        }
    }

    /// The number that a rating of this value asks for.
    #[inline(always)]
    pub(super) fn of(self, value: f32) -> f32 {
        match self {
            Self::Value => value,
            Self::Preference => (value > 0.0).into(),
        }
    }

    /// How a rating depends on the bias of the row that is solved for.
    #[inline(always)]
    pub(in crate::train) fn bias(self) -> f32 {
        match self {
            Self::Value => 1.0,
            Self::Preference => 0.0,
        }
    }
}
