//! Connections: bounded in number and in time, with or without TLS.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::extract::ConnectInfo;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use super::{Shared, Site, router};
use crate::config::WebConfig;
use crate::failure::Failure;
use crate::limits;

/// A listener that has its address and its certificate.
pub struct Bound {
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
}

impl Bound {
    /// Where it listens: the port is known even where the configuration left it to the system.
    ///
    /// # Errors
    /// The system's, if the socket is gone.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// Takes the address of the configuration and reads its certificate.
///
/// # Errors
/// An operator's failure: the address is taken, the certificate cannot be used.
pub async fn bind(config: &WebConfig) -> Result<Bound, Failure> {
    let during = format!("listening on {} ([http] listen)", config.listen);
    let listener = TcpListener::bind(config.listen)
        .await
        .map_err(|error| Failure::operator(during, error))?;
    let tls = config.tls.as_ref();
    let tls = tls.map(|(chain, key)| acceptor(chain, key)).transpose()?;
    Ok(Bound { listener, tls })
}

fn acceptor(chain: &Path, key: &Path) -> Result<TlsAcceptor, Failure> {
    let wrong = |path: &Path, why: String| {
        Failure::operator(format!("reading {} ([http])", path.display()), why)
    };
    let certificates = CertificateDer::pem_file_iter(chain)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| wrong(chain, error.to_string()))?;
    let secret =
        PrivateKeyDer::from_pem_file(key).map_err(|error| wrong(key, error.to_string()))?;
    let mut config = rustls::ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(certificates, secret)
        .map_err(|error| wrong(chain, error.to_string()))?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// Serves `site` until `stop`. Answers that are under way then have until the daemon's own end.
pub async fn serve(bound: Bound, site: Site, stop: CancellationToken) {
    let router = router(Shared::new(site));
    let places = Arc::new(Semaphore::new(limits::WEB_CONNECTIONS));
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else {
            return;
        };
        let accepted = tokio::select! {
            () = stop.cancelled() => return,
            accepted = bound.listener.accept() => accepted,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of descriptors, mostly: those in use are given back when their answers end.
                tracing::warn!(%error, "A connection could not be accepted.");
                tokio::time::sleep(limits::PAUSE_AFTER_FAILURE).await;
                continue;
            }
        };
        let (router, tls, stop) = (router.clone(), bound.tls.clone(), stop.clone());
        tokio::spawn(async move {
            if let Err(error) = connection(stream, peer, tls, router, stop).await {
                tracing::debug!(%peer, %error, "A connection ended early.");
            }
            drop(place);
        });
    }
}

type Ended = Result<(), Box<dyn std::error::Error + Send + Sync>>;

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    tls: Option<TlsAcceptor>,
    router: Router,
    stop: CancellationToken,
) -> Ended {
    stream.set_nodelay(true)?;
    match tls {
        Some(tls) => {
            let stream = tokio::time::timeout(limits::WEB_HEADERS, tls.accept(stream)).await??;
            talk(stream, peer, router, stop).await
        }
        None => talk(stream, peer, router, stop).await,
    }
}

async fn talk<S>(stream: S, peer: SocketAddr, router: Router, stop: CancellationToken) -> Ended
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let router = router.layer(axum::Extension(ConnectInfo(peer)));
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(limits::WEB_HEADERS)
        .max_buf_size(limits::WEB_HEADER_BYTES as usize);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(limits::WEB_HEADERS)
        .max_header_list_size(limits::WEB_HEADER_BYTES)
        .max_concurrent_streams(limits::WEB_STREAMS);
    let service = TowerToHyperService::new(router);
    let connection = builder.serve_connection_with_upgrades(TokioIo::new(stream), service);
    tokio::pin!(connection);
    tokio::select! {
        ended = connection.as_mut() => ended,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    }
}
