//! The filter from inside: what a confined thread gets when it tries.

use std::fs::File;
use std::io;
use std::net::{TcpStream, UdpSocket};
use std::os::unix::net::UnixStream;
use std::process::Command;

/// What a thread under the filter gets when it tries. The filter belongs to the thread that sets
/// it; the limits are the whole process's and are seen from outside.
fn confined<T>(what: impl FnOnce() -> io::Result<T> + Send + 'static) -> Option<i32>
where
    T: Send + 'static,
{
    let thread = std::thread::spawn(move || {
        super::confine::filter().map_err(io::Error::other)?;
        what().map(drop)
    });
    thread
        .join()
        .unwrap()
        .err()
        .and_then(|error| error.raw_os_error())
}

#[test]
fn what_a_reader_does_not_need_is_denied() {
    let denied = Some(libc::EPERM);
    assert_eq!(confined(|| File::open("/etc/passwd")), denied);
    assert_eq!(confined(|| File::create("/tmp/orderdock-never")), denied);
    assert_eq!(confined(|| std::fs::metadata("/etc/passwd")), denied);
    assert_eq!(confined(|| std::fs::read_dir("/")), denied);
    assert_eq!(
        confined(|| std::fs::remove_file("/tmp/orderdock-never")),
        denied
    );
    assert_eq!(confined(|| TcpStream::connect(("127.0.0.1", 25))), denied);
    assert_eq!(confined(|| UdpSocket::bind("127.0.0.1:0")), denied);
    assert_eq!(confined(UnixStream::pair), denied);
    assert_eq!(confined(|| Command::new("/bin/true").status()), denied);
    let kill = || {
        Ok(rustix::process::test_kill_process(
            rustix::process::getpid(),
        )?)
    };
    assert_eq!(confined(kill), denied);
}

#[test]
fn what_a_reader_needs_is_allowed() {
    let compute = || {
        Ok(vec![1_u8; 10 << 20]
            .into_iter()
            .map(usize::from)
            .sum::<usize>())
    };
    assert_eq!(confined(compute), None);
    assert_eq!(confined(|| Ok(crate::clock::moment())), None);
}
