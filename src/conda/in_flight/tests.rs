//! What goes along with which request.

use super::*;
use crate::conda::fixture::Machine;

const TOKEN: &str = "canary-tok-1";

fn token_file(key: &str) -> String {
    format!("home/.config/binstar/{}", token_file::file_name(key))
}

fn credentials(machine: &Machine) -> ChannelCredentials {
    ChannelCredentials::read(&machine.surroundings, &Configuration::read(&machine.surroundings))
}

fn sent(machine: &Machine, address: &str) -> String {
    let address = Url::parse(address).unwrap();
    let in_flight = credentials(machine).for_address(&address).unwrap();
    in_flight.expose().to_string()
}

/// The table of the server reference, section 3.6; where something differs, it says so.
#[test]
fn a_stored_token_goes_where_conda_puts_it() {
    let alias = "channel_alias: https://s/api/repo\n";
    for (condarc, key, address, expected) in [
        (
            alias,
            "https://s/api",
            "https://s/api/repo/main/linux-64/repodata.json",
            "https://s/api/repo/t/canary-tok-1/main/linux-64/repodata.json",
        ),
        (
            alias,
            "https://s/api",
            "https://s/api/repo/team/sub/noarch/x.conda",
            "https://s/api/repo/t/canary-tok-1/team/sub/noarch/x.conda",
        ),
        (
            "",
            "https://s/api",
            "https://s/api/repo/main/noarch/x",
            "https://s/t/canary-tok-1/api/repo/main/noarch/x",
        ),
        (
            alias,
            "https://s/api",
            "https://s/apiX/noarch/x",
            "https://s/t/canary-tok-1/apiX/noarch/x",
        ),
        // conda would send it; here the host has to end.
        (
            alias,
            "https://psm.example.com",
            "https://psm.example.com.evil.net/main/noarch/x",
            "https://psm.example.com.evil.net/main/noarch/x",
        ),
        (
            alias,
            "https://psm.example.com",
            "https://psm.example.com:8443/main/noarch/x",
            "https://psm.example.com:8443/main/noarch/x",
        ),
        (
            alias,
            "https://api.corp.example",
            "https://conda.corp.example.evil.net/main/noarch/x",
            "https://conda.corp.example.evil.net/main/noarch/x",
        ),
        ("", "", "https://h/main/noarch/x", "https://h/main/noarch/x"),
        (
            "",
            "https://psm.example.com",
            "https://psm.example.com/main/noarch/x",
            "https://psm.example.com/t/canary-tok-1/main/noarch/x",
        ),
        // An Anaconda Repository, and Anaconda.org.
        (
            "",
            "http://h:8080/api/",
            "http://h:8080/conda/org/label/dev/noarch/x",
            "http://h:8080/conda/t/canary-tok-1/org/label/dev/noarch/x",
        ),
        (
            "",
            "https://api.anaconda.org/",
            "https://conda.anaconda.org/me/noarch/x",
            "https://conda.anaconda.org/t/canary-tok-1/me/noarch/x",
        ),
        // The cloud, whose channels stand in `default_channels`.
        (
            "default_channels: [https://repo.cloud/repo/main]\n",
            "https://repo.cloud/repo/",
            "https://repo.cloud/repo/main/noarch/x",
            "https://repo.cloud/t/canary-tok-1/repo/main/noarch/x",
        ),
        (
            "custom_channels:\n  mine: https://h/deep/place\n",
            "https://h/deep",
            "https://h/deep/place/mine/noarch/x",
            "https://h/deep/place/t/canary-tok-1/mine/noarch/x",
        ),
        (
            "add_anaconda_token: false\n",
            "https://s/api",
            "https://s/api/x",
            "https://s/api/x",
        ),
        (
            "",
            "https://PSM.Example.com/api",
            "https://psm.example.com/api/x",
            "https://psm.example.com/api/x",
        ),
        ("", "https://s/api", "http://s/api/x", "http://s/api/x"),
    ] {
        let machine = Machine::linux()
            .file("home/.condarc", condarc)
            .file(&token_file(key), TOKEN);
        assert_eq!(sent(&machine, address), expected, "{condarc} {key} {address}");
    }
}

