//! What real IMAP servers under test have in common: unpacked programs in a world of their own, an
//! end with the test, and a plain client that looks into mailboxes with other eyes than ours.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

/// Who receives at every server.
pub(crate) const USER: &str = "orders@mail.test";

/// The password of every user at every server.
pub(crate) const PASSWORD: &str = "canary-secret-7e2a";

/// Longest wait for a server; passing it is a failed test, not a slow one.
const PATIENCE: Duration = Duration::from_secs(30);

/// A mailbox server as the tests see it.
pub(crate) trait Mailboxes: Send + Sync {
    /// IMAP, with STARTTLS.
    fn port(&self) -> u16;
    /// IMAP over TLS.
    fn tls_port(&self) -> u16;
    /// What stands between the levels of a mailbox's name.
    fn separator(&self) -> char;
    /// The authority that signed the server's certificate.
    fn ca(&self) -> PathBuf;

    /// A client of this server.
    fn client(&self) -> Client {
        Client::log_in(self.port(), USER)
    }
}

/// One server in its own mounts and its own numbering of processes: killed with the value, and by
/// the kernel when the test dies, with all that it started.
pub(crate) struct World {
    package: &'static str,
    root: tempfile::TempDir,
    child: Option<Child>,
}

impl World {
    /// A world whose programs come from this unpacked package. `/etc` and `/run` are its own where
    /// its root has folders of these names.
    pub(crate) fn new(package: &'static str) -> Self {
        let store = Path::new("/var/cache/orderdock-tests").join(package);
        assert!(
            store.exists(),
            "{package} is not here. Run tests/install.sh as root to get what the tests need."
        );
        assert!(
            rustix::process::geteuid().is_root(),
            "Tests with {package} must run as root: it gets mounts of its own."
        );
        let prefix = format!("orderdock-{package}-");
        let root = tempfile::Builder::new().prefix(&prefix).tempdir().unwrap();
        fs::set_permissions(root.path(), fs::Permissions::from_mode(0o755)).unwrap();
        super::postfix::certificate(root.path());
        Self {
            package,
            root,
            child: None,
        }
    }

    pub(crate) fn path(&self, below: &str) -> PathBuf {
        self.root.path().join(below)
    }

    /// Adds accounts to its own `/etc`.
    pub(crate) fn accounts(&self, accounts: &[(&str, u32)]) {
        fs::create_dir_all(self.path("etc")).unwrap();
        for file in ["passwd", "group"] {
            let mut text = fs::read_to_string(format!("/etc/{file}")).unwrap();
            for (name, id) in accounts {
                text.push_str(&match file {
                    "passwd" => format!("{name}:x:{id}:{id}::/nonexistent:/usr/sbin/nologin\n"),
                    _ => format!("{name}:x:{id}:\n"),
                });
            }
            fs::write(self.path("etc").join(file), text).unwrap();
        }
    }

    fn inside(&self, script: &str) -> Command {
        let root = self.root.path().display();
        let package = self.package;
        let mut mounts = format!(
            "set -e; export LC_ALL=C PATH=\"$PATH:/usr/sbin:/sbin\"; mount -t overlay orderdock -o \
             lowerdir=/var/cache/orderdock-tests/{package}/usr:/usr /usr\n"
        );
        if self.path("etc").exists() && self.child.is_none() {
            fs::create_dir_all(self.path("work")).unwrap();
            mounts.push_str(&format!(
                "mount -t overlay orderdock -o lowerdir=/etc,upperdir={root}/etc,workdir={root}/work /etc\n"
            ));
        }
        if self.path("run").exists() {
            mounts.push_str(&format!("mount --bind {root}/run /run\n"));
        }
        let mut command = Command::new("setpriv");
        command
            .args(["--pdeathsig", "KILL", "--", "unshare", "--mount"])
            .args([
                "--propagation",
                "private",
                "--pid",
                "--fork",
                "--kill-child=KILL",
            ])
            .args(["sh", "-c"])
            .arg(format!("{mounts}{script}"))
            .stdin(Stdio::null());
        command
    }

