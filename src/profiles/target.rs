//! The fields of the canonical order that a profile may fill, each with its type and its setter.
//!
//! Paths are resolved once, when a profile is compiled; at run time a field is a function pointer.
//! A new field of the order is one line in one table here.

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::fields;
use crate::order::{
    Action, Equipment, Goods, Kind, Line, Order, Party, Role, Shipment, StatusUpdate, Stop,
    TimeOfDay,
};

/// How a cell's text becomes a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FieldType {
    /// Text for people, blanks kept inside.
    Text,
    /// An identifier: text, zeros kept, never in exponent form.
    Id,
    /// A decimal.
    Number,
    /// A whole number.
    Count,
    /// A day.
    Date,
    /// A time of day.
    Time,
    /// Yes or no.
    Flag,
    /// ISO 3166-1.
    Country,
    /// ISO 4217.
    Currency,
    /// Rec 20.
    Unit,
    /// Rec 21.
    Package,
    /// [`Kind`].
    Kind,
    /// [`Action`].
    Action,
    /// `+YYYY-MM-DD HH:MM text`.
    Milestone,
}

/// A value ready to be put into an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Typed {
    /// Any kind of text.
    Text(String),
    /// A decimal.
    Number(Decimal),
    /// A whole number.
    Count(u32),
    /// A day.
    Date(Date),
    /// A time.
    Time(TimeOfDay),
    /// Yes or no.
    Flag(bool),
    /// What the order asks for.
    Kind(Kind),
    /// What is to be done with it.
    Action(Action),
}

/// How a value gets into its place.
pub(crate) enum Set<T> {
    /// Texts of all kinds.
    Text(fn(&mut T, String)),
    /// Decimals.
    Number(fn(&mut T, Decimal)),
    /// Whole numbers.
    Count(fn(&mut T, u32)),
    /// Days.
    Date(fn(&mut T, Date)),
    /// Times.
    Time(fn(&mut T, TimeOfDay)),
    /// Flags.
    Flag(fn(&mut T, bool)),
    /// Kinds.
    Kind(fn(&mut T, Kind)),
    /// Actions.
    Action(fn(&mut T, Action)),
}

/// One field of one part of the order.
pub(crate) struct FieldOf<T: 'static> {
    /// Its path inside the part.
    pub(crate) name: &'static str,
    /// Its type.
    pub(crate) ty: FieldType,
    /// Its setter.
    pub(crate) set: Set<T>,
}

impl<T> FieldOf<T> {
    /// Puts `value` in; a value of another type than the setter's cannot come out of the
    /// conversion for this field's own type and is left out.
    pub(crate) fn apply(&self, part: &mut T, value: Typed) {
        match (&self.set, value) {
            (Set::Text(set), Typed::Text(value)) => set(part, value),
            (Set::Number(set), Typed::Number(value)) => set(part, value),
            (Set::Count(set), Typed::Count(value)) => set(part, value),
            (Set::Date(set), Typed::Date(value)) => set(part, value),
            (Set::Time(set), Typed::Time(value)) => set(part, value),
            (Set::Flag(set), Typed::Flag(value)) => set(part, value),
            (Set::Kind(set), Typed::Kind(value)) => set(part, value),
            (Set::Action(set), Typed::Action(value)) => set(part, value),
            _ => {}
        }
    }
}

/// The parts of an order that records fill one by one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Level {
    /// The order's head.
    Order,
    /// One shipment.
    Shipment,
    /// One goods line of a shipment.
    Goods,
    /// One piece of equipment of a shipment.
    Equipment,
    /// One order line.
    Line,
    /// One status update.
    Status,
}

impl Level {
    /// All, in the order in which a record fills them.
    pub(crate) const ALL: [Self; 6] = [
        Self::Order,
        Self::Shipment,
        Self::Goods,
        Self::Equipment,
        Self::Line,
        Self::Status,
    ];

    /// Its section in a profile.
    pub(crate) fn section(self) -> &'static str {
        match self {
            Self::Order => "order",
            Self::Shipment => "shipment",
            Self::Goods => "goods",
            Self::Equipment => "equipment",
            Self::Line => "line",
            Self::Status => "status",
        }
    }

    /// What canonical paths of this level begin with; longest first when they are told apart.
    pub(crate) fn prefix(self) -> &'static str {
        match self {
            Self::Order => "",
            Self::Shipment => "shipments.",
            Self::Goods => "shipments.goods.",
            Self::Equipment => "shipments.equipment.",
            Self::Line => "lines.",
            Self::Status => "status.",
        }
    }
}

/// Which end of a shipment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// Where it is fetched.
    Pickup,
    /// Where it is brought.
    Delivery,
}

