//! A `.soap` file is sent as it is.

use orderdock::sandbox::Kind;
use serde_json::json;

use super::Stand;

const MESSAGE: &str = "<?xml version=\"1.0\"?>\n<e:Envelope xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\">\n\
    <e:Body><Order xmlns=\"urn:x\" n=\"1\"><!-- kept --><id>4711</id></Order></e:Body>\n</e:Envelope>\n";

fn stand() -> Stand {
    Stand::start(Kind::Soap, &json!({}), |_| {
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
