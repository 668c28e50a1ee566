//! What conda reads in a scalar without quotes: ruamel.yaml's rules for YAML 1.2.

use saphyr_parser::Tag as ParsedTag;
use serde_yaml::Value;
use serde_yaml::value::{Number, Tag, TaggedValue};

/// The value of a plain scalar as conda sees it. A date, or a number beyond 64 bits, has no counterpart in
/// [`Value`] and becomes a tagged string, so that it never equals the string of the same spelling.
pub(super) fn plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" => return Value::Bool(true),
        "false" | "False" | "FALSE" => return Value::Bool(false),
        _ => {}
    }
    let starts_like_number = text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.'));
    if !starts_like_number {
        return Value::String(text.to_owned());
    }
    if is_float(text) {
        return float(text);
    }
    if is_integer(text) {
        return integer(text);
    }
    if is_timestamp(text) {
        return tagged("timestamp", text);
    }
    Value::String(text.to_owned())
}

/// The value of a node with a tag.
pub(super) fn with_tag(tag: &ParsedTag, value: Value) -> Value {
    if tag.is_yaml_core_schema() {
        return match (tag.suffix.as_str(), value) {
            ("str", value) => value,
            (_, Value::String(text)) => plain(&text),
            (_, value) => value,
        };
    }
    if tag.handle.is_empty() || tag.suffix.is_empty() {
        // A lone `!` before nothing is nothing to conda.
        return match value {
            Value::String(text) if text.is_empty() => Value::Null,
            value => value,
        };
    }
    Value::Tagged(Box::new(TaggedValue {
        tag: Tag::new(tag.to_string()),
        value,
    }))
}

/// A key as text; only strings are settings that conda knows.
pub(super) fn spelled(key: &Value) -> String {
    match key {
        Value::String(text) => text.clone(),
        Value::Null => "null".to_owned(),
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Tagged(tagged) => spelled(&tagged.value),
        Value::Sequence(_) | Value::Mapping(_) => "?".to_owned(),
    }
}

fn tagged(tag: &str, text: &str) -> Value {
    Value::Tagged(Box::new(TaggedValue {
        tag: Tag::new(tag),
        value: Value::String(text.to_owned()),
    }))
}

fn without_sign(text: &str) -> &str {
    text.strip_prefix(['+', '-']).unwrap_or(text)
}

fn all(text: &str, allowed: impl Fn(u8) -> bool) -> bool {
    text.bytes().all(allowed)
}

fn is_float(text: &str) -> bool {
    let unsigned = without_sign(text);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") {
        return true;
    }
    if matches!(text, ".nan" | ".NaN" | ".NAN") {
        return true;
    }
    let digit = |b: u8| b.is_ascii_digit() || b == b'_';
    let exponent = |text: &str| {
        text.strip_prefix(['e', 'E']).is_some_and(|rest| {
            let digits = without_sign(rest);
            !digits.is_empty() && all(digits, |b| b.is_ascii_digit())
        })
    };
    let signed_exponent = |text: &str| exponent(text) && matches!(text.as_bytes().get(1), Some(b'+' | b'-'));
    let whole = unsigned.bytes().take_while(|b| digit(*b)).count();
    let (integral, rest) = unsigned.split_at(whole);
    match rest.strip_prefix('.') {
        Some(fraction) => {
            let length = fraction.bytes().take_while(|b| digit(*b)).count();
            let tail = &fraction[length..];
            if integral.is_empty() {
                length > 0 && (tail.is_empty() || signed_exponent(tail))
            } else {
                integral.as_bytes()[0].is_ascii_digit() && (tail.is_empty() || exponent(tail))
            }
        }
        None => integral.starts_with(|c: char| c.is_ascii_digit()) && exponent(rest),
    }
}

fn is_integer(text: &str) -> bool {
    // ruamel tries numbers only on these first characters.
    if text.starts_with('.') {
        return false;
    }
    let unsigned = without_sign(text);
    let prefixed = |prefix: &str, allowed: fn(u8) -> bool| {
        unsigned
            .strip_prefix(prefix)
            .is_some_and(|digits| !digits.is_empty() && all(digits, allowed))
    };
    prefixed("0b", |b| matches!(b, b'0' | b'1' | b'_'))
        || prefixed("0o", |b| matches!(b, b'0'..=b'7' | b'_'))
        || prefixed("0x", |b| b.is_ascii_hexdigit() || b == b'_')
        || (!unsigned.is_empty() && all(unsigned, |b| b.is_ascii_digit() || b == b'_'))
}

fn integer(text: &str) -> Value {
    let digits = text.replace('_', "");
    let unsigned = without_sign(&digits);
    let (radix, body) = match unsigned.get(..2) {
        Some("0b") => (2, &unsigned[2..]),
        Some("0o") => (8, &unsigned[2..]),
        Some("0x") => (16, &unsigned[2..]),
        _ => (10, unsigned),
    };
    let sign = if digits.starts_with('-') { "-" } else { "" };
    if let Ok(number) = i64::from_str_radix(&format!("{sign}{body}"), radix) {
        return Value::Number(Number::from(number));
    }
    match u64::from_str_radix(body, radix) {
        Ok(number) if sign.is_empty() => Value::Number(Number::from(number)),
        _ => tagged("int", text),
    }
}

