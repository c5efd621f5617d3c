//! The algorithms. Each has a file with its properties and its work in an epoch. No code outside this folder
//! asks which algorithm runs.

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
