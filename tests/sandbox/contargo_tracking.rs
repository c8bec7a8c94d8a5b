//! Contargo's tracking: read, report, and the stream of events.

use orderdock::sandbox::{Kind, Sandbox};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::contargo::{call, login, sample};
use super::{request, start, start_with};

async fn happen(sandbox: &Sandbox, kind: &str) -> String {
    let input = json!({ "orderId": "O1", "positionId": "1", "event": { "type": kind } });
    let told = sandbox.act(Kind::Contargo, "event", &input).await.unwrap();
    told["result"]["id"].as_str().unwrap().to_owned()
}

/// An open stream of events.
struct Events {
    stream: TcpStream,
    text: String,
}

impl Events {
    async fn open(sandbox: &Sandbox, bearer: &str, last: Option<&str>) -> Self {
        let mut headers = vec![("Authorization", bearer), ("Accept", "text/event-stream")];
        headers.extend(last.map(|id| ("Last-Event-ID", id)));
        let address = sandbox.address();
        let target = "/contargo/cola/1.0/tracking/events";
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = request(address, "GET", target, &headers, "");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut events = Self {
            stream,
            text: String::new(),
        };
        events.until(": connected").await;
        assert!(events.text.contains("200 OK"), "{}", events.text);
        assert!(events.text.contains("text/event-stream"), "{}", events.text);
        events
    }

    /// Reads until the text is there.
    async fn until(&mut self, words: &str) {
        while !self.text.contains(words) {
            let mut bytes = [0; 4096];
            let count = self.stream.read(&mut bytes).await.unwrap();
            assert_ne!(
                count, 0,
                "the stream ended without {words:?}: {}",
                self.text
            );
            self.text += &String::from_utf8_lossy(&bytes[..count]);
        }
    }

    /// Reads to the end; the ids that came, in their order.
    async fn ids(mut self) -> Vec<String> {
        let mut rest = Vec::new();
        self.stream.read_to_end(&mut rest).await.unwrap();
        self.text += &String::from_utf8_lossy(&rest);
        let lines = self.text.lines();
        let ids = lines.filter_map(|line| line.strip_prefix("id: "));
        ids.map(str::to_owned).collect()
    }
}

#[tokio::test]
async fn a_created_order_can_be_tracked_by_either_pair() {
    let sandbox = start(Kind::Contargo).await;
    let bearer = login(&sandbox).await;
    let order = sample(&sandbox, &bearer).await;
    let made = call(&sandbox, &bearer, ("POST", "/star/orders"), &order).await;
    let id = made.json()["id"].as_str().unwrap().to_owned();
    let report = json!({
        "order": { "orderId": id, "positionId": "1" },
        "transport": { "identifier": "T", "voyageNumber": "V" },
        "event": {
            "timestamp": "2026-03-02T09:58:00Z", "type": "GATE_IN",
            "observation": { "observedMeansOfTransport": {
                "modeOfTransport": "TRUCK", "truck": { "countryCode": "D", "licensePlate": "X" },
            } },
        },
        "reporter": { "id": "pa_1", "name": "We" },
    });
    let answer = call(&sandbox, &bearer, ("POST", "/tracking/events"), &report).await;
    assert_eq!(answer.status, 202, "{}", answer.body);
    for query in [
        format!("orderId={id}&positionId=1"),
        "clientOrderReference=REL-77&clientPositionReference=1".to_owned(),
    ] {
        let path = format!("/tracking?{query}");
        let told = call(&sandbox, &bearer, ("GET", &path), &Value::Null)
            .await
            .json();
        assert_eq!(told["observedUntil"], "2026-03-02T10:00:00Z");
        assert_eq!(told["order"]["orderId"], *id);
        assert_eq!(told["loadingUnit"]["containerClass"], "CONTAINER");
        assert_eq!(told["events"][0]["type"], "GATE_IN");
        assert!(told["events"][0]["id"].is_string());
    }
}

#[tokio::test]
async fn the_pairs_of_tracking_are_whole_and_not_mixed() {
    let sandbox = start(Kind::Contargo).await;
    let bearer = login(&sandbox).await;
    for (query, status) in [
        ("", 400),
        ("orderId=1", 400),
        ("positionId=1", 400),
        ("orderId=1&clientPositionReference=1", 400),
        (
            "orderId=1&positionId=1&clientOrderReference=1&clientPositionReference=1",
            400,
        ),
        ("orderId=1&positionId=1", 404),
    ] {
        let path = format!("/tracking?{query}");
        let answer = call(&sandbox, &bearer, ("GET", &path), &Value::Null).await;
        assert_eq!(answer.status, status, "{query}");
        assert!(answer.json()["messages"][0].is_string());
    }
}

