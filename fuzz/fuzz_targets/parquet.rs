#![no_main]

use std::sync::Once;

static QUIET: Once = Once::new();

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    // What becomes an error is no finding.
    QUIET.call_once(|| {
        let tell = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if !mfgpu::guard::panics_are_caught() {
                tell(panic);
            }
        }));
    });
    mfgpu_fuzz::targets::parquet(data);
});
