//! Bytes as fixed.
#![no_main]

use orderdock::formats::FormatKind;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| orderdock_fuzz::all(FormatKind::Fixed, "file.fixed", bytes));
