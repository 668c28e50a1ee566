//! The settings of conda, and the values they can have.

mod definition;
mod table;
mod value;

use std::fmt;

use super::Platform;
use super::channel::OpaqueText;

pub use definition::{Definition, Form, Group, Preset, Separator, Shape};
pub use table::Key;
pub use value::Value;

/// Further names in a `.condarc` that other programs read, or that conda read once: no mistakes.
pub const OF_OTHERS: [(&str, &str); 10] = [
    ("restore_free_channel", "conda no longer reads it, since 25.9"),
    ("allow_other_channels", "conda no longer reads it"),
    ("update_dependencies", "conda no longer reads it"),
    ("use_pip", "conda no longer reads it"),
    ("binstar_personal", "anaconda-client's, in conda's early days"),
    ("anaconda_anon_usage", "read by the plugin anaconda-anon-usage"),
    ("mirrored_channels", "read by mamba"),
    ("custom_mirrors", "read by mamba"),
    ("rich_console", "read by older versions of mamba"),
    ("safety_checks_enabled", "conda no longer reads it"),
];

impl Key {
    /// The setting with this name or another of its names.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|key| key.spellings().contains(&name))
    }

    pub fn name(self) -> &'static str {
        self.spellings()[0]
    }

    /// Every name under which conda accepts the setting, the preferred one first. Two of them in one file
    /// stop every conda command.
    pub fn spellings(self) -> &'static [&'static str] {
        self.definition().names
    }

    pub fn shape(self) -> Shape {
        self.definition().shape
    }

    /// Whether conda expands `$NAME` in the setting's values.
    pub fn expands_variables(self) -> bool {
        self.definition().expands
    }

    /// What conda takes where no source has the setting; nothing where that depends on the machine. For `channels`
    /// that is the empty list since conda 25; versions up to 24.11 took `defaults` (server reference, section 9).
    pub fn default_value(self, platform: Platform) -> Value {
        let definition = self.definition();
        let list = |items: &[&str]| Value::List(items.iter().copied().map(OpaqueText::new).collect());
        match (self, definition.preset, definition.shape) {
            (Self::DefaultChannels, Preset::Items(items), _) if platform == Platform::Windows => {
                let msys2 = ["https://repo.anaconda.com/pkgs/msys2"];
                list(&[items, &msys2].concat())
            }
            (Self::CustomChannels, _, _) => Value::Map(vec![(
                "pkgs/pro".to_owned(),
                Value::scalar("https://repo.anaconda.com"),
            )]),
            (_, Preset::Text(text), _) => Value::scalar(text),
            (_, Preset::Items(items), _) => list(items),
            (_, Preset::Nothing | Preset::Machine(_), Shape::Scalar) => Value::Null,
            (_, Preset::Nothing | Preset::Machine(_), Shape::List) => Value::List(Vec::new()),
            (_, Preset::Nothing | Preset::Machine(_), Shape::Records) => Value::Records(Vec::new()),
            (_, Preset::Nothing | Preset::Machine(_), Shape::Map | Shape::MapOfLists | Shape::Settings) => {
                Value::Map(Vec::new())
            }
        }
    }

    /// What the value would have to be, where conda refuses the one it has. `in_file` tells a value of a file, where a
    /// number may stand for a switch and a switch for a number, from one of a variable, which is always text.
    pub fn refused(self, value: &Value, in_file: bool) -> Option<String> {
        let definition = self.definition();
        let text = value.as_text().map(|text| text.expose().trim());
        match (self, definition.shape) {
            (Self::ChannelAlias, _) => {
                let fits = text.is_some_and(|text| text.is_empty() || has_scheme(text));
                (!fits).then(|| "an address that starts with a scheme such as https://".to_owned())
            }
            (Self::DefaultPython, _) => {
                let fits = text.is_none_or(|text| text.is_empty() || is_python_version(text));
                (!fits).then(|| "a version such as 3.12".to_owned())
            }
            (Self::ListFields, _) => {
                let known = |item: &OpaqueText| LIST_FIELDS.contains(&item.expose());
                (!value.items().iter().all(known)).then(|| format!("some of {}", LIST_FIELDS.join(", ")))
            }
            (_, Shape::Scalar) => {
                (!definition.form.accepts(value, in_file)).then(|| definition.form.expected())
            }
            _ => None,
        }
    }
}

/// What `conda list` can show.
const LIST_FIELDS: [&str; 25] = [
    "arch",
    "build",
    "build_number",
    "channel",
    "channel_name",
    "constrains",
    "depends",
    "dist_str",
    "features",
    "fn",
    "license",
    "license_family",
    "md5",
    "name",
    "noarch",
    "package_type",
    "requested_spec",
    "requested_specs",
    "sha256",
    "size",
    "subdir",
    "timestamp",
    "track_features",
    "url",
    "version",
];

/// A scheme as conda recognises one: a letter, up to eleven more letters or digits, `://`.
fn has_scheme(text: &str) -> bool {
    let Some((scheme, _)) = text.split_once("://") else {
        return false;
    };
    scheme.len() <= 12
        && scheme.starts_with(|c: char| c.is_ascii_lowercase())
        && scheme
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
}

fn is_python_version(text: &str) -> bool {
    text.as_bytes().get(1) == Some(&b'.')
        && text
            .parse::<f64>()
            .is_ok_and(|version| (2.0..4.0).contains(&version))
}

impl Form {
    /// Whether conda accepts the value; see [`Key::refused`].
    pub fn accepts(self, value: &Value, in_file: bool) -> bool {
        let text = match value {
            Value::Scalar(text) => text.expose().trim(),
            // Nothing is off to a switch and the word None to a text.
            Value::Null => {
                return matches!(
                    self,
                    Self::Switch
                        | Self::SwitchOrNothing
                        | Self::SwitchOrText
                        | Self::Text
                        | Self::TextOrNothing
                );
            }
            Value::List(_) | Value::Records(_) | Value::Map(_) => return false,
        };
        let switch = || value.as_switch().is_some();
        let truth = || in_file && matches!(text, "true" | "false");
        match self {
            Self::Text | Self::TextOrNothing | Self::SwitchOrText => true,
            Self::Switch => switch(),
            Self::SwitchOrNothing => switch() || text.eq_ignore_ascii_case("none"),
            Self::SwitchOrWord(words) => is_member(text, words) || switch(),
            Self::SwitchOrWhole => is_whole(text) || switch() && !is_decimal(text),
            Self::Whole => is_whole(text) || truth() || in_file && is_decimal(text),
            Self::Decimal => is_decimal(text) || truth(),
            Self::Word(words) => words.contains(&text),
            Self::Member(words) => is_member(text, words),
        }
    }
}

/// One of the words, or the name it has in conda's own code: the same in capital letters.
fn is_member(text: &str, words: &[&str]) -> bool {
    words
        .iter()
        .any(|word| *word == text || word.to_uppercase() == text)
}

fn is_whole(text: &str) -> bool {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
}

fn is_decimal(text: &str) -> bool {
    text.parse::<f64>().is_ok()
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests;
