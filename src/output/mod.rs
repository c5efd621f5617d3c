//! What a model is asked for, as tables that are written while they are computed.

mod completed;
mod csv;
mod npy;
mod predictions;
mod similar;
mod table;
mod top;
mod users;

pub use completed::{Cells, Size, completed, completed_size};
pub use csv::CsvTable;
pub use npy::{completed_npy, completed_npy_size};
pub use predictions::predictions;
pub use similar::similar_rows;
pub use table::{Field, Table};
pub use top::{Extra, Titles, top_n};
pub use users::User;

/// Told now and then how many rows are done.
pub type Progress<'a> = dyn FnMut(u64) + 'a;
