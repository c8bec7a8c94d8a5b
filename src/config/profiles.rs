//! The folder `profiles` beside the configuration: profiles and the look-up tables that they name.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::error::ConfigError;
use super::section::Section;
use crate::limits;

/// The texts of the folder `profiles` beside the configuration.
pub(super) fn profiles(root: &Section<'_, '_>) -> Vec<(PathBuf, String)> {
    let (texts, wrong) = profile_texts(&root.doc().resolve("profiles"));
    for (path, why) in wrong {
        root.doc().push_error(ConfigError::in_file(&path, why));
    }
    texts
}

/// Files with their texts, or with what is wrong with them.
type Texts = Vec<(PathBuf, String)>;

/// The profiles of a folder, `*.toml`, and behind them the look-up tables that they name, `*.csv`, each in
/// the order of their names; and what cannot be read. A missing folder holds none, and a csv that no
/// profile names is none of ours.
#[must_use]
pub fn profile_texts(folder: &Path) -> (Texts, Texts) {
    let mut texts = Texts::new();
    let mut wrong = Texts::new();
    let mut read = |paths: Vec<PathBuf>, texts: &mut Texts| {
        for path in paths {
            match read_text(&path) {
                Ok(text) => texts.push((path, text)),
                Err(why) => wrong.push((path, why)),
            }
        }
    };
    read(files_in(folder, "toml"), &mut texts);
    let mut tables = files_in(folder, "csv");
    tables.retain(|table| texts.iter().any(|(_, text)| names_table(text, table)));
    read(tables, &mut texts);
    (texts, wrong)
}

/// The look-up tables beside a profile that its text names.
#[must_use]
pub fn tables_of(profile: &Path, text: &str) -> (Texts, Texts) {
    let folder = profile.parent().unwrap_or(Path::new(""));
    let folder = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    let mut texts = Texts::new();
    let mut wrong = Texts::new();
    let tables = files_in(folder, "csv").into_iter();
    for path in tables.filter(|table| names_table(text, table)) {
        match read_text(&path) {
            Ok(text) => texts.push((path, text)),
            Err(why) => wrong.push((path, why)),
        }
    }
    (texts, wrong)
}

/// Whether a profile's text names the file of a look-up table.
fn names_table(text: &str, table: &Path) -> bool {
    let name = table.file_name().and_then(|name| name.to_str());
    name.is_some_and(|name| text.contains(&format!("\"{name}\"")))
}

fn files_in(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut paths: Vec<PathBuf> = entries
        .take(limits::PROFILE_FILES)
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|end| end == extension))
        .collect();
    paths.sort();
    paths
}

/// A whole text file of at most [`limits::CONFIG_BYTES`].
pub(super) fn read_text(path: &Path) -> Result<String, String> {
    let mut text = String::new();
    let file = File::open(path).map_err(|error| format!("cannot be opened: {error}"))?;
    file.take(limits::CONFIG_BYTES + 1)
        .read_to_string(&mut text)
        .map_err(|error| format!("cannot be read: {error}"))?;
    if text.len() as u64 > limits::CONFIG_BYTES {
        return Err("is larger than 4 MB, which no configuration is".to_owned());
    }
    Ok(text)
}
