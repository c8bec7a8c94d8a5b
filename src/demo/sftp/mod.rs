//! The demo's SFTP server: where a partner of the tour drops files.
//!
//! For the demo alone: one account, one folder, on loopback, with a host key and a password that are
//! made at each start and forgotten at its end. It knows what a client needs to drop files and a
//! source to take them (draft-ietf-secsh-filexfer-02), and nothing of links, rights or owners.

mod door;
mod folder;
mod wire;

use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use russh::keys::ssh_key::private::Ed25519Keypair;
use russh::keys::{HashAlg, PrivateKey};
use russh::server::Config;
use russh::{MethodKind, MethodSet};
use rustix::rand::{GetRandomFlags, getrandom};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use crate::failure::Failure;
use crate::limits;

/// The only account.
pub(super) const USER: &str = "demo";

/// Letters of the password: none that looks like another.
const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// The server; ends when dropped.
pub(super) struct SftpServer {
    /// Where it listens on this machine.
    pub(super) port: u16,
    /// The account's password.
    pub(super) password: String,
    /// The fingerprint of its host key.
    pub(super) fingerprint: String,
    /// A file that tells clients its host key.
    pub(super) known_hosts: PathBuf,
    serving: tokio::task::JoinHandle<()>,
}

impl SftpServer {
    /// Serves `root`; what clients need to know is written into `house`.
    pub(super) async fn listen(root: PathBuf, house: &Path) -> Result<Self, Failure> {
        let failed =
            |error: std::io::Error| Failure::operator("starting the demo's SFTP server", error);
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(failed)?;
        let port = listener.local_addr().map_err(failed)?.port();
        let key = PrivateKey::from(Ed25519Keypair::from_seed(&random().map_err(failed)?));
        let password = password(random().map_err(failed)?);
        let shown = key.public_key().to_openssh();
        let shown = shown.map_err(|error| failed(std::io::Error::other(error)))?;
        let known_hosts = house.join("known_hosts");
        private(&known_hosts, &format!("[127.0.0.1]:{port} {shown}\n")).map_err(failed)?;
        private(&house.join("sftp-password"), &password).map_err(failed)?;
        let fingerprint = key.public_key().fingerprint(HashAlg::Sha256).to_string();
        let door = door::Door::new(&password, root);
        let serving = tokio::spawn(serve(listener, config(key), door));
        Ok(Self {
            port,
            password,
            fingerprint,
            known_hosts,
            serving,
        })
    }
}

impl Drop for SftpServer {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

fn config(key: PrivateKey) -> Arc<Config> {
    Arc::new(Config {
        keys: vec![key],
        methods: MethodSet::from(&[MethodKind::Password][..]),
        // The first question of a client is which ways there are: nothing was guessed yet.
        auth_rejection_time_initial: Some(Duration::ZERO),
        nodelay: true,
        ..Config::default()
    })
}

async fn serve(listener: TcpListener, config: Arc<Config>, door: door::Door) {
    let places = Arc::new(Semaphore::new(limits::DEMO_SESSIONS));
    while let Ok(place) = Arc::clone(&places).acquire_owned().await {
        let Ok((stream, _)) = listener.accept().await else {
            return;
        };
        let (config, door) = (Arc::clone(&config), door.clone());
        tokio::spawn(async move {
            let ended = match russh::server::run_stream(config, stream, door).await {
                Ok(session) => session.await,
                Err(error) => Err(error),
            };
            if let Err(error) = ended {
                tracing::debug!(%error, "A session with the demo's SFTP server ended.");
            }
            drop(place);
        });
    }
}

/// A file that nobody else may read.
fn private(path: &Path, text: &str) -> std::io::Result<()> {
    let mut file = fs::File::options()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(text.as_bytes())
}

fn random() -> std::io::Result<[u8; 32]> {
    let mut bytes = [0; 32];
    // So few bytes are never given in part (getrandom(2)).
    getrandom(&mut bytes, GetRandomFlags::empty())?;
    Ok(bytes)
}

/// Three groups of four letters: sixty bits.
fn password(random: [u8; 32]) -> String {
    let letter = |byte: &u8| LETTERS.get(usize::from(*byte) % LETTERS.len());
    let groups = random.chunks(4).take(3);
    let groups: Vec<String> = groups
        .map(|group| {
            group
                .iter()
                .filter_map(letter)
                .map(|l| char::from(*l))
                .collect()
        })
        .collect();
    groups.join("-")
}
