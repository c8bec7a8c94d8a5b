//! What lies where: listings of folders, and what one name is.
//!
//! A server with MLSD and MLST tells both exactly. The others are asked by LIST, SIZE and MDTM, and a
//! version is known by its size and the time that LIST shows.

use std::sync::atomic::Ordering;

use jiff::civil::Date;

use crate::clients::{Item, ItemKind, shown};
use crate::clock;
use crate::failure::Failure;
use crate::limits;
use crate::problem::excerpt;

use super::data::{Begun, Fault, Reading};
use super::listing::{self, Line};
use super::reply::Reply;
use super::session::FtpSession;

/// What the lines of one listing came to.
struct Listed {
    items: Vec<Item>,
    cut: bool,
}

impl FtpSession {
    /// The items of a folder. It is entered first: many servers take an argument of LIST for a pattern
    /// or for options.
    pub(super) async fn list_once(
        &mut self,
        folder: &[u8],
        limit: usize,
    ) -> Result<(Vec<Item>, bool), Fault> {
        let what = format!("listing {}", shown(folder));
        let reply = self.link.control.ask("CWD", folder).await?;
        self.link.done(&what, &reply)?;
        let Listed { mut items, cut } = self.lines_of(&what, b"", limit).await?;
        items.retain(|item| {
            let usable = is_usable(&item.name);
            if !usable {
                let name = excerpt(&String::from_utf8_lossy(&item.name));
                let words = format!(
                    "the name “{name}” cannot be said back to the server and is left alone"
                );
                self.link.note(words);
            }
            usable
        });
        if !self.link.features.machine {
            let mut times = self.server.times();
            for item in &mut items {
                if let (ItemKind::File, Some(size), Some(at)) =
                    (item.kind, item.size, item.modified)
                {
                    let path = beneath(folder, &item.name);
                    item.modified = Some(times.listed(&path, size, at));
                }
            }
        }
        Ok((items, cut))
    }

    /// What lies at a whole path.
    pub(super) async fn look(&mut self, path: &[u8]) -> Result<Option<Item>, Fault> {
        if !self.link.features.machine {
            return self.look_classic(path).await;
        }
        let reply = self.link.control.ask("MLST", path).await?;
        if reply.class() == 5 && !reply.is_unknown_command() {
            return Ok(None);
        }
        let line = reply.inner().first().filter(|_| reply.is_done());
        let line = line.map(|line| line.strip_prefix(b" ").unwrap_or(line));
        match line.map(listing::machine) {
            Some(Line::Item(item)) => Ok(Some(named(item, path))),
            // The folder entered last is told as such.
            Some(Line::Nothing) => Ok(Some(folder(path))),
            _ => Err(self.unclear(path, &reply).into()),
        }
    }

    fn unclear(&self, path: &[u8], reply: &Reply) -> Failure {
        let what = format!("looking at {}", shown(path));
        self.link.control.refused(&what, reply)
    }

    /// Without MLST.
    async fn look_classic(&mut self, path: &[u8]) -> Result<Option<Item>, Fault> {
        let reply = self.link.control.ask("SIZE", path).await?;
        if let Some(size) = reply.size() {
            self.server.tells_sizes.store(true, Ordering::Relaxed);
            return self.look_at_file(path, size).await;
        }
        if reply.class() == 4 {
            return Err(self.unclear(path, &reply).into());
        }
        let reply = self.link.control.ask("CWD", path).await?;
        if reply.is_done() {
            return Ok(Some(folder(path)));
        }
        // A server that tells sizes has said that there is no file.
        if self.server.tells_sizes.load(Ordering::Relaxed) {
            return Ok(None);
        }
        let found = self.list_one(path).await?;
        if found
            .as_ref()
            .is_some_and(|item| item.kind == ItemKind::File)
        {
            self.link
                .note("it does not tell sizes by SIZE; those of LIST are used");
        }
        Ok(found)
    }

    /// A file of which SIZE told the size.
    async fn look_at_file(&mut self, path: &[u8], size: u64) -> Result<Option<Item>, Fault> {
        let reply = self.link.control.ask("MDTM", path).await?;
        let exact = reply.time();
        if let Some(exact) = &exact
            && let Some(at) = self.server.times().of(path, size, exact)
        {
            return Ok(Some(file(path, size, at)));
        }
        if exact.is_none() && reply.is_unknown_command() {
            self.link
                .note("it does not tell times by MDTM; those of LIST are used");
        }
        let Some(item) = self.list_one(path).await? else {
            return Ok(None);
        };
        let (Some(size), Some(listed), Some(exact)) = (item.size, item.modified, exact) else {
            return Ok(Some(item));
        };
        let at = self.server.times().learn(path, size, listed, &exact);
        Ok(Some(file(path, size, at)))
    }

