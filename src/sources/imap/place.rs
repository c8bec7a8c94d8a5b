//! Where a mail lies, as the ledger remembers it.
//!
//! A mailbox gives each mail a number (UID) that it never gives again, as long as the mailbox keeps
//! its UIDVALIDITY (RFC 3501, 2.3.1.1). The three together are a place for ever, and its locator
//! reads like a file's: `INBOX/1700000000.45.eml` is UID 45 of INBOX under UIDVALIDITY 1700000000.
//!
//! The version of a mail is its RFC822.SIZE, and in `modified` its INTERNALDATE: seconds, so that
//! the nanoseconds are free for a fingerprint of its Message-ID. Both dates and sizes survive a move
//! (RFC 3501, 6.4.7), so that a mail is found again in another folder under another number.

use std::num::NonZeroU32;

use sha2::{Digest, Sha256};

use crate::arrival::{Locator, Version};

/// One mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// The mailbox, as text.
    pub(super) folder: String,
    /// The mailbox's UIDVALIDITY.
    pub(super) validity: NonZeroU32,
    /// The mail's UID.
    pub(super) uid: NonZeroU32,
}

impl Place {
    /// As the ledger keeps it.
    pub(super) fn locator(&self) -> Locator {
        let Self {
            folder,
            validity,
            uid,
        } = self;
        Locator(format!("{folder}/{validity}.{uid}.eml").into_bytes())
    }

    /// What a locator of ours says; `None` for any other.
    pub(super) fn read(locator: &Locator) -> Option<Self> {
        let (folder, name) = std::str::from_utf8(&locator.0).ok()?.rsplit_once('/')?;
        let (validity, uid) = name.strip_suffix(".eml")?.split_once('.')?;
        Some(Self {
            folder: folder.to_owned(),
            validity: validity.parse().ok()?,
            uid: uid.parse().ok()?,
        })
    }
}

/// The version of a mail of this size, date (seconds since 1970) and Message-ID.
pub(super) fn version(size: u64, date: i64, message_id: &[u8]) -> Version {
    let hash = Sha256::digest(message_id.trim_ascii());
    let [a, b, c, d, ..] = *hash.as_slice() else {
        return Version { size, modified: 0 };
    };
    let nanoseconds = i64::from(u32::from_be_bytes([a, b, c, d])) % 1_000_000_000;
    Version {
        size,
        modified: date
            .saturating_mul(1_000_000_000)
            .saturating_add(nanoseconds),
    }
}

/// The second of a version's date.
pub(super) fn date(version: Version) -> i64 {
    version.modified.div_euclid(1_000_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_reads_like_a_file_and_is_read_back() {
        let place = Place {
            folder: "INBOX/Aufträge".to_owned(),
            validity: NonZeroU32::new(1_700_000_000).unwrap(),
            uid: NonZeroU32::new(45).unwrap(),
        };
        let locator = place.locator();
        assert_eq!(locator.to_string(), "INBOX/Aufträge/1700000000.45.eml");
        assert_eq!(Place::read(&locator), Some(place));
        for wrong in [
            "INBOX",
            "INBOX/0.1.eml",
            "INBOX/1.0.eml",
            "INBOX/1.2",
            "a.csv",
        ] {
            assert_eq!(Place::read(&Locator(wrong.into())), None, "{wrong}");
        }
    }

    #[test]
    fn mails_of_one_second_and_size_differ_by_their_message_id() {
        let one = version(100, 1_700_000_000, b"<a@b>");
        assert_eq!(one, version(100, 1_700_000_000, b" <a@b>\r\n"));
        assert_ne!(one, version(100, 1_700_000_000, b"<c@b>"));
        assert_eq!(date(one), 1_700_000_000);
        assert_eq!(date(version(1, -1, b"")), -1);
    }
}
