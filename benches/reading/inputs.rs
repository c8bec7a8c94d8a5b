//! The bench's own files and profiles, made here.

use std::fmt::Write;

/// Orders in each file.
pub(crate) const ORDERS: usize = 2_000;
const LINES: usize = 5;

/// A table of seven columns.
pub(crate) fn csv() -> String {
    let mut text =
        String::from("order_no,order_date,currency,item_id,description,quantity,unit_price\n");
    for order in 0..ORDERS {
        for line in 0..LINES {
            writeln!(
                text,
                "PO-{order:06},2026-11-22,EUR,SKU-{line:04},\"Cups, paper\",{},1.25",
                line + 1
            )
            .unwrap_or_default();
        }
    }
    text
}

/// Orders in XML, without attributes.
pub(crate) fn xml() -> String {
    let mut text = String::from("<orderData><orders>");
    for order in 0..ORDERS {
        write!(text, "<order><CN>1</CN><customerID>7</customerID><orderID>{order:06}</orderID><shipments><shipment>")
            .unwrap_or_default();
        text.push_str(
            "<deliveryName>ACME</deliveryName><deliveryPostcode>1098 XH</deliveryPostcode>",
        );
        for line in 0..LINES {
            write!(
                text,
                "<goods><quantity>{}</quantity><packing>pallet</packing></goods>",
                line + 1
            )
            .unwrap_or_default();
        }
        text.push_str("</shipment></shipments></order>");
    }
    text + "</orders></orderData>"
}

/// The same orders as EDIFACT.
pub(crate) fn edifact() -> String {
    let mut text = String::from("UNA:+.? 'UNB+UNOC:3+S:14+R:14+261122:0910+1'");
    for order in 0..ORDERS {
        let number = order + 1;
        write!(text, "UNH+{number}+ORDERS:D:96A:UN:EAN008'BGM+220+PO-{order:06}+9'DTM+137:20261122:102'NAD+BY+4012345000009::9'CUX+2:EUR:9'")
            .unwrap_or_default();
        for line in 0..LINES {
            write!(
                text,
                "LIN+{line}++4000862141404:EN'PIA+1+SKU-{line:04}:SA'IMD+F++:::Cups ?+ paper'QTY+21:{}:PCE'PRI+AAA:1.25'",
                line + 1
            )
            .unwrap_or_default();
        }
        write!(text, "UNS+S'CNT+2:{LINES}'UNT+{}+{number}'", 8 + 5 * LINES).unwrap_or_default();
    }
    write!(text, "UNZ+{ORDERS}+1'").unwrap_or_default();
    text
}

/// The same orders as X12.
pub(crate) fn x12() -> String {
    let mut text = String::from(
        "ISA*00*          *00*          *ZZ*S              *ZZ*R              *261122*0910*U*00401*000000001*0*P*>~GS*PO*S*R*20261122*0910*1*X*004010~",
    );
    for order in 0..ORDERS {
        write!(text, "ST*850*{order:04}~BEG*00*SA*PO-{order:06}**20261122~CUR*BY*EUR~N1*BY*Buyer*UL*4012345000009~")
            .unwrap_or_default();
        for line in 0..LINES {
            write!(
                text,
                "PO1*{line}*{}*EA*1.25**VN*SKU-{line:04}*UP*012345678905~PID*F****Cups, paper~",
                line + 1
            )
            .unwrap_or_default();
        }
        write!(text, "CTT*{LINES}~SE*{}*{order:04}~", 6 + 2 * LINES).unwrap_or_default();
    }
    write!(text, "GE*{ORDERS}*1~IEA*1*000000001~").unwrap_or_default();
    text
}

/// A table of twenty columns.
pub(crate) fn twenty_columns() -> String {
    let mut text = String::from(
        "order_no,order_date,currency,buyer_id,buyer,street,postcode,city,country,email,line,sku,ean,\
         description,quantity,unit,price,amount,due,remarks\n",
    );
    for order in 0..ORDERS {
        for line in 1..=LINES {
            writeln!(
                text,
                "PO-{order:06},2026-11-22,EUR,C-77,ACME Ltd,Main Street 1,1098 XH,Amsterdam,NL,\
                 orders@acme.example,{line},SKU-{line:04},4006381333931,Paper cups,{line},PCE,1.25,\
                 {}.25,2026-12-01,none",
                line + 1
            )
            .unwrap_or_default();
        }
    }
    text
}

