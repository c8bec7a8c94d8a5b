//! Which events are news.

use notify::event::{DataChange, Flag as Note, MetadataKind};

use super::*;

#[test]
fn only_what_may_be_a_whole_file_is_a_hint() {
    let hints = [
        EventKind::Access(AccessKind::Close(AccessMode::Write)),
        EventKind::Modify(ModifyKind::Name(RenameMode::To)),
        EventKind::Modify(ModifyKind::Metadata(MetadataKind::Any)),
        EventKind::Create(CreateKind::Folder),
    ];
    // What we cause ourselves by listing, reading and moving away, and what comes before the end
    // of writing.
    let others = [
        EventKind::Access(AccessKind::Open(AccessMode::Any)),
        EventKind::Access(AccessKind::Close(AccessMode::Read)),
        EventKind::Modify(ModifyKind::Name(RenameMode::From)),
        EventKind::Modify(ModifyKind::Name(RenameMode::Both)),
        EventKind::Modify(ModifyKind::Data(DataChange::Any)),
        EventKind::Create(CreateKind::File),
        EventKind::Remove(RemoveKind::File),
    ];
    assert!(hints.into_iter().all(|kind| is_hint(&Event::new(kind))));
    assert!(!others.into_iter().any(|kind| is_hint(&Event::new(kind))));
    for name in [".orderdock-probe-7", "a.csv.part", "a.csv.error.txt"] {
        let unnamed = |kind| is_hint(&Event::new(kind).add_path(Path::new("/in").join(name)));
        assert!(!hints.into_iter().any(unnamed), "{name}");
    }
    let gone = EventKind::Remove(RemoveKind::Folder);
    assert!(is_hint(&Event::new(gone)), "the log should tell it soon");
    let overflow = Event::new(EventKind::Other).set_flag(Note::Rescan);
    assert!(is_hint(&overflow), "events were lost: the listing tells");
}
