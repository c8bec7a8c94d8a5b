//! TLS to the servers that sources are read from: whom we believe.
//!
//! A certificate is verified, always: against the system's authorities and the operator's own
//! (`ca`), or it is exactly one that the operator named by its fingerprint (`pin`). There is no way
//! to switch this off.

use std::sync::{Arc, OnceLock};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
};
use sha2::{Digest, Sha256};

#[cfg(test)]
mod tests;

/// SHA-256 of a certificate in DER form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pin([u8; 32]);

/// Whom we believe.
#[derive(Debug, Clone, Default)]
pub struct Trust {
    /// Certificate authorities beside the system's, PEM.
    pub authorities: Option<Vec<u8>>,
    /// If any: exactly these certificates, and no authority.
    pub pins: Vec<Pin>,
}

impl Pin {
    fn of(certificate: &CertificateDer<'_>) -> Self {
        Self(Sha256::digest(certificate.as_ref()).into())
    }

    /// Reads 64 hexadecimal digits, with colons or without, as `openssl x509 -fingerprint -sha256`
    /// and browsers show them; `SHA256:` may stand before them.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text
            .strip_prefix("SHA256:")
            .unwrap_or(text)
            .replace(':', "");
        let bytes = hex::decode(digits).ok()?;
        Some(Self(bytes.try_into().ok()?))
    }
}

impl std::fmt::Display for Pin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SHA256:{}", hex::encode_upper(self.0))
    }
}

/// A configuration of the TLS library that does what `settings` say.
///
/// # Errors
/// A sentence for the operator.
pub(in crate::sources) fn client(settings: &Trust) -> Result<Arc<ClientConfig>, String> {
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?;
    let config = if settings.pins.is_empty() {
        builder.with_root_certificates(authorities(settings.authorities.as_deref())?)
    } else {
        let pinned = Pinned {
            pins: settings.pins.clone(),
            provider,
        };
        builder
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(pinned))
    };
    Ok(Arc::new(config.with_no_client_auth()))
}

/// The system's authorities, read once for all sources, and those of `ca`.
fn authorities(ca: Option<&[u8]>) -> Result<Arc<RootCertStore>, String> {
    static SYSTEM: OnceLock<Arc<RootCertStore>> = OnceLock::new();
    let system = SYSTEM.get_or_init(|| {
        let mut store = RootCertStore::empty();
        // A system without any, or with a broken one among them, is found out by the verification.
        store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        Arc::new(store)
    });
    let Some(pem) = ca else {
        return Ok(Arc::clone(system));
    };
    let wrong = |why: &dyn std::fmt::Display| format!("the file of `ca` cannot be used: {why}");
    let mut store = RootCertStore::clone(system);
    let before = store.len();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        let certificate = certificate.map_err(|error| wrong(&error))?;
        store.add(certificate).map_err(|error| wrong(&error))?;
    }
    if store.len() == before {
        return Err(wrong(&"it holds no certificate in PEM form"));
    }
    Ok(Arc::new(store))
}

/// Accepts certificates by their fingerprint. That the server has the key of the certificate is
/// proved by its signature in the handshake, which is verified as everywhere.
#[derive(Debug)]
struct Pinned {
    pins: Vec<Pin>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let shown = Pin::of(certificate);
        if self.pins.contains(&shown) {
            return Ok(ServerCertVerified::assertion());
        }
        let pins: Vec<String> = self.pins.iter().map(ToString::to_string).collect();
        let why = format!(
            "the server showed the certificate {shown}, and `pin` names {}",
            pins.join(" or ")
        );
        Err(Error::InvalidCertificate(CertificateError::Other(
            rustls::OtherError(Arc::new(std::io::Error::other(why))),
        )))
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}
