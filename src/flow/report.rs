//! The outbox: composes each mail once, freezes it, and sends it until the server has it.
//!
//! A report goes to the sender's contact, else the source's, else the operators. Gates hold back
//! only the mail, never the orders.

use std::sync::Arc;

use super::{Shared, address, answer, story, whole};
use crate::arrival::ArrivalId;
use crate::backoff;
use crate::clock::{self, Millis};
use crate::failure::Failure;
use crate::ledger::{DueReport, FileStory, ReportEnd, ReportKind, bounce_token};
use crate::limits;
use crate::mail::may_reply::{Counters, Gate, Rules, may_report};
use crate::mail::report::{Head, Original, compose, compose_alert, compose_summary};
use crate::mail::{Envelope, Mailer, Sent};

pub(super) const LOOP: &str = "report loop";

/// Sends what is in the outbox until the end.
pub(super) async fn run(shared: Arc<Shared>) {
    loop {
        shared.quiet.begin(LOOP);
        let mut worked = false;
        let next = loop {
            let looked = clock::now();
            match round(&shared, looked).await {
                Ok(0) => {
                    break shared.next(looked, |next| next.report).await;
                }
                Ok(_) => worked = true,
                Err(failure) => {
                    tracing::error!(%failure, "Mail could not be handled; trying again soon.");
                    break Some(clock::now().after(limits::PAUSE_AFTER_FAILURE));
                }
            }
            if shared.stop.is_cancelled() {
                return;
            }
            shared.quiet.alive(LOOP);
        };
        shared.quiet.end(LOOP, worked);
        if !shared.wait_together(&shared.wakes.report, next).await {
            return;
        }
    }
}

async fn round(shared: &Shared, now: Millis) -> Result<usize, Failure> {
    let due = shared
        .ledger()
        .due_reports(now, limits::MAILS_TOGETHER)
        .await?;
    let count = due.len();
    for mut report in due {
        let end = match one(shared, &mut report).await {
            Ok(end) => end,
            Err(failure) => later(&report, &failure),
        };
        tell(&report, &end);
        shared.ledger().reported(report.report, end).await?;
    }
    Ok(count)
}

fn tell(report: &DueReport, end: &ReportEnd) {
    let recipient = report.recipient.as_deref().unwrap_or("-");
    let subject = report.text.as_ref().map(|(subject, _)| subject.as_str());
    match end {
        ReportEnd::Sent => tracing::info!(recipient, kind = ?report.kind, "Mailed."),
        ReportEnd::Withheld(why) => {
            tracing::warn!(kind = ?report.kind, subject, why, "Not mailed.");
        }
        ReportEnd::Later(until, why) => {
            tracing::warn!(%until, why, "Not mailed yet; trying again.");
        }
    }
}

fn later(report: &DueReport, failure: &Failure) -> ReportEnd {
    if report.created.until(clock::now()) > limits::MAIL_GIVE_UP {
        return ReportEnd::Withheld(format!("Given up after days: {failure}"));
    }
    let wait = backoff::default_wait(report.tries + 4, 200);
    ReportEnd::Later(clock::now().after(wait), failure.to_string())
}

/// Composes, if that was not done yet, and sends.
async fn one(shared: &Shared, report: &mut DueReport) -> Result<ReportEnd, Failure> {
    let Some(mailer) = &shared.ports.mailer else {
        return Ok(ReportEnd::Withheld(
            "No mail is configured ([mail]).".to_owned(),
        ));
    };
    if let (Some(recipient), Some(message)) = (&report.recipient, &report.message) {
        return send(shared, &**mailer, report, recipient, message.to_vec()).await;
    }
    let composed = match (report.kind, report.arrival) {
        (ReportKind::Report, Some(arrival)) => about_file(shared, report, arrival).await?,
        _ => to_operators(shared, report).await?,
    };
    match composed {
        Composed::Mail {
            recipient,
            message,
            said,
        } => {
            shared
                .ledger()
                .composed(report.report, &recipient, said, message.clone().into())
                .await?;
            let recipient = report.recipient.insert(recipient).clone();
            send(shared, &**mailer, report, &recipient, message).await
        }
        Composed::Withheld(why) => Ok(ReportEnd::Withheld(why)),
    }
}

enum Composed {
    Mail {
        recipient: String,
        message: Vec<u8>,
        said: Vec<String>,
    },
    Withheld(String),
}

