#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    mfgpu_fuzz::quiet();
    mfgpu_fuzz::targets::parquet(data);
});
