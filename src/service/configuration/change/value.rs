//! Values as a person types them.

use serde_yaml::Value;

/// A single value as it would be read from YAML 1.2, with the words of other times for switches left as text.
pub(super) fn single(text: &str) -> Value {
    match serde_yaml::from_str::<Value>(text) {
        Ok(value @ (Value::Null | Value::Bool(_) | Value::Number(_))) => value,
        // Quotes that were typed belong to the notation, not to the text.
        Ok(Value::String(inner)) if text.starts_with(['"', '\'']) => Value::String(inner),
        _ => Value::String(text.to_owned()),
    }
}

/// A switch: `true` and `false`, and what YAML of other times and conda take for them.
pub(super) fn switch(text: &str) -> Option<bool> {
    match text.trim().to_lowercase().as_str() {
        "true" | "yes" | "on" | "y" | "1" => Some(true),
        "false" | "no" | "off" | "n" | "0" => Some(false),
        _ => None,
    }
}

/// A list: `[a, b]` in the notation of YAML, or `a,b`. Nothing for brackets that cannot be understood.
pub(super) fn list(text: &str) -> Option<Vec<String>> {
    let text = text.trim();
    if text.starts_with('[') {
        let Ok(Value::Sequence(items)) = serde_yaml::from_str::<Value>(text) else {
            return None;
        };
        return items.iter().map(item).collect();
    }
    let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
    Some(items.map(str::to_owned).collect())
}

/// A text, number or switch as text.
fn item(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(switch) => Some(switch.to_string()),
        _ => None,
    }
}

/// A list or map in the notation of YAML.
pub(super) fn whole(text: &str) -> Option<Value> {
    serde_yaml::from_str::<Value>(text)
        .ok()
        .filter(|value| value.is_sequence() || value.is_mapping())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_taken_in_both_notations() {
        for (text, items) in [
            ("[a, b]", Some(vec!["a", "b"])),
            ("a, b,,", Some(vec!["a", "b"])),
            ("a", Some(vec!["a"])),
            ("", Some(vec![])),
            ("[]", Some(vec![])),
            ("['a, b', 1]", Some(vec!["a, b", "1"])),
            ("[a", None),
            ("[{a: 1}]", None),
        ] {
            let items = items.map(|items| items.into_iter().map(str::to_owned).collect::<Vec<_>>());
            assert_eq!(list(text), items, "{text}");
        }
    }

    #[test]
    fn single_values_keep_their_kind() {
        assert_eq!(single("5"), Value::from(5));
        assert_eq!(single("true"), Value::Bool(true));
        assert_eq!(single("~"), Value::Null);
        assert_eq!(single("'5'"), Value::from("5"));
        assert_eq!(single("https://h: x"), Value::from("https://h: x"));
        assert_eq!(
            (switch("Yes"), switch("0"), switch("maybe")),
            (Some(true), Some(false), None)
        );
    }
}
