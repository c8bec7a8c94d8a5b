//! Fixtures and what stands beside them; the set itself.

use super::*;

fn fixtures() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/profiles");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            let name = path.to_string_lossy();
            !name.ends_with(".expected.json") && !name.ends_with(".toml")
        })
        .collect();
    files.sort();
    files
}

#[test]
fn every_fixture_becomes_what_stands_beside_it() {
    let mut wrong = Vec::new();
    for path in fixtures() {
        let name = path.file_name().unwrap().to_str().unwrap();
        let own = std::fs::read_to_string(path.with_extension("toml")).ok();
        let texts = own
            .into_iter()
            .map(|text| (format!("{name}.toml"), text))
            .collect();
        let set = ProfileSet::load(texts).unwrap_or_else(|errors| panic!("{name}: {errors:?}"));
        let (told, summary) = map(name, &std::fs::read(&path).unwrap(), &set, Vec::new());
        let got = report(&told, &summary);
        let beside = path.with_extension("expected.json");
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            std::fs::write(&beside, serde_json::to_string_pretty(&got).unwrap() + "\n").unwrap();
        }
        let expected: Value = std::fs::read(&beside)
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .unwrap_or_default();
        if got != expected {
            wrong.push(format!("{name}: got {got:#}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_built_in_profiles_have_no_errors() {
    let errors = ProfileSet::built_in_errors();
    assert!(errors.is_empty(), "{errors:#?}");
    assert_eq!(ProfileSet::builtin().known().count(), 40);
}

#[test]
fn a_wrong_key_is_named_with_its_line_and_the_nearest() {
    let text = "name = \"own\"\nformat = \"csv\"\ngruop_by = [\"reference\"]\n[order]\nreferense = \"@A\"\n";
    let errors = ProfileSet::load(vec![("own.toml".to_owned(), text.to_owned())]).unwrap_err();
    let told: Vec<String> = errors.iter().map(ToString::to_string).collect();
    assert!(
        told.iter()
            .any(|e| e.starts_with("own.toml:3:") && e.contains("group_by")),
        "{told:?}"
    );
    assert!(
        told.iter()
            .any(|e| e.starts_with("own.toml:5:") && e.contains("reference")),
        "{told:?}"
    );
}

#[test]
fn a_set_sent_as_texts_is_the_same_set() {
    let text = "name = \"own\"\nformat = \"csv\"\n[order]\nreference = \"@A\"\n";
    let set = ProfileSet::load(vec![("own.toml".to_owned(), text.to_owned())]).unwrap();
    let again = ProfileSet::load(set.texts().to_vec()).unwrap();
    assert!(set.known().eq(again.known()));
    assert_eq!(set.text("own"), Some(text));
}
