//! What real FTP servers under test have in common: unpacked programs, certificates, ports, folders
//! of one user, and an end with the test.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Who servers become for their users: an account of every Debian whose home exists.
pub(crate) const DAEMON: u32 = 1;

/// The password of every user at every server.
pub(crate) const PASSWORD: &str = "canary-secret-5d1c";

/// A program of a package that is unpacked and not installed.
pub(crate) fn unpacked(program: &str) -> PathBuf {
    let path = Path::new("/var/cache/orderdock-tests").join(program);
    assert!(
        path.exists(),
        "{program} is not here. Run tests/install.sh as root to get what the tests need."
    );
    assert!(
        rustix::process::geteuid().is_root(),
        "Tests with {program} must run as root: it changes to its users."
    );
    path
}

/// A free port. Below those that the system gives to connections, so that none takes it meanwhile.
pub(crate) fn free_port() -> u16 {
    use std::sync::atomic::{AtomicU16, Ordering};
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let own = u16::try_from(std::process::id() % 16_000).unwrap();
    for _ in 0..16_000 {
        let port = 15_000 + (own + NEXT.fetch_add(1, Ordering::Relaxed)) % 16_000;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
    panic!("no port is free");
}

/// A folder that other users may enter, with the user's own in it: `home/in`, `home/out`.
pub(crate) struct House(tempfile::TempDir);

impl House {
    pub(crate) fn new(server: &str) -> Self {
        let prefix = format!("orderdock-{server}-");
        let root = tempfile::Builder::new().prefix(&prefix).tempdir().unwrap();
        fs::set_permissions(root.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let house = Self(root);
        // The login folder itself is not the user's to write in, as at most partners.
        fs::create_dir(house.path("home")).unwrap();
        for folder in ["home/in", "home/out"] {
            fs::create_dir(house.path(folder)).unwrap();
            chown(house.path(folder), Some(DAEMON), Some(DAEMON)).unwrap();
        }
        super::postfix::certificate(house.0.path());
        let [key, certificate] = ["key.pem", "cert.pem"].map(|name| fs::read(house.path(name)).unwrap());
        fs::write(house.path("both.pem"), [key, certificate].concat()).unwrap();
        house
    }

    pub(crate) fn path(&self, below: &str) -> PathBuf {
        self.0.path().join(below)
    }
}

/// One process of a server, killed with the value, and by the kernel when the test dies.
pub(crate) struct Process(Child);

impl Process {
    /// Starts it; returns when each port greets.
    pub(crate) fn start(program: &Path, arguments: &[&str], log: &Path, port: u16) -> Self {
        let log = fs::File::options().create(true).append(true).open(log).unwrap();
        let child = Command::new("setpriv")
            .args(["--pdeathsig", "KILL", "--"])
            .arg(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut process = Self(child);
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            let ended = process.0.try_wait().unwrap();
            assert!(ended.is_none(), "{} ended: {ended:?}", program.display());
            std::thread::yield_now();
        }
        process
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}
