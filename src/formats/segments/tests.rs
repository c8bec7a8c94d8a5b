//! What was written is what is read, whatever the separators, and whatever the texts hold.

use std::ops::ControlFlow;

use proptest::prelude::*;

use super::{Message, Segment};
use crate::formats::{
    About, Bytes, Element, Flow, FormatKind, Interest, ReadOptions, Records, Row, Table, XmlName,
    read,
};
use crate::order::{Order, StatusUpdate};
use crate::problem::Problem;

/// Elements of components.
type Written = Vec<Vec<String>>;

#[derive(Default)]
struct Kept {
    segments: Vec<Written>,
    problems: Vec<String>,
    messages: Vec<(String, bool)>,
}

impl Records for Kept {
    fn begin(&mut self, _: &About) -> Flow {
        ControlFlow::Continue(())
    }
    fn table(&mut self, _: &Table) -> Flow {
        ControlFlow::Break(())
    }
    fn row(&mut self, _: &Row<'_>) -> Flow {
        ControlFlow::Break(())
    }
    fn open(&mut self, _: &[XmlName], _: &[(XmlName, String)]) -> Interest {
        Interest::Stop
    }
    fn element(&mut self, _: &[XmlName], _: &Element) -> Flow {
        ControlFlow::Break(())
    }
    fn text(&mut self, _: &[XmlName], _: &str) -> Flow {
        ControlFlow::Break(())
    }
    fn order(&mut self, _: Order, _: &str) -> Flow {
        ControlFlow::Break(())
    }
    fn status(&mut self, _: StatusUpdate) -> Flow {
        ControlFlow::Break(())
    }
    fn message(&mut self, message: &Message) -> Flow {
        self.messages.push((message.kind.clone(), false));
        ControlFlow::Continue(())
    }
    fn segment(&mut self, segment: &Segment<'_>) -> Flow {
        let mut written: Written = Vec::new();
        for piece in segment.pieces() {
            if piece.component == 1 {
                written.push(Vec::new());
            }
            if let Some(element) = written.last_mut() {
                element.push(segment.text_of(piece).to_owned());
            }
        }
        self.segments.push(written);
        ControlFlow::Continue(())
    }
    fn message_end(&mut self) -> Flow {
        if let Some(last) = self.messages.last_mut() {
            last.1 = true;
        }
        ControlFlow::Continue(())
    }
    fn problem(&mut self, problem: Problem) -> Flow {
        self.problems.push(problem.code.into_owned());
        ControlFlow::Continue(())
    }
}

fn texts() -> impl Strategy<Value = String> {
    "[a-zA-Z0-9 :+'?*.,~^|äß-]{0,12}"
}

fn bodies() -> impl Strategy<Value = Vec<Written>> {
    let element = prop::collection::vec(texts(), 1..4);
    let segment = ("[A-Z]{3}", prop::collection::vec(element, 1..6)).prop_map(|(tag, mut rest)| {
        // Tags of envelopes would open and close.
        let tag = format!("Q{}", tag.get(..2).unwrap_or("QQ"));
        rest.insert(0, vec![tag]);
        rest
    });
    prop::collection::vec(segment, 0..8)
}

fn edifact(body: &[Written], signs: [char; 4], line: &str) -> String {
    let [component, element, release, terminator] = signs;
    let mut text = format!("UNA{component}{element}.{release} {terminator}{line}");
    let count = (body.len() + 2).to_string();
    let plain =
        |parts: &[&str]| -> Written { parts.iter().map(|p| vec![(*p).to_owned()]).collect() };
    let mut all = vec![
        plain(&["UNB", "UNOW", "S", "R", "D", "7"]),
        plain(&["UNH", "1", "ORDERS"]),
    ];
    all.extend(body.iter().cloned());
    all.extend([plain(&["UNT", &count, "1"]), plain(&["UNZ", "1", "7"])]);
    for segment in all {
        let elements: Vec<String> = segment
            .iter()
            .map(|components| {
                let escaped = components.iter().map(|text| {
                    text.chars()
                        .flat_map(|c| signs.contains(&c).then_some(release).into_iter().chain([c]))
                        .collect::<String>()
                });
                escaped.collect::<Vec<_>>().join(&component.to_string())
            })
            .collect();
        text += &elements.join(&element.to_string());
        text.push(terminator);
        text += line;
    }
    text
}

