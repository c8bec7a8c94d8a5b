//! A partner for tests that do not await: [`Partner`] with a runtime of its own.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, TcpListener};
use std::ops::Deref;
use std::os::fd::OwnedFd;

use rustix::net::{AddressFamily, SocketType, bind, getsockname, listen, socket};

use super::partner::{Partner, Seen};

/// A running partner.
pub(crate) struct Erp {
    partner: Partner,
    runtime: tokio::runtime::Runtime,
}

impl Deref for Erp {
    type Target = Partner;

    fn deref(&self) -> &Partner {
        &self.partner
    }
}

impl Erp {
    /// One that accepts every order.
    pub(crate) fn start() -> Self {
        Absent::new().appear()
    }

    fn at(listener: TcpListener) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread();
        let runtime = { runtime }.worker_threads(1).enable_all().build().unwrap();
        listener.set_nonblocking(true).unwrap();
        let guard = runtime.enter();
        let partner = Partner::at(tokio::net::TcpListener::from_std(listener).unwrap());
        drop(guard);
        Self { partner, runtime }
    }

    /// Where orders go.
    pub(crate) fn orders(&self) -> String {
        self.url("/orders")
    }

    /// Returns when so many requests were seen.
    pub(crate) fn wait_for(&self, requests: usize) {
        self.runtime.block_on(self.saw(requests));
    }

    /// The numbers of the orders that were applied, sorted, and how often each.
    ///
    /// Asserts on the way what no partner may ever see: other bytes under a key it knows, or one order
    /// under two keys.
    pub(crate) fn orders_applied(&self) -> BTreeMap<String, usize> {
        let mut bytes: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        let mut keys: BTreeMap<Vec<u8>, String> = BTreeMap::new();
        for seen in self.seen() {
            let key = seen.key().to_owned();
            assert!(key.starts_with("od1-"), "{key}");
            let first = bytes
                .entry(key.clone())
                .or_insert_with(|| seen.body.clone());
            assert_eq!(*first, seen.body, "other bytes under the key {key}");
            let other = keys.entry(seen.body).or_insert_with(|| key.clone());
            assert_eq!(*other, key, "one order under two keys");
        }
        let applied = self.applied().into_iter();
        applied
            .map(|(key, times)| (reference(&bytes[&key]), times))
            .collect()
    }

    /// Asserts that exactly these orders were applied, each once.
    pub(crate) fn has_each_once(&self, references: &[impl AsRef<str>]) {
        let mut wanted: Vec<_> = references
            .iter()
            .map(|text| (text.as_ref().to_owned(), 1))
            .collect();
        wanted.sort();
        assert_eq!(
            self.orders_applied().into_iter().collect::<Vec<_>>(),
            wanted
        );
    }
}

/// The sender's number in a body.
fn reference(body: &[u8]) -> String {
    let order: serde_json::Value = serde_json::from_slice(body).unwrap();
    order["reference"].as_str().unwrap().to_owned()
}

/// The number of the order in a request.
pub(crate) fn reference_of(seen: &Seen) -> String {
    reference(&seen.body)
}

/// A partner that is not there: its port is taken, and connections to it are refused.
pub(crate) struct Absent {
    socket: OwnedFd,
    address: SocketAddr,
}

impl Absent {
    pub(crate) fn new() -> Self {
        let socket = socket(AddressFamily::INET, SocketType::STREAM, None).unwrap();
        bind(&socket, &SocketAddrV4::new(Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = SocketAddr::try_from(getsockname(&socket).unwrap()).unwrap();
        Self { socket, address }
    }

    /// Where it will be.
    pub(crate) fn orders(&self) -> String {
        format!("http://{}/orders", self.address)
    }

    /// It listens from now on.
    pub(crate) fn appear(self) -> Erp {
        listen(&self.socket, 128).unwrap();
        Erp::at(TcpListener::from(self.socket))
    }
}
