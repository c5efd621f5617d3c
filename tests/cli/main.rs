//! Tests that run the program from outside.

mod bench;
mod both;
mod commands;
mod describe;
mod evaluate;
mod exits;
mod hostile;
mod listed;
mod models;
mod readme;
mod report;
mod safe;
mod splits;

#[path = "../support/program.rs"]
mod program;
#[path = "../support/strangers.rs"]
mod strangers;
