#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| mfgpu_fuzz::targets::set(data));
