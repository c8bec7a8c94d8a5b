//! Deliveries to people's doors as a workbook: one row a parcel, the columns with Cargamos' names of
//! its fields. Which names its spreadsheet integration really expects is an assumption (see
//! `docs/partners/cargamos.md`): they are those of its interface.

use super::flat::{self, Flat};
use super::{Made, workbook};
use crate::failure::Failure;
use crate::order::Order;

/// The columns, and the canonical fields that stand in them; the first that is there.
const COLUMNS: [(&str, &[&str]); 20] = [
    ("reference", &["reference"]),
    ("country", &["shipments.delivery.party.country"]),
    ("postalCode", &["shipments.delivery.party.postcode"]),
    ("state", &["shipments.delivery.party.region"]),
    ("city", &["shipments.delivery.party.city"]),
    ("neighborhood", &["shipments.delivery.party.street2"]),
    ("street", &["shipments.delivery.party.street"]),
    ("exteriorNumber", &["shipments.delivery.party.house_no"]),
    (
        "fullName",
        &[
            "shipments.delivery.party.contact.name",
            "shipments.delivery.party.name",
        ],
    ),
    (
        "phone",
        &[
            "shipments.delivery.party.contact.mobile",
            "shipments.delivery.party.contact.phone",
        ],
    ),
    ("email", &["shipments.delivery.party.contact.email"]),
    ("weight", &["shipments.goods.weight_kg"]),
    ("length", &["shipments.goods.length_cm"]),
    ("width", &["shipments.goods.width_cm"]),
    ("height", &["shipments.goods.height_cm"]),
    ("description", &["shipments.goods.description"]),
    ("shipperDropoffDate", &["shipments.pickup.date"]),
    ("expectedDeliveryDate", &["shipments.delivery.date"]),
    ("lotId", &["references.lot"]),
    ("shipperTrackingId", &["references.tracking"]),
];

pub(super) fn write(order: &Order) -> Result<Made, Failure> {
    let flat = Flat::of(order)?;
    let titles = COLUMNS.iter().map(|(title, _)| (*title).to_owned());
    let mut rows = vec![titles.collect::<Vec<_>>()];
    for shipment in &flat.shipments {
        let none = flat::Fields::new();
        let single = [none];
        let goods = if shipment.goods.is_empty() {
            &single[..]
        } else {
            &shipment.goods
        };
        for parcel in goods {
            let cell = |paths: &&[&str]| {
                let parts = [&flat.order, &shipment.own, parcel];
                let found = paths
                    .iter()
                    .find_map(|path| parts.iter().find_map(|fields| fields.get(*path)));
                found.cloned().unwrap_or_default()
            };
            rows.push(COLUMNS.iter().map(|(_, paths)| cell(paths)).collect());
        }
    }
    let carried: Vec<&str> = COLUMNS
        .iter()
        .flat_map(|(_, paths)| paths.iter().copied())
        .chain(["kind", "action"])
        .collect();
    let mut lost = flat::not_carried(order, &carried, &[]);
    lost.retain(|path| path != "shipments[1]");
    Ok(Made::new(workbook::write("Shipments", &rows)?, lost))
}
