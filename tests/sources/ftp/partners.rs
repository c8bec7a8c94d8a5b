//! Partners drop files with the programs they use, and the running house delivers them.

use std::path::Path;
use std::process::Command;

use crate::support::dock::Dock;
use crate::support::events;
use crate::support::ftpd::PASSWORD;
use crate::support::partner::Partner;
use crate::support::pureftpd::PureFtpd;

/// A table with one order.
fn table(reference: &str, quantity: &str) -> String {
    format!(
        "order_id,order_date,sku,quantity,unit,unit_price,currency\n\
         {reference},2026-02-01,SKU-1,{quantity},PCE,1.00,EUR\n"
    )
}

fn ran(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// Uploads under a temporary name and renames, as lftp can.
fn by_lftp(server: &PureFtpd, file: &Path, name: &str) {
    let script = format!(
        "set ssl:ca-file {ca}; set ftp:ssl-force true; set ftp:ssl-protect-data true; \
         open -u edi,{PASSWORD} ftp://127.0.0.1:{port}; cd in; put {file} -o {name}.part; \
         mv {name}.part {name}; bye",
        ca = server.ca().display(),
        port = server.port,
        file = file.display(),
    );
    ran(Command::new("lftp").args(["--norc", "-c", &script]));
}

fn by_curl(server: &PureFtpd, file: &Path, name: &str) {
    ran(Command::new("curl")
        .args(["--silent", "--show-error", "--ssl-reqd", "--cacert"])
        .arg(server.ca())
        .args(["--user", &format!("edi:{PASSWORD}"), "--upload-file"])
        .arg(file)
        .arg(format!("ftp://127.0.0.1:{}/in/{name}", server.port)));
}

#[tokio::test(flavor = "multi_thread")]
async fn files_dropped_by_lftp_and_curl_are_delivered_once_and_the_bad_one_is_explained() {
    let partner = Partner::start().await;
    let server = PureFtpd::start(true);
    let dock = Dock::new(&partner.url("/orders"), "");
    let password = dock.path("ftp-password");
    std::fs::write(&password, PASSWORD).unwrap();
    let private = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    std::fs::set_permissions(&password, private).unwrap();
    let source = format!(
        "[[source]]\nname = \"acme\"\nkind = \"ftps\"\nurl = \"ftps://edi@127.0.0.1:{}/~/in\"\n\
         password = {{ file = \"{}\" }}\nca = \"{}\"\nstable = \"0s\"\ngrace = \"0s\"\n\
         poll = \"100ms\"\n\n[[destination]]",
        server.port,
        password.display(),
        server.ca().display()
    );
    let config = dock.config().replacen("[[destination]]", &source, 1);
    dock.configure(&config.replace("source = \"inbox\"\ndestination", "destination"));
    let (good, bad) = (dock.path("good.csv"), dock.path("bad.csv"));
    std::fs::write(&good, table("G-1", "1")).unwrap();
    std::fs::write(&bad, table("B-1", "ten")).unwrap();
    let daemon = dock.start();
    by_lftp(&server, &good, "by-lftp.csv");
    by_curl(&server, &bad, "by-curl.csv");
    let inbox = server.inbox();
    let lies = |name: &str| inbox.join(name).exists().then_some(());
    events::until(&inbox, || lies("done/by-lftp.csv")).expect("the good one is done");
    events::until(&inbox, || lies("error/by-curl.csv")).expect("the bad one is in error");
    assert_eq!(daemon.stop(), 0);
    let report = std::fs::read_to_string(inbox.join("error/by-curl.csv.error.txt")).unwrap();
    assert!(report.contains("ten"), "{report}");
    assert_eq!(partner.applied().len(), 1);
    assert!(!dock.log().contains(PASSWORD));
}
