use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn sample() -> Value {
    json!({
        "arch": "x86_64",
        "build": "py312h1_0",
        "build_number": 3,
        "channel": "https://conda.example.com/main/linux-64",
        "constrains": [],
        "depends": ["python >=3.12", "lib\"quoted\" \\ }]"],
        "extracted_package_dir": "/opt/conda/pkgs/numpy-2.1.0-py312h1_0",
        "files": [
            "bin/f2py",
            "lib/python3.12/site-packages/numpy-2.1.0.dist-info/RECORD",
            "lib/python3.12/site-packages/numpy/]}",
            "lib/python3.12/site-packages/old.egg-info"
        ],
        "fn": "numpy-2.1.0-py312h1_0.conda",
        "link": {"source": "/opt/conda/pkgs", "type": 1},
        "md5": "0123",
        "name": "numpy",
        "noarch": "python",
        "paths_data": {"paths": [{"_path": "bin/f2py", "size_in_bytes": 12}], "paths_version": 1},
        "requested_spec": "numpy",
        "sha256": "abcd",
        "size": 8_123_456_789_u64,
        "subdir": "linux-64",
        "timestamp": 1_700_000_000_000_u64,
        "url": "https://conda.example.com/main/linux-64/numpy-2.1.0-py312h1_0.conda",
        "version": "2.1.0"
    })
}

/// As `json.dumps(indent=…)` of Python lays it out.
fn laid_out(value: &Value, indent: usize) -> Vec<u8> {
    let spaces = vec![b' '; indent];
    let formatter = serde_json::ser::PrettyFormatter::with_indent(&spaces);
    let mut bytes = Vec::new();
    let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, formatter);
    serde::Serialize::serialize(value, &mut serializer).unwrap();
    bytes
}

#[test]
fn every_layout_says_the_same() {
    let compact = RecordFile::parse(sample().to_string().as_bytes()).unwrap();
    assert_eq!(
        (
            compact.name.as_str(),
            compact.version.as_str(),
            compact.build.as_str()
        ),
        ("numpy", "2.1.0", "py312h1_0")
    );
    assert_eq!(compact.size, Some(8_123_456_789));
    assert_eq!(compact.noarch, Some(Noarch::Python));
    assert_eq!(compact.requested_specs, ["numpy"]);
    assert_eq!(
        compact.anchors,
        [
            "lib/python3.12/site-packages/numpy-2.1.0.dist-info/RECORD",
            "lib/python3.12/site-packages/old.egg-info"
        ]
    );
    for indent in [1, 2, 4] {
        let bytes = laid_out(&sample(), indent);
        // The quick way alone gets through.
        assert_eq!(Reader::new(&bytes, true).record().unwrap(), compact, "{indent}");
        assert_eq!(Reader::new(&bytes, false).record().unwrap(), compact, "{indent}");
        let windows = String::from_utf8(bytes).unwrap().replace('\n', "\r\n");
        assert_eq!(RecordFile::parse(windows.as_bytes()).unwrap(), compact);
    }
}

#[test]
fn a_misleading_layout_is_read_with_care() {
    let text = "{\n  \"name\": \"a\",\n  \"x\": [\n  [\n  1\n  ]\n, 2],\n  \"version\": \"1\",\n  \"build\": \"0\"\n}";
    let record = RecordFile::parse(text.as_bytes()).unwrap();
    assert_eq!((record.name.as_str(), record.version.as_str()), ("a", "1"));
}

/// A record whose list of files, or list of paths, is long.
fn long(files: usize, paths: usize) -> Value {
    let mut record = sample();
    let file = |at: usize| format!("lib/python3.12/site-packages/numpy/part_{at:06}.py");
    let mut names: Vec<String> = (0..files).map(file).collect();
    names.push("lib/python3.12/site-packages/numpy-2.1.0.dist-info/RECORD".to_owned());
    record["files"] = json!(names);
    record["paths_data"]["paths"] = (0..paths)
        .map(|at| json!({"_path": file(at), "sha256": "0".repeat(64), "size_in_bytes": at}))
        .collect();
    record
}

