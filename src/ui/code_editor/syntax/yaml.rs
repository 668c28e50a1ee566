//! YAML, as `.condarc` and its like are written.

use super::{Open, Word, Words, is_number};

/// The words of a line, and what stays open behind it.
pub(super) fn line(line: &str, open: Open) -> (Words, Open) {
    let indent = line.bytes().take_while(|byte| *byte == b' ').count();
    if let Open::Block { indent: least } = open
        && (indent > least || line.trim().is_empty())
    {
        let words = if line.trim().is_empty() {
            Words::new()
        } else {
            vec![(indent..line.len(), Word::Quoted)]
        };
        return (words, open);
    }
    let mut reader = Reader {
        line,
        at: 0,
        indent,
        brackets: 0,
        words: Words::new(),
        block: None,
    };
    match open {
        Open::Quotes { mark, brackets } => {
            reader.brackets = brackets;
            if !reader.quoted(0, 0, mark) {
                return (reader.words, open);
            }
        }
        Open::Brackets(brackets) => reader.brackets = brackets,
        Open::Nothing | Open::Block { .. } | Open::Value => {}
    }
    let open = reader.read();
    (reader.words, open)
}

struct Reader<'a> {
    line: &'a str,
    at: usize,
    indent: usize,
    brackets: u8,
    words: Words,
    /// A sign that begins a block of text was the last thing read.
    block: Option<usize>,
}

