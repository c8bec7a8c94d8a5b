//! Bytes as whatever workbook they look like.
#![no_main]

use orderdock::formats::{Bytes, sniff};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(format) = sniff::sniff(&mut Bytes::new("file.xlsx", bytes), None)
        && format.is_sheet()
    {
        orderdock_fuzz::all(format, "file.xlsx", bytes);
    }
});
