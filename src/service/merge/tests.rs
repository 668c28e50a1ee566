use super::*;

const BEFORE: &str = "# mine\nchannels:\n  - conda-forge # fast\nssl_verify: true\n";
const OURS: &str = "# mine\nchannels: []\nssl_verify: true\nchannel_alias: https://h/api/repo\n";

fn merge(
    present: Option<&str>,
    base: Option<&str>,
    target: Option<&str>,
    how: &PutBack,
) -> (Option<String>, Vec<String>) {
    let versions = Versions {
        present: present.map(str::as_bytes),
        base: base.map(str::as_bytes),
        target: target.map(str::as_bytes),
    };
    let merged = condarc(Path::new(".condarc"), versions, how).unwrap();
    assert!(merged.lost.is_empty());
    (
        merged.content.map(|bytes| String::from_utf8(bytes).unwrap()),
        merged.edits.into_iter().map(|edit| edit.key).collect(),
    )
}

#[test]
fn untouched_since_comes_back_to_the_byte() {
    let (content, edits) = merge(Some(OURS), Some(OURS), Some(BEFORE), &PutBack::KeepEdits);
    assert_eq!((content.as_deref(), edits.len()), (Some(BEFORE), 0));
    assert_eq!(merge(Some(OURS), Some(OURS), None, &PutBack::KeepEdits).0, None);
}

#[test]
fn their_new_keys_and_comments_stay() {
    let present = format!("# theirs\n{OURS}proxy_servers:\n  https: http://proxy:8080\n");
    let (content, edits) = merge(Some(&present), Some(OURS), Some(BEFORE), &PutBack::KeepEdits);
    let content = content.unwrap();
    assert!(
        content.starts_with("# theirs\n# mine\nchannels:\n  - conda-forge # fast\n"),
        "{content}"
    );
    assert!(
        content.contains("proxy_servers:\n  https: http://proxy:8080\n")
            && !content.contains("channel_alias")
    );
    assert!(edits.is_empty());
}

#[test]
fn a_key_that_somebody_else_changed_is_theirs_unless_told_otherwise() {
    let present = OURS.replace("channels: []", "channels:\n  - theirs");
    let (content, edits) = merge(Some(&present), Some(OURS), Some(BEFORE), &PutBack::KeepEdits);
    assert!(content.unwrap().contains("- theirs"));
    assert_eq!(edits, ["channels"]);

    let choice = PutBack::PerKey(BTreeMap::from([("channels".to_owned(), false)]));
    let (content, edits) = merge(Some(&present), Some(OURS), Some(BEFORE), &choice);
    assert!(content.unwrap().contains("- conda-forge # fast"));
    assert_eq!(edits, ["channels"]);

    let (content, _) = merge(Some(&present), Some(OURS), Some(BEFORE), &PutBack::Exact);
    assert_eq!(content.as_deref(), Some(BEFORE));
}

#[test]
fn a_file_that_sextant_made_goes_only_when_nothing_else_is_in_it() {
    let ours = "channels: []\nchannel_alias: https://h/api/repo\n";
    let present = format!("{ours}auto_update_conda: false\n");
    let (content, _) = merge(Some(&present), Some(ours), None, &PutBack::KeepEdits);
    assert_eq!(content.as_deref(), Some("auto_update_conda: false\n"));
    let (content, edits) = merge(None, Some(OURS), Some(BEFORE), &PutBack::KeepEdits);
    assert_eq!(content, None, "{edits:?}");
}

fn past(text: Option<&str>) -> Past {
    Past::Whole(text.map(|text| text.as_bytes().to_vec()))
}

fn in_ini(present: &str, base: &str, target: &str, how: &PutBack) -> Merged {
    let path = Path::new("anaconda-navigator.ini");
    let past = (&past(Some(base)), &past(Some(target)));
    file(Format::of(path), path, Some(present.as_bytes()), past, how).unwrap()
}

