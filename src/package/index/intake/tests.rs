//! From bytes to the file that is searched.

use super::*;

/// A disk with so much room.
struct Disk(usize);

impl Write for Disk {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 = self
            .0
            .checked_sub(bytes.len())
            .ok_or(io::ErrorKind::StorageFull)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn index() -> Vec<u8> {
    let record = |number: u32| {
        // Nothing that could be compressed.
        let noise: String = (0..60)
            .map(|at| format!("{:08x}", (number * 60 + at).wrapping_mul(2_654_435_761)))
            .collect();
        format!(
            r#""a-1.{number}-0.conda":{{"name":"A","version":"1.{number}","build":"0","build_number":0,"x":"{noise}"}}"#
        )
    };
    let records: Vec<_> = (0..3000).map(record).collect();
    format!(
        r#"{{"info":{{"base_url":"https://u:canary@h/t/canary/x"}},"packages.conda":{{{}}}}}"#,
        records.join(",")
    )
    .into_bytes()
}

#[test]
fn a_full_disk_is_told_apart_from_a_bad_index() {
    let index = index();
    let contents = take_in(index.as_slice(), Encoding::Plain, Disk(usize::MAX)).unwrap();
    assert_eq!((contents.records, contents.skipped), (3000, 0));
    for room in [0, 10, 300_000, 600_000] {
        let error = take_in(index.as_slice(), Encoding::Plain, Disk(room)).unwrap_err();
        let is_full = |error: &io::Error| error.kind() == io::ErrorKind::StorageFull;
        assert!(
            matches!(&error, IntakeError::Target(error) if is_full(error)),
            "{room}: {error}"
        );
    }
}

#[test]
fn names_are_kept_in_lower_case_and_secrets_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.index");
    take_in(
        index().as_slice(),
        Encoding::Plain,
        std::fs::File::create(&path).unwrap(),
    )
    .unwrap();
    let stored = crate::package::index::store::Stored::open(&path).unwrap();
    assert_eq!(stored.names().collect::<Vec<_>>(), ["a"]);
    assert_eq!(stored.base(), Some("https://h/x"));
    let bytes = std::fs::read(&path).unwrap();
    assert!(!bytes.windows(6).any(|window| window == b"canary"));
}

#[test]
fn compressed_bytes_are_told_by_how_they_begin() {
    for (encoding, bytes, may) in [
        (Encoding::Zst, b"\x28\xb5\x2f\xfd\x00".as_slice(), true),
        (Encoding::Zst, b"\x28", true),
        (Encoding::Zst, b"{", false),
        (Encoding::Bz2, b"BZh9", true),
        (Encoding::Bz2, b"<html>", false),
        (Encoding::Plain, b"\xef\xbb\xbf \n{", true),
        (Encoding::Plain, b"\n\n", true),
        (Encoding::Plain, b" <", false),
    ] {
        assert_eq!(encoding.may_begin_with(bytes), may, "{encoding:?} {bytes:?}");
    }
}
