//! Secrets stay where they are: in no log, answer, sidecar, mail or row of the ledger, however much
//! is logged and whatever a partner echoes.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use crate::support::dock::Dock;
use crate::support::events;
use crate::support::partner::{Answer, Partner};
use crate::support::smtp::{FakeSmtp, Script};

const BASIC: &str = "canary-basic-7Qx2";
const BEARER: &str = "canary-bearer-9Lm4";
const HEADER: &str = "canary-header-3Vb8";
const EXTRA: &str = "canary-extra-5Tn1";
const SMTP: &str = "canary-smtp-6Hd0";

const GOOD: &str = "order_id,sku,quantity\nA-1,a,1\n";

/// Everything that must not be found, as it is and as it travels.
fn canaries() -> Vec<String> {
    let mut all = [BASIC, BEARER, HEADER, EXTRA, SMTP]
        .map(str::to_owned)
        .to_vec();
    all.push(BASE64_STANDARD.encode(format!("user:{BASIC}")));
    all.push(BASE64_STANDARD.encode(format!("\0edi\0{SMTP}")));
    all.extend([BASIC, BEARER, HEADER, EXTRA, SMTP].map(|secret| BASE64_STANDARD.encode(secret)));
    all
}

/// Where in these bytes a canary sings.
fn found(what: &str, bytes: &[u8]) -> Vec<String> {
    let sings = |canary: &String| {
        bytes
            .windows(canary.len())
            .any(|window| window == canary.as_bytes())
    };
    canaries()
        .iter()
        .filter(|canary| sings(canary))
        .map(|canary| format!("{what}: {canary}"))
        .collect()
}

fn files_below(folder: &Path, into: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files_below(&path, into);
        } else if path.is_file() {
            into.push(path);
        }
    }
}

struct House {
    dock: Dock,
    takes: Partner,
    refuses: Partner,
    denies: Partner,
    mail: FakeSmtp,
}

impl House {
    /// Three partners, each with another kind of secret, which two of them echo in what they say.
    async fn build() -> Self {
        let takes = Partner::start().await;
        takes.always(Answer::json(
            201,
            &format!("{{\"id\":\"1\",\"you\":\"user:{BASIC}\"}}"),
        ));
        let refuses = Partner::start().await;
        refuses.always(Answer::json(
            422,
            &format!("{{\"message\":\"no such article, Bearer {BEARER}\"}}"),
        ));
        let denies = Partner::start().await;
        denies.always(Answer::json(
            401,
            &format!("{{\"error\":\"wrong key {HEADER} and {EXTRA}\"}}"),
        ));
        let mail = FakeSmtp::start(Script {
            auth: Some("235 2.7.0 welcome"),
            ..Script::default()
        })
        .await;
        let dock = Dock::new("http://127.0.0.1:1/", "");
        let house = Self {
            dock,
            takes,
            refuses,
            denies,
            mail,
        };
        house.configure();
        house
    }

    fn configure(&self) {
        let root = self.dock.path("");
        for (name, secret) in [("bearer", BEARER), ("extra", EXTRA), ("smtp", SMTP)] {
            let path = root.join(name);
            fs::write(&path, format!("{secret}\n")).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        }
        let root = root.to_str().unwrap().trim_end_matches('/');
        self.dock.configure(&format!(
            r#"state_dir = "{root}/state"
min_free = "1MB"
[[source]]
name = "inbox"
kind = "local"
path = "{root}/inbox"
stable = "0s"
grace = "0s"
contact = "partner@example.com"
[mail]
url = "smtp://127.0.0.1:{port}"
user = "edi"
password = {{ file = "{root}/smtp" }}
from = "EDI desk <edi@example.com>"
operators = ["ops@example.com"]
[[destination]]
name = "takes"
kind = "http"
url = "{takes}"
auth = {{ kind = "basic", user = "user", password = "{BASIC}" }}
[[destination]]
name = "refuses"
kind = "http"
url = "{refuses}"
auth = {{ kind = "bearer", token = {{ file = "{root}/bearer" }} }}
[[destination]]
name = "denies"
kind = "http"
url = "{denies}"
auth = {{ kind = "header", name = "X-Token", value = {{ env = "CANARY" }} }}
headers = {{ "X-Api-Key" = {{ file = "{root}/extra" }} }}
[[route]]
file = "refused*"
destination = ["refuses"]
[[route]]
file = "denied*"
destination = ["denies"]
[[route]]
destination = ["takes"]
"#,
            port = self.mail.port,
            takes = self.takes.url("/"),
            refuses = self.refuses.url("/"),
            denies = self.denies.url("/"),
        ));
    }

