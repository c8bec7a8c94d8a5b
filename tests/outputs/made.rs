//! Orders by chance, the same for the same seed.

use std::collections::BTreeMap;

use jiff::civil::Date;
use orderdock::order::{
    Action, Contact, Dangerous, Equipment, Goods, Kind, Line, Money, Order, Party, Role, Seal,
    Shipment, ShipmentTotals, Stop, TimeOfDay, Totals,
};
use rust_decimal::Decimal;

/// Chance, by a linear congruential generator (Knuth's MMIX).
pub(super) struct Chance(pub(super) u64);

const WORDS: [&str; 14] = [
    "Müller & Söhne",
    "O'Neil",
    "a+b:c?d'e",
    "\"Zur Post\" <EG>",
    "00123",
    "Łódź",
    "東京",
    "x, y; z",
    "100 % *neu*",
    "É|è~ç",
    "Keller",
    "Unit 7/B",
    "8710000000000000000001",
    "a--b",
];

impl Chance {
    pub(super) fn below(&mut self, end: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % end
    }

    fn maybe<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> Option<T> {
        (self.below(3) > 0).then(|| make(self))
    }

    fn text(&mut self) -> String {
        let word = WORDS[self.below(WORDS.len())];
        format!("{word} {}", self.below(1000))
    }

    fn id(&mut self) -> String {
        format!("{:07}", self.below(9_999_999))
    }

    fn number(&mut self) -> Decimal {
        let mantissa = i64::try_from(self.below(999_999) + 1).unwrap();
        Decimal::new(mantissa, u32::try_from(self.below(4)).unwrap()).normalize()
    }

    /// An amount of money.
    fn amount(&mut self) -> Decimal {
        Decimal::new(i64::try_from(self.below(9_999_999) + 1).unwrap(), 2).normalize()
    }

    /// A day in the half year that begins with the month `from`.
    fn date(&mut self, from: usize) -> Date {
        let month = i8::try_from(self.below(6) + from).unwrap();
        let day = i8::try_from(self.below(28) + 1).unwrap();
        Date::new(2026, month, day).unwrap()
    }

    fn code(&mut self, codes: &[&str]) -> String {
        codes[self.below(codes.len())].to_owned()
    }

    fn party(&mut self) -> Party {
        Party {
            ids: self
                .maybe(|_| BTreeMap::from([("gln".to_owned(), "4012345000009".to_owned())]))
                .unwrap_or_default(),
            name: Some(self.text()),
            name2: self.maybe(Self::text),
            street: Some(self.text()),
            street2: self.maybe(Self::text),
            house_no: self.maybe(|chance| format!("{}a", chance.below(200))),
            postcode: self.maybe(|chance| format!("0{:04}", chance.below(9999))),
            city: Some(self.text()),
            region: self.maybe(|chance| chance.code(&["BY", "NRW", "Z-H"])),
            country: Some(self.code(&["DE", "NL", "FR", "SE"])),
            contact: self.maybe(|chance| Contact {
                name: Some(chance.text()),
                phone: chance.maybe(|chance| format!("+49 30 {}", chance.below(99_999))),
                mobile: chance.maybe(|chance| format!("0170 {}", chance.below(99_999))),
                fax: chance.maybe(|chance| format!("030/{}", chance.below(99_999))),
                email: chance.maybe(|chance| format!("a{}@acme.example", chance.below(99))),
            }),
        }
    }

    fn stop(&mut self, from: usize) -> Stop {
        Stop {
            party: Some(self.party()),
            date: Some(self.date(from)),
            from: self.maybe(|chance| {
                TimeOfDay::new(8, i8::try_from(chance.below(60)).unwrap()).unwrap()
            }),
            to: self.maybe(|chance| {
                TimeOfDay::new(17, i8::try_from(chance.below(60)).unwrap()).unwrap()
            }),
        }
    }

    fn line(&mut self, number: usize) -> Line {
        Line {
            number: Some((number + 1).to_string()),
            item_id: Some(self.id()),
            buyer_item_id: self.maybe(Self::id),
            gtin: self.maybe(|_| "4006381333931".to_owned()),
            description: Some(self.text()),
            quantity: Some(self.number()),
            unit: Some(self.code(&["LTR", "KGM", "MTR"])),
            unit_price: self.maybe(Self::amount),
            amount: self.maybe(Self::amount),
            delivery_date: self.maybe(|chance| chance.date(7)),
        }
    }

