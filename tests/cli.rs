//! The built program from outside: exit codes, help, output.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn orderdock(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_orderdock"))
        .args(args)
        .env_remove("ORDERDOCK_CONFIG")
        .env_remove("COLUMNS")
        .env_remove("CREDENTIALS_DIRECTORY")
        .env_remove("RUST_LOG")
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Compares with a file beside the sources; `UPDATE_EXPECT=1` writes it.
fn expect(path: &str, now: &str) {
    let path = root(path);
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&path, now).unwrap();
    }
    let before = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(before, now, "{}", path.display());
}

#[test]
fn the_help_of_every_command_is_as_written_down() {
    let commands: [&[&str]; 23] = [
        &[],
        &["run"],
        &["check"],
        &["parse"],
        &["profile"],
        &["profile", "suggest"],
        &["profile", "list"],
        &["profile", "explain"],
        &["profile", "test"],
        &["profile", "import"],
        &["files"],
        &["files", "list"],
        &["files", "retry"],
        &["orders"],
        &["orders", "release"],
        &["deliveries"],
        &["destinations"],
        &["destinations", "call"],
        &["status"],
        &["pause"],
        &["demo"],
        &["sandbox"],
        &["completions"],
    ];
    let mut all = String::new();
    for command in commands {
        let mut args = command.to_vec();
        args.push("--help");
        let output = orderdock(&args);
        assert_eq!(output.status.code(), Some(0), "{command:?}");
        let shown = [
            "$ orderdock ",
            &args.join(" "),
            "\n",
            &text(&output.stdout),
            "\n",
        ];
        all.extend(shown);
    }
    assert!(
        !all.contains("jail"),
        "the child's command is not for people"
    );
    expect("fixtures/cli/help.txt", &all);
}

#[test]
fn wrong_usage_and_wrong_configuration_end_with_2() {
    for args in [
        &["fly"][..],
        &[],
        &["files", "list", "--state", "lost"],
        &["files", "show", "seven"],
        &["orders", "list", "--limit", "0"],
        &["pause"],
        &["parse"],
        &["--config", "/nowhere/orderdock.toml", "status"],
        &["--config", "/nowhere/orderdock.toml", "run"],
        &["--config", "/nowhere/orderdock.toml", "check"],
    ] {
        let output = orderdock(args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(!output.stderr.is_empty(), "{args:?}");
        assert!(output.stdout.is_empty(), "{args:?}");
    }
}

#[test]
fn check_accepts_the_example_but_for_the_secrets_that_are_not_there() {
    let example = root("config/orderdock.toml");
    let output = orderdock(&["--config", example.to_str().unwrap(), "check"]);
    assert_eq!(output.status.code(), Some(2));
    let told = text(&output.stdout);
    assert!(
        told.contains("ok       source inbox: /srv/edi/inbox ▸ done/ or error/"),
        "{told}"
    );
    assert!(
        told.contains("`auth`, `token`") || told.contains("`token` of destination \"erp\""),
        "{told}"
    );
    assert!(
        told.contains("the variable CARRIER_TOKEN is not set"),
        "{told}"
    );
}

#[test]
fn check_tells_the_mistakes_as_json_too() {
    let wrong = root("fixtures/config/unknown-keys.toml");
    let output = orderdock(&["--config", wrong.to_str().unwrap(), "check", "--json"]);
    assert_eq!(output.status.code(), Some(2));
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(told["ok"], false);
    assert_eq!(told["errors"][0]["line"], 2);
    let message = told["errors"][0]["message"].as_str().unwrap();
    assert_eq!(message, "unknown key `retenton`, did you mean `retention`?");
}

#[test]
fn the_canary_is_printed_nowhere() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("orderdock.toml");
    std::fs::write(
        &path,
        format!(
            "state_dir = \"{}\"\n[mail]\nurl = \"smtps://127.0.0.1\"\nfrom = \"edi@example.com\"\n\
             user = \"edi\"\npassword = \"canary-7f3a\"\n[[destination]]\nname = \"erp\"\n\
             kind = \"http\"\nurl = \"https://127.0.0.1/?key=canary-7f3a\"\n\
             headers = {{ \"X-Key\" = {{ env = \"CANARY\" }} }}\n\
             auth = {{ kind = \"bearer\", token = \"canary-7f3a\" }}\n",
            folder.path().display()
        ),
    )
    .unwrap();
    let path = path.to_str().unwrap();
    for args in [
        &["--config", path, "check"][..],
        &["--config", path, "check", "--json"],
        &["--config", path, "-vv", "status"],
        &["--config", path, "-vv", "files", "list"],
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_orderdock"))
            .args(args)
            .env("RUST_LOG", "trace")
            .env("CANARY", "canary-7f3a")
            .output()
            .unwrap();
        let told = text(&output.stdout) + &text(&output.stderr);
        assert!(!told.contains("canary"), "{args:?}: {told}");
    }
}

