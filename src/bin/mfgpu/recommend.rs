//! `mfgpu recommend`.

use crate::input::InputArguments;
use crate::new::{New, NewArguments};
use crate::output::OutputArguments;
use crate::talk::{count, say};
use crate::users::{chosen, find};
use clap::Args;
use mfgpu::input::{ReadOptions, read_names, read_ratings};
use mfgpu::model::{Model, Rated};
use mfgpu::output::{Extra, User, top_n};
use mfgpu::run::Config;
use mfgpu::score::{Noise, TopOptions, needs_draws};
use mfgpu::{Error, Result};
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  mfgpu recommend model --top 10 -o top.csv
  mfgpu recommend model --users alice bob
  mfgpu recommend model --new new-users.csv";

const MORE: &str = "\
With --new FILE, a file of ratings, the users and then the items in it that the model does not know are folded in: each \
is what training would have made of its ratings with all else as it is. The model file stays as it was. Lists are for the \
new users alone; name users with --users to have lists for these, known or new, which may hold new items. What a user has \
rated in FILE is left out of his list, too; to learn from ratings of users and items that are known, train again.";

/// List the best items for all users, or for some
///
/// Writes `user,rank,item,score[,sd][,title]`. What a user has rated is left out. Scores are in rating units, not
/// clipped.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, after_long_help = format!("{EXAMPLES}\n\n{MORE}"))]
pub(crate) struct Recommend {
    /// A model.safetensors, or the run directory that holds it
    model: PathBuf,
    /// Users: ids, or one file with an id a line [default: those of --new, else all of the model]
    #[arg(long, value_name = "FILE|ID", num_args = 1..)]
    users: Vec<String>,
    /// Items a user
    #[arg(long, value_name = "N", default_value_t = Config::default().top)]
    top: usize,
    /// Titles of items: a file with ids and titles
    #[arg(long, value_name = "FILE")]
    item_names: Option<PathBuf>,
    /// Add the standard deviation of each rating; for models of several draws
    #[arg(long)]
    with_sd: bool,
    /// Rank by the score and C times the standard deviation of the draws' scores; for models of several draws
    #[arg(long, value_name = "C", allow_negative_numbers = true)]
    explore: Option<f32>,
    /// List what a user has rated, too
    #[arg(long)]
    include_seen: bool,
    /// Ratings whose items are left out, in place of those kept in the model
    #[arg(long, value_name = "FILE")]
    ratings: Option<PathBuf>,
    #[command(flatten)]
    output: OutputArguments,
    #[command(flatten)]
    new: NewArguments,
    #[command(flatten)]
    input: InputArguments,
}

impl Recommend {
    /// Lists.
    pub(crate) fn run(&self) -> Result<()> {
        self.new.check(self.ratings.as_deref())?;
        if let Some(explore) = self.explore.filter(|explore| !explore.is_finite()) {
            return Err(Error::Usage(format!("--explore is {explore}; expected a number")));
        }
        let mut model = Model::load(&self.model)?;
        if self.explore.is_some() {
            needs_draws(&model, Noise::Without, "--explore")?;
        }
        if self.with_sd {
            needs_draws(&model, Noise::With, "--with-sd")?;
        }
        let ids = chosen(&self.users)?;
        let options = self.input.options();
        let kept = model.rated.is_kept();
        let new = self.new.add(&mut model, &options)?;
        let names = self.item_names.as_ref().map(|path| read_names(path, &model.items)).transpose()?;
        self.see(&mut model, kept, new.as_ref(), &options)?;
        let users = match (&ids, &new) {
            (None, Some(new)) => added(&model, new),
            _ => find(&model, ids.as_deref()),
        };
        let exclude = (!self.include_seen).then_some(&model.rated);
        let options = TopOptions {
            count: self.top,
            exclude,
            explore: self.explore.unwrap_or_default(),
            ..TopOptions::default()
        };
        let title = |item: u32| {
            names.as_ref().and_then(|names| names[item as usize].as_deref()).unwrap_or_default().as_bytes()
        };
        let extra = Extra { sd: self.with_sd, titles: names.is_some().then_some(&title as _) };
        let mut table = self.output.open()?;
        top_n(&model, &users, &options, extra, &mut *table, &mut |_| {})?;
        table.finish()
    }

    /// Makes the model's ratings what is left out of lists. `kept` says whether it came with any.
    fn see(&self, model: &mut Model, kept: bool, new: Option<&New>, options: &ReadOptions) -> Result<()> {
        let known = new.map_or(0, |new| new.added.known);
        if known > 0 {
            let but = if self.include_seen { "" } else { " but for leaving out their items" };
            let ratings = count(known as u64, "rating");
            say(&format!(
                "note: not used{but}: {ratings} of users and items that the model knows; train again to use them"
            ));
        }
        if self.include_seen {
            return Ok(());
        }
        let (users, items) = (model.users.len(), model.items.len());
        if let Some(path) = &self.ratings {
            let (data, _) = read_ratings(std::slice::from_ref(path), options, &mut |_, _| {})?;
            model.rated = Rated::from_ratings(&data.among(&model.users, &model.items).0, users, items);
        } else if !kept && (new.is_none() || !self.users.is_empty()) {
            say("note: the model kept no ratings, so lists may hold what was seen; name them with --ratings");
        }
        // Where all new ratings were folded in, the model's own have them.
        if let Some(new) = new.filter(|_| known > 0 || self.ratings.is_some()) {
            let (more, _) = new.data.among(&model.users, &model.items);
            model.rated.add(&more, users, items);
        }
        Ok(())
    }
}

/// The users that are new.
fn added<'a>(model: &'a Model, new: &New) -> Vec<User<'a>> {
    if new.added.users == 0 {
        say("note: no user is new, so there is nothing to list; name users with --users");
    }
    User::all(model).split_off(model.users.len() - new.added.users)
}
