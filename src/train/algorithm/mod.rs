//! The algorithms. Each has a file with its properties and its work in an epoch. No code outside this folder
//! asks which algorithm runs.

mod als;
mod bayes;
mod definition;
mod hyper;
mod ials;
mod implicit;
mod kind;
mod method;
mod pause;
mod sgd;

pub(super) use bayes::ROW_FREEDOM;
pub(super) use ials::unobserved_share;
pub(super) use implicit::{implicit_numbers, shared};
pub(super) use method::Method;