#[tokio::test]
async fn a_report_names_order_position_event_and_time() {
    let sandbox = start(Kind::Contargo).await;
    let bearer = login(&sandbox).await;
    let post = ("POST", "/tracking/events");
    let answer = call(&sandbox, &bearer, post, &json!({})).await;
    assert_eq!(answer.status, 400);
    assert_eq!(answer.json()["messages"].as_array().unwrap().len(), 3);
    let mut report = json!({ "order": { "orderId": "O1", "positionId": "1" }, "event": {} });
    let answer = call(&sandbox, &bearer, post, &report).await;
    assert!(answer.body.contains("event.timestamp"), "{}", answer.body);
    report["event"]["timestamp"] = json!("2026-03-02T10:00:00+01:00");
    let answer = call(&sandbox, &bearer, post, &report).await;
    assert!(answer.body.contains("UTC"), "{}", answer.body);
    report["event"]["timestamp"] = json!("2026-03-02T10:00:00Z");
    assert_eq!(call(&sandbox, &bearer, post, &report).await.status, 404);
    happen(&sandbox, "GATE_OUT").await;
    assert_eq!(call(&sandbox, &bearer, post, &report).await.status, 202);
    let state = sandbox.state(Kind::Contargo);
    assert_eq!(
        state["tracking"]["positions"][0]["events"][1]["type"],
        "UNKNOWN"
    );
}

#[tokio::test]
async fn events_are_streamed_as_they_happen() {
    let sandbox = start(Kind::Contargo).await;
    let bearer = login(&sandbox).await;
    let mut events = Events::open(&sandbox, &bearer, None).await;
    let id = happen(&sandbox, "GATE_IN").await;
    events.until("data: {").await;
    events
        .until(&format!("id: {id}\nevent: gate-in\nretry: 60000\ndata: {{"))
        .await;
    // An open list: types that nobody knows yet pass as well.
    happen(&sandbox, "CUSTOMS_CLEARED").await;
    events.until("event: customs-cleared\n").await;
    sandbox
        .act(Kind::Contargo, "hang-up", &json!({}))
        .await
        .unwrap();
    assert_eq!(events.ids().await.len(), 2);
}

#[tokio::test]
async fn who_comes_back_with_the_last_id_misses_nothing() {
    let sandbox = start(Kind::Contargo).await;
    let bearer = login(&sandbox).await;
    let mut events = Events::open(&sandbox, &bearer, None).await;
    let first = happen(&sandbox, "GATE_IN").await;
    events.until(&first).await;
    sandbox
        .act(Kind::Contargo, "hang-up", &json!({}))
        .await
        .unwrap();
    assert_eq!(events.ids().await, std::slice::from_ref(&first));
    let missed = [
        happen(&sandbox, "DEPARTED").await,
        happen(&sandbox, "ARRIVED").await,
    ];
    let mut events = Events::open(&sandbox, &bearer, Some(&first)).await;
    events.until(&missed[1]).await;
    let live = happen(&sandbox, "GATE_OUT").await;
    events.until(&live).await;
    sandbox
        .act(Kind::Contargo, "hang-up", &json!({}))
        .await
        .unwrap();
    let [second, third] = missed;
    assert_eq!(events.ids().await, [second, third, live]);
}

#[tokio::test]
async fn a_stream_can_be_set_to_end_early_and_to_forget() {
    let sandbox = start_with(
        &[Kind::Contargo],
        &json!({ "contargo": { "close_stream_after": 1, "retry_ms": 10, "misleading_names": true } }),
    )
    .await;
    let bearer = login(&sandbox).await;
    let events = Events::open(&sandbox, &bearer, None).await;
    assert!(events.text.contains("retry: 10\n"));
    let first = happen(&sandbox, "GATE_IN").await;
    let second = happen(&sandbox, "GATE_IN").await;
    assert_eq!(events.ids().await, std::slice::from_ref(&first));
    let mut events = Events::open(&sandbox, &bearer, Some(&first)).await;
    events.until("event: gate-out\n").await;
    events.until("\"type\":\"GATE_IN\"").await;
    assert_eq!(events.ids().await, [second]);
    sandbox
        .change(&json!({ "contargo": { "replay": false } }))
        .unwrap();
    let events = Events::open(&sandbox, &bearer, Some(&first)).await;
    let third = happen(&sandbox, "GATE_IN").await;
    assert_eq!(events.ids().await, [third], "what was missed is not told");
}

#[tokio::test]
async fn a_stream_wants_a_token_and_the_right_type() {
    let sandbox = start(Kind::Contargo).await;
    let bearer = login(&sandbox).await;
    let get = ("GET", "/tracking/events");
    assert_eq!(
        call(&sandbox, "Bearer x", get, &Value::Null).await.status,
        401
    );
    assert_eq!(call(&sandbox, &bearer, get, &Value::Null).await.status, 406);
}
