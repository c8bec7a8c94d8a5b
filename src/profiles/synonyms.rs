//! What people call the fields.

/// The header without case, blanks and signs.
#[must_use]
pub fn normalise(header: &str) -> String {
    let letters = header.chars().filter(|c| c.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

/// The canonical field of a header.
#[must_use]
pub fn field(header: &str) -> Option<&'static str> {
    Some(match normalise(header).as_str() {
        "orderid" | "ordernumber" | "reference" => "reference",
        "sku" => "lines.item_id",
        "quantity" | "qty" => "lines.quantity",
        "unit" => "lines.unit",
        "ean" => "lines.gtin",
        "description" => "lines.description",
        "unitprice" => "lines.unit_price",
        "requesteddate" => "lines.delivery_date",
        "orderdate" => "issued",
        "currency" => "currency",
        "lineno" => "lines.number",
        "customername" => "parties.buyer.name",
        "customerid" => "parties.buyer.ids.customer",
        "shipto" => "shipments.delivery.party.street",
        _ => return None,
    })
}
