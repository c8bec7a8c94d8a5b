//! The same promises at Dovecot, Cyrus and Courier.

use std::sync::Arc;
use std::time::Duration;

use orderdock::arrival::{Settled, Verdict};
use orderdock::sources::imap::ImapSource;
use orderdock::sources::{After, Pickup, Probe, Source};

use super::{Read, fetch, mail, pickup, settings, settle, settlement, source};
use crate::support::courier::Courier;
use crate::support::cyrus::Cyrus;
use crate::support::dovecot::Dovecot;
use crate::support::imapd::Mailboxes;

fn plain(server: &dyn Mailboxes) -> Arc<ImapSource> {
    Arc::new(source(settings(server.port()), pickup()))
}

/// `INBOX` and what lies below it at this server.
fn below(server: &dyn Mailboxes, name: &str) -> String {
    format!("INBOX{}{name}", server.separator())
}

async fn whole_way(server: &dyn Mailboxes) {
    let source = plain(server);
    let mut client = server.client();
    let large = "0123456789abcdef\r\n".repeat(80_000);
    let mails = [
        mail("one", "1"),
        mail("two", "2"),
        mail("large", &large),
        mail("four", "4"),
    ];
    for mail in &mails {
        client.append("INBOX", mail);
    }
    // Read by a person: it counts all the same.
    client.ok("SELECT INBOX");
    client.ok("STORE 1 +FLAGS (\\Seen)");
    let entries = source.list().await.unwrap().entries;
    assert_eq!(entries.len(), 4);
    let read = fetch(&source, entries.clone()).await;
    let expected: Vec<_> = (1..).zip(mails.iter().cloned().map(Read::Whole)).collect();
    let mut read = read;
    read.sort_by_key(|(id, _)| *id);
    assert!(read == expected, "the bytes differ");
    // Nothing was marked as read.
    client.ok("SELECT INBOX");
    let unseen = client.ok("SEARCH UNSEEN").concat();
    assert_eq!(String::from_utf8(unseen).unwrap().trim(), "* SEARCH 2 3 4");

    // Two are done, one is an error; each goes where it belongs and says so.
    let settlements = vec![
        settlement(&entries[0], Verdict::Done),
        settlement(&entries[1], Verdict::Error),
        settlement(&entries[2], Verdict::Done),
    ];
    let answers = source.settle(settlements.clone()).await;
    let moved: Vec<String> = answers
        .into_iter()
        .map(|answer| match answer.unwrap() {
            Settled::Moved(place) => place.to_string(),
            other => panic!("{other:?}"),
        })
        .collect();
    for (place, folder) in moved.iter().zip(["done", "error", "done"]) {
        assert!(place.starts_with(&below(server, folder)), "{place}");
    }
    let done = client.mails(&below(server, "done"));
    assert!(done == [mails[0].clone(), mails[2].clone()], "done");
    assert!(
        client.mails(&below(server, "error")) == [mails[1].clone()],
        "error"
    );
    assert!(
        client.mails("INBOX") == [mails[3].clone()],
        "what was not settled stays"
    );

    // Once more, as after a crash before the record.
    let again = source.settle(settlements.clone()).await;
    for (answer, place) in again.into_iter().zip(&moved) {
        match answer.unwrap() {
            Settled::Already(found) => assert_eq!(&found.to_string(), place),
            other => panic!("{other:?}"),
        }
    }

    // The second one is accepted after all.
    let Settled::Moved(place) = source
        .resettle(
            moved[1].clone().into_locator(),
            settlement(&entries[1], Verdict::Done),
        )
        .await
        .unwrap()
    else {
        panic!("it lay in error");
    };
    assert!(
        place.to_string().starts_with(&below(server, "done")),
        "{place}"
    );
    assert!(client.mails(&below(server, "error")).is_empty());
    let again = source.resettle(
        moved[1].clone().into_locator(),
        settlement(&entries[1], Verdict::Done),
    );
    assert_eq!(again.await.unwrap(), Settled::Already(place));

    // A person takes the last one away.
    let uid = client.uids("INBOX")[0];
    client.remove("INBOX", uid);
    assert_eq!(
        fetch(&source, vec![entries[3].clone()]).await,
        [(1, Read::Gone)]
    );
    assert_eq!(
        settle(&source, &entries[3], Verdict::Done).await,
        Settled::Vanished
    );
    assert!(source.list().await.unwrap().entries.is_empty());
}

trait IntoLocator {
    fn into_locator(self) -> orderdock::arrival::Locator;
}

impl IntoLocator for String {
    fn into_locator(self) -> orderdock::arrival::Locator {
        orderdock::arrival::Locator(self.into_bytes())
    }
}

#[tokio::test]
async fn a_mail_goes_its_way_at_dovecot() {
    whole_way(&Dovecot::start()).await;
}

#[tokio::test]
async fn a_mail_goes_its_way_at_cyrus() {
    whole_way(&Cyrus::start()).await;
}

#[tokio::test]
async fn a_mail_goes_its_way_at_courier_which_has_no_move() {
    whole_way(&Courier::start()).await;
}

