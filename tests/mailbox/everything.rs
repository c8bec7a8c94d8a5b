//! All kinds of sources in one house, and the programs that people really use at the other end:
//! partners drop by sftp, lftp and curl, customers mail by swaks. Every good order reaches the partner
//! once; every bad file is reported to its sender's own mailbox.

use std::fs;
use std::path::Path;
use std::process::Command;

use mail_parser::{MessageParser, MimeHeaders};

use super::{bad, table};
use crate::support::dock::Dock;
use crate::support::dovecot::Dovecot;
use crate::support::erp::Erp;
use crate::support::imapd::{Mailboxes, PASSWORD, USER};
use crate::support::postfix::Postfix;
use crate::support::pureftpd::PureFtpd;
use crate::support::sshd::Sshd;
use crate::support::{ftpd, keys};

fn ran(command: &mut Command) {
    let output = command.output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    assert!(
        output.status.success(),
        "{command:?}: {}",
        String::from_utf8_lossy(&said)
    );
}

/// The servers of one house.
struct Servers {
    ssh: Sshd,
    ftp: PureFtpd,
    mailboxes: Dovecot,
    postfix: Postfix,
}

impl Servers {
    fn start() -> Self {
        let mailboxes = Dovecot::start();
        let relay = format!(
            "recipient_delimiter = +\nsmtpd_reject_unlisted_recipient = no\nrelay_domains = \
             mail.test\nrelay_recipient_maps =\nrelay_transport = lmtp:inet:127.0.0.1:{}",
            mailboxes.lmtp_port()
        );
        Self {
            ssh: Sshd::start(),
            ftp: PureFtpd::start(true),
            postfix: Postfix::with_boxes(&["ana", "jan"], &relay),
            mailboxes,
        }
    }

    fn config(&self) -> String {
        let common =
            "contact = \"ana@acme.test\"\nstable = \"200ms\"\ngrace = \"0s\"\npoll = \"200ms\"";
        format!(
            "[[source]]\nname = \"by-sftp\"\nkind = \"sftp\"\nurl = \"sftp://pw@127.0.0.1:{}/in\"\n\
             password = \"pw-secret\"\nhost_key = \"{}\"\n{common}\n\n\
             [[source]]\nname = \"by-ftps\"\nkind = \"ftps\"\nurl = \"ftps://edi@127.0.0.1:{}/~/in\"\n\
             password = \"{}\"\nca = \"{}\"\n{common}\n\n\
             [[source]]\nname = \"by-mail\"\nkind = \"imap\"\nurl = \"imap://127.0.0.1:{}/INBOX\"\n\
             user = \"{USER}\"\npassword = \"{PASSWORD}\"\npoll = \"1s\"\naddress = \"{USER}\"\n\n\
             [[route]]\ndestination = [\"erp\"]\n\n\
             [mail]\nurl = \"smtp://127.0.0.1:{}\"\nfrom = \"Order desk <{USER}>\"\n\
             operators = [\"ops@acme.test\"]\n",
            self.ssh.port,
            self.ssh.fingerprint("ed25519"),
            self.ftp.port,
            ftpd::PASSWORD,
            self.ftp.ca().display(),
            self.mailboxes.port(),
            self.postfix.port,
        )
    }

    fn by_sftp(&self, file: &Path) {
        let batch = file.with_extension("batch");
        fs::write(&batch, format!("put {} /in/\n", file.display())).unwrap();
        let known = format!("UserKnownHostsFile={}", self.ssh.known_hosts().display());
        ran(Command::new("sftp")
            .args(["-q", "-P", &self.ssh.port.to_string(), "-o", &known, "-i"])
            .arg(keys::key("ed25519"))
            .args(["-o", "IdentitiesOnly=yes", "-b"])
            .arg(batch)
            .arg("pw@127.0.0.1"));
    }

    fn by_lftp(&self, file: &Path) {
        let script = format!(
            "set ssl:ca-file {}; set ftp:ssl-force true; set ftp:ssl-protect-data true; open -u \
             edi,{} ftp://127.0.0.1:{}; cd in; put {}; bye",
            self.ftp.ca().display(),
            ftpd::PASSWORD,
            self.ftp.port,
            file.display()
        );
        ran(Command::new("lftp").args(["--norc", "-c", &script]));
    }