fn text(merged: &Merged) -> &str {
    std::str::from_utf8(merged.content.as_deref().unwrap()).unwrap()
}

#[test]
fn options_of_an_ini_file_are_merged_one_by_one() {
    let base = "[main]\nurl = 'a'\nother = 1\n";
    let target = "[main]\nurl = None\nother = 1\nold = x\n";
    let present = "# theirs\n[main]\nurl = 'a'\nother = 2\n\n[ssl]\ntrusted = []\n";
    let merged = in_ini(present, base, target, &PutBack::KeepEdits);
    assert!(merged.edits.is_empty(), "{:?}", merged.edits);
    assert_eq!(
        text(&merged),
        "# theirs\n[main]\nurl = None\nother = 2\nold = x\n\n[ssl]\ntrusted = []\n"
    );
}

#[test]
fn an_option_that_somebody_else_changed_is_theirs_unless_told_otherwise() {
    let (base, target) = (
        "[main]\nanaconda_server_token = 'b'\n",
        "[main]\nanaconda_server_token = 'c'\n",
    );
    let present = "[main]\nanaconda_server_token = 'theirs'\n";
    let merged = in_ini(present, base, target, &PutBack::KeepEdits);
    assert_eq!(text(&merged), present);
    let edit = &merged.edits[0];
    assert_eq!(
        (edit.key.as_str(), edit.kept),
        ("main.anaconda_server_token", true)
    );
    assert!(!format!("{edit:?}").contains("theirs"), "{edit:?}");
    let choice = PutBack::PerKey(BTreeMap::from([("main.anaconda_server_token".to_owned(), false)]));
    assert_eq!(text(&in_ini(present, base, target, &choice)), target);
}

#[test]
fn a_value_whose_secret_is_kept_nowhere_is_not_brought_back_but_the_rest_is() {
    let path = Path::new(".condarc");
    let mask = |text: &str| Past::Masked(snapshot::mask(text.as_bytes(), snapshot::Named::NOTHING).bytes);
    let target = mask("channels:\n  - https://h/t/old/c\nssl_verify: true\n");
    let base = mask("channels:\n  - main\nssl_verify: false\n");
    let present = "channels:\n  - main\nssl_verify: false\nx: https://h/t/mine/c # keep\n";
    let merged = file(
        Format::Yaml,
        path,
        Some(present.as_bytes()),
        (&base, &target),
        &PutBack::KeepEdits,
    )
    .unwrap();
    assert_eq!(merged.lost, ["channels"]);
    assert_eq!(
        text(&merged),
        "channels:\n  - main\nssl_verify: true\nx: https://h/t/mine/c # keep\n"
    );
}

#[test]
fn what_has_no_keys_is_taken_or_left_as_a_whole() {
    let path = Path::new("a.token");
    let merge = |present: Option<&str>, base, target, how: &PutBack| {
        let present = present.map(str::as_bytes);
        file(Format::of(path), path, present, (&past(base), &past(target)), how).unwrap()
    };
    assert_eq!(
        merge(Some("b"), Some("b"), None, &PutBack::KeepEdits).content,
        None
    );
    let kept = merge(Some("x"), Some("b"), Some("a"), &PutBack::KeepEdits);
    assert_eq!((text(&kept), kept.edits[0].kept), ("x", true));
    let choice = PutBack::PerKey(BTreeMap::from([("a.token".to_owned(), false)]));
    assert_eq!(text(&merge(Some("x"), Some("b"), Some("a"), &choice)), "a");
    let gone = Past::Masked(snapshot::mask(b"secret", snapshot::Named::gone(&["secret"])).bytes);
    let merged = file(
        Format::Opaque,
        path,
        Some(b"b"),
        (&past(Some("b")), &gone),
        &PutBack::KeepEdits,
    )
    .unwrap();
    assert_eq!((text(&merged), merged.lost.len()), ("b", 1));
}

