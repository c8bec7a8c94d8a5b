//! Every command has its twin in the API, and every address of the API its command.

use std::collections::BTreeSet;
use std::process::Command;

use orderdock::sandbox::{Kind, Options, Sandbox};
use serde_json::{Value, json};

use super::pages::{SAMPLE, TEXT};
use super::{House, bad, bearer, table};
use crate::support::http::{Ask, Reply};

/// A command, and what a program asks instead; nothing where there is nothing to ask a daemon for.
const TWINS: &[(&str, &[&str])] = &[
    ("check", &["POST /api/v1/check"]),
    (
        "deliveries cancel",
        &[
            "POST /api/v1/deliveries/{id}/cancel",
            "POST /api/v1/changes/{of}/{act}",
        ],
    ),
    ("deliveries list", &["GET /api/v1/deliveries"]),
    (
        "deliveries release",
        &["POST /api/v1/deliveries/{id}/release"],
    ),
    ("deliveries retry", &["POST /api/v1/deliveries/{id}/retry"]),
    ("deliveries show", &["GET /api/v1/deliveries/{id}"]),
    (
        "destinations call",
        &["POST /api/v1/destinations/{name}/errands/{errand}"],
    ),
    (
        "destinations errands",
        &["GET /api/v1/destinations/{name}/errands"],
    ),
    ("evidence", &["GET /api/v1/orders/{id}/evidence"]),
    (
        "files cancel",
        &[
            "POST /api/v1/files/{id}/cancel",
            "POST /api/v1/changes/{of}/{act}",
        ],
    ),
    ("files list", &["GET /api/v1/files"]),
    ("files release", &["POST /api/v1/files/{id}/release"]),
    ("files retry", &["POST /api/v1/files/{id}/retry"]),
    (
        "files show",
        &["GET /api/v1/files/{id}", "GET /api/v1/files/{id}/original"],
    ),
    ("key add", &["PUT /api/v1/keys/{name}"]),
    ("key list", &["GET /api/v1/keys"]),
    ("key remove", &["DELETE /api/v1/keys/{name}"]),
    (
        "orders cancel",
        &[
            "POST /api/v1/orders/{id}/cancel",
            "POST /api/v1/changes/{of}/{act}",
        ],
    ),
    ("orders list", &["GET /api/v1/orders"]),
    ("orders release", &["POST /api/v1/orders/{id}/send"]),
    ("orders retry", &["POST /api/v1/orders/{id}/retry"]),
    ("orders show", &["GET /api/v1/orders/{id}"]),
    (
        "parse",
        &[
            "POST /api/v1/profiles/test",
            "POST /api/v1/profiles/records",
        ],
    ),
    (
        "pause",
        &[
            "POST /api/v1/sources/{name}/{act}",
            "POST /api/v1/destinations/{name}/{act}",
        ],
    ),
    ("profile explain", &["POST /api/v1/profiles/explain"]),
    ("profile import", &["POST /api/v1/profiles/import"]),
    (
        "profile list",
        &["GET /api/v1/profiles", "GET /api/v1/profiles/{name}"],
    ),
    ("profile suggest", &["POST /api/v1/profiles/suggest"]),
    (
        "resume",
        &[
            "POST /api/v1/sources/{name}/{act}",
            "POST /api/v1/destinations/{name}/{act}",
        ],
    ),
    (
        "status",
        &[
            "GET /api/v1/status",
            "GET /api/v1/sources",
            "GET /api/v1/destinations",
        ],
    ),
    ("user add", &["PUT /api/v1/users/{name}"]),
    ("user list", &["GET /api/v1/users"]),
    ("user remove", &["DELETE /api/v1/users/{name}"]),
    // They start something, or are about the disk beside the person who types.
    ("completions", &[]),
    ("demo", &[]),
    ("profile test", &[]),
    ("run", &[]),
    ("sandbox", &[]),
];

/// What only programs ask, and people do by a page, a signal or a dropped file.
const PROGRAMS: &[&str] = &[
    "POST /api/v1/files",
    "POST /api/v1/orders",
    "PUT /api/v1/orders/{id}",
    "POST /api/v1/reload",
    "GET /api/v1/events",
    "PUT /api/v1/profiles/{name}",
    "GET /api/v1/files/{id}/view",
    "GET /api/v1/charts",
    "POST /api/v1/orders/{id}/followers",
    "DELETE /api/v1/orders/{id}/followers",
];

