//! Algorithms: what each of them is, in a file of its own, and what they do in an epoch. Nobody else asks which algorithm
//! runs.

mod als;
mod bayes;
mod definition;
mod hyper;
mod kind;
mod method;
mod pause;
mod sgd;
mod views;

pub(super) use bayes::ROW_FREEDOM;
pub(super) use method::Method;
pub(super) use views::{implicit_numbers, shared};
