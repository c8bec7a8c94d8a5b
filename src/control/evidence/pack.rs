//! A zip archive that is written as it is read: no piece of it is ever changed afterwards.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use jiff::tz::TimeZone;
use serde::Serialize;
use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::{DURING, Drain};
use crate::clock::Millis;
use crate::failure::Failure;

/// What the archive's writer has written and nobody has taken yet.
#[derive(Debug, Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Written {
    fn take(&self) -> Bytes {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *held).into()
    }
}

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// An archive whose entries lie in one folder.
pub(super) struct Pack {
    folder: String,
    options: SimpleFileOptions,
    written: Written,
    /// Apart: it is large, and what holds it is moved about.
    zip: Box<ZipWriter<StreamWriter<Written>>>,
}

impl Pack {
    /// Entries carry `time`, so that the same evidence is the same archive.
    pub(super) fn new(folder: String, time: Millis) -> Self {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .last_modified_time(stamp(time).unwrap_or_default())
            .unix_permissions(0o600);
        let written = Written::default();
        Self {
            folder,
            options,
            zip: Box::new(ZipWriter::new_stream(written.clone())),
            written,
        }
    }

    /// The next entry.
    pub(super) async fn open(&mut self, name: &str, drain: &mut dyn Drain) -> Result<(), Failure> {
        let name = format!("{}/{name}", self.folder);
        let opened = self.zip.start_file(name, self.options);
        opened.map_err(|error| Failure::ours(DURING, error))?;
        self.pass_on(drain).await
    }

    /// More of the entry that is open.
    pub(super) async fn write(
        &mut self,
        bytes: &[u8],
        drain: &mut dyn Drain,
    ) -> Result<(), Failure> {
        let written = self.zip.write_all(bytes);
        written.map_err(|error| Failure::ours(DURING, error))?;
        self.pass_on(drain).await
    }

    pub(super) async fn text(
        &mut self,
        name: &str,
        text: &str,
        drain: &mut dyn Drain,
    ) -> Result<(), Failure> {
        self.open(name, drain).await?;
        self.write(text.as_bytes(), drain).await
    }

    pub(super) async fn json(
        &mut self,
        name: &str,
        value: &(impl Serialize + Sync),
        drain: &mut dyn Drain,
    ) -> Result<(), Failure> {
        let text = serde_json::to_string_pretty(value);
        let text = text.map_err(|error| Failure::ours(DURING, error))?;
        self.text(name, &(text + "\n"), drain).await
    }

    /// The list of all entries, which ends it.
    pub(super) async fn finish(self, drain: &mut dyn Drain) -> Result<(), Failure> {
        let Self { written, zip, .. } = self;
        let ended = zip.finish();
        drop(ended.map_err(|error| Failure::ours(DURING, error))?);
        drain.piece(written.take()).await
    }

    async fn pass_on(&mut self, drain: &mut dyn Drain) -> Result<(), Failure> {
        let bytes = self.written.take();
        if bytes.is_empty() {
            return Ok(());
        }
        drain.piece(bytes).await
    }
}

/// A time as zip archives have it, in UTC.
fn stamp(time: Millis) -> Option<DateTime> {
    let at = time.timestamp().to_zoned(TimeZone::UTC);
    let part = |value: i8| u8::try_from(value).ok();
    DateTime::from_date_and_time(
        u16::try_from(at.year()).ok()?,
        part(at.month())?,
        part(at.day())?,
        part(at.hour())?,
        part(at.minute())?,
        part(at.second())?,
    )
    .ok()
}
