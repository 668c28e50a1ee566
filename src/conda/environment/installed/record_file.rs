//! The few fields of a record in `conda-meta` that a list of packages needs, read without looking at the rest.
//!
//! Nearly all of a record is `files` and `paths_data`: a file or two for each of up to 100,000 files. conda, mamba and rattler
//! write records with one value a line, so that the end of a list is the first line that holds nothing but its closing bracket at
//! the depth of its key. A record of another shape, or one where that turns out wrong, is read character by character.
//!
//! Of a large record not even all is read: `paths_data` takes four fifths of it and stands near the end, so that a gap in the
//! middle falls into it. A gap that falls elsewhere is noticed, and the record is read whole.

use std::fs::File;
use std::io::{self, BufRead, Read, Seek, SeekFrom};
use std::path::Path;

use super::Noarch;

/// A smaller record is read whole.
const LARGE: u64 = 128 * 1024;

/// What is read from the end of a large record.
const TAIL: u64 = 8 * 1024;

/// What a record says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct RecordFile {
    pub name: String,
    pub version: String,
    pub build: String,
    pub build_number: u64,
    pub channel: Option<String>,
    pub subdir: String,
    pub url: Option<String>,
    pub file_name: Option<String>,
    pub size: Option<u64>,
    pub noarch: Option<Noarch>,
    pub requested_specs: Vec<String>,
    pub md5: Option<String>,
    pub sha256: Option<String>,
    /// Where a Python keeps its packages, below the prefix.
    pub site_packages: Option<String>,
    /// The files that tell of a Python package: `…/<name>.dist-info/RECORD` and its like.
    pub anchors: Vec<String>,
}

/// What conda takes for the sign of a Python package, without the quotation mark and comma that follow in a list.
const ANCHORS: [&[u8]; 3] = [b".dist-info/RECORD", b".egg-info/PKG-INFO", b".egg-info"];

impl RecordFile {
    /// # Errors
    /// In words: what is wrong with the text.
    pub fn read(path: &Path) -> Result<Self, String> {
        let said = |error: io::Error| error.to_string();
        let mut file = File::open(path).map_err(said)?;
        let length = file.metadata().map_err(said)?.len();
        if length > LARGE
            && let Some((bytes, gap)) = with_gap(&mut file, length).map_err(said)?
        {
            let mut reader = Reader::new(&bytes, true);
            reader.gap = Some(gap);
            if let Ok(record) = reader.record() {
                return Ok(record);
            }
        }
        let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or_default() + 1);
        file.rewind().map_err(said)?;
        file.read_to_end(&mut bytes).map_err(said)?;
        Self::parse(&bytes)
    }

    /// # Errors
    /// In words: what is wrong with the text.
    pub fn parse(bytes: &[u8]) -> Result<Self, String> {
        match Reader::new(bytes, true).record() {
            Ok(record) => Ok(record),
            Err(_) => Reader::new(bytes, false).record(),
        }
    }
}

/// The beginning and the end of a record, whole lines joined, and where. Nothing where there are no lines.
fn with_gap(file: &mut File, length: u64) -> io::Result<Option<(Vec<u8>, usize)>> {
    let head = length / 4 + 16 * 1024;
    let mut bytes = Vec::new();
    Read::by_ref(file).take(head).read_to_end(&mut bytes)?;
    let Some(end) = bytes.iter().rposition(|byte| *byte == b'\n') else {
        return Ok(None);
    };
    let gap = end + 1;
    bytes.truncate(gap);
    let from = length.saturating_sub(TAIL);
    if from < head {
        return Ok(None);
    }
    file.seek(SeekFrom::Start(from))?;
    let mut tail = Vec::new();
    file.read_to_end(&mut tail)?;
    Ok(tail.iter().position(|byte| *byte == b'\n').map(|line| {
        bytes.extend_from_slice(&tail[line + 1..]);
        (bytes, gap)
    }))
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    /// Whether lists are passed over line by line.
    by_lines: bool,
    /// Where something is left out.
    gap: Option<usize>,
}

impl<'a> Reader<'a> {
    fn new(bytes: &'a [u8], by_lines: bool) -> Self {
        let at = if bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
        Self {
            bytes,
            at,
            by_lines,
            gap: None,
        }
    }

    fn record(&mut self) -> Result<RecordFile, String> {
        let mut record = RecordFile::default();
        self.expect(b'{')?;
        if self.peek() == Some(b'}') {
            self.at += 1;
        } else {
            loop {
                let line = self.at;
                let key = self.key()?;
                let indent = self.indent(line);
                self.expect(b':')?;
                self.peek();
                self.field(&mut record, key, indent)?;
                let has_gap = self.gap.is_some_and(|gap| line < gap && gap <= self.at);
                if has_gap && key != b"paths_data" {
                    return Err("what is left out is needed".to_owned());
                }
                match self.next() {
                    Some(b',') => {}
                    Some(b'}') => break,
                    _ => return Err(self.wrong("a comma or the end")),
                }
            }
        }
        if self.peek().is_some() {
            return Err(self.wrong("the end of the file"));
        }
        for (field, value) in [
            ("name", &record.name),
            ("version", &record.version),
            ("build", &record.build),
        ] {
            if value.is_empty() && field != "build" {
                return Err(format!("it has no {field}"));
            }
        }
        Ok(record)
    }

