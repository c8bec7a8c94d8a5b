//! What servers and networks do to FTP: nothing half is taken, nobody else is dialled, and nothing
//! secret is said too early.

use orderdock::sources::Probe;

use super::*;
use crate::support::strange_ftpd::{BYTES, Strange, StrangeFtpd, Trap};

fn plain(server: &StrangeFtpd) -> RemoteSource {
    source(settings(server.port, Protection::None, Path::new("")))
}

async fn only(source: &RemoteSource) -> Entry {
    let mut entries = source.list().await.unwrap().entries;
    assert_eq!(entries.len(), 1, "{entries:?}");
    entries.remove(0)
}

#[tokio::test]
async fn a_file_comes_as_it_is_and_never_as_text() {
    for strange in [Strange::Nothing, Strange::Old, Strange::PasvForEpsv] {
        let server = StrangeFtpd::start(strange).await;
        let source = plain(&server);
        let entry = only(&source).await;
        let fetched = fetch(&source, vec![entry]).await;
        assert_eq!(fetched, [Fetched::Whole(BYTES.to_vec())], "{strange:?}");
    }
}

#[tokio::test]
async fn a_transfer_that_ends_early_is_no_file_whatever_the_server_says() {
    for strange in [
        Strange::HalfAndDone,
        Strange::HalfAndAborted,
        Strange::HalfAndGone,
    ] {
        let server = StrangeFtpd::start(strange).await;
        let source = plain(&server);
        let entry = only(&source).await;
        let fetched = fetch(&source, vec![entry]).await;
        assert!(
            !matches!(fetched[..], [Fetched::Whole(_)]),
            "{strange:?}: {fetched:?}"
        );
    }
}

#[tokio::test]
async fn a_file_longer_than_listed_is_not_read_on() {
    let server = StrangeFtpd::start(Strange::TooMuch).await;
    let source = plain(&server);
    let entry = only(&source).await;
    let fetched = fetch(&source, vec![entry]).await;
    assert_eq!(fetched, [Fetched::Gone]);
}

#[tokio::test]
async fn only_the_host_of_the_control_connection_is_dialled() {
    let trap = Trap::set("127.0.0.2:0").await;
    let server = StrangeFtpd::start(Strange::Elsewhere(trap.address)).await;
    let source = plain(&server);
    let entry = only(&source).await;
    assert_eq!(
        fetch(&source, vec![entry]).await,
        [Fetched::Whole(BYTES.to_vec())]
    );
    assert_eq!(trap.dialled(), 0);
    let found = source.probe(Probe::Start).await.unwrap().join("\n");
    assert!(found.contains("announces 127.0.0.2"), "{found}");
}

#[tokio::test]
async fn without_tls_no_name_and_no_password_is_said() {
    for strange in [Strange::NoTls, Strange::TlsAndWords] {
        let server = StrangeFtpd::start(strange).await;
        let mut settings = settings(server.port, Protection::Explicit, Path::new("/dev/null"));
        settings.trust = Trust {
            authorities: None,
            pins: vec![orderdock::clients::tls::Pin::of(b"another")],
        };
        let failure = source(settings).list().await.unwrap_err();
        assert!(!failure.to_string().is_empty());
        assert_eq!(server.commands(), ["AUTH TLS"], "{strange:?}");
    }
}

#[tokio::test]
async fn an_empty_folder_that_is_an_error_is_empty() {
    for code in [450, 550] {
        let server = StrangeFtpd::start(Strange::EmptyIs(code)).await;
        let source = plain(&server);
        assert!(source.list().await.unwrap().entries.is_empty());
        // The session goes on.
        server.lays("/in/b.csv");
        assert_eq!(names(&source.list().await.unwrap().entries), ["b.csv"]);
    }
}

