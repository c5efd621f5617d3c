//! Tests that run the program from outside.

mod bench;
mod both;
mod commands;
mod compare;
mod describe;
#[cfg(all(debug_assertions, unix))]
mod disk;
mod evaluate;
mod exits;
mod export;
mod extremes;
mod hostile;
mod listed;
mod manners;
mod memory;
mod models;
mod numbers;
mod paths;
mod readme;
mod report;
mod right_numbers;
mod safe;
#[cfg(all(debug_assertions, unix))]
mod sequences;
mod splits;
mod titles;

#[path = "../support/program.rs"]
mod program;
#[path = "../support/strangers.rs"]
mod strangers;
