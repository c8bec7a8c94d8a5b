//! Mails: made with what they tell, sent later, never twice under two names.

use crate::arrival::{ArrivalId, ReportId};
use crate::ledger::sqlite::work::{Sql, Tx};
use crate::ledger::{Bounced, ReportEnd, ReportKind, Returned, bounce_token};
use crate::limits;

/// The word of a kind.
pub(in crate::ledger::sqlite) fn kind_word(kind: ReportKind) -> &'static str {
    match kind {
        ReportKind::Report => "report",
        ReportKind::Alert => "alert",
        ReportKind::Summary => "summary",
        ReportKind::Notice => "notice",
    }
}

/// The report about an arrival with verdict error.
///
/// Its Message-ID derives from the arrival and its bytes: the sender hears once, also when a person
/// tries the file again.
pub(super) fn report(tx: &Tx<'_>, arrival: i64) -> Sql<()> {
    let found = tx.first(
        "SELECT sha256 FROM file WHERE arrival = ?1 ORDER BY id LIMIT 1",
        [arrival],
        |row| row.get::<_, [u8; 32]>(0),
    )?;
    let Some(sha256) = found else {
        return Ok(());
    };
    let hash = hex::encode(sha256.get(..8).unwrap_or(&sha256));
    tx.run(
        "INSERT INTO report (kind, arrival, state, due, created, message_id)
         VALUES ('report', ?1, 'due', ?2, ?2, ?3) ON CONFLICT DO NOTHING",
        (
            arrival,
            tx.now.0,
            format!("<report-{arrival}.{hash}@{}>", tx.host),
        ),
    )?;
    Ok(())
}

/// Freezes a mail.
pub(in crate::ledger::sqlite) fn composed(
    tx: &Tx<'_>,
    report: ReportId,
    recipient: &str,
    said: &[String],
    message: &[u8],
) -> Sql<()> {
    let found = tx.run(
        "UPDATE report SET recipient = ?2 WHERE id = ?1 AND state = 'due'",
        (report.0, recipient),
    )?;
    if found == 0 {
        super::superseded("composed", report.0);
        return Ok(());
    }
    tx.run(
        "INSERT OR REPLACE INTO message (report, bytes) VALUES (?1, ?2)",
        (report.0, message),
    )?;
    for key in said {
        tx.run(
            "INSERT INTO said (key, at) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET at = excluded.at",
            (key, tx.now.0),
        )?;
    }
    Ok(())
}

/// Ends a try.
pub(in crate::ledger::sqlite) fn reported(
    tx: &Tx<'_>,
    report: ReportId,
    end: &ReportEnd,
) -> Sql<()> {
    let (state, due, sent, detail) = match end {
        ReportEnd::Sent => ("sent", None, Some(tx.now.0), None),
        ReportEnd::Later(until, why) => ("due", Some(until.0), None, Some(why)),
        ReportEnd::Withheld(why) => ("withheld", None, None, Some(why)),
    };
    let found = tx.run(
        "UPDATE report SET state = ?2, due = ?3, sent = ?4, detail = ?5, tries = tries + 1
         WHERE id = ?1 AND state = 'due'",
        (report.0, state, due, sent, detail),
    )?;
    if found == 0 {
        super::superseded("reported", report.0);
    }
    Ok(())
}

/// A mail of ours came back. The check in the token keeps strangers from marking mails by guessing
/// numbers.
pub(in crate::ledger::sqlite) fn bounced(tx: &Tx<'_>, one: &Bounced) -> Sql<Option<Returned>> {
    let Some((id, _)) = one.token.split_once('.') else {
        return Ok(None);
    };
    let Ok(id) = id.parse::<i64>() else {
        return Ok(None);
    };
    let found = tx.first(
        "SELECT message_id, arrival, recipient, state FROM report WHERE id = ?1",
        [id],
        |row| {
            Ok((
                row.get::<_, String>(0)?,
                row.get::<_, Option<i64>>(1)?,
                row.get::<_, Option<String>>(2)?,
                row.get::<_, String>(3)?,
            ))
        },
    )?;
    let Some((message_id, arrival, recipient, state)) = found else {
        return Ok(None);
    };
    if !bounce_token(ReportId(id), &message_id).eq_ignore_ascii_case(&one.token) {
        return Ok(None);
    }
    let to = one
        .recipient
        .as_deref()
        .or(recipient.as_deref())
        .unwrap_or("its recipient");
    tx.run(
        "UPDATE report SET state = 'bounced', due = NULL, detail = ?2 WHERE id = ?1",
        (id, format!("It did not reach {to}: {}", one.words)),
    )?;
    Ok(Some(Returned {
        arrival: arrival.map(ArrivalId),
        recipient: recipient.unwrap_or_default(),
        news: state != "bounced",
    }))
}

/// An alert, or one more of an equal one.
pub(in crate::ledger::sqlite) fn alert(
    tx: &Tx<'_>,
    fold: &str,
    kind: ReportKind,
    subject: &str,
    text: &str,
) -> Sql<bool> {
    let folded = tx.run(
        "UPDATE report SET count = count + 1 WHERE id =
         (SELECT id FROM report WHERE fold = ?1 AND created > ?2 AND kind = ?3
          ORDER BY created DESC LIMIT 1)",
        (fold, tx.now.before(limits::ALERT_WINDOW).0, kind_word(kind)),
    )?;
    if folded > 0 {
        return Ok(false);
    }
    // The row number is not known before the row is there.
    let next: i64 = tx
        .first("SELECT coalesce(max(id), 0) + 1 FROM report", [], |row| {
            row.get(0)
        })?
        .unwrap_or(1);
    tx.run(
        "INSERT INTO report (id, kind, state, due, created, fold, subject, text, message_id)
         VALUES (?1, ?2, 'due', ?3, ?3, ?4, ?5, ?6, ?7)",
        (
            next,
            kind_word(kind),
            tx.now.0,
            fold,
            subject,
            text,
            format!("<{}-{next}.{}@{}>", kind_word(kind), tx.now.0, tx.host),
        ),
    )?;
    Ok(true)
}

/// Reports of an arrival that is tried again and that were not sent yet: they would tell what no
/// longer holds.
pub(super) fn forget_unsent(tx: &Tx<'_>, arrival: i64) -> Sql<()> {
    tx.run(
        "DELETE FROM message WHERE report IN
         (SELECT id FROM report WHERE arrival = ?1 AND state = 'due')",
        [arrival],
    )?;
    tx.run(
        "DELETE FROM report WHERE arrival = ?1 AND state = 'due'",
        [arrival],
    )?;
    Ok(())
}
