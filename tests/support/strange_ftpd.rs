//! A fake FTP server for what real ones cannot be told to do: one file in one folder, and a fault.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// What is strange about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Strange {
    /// Nothing: MLSD, EPSV, SIZE, MDTM.
    Nothing,
    /// Half of the file, then the data connection ends, and the answer is 226 all the same.
    HalfAndDone,
    /// Half of the file, then the data connection ends, and the answer is 426.
    HalfAndAborted,
    /// Half of the file, then both connections end.
    HalfAndGone,
    /// More than it said, without end.
    TooMuch,
    /// PASV announces this address, and EPSV is refused.
    Elsewhere(SocketAddr),
    /// EPSV is answered like PASV.
    PasvForEpsv,
    /// TLS is refused.
    NoTls,
    /// After its yes to TLS it goes on in the clear.
    TlsAndWords,
    /// Neither MLSD, SIZE nor MDTM nor FEAT; lists as Unix does.
    Old,
    /// The empty folder is an error.
    EmptyIs(u16),
    /// No more sessions; said at the greeting.
    Full,
    /// No more sessions; said after the password.
    FullUser,
    /// The session ends with the listing.
    ClosesAtListing,
    /// A greeting without end.
    EndlessGreeting,
    /// A listing without end.
    EndlessListing,
    /// The first rename is made and the answer is lost.
    RenameUnanswered,
    /// The answer to the first rename is lost, and it is made only after so many more looks.
    RenameLate(usize),
    /// The line breaks when so many bytes of the first new name are there, and the rename is made.
    RenameCut(usize),
    /// Lists as OpenVMS does.
    Vms,
    /// Names that must not be said back.
    Names,
    /// Its file is a gigabyte, as it says.
    Huge,
}

/// A running server.
pub(crate) struct StrangeFtpd {
    pub(crate) port: u16,
    state: Arc<Mutex<State>>,
}

struct State {
    /// Paths of files; all have the same bytes.
    files: Vec<String>,
    commands: Vec<String>,
    binary: bool,
    /// A rename that is yet to be made, and after how many looks.
    late: Option<(usize, String, String)>,
    /// Sessions of now, and the most at a time.
    sessions: usize,
    most: usize,
}

/// The bytes of its file: as text they would change.
pub(crate) const BYTES: &[u8] =
    b"one\ntwo\r\nthree\x1a\xff and more of it, so that a half of it is something";
const MODIFIED: &str = "20261122053000";

impl StrangeFtpd {
    /// Starts one with `/in/a.csv`, or with nothing.
    pub(crate) async fn start(strange: Strange) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let files = match strange {
            Strange::EmptyIs(_) => Vec::new(),
            _ => vec!["/in/a.csv".to_owned()],
        };
        let state = Arc::new(Mutex::new(State {
            files,
            commands: Vec::new(),
            binary: false,
            late: None,
            sessions: 0,
            most: 0,
        }));
        let shared = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let session = Session {
                    state: Arc::clone(&shared),
                    strange,
                    data: None,
                    from: String::new(),
                };
                // A client that goes away ends its session.
                tokio::spawn(async move {
                    let state = Arc::clone(&session.state);
                    state.lock().unwrap().begins();
                    session.run(stream).await.unwrap_or_default();
                    state.lock().unwrap().sessions -= 1;
                });
            }
        });
        Self { port, state }
    }

    /// Every command so far.
    pub(crate) fn commands(&self) -> Vec<String> {
        self.state.lock().unwrap().commands.clone()
    }

    /// The most sessions there were at a time.
    pub(crate) fn most_sessions(&self) -> usize {
        self.state.lock().unwrap().most
    }

    /// The files that lie there.
    pub(crate) fn files(&self) -> Vec<String> {
        self.state.lock().unwrap().files.clone()
    }

    /// One more file.
    pub(crate) fn lays(&self, path: &str) {
        self.state.lock().unwrap().files.push(path.to_owned());
    }
}

impl State {
    fn begins(&mut self) {
        self.sessions += 1;
        self.most = self.most.max(self.sessions);
    }

    fn rename(&mut self, from: &str, to: &str) {
        self.files.retain(|file| file != from && file != to);
        self.files.push(to.to_owned());
    }

    /// Somebody looks: what is late is made now, or has one look less to wait for.
    fn looked_at(&mut self) {
        match self.late.take() {
            Some((0, from, to)) => self.rename(&from, &to),
            Some((looks, from, to)) => self.late = Some((looks - 1, from, to)),
            None => {}
        }
    }
}

struct Session {
    state: Arc<Mutex<State>>,
    strange: Strange,
    data: Option<TcpListener>,
    from: String,
}

