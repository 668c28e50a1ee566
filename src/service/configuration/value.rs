//! The value of a setting, whatever file it comes from.

use std::fmt;

use serde_json::{Map, Value as Json};

use crate::clients::layered;
use crate::conda::setting::{Form, Value as CondaValue};
use crate::navigator::Literal;
use crate::secret::{MASK, Secret, find_in_text, mask_text};

/// A value as the program that reads it understands it. `Debug` and `Display` mask tokens and passwords.
#[derive(Clone)]
pub enum SettingValue {
    /// No value: `null`, `None`.
    Nothing,
    Switch(bool),
    /// A number in the spelling of the file.
    Number(String),
    Text(String),
    /// A text that is a secret as a whole, such as Navigator's token.
    Secret(Secret),
    List(Vec<SettingValue>),
    /// In the order of the file.
    Map(Vec<(String, SettingValue)>),
}

impl SettingValue {
    /// The text, number or switch as it would be written; nothing for lists, maps and no value. A text may hold a
    /// secret, whence the name.
    pub fn expose(&self) -> Option<String> {
        match self {
            Self::Nothing | Self::List(_) | Self::Map(_) => None,
            Self::Switch(switch) => Some(switch.to_string()),
            Self::Number(text) | Self::Text(text) => Some(text.clone()),
            Self::Secret(secret) => Some(secret.expose().to_owned()),
        }
    }

    pub fn as_switch(&self) -> Option<bool> {
        match self {
            Self::Switch(switch) => Some(*switch),
            _ => None,
        }
    }

    /// The items of a list; none where the value is no list.
    pub fn items(&self) -> &[Self] {
        match self {
            Self::List(items) => items,
            _ => &[],
        }
    }

    /// The entries of a map; none where the value is no map.
    pub fn entries(&self) -> &[(String, Self)] {
        match self {
            Self::Map(entries) => entries,
            _ => &[],
        }
    }

    /// Whether a token or password stands in it in clear.
    pub fn holds_secret(&self) -> bool {
        match self {
            Self::Nothing | Self::Switch(_) | Self::Number(_) => false,
            Self::Secret(secret) => !secret.is_empty(),
            Self::Text(text) => holds_secret(text),
            Self::List(items) => items.iter().any(Self::holds_secret),
            Self::Map(entries) => entries.iter().any(|(_, value)| value.holds_secret()),
        }
    }

    /// As JSON, secrets masked.
    pub fn to_json(&self) -> Json {
        match self {
            Self::Nothing => Json::Null,
            Self::Switch(switch) => Json::Bool(*switch),
            Self::Number(text) => match serde_json::from_str(text) {
                Ok(number @ Json::Number(_)) => number,
                _ => Json::String(text.clone()),
            },
            Self::Text(text) => Json::String(mask_text(text)),
            Self::Secret(_) => Json::String(MASK.to_owned()),
            Self::List(items) => items.iter().map(Self::to_json).collect(),
            Self::Map(entries) => {
                let entries = entries
                    .iter()
                    .map(|(name, value)| (mask_text(name), value.to_json()));
                Json::Object(entries.collect::<Map<_, _>>())
            }
        }
    }

    /// A value of conda's as it is written in a file or variable; `form` tells numbers and switches from texts.
    pub(super) fn of_conda(value: &CondaValue, form: Form) -> Self {
        let text = |text: &str| match text {
            "true" | "false" if !form.is_text() => Self::Switch(text == "true"),
            number if form.is_number() && number.parse::<f64>().is_ok() => Self::Number(number.to_owned()),
            text => Self::Text(text.to_owned()),
        };
        match value {
            CondaValue::Null => Self::Nothing,
            CondaValue::Scalar(scalar) => text(scalar.expose()),
            CondaValue::List(items) => Self::List(
                items
                    .iter()
                    .map(|item| Self::Text(item.expose().to_owned()))
                    .collect(),
            ),
            CondaValue::Records(records) => Self::List(
                records
                    .iter()
                    .map(|record| Self::of_conda(record, Form::Text))
                    .collect(),
            ),
            CondaValue::Map(entries) => Self::Map(
                entries
                    .iter()
                    .map(|(name, value)| (name.clone(), Self::of_conda(value, form)))
                    .collect(),
            ),
        }
    }

    /// What conda makes of the value: `yes` is a switch to it as well.
    pub(super) fn in_effect(value: &CondaValue, form: Form) -> Self {
        let is_switch = matches!(form, Form::Switch | Form::SwitchOrNothing | Form::SwitchOrText);
        match value {
            CondaValue::Scalar(text) if matches!(form, Form::SwitchOrWord(_)) => match value.as_switch() {
                // What channel_priority was before it had three words.
                Some(true) => Self::Text("flexible".to_owned()),
                Some(false) => Self::Text("disabled".to_owned()),
                None => Self::Text(text.expose().to_lowercase()),
            },
            CondaValue::Null if matches!(form, Form::Switch | Form::SwitchOrText) => Self::Switch(false),
            CondaValue::Scalar(_) if is_switch => match value.as_switch() {
                Some(switch) => Self::Switch(switch),
                None => Self::of_conda(value, form),
            },
            _ => Self::of_conda(value, form),
        }
    }

