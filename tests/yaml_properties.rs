//! What holds for every edit of every text.

#[path = "support/condarc.rs"]
mod condarc;

use condarc::{Edit, case, damaged_case, runner};
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use serde_yaml::Value;
use sextant::edit::yaml::{YamlError, YamlFile};

fn intended(edit: &Edit) -> Option<Value> {
    match edit {
        Edit::Scalar(_, value) => Some(Value::String(value.clone())),
        Edit::Bool(_, value) => Some(Value::Bool(*value)),
        Edit::List(_, items) => Some(Value::Sequence(
            items.iter().cloned().map(Value::String).collect(),
        )),
        Edit::Remove(_) => None,
    }
}

/// The start of a line, counted from 1, in a text with any line ends.
fn line_offset(text: &str, line: usize) -> usize {
    let mut at = 0;
    for _ in 1..line {
        let rest = &text[at..];
        let end = rest.find(['\n', '\r']).unwrap_or(rest.len());
        at += end + if rest[end..].starts_with("\r\n") { 2 } else { 1 };
    }
    at
}

/// Everything above the entry's first line and from the next entry's first line on is the same.
fn outside_is_identical(before: &YamlFile, after: &YamlFile, key: &str) -> Result<(), TestCaseError> {
    let Some(line) = before.line_of(key) else {
        return Ok(());
    };
    let text = before.text();
    let start = line_offset(text, line);
    let lines = before.keys().into_iter().filter_map(|key| before.line_of(key));
    let end = lines
        .filter(|other| *other > line)
        .min()
        .map_or(text.len(), |next| line_offset(text, next));
    prop_assert!(
        after.text().starts_with(&text[..start]),
        "text above changed: {:?}",
        after.text()
    );
    prop_assert!(
        after.text().ends_with(&text[end..]),
        "text below changed: {:?}",
        after.text()
    );
    Ok(())
}

fn check_edit(before: &YamlFile, edit: &Edit) -> Result<Option<YamlFile>, TestCaseError> {
    let mut after = before.clone();
    match edit.apply(&mut after) {
        Ok(()) => {}
        Err(YamlError::Refused(_)) => {
            prop_assert_eq!(before.text(), after.text());
            return Ok(None);
        }
        Err(error) => return Err(TestCaseError::fail(format!("unexpected error: {error}"))),
    }
    let key = edit.key();
    prop_assert_eq!(after.value(key).cloned(), intended(edit));
    for other in before.keys().into_iter().filter(|other| *other != key) {
        prop_assert_eq!(before.value(other), after.value(other));
        prop_assert_eq!(before.flag(other), after.flag(other), "flag of {}", other);
        prop_assert_eq!(
            before.item_flags(other),
            after.item_flags(other),
            "flags in {}",
            other
        );
    }
    outside_is_identical(before, &after, key)?;
    let again = YamlFile::parse(&after.bytes()).expect("what was written can be read");
    prop_assert_eq!(again.keys(), after.keys());
    let mut twice = after.clone();
    if let Err(error) = edit.apply(&mut twice) {
        return Err(TestCaseError::fail(format!(
            "{error}: a second run changes nothing of {:?}",
            after.text()
        )));
    }
    prop_assert_eq!(twice.text(), after.text());
    Ok(Some(after))
}

#[test]
fn an_edit_changes_its_entry_only_and_can_be_undone() {
    let result = runner().run(&case(), |(text, edits)| {
        let Ok(original) = YamlFile::parse(text.as_bytes()) else {
            return Ok(());
        };
        prop_assert_eq!(original.bytes(), text.as_bytes());
        for edit in &edits {
            let Some(mut changed) = check_edit(&original, edit)? else {
                continue;
            };
            let edited = changed.clone();
            if let Err(error) = changed.restore(edit.key(), &original) {
                return Err(TestCaseError::fail(format!(
                    "{error}: cannot restore from {:?}",
                    edited.text()
                )));
            }
            prop_assert_eq!(
                changed.text(),
                original.text(),
                "restored from {:?}",
                edited.text()
            );
            if let Err(error) = changed.restore(edit.key(), &edited) {
                return Err(TestCaseError::fail(format!(
                    "{error}: cannot redo {:?}",
                    edited.text()
                )));
            }
            prop_assert_eq!(changed.value(edit.key()), edited.value(edit.key()));
        }
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
}

#[test]
fn several_edits_can_be_undone_in_any_order() {
    let result = runner().run(&(case(), any::<bool>()), |((text, edits), backwards)| {
        let Ok(original) = YamlFile::parse(text.as_bytes()) else {
            return Ok(());
        };
        let mut file = original.clone();
        let mut keys: Vec<&str> = Vec::new();
        for edit in &edits {
            if let Some(after) = check_edit(&file, edit)? {
                file = after;
                keys.push(edit.key());
            }
        }
        // A flag can keep an entry from its place while its neighbours are still missing or changed.
        let flags = ["final", "top", "bottom"].iter().any(|flag| text.contains(flag));
        if backwards {
            keys.reverse();
        }
        let edited = file.clone();
        for key in keys {
            if file.restore(key, &original).is_err() {
                return Err(TestCaseError::reject("a neighbour is in the way"));
            }
        }
        for key in original.keys() {
            prop_assert_eq!(file.value(key), original.value(key));
        }
        // Spaces without a line end do not tell which line end the file had once nothing else is left.
        let open_blank = text.ends_with(' ');
        if !flags && !open_blank {
            prop_assert_eq!(file.text(), original.text(), "restored from {:?}", edited.text());
        }
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
}

#[test]
fn damaged_texts_are_refused_or_edited_right() {
    let result = runner().run(&damaged_case(), |(text, edits)| {
        let Ok(original) = YamlFile::parse(text.as_bytes()) else {
            return Ok(());
        };
        for edit in &edits {
            let Some(mut changed) = check_edit(&original, edit)? else {
                continue;
            };
            if let Err(error) = changed.restore(edit.key(), &original) {
                return Err(TestCaseError::fail(format!(
                    "{error}: cannot restore from {:?}",
                    changed.text()
                )));
            }
            prop_assert_eq!(changed.text(), original.text());
        }
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
}