/// One UBL order with `lines` lines, its attributes as real ones have them.
pub(crate) fn ubl(lines: usize) -> String {
    let mut text = String::from(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<Order xmlns="urn:oasis:names:specification:ubl:schema:xsd:Order-2" xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2" xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
  <cbc:CustomizationID>urn:fdc:peppol.eu:poacc:trns:order:3</cbc:CustomizationID>
  <cbc:ID>PO-1</cbc:ID>
  <cbc:IssueDate>2026-11-22</cbc:IssueDate>
  <cbc:DocumentCurrencyCode listID="ISO4217">EUR</cbc:DocumentCurrencyCode>
  <cac:BuyerCustomerParty><cac:Party>
    <cbc:EndpointID schemeID="0088">4012345000009</cbc:EndpointID>
    <cac:PartyName><cbc:Name>ACME Ltd</cbc:Name></cac:PartyName>
    <cac:PostalAddress><cbc:StreetName>Main Street 1</cbc:StreetName><cbc:CityName>Amsterdam</cbc:CityName><cbc:PostalZone>1098 XH</cbc:PostalZone><cac:Country><cbc:IdentificationCode>NL</cbc:IdentificationCode></cac:Country></cac:PostalAddress>
  </cac:Party></cac:BuyerCustomerParty>
"#,
    );
    for line in 1..=lines {
        write!(
            text,
            r#"  <cac:OrderLine>
    <cac:LineItem>
      <cbc:ID>{line}</cbc:ID>
      <cbc:Quantity unitCode="C62" unitCodeListID="UNECERec20">{line}</cbc:Quantity>
      <cbc:LineExtensionAmount currencyID="EUR">{line}.25</cbc:LineExtensionAmount>
      <cac:Delivery><cac:RequestedDeliveryPeriod><cbc:EndDate>2026-12-01</cbc:EndDate></cac:RequestedDeliveryPeriod></cac:Delivery>
      <cac:Price><cbc:PriceAmount currencyID="EUR">1.25</cbc:PriceAmount><cbc:BaseQuantity unitCode="C62">1</cbc:BaseQuantity></cac:Price>
      <cac:Item>
        <cbc:Description languageID="en">Cups, paper &amp; lids</cbc:Description>
        <cbc:Name>Paper cups</cbc:Name>
        <cac:BuyersItemIdentification><cbc:ID>B-{line:05}</cbc:ID></cac:BuyersItemIdentification>
        <cac:SellersItemIdentification><cbc:ID>SKU-{line:05}</cbc:ID></cac:SellersItemIdentification>
        <cac:StandardItemIdentification><cbc:ID schemeID="0160">4006381333931</cbc:ID></cac:StandardItemIdentification>
      </cac:Item>
    </cac:LineItem>
  </cac:OrderLine>
"#
        )
        .unwrap_or_default();
    }
    text + "</Order>\n"
}

/// A workbook of the same twenty columns, its numbers as numbers.
pub(crate) fn workbook() -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    let text = twenty_columns();
    for (row, line) in (0..).zip(text.lines()) {
        for (column, cell) in (0..).zip(line.split(',')) {
            let written = match cell.parse::<f64>() {
                Ok(number) if row > 0 => sheet.write_number(row, column, number).is_ok(),
                _ => sheet.write_string(row, column, cell).is_ok(),
            };
            assert!(written, "the bench's own workbook");
        }
    }
    book.save_to_buffer().unwrap_or_default()
}

const HEAD: &str = "version = \"1\"\nformat = \"csv\"\nkind = \"purchase\"\n";

/// A profile for the twenty columns.
pub(crate) fn plain_profile() -> String {
    format!(
        "name = \"plain\"\n{HEAD}[order]\nreference = \"@order_no\"\nissued = \"@order_date\"\n\
         currency = \"@currency\"\nremarks = \"@remarks\"\nparties.buyer.ids.customer = \"@buyer_id\"\n\
         parties.buyer.name = \"@buyer\"\nparties.buyer.street = \"@street\"\n\
         parties.buyer.postcode = \"@postcode\"\nparties.buyer.city = \"@city\"\n\
         parties.buyer.country = \"@country\"\nparties.buyer.contact.email = \"@email\"\n\
         [line]\nnumber = \"@line\"\nitem_id = \"@sku\"\ngtin = \"@ean\"\ndescription = \"@description\"\n\
         quantity = \"@quantity\"\nunit = \"@unit\"\nunit_price = \"@price\"\namount = \"@amount\"\n\
         delivery_date = \"@due\"\n"
    )
}

/// The same columns, nearly every one through an expression.
pub(crate) fn heavy_profile() -> String {
    format!(
        "name = \"heavy\"\n{HEAD}[order]\nreference = \"= trim(@order_no)\"\n\
         issued = \"= date(@order_date, 'DD.MM.YYYY')\"\ncurrency = \"= upper(@currency)\"\n\
         remarks = \"= replace(@remarks, 'none', '')\"\nparties.buyer.ids.customer = \"= after(@buyer_id, '-')\"\n\
         parties.buyer.name = \"= title(@buyer)\"\nparties.buyer.street = \"= concat(@street, '')\"\n\
         parties.buyer.postcode = \"= replace(@postcode, ' ', '')\"\nparties.buyer.city = \"= first(@city, 'none')\"\n\
         parties.buyer.country = \"= country(@country)\"\nparties.buyer.contact.email = \"= lower(@email)\"\n\
         [line]\nnumber = \"= pad(@line, 3)\"\nitem_id = \"= regex(@sku, 'SKU-(.*)')\"\ngtin = \"@ean\"\n\
         description = \"= @description ~ ' ' ~ @sku\"\nquantity = \"= number(@quantity)\"\n\
         unit = \"= lookup('units', @unit)\"\nunit_price = \"= @price if @price else '0'\"\n\
         amount = \"= round(@amount, 2)\"\ndelivery_date = \"= date(@due, 'DD.MM.YYYY')\"\n\
         [table.units]\nPCE = \"H87\"\n"
    )
}