impl Reader<'_> {
    fn byte(&self, at: usize) -> Option<u8> {
        self.line.as_bytes().get(at).copied()
    }

    fn push(&mut self, start: usize, end: usize, word: Word) {
        if start < end {
            self.words.push((start..end, word));
        }
    }

    fn read(&mut self) -> Open {
        if self.indent == 0 && self.at == 0 && self.is_document_mark() {
            self.push(0, self.line.trim_end().len(), Word::Directive);
            return Open::Nothing;
        }
        while self.at < self.line.len() {
            let start = self.at;
            let is_after_space = start == 0 || self.byte(start - 1).is_some_and(|b| b.is_ascii_whitespace());
            match self.line.as_bytes()[start] {
                b' ' | b'\t' => self.at += 1,
                b'#' if is_after_space => {
                    self.comment(start);
                    break;
                }
                mark @ (b'\'' | b'"') => {
                    if !self.quoted(start, start + 1, mark) {
                        return Open::Quotes {
                            mark,
                            brackets: self.brackets,
                        };
                    }
                }
                b'-' if self.brackets == 0 && self.is_before_space(start) => {
                    self.sign(start);
                    // What stands behind a dash is indented by it.
                    self.indent = start;
                }
                b'?' if self.is_before_space(start) => self.sign(start),
                b':' if self.is_before_space(start) || self.brackets > 0 => self.sign(start),
                b'[' | b'{' => {
                    self.brackets = self.brackets.saturating_add(1);
                    self.sign(start);
                }
                b']' | b'}' if self.brackets > 0 => {
                    self.brackets -= 1;
                    self.sign(start);
                }
                b',' if self.brackets > 0 => self.sign(start),
                b'|' | b'>' if self.brackets == 0 && self.begins_block(start) => {
                    self.block = Some(self.indent);
                    let end = start + self.word_length(start);
                    self.push(start, end, Word::Sign);
                    self.at = end;
                }
                b'&' | b'*' | b'!' => {
                    let end = start + self.word_length(start);
                    self.push(start, end, Word::Directive);
                    self.at = end;
                }
                _ => self.plain(start),
            }
        }
        match (self.block, self.brackets) {
            (Some(indent), _) => Open::Block { indent },
            (None, 0) => Open::Nothing,
            (None, brackets) => Open::Brackets(brackets),
        }
    }

    fn sign(&mut self, start: usize) {
        self.push(start, start + 1, Word::Sign);
        self.at = start + 1;
    }

    fn is_before_space(&self, at: usize) -> bool {
        self.byte(at + 1).is_none_or(|byte| byte.is_ascii_whitespace())
    }

    fn is_document_mark(&self) -> bool {
        let rest = self.line.trim_end();
        rest.starts_with('%') || rest == "---" || rest == "..." || rest.starts_with("--- ")
    }

    /// Whether only such signs stand behind it as may follow the beginning of a block.
    fn begins_block(&self, start: usize) -> bool {
        let rest = &self.line[start + 1..];
        let rest = rest.split(" #").next().unwrap_or_default().trim_end();
        rest.bytes().all(|byte| matches!(byte, b'+' | b'-' | b'0'..=b'9'))
    }

    fn word_length(&self, start: usize) -> usize {
        let ends = |c: char| c.is_whitespace() || (self.brackets > 0 && matches!(c, ',' | ']' | '}'));
        let rest = &self.line[start..];
        rest.find(ends).unwrap_or(rest.len())
    }

    fn comment(&mut self, start: usize) {
        let end = self.line.len();
        let word = if self.line[start..].starts_with("#!") {
            Word::Directive
        } else {
            Word::Comment
        };
        self.push(start, end, word);
        self.at = end;
    }

    /// Text in quotes that begins at `start`; its end is looked for from `inside` on. Tells whether it ends on this
    /// line.
    fn quoted(&mut self, start: usize, inside: usize, mark: u8) -> bool {
        let bytes = self.line.as_bytes();
        let mut at = inside;
        while at < bytes.len() {
            if mark == b'"' && bytes[at] == b'\\' {
                at += 2;
            } else if bytes[at] == mark {
                if mark == b'\'' && bytes.get(at + 1) == Some(&mark) {
                    at += 2;
                    continue;
                }
                let end = at + 1;
                if self.is_key(end) {
                    self.key(start, end);
                } else {
                    self.push(start, end, Word::Quoted);
                }
                self.at = end;
                return true;
            } else {
                at += 1;
            }
        }
        self.push(start, bytes.len(), Word::Quoted);
        self.at = bytes.len();
        false
    }

    fn key(&mut self, start: usize, end: usize) {
        self.push(start, end, Word::Key);
        if self.brackets == 0 {
            // A block of text is indented deeper than the setting it belongs to.
            self.indent = start;
        }
    }

    /// Whether what ends at `end` is the name of a setting: a colon follows.
    fn is_key(&self, end: usize) -> bool {
        let spaces = self.line[end..].bytes().take_while(|byte| *byte == b' ').count();
        let colon = end + spaces;
        self.byte(colon) == Some(b':') && self.is_before_space(colon)
    }

    /// A name, or a value without quotes: up to a colon, a comment or, within brackets, the next sign.
    fn plain(&mut self, start: usize) {
        let bytes = self.line.as_bytes();
        let mut end = start;
        while end < bytes.len() {
            let is_colon = bytes[end] == b':' && self.is_before_space(end);
            let is_comment = bytes[end] == b'#' && end > start && bytes[end - 1].is_ascii_whitespace();
            let is_sign = self.brackets > 0 && matches!(bytes[end], b',' | b'[' | b']' | b'{' | b'}');
            if is_colon || is_comment || is_sign {
                break;
            }
            end += 1;
        }
        let text = self.line[start..end].trim_end();
        let stop = start + text.len();
        if self.byte(end) == Some(b':') {
            self.key(start, stop);
        } else if is_number(text) {
            self.push(start, stop, Word::Number);
        } else if is_constant(text) {
            self.push(start, stop, Word::Constant);
        }
        self.at = end.max(start + 1);
        while !self.line.is_char_boundary(self.at) {
            self.at += 1;
        }
    }
}