impl Session {
    async fn run(mut self, stream: TcpStream) -> std::io::Result<()> {
        let mut stream = BufReader::new(stream);
        match self.strange {
            Strange::Full => {
                return stream
                    .write_all(b"421 There are too many connected users.\r\n")
                    .await;
            }
            Strange::EndlessGreeting => loop {
                stream.write_all(b"220-welcome\r\n").await?;
            },
            _ => stream.write_all(b"220 ready\r\n").await?,
        }
        let mut line = String::new();
        while stream.read_line(&mut line).await? > 0 {
            let command = line.trim_end().to_owned();
            line.clear();
            self.state.lock().unwrap().commands.push(command.clone());
            let (verb, argument) = command.split_once(' ').unwrap_or((&command, ""));
            if self.is_transfer(verb) {
                if !self.transfer(&mut stream, (verb, argument)).await? {
                    return Ok(());
                }
                continue;
            }
            let Some(answer) = self.answer(verb, argument).await else {
                return Ok(());
            };
            stream.write_all(format!("{answer}\r\n").as_bytes()).await?;
            if verb == "QUIT" {
                return Ok(());
            }
        }
        Ok(())
    }

    fn is_transfer(&self, verb: &str) -> bool {
        let old = self.strange == Strange::Old || self.strange == Strange::Vms;
        matches!(verb, "RETR" | "LIST" | "STOR") || verb == "MLSD" && !old
    }

    fn has(&self, path: &str) -> bool {
        self.state
            .lock()
            .unwrap()
            .files
            .iter()
            .any(|file| file == path)
    }

