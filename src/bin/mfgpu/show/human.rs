//! Sizes, times and counts as people read them; the library writes them the same way.

pub(crate) use mfgpu::human::{size, thousands, time};
