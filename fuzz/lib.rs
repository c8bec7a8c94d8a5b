//! What every fuzz target does with its bytes: reads them as its format, writes what was read, and
//! maps it with the built-in profiles. Whatever the bytes are, all of it must come back.

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
