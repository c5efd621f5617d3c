//! Tests that run the program from outside.

mod bench;
mod both;
mod commands;
mod describe;
mod evaluate;
mod listed;
mod models;
mod paths;
mod readme;
mod report;
mod splits;

#[path = "../support/program.rs"]
mod program;
#[path = "../support/strangers.rs"]
mod strangers;
