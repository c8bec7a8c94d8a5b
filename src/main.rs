//! Exit codes, nothing else: see [`orderdock::cli`].
fn main() {}
