//! Bodies that are JSON objects, and nothing that merely reads as one.

use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

/// What an object's members tell. Without it a list is taken for a struct, its items for the members in
/// their order, which no description of the API says.
pub(super) struct Members<T>(pub(super) T);

impl<'de, T: DeserializeOwned> Deserialize<'de> for Members<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let members = Map::<String, Value>::deserialize(deserializer)?;
        let told = T::deserialize(Value::Object(members));
        told.map(Self).map_err(D::Error::custom)
    }
}
