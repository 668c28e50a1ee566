//! Reading the file of one channel and subdir.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use sha2::{Digest, Sha256};
use zstd::bulk::Decompressor;

use super::bytes::{Cursor, checksum};
use super::{FOOTER, MAGIC, NUMBERS, StoreError, damaged};

/// No block is larger in memory; one that says so is damaged.
const LARGEST_BLOCK: usize = 16 * 1024 * 1024;

/// The same for the list of names.
const LARGEST_INDEX: u64 = 1024 * 1024 * 1024;

/// The bytes of the checksum before the details of a name.
const CHECKSUM: usize = 4;

/// The names of a channel and subdir in memory, everything else in the file.
pub(in crate::package::index) struct Stored {
    /// Locked while some bytes are read.
    file: Mutex<File>,
    base: Option<String>,
    /// All names in order, one behind the other.
    names: String,
    /// Where each name ends in `names`.
    ends: Vec<u32>,
    /// Where each name's details begin in the file; one more marks the end of the last.
    details: Vec<u64>,
    blocks: Vec<Block>,
    records: u64,
    skipped: u64,
}

struct Block {
    offset: u64,
    length: u32,
    raw: u32,
}

/// What is known of a name without reading its records.
pub(in crate::package::index) struct Details {
    runs: Vec<(usize, usize, usize)>,
    /// The newest first, with the number of their records.
    #[cfg_attr(
        not(test),
        allow(
            dead_code,
            reason = "read with the rest; what a search shows of it is in the summary"
        )
    )]
    pub(in crate::package::index) versions: Vec<(String, u64)>,
}

impl Stored {
    pub(in crate::package::index) fn open(path: &Path) -> Result<Self, StoreError> {
        let mut file = File::open(path)?;
        let size = file.metadata()?.len();
        let mut magic = [0; MAGIC.len()];
        if size < (MAGIC.len() + FOOTER) as u64 {
            return Err(damaged("it is too short"));
        }
        file.read_exact(&mut magic)?;
        if magic != MAGIC {
            return Err(damaged("it has another format"));
        }
        let mut footer = [0; FOOTER];
        file.seek(SeekFrom::Start(size - FOOTER as u64))?;
        file.read_exact(&mut footer)?;
        let mut numbers = [0; NUMBERS];
        for (number, bytes) in numbers.iter_mut().zip(footer.chunks_exact(8)) {
            let mut eight = [0; 8];
            eight.copy_from_slice(bytes);
            *number = u64::from_le_bytes(eight);
        }
        let [details_at, index_at, index_length, records, skipped, names] = numbers;
        let ends = index_at
            .checked_add(index_length)
            .and_then(|end| end.checked_add(FOOTER as u64));
        if ends != Some(size) || details_at > index_at || index_length > LARGEST_INDEX {
            return Err(damaged("it was cut off"));
        }
        let mut index = vec![0; index_length as usize];
        file.seek(SeekFrom::Start(index_at))?;
        file.read_exact(&mut index)?;
        let mut hash = Sha256::new();
        hash.update(&index);
        hash.update(&footer[..8 * NUMBERS]);
        if hash.finalize().as_slice() != &footer[8 * NUMBERS..] {
            return Err(damaged("its index is not what was written"));
        }
        let mut stored = Self {
            file: Mutex::new(file),
            base: None,
            names: String::with_capacity(index.len()),
            ends: Vec::new(),
            details: Vec::new(),
            blocks: Vec::new(),
            records,
            skipped,
        };
        stored.read_index(&index, details_at, index_at)?;
        if stored.ends.len() as u64 != names {
            return Err(damaged("names are missing"));
        }
        Ok(stored)
    }

    fn read_index(&mut self, index: &[u8], details_at: u64, index_at: u64) -> Result<(), StoreError> {
        let mut cursor = Cursor::new(index);
        let base = cursor.utf8()?;
        self.base = (!base.is_empty()).then(|| base.to_owned());
        for _ in 0..cursor.count()? {
            let (name, at) = (cursor.utf8()?, cursor.number()?);
            let is_next = self.len() == 0 || self.name(self.len() - 1) < name;
            let at = details_at.checked_add(at).filter(|at| *at < index_at);
            let (true, Some(at)) = (is_next, at) else {
                return Err(damaged("the names are in disorder"));
            };
            self.names.push_str(name);
            self.ends.push(self.names.len() as u32);
            self.details.push(at);
        }
        self.details.push(index_at);
        for _ in 0..cursor.count()? {
            let (offset, length, raw) = (cursor.number()?, cursor.count()?, cursor.count()?);
            let ends = offset.checked_add(length as u64);
            if ends.is_none_or(|end| end > details_at) || raw > LARGEST_BLOCK {
                return Err(damaged("a block is where none can be"));
            }
            self.blocks.push(Block {
                offset,
                length: length as u32,
                raw: raw as u32,
            });
        }
        self.names.shrink_to_fit();
        match cursor.is_empty() && self.details.is_sorted() {
            true => Ok(()),
            false => Err(damaged("its index is in disorder")),
        }
    }