#[test]
fn completions_know_the_commands() {
    let output = orderdock(&["completions", "bash"]);
    assert_eq!(output.status.code(), Some(0));
    let script = text(&output.stdout);
    assert!(script.contains("deliveries") && script.contains("--dry-run"));
}

/// The unit as it would run: exposure at most 2.0, and valid.
#[test]
fn the_unit_is_valid_and_exposes_little() {
    let unit = root("systemd/orderdock.service");
    let analyze = |args: &[&str], unit: &Path| {
        Command::new("systemd-analyze")
            .args(args)
            .arg(unit)
            .output()
    };
    let Ok(security) = analyze(&["security", "--offline=true", "--threshold=20"], &unit) else {
        // No systemd on this machine: nothing to ask.
        return;
    };
    assert!(security.status.success(), "{}", text(&security.stdout));
    let folder = tempfile::tempdir().unwrap();
    let built = folder.path().join("orderdock.service");
    let unit = std::fs::read_to_string(unit).unwrap();
    let unit = unit.replace("/usr/bin/orderdock", env!("CARGO_BIN_EXE_orderdock"));
    std::fs::write(&built, unit).unwrap();
    let verify = analyze(&["verify", "--man=no"], &built).unwrap();
    let told = text(&verify.stderr);
    let ours: Vec<&str> = told
        .lines()
        .filter(|line| line.contains("orderdock"))
        .collect();
    assert!(ours.is_empty(), "{ours:?}");
}

#[test]
fn a_sample_becomes_a_profile_that_is_tried_explained_and_tested() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let sample =
        "Bestellnr;Kunde;Artikel;Menge;Preis (EUR)\n4711;ACME;A-1;5;1,50\n4711;ACME;A-2;2;12,00\n";
    std::fs::write(at("sample.csv"), sample).unwrap();
    let suggested = orderdock(&["profile", "suggest", &at("sample.csv")]);
    assert_eq!(suggested.status.code(), Some(0));
    std::fs::create_dir_all(at("profiles/acme.samples")).unwrap();
    std::fs::write(at("profiles/acme.toml"), &suggested.stdout).unwrap();
    std::fs::write(at("profiles/acme.samples/orders.csv"), sample).unwrap();

    let config = at("orderdock.toml");
    let explained = orderdock(&[
        "--config",
        &config,
        "profile",
        "explain",
        &at("sample.csv"),
        "--profile",
        "sample",
        "--order",
        "4711",
        "--json",
    ]);
    assert_eq!(
        explained.status.code(),
        Some(0),
        "{}",
        text(&explained.stderr)
    );
    let order: serde_json::Value = serde_json::from_slice(&explained.stdout).unwrap();
    let quantity = order["fields"]
        .as_array()
        .unwrap()
        .iter()
        .find(|field| field["field"] == "lines[1].quantity")
        .unwrap();
    assert_eq!(
        (&quantity["value"], &quantity["place"]["row"]),
        (&"2".into(), &3.into())
    );

    let test = |more: &[&str]| {
        let mut args = vec!["--config", &config, "profile", "test", "sample"];
        args.extend(more);
        let output = orderdock(&args);
        (output.status.code(), text(&output.stdout))
    };
    let (code, told) = test(&[]);
    assert_eq!(code, Some(1), "nothing was kept yet: {told}");
    assert_eq!(test(&["--update"]).0, Some(0));
    assert_eq!(test(&[]).0, Some(0));
    let changed = sample.replace("A-2;2", "A-2;3");
    std::fs::write(at("profiles/acme.samples/orders.csv"), changed).unwrap();
    let (code, told) = test(&[]);
    assert_eq!(code, Some(1));
    assert!(
        told.contains("lines[1].quantity: expected \"2\", now \"3\""),
        "{told}"
    );

    let listed = text(&orderdock(&["--config", &config, "profile", "list"]).stdout);
    assert!(
        listed.contains("sample") && listed.contains("shopify"),
        "{listed}"
    );
}

#[test]
fn a_mapping_of_another_system_is_imported_with_what_it_lost() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mapping.txt");
    std::fs::write(
        &path,
        "[order]\norderID = @A\n[goods]\nquantity = @B\nweight = FUNCTION(odd,@C)\n",
    )
    .unwrap();
    let output = orderdock(&["profile", "import", path.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stdout).contains("reference = \"@[A]\""));
    assert!(text(&output.stderr).contains("1 line was not understood"));
}
