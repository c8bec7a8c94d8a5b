//! The profiles that a process knows: built in, and the operator's own.
//!
//! A set can be turned into texts and built again elsewhere: the jail's children get it so.

use super::MapOptions;
use super::builtin::{self, BuiltIn};
use super::model::{Header, Heading, Profile, Reads};
use super::text;
use super::{ProfileError, ProfileUse};

/// Profiles, the operator's own before the built-in ones.
#[derive(Default)]
pub struct ProfileSet {
    profiles: Vec<Entry>,
    texts: Vec<(String, String)>,
}

/// One profile of a set. The operator's own are compiled when they are loaded, so that what is
/// wrong with them is known at once; see [`builtin`] for the others.
pub(crate) enum Entry {
    /// The operator's.
    Own(Box<Profile>),
    /// One that comes with the product.
    BuiltIn(&'static BuiltIn, &'static Heading),
}

impl Entry {
    /// What it is called and which layouts it is for.
    pub(crate) fn heading(&self) -> &Heading {
        match self {
            Self::Own(profile) => &profile.heading,
            Self::BuiltIn(_, heading) => heading,
        }
    }

    /// The whole of it.
    pub(crate) fn profile(&self) -> Option<&Profile> {
        match self {
            Self::Own(profile) => Some(profile),
            Self::BuiltIn(built_in, _) => built_in.profile(),
        }
    }
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
    /// They are tested to be free of errors; one whose head had one would be left out.
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
        let name = &profile.heading.known_as.name;
        if self.entry(name).is_some() {
            errors.push(ProfileError {
                file: label.to_owned(),
                line: 1,
                message: format!("the name “{name}” is taken by another profile"),
            });
            return;
        }
        self.profiles.push(Entry::Own(Box::new(profile)));
    }

    fn add_built_in(&mut self) {
        for built_in in builtin::all() {
            if let Some(heading) = built_in.heading()
                && self.entry(&heading.known_as.name).is_none()
            {
                self.profiles.push(Entry::BuiltIn(built_in, heading));
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
        match self.entry(name)? {
            Entry::BuiltIn(built_in, _) => Some(built_in.text()),
            Entry::Own(profile) => {
                let hash = &profile.heading.known_as.hash;
                let mut texts = self.texts.iter().map(|(_, text)| text.as_str());
                texts.find(|text| text::hash(text) == *hash)
            }
        }
    }

    /// All of them, in the order in which they are tried.
    pub fn known(&self) -> impl Iterator<Item = Known> + '_ {
        self.profiles.iter().map(Entry::heading).map(|it| Known {
            known_as: it.known_as.clone(),
            title: it.title.clone(),
            built_in: it.built_in,
            reads: it.reads.as_str(),
            recognised: it.recognise.declared,
            time_zone: it.time_zone.clone(),
        })
    }

    /// The profile `name`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<ProfileUse> {
        let entry = self.entry(name)?;
        Some(entry.heading().known_as.clone())
    }

    /// Whether the first profile that the candidates name for plain text reads fixed width.
    #[must_use]
    pub fn reads_fixed(&self, options: &MapOptions) -> bool {
        let text = |reads: &Reads| matches!(reads, Reads::Csv | Reads::Table | Reads::Fixed);
        let named = options.candidates.iter().filter_map(|candidate| {
            let entry = self.entry(candidate.profile.as_deref()?)?;
            Some(entry.heading().reads).filter(text)
        });
        named.take(1).any(|reads| reads == Reads::Fixed)
    }

    /// The entry of the profile `name`.
    pub(crate) fn entry(&self, name: &str) -> Option<&Entry> {
        let mut all = self.profiles.iter();
        all.find(|entry| entry.heading().known_as.name == name)
    }

    /// The profile `name`, compiled.
    pub(crate) fn find(&self, name: &str) -> Option<&Profile> {
        self.entry(name)?.profile()
    }

    pub(crate) fn all(&self) -> &[Entry] {
        &self.profiles
    }

    /// Most rows that make a header.
    pub(crate) fn header_rows(&self) -> usize {
        let all = self.profiles.iter();
        let rows = all.map(|entry| entry.heading().header_rows);
        rows.max().unwrap_or(1)
    }

    /// Whether any profile reads sheets of labels and values.
    pub(crate) fn reads_keys(&self) -> bool {
        let mut all = self.profiles.iter();
        all.any(|entry| entry.heading().header == Header::Keys)
    }

    /// Whether any profile refers to a sheet of this name (normalised) beside its own. None of the
    /// built-in ones does, as a test keeps.
    pub(crate) fn wants_sheet(&self, normal: &str) -> bool {
        let mut all = self.profiles.iter();
        all.any(|entry| matches!(entry, Entry::Own(profile) if profile.wants_sheet(normal)))
    }

    /// What is wrong with the built-in profiles: nothing, as a test keeps.
    #[must_use]
    pub fn built_in_errors() -> Vec<ProfileError> {
        let all = builtin::all().iter();
        all.flat_map(BuiltIn::errors).collect()
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
        let all = self.profiles.iter();
        let names = all.map(|entry| &entry.heading().known_as);
        f.debug_list().entries(names).finish()
    }
}
