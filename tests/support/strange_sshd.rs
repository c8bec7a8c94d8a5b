//! An SFTP server for what real ones cannot be told to do: its folder has no end.

use std::sync::Arc;

use russh::keys::ssh_key::private::Ed25519Keypair;
use russh::keys::{HashAlg, PrivateKey};
use russh::server::{Auth, ChannelOpenHandle, Config, Handler, Msg, Session, run_stream};
use russh::{Channel, ChannelId};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// A running server.
pub(crate) struct StrangeSshd {
    pub(crate) port: u16,
    pub(crate) fingerprint: String,
}

impl StrangeSshd {
    /// Starts one; it ends with the runtime.
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let key = PrivateKey::from(Ed25519Keypair::from_seed(&[7; 32]));
        let fingerprint = key.public_key().fingerprint(HashAlg::Sha256).to_string();
        let config = Arc::new(Config {
            keys: vec![key],
            ..Config::default()
        });
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let config = Arc::clone(&config);
                tokio::spawn(async move {
                    let running = run_stream(config, stream, Door::default()).await.unwrap();
                    // A client that goes away ends its session.
                    drop(running.await);
                });
            }
        });
        Self { port, fingerprint }
    }
}

#[derive(Default)]
struct Door {
    channel: Option<Channel<Msg>>,
}

impl Handler for Door {
    type Error = russh::Error;

    async fn auth_password(&mut self, _: &str, _: &str) -> Result<Auth, russh::Error> {
        Ok(Auth::Accept)
    }

    async fn channel_open_session(
        &mut self,
        channel: Channel<Msg>,
        reply: ChannelOpenHandle,
        _: &mut Session,
    ) -> Result<(), russh::Error> {
        self.channel = Some(channel);
        reply.accept().await;
        Ok(())
    }

    async fn subsystem_request(
        &mut self,
        id: ChannelId,
        _: &str,
        session: &mut Session,
    ) -> Result<(), russh::Error> {
        session.channel_success(id)?;
        let channel = self.channel.take().unwrap();
        tokio::spawn(async move { drop(talk(channel).await) });
        Ok(())
    }
}

fn string(bytes: &[u8]) -> Vec<u8> {
    let length = u32::try_from(bytes.len()).unwrap();
    [&length.to_be_bytes(), bytes].concat()
}

/// One page of names that never end (draft-ietf-secsh-filexfer-02, 7).
fn page(number: u32) -> Vec<u8> {
    const NAMES: u32 = 500;
    let mut page = NAMES.to_be_bytes().to_vec();
    for name in 0..NAMES {
        page.extend(string(format!("{number}-{name}.csv").as_bytes()));
        page.extend(string(b"-rw-r--r-- 1 edi edi 3"));
        // Size and rights.
        page.extend(5_u32.to_be_bytes());
        page.extend(3_u64.to_be_bytes());
        page.extend(0o100_644_u32.to_be_bytes());
    }
    page
}

async fn talk(channel: Channel<Msg>) -> std::io::Result<()> {
    let mut stream = channel.into_stream();
    let mut pages = 0;
    loop {
        let mut packet = vec![0; stream.read_u32().await? as usize];
        stream.read_exact(&mut packet).await?;
        let id = packet[1..5].to_vec();
        let (kind, body): (u8, Vec<u8>) = match packet[0] {
            1 => (2, Vec::new()),
            11 => (102, string(b"folder")),
            12 => {
                pages += 1;
                (104, page(pages))
            }
            // Everything else is well.
            _ => (101, [vec![0; 4], string(b""), string(b"")].concat()),
        };
        // The version stands in the place of the number, and is the same.
        stream
            .write_all(&string(&[&[kind][..], &id, &body].concat()))
            .await?;
        stream.flush().await?;
    }
}
