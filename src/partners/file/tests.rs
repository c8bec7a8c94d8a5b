//! Names of files.

use super::super::Request;
use super::name::Pattern;
use crate::order::Action;

fn request(reference: &str, key: &str) -> Request {
    Request {
        key: key.to_owned(),
        action: Action::Cancel,
        reference: reference.to_owned(),
        body: bytes::Bytes::new(),
        remote_id: None,
        repeated: false,
    }
}

#[test]
fn a_name_has_only_plain_characters_whatever_the_sender_wrote() {
    let pattern = Pattern::parse("{reference}{action}-{key}.{ext}").unwrap();
    let name = pattern.of(&request("../etc/pass wd\u{0}é", "k"), "csv");
    assert!(name.starts_with("___etc_pass_wd__-cancel-"), "{name}");
    assert_eq!(name.rsplit_once('.').unwrap().1, "csv", "{name}");
}

#[test]
fn the_key_alone_tells_two_deliveries_apart() {
    let pattern = Pattern::parse("ORD_{key}.edi").unwrap();
    let one = pattern.of(&request("1", "a"), "x");
    assert_eq!(one, pattern.of(&request("1", "a"), "x"));
    assert_ne!(one, pattern.of(&request("1", "b"), "x"));
}

#[test]
fn a_pattern_that_could_lose_files_is_refused() {
    for wrong in [
        "{reference}.csv",
        "a/{key}",
        ".{key}",
        "{key",
        "{nothing}{key}",
        "ä{key}",
    ] {
        assert!(Pattern::parse(wrong).is_err(), "{wrong}");
    }
}
