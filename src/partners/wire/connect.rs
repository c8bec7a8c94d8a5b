//! How a connection is made: name, TCP, proxy, TLS.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures_util::future::{BoxFuture, FutureExt};
use http_body_util::Empty;
use hyper::client::conn::http1;
use hyper::header::{HOST, HeaderMap, HeaderValue, PROXY_AUTHORIZATION};
use hyper::{Method, Request, Uri};
use hyper_util::rt::TokioIo;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use url::Url;

use super::settings::{Authorities, Identity, WireSettings};
use super::stream::Stream;
use super::trouble::Trouble;

/// A connection, or why there is none.
type Dialled = Result<Stream, Trouble>;

/// Where a connection leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::partners) struct Origin {
    https: bool,
    /// Without the brackets of an IPv6 address.
    host: String,
    port: u16,
    usual_port: bool,
}

impl Origin {
    pub(in crate::partners) fn of(url: &Url) -> Result<Self, Trouble> {
        let nowhere = || Trouble::Address("the address names no host".to_owned());
        let host = url.host_str().ok_or_else(nowhere)?;
        Ok(Self {
            https: url.scheme() == "https",
            host: host.trim_matches(['[', ']']).to_owned(),
            port: url.port_or_known_default().ok_or_else(nowhere)?,
            usual_port: url.port().is_none(),
        })
    }

    /// Host and port as the `Host` header has them (RFC 9110, 7.2).
    pub(in crate::partners) fn authority(&self) -> String {
        if self.usual_port {
            self.bracketed()
        } else {
            format!("{}:{}", self.bracketed(), self.port)
        }
    }

    fn bracketed(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]", self.host)
        } else {
            self.host.clone()
        }
    }
}

/// Makes connections.
pub(in crate::partners) struct Connector {
    tls: Option<Arc<ClientConfig>>,
    proxy: Option<Proxy>,
    patience: Duration,
}

struct Proxy {
    origin: Origin,
    credentials: Option<HeaderValue>,
}

impl Proxy {
    fn new(url: &str) -> Result<Self, String> {
        let wrong = || "the proxy's url is wrong".to_owned();
        let url = Url::parse(url).map_err(|_| wrong())?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(wrong());
        }
        let credentials = match url.username() {
            "" => None,
            user => {
                let both = format!("{user}:{}", url.password().unwrap_or_default());
                let basic = format!("Basic {}", STANDARD.encode(both));
                let mut value = HeaderValue::from_str(&basic).map_err(|_| wrong())?;
                value.set_sensitive(true);
                Some(value)
            }
        };
        let origin = Origin::of(&url).map_err(|_| wrong())?;
        Ok(Self {
            origin,
            credentials,
        })
    }
}

impl Connector {
    /// `secure`: some address begins with https.
    pub(in crate::partners) fn new(settings: &WireSettings, secure: bool) -> Result<Self, String> {
        let proxy = settings.proxy.as_deref().map(Proxy::new).transpose()?;
        // Without https no certificate is ever looked at; a system without any is no reason to fail.
        let secure = secure || proxy.as_ref().is_some_and(|proxy| proxy.origin.https);
        Ok(Self {
            tls: secure
                .then(|| tls(&settings.authorities, settings.identity.as_ref()))
                .transpose()?
                .map(Arc::new),
            proxy,
            patience: settings.connect_timeout,
        })
    }

    /// Whether a proxy passes the request itself on, and not only its bytes.
    pub(in crate::partners) fn is_relayed(&self, origin: &Origin) -> bool {
        self.proxy.is_some() && !origin.https
    }

    /// Tells the proxy who we are, where it reads the request.
    pub(in crate::partners) fn introduce(&self, origin: &Origin, headers: &mut HeaderMap) {
        if let Some(credentials) = self.proxy.as_ref().and_then(|p| p.credentials.as_ref())
            && self.is_relayed(origin)
        {
            headers.insert(PROXY_AUTHORIZATION, credentials.clone());
        }
    }

    /// A new connection, TLS included, within the time for it.
    pub(in crate::partners) fn dial<'a>(&'a self, origin: &'a Origin) -> BoxFuture<'a, Dialled> {
        let late = || Err(Trouble::connect(io::Error::from(io::ErrorKind::TimedOut)));
        timeout(self.patience, self.reach(origin))
            .map(move |made| made.unwrap_or_else(|_| late()))
            .boxed()
    }