#[test]
fn a_large_record_is_read_in_part_where_that_is_enough() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("record.json");
    for (files, paths, is_enough) in [(3000, 3000, true), (9000, 100, false), (1, 9000, true)] {
        let bytes = laid_out(&long(files, paths), 2);
        assert!(bytes.len() as u64 > LARGE);
        std::fs::write(&path, &bytes).unwrap();
        let whole = RecordFile::parse(&bytes).unwrap();
        assert_eq!(whole.anchors.len(), 1);
        assert_eq!(RecordFile::read(&path).unwrap(), whole, "{files} {paths}");
        let mut file = File::open(&path).unwrap();
        let (part, gap) = with_gap(&mut file, bytes.len() as u64).unwrap().unwrap();
        let mut reader = Reader::new(&part, true);
        reader.gap = Some(gap);
        assert_eq!(
            reader.record().ok(),
            is_enough.then_some(whole),
            "{files} {paths}"
        );
    }
    // On one line there is no gap to be made.
    let line = long(3000, 3000).to_string();
    std::fs::write(&path, &line).unwrap();
    assert_eq!(
        RecordFile::read(&path).unwrap(),
        RecordFile::parse(line.as_bytes()).unwrap()
    );
}

#[test]
fn what_others_write_is_understood() {
    let record = |text: &str| RecordFile::parse(text.as_bytes());
    let rattler =
        r#"{"name":"a","version":"1","build":"0","requested_specs":["a >=1","a"],"noarch":"generic"}"#;
    let parsed = record(rattler).unwrap();
    assert_eq!(parsed.requested_specs, ["a >=1", "a"]);
    assert_eq!(parsed.noarch, Some(Noarch::Generic));
    let old = r#"{"name":"a","version":"1","build":0,"noarch":null,"requested_spec":"None","size":null}"#;
    let parsed = record(old).unwrap();
    assert_eq!(
        (parsed.build.as_str(), parsed.noarch, parsed.size),
        ("0", None, None)
    );
    assert!(parsed.requested_specs.is_empty());
    let escaped = r#"{"name":"a","version":"1","build":"0","channel":"https:\/\/h\/\u00fc"}"#;
    assert_eq!(record(escaped).unwrap().channel.as_deref(), Some("https://h/ü"));
}

#[test]
fn damage_is_told_with_its_line() {
    for (text, told) in [
        ("", "line 1 is no JSON: '{' is missing"),
        ("{", "line 1 is no JSON: a key is missing"),
        ("{}", "it has no name"),
        ("{\"name\": \"a\"}", "it has no version"),
        (
            "{\n\"name\": \"a",
            "line 2 is no JSON: a closing quotation mark is missing",
        ),
        (
            "{\n\"name\": \"a\" \"b\"",
            "line 2 is no JSON: a comma or the end is missing",
        ),
        ("{\"name\": a}", "line 1 is no JSON: a value is missing"),
        ("{\"files\": [\n", "line 2 is no JSON: a value is missing"),
        ("{\"x\": {\n", "line 2 is no JSON: a closing bracket is missing"),
        (
            "{\"name\": \"a\", \"version\": \"1\"} x",
            "line 1 is no JSON: the end of the file is missing",
        ),
    ] {
        assert_eq!(RecordFile::parse(text.as_bytes()).unwrap_err(), told, "{text:?}");
    }
}

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[ -~\\n\"\\\\é]{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-z_\"\\n]{0,6}", inner, 0..4)
                .prop_map(|entries| Value::Object(entries.into_iter().collect())),
        ]
    })
}

proptest! {
    /// Whatever else stands in a record, laid out in whatever way, the fields are found.
    #[test]
    fn fields_are_found_among_anything(
        others in prop::collection::btree_map("x_[a-z\"\\n]{0,6}", json_value(), 0..6),
        files in prop::collection::vec("[ -~]{0,20}", 0..6),
        indent in 0..5_usize,
    ) {
        let mut record = json!({"name": "a", "version": "1", "build": "b", "size": 7});
        let object = record.as_object_mut().unwrap();
        object.insert("files".to_owned(), json!(files));
        object.extend(others);
        object.insert("url".to_owned(), json!("u"));
        let bytes = match indent {
            0 => record.to_string().into_bytes(),
            indent => laid_out(&record, indent),
        };
        let parsed = RecordFile::parse(&bytes).unwrap();
        prop_assert_eq!((parsed.name.as_str(), parsed.version.as_str(), parsed.build.as_str()), ("a", "1", "b"));
        prop_assert_eq!((parsed.size, parsed.url.as_deref()), (Some(7), Some("u")));
    }

    #[test]
    fn no_bytes_do_harm(bytes in prop::collection::vec(any::<u8>(), 0..200), cut in 0..2000_usize) {
        let _ = RecordFile::parse(&bytes);
        let whole = laid_out(&sample(), 2);
        let part = &whole[..cut.min(whole.len() - 1)];
        prop_assert!(RecordFile::parse(part).is_err());
    }
}
