//! Writing a string so that every YAML reader sees exactly that string, in ASCII only.

use std::fmt::Write as _;

/// How the scalar that is being replaced, or its neighbour, is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Quotes {
    #[default]
    None,
    Single,
    Double,
}

/// Where the string is going to stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// After `key: ` or `- `.
    Block,
    /// Between brackets, where `,`, `]` and for older readers `:` have a meaning.
    Flow,
}

/// The string as YAML source on one line: plain where readers of YAML 1.1 and 1.2 agree that it is this
/// string, quoted otherwise. Quotes that are already in use are kept where they suffice.
pub(super) fn write(value: &str, quotes: Quotes, place: Place) -> String {
    let printable = value.bytes().all(|b| (b' '..=b'~').contains(&b));
    match quotes {
        _ if !printable => double(value),
        Quotes::Double => double(value),
        Quotes::Single => single(value),
        Quotes::None if is_plain(value, place) => value.to_owned(),
        Quotes::None if value.contains(['"', '\\']) => single(value),
        Quotes::None => double(value),
    }
}

fn single(value: &str) -> String {
    format!("'{}'", value.replace('\'', "''"))
}

fn double(value: &str) -> String {
    let mut quoted = String::with_capacity(value.len() + 2);
    quoted.push('"');
    for c in value.chars() {
        match c {
            '"' | '\\' => {
                quoted.push('\\');
                quoted.push(c);
            }
            ' '..='~' => quoted.push(c),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            // Writing to a string cannot fail.
            _ => {
                let code = u32::from(c);
                let _ = match code {
                    0..=0xff => write!(quoted, "\\x{code:02X}"),
                    0x100..=0xffff => write!(quoted, "\\u{code:04X}"),
                    _ => write!(quoted, "\\U{code:08X}"),
                };
            }
        }
    }
    quoted.push('"');
    quoted
}

/// Whether all readers see this string when it stands without quotes. Deliberately narrow: a string that is
/// quoted without need costs nothing.
fn is_plain(value: &str, place: Place) -> bool {
    let Some(first) = value.chars().next() else {
        return false;
    };
    if !(first.is_ascii_alphanumeric() || matches!(first, '_' | '/' | '.' | '~' | '$')) {
        return false;
    }
    let allowed = |c: char| match c {
        'a'..='z' | 'A'..='Z' | '0'..='9' | '_' | '-' | '.' | '/' | '~' | '$' | '@' | '+' | '%' | '\\' => {
            true
        }
        ':' | '=' | '?' | '&' | '*' | '!' | '{' | '}' | '(' | ')' | ';' => place == Place::Block,
        _ => false,
    };
    value.chars().all(allowed) && !value.ends_with(':') && !has_other_meaning(value)
}

/// Booleans, nulls, numbers, dates and times of YAML 1.1 or 1.2.
fn has_other_meaning(value: &str) -> bool {
    const WORDS: [&str; 13] = [
        "y", "n", "yes", "no", "on", "off", "true", "false", "null", "~", ".inf", ".nan", "nan",
    ];
    if WORDS.contains(&value.to_ascii_lowercase().as_str()) {
        return true;
    }
    // A number, date or time consists of digits, punctuation and the letters of these forms; any other
    // letter, or a character of paths, rules it out.
    let of_numbers = |c: char| {
        c.is_ascii_hexdigit()
            || matches!(
                c,
                '+' | '-' | '.' | '_' | ':' | 'x' | 'X' | 'o' | 'O' | 't' | 'T' | 'z' | 'Z'
            )
    };
    value.starts_with(|c: char| c.is_ascii_digit() || c == '.') && value.chars().all(of_numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(value: &str) -> String {
        write(value, Quotes::None, Place::Block)
    }

    #[test]
    fn common_values_stay_plain() {
        for value in [
            "defaults",
            "conda-forge",
            "https://repo.corp:8080/conda",
            "https://host/conda/t/${AER_TOKEN}/org",
            "myorg/label/dev",
            "~/certs/ca.pem",
            "/etc/ssl/ca.pem",
            r"C:\certs\ca.pem",
            "3dgenomes",
            "strict",
        ] {
            assert_eq!(block(value), value);
        }
    }

    #[test]
    fn what_a_reader_could_take_for_something_else_is_quoted() {
        for value in [
            "",
            "yes",
            "NO",
            "on",
            "y",
            "null",
            "~",
            "true",
            "1e3",
            "012",
            "0x1f",
            "1_000",
            "12:30:45",
            ".5",
            ".inf",
            "2001-01-01",
            "2001-01-01T10:00:00Z",
            "-",
            "-x",
            "*x",
            "&x",
            "!x",
            "@x",
            "`x",
            "%x",
            "#x",
            "?x",
            "|",
            ">",
            "[a]",
            "{a}",
            "a b",
            " a",
            "a ",
            "a: b",
            "a #b",
            "a#b",
            "a:",
            "<<",
            "=",
            "'a",
            "---",
            "...",
            "-_",
            "._",
            "a,b",
            "nan",
        ] {
            assert_eq!(block(value), format!("\"{value}\""));
        }
    }

    #[test]
    fn everything_written_is_ascii_on_one_line() {
        assert_eq!(block("ünï"), r#""\xFCn\xEF""#);
        assert_eq!(
            block("a\nb\t\u{2028}\u{1f600}\u{7}"),
            r#""a\nb\t\u2028\U0001F600\x07""#
        );
        assert_eq!(block(r#"say "hi""#), r#"'say "hi"'"#);
        assert_eq!(block(r#"it's "x""#), r#"'it''s "x"'"#);
    }

    #[test]
    fn quotes_in_use_are_kept() {
        assert_eq!(write("a", Quotes::Single, Place::Block), "'a'");
        assert_eq!(write("a", Quotes::Double, Place::Block), "\"a\"");
        assert_eq!(write("ä", Quotes::Single, Place::Block), r#""\xE4""#);
    }

    #[test]
    fn brackets_need_more_quotes() {
        assert_eq!(write("https://h/x", Quotes::None, Place::Flow), "\"https://h/x\"");
        assert_eq!(write("conda-forge", Quotes::None, Place::Flow), "conda-forge");
    }
}
