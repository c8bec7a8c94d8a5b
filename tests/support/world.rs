//! A private world for a server: its own accounts, `/etc`, `/run` and `/srv`, seen by nobody else.
//!
//! A mount namespace lays an overlay over `/etc` and binds the other two from a temporary folder, so
//! that servers with accounts run in parallel copies and leave nothing on the machine. A process
//! namespace ends all of them with the value, and with the thread that started them, however that ends.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

pub(crate) const INSTALL: &str =
    "is not installed. Run tests/install.sh as root to get what the tests need.";

/// A folder with a world in it, and the server that runs there.
pub(crate) struct World {
    root: tempfile::TempDir,
    server: Option<Child>,
    /// Takes in what the server says; ends when its last process has ended.
    listener: Option<JoinHandle<()>>,
    log: Arc<Mutex<String>>,
}

impl World {
    /// An empty world.
    pub(crate) fn new(name: &str) -> Self {
        assert!(
            rustix::process::geteuid().is_root(),
            "The tests with real servers must run as root: the servers have accounts of their own."
        );
        let root = tempfile::Builder::new()
            .prefix(&format!("orderdock-{name}-"))
            .tempdir()
            .unwrap();
        let world = Self {
            root,
            server: None,
            listener: None,
            log: Arc::default(),
        };
        world.open_to_all(world.root.path());
        for folder in ["etc", "work", "run", "srv"] {
            world.folder(folder);
        }
        for file in ["passwd", "group", "shadow"] {
            fs::copy(Path::new("/etc").join(file), world.path("etc").join(file)).unwrap();
        }
        world
    }

    /// A path in its folder. What lies below `etc`, `run` and `srv` there is seen under `/` by the
    /// server.
    pub(crate) fn path(&self, below: &str) -> PathBuf {
        self.root.path().join(below)
    }

    /// A folder that everybody may look into.
    pub(crate) fn folder(&self, below: &str) -> PathBuf {
        let path = self.path(below);
        fs::create_dir_all(&path).unwrap();
        self.open_to_all(&path);
        path
    }

    fn open_to_all(&self, path: &Path) {
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// A file.
    pub(crate) fn write(&self, below: &str, text: &str) -> PathBuf {
        let path = self.path(below);
        fs::write(&path, text).unwrap();
        path
    }

    /// A folder that belongs to this account.
    pub(crate) fn folder_of(&self, below: &str, user: u32) -> PathBuf {
        let path = self.folder(below);
        chown(&path, Some(user), Some(user)).unwrap();
        path
    }

    /// An account of the system, with a password, locked (`!`) or without any (`*`).
    pub(crate) fn account(&self, name: &str, number: u32, home: &str, password: &str) {
        let hash = match password {
            "!" | "*" => password.to_owned(),
            password => hashed(password),
        };
        let line = format!("{name}:x:{number}:{number}::{home}:/usr/sbin/nologin\n");
        append(&self.path("etc/passwd"), &line);
        append(&self.path("etc/group"), &format!("{name}:x:{number}:\n"));
        append(
            &self.path("etc/shadow"),
            &format!("{name}:{hash}:19000:0:99999:7:::\n"),
        );
    }

    /// Runs a server in the foreground; returns when it has said `ready` on its error channel.
    pub(crate) fn run(&mut self, ready: &str, command: &[&str]) {
        const ENTER: &str = r#"
            root=$1; shift
            mount -t overlay etc -o "lowerdir=/etc,upperdir=$root/etc,workdir=$root/work" /etc &&
            mount --bind "$root/run" /run && mount --bind "$root/srv" /srv && exec "$@""#;
        self.stop();
        let mut server = Command::new("setpriv")
            .args(["--pdeathsig", "KILL", "unshare", "--mount", "--pid"])
            .args(["--fork", "--kill-child", "--mount-proc"])
            .args(["sh", "-c", ENTER, "world"])
            .arg(self.root.path())
            .args(command)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(server.stderr.take().unwrap()).lines();
        self.server = Some(server);
        let log = Arc::clone(&self.log);
        let keep = move |line: &str| {
            let mut log = log.lock().unwrap();
            log.push_str(line);
            log.push('\n');
        };
        for line in lines.by_ref() {
            let line = line.unwrap();
            keep(&line);
            if line.contains(ready) {
                // Its words are taken in to the end, or it would wait for us.
                let listen = move || lines.map_while(Result::ok).for_each(|line| keep(&line));
                self.listener = Some(std::thread::spawn(listen));
                return;
            }
        }
        panic!("{command:?} did not start:\n{}", self.log());
    }

    /// What the server said so far.
    pub(crate) fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// Ends the server and all of its sessions.
    pub(crate) fn stop(&mut self) {
        if let Some(mut server) = self.server.take() {
            server.kill().unwrap();
            server.wait().unwrap();
        }
        // The kernel ends the others after that one: only then are their ports free.
        if let Some(listener) = self.listener.take() {
            listener.join().unwrap();
        }
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.stop();
    }
}

fn append(path: &Path, text: &str) {
    let all = fs::read_to_string(path).unwrap();
    fs::write(path, all + text).unwrap();
}

/// A password as crypt(5) keeps it.
pub(crate) fn hashed(password: &str) -> String {
    let made = Command::new("openssl")
        .args(["passwd", "-6", password])
        .output()
        .unwrap_or_else(|_| panic!("openssl {INSTALL}"));
    String::from_utf8(made.stdout).unwrap().trim().to_owned()
}

/// Ports that are free now. All are taken before one is given back, so they differ.
pub(crate) fn free_ports<const N: usize>() -> [u16; N] {
    let taken = [(); N].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
    taken.map(|listener| listener.local_addr().unwrap().port())
}
