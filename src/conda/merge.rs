//! How conda joins the values that several sources give one setting (repository reference, section 3.2).
//!
//! All functions take the sources lowest precedence first.

use super::setting::{Shape, Value};

/// A mark that a comment sets on a key or an item: `#!final`, `#!top`, `#!bottom`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flag {
    /// On a key: no source of higher precedence counts. On an item of a map: this value stays.
    Final,
    /// On an item of a list: it comes first.
    Top,
    /// On an item of a list: it comes last.
    Bottom,
}

/// What one source says about one setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub value: Value,
    pub key_flag: Option<Flag>,
    /// One for each item of the list or map, in their order; missing ones count as none.
    pub item_flags: Vec<Option<Flag>>,
    /// Those of the lists inside a map, one list for each entry.
    pub inner_flags: Vec<Vec<Option<Flag>>>,
}

impl Found {
    fn item_flag(&self, index: usize) -> Option<Flag> {
        self.item_flags.get(index).copied().flatten()
    }
}

/// How many of the sources count: those up to and including the first whose key is final.
pub(super) fn relevant(found: &[Found]) -> usize {
    found
        .iter()
        .position(|found| found.key_flag == Some(Flag::Final))
        .map_or(found.len(), |at| at + 1)
}

/// The joined value; `None` without any source.
pub(super) fn merge(shape: Shape, found: &[Found]) -> Option<Value> {
    let found = &found[..relevant(found)];
    let last = found.last()?;
    Some(match shape {
        // A final key has ended the row of sources already, so the last one wins in any case.
        Shape::Scalar => last.value.clone(),
        Shape::List => Value::List(merge_lists(found, Value::items)),
        Shape::Records => Value::Records(merge_lists(found, Value::records)),
        Shape::Map | Shape::MapOfLists | Shape::Settings => Value::Map(merge_maps(found)),
    })
}

/// Higher sources first, each item once. Items marked `top` lead, lowest source first; items marked `bottom`
/// end the list, the lowest source's last; an item with both marks goes to the bottom.
fn merge_lists<T: Clone + PartialEq>(found: &[Found], items: impl Fn(&Value) -> &[T]) -> Vec<T> {
    let marked = |found: &Found, flag| -> Vec<T> {
        let items = items(&found.value).iter().enumerate();
        items
            .filter(|(at, _)| found.item_flag(*at) == Some(flag))
            .map(|(_, item)| item.clone())
            .collect()
    };
    let top = found.iter().flat_map(|found| marked(found, Flag::Top));
    let all = found.iter().rev().flat_map(|found| items(&found.value).to_vec());
    let from_top = unique(top.chain(all));
    let bottom: Vec<_> = found
        .iter()
        .rev()
        .flat_map(|found| marked(found, Flag::Bottom))
        .collect();
    let mut from_bottom = unique(bottom.into_iter().rev().chain(from_top.into_iter().rev()));
    from_bottom.reverse();
    from_bottom
}

fn unique<T: PartialEq>(items: impl Iterator<Item = T>) -> Vec<T> {
    let mut kept: Vec<T> = Vec::new();
    for item in items {
        if !kept.contains(&item) {
            kept.push(item);
        }
    }
    kept
}

/// Name by name: the highest source's value, or the lowest source's that is marked final; lists under one
/// name are joined as lists are.
fn merge_maps(found: &[Found]) -> Vec<(String, Value)> {
    let mut names: Vec<&String> = Vec::new();
    for (name, _) in found.iter().flat_map(|found| found.value.entries()) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
        .into_iter()
        .filter_map(|name| Some((name.clone(), merge_name(found, name)?)))
        .collect()
}

