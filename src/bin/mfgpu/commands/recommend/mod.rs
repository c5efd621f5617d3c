//! `mfgpu recommend`.

mod items;

use crate::flags::input::InputArguments;
use crate::flags::new::NewArguments;
use crate::flags::output::OutputArguments;
use crate::show::talk::{count, say};
use crate::signals;
use crate::steps::fold_in::{New, fold_in};
use crate::steps::ids::{chosen, find, rows};
use clap::Args;
use items::ItemArguments;
use mfgpu::input::{ReadOptions, read_names, read_ratings};
use mfgpu::model::{Model, Rated};
use mfgpu::output::{Extra, Table, User, title_of, top_n, top_n_users};
use mfgpu::ratings::Side;
use mfgpu::run::Config;
use mfgpu::score::{Noise, TopItems, TopOptions, TopUsers, multiplications, needs_draws};
use mfgpu::train::engine::Device;
use mfgpu::{Error, Result};
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  mfgpu recommend model --top 10 -o top.csv
  mfgpu recommend model --users alice bob --items-from new-releases.txt --block 42
  mfgpu recommend model --new new-users.csv
  mfgpu recommend model --for-items 333 --top 100";

const MORE: &str = "\
A user the model does not know gets the list that suits nobody in particular, the items of highest bias, and \
a note says so; with --strict an unknown id of a user or an item is an error. A user for whom nothing is \
left has no rows. If the model knows none of the items of --items-from, that is an error; what --block names \
and the model does not know changes nothing.

With --for-items, lists are of users: who would rate an item highest, of those who have not rated it.

With --new FILE, a file of ratings, the users and then the items in it that the model does not know are \
folded in: each is what training would have made of its ratings with all else as it is. The model file stays \
as it was. Lists are for the new users alone; name users with --users to have lists for these, known or new, \
which may hold new items. What a user has rated in FILE is left out of his list, too; to learn from ratings \
of users and items that are known, train again.";

/// List the best items for all users, or for some
///
/// Writes `user,rank,item,score[,sd][,title]`. What a user has rated is left out. Scores are in rating units,
/// not clipped. With --for-items it is the other way round: `item,rank,user,score[,sd]`, the best users for
/// an item.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, after_long_help = format!("{EXAMPLES}\n\n{MORE}"))]
pub(crate) struct Recommend {
    /// A model.safetensors, or the run directory that holds it
    model: PathBuf,
    /// Users: ids, or one file with an id a line [default: those of --new, else all of the model]
    #[arg(long, value_name = "FILE|ID", num_args = 1..)]
    users: Vec<String>,
    /// Users are listed for these items: ids, or one file with an id a line
    #[arg(long, value_name = "FILE|ID", num_args = 1..)]
    #[arg(conflicts_with_all = ["items_from", "block", "item_names", "explore"])]
    for_items: Vec<String>,
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
    items: ItemArguments,
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
    /// Runs the command.
    pub(crate) fn run(&self) -> Result<()> {
        self.check()?;
        let mut model = Model::load(&self.model)?;
        if self.explore.is_some() {
            needs_draws(&model, Noise::Without, "--explore")?;
        }
        if self.with_sd {
            needs_draws(&model, Noise::With, "--with-sd")?;
        }
        let ids = chosen("--users", &self.users)?;
        let options = self.input.options();
        let kept = model.rated.is_kept();
        let mut new = fold_in(&self.new, &mut model, &options)?;
        self.see(&mut model, kept, new.as_ref(), &options)?;
        if let Some(ids) = ids.as_deref().filter(|_| self.strict) {
            rows(&model, Side::User, ids, "")?;
        }
        let users = match (&ids, &new) {
            (None, Some(new)) => added(&model, new),
            (Some(ids), _) if !self.for_items.is_empty() => known(&model, ids),
            _ => find(&model, ids.as_deref()),
        };
        let items = self.items.marks(&model, self.strict)?;
        let options = TopOptions {
            count: self.top,
            exclude: (!self.include_seen).then_some(&model.rated),
            allowed: items.as_deref(),
            min_score: self.min_score.unwrap_or(f32::NEG_INFINITY),
            explore: self.explore.unwrap_or_default(),
        };
        let (without, what) = match chosen("--for-items", &self.for_items)? {
            Some(ids) => (self.of_items(&model, &ids, &users, &options)?, "item"),
            None => (self.of_users(&model, &users, &options, new.as_mut())?, "user"),
        };
        if without > 0 {
            say(&format!("note: nothing to list for {}", count(without as u64, what)));
        }
        Ok(())
    }

    /// Checks the arguments before the model is read.
    fn check(&self) -> Result<()> {
        self.new.check(self.ratings.as_deref())?;
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
        new: Option<&mut New>,
    ) -> Result<usize> {
        let names = self.item_names.as_ref().map(|path| read_names(path, &model.items)).transpose()?;
        let title = |item: u32| title_of(names.as_deref(), item);
        let extra = Extra { sd: self.with_sd, titles: names.is_some().then_some(&title as _) };
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

    /// Chooses the ratings whose items are left out of lists, and stores them in the model. `kept` says
    /// whether the model came with ratings.
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
            let (data, _) = read_ratings(std::slice::from_ref(path), options, &mut signals::check)?;
            model.rated = Rated::from_ratings(&data.among(&model.users, &model.items).0, users, items);
        } else if !kept && (new.is_none() || !self.users.is_empty()) {
            say("note: the model kept no ratings, so lists may hold what was seen; name them with --ratings");
        }
        // When all new ratings were folded in, they are already in the model.
        if let Some(new) = new.filter(|_| known > 0 || self.ratings.is_some()) {
            let (more, _) = new.data.among(&model.users, &model.items);
            model.rated.add(&more, users, items);
        }
        Ok(())
    }
}

/// The new users.
fn added<'a>(model: &'a Model, new: &New) -> Vec<User<'a>> {
    if new.added.users == 0 {
        say("note: no user is new, so there is nothing to list; name users with --users");
    }
    User::all(model).split_off(model.users.len() - new.added.users)
}

/// The users of these ids that the model knows; reports how many it does not know.
fn known<'a>(model: &'a Model, ids: &'a [Vec<u8>]) -> Vec<User<'a>> {
    let users: Vec<User> =
        ids.iter().map(|id| User::find(model, id)).filter(|user| user.row.is_some()).collect();
    let unknown = ids.len() - users.len();
    if unknown > 0 {
        say(&format!(
            "note: the model does not know {}, who cannot be listed",
            count(unknown as u64, "user")
        ));
    }
    users
}
