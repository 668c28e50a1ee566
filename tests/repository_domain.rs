//! What a person may paste where a domain is asked for, and what becomes of it.

use proptest::prelude::*;
use sextant::error::Explain;
use sextant::repository::{Change, Domain, DomainError};

#[test]
fn whatever_is_pasted_becomes_a_domain() {
    let table = [
        // As it should be.
        ("https://repo.example.com", "https://repo.example.com"),
        ("http://ate-mysite.com", "http://ate-mysite.com"),
        ("https://repo.example.com:8443", "https://repo.example.com:8443"),
        // Without a scheme.
        ("repo.example.com", "https://repo.example.com"),
        ("repo.example.com:8443", "https://repo.example.com:8443"),
        ("repo.example.com/", "https://repo.example.com"),
        (
            "repo.example.com:8443/api/repo/main",
            "https://repo.example.com:8443",
        ),
        ("localhost", "https://localhost"),
        ("localhost:8080", "https://localhost:8080"),
        ("psm", "https://psm"),
        ("my_server.corp", "https://my_server.corp"),
        ("10.0.0.5", "https://10.0.0.5"),
        ("//repo.example.com/x", "https://repo.example.com"),
        // The host stays as it is.
        ("https://api.example.com", "https://api.example.com"),
        ("myapi.corp.com", "https://myapi.corp.com"),
        ("https://myapi.corp.com/api", "https://myapi.corp.com"),
        ("https://repo.example.com.", "https://repo.example.com."),
        // Case, default ports, slashes.
        ("HTTPS://Repo.Example.COM/", "https://repo.example.com"),
        ("https://repo.example.com:443/", "https://repo.example.com"),
        ("http://repo.example.com:80", "http://repo.example.com"),
        ("http://repo.example.com:443", "http://repo.example.com:443"),
        ("https://repo.example.com:", "https://repo.example.com"),
        ("https://repo.example.com///", "https://repo.example.com"),
        ("https:\\\\repo.example.com\\api", "https://repo.example.com"),
        // API, web page, channel, token.
        ("https://repo.example.com/api", "https://repo.example.com"),
        (
            "https://repo.example.com/api/system?x=a@b#c",
            "https://repo.example.com",
        ),
        (
            "https://repo.example.com/channels/main/artifacts",
            "https://repo.example.com",
        ),
        (
            "https://repo.example.com?next=http://other.example",
            "https://repo.example.com",
        ),
        (
            "https://repo.example.com/api/repo/t/46e98d3dbf23/main/linux-64",
            "https://repo.example.com",
        ),
        // Commands and lines of files.
        (
            "conda config --set channel_alias https://repo.example.com/api/repo",
            "https://repo.example.com",
        ),
        (
            "$ conda config --add channels https://repo.example.com:8443/api/repo/main",
            "https://repo.example.com:8443",
        ),
        (
            "conda config --set channel_alias \"https://repo.example.com/api/repo\"",
            "https://repo.example.com",
        ),
        (
            "conda config --set channel_alias repo.example.com/api/repo",
            "https://repo.example.com",
        ),
        (
            "channel_alias: https://repo.example.com/api/repo",
            "https://repo.example.com",
        ),
        ("channel_alias: repo.example.com", "https://repo.example.com"),
        (
            "channels:\n  - https://h.example/api/repo/a\n  - https://h.example/api/repo/b\n",
            "https://h.example",
        ),
        (
            "curl -H 'X-Auth: abc' https://repo.example.com/api/account",
            "https://repo.example.com",
        ),
        (
            "The server is at https://repo.example.com/.",
            "https://repo.example.com",
        ),
        // White space, quotes, brackets, marks of word processors.
        ("  https://repo.example.com \r\n", "https://repo.example.com"),
        ("\"https://repo.example.com\"", "https://repo.example.com"),
        ("'repo.example.com'\n", "https://repo.example.com"),
        ("<https://repo.example.com>", "https://repo.example.com"),
        (
            "\u{feff}\u{201c}repo.example.com\u{201d}",
            "https://repo.example.com",
        ),
        // Slips of the finger.
        ("https:/repo.example.com", "https://repo.example.com"),
        ("http//repo.example.com", "http://repo.example.com"),
        ("https://https://repo.example.com", "https://repo.example.com"),
        ("https://http://repo.example.com", "http://repo.example.com"),
        ("https:///repo.example.com", "https://repo.example.com"),
        // Other letters and IPv6.
        ("https://bücher.example/api", "https://xn--bcher-kva.example"),
        ("BÜCHER.example", "https://xn--bcher-kva.example"),
        ("https://例え.テスト", "https://xn--r8jz45g.xn--zckzah"),
        ("[::1]", "https://[::1]"),
        ("https://[2001:DB8::1]:8443/api", "https://[2001:db8::1]:8443"),
        ("http://[::1]:80", "http://[::1]"),
    ];
    for (typed, expected) in table {
        match Domain::parse(typed) {
            Ok(domain) => assert_eq!(domain.as_str(), expected, "{typed:?}"),
            Err(error) => panic!("{typed:?}: {error}"),
        }
    }
}

