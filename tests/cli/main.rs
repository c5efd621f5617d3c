//! Tests that run the program from outside.

mod bench;
mod both;
mod commands;
mod describe;
mod evaluate;
mod extremes;
mod listed;
mod memory;
mod models;
mod numbers;
mod readme;
mod report;
mod splits;

#[path = "../support/program.rs"]
mod program;
#[path = "../support/strangers.rs"]
mod strangers;
