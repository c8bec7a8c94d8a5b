//! The child that reads hostile bytes has nothing to lose: no files, no network, no secrets, no
//! descriptor of the daemon's, little memory; and it lives only as long as it is needed.

use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use orderdock::formats::ReadOptions;
use orderdock::jail::{Collected, Ended, InMemory, Jail, Job, Mode};
use orderdock::limits;
use orderdock::profiles::{MapOptions, Outcome, Summary};

use crate::support::dock::Dock;
use crate::support::partner::Partner;
use crate::support::process::Process;

/// A pool whose children can be told from all others by the name they were started under.
struct Pool {
    jail: Jail,
    program: PathBuf,
    _folder: tempfile::TempDir,
}

impl Pool {
    fn new() -> Self {
        Self::of(Path::new(env!("CARGO_BIN_EXE_orderdock")))
    }

    fn of(program: &Path) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let name = folder.path().join("program");
        symlink(program, &name).unwrap();
        Self {
            jail: Jail::new(name.clone(), 1, Vec::new()),
            program: name,
            _folder: folder,
        }
    }

    async fn read(&self, bytes: &'static str) -> Result<Summary, Ended> {
        let supply = InMemory(Bytes::from(bytes));
        self.jail
            .read(&job(bytes.len()), &supply, &mut Collected::default())
            .await
    }

    fn children(&self) -> Vec<Process> {
        let mut children = Process::started_as(&self.program);
        children.retain(|child| child.is_running());
        children
    }

    fn child(&self) -> Process {
        let children = self.children();
        assert_eq!(children.len(), 1, "{children:?}");
        children[0]
    }
}

fn job(size: usize) -> Job {
    Job {
        mode: Mode::Orders,
        name: "orders.csv".to_owned(),
        size: size as u64,
        read: ReadOptions::default(),
        forced: None,
        map: MapOptions::default(),
    }
}

const GOOD: &str = "order_id,sku,quantity\nA-1,a,1\n";

#[tokio::test]
async fn a_child_is_filtered_and_limited() {
    let pool = Pool::new();
    assert_eq!(pool.read(GOOD).await.unwrap().outcome, Outcome::Accepted);
    let child = pool.child();
    assert_eq!(
        child.status("Seccomp"),
        "2",
        "a filter of system calls is in force"
    );
    assert_eq!(child.status("NoNewPrivs"), "1");
    for (limit, value) in [
        ("Max address space", limits::CHILD_ADDRESS_SPACE),
        ("Max open files", 3),
        ("Max file size", 0),
        ("Max core file size", 0),
    ] {
        assert_eq!(
            child.limit(limit).as_deref(),
            Some(value.to_string().as_str()),
            "{limit}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_child_of_the_daemon_inherits_neither_descriptors_nor_environment() {
    let partner = Partner::start().await;
    let dock = Dock::new(&partner.url("/orders"), "[jail]\nchildren = 1\n");
    let daemon = dock.start();
    dock.drop_file("good.csv", GOOD);
    dock.wait_for("done", "good.csv");
    let children = Process(daemon.pid()).children();
    assert_eq!(children.len(), 1, "{children:?}");
    let child = children[0];
    let descriptors = child.descriptors();
    assert_eq!(descriptors[&1], Path::new("/dev/null"));
    assert!(descriptors[&2].to_string_lossy().starts_with("pipe:"));
    let socket = &descriptors[&0];
    assert!(socket.to_string_lossy().starts_with("socket:"));
    // What whoever started the tests left open goes through all of them.
    let ours = Process(std::process::id()).descriptors();
    for (number, target) in descriptors.iter().filter(|(number, _)| **number > 2) {
        let inherited = ours.get(number) == Some(target);
        assert!(
            target == socket || inherited,
            "descriptor {number} leads to {}",
            target.display()
        );
    }
    // Nothing but what its allocator is told, which the C library cuts into pieces where it lies.
    let environment = child.text("environ");
    let mut pieces = environment.split('\0').filter(|piece| !piece.is_empty());
    assert!(pieces.next().unwrap().starts_with("GLIBC_TUNABLES="));
    assert!(
        pieces.all(|piece| piece.starts_with("glibc.malloc.")),
        "{environment:?}"
    );
    assert!(child.is_confined());
}

#[tokio::test]
async fn a_child_is_replaced_after_so_many_files() {
    let pool = Pool::new();
    pool.read(GOOD).await.unwrap();
    let first = pool.child();
    let mut read = 1;
    while read < limits::CHILD_FILES {
        assert_eq!(pool.child(), first, "after {read} files");
        let many = 64.min(limits::CHILD_FILES - read);
        let jobs = (0..many)
            .map(|_| (job(GOOD.len()), Bytes::from(GOOD)))
            .collect();
        assert!(
            pool.jail
                .read_together(jobs)
                .await
                .iter()
                .all(|(_, result)| result.is_ok())
        );
        read += many;
    }
    first.ended().await;
    pool.read(GOOD).await.unwrap();
    assert_ne!(pool.child(), first);
}

#[tokio::test]
async fn a_child_is_replaced_when_the_profiles_change() {
    let pool = Pool::new();
    pool.read(GOOD).await.unwrap();
    let first = pool.child();
    let text = "name = \"own\"\nformat = \"csv\"\n[order]\nreference = \"@order_id\"\n";
    pool.jail
        .set_profiles(vec![("own.toml".to_owned(), text.to_owned())]);
    pool.read(GOOD).await.unwrap();
    assert_ne!(pool.child(), first);
}

#[tokio::test]
async fn an_idle_child_is_let_go_and_the_next_file_has_another() {
    let pool = Pool::new();
    pool.read(GOOD).await.unwrap();
    let first = pool.child();
    first.ended().await;
    pool.read(GOOD).await.unwrap();
    assert_ne!(pool.child(), first);
}

#[tokio::test]
async fn a_child_ends_with_its_pool() {
    let pool = Pool::new();
    pool.read(GOOD).await.unwrap();
    let child = pool.child();
    drop(pool);
    child.ended().await;
}

/// A child that speaks another language: what `fixtures/jail/NAME.sh` writes into the socket.
async fn stranger(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/jail");
    match Pool::of(&folder.join(name)).read(GOOD).await {
        Err(Ended::Died { alone: true, how }) => how,
        other => panic!("{name}: {other:?}"),
    }
}

#[tokio::test]
async fn a_child_that_speaks_rubbish_is_not_believed() {
    for (name, why) in [
        ("rubbish.sh", "a frame out of bounds"),
        ("huge-frame.sh", "a frame out of bounds"),
        ("no-summary.sh", "an unreadable frame"),
        ("half-a-frame.sh", "exit status: 0"),
        ("dies.sh", "signal: 6"),
    ] {
        let how = stranger(name).await;
        assert!(how.contains(why), "{name}: {how}");
    }
}