    pub(super) fn of_yaml(value: &serde_yaml::Value) -> Self {
        use serde_yaml::Value as Yaml;
        match value {
            Yaml::Null => Self::Nothing,
            Yaml::Bool(switch) => Self::Switch(*switch),
            Yaml::Number(number) => Self::Number(number.to_string()),
            Yaml::String(text) => Self::Text(text.clone()),
            Yaml::Sequence(items) => Self::List(items.iter().map(Self::of_yaml).collect()),
            Yaml::Mapping(entries) => {
                let entry = |(name, value): (&Yaml, &Yaml)| {
                    let name = Self::of_yaml(name).expose().unwrap_or_else(|| "?".to_owned());
                    (name, Self::of_yaml(value))
                };
                Self::Map(entries.iter().map(entry).collect())
            }
            Yaml::Tagged(tagged) => Self::of_yaml(&tagged.value),
        }
    }

    pub(super) fn of_layered(value: &layered::Value) -> Self {
        match value {
            layered::Value::Nothing => Self::Nothing,
            layered::Value::Switch(switch) => Self::Switch(*switch),
            layered::Value::Number(number) => Self::Number(number.clone()),
            layered::Value::Text(text) => Self::Text(text.clone()),
            layered::Value::List(items) => Self::List(items.iter().map(Self::of_layered).collect()),
            layered::Value::Map(entries) => Self::Map(
                entries
                    .iter()
                    .map(|(name, value)| (name.clone(), Self::of_layered(value)))
                    .collect(),
            ),
        }
    }

    pub(super) fn of_literal(value: &Literal, is_secret: bool) -> Self {
        match value {
            Literal::None => Self::Nothing,
            Literal::Bool(switch) => Self::Switch(*switch),
            Literal::Number(text) | Literal::Text(text) | Literal::Bare(text) if is_secret => {
                Self::Secret(Secret::new(text.clone()))
            }
            Literal::Number(number) => Self::Number(number.clone()),
            Literal::Text(text) | Literal::Bare(text) => Self::Text(text.clone()),
            Literal::List(items) => Self::List(
                items
                    .iter()
                    .map(|item| Self::of_literal(item, is_secret))
                    .collect(),
            ),
        }
    }
}

/// Whether a token or password stands in the text in clear; `${VARIABLE}` in its place is none.
pub(super) fn holds_secret(text: &str) -> bool {
    find_in_text(text)
        .into_iter()
        .any(|range| !is_reference(&text[range]))
}

/// Whether what stands in the place of a secret is only a variable.
pub(super) fn is_reference(secret: &str) -> bool {
    let password = secret.split_once(':').map_or(secret, |(_, password)| password);
    password.starts_with('$') || password.starts_with('%') && password.ends_with('%')
}

impl PartialEq for SettingValue {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Nothing, Self::Nothing) => true,
            (Self::Switch(a), Self::Switch(b)) => a == b,
            (Self::Number(a), Self::Number(b)) | (Self::Text(a), Self::Text(b)) => a == b,
            (Self::Secret(a), Self::Secret(b)) => a.expose() == b.expose(),
            (Self::List(a), Self::List(b)) => a == b,
            (Self::Map(a), Self::Map(b)) => a == b,
            _ => false,
        }
    }
}

impl Eq for SettingValue {}

/// On one line, secrets masked.
impl fmt::Display for SettingValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("nothing"),
            Self::Switch(switch) => switch.fmt(f),
            Self::Number(number) => f.write_str(number),
            Self::Text(text) => f.write_str(&mask_text(text)),
            Self::Secret(_) => f.write_str(MASK),
            Self::List(items) => {
                let items: Vec<_> = items.iter().map(ToString::to_string).collect();
                write!(f, "[{}]", items.join(", "))
            }
            Self::Map(entries) => {
                let entries: Vec<_> = entries
                    .iter()
                    .map(|(name, value)| format!("{}: {value}", mask_text(name)))
                    .collect();
                write!(f, "{{{}}}", entries.join(", "))
            }
        }
    }
}

impl fmt::Debug for SettingValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SettingValue({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_do_not_show() {
        let value = SettingValue::Map(vec![
            (
                "a".to_owned(),
                SettingValue::Text("https://h/t/tok-1/x".to_owned()),
            ),
            ("b".to_owned(), SettingValue::Secret(Secret::new("hunter2"))),
            (
                "c".to_owned(),
                SettingValue::List(vec![SettingValue::Text("http://ana:pw@h".to_owned())]),
            ),
        ]);
        let shown = format!("{value} {value:?} {}", value.to_json());
        for secret in ["tok-1", "hunter2", "pw"] {
            assert!(!shown.contains(secret), "{shown}");
        }
        assert!(value.holds_secret());
        assert!(!holds_secret(
            "https://h/t/${TOKEN}/x http://ana:${PW}@h http://$LOGIN@h"
        ));
    }

    #[test]
    fn values_keep_their_kind() {
        let scalar = |text: &str, form| SettingValue::of_conda(&CondaValue::scalar(text), form).to_json();
        assert_eq!(scalar("true", Form::Switch), Json::Bool(true));
        assert_eq!(scalar("true", Form::Text), Json::from("true"));
        assert_eq!(scalar("5", Form::Whole), Json::from(5));
        assert_eq!(scalar("9.15", Form::Decimal), Json::from(9.15));
        assert_eq!(scalar("5", Form::Text), Json::from("5"));
        let effective = |value: CondaValue, form| SettingValue::in_effect(&value, form);
        assert_eq!(
            effective(CondaValue::scalar("yes"), Form::Switch),
            SettingValue::Switch(true)
        );
        assert_eq!(
            effective(CondaValue::Null, Form::SwitchOrText),
            SettingValue::Switch(false)
        );
        assert_eq!(
            effective(CondaValue::Null, Form::SwitchOrNothing),
            SettingValue::Nothing
        );
        let bare = Literal::read("Anaconda Server");
        assert_eq!(
            SettingValue::of_literal(&bare, false),
            SettingValue::Text("Anaconda Server".to_owned())
        );
    }
}