#[tokio::test]
async fn a_full_server_is_waited_for() {
    for strange in [Strange::Full, Strange::FullUser] {
        let server = StrangeFtpd::start(strange).await;
        let failure = plain(&server).list().await.unwrap_err();
        assert!(failure.is_temporary(), "{failure}");
        assert!(failure.message.contains("too many") || failure.message.contains("maximum"));
    }
}

#[tokio::test]
async fn a_listing_that_breaks_off_is_no_listing() {
    let server = StrangeFtpd::start(Strange::ClosesAtListing).await;
    let failure = plain(&server).list().await.unwrap_err();
    assert!(failure.is_temporary(), "{failure}");
}

#[tokio::test]
async fn greetings_and_listings_without_end_are_bounded() {
    let server = StrangeFtpd::start(Strange::EndlessGreeting).await;
    let failure = plain(&server).list().await.unwrap_err();
    assert!(failure.message.contains("does not end"), "{failure}");
    let server = StrangeFtpd::start(Strange::EndlessListing).await;
    let listing = plain(&server).list().await.unwrap();
    assert!(listing.cut);
}

#[tokio::test]
async fn a_rename_whose_answer_was_lost_is_looked_for_and_not_made_twice() {
    let server = StrangeFtpd::start(Strange::RenameUnanswered).await;
    let source = plain(&server);
    let entry = only(&source).await;
    let settled = settle(&source, &entry, Verdict::Done).await.unwrap();
    assert!(
        matches!(settled, Settled::Moved(_) | Settled::Already(_)),
        "{settled:?}"
    );
    assert_eq!(server.files(), ["/in/done/a.csv"]);
}

/// Settles a file at such a server, as done and as error, until it is there: moved, and its report with it.
async fn is_settled_after_all(strange: Strange) {
    let reports = ["/in/error/a.csv", "/in/error/a.csv.error.txt"];
    for (verdict, lie) in [
        (Verdict::Done, &["/in/done/a.csv"][..]),
        (Verdict::Error, &reports),
    ] {
        let server = StrangeFtpd::start(strange).await;
        let source = plain(&server);
        let entry = only(&source).await;
        let mut settled = settle(&source, &entry, verdict).await;
        for _ in 0..20 {
            if settled.as_ref().is_err_and(Failure::is_temporary) {
                settled = settle(&source, &entry, verdict).await;
            }
        }
        assert!(
            matches!(settled, Ok(Settled::Moved(_) | Settled::Already(_))),
            "{strange:?}: {settled:?}"
        );
        let mut files = server.files();
        files.sort();
        assert_eq!(files, lie, "{strange:?}");
    }
}

/// A busy server carries out what it was told before the line broke when it comes to it: between any
/// two of our looks. (Seen with proftpd: the file had vanished, they said, and lay in done.)
#[tokio::test]
async fn a_rename_that_is_made_late_is_no_file_that_vanished() {
    for looks in 0..12 {
        is_settled_after_all(Strange::RenameLate(looks)).await;
    }
}

/// The line breaks within the new name, and the server takes what it got for the name. (Seen with
/// proftpd, which takes the end of the line for the end of a command: the file had vanished, they said,
/// and lay in done as `ord`.)
#[tokio::test]
async fn a_rename_whose_name_was_cut_short_is_made_good() {
    for bytes in 0..="/in/error/a.csv".len() {
        is_settled_after_all(Strange::RenameCut(bytes)).await;
    }
}

#[tokio::test]
async fn another_system_is_refused_by_its_name() {
    let server = StrangeFtpd::start(Strange::Vms).await;
    let failure = plain(&server).list().await.unwrap_err();
    assert!(!failure.is_temporary());
    assert!(failure.message.contains("OpenVMS"), "{failure}");
}

#[tokio::test]
async fn names_that_are_commands_or_paths_are_left_alone() {
    let server = StrangeFtpd::start(Strange::Names).await;
    let source = plain(&server);
    assert_eq!(names(&source.list().await.unwrap().entries), ["a.csv"]);
}
