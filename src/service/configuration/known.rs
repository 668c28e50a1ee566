//! The settings that Sextant knows, with one line about each.

use super::ConfigurationFile;

/// What form a value has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueForm {
    Switch,
    Number,
    Text,
    /// One of a few words.
    Word(&'static [&'static str]),
    Address,
    Path,
    List,
    Map,
}

/// A setting that a program knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownKey {
    pub file: ConfigurationFile,
    /// Of an ini file `section.option`.
    pub name: &'static str,
    /// Other names that the program accepts.
    pub aliases: &'static [&'static str],
    pub form: ValueForm,
    /// As it would be written in the file; nothing where there is none, or where it depends on the machine.
    pub default: Option<&'static str>,
    /// One line.
    pub documentation: &'static str,
}

/// Every setting that is known, by name.
pub fn known_keys(file: ConfigurationFile) -> &'static [KnownKey];

/// The setting with this name or alias.
pub fn known_key(file: ConfigurationFile, name: &str) -> Option<&'static KnownKey>;
