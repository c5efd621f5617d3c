//! The bottom layer of all GPU code: adapters, an opened device, typed buffers, kernels.
//!
//! Without the `gpu` feature the same functions exist ([`adapters`], [`open`], [`self_test`]) and report that
//! this build has no GPU support. [`DeviceChoice`] and the descriptions exist either way.

mod budget;
mod choice;
mod description;
mod options;

pub use budget::Budget;
pub use choice::DeviceChoice;
pub use description::{AdapterDescription, AdapterKind, SelfTest};
pub use options::{Checks, GpuOptions};

#[cfg(feature = "gpu")]
mod adapter;
#[cfg(feature = "gpu")]
mod buffer;
#[cfg(feature = "gpu")]
mod clock;
#[cfg(feature = "gpu")]
mod commands;
#[cfg(feature = "gpu")]
mod device;
#[cfg(feature = "gpu")]
mod kernel;
#[cfg(feature = "gpu")]
pub mod kernels;
#[cfg(feature = "gpu")]
mod open;
#[cfg(feature = "gpu")]
pub mod operations;
#[cfg(feature = "gpu")]
mod params;
#[cfg(feature = "gpu")]
mod rows;
#[cfg(feature = "gpu")]
mod template;
#[cfg(feature = "gpu")]
mod texture;
#[cfg(feature = "gpu")]
mod transfer;
#[cfg(feature = "gpu")]
mod trusted;

#[cfg(feature = "gpu")]
pub use {
    adapter::{Adapter, adapters},
    buffer::{Buffer, BufferSlice},
    clock::Clock,
    commands::{Commands, Submission},
    device::Gpu,
    kernel::{Binding, Bound, Kernel, Pipeline, Resource, Twin},
    open::open,
    operations::self_test::self_test,
    params::Params,
    rows::{pad_rows, unpad_rows},
    template::Constant,
    texture::RowTexture,
};

#[cfg(feature = "gpu")]
pub(crate) use rows::ROW_STEP;

#[cfg(not(feature = "gpu"))]
mod disabled;
#[cfg(not(feature = "gpu"))]
pub use disabled::{Gpu, adapters, open, self_test};