    async fn reach(&self, origin: &Origin) -> Dialled {
        let Some(proxy) = &self.proxy else {
            return self.directly(origin).await;
        };
        let io = self.directly(&proxy.origin).await?;
        if !origin.https {
            return Ok(io);
        }
        let tunnel = tunnel(io, origin, proxy.credentials.clone()).await?;
        self.encrypted(tunnel, &origin.host).await
    }

    async fn directly(&self, origin: &Origin) -> Dialled {
        let io = Stream::new(self.tcp(origin).await?);
        if origin.https {
            self.encrypted(io, &origin.host).await
        } else {
            Ok(io)
        }
    }

    /// The first of the name's addresses that answers; each has its share of the time.
    async fn tcp(&self, origin: &Origin) -> Result<TcpStream, Trouble> {
        let found = lookup_host((origin.host.as_str(), origin.port)).await;
        let addresses: Vec<_> = found.map_err(Trouble::Name)?.collect();
        let share = self.patience / u32::try_from(addresses.len()).unwrap_or(1).max(1);
        let mut last = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
        for address in addresses {
            match timeout(share, TcpStream::connect(address)).await {
                Ok(Ok(stream)) => {
                    stream.set_nodelay(true).map_err(Trouble::connect)?;
                    return Ok(stream);
                }
                Ok(Err(error)) => last = error,
                Err(_) => last = io::ErrorKind::TimedOut.into(),
            }
        }
        Err(Trouble::connect(last))
    }

    async fn encrypted(&self, io: Stream, host: &str) -> Dialled {
        let tls = self.tls.clone();
        let tls = tls.ok_or_else(|| Trouble::Address("TLS was not set up".to_owned()))?;
        let name = ServerName::try_from(host.to_owned())
            .map_err(|error| Trouble::Address(error.to_string()))?;
        let stream = TlsConnector::from(tls).connect(name, io).await;
        Ok(Stream::new(stream.map_err(Trouble::connect)?))
    }
}

/// Has the proxy pass our bytes on (RFC 9110, 9.3.6).
async fn tunnel(io: Stream, origin: &Origin, credentials: Option<HeaderValue>) -> Dialled {
    let address = format!("{}:{}", origin.bracketed(), origin.port);
    let wrong = || Trouble::Address("the proxy cannot be told the address".to_owned());
    let mut request = Request::new(Empty::<Bytes>::new());
    *request.method_mut() = Method::CONNECT;
    *request.uri_mut() = Uri::try_from(&address).map_err(|_| wrong())?;
    let host = HeaderValue::from_str(&address).map_err(|_| wrong())?;
    request.headers_mut().insert(HOST, host);
    if let Some(credentials) = credentials {
        request
            .headers_mut()
            .insert(PROXY_AUTHORIZATION, credentials);
    }
    let (mut sender, wire) = http1::handshake(TokioIo::new(io))
        .await
        .map_err(Trouble::connect)?;
    let opened = async {
        let response = sender
            .send_request(request)
            .await
            .map_err(Trouble::connect)?;
        if !response.status().is_success() {
            let words = format!("the proxy answered {}", response.status());
            return Err(Trouble::connect(io::Error::other(words)));
        }
        hyper::upgrade::on(response).await.map_err(Trouble::connect)
    };
    // The connection lives in both: its bytes move while we wait for the proxy's answer.
    let (opened, _) = tokio::join!(opened, wire.with_upgrades());
    Ok(Stream::new(TokioIo::new(opened?)))
}

fn tls(authorities: &Authorities, identity: Option<&Identity>) -> Result<ClientConfig, String> {
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        return Err("no TLS provider is installed in this process".to_owned());
    }
    let mut roots = RootCertStore::empty();
    if !matches!(authorities, Authorities::Only(_)) {
        // What cannot be read of the system's is missing; a partner that needs it says so by name.
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    }
    if let Authorities::Also(pem) | Authorities::Only(pem) = authorities {
        let wrong = || "the CA file holds no certificate in PEM form".to_owned();
        let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
        let found = found.map_err(|_| wrong())?;
        if found.is_empty() {
            return Err(wrong());
        }
        for certificate in found {
            roots.add(certificate).map_err(|error| error.to_string())?;
        }
    }
    let builder = ClientConfig::builder().with_root_certificates(roots);
    let mut config = match identity {
        None => builder.with_no_client_auth(),
        Some(identity) => {
            let (chain, key) = identity.read()?;
            // The library's words tell what does not fit, and nothing of the key.
            builder
                .with_client_auth_cert(chain, key)
                .map_err(|error| format!("certificate and key do not fit: {error}"))?
        }
    };
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}
