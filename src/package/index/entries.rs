//! Takes `repodata.json` apart while it arrives, without holding more of it than one record.
//!
//! What counts as a record is an entry of the top-level maps `packages` and `packages.conda`. Its inside is not looked at
//! here, so that one broken record stands in nobody's way; what is around the records has to be right. Nothing is allocated
//! for a file of any size, whatever its line lengths.

use thiserror::Error;

/// A record beyond this size is passed over, since it is none.
const LARGEST_RECORD: usize = 4 * 1024 * 1024;

/// `info` beyond this size is passed over.
const LARGEST_INFO: usize = 1024 * 1024;

/// Why a text is no index of a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(super) enum NotAnIndex {
    #[error("it does not begin with a JSON object")]
    NoObject,
    #[error("it is not JSON from byte {at} on")]
    NotJson { at: u64 },
    #[error("it ends in the middle, after {after} bytes")]
    CutShort { after: u64 },
    #[error("it has no packages")]
    NoPackages,
}

/// What is found on the way.
pub(super) trait Entries {
    /// An entry of `packages` or `packages.conda`: the file's name and its record, as they are written. The record is
    /// `None` where it is too large to be one.
    fn record(&mut self, file_name: &[u8], record: Option<&[u8]>);

    /// The value of `info`.
    fn info(&mut self, info: &[u8]);
}

/// Where in the file the reader is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Start,
    /// In the outermost object, before a key or the end.
    Top {
        first: bool,
    },
    /// In a map of records, before a file's name or the end.
    Map {
        first: bool,
    },
    /// In a value that is passed over.
    Passing {
        back_to: Back,
        scan: Scan,
    },
    End,
}

/// Whither after a value that is passed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Back {
    Top,
    Map,
}

impl Back {
    const fn place(self) -> Place {
        match self {
            Self::Top => Place::Top { first: false },
            Self::Map => Place::Map { first: false },
        }
    }
}

/// How a step through the bytes at hand has ended.
enum Step {
    /// So many bytes are done with.
    Took(usize, Place),
    /// More bytes are needed to tell.
    More,
}

pub(super) struct Splitter<E> {
    entries: E,
    place: Place,
    /// Bytes that begin something that has not ended yet.
    rest: Vec<u8>,
    /// Bytes before `rest`.
    before: u64,
    has_packages: bool,
}

impl<E: Entries> Splitter<E> {
    pub(super) fn new(entries: E) -> Self {
        Self {
            entries,
            place: Place::Start,
            rest: Vec::new(),
            before: 0,
            has_packages: false,
        }
    }

    pub(super) fn entries_mut(&mut self) -> &mut E {
        &mut self.entries
    }

    /// Takes the next bytes of the file.
    pub(super) fn feed(&mut self, bytes: &[u8]) -> Result<(), NotAnIndex> {
        if self.rest.is_empty() {
            let taken = self.walk(bytes)?;
            self.rest.extend_from_slice(&bytes[taken..]);
            return Ok(());
        }
        let mut all = std::mem::take(&mut self.rest);
        all.extend_from_slice(bytes);
        let taken = self.walk(&all)?;
        all.drain(..taken);
        self.rest = all;
        Ok(())
    }

    /// The file has ended.
    pub(super) fn finish(mut self) -> Result<E, NotAnIndex> {
        // A scalar at the very end is over now; nothing else changes by a blank.
        self.feed(b" ")?;
        let after = self.before + self.rest.len() as u64;
        match self.place {
            Place::End if self.has_packages => Ok(self.entries),
            Place::End => Err(NotAnIndex::NoPackages),
            Place::Start => Err(NotAnIndex::NoObject),
            _ => Err(NotAnIndex::CutShort {
                after: after.saturating_sub(1),
            }),
        }
    }

    /// Goes as far as the bytes allow; gives how many are done with.
    fn walk(&mut self, bytes: &[u8]) -> Result<usize, NotAnIndex> {
        let mut at = 0;
        while at < bytes.len() {
            match self.step(&bytes[at..]) {
                Ok(Step::Took(count, place)) => {
                    at += count;
                    self.before += count as u64;
                    self.place = place;
                }
                Ok(Step::More) => break,
                Err(Wrong) => {
                    return Err(match self.place {
                        Place::Start => NotAnIndex::NoObject,
                        _ => NotAnIndex::NotJson { at: self.before },
                    });
                }
            }
        }
        Ok(at)
    }

