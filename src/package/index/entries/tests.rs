//! Taking an index apart, however it arrives.

use proptest::prelude::*;

use super::*;

#[derive(Debug, Default, PartialEq, Eq)]
struct Heard {
    records: Vec<(String, Option<String>)>,
    info: Option<String>,
}

impl Entries for Heard {
    fn record(&mut self, file_name: &[u8], record: Option<&[u8]>) {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        self.records.push((text(file_name), record.map(text)));
    }

    fn info(&mut self, info: &[u8]) {
        self.info = Some(String::from_utf8_lossy(info).into_owned());
    }
}

fn in_pieces(text: &[u8], size: usize) -> Result<Heard, NotAnIndex> {
    let mut splitter = Splitter::new(Heard::default());
    for piece in text.chunks(size.max(1)) {
        splitter.feed(piece)?;
    }
    splitter.finish()
}

#[test]
fn every_record_is_heard_as_it_is_written() {
    let text = "\u{feff} {\n\"info\" : {\"subdir\":\"noarch\", \"x\": [\"}\"]}, \"packages\": { \"a-1-0.tar.bz2\" : {\"n\":\"\\\"}\\\\\", \"d\":[{}]} , \"b\":7}, \"removed\":[\"x\",{\"packages\":{\"no\":{}}}],\"packages.conda\":{},\"repodata_version\":1 }\n";
    let expected = Heard {
        records: vec![
            (
                "a-1-0.tar.bz2".to_owned(),
                Some(r#"{"n":"\"}\\", "d":[{}]}"#.to_owned()),
            ),
            ("b".to_owned(), Some("7".to_owned())),
        ],
        info: Some(r#"{"subdir":"noarch", "x": ["}"]}"#.to_owned()),
    };
    for size in 1..text.len() + 1 {
        assert_eq!(in_pieces(text.as_bytes(), size).as_ref(), Ok(&expected), "{size}");
    }
}

#[test]
fn what_is_no_index_is_told_where_it_stops_being_one() {
    for (text, expected) in [
        ("", NotAnIndex::NoObject),
        ("<html>", NotAnIndex::NoObject),
        ("[]", NotAnIndex::NoObject),
        ("{}", NotAnIndex::NoPackages),
        ("{\"packages\":{}", NotAnIndex::CutShort { after: 14 }),
        (
            "{\"packages\":{\"a\":{\"b\":\"",
            NotAnIndex::CutShort { after: 23 },
        ),
        ("{\"packages\":{} \"info\":{}}", NotAnIndex::NotJson { at: 14 }),
        ("{\"packages\":{\"a\":}}", NotAnIndex::NotJson { at: 13 }),
        ("{\"packages\":[]}", NotAnIndex::NotJson { at: 1 }),
        ("{\"packages\":{}}{", NotAnIndex::NotJson { at: 15 }),
    ] {
        for size in [1, 3, 100] {
            assert_eq!(in_pieces(text.as_bytes(), size), Err(expected), "{text} {size}");
        }
    }
    assert!(in_pieces(b"{\"packages\":null,\"packages.conda\":{}}", 4).is_ok());
}

/// Thirty megabytes in one line: in what is passed over, in a record, and in a name.
#[test]
fn no_line_is_too_long_and_nothing_of_it_is_held() {
    let long = "x".repeat(30 * 1024 * 1024);
    for (text, records) in [
        (
            format!("{{\"removed\":[\"{long}\"],\"packages\":{{\"a\":{{}}}}}}"),
            1,
        ),
        (
            format!("{{\"info\":{{\"x\":\"{long}\"}},\"packages\":{{\"a\":{{}}}}}}"),
            1,
        ),
        (
            format!("{{\"packages\":{{\"a\":{{\"x\":\"{long}\"}},\"b\":{{}}}}}}"),
            2,
        ),
    ] {
        let mut splitter = Splitter::new(Heard::default());
        for piece in text.as_bytes().chunks(64 * 1024) {
            splitter.feed(piece).unwrap();
            assert!(splitter.rest.len() <= LARGEST_RECORD + 2 * 64 * 1024);
        }
        let heard = splitter.finish().unwrap();
        assert_eq!(heard.records.len(), records);
        assert!(
            heard
                .records
                .iter()
                .all(|(_, record)| record.as_ref().is_none_or(|r| r == "{}"))
        );
    }
    let text = format!("{{\"packages\":{{\"{long}\":{{}}}}}}");
    assert!(matches!(
        in_pieces(text.as_bytes(), 64 * 1024),
        Err(NotAnIndex::NotJson { .. })
    ));
}

#[test]
fn quotes_and_backslashes_are_found_wherever_they_stand() {
    for length in 0..40 {
        for at in 0..length {
            for sign in [b'"', b'\\'] {
                let mut bytes = vec![0xa2; length];
                bytes[at] = sign;
                assert_eq!(quote_or_backslash(&bytes), Some(at));
            }
        }
        assert_eq!(quote_or_backslash(&vec![b'!'; length]), None);
    }
}

fn json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        "\\PC{0,12}".prop_map(Into::into),
        Just(serde_json::Value::from("{\"packages\":[}\\")),
    ];
    leaf.prop_recursive(4, 24, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Into::into),
            prop::collection::btree_map("\\PC{0,8}", inner, 0..6)
                .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    /// serde_json is the oracle.
    #[test]
    fn an_index_is_taken_apart_as_json_is_read(
        records in prop::collection::btree_map("[a-z\"\\\\é]{1,8}", json(), 0..6),
        others in prop::collection::btree_map("[a-z]{1,6}", json(), 0..4),
        info in json(),
        size in 1_usize..64,
        is_pretty in any::<bool>(),
    ) {
        let mut whole: serde_json::Map<String, serde_json::Value> = others.into_iter().collect();
        whole.insert("info".to_owned(), info.clone());
        whole.insert("packages".to_owned(), records.iter().map(|(key, value)| (key.clone(), value.clone())).collect::<serde_json::Map<_, _>>().into());
        let whole = serde_json::Value::Object(whole);
        let text = if is_pretty { serde_json::to_string_pretty(&whole) } else { serde_json::to_string(&whole) }.unwrap();
        let heard = in_pieces(text.as_bytes(), size).unwrap();
        let read: Vec<(String, serde_json::Value)> = heard.records.iter().map(|(name, record)| {
            let name = serde_json::from_str::<String>(&format!("\"{name}\"")).unwrap();
            (name, serde_json::from_str(record.as_ref().unwrap()).unwrap())
        }).collect();
        prop_assert_eq!(read, records.into_iter().collect::<Vec<_>>());
        prop_assert_eq!(serde_json::from_str::<serde_json::Value>(&heard.info.unwrap()).unwrap(), info);
        // Cut anywhere, it is never taken for the whole.
        for end in 0..text.len() {
            prop_assert!(in_pieces(&text.as_bytes()[..end], size).is_err(), "cut at {}", end);
        }
    }
}
