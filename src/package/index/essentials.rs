//! What of a record in `repodata.json` is looked at while the index is made, and what is shown of it later.

use std::borrow::Cow;
use std::fmt;

use jiff::Timestamp;
use serde::Deserialize;
use serde::de::{Deserializer, SeqAccess, Visitor};

use crate::package::{Channel, Record};

/// Enough to tell a record from a broken one, and where it belongs. Texts are borrowed from the file.
#[derive(Debug, Deserialize)]
pub(super) struct Essentials<'r> {
    #[serde(borrow)]
    pub(super) name: Cow<'r, str>,
    #[serde(borrow)]
    pub(super) version: Cow<'r, str>,
    #[serde(borrow)]
    #[allow(dead_code, reason = "it has to be there")]
    build: Cow<'r, str>,
    #[allow(dead_code, reason = "it has to be there")]
    build_number: u64,
    #[serde(default)]
    #[allow(dead_code, reason = "it has to be a list of texts")]
    depends: Texts,
    #[serde(default)]
    #[allow(dead_code, reason = "it has to be a list of texts")]
    constrains: Texts,
}

impl<'r> Essentials<'r> {
    pub(super) fn parse(record: &'r [u8]) -> Option<Self> {
        let essentials: Self = serde_json::from_slice(record).ok()?;
        let is_name = |name: &str| {
            !name.is_empty()
                && name.len() <= 256
                && name
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))
        };
        is_name(&essentials.name).then_some(essentials)
    }
}

/// A list of texts, of which none is kept.
#[derive(Debug, Default)]
struct Texts;

impl<'de> Deserialize<'de> for Texts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct List;
        impl<'de> Visitor<'de> for List {
            type Value = Texts;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of texts")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Texts, A::Error> {
                while list.next_element::<Text>()?.is_some() {}
                Ok(Texts)
            }
        }
        deserializer.deserialize_seq(List)
    }
}

struct Text;

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct One;
        impl Visitor<'_> for One {
            type Value = Text;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }

            fn visit_str<E>(self, _: &str) -> Result<Text, E> {
                Ok(Text)
            }
        }
        deserializer.deserialize_str(One)
    }
}

/// What is shown of a record.
#[derive(Debug, Deserialize)]
struct Shown {
    name: String,
    version: String,
    build: String,
    build_number: u64,
    size: Option<u64>,
    license: Option<String>,
    #[serde(default)]
    depends: Vec<String>,
    #[serde(default)]
    constrains: Vec<String>,
    timestamp: Option<serde_json::Number>,
}

/// The record of a file as it is shown; nothing for a broken one.
pub(super) fn shown(channel: &Channel, subdir: &str, file_name: &str, record: &[u8]) -> Option<Record> {
    let shown: Shown = serde_json::from_slice(record).ok()?;
    Some(Record {
        name: shown.name,
        version: shown.version,
        build: shown.build,
        build_number: shown.build_number,
        channel: channel.clone(),
        subdir: subdir.to_owned(),
        file_name: file_name.to_owned(),
        size: shown.size,
        license: shown.license,
        depends: shown.depends,
        constrains: shown.constrains,
        timestamp: shown.timestamp.and_then(|number| timestamp(number.as_f64()?)),
    })
}

/// Some records count seconds, most milliseconds.
fn timestamp(number: f64) -> Option<Timestamp> {
    /// The year 9999 in seconds: what is beyond counts milliseconds.
    const LAST_SECOND: f64 = 253_402_300_799.0;
    let milliseconds = if number > LAST_SECOND {
        number
    } else {
        number * 1000.0
    };
    Timestamp::from_millisecond(milliseconds as i64).ok()
}
