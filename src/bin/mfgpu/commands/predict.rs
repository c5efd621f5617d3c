//! `mfgpu predict`.

use crate::flags::input::InputArguments;
use crate::flags::new::NewArguments;
use crate::flags::output::OutputArguments;
use crate::flags::paths::{Content, Reads, reads};
use crate::show::talk::{count, say};
use crate::signals;
use crate::steps::fold_in::fold_in;
use crate::steps::models::for_ratings;
use clap::{Args, ValueHint::AnyPath};
use mfgpu::input::read_pairs;
use mfgpu::model::Model;
use mfgpu::output::predictions;
use mfgpu::ratings::{Dataset, IdMap};
use mfgpu::score::{Noise, deviation, needs_draws, predict};
use mfgpu::{Error, Result};
use std::fmt::Write;
use std::io::ErrorKind::NotFound;
use std::path::Path;

const EXAMPLES: &str = "\
Examples:
  mfgpu predict model pairs.csv -o predictions.csv
  mfgpu predict model alice 318
  mfgpu predict model pairs.csv --new new.csv";

const MORE: &str = "\
With --new FILE, a file of ratings, the users and then the items in it that the model does not know are \
folded in: each is what training would have made of its ratings with all else as it is. The model file stays \
as it was. Ratings of users and items that the model knows are not used.";

/// Predict a rating for a user and an item, or for each pair of a file
///
/// Of a file writes `user,item,prediction[,sd]` in the order of the pairs. Of one pair prints the rating,
/// with its standard deviation if the model has several draws; with -o or --output-format the same table. An
/// unknown user or item is predicted from what is known of the other.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, after_long_help = format!("{EXAMPLES}\n\n{MORE}"))]
pub(crate) struct Predict {
    /// A model.safetensors, or the run directory that holds it
    #[arg(value_parser = reads(Content::Model), value_hint = AnyPath)]
    model: Reads,
    /// A file with a user and an item a row, `-` is standard input; or with ITEM the id of a user
    #[arg(value_name = "PAIRS|USER", value_parser = reads(Content::Ratings), value_hint = AnyPath)]
    #[arg(allow_negative_numbers = true)]
    pairs: Reads,
    /// The id of an item
    #[arg(value_name = "ITEM", allow_negative_numbers = true)]
    item: Option<String>,
    /// Add the standard deviation of each rating; for models of several draws
    #[arg(long)]
    with_sd: bool,
    #[command(flatten)]
    output: OutputArguments,
    #[command(flatten)]
    new: NewArguments,
    #[command(flatten)]
    input: InputArguments,
}

impl Predict {
    /// Runs the command.
    pub(crate) fn run(&self) -> Result<()> {
        self.new.check(Some(&self.pairs).filter(|_| self.item.is_none()).map(AsRef::as_ref))?;
        let mut model = for_ratings(&self.model)?;
        if self.with_sd {
            needs_draws(&model, Noise::With, "--with-sd")?;
        }
        let options = self.input.options();
        let pairs = match &self.item {
            Some(item) => pair(&self.pairs, item),
            None => read_pairs(&self.pairs, &options, &mut signals::check).map_err(Self::no_file)?,
        };
        if let Some(new) = fold_in(&self.new, &mut model, &options)?
            && new.added.known > 0
        {
            let ratings = count(new.added.known as u64, "rating");
            say(&format!(
                "note: not used: {ratings} of users and items that the model knows; train again to use them"
            ));
        }
        if self.item.is_some() {
            say_unknown(&model, &pairs);
            if self.output.is_plain() {
                return Self::print(&model, &pairs);
            }
        }
        let unknown =
            |known: &IdMap, asked: &IdMap| asked.iter().filter(|id| known.get(id).is_none()).count() as u64;
        let (users, items) = (unknown(&model.users, &pairs.users), unknown(&model.items, &pairs.items));
        if users + items > 0 && self.item.is_none() {
            say(&format!(
                "note: the model does not know {} and {}",
                count(users, "user"),
                count(items, "item")
            ));
        }
        let mut table = self.output.open()?;
        let listed = pairs.ratings.iter().map(|(user, item, _)| (pairs.users.id(user), pairs.items.id(item)));
        predictions(&model, listed, self.with_sd, &mut *table, &mut |_| {})?;
        table.finish()
    }

    /// Prints the prediction for the one pair, and its standard deviation if the model knows it.
    fn print(model: &Model, pairs: &Dataset) -> Result<()> {
        let row = |known: &IdMap, asked: &IdMap| known.get(asked.id(0));
        let (user, item) = (row(&model.users, &pairs.users), row(&model.items, &pairs.items));
        let mut text = predict(model, user, item).to_string();
        if needs_draws(model, Noise::With, "").is_ok() {
            let _ = write!(text, " sd {}", deviation(model, user, item, Noise::With));
        }
        let mut out = signals::sink("-")?;
        out.put((text + "\n").as_bytes())?;
        out.commit()
    }

    /// Says of a file that is not there, and is the id of a user, how a pair is named.
    fn no_file(error: Error) -> Error {
        match error {
            Error::Read { path, source } if source.kind() == NotFound => Error::Input(format!(
                "{}: there is no such file, expected one with a user and an item a row; for one pair say \
                 `mfgpu predict MODEL USER ITEM`",
                path.display()
            )),
            other => other,
        }
    }
}

/// One pair.
fn pair(user: &Path, item: &str) -> Dataset {
    let mut pairs = Dataset::default();
    let user = pairs.users.number(user.as_os_str().as_encoded_bytes());
    let item = pairs.items.number(item.as_bytes());
    pairs.ratings.push(user, item, 0.0);
    pairs
}

/// Says which id of the one pair the model does not know, and the nearest one that it knows.
fn say_unknown(model: &Model, pairs: &Dataset) {
    let sides = [
        ("user", &model.users, &pairs.users, &model.items, "an item"),
        ("item", &model.items, &pairs.items, &model.users, "a user"),
    ];
    for (what, known, asked, others, other) in sides {
        let id = asked.id(0);
        if known.get(id).is_some() {
            continue;
        }
        let text = String::from_utf8_lossy;
        let hint = match (others.get(id), known.nearest(id)) {
            (Some(_), _) => format!("; it is {other}"),
            (None, Some(near)) => format!("; did you mean `{}`?", text(near)),
            (None, None) => String::new(),
        };
        say(&format!("note: the model does not know the {what} `{}`{hint}", text(id)));
    }
}
