//! `mfgpu recommend`.

mod items;
mod seen;
mod users;

use crate::flags::by::ByArgument;
use crate::flags::input::InputArguments;
use crate::flags::new::NewArguments;
use crate::flags::output::OutputArguments;
use crate::flags::paths::{Content, Named, Reads, named_ids, reads};
use crate::flags::titles::TitleArguments;
use crate::show::talk::{count, say};
use crate::steps::fold_in::{New, fold_in};
use crate::steps::ids::{chosen, find, rows};
use crate::steps::models::for_lists;
use clap::{Args, ValueHint::AnyPath};
use items::ItemArguments;
use mfgpu::model::{Model, lists_file};
use mfgpu::output::{Extra, Table, User, predicted, title_of, top_n, top_n_users};
use mfgpu::ratings::Side;
use mfgpu::run::Config;
use mfgpu::score::{
    Explain, Noise, TopItems, TopOptions, TopUsers, least_score, multiplications, needs_draws, needs_lists,
};
use mfgpu::train::Objective;
use mfgpu::train::engine::Device;
use mfgpu::{Error, Result};
use seen::SeenArguments;
use std::num::NonZeroUsize;
use users::{added, known};

const EXAMPLES: &str = "\
Examples:
  mfgpu recommend model --top 10 -o top.csv
  mfgpu recommend model --users alice bob --items-from new-releases.txt --block 42
  mfgpu recommend model --new new-users.csv
  mfgpu recommend model --users alice --explain 3 --item-names titles.csv
  mfgpu recommend model --users -17 -9
  mfgpu recommend model --for-items 333 --top 100";

const MORE: &str = "\
A run that has two models lists by that of lists, and adds a column `rating` with what the model of ratings \
predicts. --with-sd, --explore and --min-score are of ratings, so they choose that model; --by chooses \
either.

A user the model does not know gets the list that suits nobody in particular, and a note says so: the items \
of highest bias or, of a model of lists, what suits the average user; with --strict an unknown id of a user \
or an item is an error. A user for whom nothing is left has no rows. If the model knows none of the items \
of --items-from, that is an error; if it knows none of --block, that is a warning. A value that looks like the \
name of a file, and is none and no id, is an error. An id that looks like a flag is given as --users=-o.

Items that few users rated are left out, and a note says how many: one enthusiastic rating is no reason to \
be at the top of every list. --min-ratings 0 lists everything. What counts are the ratings in the model. If it \
kept none, only what nobody rated is left out.

With --explain N, for a model of lists, a column `because` has the N items of the user that speak most for \
an item: a score is a sum of one part for each item that the user likes, and these have the largest parts.

With --for-items, lists are of users: who would rate an item highest, of those who have not rated it.

With --new FILE, a file of ratings, the users and then the items in it that the model does not know are \
folded in: each is what training would have made of its ratings with all else as it is. The model file stays \
as it was. Lists are for the new users alone; name users with --users to have lists for these, known or new, \
which may hold new items. What a user has rated in FILE is left out of his list, too; to learn from ratings \
of users and items that are known, train again.";

/// List the best items for all users, or for some
///
/// Writes `user,rank,item,score[,sd][,title][,because]`. What a user has rated is left out. Scores are
/// ratings, clipped to their range as those of `predict`, and listed in the order of what they were before;
/// those of a model of lists are about 0 to 1. With --for-items it is the other way round:
/// `item,rank,user,score[,sd]`, the best users for an item.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, after_long_help = format!("{EXAMPLES}\n\n{MORE}"))]
pub(crate) struct Recommend {
    /// A model.safetensors, or the run directory that holds it
    #[arg(value_parser = reads(Content::Model), value_hint = AnyPath)]
    model: Reads,
    /// Users: ids, or one file with an id a line [default: those of --new, else all of the model]
    #[arg(long, value_name = "FILE|ID", num_args = 1.., value_parser = named_ids(), value_hint = AnyPath)]
    users: Vec<Named>,
    /// Users are listed for these items: ids, or one file with an id a line
    #[arg(long, value_name = "FILE|ID", num_args = 1.., value_parser = named_ids(), value_hint = AnyPath)]
    #[arg(conflicts_with_all = ["items_from", "block", "min_ratings", "item_names", "no_titles", "explore", "explain"])]
    for_items: Vec<Named>,
    /// Items a user, or users an item
    #[arg(long, value_name = "N", default_value_t = Config::default().top)]
    top: usize,
    /// Only what has at least this score, in rating units, with what --explore adds to it
    #[arg(long, value_name = "SCORE", allow_negative_numbers = true)]
    min_score: Option<f32>,
    /// An id that the model does not know is an error
    #[arg(long)]
    strict: bool,
    #[command(flatten)]
    by: ByArgument,
    #[command(flatten)]
    items: ItemArguments,
    #[command(flatten)]
    titles: TitleArguments,
    /// Add the standard deviation of each rating; for models of several draws
    #[arg(long)]
    with_sd: bool,
    /// Rank by the score and C times the standard deviation of the draws' scores; for models of several draws
    #[arg(long, value_name = "C", allow_negative_numbers = true)]
    explore: Option<f32>,
    /// Add the N items of the user that speak most for an item; for models of lists
    #[arg(long, value_name = "N")]
    explain: Option<NonZeroUsize>,
    #[command(flatten)]
    seen: SeenArguments,
    #[command(flatten)]
    output: OutputArguments,
    #[command(flatten)]
    new: NewArguments,
    #[command(flatten)]
    input: InputArguments,
}

