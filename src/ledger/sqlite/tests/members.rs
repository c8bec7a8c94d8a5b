//! Arrivals with several files: unpacked in one transaction, judged together, read again one by one.

use super::*;
use crate::arrival::{Stage, Verdict};
use crate::ledger::{Bounced, Change, MemberPiece, NewMember, Unpacked, bounce_token};
use crate::letter::Letter;

fn member(place: u32, name: &str, body: Option<&[u8]>) -> NewMember {
    NewMember {
        place,
        file: NewFile {
            name: name.into(),
            sha256: [u8::try_from(place).unwrap(); 32],
            bytes: body.map_or(4, |body| body.len() as u64),
            body: body.map(Bytes::copy_from_slice),
        },
        forced: Some(FormatKind::Csv),
    }
}

fn unpacked(file: FileId, members: Vec<NewMember>, problems: Vec<Problem>) -> Unpacked {
    Unpacked {
        file,
        kind: "mail",
        name: "Our orders".into(),
        sender: "jan".into(),
        letter: Some(Letter {
            from: "Jan <jan@acme.example>".into(),
            ..Letter::default()
        }),
        problems,
        members,
    }
}

impl House {
    /// A mail with two files, unpacked: its own number and theirs.
    async fn two(&self) -> (ArrivalId, FileId, [FileId; 2]) {
        let (arrival, mail) = self.take("mail").await;
        let members = vec![
            member(1, "a.csv", Some(b"aa")),
            member(2, "b.csv", Some(b"bbb")),
        ];
        let arrow = unpacked(mail, members, Vec::new());
        self.ledger().unpacked(arrow).await.unwrap();
        (arrival, mail, self.parts(mail).await)
    }

    async fn parts(&self, mail: FileId) -> [FileId; 2] {
        let story = self.ledger().file(mail).await.unwrap().unwrap();
        let ids: Vec<FileId> = story.members.iter().map(|member| member.id).collect();
        ids.try_into().unwrap()
    }

    async fn to_parse(&self) -> Vec<FileId> {
        let due = self.ledger().due_parse(far(), FileId(0), 9).await.unwrap();
        due.iter().map(|due| due.file).collect()
    }
}

fn rejected(file: FileId) -> ParsedFile {
    let mut parsed = accepted(file, Vec::new());
    parsed.summary.outcome = Outcome::Rejected;
    parsed.problems = vec![Problem::error("csv.ragged-row", "This row is short.")];
    parsed
}

#[tokio::test]
async fn members_are_due_with_their_sender_and_format_and_the_container_is_not() {
    let mut house = House::new();
    let (arrival, mail, [a, b]) = house.two().await;
    house.crash();
    let due = house.ledger().due_parse(far(), FileId(0), 9).await.unwrap();
    assert_eq!(due.iter().map(|due| due.file).collect::<Vec<_>>(), [a, b]);
    assert!(due.iter().all(|due| due.container == Some(mail)
        && due.sender == "jan"
        && due.forced == Some(FormatKind::Csv)
        && due.arrival == arrival));
    assert_eq!(
        house.ledger().bytes(mail, 0, 9).await.unwrap().unwrap(),
        "abc"
    );
    assert_eq!(house.ledger().bytes(b, 0, 9).await.unwrap().unwrap(), "bbb");
    assert_eq!(house.ledger().file_of(arrival).await.unwrap(), Some(mail));
    let story = house.ledger().file(a).await.unwrap().unwrap();
    assert_eq!(story.letter.unwrap().from, "Jan <jan@acme.example>");
    assert_eq!(story.file.container_name.as_deref(), Some("Our orders"));
}

