//! Which algorithms of SSH are used. Pure.
//!
//! Own lists, not a library's defaults, so that an update changes them only here. Nothing with SHA-1
//! (RFC 9142 deprecates it), CBC (RFC 8308's era brought its plaintext recovery), or groups below
//! 2048 bits, unless the source says `legacy_algorithms`: then those come last and are told.

use std::borrow::Cow;

use russh::keys::{Algorithm, EcdsaCurve, HashAlg};
use russh::{AlgorithmKind, Preferred, cipher, compression, kex, mac};

use super::host_key::{HostKeys, Shown};

const KEX: [kex::Name; 12] = [
    kex::MLKEM768X25519_SHA256,
    kex::CURVE25519,
    kex::CURVE25519_PRE_RFC_8731,
    kex::ECDH_SHA2_NISTP256,
    kex::ECDH_SHA2_NISTP384,
    kex::ECDH_SHA2_NISTP521,
    kex::DH_G16_SHA512,
    kex::DH_G18_SHA512,
    kex::DH_GEX_SHA256,
    kex::DH_G14_SHA256,
    kex::EXTENSION_SUPPORT_AS_CLIENT,
    kex::EXTENSION_OPENSSH_STRICT_KEX_AS_CLIENT,
];
const KEX_LEGACY: [kex::Name; 3] = [kex::DH_G14_SHA1, kex::DH_GEX_SHA1, kex::DH_G1_SHA1];
const CIPHERS: [cipher::Name; 6] = [
    cipher::AES_128_GCM,
    cipher::AES_256_GCM,
    cipher::CHACHA20_POLY1305,
    cipher::AES_256_CTR,
    cipher::AES_192_CTR,
    cipher::AES_128_CTR,
];
const CIPHERS_LEGACY: [cipher::Name; 3] = [
    cipher::AES_256_CBC,
    cipher::AES_192_CBC,
    cipher::AES_128_CBC,
];
const MACS: [mac::Name; 4] = [
    mac::HMAC_SHA256_ETM,
    mac::HMAC_SHA512_ETM,
    mac::HMAC_SHA256,
    mac::HMAC_SHA512,
];
const MACS_LEGACY: [mac::Name; 2] = [mac::HMAC_SHA1_ETM, mac::HMAC_SHA1];

/// All lists, with these kinds of host keys.
pub(super) fn preferred(legacy: bool, keys: Vec<Algorithm>) -> Preferred {
    Preferred {
        kex: list(&KEX, &KEX_LEGACY, legacy),
        key: Cow::Owned(keys),
        cipher: list(&CIPHERS, &CIPHERS_LEGACY, legacy),
        mac: list(&MACS, &MACS_LEGACY, legacy),
        // Order files are small and often packed already; compression before trust is attack surface.
        compression: Cow::Borrowed(&[compression::NONE]),
        ..Preferred::default()
    }
}

fn list<T: Clone>(safe: &'static [T], old: &'static [T], legacy: bool) -> Cow<'static, [T]> {
    if legacy {
        Cow::Owned([safe, old].concat())
    } else {
        Cow::Borrowed(safe)
    }
}

/// The kinds of host keys that are worth asking for: those that the operator told keys of, where
/// known, without those that were shown already and are others.
pub(super) fn host_keys(legacy: bool, told: &HostKeys, shown: &[Shown]) -> Vec<Algorithm> {
    let ecdsa = |curve| Algorithm::Ecdsa { curve };
    let rsa = |hash| Algorithm::Rsa { hash };
    let mut kinds = vec![
        Algorithm::Ed25519,
        ecdsa(EcdsaCurve::NistP256),
        ecdsa(EcdsaCurve::NistP384),
        ecdsa(EcdsaCurve::NistP521),
        rsa(Some(HashAlg::Sha512)),
        rsa(Some(HashAlg::Sha256)),
    ];
    if legacy {
        kinds.push(rsa(None));
    }
    let was_shown = |kind: &Algorithm| shown.iter().any(|key| key.is_of(kind));
    kinds.retain(|kind| told.may_be_of(kind) && !was_shown(kind));
    kinds
}

/// What a kind of algorithm is for.
pub(super) fn words(kind: &AlgorithmKind) -> &'static str {
    match kind {
        AlgorithmKind::Kex => "key exchange",
        AlgorithmKind::Key => "host key",
        AlgorithmKind::Cipher => "encryption",
        AlgorithmKind::Compression => "compression",
        AlgorithmKind::Mac => "integrity",
    }
}