/// Sends to each of the recipients (operators may be several); done when one server answer is good.
async fn send(
    shared: &Shared,
    mailer: &dyn Mailer,
    report: &DueReport,
    recipients: &str,
    message: Vec<u8>,
) -> Result<ReportEnd, Failure> {
    let mut refused = Vec::new();
    let mut accepted = false;
    for recipient in recipients.split(", ") {
        let envelope = Envelope {
            recipient: recipient.to_owned(),
            return_path: return_path(shared, report),
            message: message.clone(),
        };
        match mailer.send(&envelope).await {
            Ok(Sent::Accepted) => accepted = true,
            Ok(Sent::Refused(words)) => refused.push(format!("{recipient}: {words}")),
            // The others have it: sending to all again would be worse than one who misses it.
            Err(failure) if accepted => refused.push(format!("{recipient}: {failure}")),
            Err(failure) => return Err(failure),
        }
    }
    if accepted {
        return Ok(ReportEnd::Sent);
    }
    let why = refused.join("; ");
    if recipients != shared.operators() {
        let subject = format!("The mail server refuses mail to {recipients}");
        let text = format!("{why}\n\nThe report is kept: see orderdock files list --state error.");
        shared
            .alert(&format!("refused/{recipients}"), &subject, &text)
            .await;
    }
    Ok(ReportEnd::Withheld(format!(
        "The mail server refuses it: {why}"
    )))
}

/// Where delivery reports of a report go. An alert asks for none: one about it would be the next
/// alert.
fn return_path(shared: &Shared, report: &DueReport) -> Option<String> {
    let bounces = shared.ports.desk.bounces.as_deref()?;
    let token = bounce_token(report.report, &report.message_id);
    (report.kind == ReportKind::Report).then_some(())?;
    address::return_path(bounces, &token)
}

async fn to_operators(shared: &Shared, report: &DueReport) -> Result<Composed, Failure> {
    let recipients = shared.operators();
    let Some(first) = shared.ports.desk.operators.first() else {
        return Ok(Composed::Withheld(
            "No operators are configured ([mail] operators).".to_owned(),
        ));
    };
    let head = head(shared, report, first);
    let message = match (&report.kind, &report.text) {
        (ReportKind::Summary, _) => compose_summary(&head, &shared.ledger().status().await?)?,
        (_, Some((subject, text))) => compose_alert(&head, subject, text)?,
        (_, None) => return Ok(Composed::Withheld("It has no text.".to_owned())),
    };
    Ok(Composed::Mail {
        recipient: recipients,
        message,
        said: Vec::new(),
    })
}

async fn about_file(
    shared: &Shared,
    report: &DueReport,
    arrival: ArrivalId,
) -> Result<Composed, Failure> {
    let missing = || Composed::Withheld("The file is not in the ledger any more.".to_owned());
    let Some(file) = shared.ledger().file_of(arrival).await? else {
        return Ok(missing());
    };
    let Some(whole) = whole::whole(shared, file).await? else {
        return Ok(missing());
    };
    let letter = whole.story.letter.clone();
    let answered = match &letter {
        Some(letter) => Some((letter, answer::gate(shared, letter, &whole).await?)),
        None => None,
    };
    if let Some((letter, Gate::Reply { to })) = answered {
        let head = Head {
            in_reply_to: letter.facts.message_id.as_deref(),
            references: &letter.references,
            answered_subject: letter.facts.subject.as_deref(),
            ..head(shared, report, &to)
        };
        let message = composed(shared, &head, &whole).await?;
        return Ok(Composed::Mail {
            said: whole.fold().key(&to).into(),
            recipient: to,
            message,
        });
    }
    let recipient = match recipient(shared, &whole.story).await? {
        Gate::Reply { to } => to,
        Gate::Withhold { why } => return Ok(withhold(shared, &whole.story, why).await),
    };
    if let Some((_, Gate::Withhold { why })) = answered {
        tracing::info!(
            file = whole.story.file.name,
            why,
            to = recipient,
            "Not answered; told to others."
        );
    }
    let first = recipient.split(", ").next().unwrap_or_default().to_owned();
    let message = composed(shared, &head(shared, report, &first), &whole).await?;
    Ok(Composed::Mail {
        recipient,
        message,
        said: Vec::new(),
    })
}

