//! A real Pure-FTPd on loopback with one virtual account, `edi`.

use std::path::PathBuf;
use std::process::Command;

use super::ftpd::{self, DAEMON, PASSWORD};
use super::proftpd::unpacked;
use super::world::{World, free_ports, hashed};

/// A running server.
pub(crate) struct PureFtpd {
    world: World,
    pub(crate) port: u16,
}

impl PureFtpd {
    /// Starts one that offers TLS, or demands it for commands and data.
    pub(crate) fn start(demands_tls: bool) -> Self {
        let program = unpacked("pure-ftpd").join("usr/sbin/pure-ftpd");
        let [port] = free_ports();
        let mut world = ftpd::world("pureftpd");
        accounts(&world);
        let listen = format!("-S127.0.0.1,{port}");
        let tls = if demands_tls { "-Y3" } else { "-Y1" };
        let command = [
            program.to_str().unwrap(),
            "-4",
            "-A",
            "-E",
            "-H",
            "-z",
            "-c100",
            "-C100",
            "-k99",
            "-u1",
            "-lpuredb:/etc/ftpd/users.pdb",
            &listen,
            tls,
            "-2/etc/ftpd/both.pem",
            "-g/run/ftpd/pid",
        ];
        ftpd::run(&mut world, port, &command);
        Self { world, port }
    }

    /// The folder `in` of its account.
    pub(crate) fn inbox(&self) -> PathBuf {
        self.world.path("srv/edi/in")
    }

    /// The authority that signed its certificate.
    pub(crate) fn ca(&self) -> PathBuf {
        self.world.path("etc/ftpd/cert.pem")
    }
}

/// Writes the account by hand: `pure-pw useradd` hashes for seconds, and so does every login then.
fn accounts(world: &World) {
    let hash = hashed(PASSWORD);
    let line = format!("edi:{hash}:{DAEMON}:{DAEMON}::/srv/edi/./::::::::::::\n");
    let text = world.write("etc/ftpd/users", &line);
    let made = Command::new(unpacked("pure-ftpd").join("usr/bin/pure-pw"))
        .arg("mkdb")
        .arg(world.path("etc/ftpd/users.pdb"))
        .arg("-f")
        .arg(text)
        .status()
        .unwrap();
    assert!(made.success());
}
