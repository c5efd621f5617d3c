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
use mfgpu::Result;
use mfgpu::input::read_pairs;
use mfgpu::output::predictions;
use mfgpu::ratings::IdMap;
use mfgpu::score::{Noise, needs_draws};

const EXAMPLES: &str = "\
Examples:
  mfgpu predict model pairs.csv -o predictions.csv
  mfgpu predict model pairs.csv --new new.csv";

const MORE: &str = "\
With --new FILE, a file of ratings, the users and then the items in it that the model does not know are \
folded in: each is what training would have made of its ratings with all else as it is. The model file stays \
as it was. Ratings of users and items that the model knows are not used.";

/// Predict a rating for each listed pair of user and item
///
/// Writes `user,item,prediction[,sd]` in the order of the pairs. An unknown user or item is predicted from
/// what is known of the other.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, after_long_help = format!("{EXAMPLES}\n\n{MORE}"))]
pub(crate) struct Predict {
    /// A model.safetensors, or the run directory that holds it
    #[arg(value_parser = reads(Content::Model), value_hint = AnyPath)]
    model: Reads,
    /// A file with a user and an item a row; `-` is standard input
    #[arg(value_parser = reads(Content::Ratings), value_hint = AnyPath)]
    pairs: Reads,
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
        self.new.check(Some(&self.pairs))?;
        let mut model = for_ratings(&self.model)?;
        if self.with_sd {
            needs_draws(&model, Noise::With, "--with-sd")?;
        }
        let options = self.input.options();
        let pairs = read_pairs(&self.pairs, &options, &mut signals::check)?;
        if let Some(new) = fold_in(&self.new, &mut model, &options)?
            && new.added.known > 0
        {
            let ratings = count(new.added.known as u64, "rating");
            say(&format!(
                "note: not used: {ratings} of users and items that the model knows; train again to use them"
            ));
        }
        let unknown =
            |known: &IdMap, asked: &IdMap| asked.iter().filter(|id| known.get(id).is_none()).count() as u64;
        let (users, items) = (unknown(&model.users, &pairs.users), unknown(&model.items, &pairs.items));
        if users + items > 0 {
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
}
