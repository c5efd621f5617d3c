#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    mfgpu::guard::hush();
    mfgpu_fuzz::targets::pairs(data);
});
