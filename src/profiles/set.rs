//! The profiles that a process knows: built in, and the operator's own.
//!
//! A set can be turned into texts and built again elsewhere: the jail's children get it so.

use super::MapOptions;
use super::model::{Header, Profile, Reads, Reference};
use super::text;
use super::{ProfileError, ProfileUse};

/// The profiles that come with the product, each with its label.
const BUILT_IN: [(&str, &str); 40] = [
    (
        "cargoconnect-mail.toml",
        include_str!("../../config/profiles/cargoconnect-mail.toml"),
    ),
    (
        "cargooffice.toml",
        include_str!("../../config/profiles/cargooffice.toml"),
    ),
    (
        "cargooffice-xml.toml",
        include_str!("../../config/profiles/cargooffice-xml.toml"),
    ),
    (
        "ubl-order.toml",
        include_str!("../../config/profiles/ubl-order.toml"),
    ),
    (
        "ubl-order-change.toml",
        include_str!("../../config/profiles/ubl-order-change.toml"),
    ),
    (
        "ubl-order-cancellation.toml",
        include_str!("../../config/profiles/ubl-order-cancellation.toml"),
    ),
    (
        "ubl-forwarding-instructions.toml",
        include_str!("../../config/profiles/ubl-forwarding-instructions.toml"),
    ),
    (
        "ubl-waybill.toml",
        include_str!("../../config/profiles/ubl-waybill.toml"),
    ),
    (
        "ubl-transport-execution-plan-request.toml",
        include_str!("../../config/profiles/ubl-transport-execution-plan-request.toml"),
    ),
    (
        "cxml-order.toml",
        include_str!("../../config/profiles/cxml-order.toml"),
    ),
    (
        "opentrans-order.toml",
        include_str!("../../config/profiles/opentrans-order.toml"),
    ),
    (
        "gs1-order.toml",
        include_str!("../../config/profiles/gs1-order.toml"),
    ),
    (
        "gs1-order-2.toml",
        include_str!("../../config/profiles/gs1-order-2.toml"),
    ),
    (
        "idoc-orders.toml",
        include_str!("../../config/profiles/idoc-orders.toml"),
    ),
    (
        "xcbl-order.toml",
        include_str!("../../config/profiles/xcbl-order.toml"),
    ),
    (
        "oagis-purchase-order.toml",
        include_str!("../../config/profiles/oagis-purchase-order.toml"),
    ),
    ("ttm.toml", include_str!("../../config/profiles/ttm.toml")),
    (
        "edifact-orders.toml",
        include_str!("../../config/profiles/edifact-orders.toml"),
    ),
    (
        "edifact-ordchg.toml",
        include_str!("../../config/profiles/edifact-ordchg.toml"),
    ),
    (
        "edifact-iftmin.toml",
        include_str!("../../config/profiles/edifact-iftmin.toml"),
    ),
    (
        "edifact-ifcsum.toml",
        include_str!("../../config/profiles/edifact-ifcsum.toml"),
    ),
    (
        "edifact-iftsta.toml",
        include_str!("../../config/profiles/edifact-iftsta.toml"),
    ),
    (
        "x12-850.toml",
        include_str!("../../config/profiles/x12-850.toml"),
    ),
    (
        "x12-860.toml",
        include_str!("../../config/profiles/x12-860.toml"),
    ),
    (
        "x12-204.toml",
        include_str!("../../config/profiles/x12-204.toml"),
    ),
    (
        "x12-940.toml",
        include_str!("../../config/profiles/x12-940.toml"),
    ),
    (
        "x12-214.toml",
        include_str!("../../config/profiles/x12-214.toml"),
    ),
    ("etsy.toml", include_str!("../../config/profiles/etsy.toml")),
    (
        "squarespace.toml",
        include_str!("../../config/profiles/squarespace.toml"),
    ),
    (
        "shipstation-export.toml",
        include_str!("../../config/profiles/shipstation-export.toml"),
    ),
    (
        "shopify.toml",
        include_str!("../../config/profiles/shopify.toml"),
    ),
    (
        "woocommerce.toml",
        include_str!("../../config/profiles/woocommerce.toml"),
    ),
    (
        "magento.toml",
        include_str!("../../config/profiles/magento.toml"),
    ),
    (
        "amazon.toml",
        include_str!("../../config/profiles/amazon.toml"),
    ),
    (
        "amazon-history.toml",
        include_str!("../../config/profiles/amazon-history.toml"),
    ),
    ("ebay.toml", include_str!("../../config/profiles/ebay.toml")),
    (
        "dhl-parcels.toml",
        include_str!("../../config/profiles/dhl-parcels.toml"),
    ),
    (
        "ups-parcels.toml",
        include_str!("../../config/profiles/ups-parcels.toml"),
    ),
    (
        "shipstation.toml",
        include_str!("../../config/profiles/shipstation.toml"),
    ),
    (
        "plain-table.toml",
        include_str!("../../config/profiles/plain-table.toml"),
    ),
];

/// Compiled profiles, the operator's own before the built-in ones.
#[derive(Default)]
pub struct ProfileSet {
    profiles: Vec<Profile>,
    texts: Vec<(String, String)>,
}

/// What a profile is called and what it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Name, version and hash of the text.
    pub known_as: ProfileUse,
    /// One line for lists.
    pub title: String,
    /// Whether it came with the product.
    pub built_in: bool,
    /// What it reads: `csv`, `sheet`, `table` (both), `xml`, `json`.
    pub reads: &'static str,
    /// Whether it is tried on files for which no route names a profile.
    pub recognised: bool,
    /// IANA zone of its times, where its text says.
    pub time_zone: Option<String>,
}