/// The commands as the built program tells them.
fn commands(path: &[&str]) -> Vec<String> {
    let mut args = path.to_vec();
    args.push("--help");
    let output = Command::new(env!("CARGO_BIN_EXE_orderdock"))
        .args(&args)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let Some((_, rest)) = text.split_once("\nCommands:\n") else {
        return vec![path.join(" ")];
    };
    let lines = rest.lines().take_while(|line| line.starts_with("  "));
    let names = lines.filter(|line| !line.starts_with("   "));
    let names: Vec<&str> = names
        .map(|line| line.split_whitespace().next().unwrap())
        .collect();
    // A sandbox's commands name partners: one stands for all.
    if path == ["sandbox"] {
        return vec!["sandbox".to_owned()];
    }
    let each = names
        .iter()
        .flat_map(|name| commands(&[path, &[name]].concat()));
    each.collect()
}

#[test]
fn every_command_has_its_twin_and_every_address_its_command() {
    let house = House::new();
    let description = house.get("/api/openapi.json").json();
    let mut addresses = BTreeSet::new();
    for (path, verbs) in description["paths"].as_object().unwrap() {
        for verb in verbs.as_object().unwrap().keys() {
            addresses.insert(format!("{} {path}", verb.to_uppercase()));
        }
    }
    let told: BTreeSet<String> = commands(&[]).into_iter().collect();
    let known: BTreeSet<String> = TWINS
        .iter()
        .map(|(command, _)| (*command).to_owned())
        .collect();
    assert_eq!(told, known);
    let twins = TWINS.iter().flat_map(|(_, twins)| twins.iter());
    let twins: BTreeSet<String> = twins
        .chain(PROGRAMS)
        .map(|twin| (*twin).to_owned())
        .collect();
    assert_eq!(addresses, twins);
}

fn is(reply: &Reply, status: u16) -> Value {
    assert_eq!(reply.status, status, "{}", reply.text());
    reply.json()
}

#[test]
fn many_are_changed_at_once_and_tried_before() {
    let house = House::new();
    let key = house.key("erp", &["--role", "coordinator"]);
    let own = house.key("own", &["--role", "coordinator", "--sender", "star"]);
    let upload = bearer(Ask::post("/api/v1/files?name=h.csv&source=review"), &key);
    assert_eq!(
        upload
            .body(table(&["H-1", "H-2", "H-3"]))
            .send(house.at)
            .status,
        202
    );
    house.until(&key, "/api/v1/orders?state=held", |page| {
        page["items"].as_array().unwrap().len() == 3
    });
    let post = |key: &str, path: &str, body: Value| {
        bearer(Ask::post(path), key).json(&body).send(house.at)
    };
    let release = "/api/v1/changes/orders/release";
    is(&post(&key, release, json!({})), 409);
    is(&post(&own, release, json!({})), 409);
    is(
        &post(&key, &format!("{release}?state=settled"), json!({})),
        409,
    );
    is(
        &post(&key, &format!("{release}?state=lost"), json!({})),
        400,
    );
    is(
        &post(&own, &format!("{release}?state=held"), json!({})),
        409,
    );
    let dry = post(
        &key,
        &format!("{release}?state=held"),
        json!({ "dry_run": true }),
    );
    assert_eq!(is(&dry, 200).as_array().unwrap().len(), 3);
    assert_eq!(
        house
            .dock
            .json(&["orders", "list", "--state", "held", "--json"])
            .len(),
        3
    );
    let ids = post(
        &key,
        &format!("{release}?ids=1,2"),
        json!({ "why": "checked" }),
    );
    assert_eq!(is(&ids, 200).as_array().unwrap().len(), 2);
    house.erp.wait_for(2);
    let cancel = post(
        &key,
        "/api/v1/changes/deliveries/cancel?reference=H-3",
        json!({ "why": "no" }),
    );
    assert_eq!(is(&cancel, 200)[0]["to"], "cancelled");
    house.erp.has_each_once(&["H-1", "H-2"]);
    is(
        &post(&key, "/api/v1/changes/orders/explode?ids=1", json!({})),
        404,
    );
    is(&post(&key, &format!("{release}?ids=x"), json!({})), 400);
    is(
        &post(
            &key,
            &format!("{release}?ids=1"),
            json!({ "why": "x".repeat(1001) }),
        ),
        400,
    );
}

