use super::*;
use crate::conda::fixture::Machine;

const ALIAS: &str = "channel_alias: https://psm.example.com/api/repo\n";

fn resolve(condarc: &str, entry: &str) -> (Vec<String>, Through) {
    let machine = Machine::linux().file("home/.condarc", condarc);
    let resolver = Configuration::read(&machine.surroundings).resolver();
    let Resolution { addresses, through } = resolver.resolve(&ChannelEntry::from_text(entry));
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
fn what_is_on_this_machine_has_no_address() {
    for entry in ["local", "./here", "$X"] {
        assert_eq!(resolve(ALIAS, entry), (Vec::new(), Through::Nothing), "{entry}");
    }
}
