//! A private Cyrus on loopback: IMAP, IMAPS and LMTP. Its mailboxes lie below `INBOX.`.

use std::fs;
use std::os::unix::fs::chown;
use std::path::PathBuf;

use super::imapd::{Mailboxes, PASSWORD, USER, World, free_port};

const OWNER: u32 = 65_000;

/// A running server.
pub(crate) struct Cyrus {
    world: World,
    port: u16,
    tls_port: u16,
    lmtp_port: u16,
}

impl Cyrus {
    pub(crate) fn start() -> Self {
        let mut world = World::new("cyrus");
        let [port, tls_port, lmtp_port] = [(); 3].map(|()| free_port());
        world.accounts(&[("cyrus", OWNER)]);
        for folder in [
            "run/cyrus/proc",
            "run/cyrus/lock",
            "run/cyrus/socket",
            "spool",
            "dev",
        ] {
            fs::create_dir_all(world.path(folder)).unwrap();
        }
        let parts = [
            "db", "socket", "proc", "log", "msg", "lock", "ptclient", "quota", "sieve", "sync",
            "user",
        ];
        for part in parts {
            fs::create_dir_all(world.path("cyr").join(part)).unwrap();
        }
        let at = |name: &str| world.path(name).display().to_string();
        fs::write(
            world.path("etc/imapd.conf"),
            format!(
                "configdirectory: {cyr}
proc_path: {run}/proc
mboxname_lockpath: {run}/lock
defaultpartition: default
partition-default: {spool}
servername: cyrus.test
virtdomains: userid
defaultdomain: mail.test
unixhierarchysep: no
altnamespace: no
allowplaintext: yes
sasl_mech_list: PLAIN LOGIN
sasl_pwcheck_method: auxprop
sasl_auxprop_plugin: sasldb
sasl_sasldb_path: {root}/sasldb2
tls_server_cert: {cert}
tls_server_key: {key}
autocreate_quota: 0
autocreate_post: yes
imapidlepoll: 1
idlesocket: {run}/socket/idle
lmtpsocket: {run}/socket/lmtp
notifysocket: {run}/socket/notify
popminpoll: 0
sievedir: {cyr}/sieve
",
                cyr = at("cyr"),
                run = at("run/cyrus"),
                spool = at("spool"),
                root = at(""),
                cert = at("cert.pem"),
                key = at("key.pem"),
            ),
        )
        .unwrap();
        fs::write(
            world.path("etc/cyrus.conf"),
            format!(
                "START {{\n  recover cmd=\"/usr/sbin/cyrus ctl_cyrusdb -r\"\n}}
SERVICES {{
  imap cmd=\"imapd\" listen=\"127.0.0.1:{port}\" proto=\"tcp4\" prefork=1 maxchild=100
  imaps cmd=\"imapd -s\" listen=\"127.0.0.1:{tls_port}\" proto=\"tcp4\" prefork=0 maxchild=100
  lmtp cmd=\"lmtpd -a\" listen=\"127.0.0.1:{lmtp_port}\" proto=\"tcp4\" prefork=0 maxchild=20
}}
DAEMON {{\n  idled cmd=\"idled\"\n}}
EVENTS {{\n  checkpoint cmd=\"/usr/sbin/cyrus ctl_cyrusdb -c\" period=30\n}}
"
            ),
        )
        .unwrap();
        for file in ["cert.pem", "key.pem"] {
            chown(world.path(file), Some(OWNER), Some(OWNER)).unwrap();
        }
        world.start(&script(&world), &[port, tls_port, lmtp_port]);
        Self {
            world,
            port,
            tls_port,
            lmtp_port,
        }
    }

    /// Hands it a mail as a mail exchanger does.
    pub(crate) fn deliver(&self, recipient: &str, mail: &[u8]) {
        super::imapd::deliver(self.lmtp_port, recipient, mail);
    }
}

/// Passwords, a syslog to write to (it knows no other log), and the master. Users are known in both
/// realms, because the default domain is taken off their names.
fn script(world: &World) -> String {
    let root = world.path("").display().to_string();
    let root = root.trim_end_matches('/');
    let user = USER.split('@').next().unwrap();
    format!(
        "cd {root}
for realm in cyrus.test mail.test; do
  echo '{PASSWORD}' | saslpasswd2 -p -c -f {root}/sasldb2 -u $realm {user}
done
chown -R {OWNER}:{OWNER} cyr spool run/cyrus sasldb2
socat -u UNIX-RECV:{root}/run/devlog,mode=666 OPEN:{root}/syslog,creat,append &
mount -t tmpfs -o mode=755 orderdock dev
for node in null zero full random urandom tty; do : > dev/$node; mount --bind /dev/$node dev/$node; done
mkdir dev/pts dev/shm; mount -t tmpfs orderdock dev/shm
ln -s /run/devlog dev/log; ln -s /proc/self/fd dev/fd
mount --move dev /dev
mount -t proc proc /proc
exec cyrmaster -C /etc/imapd.conf -M /etc/cyrus.conf -p {root}/run/cyrmaster.pid -D
"
    )
}

impl Mailboxes for Cyrus {
    fn port(&self) -> u16 {
        self.port
    }

    fn tls_port(&self) -> u16 {
        self.tls_port
    }

    fn separator(&self) -> char {
        '.'
    }

    fn ca(&self) -> PathBuf {
        self.world.path("cert.pem")
    }
}
