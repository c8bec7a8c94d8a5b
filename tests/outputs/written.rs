//! For any order: written as each format and read back by the built-in profiles, it is the same
//! order in the fields that the format carries, and what it does not carry is named.
//!
//! `ORDERDOCK_WRITTEN=N` tries N orders a format.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use orderdock::clock::Millis;
use orderdock::formats::{self, Bytes, FormatKind, ReadOptions};
use orderdock::order::{Action, Order, Origin, Party, Role, Shipment, StatusUpdate};
use orderdock::problem::Problem;
use orderdock::profiles::{
    Candidate, Chosen, MapOptions, Mapped, Mapper, Orders, ProfileSet, Summary,
};
use orderdock::writers::{self, Directory, Format, Marks};

use super::made::Chance;

const REFERENCES: [&str; 5] = ["customer", "contract", "order_type", "project", "booking"];

#[derive(Default)]
struct Told {
    orders: Vec<Order>,
    problems: Vec<Problem>,
    summary: Option<Summary>,
}

impl Orders for Told {
    fn chosen(&mut self, _: &Chosen) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    fn order(&mut self, mapped: Mapped) -> ControlFlow<()> {
        self.orders.push(mapped.order);
        ControlFlow::Continue(())
    }

    fn status(&mut self, _: StatusUpdate) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    fn problem(&mut self, problem: Problem) -> ControlFlow<()> {
        self.problems.push(problem);
        ControlFlow::Continue(())
    }
}

fn read(set: &ProfileSet, kind: FormatKind, bytes: &[u8]) -> Told {
    let options = MapOptions {
        file: "written".to_owned(),
        sha256: "0123456789abcdef".repeat(4),
        candidates: vec![Candidate::default()],
    };
    let mut told = Told::default();
    let mut mapper = Mapper::new(set, &options, &mut told);
    let read = formats::read(
        kind,
        &mut Bytes::new("written", bytes),
        &ReadOptions::default(),
        &mut mapper,
    );
    let summary = mapper.finish(read);
    told.summary = Some(summary);
    told
}

fn marks() -> Marks {
    Marks {
        ours: "4012345000009:14".to_owned(),
        theirs: "ACME".to_owned(),
        control: "K7".to_owned(),
        at: Millis(1_795_312_440_000),
    }
}

fn count() -> u64 {
    let many = std::env::var("ORDERDOCK_WRITTEN").ok();
    many.and_then(|many| many.parse().ok()).unwrap_or(60)
}

/// Orders of `count` seeds through a format; `fit` leaves of an order what the format carries.
fn check(format: Format, kind: FormatKind, lines: bool, fit: impl Fn(&mut Order)) {
    let set = ProfileSet::load(Vec::<(String, String)>::new()).unwrap();
    for seed in 1..=count() {
        let mut whole = Chance(seed).order(&REFERENCES, lines);
        let all = writers::write(format, &whole, &marks()).unwrap();
        let mut fitting = whole.clone();
        fit(&mut fitting);
        let made = writers::write(format, &fitting, &marks()).unwrap();
        let text = String::from_utf8_lossy(&made.bytes).into_owned();
        assert_eq!(made.lost, Vec::<String>::new(), "{format:?} {seed}: {text}");
        let told = read(&set, kind, &made.bytes);
        let [read] = &told.orders[..] else {
            panic!(
                "{format:?} {seed}: {:?} {:?}\n{text}",
                told.summary, told.problems
            );
        };
        let mut read = read.clone();
        read.origin = Origin::default();
        assert_eq!(
            read, fitting,
            "{format:?} {seed}: {:?}\n{text}",
            told.problems
        );
        // What `fit` took away is what the writer says is lost, field by field or as a whole.
        let lost: BTreeSet<String> = all.lost.into_iter().collect();
        whole.origin = Origin::default();
        assert!(
            (whole == fitting) == lost.is_empty(),
            "{format:?} {seed}: lost {lost:?}"
        );
    }
}

#[test]
fn json_carries_everything() {
    check(Format::Json, FormatKind::Json, true, |_| {});
}

fn tables(order: &mut Order) {
    order.draft = false;
    for shipment in &mut order.shipments {
        for equipment in &mut shipment.equipment {
            equipment.seals.clear();
        }
    }
}

#[test]
fn a_table_carries_everything_but_seals() {
    // Nothing is lost in a table: what its reader has no column for comes back as a column of its own.
    let set = ProfileSet::load(Vec::<(String, String)>::new()).unwrap();
    for (format, kind) in [
        (Format::Csv, FormatKind::Csv),
        (Format::Xlsx, FormatKind::Xlsx),
    ] {
        for seed in 1..=count() {
            let mut order = Chance(seed).order(&REFERENCES, true);
            tables(&mut order);
            let made = writers::write(format, &order, &marks()).unwrap();
            assert_eq!(made.lost, Vec::<String>::new());
            let told = read(&set, kind, &made.bytes);
            let [read] = &told.orders[..] else {
                panic!(
                    "{format:?} {seed}: {:?}\n{}",
                    told.problems,
                    String::from_utf8_lossy(&made.bytes)
                );
            };
            let mut read = read.clone();
            read.origin = Origin::default();
            assert_eq!(read, order, "{format:?} {seed}: {:?}", told.problems);
        }
    }
}

#[test]
fn the_same_order_gives_the_same_workbook() {
    let order = Chance(7).order(&REFERENCES, true);
    let made = || writers::write(Format::Xlsx, &order, &marks()).unwrap();
    assert_eq!(made(), made());
}

