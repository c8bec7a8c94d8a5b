//! The contract of a source, the same for every kind: what is listed, that a file is fetched whole
//! or not at all, and that it ends in one place however often it is settled and wherever the line
//! breaks.
//!
//! A kind brings a [`Place`]: a real server, and a way past it to lay files there and to see what lies
//! there. Then [`check`] does the rest.

use std::fs;
use std::sync::Arc;

use orderdock::arrival::{ArrivalId, Entry, Settled, Verdict};
use orderdock::config::Config;
use orderdock::daemon;
use orderdock::failure::Failure;
use orderdock::sources::{Piece, Probe, Settlement, Source};
use tokio::runtime::Runtime;
use tokio::sync::mpsc;

use crate::support::cut::Line;

/// A real place with a source in it.
pub(crate) trait Place {
    /// The lines of its `[[source]]` without `name`; the server is reached by `port`, where it has one.
    fn config(&self, port: Option<u16>) -> String;

    /// The port of its server; `None` where no line can break.
    fn port(&self) -> Option<u16>;

    /// Lays a file there, past the server, whose time is so many seconds after a fixed one. A file of
    /// that name is replaced.
    fn put(&self, name: &str, bytes: &[u8], second: u64);

    /// Takes a file away, past the server.
    fn remove(&self, name: &str);

    /// What the files (not folders) hold that lie in the inbox itself (`""`), in `done` or in `error`,
    /// in no order; sidecars left out.
    fn lies(&self, folder: &str) -> Vec<Vec<u8>>;

    /// Whether the inbox has names, so that a file can be replaced and names can collide.
    fn has_names(&self) -> bool {
        true
    }

    /// Whether what was fetched holds this content, as the place lays it down.
    fn holds(&self, fetched: &[u8], content: &[u8]) -> bool {
        fetched
            .windows(content.len())
            .any(|window| window == content)
    }

    /// Whether the server lets us move files.
    fn lets_move(&self) -> bool {
        true
    }

    /// Takes everything away.
    fn clear(&self);
}

/// A place with a source that was built from its configuration.
struct Scene<'a> {
    place: &'a dyn Place,
    source: Arc<dyn Source>,
    runtime: &'a Runtime,
}

