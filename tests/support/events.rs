//! Waiting for what happens instead of for the clock.

use std::path::Path;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use notify::{RecursiveMode, Watcher};

/// After so long a thing that has not happened never will: the test fails.
const NEVER: Duration = Duration::from_secs(90);

/// Returns as soon as `happened` answers something, looking again after every change below `folder`.
///
/// # Panics
/// When it does not happen.
pub fn until<T>(folder: &Path, what: &str, mut happened: impl FnMut() -> Option<T>) -> T {
    let (tell, told) = channel();
    let mut watcher = notify::recommended_watcher(move |_| drop(tell.send(()))).unwrap();
    watcher.watch(folder, RecursiveMode::Recursive).unwrap();
    loop {
        if let Some(result) = happened() {
            return result;
        }
        match told.recv_timeout(NEVER) {
            Ok(()) => while told.try_recv().is_ok() {},
            Err(RecvTimeoutError::Timeout) => panic!("never happened: {what}"),
            Err(RecvTimeoutError::Disconnected) => panic!("the watch on {} ended", folder.display()),
        }
    }
}