/// The mail about one file with what can be attached, or about several with theirs.
async fn composed(
    shared: &Shared,
    head: &Head<'_>,
    whole: &whole::Whole,
) -> Result<Vec<u8>, Failure> {
    let story = &whole.story;
    let refusals = story::refusals(story);
    let mut told = story::report(shared, story, &refusals);
    told.also = &whole.also;
    let (mut others, mut original, mut correction) = (Vec::new(), None, None);
    match whole.bad.as_slice() {
        [only] if is_container(only) => told.original = Original::Mail,
        [only] => {
            original = self::original(shared, only).await?;
            correction = story::correction(shared, only).await;
        }
        several => {
            told.original = Original::Several;
            for one in several.iter().filter(|one| !is_container(one)) {
                others.extend(story::correction(shared, one).await);
                let bytes = self::original(shared, one).await?;
                others.extend(bytes.map(|bytes| (one.file.name.clone(), bytes)));
            }
        }
    }
    if let Some(bytes) = &original {
        told.original = Original::Bytes(bytes);
    }
    told.others = &others;
    told.correction = correction
        .as_ref()
        .map(|(name, bytes)| (name.as_str(), bytes.as_slice()));
    compose(head, &told)
}

/// A mail's sender has the mail.
fn is_container(story: &FileStory) -> bool {
    story.file.format.as_deref() == Some("mail")
}

/// Who hears about a file: the sender's contact, the source's, the operators; the first whom the
/// gates let through.
async fn recipient(shared: &Shared, story: &FileStory) -> Result<Gate, Failure> {
    let file = &story.file;
    let inlet = shared.ports.inlets.get(&file.source);
    if inlet.is_some_and(|inlet| !inlet.reports) {
        return Ok(Gate::Withhold {
            why: "Reports are switched off for this source.",
        });
    }
    let sender = shared
        .ports
        .plan
        .entry(&file.sender)
        .and_then(|entry| entry.contact.as_deref());
    let contact = inlet.and_then(|inlet| inlet.contact.as_deref());
    let rules = Rules::new(shared.ports.desk.own.clone(), shared.ports.desk.host());
    let mut why = None;
    for to in [sender, contact].into_iter().flatten() {
        let since = clock::now().before(limits::REPORTS_WINDOW);
        let counters = Counters {
            reports_last_hour: shared.ledger().reports_to(to, since).await?,
            reported: false,
        };
        match may_report(to, &rules, counters) {
            Gate::Withhold { why: reason } => why = Some(reason),
            reply @ Gate::Reply { .. } => return Ok(reply),
        }
    }
    Ok(match why {
        Some(why) => Gate::Withhold { why },
        None if shared.ports.desk.operators.is_empty() => Gate::Withhold {
            why: "Neither the sender nor the source has a contact, and there are no operators.",
        },
        None => Gate::Reply {
            to: shared.operators(),
        },
    })
}

/// A report that may not go out is for the operators: one alert for many.
async fn withhold(shared: &Shared, story: &FileStory, why: &str) -> Composed {
    let file = &story.file;
    let subject = format!("Reports about files of {} are withheld", file.sender);
    let text = format!(
        "{why}\n\nThe file “{}” is in error/ with its explanation beside it:\n\n    orderdock files show {}\n",
        file.name, file.id
    );
    shared
        .alert(&format!("withheld/{}", file.sender), &subject, &text)
        .await;
    Composed::Withheld(why.to_owned())
}

fn head<'a>(shared: &'a Shared, report: &'a DueReport, to: &'a str) -> Head<'a> {
    Head {
        from: &shared.ports.desk.from,
        to,
        message_id: &report.message_id,
        date: report.created,
        in_reply_to: None,
        references: &[],
        answered_subject: None,
    }
}

/// The file itself, where it is small enough to be attached and still kept.
async fn original(shared: &Shared, story: &FileStory) -> Result<Option<Vec<u8>>, Failure> {
    if story.file.bytes > limits::ATTACHMENT_BYTES {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    loop {
        let piece = shared
            .ledger()
            .bytes(story.file.id, bytes.len() as u64, limits::CHUNK_BYTES)
            .await?;
        match piece {
            None => return Ok(None),
            Some(piece) if piece.is_empty() => return Ok(Some(bytes)),
            Some(piece) => bytes.extend_from_slice(&piece),
        }
    }
}
