//! The tests of this binary. Where a test lacks a requirement (a GPU, real ratings, the right to mount) it
//! shows as ignored, with that requirement.

pub(crate) use libtest_mimic::Failed;
use libtest_mimic::{Arguments, Trial};
use std::path::{Path, PathBuf};

/// The result of a test.
pub(crate) trait Ending {
    fn ending(self) -> Result<(), Failed>;
}

impl Ending for () {
    fn ending(self) -> Result<(), Failed> {
        Ok(())
    }
}

impl<E: Into<Failed>> Ending for Result<(), E> {
    fn ending(self) -> Result<(), Failed> {
        self.map_err(Into::into)
    }
}

/// What a test needs, and whether it is there.
struct Need {
    what: &'static str,
    is_there: fn() -> bool,
}

/// A test; what it panics with is its failure, too.
pub(crate) struct Case {
    name: String,
    needs: Vec<Need>,
    run: Box<dyn FnOnce() -> Result<(), Failed> + Send>,
}

impl Case {
    pub(crate) fn new<T: Ending>(name: impl Into<String>, test: impl FnOnce() -> T + Send + 'static) -> Self {
        Self { name: name.into(), needs: Vec::new(), run: Box::new(|| test().ending()) }
    }

    /// A test that opens its GPU with [`device::open`](super::device::open).
    #[cfg(feature = "gpu")]
    pub(crate) fn on_a_gpu<T: Ending>(
        name: impl Into<String>,
        test: impl FnOnce() -> T + Send + 'static,
    ) -> Self {
        Self::new(name, test).and_a_gpu()
    }

    /// A test that reads files below the folder of real ratings.
    pub(crate) fn on_real_ratings<T: Ending>(
        name: impl Into<String>,
        test: impl FnOnce(&Path) -> T + Send + 'static,
    ) -> Self {
        let run = || test(&real_ratings().expect("it is not ignored"));
        Self::new(name, run).needs("MFGPU_DATA", || real_ratings().is_some())
    }

    /// The same test, ignored unless the requirement `what` is met.
    pub(crate) fn needs(mut self, what: &'static str, is_there: fn() -> bool) -> Self {
        self.needs.push(Need { what, is_there });
        self
    }

    /// The same test, which requires a GPU, too. With `MFGPU_REQUIRE_GPU=1` it fails without one.
    #[cfg(feature = "gpu")]
    pub(crate) fn and_a_gpu(self) -> Self {
        use super::device::{is_required, is_there};
        let run = move || {
            if is_there() {
                (self.run)()
            } else {
                Err("no GPU, not even software Vulkan, and MFGPU_REQUIRE_GPU is set".into())
            }
        };
        Self { run: Box::new(run), ..self }.needs("GPU", || is_there() || is_required())
    }

    /// The tests as the harness takes them, under the names of their modules. If a single test is to run, the
    /// requirements of the others are not checked.
    pub(crate) fn trials(module: &str, cases: Vec<Self>, arguments: &Arguments) -> Vec<Trial> {
        let alone = arguments.filter.as_ref().filter(|_| arguments.exact);
        let named = cases.into_iter().map(|case| Self { name: format!("{module}::{}", case.name), ..case });
        named.filter(|case| alone.is_none_or(|name| *name == case.name)).map(Self::trial).collect()
    }

    fn trial(self) -> Trial {
        let trial = Trial::test(self.name, self.run);
        match self.needs.into_iter().find(|need| !(need.is_there)()) {
            Some(Need { what, .. }) => trial.with_kind(format!("no {what}")).with_ignored_flag(true),
            None => trial,
        }
    }
}

/// The folder with `ml-100k`, `ml-1m` and `goodbooks`, if `MFGPU_DATA` names one.
pub(crate) fn real_ratings() -> Option<PathBuf> {
    std::env::var_os("MFGPU_DATA").filter(|folder| !folder.is_empty()).map(PathBuf::from)
}