proptest! {
    #[test]
    fn edifact_that_was_written_is_read_back(
        body in bodies(),
        signs in prop::sample::select(vec![[':', '+', '?', '\''], ['|', '*', '\\', '~'], ['\x1f', '\x1d', '!', '\x1c']]),
        line in prop::sample::select(vec!["", "\n", "\r\n", "  \n\t"]),
    ) {
        let text = edifact(&body, signs, line);
        let mut kept = Kept::default();
        let ended = read(FormatKind::Edifact, &mut Bytes::new("a", text.as_bytes()), &ReadOptions::default(), &mut kept);
        prop_assert_eq!(ended, Ok(()));
        prop_assert_eq!(&kept.problems, &Vec::<String>::new());
        prop_assert_eq!(kept.messages, vec![("ORDERS".to_owned(), true)]);
        let inner = kept.segments.get(2..kept.segments.len() - 2).unwrap();
        prop_assert_eq!(inner, &body[..]);
    }

    #[test]
    fn no_bytes_make_a_message_reader_fall(bytes in prop::collection::vec(any::<u8>(), 0..300), head in prop::sample::select(vec!["UNA:+.? '", "UNB+UNOA:1+", "UNH+1+ORDERS'", "ISA*00*          *00*          *ZZ*S*ZZ*R*1*2*U*00401*1*0*P*>~GS*", "<!-- start order\n", ""])) {
        let mut all = head.as_bytes().to_vec();
        all.extend(bytes);
        for format in [FormatKind::Edifact, FormatKind::X12, FormatKind::Ttm, FormatKind::Fixed] {
            let ended = read(format, &mut Bytes::new("a", &all), &ReadOptions::default(), &mut Kept::default());
            prop_assert!(ended.is_ok() || ended.is_err_and(|problem| problem.is_error()));
        }
    }
}

#[test]
fn segments_know_their_number_and_byte() {
    struct Offsets(Vec<(u64, u64)>);
    impl Records for Offsets {
        fn begin(&mut self, _: &About) -> Flow {
            ControlFlow::Continue(())
        }
        fn table(&mut self, _: &Table) -> Flow {
            ControlFlow::Break(())
        }
        fn row(&mut self, _: &Row<'_>) -> Flow {
            ControlFlow::Break(())
        }
        fn open(&mut self, _: &[XmlName], _: &[(XmlName, String)]) -> Interest {
            Interest::Stop
        }
        fn element(&mut self, _: &[XmlName], _: &Element) -> Flow {
            ControlFlow::Break(())
        }
        fn text(&mut self, _: &[XmlName], _: &str) -> Flow {
            ControlFlow::Break(())
        }
        fn order(&mut self, _: Order, _: &str) -> Flow {
            ControlFlow::Break(())
        }
        fn status(&mut self, _: StatusUpdate) -> Flow {
            ControlFlow::Break(())
        }
        fn segment(&mut self, segment: &Segment<'_>) -> Flow {
            self.0.push((segment.number, segment.offset));
            ControlFlow::Continue(())
        }
        fn problem(&mut self, _: Problem) -> Flow {
            ControlFlow::Continue(())
        }
    }
    let text = "UNA:+.? '\nUNB+UNOA:1+S+R+1+7'\nUNH+1+A'\nUNT+2+1'UNZ+1+7'";
    let mut offsets = Offsets(Vec::new());
    read(
        FormatKind::Edifact,
        &mut Bytes::new("a", text.as_bytes()),
        &ReadOptions::default(),
        &mut offsets,
    )
    .unwrap();
    let wanted: Vec<(u64, u64)> = ["UNB", "UNH", "UNT", "UNZ"]
        .iter()
        .zip(1..)
        .map(|(tag, number)| (number, text.find(tag).unwrap() as u64))
        .collect();
    assert_eq!(offsets.0, wanted);
}
