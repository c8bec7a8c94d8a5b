//! `check --connect` tries what tells of orders too: the right settings pass, wrong ones are named.

use serde_json::json;

use super::others::office;
use super::{MAIL, cargamos, contargo_stand};
use crate::support::dock::Dock;
use crate::support::partner::{Answer, Partner};

/// What is wrong where a credential is.
const OTHER: &str = "other-secret";

/// Whether the destination passes, and all that is said.
fn check(dock: &Dock) -> (bool, String) {
    let output = dock.run(&["check", "--connect"]);
    let told = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    let fine = told.contains("destination erp answers, and can be asked what becomes");
    (fine, told)
}

/// It passes, and no longer where the first is replaced by the second: the third says why.
fn finds(dock: &Dock, table: &[(&str, &str, &str)]) {
    let (fine, told) = check(dock);
    assert!(fine, "{told}");
    let good = std::fs::read_to_string(dock.path("orderdock.toml")).unwrap();
    for (right, wrong, words) in table {
        assert!(good.contains(right), "{good}");
        dock.configure(&good.replace(right, wrong));
        let (fine, told) = check(dock);
        assert!(!fine && told.contains(words), "{wrong}: {told}");
        assert!(!told.contains(OTHER), "{told}");
    }
}

#[test]
fn contargos_history_and_stream_are_tried() {
    let stand = contargo_stand(&json!({}), "track = {}");
    let table = [
        (
            "track = {}",
            "track = { path = \"nowhere\" }",
            "path of track",
        ),
        (
            "track = {}",
            "track = { stream_path = \"locations\" }",
            "stream_path",
        ),
        ("contargo-password", OTHER, "401"),
    ];
    finds(&stand.dock, &table);
    assert_eq!(stand.count("POST tracking/events"), 0);
}

#[test]
fn cargamos_tracking_is_tried() {
    let stand = cargamos::stand(&json!({}), "track = {}");
    finds(&stand.dock, &[("cargamos-password", OTHER, "401")]);
}

#[test]
fn cargooffices_status_query_is_tried() {
    let stand = office(&json!({}), "track = {}");
    finds(&stand.dock, &[("cargooffice-key", OTHER, "401")]);
    assert_eq!(stand.count("PUT") + stand.count("POST"), 0);
}

/// A house whose partner says these things, one a request.
struct Played {
    runtime: tokio::runtime::Runtime,
    partner: Partner,
    dock: Dock,
}

impl Played {
    fn start(kind: &str) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread();
        let runtime = { runtime }.worker_threads(1).enable_all().build().unwrap();
        let partner = runtime.block_on(Partner::start());
        let dock = Dock::new(&partner.url("/orders"), MAIL);
        let text = dock.config().replace("kind = \"http\"\n", kind);
        dock.configure(&text.replace("PARTNER", &partner.url("")));
        Self {
            runtime,
            partner,
            dock,
        }
    }

    /// A check while the destination itself answers well and the question for its orders so.
    fn says(&self, answer: Answer) -> (bool, String) {
        let _inside = self.runtime.enter();
        self.partner.script([Answer::status(200), answer]);
        check(&self.dock)
    }
}

fn page() -> Answer {
    let log_in = "<html><title>Log in</title></html>";
    Answer::Say(
        200,
        vec![("Content-Type", "text/html".into())],
        log_in.into(),
    )
}

#[test]
fn the_poll_of_any_http_destination_is_tried_with_its_credentials() {
    let played = Played::start(
        "kind = \"http\"\nauth = { kind = \"bearer\", token = \"poll-token\" }\n\
         poll = { url = \"PARTNER/orders/{remote_id}?of={reference}\", code = \"/state\", done = [\"done\"] }\n",
    );
    let table = [
        (Answer::json(200, "{\"state\": \"new\"}"), ""),
        (Answer::json(404, "{\"error\": \"no such order\"}"), ""),
        (
            Answer::json(401, "{\"error\": \"poll-token is not known\"}"),
            "401",
        ),
        (Answer::status(403), "403"),
        (Answer::status(503), "503"),
        (Answer::status(405), "url of poll"),
        (page(), "url of poll"),
    ];
    for (answer, words) in table {
        let (fine, told) = played.says(answer);
        assert_eq!(fine, words.is_empty(), "{words}: {told}");
        assert!(
            told.contains(words) && !told.contains("poll-token"),
            "{told}"
        );
    }
    let asked = played.partner.seen();
    let last = asked.last().unwrap();
    assert_eq!(
        (last.method.as_str(), last.path.as_str()),
        ("GET", "/orders/0?of=0")
    );
    assert_eq!(last.headers["authorization"], "Bearer poll-token");

    // Where one address tells of all orders, it must be there.
    let played = Played::start(
        "kind = \"http\"\npoll = { url = \"PARTNER/states\", code = \"/state\", done = [\"done\"] }\n",
    );
    let (fine, told) = played.says(Answer::json(404, "{}"));
    assert!(!fine && told.contains("url of poll"), "{told}");
}

#[test]
fn a_page_where_cargamos_tracking_should_be_is_found() {
    let played = Played::start(
        "kind = \"cargamos\"\nkey = \"k\"\nuser = \"u\"\npassword = \"p\"\ntrack = {}\n",
    );
    let token = || Answer::json(200, "{\"data\":{\"token\":\"t\",\"expiresIn\":\"3600\"}}");
    let none = "{\"errors\":[{\"code\":\"NOT_FOUND\"}]}";
    for (answer, is_fine) in [(Answer::json(404, none), true), (page(), false)] {
        let _inside = played.runtime.enter();
        played.partner.script([token(), token(), answer]);
        let (fine, told) = check(&played.dock);
        assert_eq!(fine, is_fine, "{told}");
        assert!(fine || told.contains("path of track"), "{told}");
    }
}

#[test]
fn a_page_where_cargooffices_orders_should_be_is_found() {
    let played =
        Played::start("kind = \"cargooffice\"\nkey = \"k\"\ncarrier = \"12021\"\ntrack = {}\n");
    let (fine, told) = played.says(page());
    assert!(!fine && told.contains("orders_path"), "{told}");
    let none = "<error>There is no such shipment</error>";
    let none = Answer::Say(404, vec![("Content-Type", "text/xml".into())], none.into());
    let (fine, told) = played.says(none);
    assert!(fine, "{told}");
}
