//! Many sources in one daemon: they take turns, share connections, and take little memory.

use std::collections::BTreeSet;

use orderdock::limits;

use super::lines::order;
use crate::support::dock::Dock;
use crate::support::erp::Erp;
use crate::support::process::Process;
use crate::support::strange_ftpd::{Strange, StrangeFtpd};

const SOURCES: usize = 500;

#[tokio::test(flavor = "multi_thread")]
async fn five_hundred_sources_take_turns_over_few_connections() {
    let server = StrangeFtpd::start(Strange::EmptyIs(550)).await;
    let erp = tokio::task::spawn_blocking(Erp::start).await.unwrap();
    let mut sources = String::new();
    for number in 0..SOURCES {
        sources += &format!(
            "[[source]]\nname = \"p{number}\"\nkind = \"ftp\"\nurl = \"ftp://u{number}@127.0.0.1:{}/in\"\n\
             password = \"edi-secret\"\npoll = \"10s\"\n\n",
            server.port
        );
    }
    let dock = Dock::new(&erp.orders(), &sources);
    let daemon = dock.start();
    // The folder beside them is served while they begin.
    dock.drop_file("one.csv", order("one"));
    dock.wait_for("done", "one.csv");
    let all: BTreeSet<String> = (0..SOURCES)
        .map(|number| format!("USER u{number}"))
        .collect();
    dock.until("all sources have looked", || {
        let commands: BTreeSet<String> = server.commands().into_iter().collect();
        (commands.is_superset(&all)).then_some(())
    });
    let memory = Process(daemon.pid()).memory();
    assert!(memory < 150 << 20, "{memory}");
    let most = server.most_sessions();
    assert!(
        most <= limits::REMOTE_CONNECTIONS + limits::REMOTE_KEPT,
        "{most}"
    );
    assert!(most < SOURCES / 2, "they came all at once: {most}");
    assert_eq!(dock.run(&["status"]).status.code(), Some(0));
    assert_eq!(daemon.stop(), 0);
    tokio::task::spawn_blocking(move || {
        erp.has_each_once(&["one"]);
        drop(erp);
    })
    .await
    .unwrap();
}
