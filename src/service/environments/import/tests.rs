use std::fs;

use super::*;

fn imported(text: &str) -> Result<Imported, ImportError> {
    let expand = |text: &str| text.replace("$TEAM", "risk");
    parse(Path::new("/work/file"), text, &expand, "linux-64")
}

fn reason(text: &str) -> String {
    match imported(text).unwrap_err() {
        ImportError::Nonsense { reason, .. } => reason,
        other => other.to_string(),
    }
}

fn specs(asked: &Asked) -> Vec<&str> {
    match asked {
        Asked::Specs(texts) | Asked::Addresses(texts) => texts.iter().map(String::as_str).collect(),
    }
}

#[test]
fn an_environment_yml_is_read_as_conda_reads_it() {
    let text = "name: etl
channels:
  - https://user:pw@h/t/secret-1/team
  - $TEAM
  - nodefaults
dependencies:
  - python=3.12
  - main::numpy >=2
  - pip:
      - six==1.16
      - -e .
variables:
  MODE: fast
  LEVEL: 3
  ON: true
  PATH: /x
prefix: /somewhere/else
extra: 1
";
    let read = imported(text).unwrap();
    assert_eq!(read.name.as_deref(), Some("etl"));
    assert_eq!(read.channels, ["https://h/team", "risk"]);
    assert!(read.only_these_channels);
    assert_eq!(specs(&read.asked), ["python=3.12", "main::numpy >=2", "pip"]);
    assert_eq!(read.pip, ["six==1.16", "-e ."]);
    let variables: Vec<_> = read
        .variables
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    assert_eq!(variables, ["LEVEL=3", "MODE=fast", "ON=True"]);
    assert_eq!(read.warnings.len(), 3);
    let shown = format!("{read:?}");
    assert!(!shown.contains("secret") && !shown.contains("pw@"), "{shown}");
}

#[test]
fn what_sextant_exports_it_reads() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x");
    fs::write(
        &path,
        "name: /home/ana/env\ndependencies:\n  - \"numpy[version='>=2']\"\n",
    )
    .unwrap();
    let read = read(&path, &str::to_owned, "linux-64").unwrap();
    assert_eq!((read.name, read.channels.len()), (None, 0));
    assert_eq!(specs(&read.asked), ["numpy[version='>=2']"]);
}

#[test]
fn a_list_of_addresses_keeps_its_sums_and_loses_its_secrets() {
    let text = "# platform: linux-64
@EXPLICIT
https://h/t/secret-1/main/linux-64/a-1-0.conda#0123

../pkgs/b-1-0.tar.bz2#abcd
/pkgs/c-1-0.conda
";
    let read = imported(text).unwrap();
    assert!(matches!(read.asked, Asked::Addresses(_)));
    assert_eq!(
        specs(&read.asked),
        [
            "https://h/main/linux-64/a-1-0.conda#0123",
            "file:///work/../pkgs/b-1-0.tar.bz2#abcd",
            "file:///pkgs/c-1-0.conda"
        ]
    );
}

#[test]
fn a_list_of_specs_is_no_list_for_pip() {
    let read = imported("# platform: linux-64\nnumpy=2.1=py312_0\n main::zlib >=1.2 # why\nscipy\n").unwrap();
    assert_eq!(
        specs(&read.asked),
        ["numpy=2.1=py312_0", "main::zlib >=1.2", "scipy"]
    );
    assert_eq!(specs(&imported("numpy\n").unwrap().asked), ["numpy"]);
    for (text, at) in [
        ("numpy\n-r other.txt\n", 2),
        ("numpy==1; python_version < '3'\n", 1),
        ("x\ny\npkg @ https://h/x.whl\n", 3),
        ("--index-url https://h\n", 1),
    ] {
        assert!(
            matches!(imported(text), Err(ImportError::ForPip { line, .. }) if line == at),
            "{text}"
        );
    }
}

#[test]
fn a_lock_file_is_told_by_its_content() {
    let text = "version: 6
environments:
  default:
    channels:
    - url: https://h/main/
    packages:
      linux-64:
      - conda: https://h/main/linux-64/a-1-0.conda
packages:
- conda: https://h/main/linux-64/a-1-0.conda
  sha256: b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c
";
    let read = imported(text).unwrap();
    assert!(specs(&read.asked)[0].starts_with("https://h/main/linux-64/a-1-0.conda#sha256:"));
    let other = parse(Path::new("/work/file"), text, &str::to_owned, "osx-arm64");
    assert!(matches!(other, Err(ImportError::Lock { .. })));
}

#[test]
fn what_is_wrong_is_told() {
    for (text, told) in [
        ("", "it names no package"),
        ("# nothing\n", "it names no package"),
        ("name: x\n", "it has no dependencies"),
        ("dependencies: 3\n", "dependencies is no list"),
        (
            "dependencies: [3]\n",
            "a dependency is neither a match spec nor a list for pip",
        ),
        (
            "dependencies: [{npm: [x]}]\n",
            "npm is nothing that conda installs with",
        ),
        ("dependencies: [{pip: x}]\n", "pip is no list"),
        ("name: [x]\ndependencies: []\n", "name is no text"),
        ("channels: [{a: b}]\ndependencies: []\n", "a channel is no text"),
        (
            "variables: [x]\ndependencies: []\n",
            "variables are no names with values",
        ),
        ("<html>\n<p>\n", "line 1 begins with no name of a package"),
    ] {
        assert_eq!(reason(text), told, "{text}");
    }
    assert!(matches!(
        read(Path::new("/nowhere/at/all"), &str::to_owned, "linux-64"),
        Err(ImportError::Missing { .. })
    ));
}

#[test]
fn files_of_windows_are_read() {
    let wide: Vec<u8> = "\u{feff}numpy\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    assert_eq!(decoded(&wide).as_deref(), Some("numpy\n"));
    assert_eq!(decoded(b"\xef\xbb\xbfnumpy").as_deref(), Some("numpy"));
    assert_eq!(decoded(b"\xff\xfe\x00\xd8"), None);
    assert_eq!(decoded(b"\x80"), None);
}
