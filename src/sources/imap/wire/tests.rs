//! Frames and words, as servers send them.

use super::reply::{Kind, Reply, read};
use super::value::{Value, values};
use super::*;

const MOST: usize = 1_000;

async fn framed(text: &[u8], most: usize) -> (Vec<Vec<u8>>, Broken) {
    let mut wire = Wire::new(std::io::Cursor::new(text.to_vec()));
    let mut found = Vec::new();
    loop {
        match wire.response(most, Duration::from_secs(5)).await {
            Ok(response) => found.push(response.to_vec()),
            Err(broken) => return (found, broken),
        }
    }
}

#[tokio::test]
async fn a_response_is_a_line_with_its_literals() {
    let text = b"* 1 FETCH (BODY[] {5}\r\na\r\nb) UID 7)\r\n* OK text {3}\r\nA1 OK done\r\nhalf";
    let (found, broken) = framed(text, MOST).await;
    assert_eq!(
        found,
        [
            b"* 1 FETCH (BODY[] {5}\r\na\r\nb) UID 7)\r\n".to_vec(),
            b"* OK text {3}\r\n".to_vec(),
            b"A1 OK done\r\n".to_vec(),
        ]
    );
    assert_eq!(broken, Broken::Closed);
}

#[tokio::test]
async fn a_literal_that_is_too_large_is_refused_when_it_is_announced() {
    for announced in ["{400000000}", "{99999999999999999999999999}"] {
        let text = format!("* 1 FETCH (BODY[] {announced}\r\n");
        let (found, broken) = framed(text.as_bytes(), MOST).await;
        assert_eq!((found.len(), broken), (0, Broken::TooLong(MOST)));
    }
}

#[tokio::test]
async fn a_line_without_end_is_refused() {
    let text = [b"* ".to_vec(), vec![b'x'; MOST]].concat();
    assert_eq!(framed(&text, MOST).await.1, Broken::TooLong(MOST));
}

#[tokio::test]
async fn a_silent_server_is_given_up() {
    let (client, server) = tokio::io::duplex(64);
    let mut wire = Wire::new(client);
    let answer = wire.response(MOST, Duration::from_millis(1)).await;
    assert_eq!(answer, Err(Broken::Silent));
    drop(server);
}

#[tokio::test]
async fn reading_goes_on_where_it_was_given_up() {
    let (client, mut server) = tokio::io::duplex(64);
    let mut wire = Wire::new(client);
    server.write_all(b"* 1 EX").await.unwrap();
    let given_up = tokio::time::timeout(
        Duration::from_millis(1),
        wire.response(MOST, Duration::from_secs(5)),
    );
    assert!(given_up.await.is_err());
    server.write_all(b"ISTS\r\n").await.unwrap();
    let response = wire.response(MOST, Duration::from_secs(5)).await.unwrap();
    assert_eq!(response.as_ref(), b"* 1 EXISTS\r\n");
}

#[tokio::test]
async fn what_came_in_clear_does_not_count_under_tls() {
    let mut wire = Wire::new(std::io::Cursor::new(
        b"A1 OK go\r\n* PREAUTH hi\r\n".to_vec(),
    ));
    wire.response(MOST, Duration::from_secs(5)).await.unwrap();
    assert!(wire.into_bare().is_none());
}

fn atom(text: &'static str) -> Value {
    Value::Atom(Bytes::from_static(text.as_bytes()))
}

fn text(text: &'static str) -> Value {
    Value::Text(Bytes::from_static(text.as_bytes()))
}

#[test]
fn words_are_atoms_texts_and_lists() {
    let line = Bytes::from_static(
        b"(BODY[HEADER.FIELDS (MESSAGE-ID)] {3}\r\na)b FLAGS (\\Seen $x) X \"q \\\"u\\\\\" NIL \"\")\r\n",
    );
    let expected = vec![Value::List(vec![
        atom("BODY[HEADER.FIELDS (MESSAGE-ID)]"),
        text("a)b"),
        atom("FLAGS"),
        Value::List(vec![atom("\\Seen"), atom("$x")]),
        atom("X"),
        text("q \"u\\"),
        Value::Nil,
        text(""),
    ])];
    assert_eq!(values(&line), Some(expected));
}

#[test]
fn broken_and_endless_lists_are_not_understood_and_harm_nothing() {
    let deep = format!("{}{}\r\n", "(".repeat(10_000), ")".repeat(10_000));
    for line in ["(a b", "a)", "\"a", "{9}\r\nab", deep.as_str()] {
        let line = Bytes::from(line.to_owned());
        assert_eq!(values(&line), None, "{line:?}");
    }
}

#[test]
fn replies_are_told_apart() {
    let reply = |text: &'static str| read(&Bytes::from_static(text.as_bytes()));
    let Reply::Done(tag, status) = reply("A7 NO [TRYCREATE] No such mailbox\r\n") else {
        panic!("the end of a command");
    };
    assert_eq!(tag.as_ref(), b"A7");
    assert_eq!(status.kind, Kind::No);
    assert!(status.has("TRYCREATE"));
    assert_eq!(status.to_string(), "“No such mailbox [TRYCREATE]”");
    let Reply::Status(status) = reply("* OK [COPYUID 5 1:2 7:8] Moved\r\n") else {
        panic!("a status");
    };
    assert_eq!(status.arguments.as_ref(), b"5 1:2 7:8");
    let Reply::Data(data) = reply("* 17 exists\r\n") else {
        panic!("data");
    };
    assert_eq!((data.number, data.word.as_str()), (Some(17), "EXISTS"));
    assert_eq!(
        reply("+ idling\r\n"),
        Reply::More(Bytes::from_static(b"idling"))
    );
    assert_eq!(reply("* 1 FETCH (\r\n"), Reply::Unread);
    assert_eq!(reply("\r\n"), Reply::Unread);
}
