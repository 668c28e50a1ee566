use proptest::prelude::*;

use super::*;

/// What comes of a text: entry, token, list and end, and what was done.
fn told(text: &str) -> Result<Vec<String>, NotWanted> {
    let wanted = WantedChannel::parse(text)?;
    Ok(wanted
        .into_iter()
        .map(|wanted| {
            let mut told = wanted.entry.expose().into_owned();
            if let Some(token) = &wanted.token {
                told.push_str(&format!(" token {}", token.expose()));
            }
            if let Some(list) = wanted.list {
                told.push_str(&format!(" in {}", list.key()));
            }
            if let Some(end) = wanted.end {
                told.push_str(&format!(" {end:?}"));
            }
            told
        })
        .collect())
}

#[test]
fn what_people_type_and_paste_is_understood() {
    for (text, expected) in [
        ("research", &["research"][..]),
        ("  'research/gpu'\n", &["research/gpu"]),
        ("research/linux-64", &["research"]),
        ("conda-forge/label/dev", &["conda-forge/label/dev"]),
        ("conda-forge::numpy", &["conda-forge"]),
        ("main, research; defaults", &["main", "research", "defaults"]),
        ("local", &["local"]),
        (
            "https://conda.anaconda.org/org/label/dev",
            &["https://conda.anaconda.org/org/label/dev"],
        ),
        (
            "HTTPS://Conda.anaconda.org/org/",
            &["https://Conda.anaconda.org/org"],
        ),
        (
            "psm.example.com/api/repo/main",
            &["https://psm.example.com/api/repo/main"],
        ),
        ("localhost:8080/conda/org", &["https://localhost:8080/conda/org"]),
        ("t/46e98d3d/research/gpu", &["research/gpu token 46e98d3d"]),
        ("/t/tok-1/research", &["research token tok-1"]),
        (
            "https://psm.example.com/api/repo/t/tok-1/main/noarch/repodata.json?x=1",
            &["https://psm.example.com/api/repo/main token tok-1"],
        ),
        (
            "http://h:8080/conda/t/tok-1/org/label/dev",
            &["http://h:8080/conda/org/label/dev token tok-1"],
        ),
        (
            "https://anaconda.org/conda-forge/numpy",
            &["https://conda.anaconda.org/conda-forge"],
        ),
        (
            "https://anaconda.org/org/label/dev/files",
            &["https://conda.anaconda.org/org/label/dev"],
        ),
        ("/opt/my channel", &["/opt/my channel"]),
        ("~/channel/noarch", &["~/channel"]),
        ("file:///opt/channel/linux-64", &["file:///opt/channel"]),
        ("C:\\channels\\mine", &["C:\\channels\\mine"]),
        (
            "conda config --add channels jsmith",
            &["jsmith in channels First"],
        ),
        (
            "$ conda config --append channels a --prepend default_channels 'b' --set ssl_verify no",
            &["a in channels Last", "b in default_channels First"],
        ),
        (
            "conda config --system --add channels https://h/api/repo/t/tok-1/main",
            &["https://h/api/repo/main token tok-1 in channels First"],
        ),
        (
            "conda install -c conda-forge -cbioconda --channel=x numpy",
            &["conda-forge", "bioconda", "x"],
        ),
        (
            "curl -O \\\n  -H \"Authorization: token tok-1\" https://h/api/repo/main/noarch/repodata.json.zst",
            &["https://h/api/repo/main token tok-1"],
        ),
        (
            "wget --header='X-Auth: tok-1' http://h/conda/org/linux-64/x-1-0.conda",
            &["http://h/conda/org token tok-1"],
        ),
        (
            "channels:\n  - research # ours\n  - 'https://h/x'\ndefault_channels: [main, \"r\"]\nssl_verify: true\n",
            &[
                "research in channels",
                "https://h/x in channels",
                "main in default_channels",
                "r in default_channels",
            ],
        ),
        ("- research\n- research\n- main", &["research", "main"]),
    ] {
        let expected: Vec<String> = expected.iter().map(|text| (*text).to_owned()).collect();
        assert_eq!(told(text), Ok(expected), "{text:?}");
    }
}