    fn field(&mut self, record: &mut RecordFile, key: &[u8], indent: &'a [u8]) -> Result<(), String> {
        match key {
            b"name" => record.name = self.text()?.unwrap_or_default(),
            b"version" => record.version = self.text()?.unwrap_or_default(),
            b"build" | b"build_string" => record.build = self.text()?.unwrap_or_default(),
            b"build_number" => record.build_number = self.number()?.unwrap_or_default(),
            b"channel" => record.channel = self.text()?,
            b"subdir" => record.subdir = self.text()?.unwrap_or_default(),
            b"url" => record.url = self.text()?,
            b"fn" => record.file_name = self.text()?,
            b"size" => record.size = self.number()?,
            b"md5" => record.md5 = self.text()?,
            b"sha256" => record.sha256 = self.text()?,
            b"python_site_packages_path" => record.site_packages = self.text()?,
            b"noarch" => {
                record.noarch = match self.scalar()? {
                    Scalar::Text(text) if text == "python" => Some(Noarch::Python),
                    Scalar::Text(_) | Scalar::True => Some(Noarch::Generic),
                    _ => None,
                }
            }
            b"requested_spec" => {
                // conda writes the word where there is none.
                let spec = self.text()?.filter(|spec| !spec.is_empty() && spec != "None");
                if record.requested_specs.is_empty() {
                    record.requested_specs.extend(spec);
                }
            }
            b"requested_specs" => {
                let specs = self.texts()?;
                if !specs.is_empty() {
                    record.requested_specs = specs;
                }
            }
            b"files" => record.anchors = self.anchors(indent)?,
            _ => self.pass_over(indent)?,
        }
        Ok(())
    }

    /// The next byte that is no space.
    fn peek(&mut self) -> Option<u8> {
        while let Some(byte) = self.bytes.get(self.at) {
            if !matches!(byte, b' ' | b'\n' | b'\r' | b'\t') {
                return Some(*byte);
            }
            self.at += 1;
        }
        None
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.peek();
        self.at += usize::from(byte.is_some());
        byte
    }

    fn expect(&mut self, wanted: u8) -> Result<(), String> {
        match self.next() {
            Some(byte) if byte == wanted => Ok(()),
            _ => Err(self.wrong(&format!("'{}'", char::from(wanted)))),
        }
    }

    fn wrong(&self, wanted: &str) -> String {
        let line = 1 + self.bytes[..self.at.min(self.bytes.len())]
            .iter()
            .filter(|byte| **byte == b'\n')
            .count();
        format!("line {line} is no JSON: {wanted} is missing")
    }

