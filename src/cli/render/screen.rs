//! `status` on one screen.

use super::super::table::{Cell, Column, Look, Table, Tone, number, pairs};
use super::{heading, when};
use crate::control::{LiveLane, LiveSource, Running, Screen};
use crate::ledger::{DestinationStatus, SourceStatus, Status};

/// One screen: the daemon, sources, destinations, and what needs a person.
#[must_use]
pub fn screen(screen: &Screen, look: &Look) -> String {
    let status = &screen.ledger;
    let daemon = screen.daemon.as_ref();
    let mut lines = vec![match daemon {
        Some(daemon) => (
            "daemon",
            format!(
                "{}, process {}, since {}",
                daemon.version,
                daemon.pid,
                when(daemon.since, look)
            ),
        ),
        None => ("daemon", "not running".to_owned()),
    }];
    if status.mails > 0 {
        lines.push(("mails", format!("{} wait", status.mails)));
    }
    let mut text = pairs(&lines, look);
    text += &sources(status, daemon, look);
    text += &destinations(status, daemon, look);
    text += &heading("Needs a person", look);
    if status.attention.is_empty() {
        text += "nothing\n";
    }
    for need in &status.attention {
        text += &look.paint(Tone::Bad, &crate::logging::one_line(&need.to_string()));
        text.push('\n');
    }
    text
}

fn paused(status: &Status, name: &str, look: &Look) -> Option<String> {
    let (_, since, who) = status.paused.iter().find(|(paused, ..)| paused == name)?;
    Some(format!("paused by {who} {}", look.age(*since)))
}

fn sources(status: &Status, daemon: Option<&Running>, look: &Look) -> String {
    if status.sources.is_empty() {
        return String::new();
    }
    let mut table = Table::new(&[
        ("SOURCE", Column::Left),
        ("PENDING", Column::Right),
        ("OLDEST", Column::Left),
        ("DONE 24H", Column::Right),
        ("ERROR 24H", Column::Right),
        ("STATE", Column::Flex),
    ]);
    for SourceStatus {
        name,
        pending,
        oldest,
        done,
        error,
    } in &status.sources
    {
        let live = daemon.and_then(|daemon| daemon.sources.iter().find(|live| live.name == *name));
        let paused = paused(status, name, look);
        table.row(vec![
            Cell::from(name),
            number(*pending, Tone::Open),
            Cell::from(oldest.map(|at| look.age(at)).unwrap_or_default()),
            number(*done, Tone::Good),
            number(*error, Tone::Bad),
            paused.map_or_else(|| watched(live), |text| Cell::toned(&text, Tone::Open)),
        ]);
    }
    heading("Sources", look) + &table.render(look)
}

fn watched(live: Option<&LiveSource>) -> Cell {
    match live {
        Some(LiveSource {
            failure: Some(why), ..
        }) => Cell::toned(why, Tone::Bad),
        Some(live) => Cell::toned(&format!("watched {}", live.watched), Tone::Faint),
        None => Cell::toned("", Tone::Plain),
    }
}

fn destinations(status: &Status, daemon: Option<&Running>, look: &Look) -> String {
    if status.destinations.is_empty() {
        return String::new();
    }
    let mut table = Table::new(&[
        ("DESTINATION", Column::Left),
        ("DUE", Column::Right),
        ("NEXT", Column::Left),
        ("HELD", Column::Right),
        ("PARKED", Column::Right),
        ("SENT 24H", Column::Right),
        ("REFUSED 24H", Column::Right),
        ("STATE", Column::Flex),
    ]);
    for DestinationStatus {
        name,
        due,
        next,
        held,
        parked,
        delivered,
        refused,
    } in &status.destinations
    {
        let live = daemon.and_then(|daemon| daemon.lanes.iter().find(|live| live.name == *name));
        let paused = paused(status, name, look);
        table.row(vec![
            Cell::from(name),
            number(*due, Tone::Open),
            Cell::from(next.map(|at| look.age(at)).unwrap_or_default()),
            number(*held, Tone::Open),
            number(*parked, Tone::Bad),
            number(*delivered, Tone::Good),
            number(*refused, Tone::Bad),
            paused.map_or_else(|| lane(live, look), |text| Cell::toned(&text, Tone::Open)),
        ]);
    }
    heading("Destinations", look) + &table.render(look)
}

fn lane(live: Option<&LiveLane>, look: &Look) -> Cell {
    let Some(live) = live else {
        return Cell::toned("", Tone::Plain);
    };
    match (&live.stopped, live.next) {
        (Some(why), Some(next)) => Cell::toned(
            &format!("stopped: {why}; tries {}", look.age(next)),
            Tone::Bad,
        ),
        (Some(why), None) => Cell::toned(&format!("stopped: {why}"), Tone::Bad),
        (None, _) if live.in_flight > 0 => {
            Cell::toned(&format!("{} in flight", live.in_flight), Tone::Plain)
        }
        (None, _) => Cell::toned("idle", Tone::Faint),
    }
}
