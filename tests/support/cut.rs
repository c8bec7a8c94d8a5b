//! A line to a server that breaks after so many bytes, once, and works again afterwards; or keeps an
//! answer back when the server has done what it answers for.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

/// A port that leads to another one.
pub(crate) struct Line {
    pub(crate) port: u16,
    /// Bytes that still pass; below zero once the line has broken or never will.
    left: Arc<AtomicI64>,
    passed: Arc<AtomicI64>,
    /// Connections begun so far, and how many of the first of them lead nowhere.
    begun: Arc<AtomicI64>,
    swallowed: Arc<AtomicI64>,
    lost: Arc<Mutex<Option<Lost>>>,
}

/// What becomes of a server's answer once something holds.
struct Lost {
    holds: Box<dyn Fn() -> bool + Send>,
    /// The connection ends; else it stays open, and nothing more passes.
    breaks: bool,
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
            lost: Arc::default(),
        };
        let (left, passed) = (Arc::clone(&line.left), Arc::clone(&line.passed));
        let (begun, swallowed) = (Arc::clone(&line.begun), Arc::clone(&line.swallowed));
        let lost = Arc::clone(&line.lost);
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let Ok(server) = TcpStream::connect(("127.0.0.1", port)) else {
                    continue;
                };
                let number = begun.fetch_add(1, Ordering::SeqCst);
                let mute = Arc::new(AtomicBool::new(false));
                for (from, to, answers) in [(&client, &server, false), (&server, &client, true)] {
                    let (lost, mute) = (Arc::clone(&lost), Arc::clone(&mute));
                    let ends = (from.try_clone().unwrap(), to.try_clone().unwrap());
                    let (left, passed) = (Arc::clone(&left), Arc::clone(&passed));
                    let swallowed = Arc::clone(&swallowed);
                    let fate = move || {
                        if answers && is_lost(&lost, &mute) {
                            return Fate::Broken;
                        }
                        let dead = number < swallowed.load(Ordering::SeqCst);
                        if dead || mute.load(Ordering::SeqCst) {
                            return Fate::Silent;
                        }
                        Fate::Whole
                    };
                    std::thread::spawn(move || pass(ends, &left, &passed, fate));
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

    /// The first thing that the server says once this holds does not arrive, nor does anything after it
    /// on that connection: it breaks, or stays open and silent. Later connections work.
    pub(crate) fn lose_answer(&self, breaks: bool, holds: impl Fn() -> bool + Send + 'static) {
        let holds = Box::new(holds);
        *self.lost.lock().unwrap() = Some(Lost { holds, breaks });
    }

    /// Whether that has happened.
    pub(crate) fn has_lost(&self) -> bool {
        self.lost.lock().unwrap().is_none()
    }

    /// Bytes that went over it so far.
    pub(crate) fn passed(&self) -> u64 {
        u64::try_from(self.passed.load(Ordering::SeqCst)).unwrap()
    }
}

/// What becomes of what was just read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Whole,
    /// It goes nowhere.
    Silent,
    /// It goes nowhere and both ends are closed.
    Broken,
}

/// Whether this answer is the one to lose, and its connection is to break.
fn is_lost(lost: &Mutex<Option<Lost>>, mute: &AtomicBool) -> bool {
    let mut lost = lost.lock().unwrap();
    if !lost.as_ref().is_some_and(|lost| (lost.holds)()) {
        return false;
    }
    let breaks = lost.take().is_some_and(|lost| lost.breaks);
    mute.store(!breaks, Ordering::SeqCst);
    breaks
}

/// Passes on byte after byte until either end closes, or the line breaks.
fn pass(
    (mut from, mut to): (TcpStream, TcpStream),
    left: &AtomicI64,
    passed: &AtomicI64,
    fate: impl Fn() -> Fate,
) {
    let mut bytes = [0; 16 << 10];
    while let Ok(length @ 1..) = from.read(&mut bytes) {
        match fate() {
            Fate::Whole => {}
            Fate::Silent => continue,
            Fate::Broken => break,
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
