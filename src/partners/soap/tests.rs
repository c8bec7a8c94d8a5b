//! Faults of both versions, and messages around which an envelope is put.

use super::answer::{Blame, Fault};
use super::*;

#[test]
fn faults_tell_whose_turn_it_is() {
    let table = [
        (
            "<s:Envelope><s:Body><s:Fault><faultcode>s:Client</faultcode><faultstring>no such item</faultstring></s:Fault>",
            Blame::Sender,
            "no such item",
        ),
        (
            "<Fault><faultcode>soap:Server.Busy</faultcode><faultstring>later &amp; again</faultstring></Fault>",
            Blame::Receiver,
            "later & again",
        ),
        (
            "<e:Fault><e:Code><e:Value>e:Sender</e:Value></e:Code><e:Reason><e:Text xml:lang=\"en\">bad</e:Text></e:Reason></e:Fault>",
            Blame::Sender,
            "bad",
        ),
        (
            "<e:Fault><e:Code><e:Value>e:Receiver</e:Value></e:Code></e:Fault>",
            Blame::Receiver,
            "",
        ),
        (
            "<Fault><faultcode>MustUnderstand</faultcode></Fault>",
            Blame::Form,
            "",
        ),
        (
            "<Fault><faultcode>x:Own</faultcode></Fault>",
            Blame::Other,
            "",
        ),
    ];
    for (text, blame, words) in table {
        let fault = Fault::read(text).unwrap();
        assert_eq!(
            (fault.blame, fault.words.as_str()),
            (blame, words),
            "{text}"
        );
    }
    for text in [
        "",
        "<ok/>",
        "<a>no Fault of ours</a>",
        "</s:Fault>",
        "<NoFault/>",
    ] {
        assert!(Fault::read(text).is_none(), "{text}");
    }
}

#[test]
fn an_action_stands_where_its_version_wants_it() {
    let value = |version, action| header(version, action).map(|v| v.to_str().unwrap().to_owned());
    assert_eq!(value(Version::V11, "urn:a").unwrap(), "\"urn:a\"");
    let twelve = "application/soap+xml; charset=utf-8; action=\"urn:a\"";
    assert_eq!(value(Version::V12, "urn:a").unwrap(), twelve);
    assert!(value(Version::V11, "a\"b").is_err());
}
