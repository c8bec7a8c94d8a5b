//! Plain HTTP destinations as the configuration describes them: a file goes in, the proofs that the
//! partner wants go out, and what its answer tells is with the order.

use std::fs;

use hmac::{Hmac, KeyInit, Mac};
use serde_json::json;
use sha2::Sha256;

use super::MAIL;
use crate::support::dock::Dock;
use crate::support::partner::{Answer, Partner};
use crate::support::tls;

fn order() -> String {
    json!({"reference": "A-1", "kind": "purchase",
           "lines": [{"number": "1", "item_id": "X", "quantity": "1"}]})
    .to_string()
}

#[test]
fn a_token_a_signature_and_what_the_answer_tells_are_settings_of_the_destination() {
    let runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = { runtime }.worker_threads(1).enable_all().build().unwrap();
    let (tokens, partner) =
        runtime.block_on(async { (Partner::start().await, Partner::start().await) });
    tokens.always(Answer::json(
        200,
        "{\"access_token\":\"token-one\",\"token_type\":\"Bearer\",\"expires_in\":3600}",
    ));
    partner.always(Answer::json(
        201,
        "{\"id\": 77, \"tracking\": {\"code\": \"T-9\"}, \"label\": \"https://acme.example/l/9\"}",
    ));
    let lines = format!(
        "auth = {{ kind = \"oauth2\", url = \"{}\", client_id = \"us\", client_secret = \"client-secret\", scope = \"orders\" }}\n\
         sign = {{ key = \"signing-key\", over = \"{{method}}.{{key}}.{{body}}\", hash = \"sha256\", coding = \"hex\", header = \"X-Signature\", prefix = \"sha256=\" }}\n\
         remote_id = \"/id\"\n\
         facts = {{ tracking_number = \"/tracking/code\", label_url = \"/label\" }}",
        tokens.url("/token")
    );
    let dock = Dock::new(&partner.url("/orders"), MAIL).with_destination(&lines);
    dock.drop_file("a.json", order());
    let (code, told) = dock.once();
    assert_eq!(code, 0, "{told}");
    assert_eq!(dock.names("done"), ["a.json"]);

    let asked = String::from_utf8(tokens.seen().remove(0).body).unwrap();
    for words in ["grant_type=client_credentials", "scope=orders"] {
        assert!(asked.contains(words), "{asked}");
    }
    let sent = partner.seen().remove(0);
    assert_eq!(sent.headers["authorization"], "Bearer token-one");
    let mut mac = Hmac::<Sha256>::new_from_slice(b"signing-key").unwrap();
    mac.update(format!("POST.{}.", sent.headers["idempotency-key"]).as_bytes());
    mac.update(&sent.body);
    let signature = format!("sha256={}", hex::encode(mac.finalize().into_bytes()));
    assert_eq!(sent.headers["x-signature"], signature);

    let args = ["deliveries", "list", "--reference", "A-1", "--json"];
    let delivery = dock.json(&args).remove(0);
    assert_eq!(delivery["remote_id"], "77", "{delivery}");
    let facts = json!({"tracking_number": "T-9", "label_url": "https://acme.example/l/9"});
    assert_eq!(delivery["facts"], facts);
    let shown = dock.run(&["orders", "show", "1"]);
    let shown = String::from_utf8(shown.stdout).unwrap();
    assert!(shown.contains("T-9") && shown.contains("/l/9"), "{shown}");
    assert!(!shown.contains("client-secret"), "{shown}");
}

#[test]
fn a_partner_that_asks_who_connects_is_shown_the_certificate_of_the_configuration() {
    let folder = tempfile::tempdir().unwrap();
    let (certificate, key) = tls::certificate(folder.path(), "IP:127.0.0.1");
    let address = tls::serve_known(&certificate, &key);
    let at = |name: &str| folder.path().join(name).display().to_string();
    let text = fs::read_to_string(folder.path().join("key.pem")).unwrap();
    fs::remove_file(folder.path().join("key.pem")).unwrap();
    let ca = format!("ca = \"{}\"\n", at("cert.pem"));
    let ours = format!(
        "{ca}client_certificate = \"{}\"\nclient_key = '''{text}'''\n",
        at("cert.pem")
    );
    let unknown = Dock::new(&format!("https://{address}/orders"), MAIL).with_destination(&ca);
    unknown.drop_file("a.json", order());
    assert_eq!(unknown.once().0, 1);
    assert_eq!(
        unknown.names(""),
        ["a.json"],
        "it waits: the operators' matter"
    );
    let known = Dock::new(&format!("https://{address}/orders"), MAIL).with_destination(&ours);
    known.drop_file("a.json", order());
    let (code, told) = known.once();
    assert_eq!(code, 0, "{told}");
    assert_eq!(known.names("done"), ["a.json"]);
}
