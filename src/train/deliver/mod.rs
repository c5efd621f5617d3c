//! Conversions between a trained state and a model, and the operations on a model that need an engine.

mod begin;
mod compare;
mod finish;
mod fold_in;
mod warm;

pub use begin::{first_state, scale_of};
pub use compare::{Trace, compare};
pub(super) use finish::checked;
pub use fold_in::{Added, Folded, add_new, fold_in};
pub use warm::{Rescaled, Span, WarmStart, filled_from, held_out_of_new, trained_on};
