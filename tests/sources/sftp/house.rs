//! The whole way of a file: partners' own programs drop it, and its orders reach the partner once.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use crate::support::dock::{Dock, read};
use crate::support::erp::Erp;
use crate::support::events;
use crate::support::keys::key;
use crate::support::sshd::Sshd;
use crate::support::world::INSTALL;

/// A house with a source on the server, and one of its own.
fn house(erp: &Erp, server: &Sshd) -> Dock {
    let more = format!(
        "[[source]]\nname = \"acme\"\nkind = \"sftp\"\nurl = \"sftp://pw@127.0.0.1:{}/in\"\n\
         password = \"pw-secret\"\nhost_key = \"{}\"\nstable = \"200ms\"\npoll = \"200ms\"\n\
         grace = \"0s\"\n\n[[route]]\nsource = \"acme\"\ndestination = [\"erp\"]\n",
        server.port,
        server.fingerprint("ed25519"),
    );
    Dock::new(&erp.orders(), &more)
}

fn order(reference: &str, quantity: &str) -> String {
    format!(
        "order_id,order_date,sku,quantity,unit,unit_price,currency\n\
         {reference},2026-02-01,SKU-1,{quantity},PCE,1.00,EUR\n"
    )
}

fn ran(command: &mut Command) {
    let output = command
        .output()
        .unwrap_or_else(|_| panic!("{command:?} {INSTALL}"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {said}");
}

/// Waits until the file lies there.
fn wait_for(folder: &Path, name: &str, dock: &Dock) {
    let path = folder.join(name);
    events::until(folder, || path.exists().then_some(()))
        .unwrap_or_else(|| panic!("never came: {}\n{}", path.display(), dock.log()));
}

#[test]
fn what_sftp_lftp_and_curl_upload_is_delivered_once() {
    let server = Sshd::start();
    let erp = Erp::start();
    let dock = house(&erp, &server);
    let daemon = dock.start();
    let known = server.known_hosts();
    for name in ["one", "two", "three", "bad"] {
        let quantity = if name == "bad" { "ten" } else { "1" };
        fs::write(dock.path(&format!("{name}.csv")), order(name, quantity)).unwrap();
    }
    let known = format!("UserKnownHostsFile={}", known.display());
    let (port, secret) = (server.port.to_string(), key("ed25519"));
    fs::write(dock.path("batch"), "put one.csv /in/one.csv\n").unwrap();
    ran(Command::new("sftp")
        .args([
            "-q",
            "-P",
            &port,
            "-o",
            &known,
            "-o",
            "IdentitiesOnly=yes",
            "-i",
        ])
        .arg(&secret)
        .args(["-b", "batch", "pw@127.0.0.1"])
        .current_dir(dock.path("")));
    ran(Command::new("lftp")
        .args([
            "-e",
            &format!(
                "set sftp:connect-program 'ssh -a -x -o {known} -o IdentitiesOnly=yes -i {}'; \
             set net:max-retries 1; put two.csv -o /in/two.csv; put bad.csv -o /in/bad.csv; bye",
                secret.display()
            ),
        ])
        .arg(format!("sftp://pw:@127.0.0.1:{port}"))
        .current_dir(dock.path("")));
    ran(Command::new("curl")
        .args(["-sS", "--insecure", "-u", "pw:pw-secret", "-T", "three.csv"])
        .arg(format!("sftp://127.0.0.1:{port}/in/three.csv"))
        .current_dir(dock.path("")));
    let inbox = server.inbox("pw");
    for name in ["one.csv", "two.csv", "three.csv"] {
        wait_for(&inbox, &format!("done/{name}"), &dock);
    }
    wait_for(&inbox, "error/bad.csv", &dock);
    assert!(read(&inbox.join("error/bad.csv.error.txt")).contains("ten"));
    assert_eq!(daemon.stop(), 0);
    erp.has_each_once(&["one", "two", "three"]);
}

#[test]
fn a_changed_host_key_stops_that_source_alone_and_both_fingerprints_are_told() {
    let mut server = Sshd::start();
    let erp = Erp::start();
    let dock = house(&erp, &server);
    let before = server.fingerprint("ed25519");
    server.rekey();
    let now = server.fingerprint("ed25519");
    let daemon = dock.start();
    dock.wait_for_log(&now);
    assert!(dock.log().contains(&before), "{}", dock.log());
    dock.drop_file("local.csv", order("local", "1"));
    dock.wait_for("done", "local.csv");
    assert_eq!(daemon.stop(), 0);
    assert!(!server.log().contains("for pw"), "{}", server.log());
}

#[test]
fn a_source_whose_files_cannot_be_moved_takes_no_more_until_they_can() {
    let server = Sshd::start();
    let erp = Erp::start();
    let dock = house(&erp, &server);
    let inbox = server.inbox("pw");
    let may_write = |mode| fs::set_permissions(&inbox, fs::Permissions::from_mode(mode)).unwrap();
    may_write(0o555);
    fs::write(inbox.join("one.csv"), order("one", "1")).unwrap();
    let daemon = dock.start();
    dock.wait_for_log("Not moved; trying again.");
    fs::write(inbox.join("two.csv"), order("two", "1")).unwrap();
    dock.wait_for_log("The source could not be looked at; nothing is taken from it meanwhile.");
    erp.has_each_once(&["one"]);
    may_write(0o755);
    for name in ["one.csv", "two.csv"] {
        wait_for(&inbox, &format!("done/{name}"), &dock);
    }
    dock.wait_for_log("The source works again.");
    assert_eq!(daemon.stop(), 0);
    erp.has_each_once(&["one", "two"]);
}

#[test]
fn check_tells_what_it_found_at_the_server() {
    let server = Sshd::start();
    let erp = Erp::start();
    let dock = house(&erp, &server);
    let output = dock.run(&["check", "--connect"]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    for words in [
        "source acme can be read; watched by SFTP at 127.0.0.1",
        "files can be moved to done and error",
        "its clock agrees with ours",
        "extensions of SFTP",
    ] {
        assert!(text.contains(words), "{text}");
    }
    assert!(!text.contains("pw-secret"), "{text}");
}
