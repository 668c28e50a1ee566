use super::*;
use crate::conda::fixture::Machine;

const ALIAS: &str = "channel_alias: https://psm.example.com/api/repo\n";

fn resolve(condarc: &str, entry: &str) -> (Vec<String>, Through) {
    let machine = Machine::linux().file("home/.condarc", condarc);
    let resolver = Configuration::read(&machine.surroundings).resolver();
    let Resolution {
        addresses, through, ..
    } = resolver.resolve(&ChannelEntry::from_text(entry));
    (addresses, through)
}

#[test]
fn names_follow_the_alias() {
    for (entry, address) in [
        ("main", "https://psm.example.com/api/repo/main"),
        ("team/sub", "https://psm.example.com/api/repo/team/sub"),
        ("main/linux-64", "https://psm.example.com/api/repo/main"),
    ] {
        assert_eq!(resolve(ALIAS, entry), (vec![address.to_owned()], Through::Alias));
    }
}

#[test]
fn addresses_are_themselves_without_their_secrets() {
    for (entry, address) in [
        ("https://h/api/repo/t/tok/main/", "https://h/api/repo/main"),
        ("https://u:p@h/main/noarch", "https://h/main"),
    ] {
        assert_eq!(resolve(ALIAS, entry), (vec![address.to_owned()], Through::Itself));
    }
}

#[test]
fn a_custom_channel_takes_its_name_and_all_names_below() {
    let condarc = format!("{ALIAS}custom_channels:\n  team: https://other.example.com/conda/t/tok\n");
    let through = || Through::CustomChannel("team".to_owned());
    for (entry, address) in [
        ("team", "https://other.example.com/conda/team"),
        ("team/label/dev", "https://other.example.com/conda/team/label/dev"),
    ] {
        assert_eq!(resolve(&condarc, entry), (vec![address.to_owned()], through()));
    }
    assert_eq!(resolve(&condarc, "teams").1, Through::Alias);
}

#[test]
fn the_default_channels_names_are_taken_too() {
    // conda's own defaults are called pkgs/main and pkgs/r.
    assert_eq!(
        resolve(ALIAS, "pkgs/main"),
        (
            vec!["https://repo.anaconda.com/pkgs/main".to_owned()],
            Through::CustomChannel("pkgs/main".to_owned())
        )
    );
    // The same channel under its name and in default_channels is no conflict.
    let condarc = format!("{ALIAS}default_channels: [main, https://psm.example.com/api/repo/other]\n");
    assert_eq!(resolve(&condarc, "main").1, Through::Alias);
    assert_eq!(resolve(&condarc, "other").1, Through::Alias);
    assert_eq!(resolve(&condarc, "pkgs/main").1, Through::Alias);
}

#[test]
fn defaults_is_what_the_configuration_says() {
    let defaults = |condarc: &str| resolve(condarc, "defaults").0.join(" ");
    assert_eq!(
        defaults(ALIAS),
        "https://repo.anaconda.com/pkgs/main https://repo.anaconda.com/pkgs/r"
    );
    let own = format!("{ALIAS}default_channels: [main, 'https://h/t/tok/x']\n");
    assert_eq!(
        defaults(&own),
        "https://psm.example.com/api/repo/main https://h/x"
    );
    let multi = format!("{own}custom_multichannels:\n  defaults: [https://m/x]\n  mine: [main]\n");
    assert_eq!(defaults(&multi), "https://m/x");
    assert_eq!(
        resolve(&multi, "mine"),
        (
            vec!["https://psm.example.com/api/repo/main".to_owned()],
            Through::Multichannel("mine".to_owned())
        )
    );
}

