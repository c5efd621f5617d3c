//! `mfgpu similar`.

use crate::flags::by::ByArgument;
use crate::flags::output::OutputArguments;
use crate::flags::paths::{Content, Reads, reads};
use crate::flags::titles::TitleArguments;
use crate::steps::ids::rows;
use crate::steps::listed::listed;
use crate::steps::models::for_lists;
use crate::steps::titled::titled;
use clap::{Args, ValueHint::AnyPath};
use mfgpu::Result;
use mfgpu::input::read_ids;
use mfgpu::output::{similar_rows, title_of};
use mfgpu::ratings::Side;
use mfgpu::run::Config;

/// List the items most similar to some items, or users to users
///
/// Writes `id,rank,other,similarity[,title]`. The similarity is the cosine of the factors, from -1 to 1, of a
/// model of several draws its mean over them; how much either is liked takes no part. Other items that few
/// users rated are left out, and a note says how many. An unknown id is an error.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  mfgpu similar model 318\n  mfgpu similar model --title \"toy story\"\n  mfgpu similar model --users alice --top 5"
)]
pub(crate) struct Similar {
    /// A model.safetensors, or the run directory that holds it
    #[arg(value_parser = reads(Content::Model), value_hint = AnyPath)]
    model: Reads,
    #[command(flatten)]
    by: ByArgument,
    /// Ids of items, or with --users of users
    #[arg(value_name = "ID", required_unless_present_any = ["ids", "title"], allow_negative_numbers = true)]
    id: Vec<String>,
    /// More of them: a file with an id a line; `-` is standard input
    #[arg(long, value_name = "FILE", value_parser = reads(Content::File), value_hint = AnyPath)]
    ids: Option<Reads>,
    /// Of the item with this title: as it is, else but for capital letters, else a part of it
    #[arg(long, value_name = "TEXT", conflicts_with = "users")]
    title: Vec<String>,
    /// The ids are of users
    #[arg(long, conflicts_with_all = ["item_names", "no_titles"])]
    users: bool,
    /// Others an id
    #[arg(long, value_name = "N", default_value_t = Config::default().top)]
    top: usize,
    /// Only other items that at least N users rated [default: for a model of lists 1, else a quarter of the
    /// median, from 2 to 10]
    #[arg(long, value_name = "N", conflicts_with = "users")]
    min_ratings: Option<u32>,
    #[command(flatten)]
    titles: TitleArguments,
    #[command(flatten)]
    output: OutputArguments,
}

impl Similar {
    /// Runs the command.
    pub(crate) fn run(&self) -> Result<()> {
        let mut model = for_lists(&self.model, self.by.by)?.0;
        let side = if self.users { Side::User } else { Side::Item };
        if side == Side::Item {
            self.titles.read(&self.model, &mut model)?;
        }
        let mut ids: Vec<Vec<u8>> = self.id.iter().map(|id| id.clone().into_bytes()).collect();
        if let Some(path) = &self.ids {
            let known = if self.users { &model.users } else { &model.items };
            ids.extend(read_ids(path, side, known)?);
        }
        let advice = if self.users { "; leave --users out" } else { "; add --users" };
        let mut rows = rows(&model, side, &ids, advice)?;
        for title in &self.title {
            rows.push(titled(&model, title)?);
        }
        let title = |item: u32| title_of(Some(&model.titles), item);
        let titles = (side == Side::Item && !model.titles.is_empty()).then_some(&title as _);
        let allowed = match side {
            Side::Item => listed(&model, model.rated.is_kept(), self.min_ratings)?,
            Side::User => None,
        };
        let wanted = (self.top, allowed.as_deref());
        let mut table = self.output.open()?;
        similar_rows(&model, (side, &rows), wanted, titles, &mut *table, &mut |_| {})?;
        table.finish()
    }
}
