//! What is written is read again, and nothing else is taken for it.

use std::fs;
use std::path::PathBuf;

use super::*;

struct Written {
    _folder: tempfile::TempDir,
    path: PathBuf,
    bytes: Vec<u8>,
}

/// Some names with many records, in an order that mixes them.
fn written() -> Written {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.index");
    let mut writer = Writer::new(Vec::new()).unwrap();
    for number in 0..400 {
        let name = format!("name-{:02}", number % 7);
        let version = format!("1.{}", number / 10);
        let file = format!("{name}-{version}-{number}.conda");
        let record = format!(
            "{{\"number\":{number},\"padding\":\"{}\"}}",
            "z".repeat(number * 7)
        );
        writer
            .add(&name, &version, file.as_bytes(), record.as_bytes())
            .unwrap();
    }
    writer.add("broken", "..!", b"broken-..!-0.conda", b"{}").unwrap();
    writer.add_name("elsewhere");
    writer.skip();
    let (bytes, contents) = writer.finish(Some("https://h/base")).unwrap();
    assert_eq!(
        contents,
        Contents {
            records: 400,
            skipped: 2
        }
    );
    fs::write(&path, &bytes).unwrap();
    Written {
        _folder: folder,
        path,
        bytes,
    }
}

/// Everything that can be read, or the first failure.
fn read_all(path: &std::path::Path) -> Result<Vec<(String, Vec<String>)>, StoreError> {
    let stored = Stored::open(path)?;
    let mut all = Vec::new();
    for place in 0..stored.len() {
        let details = stored.details(place)?;
        let (newest, records) = stored.summary(place)?;
        assert_eq!(
            newest.as_ref(),
            details.versions.first().map(|(version, _)| version)
        );
        assert_eq!(
            records,
            details.versions.iter().map(|(_, count)| count).sum::<u64>()
        );
        let mut files = Vec::new();
        stored.records_of(&details, |file, record| {
            let record: serde_json::Value = serde_json::from_slice(record).unwrap();
            assert!(file.contains(&format!("-{}.conda", record["number"])));
            files.push(file.to_owned());
        })?;
        all.push((stored.name(place).to_owned(), files));
    }
    Ok(all)
}

#[test]
fn what_is_written_is_read_again() {
    let written = written();
    let stored = Stored::open(&written.path).unwrap();
    assert_eq!(
        (stored.records(), stored.skipped(), stored.base()),
        (400, 2, Some("https://h/base"))
    );
    let names: Vec<_> = stored.names().collect();
    assert_eq!(names[0], "elsewhere");
    assert_eq!(names.len(), 8);
    for (place, name) in names.iter().enumerate() {
        assert_eq!(stored.find(name), Some(place));
    }
    assert_eq!(
        (stored.find("name"), stored.find("zzz"), stored.find("")),
        (None, None, None)
    );
    let details = stored.details(stored.find("name-03").unwrap()).unwrap();
    // Newest first in conda's order, not in that of letters.
    let versions: Vec<_> = details
        .versions
        .iter()
        .map(|(version, _)| version.as_str())
        .collect();
    assert_eq!((versions[0], versions[30], versions.len()), ("1.39", "1.9", 40));
    let all = read_all(&written.path).unwrap();
    assert_eq!(all.iter().map(|(_, files)| files.len()).sum::<usize>(), 400);
    assert!(all[0].1.is_empty());
}

#[test]
fn a_file_that_is_cut_off_anywhere_is_no_index() {
    let written = written();
    for end in (0..written.bytes.len()).step_by(97) {
        fs::write(&written.path, &written.bytes[..end]).unwrap();
        assert!(Stored::open(&written.path).is_err(), "cut at {end}");
    }
}

#[test]
fn no_changed_byte_is_read_as_what_was_written() {
    let written = written();
    let expected = read_all(&written.path).unwrap();
    let mut unnoticed = Vec::new();
    for at in (0..written.bytes.len())
        .step_by(61)
        .chain(written.bytes.len() - FOOTER..written.bytes.len())
    {
        let mut bytes = written.bytes.clone();
        bytes[at] ^= 0x40;
        fs::write(&written.path, &bytes).unwrap();
        match read_all(&written.path) {
            Err(_) => {}
            Ok(read) => {
                assert_eq!(read, expected, "byte {at}");
                unnoticed.push(at);
            }
        }
    }
    assert_eq!(unnoticed, [0; 0]);
}

#[test]
fn a_name_that_is_longer_than_the_file_is_damage() {
    let mut bytes = Vec::new();
    bytes::put_number(&mut bytes, u64::MAX);
    assert!(bytes::Cursor::new(&bytes).text().is_err());
    assert_eq!(bytes::Cursor::new(&bytes).number().unwrap(), u64::MAX);
    assert!(bytes::Cursor::new(&[0x80; 11]).number().is_err());
    assert!(bytes::Cursor::new(&[0x80]).number().is_err());
}
