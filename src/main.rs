//! Exit codes, nothing else: see [`orderdock::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    orderdock::cli::main(std::env::args_os()).into()
}
