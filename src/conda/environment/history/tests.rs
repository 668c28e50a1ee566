use proptest::prelude::*;

use super::*;

const TEXT: &str = "what stands before the first block counts for nothing
==> 2026-11-20 08:00:00 <==
# cmd: /opt/conda/bin/conda create -n etl python=3.12 numpy
# conda version: 26.7.0
+main/linux-64::python-3.12.4-h1_0
+main/linux-64::numpy-2.1.0-py312h1_0
+main/noarch::pip-24.0-py312_0
# update specs: ['python=3.12', 'numpy']
==> 2026-11-21 08:00:00 <==
# cmd: /opt/conda/bin/conda install \"numpy<2\" scipy
# conda version: 26.7.0
-main/linux-64::numpy-2.1.0-py312h1_0
+main/linux-64::numpy-1.26.4-py312h1_0
+main/linux-64::scipy-1.14.0-py312h1_0
# update specs: [\"numpy[version='<2']\", 'scipy']
# neutered specs: ['python']
==> 2026-11-22 08:00:00 <==
# cmd: conda remove scipy
-main/linux-64::scipy-1.14.0-py312h1_0
# remove specs: ['scipy']
";

fn requested(text: &str, installed: &[&str]) -> Vec<(String, String)> {
    let requested = History::parse(text).requested_specs(installed.iter().copied());
    requested.into_iter().map(|spec| (spec.name, spec.spec)).collect()
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected
        .iter()
        .map(|(name, spec)| ((*name).to_owned(), (*spec).to_owned()))
        .collect()
}

#[test]
fn what_was_asked_for_is_worked_out_of_all_blocks() {
    assert_eq!(
        requested(TEXT, &["python", "numpy", "scipy", "pip"]),
        pairs(&[("python", "python"), ("numpy", "numpy[version='<2']")])
    );
    // What is not there any more was removed without a word.
    assert_eq!(requested(TEXT, &["python"]), pairs(&[("python", "python")]));
}

#[test]
fn what_is_there_is_worked_out_of_all_blocks() {
    let history = History::parse(TEXT);
    assert_eq!(history.blocks.len(), 3);
    assert_eq!(history.blocks[0].at, "2026-11-20 08:00:00");
    assert_eq!(
        history.packages().into_iter().collect::<Vec<_>>(),
        [
            "main/linux-64::numpy-1.26.4-py312h1_0",
            "main/linux-64::python-3.12.4-h1_0",
            "main/noarch::pip-24.0-py312_0"
        ]
    );
    let whole = "==> 1 <==\na-1-0\nb-1-0\n==> 2 <==\n+c-1-0\n-a-1-0\n";
    let packages: Vec<_> = History::parse(whole).packages().into_iter().collect();
    assert_eq!(packages, ["b-1-0", "c-1-0"]);
}

#[test]
fn old_histories_are_understood() {
    let old = "==> 2017-01-01 00:00:00 <==
# cmd: conda install param>=1.5.1,<2.0
# install specs: python>=3.5.1,jupyter >=1.0.0,<2.0,matplotlib >=1.5.1,<2.0
";
    assert_eq!(
        requested(old, &["python", "jupyter", "matplotlib"]),
        pairs(&[
            ("python", "python[version='>=3.5.1']"),
            ("jupyter", "jupyter[version='>=1.0.0,<2.0']"),
            ("matplotlib", "matplotlib[version='>=1.5.1,<2.0']"),
        ])
    );
    // conda does not count what no command did, and features are no packages.
    assert!(requested("==> 1 <==\n# update specs: ['a']\n", &["a"]).is_empty());
    assert!(requested("==> 1 <==\n# cmd: x\n# update specs: ['a@']\n", &["a"]).is_empty());
    assert_eq!(
        requested("==> 1 <==\n# cmd: x\n# update specs: [u'a', 'b\\'c',]\n", &["a"]),
        pairs(&[("a", "a")])
    );
}

#[test]
fn a_block_is_written_as_conda_writes_it() {
    let set = |packages: &[&str]| {
        packages
            .iter()
            .map(|package| (*package).to_owned())
            .collect::<BTreeSet<_>>()
    };
    let present = set(&["main/noarch::pip-24.0-py312_0", "main/linux-64::numpy-2.2.0-0"]);
    let at = "2026-11-24T10:12:13".parse().unwrap();
    let mut change = Change::between(&History::parse(TEXT), &present, at, "sextant install\nnumpy");
    change.update_specs = vec!["numpy >=2".to_owned(), "it's".to_owned()];
    change.remove_specs = vec!["Python".to_owned()];
    let block = "==> 2026-11-24 10:12:13 <==
# cmd: sextant install numpy
# conda version: 3.8.0
-main/linux-64::numpy-1.26.4-py312h1_0
-main/linux-64::python-3.12.4-h1_0
+main/linux-64::numpy-2.2.0-0
# remove specs: ['python']
# update specs: [\"numpy[version='>=2']\", \"it's\"]
";
    assert_eq!(change.to_text(), block);
    assert_eq!(String::from_utf8(with(None, &change)).unwrap(), block);
    let cut = TEXT.trim_end();
    assert_eq!(
        String::from_utf8(with(Some(cut.as_bytes()), &change)).unwrap(),
        format!("{TEXT}{block}")
    );
    let history = History::parse(&String::from_utf8(with(Some(TEXT.as_bytes()), &change)).unwrap());
    assert_eq!(history.packages(), present);
}

proptest! {
    #[test]
    fn every_text_is_some_history(text in "[\\PC\n\r#>=<+-]{0,300}") {
        let history = History::parse(&text);
        history.packages();
        history.requested_specs(["a"]);
    }

    /// What is written is read back: packages, and specs in conda's spelling.
    #[test]
    fn what_is_written_is_read_back(
        packages in prop::collection::btree_set("[a-z]{1,6}/noarch::[a-z]{1,4}-[0-9.]{1,3}-[a-z0-9_]{1,3}", 0..6),
        specs in prop::collection::vec("[a-z]{1,6}( >=[0-9]{1,2})?", 0..4),
        command in "[ -~é'\"]{0,30}",
    ) {
        let at = "2026-11-24T10:12:13".parse().unwrap();
        let mut change = Change::between(&History::parse(TEXT), &packages, at, &format!("x {command}"));
        change.update_specs = specs.clone();
        let text = String::from_utf8(with(Some(TEXT.as_bytes()), &change)).unwrap();
        let history = History::parse(&text);
        prop_assert_eq!(history.packages(), packages);
        let request = history.blocks.last().unwrap().request();
        let specs: Vec<String> = specs.iter().map(|spec| MatchSpec::parse(spec).to_string()).collect();
        prop_assert_eq!(&request.update_specs, &specs);
    }

    /// Any text survives Python's way of writing it.
    #[test]
    fn texts_survive_their_literals(texts in prop::collection::vec("\\PC{0,12}|[\\\\'\"\n\t]{0,6}", 0..4)) {
        let written = python::repr_of_list(texts.iter().cloned());
        prop_assert_eq!(python::list_of_texts(&written), Some(texts));
    }
}