#[test]
fn an_admin_looks_after_people_keys_and_the_configuration() {
    let house = House::new();
    let admin = house.key("admin", &["--role", "admin"]);
    let other = house.key("other", &["--role", "coordinator"]);
    let narrow = house.key("narrow", &["--role", "admin", "--sender", "star"]);
    let ask =
        |key: &str, method: &str, path: &str| bearer(Ask::new(method, path), key).send(house.at);
    for key in [&other, &narrow] {
        for (method, path) in [
            ("GET", "/api/v1/users"),
            ("GET", "/api/v1/keys"),
            ("PUT", "/api/v1/keys/x"),
            ("DELETE", "/api/v1/users/x"),
            ("POST", "/api/v1/reload"),
            ("POST", "/api/v1/check"),
        ] {
            is(&ask(key, method, path), 403);
        }
    }
    let put = |path: &str, body: Value| {
        bearer(Ask::new("PUT", path), &admin)
            .json(&body)
            .send(house.at)
    };
    is(
        &put(
            "/api/v1/users/maria",
            json!({ "role": "viewer", "password": "short" }),
        ),
        400,
    );
    is(
        &put(
            "/api/v1/users/ma%20ria",
            json!({ "role": "viewer", "password": super::PASSWORD }),
        ),
        404,
    );
    is(
        &put(
            "/api/v1/users/Maria",
            json!({ "role": "viewer", "password": super::PASSWORD }),
        ),
        200,
    );
    assert_eq!(house.try_password("maria", super::PASSWORD).status, 303);
    assert_eq!(
        is(&ask(&admin, "GET", "/api/v1/users"), 200)[0]["name"],
        "maria"
    );
    is(&ask(&admin, "DELETE", "/api/v1/users/maria"), 200);
    is(&ask(&admin, "DELETE", "/api/v1/users/maria"), 404);
    let made = is(
        &put(
            "/api/v1/keys/shop",
            json!({ "role": "viewer", "sender": "star" }),
        ),
        201,
    );
    let key = made["key"].as_str().unwrap();
    assert_eq!(ask(key, "GET", "/api/v1/orders").status, 200);
    is(&put("/api/v1/keys/shop", json!({ "role": "viewer" })), 409);
    let listed = ask(&admin, "GET", "/api/v1/keys");
    assert!(listed.text().contains("\"shop\"") && !listed.text().contains(key));
    is(&ask(&admin, "DELETE", "/api/v1/keys/shop"), 200);
    is(&ask(key, "GET", "/api/v1/orders"), 401);
    assert_eq!(is(&ask(&admin, "POST", "/api/v1/check"), 200)["ok"], true);
    is(&ask(&admin, "POST", "/api/v1/reload"), 200);
    house.dock.configure("nonsense");
    assert_eq!(is(&ask(&admin, "POST", "/api/v1/check"), 200)["ok"], false);
    is(&ask(&admin, "POST", "/api/v1/reload"), 409);
    let status = is(&ask(&admin, "GET", "/api/v1/status"), 200);
    assert_eq!(status["destinations"][0]["name"], "erp");
    is(&ask(&narrow, "GET", "/api/v1/status"), 403);
}

#[test]
fn a_sample_is_suggested_for_and_explained_as_on_the_command_line() {
    let house = House::new();
    let key = house.key("erp", &["--role", "coordinator"]);
    let post = |path: &str, body: &str| bearer(Ask::post(path), &key).body(body).send(house.at);
    let good = table(&["A-1"]);
    let made = is(&post("/api/v1/profiles/suggest?name=a.csv", &good), 200);
    assert!(
        made["profile"].as_str().unwrap().contains("[order]"),
        "{made}"
    );
    let explained = is(&post("/api/v1/profiles/explain?name=bad.csv", &bad()), 200);
    assert_eq!(explained["orders"][0]["reference"], "B-1");
    assert!(
        !explained["orders"][0]["fields"]
            .as_array()
            .unwrap()
            .is_empty()
    );
    let records = is(&post("/api/v1/profiles/records?name=a.csv", &good), 200);
    assert_eq!(records["file"], "a.csv");
    is(&post("/api/v1/profiles/suggest?name=a.csv", ""), 422);
    is(
        &post("/api/v1/profiles/test?name=a.csv&format=word", &good),
        400,
    );
    is(
        &post("/api/v1/profiles/test?name=a.csv&profile=nothing", &good),
        404,
    );
    is(&post("/api/v1/profiles/test?name=", &good), 400);
    let imported = is(
        &post("/api/v1/profiles/import?name=acme", "order\norderID = @A\n"),
        200,
    );
    assert!(
        imported["profile"].as_str().unwrap().contains("acme"),
        "{imported}"
    );
    is(&post("/api/v1/profiles/import?name=acme", ""), 422);
    let known = bearer(Ask::get("/api/v1/profiles/shopify"), &key).send(house.at);
    assert!(
        is(&known, 200)["text"]
            .as_str()
            .unwrap()
            .contains("[order]")
    );
    is(
        &bearer(Ask::get("/api/v1/profiles/nothing"), &key).send(house.at),
        404,
    );
}