impl ProfileSet {
    /// Only the profiles that come with the product.
    ///
    /// They are tested to be free of errors; one with an error would be left out.
    #[must_use]
    pub fn builtin() -> Self {
        let mut set = Self::default();
        set.add_built_in();
        set
    }

    /// The operator's profiles, given as label (a path, for errors) and text, and behind them the
    /// built-in ones. Texts whose label ends in `.csv` are look-up tables for the profiles. An own profile with the name of a built-in one takes its place.
    ///
    /// # Errors
    /// All that is wrong with any of the texts.
    pub fn load(texts: Vec<(String, String)>) -> Result<Self, Vec<ProfileError>> {
        let mut set = Self::default();
        let mut errors = Vec::new();
        let is_profile = |label: &String| !is_table(label);
        for (label, text) in texts.iter().filter(|(label, _)| is_profile(label)) {
            match text::profile(label, text, false, &texts) {
                Ok(profile) => set.add(profile, label, &mut errors),
                Err(wrong) => errors.extend(wrong),
            }
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        set.texts = texts;
        set.add_built_in();
        Ok(set)
    }

    fn add(&mut self, profile: Profile, label: &str, errors: &mut Vec<ProfileError>) {
        let name = &profile.known_as.name;
        if self.find(name).is_some() {
            errors.push(ProfileError {
                file: label.to_owned(),
                line: 1,
                message: format!("the name “{name}” is taken by another profile"),
            });
            return;
        }
        self.profiles.push(profile);
    }

    fn add_built_in(&mut self) {
        for (label, text) in BUILT_IN {
            if let Ok(profile) = text::profile(label, text, true, &[])
                && self.find(&profile.known_as.name).is_none()
            {
                self.profiles.push(profile);
            }
        }
    }

    /// The operator's texts: [`ProfileSet::load`] builds the same set from them elsewhere.
    #[must_use]
    pub fn texts(&self) -> &[(String, String)] {
        &self.texts
    }

    /// The text of the profile `name`, own or built in.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        let hash = &self.find(name)?.known_as.hash;
        let own = self.texts.iter().map(|(_, text)| text.as_str());
        own.chain(BUILT_IN.iter().map(|(_, text)| *text))
            .find(|text| {
                use sha2::{Digest, Sha256};
                hex::encode(Sha256::digest(text.as_bytes())) == *hash
            })
    }

    /// All of them, in the order in which they are tried.
    pub fn known(&self) -> impl Iterator<Item = Known> + '_ {
        self.profiles.iter().map(|profile| Known {
            known_as: profile.known_as.clone(),
            title: profile.title.clone(),
            built_in: profile.built_in,
            reads: profile.reads.as_str(),
            recognised: profile.recognise.declared,
            time_zone: profile.time_zone.clone(),
        })
    }

    /// The profile `name`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<ProfileUse> {
        self.find(name).map(|profile| profile.known_as.clone())
    }

    /// Whether the first profile that the candidates name for plain text reads fixed width.
    #[must_use]
    pub fn reads_fixed(&self, options: &MapOptions) -> bool {
        let text =
            |profile: &&Profile| matches!(profile.reads, Reads::Csv | Reads::Table | Reads::Fixed);
        let named = options.candidates.iter().filter_map(|candidate| {
            let profile = self.find(candidate.profile.as_deref()?)?;
            Some(profile).filter(text)
        });
        named.take(1).any(|profile| profile.reads == Reads::Fixed)
    }

    pub(crate) fn find(&self, name: &str) -> Option<&Profile> {
        self.profiles
            .iter()
            .find(|profile| profile.known_as.name == name)
    }

    pub(crate) fn all(&self) -> &[Profile] {
        &self.profiles
    }

    /// Most rows that make a header.
    pub(crate) fn header_rows(&self) -> usize {
        let rows = self.profiles.iter().map(|profile| profile.rows.header);
        rows.max().unwrap_or(1)
    }

    /// Whether any profile reads sheets of labels and values.
    pub(crate) fn reads_keys(&self) -> bool {
        let mut all = self.profiles.iter();
        all.any(|profile| profile.header == Header::Keys)
    }

    /// Whether any profile refers to a sheet of this name (normalised) beside its own.
    pub(crate) fn wants_sheet(&self, normal: &str) -> bool {
        let wants = |profile: &Profile| {
            let joined = profile.joins.iter().any(|join| join.sheet == normal);
            joined
                || profile.references.iter().any(|reference| {
                    matches!(reference, Reference::Beside(Some(sheet), _) if sheet == normal)
                })
        };
        self.profiles.iter().any(wants)
    }

    /// What is wrong with the built-in profiles: nothing, as a test keeps.
    #[must_use]
    pub fn built_in_errors() -> Vec<ProfileError> {
        let compiled = BUILT_IN
            .iter()
            .map(|(label, text)| text::profile(label, text, true, &[]));
        compiled.filter_map(Result::err).flatten().collect()
    }
}

/// Whether a text is a look-up table and not a profile, by its label.
#[must_use]
pub fn is_table(label: &str) -> bool {
    let extension = std::path::Path::new(label).extension();
    extension.is_some_and(|extension| extension == "csv")
}

impl std::fmt::Debug for ProfileSet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names = self.profiles.iter().map(|profile| &profile.known_as);
        f.debug_list().entries(names).finish()
    }
}