#[test]
fn what_is_on_this_machine_concerns_no_server() {
    for (entry, addresses) in [
        ("local", vec![]),
        ("./here", vec![]),
        ("~other/here", vec![]),
        ("/opt/a b/../ch/", vec!["file:///opt/ch"]),
        ("/opt/ch/linux-64", vec!["file:///opt/ch"]),
    ] {
        let addresses: Vec<String> = addresses.into_iter().map(str::to_owned).collect();
        assert_eq!(resolve(ALIAS, entry), (addresses, Through::Nothing), "{entry}");
    }
    let machine = Machine::linux()
        .file("home/conda-bld/noarch/repodata.json", "{}")
        .file("built/noarch/repodata.json", "{}");
    let croot = format!("croot: {}\n", machine.path("built").display());
    let machine = machine.file("home/.condarc", croot);
    let local = Configuration::read(&machine.surroundings)
        .resolver()
        .resolve(&ChannelEntry::Local);
    let place = |inside: &str| format!("file://{}", machine.path(inside).display());
    assert_eq!(local.addresses, [place("built"), place("home/conda-bld")]);
    assert_eq!(local.channels[0].canonical_name(), "local");
    let home = machine.surroundings.home.display().to_string();
    let resolver = Configuration::read(&machine.surroundings).resolver();
    assert_eq!(
        resolver.resolve(&ChannelEntry::from_text("~/ch")).addresses,
        [format!("file://{home}/ch")]
    );
}

#[test]
fn a_folder_with_other_letters_is_encoded_and_called_by_its_letters() {
    let machine = Machine::linux();
    let resolver = Configuration::read(&machine.surroundings).resolver();
    let channel = &resolver.resolve(&ChannelEntry::from_text("/tmp/ü x")).channels[0];
    assert_eq!(channel.url(), "file:///tmp/ü x");
    assert_eq!(channel.canonical_name(), "file:///tmp/ü x");
}

/// A machine's configuration, and what conda makes of entries with it: the name it shows and the addresses it asks for, with
/// the secrets that go along. `urls` of several channels are separated by spaces.
type Table = (
    &'static str,
    &'static [(&'static str, &'static str, &'static str)],
);