fn float(text: &str) -> Value {
    let digits = text.replace('_', "").to_ascii_lowercase();
    let unsigned = without_sign(&digits);
    let magnitude = match unsigned {
        ".inf" => Ok(f64::INFINITY),
        ".nan" => Ok(f64::NAN),
        _ => unsigned.parse(),
    };
    match magnitude {
        Ok(number) if digits.starts_with('-') => Value::Number(Number::from(-number)),
        Ok(number) => Value::Number(Number::from(number)),
        Err(_) => tagged("float", text),
    }
}

/// `2001-01-01`, or that (with one or two digits for month and day) and a time.
fn is_timestamp(text: &str) -> bool {
    let mut parts = text.splitn(3, '-');
    let (Some(year), Some(month), Some(rest)) = (parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    let digits = |text: &str, lengths: std::ops::RangeInclusive<usize>| {
        lengths.contains(&text.len()) && all(text, |b| b.is_ascii_digit())
    };
    if !digits(year, 4..=4) {
        return false;
    }
    if digits(month, 2..=2) && digits(rest, 2..=2) {
        return true;
    }
    let day = rest.bytes().take_while(u8::is_ascii_digit).count();
    digits(month, 1..=2) && (1..=2).contains(&day) && is_time(&rest[day..])
}

fn is_time(text: &str) -> bool {
    let Some(time) = text.strip_prefix(['T', 't']).or_else(|| {
        let trimmed = text.trim_start_matches([' ', '\t']);
        (trimmed.len() < text.len()).then_some(trimmed)
    }) else {
        return false;
    };
    let Some((hour, rest)) = time.split_once(':') else {
        return false;
    };
    let number = |text: &str, lengths: std::ops::RangeInclusive<usize>| {
        lengths.contains(&text.len()) && all(text, |b| b.is_ascii_digit())
    };
    if !number(hour, 1..=2) || rest.len() < 5 || !rest.is_char_boundary(5) {
        return false;
    }
    let (clock, rest) = rest.split_at(5);
    if clock.as_bytes()[2] != b':' || !clock.is_char_boundary(2) || !clock.is_char_boundary(3) {
        return false;
    }
    if !number(&clock[..2], 2..=2) || !number(&clock[3..], 2..=2) {
        return false;
    }
    let rest = match rest.strip_prefix('.') {
        Some(fraction) => fraction.trim_start_matches(|c: char| c.is_ascii_digit()),
        None => rest,
    };
    let zone = rest.trim_start_matches([' ', '\t']);
    if zone == "Z" || rest.is_empty() {
        return true;
    }
    let Some(offset) = zone.strip_prefix(['+', '-']) else {
        return false;
    };
    match offset.split_once(':') {
        Some((hours, minutes)) => number(hours, 1..=2) && number(minutes, 2..=2),
        None => number(offset, 1..=2),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_numbers_as_conda_reads_them() {
        for (text, expected) in [
            ("", Value::Null),
            ("~", Value::Null),
            ("NULL", Value::Null),
            ("True", Value::Bool(true)),
            ("FALSE", Value::Bool(false)),
            ("012", Value::from(12)),
            ("0o17", Value::from(15)),
            ("-0x1F", Value::from(-31)),
            ("0b101", Value::from(5)),
            ("1_000", Value::from(1000)),
            ("18446744073709551615", Value::from(u64::MAX)),
            ("1e3", Value::from(1000.0)),
            ("1.", Value::from(1.0)),
            (".5", Value::from(0.5)),
            ("-.inf", Value::from(f64::NEG_INFINITY)),
        ] {
            assert_eq!(plain(text), expected, "{text}");
        }
    }

    #[test]
    fn what_conda_reads_as_a_string() {
        for text in [
            "yes",
            "No",
            "on",
            "tRue",
            "nULL",
            "12:30:45",
            "1.2.3",
            "0x",
            "1e",
            "+",
            ".",
            "..",
            "e3",
            "2001-1-1",
            "_1",
            "https://h/x",
            "+.inf.",
            "-a",
        ] {
            assert_eq!(plain(text), Value::String(text.to_owned()), "{text}");
        }
    }

    #[test]
    fn dates_and_huge_numbers_differ_from_their_spelling() {
        for text in [
            "2001-01-01",
            "2001-1-1 10:00:00",
            "2001-01-01T10:00:00.5Z",
            "2001-01-01 1:00:00 +02:00",
            "99999999999999999999",
        ] {
            assert!(matches!(plain(text), Value::Tagged(_)), "{text}");
        }
    }
}
