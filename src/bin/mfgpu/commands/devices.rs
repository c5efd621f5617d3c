//! `mfgpu devices`.

use crate::flags::names::{message, with_flags};
use crate::show::human;
use crate::show::table::table;
use crate::show::talk::say;
use crate::signals;
use clap::Args;
use mfgpu::gpu::{self, AdapterDescription, DeviceChoice, GpuOptions};
use mfgpu::{Error, Result};

/// List the GPUs of this machine and test each shortly
///
/// One line a GPU: the number for `--device gpu:N`, name, kind, interface, driver, the largest buffer and
/// binding, and what a short self-test says.
#[derive(Debug, Args)]
pub(crate) struct Devices {
    /// Do not open and test them
    #[arg(long)]
    no_test: bool,
}

impl Devices {
    /// Lists.
    pub(crate) fn run(&self) -> Result<()> {
        let found = match gpu::adapters() {
            Ok(found) => found,
            Err(Error::NoDevice(why)) => {
                say(&format!("no devices: {}", with_flags(&why)));
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        if found.is_empty() {
            let threads = rayon::current_num_threads();
            say(&format!("no devices: no GPU was found; --device cpu works with {threads} threads"));
            return Ok(());
        }
        let head =
            ["device", "name", "kind", "interface", "driver", "max buffer", "max binding", "self-test"];
        let mut rows = vec![head.map(String::from)];
        rows.extend(found.iter().map(|adapter| self.row(adapter)));
        let mut out = signals::sink("-")?;
        out.put(table(&rows).as_bytes())?;
        out.commit()
    }

    fn row(&self, adapter: &AdapterDescription) -> [String; 8] {
        let driver = format!("{} {}", adapter.driver, adapter.driver_info);
        [
            format!("gpu:{}", adapter.number),
            adapter.name.clone(),
            adapter.kind.to_string(),
            adapter.backend.clone(),
            driver.trim().to_owned(),
            human::size(adapter.max_buffer_size),
            human::size(adapter.max_storage_buffer_binding_size),
            if self.no_test { "not run".into() } else { test(adapter) },
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
