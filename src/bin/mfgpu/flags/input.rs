//! The flags of every command that reads ratings or pairs.

use crate::flags::named::named;
use clap::Args;
use mfgpu::Feedback;
use mfgpu::input::{Arrangement, BadRows, Duplicates, Format, ReadOptions};

/// How ratings are read.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Input")]
pub(crate) struct InputArguments {
    #[arg(long, value_parser = named(&Format::ALL, Format::name), env = "MFGPU_FORMAT", hide_env = true)]
    #[arg(help = format!("Layout of the files [default: {}]", ReadOptions::default().format.name()))]
    format: Option<Format>,
    #[arg(long, value_name = "HOW", value_parser = named(&Arrangement::ALL, Arrangement::name), env = "MFGPU_LAYOUT", hide_env = true)]
    #[arg(help = "Whether a row is a rating (long), or a user with an item a column (wide) [default: auto]")]
    layout: Option<Arrangement>,
    /// Name or 1-based position of the column of users [default: found out]
    #[arg(long, value_name = "COLUMN", env = "MFGPU_USER_COL", hide_env = true)]
    user_col: Option<String>,
    /// Name or 1-based position of the column of items [default: found out]
    #[arg(long, value_name = "COLUMN", env = "MFGPU_ITEM_COL", hide_env = true)]
    item_col: Option<String>,
    /// Name or 1-based position of the column of ratings; none for pairs without ratings [default: found out]
    #[arg(long, value_name = "COLUMN", env = "MFGPU_RATING_COL", hide_env = true)]
    rating_col: Option<String>,
    /// Name or 1-based position of the column of weights (plays, clicks, quantities), in place of ratings
    #[arg(long, value_name = "COLUMN", env = "MFGPU_WEIGHT_COL", hide_env = true)]
    weight_col: Option<String>,
    /// Name or 1-based position of the column that says when, for `last:` and `after:` [default: found out]
    #[arg(long, value_name = "COLUMN", env = "MFGPU_TIME_COL", hide_env = true)]
    time_col: Option<String>,
    /// What stands before the decimals of ratings: `.` or `,` [default: found out]
    #[arg(long, value_name = "CHAR", env = "MFGPU_DECIMAL", hide_env = true)]
    decimal: Option<char>,
    /// What stands between groups of three digits of ratings [default: found out]
    #[arg(long, value_name = "CHAR", env = "MFGPU_THOUSANDS", hide_env = true)]
    thousands: Option<char>,
    /// A value that stands for no rating, such as -1, 0, 99 or NA; may be given several times
    #[arg(long, value_name = "VALUE", allow_hyphen_values = true, env = "MFGPU_MISSING", hide_env = true)]
    missing: Vec<String>,
    #[arg(long, value_name = "HOW", value_parser = named(&BadRows::ALL, BadRows::name), env = "MFGPU_BAD_ROWS", hide_env = true)]
    #[arg(help = format!("Rows that cannot be read [default: {}]", ReadOptions::default().bad_rows.name()))]
    bad_rows: Option<BadRows>,
    #[arg(long, value_name = "HOW", value_parser = named(&Duplicates::ALL, Duplicates::name), env = "MFGPU_DUPLICATES", hide_env = true)]
    #[arg(help = format!("Several ratings of one item by one user [default: {}]", open_duplicates()))]
    duplicates: Option<Duplicates>,
}

/// What is done with duplicates where no flag says it.
fn open_duplicates() -> String {
    let of = |feedback| Duplicates::of(feedback).name();
    let [ratings, weights, pairs] = [Feedback::Ratings, Feedback::Weights, Feedback::Pairs].map(of);
    format!("{ratings}; of weights {weights}, of pairs {pairs}")
}

impl InputArguments {
    /// Overrides `options` with the given flags.
    pub(crate) fn over(&self, options: &mut ReadOptions) {
        options.format = self.format.unwrap_or(options.format);
        options.layout = self.layout.unwrap_or(options.layout);
        options.decimal = self.decimal.or(options.decimal);
        options.thousands = self.thousands.or(options.thousands);
        if !self.missing.is_empty() {
            options.missing.clone_from(&self.missing);
        }
        options.bad_rows = self.bad_rows.unwrap_or(options.bad_rows);
        options.duplicates = self.duplicates.or(options.duplicates);
        // A named column of values takes the place of another kind of column that a file of settings names.
        match (&self.rating_col, &self.weight_col) {
            (Some(_), None) => options.weight_column = None,
            (None, Some(_)) => options.rating_column = None,
            _ => {}
        }
        let columns = [
            (&self.user_col, &mut options.user_column),
            (&self.item_col, &mut options.item_column),
            (&self.rating_col, &mut options.rating_column),
            (&self.weight_col, &mut options.weight_column),
            (&self.time_col, &mut options.time_column),
        ];
        for (given, column) in columns {
            if given.is_some() {
                column.clone_from(given);
            }
        }
    }

    /// The defaults, overridden with the given flags.
    pub(crate) fn options(&self) -> ReadOptions {
        let mut options = ReadOptions::default();
        self.over(&mut options);
        options
    }
}
