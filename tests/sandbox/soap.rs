//! SOAP 1.1 and 1.2, and their faults.

use orderdock::sandbox::{Kind, Sandbox};
use serde_json::json;

use super::{Answer, send, start, start_with};

const ONE: &str = "http://schemas.xmlsoap.org/soap/envelope/";
const TWO: &str = "http://www.w3.org/2003/05/soap-envelope";
const TEXT: (&str, &str) = ("Content-Type", "text/xml; charset=utf-8");
const SOAP: (&str, &str) = (
    "Content-Type",
    "application/soap+xml; charset=utf-8; action=\"urn:put\"",
);
const ACTION: (&str, &str) = ("SOAPAction", "\"urn:put\"");

fn envelope(namespace: &str, header: &str, body: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?><e:Envelope xmlns:e=\"{namespace}\"><e:Header>{header}</e:Header>\
         <e:Body>{body}</e:Body></e:Envelope>"
    )
}

async fn post(sandbox: &Sandbox, headers: &[(&str, &str)], body: &str) -> Answer {
    send(sandbox, Kind::Soap, ("POST", "/orders"), headers, body).await
}

#[tokio::test]
async fn both_versions_are_taken_and_answered_in_kind() {
    let sandbox = start(Kind::Soap).await;
    let order = "<o:Order xmlns:o=\"urn:o\"><o:id>1</o:id></o:Order>";
    let one = post(&sandbox, &[TEXT, ACTION], &envelope(ONE, "", order)).await;
    assert_eq!(one.status, 200, "{}", one.body);
    assert!(
        one.body.contains(ONE) && one.body.contains("<id>S-000001</id>"),
        "{}",
        one.body
    );
    assert!(one.headers["content-type"].starts_with("text/xml"));
    let two = post(&sandbox, &[SOAP], &envelope(TWO, "", order)).await;
    assert_eq!(two.status, 200, "{}", two.body);
    assert!(
        two.body.contains(TWO) && two.body.contains("<id>S-000002</id>"),
        "{}",
        two.body
    );
    assert!(two.headers["content-type"].starts_with("application/soap+xml"));
    let messages = sandbox.state(Kind::Soap)["messages"].clone();
    for index in [0, 1] {
        assert_eq!(messages[index]["action"], "urn:put");
        assert_eq!(messages[index]["element"], "Order");
        assert_eq!(messages[index]["namespace"], "urn:o");
    }
}

#[tokio::test]
async fn faults_have_the_code_and_the_status_of_their_version() {
    let sandbox = start_with(&[Kind::Soap], &json!({ "soap": { "action": "urn:put" } })).await;
    let must = |namespace: &str| {
        let header = "<h:a xmlns:h=\"urn:h\" e:mustUnderstand=\"1\"/>";
        envelope(namespace, header, "<a/>")
    };
    let other = ("SOAPAction", "\"urn:get\"");
    let bare = ("SOAPAction", "urn:put");
    let soap_get = ("Content-Type", "application/soap+xml; action=\"urn:get\"");
    let dtd = format!("<!DOCTYPE a>{}", "<a/>");
    for (headers, body, status, words) in [
        (
            &[TEXT, ACTION][..],
            envelope(TWO, "", "<a/>"),
            500,
            "soap:VersionMismatch",
        ),
        (
            &[TEXT, ACTION],
            must(ONE),
            500,
            "<faultcode>soap:MustUnderstand</faultcode>",
        ),
        (
            &[TEXT, ACTION],
            envelope(ONE, "", ""),
            500,
            "<faultcode>soap:Client</faultcode>",
        ),
        (&[TEXT, ACTION], "<a>".to_owned(), 500, "soap:Client"),
        (&[TEXT, ACTION], dtd, 500, "DOCTYPE"),
        (&[TEXT, ACTION], "<a/>".to_owned(), 500, "no Envelope"),
        (
            &[TEXT],
            envelope(ONE, "", "<a/>"),
            500,
            "SOAPAction is missing",
        ),
        (&[TEXT, bare], envelope(ONE, "", "<a/>"), 500, "quotes"),
        (&[TEXT, other], envelope(ONE, "", "<a/>"), 500, "not known"),
        (
            &[SOAP],
            envelope(ONE, "", "<a/>"),
            500,
            "soap:VersionMismatch",
        ),
        (
            &[SOAP],
            must(TWO),
            500,
            "<soap:Value>soap:MustUnderstand</soap:Value>",
        ),
        (
            &[SOAP],
            envelope(TWO, "", ""),
            400,
            "<soap:Value>soap:Sender</soap:Value>",
        ),
        (&[soap_get], envelope(TWO, "", "<a/>"), 400, "not known"),
    ] {
        let answer = post(&sandbox, headers, &body).await;
        assert_eq!(answer.status, status, "{body}");
        assert!(
            answer.body.contains("Fault>") && answer.body.contains(words),
            "{}",
            answer.body
        );
    }
    let json = ("Content-Type", "application/json");
    assert_eq!(post(&sandbox, &[json], "{}").await.status, 415);
    let get = send(&sandbox, Kind::Soap, ("GET", "/orders"), &[], "").await;
    assert_eq!((get.status, get.headers["allow"].as_str()), (405, "POST"));
    assert_eq!(sandbox.state(Kind::Soap)["messages"], json!([]));
}

#[tokio::test]
async fn a_failure_of_the_receiver_is_a_fault_too() {
    let sandbox = start(Kind::Soap).await;
    sandbox.fault("soap = 500, times=1").unwrap();
    let answer = post(&sandbox, &[TEXT, ACTION], &envelope(ONE, "", "<a/>")).await;
    assert_eq!(answer.status, 500);
    assert!(
        answer.body.contains("<faultcode>soap:Server</faultcode>"),
        "{}",
        answer.body
    );
}