/// By the rules of the repository reference, section 3.3, and the server reference, sections 1.11 and 3.5. Each row was
/// held against conda itself; `tests/channels_conda_peer.rs` does it again where there is one.
const TABLES: &[Table] = &[
    (
        // Nothing configured: conda's own alias and defaults.
        "",
        &[
            (
                "conda-forge",
                "conda-forge",
                "https://conda.anaconda.org/conda-forge",
            ),
            (
                "conda-forge/label/dev",
                "conda-forge/label/dev",
                "https://conda.anaconda.org/conda-forge/label/dev",
            ),
            (
                "https://conda.anaconda.org/conda-forge/",
                "conda-forge",
                "https://conda.anaconda.org/conda-forge",
            ),
            (
                "https://conda.anaconda.org/t/tok-1/me/noarch",
                "me",
                "https://conda.anaconda.org/t/tok-1/me",
            ),
            (
                "defaults",
                "defaults",
                "https://repo.anaconda.com/pkgs/main https://repo.anaconda.com/pkgs/r",
            ),
            ("pkgs/main", "defaults", "https://repo.anaconda.com/pkgs/main"),
            ("pkgs/pro", "pkgs/pro", "https://repo.anaconda.com/pkgs/pro"),
            (
                "https://repo.anaconda.com/pkgs/r",
                "defaults",
                "https://repo.anaconda.com/pkgs/r",
            ),
            (
                "https://repo.anaconda.com/pkgs/free",
                "https://repo.anaconda.com/pkgs/free",
                "https://repo.anaconda.com/pkgs/free",
            ),
            // A channel anywhere that has the name of a default channel is shown as one.
            (
                "https://mirror.example/pkgs/main",
                "defaults",
                "https://mirror.example/pkgs/main",
            ),
            // Part by part, as far as the shorter of the two goes.
            (
                "https://repo.anaconda.com/pkgs",
                "pkgs/main/repo.anaconda.com/pkgs",
                "https://repo.anaconda.com/pkgs/main/repo.anaconda.com/pkgs",
            ),
            (
                "https://H.example:443/A?b#c",
                "https://h.example:443/A",
                "https://h.example:443/A",
            ),
            ("https://h.example", "https://h.example", "https://h.example"),
            (
                "https://h.example/a%20b",
                "https://h.example/a b",
                "https://h.example/a b",
            ),
            (
                "http://h:8080/conda/t/tok-1/org/label/dev",
                "http://h:8080/conda/org/label/dev",
                "http://h:8080/conda/t/tok-1/org/label/dev",
            ),
            (
                "https://psm.example.com/api/repo/t/tok-1/main",
                "https://psm.example.com/api/repo/main",
                // Without the alias the token goes to the root, where no server looks for it.
                "https://psm.example.com/t/tok-1/api/repo/main",
            ),
            ("https://u:p@h/x", "https://h/x", "https://u:p@h/x"),
            ("https://u@h/x", "https://h/x", "https://u@h/x"),
            ("file:///opt/ch", "file:///opt/ch", "file:///opt/ch"),
            ("s3://bucket/ch", "s3://bucket/ch", "s3://bucket/ch"),
            (
                "HTTPS://h/x",
                "HTTPS://h/x",
                "https://conda.anaconda.org/HTTPS://h/x",
            ),
            (
                "$NOWHERE/x",
                "$NOWHERE/x",
                "https://conda.anaconda.org/$NOWHERE/x",
            ),
        ],
    ),
    (
        "channel_alias: https://psm.example.com/api/repo/\ndefault_channels: [main, research/gpu]\n",
        &[
            (
                "team/sub",
                "team/sub",
                "https://psm.example.com/api/repo/team/sub",
            ),
            ("main", "defaults", "https://psm.example.com/api/repo/main"),
            (
                "defaults",
                "defaults",
                "https://psm.example.com/api/repo/main https://psm.example.com/api/repo/research/gpu",
            ),
            (
                "https://psm.example.com/api/repo/t/tok-1/team",
                "team",
                "https://psm.example.com/api/repo/t/tok-1/team",
            ),
            (
                "https://psm.example.com/api/repo/main/noarch",
                "defaults",
                "https://psm.example.com/api/repo/main",
            ),
            // The scheme is the address's own.
            (
                "http://psm.example.com/api/repo/team",
                "team",
                "http://psm.example.com/api/repo/team",
            ),
            (
                "https://psm.example.com/api",
                "research/gpu/psm.example.com/api",
                "https://psm.example.com/api/repo/research/gpu/psm.example.com/api",
            ),
            (
                "https://psm.example.com/apis",
                "https://psm.example.com/apis",
                "https://psm.example.com/apis",
            ),
            (
                "conda-forge",
                "conda-forge",
                "https://psm.example.com/api/repo/conda-forge",
            ),
            (
                "https://conda.anaconda.org/conda-forge",
                "https://conda.anaconda.org/conda-forge",
                "https://conda.anaconda.org/conda-forge",
            ),
        ],
    ),
    (
        "channel_alias: https://u:p@h.example/t/tok-1/conda\n",
        &[
            ("org", "org", "https://u:p@h.example/conda/t/tok-1/org"),
            (
                "org/label/dev",
                "org/label/dev",
                "https://u:p@h.example/conda/t/tok-1/org/label/dev",
            ),
            (
                "https://h.example/conda/org",
                "org",
                "https://u:p@h.example/conda/t/tok-1/org",
            ),
            (
                "https://a:b@h.example/conda/t/other/org",
                "org",
                "https://a:b@h.example/conda/t/other/org",
            ),
            (
                "https://h.example/other",
                "https://h.example/other",
                "https://h.example/other",
            ),
        ],
    ),
    (
        "channel_alias: https://psm.example.com/api/repo\n\
         custom_channels:\n  team: https://other.example.com/conda/t/tok-1\n  deep/er: 'https://u:p@d.example/x'\n  plain: /shared\n",
        &[
            ("team", "team", "https://other.example.com/conda/t/tok-1/team"),
            (
                "team/label/dev",
                "team/label/dev",
                "https://other.example.com/conda/t/tok-1/team/label/dev",
            ),
            (
                "team/linux-64",
                "team",
                "https://other.example.com/conda/t/tok-1/team",
            ),
            ("teams", "teams", "https://psm.example.com/api/repo/teams"),
            ("deep/er/x", "deep/er/x", "https://u:p@d.example/x/deep/er/x"),
            ("deep", "deep", "https://psm.example.com/api/repo/deep"),
            (
                "https://other.example.com/conda/team/sub",
                "team/sub",
                "https://other.example.com/conda/t/tok-1/team/sub",
            ),
            (
                "https://elsewhere.example/team",
                "team",
                "https://elsewhere.example/team",
            ),
            // A location without a scheme is none.
            ("plain", "plain", "https://psm.example.com/api/repo/plain"),
        ],
    ),
    (
        "custom_multichannels:\n  lab: [conda-forge, 'https://psm.example.com/api/repo/lab']\n  defaults: [main]\n\
         default_channels: [unused]\n",
        &[
            (
                "lab",
                "lab",
                "https://conda.anaconda.org/conda-forge https://psm.example.com/api/repo/lab",
            ),
            (
                "lab/osx-64",
                "lab",
                "https://conda.anaconda.org/conda-forge https://psm.example.com/api/repo/lab",
            ),
            ("conda-forge", "lab", "https://conda.anaconda.org/conda-forge"),
            ("api/repo/lab", "lab", "https://psm.example.com/api/repo/lab"),
            ("defaults", "defaults", "https://conda.anaconda.org/main"),
            ("unused", "unused", "https://conda.anaconda.org/unused"),
        ],
    ),
    (
        "channel_alias: https://new.example/api/repo\n\
         migrated_channel_aliases: ['https://old.example/conda', 'https://older.example']\n\
         migrated_custom_channels:\n  darwin: s3://my-bucket/here\n  team/x: https://t.example/deep\n",
        &[
            (
                "https://old.example/conda/org/label/dev",
                "org/label/dev",
                "https://new.example/api/repo/org/label/dev",
            ),
            (
                "http://older.example/org",
                "org",
                "https://new.example/api/repo/org",
            ),
            (
                "s3://my-bucket/here/darwin",
                "darwin",
                "https://new.example/api/repo/darwin",
            ),
            (
                "https://t.example/deep/team/x/noarch",
                "team/x",
                "https://new.example/api/repo/team/x",
            ),
            (
                "https://t.example/deep/team/x/sub",
                "team/x/sub",
                "https://new.example/api/repo/team/x/sub",
            ),
            (
                "https://t.example:8443/deep/team/x",
                "https://t.example:8443/deep/team/x",
                "https://t.example:8443/deep/team/x",
            ),
        ],
    ),
];