    fn by_curl(&self, file: &Path) {
        ran(Command::new("curl")
            .args(["-sS", "--insecure", "-u", "pw:pw-secret", "-T"])
            .arg(file)
            .arg(format!("sftp://127.0.0.1:{}/in/", self.ssh.port)));
        ran(Command::new("curl")
            .args(["-sS", "--ssl-reqd", "--cacert"])
            .arg(self.ftp.ca())
            .args(["-u", &format!("edi:{}", ftpd::PASSWORD), "-T"])
            .arg(file.with_file_name("bad-ftps.csv"))
            .arg(format!("ftp://127.0.0.1:{}/in/", self.ftp.port)));
    }

    fn by_swaks(&self, file: &Path) {
        ran(Command::new("swaks")
            .args([
                "--server",
                "127.0.0.1",
                "--port",
                &self.postfix.port.to_string(),
            ])
            .args(["--from", "jan@acme.test", "--to", USER, "--attach-name"])
            .arg(file.file_name().unwrap())
            .arg("--attach")
            .arg(format!("@{}", file.display())));
    }
}

/// The names of the files that come back in a mail's attachments.
fn attached(mail: &[u8]) -> Vec<String> {
    let parsed = MessageParser::default().parse(mail).unwrap();
    let names = parsed
        .attachments()
        .filter_map(|part| part.attachment_name());
    names.map(str::to_owned).collect()
}

#[test]
fn partners_and_customers_are_served_by_all_kinds_at_once() {
    let servers = Servers::start();
    let erp = Erp::start();
    let dock = Dock::new(&erp.orders(), &servers.config());
    let daemon = dock.start();
    let file = |name: &str, text: String| {
        let path = dock.path(name);
        fs::write(&path, text).unwrap();
        path
    };
    servers.by_sftp(&file("s.csv", table(&["S-1", "S-2"])));
    servers.by_lftp(&file("f.csv", table(&["F-1"])));
    file("bad-ftps.csv", bad("F-2"));
    servers.by_curl(&file("bad-sftp.csv", bad("S-3")));
    servers.by_swaks(&file("m.csv", table(&["M-1"])));
    servers.by_swaks(&file("bad-mail.csv", bad("M-2")));

    let postfix = &servers.postfix;
    let mut reported: Vec<String> = postfix
        .wait_for_mails_of("ana", 2)
        .iter()
        .flat_map(|mail| attached(mail))
        .collect();
    reported.sort();
    let back = [
        "bad-ftps-to-fix.csv",
        "bad-ftps.csv",
        "bad-sftp-to-fix.csv",
        "bad-sftp.csv",
    ];
    assert_eq!(reported, back);
    let answer = postfix.wait_for_mails_of("jan", 1).remove(0);
    assert_eq!(attached(&answer), ["bad-mail.csv", "bad-mail-to-fix.csv"]);
    dock.until("six arrivals are settled", || {
        let settled = dock.json(&["files", "list", "--state", "settled", "--json"]);
        let arrivals = settled.iter().filter(|file| file["container"].is_null());
        (arrivals.count() == 6).then_some(())
    });
    assert_eq!(daemon.stop(), 0);
    erp.has_each_once(&["F-1", "M-1", "S-1", "S-2"]);
    let (sftp, ftp) = (servers.ssh.inbox("pw"), servers.ftp.inbox());
    for path in [
        sftp.join("done/s.csv"),
        sftp.join("error/bad-sftp.csv.error.txt"),
        ftp.join("done/f.csv"),
        ftp.join("error/bad-ftps.csv.error.txt"),
    ] {
        assert!(path.exists(), "{}\n{}", path.display(), dock.log());
    }
    // Nobody hears twice, and the operators hear nothing: all went well.
    let heard = ["ana", "jan", "edi"].map(|name| postfix.mails_of(name).len());
    assert_eq!(heard, [2, 1, 0], "{}", dock.log());
}
