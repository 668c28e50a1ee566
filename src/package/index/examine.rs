//! Looking into an index without keeping it.

use std::io;

use super::intake::{Encoding, take_in};
use super::stranger;
use crate::error::{Kind, Problem};

/// How an index is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Plain,
    Zst,
    Bz2,
}

/// What an index holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Examined {
    /// By version and build.
    pub records: u64,
    /// Records that are broken, so that they would be left out.
    pub skipped: u64,
}

/// Reads an index to its end.
///
/// # Errors
/// Why it is none.
pub fn examine(bytes: &[u8], form: Form) -> Result<Examined, Problem> {
    let encoding = match form {
        Form::Plain => Encoding::Plain,
        Form::Zst => Encoding::Zst,
        Form::Bz2 => Encoding::Bz2,
    };
    let none = |cause: String| Problem::new(Kind::NotAServer, "this is no index of a channel").because(cause);
    if !encoding.may_begin_with(bytes) {
        return Err(none(stranger::described(bytes)));
    }
    let contents = take_in(bytes, encoding, io::sink()).map_err(|error| none(error.to_string()))?;
    Ok(Examined {
        records: contents.records,
        skipped: contents.skipped,
    })
}
