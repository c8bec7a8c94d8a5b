//! A real OpenSSH server on loopback that does SFTP and nothing else, with accounts of every sort:
//! `pw`, `key`, `both` (key and password), `kbd` (asks questions), `ro` (read-only), `noext` (few
//! extensions) and `locked`. Passwords are the name and `-secret`. Each account sees its own folder
//! with `in` and `out` in it.

use std::fs;
use std::path::PathBuf;

use super::keys;
use super::world::{World, free_ports};

const KINDS: [&str; 3] = ["ed25519", "rsa", "ecdsa"];
const ACCOUNTS: [(&str, &str); 7] = [
    ("pw", "pw-secret"),
    ("key", "*"),
    ("both", "both-secret"),
    ("kbd", "kbd-secret"),
    ("ro", "ro-secret"),
    ("noext", "noext-secret"),
    ("locked", "!"),
];
/// Only algorithms that are no longer safe.
const LEGACY: &str = "KexAlgorithms diffie-hellman-group14-sha1,diffie-hellman-group1-sha1
Ciphers aes128-cbc,aes256-cbc
MACs hmac-sha1
HostKeyAlgorithms ssh-rsa
PubkeyAcceptedAlgorithms ssh-rsa
";

/// A running server.
pub(crate) struct Sshd {
    world: World,
    pub(crate) port: u16,
    host: &'static str,
    extra: String,
}

impl Sshd {
    /// One as it is found everywhere.
    pub(crate) fn start() -> Self {
        Self::start_with("")
    }

    /// One that only speaks as servers did long ago.
    pub(crate) fn legacy() -> Self {
        Self::start_with(LEGACY)
    }

    /// One with these lines in its configuration.
    pub(crate) fn start_with(extra: &str) -> Self {
        let [port] = free_ports();
        let mut sshd = Self {
            world: World::new("sshd"),
            port,
            host: "host",
            extra: extra.to_owned(),
        };
        sshd.accounts();
        sshd.run();
        sshd
    }

    /// Begins anew with other host keys.
    pub(crate) fn rekey(&mut self) {
        self.host = "other";
        self.run();
    }

    /// Ends it and all of its sessions.
    pub(crate) fn stop(&mut self) {
        self.world.stop();
    }

    /// Starts it again.
    pub(crate) fn run(&mut self) {
        let config = self.config();
        let config = self.world.write("etc/ssh/sshd_config_test", &config);
        drop(config);
        let command = [
            "/usr/sbin/sshd",
            "-D",
            "-e",
            "-f",
            "/etc/ssh/sshd_config_test",
        ];
        self.world.run("Server listening on", &command);
    }

    /// The folder `in` of an account.
    pub(crate) fn inbox(&self, user: &str) -> PathBuf {
        self.world.path(&format!("srv/{user}/in"))
    }

    /// Its fingerprint of this kind.
    pub(crate) fn fingerprint(&self, kind: &str) -> String {
        keys::fingerprint(&format!("{}-{kind}", self.host))
    }

    /// A known_hosts file with its keys.
    pub(crate) fn known_hosts(&self) -> PathBuf {
        let line = |kind: &str| {
            let key = keys::public(&format!("{}-{kind}", self.host));
            format!("[127.0.0.1]:{} {key}\n", self.port)
        };
        self.world.write("known_hosts", &KINDS.map(line).concat())
    }

    /// What it said so far.
    pub(crate) fn log(&self) -> String {
        self.world.log()
    }

    fn accounts(&self) {
        let world = &self.world;
        world.account("sshd-test", 60_000, "/run/sshd", "!");
        for folder in ["run/sshd", "etc/ssh", "etc/ssh/accounts", "etc/pam.d"] {
            world.folder(folder);
        }
        if !fs::read_to_string("/etc/passwd")
            .unwrap()
            .contains("\nsshd:")
        {
            world.account("sshd", 60_099, "/run/sshd", "!");
        }
        world.write(
            "etc/pam.d/sshd",
            "auth required pam_unix.so nodelay\naccount required pam_permit.so\n\
             session required pam_permit.so\n",
        );
        let known = ["ed25519", "rsa", "ecdsa", "sealed", "pem"];
        let known = known.map(|name| format!("{}\n", keys::public(name)));
        for (number, (name, password)) in (60_001..).zip(ACCOUNTS) {
            world.account(name, number, &format!("/srv/{name}"), password);
            world.folder(&format!("srv/{name}"));
            world.folder_of(&format!("srv/{name}/in"), number);
            world.folder_of(&format!("srv/{name}/out"), number);
            world.write(&format!("etc/ssh/accounts/{name}"), &known.concat());
        }
    }

    fn config(&self) -> String {
        let host_key = |kind: &str| {
            let key = keys::key(&format!("{}-{kind}", self.host));
            format!("HostKey {}\n", key.display())
        };
        format!(
            "Port {}
ListenAddress 127.0.0.1
{}AuthorizedKeysFile /etc/ssh/accounts/%u
PidFile none
UsePAM yes
KbdInteractiveAuthentication yes
PermitRootLogin no
UseDNS no
MaxStartups 500
AllowTcpForwarding no
Subsystem sftp internal-sftp
{}
ChrootDirectory /srv/%u
Match User both
  AuthenticationMethods publickey,password
Match User kbd
  AuthenticationMethods keyboard-interactive
Match User key
  AuthenticationMethods publickey
Match User ro
  ForceCommand internal-sftp -R
Match User noext
  ForceCommand internal-sftp -P posix-rename,hardlink,fsync,statvfs,fstatvfs,lsetstat,copy-data,expand-path,limits
Match All
  ForceCommand internal-sftp
",
            self.port,
            KINDS.map(host_key).concat(),
            self.extra,
        )
    }
}
