//! What purchase orders and forwarding instructions write alike: parties, dates, texts.

use jiff::civil::Date;

use super::super::Directory;
use super::super::segments::{cut, pieces};
use super::Interchange;
use crate::order::{Contact, Party, Stop, TimeOfDay};

/// Characters that one component holds: of names, streets and cities, of places, of texts.
const NAME: usize = 35;
const POSTCODE: usize = 17;

/// A message being written, with what it could not say.
pub(super) struct Letter {
    pub(super) out: Interchange,
    pub(super) lost: Vec<String>,
    pub(super) directory: Directory,
}

impl Letter {
    /// As much of `text` as a component of `most` characters holds; the rest is told.
    pub(super) fn fit<'t>(&mut self, path: &str, text: Option<&'t String>, most: usize) -> &'t str {
        let text = text.map_or("", String::as_str);
        let short = cut(text, most);
        if short.len() < text.len() {
            self.lost.push(path.to_owned());
        }
        short
    }

    /// A reference (RFF, C506).
    pub(super) fn reference(&mut self, code: &str, path: &str, value: Option<&String>) {
        let value = self.fit(path, value, NAME);
        if !value.is_empty() {
            self.out.put("RFF", &[&[code, value]]);
        }
    }

    /// A day (DTM, format 102).
    pub(super) fn day(&mut self, code: &str, date: Option<Date>) {
        if let Some(date) = date {
            let date = date.strftime("%Y%m%d").to_string();
            self.out.put("DTM", &[&[code, &date, "102"]]);
        }
    }

    /// A day with a time (format 203).
    fn moment(&mut self, code: &str, date: Date, time: TimeOfDay) {
        let text = format!(
            "{}{}",
            date.strftime("%Y%m%d"),
            time.to_string().replace(':', "")
        );
        self.out.put("DTM", &[&[code, &text, "203"]]);
    }

    /// When somebody comes: the codes of the day alone, of the earliest and of the latest time.
    pub(super) fn when(&mut self, stop: &Stop, path: &str, codes: [&str; 3]) {
        let [day, from, to] = codes;
        match (stop.date, stop.from, stop.to) {
            (Some(date), None, None) => self.day(day, Some(date)),
            (Some(date), earliest, latest) => {
                if let Some(time) = earliest {
                    self.moment(from, date, time);
                } else if latest.is_some() && to.is_empty() {
                    self.day(day, Some(date));
                }
                match latest {
                    Some(_) if to.is_empty() => self.lost.push(format!("{path}.to")),
                    Some(time) => self.moment(to, date, time),
                    None => {}
                }
            }
            (None, None, None) => {}
            (None, _, _) => self.lost.push(format!("{path}.from")),
        }
    }

    /// Free text (FTX): a segment for each line, and for each five pieces of a long one.
    pub(super) fn text(&mut self, code: &str, text: Option<&String>) {
        let each = match self.directory {
            Directory::D96A => 70,
            Directory::D01B => 512,
        };
        for line in text.map(String::as_str).unwrap_or_default().lines() {
            for parts in pieces(line, each).chunks(5) {
                self.out.put("FTX", &[&[code], &[], &[], parts]);
            }
        }
    }

    /// A party (NAD) and whom to call (CTA, COM).
    pub(super) fn party(&mut self, code: &str, path: &str, party: &Party) {
        let at = |name: &str| format!("{path}.{name}");
        let gln = party.ids.get("gln");
        let own = party.ids.get("party").filter(|_| gln.is_none());
        for scheme in party.ids.keys() {
            let said = if gln.is_some() { "gln" } else { "party" };
            if scheme != said {
                self.lost.push(format!("{path}.ids.{scheme}"));
            }
        }
        let id = self.fit(&at("ids.gln"), gln.or(own), 17);
        let agency = match (gln, own) {
            (Some(_), _) => "9",
            (None, Some(_)) => "92",
            (None, None) => "",
        };
        if party.house_no.is_some() {
            self.lost.push(at("house_no"));
        }
        let street = match (&party.street, &party.house_no) {
            (Some(street), Some(number)) => Some(format!("{street} {number}")),
            (street, number) => street.clone().or_else(|| number.clone()),
        };
        let name = self.fit(&at("name"), party.name.as_ref(), NAME);
        let name2 = self.fit(&at("name2"), party.name2.as_ref(), NAME);
        let street = self.fit(&at("street"), street.as_ref(), NAME).to_owned();
        let street2 = self.fit(&at("street2"), party.street2.as_ref(), NAME);
        let city = self.fit(&at("city"), party.city.as_ref(), NAME);
        let region = self.fit(&at("region"), party.region.as_ref(), 9);
        let postcode = self.fit(&at("postcode"), party.postcode.as_ref(), POSTCODE);
        let country = self.fit(&at("country"), party.country.as_ref(), 3);
        self.out.put(
            "NAD",
            &[
                &[code],
                &[id, "", agency],
                &[],
                &[name, name2],
                &[&street, street2],
                &[city],
                &[region],
                &[postcode],
                &[country],
            ],
        );
        if let Some(contact) = &party.contact {
            self.contact(&at("contact"), contact);
        }
    }

    fn contact(&mut self, path: &str, contact: &Contact) {
        let name = self.fit(&format!("{path}.name"), contact.name.as_ref(), NAME);
        self.out.put("CTA", &[&["IC"], &["", name]]);
        let ways = [
            ("TE", "phone", &contact.phone),
            ("AL", "mobile", &contact.mobile),
            ("FX", "fax", &contact.fax),
            ("EM", "email", &contact.email),
        ];
        for (code, field, value) in ways {
            let value = self.fit(&format!("{path}.{field}"), value.as_ref(), 512);
            if !value.is_empty() {
                self.out.put("COM", &[&[value, code]]);
            }
        }
    }
}