    /// One name, by a listing of it alone, or of its folder where its name would be taken for a
    /// pattern.
    async fn list_one(&mut self, path: &[u8]) -> Result<Option<Item>, Fault> {
        let what = format!("listing {}", shown(path));
        let (above, name) = parted(path);
        if name.first() == Some(&b'.') {
            return self.look_at_hidden(path).await;
        }
        let is_plain = !path.iter().any(|byte| b"*?[]{}\\".contains(byte));
        if is_plain {
            let found = self.lines_of(&what, path, 2).await?.items;
            if let [item] = found.as_slice()
                && (item.name == name || item.name == path)
            {
                return Ok(Some(named(item.clone(), path)));
            }
            if found.is_empty() {
                return Ok(None);
            }
        }
        let reply = self.link.control.ask("CWD", above).await?;
        if !reply.is_done() {
            return Ok(None);
        }
        let listed = self.lines_of(&what, b"", limits::LISTING_NAMES).await?;
        Ok(listed.items.into_iter().find(|item| item.name == name))
    }

    /// A name that listings leave out, as they do with those that begin with a dot (only our own probe
    /// has one): whether it can be renamed. To itself, because RNFR wants RNTO next (RFC 959, 5.4), and
    /// some servers take nothing else then.
    async fn look_at_hidden(&mut self, path: &[u8]) -> Result<Option<Item>, Fault> {
        let reply = self.link.control.ask("RNFR", path).await?;
        if reply.class() == 3 {
            self.link.control.ask("RNTO", path).await?;
        }
        let hidden = Item {
            name: Vec::new(),
            kind: ItemKind::File,
            size: None,
            modified: None,
        };
        Ok((reply.class() == 3).then(|| named(hidden, path)))
    }

    /// The items that MLSD or LIST tell.
    async fn lines_of(&mut self, what: &str, of: &[u8], limit: usize) -> Result<Listed, Fault> {
        let machine = self.link.features.machine;
        let verb = if machine { "MLSD" } else { "LIST" };
        let mut listed = Listed {
            items: Vec::new(),
            cut: false,
        };
        let mut transfer = match self.link.begin(verb, of).await? {
            Begun::Yes(transfer) => transfer,
            // An empty folder is “no files found” to some (RFC 959 knows only 450 for it).
            Begun::Refused(reply) if matches!(reply.code, 450 | 550) || reply.is_done() => {
                return Ok(listed);
            }
            Begun::Refused(reply) => return Err(self.link.control.refused(what, &reply).into()),
        };
        let today = clock::now()
            .timestamp()
            .to_zoned(jiff::tz::TimeZone::UTC)
            .date();
        let (mut strays, mut other) = (0, None);
        let mut ended = Reading::Ended;
        while let Some(line) = transfer.line(&mut self.link).await? {
            match self.read_line(&line, machine, today) {
                Line::Item(item) => listed.items.push(item),
                Line::Nothing | Line::Unknown => strays += 1,
                Line::Other(system) => other = Some(system),
            }
            listed.cut = listed.items.len() > limit || strays > limits::FTP_STRAY_LINES;
            if listed.cut || other.is_some() {
                ended = Reading::Stopped;
                break;
            }
        }
        listed.items.truncate(limit);
        match transfer.end(verb, ended, &mut self.link).await {
            Err(Fault::Nothing(_)) if listed.items.is_empty() => {}
            end => end?,
        }
        if let Some(system) = other {
            let why = format!(
                "the server lists its files as {system} does; only servers that list as Unix or \
                 Windows do, or offer MLSD, are read"
            );
            return Err(Failure::operator(what, why).into());
        }
        Ok(listed)
    }

    fn read_line(&mut self, line: &[u8], machine: bool, today: Date) -> Line {
        let read = if machine {
            listing::machine(line)
        } else {
            listing::line(line, today)
        };
        if read == Line::Unknown {
            let text = excerpt(&String::from_utf8_lossy(line));
            tracing::warn!(line = %text, "A line of a listing was not understood; it was left out.");
            self.link
                .note(format!("a line of a listing was not understood: “{text}”"));
        }
        read
    }
}

/// Whether a name can be said in a command, and names one entry of a folder.
fn is_usable(name: &[u8]) -> bool {
    !name
        .iter()
        .any(|byte| matches!(byte, b'\r' | b'\n' | 0 | b'/'))
        && !matches!(name, b"" | b"." | b"..")
}

fn beneath(folder: &[u8], name: &[u8]) -> Vec<u8> {
    let mut path = folder.to_vec();
    if path.last() != Some(&b'/') {
        path.push(b'/');
    }
    path.extend_from_slice(name);
    path
}

/// The folder and the name of a whole path.
fn parted(path: &[u8]) -> (&[u8], &[u8]) {
    match path.iter().rposition(|byte| *byte == b'/') {
        Some(0) => (b"/", path.get(1..).unwrap_or_default()),
        Some(at) => (&path[..at], path.get(at + 1..).unwrap_or_default()),
        None => (b"/", path),
    }
}

fn named(mut item: Item, path: &[u8]) -> Item {
    item.name = parted(path).1.to_vec();
    item
}

fn folder(path: &[u8]) -> Item {
    let item = Item {
        name: Vec::new(),
        kind: ItemKind::Folder,
        size: None,
        modified: None,
    };
    named(item, path)
}

fn file(path: &[u8], size: u64, at: i64) -> Item {
    Item {
        name: parted(path).1.to_vec(),
        kind: ItemKind::File,
        size: Some(size),
        modified: Some(at),
    }
}
