//! What the configurator writes becomes a profile that compiles.

use super::import;
use crate::profiles::ProfileSet;

fn imported(text: &str) -> (String, usize) {
    let (profile, lost) = import("acme", text).unwrap();
    if let Err(errors) = ProfileSet::load(vec![("acme.toml".to_owned(), profile.clone())]) {
        panic!("{errors:#?}\n{profile}");
    }
    (profile, lost)
}

#[test]
fn a_mapping_of_columns_is_taken_over() {
    let (profile, lost) = imported(
        "[order]\ncustomerID = 13160810\norderName = Imailo\norderID = @A\norderReference = @B\norderDate = FUNCTION(dateformat,@C,DD-MM-YYYY,YYYY-MM-DD)\n\
         remarks = Ref {orderReference}\n\
         [shipment]\nshipmentID = @A\ndeliveryName = FUNCTION(concatenate,@D,\" \",@E)\ndeliveryType = IF(orderReference=\"X\",\"express\",\"normal\")\nquantity = FUNCTION(totalizegoods,quantity)\n\
         [goods]\nquantity = @F\npacking = @G\n",
    );
    assert_eq!(lost, 0, "{profile}");
    for line in [
        "parties.buyer.ids.customer = \"13160810\"",
        "reference = \"@[A]\"",
        "issued = \"= date(@[C], \\\"DD-MM-YYYY\\\")\"",
        "remarks = \"Ref {references.customer}\"",
        "delivery.party.name = \"= concat(@[D], ' ', @[E])\"",
        "package_type = \"@[G]\"",
    ] {
        assert!(profile.contains(line), "{line}\n{profile}");
    }
}

#[test]
fn special_xml_is_taken_over() {
    let (profile, lost) = imported(
        "transportShipmentTags\nORNERNODE=shipments/shipment\nshipmentID = header/id\ndeliveryName = to/name\nshipmenttype = type\n\
         transportGoodsTags\nGOODSNODE=goodsPackages/goodsPackage\nquantity = count\ngoodsDescription = text/@short\n\
         transportExtraTags\ndeliveryType = IF(shipmenttype=\"A\",\"express\")\norderReference = FUNCTION(uniquenum)\n\
         deliveryDate = FUNCTION(dateformat,to/date,DD-MM-YYYY,YYYYMMDD)\nweight = FUNCTION(mystery,x)\n",
    );
    assert_eq!(lost, 1, "{profile}");
    for line in [
        "record = \"/transport/shipments/shipment\"",
        "each = \"goodsPackages/goodsPackage\"",
        "reference = \"@header/id\"",
        "description = \"@text/@short\"",
        "references.customer = \"= unique_number()\"",
        "# line 14",
    ] {
        assert!(profile.contains(line), "{line}\n{profile}");
    }
}

#[test]
fn what_is_no_mapping_is_refused() {
    assert!(import("acme", "dear all,\nthe mapping is attached\n").is_err());
}
