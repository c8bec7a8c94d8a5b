//! A folder on this machine.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::contract::{Place, check};

/// A folder that a source watches, seen past it. Also the back door of every server whose folders lie
/// on this machine.
pub(super) struct Folder(pub(super) PathBuf);

impl Folder {
    pub(super) fn put(&self, name: &str, bytes: &[u8], second: u64) {
        let part = self.0.join(".being-put");
        fs::write(&part, bytes).unwrap();
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000 + second);
        let file = fs::File::options().write(true).open(&part).unwrap();
        file.set_modified(time).unwrap();
        fs::rename(part, self.0.join(name)).unwrap();
    }

    pub(super) fn remove(&self, name: &str) {
        fs::remove_file(self.0.join(name)).unwrap();
    }

    pub(super) fn lies(&self, folder: &str) -> Vec<Vec<u8>> {
        let is_sidecar = |path: &Path| path.to_string_lossy().ends_with(".error.txt");
        let Ok(entries) = fs::read_dir(self.0.join(folder)) else {
            return Vec::new();
        };
        let paths = entries.map(|entry| entry.unwrap().path());
        let files = paths.filter(|path| path.is_file() && !is_sidecar(path));
        files.map(|path| fs::read(path).unwrap()).collect()
    }

    pub(super) fn clear(&self) {
        for entry in fs::read_dir(&self.0).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                fs::remove_dir_all(path).unwrap();
            } else {
                fs::remove_file(path).unwrap();
            }
        }
    }
}

struct Local {
    root: tempfile::TempDir,
}

impl Local {
    fn folder(&self) -> Folder {
        Folder(self.root.path().to_owned())
    }
}

impl Place for Local {
    fn config(&self, _: Option<u16>) -> String {
        format!(
            "kind = \"local\"\npath = \"{}\"\n",
            self.root.path().display()
        )
    }

    fn port(&self) -> Option<u16> {
        None
    }

    fn put(&self, name: &str, bytes: &[u8], second: u64) {
        self.folder().put(name, bytes, second);
    }

    fn remove(&self, name: &str) {
        self.folder().remove(name);
    }

    fn lies(&self, folder: &str) -> Vec<Vec<u8>> {
        self.folder().lies(folder)
    }

    fn clear(&self) {
        self.folder().clear();
    }
}

#[test]
fn a_folder_keeps_the_contract() {
    let root = tempfile::tempdir().unwrap();
    check(&Local { root });
}
