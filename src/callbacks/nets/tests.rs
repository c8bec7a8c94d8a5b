//! Addresses that must not be called, in every dress.

use super::*;

fn may(address: &str) -> bool {
    Nets::default().may_call(address.parse().unwrap())
}

#[test]
fn private_addresses_are_not_called_in_any_dress() {
    for address in [
        "127.0.0.1",
        "127.8.8.8",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "255.255.255.255",
        "224.0.0.1",
        "198.18.0.1",
        "::1",
        "::",
        "fe80::1",
        "fd00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "2001:db8::1",
        "2001:0:4136:e378::1",
        "::127.0.0.1",
    ] {
        assert!(!may(address), "{address}");
    }
}

#[test]
fn everybodys_addresses_are_called() {
    for address in ["93.184.216.34", "2606:2800:220:1::1", "::ffff:8.8.8.8"] {
        assert!(may(address), "{address}");
    }
}

#[test]
fn what_the_operator_names_is_called_and_its_neighbour_is_not() {
    let nets =
        Nets::parse(&["10.1.0.0/16".into(), "127.0.0.1".into(), "fd12::/16".into()]).unwrap();
    let may = |address: &str| nets.may_call(address.parse().unwrap());
    assert!(may("10.1.2.3") && may("::ffff:10.1.2.3") && may("127.0.0.1") && may("fd12::7"));
    assert!(!may("10.2.0.1") && !may("127.0.0.2") && !may("fd13::7") && !may("::1"));
}

#[test]
fn what_is_no_network_is_told() {
    for wrong in ["10.0.0.0/33", "ten", "10.0.0.0/", "fd00::/129"] {
        assert_eq!(Nets::parse(&[wrong.to_owned()]), Err(wrong.to_owned()));
    }
}