    /// Starts what `script` starts and returns when each port greets.
    pub(crate) fn start(&mut self, script: &str, ports: &[u16]) {
        let log = fs::File::create(self.path("output")).unwrap();
        let mut command = self.inside(script);
        command.stdout(log.try_clone().unwrap()).stderr(log);
        let mut child = command.spawn().unwrap();
        for port in ports {
            while !greets(*port) {
                let ended = child.try_wait().unwrap();
                let said = fs::read_to_string(self.path("output")).unwrap_or_default();
                assert!(ended.is_none(), "{} ended: {said}", self.package);
                std::thread::yield_now();
            }
        }
        self.child = Some(child);
    }

    /// Runs `script` beside the server.
    pub(crate) fn run(&self, script: &str) -> Output {
        self.inside(script).output().unwrap()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            drop(child.kill());
            drop(child.wait());
        }
    }
}

/// Whether a port takes connections.
fn greets(port: u16) -> bool {
    TcpStream::connect(("127.0.0.1", port)).is_ok()
}

/// A free port. Below those that the system gives to connections, so that none takes it meanwhile.
pub(crate) fn free_port() -> u16 {
    use std::sync::atomic::{AtomicU16, Ordering};
    static NEXT: AtomicU16 = AtomicU16::new(8_000);
    let own = u16::try_from(std::process::id() % 16_000).unwrap();
    for _ in 0..16_000 {
        let next = NEXT.fetch_add(1, Ordering::Relaxed) % 16_000;
        let port = 15_000 + (own + next) % 16_000;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
    panic!("no port is free");
}

/// Hands a mail to a server by LMTP, as a mail exchanger does.
pub(crate) fn deliver(port: u16, recipient: &str, mail: &[u8]) {
    let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut lines = BufReader::new(stream);
    let mut answer = |expected: &str| {
        let mut line = String::new();
        while line.len() < 4 || line.as_bytes()[3] == b'-' {
            line.clear();
            assert_ne!(lines.read_line(&mut line).unwrap(), 0);
        }
        assert!(line.starts_with(expected), "{line}");
        lines.get_ref().try_clone().unwrap()
    };
    answer("220").write_all(b"LHLO test\r\n").unwrap();
    answer("250")
        .write_all(b"MAIL FROM:<partner@acme.test>\r\n")
        .unwrap();
    let to = format!("RCPT TO:<{recipient}>\r\n");
    answer("250").write_all(to.as_bytes()).unwrap();
    answer("250").write_all(b"DATA\r\n").unwrap();
    let mut data = answer("354");
    for line in mail.split_inclusive(|byte| *byte == b'\n') {
        if line.starts_with(b".") {
            data.write_all(b".").unwrap();
        }
        data.write_all(line).unwrap();
    }
    data.write_all(b"\r\n.\r\n").unwrap();
    answer("250").write_all(b"QUIT\r\n").unwrap();
}

/// A plain client.
pub(crate) struct Client {
    stream: BufReader<TcpStream>,
    tags: u32,
}

impl Client {
    pub(crate) fn log_in(port: u16, user: &str) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut client = Self {
            stream: BufReader::new(stream),
            tags: 0,
        };
        client.line();
        client.ok(&format!("LOGIN {user} {PASSWORD}"));
        client
    }

    /// One line with the literals in it.
    fn line(&mut self) -> Vec<u8> {
        let mut line = Vec::new();
        loop {
            assert_ne!(self.stream.read_until(b'\n', &mut line).unwrap(), 0);
            let text = String::from_utf8_lossy(&line);
            let size = text
                .strip_suffix("}\r\n")
                .and_then(|text| text.rsplit_once('{'));
            let Some(size) = size.and_then(|(_, size)| size.parse::<usize>().ok()) else {
                return line;
            };
            let from = line.len();
            line.resize(from + size, 0);
            self.stream.read_exact(&mut line[from..]).unwrap();
        }
    }

    /// Runs a command; what was answered and how it ended.
    pub(crate) fn run(&mut self, command: &str) -> (Vec<Vec<u8>>, String) {
        self.tags += 1;
        let tag = format!("T{} ", self.tags);
        let sent = format!("{tag}{command}\r\n");
        self.stream.get_mut().write_all(sent.as_bytes()).unwrap();
        let mut lines = Vec::new();
        loop {
            let line = self.line();
            if let Some(end) = line.strip_prefix(tag.as_bytes()) {
                return (lines, String::from_utf8_lossy(end).into_owned());
            }
            lines.push(line);
        }
    }

    /// Runs a command that must succeed.
    pub(crate) fn ok(&mut self, command: &str) -> Vec<Vec<u8>> {
        let (lines, end) = self.run(command);
        assert!(end.starts_with("OK"), "{command}: {end}");
        lines
    }

    /// Lays a mail into a mailbox, byte by byte as it is.
    pub(crate) fn append(&mut self, mailbox: &str, mail: &[u8]) {
        self.append_at(mailbox, mail, "");
    }

    /// Lays a mail into a mailbox; `more` stands before it: flags, a date.
    pub(crate) fn append_at(&mut self, mailbox: &str, mail: &[u8], more: &str) {
        self.tags += 1;
        let tag = format!("T{} ", self.tags);
        let sent = format!("{tag}APPEND \"{mailbox}\" {more}{{{}}}\r\n", mail.len());
        self.stream.get_mut().write_all(sent.as_bytes()).unwrap();
        let go = self.line();
        assert!(go.starts_with(b"+"), "{}", String::from_utf8_lossy(&go));
        self.stream
            .get_mut()
            .write_all(&[mail, b"\r\n"].concat())
            .unwrap();
        loop {
            let line = self.line();
            if let Some(end) = line.strip_prefix(tag.as_bytes()) {
                assert!(end.starts_with(b"OK"), "{}", String::from_utf8_lossy(end));
                return;
            }
        }
    }

    /// The mails of a mailbox in their order; none if there is no such mailbox.
    pub(crate) fn mails(&mut self, mailbox: &str) -> Vec<Vec<u8>> {
        if !self
            .run(&format!("EXAMINE \"{mailbox}\""))
            .1
            .starts_with("OK")
        {
            return Vec::new();
        }
        let lines = self.ok("UID FETCH 1:* (BODY.PEEK[])");
        let body = |line: &Vec<u8>| {
            let open = line
                .windows(2)
                .position(|pair| pair == b"{".as_slice() || pair[0] == b'{')?;
            let end = line[open..].iter().position(|byte| *byte == b'\n')? + open + 1;
            let size = String::from_utf8_lossy(&line[open + 1..end - 3])
                .parse::<usize>()
                .ok()?;
            Some(line[end..end + size].to_vec())
        };
        lines.iter().filter_map(body).collect()
    }

    /// The UIDs of a mailbox.
    pub(crate) fn uids(&mut self, mailbox: &str) -> Vec<u32> {
        self.ok(&format!("EXAMINE \"{mailbox}\""));
        let lines = self.ok("UID SEARCH ALL");
        let text = String::from_utf8(lines.concat()).unwrap();
        text.split_ascii_whitespace()
            .filter_map(|word| word.parse().ok())
            .collect()
    }

    /// Takes a mail out of a mailbox for good, as a person with another program does.
    pub(crate) fn remove(&mut self, mailbox: &str, uid: u32) {
        self.ok(&format!("SELECT \"{mailbox}\""));
        self.ok(&format!("UID STORE {uid} +FLAGS.SILENT (\\Deleted)"));
        self.ok("EXPUNGE");
    }
}
