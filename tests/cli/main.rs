//! Tests that run the program from outside.

mod bench;
mod both;
mod commands;
mod describe;
#[cfg(all(debug_assertions, unix))]
mod disk;
mod evaluate;
mod listed;
mod models;
mod paths;
mod readme;
mod report;
#[cfg(all(debug_assertions, unix))]
mod sequences;
mod splits;

#[path = "../support/program.rs"]
mod program;
#[path = "../support/strangers.rs"]
mod strangers;