#[test]
fn of_several_tokens_the_one_that_says_most_is_sent() {
    let machine = Machine::linux()
        .file("home/.condarc", "channel_alias: https://s/api/repo\n")
        .file(&token_file("https://s/api"), "old")
        .file(&token_file("https://s/api/repo"), "new")
        .file(&token_file("https://s/api/repo/team"), "  ");
    assert_eq!(
        sent(&machine, "https://s/api/repo/team/noarch/x"),
        "https://s/api/repo/t/new/team/noarch/x"
    );
}

#[test]
fn a_token_file_that_cannot_be_used_is_told_not_passed_over() {
    let machine = Machine::linux().file(&token_file("https://s/api"), "canary tok");
    let address = Url::parse("https://s/api/x").unwrap();
    let error = credentials(&machine).for_address(&address).unwrap_err();
    assert!(matches!(error, CondaError::TokenUnusable { .. }), "{error}");
    assert!(!format!("{error} {error:?}").contains("canary tok"));
    let elsewhere = Url::parse("https://other/x").unwrap();
    assert!(credentials(&machine).for_address(&elsewhere).is_ok());
}

#[test]
fn a_token_that_is_written_goes_with_its_channel_alone() {
    let machine = Machine::linux()
        .file(
            "home/.condarc",
            "channel_alias: https://a/conda/t/of-alias\nchannels:\n  - https://s/api/repo/t/of-channel/main\n  - https://n/t/of-subdir/x/linux-64\n  - https://u:p%40ss@p/x\ncustom_channels:\n  mine: https://c/t/of-custom/deep\n",
        )
        .file(&token_file("https://s/"), "stored");
    for (address, expected) in [
        (
            "https://s/api/repo/main/noarch/x",
            "https://s/api/repo/t/of-channel/main/noarch/x",
        ),
        // Below the channel, and another one.
        (
            "https://s/api/repo/main/sub/noarch/x",
            "https://s/t/stored/api/repo/main/sub/noarch/x",
        ),
        (
            "https://s/api/repo/mainly/noarch/x",
            "https://s/t/stored/api/repo/mainly/noarch/x",
        ),
        (
            "https://a/conda/any/noarch/x",
            "https://a/conda/t/of-alias/any/noarch/x",
        ),
        ("https://a/other/noarch/x", "https://a/other/noarch/x"),
        (
            "https://c/deep/mine/noarch/x",
            "https://c/deep/t/of-custom/mine/noarch/x",
        ),
        ("https://c/deep/yours/noarch/x", "https://c/deep/yours/noarch/x"),
        (
            "https://s/t/there/main/noarch/x",
            "https://s/t/there/main/noarch/x",
        ),
        ("https://n/x/noarch/y", "https://n/t/of-subdir/x/noarch/y"),
    ] {
        assert_eq!(sent(&machine, address), expected, "{address}");
    }
    let address = Url::parse("https://p/x/noarch/repodata.json").unwrap();
    let in_flight = credentials(&machine).for_address(&address).unwrap();
    let login = in_flight.login.as_ref().unwrap();
    assert_eq!((login.user.expose(), login.password.expose()), ("u", "p@ss"));
    assert_eq!(in_flight.expose(), &address);
    assert_eq!(
        in_flight.source().unwrap().to_string(),
        format!(
            "channels in line 2 of {}",
            machine.path("home/.condarc").display()
        )
    );
}

#[test]
fn a_login_comes_from_netrc_where_no_address_has_one() {
    let machine = Machine::linux()
        .file("home/.condarc", "channels: ['https://u:canary-1@h/x']\n")
        .file(
            "home/.netrc",
            "machine h login n password canary-2\nmachine o login n password canary-3\n",
        );
    let login = |address: &str| {
        let in_flight = credentials(&machine)
            .for_address(&Url::parse(address).unwrap())
            .unwrap();
        assert!(!format!("{in_flight:?}").contains("canary"), "{in_flight:?}");
        in_flight.login.map(|login| login.password.expose().to_owned())
    };
    assert_eq!(login("https://h/x/noarch/y").as_deref(), Some("canary-1"));
    assert_eq!(login("https://h/other/noarch/y").as_deref(), Some("canary-2"));
    assert_eq!(login("https://o:8443/x").as_deref(), Some("canary-3"));
    assert_eq!(login("https://elsewhere/x"), None);
    // What stands in the address that is asked for is no credential of this machine's.
    assert_eq!(login("https://me:pw@elsewhere/x"), None);
}
