//! The results of a model, as tables that are written while they are computed.

mod batch;
mod blocks;
mod completed;
mod extra;
mod factors;
mod format;
mod npy;
mod predictions;
mod similar;
mod sql;
mod table;
mod top;
mod users;
mod vectors;

pub use batch::Batch;
pub use blocks::{Blocks, Encoding};
pub use completed::{
    Cells, Size, completed, completed_npy, completed_npy_size, completed_size, completed_wide,
    completed_wide_size,
};
pub use extra::{Extra, RatingOf, Titles, predicted, title_of};
pub use factors::{bias_array, factor_array, factor_rows, id_rows};
pub use format::{Csv, CsvTable, Jsonl, JsonlTable, TableFormat, TableOptions, ending, is_zstd};
pub use npy::Precision;
pub use predictions::predictions;
pub use similar::similar_rows;
pub use sql::{MOST_INDEXED, vector_sql};
pub use table::{Column, Field, Kind, Progress, Table};
pub use top::{top_n, top_n_users};
pub use users::User;
pub use vectors::{SearchRows, constant_array, vector_array, vector_rows};
