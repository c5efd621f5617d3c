//! `mfgpu generate`.

use crate::flags::over::over;
use crate::flags::paths::{Output, Writes, writes};
use crate::show::human::thousands;
use crate::show::talk::{count, say};
use crate::signals;
use clap::{Args, ValueHint::AnyPath};
use mfgpu::Result;
use mfgpu::generate::{GenerateOptions, generate, write_titles};

/// Generate synthetic ratings with planted structure
///
/// Writes `user,item,rating`. Users and items have planted factors, popularity is as uneven as it is in life,
/// and the smallest error a learner can reach is said at the end.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  mfgpu generate --users 1000 --items 500 --ratings 50000 -o ratings.csv")]
pub(crate) struct Generate {
    #[arg(long, value_name = "N", help = format!("Users [default: {}]", defaults().users))]
    users: Option<u32>,
    #[arg(long, value_name = "N", help = format!("Items [default: {}]", defaults().items))]
    items: Option<u32>,
    #[arg(long, value_name = "N", help = format!("Ratings [default: {}]", defaults().ratings))]
    ratings: Option<u64>,
    #[arg(long, value_name = "N", help = format!("Planted factors [default: {}]", defaults().rank))]
    rank: Option<usize>,
    #[arg(long, value_name = "NUMBER", help = format!("Standard deviation of the noise [default: {}]", defaults().noise))]
    noise: Option<f32>,
    #[arg(long, value_name = "N", help = format!("Seed of everything random [default: {}]", defaults().seed))]
    seed: Option<u64>,
    /// Ids such as u000123 in place of numbers
    #[arg(long)]
    string_ids: bool,
    /// File to write [default: standard output]
    #[arg(short, long, value_name = "FILE", default_value = "-", hide_default_value = true)]
    #[arg(value_parser = writes(Output::File), value_hint = AnyPath)]
    output: Writes,
    /// Write titles of the items, too
    #[arg(long, value_name = "FILE", value_parser = writes(Output::File), value_hint = AnyPath)]
    titles: Option<Writes>,
}

fn defaults() -> GenerateOptions {
    GenerateOptions::default()
}

impl Generate {
    /// Runs the command.
    pub(crate) fn run(&self) -> Result<()> {
        let mut options = GenerateOptions { string_ids: self.string_ids, ..defaults() };
        over(self.users, &mut options.users);
        over(self.items, &mut options.items);
        over(self.ratings, &mut options.ratings);
        over(self.rank, &mut options.rank);
        over(self.noise, &mut options.noise);
        over(self.seed, &mut options.seed);
        let titles = self.titles.as_ref().map(signals::sink).transpose()?;
        let summary = generate(&options, signals::sink(&self.output)?, &mut |_| {})?;
        if let Some(titles) = titles {
            write_titles(&options, titles)?;
        }
        say(&format!(
            "generated: {} of {} and {}, mean {:.3}, deviation {:.3}; busiest user {}, busiest item {}",
            count(summary.ratings, "rating"),
            count(summary.users.into(), "user"),
            count(summary.items.into(), "item"),
            summary.mean,
            summary.deviation,
            thousands(summary.busiest_user),
            thousands(summary.busiest_item)
        ));
        say(&format!("best possible: rmse={:.4}", summary.noise));
        Ok(())
    }
}