/// Everything that a source promises.
pub(crate) fn check(place: &dyn Place) {
    let runtime = Runtime::new().unwrap();
    let parts: [fn(&Scene<'_>); 7] = [
        lists_the_oldest_first_and_creates_nothing,
        fetches_whole_and_unchanged_or_not_at_all,
        settles_once_however_often_it_is_asked,
        leaves_another_version_alone,
        tells_what_vanished,
        never_lays_one_file_over_another,
        moves_from_error_to_done,
    ];
    for part in parts {
        place.clear();
        let scene = Scene::new(place, &runtime, place.port(), "");
        part(&scene);
    }
    place.clear();
    let scene = Scene::new(place, &runtime, place.port(), "after = \"leave\"\n");
    leaves_where_it_is_told_to(&scene);
    place.clear();
    if let Some(port) = place.port() {
        survives_a_line_that_breaks_anywhere(place, &runtime, port);
    }
}

impl<'a> Scene<'a> {
    fn new(place: &'a dyn Place, runtime: &'a Runtime, port: Option<u16>, more: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("orderdock.toml");
        let text = format!(
            "state_dir = \"{}\"\n[[source]]\nname = \"inbox\"\n{}{more}",
            folder.path().join("state").display(),
            place.config(port)
        );
        fs::write(&path, text).unwrap();
        let config = Config::load(&path).unwrap_or_else(|errors| panic!("{errors:?}"));
        let inside = runtime.enter();
        let source = daemon::source(&config.sources[0]).unwrap();
        drop(inside);
        Self {
            place,
            source,
            runtime,
        }
    }

    fn list(&self) -> Result<Vec<Entry>, Failure> {
        let listing = self.runtime.block_on(self.source.list())?;
        assert!(!listing.cut);
        Ok(listing.entries)
    }

    /// The only file there.
    fn only(&self) -> Entry {
        let [entry] = self.list().unwrap().try_into().unwrap();
        entry
    }

    /// How each ended, with the bytes that came; in the order of `entries`.
    fn fetch(&self, entries: &[Entry]) -> Vec<(Vec<u8>, Option<Piece>)> {
        let mut got: Vec<(Vec<u8>, Option<Piece>)> = Vec::new();
        got.resize_with(entries.len(), Default::default);
        let wanted = (0..).map(ArrivalId).zip(entries.iter().cloned()).collect();
        let (sender, mut pieces) = mpsc::channel(4);
        let source = Arc::clone(&self.source);
        self.runtime.block_on(async {
            let fetching = tokio::spawn(async move { source.fetch(wanted, sender).await });
            while let Some(piece) = pieces.recv().await {
                let (Piece::Bytes(id, _)
                | Piece::Complete(id)
                | Piece::Gone(id)
                | Piece::Failed(id, _)) = &piece;
                let file = &mut got[usize::try_from(id.0).unwrap()];
                assert!(file.1.is_none(), "a piece came after the last");
                match piece {
                    Piece::Bytes(_, bytes) => file.0.extend_from_slice(&bytes),
                    last => file.1 = Some(last),
                }
            }
            fetching.await.unwrap();
        });
        got
    }

    fn settlement(entry: &Entry, verdict: Verdict) -> Settlement {
        let report = (".error.txt".to_owned(), b"what is wrong".to_vec());
        Settlement {
            arrival: ArrivalId(17),
            locator: entry.locator.clone(),
            version: entry.version,
            verdict,
            sidecars: match verdict {
                Verdict::Done => Vec::new(),
                Verdict::Error => vec![report],
            },
        }
    }

    fn settle(&self, entry: &Entry, verdict: Verdict) -> Result<Settled, Failure> {
        let settlement = Self::settlement(entry, verdict);
        let answers = self.runtime.block_on(self.source.settle(vec![settlement]));
        let [answer] = answers.try_into().unwrap();
        answer
    }

    fn lies(&self, folder: &str) -> Vec<String> {
        let files = self.place.lies(folder).into_iter();
        let mut texts: Vec<_> = files.map(|file| String::from_utf8(file).unwrap()).collect();
        texts.sort();
        texts
    }
}

fn contains(texts: &[String], part: &str) -> bool {
    texts.iter().any(|text| text.contains(part))
}

fn lists_the_oldest_first_and_creates_nothing(scene: &Scene<'_>) {
    scene
        .runtime
        .block_on(scene.source.probe(Probe::Start))
        .unwrap();
    assert_eq!(scene.list().unwrap(), []);
    scene.place.put("a.csv", b"second", 20);
    scene.place.put("b.csv", b"first", 10);
    let entries = scene.list().unwrap();
    assert_eq!(entries.len(), 2);
    let got = scene.fetch(&entries);
    assert!(String::from_utf8_lossy(&got[0].0).contains("first"));
    assert!(String::from_utf8_lossy(&got[1].0).contains("second"));
    // Looked at again, it shows the same.
    assert_eq!(scene.list().unwrap(), entries);
    assert!(scene.lies("done").is_empty() && scene.lies("error").is_empty());
    if scene.place.has_names() {
        for name in [".hidden", "c.part", "~lock.xls", "d.csv.error.txt"] {
            scene.place.put(name, b"not an order", 5);
        }
        assert_eq!(scene.list().unwrap(), entries);
    }
}

fn fetches_whole_and_unchanged_or_not_at_all(scene: &Scene<'_>) {
    // Longer than one piece of any protocol, and no piece like another.
    let long: Vec<u8> = (0..300_000u32)
        .flat_map(|n| format!("{n}\n").into_bytes())
        .collect();
    scene.place.put("long.csv", &long, 10);
    scene.place.put("short.csv", b"short", 11);
    scene.place.put("gone.csv", b"gone", 12);
    let entries = scene.list().unwrap();
    scene.place.remove("gone.csv");
    let got = scene.fetch(&entries);
    let holds = |bytes: &[u8], part: &[u8]| {
        bytes.len() >= part.len() && bytes.windows(part.len()).any(|window| window == part)
    };
    assert!(
        matches!(got[0].1, Some(Piece::Complete(_))),
        "{:?}",
        got[0].1
    );
    assert!(got[0].0 == long || holds(&got[0].0, b"299999"));
    assert!(matches!(got[1].1, Some(Piece::Complete(_))));
    assert!(holds(&got[1].0, b"short"));
    assert!(matches!(got[2].1, Some(Piece::Gone(_))), "{:?}", got[2].1);
    if scene.place.has_names() {
        scene.place.put("short.csv", b"longer", 11);
        scene.place.put("long.csv", &long, 20);
        let got = scene.fetch(&entries[..2]);
        for (_, end) in got {
            assert!(matches!(end, Some(Piece::Gone(_))), "{end:?}");
        }
    }
}

fn settles_once_however_often_it_is_asked(scene: &Scene<'_>) {
    scene.place.put("good.csv", b"good", 10);
    let good = scene.only();
    if !scene.place.lets_move() {
        let refused = scene.settle(&good, Verdict::Done).unwrap_err();
        assert!(!refused.is_temporary(), "{refused}");
        assert!(refused.message.contains("after = \"leave\""), "{refused}");
        assert!(contains(&scene.lies(""), "good"));
        return;
    }
    let Settled::Moved(to) = scene.settle(&good, Verdict::Done).unwrap() else {
        panic!("not moved");
    };
    assert!(scene.lies("").is_empty());
    assert!(contains(&scene.lies("done"), "good"));
    for _ in 0..2 {
        let again = scene.settle(&good, Verdict::Done).unwrap();
        assert_eq!(again, Settled::Already(to.clone()));
    }
    scene.place.put("bad.csv", b"bad", 11);
    let bad = scene.only();
    let moved = scene.settle(&bad, Verdict::Error).unwrap();
    assert!(matches!(moved, Settled::Moved(_)));
    assert!(contains(&scene.lies("error"), "bad"));
    assert_eq!(
        (scene.lies("done").len(), scene.lies("error").len()),
        (1, 1)
    );
    assert_eq!(scene.list().unwrap(), []);
}

fn leaves_another_version_alone(scene: &Scene<'_>) {
    if !scene.place.has_names() {
        return;
    }
    scene.place.put("orders.csv", b"first version", 10);
    let first = scene.only();
    scene.place.put("orders.csv", b"other version", 20);
    let settled = scene
        .settle(&first, Verdict::Done)
        .unwrap_or(Settled::Superseded);
    assert_eq!(settled, Settled::Superseded);
    assert_eq!(scene.lies(""), ["other version"]);
    assert!(scene.lies("done").is_empty());
}

fn tells_what_vanished(scene: &Scene<'_>) {
    scene.place.put("orders.csv", b"taken away", 10);
    let entry = scene.only();
    scene.place.remove("orders.csv");
    let settled = scene.settle(&entry, Verdict::Done).unwrap();
    assert_eq!(settled, Settled::Vanished);
}

fn never_lays_one_file_over_another(scene: &Scene<'_>) {
    if !scene.place.has_names() || !scene.place.lets_move() {
        return;
    }
    for (content, second) in [("one", 10), ("two", 20), ("three", 30)] {
        scene.place.put("orders.csv", content.as_bytes(), second);
        let entry = scene.only();
        let settled = scene.settle(&entry, Verdict::Done).unwrap();
        assert!(matches!(settled, Settled::Moved(_)), "{settled:?}");
    }
    assert_eq!(scene.lies("done"), ["one", "three", "two"]);
}

fn moves_from_error_to_done(scene: &Scene<'_>) {
    if !scene.place.lets_move() {
        return;
    }
    scene.place.put("orders.csv", b"bad at first", 10);
    let entry = scene.only();
    let Settled::Moved(lies_at) = scene.settle(&entry, Verdict::Error).unwrap() else {
        panic!("not moved");
    };
    for _ in 0..2 {
        let settlement = Scene::settlement(&entry, Verdict::Done);
        let back = scene.source.resettle(lies_at.clone(), settlement);
        let settled = scene.runtime.block_on(back).unwrap();
        assert!(matches!(settled, Settled::Moved(_) | Settled::Already(_)));
        assert!(contains(&scene.lies("done"), "bad at first"));
        assert!(scene.lies("error").is_empty());
    }
}

fn leaves_where_it_is_told_to(scene: &Scene<'_>) {
    scene.place.put("orders.csv", b"stays", 10);
    let entry = scene.only();
    let settled = scene.settle(&entry, Verdict::Done).unwrap();
    assert_eq!(settled, Settled::Left);
    assert_eq!(scene.only(), entry);
}

/// A whole conversation with one file, through a line that breaks at 64 places of it (at as many as
/// `ORDERDOCK_CUTS` says, or at every byte with `all`): whatever broke off is done by the next try, once.
fn survives_a_line_that_breaks_anywhere(place: &dyn Place, runtime: &Runtime, port: u16) {
    const CONTENT: &[u8] = b"reference;quantity\nA-1;2\n";
    let line = Line::to(port);
    let after = if place.lets_move() {
        ""
    } else {
        "after = \"leave\"\n"
    };
    let straight = Scene::new(place, runtime, Some(port), after);
    let converse = |scene: &Scene<'_>| -> Result<(), String> {
        let entries = scene.list().map_err(|failure| failure.to_string())?;
        assert_eq!(entries.len(), 1, "a listing was taken for whole");
        for (bytes, end) in scene.fetch(&entries) {
            match end {
                Some(Piece::Complete(_)) => assert!(
                    place.holds(&bytes, CONTENT),
                    "a short body was taken for whole"
                ),
                other => return Err(format!("{other:?}")),
            }
        }
        let settled = scene.settle(&entries[0], Verdict::Done);
        let settled = settled.map_err(|failure| failure.to_string())?;
        let kept = matches!(
            settled,
            Settled::Moved(_) | Settled::Already(_) | Settled::Left
        );
        assert!(kept, "{settled:?}");
        Ok(())
    };
    place.put("orders.csv", CONTENT, 10);
    converse(&Scene::new(place, runtime, Some(line.port), after)).unwrap();
    let length = line.passed();
    let cuts = match std::env::var("ORDERDOCK_CUTS") {
        Ok(all) if all == "all" => length,
        Ok(number) => number.parse::<u64>().unwrap().min(length),
        Err(_) => 64,
    };
    let mut broken = 0;
    for cut in 0..cuts {
        place.clear();
        place.put("orders.csv", CONTENT, 10);
        let entry = straight.only();
        line.break_after(cut * length / cuts);
        let ended = converse(&Scene::new(place, runtime, Some(line.port), after));
        line.mend();
        if ended.is_err() {
            broken += 1;
            let got = straight.fetch(std::slice::from_ref(&entry));
            let fetched = matches!(got[0].1, Some(Piece::Complete(_)));
            assert!(
                fetched || place.lies("").is_empty(),
                "cut {cut}: {:?}",
                got[0].1
            );
            let settled = straight.settle(&entry, Verdict::Done).unwrap();
            assert!(!matches!(settled, Settled::Vanished | Settled::Superseded));
        }
        let (here, done) = (place.lies("").len(), place.lies("done").len());
        let expected = if place.lets_move() { (0, 1) } else { (1, 0) };
        assert_eq!((here, done), expected, "cut {cut} of {cuts}");
    }
    assert!(broken > 0, "the line never broke");
    println!("broken off {broken} times of {cuts}, in a conversation of {length} bytes");
}
