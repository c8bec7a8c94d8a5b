//! A mail server that follows a script: what a real one does only on a bad day.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// What the server answers, by command. Anything not named is accepted.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Script {
    /// The greeting instead of `220`.
    pub(crate) greeting: Option<&'static str>,
    /// The answer to `AUTH`; `None` does not offer it.
    pub(crate) auth: Option<&'static str>,
    /// The answer to `RCPT`.
    pub(crate) recipient: Option<&'static str>,
    /// The answer after the message; empty closes without one.
    pub(crate) message: Option<&'static str>,
}

/// A running server.
pub(crate) struct FakeSmtp {
    /// Where it listens.
    pub(crate) port: u16,
    heard: Arc<Mutex<Vec<String>>>,
}

impl FakeSmtp {
    /// Starts one on the current runtime.
    pub(crate) async fn start(script: Script) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let shared = heard.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let heard = shared.clone();
                tokio::spawn(async move { drop(talk(stream, script, &heard).await) });
            }
        });
        Self { port, heard }
    }

    /// All lines that clients sent.
    pub(crate) fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }
}

async fn talk(
    mut stream: TcpStream,
    script: Script,
    heard: &Mutex<Vec<String>>,
) -> std::io::Result<()> {
    let (read, mut write) = stream.split();
    let mut lines = BufReader::new(read).lines();
    let mut say = async |line: &str| write.write_all(format!("{line}\r\n").as_bytes()).await;
    say(script.greeting.unwrap_or("220 fake.test ESMTP")).await?;
    let mut in_message = false;
    while let Some(line) = lines.next_line().await? {
        heard.lock().unwrap().push(line.clone());
        if in_message {
            if line == "." {
                in_message = false;
                match script.message.unwrap_or("250 2.0.0 taken") {
                    "" => return Ok(()),
                    answer => say(answer).await?,
                }
            }
            continue;
        }
        let word = line
            .split([' ', ':'])
            .next()
            .unwrap_or_default()
            .to_uppercase();
        match word.as_str() {
            "EHLO" if script.auth.is_some() => say("250-fake.test\r\n250 AUTH PLAIN LOGIN").await?,
            "EHLO" => say("250 fake.test").await?,
            "AUTH" => say(script.auth.unwrap_or("503 no")).await?,
            "RCPT" => say(script.recipient.unwrap_or("250 2.1.5 ok")).await?,
            "DATA" => {
                in_message = true;
                say("354 go on").await?;
            }
            "QUIT" => {
                say("221 bye").await?;
                return Ok(());
            }
            _ => say("250 2.0.0 ok").await?,
        }
    }
    Ok(())
}
