//! A server that follows a script: what a real one does only on a bad day, or never.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use orderdock::arrival::{Settled, Verdict};
use orderdock::sources::imap::{Encryption, ImapSettings, ImapSource};
use orderdock::sources::{Pickup, Probe, Source};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

use super::{Read, fetch, pickup, settings, settle, settlement, source};

/// Ends the connection at this place of an answer.
const CLOSE: char = '\0';

type Answers = dyn Fn(&str) -> Option<String> + Send + Sync;

/// A running server.
struct Fake {
    port: u16,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Fake {
    /// `answers` may answer a command (without its tag) in its own way; `{t}` is the tag.
    async fn start(
        greeting: &'static str,
        answers: impl Fn(&str) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let (shared, answers) = (Arc::clone(&heard), Arc::new(answers));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (heard, answers) = (Arc::clone(&shared), Arc::clone(&answers));
                tokio::spawn(async move { drop(talk(stream, greeting, &*answers, &heard).await) });
            }
        });
        Self { port, heard }
    }

    async fn ordinary(answers: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Self {
        Self::start("* OK ready", answers).await
    }

    fn source(&self) -> Arc<ImapSource> {
        Arc::new(source(settings(self.port), pickup()))
    }

    fn heard(&self) -> String {
        self.heard.lock().unwrap().join("\n")
    }
}

async fn talk(
    mut stream: TcpStream,
    greeting: &str,
    answers: &Answers,
    heard: &Mutex<Vec<String>>,
) -> std::io::Result<()> {
    let (read, mut write) = stream.split();
    let mut lines = BufReader::new(read).lines();
    write
        .write_all(format!("{greeting}\r\n").as_bytes())
        .await?;
    while let Some(line) = lines.next_line().await? {
        let (tag, command) = line.split_once(' ').unwrap_or((&line, ""));
        heard.lock().unwrap().push(command.to_owned());
        let answer = answers(command).or_else(|| ordinary(command));
        let answer = answer.unwrap_or_else(|| "{t} OK done".to_owned());
        let answer = answer.replace("{t}", tag);
        let (said, ends) = match answer.split_once(CLOSE) {
            Some((said, _)) => (said, true),
            None => (answer.as_str(), false),
        };
        write.write_all(said.as_bytes()).await?;
        if ends {
            return Ok(());
        }
        write.write_all(b"\r\n").await?;
    }
    Ok(())
}

/// A mailbox with mails 1 to 3 of five bytes.
fn ordinary(command: &str) -> Option<String> {
    let ok = "{t} OK done";
    let mails = |uids: &[u32], item: &dyn Fn(u32) -> String| {
        let lines: Vec<_> = uids
            .iter()
            .map(|uid| format!("* {uid} FETCH ({})\r\n", item(*uid)))
            .collect();
        Some(format!("{}{ok}", lines.concat()))
    };
    let words: Vec<&str> = command.split(' ').collect();
    match words.as_slice() {
        ["CAPABILITY"] => Some(format!("* CAPABILITY IMAP4rev1 UIDPLUS MOVE IDLE\r\n{ok}")),
        ["LIST", ..] => Some(format!("* LIST () \"/\" {}\r\n{ok}", words[2])),
        ["SELECT" | "EXAMINE", ..] => {
            Some("* 3 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n{t} OK [READ-WRITE] done".to_owned())
        }
        ["UID", "SEARCH", "UNDELETED"] => Some(format!("* SEARCH 1 2 3\r\n{ok}")),
        ["UID", "SEARCH", ..] => Some(format!("* SEARCH\r\n{ok}")),
        ["UID", "FETCH", set, rest @ ..] => {
            let uids: Vec<u32> = match *set {
                "1:3" => vec![1, 2, 3],
                one => one.split(',').filter_map(|uid| uid.parse().ok()).collect(),
            };
            if rest.join(" ").contains("BODY.PEEK[]") {
                return mails(&uids, &|uid| format!("UID {uid} BODY[]<0> \"mail{uid}\""));
            }
            mails(&uids, &|uid| {
                format!(
                    "UID {uid} RFC822.SIZE 5 INTERNALDATE \"01-Jan-2026 00:00:0{uid} +0000\" \
                     BODY[HEADER.FIELDS (MESSAGE-ID)] \"Message-ID: <{uid}@x>\""
                )
            })
        }
        _ => None,
    }
}

fn is_body(command: &str) -> bool {
    command.starts_with("UID FETCH") && command.contains("BODY.PEEK[]<")
}

#[tokio::test]
async fn the_ordinary_script_works() {
    let server = Fake::ordinary(|_| None).await;
    let source = server.source();
    let entries = source.list().await.unwrap().entries;
    let read = fetch(&source, entries).await;
    let whole = |n: i64| (n, Read::Whole(format!("mail{n}").into_bytes()));
    assert_eq!(read, [whole(1), whole(2), whole(3)]);
}

