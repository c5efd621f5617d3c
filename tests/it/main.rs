//! The library as its users see it.

mod chain;
mod compare;
mod corpus;
mod faults;
mod formats;
mod generate;
mod golden;
mod input;
#[cfg(feature = "arrow")]
mod input_arrow;
mod input_feedback;
mod input_parquet;
mod input_people;
mod input_times;
mod lists;
mod metrics;
mod model;
mod on_disk;
mod output;
mod ranks;
mod recommender;
mod support;
mod training;
mod vectors;

#[path = "../support/learning.rs"]
mod learning;
#[path = "../support/models.rs"]
mod models;
#[path = "../support/planted.rs"]
mod planted;
#[cfg(feature = "cli")]
#[path = "../support/program.rs"]
mod program;
#[path = "../support/scored.rs"]
mod scored;
#[path = "../../fuzz/src/sequence.rs"]
#[expect(unreachable_pub, reason = "a library where it is fuzzed")]
mod sequence;
#[path = "../support/ranks.rs"]
mod several;
#[path = "../support/stored.rs"]
mod stored;
#[path = "../../fuzz/src/targets.rs"]
#[expect(unreachable_pub, reason = "a library where it is fuzzed")]
mod targets;
