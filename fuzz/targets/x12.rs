//! Bytes as x12.
#![no_main]

use orderdock::formats::FormatKind;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| orderdock_fuzz::all(FormatKind::X12, "file.x12", bytes));
