//! A TLS server with certificates made on the spot by the `openssl` command.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// Installs the process's TLS provider, as `main` does.
pub(crate) fn provider() {
    drop(rustls::crypto::ring::default_provider().install_default());
}

/// A self-signed certificate for `name` and its key, in PEM.
pub(crate) fn certificate(folder: &Path, name: &str) -> (Vec<u8>, Vec<u8>) {
    let (certificate, key) = (folder.join("cert.pem"), folder.join("key.pem"));
    let made = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
        ])
        .args(["-nodes", "-days", "2", "-subj", "/CN=orderdock test"])
        .args(["-addext", &format!("subjectAltName={name}")])
        .args(["-addext", "basicConstraints=critical,CA:FALSE"])
        .arg("-keyout")
        .arg(&key)
        .arg("-out")
        .arg(&certificate)
        .stderr(Stdio::null())
        .status()
        .expect("the openssl command is needed");
    assert!(made.success());
    (
        std::fs::read(certificate).unwrap(),
        std::fs::read(key).unwrap(),
    )
}

/// Answers each connection once with `200`, on a thread that lives as long as the tests.
pub(crate) fn serve(certificate: &[u8], key: &[u8]) -> SocketAddr {
    provider();
    let config = ServerConfig::builder().with_no_client_auth();
    let config = config.with_single_cert(
        chain(certificate),
        PrivateKeyDer::from_pem_slice(key).unwrap(),
    );
    serve_with(Arc::new(config.unwrap()))
}

/// The same, and only for clients that show this very certificate.
pub(crate) fn serve_known(certificate: &[u8], key: &[u8]) -> SocketAddr {
    provider();
    let mut roots = rustls::RootCertStore::empty();
    for known in chain(certificate) {
        roots.add(known).unwrap();
    }
    let verifier = rustls::server::WebPkiClientVerifier::builder(Arc::new(roots));
    let config = ServerConfig::builder().with_client_cert_verifier(verifier.build().unwrap());
    let config = config.with_single_cert(
        chain(certificate),
        PrivateKeyDer::from_pem_slice(key).unwrap(),
    );
    serve_with(Arc::new(config.unwrap()))
}

fn chain(certificate: &[u8]) -> Vec<CertificateDer<'static>> {
    vec![CertificateDer::from_pem_slice(certificate).unwrap()]
}

fn serve_with(config: Arc<ServerConfig>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut tls = StreamOwned::new(connection, stream);
            let mut request = [0; 4096];
            if tls.read(&mut request).is_ok_and(|count| count > 0) {
                drop(tls.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
                tls.conn.send_close_notify();
                drop(tls.flush());
            }
        }
    });
    address
}
