//! Answers of servers and what is read of them; the times of files.

use proptest::prelude::*;

use super::reply::{Features, Gather, Reply};
use super::times::Times;

fn reply(text: &str) -> Reply {
    let mut gather = Gather::default();
    let mut lines = text.lines();
    loop {
        let line = lines.next().expect("the answer ends");
        if let Some(reply) = gather.push(line.as_bytes().to_vec()).unwrap() {
            assert_eq!(lines.next(), None, "the answer ended early");
            return reply;
        }
    }
}

#[test]
fn an_answer_of_several_lines_ends_with_its_own_code_and_a_blank() {
    let read = reply("211-Features:\n MDTM\n212 not yet\n211-nor this\n 211 nor this\n211 End");
    assert_eq!((read.code, read.lines.len()), (211, 6));
    assert_eq!(reply("220").code, 220);
    assert_eq!(reply("220-\n220 ").code, 220);
}

#[test]
fn what_is_no_ftp_is_told_as_such() {
    for line in [
        "SSH-2.0-OpenSSH_9.2",
        "",
        "22",
        "999 no",
        "+OK POP3",
        "2200 x",
        "220x",
    ] {
        let told = Gather::default().push(line.into()).unwrap_err();
        assert!(told.contains("does not speak FTP"), "{line}: {told}");
    }
}

#[test]
fn an_answer_without_end_is_bounded() {
    let mut gather = Gather::default();
    let mut pushed = 0;
    while gather.push(b"211-more".to_vec()).is_ok() {
        pushed += 1;
    }
    assert_eq!(pushed, crate::limits::FTP_REPLY_LINES);
}

#[test]
fn extended_ports_are_found_whatever_stands_around_them() {
    let port = |text: &str| reply(text).extended_port();
    assert_eq!(
        port("229 Entering Extended Passive Mode (|||6446|)"),
        Some(6446)
    );
    assert_eq!(port("229 ok (!!!6446!)"), Some(6446));
    assert_eq!(port("229 |||6446|"), Some(6446));
    assert_eq!(port("229 ok (|||0|)"), None);
    assert_eq!(port("229 ok (|||65536|)"), None);
    assert_eq!(port("229 ok (||6446|)"), None);
    assert_eq!(port("229 ok"), None);
}

#[test]
fn passive_addresses_are_found_with_or_without_brackets() {
    let at = |text: &str| reply(text).passive_address();
    let found = Some(([10, 0, 0, 5], 7 * 256 + 1));
    assert_eq!(at("227 Entering Passive Mode (10,0,0,5,7,1)."), found);
    assert_eq!(at("227 Entering Passive Mode 10,0,0,5,7,1"), found);
    assert_eq!(at("227 =10,0,0,5,7,1"), found);
    assert_eq!(at("227 (10,0,0,256,7,1)"), None);
    assert_eq!(at("227 (10,0,0,5,0,0)"), None);
    assert_eq!(at("227 (10,0,0,5,7)"), None);
}

#[test]
fn the_login_folder_may_hold_quotes() {
    let path = |text: &str| reply(text).quoted_path();
    assert_eq!(
        path("257 \"/a \"\"b\"\"\" is here"),
        Some(b"/a \"b\"".to_vec())
    );
    assert_eq!(path("257 \"/\""), Some(b"/".to_vec()));
    assert_eq!(path("257 \"/a"), None);
    assert_eq!(path("257 /a"), None);
}

#[test]
fn sizes_and_times_are_numbers_alone() {
    assert_eq!(reply("213 4711").size(), Some(4711));
    assert_eq!(reply("213 4711 bytes").size(), None);
    assert_eq!(reply("213 -1").size(), None);
    assert_eq!(reply("550 4711").size(), None);
    assert_eq!(
        reply("213 20261122053000").time(),
        Some(b"20261122053000".to_vec())
    );
    assert_eq!(
        reply("213 20261122053000.25").time(),
        Some(b"20261122053000.25".to_vec())
    );
    assert_eq!(reply("213 yesterday, at noon").time(), None);
}

#[test]
fn features_are_what_the_server_says() {
    let of = |text: &str| {
        let features = Features::of(&reply(text));
        (features.machine, features.ask_facts, features.utf8)
    };
    let all = "211-Features:\n MLST modify*;size*;type*;unique*;\n UTF8\n211 End";
    assert_eq!(of(all), (true, false, true));
    let some_off = "211-Features:\n MLST modify;size*;type*;\n211 End";
    assert_eq!(of(some_off), (true, true, false));
    assert_eq!(
        of("211-Features:\n MLST size*;type*;\n211 End"),
        (false, true, false)
    );
    assert_eq!(
        of("211-Features:\n MDTM\n SIZE\n211 End"),
        (false, false, false)
    );
    assert_eq!(of("500 FEAT?"), (false, false, false));
}