fn merge_name(found: &[Found], name: &str) -> Option<Value> {
    let mut under_name = Vec::new();
    for found in found {
        if let Some(at) = found.value.entries().iter().position(|(known, _)| known == name) {
            let (_, value) = &found.value.entries()[at];
            if found.item_flag(at) == Some(Flag::Final) {
                return Some(value.clone());
            }
            under_name.push(Found {
                value: value.clone(),
                key_flag: None,
                item_flags: found.inner_flags.get(at).cloned().unwrap_or_default(),
                inner_flags: Vec::new(),
            });
        }
    }
    let all = |fits: fn(&Value) -> bool| under_name.iter().all(|found| fits(&found.value));
    let value = if all(|value| matches!(value, Value::List(_))) {
        Value::List(merge_lists(&under_name, Value::items))
    } else if all(|value| matches!(value, Value::Map(_))) {
        Value::Map(merge_maps(&under_name))
    } else {
        under_name.pop()?.value
    };
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conda::channel::OpaqueText;

    /// One source, written as `a b! c^ d_ | final`: `^` marks top, `_` bottom.
    fn list(text: &str) -> Found {
        let (items, key_flag) = match text.split_once('|') {
            Some((items, _)) => (items, Some(Flag::Final)),
            None => (text, None),
        };
        let mut values = Vec::new();
        let mut item_flags = Vec::new();
        for item in items.split_whitespace() {
            let flag = match item.chars().last() {
                Some('^') => Some(Flag::Top),
                Some('_') => Some(Flag::Bottom),
                _ => None,
            };
            values.push(OpaqueText::new(item.trim_end_matches(['^', '_'])));
            item_flags.push(flag);
        }
        Found {
            value: Value::List(values),
            key_flag,
            item_flags,
            inner_flags: Vec::new(),
        }
    }

    #[test]
    fn lists_join_with_the_higher_source_first() {
        for (sources, joined) in [
            (vec!["a b"], "a b"),
            (vec!["a b", "c"], "c a b"),
            (vec!["a b", "b c"], "b c a"),
            (vec!["a a b"], "a b"),
            (vec!["a", "", "b"], "b a"),
            // final ends the row at its own source; what lies below still joins.
            (vec!["a", "b | final", "c"], "b a"),
            (vec!["a | final", "b", "c"], "a"),
            (vec!["a | final", "b | final"], "a"),
            // top and bottom
            (vec!["a b^", "c"], "b c a"),
            (vec!["a^", "b^", "c"], "a b c"),
            (vec!["a_ b", "c"], "c b a"),
            (vec!["a_", "b_", "c"], "c b a"),
            (vec!["a_ b_", "c"], "c a b"),
            (vec!["a^", "a_ b"], "b a"),
            (vec!["a", "b_ c"], "c a b"),
        ] {
            let found: Vec<_> = sources.iter().map(|source| list(source)).collect();
            let value = merge(Shape::List, &found).unwrap();
            let text: Vec<_> = value.items().iter().map(OpaqueText::expose).collect();
            assert_eq!(text.join(" "), joined, "{sources:?}");
        }
        assert_eq!(merge(Shape::List, &[]), None);
    }

    fn scalar(text: &str, key_flag: Option<Flag>) -> Found {
        Found {
            value: Value::scalar(text),
            key_flag,
            item_flags: Vec::new(),
            inner_flags: Vec::new(),
        }
    }

    #[test]
    fn of_single_values_the_last_wins_unless_one_is_final() {
        let merged = |found: &[Found]| merge(Shape::Scalar, found).unwrap();
        assert_eq!(
            merged(&[scalar("a", None), scalar("b", None)]),
            Value::scalar("b")
        );
        let locked = [
            scalar("a", None),
            scalar("b", Some(Flag::Final)),
            scalar("c", Some(Flag::Final)),
        ];
        assert_eq!(merged(&locked), Value::scalar("b"));
        // Only final means something on a key.
        assert_eq!(
            merged(&[scalar("a", Some(Flag::Top)), scalar("b", None)]),
            Value::scalar("b")
        );
    }

    fn map(entries: &[(&str, Value)], item_flags: &[Option<Flag>]) -> Found {
        let entries = entries
            .iter()
            .map(|(name, value)| (name.to_string(), value.clone()))
            .collect();
        Found {
            value: Value::Map(entries),
            key_flag: None,
            item_flags: item_flags.to_vec(),
            inner_flags: Vec::new(),
        }
    }

    #[test]
    fn maps_join_name_by_name() {
        let low = map(
            &[("a", Value::scalar("1")), ("b", Value::scalar("2"))],
            &[None, Some(Flag::Final)],
        );
        let high = map(
            &[
                ("b", Value::scalar("3")),
                ("a", Value::scalar("4")),
                ("c", Value::Null),
            ],
            &[],
        );
        let merged = merge(Shape::Map, &[low, high]).unwrap();
        assert_eq!(merged.to_string(), "{a: 4, b: 2, c: nothing}");
    }

    #[test]
    fn lists_under_one_name_join_too() {
        let under = |text| ("defaults", list(text).value);
        let found = [map(&[under("a b")], &[]), map(&[under("c a")], &[])];
        assert_eq!(
            merge(Shape::MapOfLists, &found).unwrap().to_string(),
            "{defaults: [c, a, b]}"
        );
        let locked = [
            map(&[under("a b")], &[Some(Flag::Final)]),
            map(&[under("c a")], &[]),
        ];
        assert_eq!(
            merge(Shape::MapOfLists, &locked).unwrap().to_string(),
            "{defaults: [a, b]}"
        );
    }

    #[test]
    fn marks_inside_a_list_under_a_name_count() {
        let under = |text| {
            let inner = list(text);
            Found {
                inner_flags: vec![inner.item_flags.clone()],
                ..map(&[("lab", inner.value)], &[])
            }
        };
        let merged = merge(Shape::MapOfLists, &[under("a b^"), under("c_ d")]).unwrap();
        assert_eq!(merged.to_string(), "{lab: [b, d, a, c]}");
    }

    #[test]
    fn lists_of_maps_join_as_lists_do() {
        let record = |channel: &str, auth: &str| {
            let entries = [("channel", channel), ("auth", auth)];
            let entries = entries.map(|(name, text)| (name.to_owned(), Value::scalar(text)));
            Value::Map(entries.into())
        };
        let records = |records: Vec<Value>| Found {
            value: Value::Records(records),
            ..scalar("", None)
        };
        let low = records(vec![record("a", "low"), record("b", "both")]);
        let high = records(vec![record("a", "high"), record("b", "both")]);
        let merged = merge(Shape::Records, &[low, high]).unwrap();
        assert_eq!(
            merged.to_string(),
            "[{channel: a, auth: high}, {channel: b, auth: both}, {channel: a, auth: low}]"
        );
    }

    #[test]
    fn settings_of_others_join_as_their_kind_does() {
        let low = map(
            &[
                ("switch", Value::scalar("true")),
                ("names", list("a b").value),
                ("inner", Value::Map(vec![("x".to_owned(), Value::scalar("1"))])),
            ],
            &[],
        );
        let high = map(
            &[
                ("switch", Value::scalar("false")),
                ("names", list("c").value),
                ("inner", Value::Map(vec![("y".to_owned(), Value::scalar("2"))])),
            ],
            &[],
        );
        assert_eq!(
            merge(Shape::Settings, &[low, high]).unwrap().to_string(),
            "{switch: false, names: [c, a, b], inner: {x: 1, y: 2}}"
        );
    }
}