/// A field of a party.
#[derive(Clone)]
pub(crate) enum PartyTarget {
    /// `ids.SCHEME`.
    Id(String),
    /// Any other.
    Field(&'static FieldOf<Party>),
}

/// Where a value goes.
#[derive(Clone)]
pub(crate) enum Target {
    /// A field of the head.
    Order(&'static FieldOf<Order>),
    /// `references.NAME`.
    Reference(String),
    /// `parties.ROLE.…`.
    Party(Role, PartyTarget),
    /// `extra.NAME`.
    Extra(String),
    /// A field of a line.
    Line(&'static FieldOf<Line>),
    /// A field of a shipment.
    Shipment(&'static FieldOf<Shipment>),
    /// A date or time of one end of a shipment.
    Stop(End, &'static FieldOf<Stop>),
    /// The party at one end.
    StopParty(End, PartyTarget),
    /// A field of a goods line.
    Goods(&'static FieldOf<Goods>),
    /// A field of a piece of equipment.
    Equipment(&'static FieldOf<Equipment>),
    /// A field of a status update.
    Status(&'static FieldOf<StatusUpdate>),
}

impl PartyTarget {
    fn ty(&self) -> FieldType {
        match self {
            Self::Id(_) => FieldType::Id,
            Self::Field(field) => field.ty,
        }
    }

    /// Puts `value` into `party`.
    pub(crate) fn apply(&self, party: &mut Party, value: Typed) {
        match (self, value) {
            (Self::Id(scheme), Typed::Text(text)) => {
                party.ids.insert(scheme.clone(), text);
            }
            (Self::Field(field), value) => field.apply(party, value),
            (Self::Id(_), _) => {}
        }
    }

    fn find(path: &str) -> Option<Self> {
        if let Some(scheme) = path.strip_prefix("ids.") {
            return is_name(scheme).then(|| Self::Id(scheme.to_owned()));
        }
        find(fields::PARTY, path).map(Self::Field)
    }
}

impl Target {
    /// The type that its values have.
    pub(crate) fn ty(&self) -> FieldType {
        match self {
            Self::Order(field) => field.ty,
            Self::Reference(_) => FieldType::Id,
            Self::Party(_, target) | Self::StopParty(_, target) => target.ty(),
            Self::Extra(_) => FieldType::Text,
            Self::Line(field) => field.ty,
            Self::Shipment(field) => field.ty,
            Self::Stop(_, field) => field.ty,
            Self::Goods(field) => field.ty,
            Self::Equipment(field) => field.ty,
            Self::Status(field) => field.ty,
        }
    }

    /// The target of a path inside `level`; `None` where there is no such field.
    pub(crate) fn find(level: Level, path: &str) -> Option<Self> {
        match level {
            Level::Order => find_order(path),
            Level::Shipment => find_shipment(path),
            Level::Goods => find(fields::GOODS, path).map(Self::Goods),
            Level::Equipment => find(fields::EQUIPMENT, path).map(Self::Equipment),
            Level::Line => find(fields::LINE, path).map(Self::Line),
            Level::Status => find(fields::STATUS, path).map(Self::Status),
        }
    }
}

/// Splits a canonical path such as `shipments.goods.weight_kg` into its level and the rest.
pub(crate) fn level_of(path: &str) -> (Level, &str) {
    [Level::Goods, Level::Equipment, Level::Shipment, Level::Line]
        .into_iter()
        .find_map(|level| Some((level, path.strip_prefix(level.prefix())?)))
        .unwrap_or((Level::Order, path))
}

/// Every fixed path of a level, for the nearest one in error messages.
pub(crate) fn names(level: Level) -> Vec<String> {
    fn own<T>(table: &[FieldOf<T>]) -> Vec<String> {
        table.iter().map(|field| field.name.to_owned()).collect()
    }
    let party = |before: &str| -> Vec<String> {
        let all = own(fields::PARTY).into_iter();
        all.map(|name| format!("{before}.{name}")).collect()
    };
    match level {
        Level::Order => {
            let mut all = own(fields::ORDER);
            for (role, _) in ROLES {
                all.extend(party(&format!("parties.{role}")));
            }
            all
        }
        Level::Shipment => {
            let mut all = own(fields::SHIPMENT);
            for (end, _) in ENDS {
                all.extend(own(fields::STOP).iter().map(|name| format!("{end}.{name}")));
                all.extend(party(&format!("{end}.party")));
            }
            all
        }
        Level::Goods => own(fields::GOODS),
        Level::Equipment => own(fields::EQUIPMENT),
        Level::Line => own(fields::LINE),
        Level::Status => own(fields::STATUS),
    }
}

const ROLES: [(&str, Role); 7] = [
    ("buyer", Role::Buyer),
    ("seller", Role::Seller),
    ("payer", Role::Payer),
    ("consignor", Role::Consignor),
    ("consignee", Role::Consignee),
    ("carrier", Role::Carrier),
    ("terminal", Role::Terminal),
];

const ENDS: [(&str, End); 2] = [("pickup", End::Pickup), ("delivery", End::Delivery)];

fn find<T>(table: &'static [FieldOf<T>], name: &str) -> Option<&'static FieldOf<T>> {
    table.iter().find(|field| field.name == name)
}

fn is_name(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    !text.is_empty() && text.chars().all(plain)
}

fn find_order(path: &str) -> Option<Target> {
    if let Some(name) = path.strip_prefix("references.") {
        return is_name(name).then(|| Target::Reference(name.to_owned()));
    }
    if let Some(name) = path.strip_prefix("extra.") {
        return (!name.is_empty()).then(|| Target::Extra(name.to_owned()));
    }
    if let Some((role, field)) = path
        .strip_prefix("parties.")
        .and_then(|p| p.split_once('.'))
    {
        let role = ROLES.iter().find(|(name, _)| *name == role)?.1;
        return PartyTarget::find(field).map(|field| Target::Party(role, field));
    }
    find(fields::ORDER, path).map(Target::Order)
}

fn find_shipment(path: &str) -> Option<Target> {
    for (name, end) in ENDS {
        let Some(rest) = path
            .strip_prefix(name)
            .and_then(|rest| rest.strip_prefix('.'))
        else {
            continue;
        };
        if let Some(field) = rest.strip_prefix("party.") {
            return PartyTarget::find(field).map(|field| Target::StopParty(end, field));
        }
        return find(fields::STOP, rest).map(|field| Target::Stop(end, field));
    }
    find(fields::SHIPMENT, path).map(Target::Shipment)
}
