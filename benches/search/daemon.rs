//! The built program over a scratch folder.

use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const PROGRAM: &str = env!("CARGO_BIN_EXE_orderdock");
const PASSWORD: &str = "correct horse battery";

/// A running daemon; ends with the value.
pub(crate) struct Daemon {
    child: Child,
    pub(crate) at: SocketAddr,
    /// A key that may do everything.
    pub(crate) key: String,
}

impl Daemon {
    /// With this configuration, which opens the console on a port of the system's choice.
    pub(crate) fn start(folder: &Path, config: &str) -> Self {
        let path = folder.join("orderdock.toml");
        std::fs::write(&path, config).unwrap();
        let key = told(
            &path,
            &["key", "add", &format!("bench-{}", std::process::id())],
            "",
        );
        told(&path, &["user", "add", "bench"], PASSWORD);
        let log: PathBuf = folder.join("log");
        let child = Command::new(PROGRAM)
            .arg("--config")
            .arg(&path)
            .arg("run")
            .stderr(std::fs::File::create(&log).unwrap())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let mut daemon = Self {
            child,
            at: SocketAddr::from(([127, 0, 0, 1], 0)),
            key,
        };
        for _ in 0..600 {
            let said = std::fs::read_to_string(&log).unwrap();
            let opened = said
                .lines()
                .find(|line| line.contains("The console is open"));
            if let Some((_, rest)) = opened.and_then(|line| line.split_once("127.0.0.1:")) {
                let port: String = rest.chars().take_while(char::is_ascii_digit).collect();
                daemon.at.set_port(port.parse().unwrap());
                return daemon;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        panic!(
            "it does not start: {}",
            std::fs::read_to_string(&log).unwrap()
        );
    }

    /// What a browser that has logged in sends.
    pub(crate) fn cookie(&self) -> String {
        let form = format!("name=bench&password={}", PASSWORD.replace(' ', "+"));
        let kind = "Content-Type: application/x-www-form-urlencoded\r\n";
        let mut client = super::client::Client::new(self.at);
        let answer = client.ask("POST", "/login", kind, form.as_bytes());
        assert_eq!(answer.status, 303);
        answer.cookie.unwrap()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn told(config: &Path, args: &[&str], typed: &str) -> String {
    let mut child = Command::new(PROGRAM)
        .arg("--config")
        .arg(config)
        .args(args)
        .args(["--role", "admin"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    writeln!(child.stdin.take().unwrap(), "{typed}").unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}
