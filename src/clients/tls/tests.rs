//! Pins as tools print them.

use super::*;

#[test]
fn fingerprints_are_read_as_openssl_prints_them() {
    let plain = format!("SHA256:{}", "AB".repeat(32));
    let colons = format!("SHA256:{}", vec!["ab"; 32].join(":"));
    let read = Pin::parse(&plain).unwrap();
    assert_eq!(Pin::parse(&colons), Some(read));
    assert_eq!(Pin::parse(&"ab".repeat(32)), Some(read));
    assert_eq!(read.to_string(), plain);
    for wrong in ["AB", "SHA256:AB", "SHA1:00", "SHA256:zz"] {
        assert_eq!(Pin::parse(wrong), None);
    }
}

#[test]
fn a_ca_file_without_certificates_is_refused() {
    let settings = Trust {
        authorities: Some(b"hello".to_vec()),
        pins: Vec::new(),
    };
    assert!(
        verifier(&settings)
            .unwrap_err()
            .message
            .contains("no certificate")
    );
}
