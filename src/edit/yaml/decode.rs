//! From bytes to text that conda would accept at all.

use super::error::{SIZE_LIMIT, YamlError};
use super::source::line_number;

/// The text of a file, or why it is none.
pub(super) fn decode(bytes: &[u8]) -> Result<&str, YamlError> {
    if bytes.len() > SIZE_LIMIT {
        return Err(YamlError::TooLarge { bytes: bytes.len() });
    }
    let line_of = |at: usize| 1 + bytes[..at].iter().filter(|b| **b == b'\n').count();
    if let Some(at) = bytes.iter().position(|b| *b == 0) {
        return Err(YamlError::NulByte { line: line_of(at) });
    }
    let text = std::str::from_utf8(bytes).map_err(|error| YamlError::NotUtf8 {
        line: line_of(error.valid_up_to()),
    })?;
    if let Some(at) = lone_carriage_return(bytes) {
        return Err(YamlError::LoneCarriageReturn {
            line: line_number(text, at),
        });
    }
    let forbidden = text
        .char_indices()
        .find(|(at, c)| !is_accepted(*c) && (*c != '\u{feff}' || *at > 0));
    match forbidden {
        Some((at, c)) => Err(YamlError::ForbiddenCharacter {
            line: line_number(text, at),
            code: u32::from(c),
        }),
        None => Ok(text),
    }
}

fn lone_carriage_return(bytes: &[u8]) -> Option<usize> {
    let followed = |at: usize| bytes.get(at + 1) == Some(&b'\n');
    (0..bytes.len()).find(|at| bytes[*at] == b'\r' && !followed(*at))
}

/// conda's reader stops at control characters. U+0085, U+2028 and U+2029 are line ends to some readers and none
/// to others, and U+FEFF inside a file is invisible: a file with them has no certain meaning.
fn is_accepted(c: char) -> bool {
    match c {
        '\t' | '\n' | '\r' | ' '..='~' => true,
        '\u{2028}' | '\u{2029}' | '\u{feff}' => false,
        '\u{a0}'..='\u{fffd}' | '\u{10000}'.. => true,
        _ => false,
    }
}
