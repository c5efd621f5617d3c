//! Helpers shared by the tests of this binary.

pub(crate) mod case;
#[cfg(feature = "gpu")]
pub(crate) mod device;
pub(crate) mod faulty_normal;
pub(crate) mod oracle;
pub(crate) mod oracle_normal;
pub(crate) mod problems;
pub(crate) mod trained;
