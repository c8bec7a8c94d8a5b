//! How connections are made, as far as the configuration says.

use std::fmt;
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use secrecy::{ExposeSecret, SecretString};

/// What a client of one destination is made from.
pub(in crate::partners) struct WireSettings {
    pub(in crate::partners) authorities: Authorities,
    pub(in crate::partners) identity: Option<Identity>,
    pub(in crate::partners) proxy: Option<String>,
    pub(in crate::partners) concurrency: usize,
    pub(in crate::partners) connect_timeout: Duration,
    pub(in crate::partners) response_timeout: Duration,
    pub(in crate::partners) total_timeout: Duration,
}

/// Whose certificates are believed. There is no way to believe all.
#[derive(Debug, Clone, Default)]
pub enum Authorities {
    /// The system's.
    #[default]
    System,
    /// The system's and these (PEM).
    Also(Vec<u8>),
    /// Only these (PEM): a partner with a CA of its own.
    Only(Vec<u8>),
}

/// A certificate of our own, for partners that ask who connects (RFC 8446, 4.4.2).
#[derive(Clone)]
pub struct Identity {
    /// The certificate and what leads to its authority, PEM.
    pub certificate: Vec<u8>,
    /// Its key, PEM.
    pub key: SecretString,
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identity(***)")
    }
}

impl Identity {
    pub(super) fn read(
        &self,
    ) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), String> {
        let wrong = |_| "the client certificate is not in PEM form".to_owned();
        let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&self.certificate).collect();
        let chain = chain.map_err(wrong)?;
        if chain.is_empty() {
            return Err("the file of the client certificate holds none".to_owned());
        }
        let key = PrivateKeyDer::from_pem_slice(self.key.expose_secret().as_bytes())
            .map_err(|_| "the key of the client certificate is not in PEM form".to_owned())?;
        Ok((chain, key))
    }
}