impl Recommend {
    /// Runs the command.
    pub(crate) fn run(&self) -> Result<()> {
        self.check()?;
        let (mut model, mut ratings) = for_lists(&self.model, self.by())?;
        if self.explore.is_some() {
            needs_draws(&model, Noise::Without, "--explore")?;
        }
        if self.with_sd {
            needs_draws(&model, Noise::With, "--with-sd")?;
        }
        if self.explain.is_some() {
            needs_lists(&model, "--explain")?;
        }
        let options = self.input.options();
        let kept = model.rated.is_kept();
        let mut new = fold_in(&self.new, &mut model, &options)?;
        if let (Some(new), Some(ratings)) = (&mut new, &mut ratings) {
            new.fold_into(ratings, self.new.seed())?;
        }
        let ids = chosen("--users", &self.users, Side::User, &model.users)?;
        let for_items = chosen("--for-items", &self.for_items, Side::Item, &model.items)?;
        self.titles.read(&self.model, &mut model)?;
        let seen = self.seen.read(&model, (kept, ids.is_some()), new.as_ref(), &options)?;
        if let Some(ids) = ids.as_deref().filter(|_| self.strict) {
            rows(&model, Side::User, ids, "")?;
        }
        let to_users = for_items.is_none();
        let users = match (&ids, &new) {
            (None, Some(new)) => added(&model, new),
            (Some(ids), _) if !to_users => known(&model, ids),
            _ => find(&model, ids.as_deref()),
        };
        let items = if to_users { self.items.marks(&model, kept, self.strict)? } else { None };
        let options = TopOptions {
            count: self.top,
            exclude: (!self.seen.include_seen).then(|| seen.as_ref().unwrap_or(&model.rated)),
            allowed: items.as_deref(),
            min_score: least_score(model.range, self.min_score, self.explore.is_some()),
            explore: self.explore.unwrap_or_default(),
        };
        let (without, what) = if let Some(ids) = for_items {
            (self.of_items(&model, &ids, &users, &options)?, "item")
        } else {
            // The users' rows were computed from the ratings that the model kept, if it did.
            let rated = if kept { &model.rated } else { seen.as_ref().unwrap_or(&model.rated) };
            let explain = self.explain.map(|_| Explain::new(&model, rated, "--explain")).transpose()?;
            let beside = (ratings.as_ref(), explain.as_ref());
            (self.of_users(&model, &users, &options, beside, new.as_mut())?, "user")
        };
        if without > 0 {
            say(&format!("note: nothing to list for {}", count(without as u64, what)));
        }
        Ok(())
    }

    /// The model to list by: what is asked in rating units asks for that of ratings.
    fn by(&self) -> Option<Objective> {
        let of_ratings = self.with_sd || self.explore.is_some() || self.min_score.is_some();
        self.by.by.or(of_ratings.then_some(Objective::Ratings)).filter(|_| {
            // A run that has lists alone is asked as it is.
            self.by.by.is_some() || !matches!(lists_file(&self.model), Ok(None))
        })
    }

    /// Checks the arguments before the model is read.
    fn check(&self) -> Result<()> {
        self.new.check(self.seen.ratings.as_deref())?;
        for (flag, number) in [("--explore", self.explore), ("--min-score", self.min_score)] {
            if let Some(number) = number.filter(|number| !number.is_finite()) {
                return Err(Error::Usage(format!("{flag} is {number}; expected a number")));
            }
        }
        Ok(())
    }

    /// Lists items; returns the number of users whose list is empty.
    fn of_users(
        &self,
        model: &Model,
        users: &[User],
        options: &TopOptions,
        (ratings, explain): (Option<&Model>, Option<&Explain>),
        new: Option<&mut New>,
    ) -> Result<usize> {
        let title = |item: u32| title_of(Some(&model.titles), item);
        let rating = ratings.map(predicted);
        let extra = Extra {
            rating: rating.as_ref().map(|rating| rating as _),
            sd: self.with_sd,
            titles: (!model.titles.is_empty()).then_some(&title as _),
            because: explain.zip(self.explain.map(NonZeroUsize::get)),
        };
        let work = multiplications(model, users.len());
        let mut opened;
        let device = if let Some(new) = new {
            &mut new.device
        } else {
            opened = Device::open_for_lists(&self.new.device(), work)?;
            &mut opened
        };
        let top = match device.for_lists(work)? {
            Some(gpu) => {
                let top = TopItems::on(gpu, model, options)?;
                let by =
                    if top.on_gpu() { gpu.description().to_string() } else { "cpu, as a GPU cannot".into() };
                say(&format!("lists: {by}"));
                top
            }
            None => TopItems::new(model, options),
        };
        self.write(|table| top_n(model, &top, users, extra, table, &mut |_| {}))
    }

    /// Lists the best of these users for each item; returns the number of items whose list is empty.
    fn of_items(
        &self,
        model: &Model,
        ids: &[Vec<u8>],
        users: &[User],
        options: &TopOptions,
    ) -> Result<usize> {
        let items = rows(model, Side::Item, ids, "")?;
        let mut allowed = vec![false; model.users.len()];
        users.iter().filter_map(|user| user.row).for_each(|row| allowed[row as usize] = true);
        let options = TopOptions { allowed: Some(&allowed), ..*options };
        let top = TopUsers::new(model, &options);
        self.write(|table| top_n_users(model, &top, &items, self.with_sd, table, &mut |_| {}))
    }

    fn write<T>(&self, rows: impl FnOnce(&mut dyn Table) -> Result<T>) -> Result<T> {
        let mut table = self.output.open()?;
        let result = rows(&mut *table)?;
        table.finish()?;
        Ok(result)
    }
}
