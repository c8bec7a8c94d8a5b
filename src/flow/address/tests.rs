//! Addresses as customers write them, and whose mails they make.

use super::*;

fn sub(carrier: &str, customer: Option<&str>, format: Option<&str>) -> SubAddress {
    SubAddress {
        carrier: carrier.into(),
        customer: customer.map(Into::into),
        format: format.map(Into::into),
    }
}

#[test]
fn sub_addresses_are_read_without_case_and_by_their_grammar() {
    let of = |address| SubAddress::of(address, None);
    assert_eq!(
        of("edi+logisticplanet@x.example"),
        Some(sub("logisticplanet", None, None))
    );
    assert_eq!(
        of("edi+1122.1234@x.example"),
        Some(sub("1122", Some("1234"), None))
    );
    assert_eq!(
        of("EDI+1122+XML@x.example"),
        Some(sub("1122", None, Some("xml")))
    );
    assert_eq!(
        of("edi+logisticplanet.1234+xml@x.example"),
        Some(sub("logisticplanet", Some("1234"), Some("xml")))
    );
    assert_eq!(of("edi+1.2.3@x.example"), Some(sub("1", Some("2.3"), None)));
    for none in [
        "edi@x",
        "edi+@x",
        "edi+1.@x",
        "edi+1+@x",
        "edi+1+a+b@x",
        "jan+1@x",
        "edi+1",
    ] {
        assert_eq!(of(none), None, "{none}");
    }
    let ours = Some("orders@acme.example");
    assert!(SubAddress::of("orders+7@ACME.example", ours).is_some());
    assert!(SubAddress::of("orders+7@evil.example", ours).is_none());
    assert!(SubAddress::of("edi+7@acme.example", ours).is_none());
}

fn plan() -> Plan {
    let sender = |name: &str, customers: &[&str], addresses: &[&str], sources: &[&str]| Sender {
        name: name.into(),
        customers: customers.iter().map(|&c| c.into()).collect(),
        addresses: addresses.iter().map(|&a| a.into()).collect(),
        sources: sources.iter().map(|&s| s.into()).collect(),
        ..Sender::default()
    };
    Plan {
        senders: vec![
            sender("all", &[], &[], &["box"]),
            sender("domain", &[], &["*@acme.example"], &[]),
            sender("jan", &[], &["jan@acme.example"], &[]),
            sender("number", &["1234"], &[], &[]),
            sender("exact", &["77.1234"], &[], &[]),
            sender("carrier", &["1122"], &[], &[]),
        ],
        routes: Vec::new(),
    }
}

fn letter(from: &str, to: &[&str], delivered: &[&str]) -> Letter {
    let mut letter = Letter::default();
    letter.facts.from = vec![from.into()];
    letter.to = to.iter().map(|&a| a.into()).collect();
    letter.delivered_to = delivered.iter().map(|&a| a.into()).collect();
    letter
}

#[test]
fn the_customer_beats_the_address_beats_the_source() {
    let who = |from: &str, to: &[&str], delivered: &[&str]| {
        let letter = letter(from, to, delivered);
        resolve(&plan(), "box", &Mailbox::default(), &letter).sender
    };
    assert_eq!(who("jan@acme.example", &["edi+1122.1234@x"], &[]), "number");
    assert_eq!(who("jan@acme.example", &["edi+77.1234@x"], &[]), "exact");
    assert_eq!(who("jan@acme.example", &["edi+1122@x"], &[]), "carrier");
    assert_eq!(who("JAN@acme.example", &["edi@x"], &[]), "jan");
    assert_eq!(who("eva@acme.example", &["edi+unknown@x"], &[]), "domain");
    assert_eq!(who("eva@other.example", &["edi@x"], &[]), "all");
    assert_eq!(
        who("eva@other.example", &["desk@x"], &["edi+1122@x"]),
        "carrier"
    );
    assert_eq!(
        who("a@b", &["edi+1122@x", "edi+5.1234@x"], &["edi+5.1234@x"]),
        "number"
    );
}

#[test]
fn two_of_our_addresses_and_strange_formats_are_told() {
    let resolved = |to: &[&str]| {
        resolve(
            &plan(),
            "other",
            &Mailbox::default(),
            &letter("a@b.example", to, &[]),
        )
    };
    let twice = resolved(&["edi+1122@x", "EDI+1122@x", "desk@x"]);
    assert!(twice.problems.is_empty() && twice.known);
    let several = resolved(&["edi+1122@x", "edi+1234@x"]);
    assert!(several.problems.first().is_some_and(Problem::is_error));
    assert_eq!(resolved(&["edi+1122+XLS@x"]).forced, Some(FormatKind::Xls));
    let odd = resolved(&["edi+1122+pdf@x"]);
    assert!(odd.forced.is_none() && odd.problems.first().is_some_and(|p| !p.is_error()));
    assert!(!resolved(&["edi@x"]).known);
}

#[test]
fn a_return_path_leads_back_to_its_mail() {
    let path = return_path("edi-bounces@example.com", "17.0f3a").unwrap_or_default();
    assert_eq!(path, "edi-bounces+17.0f3a@example.com");
    let back = letter("mailer-daemon@mx", &[&path], &[]);
    assert_eq!(
        bounce_token(&back, "EDI-bounces@example.com"),
        Some("17.0f3a")
    );
    assert_eq!(bounce_token(&back, "other@example.com"), None);
}
