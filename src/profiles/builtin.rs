//! The profiles that come with the product.
//!
//! Most processes use one or two of them, so each is compiled when it is first needed, once a
//! process, by whichever thread needs it first. Until then only its head is read: what it is called
//! and which layouts it is for. Lists, recognition and the daemon need no more.

use std::sync::OnceLock;

use super::ProfileError;
use super::model::{Heading, Profile};
use super::text;

/// One of them.
pub(crate) struct BuiltIn {
    label: &'static str,
    text: &'static str,
    heading: OnceLock<Option<Heading>>,
    profile: OnceLock<Option<Profile>>,
}

macro_rules! built_in {
    ($($name:literal)*) => {
        [$(BuiltIn {
            label: concat!($name, ".toml"),
            text: include_str!(concat!("../../config/profiles/", $name, ".toml")),
            heading: OnceLock::new(),
            profile: OnceLock::new(),
        }),*]
    };
}

/// All of them, in the order in which they are tried.
static ALL: [BuiltIn; 40] = built_in![
    "cargoconnect-mail"
    "cargooffice"
    "cargooffice-xml"
    "ubl-order"
    "ubl-order-change"
    "ubl-order-cancellation"
    "ubl-forwarding-instructions"
    "ubl-waybill"
    "ubl-transport-execution-plan-request"
    "cxml-order"
    "opentrans-order"
    "gs1-order"
    "gs1-order-2"
    "idoc-orders"
    "xcbl-order"
    "oagis-purchase-order"
    "ttm"
    "edifact-orders"
    "edifact-ordchg"
    "edifact-iftmin"
    "edifact-ifcsum"
    "edifact-iftsta"
    "x12-850"
    "x12-860"
    "x12-204"
    "x12-940"
    "x12-214"
    "etsy"
    "squarespace"
    "shipstation-export"
    "shopify"
    "woocommerce"
    "magento"
    "amazon"
    "amazon-history"
    "ebay"
    "dhl-parcels"
    "ups-parcels"
    "shipstation"
    "plain-table"
];

/// All of them, in the order in which they are tried.
pub(crate) fn all() -> &'static [BuiltIn] {
    &ALL
}

impl BuiltIn {
    /// What it says of itself; `None` where its head does not read, which a test rules out.
    pub(crate) fn heading(&self) -> Option<&Heading> {
        let heading = self.heading.get_or_init(|| text::heading(self.text));
        heading.as_ref()
    }

    /// The whole of it, compiled now if nobody needed it before; `None` where it does not compile,
    /// which a test rules out.
    pub(crate) fn profile(&self) -> Option<&Profile> {
        let profile = self.profile.get_or_init(|| self.compile().ok());
        profile.as_ref()
    }

    /// Its text, of which its hash is taken.
    pub(crate) fn text(&self) -> &'static str {
        self.text
    }

    fn compile(&self) -> Result<Profile, Vec<ProfileError>> {
        text::profile(self.label, self.text, true, &[])
    }

    /// What is wrong with it.
    pub(crate) fn errors(&self) -> Vec<ProfileError> {
        let wrong = |message: &str| ProfileError {
            file: self.label.to_owned(),
            line: 1,
            message: message.to_owned(),
        };
        match self.compile() {
            Err(errors) => errors,
            Ok(profile) if Some(&profile.heading) != self.heading() => {
                vec![wrong("its head, read alone, says something else")]
            }
            // `ProfileSet::wants_sheet` compiles none of them to ask.
            Ok(profile) if profile.refers_to_sheets() => {
                vec![wrong("a built-in profile refers to another sheet")]
            }
            Ok(_) => Vec::new(),
        }
    }
}
