use super::*;

#[test]
fn no_spelling_belongs_to_two_settings() {
    let mut all: Vec<_> = Key::ALL.iter().flat_map(|key| key.spellings()).collect();
    let count = all.len();
    all.sort();
    all.dedup();
    assert_eq!(all.len(), count);
    for (other, _) in OF_OTHERS {
        assert_eq!(Key::named(other), None, "{other}");
    }
}

#[test]
fn every_setting_is_explained_in_one_line() {
    for key in Key::ALL {
        let documentation = key.definition().documentation;
        assert!(documentation.ends_with('.') && documentation.len() > 10, "{key}");
        assert!(
            !documentation.contains('\n') && documentation.len() < 110,
            "{key}"
        );
        assert_eq!(Key::named(key.name()), Some(key));
    }
}

#[test]
fn every_default_is_one_that_conda_accepts() {
    for key in Key::ALL {
        for platform in [Platform::Linux, Platform::Windows] {
            let value = key.default_value(platform);
            if value != Value::Null {
                assert_eq!(key.refused(&value, true), None, "{key}: {value}");
            }
        }
    }
}

#[test]
fn values_are_refused_as_conda_refuses_them() {
    let scalar = |key: Key, text: &str, in_file| key.refused(&Value::scalar(text), in_file).is_none();
    for (key, text, in_file, in_variable) in [
        (Key::Offline, "maybe", false, false),
        (Key::Offline, "off", true, true),
        (Key::Offline, "0.1", true, true),
        (Key::RemoteMaxRetries, "abc", false, false),
        (Key::RemoteMaxRetries, "3", true, true),
        (Key::RemoteMaxRetries, "3.5", true, false),
        (Key::AutoStack, "true", true, false),
        (Key::RemoteReadTimeoutSecs, "5", true, true),
        (Key::RemoteReadTimeoutSecs, "soon", false, false),
        (Key::SafetyChecks, "warn", true, true),
        (Key::SafetyChecks, "WARN", false, false),
        (Key::ChannelPriority, "STRICT", true, true),
        (Key::ChannelPriority, "yes", true, true),
        (Key::ChannelPriority, "high", false, false),
        (Key::SatSolver, "PYSAT", true, true),
        (Key::SslVerify, "/any/text", true, true),
        (Key::ChannelAlias, "repo.example.com", false, false),
        (Key::ChannelAlias, "HTTPS://repo.example.com", false, false),
        (Key::ChannelAlias, "http://repo.example.com", true, true),
        (Key::LocalRepodataTtl, "3600", true, true),
        (Key::LocalRepodataTtl, "1.5", false, false),
        (Key::DefaultPython, "3.12", true, true),
        (Key::DefaultPython, "python", false, false),
        (Key::ShowChannelUrls, "none", true, true),
    ] {
        assert_eq!(scalar(key, text, true), in_file, "{key}: {text}");
        assert_eq!(
            scalar(key, text, false),
            in_variable,
            "{key}: {text} in a variable"
        );
    }
    // Nothing is off to a switch, and no number.
    assert_eq!(Key::SslVerify.refused(&Value::Null, true), None);
    assert!(Key::AutoStack.refused(&Value::Null, true).is_some());
    assert!(Key::ChannelAlias.refused(&Value::Null, true).is_some());
    let fields = |items: &[&str]| Value::List(items.iter().copied().map(OpaqueText::new).collect());
    assert_eq!(Key::ListFields.refused(&fields(&["name", "url"]), true), None);
    assert!(
        Key::ListFields
            .refused(&fields(&["name", "colour"]), true)
            .is_some()
    );
}
