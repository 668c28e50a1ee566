//! What arrives from a channel becomes the file that is searched: decoded, taken apart, checked and written in one go.

use std::borrow::Cow;
use std::io::{self, BufWriter, Read, Write};

use serde::Deserialize;
use thiserror::Error;

use super::entries::{Entries, NotAnIndex, Splitter};
use super::essentials::Essentials;
use super::store::{Contents, Writer};
use crate::secret;

/// How an index is compressed, which its name tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Zst,
    Bz2,
    Plain,
}

impl Encoding {
    pub(super) const fn extension(self) -> &'static str {
        match self {
            Self::Zst => ".zst",
            Self::Bz2 => ".bz2",
            Self::Plain => "",
        }
    }

    /// Whether a file may begin with these bytes.
    pub(super) fn may_begin_with(self, bytes: &[u8]) -> bool {
        let begins_with = |magic: &[u8]| bytes.starts_with(magic) || magic.starts_with(bytes);
        match self {
            Self::Zst => begins_with(&[0x28, 0xb5, 0x2f, 0xfd]),
            Self::Bz2 => begins_with(b"BZh"),
            Self::Plain => {
                let mark = b"\xef\xbb\xbf".as_slice();
                let text = bytes.strip_prefix(mark).unwrap_or(bytes);
                text.trim_ascii_start().first().is_none_or(|first| *first == b'{')
            }
        }
    }
}

/// Why what arrived did not become an index.
#[derive(Debug, Error)]
pub(super) enum IntakeError {
    /// The bytes did not come, or could not be decoded.
    #[error("{0}")]
    Source(io::Error),
    #[error(transparent)]
    NotAnIndex(#[from] NotAnIndex),
    /// The file could not be written.
    #[error("{0}")]
    Target(io::Error),
}

/// Reads `source` to its end and writes the index to `target`.
pub(super) fn take_in(
    source: impl Read,
    encoding: Encoding,
    target: impl Write,
) -> Result<Contents, IntakeError> {
    let target = BufWriter::with_capacity(256 * 1024, target);
    let shelf = Shelf {
        writer: Writer::new(target).map_err(IntakeError::Target)?,
        base: None,
        failed: None,
    };
    match encoding {
        Encoding::Zst => {
            let source = zstd::stream::read::Decoder::new(source).map_err(IntakeError::Source)?;
            take(source, shelf)
        }
        Encoding::Bz2 => take(bzip2::read::MultiBzDecoder::new(source), shelf),
        Encoding::Plain => take(source, shelf),
    }
}

fn take<W: Write>(mut source: impl Read, shelf: Shelf<W>) -> Result<Contents, IntakeError> {
    let mut splitter = Splitter::new(shelf);
    let mut buffer = vec![0; 256 * 1024];
    loop {
        let count = match source.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(IntakeError::Source(error)),
        };
        splitter.feed(&buffer[..count])?;
        if let Some(error) = splitter.entries_mut().failed.take() {
            return Err(IntakeError::Target(error));
        }
    }
    let shelf = splitter.finish()?;
    if let Some(error) = shelf.failed {
        return Err(IntakeError::Target(error));
    }
    let (_, contents) = shelf
        .writer
        .finish(shelf.base.as_deref())
        .map_err(IntakeError::Target)?;
    Ok(contents)
}

/// Takes the entries and puts them where they belong.
struct Shelf<W> {
    writer: Writer<W>,
    base: Option<String>,
    failed: Option<io::Error>,
}

impl<W: Write> Entries for Shelf<W> {
    fn record(&mut self, file_name: &[u8], record: Option<&[u8]>) {
        let essentials = record.and_then(Essentials::parse);
        let (Some(record), Some(essentials), true) = (record, essentials, is_archive(file_name)) else {
            self.writer.skip();
            return;
        };
        // conda compares names in lower case.
        let name = match essentials.name.bytes().any(|byte| byte.is_ascii_uppercase()) {
            true => Cow::Owned(essentials.name.to_ascii_lowercase()),
            false => essentials.name,
        };
        if let Err(error) = self.writer.add(&name, &essentials.version, file_name, record) {
            self.failed.get_or_insert(error);
        }
    }

    fn info(&mut self, info: &[u8]) {
        #[derive(Deserialize)]
        struct Info {
            base_url: Option<String>,
        }
        if let Ok(Info { base_url: Some(base) }) = serde_json::from_slice(info) {
            self.base = Some(secret::without_secrets(&base));
        }
    }
}

/// Whether this is the name of a package's file and nothing more: it becomes part of addresses and paths.
fn is_archive(name: &[u8]) -> bool {
    let is_plain = |byte: &u8| {
        byte.is_ascii_graphic() && !matches!(byte, b'/' | b'\\' | b'"' | b':' | b'?' | b'#' | b'%')
    };
    (name.ends_with(b".conda") || name.ends_with(b".tar.bz2")) && name.iter().all(is_plain)
}

#[cfg(test)]
mod tests;
