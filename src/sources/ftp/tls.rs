//! Which server is believed, and how the connections of one session share their TLS.
//!
//! A server proves itself by a certificate of an authority, the system's or the operator's own, made
//! out to the host that was dialled; or by being exactly the certificate that was pinned. There is no
//! setting that believes anybody.
//!
//! Servers demand that a data connection resumes the session of its control connection (RFC 4217, 10.2
//! has the reasons). So every control connection has a configuration, and a store of sessions, of its
//! own: one shared by two control connections would offer the session of the wrong one.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{Resumption, WebPkiServerVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
};
use sha2::{Digest, Sha256};

use crate::failure::Failure;
use crate::limits;

/// A certificate by the SHA-256 of its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pin(pub [u8; 32]);

impl Pin {
    /// Reads 64 hexadecimal digits, with colons or without, as `openssl x509 -fingerprint -sha256`
    /// and browsers show them; `SHA256:` may stand before them.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.strip_prefix("SHA256:").unwrap_or(text);
        let digits: String = text.chars().filter(|c| *c != ':').collect();
        let bytes = hex::decode(digits.trim()).ok()?;
        bytes.try_into().ok().map(Self)
    }
}

impl std::fmt::Display for Pin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SHA256:{}", hex::encode(self.0))
    }
}

/// Whom to believe.
#[derive(Debug, Clone, Default)]
pub struct Trust {
    /// Certificates of authorities of the server's own, PEM, believed beside the system's.
    pub authorities: Option<Vec<u8>>,
    /// If any: exactly these certificates, and no authority.
    pub pins: Vec<Pin>,
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

/// What decides about certificates, made once for a server.
pub(super) fn verifier(trust: &Trust) -> Result<Arc<dyn ServerCertVerifier>, Failure> {
    if !trust.pins.is_empty() {
        let pins = trust.pins.clone();
        let provider = provider();
        return Ok(Arc::new(Pinned { pins, provider }));
    }
    let during = "reading the certificates of authorities";
    let mut roots = RootCertStore::empty();
    if let Some(pem) = &trust.authorities {
        let wrong = |why: String| Failure::operator(during, format!("`ca`: {why}"));
        for found in CertificateDer::pem_slice_iter(pem).take(limits::CA_CERTIFICATES) {
            let certificate = found.map_err(|error| wrong(error.to_string()))?;
            roots
                .add(certificate)
                .map_err(|error| wrong(error.to_string()))?;
        }
        if roots.is_empty() {
            return Err(wrong(
                "the file holds no certificate in PEM form".to_owned(),
            ));
        }
    }
    // Single certificates of the system that cannot be read are no reason to do without the others.
    let system = rustls_native_certs::load_native_certs().certs;
    roots.add_parsable_certificates(system.into_iter().take(limits::CA_CERTIFICATES));
    if roots.is_empty() {
        let words = "this machine has no certificates of authorities: install ca-certificates, or \
                     name the server's own with `ca` or `pin`";
        return Err(Failure::operator(during, words));
    }
    let built = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider()).build();
    match built {
        Ok(verifier) => Ok(verifier),
        Err(error) => Err(Failure::operator(during, error)),
    }
}

/// A configuration for one control connection and its data connections.
pub(super) fn config(
    verifier: &Arc<dyn ServerCertVerifier>,
    at_most_12: bool,
) -> Result<Arc<ClientConfig>, Error> {
    let versions: &[_] = if at_most_12 {
        &[&rustls::version::TLS12]
    } else {
        &[&rustls::version::TLS13, &rustls::version::TLS12]
    };
    let mut config = ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(versions)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::clone(verifier))
        .with_no_client_auth();
    config.resumption = Resumption::in_memory_sessions(limits::FTP_TLS_SESSIONS);
    Ok(Arc::new(config))
}

/// Believes the pinned certificates, and that the server holds their keys.
#[derive(Debug)]
struct Pinned {
    pins: Vec<Pin>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let shown = Pin(Sha256::digest(end_entity).into());
        if self.pins.contains(&shown) {
            return Ok(ServerCertVerified::assertion());
        }
        let pins = self.pins.iter().map(Pin::to_string);
        let expected = pins.collect::<Vec<_>>().join(" or ");
        let message = format!("the server shows the certificate {shown}, and `pin` is {expected}");
        let other = rustls::OtherError(Arc::new(std::io::Error::other(message)));
        Err(Error::InvalidCertificate(CertificateError::Other(other)))
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let known = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, known)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let known = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, known)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}

/// Whose turn a failed handshake is: what is wrong with a certificate does not mend itself.
pub(super) fn failure(during: &str, error: &std::io::Error) -> Failure {
    let inner = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<Error>());
    match inner {
        Some(Error::InvalidCertificate(CertificateError::Other(other))) => {
            Failure::operator(during, &other.0)
        }
        Some(inner @ (Error::InvalidCertificate(_) | Error::PeerIncompatible(_))) => {
            let words = format!(
                "{inner}. Check that the url names the host as its certificate does, and `ca` or \
                 `pin`"
            );
            Failure::operator(during, words)
        }
        _ => Failure::temporary(
            during,
            format!("the TLS session did not come about: {error}"),
        ),
    }
}