#[test]
fn entries_are_resolved_as_conda_resolves_them() {
    for (condarc, rows) in TABLES {
        let machine = Machine::linux().file("home/.condarc", condarc);
        let resolver = Configuration::read(&machine.surroundings).resolver();
        for (entry, canonical_name, urls) in *rows {
            let resolution = resolver.resolve(&ChannelEntry::from_text(entry));
            let asked: Vec<String> = resolution
                .channels
                .iter()
                .map(|channel| channel.request_address(None).expose().to_owned())
                .collect();
            assert_eq!(asked.join(" "), *urls, "{condarc}{entry}");
            for channel in &resolution.channels {
                assert_eq!(channel.canonical_name(), *canonical_name, "{condarc}{entry}");
            }
            let shown = format!("{:?}", resolution);
            assert!(!shown.contains("tok-1") && !shown.contains("u:p"), "{shown}");
        }
    }
}

#[test]
fn a_token_in_a_name_goes_where_conda_asks_for_it_and_is_not_shown() {
    let machine = Machine::linux().file("home/.condarc", ALIAS);
    let resolver = Configuration::read(&machine.surroundings).resolver();
    let entry = ChannelEntry::from_text("t/46e98d3d-1/research/gpu");
    let channel = &resolver.resolve(&entry).channels[0];
    assert_eq!(channel.url(), "https://psm.example.com/api/repo/research/gpu");
    assert_eq!(channel.canonical_name(), "research/gpu");
    assert_eq!(
        channel.request_address(None).expose(),
        "https://psm.example.com/api/repo/t/46e98d3d-1/research/gpu"
    );
    assert_eq!(entry.to_string(), "t/••••/research/gpu");
}