#[test]
fn what_was_done_is_told() {
    let done = |text: &str| -> Vec<Change> { WantedChannel::parse(text).unwrap()[0].changes.clone() };
    assert_eq!(done("research"), []);
    assert_eq!(
        done("curl https://h/api/repo/t/tok-1/main/noarch/repodata.json#x"),
        [
            Change::OutOfLine,
            Change::QueryDropped,
            Change::TokenTakenOut,
            Change::FileDropped,
            Change::SubdirDropped("noarch".to_owned()),
        ]
    );
    assert_eq!(done("h.example/main"), [Change::SchemeAdded]);
    assert_eq!(done("https://anaconda.org/me"), [Change::PageRead]);
}

#[test]
fn what_is_no_channel_is_told_apart() {
    let name = |text: &str, source| NotWanted::Name {
        text: text.to_owned(),
        source,
    };
    for (text, error) in [
        ("", NotWanted::Nothing),
        (" \n# only a comment\n", NotWanted::Nothing),
        ("ssl_verify: true", NotWanted::Nothing),
        ("conda install numpy", NotWanted::Nothing),
        ("a//b", name("'a//b'", InvalidChannelName::EmptyPart)),
        (
            "research//t/abcd1234",
            name("this", InvalidChannelName::EmptyPart),
        ),
        ("-", name("'-'", InvalidChannelName::NoLetter)),
        ("$CHANNEL", name("this", InvalidChannelName::Character('$'))),
        ("https://", NotWanted::Address),
        ("please add research", NotWanted::Words),
        ("https://h/api/repo/t/<TOKEN>/main", NotWanted::Placeholder),
        ("<my_channel_name>", NotWanted::Placeholder),
        (
            "https://h/t/ab_cd/main",
            NotWanted::Token(InvalidToken::Character),
        ),
        ("https://h/t//main", NotWanted::Token(InvalidToken::Empty)),
        ("https://al:pw@h/main", NotWanted::Password),
        (
            "curl -u al:pw https://h/main/noarch/repodata.json",
            NotWanted::Password,
        ),
        ("./here", NotWanted::RelativeFolder),
        ("conda config --remove channels main", NotWanted::Removes),
    ] {
        assert_eq!(told(text), Err(error), "{text:?}");
    }
}

proptest! {
    #[test]
    fn any_text_is_understood_or_not_and_shows_no_token(text in "\\PC{0,60}") {
        let _ = WantedChannel::parse(&text);
    }

    #[test]
    fn look_alikes_keep_their_token_apart(
        parts in prop::collection::vec(
            prop::sample::select(vec![
                "https://", "h.example", "/", "t/", "/t/", "abcd1234", "main", "noarch", " ", "\n", "- ", "channels:",
                "conda config --add channels ", "curl ", "-H 'Authorization: token abcd1234' ", "repodata.json", "'", "@", "<", "::", "[", ",",
            ]),
            0..10,
        ),
    ) {
        let text = parts.concat();
        match WantedChannel::parse(&text) {
            Ok(wanted) => for channel in wanted {
                let shown = format!("{channel:?} {}", channel.entry);
                if channel.token.is_some() {
                    prop_assert!(!channel.entry.expose().contains("/t/abcd1234"), "{text:?} {shown}");
                }
                if let ChannelEntry::Url(url) = &channel.entry {
                    prop_assert!(!url.has_secret(), "{text:?} {shown}");
                }
            },
            Err(error) => {
                let problem = error.explain();
                let told = format!("{} {:?} {:?}", problem.message, problem.cause, problem.remedy);
                // A name that is none is repeated; an address with a token never is.
                prop_assert!(!told.contains("/t/abcd1234"), "{text:?} {told}");
            }
        }
    }
}
