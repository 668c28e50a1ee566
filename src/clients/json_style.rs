//! JSON in the spelling that a file has already, so that an edit of one value shows as an edit of one value.

use std::io;

use serde::Serialize;
use serde_json::Value;
use serde_json::ser::{CharEscape, CompactFormatter, Formatter, PrettyFormatter, Serializer};

/// The value as text without a space.
pub(super) fn compact(value: &Value) -> Vec<u8> {
    written(value, CompactFormatter)
}

/// The value in the first spelling in which the original reads back to its own bytes: Python's, compact, indented. Where it
/// is none of them, Python's.
pub(super) fn write_like(original: &[u8], value: &Value) -> Vec<u8> {
    let end = original
        .iter()
        .rev()
        .take_while(|byte| byte.is_ascii_whitespace())
        .count();
    let (body, end) = original.split_at(original.len() - end);
    let before: Value = serde_json::from_slice(body).unwrap_or_default();
    let spellings: [fn(&Value) -> Vec<u8>; 3] = [python, compact, indented];
    let spelling = spellings
        .into_iter()
        .find(|spelling| spelling(&before) == body)
        .unwrap_or(python);
    let mut bytes = spelling(value);
    bytes.extend_from_slice(end);
    bytes
}

fn python(value: &Value) -> Vec<u8> {
    written(value, Python)
}

fn indented(value: &Value) -> Vec<u8> {
    written(value, PrettyFormatter::new())
}

fn written(value: &Value, formatter: impl Formatter) -> Vec<u8> {
    let mut bytes = Vec::new();
    // Writing a value into memory cannot fail.
    let _ = value.serialize(&mut Serializer::with_formatter(&mut bytes, formatter));
    bytes
}

/// `json.dump` as it comes: a space after comma and colon, nothing but ASCII.
struct Python;

impl Formatter for Python {
    fn begin_array_value<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        writer.write_all(if first { b"" } else { b", " })
    }

    fn begin_object_key<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        writer.write_all(if first { b"" } else { b", " })
    }

    fn begin_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b": ")
    }

    fn write_string_fragment<W: ?Sized + io::Write>(&mut self, writer: &mut W, text: &str) -> io::Result<()> {
        for character in text.chars() {
            if character.is_ascii() && character != '\x7f' {
                write!(writer, "{character}")?;
            } else {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    write!(writer, "\\u{unit:04x}")?;
                }
            }
        }
        Ok(())
    }

    fn write_char_escape<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        escape: CharEscape,
    ) -> io::Result<()> {
        CompactFormatter.write_char_escape(writer, escape)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_text_keeps_its_spelling() {
        let changed = json!({"a": [1, "ü😀"], "b": {}});
        for (original, expected) in [
            (
                r#"{"a": [1, 2], "b": "x\u00fc"}"#,
                r#"{"a": [1, "\u00fc\ud83d\ude00"], "b": {}}"#,
            ),
            ("{\"a\":[1],\"b\":\"ü\"}\n", "{\"a\":[1,\"ü😀\"],\"b\":{}}\n"),
            (
                "{\n  \"a\": 1,\n  \"b\": 2\n}",
                "{\n  \"a\": [\n    1,\n    \"ü😀\"\n  ],\n  \"b\": {}\n}",
            ),
            ("{ \"a\" :1}", r#"{"a": [1, "\u00fc\ud83d\ude00"], "b": {}}"#),
            ("", r#"{"a": [1, "\u00fc\ud83d\ude00"], "b": {}}"#),
        ] {
            let written = String::from_utf8(write_like(original.as_bytes(), &changed)).unwrap();
            assert_eq!(written, expected, "{original}");
        }
    }
}
