//! One look at the mailbox: which mails lie there.
//!
//! Mails are found by their UIDs, not by flags: what was read by a person or another program counts
//! as well. Only what is marked as deleted is left out, which is on its way out for everybody. A
//! mail never changes, so each is asked about once and remembered while it lies there.

use std::collections::HashMap;
use std::num::NonZeroU32;

use super::place::Place;
use super::session::{Fault, Mail, Selected, Session};
use crate::arrival::{Entry, Version};
use crate::limits;
use crate::sources::{After, Listing};

/// What is known of the mails that lay there at the last look. Memory only.
#[derive(Debug, Default)]
pub(super) struct Remembered {
    validity: Option<NonZeroU32>,
    mails: HashMap<NonZeroU32, Version>,
}

pub(super) async fn look(
    session: &mut Session,
    mailbox: &str,
    after: After,
    remembered: &mut Remembered,
) -> Result<Listing, Fault> {
    let selected = session.select(mailbox, true).await?;
    session.refresh().await?;
    let exists = session.exists() as usize;
    let cut = exists > limits::LISTING_NAMES;
    let uids = session.search(&criteria(exists, after)).await?;
    remembered.keep(selected.validity, &uids);
    let new: Vec<u32> = uids
        .iter()
        .copied()
        .filter(|uid| NonZeroU32::new(*uid).is_some_and(|uid| !remembered.mails.contains_key(&uid)))
        .collect();
    for mail in session.about(&new).await? {
        remembered.mails.insert(mail.uid, mail.version);
    }
    let known = uids.iter().filter_map(|uid| {
        let uid = NonZeroU32::new(*uid)?;
        let version = *remembered.mails.get(&uid)?;
        Some(Mail { uid, version })
    });
    let mut entries: Vec<Entry> = known.map(|mail| entry(&selected, mail)).collect();
    // Oldest first, by the moment of arrival; mails of one second in the order of their UIDs.
    entries.sort_by_key(|entry| super::place::date(entry.version));
    Ok(Listing { entries, cut })
}

/// A mailbox that holds more than one look takes is emptied from the front. Where nothing is ever
/// taken out of it, the front is what was taken long ago, and the new mails are at its end.
fn criteria(exists: usize, after: After) -> String {
    let most = limits::LISTING_NAMES;
    match exists.checked_sub(most) {
        None | Some(0) => "UNDELETED".to_owned(),
        Some(_) if after != After::Leave => format!("1:{most} UNDELETED"),
        Some(more) => format!("{}:* UNDELETED", more + 1),
    }
}

fn entry(selected: &Selected, mail: Mail) -> Entry {
    let place = Place {
        folder: selected.mailbox.clone(),
        validity: selected.validity,
        uid: mail.uid,
    };
    Entry {
        locator: place.locator(),
        version: mail.version,
    }
}

impl Remembered {
    /// Forgets what is gone, and everything where the mailbox began to count anew.
    fn keep(&mut self, validity: NonZeroU32, uids: &[u32]) {
        if self.validity.replace(validity) != Some(validity) {
            self.mails.clear();
        }
        self.mails
            .retain(|uid, _| uids.binary_search(&uid.get()).is_ok());
    }
}
