//! `mfgpu recommend`.

use crate::input::InputArguments;
use crate::talk::{count, say};
use clap::Args;
use mfgpu::files::Sink;
use mfgpu::input::{read_ids, read_names, read_ratings};
use mfgpu::model::{Model, Rated};
use mfgpu::output::{CsvTable, Table, User, top_n};
use mfgpu::ratings::Ratings;
use mfgpu::score::TopOptions;
use mfgpu::{Error, Result};
use std::path::{Path, PathBuf};

/// List the best items for all users, or for some
///
/// Writes `user,rank,item,score[,title]`. What a user has rated is left out. Scores are in rating units, not clipped.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  mfgpu recommend model --top 10 -o top.csv\n  mfgpu recommend model --users alice bob"
)]
pub(crate) struct Recommend {
    /// A model.safetensors, or the run directory that holds it
    model: PathBuf,
    /// Users: ids, or one file with an id a line [default: all of the model]
    #[arg(long, value_name = "FILE|ID", num_args = 1..)]
    users: Vec<String>,
    /// Items a user
    #[arg(long, value_name = "N", default_value_t = 10)]
    top: usize,
    /// Titles of items: a file with ids and titles
    #[arg(long, value_name = "FILE")]
    item_names: Option<PathBuf>,
    /// List what a user has rated, too
    #[arg(long)]
    include_seen: bool,
    /// Ratings whose items are left out, in place of those kept in the model
    #[arg(long, value_name = "FILE")]
    ratings: Option<PathBuf>,
    /// File to write [default: standard output]
    #[arg(short, long, value_name = "FILE", default_value = "-", hide_default_value = true)]
    output: PathBuf,
    #[command(flatten)]
    input: InputArguments,
}

impl Recommend {
    /// Lists.
    pub(crate) fn run(&self) -> Result<()> {
        let model = Model::load(&self.model)?;
        let names = self.item_names.as_ref().map(|path| read_names(path, &model.items)).transpose()?;
        let ids = chosen(&self.users)?;
        let users = find(&model, ids.as_deref());
        let rated = self.seen(&model)?;
        let seen = rated.as_ref().unwrap_or(&model.rated);
        let exclude = (!self.include_seen).then_some(seen);
        let options = TopOptions { count: self.top, exclude, ..TopOptions::default() };
        let mut table = Box::new(CsvTable::new(Sink::open(&self.output)?));
        match names {
            Some(names) => {
                let title = |item: u32| names[item as usize].as_deref().unwrap_or_default().as_bytes();
                top_n(&model, &users, &options, Some(&title), &mut *table, &mut |_| {})?;
            }
            None => top_n(&model, &users, &options, None, &mut *table, &mut |_| {})?,
        }
        table.finish()
    }

    /// The ratings of `--ratings` in the model's numbers.
    fn seen(&self, model: &Model) -> Result<Option<Rated>> {
        if self.include_seen {
            return Ok(None);
        }
        let Some(path) = &self.ratings else {
            if !model.rated.is_kept() {
                say(
                    "note: the model kept no ratings, so lists may hold what was seen; name them with --ratings",
                );
            }
            return Ok(None);
        };
        let (data, _) = read_ratings(std::slice::from_ref(path), &self.input.options(), &mut |_, _| {})?;
        let mut known = Ratings::default();
        for (user, item, value) in data.ratings.iter() {
            let (user, item) = (model.users.get(data.users.id(user)), model.items.get(data.items.id(item)));
            if let (Some(user), Some(item)) = (user, item) {
                known.push(user, item, value);
            }
        }
        Ok(Some(Rated::from_ratings(&known, model.users.len(), model.items.len())))
    }
}

/// The ids that were asked for: those of a file, or themselves; `None` is all.
pub(crate) fn chosen(users: &[String]) -> Result<Option<Vec<Vec<u8>>>> {
    match users {
        [] => Ok(None),
        [file] if Path::new(file).is_file() => read_ids(Path::new(file)).map(Some),
        [one] if one.is_empty() => Err(Error::Usage("--users: expected ids or a file".into())),
        ids => Ok(Some(ids.iter().map(|id| id.clone().into_bytes()).collect())),
    }
}

/// The users of these ids, all without any; says how many the model does not know.
pub(crate) fn find<'a>(model: &'a Model, ids: Option<&'a [Vec<u8>]>) -> Vec<User<'a>> {
    let Some(ids) = ids else { return User::all(model) };
    let users: Vec<User> = ids.iter().map(|id| User::find(model, id)).collect();
    let unknown = users.iter().filter(|user| user.row.is_none()).count() as u64;
    if unknown > 0 {
        let unknown = count(unknown, "user");
        say(&format!("note: the model does not know {unknown}; they get what suits nobody in particular"));
    }
    users
}
