//! What FTP servers of one account have in common: a world with the account's folders and a
//! certificate, and how it is told that they have started.

use super::postfix::certificate;
use super::world::World;

/// Who servers become for their users: an account of every Debian whose home exists.
pub(crate) const DAEMON: u32 = 1;

/// The password of the account `edi`.
pub(crate) const PASSWORD: &str = "canary-secret-5d1c";

/// A world with `/srv/edi/in` and `out`, and a certificate that is its own authority. The login folder
/// itself is not the account's to write in, as at most partners.
pub(crate) fn world(name: &str) -> World {
    let world = World::new(name);
    world.folder("srv/edi");
    for folder in ["srv/edi/in", "srv/edi/out"] {
        world.folder_of(folder, DAEMON);
    }
    world.folder("run/ftpd");
    certificate(&world.folder("etc/ftpd"));
    let part = |name: &str| std::fs::read_to_string(world.path(name)).unwrap();
    let both = part("etc/ftpd/key.pem") + &part("etc/ftpd/cert.pem");
    world.write("etc/ftpd/both.pem", &both);
    world
}

/// Runs a server that says nothing when it has started: it has when its port is open.
pub(crate) fn run(world: &mut World, port: u16, command: &[&str]) {
    const WAIT: &str = r#"
        port=$1; shift
        "$@" &
        until (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do kill -0 $! || exit 1; done
        echo "its port is open" >&2
        wait"#;
    let port = port.to_string();
    let all = [&["bash", "-c", WAIT, "ftpd", &port], command].concat();
    world.run("its port is open", &all);
}

/// Returns when a server takes connections there. Some say that they have started a little early.
pub(crate) fn wait_for(port: u16) {
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        std::thread::yield_now();
    }
}
