//! The crash sweep: SIGKILL at the Nth sync, write, rename, send and receive, for N = 1 until a run
//! ends unkilled; then a start without a killer, and the oracle.
//!
//! strace counts for each thread, and the ledger's file is opened on one thread and written on
//! another. So there are two sweeps: over `run --once` from its first instruction, which kills while
//! the ledger is made and opened, and over a daemon to which strace is attached when it rests, which
//! kills each of its threads at every one of its calls. One worker thread makes all requests.
//!
//! Without more ado some of all points are tried; `ORDERDOCK_CRASH=all` tries every one.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::support::dock::Dock;
use crate::support::erp::Erp;
use crate::support::events;
use crate::support::smtp::{FakeSmtp, Script};

/// What dies, and how many points apart are tried where not all are.
struct Kind {
    calls: &'static str,
    apart: usize,
}

/// While the ledger is made and opened.
const OPENING: &[Kind] = &[
    Kind {
        calls: "fsync,fdatasync",
        apart: 4,
    },
    Kind {
        calls: "pwrite64",
        apart: 40,
    },
];

/// While files are on their way.
const RUNNING: &[Kind] = &[
    Kind {
        calls: "fsync,fdatasync",
        apart: 2,
    },
    Kind {
        calls: "renameat2,renameat,rename",
        apart: 1,
    },
    Kind {
        calls: "sendto,sendmsg,writev",
        apart: 2,
    },
    Kind {
        calls: "recvfrom",
        apart: 3,
    },
    Kind {
        calls: "pwrite64",
        apart: 25,
    },
];

const DROPPED: [(&str, &str); 6] = [
    ("plain.csv", "profiles/plain.csv"),
    ("bakery.xml", "demo/bakery-order.xml"),
    ("kaffee.xls", "demo/kaffeehaus.xls"),
    ("order.json", "crash/order.json"),
    ("bad.csv", "demo/bike-parts-with-mistakes.csv"),
    ("two.eml", "crash/two.eml"),
];

const ORDERS: [&str; 8] = [
    "W-1",
    "W-2",
    "BK-2026-0815",
    "A-5501",
    "A-5502",
    "J-1",
    "M-1",
    "M-2",
];

/// A partner, a mail server, and a house with six files, one of them a mail with two, in its inbox or about to be.
struct Scene {
    dock: Dock,
    erp: Erp,
    mail: FakeSmtp,
    _runtime: tokio::runtime::Runtime,
}

impl Scene {
    fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread();
        let runtime = { runtime }.worker_threads(1).enable_all().build().unwrap();
        let mail = runtime.block_on(FakeSmtp::start(Script::default()));
        let erp = Erp::start();
        let more = format!(
            "[mail]\nurl = \"smtp://127.0.0.1:{}\"\nfrom = \"edi@example.com\"\n\
             operators = [\"ops@example.com\"]\n",
            mail.port
        );
        let dock = Dock::new(&erp.orders(), &more);
        let text = dock
            .config()
            .replace("stable = ", "unpack_mail = true\nstable = ");
        dock.configure(&text);
        Self {
            dock,
            erp,
            mail,
            _runtime: runtime,
        }
    }

    fn drop_files(&self) {
        for (name, path) in DROPPED {
            self.dock.drop_file(name, bytes(path));
        }
    }

    /// A command under a killer.
    fn strace(&self, calls: &str, nth: usize) -> Command {
        let mut strace = Command::new("strace");
        strace.args([
            "-f",
            "-qq",
            "-o",
            "/dev/null",
            "-e",
            &format!("trace={calls}"),
        ]);
        strace.args(["-e", &format!("inject={calls}:signal=KILL:when={nth}")]);
        strace.env("TOKIO_WORKER_THREADS", "1");
        strace
    }

    /// `run --once` from its first instruction; whether it was killed.
    fn run_killed(&self, calls: &str, nth: usize) -> bool {
        self.drop_files();
        let mut strace = self.strace(calls, nth);
        strace.arg(env!("CARGO_BIN_EXE_orderdock")).arg("--config");
        strace
            .arg(self.dock.path("orderdock.toml"))
            .args(["run", "--once"]);
        let ended = strace.stdin(Stdio::null()).output().unwrap().status;
        // strace ends as what it traced did.
        ended.signal() == Some(9) || ended.code() == Some(128 + 9)
    }

    /// A daemon at rest, to which the killer is attached before the files are dropped; whether it was
    /// killed before it had put them all away and ended when told.
    fn daemon_killed(&self, calls: &str, nth: usize) -> bool {
        let mut run = self.dock.command(&["run"]);
        let mut daemon = self.dock.start_as(run.env("TOKIO_WORKER_THREADS", "1"));
        let mut strace = self.strace(calls, nth);
        strace.args(["-p", &daemon.pid().to_string()]);
        let mut strace = strace
            .stderr(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        events::traced(daemon.pid());
        self.drop_files();
        self.dock
            .until("all files are put away, or the daemon is dead", || {
                (daemon.status().is_some() || self.dock.names(".").is_empty()).then_some(())
            });
        if daemon.status().is_none() {
            daemon.signal("TERM");
        }
        let killed = daemon.wait().signal() == Some(9);
        strace.wait().unwrap();
        killed
    }

    /// Starts again, without a killer, until there is nothing left to do.
    fn recover(&self) {
        for _ in 0..5 {
            let (code, told) = self.dock.once();
            assert!([0, 1].contains(&code), "{code}: {told}");
            if !told.contains("remains ") {
                return;
            }
        }
        panic!("it never comes to an end: {}", self.dock.once().1);
    }

    /// Nothing lost, nothing twice but under one key, nothing in two places or nowhere, the sender told
    /// under one name, and a fresh file goes through.
    fn oracle(&self) {
        let applied = self.erp.orders_applied();
        assert_eq!(
            applied.keys().map(String::as_str).collect::<BTreeSet<_>>(),
            ORDERS.into()
        );
        assert!(applied.values().all(|times| *times <= 2), "{applied:?}");
        assert_eq!(self.dock.names("."), [""; 0]);
        assert_eq!(
            self.dock.names("done"),
            [
                "bakery.xml",
                "kaffee.xls",
                "order.json",
                "plain.csv",
                "two.eml"
            ]
        );
        let error = ["bad.csv", "bad.csv.error.json", "bad.csv.error.txt"];
        assert_eq!(self.dock.names("error"), error);
        for (name, path) in DROPPED {
            let folder = if name == "bad.csv" { "error" } else { "done" };
            let there = fs::read(self.dock.path("inbox").join(folder).join(name)).unwrap();
            assert!(there == bytes(path), "{name} is not what was dropped");
        }
        let sidecar = fs::read_to_string(self.dock.path("inbox/error/bad.csv.error.txt")).unwrap();
        assert!(sidecar.contains("ten"), "{sidecar}");
        let ids: Vec<_> = self
            .mail
            .heard()
            .into_iter()
            .filter(|line| is_report(line))
            .collect();
        assert!((1..=2).contains(&ids.len()), "{ids:?}");
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), 1, "{ids:?}");
        for file in self.dock.json(&["files", "list", "--json"]) {
            let wanted = if file["name"] == "bad.csv" {
                "error"
            } else {
                "done"
            };
            assert_eq!(
                (&file["stage"], &file["verdict"]),
                (&"settled".into(), &wanted.into())
            );
            let arrival = file["container_name"].as_str().or(file["name"].as_str());
            let place = format!("{wanted}/{}", arrival.unwrap());
            assert_eq!(
                file["settled_to"],
                place.as_str(),
                "the ledger knows where it is"
            );
        }
        self.dock
            .drop_file("fresh.csv", "order_id,sku,quantity\nFRESH,S,1\n");
        let (code, told) = self.dock.once();
        assert_eq!(code, 0, "{told}");
        assert_eq!(self.erp.orders_applied()["FRESH"], 1);
    }
}