#[test]
fn lines_of_other_programs_go_back_one_by_one() {
    let path = Path::new("/etc/krb5.conf");
    let (target, base) = ("[a]\nx = 1\n\n[b]\n", "[a]\nx = 1\nours = 2\n\n[b]\n");
    let present = "# theirs\n[a]\nx = 1\nours = 2\n\n[b]\nmore = 3\n";
    let past = (&past(Some(base)), &past(Some(target)));
    let merged = file(
        Format::of(path),
        path,
        Some(present.as_bytes()),
        past,
        &PutBack::KeepEdits,
    )
    .unwrap();
    assert_eq!(text(&merged), "# theirs\n[a]\nx = 1\n\n[b]\nmore = 3\n");
    assert!(merged.edits.is_empty());
    // Where they touched the very line, it is theirs.
    let touched = present.replace("ours = 2", "ours = 4");
    let merged = file(
        Format::of(path),
        path,
        Some(touched.as_bytes()),
        past,
        &PutBack::KeepEdits,
    )
    .unwrap();
    assert_eq!((text(&merged), merged.edits.len()), (touched.as_str(), 1));
    // JSON that would be none is not put together.
    let path = Path::new("/etc/chromium/policies/managed/x.json");
    let (target, base) = ("{\n  \"a\": 1\n}\n", "{\n  \"a\": 1,\n  \"b\": 2\n}\n");
    let present = "{\n  \"a\": 1,\n  \"b\": 2,\n  \"c\": 3\n}\n";
    let past = (&self::past(Some(base)), &self::past(Some(target)));
    let merged = file(
        Format::of(path),
        path,
        Some(present.as_bytes()),
        past,
        &PutBack::KeepEdits,
    )
    .unwrap();
    assert_eq!(text(&merged), present);
}

#[test]
fn a_past_version_that_was_broken_comes_back_as_a_whole_or_not_at_all() {
    let path = Path::new(".condarc");
    let past = (&past(Some("a: [1\n")), &past(Some("a: [1]\n")));
    let merge = |how: &PutBack| file(Format::Yaml, path, Some(b"a: 2\n"), past, how).unwrap();
    assert_eq!(text(&merge(&PutBack::KeepEdits)), "a: 2\n");
    assert_eq!(text(&merge(&PutBack::Exact)), "a: [1]\n");
}

proptest::proptest! {
    /// Keys that only one side touched come out as that side has them.
    #[test]
    fn nothing_of_either_side_is_lost(
        base in keys(), mine in keys(), theirs in keys(), ini in proptest::bool::ANY
    ) {
        let written = |keys: &BTreeMap<u8, u8>| {
            let lines = keys.iter().map(|(key, value)| match ini {
                true => format!("k{key} = {value}\n"),
                false => format!("k{key}: {value}\n"),
            });
            let head = if ini { "[main]\n" } else { "# head\n" };
            std::iter::once(head.to_owned()).chain(lines).collect::<String>()
        };
        let path = Path::new(if ini { "x.ini" } else { ".condarc" });
        let merged = file(
            Format::of(path),
            path,
            Some(written(&theirs).as_bytes()),
            (&past(Some(&written(&base))), &past(Some(&written(&mine)))),
            &PutBack::KeepEdits,
        )
        .unwrap();
        let mut expected = theirs.clone();
        for key in 0..4 {
            let (was, here, there) = (base.get(&key), mine.get(&key), theirs.get(&key));
            if was != here && was == there {
                match here {
                    Some(value) => expected.insert(key, *value),
                    None => expected.remove(&key),
                };
            }
        }
        let lines: std::collections::BTreeSet<&str> = text(&merged).lines().skip(1).collect();
        let wanted = written(&expected);
        let wanted: std::collections::BTreeSet<&str> = wanted.lines().skip(1).collect();
        proptest::prop_assert_eq!(lines, wanted);
    }
}

fn keys() -> impl proptest::strategy::Strategy<Value = BTreeMap<u8, u8>> {
    proptest::collection::btree_map(0..4u8, 0..3u8, 0..4)
}
