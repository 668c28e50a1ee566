//! Numbers and texts as bytes.

use super::{StoreError, damaged};

/// Appends a number, seven bits a byte, the lowest first.
pub(super) fn put_number(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

pub(super) fn put_text(bytes: &mut Vec<u8>, text: &[u8]) {
    put_number(bytes, text.len() as u64);
    bytes.extend_from_slice(text);
}

/// Reads what was put, and never beyond the end.
pub(super) struct Cursor<'b> {
    rest: &'b [u8],
}

impl<'b> Cursor<'b> {
    pub(super) const fn new(bytes: &'b [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub(super) fn number(&mut self) -> Result<u64, StoreError> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let (&byte, rest) = self.rest.split_first().ok_or(damaged("a number is cut off"))?;
            self.rest = rest;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(damaged("a number is too large"))
    }

    /// A number that counts things in memory.
    pub(super) fn count(&mut self) -> Result<usize, StoreError> {
        usize::try_from(self.number()?).map_err(|_| damaged("a number is too large"))
    }

    pub(super) fn bytes(&mut self, length: usize) -> Result<&'b [u8], StoreError> {
        let (bytes, rest) = self
            .rest
            .split_at_checked(length)
            .ok_or(damaged("a text is cut off"))?;
        self.rest = rest;
        Ok(bytes)
    }

    pub(super) fn text(&mut self) -> Result<&'b [u8], StoreError> {
        let length = self.count()?;
        self.bytes(length)
    }

    pub(super) fn utf8(&mut self) -> Result<&'b str, StoreError> {
        std::str::from_utf8(self.text()?).map_err(|_| damaged("a text is no text"))
    }
}

/// A hash against damage by chance (FNV-1a).
pub(super) fn checksum(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |hash: u32, byte| {
        (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193)
    })
}
