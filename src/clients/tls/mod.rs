//! TLS to servers that we hold accounts on: whom we believe.
//!
//! A server proves itself by a certificate of an authority, the system's or the operator's own
//! (`ca`), made out to the host that was dialled; or by being exactly a certificate that the operator
//! named by its fingerprint (`pin`). There is no setting that believes anybody.

use std::sync::{Arc, OnceLock};

use rustls::client::danger::ServerCertVerifier;
use rustls::client::{Resumption, WebPkiServerVerifier};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{CertificateError, ClientConfig, Error, RootCertStore};
use sha2::{Digest, Sha256};

use crate::failure::Failure;
use crate::limits;

mod pinned;
#[cfg(test)]
mod tests;

/// SHA-256 of a certificate in DER form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pin([u8; 32]);

/// Whom to believe.
#[derive(Debug, Clone, Default)]
pub struct Trust {
    /// Certificate authorities beside the system's, PEM.
    pub authorities: Option<Vec<u8>>,
    /// If any: exactly these certificates, and no authority.
    pub pins: Vec<Pin>,
}

impl Pin {
    /// The pin of a certificate in DER form.
    #[must_use]
    pub fn of(certificate: &[u8]) -> Self {
        Self(Sha256::digest(certificate).into())
    }

    /// Reads 64 hexadecimal digits, with colons or without, as `openssl x509 -fingerprint -sha256`
    /// and browsers show them; `SHA256:` may stand before them.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.strip_prefix("SHA256:").unwrap_or(text);
        let bytes = hex::decode(text.replace(':', "").trim()).ok()?;
        Some(Self(bytes.try_into().ok()?))
    }
}

impl std::fmt::Display for Pin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SHA256:{}", hex::encode_upper(self.0))
    }
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

/// What decides about the certificates of one server.
///
/// # Errors
/// The operator's: `ca` cannot be used, or nobody is to be believed at all.
pub(crate) fn verifier(trust: &Trust) -> Result<Arc<dyn ServerCertVerifier>, Failure> {
    if !trust.pins.is_empty() {
        return Ok(pinned::verifier(trust.pins.clone(), provider()));
    }
    let during = "reading the certificates of authorities";
    let roots =
        authorities(trust.authorities.as_deref()).map_err(|why| Failure::operator(during, why))?;
    let built = WebPkiServerVerifier::builder_with_provider(roots, provider()).build();
    match built {
        Ok(verifier) => Ok(verifier),
        Err(error) => Err(Failure::operator(during, error)),
    }
}

/// The system's authorities, read once for all accounts, and those of `ca`.
fn authorities(ca: Option<&[u8]>) -> Result<Arc<RootCertStore>, String> {
    static SYSTEM: OnceLock<Arc<RootCertStore>> = OnceLock::new();
    let system = SYSTEM.get_or_init(|| {
        let mut store = RootCertStore::empty();
        // Single ones that cannot be read are no reason to do without the others.
        let found = rustls_native_certs::load_native_certs().certs;
        store.add_parsable_certificates(found.into_iter().take(limits::CA_CERTIFICATES));
        Arc::new(store)
    });
    let Some(pem) = ca else {
        if system.is_empty() {
            let words = "this machine has no certificates of authorities: install ca-certificates, \
                         or name the server's own with `ca` or `pin`";
            return Err(words.to_owned());
        }
        return Ok(Arc::clone(system));
    };
    let wrong = |why: &dyn std::fmt::Display| format!("the file of `ca` cannot be used: {why}");
    let mut store = RootCertStore::clone(system);
    let before = store.len();
    for certificate in CertificateDer::pem_slice_iter(pem).take(limits::CA_CERTIFICATES) {
        let certificate = certificate.map_err(|error| wrong(&error))?;
        store.add(certificate).map_err(|error| wrong(&error))?;
    }
    if store.len() == before {
        return Err(wrong(&"it holds no certificate in PEM form"));
    }
    Ok(Arc::new(store))
}

/// A configuration of the TLS library, with a store of sessions of its own: connections that share
/// the configuration resume each other's sessions, and no others.
///
/// # Errors
/// The TLS library cannot speak these versions.
pub(crate) fn config(
    verifier: &Arc<dyn ServerCertVerifier>,
    at_most_12: bool,
) -> Result<Arc<ClientConfig>, Failure> {
    let versions: &[_] = if at_most_12 {
        &[&rustls::version::TLS12]
    } else {
        &[&rustls::version::TLS13, &rustls::version::TLS12]
    };
    let mut config = ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(versions)
        .map_err(|error| Failure::operator("preparing TLS", error))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::clone(verifier))
        .with_no_client_auth();
    config.resumption = Resumption::in_memory_sessions(limits::TLS_SESSIONS);
    Ok(Arc::new(config))
}

/// Whose turn a failed handshake is: what is wrong with a certificate does not mend itself.
pub(crate) fn failure(during: &str, error: &std::io::Error) -> Failure {
    let inner = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<Error>());
    match inner {
        Some(Error::InvalidCertificate(CertificateError::Other(other))) => Failure::operator(
            during,
            format!("the server could not prove who it is: {}", other.0),
        ),
        Some(inner @ (Error::InvalidCertificate(_) | Error::PeerIncompatible(_))) => {
            let words = format!(
                "the server could not prove who it is: {inner}. Check that the url names the host as \
                 its certificate does, and `ca` or `pin`"
            );
            Failure::operator(during, words)
        }
        _ => Failure::temporary(
            during,
            format!("the TLS session did not come about: {error}"),
        ),
    }
}
