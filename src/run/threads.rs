//! The number of threads of a process.

use crate::{Error, Result};
use std::num::NonZeroUsize;
use std::thread::available_parallelism;

/// More threads than this are of no use on a machine with fewer cores.
const MANY: usize = 256;

/// The number of threads that a setting asks for: one a core if it is open.
///
/// # Errors
/// [`Error::Setting`] for none, and for more than the machine has cores, where that is more than 256.
pub fn threads(asked: Option<usize>) -> Result<usize> {
    let cores = available_parallelism().map_or(1, NonZeroUsize::get);
    let most = cores.max(MANY);
    match asked {
        None => Ok(cores),
        Some(0) => Err(Error::setting("threads", &0, "it must be at least 1")),
        Some(asked) if asked > most => {
            Err(Error::setting("threads", &asked, format!("it may be up to {most}; one a core is best")))
        }
        Some(asked) => Ok(asked),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends() {
        assert!(threads(None).is_ok_and(|threads| threads > 0));
        assert_eq!(threads(Some(1)).unwrap(), 1);
        assert_eq!(threads(Some(256)).unwrap(), 256);
        for wrong in [0, 1_000_000, usize::MAX] {
            assert_eq!(threads(Some(wrong)).unwrap_err().exit_code(), 2);
        }
    }
}
