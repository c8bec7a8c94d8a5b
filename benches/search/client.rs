//! A client that keeps its connection and times each answer from the first byte sent to the last one read.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// An answer.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) cookie: Option<String>,
    pub(crate) bytes: usize,
    pub(crate) took: Duration,
}

/// One connection.
pub(crate) struct Client {
    reader: BufReader<TcpStream>,
    /// Headers sent with every request.
    pub(crate) headers: String,
}

impl Client {
    pub(crate) fn new(at: SocketAddr) -> Self {
        let stream = TcpStream::connect(at).unwrap();
        stream.set_nodelay(true).unwrap();
        Self {
            reader: BufReader::new(stream),
            headers: String::new(),
        }
    }

    pub(crate) fn get(&mut self, path: &str) -> Answer {
        self.ask("GET", path, "", b"")
    }

    pub(crate) fn ask(&mut self, method: &str, path: &str, more: &str, body: &[u8]) -> Answer {
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{}{more}Content-Length: {}\r\n\r\n",
            self.headers,
            body.len()
        );
        let mut message = head.into_bytes();
        message.extend_from_slice(body);
        let began = Instant::now();
        self.reader.get_mut().write_all(&message).unwrap();
        let mut answer = self.answer();
        answer.took = began.elapsed();
        answer
    }

    /// Sends a body in pieces, `rate` bytes a second; 0: as fast as they are taken.
    pub(crate) fn send(&mut self, path: &str, pieces: usize, piece: &[u8], rate: u64) -> Answer {
        let length = pieces * piece.len();
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{}Content-Length: {length}\r\n\r\n",
            self.headers
        );
        let began = Instant::now();
        self.reader.get_mut().write_all(head.as_bytes()).unwrap();
        for sent in 0..pieces {
            self.reader.get_mut().write_all(piece).unwrap();
            if rate > 0 {
                let due = Duration::from_secs_f64((sent * piece.len()) as f64 / rate as f64);
                std::thread::sleep(due.saturating_sub(began.elapsed()));
            }
        }
        let mut answer = self.answer();
        answer.took = began.elapsed();
        answer
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.reader.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    fn answer(&mut self) -> Answer {
        let status = self.line();
        let status = status.split(' ').nth(1).unwrap().parse().unwrap();
        let (mut length, mut cookie) = (None, None);
        loop {
            let line = self.line();
            let Some((name, value)) = line.split_once(':') else {
                break;
            };
            match name.to_lowercase().as_str() {
                "content-length" => length = Some(value.trim().parse::<usize>().unwrap()),
                "set-cookie" => cookie = value.trim().split(';').next().map(str::to_owned),
                _ => {}
            }
        }
        let mut bytes = 0;
        match length {
            Some(length) => {
                std::io::copy(
                    &mut self.reader.by_ref().take(length as u64),
                    &mut std::io::sink(),
                )
                .unwrap();
                bytes = length;
            }
            None if status == 303 || status == 204 => {}
            None => loop {
                let size = usize::from_str_radix(&self.line(), 16).unwrap();
                let mut piece = vec![0; size + 2];
                self.reader.read_exact(&mut piece).unwrap();
                bytes += size;
                if size == 0 {
                    break;
                }
            },
        }
        Answer {
            status,
            cookie,
            bytes,
            took: Duration::ZERO,
        }
    }
}