fn is_constant(text: &str) -> bool {
    matches!(
        text.to_ascii_lowercase().as_str(),
        "true" | "false" | "yes" | "no" | "on" | "off" | "null" | "~"
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(lines: &[&str]) -> Vec<Vec<(String, Word)>> {
        let mut open = Open::Nothing;
        let mut all = Vec::new();
        for text in lines {
            let (words, after) = line(text, open);
            open = after;
            all.push(
                words
                    .into_iter()
                    .map(|(range, word)| (text[range].to_owned(), word))
                    .collect(),
            );
        }
        all
    }

    fn words(text: &str) -> Vec<(String, Word)> {
        read(&[text]).remove(0)
    }

    fn word(text: &str, word: Word) -> (String, Word) {
        (text.to_owned(), word)
    }

    #[test]
    fn settings_values_and_comments() {
        assert_eq!(
            words("ssl_verify: true  # as always"),
            [
                word("ssl_verify", Word::Key),
                word(":", Word::Sign),
                word("true", Word::Constant),
                word("# as always", Word::Comment)
            ]
        );
        assert_eq!(
            words("  - https://repo.example.com:8443/x#y"),
            [word("-", Word::Sign)],
            "an address is one value"
        );
        assert_eq!(
            words("channels: #!final"),
            [
                word("channels", Word::Key),
                word(":", Word::Sign),
                word("#!final", Word::Directive)
            ]
        );
        assert_eq!(
            words("'a key': 3"),
            [
                word("'a key'", Word::Key),
                word(":", Word::Sign),
                word("3", Word::Number)
            ]
        );
    }

    #[test]
    fn lists_and_maps_in_brackets() {
        assert_eq!(
            words("channels: [main, 'r', 1]"),
            [
                word("channels", Word::Key),
                word(":", Word::Sign),
                word("[", Word::Sign),
                word(",", Word::Sign),
                word("'r'", Word::Quoted),
                word(",", Word::Sign),
                word("1", Word::Number),
                word("]", Word::Sign)
            ]
        );
        let lines = read(&["a: [x,", "  true]", "b: 1"]);
        assert_eq!(lines[1], [word("true", Word::Constant), word("]", Word::Sign)]);
        assert_eq!(lines[2][0], word("b", Word::Key));
    }

    #[test]
    fn texts_of_several_lines() {
        let lines = read(&["a: |", "  b: not a key", "", "  # no comment", "c: 1"]);
        assert_eq!(lines[1], [word("b: not a key", Word::Quoted)]);
        assert_eq!(lines[3], [word("# no comment", Word::Quoted)]);
        assert_eq!(lines[4][0], word("c", Word::Key));
        let lines = read(&["- a: >-", "    text", "  b: 1"]);
        assert_eq!(lines[1], [word("text", Word::Quoted)]);
        assert_eq!(lines[2][0], word("b", Word::Key));
        let lines = read(&["a: \"x", "y: z\" # end", "b: 1"]);
        assert_eq!(
            lines[1],
            [word("y: z\"", Word::Quoted), word("# end", Word::Comment)]
        );
        assert_eq!(lines[2][0], word("b", Word::Key));
        let lines = read(&["a: 'it''s", "'", "b: 1"]);
        assert_eq!(lines[1], [word("'", Word::Quoted)]);
        assert_eq!(lines[2][0], word("b", Word::Key));
    }

    #[test]
    fn marks_of_the_document() {
        assert_eq!(words("---"), [word("---", Word::Directive)]);
        assert_eq!(
            words("a: &x !!str y"),
            [
                word("a", Word::Key),
                word(":", Word::Sign),
                word("&x", Word::Directive),
                word("!!str", Word::Directive)
            ]
        );
    }

    proptest! {
        #[test]
        fn words_follow_one_another_and_cut_no_character(
            lines in proptest::collection::vec("[-a-c:#'\"\\[\\]{},|>&*! ä€\\\\0-9]{0,24}", 1..6)
        ) {
            let mut open = Open::Nothing;
            for text in &lines {
                let (words, after) = line(text, open);
                open = after;
                let mut end = 0;
                for (range, _) in words {
                    prop_assert!(range.start >= end && range.end > range.start, "{text:?} {range:?}");
                    prop_assert!(text.get(range.clone()).is_some(), "{text:?} {range:?}");
                    end = range.end;
                }
            }
        }
    }
}