    async fn passive(&mut self) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        self.data = Some(listener);
        port
    }

    /// `None` closes the session.
    async fn answer(&mut self, verb: &str, argument: &str) -> Option<String> {
        let old = matches!(self.strange, Strange::Old | Strange::Vms);
        Some(match verb {
            "AUTH" if self.strange == Strange::TlsAndWords => {
                "234 go on\r\n220 in the clear".into()
            }
            "AUTH" => "502 no TLS here".into(),
            "USER" => "331 password".into(),
            "PASS" if self.strange == Strange::FullUser => {
                "530 Sorry, the maximum number of clients (1) for this user are already connected."
                    .into()
            }
            "PASS" => "230 in".into(),
            "FEAT" if old => "500 what?".into(),
            "FEAT" => {
                "211-Features:\r\n MLST type*;size*;modify*;\r\n UTF8\r\n SIZE\r\n MDTM\r\n211 End"
                    .into()
            }
            "TYPE" => {
                self.state.lock().unwrap().binary = argument == "I";
                "200 ok".into()
            }
            "PWD" => "257 \"/\"".into(),
            "CWD" if ["/", "/in", "/in/done", "/in/error"].contains(&argument) => "250 ok".into(),
            "MLST" if !old => {
                self.state.lock().unwrap().looked_at();
                self.facts(argument)
            }
            "DELE" if self.has(argument) => {
                let mut state = self.state.lock().unwrap();
                state.files.retain(|file| file != argument);
                "250 removed".into()
            }
            "SIZE" if !old && self.has(argument) => format!("213 {}", self.size()),
            "MDTM" if !old && self.has(argument) => format!("213 {MODIFIED}"),
            "CWD" | "SIZE" | "MDTM" if !old || verb == "CWD" => "550 nothing there".into(),
            "EPSV" if matches!(self.strange, Strange::Elsewhere(_)) => "502 no".into(),
            "EPSV" if self.strange != Strange::PasvForEpsv => {
                format!("229 ok (|||{}|)", self.passive().await)
            }
            "EPSV" | "PASV" => {
                let port = self.passive().await;
                let (ip, port) = match self.strange {
                    Strange::Elsewhere(address) => (address.ip(), port),
                    _ => ("127.0.0.1".parse().unwrap(), port),
                };
                let ip = ip.to_string().replace('.', ",");
                format!("227 ok ({ip},{},{})", port / 256, port % 256)
            }
            "RNFR" if self.has(argument) => {
                self.from = argument.to_owned();
                "350 go on".into()
            }
            "RNFR" => "550 nothing there".into(),
            "RNTO" => {
                let mut state = self.state.lock().unwrap();
                let report = argument.contains(".error.") || self.from.ends_with(".part");
                let first = state
                    .commands
                    .iter()
                    .filter(|one| one.starts_with("RNTO") && !one.contains(".error."))
                    .count()
                    == 1
                    && !report;
                if let (Strange::RenameLate(looks), true) = (self.strange, first) {
                    state.late = Some((looks, self.from.clone(), argument.to_owned()));
                    return None;
                }
                if let (Strange::RenameCut(bytes), true) = (self.strange, first) {
                    let cut = argument.get(..bytes).unwrap_or(argument);
                    let lies = [
                        "",
                        "/",
                        "/in",
                        "/in/",
                        "/in/done",
                        "/in/done/",
                        "/in/error",
                        "/in/error/",
                    ];
                    if !lies.contains(&cut) {
                        state.rename(&self.from, cut);
                    }
                    return None;
                }
                state.rename(&self.from, argument);
                if self.strange == Strange::RenameUnanswered && first {
                    return None;
                }
                "250 renamed".into()
            }
            "MKD" => "257 made".into(),
            "OPTS" | "QUIT" => "200 ok".into(),
            _ => "502 what?".into(),
        })
    }

    /// What it says that its file has.
    fn size(&self) -> usize {
        match self.strange {
            Strange::Huge => 1 << 30,
            _ => BYTES.len(),
        }
    }

    fn facts(&self, path: &str) -> String {
        if ["/", "/in", "/in/done", "/in/error"].contains(&path) {
            return format!("250-there\r\n type=dir;modify={MODIFIED}; {path}\r\n250 End");
        }
        if !self.has(path) {
            return "550 nothing there".into();
        }
        let size = self.size();
        format!("250-there\r\n type=file;size={size};modify={MODIFIED}; {path}\r\n250 End")
    }

    fn listing(&self, machine: bool) -> Vec<u8> {
        let state = self.state.lock().unwrap();
        let mut text = String::new();
        for name in state
            .files
            .iter()
            .filter_map(|path| path.strip_prefix("/in/"))
        {
            if name.contains('/') {
                continue;
            }
            let size = self.size();
            text += &match (self.strange, machine) {
                (Strange::Vms, _) => {
                    format!("{name};1  9/9  2-JUN-2026 07:32:04  [EDI]  (RWED,,,)\r\n")
                }
                (_, true) => format!("type=file;size={size};modify={MODIFIED}; {name}\r\n"),
                (_, false) => format!("-rw-r--r--  1 edi edi {size} Nov 22  2025 {name}\r\n"),
            };
        }
        if self.strange == Strange::Names {
            for name in ["../up.csv", "..", ".", "a/b.csv", "c\rd.csv", "e\0f.csv"] {
                text += &format!("type=file;size=3;modify={MODIFIED}; {name}\r\n");
            }
        }
        text.into_bytes()
    }

    /// `false` closes the session.
    async fn transfer(
        &mut self,
        stream: &mut BufReader<TcpStream>,
        (verb, argument): (&str, &str),
    ) -> std::io::Result<bool> {
        let Some(listener) = self.data.take() else {
            stream.write_all(b"425 no data connection\r\n").await?;
            return Ok(true);
        };
        let empty = self.state.lock().unwrap().files.is_empty();
        if let (Strange::EmptyIs(code), true, true) = (self.strange, empty, verb != "RETR") {
            stream
                .write_all(format!("{code} no files found\r\n").as_bytes())
                .await?;
            return Ok(true);
        }
        let (mut data, _) = listener.accept().await?;
        stream.write_all(b"150 here it comes\r\n").await?;
        if verb == "RETR" {
            return self.retrieve(stream, data).await;
        }
        if verb == "STOR" {
            tokio::io::copy(&mut data, &mut tokio::io::sink()).await?;
            self.state.lock().unwrap().files.push(argument.to_owned());
            stream.write_all(b"226 done\r\n").await?;
            return Ok(true);
        }
        match self.strange {
            Strange::ClosesAtListing => return Ok(false),
            Strange::EndlessListing => {
                let line = b"type=file;size=3;modify=20261122053000; x.csv\r\n".repeat(1000);
                while data.write_all(&line).await.is_ok() {}
            }
            _ => data.write_all(&self.listing(verb == "MLSD")).await?,
        }
        data.shutdown().await?;
        drop(data);
        stream.write_all(b"226 done\r\n").await?;
        Ok(true)
    }

    async fn retrieve(
        &mut self,
        stream: &mut BufReader<TcpStream>,
        mut data: TcpStream,
    ) -> std::io::Result<bool> {
        let binary = self.state.lock().unwrap().binary;
        let bytes = match binary {
            true => BYTES.to_vec(),
            false => String::from_utf8_lossy(BYTES)
                .replace('\n', "\r\n")
                .into_bytes(),
        };
        let half = &bytes[..bytes.len() / 2];
        let answer: &[u8] = match self.strange {
            Strange::HalfAndDone => {
                data.write_all(half).await?;
                b"226 done\r\n"
            }
            Strange::HalfAndAborted => {
                data.write_all(half).await?;
                b"426 connection closed; transfer aborted\r\n"
            }
            Strange::HalfAndGone => {
                data.write_all(half).await?;
                return Ok(false);
            }
            Strange::TooMuch => {
                while data.write_all(&bytes).await.is_ok() {}
                b"426 you left\r\n"
            }
            _ => {
                data.write_all(&bytes).await?;
                b"226 done\r\n"
            }
        };
        drop(data.shutdown().await);
        drop(data);
        stream.write_all(answer).await?;
        Ok(true)
    }
}

/// A listener that must never be dialled; how often it was.
pub(crate) struct Trap {
    pub(crate) address: SocketAddr,
    dialled: Arc<Mutex<usize>>,
}

impl Trap {
    pub(crate) async fn set(address: &str) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let dialled = Arc::new(Mutex::new(0));
        let count = Arc::clone(&dialled);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                *count.lock().unwrap() += 1;
                drop(stream.read(&mut [0]).await);
            }
        });
        Self { address, dialled }
    }

    pub(crate) fn dialled(&self) -> usize {
        *self.dialled.lock().unwrap()
    }
}
