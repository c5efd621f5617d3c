//! The native module `mfgpu._mfgpu`. It takes ratings from Python, hands them to the engine, and hands models and
//! tables back; the package around it, in Python, is what people use.
#![allow(clippy::needless_pass_by_value, reason = "Python hands over what a function is given")]
#![allow(clippy::elidable_lifetime_names, reason = "one name for what belongs to the interpreter")]

mod capsule;
mod error;
mod event;
mod ids;
mod model;
mod pool;
mod recommend;
mod source;
mod table;
mod training;
mod waiting;

use pyo3::prelude::*;

/// The module.
#[pymodule]
fn _mfgpu(module: &Bound<'_, PyModule>) -> PyResult<()> {
    mfgpu::guard::hush();
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add_class::<table::Table>()?;
    module.add_class::<model::Model>()?;
    module.add_class::<training::Fitted>()?;
    module.add_function(wrap_pyfunction!(training::fit, module)?)?;
    module.add_function(wrap_pyfunction!(training::resume, module)?)?;
    module.add_function(wrap_pyfunction!(recommend::recommend, module)?)?;
    module.add_function(wrap_pyfunction!(recommend::recommend_users, module)?)?;
    module.add_function(wrap_pyfunction!(model::evaluate, module)?)?;
    module.add_function(wrap_pyfunction!(model::fold_in, module)?)?;
    module.add_function(wrap_pyfunction!(model::load, module)?)
}
