//! One look at the watched folder of a server, and those below it where asked for.
//!
//! Complete or failed: a folder that cannot be listed fails the look, one that vanished between
//! two answers does not. What is left alone is named once in the log.

use std::collections::HashSet;

use super::Inner;
use crate::arrival::{Entry, Locator};
use crate::clients::{Item, ItemKind, Session};
use crate::failure::Failure;
use crate::limits;
use crate::names;
use crate::sources::Listing;

pub(super) async fn list(inner: &Inner) -> Result<Listing, Failure> {
    let mut lent = inner.pool.any().await?;
    let mut looked = Scan::new(inner).look(&mut *lent.session).await;
    if looked.is_err() && inner.pool.was_stale(&lent) {
        drop(lent);
        lent = inner.pool.fresh().await?;
        looked = Scan::new(inner).look(&mut *lent.session).await;
    }
    inner.pool.give_back(lent);
    let listing = looked?;
    inner.noticed.cut(&inner.pickup.name, listing.cut);
    Ok(listing)
}

struct Scan<'a> {
    inner: &'a Inner,
    closed: [&'a [u8]; 2],
    listing: Listing,
    /// Folders still to be looked at, with their depth.
    below: Vec<(Vec<u8>, usize)>,
    names: usize,
}

impl<'a> Scan<'a> {
    fn new(inner: &'a Inner) -> Self {
        Self {
            inner,
            closed: inner.targets.closed(),
            listing: Listing::default(),
            below: vec![(Vec::new(), 0)],
            names: 0,
        }
    }

    async fn look(mut self, session: &mut dyn Session) -> Result<Listing, Failure> {
        while let Some((folder, depth)) = self.below.pop() {
            let room = limits::LISTING_NAMES.saturating_sub(self.names);
            if room == 0 {
                self.listing.cut = true;
                break;
            }
            let path = self.inner.path(&folder);
            let (items, cut) = match session.list(&path, room).await {
                Ok(listed) => listed,
                // Its sender may have removed it since it was seen.
                Err(_) if depth > 0 && session.is_open() && gone(session, &path).await? => continue,
                Err(failure) => return Err(failure),
            };
            self.names += items.len();
            self.listing.cut |= cut;
            self.folder(&folder, depth, items);
        }
        self.listing.entries.sort_unstable_by(|a, b| {
            (a.version.modified, &a.locator).cmp(&(b.version.modified, &b.locator))
        });
        Ok(self.listing)
    }

    fn folder(&mut self, folder: &[u8], depth: usize, items: Vec<Item>) {
        let filter = &self.inner.filter;
        let is_marker = |item: &&Item| filter.is_marker(&item.name);
        let markers = items.iter().filter(is_marker);
        let markers: HashSet<Vec<u8>> = markers.map(|item| item.name.clone()).collect();
        for item in items {
            if matches!(item.name.as_slice(), b"." | b"..") {
                continue;
            }
            match item.kind {
                ItemKind::Folder if self.inner.pickup.depth > 0 => {
                    self.enter_later(folder, &item.name, depth);
                }
                ItemKind::Folder => {}
                _ if !filter.takes(folder, &item.name) => {}
                ItemKind::File if !filter.is_announced(&item.name, &markers) => {}
                ItemKind::File => self.file(folder, &item),
                ItemKind::Other => self.left_alone(
                    folder,
                    &item.name,
                    "it is a link, a device or something that the server does not tell",
                ),
            }
        }
    }

    fn file(&mut self, folder: &[u8], item: &Item) {
        let Some(name) = names::safe_component(&item.name) else {
            let why = "its name is too long, or has a separator or a zero byte in it";
            return self.left_alone(folder, &item.name, why);
        };
        let Some(version) = item.version() else {
            return self.left_alone(folder, &item.name, "the server does not tell its size");
        };
        if version.size >= self.inner.pickup.min_bytes {
            let locator = Locator(names::joined(folder, name));
            self.listing.entries.push(Entry { locator, version });
        }
    }

    fn enter_later(&mut self, folder: &[u8], name: &[u8], depth: usize) {
        let Some(component) = names::safe_component(name) else {
            return;
        };
        let path = names::joined(folder, component);
        let closed = self.closed.contains(&path.as_slice());
        if depth < self.inner.pickup.depth && !closed && !names::is_temporary(name) {
            self.below.push((path, depth + 1));
        }
    }

    fn left_alone(&self, folder: &[u8], name: &[u8], why: &str) {
        let path = [folder, b"/", name].concat();
        let source = &self.inner.pickup.name;
        self.inner.noticed.left_alone(source, &path, why);
    }
}

async fn gone(session: &mut dyn Session, path: &[u8]) -> Result<bool, Failure> {
    Ok(session.stat(path).await?.is_none())
}
