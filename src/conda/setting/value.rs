//! The values that settings of conda can have.

use std::fmt;

use crate::conda::channel::OpaqueText;

/// The value of a setting. Texts show with tokens and passwords masked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    Null,
    /// A text, number or switch, as conda would read it from text.
    Scalar(OpaqueText),
    List(Vec<OpaqueText>),
    /// A list of maps.
    Records(Vec<Value>),
    /// In the order of the file.
    Map(Vec<(String, Value)>),
}

impl Value {
    pub fn scalar(text: impl Into<String>) -> Self {
        Self::Scalar(OpaqueText::new(text))
    }

    pub fn as_text(&self) -> Option<&OpaqueText> {
        match self {
            Self::Scalar(text) => Some(text),
            _ => None,
        }
    }

    /// The items of a list; none where the value is no list of texts.
    pub fn items(&self) -> &[OpaqueText] {
        match self {
            Self::List(items) => items,
            _ => &[],
        }
    }

    /// The maps of a list of maps; none where the value is no such list.
    pub fn records(&self) -> &[Self] {
        match self {
            Self::Records(records) => records,
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

    pub fn entry(&self, name: &str) -> Option<&Self> {
        self.entries()
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value)
    }

    /// The value as a switch, by conda's rules: `yes`, `on`, `1` and so on count too, and nothing is off.
    /// `None` where conda would refuse the value.
    pub fn as_switch(&self) -> Option<bool> {
        let text = match self {
            Self::Null => return Some(false),
            Self::Scalar(text) => text.expose().trim().to_lowercase().replacen('.', "", 1),
            Self::List(_) | Self::Records(_) | Self::Map(_) => return None,
        };
        match text.as_str() {
            "true" | "yes" | "on" | "y" => Some(true),
            "false" | "off" | "n" | "no" | "non" | "none" | "" => Some(false),
            number => number.parse::<f64>().ok().map(|number| number != 0.0),
        }
    }

    /// The value with `change` applied to every text in it, names of a map excepted.
    pub(in crate::conda) fn map_texts(&self, change: &impl Fn(&str) -> String) -> Self {
        let changed = |text: &OpaqueText| OpaqueText::new(change(text.expose()));
        match self {
            Self::Null => Self::Null,
            Self::Scalar(text) => Self::Scalar(changed(text)),
            Self::List(items) => Self::List(items.iter().map(changed).collect()),
            Self::Records(records) => {
                Self::Records(records.iter().map(|record| record.map_texts(change)).collect())
            }
            Self::Map(entries) => Self::Map(
                entries
                    .iter()
                    .map(|(name, value)| (name.clone(), value.map_texts(change)))
                    .collect(),
            ),
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fn joined<T: ToString>(items: &[T]) -> String {
            items.iter().map(T::to_string).collect::<Vec<_>>().join(", ")
        }
        match self {
            Self::Null => f.write_str("nothing"),
            Self::Scalar(text) => text.fmt(f),
            Self::List(items) => write!(f, "[{}]", joined(items)),
            Self::Records(records) => write!(f, "[{}]", joined(records)),
            Self::Map(entries) => {
                let entries: Vec<_> = entries
                    .iter()
                    .map(|(name, value)| format!("{name}: {value}"))
                    .collect();
                write!(f, "{{{}}}", entries.join(", "))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn switches_are_read_as_conda_reads_them() {
        for (text, switch) in [
            ("true", Some(true)),
            ("Yes", Some(true)),
            (" on ", Some(true)),
            ("1", Some(true)),
            ("0", Some(false)),
            ("0.0", Some(false)),
            ("0.1", Some(true)),
            ("False", Some(false)),
            ("off", Some(false)),
            ("", Some(false)),
            ("maybe", None),
        ] {
            assert_eq!(Value::scalar(text).as_switch(), switch, "{text:?}");
        }
        assert_eq!(Value::Null.as_switch(), Some(false));
        assert_eq!(Value::List(Vec::new()).as_switch(), None);
    }

    #[test]
    fn values_show_masked() {
        let value = Value::Map(vec![(
            "https".to_owned(),
            Value::scalar("http://ana:pw@proxy:3128"),
        )]);
        let list = Value::List(vec![OpaqueText::new("https://h/t/tok-1/x")]);
        let records = Value::Records(vec![value.clone()]);
        let shown = format!("{value} {value:?} {list} {list:?} {records} {records:?}");
        assert!(!shown.contains("pw") && !shown.contains("tok-1"), "{shown}");
        assert!(shown.contains("proxy:3128"));
    }
}