    /// Where the files of the records are, if not beside the index.
    pub(in crate::package::index) fn base(&self) -> Option<&str> {
        self.base.as_deref()
    }

    pub(in crate::package::index) const fn records(&self) -> u64 {
        self.records
    }

    pub(in crate::package::index) const fn skipped(&self) -> u64 {
        self.skipped
    }

    /// How many names there are.
    pub(in crate::package::index) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The name at this place, in order from 0.
    pub(in crate::package::index) fn name(&self, place: usize) -> &str {
        let start = place.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.names[start as usize..self.ends[place] as usize]
    }

    pub(in crate::package::index) fn names(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|place| self.name(place))
    }

    /// The place of a name that is written in lower case.
    pub(in crate::package::index) fn find(&self, name: &str) -> Option<usize> {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low.midpoint(high);
            match self.name(middle).cmp(name) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => return Some(middle),
            }
        }
        None
    }

    /// The newest version of a name and how many records it has; no version where they are kept elsewhere.
    pub(in crate::package::index) fn summary(
        &self,
        place: usize,
    ) -> Result<(Option<String>, u64), StoreError> {
        let bytes = self.checked_details(place)?;
        let mut cursor = Cursor::new(&bytes[CHECKSUM..]);
        for _ in 0..cursor.count()? {
            for _ in 0..3 {
                cursor.number()?;
            }
        }
        let (mut newest, mut records) = (None, 0_u64);
        for _ in 0..cursor.count()? {
            let version = cursor.utf8()?;
            newest.get_or_insert_with(|| version.to_owned());
            records = records.saturating_add(cursor.number()?);
        }
        Ok((newest, records))
    }

    fn checked_details(&self, place: usize) -> Result<Vec<u8>, StoreError> {
        let (start, end) = (self.details[place], self.details[place + 1]);
        let bytes = self.bytes(start, (end - start) as usize)?;
        let (sum, rest) = bytes
            .split_first_chunk::<CHECKSUM>()
            .ok_or(damaged("the details of a name are cut off"))?;
        match checksum(rest) == u32::from_le_bytes(*sum) {
            true => Ok(bytes),
            false => Err(damaged("the details of a name are not what was written")),
        }
    }

    pub(in crate::package::index) fn details(&self, place: usize) -> Result<Details, StoreError> {
        let bytes = self.checked_details(place)?;
        let mut cursor = Cursor::new(&bytes[CHECKSUM..]);
        let mut runs = Vec::new();
        for _ in 0..cursor.count()? {
            runs.push((cursor.count()?, cursor.count()?, cursor.count()?));
        }
        let mut versions = Vec::new();
        for _ in 0..cursor.count()? {
            versions.push((cursor.utf8()?.to_owned(), cursor.number()?));
        }
        Ok(Details { runs, versions })
    }

    /// Gives every record of a name, as it was written, with the name of its file.
    pub(in crate::package::index) fn records_of(
        &self,
        details: &Details,
        mut each: impl FnMut(&str, &[u8]),
    ) -> Result<(), StoreError> {
        let mut held: Option<(usize, Vec<u8>)> = None;
        for &(number, start, length) in &details.runs {
            let raw = match held.take() {
                Some((known, raw)) if known == number => raw,
                _ => self.block(number)?,
            };
            let run = start.checked_add(length).and_then(|end| raw.get(start..end));
            let mut cursor = Cursor::new(run.ok_or(damaged("records are cut off"))?);
            while !cursor.is_empty() {
                let (file_name, record) = (cursor.utf8()?, cursor.text()?);
                each(file_name, record);
            }
            held = Some((number, raw));
        }
        Ok(())
    }

    fn block(&self, number: usize) -> Result<Vec<u8>, StoreError> {
        let block = self.blocks.get(number).ok_or(damaged("a block is missing"))?;
        let compressed = self.bytes(block.offset, block.length as usize)?;
        let raw = Decompressor::new()?
            .decompress(&compressed, block.raw as usize)
            .map_err(|_| damaged("a block is not what was written"))?;
        match raw.len() == block.raw as usize {
            true => Ok(raw),
            false => Err(damaged("a block is cut off")),
        }
    }

    fn bytes(&self, offset: u64, length: usize) -> Result<Vec<u8>, StoreError> {
        let mut bytes = vec![0; length];
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(offset))?;
        file.read_exact(&mut bytes)?;
        Ok(bytes)
    }
}
