//! The tour: its samples end where it says, and its reader can be a partner at its SFTP server.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use rustix::fs::{Mode, chmod};

use crate::support::chromium::Chromium;
use crate::support::events;
use crate::support::http::Ask;
use crate::web::browser::{screens, shoot};

/// A running tour in a scratch folder; killed with the value.
struct Tour {
    child: Child,
    lines: std::io::Lines<BufReader<ChildStdout>>,
}

impl Tour {
    fn begin(house: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_orderdock"))
            .arg("demo")
            .env("TMPDIR", house)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    /// Reads on to the line with these words; all that was said on the way.
    fn until(&mut self, words: &str) -> String {
        let mut said = String::new();
        for line in self.lines.by_ref() {
            let line = line.unwrap();
            said.push_str(&line);
            said.push('\n');
            if line.contains(words) {
                return said;
            }
        }
        panic!("never said: {words}\n{said}");
    }
}

impl Drop for Tour {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// What follows these words in their line.
fn after<'a>(text: &'a str, words: &str) -> &'a str {
    let line = text
        .lines()
        .find_map(|line| line.trim().strip_prefix(words));
    line.unwrap_or_else(|| panic!("no “{words}”\n{text}"))
        .trim()
}

#[test]
fn its_reader_can_be_a_partner_who_drops_a_file_by_sftp() {
    let house = tempfile::tempdir().unwrap();
    let mut tour = Tour::begin(house.path());
    let said = tour.until("Watching.");
    assert!(said.contains("8 files in done/, 1 in error/"), "{said}");
    for answer in [
        "FO-20311 → trademax: known there as",
        "CN-4471 → contargo: known there as",
        "MX-5002 → cargamos: known there as",
        "700753 → cargooffice: known there as",
    ] {
        assert!(said.contains(answer), "{answer}\n{said}");
    }
    console_lets_in_once(link(&said));
    assert!(said.contains("✔ weinhandel.edi"), "{said}");
    let scratch = fs::read_dir(house.path()).unwrap().next().unwrap();
    let scratch = scratch.unwrap().path();
    assert!(scratch.join("sftp/done/weinhandel.edi").exists());
    // The command as it is printed, with the printed password.
    let ask = house.path().join("ask");
    fs::write(
        &ask,
        format!("#!/bin/sh\necho '{}'\n", after(&said, "password:")),
    )
    .unwrap();
    chmod(&ask, Mode::from_raw_mode(0o700)).unwrap();
    fs::write(
        house.path().join("mine.csv"),
        "order_id,order_date,sku,quantity,unit,unit_price,currency\n\
         MINE-1,2026-02-01,SKU-1,2,PCE,1.00,EUR\n",
    )
    .unwrap();
    let mut client = Command::new("sftp")
        .args(
            after(&said, "sftp -P")
                .split(' ')
                .scan(true, |first, word| {
                    // The words that were looked for are part of it.
                    Some(if std::mem::take(first) {
                        format!("-P{word}")
                    } else {
                        word.to_owned()
                    })
                }),
        )
        .env("SSH_ASKPASS", &ask)
        .env("SSH_ASKPASS_REQUIRE", "force")
        .current_dir(house.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let batch = b"pwd\nmkdir new\nput mine.csv new/.mine\nls -l new\nrename new/.mine mine.csv\nget done/weinhandel.edi back\nput ../../../etc/hostname ../../../outside\nbye\n";
    client.stdin.take().unwrap().write_all(batch).unwrap();
    let output = client.wait_with_output().unwrap();
    let shown = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(shown.contains("working directory: /\n"), "{shown}");
    tour.until("✔ mine.csv");
    let back = fs::read(house.path().join("back")).unwrap();
    assert_eq!(back, include_bytes!("../fixtures/demo/weinhandel.edi"));
    // There is nothing above its folder.
    assert!(!house.path().join("outside").exists() && !Path::new("/outside").exists());
    let told = Command::new("kill")
        .arg("-INT")
        .arg(tour.child.id().to_string())
        .status();
    assert!(told.unwrap().success());
    assert!(tour.child.wait().unwrap().success());
}

/// The link into the console.
fn link(said: &str) -> &str {
    let line = said.lines().find(|line| line.contains("/welcome/"));
    line.unwrap_or_else(|| panic!("{said}")).trim()
}

/// The link opens the console, once.
fn console_lets_in_once(link: &str) {
    let (origin, path) = link.split_once("/welcome/").unwrap();
    let at = origin.trim_start_matches("http://").parse().unwrap();
    let link = Ask::get(&format!("/welcome/{path}"));
    let inside = link.send(at);
    assert_eq!(inside.status, 303, "{}", inside.text());
    let cookie = inside
        .header("set-cookie")
        .split(';')
        .next()
        .unwrap()
        .to_owned();
    let page = Ask::get("/orders").with("Cookie", &cookie).send(at).text();
    assert!(
        page.contains("FO-20311") && page.contains("cargamos"),
        "{page}"
    );
    assert_eq!(link.send(at).status, 410);
}

#[test]
fn its_console_shows_every_kind_of_page_with_something_on_it() {
    let house = tempfile::tempdir().unwrap();
    let mut tour = Tour::begin(house.path());
    let said = tour.until("Watching.");
    let link = link(&said);
    let origin = link.split("/welcome").next().unwrap().to_owned();
    let browser = Chromium::start();
    browser.look(1280, 900, "light");
    browser.go(link);
    let until = |words: &str| {
        let seen = events::until(house.path(), || {
            browser.text().contains(words).then_some(())
        });
        assert!(seen.is_some(), "{words}: {}", browser.text());
    };
    until("Needs a person");
    let pictures = screens();
    shoot(&browser, &pictures, "tour-now");
    for (list, name, words) in [
        ("files", "weinhandel.edi", "BGM+220"),
        ("files", "bakery-order.xml", "WF-550"),
        (
            "files",
            "bike-parts-with-mistakes.csv",
            "This is not a number.",
        ),
        ("orders", "FO-20311", "DHL"),
        ("orders", "700753", "Bakkerij Jansen"),
        ("orders", "CN-4471", "CSQU3054383"),
    ] {
        browser.go(&format!("{origin}/{list}"));
        let script = format!(
            "[...document.querySelectorAll('tbody th a')].find((a) => a.innerText === '{name}').click()"
        );
        browser.run(&script);
        until(if list == "files" {
            "The original"
        } else {
            "Deliveries"
        });
        if list == "files" {
            browser.run("document.querySelector('[data-load]').scrollIntoView()");
            until(words);
        }
        shoot(
            &browser,
            &pictures,
            &format!("tour-{}", name.split('.').next().unwrap()),
        );
    }
}