    /// What every command that can be asked for JSON says.
    fn told(&self) -> Vec<(String, Vec<u8>)> {
        let mut told = Vec::new();
        for command in [
            "status --json",
            "files list --json",
            "files show 1 --json",
            "files show 2 --json",
            "files show 3 --json",
            "files show 4 --json",
            "orders list --json",
            "orders show 1 --json",
            "orders show 2 --json",
            "deliveries list --json",
            "deliveries show 1 --json",
            "deliveries show 2 --json",
            "deliveries show 3 --json",
            "check --json",
            "check --connect --json",
            "check",
        ] {
            let args: Vec<&str> = [&["-vv"][..], &command.split(' ').collect::<Vec<_>>()].concat();
            let output = self
                .dock
                .command(&args)
                .env("CANARY", HEADER)
                .env("RUST_LOG", "trace")
                .output()
                .unwrap();
            let code = output.status.code();
            assert!(
                matches!(code, Some(0 | 1)),
                "{command}: {code:?} {}",
                String::from_utf8_lossy(&output.stderr)
            );
            assert!(!output.stdout.is_empty(), "{command}");
            told.push((command.to_owned(), [output.stdout, output.stderr].concat()));
        }
        told
    }

    /// The mails that came, without the log-in.
    fn mails(&self) -> Vec<String> {
        let heard = self.mail.heard();
        heard
            .into_iter()
            .filter(|line| !line.starts_with("AUTH "))
            .collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_ever_seen() {
    let house = House::build().await;
    let dock = &house.dock;
    let mut command = dock.command(&["-vv", "run"]);
    let daemon = dock.start_as(
        command
            .env("RUST_LOG", "trace,lettre=trace,hyper=trace")
            .env("CANARY", HEADER),
    );
    for (name, bytes) in [
        ("good.csv", GOOD),
        ("bad.csv", "order_id,sku,quantity\nA-2,a,ten\n"),
        ("refused.csv", "order_id,sku,quantity\nA-3,a,1\n"),
        ("denied.csv", "order_id,sku,quantity\nA-4,a,1\n"),
    ] {
        dock.drop_file(name, bytes);
    }
    dock.wait_for("done", "good.csv");
    dock.wait_for("error", "bad.csv");
    dock.wait_for("error", "refused.csv");
    let mailed = events::until(&dock.path("."), || {
        let mails = house.mails();
        (mails.iter().filter(|line| *line == ".").count() >= 3).then_some(())
    });
    assert!(
        mailed.is_some(),
        "two reports and an alert should have gone out"
    );
    let told = house.told();
    assert_eq!(daemon.stop(), 0);

    // The secrets were in use: else nothing would be proven.
    let header = |partner: &Partner, name: &str| partner.seen()[0].headers[name].clone();
    let basic = BASE64_STANDARD.encode(format!("user:{BASIC}"));
    assert_eq!(
        header(&house.takes, "authorization"),
        format!("Basic {basic}")
    );
    assert_eq!(
        header(&house.refuses, "authorization"),
        format!("Bearer {BEARER}")
    );
    assert_eq!(header(&house.denies, "x-token"), HEADER);
    assert_eq!(header(&house.denies, "x-api-key"), EXTRA);
    assert!(
        house
            .mail
            .heard()
            .iter()
            .any(|line| line.starts_with("AUTH "))
    );
    let log = fs::read_to_string(dock.path("log")).unwrap();
    assert!(log.contains("TRACE") || log.contains("DEBUG"), "{log}");

    // What the partners echoed is told, without the echo.
    let sidecar = fs::read_to_string(dock.path("inbox/error/refused.csv.error.txt")).unwrap();
    assert!(sidecar.contains("no such article"), "{sidecar}");
    assert!(log.contains("wrong key"), "{log}");

    let mut seen = found("the log", log.as_bytes());
    seen.extend(found("a mail", house.mails().join("\n").as_bytes()));
    for (command, bytes) in &told {
        seen.extend(found(command, bytes));
    }
    let mut files = Vec::new();
    files_below(&dock.path("state"), &mut files);
    files_below(&dock.path("inbox"), &mut files);
    for file in files {
        seen.extend(found(
            &file.display().to_string(),
            &fs::read(&file).unwrap(),
        ));
    }
    assert!(seen.is_empty(), "{}", seen.join("\n"));
}

#[test]
fn a_mistake_in_the_configuration_is_told_without_the_secret() {
    let dock = Dock::new("http://127.0.0.1:1/", "");
    for wrong in [
        format!("auth = {{ kind = \"basic\", user = \"u\", passwort = \"{BASIC}\" }}"),
        format!("auth = {{ kind = \"basic\", user = \"u\", password = [\"{BASIC}\"] }}"),
        format!("auth = {{ kind = \"bearer\", token = {{ fiel = \"{BEARER}\" }} }}"),
        format!("auth = {{ kind = \"bearer\", token = \"{BEARER}\", tokn = 1 }}"),
        format!("auth = {{ kind = \"header\", name = \"X\", value = \"{HEADER}"),
        format!("headers = {{ \"X-Key\" = {{ envv = \"{EXTRA}\" }} }}"),
    ] {
        let text = dock.config().replace("concurrency = 4", &wrong);
        dock.configure(&text);
        for args in [
            &["check"][..],
            &["check", "--json"],
            &["-vv", "run", "--once"],
        ] {
            let output = dock.run(args);
            assert_eq!(output.status.code(), Some(2), "{wrong}");
            let told = [output.stdout, output.stderr].concat();
            let seen = found(&wrong, &told);
            assert!(seen.is_empty(), "{}", String::from_utf8_lossy(&told));
        }
    }
}