#[test]
fn a_partner_is_asked_for_what_is_no_order() {
    let runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = { runtime }.worker_threads(1).enable_all().build().unwrap();
    let options = Options::new(&[Kind::Trademax]);
    let sandbox = runtime.block_on(Sandbox::start(&options)).unwrap();
    let house = House::with(&format!(
        "\n[[destination]]\nname = \"furniture\"\nkind = \"trademax\"\nurl = \"{}\"\n\
         api_key = \"SANDBOX\"\nsecret = \"trademax-secret\"\n",
        sandbox.url(Kind::Trademax)
    ));
    let key = house.key("erp", &["--role", "coordinator"]);
    let viewer = house.key("eye", &["--role", "viewer"]);
    let narrow = house.key("own", &["--role", "coordinator", "--sender", "star"]);
    let at = "/api/v1/destinations/furniture/errands";
    let list = is(&bearer(Ask::get(at), &viewer).send(house.at), 200);
    let names = list.as_array().unwrap().iter().map(|one| &one["name"]);
    assert!(
        names.into_iter().any(|name| name == "stock.adjust"),
        "{list}"
    );
    let other = "/api/v1/destinations/erp/errands";
    assert_eq!(
        is(&bearer(Ask::get(other), &key).send(house.at), 200),
        json!([])
    );
    let post = |key: &str, errand: &str, body: Value| {
        bearer(Ask::post(&format!("{at}/{errand}")), key)
            .json(&body)
            .send(house.at)
    };
    let nw = json!({ "article": "998", "warehouse": "nw" });
    let read = is(&post(&viewer, "stock.read", nw.clone()), 200);
    assert_eq!(read["answer"]["quantity"], 100);
    let lock = json!({ "order": "FO1", "warehouse": "nw", "line": ["1", "2"] });
    is(&post(&viewer, "lines.lock", lock.clone()), 403);
    is(&post(&narrow, "stock.read", nw.clone()), 403);
    is(&post(&key, "stock.steal", nw), 404);
    is(&post(&key, "stock.read", json!({ "article": "998" })), 409);
    is(&post(&key, "stock.read", json!({ "article": 998 })), 400);
    let locked = is(&post(&key, "lines.lock", lock), 200);
    assert_eq!(locked["answer"]["lines"].as_array().unwrap().len(), 2);
}

#[test]
fn a_program_saves_a_profile_with_its_sample_and_is_recorded() {
    let house = House::new();
    let key = house.key("erp", &["--role", "coordinator"]);
    let viewer = house.key("looks", &["--role", "viewer"]);
    let narrow = house.key("own", &["--role", "coordinator", "--sender", "star"]);
    let put = |key: &str, name: &str, body: &Value| {
        let ask = Ask::new("PUT", &format!("/api/v1/profiles/{name}"));
        bearer(ask, key).json(body).send(house.at)
    };
    let draft = json!({ "text": TEXT, "sample": { "name": "sample.csv", "base64": b64(SAMPLE) } });
    is(&put(&viewer, "acme", &draft), 403);
    is(&put(&narrow, "acme", &draft), 403);
    let saved = is(&put(&key, "acme", &draft), 201);
    assert_eq!(
        (&saved["name"], &saved["version"]),
        (&json!("acme"), &json!("1"))
    );
    assert_eq!(saved["notes"], json!([]));
    let tested = house.dock.run(&["profile", "test", "acme"]);
    assert_eq!(tested.status.code(), Some(0), "{tested:?}");
    let known = bearer(Ask::get("/api/v1/profiles/acme"), &key).send(house.at);
    assert_eq!(is(&known, 200)["samples"], json!(["sample.csv"]));
    // What would change what a sample gives is not saved but on request, and is another version.
    let other = json!({ "text": TEXT.replace("@Artikel", "= 'none'") });
    let told = is(&put(&key, "acme", &other), 409);
    assert!(
        told["detail"]
            .as_str()
            .unwrap()
            .contains("orders[0].lines[0].item_id"),
        "{told}"
    );
    let mut anyway = other.clone();
    anyway["anyway"] = json!(true);
    assert_eq!(is(&put(&key, "acme", &anyway), 200)["version"], "2");
    for (name, body) in [
        (
            "acme",
            json!({ "text": TEXT.replace("quantity", "quantitty") }),
        ),
        ("other", json!({ "text": TEXT })),
        ("Ac%20me", json!({ "text": TEXT })),
        (
            "acme",
            json!({ "text": other["text"], "sample": { "name": "..", "base64": "" } }),
        ),
    ] {
        is(&put(&key, name, &body), 422);
    }
    is(
        &put(
            &key,
            "acme",
            &json!({ "text": TEXT, "sample": { "name": "a", "base64": "?" } }),
        ),
        400,
    );
    let large = b64(&"x".repeat((1 << 20) + 1));
    is(
        &put(
            &key,
            "acme",
            &json!({ "text": TEXT, "sample": { "name": "a", "base64": large } }),
        ),
        413,
    );
    let ledger = rusqlite::Connection::open(house.dock.path("state/orderdock.db")).unwrap();
    let mut rows = ledger
        .prepare("SELECT who, via, what FROM action ORDER BY id")
        .unwrap();
    let rows = rows.query_map([], |row| {
        Ok([row.get::<_, String>(0)?, row.get(1)?, row.get(2)?].join(" "))
    });
    let recorded: Vec<String> = rows.unwrap().map(Result::unwrap).collect();
    let saves: Vec<_> = recorded
        .iter()
        .filter(|what| what.contains("saved the profile"))
        .collect();
    assert_eq!(
        saves,
        [
            "erp key saved the profile acme, version 1",
            "erp key saved the profile acme, version 2"
        ]
    );
}