#[test]
fn a_token_from_the_store_stands_between_location_and_name() {
    let machine = Machine::linux().file("home/.condarc", ALIAS);
    let resolver = Configuration::read(&machine.surroundings).resolver();
    let stored = crate::secret::Token::parse("stored-1").unwrap();
    for (entry, address) in [
        ("team/sub", "https://psm.example.com/api/repo/t/stored-1/team/sub"),
        ("https://h/t/own-1/x", "https://h/t/own-1/x"),
        ("https://h/conda/x", "https://h/conda/t/stored-1/x"),
    ] {
        let channel = &resolver.resolve(&ChannelEntry::from_text(entry)).channels[0];
        assert_eq!(channel.request_address(Some(&stored)).expose(), address);
    }
}

#[test]
fn the_channel_of_a_package_is_found_by_its_address() {
    let machine = Machine::linux().file("home/.condarc", ALIAS);
    let resolver = Configuration::read(&machine.surroundings).resolver();
    let name = |address: &str| {
        let channel = resolver.channel_at(address);
        channel.map(|channel| channel.canonical_name().to_owned())
    };
    assert_eq!(
        name("https://psm.example.com/api/repo/team/noarch/x-1-0.conda").as_deref(),
        Some("team")
    );
    assert_eq!(
        name("https://repo.anaconda.com/pkgs/main/linux-64/x-1-0.tar.bz2").as_deref(),
        Some("defaults")
    );
    assert_eq!(
        name("https://h/x/noarch/repodata.json.zst").as_deref(),
        Some("https://h/x")
    );
    assert_eq!(name("https://h:port/x"), None);
    assert_eq!(name("team"), None);
}

fn searched(condarc: &str) -> Result<Vec<String>, String> {
    let machine = Machine::linux()
        .file("home/.condarc", condarc)
        .variable("LABEL", "dev");
    let searched = Configuration::read(&machine.surroundings).searched();
    let searched = searched.map_err(|refused| refused.address)?;
    Ok(searched.iter().flat_map(SearchedChannel::urls).collect())
}

#[test]
fn what_is_searched_is_every_index_in_its_order_and_once() {
    assert_eq!(
        searched(
            "subdir: linux-64\nchannels: [org/label/$LABEL, defaults, pkgs/r, 'https://h/t/tok/x/osx-64', ~]\n"
        )
        .unwrap(),
        [
            "https://conda.anaconda.org/org/label/dev/linux-64",
            "https://conda.anaconda.org/org/label/dev/noarch",
            "https://repo.anaconda.com/pkgs/main/linux-64",
            "https://repo.anaconda.com/pkgs/main/noarch",
            "https://repo.anaconda.com/pkgs/r/linux-64",
            "https://repo.anaconda.com/pkgs/r/noarch",
            "https://h/x/osx-64",
            "https://h/x/noarch",
        ]
    );
    assert_eq!(
        searched("").unwrap(),
        [""; 0],
        "conda 25 and later search nothing"
    );
    assert_eq!(
        searched("subdirs: [linux-32]\nchannels: [a, a/noarch]\n").unwrap(),
        [
            "https://conda.anaconda.org/a/linux-32",
            "https://conda.anaconda.org/a/noarch"
        ]
    );
    assert_eq!(
        searched("subdir: win-64\nchannels: [defaults]\n").unwrap()[4],
        "https://repo.anaconda.com/pkgs/msys2/win-64"
    );
}

#[test]
fn conda_stops_at_a_channel_that_is_not_allowed() {
    let allowed = "allowlist_channels: [main]\nchannels: [main, defaults]\ndefault_channels: [main, other]\n";
    assert_eq!(searched(allowed).unwrap_err(), "https://conda.anaconda.org/other");
    let older = allowed.replace("allowlist", "whitelist");
    assert!(searched(&older).is_err());
    let denied = "denylist_channels: ['https://Conda.anaconda.org/bad/']\nchannels: [bad]\n";
    assert_eq!(searched(denied).unwrap_err(), "https://conda.anaconda.org/bad");
    let both = "denylist_channels: [a]\nallowlist_channels: [defaults, b]\nchannels: [defaults, b]\n";
    assert!(searched(both).is_ok());
}

#[test]
fn other_channels_can_be_forbidden() {
    let allows = |condarc: &str| {
        let machine = Machine::linux().file("home/.condarc", condarc);
        Configuration::read(&machine.surroundings).allows_other_channels()
    };
    assert!(allows(""));
    assert!(!allows("override_channels_enabled: no\n"));
}