#[test]
fn what_is_no_domain_says_why() {
    let character = |character| DomainError::HostCharacter { character };
    let scheme = |scheme: &str| DomainError::WrongScheme {
        scheme: scheme.to_owned(),
    };
    let table = [
        ("", DomainError::Empty),
        (" \t\n", DomainError::Empty),
        ("\"\"", DomainError::Empty),
        ("repo example.com", DomainError::Space),
        ("https://repo .example.com", DomainError::Space),
        ("please sign in", DomainError::Space),
        ("conda config --show", DomainError::NoHost),
        ("see https://a.example or https://b.example", DomainError::Several),
        ("ftp://repo.example.com", scheme("ftp")),
        ("htps://repo.example.com", scheme("htps")),
        ("FILE:///etc/passwd", scheme("file")),
        ("file:/etc/passwd", scheme("file")),
        ("mailto:al@example.com", scheme("mailto")),
        ("javascript:alert(1)", scheme("javascript")),
        ("https://alice:pw@repo.example.com", DomainError::Credentials),
        ("alice@repo.example.com", DomainError::Credentials),
        (
            "pip install -i https://TOKEN:x-auth-token@repo.example.com/simple x",
            DomainError::Credentials,
        ),
        ("https://", DomainError::NoHost),
        ("https:///", DomainError::NoHost),
        ("://repo.example.com", DomainError::NoHost),
        ("/api/repo", DomainError::NoHost),
        ("https://:8443", DomainError::NoHost),
        ("repo.example.com:port", DomainError::BadPort),
        ("repo.example.com:0", DomainError::BadPort),
        ("repo.example.com:65536", DomainError::BadPort),
        ("repo.example.com:-1", DomainError::BadPort),
        ("repo.example.com:+1", DomainError::BadPort),
        ("https://<FQDN>/api", character('<')),
        ("https://*.example.com", character('*')),
        ("https://repo,example.com", character(',')),
        ("https://ex%41mple.com", character('%')),
        ("https://repo..example.com", DomainError::MalformedHost),
        ("https://.example.com", DomainError::MalformedHost),
        ("8443", DomainError::MalformedHost),
        ("127.1", DomainError::MalformedHost),
        ("1.2.3.256", DomainError::MalformedHost),
        ("https://[::1", DomainError::MalformedHost),
        ("https://[fe80::1%25eth0]", DomainError::MalformedHost),
        ("https://xn--a.example", DomainError::MalformedHost),
    ];
    for (typed, expected) in table {
        let error = Domain::parse(typed).expect_err(typed);
        assert_eq!(error, expected, "{typed:?}");
        assert!(error.explain().remedy.is_some(), "{typed:?} has no remedy");
    }
    let long = format!("https://{}.example", "a".repeat(64));
    assert_eq!(Domain::parse(&long), Err(DomainError::MalformedHost));
}

