//! Files as clients fetch them: with an entity tag and a date, by which a client that has the file already is spared it,
//! and in parts.

use std::io::Write as _;

use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bzip2::Compression;
use bzip2::write::BzEncoder;
use sha2::{Digest, Sha256};

use crate::practice::package::Form;
use crate::practice::random::hex;

/// When everything changed last: the second of January 2026.
const LAST_MODIFIED: &str = "Fri, 02 Jan 2026 00:00:00 GMT";

/// A file and what it is.
pub(in crate::practice) struct Document {
    bytes: Bytes,
    content_type: &'static str,
}

impl Document {
    pub(in crate::practice) fn json(bytes: impl Into<Bytes>) -> Self {
        Self {
            bytes: bytes.into(),
            content_type: "application/json",
        }
    }

    pub(super) fn binary(bytes: impl Into<Bytes>) -> Self {
        Self {
            bytes: bytes.into(),
            content_type: "application/octet-stream",
        }
    }

    pub(super) fn archive(bytes: Bytes, form: Form) -> Self {
        let content_type = match form {
            Form::Conda => "application/octet-stream",
            Form::TarBz2 => "application/x-bzip2",
        };
        Self { bytes, content_type }
    }

    /// The whole file, the part that is asked for, or 304 to whoever has it already.
    pub(in crate::practice) fn answer(self, headers: &HeaderMap) -> Response {
        let tag = format!(
            "\"{}\"",
            &hex(&<[u8; 32]>::from(Sha256::digest(&self.bytes)))[..32]
        );
        let sent = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
        let known = match sent(header::IF_NONE_MATCH) {
            Some(tags) => tags.split(',').any(|one| one.trim() == tag || one.trim() == "*"),
            None => sent(header::IF_MODIFIED_SINCE) == Some(LAST_MODIFIED),
        };
        let common = [
            (header::ETAG, tag.clone()),
            (header::LAST_MODIFIED, LAST_MODIFIED.to_owned()),
        ];
        if known {
            return (StatusCode::NOT_MODIFIED, common).into_response();
        }
        let whole = [
            (header::CONTENT_TYPE, self.content_type),
            (header::ACCEPT_RANGES, "bytes"),
        ];
        // A part of another file than the client began with would be useless to it.
        let same = sent(header::IF_RANGE).is_none_or(|validator| validator == tag);
        let asked = sent(header::RANGE).filter(|_| same);
        match asked.map(|range| part(range, self.bytes.len())) {
            None | Some(Part::Whole) => (common, whole, self.bytes).into_response(),
            Some(Part::Between(start, end)) => {
                let range = format!("bytes {start}-{end}/{}", self.bytes.len());
                let bytes = self.bytes.slice(start..=end);
                let range = [(header::CONTENT_RANGE, range)];
                (StatusCode::PARTIAL_CONTENT, common, whole, range, bytes).into_response()
            }
            Some(Part::Beyond) => {
                let range = [(header::CONTENT_RANGE, format!("bytes */{}", self.bytes.len()))];
                (StatusCode::RANGE_NOT_SATISFIABLE, common, range).into_response()
            }
        }
    }
}

/// What a `Range` header comes to.
#[derive(Debug, PartialEq, Eq)]
enum Part {
    /// Several parts, or a unit that nobody knows: the header does not count.
    Whole,
    /// First and last byte.
    Between(usize, usize),
    Beyond,
}

fn part(range: &str, length: usize) -> Part {
    let Some((first, last)) = range
        .strip_prefix("bytes=")
        .and_then(|range| range.split_once('-'))
    else {
        return Part::Whole;
    };
    let (start, end) = match (first.parse::<usize>(), last.parse::<usize>()) {
        (Ok(start), Ok(end)) if start <= end => (start, end),
        (Ok(start), Err(_)) if last.is_empty() => (start, usize::MAX),
        // The last bytes, so many.
        (Err(_), Ok(count)) if first.is_empty() && count > 0 => (length.saturating_sub(count), usize::MAX),
        _ => return Part::Whole,
    };
    match length.checked_sub(1) {
        Some(last) if start <= last => Part::Between(start, end.min(last)),
        _ => Part::Beyond,
    }
}

/// Nothing if it cannot be made, which does not happen in memory.
pub(super) fn bz2(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = BzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).ok()?;
    encoder.finish().ok()
}

/// As [`bz2`].
pub(super) fn zst(bytes: &[u8]) -> Option<Vec<u8>> {
    zstd::encode_all(bytes, 1).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_read_as_the_standard_has_them() {
        assert_eq!(part("bytes=0-9", 100), Part::Between(0, 9));
        assert_eq!(part("bytes=90-", 100), Part::Between(90, 99));
        assert_eq!(part("bytes=90-900", 100), Part::Between(90, 99));
        assert_eq!(part("bytes=-10", 100), Part::Between(90, 99));
        assert_eq!(part("bytes=-1000", 100), Part::Between(0, 99));
        assert_eq!(part("bytes=100-", 100), Part::Beyond);
        assert_eq!(part("bytes=0-", 0), Part::Beyond);
        for odd in [
            "bytes=9-0",
            "bytes=a-b",
            "bytes=-",
            "bytes=0-1,5-6",
            "lines=0-1",
            "0-1",
            "bytes=-0",
        ] {
            assert_eq!(part(odd, 100), Part::Whole, "{odd}");
        }
    }
}