    fn goods(&mut self, number: usize) -> Goods {
        Goods {
            number: Some((number + 1).to_string()),
            quantity: Some(Decimal::from(self.below(90) + 1)),
            package_type: Some(self.code(&["CT", "PX", "BX"])),
            description: Some(self.text()),
            weight_kg: Some(self.number()),
            volume_m3: self.maybe(Self::number),
            length_cm: Some(self.number()),
            width_cm: Some(self.number()),
            height_cm: Some(self.number()),
            loading_metres: self.maybe(Self::number),
            dangerous: self.maybe(|chance| Dangerous {
                un_no: Some("1203".to_owned()),
                class: Some("3".to_owned()),
                text: chance.maybe(Self::text),
            }),
            sscc: self.maybe(|_| "340123450000000000".to_owned()),
            package_id: self.maybe(Self::id),
            external_package_id: self.maybe(Self::id),
            picking_zones: Vec::new(),
            contents: Vec::new(),
        }
    }

    fn equipment(&mut self) -> Equipment {
        Equipment {
            number: Some("CSQU3054383".to_owned()),
            iso_size_type: Some("42G0".to_owned()),
            handling_code: self.maybe(|_| "40DV".to_owned()),
            loading_state: Some(self.code(&["full", "empty"])),
            condition: self.maybe(|_| "ok".to_owned()),
            dangerous: None,
            seals: self
                .maybe(|chance| {
                    vec![Seal {
                        party: Some("customs".to_owned()),
                        number: Some(chance.id()),
                    }]
                })
                .unwrap_or_default(),
        }
    }

    fn references(&mut self, names: &[&str]) -> BTreeMap<String, String> {
        let mut references = BTreeMap::new();
        for name in names {
            if self.below(2) == 0 {
                references.insert((*name).to_owned(), self.id());
            }
        }
        references
    }

    /// An order with about everything that an order can say.
    pub(super) fn order(&mut self, references: &[&str], lines: bool) -> Order {
        let roles = [
            Role::Buyer,
            Role::Seller,
            Role::Payer,
            Role::Consignor,
            Role::Consignee,
            Role::Carrier,
            Role::Terminal,
        ];
        let parties = roles.into_iter();
        let parties: BTreeMap<_, _> = parties
            .filter_map(|role| self.maybe(|chance| (role, chance.party())))
            .collect();
        Order {
            reference: self.id(),
            kind: if lines {
                Kind::Purchase
            } else {
                Kind::Transport
            },
            action: Action::Create,
            issued: Some(Date::new(2026, 1, 2).unwrap()),
            parties,
            received_date: self.maybe(|chance| chance.date(1)),
            currency: Some(self.code(&["EUR", "SEK"])),
            service_level: self.maybe(Self::text),
            remarks: self.maybe(Self::text),
            draft: self.below(4) == 0,
            labels_quantity: self.maybe(|chance| u32::try_from(chance.below(9) + 1).unwrap()),
            cod: self.maybe(|chance| Money {
                amount: chance.amount(),
                currency: Some("EUR".to_owned()),
            }),
            freight: self.maybe(|chance| Money {
                amount: chance.amount(),
                currency: Some("EUR".to_owned()),
            }),
            references: self.references(references),
            lines: if lines {
                (0..=self.below(4))
                    .map(|number| self.line(number))
                    .collect()
            } else {
                Vec::new()
            },
            shipments: vec![Shipment {
                id: Some(self.id()),
                pickup: Some(self.stop(1)),
                delivery: Some(self.stop(7)),
                goods: (0..=self.below(4))
                    .map(|number| self.goods(number))
                    .collect(),
                equipment: self
                    .maybe(|chance| vec![chance.equipment()])
                    .unwrap_or_default(),
                totals: self.maybe(|chance| ShipmentTotals {
                    pieces: Some(Decimal::from(chance.below(99) + 1)),
                    weight_kg: Some(chance.number()),
                    volume_m3: Some(chance.number()),
                    pallets: Some(Decimal::from(chance.below(9) + 1)),
                }),
            }],
            totals: self.maybe(|chance| Totals {
                line_count: Some(u32::try_from(chance.below(9) + 1).unwrap()),
                quantity: Some(chance.number()),
                amount: Some(chance.amount()),
                weight_kg: Some(chance.number()),
            }),
            notify: self
                .maybe(|_| vec!["track@acme.example".to_owned()])
                .unwrap_or_default(),
            ..Order::default()
        }
    }
}
