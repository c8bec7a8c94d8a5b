//! News as they happen: every change told once, also to those who were away.

use std::io::{BufRead, BufReader};
use std::net::TcpStream;

use serde_json::Value;

use super::{House, bearer, table};
use crate::support::http::{Ask, head};

/// A stream of events that is read.
struct Stream(BufReader<TcpStream>);

#[derive(Debug, Clone, PartialEq)]
struct Event {
    id: String,
    kind: String,
    data: Value,
}

impl Event {
    fn state(&self) -> (String, String) {
        let text = |key: &str| self.data[key].as_str().unwrap_or_default().to_owned();
        (text("reference"), text("state"))
    }
}

impl Stream {
    fn open(house: &House, key: &str, seen: Option<&str>) -> Self {
        let mut ask = bearer(Ask::get("/api/v1/events"), key);
        if let Some(seen) = seen {
            ask = ask.with("Last-Event-ID", seen);
        }
        let mut reader = BufReader::new(ask.begin(house.at));
        let (status, headers) = head(&mut reader);
        assert_eq!(
            (status, headers["content-type"].as_str()),
            (200, "text/event-stream")
        );
        let mut line = String::new();
        while !line.starts_with(": listening") {
            line.clear();
            assert!(reader.read_line(&mut line).unwrap() > 0);
        }
        Self(reader)
    }

    /// The next event that has data.
    fn next(&mut self) -> Event {
        let (mut id, mut kind, mut data) = (String::new(), String::new(), Value::Null);
        loop {
            let mut line = String::new();
            assert!(self.0.read_line(&mut line).unwrap() > 0, "the stream ended");
            let line = line.trim_end();
            if let Some(value) = line.strip_prefix("id: ") {
                id = value.to_owned();
            } else if let Some(value) = line.strip_prefix("event: ") {
                kind = value.to_owned();
            } else if let Some(value) = line.strip_prefix("data: ") {
                data = serde_json::from_str(value).unwrap();
            } else if line.is_empty() && !data.is_null() {
                return Event { id, kind, data };
            }
        }
    }

    /// All events until one of a delivery that is accepted.
    fn until_delivered(&mut self, reference: &str) -> Vec<Event> {
        let mut all = Vec::new();
        loop {
            all.push(self.next());
            let last = all.last().unwrap();
            if last.kind == "delivery" && last.state() == (reference.into(), "delivered".into()) {
                return all;
            }
        }
    }
}

fn upload(house: &House, key: &str, reference: &str) {
    let ask = bearer(
        Ask::post(&format!("/api/v1/files?name={reference}.csv")),
        key,
    );
    assert_eq!(ask.body(table(&[reference])).send(house.at).status, 202);
}

#[test]
fn who_was_away_is_told_everything_since_and_nothing_twice() {
    let house = House::new();
    let key = house.key("all", &["--role", "coordinator"]);
    let mut steady = Stream::open(&house, &key, None);
    let mut first = Stream::open(&house, &key, None);
    upload(&house, &key, "A-1");
    let before = first.until_delivered("A-1");
    let seen = before.last().unwrap().id.clone();
    drop(first);
    upload(&house, &key, "A-2");
    // Delivered and told to others while nobody reads the first.
    let all = steady.until_delivered("A-2");
    let mut second = Stream::open(&house, &key, Some(&seen));
    let after = second.until_delivered("A-2");
    let joined: Vec<&Event> = before.iter().chain(&after).collect();
    let told: Vec<&Event> = all.iter().collect();
    assert_eq!(joined, told, "as if it had never been away");
    assert!(all.iter().all(|event| event.kind != "gap"));
    let mut ids: Vec<&str> = all.iter().map(|event| event.id.as_str()).collect();
    ids.dedup();
    assert_eq!(ids.len(), all.len(), "each with a number of its own");
}

#[test]
fn what_can_no_longer_be_told_is_called_a_gap() {
    let mut house = House::new();
    let key = house.key("all", &["--role", "coordinator"]);
    let mut first = Stream::open(&house, &key, None);
    upload(&house, &key, "A-1");
    let seen = first.until_delivered("A-1").last().unwrap().id.clone();
    house.again();
    for strange in [seen.as_str(), "nonsense", "0-18446744073709551615"] {
        let mut stream = Stream::open(&house, &key, Some(strange));
        assert_eq!(stream.next().kind, "gap", "{strange}");
    }
    // What comes after is told as ever.
    let mut stream = Stream::open(&house, &key, Some(&seen));
    let gap = stream.next();
    upload(&house, &key, "A-2");
    let told = stream.until_delivered("A-2");
    assert!(
        told.iter()
            .all(|event| event.kind != "gap" && event.id != gap.id)
    );
}

#[test]
fn a_key_of_one_sender_hears_of_that_sender_alone() {
    let house = House::new();
    let all = house.key("all", &["--role", "coordinator"]);
    let own = house.key("own", &["--role", "coordinator", "--sender", "star"]);
    let mut stream = Stream::open(&house, &own, None);
    upload(&house, &all, "A-1");
    house.erp.wait_for(1);
    upload(&house, &own, "S-1");
    let told = stream.until_delivered("S-1");
    assert!(
        told.iter().all(|event| event.data["sender"] == "star"),
        "{told:?}"
    );
}
