//! The value of a setting, whatever file it comes from.

use std::fmt;

use serde_json::{Map, Value as Json};

use crate::secret::{self, MASK, Secret};

/// A value as the program that reads it understands it. `Debug` and `Display` mask tokens and passwords.
#[derive(Clone, PartialEq, Eq)]
pub enum SettingValue {
    /// No value: `null`, `None`.
    Nothing,
    Switch(bool),
    /// A number in the spelling of the file.
    Number(String),
    Text(String),
    /// A text that is a secret as a whole, such as Navigator's token.
    Secret(SecretText),
    List(Vec<SettingValue>),
    /// In the order of the file.
    Map(Vec<(String, SettingValue)>),
}
