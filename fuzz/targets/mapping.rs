//! Bytes as the text of a profile.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| orderdock_fuzz::mapping(bytes));
