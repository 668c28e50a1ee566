//! What of a file an editor does not show: line ends, a byte order mark, bytes that are no text.

use similar::{Algorithm, DiffOp, capture_diff_slices};

/// How the lines of a file end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineEnding {
    /// `\n`.
    LineFeed,
    /// `\r\n`.
    CarriageReturnLineFeed,
}

impl LineEnding {
    const fn as_str(self) -> &'static str {
        match self {
            Self::LineFeed => "\n",
            Self::CarriageReturnLineFeed => "\r\n",
        }
    }
}

const MARK: &str = "\u{feff}";

/// A file as it was opened.
#[derive(Clone)]
pub(super) struct Layout {
    original: Vec<u8>,
    text: String,
    marked: bool,
    usual: LineEnding,
}

impl Layout {
    /// `drops_mark` for a program that stumbles over a byte order mark.
    pub(super) fn of(bytes: &[u8], drops_mark: bool) -> Self {
        let decoded = String::from_utf8_lossy(bytes);
        let (marked, content) = match decoded.strip_prefix(MARK) {
            Some(content) => (!drops_mark, content),
            None => (false, decoded.as_ref()),
        };
        let first = content.find('\n');
        let usual = match first {
            Some(at) if content[..at].ends_with('\r') => LineEnding::CarriageReturnLineFeed,
            _ => LineEnding::LineFeed,
        };
        Self {
            original: bytes.to_vec(),
            text: content.replace("\r\n", "\n"),
            marked,
            usual,
        }
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn original(&self) -> &[u8] {
        &self.original
    }

    pub(super) fn line_ending(&self) -> LineEnding {
        self.usual
    }

    /// How far the first indented line is indented.
    pub(super) fn indent(&self) -> usize {
        self.text
            .lines()
            .filter(|line| !line.trim_start().starts_with('#'))
            .map(|line| line.len() - line.trim_start_matches(' ').len())
            .find(|indent| (1..=8).contains(indent))
            .unwrap_or(2)
    }

    /// The bytes of an edited text: a line that was there before has the end it had.
    pub(super) fn bytes_of(&self, text: &str) -> Vec<u8> {
        if text == self.text && !self.drops_a_mark() {
            return self.original.clone();
        }
        let mark = if self.marked { MARK } else { "" };
        let decoded = String::from_utf8_lossy(&self.original);
        let content = decoded.strip_prefix(MARK).unwrap_or(&decoded);
        let mixed = content.contains("\r\n") && content.replace("\r\n", "").contains('\n');
        if !mixed {
            return format!("{mark}{}", text.replace('\n', self.usual.as_str())).into_bytes();
        }
        let old: Vec<&str> = content.split_inclusive('\n').collect();
        let plain: Vec<String> = old.iter().map(|line| line.replace("\r\n", "\n")).collect();
        let new: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
        let mut written = mark.to_owned();
        for op in capture_diff_slices(Algorithm::Myers, &plain, &new) {
            match op {
                DiffOp::Equal { old_index, len, .. } => {
                    written.extend(old[old_index..old_index + len].iter().copied());
                }
                DiffOp::Insert {
                    new_index, new_len, ..
                }
                | DiffOp::Replace {
                    new_index, new_len, ..
                } => {
                    let lines = &new[new_index..new_index + new_len];
                    written.extend(lines.iter().map(|line| line.replace('\n', self.usual.as_str())));
                }
                DiffOp::Delete { .. } => {}
            }
        }
        written.into_bytes()
    }

    fn drops_a_mark(&self) -> bool {
        !self.marked && self.original.starts_with(MARK.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn saved(bytes: &[u8], edit: impl Fn(&str) -> String) -> String {
        let layout = Layout::of(bytes, false);
        String::from_utf8(layout.bytes_of(&edit(layout.text()))).unwrap()
    }

    #[test]
    fn what_is_not_edited_keeps_every_byte() {
        for bytes in [&b"a\r\nb\n"[..], b"\xef\xbb\xbfa\n", b"a: \xe9\n", b"", b"a\rb"] {
            let layout = Layout::of(bytes, false);
            assert_eq!(layout.bytes_of(layout.text()), bytes);
        }
    }

    #[test]
    fn lines_keep_their_ends_and_new_ones_take_the_usual() {
        let add = |text: &str| format!("{text}c\n");
        assert_eq!(saved(b"a\r\nb\r\n", add), "a\r\nb\r\nc\r\n");
        assert_eq!(saved(b"a\nb\r\n", add), "a\nb\r\nc\n");
        assert_eq!(saved(b"\xef\xbb\xbfa\n", add), "\u{feff}a\nc\n");
        assert_eq!(
            saved(b"a\r\nx\nb\r\n", |text| text.replace("x", "y")),
            "a\r\ny\r\nb\r\n"
        );
    }

    #[test]
    fn a_mark_that_stops_the_program_goes() {
        let layout = Layout::of("\u{feff}[global]\n".as_bytes(), true);
        assert_eq!(layout.text(), "[global]\n");
        assert_eq!(layout.bytes_of("[global]\n"), b"[global]\n");
    }
}