fn b64(text: &str) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(text)
}

#[test]
fn a_program_reads_the_numbers_of_the_charts_and_an_original_with_its_marks() {
    let house = House::new();
    let key = house.key("erp", &["--role", "viewer"]);
    let narrow = house.key("own", &["--role", "viewer", "--sender", "star"]);
    let get = |key: &str, path: &str| bearer(Ask::get(path), key).send(house.at);
    house.dock.drop_file("good.csv", table(&["A-1", "A-2"]));
    house.dock.drop_file("bad.csv", bad());
    house.until(&key, "/api/v1/files?state=settled", |page| {
        page["items"].as_array().unwrap().len() == 2
    });
    let charts = is(&get(&key, "/api/v1/charts"), 200);
    let count = |list: &str, key: &str, word: &str| -> u64 {
        let rows = charts[list].as_array().unwrap().iter();
        let rows = rows.filter(|row| row[key] == word);
        rows.map(|row| row["count"].as_u64().unwrap()).sum()
    };
    assert_eq!(count("orders", "outcome", "delivered"), 2, "{charts}");
    assert_eq!(count("orders", "outcome", "withheld"), 2, "{charts}");
    assert_eq!(count("findings", "code", "number.invalid"), 1, "{charts}");
    assert_eq!(charts["orders"][0]["source"], "inbox");
    let times = &charts["deliveries"][0];
    assert_eq!(
        (&times["destination"], &times["count"]),
        (&json!("erp"), &json!(2))
    );
    let steps = times["steps"].as_array().unwrap();
    assert_eq!((steps.len(), &steps[0]["milliseconds"]), (11, &json!(100)));
    assert_eq!(steps[10]["milliseconds"], Value::Null);
    is(&get(&key, "/api/v1/charts?hours=168&span=6"), 200);
    is(&get(&key, "/api/v1/charts?hours=169"), 400);
    is(&get(&key, "/api/v1/charts?span=0"), 400);
    is(&get(&narrow, "/api/v1/charts"), 403);

    let files = is(&get(&key, "/api/v1/files?name=bad.csv"), 200);
    let path = format!("/api/v1/files/{}/view", files["items"][0]["id"]);
    let shown = is(&get(&key, &path), 200);
    let rows = shown["tables"][0]["rows"].as_array().unwrap().iter();
    let cells = rows.flat_map(|row| row["cells"].as_array().unwrap());
    let marked: Vec<_> = cells.filter(|cell| !cell["mark"].is_null()).collect();
    assert_eq!(marked, [&json!({ "text": "ten", "mark": 0 })], "{shown}");
    assert_eq!(shown["findings"][0]["code"], "number.invalid");
    assert_eq!(
        (&shown["cut"], &shown["problem"]),
        (&json!(false), &Value::Null)
    );
    is(&get(&narrow, &path), 404);
    is(&get(&key, "/api/v1/files/99/view"), 404);
}
