//! `mfgpu devices`.

use crate::flags::listing::ListingArguments;
use crate::flags::names::{message, with_flags};
use crate::show::human;
use crate::show::listing::{Cell, write};
use crate::show::talk::say;
use clap::Args;
use mfgpu::gpu::{self, AdapterDescription, DeviceChoice, GpuOptions};
use mfgpu::output::Kind;
use mfgpu::{Error, Result};

/// The columns.
const COLUMNS: [(&str, Kind); 8] = [
    ("device", Kind::Bytes),
    ("name", Kind::Bytes),
    ("kind", Kind::Bytes),
    ("interface", Kind::Bytes),
    ("driver", Kind::Bytes),
    ("max_buffer", Kind::Double),
    ("max_binding", Kind::Double),
    ("self-test", Kind::Bytes),
];

/// List the GPUs of this machine and test each shortly
///
/// One line a GPU: the number for `--device gpu:N`, name, kind, interface, driver, the largest buffer and
/// binding (for programs in bytes), and what a short self-test says.
#[derive(Debug, Args)]
pub(crate) struct Devices {
    /// Do not open and test them
    #[arg(long)]
    no_test: bool,
    #[command(flatten)]
    listing: ListingArguments,
}

impl Devices {
    /// Lists.
    pub(crate) fn run(&self) -> Result<()> {
        let (found, none) = match gpu::adapters() {
            Ok(found) => {
                let threads = rayon::current_num_threads();
                (found, format!("no GPU was found; --device cpu works with {threads} threads"))
            }
            Err(Error::NoDevice(why)) => (Vec::new(), with_flags(&why)),
            Err(error) => return Err(error),
        };
        let rows: Vec<Vec<Cell>> = found.iter().map(|adapter| self.row(adapter)).collect();
        write(&self.listing, &COLUMNS, &rows)?;
        if rows.is_empty() {
            say(&format!("no devices: {none}"));
        }
        Ok(())
    }

    fn row(&self, adapter: &AdapterDescription) -> Vec<Cell> {
        let driver = format!("{} {}", adapter.driver, adapter.driver_info);
        let size = |bytes: u64| Cell::Number(bytes as f64, human::size(bytes));
        vec![
            Cell::text(format!("gpu:{}", adapter.number)),
            Cell::text(adapter.name.clone()),
            Cell::text(adapter.kind.to_string()),
            Cell::text(adapter.backend.clone()),
            Cell::text(driver.trim()),
            size(adapter.max_buffer_size),
            size(adapter.max_storage_buffer_binding_size),
            Cell::text(if self.no_test { "not run".into() } else { test(adapter) }),
        ]
    }
}

fn test(adapter: &AdapterDescription) -> String {
    let choice = DeviceChoice::GpuNumber(adapter.number);
    let tested = gpu::open(&choice, &GpuOptions::default())
        .and_then(|gpu| gpu.as_ref().map(gpu::self_test).transpose());
    match tested {
        Ok(Some(passed)) => format!(
            "passed, {:.1} GB/s, {:.0} us a submission",
            passed.copy_gigabytes_per_second,
            passed.round_trip_seconds * 1e6
        ),
        Ok(None) => "not there".into(),
        Err(error) => format!("failed: {}", message(&error)),
    }
}