#[tokio::test]
async fn a_huge_literal_is_refused_when_it_is_announced() {
    let server = Fake::ordinary(|command| {
        is_body(command).then(|| "* 1 FETCH (UID 1 BODY[]<0> {400000000}\r\n".to_owned())
    })
    .await;
    let source = server.source();
    let mut entries = source.list().await.unwrap().entries;
    entries.truncate(1);
    let read = fetch(&source, entries).await;
    let [(1, Read::Failed(failure))] = read.as_slice() else {
        panic!("{read:?}");
    };
    assert!(
        failure.is_temporary() && failure.message.contains("announced"),
        "{failure}"
    );
}

#[tokio::test]
async fn a_refused_search_is_no_empty_mailbox() {
    for answer in [
        "{t} NO search is broken",
        "{t} BAD what?",
        "* BYE tired\r\n\0",
        "\0",
    ] {
        let server = Fake::ordinary(move |command| {
            command.starts_with("UID SEARCH").then(|| answer.to_owned())
        })
        .await;
        let failure = server.source().list().await.unwrap_err();
        assert!(failure.is_temporary(), "{failure}");
        let words = if answer.contains("BYE") {
            "tired"
        } else {
            "the server"
        };
        assert!(failure.message.contains(words), "{failure}");
    }
}

#[tokio::test]
async fn a_mailbox_without_validity_is_not_read() {
    let server =
        Fake::ordinary(|command| command.starts_with("SELECT").then(|| "{t} OK done".into())).await;
    let failure = server.source().list().await.unwrap_err();
    assert!(
        !failure.is_temporary() && failure.message.contains("UIDVALIDITY"),
        "{failure}"
    );
}

#[tokio::test]
async fn no_password_is_said_where_starttls_was_taken_away() {
    for (greeting, capability, starttls, words) in [
        (
            "* OK hi",
            "* CAPABILITY IMAP4rev1\r\n{t} OK x",
            None,
            "does not offer STARTTLS",
        ),
        (
            "* PREAUTH hi",
            "* CAPABILITY IMAP4rev1 STARTTLS\r\n{t} OK x",
            None,
            "logged in before",
        ),
        (
            "* OK hi",
            "* CAPABILITY IMAP4rev1 STARTTLS\r\n{t} OK x",
            Some("{t} OK go\r\n* CAPABILITY IMAP4rev1\r\nA2 OK hi"),
            "went on talking",
        ),
    ] {
        let server = Fake::start(greeting, move |command| match command {
            "CAPABILITY" => Some(capability.to_owned()),
            "STARTTLS" => starttls.map(str::to_owned),
            _ => None,
        })
        .await;
        let settings = ImapSettings {
            encryption: Encryption::StartTls,
            ..settings(server.port)
        };
        let failure = source(settings, pickup()).list().await.unwrap_err();
        assert!(
            !failure.is_temporary() && failure.message.contains(words),
            "{failure}"
        );
        assert!(!server.heard().contains("canary"), "{}", server.heard());
    }
}

#[tokio::test]
async fn a_greeting_that_says_no_is_told() {
    for (greeting, words) in [
        ("* BYE too many connections", "too many connections"),
        ("220 mail.test ESMTP", "does not speak IMAP"),
    ] {
        let server = Fake::start(greeting, |_| None).await;
        let failure = server.source().list().await.unwrap_err();
        assert!(
            failure.is_temporary() && failure.message.contains(words),
            "{failure}"
        );
    }
}

#[tokio::test]
async fn one_mail_that_the_server_chokes_on_never_keeps_the_others() {
    for answer in [
        "{t} NO cannot read it",
        "\0",
        "* 2 FETCH (UID 2 BODY[]<0> \"ma\0",
        "* 2 FETCH (UID 2 BODY[]<0> NIL)\r\n{t} OK x",
    ] {
        let server = Fake::ordinary(move |command| {
            let about_it =
                is_body(command) && (command.contains(" 2 ") || command.contains(" 1:3 "));
            about_it.then(|| answer.to_owned())
        })
        .await;
        let source = server.source();
        let entries = source.list().await.unwrap().entries;
        let mut read = fetch(&source, entries).await;
        read.sort_by_key(|(id, _)| *id);
        assert_eq!(read[0], (1, Read::Whole(b"mail1".to_vec())), "{answer:?}");
        assert!(
            matches!(read[1], (2, Read::Failed(_))),
            "{answer:?}: {read:?}"
        );
        assert_eq!(read[2], (3, Read::Whole(b"mail3".to_vec())), "{answer:?}");
    }
}

