//! A partner that counts: every request with its key and body, and which orders it applied.
//!
//! Raw TCP, so that it can misbehave at any byte. What it does with a request comes from a script;
//! when that is used up, from the standing answer.

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

/// What to do with one request.
#[derive(Debug, Clone)]
pub(crate) enum Answer {
    /// Status line, headers and body, `Content-Length` added.
    Say(u16, Vec<(&'static str, String)>, String),
    /// These bytes as they are, then the connection is closed.
    Raw(Vec<u8>),
    /// Reset without applying the order.
    ResetBefore,
    /// Apply the order, then reset without an answer.
    ResetAfter,
    /// Apply it, then a byte of the answer now and then, for ever.
    Drip,
    /// A success whose body has no end.
    Endless,
    /// Apply it and never answer.
    Silence,
    /// Answer only after [`Partner::release`].
    Hold(u16),
}

impl Answer {
    pub(crate) fn status(code: u16) -> Self {
        Self::Say(code, Vec::new(), String::new())
    }

    pub(crate) fn json(code: u16, body: &str) -> Self {
        Self::Say(
            code,
            vec![("Content-Type", "application/json".into())],
            body.into(),
        )
    }

    pub(crate) fn header(code: u16, name: &'static str, value: &str) -> Self {
        Self::Say(code, vec![(name, value.into())], String::new())
    }

    fn applies(&self) -> bool {
        match self {
            Self::Say(code, ..) | Self::Hold(code) => (200..300).contains(code),
            Self::Raw(_) | Self::ResetBefore => false,
            Self::ResetAfter | Self::Drip | Self::Endless | Self::Silence => true,
        }
    }
}

/// One request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

impl Seen {
    pub(crate) fn key(&self) -> &str {
        self.headers
            .get("idempotency-key")
            .map_or("", String::as_str)
    }
}

#[derive(Debug, Default)]
struct State {
    script: VecDeque<Answer>,
    standing: Option<Answer>,
    seen: Vec<Seen>,
    applied: BTreeMap<String, usize>,
    connections: usize,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    news: Notify,
    release: watch::Sender<bool>,
}

/// A running partner; ends when dropped.
#[derive(Debug)]
pub(crate) struct Partner {
    pub(crate) address: SocketAddr,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

impl Drop for Partner {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Partner {
    /// Accepts every order with `201` and its number of requests as id.
    pub(crate) async fn start() -> Self {
        Self::at(TcpListener::bind("127.0.0.1:0").await.unwrap())
    }

    /// The same behind a listener of one's own. Needs a runtime.
    pub(crate) fn at(listener: TcpListener) -> Self {
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared::default());
        let task = tokio::spawn(serve(listener, Arc::clone(&shared)));
        Self {
            address,
            shared,
            task,
        }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// What to do with the next requests, in turn.
    pub(crate) fn script(&self, answers: impl IntoIterator<Item = Answer>) {
        self.shared.state.lock().unwrap().script.extend(answers);
    }

    /// What to do when the script is used up.
    pub(crate) fn always(&self, answer: Answer) {
        self.shared.state.lock().unwrap().standing = Some(answer);
    }

    /// Lets held answers go.
    pub(crate) fn release(&self) {
        self.shared.release.send_replace(true);
    }

    /// Every request so far.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.shared.state.lock().unwrap().seen.clone()
    }

    /// How often each key was applied.
    pub(crate) fn applied(&self) -> BTreeMap<String, usize> {
        self.shared.state.lock().unwrap().applied.clone()
    }

    pub(crate) fn connections(&self) -> usize {
        self.shared.state.lock().unwrap().connections
    }

    /// Returns when so many requests were seen.
    pub(crate) async fn saw(&self, count: usize) {
        let enough = async {
            loop {
                let news = self.shared.news.notified();
                if self.shared.state.lock().unwrap().seen.len() >= count {
                    return;
                }
                news.await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), enough)
            .await
            .expect("the partner saw too few requests");
    }
}

async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = tokio::task::JoinSet::new();
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        stream.set_nodelay(true).unwrap();
        shared.state.lock().unwrap().connections += 1;
        connections.spawn(connection(stream, Arc::clone(&shared)));
        while connections.try_join_next().is_some() {}
    }
}

async fn connection(mut stream: TcpStream, shared: Arc<Shared>) {
    let mut buffer = Vec::new();
    while let Some(seen) = request(&mut stream, &mut buffer).await {
        let answer = shared.take(seen);
        if !respond(&mut stream, answer, &shared).await {
            return;
        }
    }
}

impl Shared {
    fn take(&self, seen: Seen) -> Answer {
        let mut state = self.state.lock().unwrap();
        let count = state.seen.len() + 1;
        let answer = state
            .script
            .pop_front()
            .or_else(|| state.standing.clone())
            .unwrap_or_else(|| Answer::json(201, &format!("{{\"id\":\"{count}\"}}")));
        if answer.applies() {
            *state.applied.entry(seen.key().to_owned()).or_default() += 1;
        }
        state.seen.push(seen);
        drop(state);
        self.news.notify_waiters();
        answer
    }
}

/// Reads one request with a `Content-Length` body; `None` at the end of the connection.
async fn request(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<Seen> {
    let head = loop {
        if let Some(end) = buffer.windows(4).position(|four| four == b"\r\n\r\n") {
            break end;
        }
        if stream.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
    };
    let text = String::from_utf8_lossy(&buffer[..head]).into_owned();
    let mut lines = text.split("\r\n");
    let mut first = lines.next()?.split(' ');
    let headers: BTreeMap<String, String> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let length: usize = headers
        .get("content-length")
        .map_or(0, |text| text.parse().unwrap());
    while buffer.len() < head + 4 + length {
        if stream.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
    }
    let body = buffer[head + 4..head + 4 + length].to_vec();
    buffer.drain(..head + 4 + length);
    Some(Seen {
        method: first.next()?.to_owned(),
        path: first.next()?.to_owned(),
        headers,
        body,
    })
}

/// Answers; whether the connection goes on.
async fn respond(stream: &mut TcpStream, answer: Answer, shared: &Shared) -> bool {
    const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    match answer {
        Answer::Say(code, headers, body) => {
            let mut text = format!("HTTP/1.1 {code} Said\r\nContent-Length: {}\r\n", body.len());
            for (name, value) in headers {
                text.extend([name, ": ", &value, "\r\n"]);
            }
            text.push_str("\r\n");
            text.push_str(&body);
            stream.write_all(text.as_bytes()).await.is_ok()
        }
        Answer::Hold(code) => {
            let mut release = shared.release.subscribe();
            release.wait_for(|released| *released).await.unwrap();
            let text = format!("HTTP/1.1 {code} Held\r\nContent-Length: 0\r\n\r\n");
            stream.write_all(text.as_bytes()).await.is_ok()
        }
        Answer::Raw(bytes) => {
            drop(stream.write_all(&bytes).await);
            drop(stream.shutdown().await);
            false
        }
        Answer::ResetBefore | Answer::ResetAfter => {
            drop(stream.set_zero_linger());
            false
        }
        Answer::Drip => {
            for byte in OK.iter().cycle() {
                if stream.write_all(&[*byte]).await.is_err() {
                    return false;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            false
        }
        Answer::Endless => {
            let head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
            if stream.write_all(head).await.is_err() {
                return false;
            }
            let chunk = [b"1000\r\n".as_slice(), &[b'a'; 4096], b"\r\n"].concat();
            while stream.write_all(&chunk).await.is_ok() {}
            false
        }
        Answer::Silence => {
            drop(stream.read(&mut [0; 1]).await);
            false
        }
    }
}