async fn waits_and_hears(server: &dyn Mailboxes) {
    let source = plain(server);
    let mut client = server.client();
    assert!(source.list().await.unwrap().entries.is_empty());
    let waiting = Arc::clone(&source);
    let wait = tokio::spawn(async move { waiting.wait(Duration::from_secs(25)).await });
    // Given up and taken up again: the connection survives both.
    tokio::time::timeout(Duration::from_millis(300), wait)
        .await
        .unwrap_err();
    client.append("INBOX", &mail("news", "1"));
    tokio::time::timeout(Duration::from_secs(20), async {
        while source.list().await.unwrap().entries.is_empty() {
            source.wait(Duration::from_secs(25)).await;
        }
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn a_new_mail_ends_the_wait() {
    waits_and_hears(&Dovecot::start()).await;
    waits_and_hears(&Cyrus::start()).await;
}

#[tokio::test]
async fn a_server_without_move_and_uidplus_keeps_the_mails_under_a_keyword() {
    let server = Dovecot::old();
    let source = plain(&server);
    let mut client = server.client();
    client.append("INBOX", &mail("one", "1"));
    let entry = source.list().await.unwrap().entries.remove(0);
    assert_eq!(settle(&source, &entry, Verdict::Done).await, Settled::Left);
    client.ok("SELECT INBOX");
    let flags = String::from_utf8(client.ok("FETCH 1 (FLAGS)").concat()).unwrap();
    assert!(flags.contains("$OrderdockDone"), "{flags}");
    assert!(!flags.contains("\\Deleted"), "{flags}");
    let found = source.probe(Probe::Start).await.unwrap();
    assert!(
        found
            .iter()
            .any(|line| line.contains("neither MOVE nor UIDPLUS")),
        "{found:?}"
    );
}

#[tokio::test]
async fn nothing_is_made_at_start_and_all_is_tried_on_demand() {
    for server in [
        Box::new(Dovecot::start()) as Box<dyn Mailboxes>,
        Box::new(Cyrus::start()),
        Box::new(Courier::start()),
    ] {
        let source = plain(&*server);
        let mut client = server.client();
        source.probe(Probe::Start).await.unwrap();
        let list =
            |client: &mut crate::support::imapd::Client| client.ok("LIST \"\" \"*\"").concat();
        assert!(
            !String::from_utf8(list(&mut client))
                .unwrap()
                .contains("done")
        );
        let found = source.probe(Probe::Connect).await.unwrap();
        assert!(
            found
                .iter()
                .any(|line| line.contains("a move between them was tried")),
            "{found:?}"
        );
        for folder in ["done", "error"] {
            client.ok(&format!("EXAMINE \"{}\"", below(&*server, folder)));
            assert!(client.mails(&below(&*server, folder)).is_empty());
        }
    }
}

#[tokio::test]
async fn an_accepted_mail_is_deleted_where_that_is_wanted_and_nothing_else() {
    let server = Dovecot::start();
    let wanted = Pickup {
        after: After::Delete,
        ..pickup()
    };
    let source = source(settings(server.port()), wanted);
    let mut client = server.client();
    client.append("INBOX", &mail("one", "1"));
    client.append_at("INBOX", &mail("theirs", "2"), "(\\Deleted) ");
    client.append("INBOX", &mail("bad", "3"));
    let entries = source.list().await.unwrap().entries;
    // What somebody has marked for deletion is on its way out.
    assert_eq!(entries.len(), 2);
    assert_eq!(
        settle(&source, &entries[0], Verdict::Done).await,
        Settled::Finished
    );
    assert_eq!(
        settle(&source, &entries[0], Verdict::Done).await,
        Settled::Finished
    );
    let moved = settle(&source, &entries[1], Verdict::Error).await;
    assert!(matches!(moved, Settled::Moved(_)), "{moved:?}");
    assert_eq!(client.mails("INBOX"), [mail("theirs", "2")]);
}

#[tokio::test]
async fn a_mailbox_that_counts_anew_sends_nothing_to_the_wrong_place() {
    let server = Dovecot::start();
    let source = plain(&server);
    let mut client = server.client();
    for subject in ["one", "two"] {
        client.append("INBOX", &mail(subject, "1"));
    }
    let before = source.list().await.unwrap().entries;
    server.admin("mailbox update -u orders@mail.test --uid-validity 4242 INBOX");
    let source = plain(&server);
    let after = source.list().await.unwrap().entries;
    assert_eq!(after.len(), 2);
    assert_ne!(before[0].locator, after[0].locator);
    assert_eq!(before[0].version, after[0].version);
    assert_eq!(
        fetch(&source, vec![before[0].clone()]).await,
        [(1, Read::Gone)]
    );
    assert_eq!(
        settle(&source, &before[0], Verdict::Done).await,
        Settled::Superseded
    );
    assert_eq!(client.uids("INBOX").len(), 2);
}

#[tokio::test]
async fn mails_that_look_alike_are_found_again_each_for_itself() {
    let server = Dovecot::start();
    let source = plain(&server);
    let mut client = server.client();
    // Of one second and one size: only their Message-IDs differ.
    for subject in ["a", "b", "c"] {
        client.append_at(
            "INBOX",
            &mail(subject, "1"),
            "\"17-Jul-2026 02:44:25 +0000\" ",
        );
    }
    let entries = source.list().await.unwrap().entries;
    let settlements: Vec<_> = entries
        .iter()
        .map(|entry| settlement(entry, Verdict::Done))
        .collect();
    let first: Vec<_> = source
        .settle(settlements.clone())
        .await
        .into_iter()
        .map(Result::unwrap)
        .collect();
    let second: Vec<_> = source
        .settle(settlements)
        .await
        .into_iter()
        .map(Result::unwrap)
        .collect();
    for (first, second) in first.into_iter().zip(second) {
        let (Settled::Moved(first), Settled::Already(second)) = (first, second) else {
            panic!("moved, then already");
        };
        assert_eq!(first, second);
    }
}

#[tokio::test]
async fn a_mail_copied_before_a_crash_is_not_copied_twice() {
    let server = Courier::start();
    let source = plain(&server);
    let mut client = server.client();
    client.append("INBOX", &mail("one", "1"));
    let entry = source.list().await.unwrap().entries.remove(0);
    client.ok("CREATE INBOX.done");
    client.ok("SELECT INBOX");
    client.ok("UID COPY 1:* INBOX.done");
    let moved = settle(&source, &entry, Verdict::Done).await;
    assert!(matches!(moved, Settled::Moved(_)), "{moved:?}");
    assert_eq!(client.mails("INBOX.done").len(), 1);
    assert!(client.mails("INBOX").is_empty());
}

#[tokio::test]
async fn folders_of_other_names_and_dates_are_made_in_the_servers_own_terms() {
    let server = Cyrus::start();
    let wanted = Pickup {
        done: "Erledigt & gut/%Y".into(),
        error: "/Fehler Müll".into(),
        ..pickup()
    };
    let source = source(settings(server.port()), wanted);
    let mut client = server.client();
    for subject in ["one", "two"] {
        client.append("INBOX", &mail(subject, "1"));
    }
    let entries = source.list().await.unwrap().entries;
    let done = settle(&source, &entries[0], Verdict::Done).await;
    let error = settle(&source, &entries[1], Verdict::Error).await;
    let (Settled::Moved(done), Settled::Moved(error)) = (done, error) else {
        panic!("both are moved");
    };
    assert!(
        done.to_string().starts_with("INBOX.Erledigt & gut.20"),
        "{done}"
    );
    assert!(
        error.to_string().starts_with("INBOX.Fehler Müll/"),
        "{error}"
    );
    assert_eq!(client.mails("INBOX.Fehler M&APw-ll"), [mail("two", "1")]);
}

/// Two hundred mailboxes that wait, each over its own TLS connection. By `ORDERDOCK_LOAD`, and alone:
/// the memory is that of the whole process.
#[tokio::test]
async fn two_hundred_waiting_mailboxes_are_light() {
    if std::env::var_os("ORDERDOCK_LOAD").is_none() {
        return;
    }
    let server = Dovecot::start();
    let process = crate::support::process::Process(std::process::id());
    let settings = orderdock::sources::imap::ImapSettings {
        encryption: orderdock::sources::imap::Encryption::FromStart,
        tls: super::trust(&server.ca()),
        ..settings(server.tls_port())
    };
    let first = Arc::new(source(settings.clone(), pickup()));
    first.list().await.unwrap();
    let before = process.memory();
    let mut waiting = Vec::new();
    for _ in 0..200 {
        let source = Arc::new(source(settings.clone(), pickup()));
        source.list().await.unwrap();
        let waits = Arc::clone(&source);
        let woken = tokio::spawn(async move { waits.wait(Duration::from_secs(600)).await });
        waiting.push((source, woken));
    }
    // That a mail wakes each of them shows that each was waiting; they all stay connected.
    server.deliver(crate::support::imapd::USER, &mail("one", "1"));
    for (_, woken) in &mut waiting {
        woken.await.unwrap();
    }
    let taken = process.memory().saturating_sub(before);
    println!("200 waiting mailboxes take {} kB", taken >> 10);
    assert!(taken < 100 << 20, "{taken}");
}

#[tokio::test]
async fn mails_that_a_mail_exchanger_delivers_are_fetched_as_they_lie_there() {
    let (dovecot, cyrus) = (Dovecot::start(), Cyrus::start());
    dovecot.deliver(crate::support::imapd::USER, &mail("one", ".dot\r\n..dots"));
    cyrus.deliver(crate::support::imapd::USER, &mail("one", ".dot\r\n..dots"));
    for server in [&dovecot as &dyn Mailboxes, &cyrus] {
        let source = plain(server);
        let entries = source.list().await.unwrap().entries;
        let read = fetch(&source, entries).await;
        let lies = server.client().mails("INBOX");
        assert_eq!(read, [(1, Read::Whole(lies[0].clone()))]);
        assert!(String::from_utf8_lossy(&lies[0]).contains("\r\n.dot\r\n..dots"));
    }
}