fn retain(order: &mut Order, roles: &[Role], references: &[&str]) {
    order.parties.retain(|role, _| roles.contains(role));
    order
        .references
        .retain(|name, _| references.contains(&name.as_str()));
}

/// What EDIFACT has no place for in a party.
fn nad(party: &mut Party) {
    party.house_no = None;
}

fn parties(order: &mut Order, change: impl Fn(&mut Party)) {
    order.parties.values_mut().for_each(&change);
    for shipment in &mut order.shipments {
        for stop in [&mut shipment.pickup, &mut shipment.delivery]
            .into_iter()
            .flatten()
        {
            stop.party.iter_mut().for_each(&change);
        }
    }
}

fn header(order: &mut Order) {
    order.received_date = None;
    order.labels_quantity = None;
    order.freight = None;
    order.notify.clear();
    order
        .references
        .insert("order_type".to_owned(), "221".to_owned());
}

fn edifact_orders(order: &mut Order) {
    let roles = [
        Role::Buyer,
        Role::Seller,
        Role::Payer,
        Role::Consignee,
        Role::Carrier,
    ];
    retain(order, &roles, &["customer", "contract", "project"]);
    header(order);
    parties(order, nad);
    order.service_level = None;
    order.cod = None;
    for shipment in &mut order.shipments {
        shipment.id = None;
        shipment.goods.clear();
        shipment.equipment.clear();
        shipment.totals = None;
        shipment.pickup.iter_mut().for_each(|stop| stop.to = None);
    }
}

#[test]
fn a_purchase_order_in_edifact_carries_what_the_page_lists() {
    for directory in [Directory::D96A, Directory::D01B] {
        check(
            Format::Orders(directory),
            FormatKind::Edifact,
            true,
            edifact_orders,
        );
    }
}

fn iftmin(order: &mut Order) {
    let roles = [
        Role::Buyer,
        Role::Payer,
        Role::Consignor,
        Role::Consignee,
        Role::Carrier,
        Role::Terminal,
    ];
    retain(order, &roles, &["customer", "contract", "booking"]);
    header(order);
    parties(order, nad);
    order.currency = None;
    order.totals = None;
    // What the places of pickup and delivery do not say is read from consignor and consignee.
    for (role, end) in [(Role::Consignor, 0), (Role::Consignee, 1)] {
        let shipment = &order.shipments[0];
        let stop = [&shipment.pickup, &shipment.delivery][end].clone();
        if let (Some(party), Some(stop)) = (order.parties.get_mut(&role), stop) {
            *party = stop.party.unwrap();
        }
    }
    for shipment in &mut order.shipments {
        shipment
            .totals
            .iter_mut()
            .for_each(|totals| totals.pallets = None);
        for goods in &mut shipment.goods {
            goods.loading_metres = None;
            goods.package_id = None;
            goods.external_package_id = None;
        }
        for equipment in &mut shipment.equipment {
            equipment.handling_code = None;
            equipment.condition = None;
            // They are in the file, and our reader has no field for them there.
            equipment.seals.clear();
        }
    }
}

#[test]
fn a_forwarding_instruction_in_edifact_carries_what_the_page_lists() {
    for directory in [Directory::D96A, Directory::D01B] {
        check(
            Format::Iftmin(directory),
            FormatKind::Edifact,
            false,
            iftmin,
        );
    }
}

fn ubl(order: &mut Order) {
    let roles = [Role::Buyer, Role::Seller, Role::Payer];
    retain(order, &roles, &["customer", "contract", "order_type"]);
    parties(order, |party| {
        party.name2 = None;
        party
            .contact
            .iter_mut()
            .for_each(|contact| contact.mobile = None);
    });
    for party in order
        .parties
        .values_mut()
        .filter(|party| !party.ids.is_empty())
    {
        // A GLN alone is read as the party's number as well.
        party.ids.insert("party".to_owned(), "P-1".to_owned());
    }
    order.received_date = None;
    order.labels_quantity = None;
    order.freight = None;
    order.cod = None;
    order.service_level = None;
    order.draft = false;
    order.notify.clear();
    order.totals.iter_mut().for_each(|totals| {
        totals.quantity = None;
        totals.weight_kg = None;
    });
    let delivery = order.shipments[0].delivery.take().map(|mut stop| {
        stop.from = None;
        stop.to = None;
        stop.party.iter_mut().for_each(|party| {
            party
                .contact
                .iter_mut()
                .for_each(|contact| contact.fax = None);
        });
        stop
    });
    order.shipments = vec![Shipment {
        delivery,
        ..Shipment::default()
    }];
}

#[test]
fn a_ubl_order_carries_what_the_page_lists() {
    check(Format::Ubl, FormatKind::Xml, true, ubl);
}

#[test]
fn a_change_and_a_cancel_are_read_as_such() {
    let set = ProfileSet::load(Vec::<(String, String)>::new()).unwrap();
    let kinds = [
        (Format::Orders(Directory::D96A), FormatKind::Edifact),
        (Format::Ubl, FormatKind::Xml),
        (Format::Csv, FormatKind::Csv),
        (Format::Json, FormatKind::Json),
    ];
    for (format, kind) in kinds {
        for action in [Action::Update, Action::Cancel] {
            let order = Order {
                action,
                ..Chance(3).order(&[], true)
            };
            let made = writers::write(format, &order, &marks()).unwrap();
            let told = read(&set, kind, &made.bytes);
            let read: Vec<_> = told
                .orders
                .iter()
                .map(|order| (&order.reference, order.action))
                .collect();
            assert_eq!(
                read,
                [(&order.reference, action)],
                "{format:?} {:?}",
                told.problems
            );
        }
    }
}
