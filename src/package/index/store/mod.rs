//! The records of one channel and subdir in a file that is read in parts.
//!
//! ```text
//! magic, format
//! blocks    records in the order of `repodata.json`, compressed some kilobytes at a time
//! details   for each name: in which blocks its records are, and its versions, newest first
//! index     the names in order, where their details are, and where the blocks are
//! footer    where the index is, what is in the file, and a hash of the index
//! ```
//!
//! Names and places stay in memory, about 50 bytes a name; everything else is read when it is asked for. Whatever is read
//! is checked before it is used: a file of another format, a damaged one and one that was cut off are no index, and are
//! made anew.

mod bytes;
mod reader;
mod writer;

use std::io;

use thiserror::Error;

pub(super) use reader::Stored;
pub(super) use writer::{Contents, Writer};

/// The first bytes of a file; the last of them is the version of the format.
const MAGIC: [u8; 16] = *b"sextant index \0\x01";

/// The bytes at the end of a file.
const FOOTER: usize = 8 * NUMBERS + 32;

/// The numbers of the footer.
const NUMBERS: usize = 6;

/// Why a file is no index that can be used.
#[derive(Debug, Error)]
pub(super) enum StoreError {
    #[error("it is damaged: {what}")]
    Damaged { what: &'static str },
    #[error(transparent)]
    Io(#[from] io::Error),
}

const fn damaged(what: &'static str) -> StoreError {
    StoreError::Damaged { what }
}

#[cfg(test)]
mod tests;
