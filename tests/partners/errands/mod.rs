//! What partners are asked beside orders: by command, with a daemon and without one, and by
//! configuration.

mod cargamos;
mod cargoconnect;
mod cargooffice;
mod contargo;
mod trademax;

use serde_json::Value;

use crate::support::dock::Dock;

/// What the partner gave.
fn call(dock: &Dock, words: &str) -> Value {
    let mut args = vec!["destinations", "call", "erp", "--json"];
    args.extend(words.split(' '));
    dock.json(&args).remove(0)
}

/// Why it did not, with the exit code.
fn refused(dock: &Dock, words: &str) -> (Option<i32>, String) {
    let mut args = vec!["destinations", "call", "erp"];
    args.extend(words.split(' '));
    let output = dock.run(&args);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.code(), told)
}
