//! Matrix factorization of rating tables on any GPU, with a full CPU engine.
//!
//! A whole program: it trains on ratings in memory, prints what one user should like best, and saves the
//! model.
//!
//! ```
//! use mfgpu::{Dataset, Recommender, Settings};
//!
//! fn main() -> Result<(), mfgpu::Error> {
//!     let rating = |user: u32, item: u32| (format!("user{user}"), item, 1 + (user + item) % 5);
//!     let data = Dataset::from_triples((0..2000).map(|n| rating(n % 50, n * n % 83)))?;
//!     let settings = Settings { factors: Some(8), epochs: Some(5), seed: 1, ..Settings::default() };
//!     let model = Recommender::new(settings).fit(&data)?;
//!     for (item, score) in model.top("user7", 5).unwrap_or_default() {
//!         println!("{item} {score:.2}");
//!     }
//!     model.save(std::env::temp_dir().join("model.safetensors"))
//! }
//! ```
//!
//! Most programs need no more: a [`Dataset`] from files ([`Dataset::read`]) or from memory, a [`Recommender`]
//! with [`Settings`] (their page has a table with defaults and ranges), and a [`Model`], which predicts
//! ratings, lists the best items, finds similar users and items, takes in new ones, and can be evaluated. An
//! id is text, bytes or a number ([`Id`]). [`Recommender::fit_with`] reports training to an observer and can
//! be stopped with a [`Stop`]. Model files are those of the program `mfgpu`; the same ratings and settings
//! give the same bytes in both.
//!
//! | purpose | call |
//! |---|---|
//! | the expected rating of a pair | [`Model::predict`] |
//! | the best unseen items of a user, or of many | [`Model::top`], [`Model::top_many`] |
//! | a model for lists, from ratings, weights or pairs | [`Settings::algorithm`] = [`Algorithm::Ials`] |
//! | similar items or users | [`Model::similar`], [`Model::similar_users`] |
//! | new users and items, added without training | [`Model::fold_in`] |
//! | more ratings | [`Recommender::begin_from`] |
//! | the quality of a model | [`Model::evaluate`] |
//! | files | [`Model::save`], [`Model::load`] |
//!
//! # Features
//!
//! `gpu` trains on GPUs through wgpu, `parquet` reads and writes parquet files, and `cli` is the program: a
//! library does without it, with `default-features = false, features = ["gpu", "parquet"]`. All three are on
//! by default.
//!
//! # Inner floors
//!
//! The modules below are what the front door stands on. They are public for the program, the tests and the
//! benches, and promise nothing: any version may change them. From the ground up: [`error`], [`stop`],
//! [`guard`] and [`human`], then [`files`], [`math`], [`memory`], [`comm`], [`ratings`] and `gpu`, then [`input`], [`model`] and
//! [`generate`], then [`score`], [`eval`], then [`train`] and [`output`], then [`run`].
//! `docs/architecture.md` is the map; `tests/floors` keeps it true.

mod charts;
pub mod comm;
pub mod error;
pub mod eval;
pub mod files;
pub mod generate;
pub mod gpu;
pub mod guard;
pub mod human;
pub mod input;
pub mod math;
pub mod memory;
pub mod model;
pub mod output;
pub mod ratings;
mod recommender;
pub mod run;
pub mod score;
pub mod stop;
pub mod store;
pub mod train;

pub use error::{Error, Result};
pub use eval::{Estimate, Evaluation, EvaluationOptions, Relevance};
pub use gpu::{Budget, DeviceChoice};
pub use input::{BadRows, Duplicates, Format, ReadOptions};
pub use model::Model;
pub use ratings::{Confidence, Dataset, Feedback, Id, IdText, Ratings};
pub use recommender::{Ranked, Recommender};
pub use stop::Stop;
pub use train::{
    Added, Algorithm, Candidate, Choice, Criterion, Epoch, Event, ListMetric, Objective, Phase, Score,
    Settings, Start,
};
