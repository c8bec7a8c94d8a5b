//! Everything about one order in one archive, for whoever has to prove what was received and sent.
//!
//! ```text
//! order-4711/summary.txt              what happened, in words
//!            original/orders.csv      the file as it came, and the mail or archive around it
//!            order.json               the canonical order
//!            deliveries/1-erp/        request.json as it was sent, answers.json as they came
//!            mails/report-1.eml       what was mailed, as it was mailed
//!            history.json             all that the ledger knows, corrections and actions included
//! ```
//!
//! Made piece by piece from the same answers that everybody gets, so that it is the same with and
//! without a daemon and costs a flat amount of memory. Bodies are kept without what authenticates
//! them, so that no archive holds a secret.

mod pack;
mod words;

use async_trait::async_trait;
use bytes::Bytes;
use serde_json::json;

use self::pack::Pack;
use super::{Answer, Request, Response};
use crate::arrival::FileId;
use crate::failure::Failure;
use crate::ledger::{DeliveryRow, FileStory, OrderStory, Who};
use crate::names;

const DURING: &str = "collecting evidence";

/// Where the archive goes, piece by piece.
#[async_trait]
pub trait Drain: Send {
    /// The next bytes.
    ///
    /// # Errors
    /// They are no longer wanted, or cannot be written.
    async fn piece(&mut self, bytes: Bytes) -> Result<(), Failure>;
}

/// What the archive is called: `order-4711.zip`.
#[must_use]
pub fn evidence_name(story: &OrderStory) -> String {
    format!("{}.zip", folder(story))
}

fn folder(story: &OrderStory) -> String {
    format!("order-{}", plain(&story.order.reference, story.order.id.0))
}

/// A name as it may stand in an archive: nothing that any system takes for more than a name.
fn plain(name: &str, otherwise: i64) -> String {
    let clean: String = names::label(name.as_bytes())
        .chars()
        .map(|c| {
            if c.is_alphanumeric() || "-_. ()".contains(c) {
                c
            } else {
                '_'
            }
        })
        .collect();
    let clean = clean.trim_matches(['.', ' ']);
    if clean.is_empty() {
        otherwise.to_string()
    } else {
        clean.to_owned()
    }
}

/// Writes the archive of an order whose story is known.
///
/// # Errors
/// The ledger's, or the drain's.
pub async fn evidence(
    desk: &dyn Answer,
    who: &Who,
    story: &OrderStory,
    drain: &mut dyn Drain,
) -> Result<(), Failure> {
    let asked = Asked { desk, who };
    let file = asked.file(story.order.file).await?;
    let mut pack = Pack::new(folder(story), story.order.created);
    let summary = words::summary(story, file.as_ref());
    pack.text("summary.txt", &summary, drain).await?;
    if let Some(content) = &story.content {
        pack.json("order.json", content, drain).await?;
    }
    if let Some(file) = &file {
        original(&asked, file, &mut pack, drain).await?;
    }
    for (number, (delivery, attempts)) in (1..).zip(&story.deliveries) {
        let place = format!(
            "deliveries/{number}-{}",
            plain(&delivery.destination, number)
        );
        request(&asked, delivery, &place, &mut pack, drain).await?;
        let answers = json!({ "delivery": delivery, "attempts": attempts });
        pack.json(&format!("{place}/answers.json"), &answers, drain)
            .await?;
    }
    if let Some(file) = &file {
        mails(&asked, file, &mut pack, drain).await?;
    }
    let history = json!({ "order": story, "file": file });
    pack.json("history.json", &history, drain).await?;
    pack.finish(drain).await
}

/// The file as it came, and what it came in.
async fn original(
    asked: &Asked<'_>,
    file: &FileStory,
    pack: &mut Pack,
    drain: &mut dyn Drain,
) -> Result<(), Failure> {
    let mut files = vec![(file.file.id, file.file.name.clone())];
    if let Some(container) = file.file.container {
        let name = file.file.container_name.clone();
        files.push((container, name.unwrap_or_else(|| "container".to_owned())));
    }
    for (index, (id, name)) in files.iter().enumerate() {
        let way = if index == 0 {
            "original"
        } else {
            "original/out-of"
        };
        let mut offset = 0;
        let mut open = false;
        while let Some(bytes) = asked.bytes(Request::Piece { file: *id, offset }).await? {
            if !std::mem::replace(&mut open, true) {
                pack.open(&format!("{way}/{}", plain(name, id.0)), drain)
                    .await?;
            }
            if bytes.is_empty() {
                break;
            }
            offset += bytes.len() as u64;
            pack.write(&bytes, drain).await?;
        }
    }
    Ok(())
}

async fn request(
    asked: &Asked<'_>,
    delivery: &DeliveryRow,
    place: &str,
    pack: &mut Pack,
    drain: &mut dyn Drain,
) -> Result<(), Failure> {
    let Some(body) = asked.bytes(Request::Body(delivery.id)).await? else {
        return Ok(());
    };
    let ending = match body.iter().find(|byte| !byte.is_ascii_whitespace()) {
        Some(b'{' | b'[') => "json",
        Some(b'<') => "xml",
        _ => "txt",
    };
    pack.open(&format!("{place}/request.{ending}"), drain)
        .await?;
    pack.write(&body, drain).await
}

async fn mails(
    asked: &Asked<'_>,
    file: &FileStory,
    pack: &mut Pack,
    drain: &mut dyn Drain,
) -> Result<(), Failure> {
    for (number, report) in (1..).zip(&file.reports) {
        if let Some(mail) = asked.bytes(Request::Mail(report.id)).await? {
            pack.open(&format!("mails/{number}-{}.eml", report.state), drain)
                .await?;
            pack.write(&mail, drain).await?;
        }
    }
    Ok(())
}

/// Whoever answers, and for whom.
struct Asked<'a> {
    desk: &'a dyn Answer,
    who: &'a Who,
}

impl Asked<'_> {
    async fn file(&self, id: FileId) -> Result<Option<FileStory>, Failure> {
        match self.desk.answer(Request::File(id), self.who).await {
            Response::File(story) => Ok(story.map(|story| *story)),
            other => Err(strange(other)),
        }
    }

    async fn bytes(&self, what: Request) -> Result<Option<Bytes>, Failure> {
        match self.desk.answer(what, self.who).await {
            Response::Bytes(bytes) => Ok(bytes.map(|bytes| bytes.0)),
            other => Err(strange(other)),
        }
    }
}

fn strange(answer: Response) -> Failure {
    match answer {
        Response::Failed(why) | Response::Refused(why) => Failure::ours(DURING, why),
        _ => Failure::ours(DURING, "another question was answered"),
    }
}

#[cfg(test)]
mod tests;
