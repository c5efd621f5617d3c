//! Row updates: what happens to one row while the other side holds still.

pub mod sgd;
