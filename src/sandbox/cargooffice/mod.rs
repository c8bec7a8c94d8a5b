//! Cargooffice REST: read, post and update transport orders, signed by md5.
//!
//! Order of checks: signature (401), then the order. A shipment is read by its id and the postcode
//! of its delivery, the second of two factors.

mod orders;

use md5::{Digest, Md5};
use serde_json::{Value, json};

use super::call::{Call, Reply};
use super::stand::{Acted, House, Stand, unknown_action, wanted};
use super::xml;
use orders::{Order, Orders};

const XML: &str = "text/xml; charset=utf-8";

/// The partner.
#[derive(Debug, Default)]
pub(super) struct Cargooffice {
    orders: Orders,
}

fn refuse(status: u16, words: &str) -> Reply {
    let body = format!(
        "<?xml version=\"1.0\"?>\n<error>{}</error>\n",
        xml::escape(words)
    );
    Reply::text(status, XML, body).because(words.to_owned())
}

/// `sig` = md5(`ts` and the key, one after the other), in lower case.
fn check(call: &Call, house: &House) -> Result<(), String> {
    let settings = &house.settings.cargooffice;
    let given = call.param("sig").ok_or("The parameter sig is missing.")?;
    let ts = call.param("ts").ok_or("The parameter ts is missing.")?;
    let at: i64 = ts.parse().map_err(|_| "The parameter ts is no number.")?;
    let mut sum = Md5::new();
    sum.update(ts.as_bytes());
    sum.update(settings.key.as_bytes());
    if given != hex::encode(sum.finalize()) {
        return Err("The signature is wrong.".to_owned());
    }
    let off = at.abs_diff(house.seconds());
    if settings.timestamp_window.is_some_and(|window| off > window) {
        return Err(format!("The parameter ts is {off} seconds off."));
    }
    Ok(())
}

impl Cargooffice {
    fn read(&self, call: &Call) -> Reply {
        let id = call.param("ShipmentID");
        let postcode = call.param("Postcode").map(plain);
        let order = id.and_then(|id| self.orders.find(id));
        match order.filter(|order| postcode == order.postcode().map(plain)) {
            Some(order) => Reply::text(200, XML, order.shown()),
            None => refuse(404, "There is no such shipment with this postcode."),
        }
    }

    fn write(&mut self, call: &Call, house: &House) -> Reply {
        let root = match xml::parse(&call.body) {
            Ok(root) => root,
            Err(why) => return refuse(400, &format!("The body is no XML: {why}.")),
        };
        let carrier = house.settings.cargooffice.carrier.as_deref();
        let orders = match Order::all(&root, &self.orders, carrier) {
            Ok(orders) => orders,
            Err(why) => return refuse(400, &why),
        };
        let mut created = false;
        let mut body = String::from("<?xml version=\"1.0\"?>\n<result>");
        for order in orders {
            for part in ["<shipmentID>", &xml::escape(order.id()), "</shipmentID>"] {
                body.push_str(part);
            }
            match self.orders.put(order) {
                Some(new) => created |= new,
                None => return refuse(500, "The sandbox is full."),
            }
        }
        body.push_str("</result>\n");
        Reply::text(if created { 201 } else { 200 }, XML, body)
    }
}

/// A postcode without blanks and case, as people write it in several ways.
fn plain(text: &str) -> String {
    let letters = text.chars().filter(|c| !c.is_whitespace());
    letters.collect::<String>().to_uppercase()
}

impl Stand for Cargooffice {
    fn answer(&mut self, call: &Call, house: &House) -> Reply {
        let (method, path) = call.route();
        if !matches!(path.as_slice(), ["api", "order"]) {
            return refuse(404, "There is no such function.");
        }
        if let Err(why) = check(call, house) {
            return refuse(401, "Unauthorized").because(why);
        }
        match method {
            "GET" => self.read(call),
            "POST" | "PUT" => self.write(call, house),
            "DELETE" => match call.param("ShipmentID").map(|id| self.orders.remove(id)) {
                Some(true) => Reply::empty(204),
                _ => refuse(404, "There is no such shipment."),
            },
            _ => refuse(405, "The method is not supported."),
        }
    }

    fn failure(&self, status: u16, _: &House) -> Reply {
        refuse(status, "An unexpected error occurred.")
    }

    fn act(&mut self, action: &str, input: &Value, _: &House) -> Result<Acted, String> {
        match action {
            "status" => {
                let id = wanted(input, "shipmentID")?;
                let status = wanted(input, "status")?;
                self.orders.note(id, status)?;
                Ok(json!({ "shipmentID": id, "status": status }).into())
            }
            _ => Err(unknown_action(action, &["status"])),
        }
    }

    fn state(&self) -> Value {
        self.orders.state()
    }
}