    fn step(&mut self, bytes: &[u8]) -> Result<Step, Wrong> {
        match self.place {
            Place::Start => start(bytes),
            Place::Top { first } => self.top(bytes, first),
            Place::Map { first } => self.map(bytes, first),
            Place::Passing { back_to, mut scan } => Ok(match scan.go_on(bytes)? {
                Some(end) => Step::Took(end, back_to.place()),
                None => Step::Took(bytes.len(), Place::Passing { back_to, scan }),
            }),
            Place::End => match blank(bytes) {
                count if count == bytes.len() => Ok(Step::Took(count, Place::End)),
                _ => Err(Wrong),
            },
        }
    }

    /// A key of the outermost object and what follows, or its end.
    fn top(&mut self, bytes: &[u8], first: bool) -> Result<Step, Wrong> {
        let Some(key) = key(bytes, first)? else {
            return more(bytes);
        };
        let (name, value_at) = match key {
            Key::End(count) => return Ok(Step::Took(count, Place::End)),
            Key::Named { name, value_at } => (&bytes[name], value_at),
        };
        let Some(&begin) = bytes.get(value_at) else {
            return more(bytes);
        };
        if matches!(name, b"packages" | b"packages.conda") {
            self.has_packages = true;
            if begin == b'{' {
                return Ok(Step::Took(value_at + 1, Place::Map { first: true }));
            }
            // Nothing is fine, anything else is not.
            if begin != b'n' {
                return Err(Wrong);
            }
        }
        let passing = |scan| Place::Passing {
            back_to: Back::Top,
            scan,
        };
        if name == b"info" {
            let mut scan = Scan::default();
            return match scan.go_on(&bytes[value_at..])? {
                Some(end) => {
                    self.entries.info(&bytes[value_at..value_at + end]);
                    Ok(Step::Took(value_at + end, Place::Top { first: false }))
                }
                None if bytes.len() - value_at > LARGEST_INFO => Ok(Step::Took(bytes.len(), passing(scan))),
                None => Ok(Step::More),
            };
        }
        Ok(Step::Took(value_at, passing(Scan::default())))
    }

    /// A record, or the end of its map.
    fn map(&mut self, bytes: &[u8], first: bool) -> Result<Step, Wrong> {
        let Some(key) = key(bytes, first)? else {
            return more(bytes);
        };
        let (name, value_at) = match key {
            Key::End(count) => return Ok(Step::Took(count, Place::Top { first: false })),
            Key::Named { name, value_at } => (name, value_at),
        };
        let mut scan = Scan::default();
        match scan.go_on(&bytes[value_at..])? {
            Some(end) => {
                let record = &bytes[value_at..value_at + end];
                self.entries.record(&bytes[name], Some(record));
                Ok(Step::Took(value_at + end, Place::Map { first: false }))
            }
            None if bytes.len() - value_at > LARGEST_RECORD => {
                self.entries.record(&bytes[name], None);
                let back_to = Back::Map;
                Ok(Step::Took(bytes.len(), Place::Passing { back_to, scan }))
            }
            None => Ok(Step::More),
        }
    }
}

/// The bytes are no JSON, or not of the shape of an index.
struct Wrong;

/// More bytes are needed for a key; no key is that long.
fn more(bytes: &[u8]) -> Result<Step, Wrong> {
    match bytes.len() > LARGEST_RECORD {
        true => Err(Wrong),
        false => Ok(Step::More),
    }
}

fn start(bytes: &[u8]) -> Result<Step, Wrong> {
    const MARK: &[u8] = b"\xef\xbb\xbf";
    if bytes.len() < MARK.len() && MARK.starts_with(bytes) {
        return Ok(Step::More);
    }
    let mark = if bytes.starts_with(MARK) { MARK.len() } else { 0 };
    let at = mark + blank(&bytes[mark..]);
    match bytes.get(at) {
        None => Ok(Step::More),
        Some(b'{') => Ok(Step::Took(at + 1, Place::Top { first: true })),
        Some(_) => Err(Wrong),
    }
}

/// How many blanks the bytes begin with.
fn blank(bytes: &[u8]) -> usize {
    let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
    bytes
        .iter()
        .position(|byte| !is_blank(byte))
        .unwrap_or(bytes.len())
}

enum Key {
    /// The object ends, so many bytes on.
    End(usize),
    Named {
        name: std::ops::Range<usize>,
        value_at: usize,
    },
}

