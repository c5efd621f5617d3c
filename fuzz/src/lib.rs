//! What is fuzzed, for the targets in `fuzz_targets`.

pub mod targets;

use std::sync::Once;

/// From here on a panic that becomes an error is no finding.
pub fn quiet() {
    static QUIET: Once = Once::new();
    QUIET.call_once(|| {
        let tell = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if !mfgpu::guard::panics_are_caught() {
                tell(panic);
            }
        }));
    });
}
