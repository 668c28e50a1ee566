use super::*;

fn environment(variables: &[(&str, &str)]) -> ProxySettings {
    ProxySettings::environment(
        variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
    )
}

fn proxy(settings: &ProxySettings, url: &str) -> Result<Option<Proxy>, ProxyError> {
    Proxies::new(settings).for_url(&Url::parse(url).unwrap())
}

fn chosen(settings: &ProxySettings, url: &str) -> Option<String> {
    proxy(settings, url).unwrap().map(|proxy| proxy.to_string())
}

fn rule(applies: &str, address: &str) -> ProxyRule {
    ProxyRule::new(Applies::parse(applies), &Secret::new(address), "a test")
}

#[test]
fn the_environment_names_the_proxy_per_scheme() {
    let settings = environment(&[
        ("HTTP_PROXY", "upper:1"),
        ("http_proxy", "lower:2"),
        ("ALL_PROXY", "https://all"),
        ("NO_PROXY", "Corp.example 10.0.0.0/8;,other.example"),
        ("PATH", "/bin"),
    ]);
    assert_eq!(
        chosen(&settings, "http://repo.example.com").as_deref(),
        Some("http://lower:2")
    );
    let all = proxy(&settings, "https://repo.example.com").unwrap().unwrap();
    assert_eq!(
        (all.to_string().as_str(), all.source.as_str()),
        ("https://all:443", "the environment variable ALL_PROXY")
    );
    for direct in [
        "https://corp.example",
        "https://repo.corp.example:8443/x",
        "http://10.1.2.3",
        "http://other.example",
        "http://localhost:1",
        "https://127.0.0.1:8443",
        "http://[::1]:8080",
    ] {
        assert_eq!(chosen(&settings, direct), None, "{direct}");
    }
    assert_eq!(
        chosen(&ProxySettings::default(), "https://repo.example.com"),
        None
    );
    assert_eq!(
        chosen(&environment(&[("https_proxy", " ")]), "https://repo.example.com"),
        None
    );
}

#[test]
fn of_one_source_the_most_particular_rule_counts_and_the_first_source_before_the_next() {
    let conda = [
        rule("all", "all:1"),
        rule("https", "scheme:2"),
        rule("https://Repo.example.com", "server:3"),
        rule("all://other.example.com", "other:4"),
        rule("https://127.0.0.1", "loopback:5"),
    ];
    let settings = ProxySettings::default()
        .then(conda)
        .then([rule("https", "environment:6"), rule("all", "late:7")]);
    for (url, expected) in [
        ("https://repo.example.com:8443/x", Some("http://server:3")),
        ("https://a.example", Some("http://scheme:2")),
        ("https://other.example.com", Some("http://scheme:2")),
        ("http://other.example.com", Some("http://other:4")),
        ("http://repo.example.com", Some("http://all:1")),
        // Loopback only by its name.
        ("https://127.0.0.1:1", Some("http://loopback:5")),
        ("http://127.0.0.1:1", None),
    ] {
        assert_eq!(chosen(&settings, url).as_deref(), expected, "{url}");
    }
    let excepted = ProxySettings {
        exceptions: Exceptions::parse("127.0.0.1,example.com"),
        ..settings
    };
    assert_eq!(chosen(&excepted, "https://127.0.0.1:1"), None);
    assert_eq!(chosen(&excepted, "https://repo.example.com"), None);
}

#[test]
fn a_password_in_a_proxy_address_stays_hidden() {
    let settings = environment(&[("https_proxy", "http://al:canary-pw%25@proxy:3128")]);
    let proxies = Proxies::new(&settings);
    let proxy = proxies
        .for_url(&Url::parse("https://h").unwrap())
        .unwrap()
        .unwrap();
    assert_eq!(proxy.to_string(), "http://proxy:3128");
    assert_eq!(
        proxy.url_with_credentials().unwrap().as_str(),
        "http://al:canary-pw%25@proxy:3128/"
    );
    assert_eq!(
        proxy.authorization().unwrap().expose(),
        "Basic YWw6Y2FuYXJ5LXB3JQ=="
    );
    assert!(!format!("{settings:?} {proxies:?}").contains("canary"));
}

#[test]
fn an_unusable_proxy_fails_only_what_would_go_there() {
    let settings = environment(&[("https_proxy", "socks5://h:1"), ("http_proxy", "h:1")]);
    let error = proxy(&settings, "https://repo.example.com").err().unwrap();
    assert_eq!(
        error.to_string(),
        "the proxy in the environment variable https_proxy cannot be used: a proxy of the kind socks5 is not supported"
    );
    assert_eq!(
        chosen(&settings, "http://repo.example.com").as_deref(),
        Some("http://h:1")
    );
}

#[test]
fn a_refused_login_is_not_sent_again_and_one_that_was_given_goes_before_that_in_the_address() {
    let basic = || vec!["NTLM".to_owned(), "basic".to_owned()];
    let mut settings = environment(&[("https_proxy", "http://al:old@proxy:3128")]);
    let url = Url::parse("https://h.example").unwrap();
    let proxies = Proxies::new(&settings);
    let proxy = || proxies.for_url(&url).unwrap().unwrap();
    assert_eq!(proxy().user(), Some("al"));
    let shown = || "http://proxy:3128".to_owned();
    assert_eq!(
        proxy().denied(basic()),
        ProxyError::WrongPassword { proxy: shown() }
    );
    assert!(proxy().authorization().is_none());
    assert_eq!(
        proxy().denied(basic()),
        ProxyError::AuthRequired { proxy: shown() }
    );

    settings.credentials = Some(ProxyCredentials {
        proxy: "proxy:3128".into(),
        login: ProxyLogin {
            user: "bo".into(),
            password: Secret::new("new"),
        },
    });
    let proxies = Proxies::new(&settings);
    let proxy = || proxies.for_url(&url).unwrap().unwrap();
    assert_eq!(proxy().user(), Some("bo"));
    // What is of no use is not the password's fault.
    let error = proxy().denied(vec!["Negotiate".into(), "NTLM".into()]);
    assert_eq!(
        error.to_string(),
        "the proxy http://proxy:3128 wants a sign-in by Negotiate or NTLM, which Sextant cannot do"
    );
    assert_eq!(proxy().user(), Some("bo"));
    settings.credentials.as_mut().unwrap().proxy = "other:3128".into();
    assert_eq!(
        Proxies::new(&settings).for_url(&url).unwrap().unwrap().user(),
        Some("al")
    );
}
