//! A private Postfix on loopback: own configuration, queue, ports and mailboxes in a temporary
//! folder, ended with the value. It delivers `edi@acme.test` and `ops@acme.test` to one maildir, where
//! `Delivered-To` tells them apart, and sends nothing outside.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc;
use std::time::Duration;

use notify::{RecursiveMode, Watcher};

/// Longest wait for an event of the server; passing it is a failed test, not a slow one.
const PATIENCE: Duration = Duration::from_secs(30);
const INSTALL: &str =
    "Postfix is not installed. Run tests/install.sh as root to get what the tests need.";

/// A running server.
pub(crate) struct Postfix {
    root: tempfile::TempDir,
    /// Takes mail with or without STARTTLS.
    pub(crate) port: u16,
    /// Takes mail only after STARTTLS.
    pub(crate) tls_port: u16,
    /// TLS from the first byte.
    pub(crate) smtps_port: u16,
}

impl Postfix {
    /// Starts one; returns when its ports are open.
    pub(crate) fn start() -> Self {
        Self::with_boxes(&[], "")
    }

    /// The same with mailboxes of further people at `acme.test`, each a maildir of its own, and further
    /// lines of `main.cf`. Sub-addresses go where their address goes.
    pub(crate) fn with_boxes(boxes: &[&str], more: &str) -> Self {
        let version = Command::new("postconf")
            .args(["-h", "daemon_directory"])
            .output();
        let daemons = match version {
            Ok(output) if output.status.success() => {
                String::from_utf8_lossy(&output.stdout).trim().to_owned()
            }
            _ => panic!("{INSTALL}"),
        };
        assert!(
            rustix::process::geteuid().is_root(),
            "The Postfix test must run as root: Postfix starts under its own user."
        );
        let root = tempfile::Builder::new()
            .prefix("orderdock-postfix-")
            .tempdir()
            .unwrap();
        // Its daemons run as other users and must reach in.
        fs::set_permissions(root.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let [port, tls_port, smtps_port] = free_ports();
        let postfix = Self {
            root,
            port,
            tls_port,
            smtps_port,
        };
        postfix.configure(&daemons, boxes, more);
        postfix.run(&["start"]);
        postfix
    }

    /// The authority that signed the server's certificate.
    pub(crate) fn ca(&self) -> PathBuf {
        self.path("cert.pem")
    }

    /// Waits for a mail in the mailbox `edi` and returns all that lie there.
    pub(crate) fn wait_for_mail(&self) -> Vec<Vec<u8>> {
        self.wait_for_mails(1)
    }

    /// Waits for so many mails and returns all that lie there.
    pub(crate) fn wait_for_mails(&self, count: usize) -> Vec<Vec<u8>> {
        self.wait_for_mails_of("edi", count)
    }

    /// The same for another mailbox.
    pub(crate) fn wait_for_mails_of(&self, name: &str, count: usize) -> Vec<Vec<u8>> {
        let (told, events) = mpsc::channel();
        let mut watcher = notify::recommended_watcher(move |_| {
            // Nobody listens any more once the mail is there.
            told.send(()).unwrap_or_default();
        })
        .unwrap();
        let new = self.new_of(name);
        watcher.watch(&new, RecursiveMode::NonRecursive).unwrap();
        loop {
            let mails = self.mails_of(name);
            if mails.len() >= count {
                return mails;
            }
            events.recv_timeout(PATIENCE).unwrap_or_else(|_| {
                panic!(
                    "{} of {count} mails arrived. Postfix says:\n{}",
                    mails.len(),
                    self.log()
                );
            });
        }
    }

    /// The mails in the mailbox `edi`.
    pub(crate) fn mails(&self) -> Vec<Vec<u8>> {
        self.mails_of("edi")
    }

    /// The folder in which new mails of a mailbox lie.
    pub(crate) fn new_of(&self, name: &str) -> PathBuf {
        self.path(&format!("mail/{name}/new"))
    }

    /// The mails in a mailbox.
    pub(crate) fn mails_of(&self, name: &str) -> Vec<Vec<u8>> {
        fs::read_dir(self.new_of(name))
            .unwrap()
            .map(|entry| fs::read(entry.unwrap().path()).unwrap())
            .collect()
    }

    /// Whether nothing waits to be delivered.
    pub(crate) fn queue_is_empty(&self) -> bool {
        let listed = Command::new("postqueue")
            .arg("-c")
            .arg(self.path("etc"))
            .arg("-j")
            .output()
            .unwrap();
        listed.stdout.is_empty()
    }

    fn path(&self, part: &str) -> PathBuf {
        self.root.path().join(part)
    }

    fn log(&self) -> String {
        fs::read_to_string(self.path("mail.log")).unwrap_or_default()
    }

    fn configure(&self, daemons: &str, boxes: &[&str], more: &str) {
        let nobody = 65_534;
        for folder in [
            "etc",
            "queue",
            "data",
            "mail/edi/new",
            "mail/edi/cur",
            "mail/edi/tmp",
        ] {
            fs::create_dir_all(self.path(folder)).unwrap();
        }
        for folder in [
            "mail",
            "mail/edi",
            "mail/edi/new",
            "mail/edi/cur",
            "mail/edi/tmp",
        ] {
            chown(self.path(folder), Some(nobody), Some(nobody)).unwrap();
        }
        chown(self.path("data"), Some(user_id("postfix")), None).unwrap();
        certificate(self.root.path());
        let mut table = "edi@acme.test edi/\nops@acme.test edi/\n".to_owned();
        for name in boxes {
            table += &format!("{name}@acme.test {name}/\n");
            for folder in ["", "/new", "/cur", "/tmp"] {
                let path = self.path(&format!("mail/{name}{folder}"));
                fs::create_dir_all(&path).unwrap();
                chown(path, Some(nobody), Some(nobody)).unwrap();
            }
        }
        fs::write(self.path("etc/boxes"), table).unwrap();
        let main_cf = format!("{}{more}\n", self.main_cf(daemons));
        fs::write(self.path("etc/main.cf"), main_cf).unwrap();
        fs::write(self.path("etc/master.cf"), self.master_cf()).unwrap();
    }

    fn main_cf(&self, daemons: &str) -> String {
        let root = self.root.path().display();
        format!(
            "compatibility_level = 3.6
myhostname = mail.test
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
queue_directory = {root}/queue
data_directory = {root}/data
daemon_directory = {daemons}
maillog_file = {root}/mail.log
maillog_file_prefixes = {root}
alias_maps =
local_recipient_maps =
virtual_mailbox_domains = acme.test
virtual_mailbox_base = {root}/mail
virtual_mailbox_maps = texthash:{root}/etc/boxes
virtual_minimum_uid = 1
virtual_uid_maps = static:65534
virtual_gid_maps = static:65534
default_transport = error:5.7.1 this test server sends nothing outside
relay_transport = error:5.7.1 this test server sends nothing outside
smtpd_relay_restrictions = reject_unauth_destination
smtpd_tls_cert_file = {root}/cert.pem
smtpd_tls_key_file = {root}/key.pem
smtpd_tls_security_level = may
smtpd_tls_received_header = yes
biff = no
"
        )
    }

    fn master_cf(&self) -> String {
        let (port, tls_port, smtps_port) = (self.port, self.tls_port, self.smtps_port);
        format!(
            "127.0.0.1:{port} inet n - n - - smtpd
127.0.0.1:{tls_port} inet n - n - - smtpd
  -o smtpd_tls_security_level=encrypt
127.0.0.1:{smtps_port} inet n - n - - smtpd
  -o smtpd_tls_wrappermode=yes
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"
        )
    }

    /// `postfix start` answers when the master has opened its ports, `stop` when it has ended.
    fn run(&self, arguments: &[&str]) {
        let ran = Command::new("postfix")
            .arg("-c")
            .arg(self.path("etc"))
            .args(arguments)
            .output()
            .unwrap();
        assert!(
            ran.status.success(),
            "postfix {arguments:?}: {}\n{}",
            String::from_utf8_lossy(&ran.stderr),
            self.log()
        );
    }
}

impl Drop for Postfix {
    fn drop(&mut self) {
        let stopped = Command::new("postfix")
            .arg("-c")
            .arg(self.path("etc"))
            .arg("stop")
            .output();
        drop(stopped);
    }
}

/// Ports that are free now. All are taken before one is given back, so they differ.
fn free_ports() -> [u16; 3] {
    let taken = [(); 3].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
    taken.map(|listener| listener.local_addr().unwrap().port())
}

fn user_id(name: &str) -> u32 {
    let passwd = fs::read_to_string("/etc/passwd").unwrap();
    passwd
        .lines()
        .map(|line| line.split(':').collect::<Vec<_>>())
        .find(|fields| fields[0] == name)
        .unwrap_or_else(|| panic!("{INSTALL}"))[2]
        .parse()
        .unwrap()
}

/// A certificate for 127.0.0.1 and localhost that is its own authority.
pub(crate) fn certificate(folder: &Path) {
    let made = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=localhost",
            "-addext",
            "subjectAltName=DNS:localhost,IP:127.0.0.1",
            "-addext",
            "basicConstraints=critical,CA:FALSE",
            "-keyout",
        ])
        .arg(folder.join("key.pem"))
        .arg("-out")
        .arg(folder.join("cert.pem"))
        .output()
        .unwrap_or_else(|_| {
            panic!(
                "openssl is not installed. Run tests/install.sh as root to get what the tests need."
            )
        });
    assert!(
        made.status.success(),
        "{}",
        String::from_utf8_lossy(&made.stderr)
    );
}
