//! Making the file of one channel and subdir, record by record.

use std::collections::HashMap;
use std::io::{self, Write};
use std::str::FromStr;

use rattler_conda_types::Version;
use sha2::{Digest, Sha256};
use zstd::bulk::Compressor;
use zstd::zstd_safe::CParameter;

use super::bytes::{checksum, put_number, put_text};
use super::{MAGIC, NUMBERS};

/// A block is closed at the next name once it is this large, so that one name's records are read with few others.
const BLOCK: usize = 24 * 1024;

/// A block is closed between two records of one name once it is this large.
const LARGEST_BLOCK: usize = 1024 * 1024;

/// The records of one name that stand together.
struct Run {
    block: usize,
    start: usize,
    length: usize,
}

#[derive(Default)]
struct Name {
    runs: Vec<Run>,
    /// In the order in which they come, with the number of their records.
    versions: Vec<(String, u64)>,
}

/// Where a block is: in the file, and how long it is there and in memory.
struct Block {
    offset: u64,
    length: usize,
    raw: usize,
}

/// What a file holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::package::index) struct Contents {
    pub(in crate::package::index) records: u64,
    /// Records that were broken and are left out.
    pub(in crate::package::index) skipped: u64,
}

pub(in crate::package::index) struct Writer<W> {
    out: W,
    written: u64,
    compressor: Compressor<'static>,
    blocks: Vec<Block>,
    raw: Vec<u8>,
    names: HashMap<String, Name>,
    /// The name whose records come, and where in `raw` they began.
    current: Option<(String, usize)>,
    contents: Contents,
}

impl<W: Write> Writer<W> {
    pub(in crate::package::index) fn new(mut out: W) -> io::Result<Self> {
        out.write_all(&MAGIC)?;
        let mut compressor = Compressor::new(1)?;
        compressor.set_parameter(CParameter::ChecksumFlag(true))?;
        Ok(Self {
            out,
            written: MAGIC.len() as u64,
            compressor,
            blocks: Vec::new(),
            raw: Vec::with_capacity(LARGEST_BLOCK),
            names: HashMap::new(),
            current: None,
            contents: Contents::default(),
        })
    }

    /// A record that is broken and left out.
    pub(in crate::package::index) fn skip(&mut self) {
        self.contents.skipped += 1;
    }

    /// Adds a name whose records are kept elsewhere.
    pub(in crate::package::index) fn add_name(&mut self, name: &str) {
        self.names.entry(name.to_owned()).or_default();
    }

    /// Adds a record as it is written; its name in lower case.
    pub(in crate::package::index) fn add(
        &mut self,
        name: &str,
        version: &str,
        file_name: &[u8],
        record: &[u8],
    ) -> io::Result<()> {
        let is_current = self.current.as_ref().is_some_and(|(current, _)| current == name);
        if !is_current || self.raw.len() >= LARGEST_BLOCK {
            self.end_run();
            if self.raw.len() >= BLOCK {
                self.end_block()?;
            }
            self.current = Some((name.to_owned(), self.raw.len()));
            if !self.names.contains_key(name) {
                self.names.insert(name.to_owned(), Name::default());
            }
        }
        put_text(&mut self.raw, file_name);
        put_text(&mut self.raw, record);
        self.contents.records += 1;
        if let Some(known) = self.names.get_mut(name) {
            match known.versions.last_mut() {
                Some((last, count)) if last == version => *count += 1,
                _ => known.versions.push((version.to_owned(), 1)),
            }
        }
        Ok(())
    }

    fn end_run(&mut self) {
        let Some((name, start)) = self.current.take() else {
            return;
        };
        let run = Run {
            block: self.blocks.len(),
            start,
            length: self.raw.len() - start,
        };
        if let Some(known) = self.names.get_mut(&name) {
            known.runs.push(run);
        }
    }

    fn end_block(&mut self) -> io::Result<()> {
        if self.raw.is_empty() {
            return Ok(());
        }
        let compressed = self.compressor.compress(&self.raw)?;
        self.blocks.push(Block {
            offset: self.written,
            length: compressed.len(),
            raw: self.raw.len(),
        });
        self.raw.clear();
        self.put(&compressed)
    }

    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.out.write_all(bytes)?;
        self.written += bytes.len() as u64;
        Ok(())
    }

    /// Writes what is needed to find the records again. `base` is where their files are, if not beside the index.
    pub(in crate::package::index) fn finish(mut self, base: Option<&str>) -> io::Result<(W, Contents)> {
        self.end_run();
        self.end_block()?;
        let mut names: Vec<_> = std::mem::take(&mut self.names).into_iter().collect();
        names.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        let details_at = self.written;
        let mut index = Vec::new();
        let mut buffer = Vec::new();
        put_text(&mut index, base.unwrap_or_default().as_bytes());
        let mut kept = Vec::with_capacity(names.len());
        for (name, found) in names {
            let (versions, broken) = newest_first(found.versions);
            self.contents.skipped += broken;
            self.contents.records -= broken;
            if versions.is_empty() && !found.runs.is_empty() {
                continue;
            }
            details(&mut buffer, &found.runs, &versions);
            kept.push((name, self.written - details_at));
            self.put(&buffer)?;
        }
        put_number(&mut index, kept.len() as u64);
        for (name, at) in &kept {
            put_text(&mut index, name.as_bytes());
            put_number(&mut index, *at);
        }
        put_number(&mut index, self.blocks.len() as u64);
        for block in &self.blocks {
            put_number(&mut index, block.offset);
            put_number(&mut index, block.length as u64);
            put_number(&mut index, block.raw as u64);
        }
        let index_at = self.written;
        self.put(&index)?;
        let numbers: [u64; NUMBERS] = [
            details_at,
            index_at,
            index.len() as u64,
            self.contents.records,
            self.contents.skipped,
            kept.len() as u64,
        ];
        let mut footer: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
        let mut hash = Sha256::new();
        hash.update(&index);
        hash.update(&footer);
        footer.extend_from_slice(&hash.finalize());
        self.put(&footer)?;
        self.out.flush()?;
        Ok((self.out, self.contents))
    }
}

/// The versions in conda's order, each once, and how many records have one that conda cannot read.
fn newest_first(versions: Vec<(String, u64)>) -> (Vec<(String, u64)>, u64) {
    let mut broken = 0;
    let mut known: Vec<(Version, String, u64)> = Vec::with_capacity(versions.len());
    for (text, count) in versions {
        match Version::from_str(&text) {
            Ok(version) => known.push((version, text, count)),
            Err(_) => broken += count,
        }
    }
    known.sort_by(|(one, one_text, _), (other, other_text, _)| {
        other.cmp(one).then_with(|| other_text.cmp(one_text))
    });
    let mut all: Vec<(String, u64)> = Vec::with_capacity(known.len());
    for (_, text, count) in known {
        match all.last_mut() {
            Some((last, known)) if *last == text => *known += count,
            _ => all.push((text, count)),
        }
    }
    (all, broken)
}

fn details(buffer: &mut Vec<u8>, runs: &[Run], versions: &[(String, u64)]) {
    buffer.clear();
    buffer.extend_from_slice(&[0; 4]);
    put_number(buffer, runs.len() as u64);
    for run in runs {
        put_number(buffer, run.block as u64);
        put_number(buffer, run.start as u64);
        put_number(buffer, run.length as u64);
    }
    put_number(buffer, versions.len() as u64);
    for (version, count) in versions {
        put_text(buffer, version.as_bytes());
        put_number(buffer, *count);
    }
    let checksum = checksum(&buffer[4..]);
    buffer[..4].copy_from_slice(&checksum.to_le_bytes());
}