#[tokio::test]
async fn a_mail_the_server_cannot_tell_about_is_left_and_the_others_are_listed() {
    let server = Fake::ordinary(|command| {
        let asked = command.starts_with("UID FETCH") && command.contains("RFC822.SIZE");
        (asked && (command.contains(" 1:3 ") || command.contains(" 2 ")))
            .then(|| "{t} NO broken".into())
    })
    .await;
    assert_eq!(server.source().list().await.unwrap().entries.len(), 2);
}

#[tokio::test]
async fn a_move_counts_only_with_its_proof() {
    // OK, and the mail lies where it lay.
    let server = Fake::ordinary(|command| {
        (command.starts_with("UID SEARCH UID 1")).then(|| "* SEARCH 1\r\n{t} OK x".into())
    })
    .await;
    let source = server.source();
    let entry = source.list().await.unwrap().entries.remove(0);
    let answer = source
        .settle(vec![settlement(&entry, Verdict::Done)])
        .await
        .remove(0);
    assert!(answer.unwrap_err().message.contains("moved nothing"));
    // OK, and it is gone without a trace: somebody else had taken it.
    let server = Fake::ordinary(|_| None).await;
    let source = server.source();
    assert_eq!(
        settle(&source, &entry, Verdict::Done).await,
        Settled::Vanished
    );
    // With its new number.
    let server = Fake::ordinary(|command| {
        let moved = "* OK [COPYUID 9 1 33] Moved\r\n* 1 EXPUNGE\r\n{t} OK done";
        command.starts_with("UID MOVE").then(|| moved.into())
    })
    .await;
    let source = server.source();
    let Settled::Moved(to) = settle(&source, &entry, Verdict::Done).await else {
        panic!("it was moved");
    };
    assert_eq!(to.to_string(), "INBOX/done/9.33.eml");
    assert!(!server.heard().contains("EXPUNGE") && !server.heard().contains("Deleted"));
}

#[tokio::test]
async fn a_folder_that_cannot_be_made_is_the_operators_turn() {
    let server = Fake::ordinary(|command| {
        if command.starts_with("LIST") && command.contains("done") {
            return Some("{t} OK nothing".into());
        }
        command
            .starts_with("CREATE")
            .then(|| "{t} NO [NOPERM] not yours".into())
    })
    .await;
    let source = server.source();
    let entry = source.list().await.unwrap().entries.remove(0);
    let answer = source
        .settle(vec![settlement(&entry, Verdict::Done)])
        .await
        .remove(0);
    let failure = answer.unwrap_err();
    assert!(
        !failure.is_temporary() && failure.message.contains("cannot be created"),
        "{failure}"
    );
}

#[tokio::test]
async fn a_refused_or_broken_idle_ends_in_looking() {
    for answer in [
        "{t} NO not now",
        "{t} BAD what",
        "\0",
        "+ idling\r\n* BYE restart\r\n\0",
    ] {
        let server =
            Fake::ordinary(move |command| (command == "IDLE").then(|| answer.to_owned())).await;
        let source = server.source();
        source.list().await.unwrap();
        let waiting = source.wait(Duration::from_millis(50));
        tokio::time::timeout(Duration::from_secs(20), waiting)
            .await
            .unwrap();
        assert_eq!(source.list().await.unwrap().entries.len(), 3, "{answer:?}");
    }
}

#[tokio::test]
async fn a_silent_server_is_given_up_and_delays_no_other() {
    let silent = Fake::ordinary(|command| command.starts_with("SELECT").then(String::new)).await;
    let lively = Fake::ordinary(|_| None).await;
    let (stuck, other) = (silent.source(), lively.source());
    let stuck = tokio::spawn(async move { stuck.list().await.map(drop) });
    assert_eq!(other.list().await.unwrap().entries.len(), 3);
    assert!(!stuck.is_finished());
    stuck.abort();
}

#[tokio::test]
async fn a_mailbox_that_may_only_be_read_is_refused_unless_mails_are_left() {
    let read_only = |command: &str| {
        let answer = "* OK [UIDVALIDITY 7] ok\r\n{t} OK [READ-ONLY] done";
        command.starts_with("SELECT").then(|| answer.to_owned())
    };
    let server = Fake::ordinary(read_only).await;
    let failure = server.source().probe(Probe::Start).await.unwrap_err();
    assert!(
        !failure.is_temporary() && failure.message.contains("after = \"leave\""),
        "{failure}"
    );
    let left = Pickup {
        after: orderdock::sources::After::Leave,
        ..pickup()
    };
    source(settings(server.port), left)
        .probe(Probe::Start)
        .await
        .unwrap();
}
