//! Mails: composed once, told once, folded.

use bytes::Bytes;

use super::*;
use crate::ledger::{ReportEnd, ReportKind};

async fn alert(house: &House, fold: &str) -> bool {
    let ledger = house.ledger();
    ledger
        .alert(fold, ReportKind::Alert, "erp is down", "It answers 503.")
        .await
        .unwrap()
}

#[tokio::test]
async fn equal_alerts_within_the_hour_are_one_with_a_count() {
    let house = House::new();
    assert!(alert(&house, "erp").await);
    assert!(!alert(&house, "erp").await);
    assert!(alert(&house, "crm").await);
    let due = house.ledger().due_reports(far(), 9).await.unwrap();
    assert_eq!(due.len(), 2);
    let (subject, text) = due[0].text.clone().unwrap();
    assert_eq!(subject, "erp is down");
    assert!(text.contains("happened 2 times"), "{text}");
    let db =
        rusqlite::Connection::open(house.dir.path().join(crate::ledger::sqlite::FILE)).unwrap();
    db.execute("UPDATE report SET created = created - 3600001", [])
        .unwrap();
    assert!(alert(&house, "erp").await);
}

#[tokio::test]
async fn a_composed_mail_is_the_same_bytes_on_every_try() {
    let house = House::new();
    let (_, file) = house.take("bad").await;
    house.ledger().parsed(vec![rejected(file)]).await.unwrap();
    let due = house
        .ledger()
        .due_reports(far(), 9)
        .await
        .unwrap()
        .remove(0);
    assert_eq!((due.message, due.tries), (None, 0));
    let mail = Bytes::from_static(b"Subject: x");
    house
        .ledger()
        .composed(due.report, "a@acme.example", Vec::new(), mail.clone())
        .await
        .unwrap();
    let later = clock::now().after(std::time::Duration::from_mins(1));
    house
        .ledger()
        .reported(due.report, ReportEnd::Later(later, "451".into()))
        .await
        .unwrap();
    let now = clock::now();
    assert!(house.ledger().due_reports(now, 9).await.unwrap().is_empty());
    assert_eq!(
        house.ledger().next_due(now).await.unwrap().report,
        Some(later)
    );
    let again = house
        .ledger()
        .due_reports(later, 9)
        .await
        .unwrap()
        .remove(0);
    assert_eq!((again.message, again.tries), (Some(mail), 1));
    house
        .ledger()
        .reported(due.report, ReportEnd::Sent)
        .await
        .unwrap();
    let ledger = house.ledger();
    assert_eq!(ledger.reports_to("a@acme.example", now).await.unwrap(), 1);
    assert_eq!(ledger.reports_to("b@acme.example", now).await.unwrap(), 0);
    assert_eq!(ledger.reports_to("a@acme.example", far()).await.unwrap(), 0);
}

#[tokio::test]
async fn a_withheld_mail_is_kept_with_its_reason_and_shown() {
    let house = House::new();
    let (_, file) = house.take("bad").await;
    house.ledger().parsed(vec![rejected(file)]).await.unwrap();
    let due = house
        .ledger()
        .due_reports(far(), 9)
        .await
        .unwrap()
        .remove(0);
    let end = ReportEnd::Withheld("No address.".into());
    house.ledger().reported(due.report, end).await.unwrap();
    let story = house.ledger().file(file).await.unwrap().unwrap();
    assert_eq!(story.reports[0].detail.as_deref(), Some("No address."));
    assert_eq!(house.ledger().status().await.unwrap().attention.len(), 1);
}