#[test]
fn what_was_done_to_the_text_is_told() {
    use Change::{
        DefaultPortDropped, LowerCased, PathDropped, Punycode, SchemeAdded, TakenOut, TokenDropped,
    };
    let table: [(&str, &[Change]); 9] = [
        ("https://repo.example.com", &[]),
        (" https://repo.example.com/ ", &[]),
        ("repo.example.com", &[SchemeAdded]),
        ("https://repo.example.com/api", &[PathDropped]),
        ("https://repo.example.com/api/repo/t/abc-1/main", &[TokenDropped]),
        ("https://Repo.example.com:443", &[LowerCased, DefaultPortDropped]),
        ("https://bücher.example", &[Punycode]),
        (
            "channel_alias: https://repo.example.com/api/repo",
            &[TakenOut, PathDropped],
        ),
        (
            "conda config --set channel_alias repo.example.com",
            &[TakenOut, SchemeAdded],
        ),
    ];
    for (typed, expected) in table {
        assert_eq!(
            Domain::parse_pasted(typed).unwrap().changes,
            expected,
            "{typed:?}"
        );
    }
    let parsed = Domain::parse_pasted("http://repo.example.com/api/repo/t/46e98d3d/main").unwrap();
    assert_eq!(parsed.token.as_ref().unwrap().expose(), "46e98d3d");
    assert!(parsed.domain.is_plain_http());
    assert!(!format!("{parsed:?}").contains("46e98d3d"));
    assert_eq!(
        Domain::parse_pasted("https://h.example/api/repo/t/<TOKEN>/main")
            .unwrap()
            .token,
        None
    );
}

#[test]
fn a_domain_knows_its_parts() {
    let domain = Domain::parse("https://bücher.example:8443/x").unwrap();
    assert_eq!(domain.host(), "xn--bcher-kva.example");
    assert_eq!(domain.host_and_port(), "xn--bcher-kva.example:8443");
    assert_eq!(domain.port(), 8443);
    assert_eq!(domain.display(), "https://bücher.example:8443");
    assert_eq!(
        domain.channel_alias(),
        "https://xn--bcher-kva.example:8443/api/repo"
    );
    assert_eq!(
        domain.api(&["account", "tokens", "a/../b?c"]).unwrap().as_str(),
        "https://xn--bcher-kva.example:8443/api/account/tokens/a%2F..%2Fb%3Fc"
    );
    let six = Domain::parse("http://[::1]:8080").unwrap();
    assert_eq!(
        (six.host(), six.port(), six.display().as_str()),
        ("[::1]", 8080, "http://[::1]:8080")
    );
    assert_eq!(Domain::parse("http://[::1]").unwrap().port(), 80);
    assert_eq!(Domain::parse("h.example").unwrap().port(), 443);
}

#[test]
fn an_error_never_repeats_a_pasted_secret() {
    for secret in [
        "https://al:canary@h.example",
        "canary://h",
        "canary!",
        "canary canary",
        "h.example:canary",
        "canarycanarycanary://x",
    ] {
        let error = Domain::parse(secret).unwrap_err();
        let problem = error.explain();
        let shown = format!("{error} {error:?} {problem:?}");
        // A scheme of a scheme's length is told, since it is most likely a slip.
        assert!(secret == "canary://h" || !shown.contains("canary"), "{shown}");
    }
}

proptest! {
    #[test]
    fn no_text_makes_it_panic_and_a_domain_stays_itself(text in "\\PC*|[a-zA-Z0-9:/@.\\[\\]?# \\n\"'<>%_-]{0,40}|https?://[^ ]{0,30}") {
        if let Ok(parsed) = Domain::parse_pasted(&text) {
            let again = Domain::parse_pasted(parsed.domain.as_str()).unwrap();
            prop_assert_eq!(&again.domain, &parsed.domain);
            prop_assert!(again.changes.is_empty(), "{:?}", again.changes);
            prop_assert!(parsed.domain.api(&["system"]).is_ok());
            prop_assert!(!parsed.domain.as_str().ends_with('/'));
            let _ = (parsed.domain.display(), parsed.domain.port(), parsed.domain.host());
        }
    }
}