#[tokio::test]
async fn the_verdict_waits_for_every_file_and_one_error_decides_it() {
    let house = House::new();
    let (_, mail, [a, b]) = house.two().await;
    house
        .ledger()
        .parsed(vec![accepted(a, vec![order("A", "1")])])
        .await
        .unwrap();
    house.send_all(&delivered()).await;
    assert_eq!(house.row(mail).await.stage, Stage::Fetched);
    house.ledger().parsed(vec![rejected(b)]).await.unwrap();
    assert_eq!(house.row(mail).await.verdict, Some(Verdict::Error));
    assert_eq!(house.ledger().due_reports(far(), 9).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_container_without_files_is_concluded_by_its_own_findings() {
    let house = House::new();
    for (name, problem, verdict) in [
        (
            "bad",
            Problem::error("mail.no-file", "None."),
            Verdict::Error,
        ),
        (
            "noted",
            Problem::warning("mail.automatic", "Noted."),
            Verdict::Done,
        ),
    ] {
        let (_, mail) = house.take(name).await;
        let arrow = unpacked(mail, Vec::new(), vec![problem]);
        house.ledger().unpacked(arrow).await.unwrap();
        assert_eq!(house.row(mail).await.verdict, Some(verdict), "{name}");
    }
}

#[tokio::test]
async fn read_again_a_member_comes_alone_and_a_mail_with_all_its_members() {
    let house = House::new();
    let (_, mail, [a, b]) = house.two().await;
    house
        .ledger()
        .parsed(vec![accepted(a, vec![order("A", "1")]), rejected(b)])
        .await
        .unwrap();
    house.send_all(&delivered()).await;
    house.settle_all().await;
    let retry = |file: FileId| Change::RetryFiles(by_ids(&[file.0]));
    house
        .ledger()
        .change(retry(b), false, &maria())
        .await
        .unwrap();
    assert_eq!(house.to_parse().await, [b]);
    house
        .ledger()
        .parsed(vec![accepted(b, vec![order("B", "1")])])
        .await
        .unwrap();
    house.send_all(&delivered()).await;
    assert_eq!(house.row(mail).await.verdict, Some(Verdict::Done));
    house.settle_all().await;

    house
        .ledger()
        .change(retry(mail), false, &maria())
        .await
        .unwrap();
    assert_eq!(house.to_parse().await, [mail], "its members wait for it");
    assert!(
        house
            .ledger()
            .change(retry(a), false, &maria())
            .await
            .unwrap()
            .is_empty()
    );
    let fewer = unpacked(mail, vec![member(1, "a.csv", Some(b"aa"))], Vec::new());
    house.ledger().unpacked(fewer).await.unwrap();
    assert_eq!(house.parts(mail).await, [a, b], "numbers stay");
    assert_eq!(house.to_parse().await, [a]);
    house
        .ledger()
        .parsed(vec![accepted(a, vec![order("A", "1")])])
        .await
        .unwrap();
    assert_eq!(house.row(mail).await.verdict, Some(Verdict::Done));
    assert_eq!(house.states().await[2], DeliveryState::Repeat);
}

#[tokio::test]
async fn a_mail_with_open_deliveries_is_not_unpacked_again() {
    let house = House::new();
    let (_, mail, [a, b]) = house.two().await;
    let both = vec![accepted(a, vec![order("A", "1")]), rejected(b)];
    house.ledger().parsed(both).await.unwrap();
    let retry = Change::RetryFiles(by_ids(&[mail.0]));
    assert!(
        house
            .ledger()
            .change(retry, false, &maria())
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn large_members_lie_in_pieces_that_a_later_try_replaces_and_retention_drops() {
    let house = House::new();
    let (_, mail) = house.take("mail").await;
    let store = async |place, seq, bytes: &'static str| {
        let piece = MemberPiece {
            container: mail,
            place,
            seq,
            bytes: bytes.into(),
        };
        house.ledger().piece(piece).await.unwrap();
    };
    for (seq, bytes) in [(0, "left"), (1, "over")] {
        store(1, seq, bytes).await;
    }
    store(1, 0, "ab").await;
    store(1, 1, "cd").await;
    store(2, 0, "xyz").await;
    let members = vec![member(1, "a.csv", None), member(2, "b.csv", None)];
    house
        .ledger()
        .unpacked(unpacked(mail, members, Vec::new()))
        .await
        .unwrap();
    let [a, b] = house.parts(mail).await;
    assert_eq!(house.ledger().bytes(a, 1, 2).await.unwrap().unwrap(), "bc");
    assert_eq!(house.ledger().bytes(b, 0, 9).await.unwrap().unwrap(), "xyz");
    house
        .ledger()
        .parsed(vec![rejected(a), rejected(b)])
        .await
        .unwrap();
    house.settle_all().await;
    while house.ledger().prune(far()).await.unwrap() {}
    for table in ["piece", "body", "letter"] {
        assert_eq!(
            house.sql::<i64>(&format!("SELECT count(*) FROM {table}")),
            0,
            "{table}"
        );
    }
}

#[tokio::test]
async fn what_comes_back_is_noted_with_its_mail_and_only_by_its_own_token() {
    let house = House::new();
    let (_, file) = house.take("bad").await;
    house.ledger().parsed(vec![rejected(file)]).await.unwrap();
    let report = house
        .ledger()
        .due_reports(far(), 1)
        .await
        .unwrap()
        .remove(0);
    let to = "jan@acme.example";
    house
        .ledger()
        .composed(report.report, to, vec!["key".into()], "mail".into())
        .await
        .unwrap();
    house
        .ledger()
        .reported(report.report, crate::ledger::ReportEnd::Sent)
        .await
        .unwrap();
    let back = |token: &str| Bounced {
        token: token.into(),
        recipient: None,
        words: "5.1.1 nobody there".into(),
    };
    for strange in ["", "x", "1.", "1.000000000000", "99.000000000000"] {
        assert_eq!(
            house.ledger().bounced(back(strange)).await.unwrap(),
            None,
            "{strange}"
        );
    }
    let token = bounce_token(report.report, &report.message_id);
    for news in [true, false] {
        let returned = house.ledger().bounced(back(&token)).await.unwrap().unwrap();
        assert_eq!((returned.arrival, returned.news), (report.arrival, news));
        assert_eq!(returned.recipient, to);
    }
    let story = house.ledger().file(file).await.unwrap().unwrap();
    assert_eq!(story.reports[0].state, "bounced");
    assert!(house.ledger().told("key", Millis(0)).await.unwrap());
    assert!(!house.ledger().told("key", far()).await.unwrap());
}
