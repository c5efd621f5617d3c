//! The position of a model's rows before they were centred.

use crate::model::{Belief, Factors};
use crate::ratings::Sides;

/// The centre that `train::deliver::finish` subtracted from the rows of a side.
pub(super) struct Centre {
    pub(super) mean: Vec<f64>,
    pub(super) bias: f64,
}

/// The centres that `finish` subtracted. If the prior of the rows was zero before centring, the centre is
/// minus the mean of the stored prior. With `around_zero` false it was not, and the centre is the origin.
pub(super) fn centres(draw: &Factors, around_zero: bool) -> Sides<Centre> {
    let nowhere = || Centre { mean: vec![0.0; draw.users.columns()], bias: 0.0 };
    let Some(fold_in) = draw.fold_in.as_ref().filter(|_| around_zero) else {
        return Sides::from_fn(|_| nowhere());
    };
    let origins = [&fold_in.users, &fold_in.items].map(Belief::mean);
    if !origins.iter().flatten().all(|number| number.is_finite()) {
        return Sides::from_fn(|_| nowhere());
    }
    let means = origins.each_ref().map(|origin| {
        let (_, factors) = origin.split_last().unwrap_or((&0.0, &[]));
        factors.iter().map(|number| -number).collect::<Vec<f64>>()
    });
    let common: f64 = means[0].iter().zip(&means[1]).map(|(p, q)| p * q).sum();
    let bias = origins.map(|origin| -origin.last().unwrap_or(&0.0) - common);
    let [users, items] = means;
    Sides { users: Centre { mean: users, bias: bias[0] }, items: Centre { mean: items, bias: bias[1] } }
}
