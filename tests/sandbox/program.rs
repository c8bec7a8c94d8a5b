//! `orderdock sandbox` from outside.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

use super::try_send;

/// The program; killed with the value.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

fn sandbox(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_orderdock"));
    command.arg("sandbox").args(args).stdin(Stdio::null());
    command
}

#[tokio::test]
async fn it_says_what_to_write_into_a_destination() {
    let mut command = sandbox(&[
        "all",
        "--listen",
        "127.0.0.1:0",
        "--set",
        "trademax.api_key=PUB",
    ]);
    command.arg("--set").arg("cargooffice.key=0815");
    command.stdout(Stdio::piped());
    let mut running = Running(command.spawn().unwrap());
    let mut reader = BufReader::new(running.0.stdout.take().unwrap());
    let mut text = String::new();
    while !text.contains("Nothing is kept") {
        assert_ne!(reader.read_line(&mut text).unwrap(), 0, "{text}");
    }
    let address: SocketAddr = {
        let from = text.find("http://").unwrap() + "http://".len();
        text[from..].split('/').next().unwrap().parse().unwrap()
    };
    for words in [
        "kind = \"contargo\"".to_owned(),
        format!("url = \"http://{address}/contargo/cola/1.0\""),
        "password = \"contargo-password\"".to_owned(),
        format!("url = \"http://{address}/trademax/api\""),
        "api_key = \"PUB\"".to_owned(),
        "key = \"0815\"".to_owned(),
        format!("http://{address}/_sandbox/log"),
    ] {
        assert!(text.contains(&words), "{words}: {text}");
    }
    let answer = try_send(address, "GET", "/_sandbox/log.json", &[], "").await;
    assert_eq!(answer.unwrap().body, "[]");
}

#[test]
fn wrong_words_end_with_2_and_say_why() {
    for (args, words) in [
        (&["fedex"][..], "possible values"),
        (&["all", "--listen", "here"], "invalid"),
        (&["all", "--set", "trademax.secrets=x"], "secrets"),
        (&["all", "--set", "x"], "NAME=VALUE"),
        (&["all", "--fault", "soap = boom"], "no fault"),
        (&["all", "--clock", "noon"], "no instant"),
    ] {
        let output = sandbox(args).output().unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}: {told}");
        assert!(told.contains(words), "{args:?}: {told}");
        assert!(output.stdout.is_empty());
    }
}