/// The next key of an object, behind a comma unless it is the first; nothing where the bytes do not say yet.
fn key(bytes: &[u8], first: bool) -> Result<Option<Key>, Wrong> {
    let mut at = blank(bytes);
    match bytes.get(at) {
        None => return Ok(None),
        Some(b'}') => return Ok(Some(Key::End(at + 1))),
        Some(b',') if !first => at += 1,
        Some(_) if first => {}
        Some(_) => return Err(Wrong),
    }
    at += blank(&bytes[at..]);
    match bytes.get(at) {
        None => return Ok(None),
        Some(b'"') => {}
        Some(_) => return Err(Wrong),
    }
    let Some(length) = end_of_string(&bytes[at + 1..]) else {
        return Ok(None);
    };
    let name = at + 1..at + 1 + length;
    at = name.end + 1;
    at += blank(&bytes[at..]);
    match bytes.get(at) {
        None => return Ok(None),
        Some(b':') => at += 1,
        Some(_) => return Err(Wrong),
    }
    at += blank(&bytes[at..]);
    if at >= bytes.len() {
        return Ok(None);
    }
    Ok(Some(Key::Named { name, value_at: at }))
}

/// How far it is to the quote that ends a string.
fn end_of_string(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        at += quote_or_backslash(&bytes[at..])?;
        if bytes[at] == b'"' {
            return Some(at);
        }
        at += 2;
        if at > bytes.len() {
            return None;
        }
    }
}

/// Where the first quote or backslash is; eight bytes at a time.
fn quote_or_backslash(bytes: &[u8]) -> Option<usize> {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGHS: u64 = 0x8080_8080_8080_8080;
    // The lowest set bit marks the first byte that is zero.
    let zeroes = |word: u64| word.wrapping_sub(ONES) & !word & HIGHS;
    let mut words = bytes.chunks_exact(8);
    let mut at = 0;
    for word in words.by_ref() {
        let mut eight = [0; 8];
        eight.copy_from_slice(word);
        let word = u64::from_le_bytes(eight);
        let found = zeroes(word ^ (ONES * b'"' as u64)) | zeroes(word ^ (ONES * b'\\' as u64));
        if found != 0 {
            return Some(at + found.trailing_zeros() as usize / 8);
        }
        at += 8;
    }
    let last = words
        .remainder()
        .iter()
        .position(|byte| matches!(byte, b'"' | b'\\'));
    last.map(|last| at + last)
}

/// The way through one JSON value, which may be interrupted anywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Scan {
    kind: Kind,
    depth: u32,
    in_string: bool,
    escaped: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Kind {
    #[default]
    Unknown,
    Text,
    Container,
    /// A number, or one of the three words.
    Scalar,
}

impl Scan {
    /// Takes bytes of the value; gives where it ends, when it does.
    fn go_on(&mut self, bytes: &[u8]) -> Result<Option<usize>, Wrong> {
        let mut at = 0;
        if self.kind == Kind::Unknown {
            match bytes.first() {
                None => return Ok(None),
                Some(b'{' | b'[') => (self.kind, self.depth) = (Kind::Container, 1),
                Some(b'"') => (self.kind, self.in_string) = (Kind::Text, true),
                Some(b'-' | b'0'..=b'9' | b't' | b'f' | b'n') => self.kind = Kind::Scalar,
                Some(_) => return Err(Wrong),
            }
            at = 1;
        }
        match self.kind {
            Kind::Scalar => {
                let ends = |byte: &u8| matches!(byte, b',' | b'}' | b']' | b' ' | b'\t' | b'\n' | b'\r');
                Ok(bytes[at..].iter().position(ends).map(|end| at + end))
            }
            _ => Ok(self.nested(bytes, at)),
        }
    }

    fn nested(&mut self, bytes: &[u8], mut at: usize) -> Option<usize> {
        while at < bytes.len() {
            if self.in_string {
                if std::mem::take(&mut self.escaped) {
                    at += 1;
                    continue;
                }
                at += quote_or_backslash(&bytes[at..])?;
                self.escaped = bytes[at] == b'\\';
                self.in_string = self.escaped;
                at += 1;
                if !self.in_string && self.kind == Kind::Text {
                    return Some(at);
                }
                continue;
            }
            match bytes[at] {
                b'"' => self.in_string = true,
                b'{' | b'[' => self.depth = self.depth.saturating_add(1),
                b'}' | b']' => {
                    self.depth -= 1;
                    if self.depth == 0 {
                        return Some(at + 1);
                    }
                }
                _ => {}
            }
            at += 1;
        }
        None
    }
}

#[cfg(test)]
mod tests;
