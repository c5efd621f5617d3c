//! Helpers shared by the tests of this binary.

pub(crate) mod case;
#[cfg(feature = "gpu")]
pub(crate) mod device;
pub(crate) mod engines;
pub(crate) mod faulty_normal;
pub(crate) mod oracle;
pub(crate) mod oracle_descend;
pub(crate) mod oracle_normal;
pub(crate) mod problems;
pub(crate) mod steps;
pub(crate) mod trained;
