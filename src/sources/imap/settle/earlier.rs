//! What an earlier try did of which we have no record, and what others did meanwhile.
//!
//! No row is written before a move: a mail that is not where it lay is looked for in the mailboxes of
//! its verdict, by what survives a move: its size, its date and its Message-ID.

use std::time::Duration;

use super::super::place::{self, Place};
use super::super::session::{Fault, Mail};
use super::{Item, Settler};
use crate::arrival::{Settled, Verdict, Version};
use crate::limits;
use crate::sources::After;

impl Settler<'_> {
    /// What has become of a mail that is not where it lay.
    pub(super) async fn missing(&mut self, folder: &str, item: Item) -> Result<Settled, Fault> {
        if let Some(place) = self.earlier(item.version, item.verdict).await? {
            return Ok(Settled::Already(place.locator()));
        }
        let other = match item.verdict {
            Verdict::Done => Verdict::Error,
            Verdict::Error => Verdict::Done,
        };
        if self.earlier(item.version, other).await?.is_some() {
            // A person's retry came between a move that was never recorded and this try.
            return Ok(Settled::Vanished);
        }
        if self.door.pickup.after == After::Delete && item.verdict == Verdict::Done {
            // Gone is what was wanted, whoever did it.
            return Ok(Settled::Finished);
        }
        // The mailbox counts anew, or somebody took the mail out and laid it back: under its new
        // number it is an arrival of its own.
        Ok(match self.find(folder, item.version).await? {
            Some(_) => Settled::Superseded,
            None => Settled::Vanished,
        })
    }

    /// Where an earlier try put it. Dated mailboxes are searched back hour by hour and then day by
    /// day, over [`limits::SETTLED_DAYS`].
    pub(super) async fn earlier(
        &mut self,
        version: Version,
        verdict: Verdict,
    ) -> Result<Option<Place>, Fault> {
        let days = (2..limits::SETTLED_DAYS).map(|day| day * 24);
        let mut paths: Vec<String> = Vec::new();
        for hours in (0..48).chain(days) {
            let at = self.now.before(Duration::from_hours(1) * hours);
            let path = self.path(verdict, at)?;
            if !paths.contains(&path) {
                paths.push(path);
            }
        }
        for path in paths {
            for name in self.layout.existing(&mut self.session, &path).await? {
                if let Some(place) = self.find(&name, version).await? {
                    return Ok(Some(place));
                }
            }
        }
        Ok(None)
    }

    /// A mail of this version in a mailbox, which is only looked at.
    pub(super) async fn find(
        &mut self,
        folder: &str,
        version: Version,
    ) -> Result<Option<Place>, Fault> {
        let selected = self.session.select(folder, false).await?;
        let uids = self.session.search(&criteria(version)).await?;
        // The latest ones: an earlier try of ours is not old.
        let from = uids.len().saturating_sub(limits::IMAP_CANDIDATES);
        let mails = self
            .session
            .about(uids.get(from..).unwrap_or_default())
            .await?;
        let found = mails.into_iter().rev().find(|mail| mail.version == version);
        Ok(found.map(|Mail { uid, .. }| Place {
            folder: folder.to_owned(),
            validity: selected.validity,
            uid,
        }))
    }

    /// Whether this version lies at exactly this place.
    pub(super) async fn lies_at(&mut self, place: &Place, version: Version) -> Result<bool, Fault> {
        let selected = match self.session.select(&place.folder, false).await {
            Ok(selected) => selected,
            // The mailbox itself is gone.
            Err(Fault::Refused(_)) => return Ok(false),
            Err(fault) => return Err(fault),
        };
        if selected.validity != place.validity {
            return Ok(false);
        }
        let mails = self.session.about(&[place.uid.get()]).await?;
        Ok(mails.iter().any(|mail| mail.version == version))
    }
}

/// What a server can search by. Days are compared in a zone of the server's choice, and by some
/// servers in another one than the date is told in: so the days around it count as well. Sizes are
/// compared as the server stores them: Courier, without the CR of each line, which is half at most.
fn criteria(version: Version) -> String {
    const DAY: i64 = 24 * 60 * 60;
    let day = |seconds: i64| {
        let day = jiff::Timestamp::from_second(seconds).unwrap_or_default();
        day.strftime("%-d-%b-%Y").to_string()
    };
    let date = place::date(version);
    let (from, to) = (date.saturating_sub(DAY), date.saturating_add(2 * DAY));
    let above = version.size.saturating_add(1);
    let criteria = format!("SINCE {} BEFORE {} SMALLER {above}", day(from), day(to));
    match (version.size / 2).checked_sub(1) {
        Some(below) => format!("{criteria} LARGER {below}"),
        None => criteria,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_is_searched_by_its_size_and_the_days_around_its_date() {
        let version = place::version(100, 1_700_000_000, b"<a@b>");
        assert_eq!(
            criteria(version),
            "SINCE 13-Nov-2023 BEFORE 16-Nov-2023 SMALLER 101 LARGER 49"
        );
        assert!(!criteria(place::version(0, 0, b"")).contains("LARGER"));
    }
}
