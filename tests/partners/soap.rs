//! A `.soap` file is sent as it is.

use orderdock::sandbox::Kind;
use serde_json::{Value, json};

use super::Stand;

const MESSAGE: &str = "<?xml version=\"1.0\"?>\n<e:Envelope xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\">\n\
    <e:Body><Order xmlns=\"urn:x\" n=\"1\"><!-- kept --><id>4711</id></Order></e:Body>\n</e:Envelope>\n";

fn stand() -> Stand {
    played(&json!({}))
}

fn played(settings: &Value) -> Stand {
    Stand::start(Kind::Soap, &json!({ "soap": settings }), |_| {
        "kind = \"soap\"\naction = \"urn:order\"\n".to_owned()
    })
}

#[test]
fn a_soap_file_reaches_the_endpoint_byte_for_byte() {
    let stand = stand();
    stand.dock.drop_file("msg-1.soap", MESSAGE);
    let (code, told) = stand.dock.once();
    assert_eq!(code, 0, "{told}");
    assert_eq!(stand.dock.names("done"), ["msg-1.soap"]);
    let log = stand.sandbox.log();
    let sent = log.iter().find(|entry| entry.method == "POST").unwrap();
    assert_eq!(sent.body, MESSAGE);
}

#[test]
fn what_is_no_envelope_is_refused_with_the_reason() {
    let stand = stand();
    let twelve = MESSAGE.replace(
        "http://schemas.xmlsoap.org/soap/envelope/",
        "http://www.w3.org/2003/05/soap-envelope",
    );
    let cases = [
        ("order.soap", "<Order/>".to_owned(), "no SOAP message"),
        ("cut.soap", MESSAGE[..150].to_owned(), ""),
        ("two.soap", twelve, "another version of SOAP"),
        ("bare.soap", MESSAGE.replace("Body", "Head"), "no body"),
    ];
    for (name, text, _) in &cases {
        stand.dock.drop_file(name, text);
    }
    assert_eq!(stand.once(), 1);
    for (name, _, words) in &cases {
        let told = stand.sidecar(name);
        assert!(told.contains(words), "{name}: {told}");
    }
    assert_eq!(stand.count("POST"), 0, "nothing was sent");
}

#[test]
fn a_fault_of_the_sender_comes_back_with_its_words_and_one_of_the_receiver_is_waited_out() {
    let stand = played(&json!({"element": "Invoice"}));
    stand.dock.drop_file("a.soap", MESSAGE);
    assert_eq!(stand.once(), 1);
    assert_eq!(stand.dock.names("error")[0], "a.soap");
    let told = stand.sidecar("a.soap");
    assert!(
        told.contains("The body holds Order and not Invoice"),
        "{told}"
    );
    assert_eq!(stand.count("POST"), 1, "it is not sent again");

    let stand = played(&json!({}));
    stand.sandbox.fault("POST = 500, times=1").unwrap();
    stand.dock.drop_file("a.soap", MESSAGE);
    assert_eq!(stand.once(), 1);
    assert_eq!(stand.dock.names(""), ["a.soap"], "it stays where it is");
    let daemon = stand.dock.start();
    stand.dock.wait_for("done", "a.soap");
    daemon.stop();
    assert_eq!(stand.state("/taken"), 1);
}

#[test]
fn a_message_in_a_form_that_the_endpoint_does_not_take_is_the_operators_matter() {
    let stand = stand();
    let must = "<e:Header><x:Sec xmlns:x=\"urn:s\" e:mustUnderstand=\"1\"/></e:Header><e:Body>";
    stand
        .dock
        .drop_file("a.soap", MESSAGE.replace("<e:Body>", must));
    assert_eq!(stand.once(), 1);
    assert_eq!(stand.dock.names(""), ["a.soap"], "it stays where it is");
    let row = stand.dock.json(&["deliveries", "list", "--json"]).remove(0);
    let detail = row["detail"].as_str().unwrap();
    assert!(
        detail.contains("MustUnderstand") && detail.contains("check version"),
        "{detail}"
    );
}
