//! A line to a server that breaks after so many bytes, once, and works again afterwards.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// A port that leads to another one.
pub(crate) struct Line {
    pub(crate) port: u16,
    /// Bytes that still pass; below zero once the line has broken or never will.
    left: Arc<AtomicI64>,
    passed: Arc<AtomicI64>,
    /// Connections begun so far, and how many of the first of them lead nowhere.
    begun: Arc<AtomicI64>,
    swallowed: Arc<AtomicI64>,
}

const NEVER: i64 = i64::MIN / 2;

impl Line {
    /// A line to `port` on this machine that works.
    pub(crate) fn to(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let line = Self {
            port: listener.local_addr().unwrap().port(),
            left: Arc::new(AtomicI64::new(NEVER)),
            passed: Arc::default(),
            begun: Arc::default(),
            swallowed: Arc::default(),
        };
        let (left, passed) = (Arc::clone(&line.left), Arc::clone(&line.passed));
        let (begun, swallowed) = (Arc::clone(&line.begun), Arc::clone(&line.swallowed));
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let Ok(server) = TcpStream::connect(("127.0.0.1", port)) else {
                    continue;
                };
                let number = begun.fetch_add(1, Ordering::SeqCst);
                for (from, to) in [(&client, &server), (&server, &client)] {
                    let ends = (from.try_clone().unwrap(), to.try_clone().unwrap());
                    let (left, passed) = (Arc::clone(&left), Arc::clone(&passed));
                    let swallowed = Arc::clone(&swallowed);
                    let is_dead = move || number < swallowed.load(Ordering::SeqCst);
                    std::thread::spawn(move || pass(ends, &left, &passed, is_dead));
                }
            }
        });
        line
    }

    /// From now on it breaks after so many bytes in either direction, over all connections.
    pub(crate) fn break_after(&self, bytes: u64) {
        self.left
            .store(i64::try_from(bytes).unwrap(), Ordering::SeqCst);
    }

    /// It works again, if it has not broken.
    pub(crate) fn mend(&self) {
        self.left.store(NEVER, Ordering::SeqCst);
    }

    /// The connections of now stay open and pass nothing more; new ones work.
    pub(crate) fn swallow(&self) {
        let begun = self.begun.load(Ordering::SeqCst);
        self.swallowed.store(begun, Ordering::SeqCst);
    }

    /// Bytes that went over it so far.
    pub(crate) fn passed(&self) -> u64 {
        u64::try_from(self.passed.load(Ordering::SeqCst)).unwrap()
    }
}

/// Passes on byte after byte until either end closes, or the line breaks.
fn pass(
    (mut from, mut to): (TcpStream, TcpStream),
    left: &AtomicI64,
    passed: &AtomicI64,
    is_dead: impl Fn() -> bool,
) {
    let mut bytes = [0; 16 << 10];
    while let Ok(length @ 1..) = from.read(&mut bytes) {
        if is_dead() {
            continue;
        }
        let length = i64::try_from(length).unwrap();
        let before = left.fetch_sub(length, Ordering::SeqCst);
        let breaks = (0..=length).contains(&before);
        let goes = if breaks { before } else { length };
        passed.fetch_add(goes, Ordering::SeqCst);
        let sent = to.write_all(&bytes[..usize::try_from(goes).unwrap()]);
        if breaks {
            left.store(NEVER, Ordering::SeqCst);
        }
        if breaks || sent.is_err() {
            break;
        }
    }
    for end in [from, to] {
        end.shutdown(Shutdown::Both).unwrap_or_default();
    }
}