fn is_report(line: &str) -> bool {
    line.to_ascii_lowercase()
        .starts_with("message-id: <report-")
}

fn bytes(fixture: &str) -> Vec<u8> {
    match fixture {
        "crash/order.json" => {
            br#"{"reference":"J-1","kind":"purchase","lines":[{"number":"1","item_id":"A","quantity":"2"}]}"#.to_vec()
        }
        "crash/two.eml" => {
            let order = |number: &str| {
                format!(
                    "--B\r\nContent-Type: application/json; name={number}.json\r\n\r\n{{\"reference\":\"{number}\",\
                     \"kind\":\"purchase\",\"lines\":[{{\"number\":\"1\",\"item_id\":\"A\",\"quantity\":\"2\"}}]}}\r\n"
                )
            };
            let head = "From: jan@acme.test\r\nTo: edi@example.com\r\nSubject: two\r\nMIME-Version: 1.0\r\n\
                        Content-Type: multipart/mixed; boundary=B\r\n\r\n";
            format!("{head}{}{}--B--\r\n", order("M-1"), order("M-2")).into_bytes()
        }
        path => fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(path)).unwrap(),
    }
}

/// Tries the points of one kind; how many a kill was seen at.
fn sweep(kind: &Kind, killed: impl Fn(&Scene, &str, usize) -> bool) -> usize {
    let every = std::env::var_os("ORDERDOCK_CRASH").is_some_and(|value| value == "all");
    let mut points = 0;
    let mut nth = 1;
    loop {
        let scene = Scene::new();
        let was_killed = killed(&scene, kind.calls, nth);
        let tried = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            scene.recover();
            scene.oracle();
        }));
        assert!(
            tried.is_ok(),
            "killed at {} number {nth}: see above\n{}",
            kind.calls,
            scene.dock.log()
        );
        if !was_killed {
            return points;
        }
        points += 1;
        nth += if every { 1 } else { kind.apart };
    }
}

fn sweeps(name: &str, kinds: &[Kind], killed: impl Fn(&Scene, &str, usize) -> bool) {
    let strace = Command::new("strace")
        .arg("-V")
        .stdout(Stdio::null())
        .status();
    assert!(
        strace.is_ok_and(|status| status.success()),
        "strace is missing: run tests/install.sh as root."
    );
    for kind in kinds {
        let points = sweep(kind, &killed);
        println!("killed {points} times while {name}, at {}", kind.calls);
        assert!(
            points > 0,
            "no run reaches {}: is it still the call that is made?",
            kind.calls
        );
    }
}

#[test]
fn killed_while_the_ledger_is_made_and_opened_nothing_is_lost_or_sent_twice() {
    sweeps("opening", OPENING, Scene::run_killed);
}

#[test]
fn killed_at_any_sync_write_rename_send_or_receive_nothing_is_lost_or_sent_twice() {
    sweeps("running", RUNNING, Scene::daemon_killed);
}
