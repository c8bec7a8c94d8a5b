//! Packets of good and bad servers.

use proptest::prelude::*;

use super::*;

fn body(fill: impl FnOnce(&mut BytesMut)) -> Bytes {
    let mut out = BytesMut::new();
    fill(&mut out);
    out.freeze()
}

#[test]
fn a_packet_tells_its_own_length() {
    let mut out = BytesMut::new();
    packet(&mut out, kind::OPENDIR, |out| {
        out.put_u32(7);
        put_string(out, b"/in");
    });
    assert_eq!(&out[..], b"\0\0\0\x0c\x0b\0\0\0\x07\0\0\0\x03/in");
}

#[test]
fn a_status_without_a_message_and_beyond_the_draft_is_read() {
    let bytes = body(|out| {
        out.put_u32(3);
        out.put_u32(11);
    });
    let read = answer(kind::STATUS, bytes);
    let message = Bytes::new();
    assert_eq!(read, Ok((3, Answer::Status { code: 11, message })));
}

#[test]
fn a_name_keeps_its_bytes() {
    let bytes = body(|out| {
        out.put_u32(1);
        out.put_u32(1);
        put_string(out, b"h\xe4llo.csv");
        put_string(out, b"-rw-r--r-- 1 a b 3 Jan 1 00:00 h\xe4llo.csv");
        out.put_u32(1 | 8);
        out.put_u64(3);
        out.put_u32(1);
        out.put_u32(2);
    });
    let Ok((1, Answer::Names(items))) = answer(kind::NAME, bytes) else {
        panic!("no names");
    };
    let item = Item {
        name: b"h\xe4llo.csv".to_vec(),
        kind: ItemKind::File,
        size: Some(3),
        modified: Some(2_000_000_000),
    };
    assert_eq!(items, [item]);
}

#[test]
fn a_count_that_lies_takes_no_memory() {
    let bytes = body(|out| {
        out.put_u32(1);
        out.put_u32(u32::MAX);
    });
    assert_eq!(answer(kind::NAME, bytes), Err(Malformed));
}

proptest! {
    #[test]
    fn any_bytes_are_an_answer_or_malformed(kind in 101u8..=105, bytes: Vec<u8>) {
        let _read = answer(kind, bytes.into());
    }

    #[test]
    fn any_bytes_are_a_version_or_malformed(bytes: Vec<u8>) {
        let _read = version(bytes.into());
    }
}
