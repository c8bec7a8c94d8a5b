//! What every fuzz target does with its bytes: reads them as its format, writes what was read, and
//! maps it with the built-in profiles; or takes them for a profile and maps samples by it. Whatever
//! the bytes are, all of it must come back.

use std::ops::ControlFlow;
use std::sync::LazyLock;

use orderdock::formats::records::RecordsJson;
use orderdock::formats::{self, Bytes, FormatKind, ReadOptions};
use orderdock::order::StatusUpdate;
use orderdock::problem::Problem;
use orderdock::profiles::{Candidate, Chosen, MapOptions, Mapped, Mapper, Orders, ProfileSet};

/// Orders that are counted and dropped.
struct Nothing;

impl Orders for Nothing {
    fn chosen(&mut self, _: &Chosen) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
    fn order(&mut self, mapped: Mapped) -> ControlFlow<()> {
        assert!(!mapped.order.reference.trim().is_empty());
        ControlFlow::Continue(())
    }
    fn status(&mut self, _: StatusUpdate) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
    fn problem(&mut self, problem: Problem) -> ControlFlow<()> {
        assert!(!problem.message.is_empty());
        ControlFlow::Continue(())
    }
}

const FIXED: &str = include_str!("../fixtures/fixed/heads-and-details.toml");

static PROFILES: LazyLock<ProfileSet> = LazyLock::new(|| {
    ProfileSet::load(vec![("fixed.toml".to_owned(), FIXED.to_owned())]).unwrap_or_default()
});

/// Reads and maps `bytes` as `format`.
pub fn all(format: FormatKind, name: &str, bytes: &[u8]) {
    let options = ReadOptions::default();
    let mut told = RecordsJson::new(b"{\"file\":0".to_vec());
    let ended = formats::read(format, &mut Bytes::new(name, bytes), &options, &mut told);
    let (out, _) = told.finish(ended.err()).expect("memory takes all");
    assert!(out.starts_with(b"{") && std::str::from_utf8(&out).is_ok());
    let named = (format == FormatKind::Fixed).then(|| Candidate {
        profile: Some("heads-and-details".to_owned()),
        ..Candidate::default()
    });
    let map = MapOptions {
        candidates: named.into_iter().collect(),
        sha256: "0123456789abcdef".repeat(4),
        ..MapOptions::default()
    };
    let mut nothing = Nothing;
    let mut mapper = Mapper::new(&PROFILES, &map, &mut nothing);
    let ended = formats::read(format, &mut Bytes::new(name, bytes), &options, &mut mapper);
    let _ = mapper.finish(ended);
}

const SAMPLES: [(FormatKind, &str, &[u8]); 3] = [
    (FormatKind::Csv, "plain.csv", include_bytes!("../fixtures/profiles/plain.csv")),
    (FormatKind::Xml, "bakery.xml", include_bytes!("../fixtures/demo/bakery-order.xml")),
    (FormatKind::Fixed, "heads.txt", include_bytes!("../fixtures/fixed/heads-and-details.fixed")),
];

/// Takes `bytes` for the text of a profile and, if it is one, maps samples by it.
pub fn mapping(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let Ok(profiles) = ProfileSet::load(vec![("fuzzed.toml".to_owned(), text.to_owned())]) else {
        return;
    };
    let own = profiles.known().find(|known| !known.built_in);
    let Some(own) = own.map(|known| known.known_as.name) else {
        return;
    };
    for (format, name, sample) in SAMPLES {
        let map = MapOptions {
            candidates: vec![Candidate {
                profile: Some(own.clone()),
                ..Candidate::default()
            }],
            sha256: "0123456789abcdef".repeat(4),
            ..MapOptions::default()
        };
        let mut nothing = Nothing;
        let mut mapper = Mapper::new(&profiles, &map, &mut nothing);
        let options = ReadOptions::default();
        let ended = formats::read(format, &mut Bytes::new(name, sample), &options, &mut mapper);
        let _ = mapper.finish(ended);
    }
}
