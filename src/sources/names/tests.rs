//! Names from outside.

use super::*;

#[test]
fn unfinished_uploads_are_known_by_their_names() {
    for name in [
        ".orders.csv",
        "~$orders.xlsx",
        "orders.csv~",
        "a.tmp",
        "a.PART",
        "a.csv.filepart",
        "a.partial",
        "a.crdownload",
        "a.writing",
        ".a.csv.swp",
        "",
    ] {
        assert!(is_temporary(name.as_bytes()), "{name}");
    }
    for name in [
        "orders.csv",
        "tmp",
        "part",
        "a.tmp.csv",
        "a~b.csv",
        "tmp.csv",
    ] {
        assert!(!is_temporary(name.as_bytes()), "{name}");
    }
}

#[test]
fn sidecars_are_known_by_their_names() {
    assert!(is_sidecar(b"a.csv.error.txt") && is_sidecar(b"a.csv.ERROR.JSON"));
    assert!(!is_sidecar(b"error.txt") && !is_sidecar(b"a.txt") && !is_sidecar(b"a.json"));
}

#[test]
fn a_component_is_one_entry_of_one_folder() {
    let longest = vec![b'a'; 255];
    let longer = vec![b'a'; 256];
    for name in [b"a.csv".as_slice(), b"...", b"a b\n\xff", &longest] {
        assert!(safe_component(name).is_some(), "{name:?}");
    }
    for name in [b"".as_slice(), b".", b"..", b"a/b", b"/a", b"a\0", &longer] {
        assert!(safe_component(name).is_none(), "{name:?}");
    }
}

#[test]
fn a_path_is_split_only_where_every_component_is_safe() {
    let name = OsStr::new("c.csv");
    assert_eq!(split(b"c.csv"), Some((b"".as_slice(), name)));
    assert_eq!(split(b"a/b/c.csv"), Some((b"a/b".as_slice(), name)));
    for path in [
        b"/c.csv".as_slice(),
        b"a//c.csv",
        b"../c.csv",
        b"a/../c.csv",
        b"a/",
        b"",
    ] {
        assert_eq!(split(path), None, "{path:?}");
    }
}

#[test]
fn a_label_hides_nothing() {
    for (name, shown) in [
        (b"a.csv".as_slice(), "a.csv"),
        (b"../../etc/passwd", ".._.._etc_passwd"),
        (b"a\nb\x1b[2J", "a\\u{a}b\\u{1b}[2J"),
        ("gpj.\u{202e}vsc".as_bytes(), "gpj.\\u{202e}vsc"),
        (b"\xff.csv", "\u{fffd}.csv"),
    ] {
        assert_eq!(label(name), shown);
    }
    let german = encoding_rs::WINDOWS_1252;
    assert_eq!(label_in(b"Auftr\xe4ge.csv", german), "Aufträge.csv");
    assert_eq!(label_in("Aufträge.csv".as_bytes(), german), "Aufträge.csv");
    assert_eq!(label_in(b"a\x90\n.csv", german), "a\\u{90}\\u{a}.csv");
    assert!(label(&[b'\n'; 400]).len() <= limits::NAME_BYTES);
}

#[test]
fn a_taken_name_gets_the_arrival_before_the_extension() {
    let name = |given: &str, n| unique_name(OsStr::new(given), 17, n).into_string().unwrap();
    assert_eq!(name("orders.csv", 0), "orders.csv");
    assert_eq!(name("orders.csv", 1), "orders-17.csv");
    assert_eq!(name("orders.csv", 2), "orders-17-2.csv");
    assert_eq!(name("orders", 1), "orders-17");
    assert_eq!(name("a.tar.gz", 1), "a.tar-17.gz");
    for given in [
        "é".repeat(125) + ".csv",
        "a".repeat(255),
        format!("a.{}", "b".repeat(253)),
    ] {
        let unique = name(&given, 3);
        assert!(
            unique.len() <= limits::NAME_BYTES && unique.contains("-17-3"),
            "{unique}"
        );
    }
}

#[test]
fn a_sidecar_of_the_longest_name_still_has_a_name_of_its_own() {
    let sidecar = |name: &str| {
        let name = sidecar_name(OsStr::new(name), ".error.txt");
        name.into_string().unwrap()
    };
    assert_eq!(sidecar("a.csv"), "a.csv.error.txt");
    let (one, other) = (sidecar(&"ü".repeat(127)), sidecar(&("ü".repeat(126) + "x")));
    assert!(one.len() <= limits::NAME_BYTES && one.ends_with(".error.txt"));
    assert_ne!(one, other);
}

#[test]
fn dated_folders_are_filled_in_and_stay_beneath_the_source() {
    let at = Millis(1_767_225_599_000); // 2025-12-31T23:59:59Z
    assert_eq!(folder_at("done", at).unwrap(), b"done");
    assert_eq!(folder_at("done/%Y-%m/", at).unwrap(), b"done/2025-12");
    assert_eq!(folder_at("%Y/%m/%d", at).unwrap(), b"2025/12/31");
    for wrong in ["", "/done", "../done", "done/..", "done//x", "%!", "a\0b"] {
        assert!(folder_at(wrong, at).is_err(), "{wrong}");
    }
}
