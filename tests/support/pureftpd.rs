//! A private Pure-FTPd on loopback with one virtual user, `edi`.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use super::ftpd::{House, DAEMON, PASSWORD, Process, free_port, unpacked};

/// A running server.
pub(crate) struct PureFtpd {
    house: House,
    pub(crate) port: u16,
    _process: Process,
}

impl PureFtpd {
    /// Starts one that offers TLS, or demands it for commands and data.
    pub(crate) fn start(demands_tls: bool) -> Self {
        let house = House::new("pureftpd");
        let program = unpacked("pure-ftpd/usr/sbin/pure-ftpd");
        let database = house.path("users.pdb");
        users(&house);
        let port = free_port();
        let at = |name: &str| house.path(name).display().to_string();
        let arguments = [
            "-4".to_owned(),
            "-A".to_owned(),
            "-E".to_owned(),
            "-H".to_owned(),
            "-z".to_owned(),
            "-c100".to_owned(),
            "-C100".to_owned(),
            "-k99".to_owned(),
            "-u1".to_owned(),
            format!("-lpuredb:{}", database.display()),
            format!("-S127.0.0.1,{port}"),
            format!("-Y{}", if demands_tls { 3 } else { 1 }),
            format!("-2{}", at("both.pem")),
            format!("-g{}", at("pid")),
        ];
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let process = Process::start(&program, &arguments, &house.path("output"), port);
        Self {
            house,
            port,
            _process: process,
        }
    }

    /// A path in the folder of its user.
    pub(crate) fn path(&self, below: &str) -> PathBuf {
        self.house.path("home").join(below)
    }

    /// The authority that signed its certificate.
    pub(crate) fn ca(&self) -> PathBuf {
        self.house.path("cert.pem")
    }
}

/// Writes the users by hand: `pure-pw useradd` hashes for seconds, at every login again.
fn users(house: &House) {
    let hashed = Command::new("openssl").args(["passwd", "-6", PASSWORD]).output().unwrap();
    let hash = String::from_utf8(hashed.stdout).unwrap();
    let home = house.path("home");
    let line = format!(
        "edi:{}:{DAEMON}:{DAEMON}::{}/./::::::::::::\n",
        hash.trim(),
        home.display()
    );
    let text = house.path("users");
    fs::write(&text, line).unwrap();
    let made = Command::new(unpacked("pure-ftpd/usr/bin/pure-pw"))
        .arg("mkdb")
        .arg(house.path("users.pdb"))
        .arg("-f")
        .arg(&text)
        .status()
        .unwrap();
    assert!(made.success());
}
