//! Sameness, times and bounds of events.

use super::*;

fn update(text: &str) -> StatusUpdate {
    StatusUpdate {
        order: Some("4711".into()),
        shipment: None,
        tracking: None,
        at: Some("2026-11-22T10:15".into()),
        code: None,
        text: text.into(),
        place: None,
    }
}

fn told(text: &str) -> TrackingEvent {
    let by = By::Sender {
        name: "acme".into(),
        carries: Vec::new(),
    };
    TrackingEvent::of_update(update(text), by)
}

#[test]
fn the_same_words_are_the_same_event_on_every_way() {
    let mut streamed = told("loaded");
    streamed.teller.channel = Channel::Stream;
    assert_eq!(told("loaded").key(), streamed.key());
    assert_ne!(told("loaded").key(), told("unloaded").key());
}

#[test]
fn an_event_with_an_id_is_the_same_when_it_is_corrected() {
    let (mut first, mut second) = (told("loaded"), told("unloaded"));
    first.id = Some("e-1".into());
    second.id = Some("e-1".into());
    assert_eq!(first.key(), second.key());
    assert_ne!(first.content(), second.content());
}

#[test]
fn another_teller_tells_another_event() {
    let mut other = told("loaded");
    other.teller.by = By::Destination {
        name: "star".into(),
    };
    assert_ne!(told("loaded").key(), other.key());
}

#[test]
fn times_are_read_with_and_without_an_offset() {
    let amsterdam = TimeZone::get("Europe/Amsterdam").unwrap();
    let at = |text: &str| instant(text, &amsterdam).map(|at| at.to_string());
    let ten = Some("2026-11-22T09:15:00.000Z".to_owned());
    assert_eq!(at("2026-11-22T10:15"), ten);
    assert_eq!(at("2026-11-22T10:15+01:00"), ten);
    assert_eq!(at("2026-11-22T09:15:00Z"), ten);
    assert_eq!(
        at("2026-11-22"),
        Some("2026-11-21T23:00:00.000Z".to_owned())
    );
    assert_eq!(at("yesterday"), None);
}

#[test]
fn only_the_plain_word_is_the_end() {
    assert!(told("Delivered").last);
    assert!(told("afgeleverd.").last);
    assert!(!told("delivered to connecting line").last);
    assert!(!told("not delivered").last);
}

#[test]
fn endless_texts_are_cut_and_controls_taken_out() {
    let mut endless = told(&"x".repeat(100_000));
    endless.place = Some("Rotterdam\u{7}\n".into());
    endless.code = Some("  ".into());
    let event = endless.bounded();
    assert_eq!(event.text.chars().count(), limits::EVENT_TEXT_CHARS);
    assert_eq!(event.place.as_deref(), Some("Rotterdam"));
    assert_eq!(event.code, None);
}

#[test]
fn a_callback_is_signed_as_the_specification_says() {
    // The example of the Standard Webhooks specification's reference libraries; its key is base64.
    use base64::Engine;
    let key = base64::engine::general_purpose::STANDARD
        .decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
        .unwrap();
    let signature = sign::callback(
        &key,
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1_614_265_330,
        br#"{"test": 2432232314}"#,
    );
    assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

#[test]
fn the_link_of_one_order_does_not_show_another() {
    let order = crate::arrival::OrderId;
    let link = sign::link(b"secret", order(7));
    assert!(sign::is_link(b"secret", order(7), &link));
    assert!(!sign::is_link(b"secret", order(8), &link));
    assert!(!sign::is_link(b"other", order(7), &link));
    assert!(!sign::is_link(b"secret", order(7), ""));
}
