//! Lossless edits of conda's `.condarc`: the exact text is kept, and an edit replaces the fewest bytes.
//!
//! After every edit the result is read again; unless exactly the intended setting changed, nothing is changed and
//! the error says what to write by hand (repository reference, section 3.5).

mod agreement;
mod builder;
mod change;
mod decode;
mod document;
mod error;
mod flag;
mod list;
mod list_layout;
mod nested;
mod quote;
mod resolve;
mod restore;
mod scalar;
mod source;
pub mod tree;
mod value;

use std::fmt;

use serde_yaml::Value;

pub use error::{DEPTH_LIMIT, Obstacle, Refusal, SIZE_LIMIT, YamlError};
pub use flag::Flag;
pub use nested::{FlagPlace, SeenFlag};

use crate::secret::mask_text;
use document::Document;

/// A text as it stands after `key: ` or `- `: quoted where a reader could take it for something else.
pub fn text(value: &str) -> String {
    quote::write(value, quote::Quotes::None, quote::Place::Block)
}

/// A YAML file whose root is a mapping, with its exact text: byte order mark, line ends, comments and final
/// newline included.
#[derive(Clone, Default)]
pub struct YamlFile {
    text: String,
    document: Document,
}

/// Shows the names of the settings only: values can hold tokens and passwords.
impl fmt::Debug for YamlFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys: Vec<String> = self.keys().into_iter().map(mask_text).collect();
        f.debug_struct("YamlFile")
            .field("bytes", &self.text.len())
            .field("keys", &keys)
            .finish_non_exhaustive()
    }
}

impl PartialEq for YamlFile {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for YamlFile {}

impl YamlFile {
    /// A file without settings: what a missing file stands for.
    pub fn empty() -> Self {
        Self::default()
    }

    /// Reads the bytes of a file. Accepts an empty file, comments only, `---`, `...`, `{}`, a byte order mark and
    /// every line end.
    ///
    /// # Errors
    /// Every variant of [`YamlError`] except [`YamlError::Refused`]; all name the line where that makes sense.
    pub fn parse(bytes: &[u8]) -> Result<Self, YamlError> {
        Self::read(decode::decode(bytes)?.to_owned())
    }

    fn read(text: String) -> Result<Self, YamlError> {
        let document = builder::build(&text)?;
        Ok(Self { text, document })
    }

    /// The exact bytes of the file.
    pub fn bytes(&self) -> Vec<u8> {
        self.text.clone().into_bytes()
    }

    /// The exact text of the file, with the byte order mark if there is one.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The settings in the order of the file. What `<<` merges into the root is not listed.
    pub fn keys(&self) -> Vec<&str> {
        self.document
            .entries
            .iter()
            .map(|entry| entry.key.as_str())
            .collect()
    }

    /// The value of a setting as conda reads it: plain scalars by the rules of YAML 1.2 (so `yes` is a string),
    /// aliases and merge keys expanded. A date or a number beyond 64 bits is a tagged string.
    pub fn value(&self, key: &str) -> Option<&Value> {
        match self.document.entry(key) {
            Some(entry) => Some(&entry.value),
            None => self.document.merged.as_ref()?.get(key),
        }
    }

    /// The flag conda sees for the whole setting (repository reference, section 3.2).
    pub fn flag(&self, key: &str) -> Option<Flag> {
        flag::of_entry(&self.text, &self.document, self.document.entry(key)?)
    }

    /// The flags conda sees for the items of a list, one for each item; empty for anything but a list.
    pub fn item_flags(&self, key: &str) -> Vec<Option<Flag>> {
        match self.document.entry(key) {
            Some(entry) => flag::of_items(&self.text, &self.document, entry),
            None => Vec::new(),
        }
    }

    /// The line of a setting's key, counted from 1.
    pub fn line_of(&self, key: &str) -> Option<usize> {
        self.document.entry(key).map(|entry| entry.line)
    }
}