#[test]
fn a_full_server_is_no_wrong_password() {
    assert!(reply("530 Sorry, the maximum number of clients (2) are already connected.").is_full());
    assert!(reply("421 Too many users").is_full());
    assert!(reply("421 There are too many connections from your internet address.").is_full());
    assert!(!reply("530 Login incorrect.").is_full());
}

#[test]
fn answers_are_shown_without_what_would_disguise_them() {
    let shown = reply("500 a\u{1b}[2Jb").text();
    assert_eq!(shown, "500 a [2Jb");
    let long = reply(&format!("500 {}", "x".repeat(10_000))).text();
    assert_eq!(long.len(), crate::limits::ANSWER_CHARS);
}

/// 2026-11-22 06:30 in the zone of a server an hour east of UTC, as its LIST shows it.
const LISTED: i64 = 1_795_329_000_000_000_000;

#[test]
fn a_version_is_known_by_its_listed_time() {
    let mut times = Times::default();
    assert_eq!(times.listed(b"/a", 7, LISTED), LISTED);
    // The server's zone is not known yet.
    assert_eq!(times.of(b"/a", 7, b"20261122053001"), None);
    assert_eq!(times.learn(b"/a", 7, LISTED, b"20261122053001"), LISTED);
    assert_eq!(times.of(b"/a", 7, b"20261122053001"), Some(LISTED));
    assert_eq!(times.of(b"/a", 7, b"20261122053001"), Some(LISTED));
    times.moved(b"/a", b"/done/a");
    assert_eq!(times.of(b"/done/a", 7, b"20261122053001"), Some(LISTED));
    assert_eq!(times.of(b"/a", 7, b"20261122053001"), None);
}

#[test]
fn a_file_written_over_within_the_minute_is_another_version_and_stays_it() {
    let mut times = Times::default();
    times.listed(b"/a", 7, LISTED);
    times.learn(b"/a", 7, LISTED, b"20261122053001");
    assert_eq!(times.of(b"/a", 7, b"20261122053002"), None);
    let second = times.learn(b"/a", 7, LISTED, b"20261122053002");
    assert_ne!(second, LISTED);
    assert_eq!(times.listed(b"/a", 7, LISTED), second);
    assert_eq!(times.of(b"/a", 7, b"20261122053002"), Some(second));
    let third = times.learn(b"/a", 7, LISTED, b"20261122053003");
    assert!(third != second && third != LISTED);
    // A new minute or size begins anew.
    assert_eq!(times.listed(b"/a", 8, LISTED), LISTED);
}

#[test]
fn a_file_replaced_after_the_listing_is_not_taken_for_the_listed_one() {
    let mut times = Times::default();
    times.learn(b"/first", 7, LISTED, b"20261122053001");
    times.listed(b"/a", 7, LISTED);
    assert_eq!(times.of(b"/a", 7, b"20261122053159"), None);
    assert_eq!(times.of(b"/a", 7, b"20261122053059"), Some(LISTED));
    // Of older files LIST shows the day alone: here the server's own one.
    let midnight = LISTED - 390 * 60_000_000_000;
    times.listed(b"/old", 7, midnight);
    assert_eq!(times.of(b"/old", 7, b"20261121225959"), None);
    assert_eq!(times.of(b"/old", 7, b"20261121230000"), Some(midnight));
}

#[test]
fn after_a_restart_a_version_is_told_by_a_listing() {
    let mut times = Times::default();
    assert_eq!(times.of(b"/a", 7, b"20261122053001"), None);
    assert_eq!(times.learn(b"/a", 7, LISTED, b"20261122053001"), LISTED);
    assert_eq!(times.of(b"/a", 7, b"20261122053001"), Some(LISTED));
}

proptest! {
    #[test]
    fn no_answer_whatever_makes_it_fail(lines: Vec<Vec<u8>>, code in "[1-5][0-9]{2}[ -]") {
        let mut gather = Gather::default();
        for line in std::iter::once(code.into_bytes()).chain(lines) {
            if let Ok(Some(reply)) = gather.push(line) {
                let _ = (reply.size(), reply.time(), reply.extended_port(), reply.passive_address());
                let _ = (reply.quoted_path(), reply.text(), Features::of(&reply));
                break;
            }
        }
    }
}
