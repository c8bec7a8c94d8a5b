//! What a wrong configuration is told.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use orderdock::config::Config;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/config")
}

/// The mistakes, with the folder's own path left out.
fn told(path: &Path) -> String {
    let Err(errors) = Config::load(path) else {
        return "no mistake\n".to_owned();
    };
    let base = format!("{}/", path.parent().unwrap().display());
    errors
        .iter()
        .map(|error| format!("{error}\n").replace(&base, ""))
        .collect()
}

/// `NAME.toml` beside `NAME.expected.txt`; `UPDATE_EXPECT=1` writes what is told now.
#[test]
fn every_mistake_is_told_with_its_place_and_the_nearest_known_word() {
    let mut names: Vec<PathBuf> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "toml"))
        .collect();
    names.sort();
    assert!(!names.is_empty());
    let mut wrong = Vec::new();
    for path in names {
        let expected = path.with_extension("expected.txt");
        let now = told(&path);
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            std::fs::write(&expected, &now).unwrap();
        }
        let before = std::fs::read_to_string(&expected).unwrap_or_default();
        if now != before {
            wrong.push(format!(
                "{}\n~~~ expected\n{before}~~~ told\n{now}",
                path.display()
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn with_secret_file(mode: u32) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("token");
    std::fs::write(&secret, "canary-7f3a\n").unwrap();
    std::fs::set_permissions(&secret, std::fs::Permissions::from_mode(mode)).unwrap();
    let path = folder.path().join("orderdock.toml");
    std::fs::write(
        &path,
        "state_dir = \"state\"\n\n[[destination]]\nname = \"erp\"\nkind = \"http\"\n\
         url = \"https://erp.example/orders\"\n\
         auth = { kind = \"bearer\", token = { file = \"token\" } }\n",
    )
    .unwrap();
    (folder, path)
}

#[test]
fn a_secret_that_others_can_read_is_refused() {
    let (_folder, path) = with_secret_file(0o644);
    let told = told(&path);
    assert!(told.starts_with("orderdock.toml:7:"), "{told}");
    assert!(
        told.contains("can be read or changed by everybody"),
        "{told}"
    );
}

#[test]
fn a_secret_is_read_without_its_line_end_and_never_printed() {
    let (_folder, path) = with_secret_file(0o640);
    let config = Config::load(&path).unwrap();
    let secrets = config.secrets();
    let secret = secrets.first().unwrap().read().unwrap();
    assert_eq!(secret.expose(), "canary-7f3a");
    let shown = format!("{config:?} {secret:?} {:?}", config.check_report());
    assert!(!shown.contains("canary"), "{shown}");
}

#[test]
fn an_inline_secret_is_accepted_with_a_warning_that_does_not_tell_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("orderdock.toml");
    std::fs::write(
        &path,
        "state_dir = \"state\"\n[mail]\nurl = \"smtps://mail.example\"\nfrom = \"edi@example.com\"\n\
         user = \"edi\"\npassword = \"canary-7f3a\"\n",
    )
    .unwrap();
    let config = Config::load(&path).unwrap();
    let report = config.check_report().text();
    assert!(
        report.contains("`password` stands in the file itself"),
        "{report}"
    );
    assert!(!format!("{config:?}{report}").contains("canary"));
}

#[test]
fn a_wrong_value_of_a_secret_is_not_told_either() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("orderdock.toml");
    let wrong = [
        "[mail]\nurl = \"canary-7f3a\"\nfrom = \"edi@example.com\"\n",
        "[mail]\nurl = \"smtps://edi:canary-7f3a@mail.example\"\nfrom = \"edi@example.com\"\n",
        "[[destination]]\nname = \"erp\"\nkind = \"http\"\nurl = \"https://u:canary-7f3a@erp.example\"\n",
        "[mail]\nurl = \"smtps://mail.example\"\nfrom = \"edi@example.com\"\npassword = \"canary-7f3a\n",
    ];
    for text in wrong {
        std::fs::write(&path, format!("state_dir = \"state\"\n{text}")).unwrap();
        let told = told(&path);
        assert_ne!(told, "no mistake\n", "{text}");
        assert!(!told.contains("canary"), "{told}");
    }
}
