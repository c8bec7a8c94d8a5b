//! A house of its own for one test: folders, a configuration, and the built program in it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};

use super::events;

/// One orderdock with its folders, on a scratch disk that goes when the test ends.
pub(crate) struct Dock {
    root: tempfile::TempDir,
    config: String,
}

/// A running daemon; killed when dropped.
pub(crate) struct Daemon {
    child: Child,
}

impl Dock {
    /// A house that delivers to `url`. `more` is appended to the configuration.
    pub(crate) fn new(url: &str, more: &str) -> Self {
        let root = tempfile::tempdir().unwrap();
        let config = format!(
            "state_dir = \"{root}/state\"\nmin_free = \"1MB\"\n\n\
             [[source]]\nname = \"inbox\"\nkind = \"local\"\npath = \"{root}/inbox\"\nstable = \"0s\"\n\
             grace = \"0s\"\ncontact = \"partner@example.com\"\n\n\
             [[destination]]\nname = \"erp\"\nkind = \"http\"\nurl = \"{url}\"\nconcurrency = 4\n\n\
             [[route]]\nsource = \"inbox\"\ndestination = [\"erp\"]\n\n{more}",
            root = root.path().display()
        );
        let dock = Self { root, config };
        fs::create_dir_all(dock.path("inbox")).unwrap();
        dock.configure(&dock.config.clone());
        dock
    }

    /// The configuration's text.
    pub(crate) fn config(&self) -> &str {
        &self.config
    }

    /// Writes another configuration.
    pub(crate) fn configure(&self, text: &str) {
        fs::write(self.path("orderdock.toml"), text).unwrap();
    }

    /// The same house with one more line about its destination.
    pub(crate) fn with_destination(mut self, line: &str) -> Self {
        self.config = self
            .config
            .replace("concurrency = 4\n", &format!("concurrency = 4\n{line}\n"));
        self.configure(&self.config);
        self
    }

    /// A path in the house.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    /// Drops a whole file: written under a temporary name, then renamed.
    pub(crate) fn drop_file(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let part = self.path("inbox").join(format!(".{name}.part"));
        fs::write(&part, bytes).unwrap();
        move_file(&part, &self.path("inbox").join(name));
    }

    /// A command of the built program with this house's configuration.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_orderdock"));
        command
            .arg("--config")
            .arg(self.path("orderdock.toml"))
            .args(args);
        command.stdin(Stdio::null());
        command
    }

    /// Runs a command to its end.
    pub(crate) fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    /// Runs a command and reads its JSON lines.
    pub(crate) fn json(&self, args: &[&str]) -> Vec<serde_json::Value> {
        let output = self.run(args);
        let text = String::from_utf8(output.stdout).unwrap();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// `run --once`: its exit code and what it printed.
    pub(crate) fn once(&self) -> (i32, String) {
        let output = self.run(&["run", "--once"]);
        let text = format!(
            "{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        (output.status.code().unwrap_or(-1), text)
    }

    /// Starts the daemon and returns when it answers on its socket.
    pub(crate) fn start(&self) -> Daemon {
        self.start_as(&mut self.command(&["run"]))
    }

    /// The same by a command of one's own.
    pub(crate) fn start_as(&self, command: &mut Command) -> Daemon {
        fs::create_dir_all(self.path("state")).unwrap();
        let log = fs::File::options()
            .create(true)
            .append(true)
            .open(self.path("log"))
            .unwrap();
        let child = command
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        let socket = self.path("state/control.sock");
        self.until("the daemon listens on its control socket", || {
            std::os::unix::net::UnixStream::connect(&socket).ok()
        });
        Daemon { child }
    }

    /// Waits for something to happen in this house.
    ///
    /// # Panics
    /// When it does not.
    pub(crate) fn until<T>(&self, what: &str, happened: impl FnMut() -> Option<T>) -> T {
        let result = events::until(self.root.path(), happened);
        result.unwrap_or_else(|| panic!("never happened: {what}\n{}", self.log()))
    }

    /// What the daemons of this house have logged.
    pub(crate) fn log(&self) -> String {
        read(&self.path("log"))
    }

    /// Waits until the daemon has logged a line with these words.
    pub(crate) fn wait_for_log(&self, words: &str) {
        self.until(&format!("a log line with “{words}”"), || {
            self.log().contains(words).then_some(())
        });
    }

    /// Waits until the file lies in `folder` of the inbox.
    pub(crate) fn wait_for(&self, folder: &str, name: &str) -> PathBuf {
        let path = self.path("inbox").join(folder).join(name);
        self.until(&format!("{folder}/{name}"), || {
            path.exists().then(|| path.clone())
        })
    }

    /// Names in a folder of the inbox, sorted.
    pub(crate) fn names(&self, folder: &str) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.path("inbox").join(folder)) else {
            return Vec::new();
        };
        let files = entries
            .map(|entry| entry.unwrap())
            .filter(|entry| entry.path().is_file());
        let mut names: Vec<_> = files
            .map(|e| e.file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }
}

impl Daemon {
    /// Its process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal by name.
    pub(crate) fn signal(&self, name: &str) {
        let status = Command::new("kill")
            .args(["-s", name, &self.pid().to_string()])
            .status();
        assert!(status.unwrap().success());
    }

    /// Ends it in good order; its exit code.
    pub(crate) fn stop(mut self) -> i32 {
        self.signal("TERM");
        self.child.wait().unwrap().code().unwrap_or(-1)
    }

    /// How it ended, if it has.
    pub(crate) fn status(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().unwrap()
    }

    /// Waits for its end; how it ended.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }

    /// Waits for it to end by itself; its exit code.
    pub(crate) fn ended(mut self) -> i32 {
        self.wait().code().unwrap_or(-1)
    }

    /// Ends it as a power cut would.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Moves a file; never over another.
pub(crate) fn move_file(from: &Path, to: &Path) {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE).unwrap();
}

/// A file's text, empty if there is none.
pub(crate) fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_default()
}