    /// The spaces before the key that stands first in its line; `from` is where the last value ended.
    fn indent(&self, from: usize) -> &'a [u8] {
        let between = &self.bytes[from..];
        let spaces = between
            .iter()
            .take_while(|byte| byte.is_ascii_whitespace())
            .count();
        let between = &between[..spaces];
        match between.iter().rposition(|byte| *byte == b'\n') {
            Some(at) => &between[at + 1..],
            None => b"",
        }
    }

    /// A key; one with escapes in it is none that is looked for.
    fn key(&mut self) -> Result<&'a [u8], String> {
        match self.peek() {
            Some(b'"') => self.raw_text(),
            _ => Err(self.wrong("a key")),
        }
    }

    /// What stands between two quotation marks, escapes and all.
    fn raw_text(&mut self) -> Result<&'a [u8], String> {
        let start = self.at + 1;
        let mut at = start;
        while let Some(byte) = self.bytes.get(at) {
            match byte {
                b'"' => {
                    self.at = at + 1;
                    return Ok(&self.bytes[start..at]);
                }
                b'\\' => at += 2,
                _ => at += 1,
            }
        }
        self.at = self.bytes.len();
        Err(self.wrong("a closing quotation mark"))
    }

    fn scalar(&mut self) -> Result<Scalar, String> {
        match self.peek() {
            Some(b'"') => {
                let raw = self.raw_text()?;
                let text = match raw.contains(&b'\\') {
                    false => std::str::from_utf8(raw).ok().map(str::to_owned),
                    true => {
                        let quoted = [b"\"", raw, b"\""].concat();
                        serde_json::from_slice(&quoted).ok()
                    }
                };
                text.map(Scalar::Text).ok_or_else(|| self.wrong("text"))
            }
            Some(b'[' | b'{') => {
                self.pass_over(b"")?;
                Ok(Scalar::Other)
            }
            Some(_) => {
                let end = |byte: &u8| matches!(byte, b',' | b'}' | b']') || byte.is_ascii_whitespace();
                let rest = &self.bytes[self.at..];
                let length = rest.iter().position(end).unwrap_or(rest.len());
                self.at += length;
                match &rest[..length] {
                    b"null" | b"false" => Ok(Scalar::Other),
                    b"true" => Ok(Scalar::True),
                    number if number.iter().all(|byte| b"+-.eE0123456789".contains(byte)) && length > 0 => {
                        let number = std::str::from_utf8(number).unwrap_or_default();
                        Ok(number.parse().map_or(Scalar::Other, Scalar::Number))
                    }
                    _ => Err(self.wrong("a value")),
                }
            }
            None => Err(self.wrong("a value")),
        }
    }

    fn text(&mut self) -> Result<Option<String>, String> {
        Ok(match self.scalar()? {
            Scalar::Text(text) => Some(text),
            // Old builds of a package are numbers where somebody forgot the quotation marks.
            Scalar::Number(number) => Some(number.to_string()),
            _ => None,
        })
    }

    fn number(&mut self) -> Result<Option<u64>, String> {
        Ok(match self.scalar()? {
            Scalar::Number(number) => Some(number),
            Scalar::Text(text) => text.parse().ok(),
            _ => None,
        })
    }

    /// A list of texts; anything else has none.
    fn texts(&mut self) -> Result<Vec<String>, String> {
        if self.peek() != Some(b'[') {
            self.scalar()?;
            return Ok(Vec::new());
        }
        self.at += 1;
        let mut texts = Vec::new();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(texts);
        }
        loop {
            if let Scalar::Text(text) = self.scalar()? {
                texts.push(text);
            }
            match self.next() {
                Some(b',') => {}
                Some(b']') => return Ok(texts),
                _ => return Err(self.wrong("a comma or ']'")),
            }
        }
    }

    /// The anchors in the list of files.
    fn anchors(&mut self, indent: &[u8]) -> Result<Vec<String>, String> {
        let mut anchors = Vec::new();
        let mut note = |line: &[u8]| {
            if let Some(anchor) = anchor(line) {
                anchors.push(anchor);
            }
        };
        if self.lines_until(indent, &mut note) {
            return Ok(anchors);
        }
        let texts = self.texts()?;
        let is_anchor = |text: &String| ANCHORS.iter().any(|end| text.as_bytes().ends_with(end));
        Ok(texts.into_iter().filter(is_anchor).collect())
    }

    fn pass_over(&mut self, indent: &[u8]) -> Result<(), String> {
        match self.peek() {
            Some(b'[' | b'{') => {}
            _ => return self.scalar().map(drop),
        }
        if self.lines_until(indent, &mut |_| {}) {
            return Ok(());
        }
        let mut depth = 0_usize;
        while let Some(byte) = self.bytes.get(self.at) {
            match byte {
                b'"' => {
                    self.raw_text()?;
                    continue;
                }
                b'[' | b'{' => depth += 1,
                b']' | b'}' => depth -= 1,
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                return Ok(());
            }
        }
        Err(self.wrong("a closing bracket"))
    }

    /// Passes over a list or object whose brackets stand at the end of the key's line and alone at the depth of the key. No
    /// line end can stand in a text of JSON. False, and nothing is passed over, where it is laid out otherwise.
    fn lines_until(&mut self, indent: &[u8], each: &mut impl FnMut(&[u8])) -> bool {
        let close = match self.bytes.get(self.at) {
            Some(b'[') => b']',
            Some(b'{') => b'}',
            _ => return false,
        };
        let mut rest = &self.bytes[self.at + 1..];
        if !self.by_lines || indent.is_empty() || !(rest.starts_with(b"\n") || rest.starts_with(b"\r\n")) {
            return false;
        }
        loop {
            let line = rest;
            // Finding the end of a line is what the standard library does fastest.
            let length = match rest.skip_until(b'\n') {
                Ok(length) if length > 0 => length,
                _ => return false,
            };
            let line = &line[..length];
            if line.len() > indent.len() && line[indent.len()] == close && line.starts_with(indent) {
                self.at = self.bytes.len() - rest.len() - length + indent.len() + 1;
                return true;
            }
            each(line);
        }
    }
}

enum Scalar {
    Text(String),
    Number(u64),
    True,
    /// `null`, `false`, a number of another kind, a list or object.
    Other,
}

/// The file that a line of a list names, if it is an anchor: `    "lib/python3.12/site-packages/x-1.dist-info/RECORD",`.
fn anchor(line: &[u8]) -> Option<String> {
    let line = line.trim_ascii_end();
    let line = line.strip_suffix(b",").unwrap_or(line).strip_suffix(b"\"")?;
    if !ANCHORS.iter().any(|end| line.ends_with(end)) {
        return None;
    }
    let text = line.trim_ascii_start().strip_prefix(b"\"")?;
    let text = std::str::from_utf8(text).ok()?;
    // In a list of files of Windows.
    Some(text.replace("\\\\", "/").replace('\\', "/"))
}

#[cfg(test)]
mod tests;
