use super::*;
use crate::conda::fixture::Machine;

const PLANNED: &str = "channel_alias: https://psm.example.com/api/repo\n\
                       channels: [main, defaults]\n\
                       default_channels: [team/sub]\n";

fn goal() -> Goal {
    let entries =
        |texts: &[&str]| -> Vec<_> { texts.iter().map(|text| ChannelEntry::from_text(text)).collect() };
    Goal {
        channel_alias: ChannelUrl::parse("https://psm.example.com/api/repo").unwrap(),
        choice: ChannelChoice::new(entries(&["main"]), entries(&["team/sub"])),
    }
}

/// The warnings for writing [`PLANNED`] to `~/.condarc`, with the temporary folder's path taken out.
fn warned(machine: &Machine) -> Vec<String> {
    let path = machine.path("home/.condarc");
    let planned = Configuration::planned(&machine.surroundings, &path, PLANNED.as_bytes());
    let root = format!(
        "{}/",
        machine.path("").display().to_string().trim_end_matches('/')
    );
    warnings(&planned, &path, &goal())
        .iter()
        .map(|warning| warning.to_string().replace(&root, ""))
        .collect()
}

#[test]
fn a_change_that_takes_effect_is_not_warned_about() {
    let nothing: [&str; 0] = [];
    assert_eq!(warned(&Machine::linux()), nothing);
    let harmless = Machine::linux()
        .file(
            "home/.condarc",
            "channels: [replaced]\nchannel_alias: https://replaced\n",
        )
        .file(
            "etc/conda/.condarc",
            "channel_alias: https://lower\nchannels: [main]\ndefault_channels: [team/sub]\n",
        )
        .file(
            "home/.conda/condarc",
            "allowlist_channels: [main, team/sub]\nadd_anaconda_token: true\n",
        );
    assert_eq!(warned(&harmless), nothing);
}

#[test]
fn another_source_that_decides_is_named_with_its_place() {
    for (machine, warning) in [
        (
            Machine::linux()
                .file("env/.condarc", "# x\nchannel_alias: https://env\n")
                .place("CONDA_PREFIX", "env"),
            "channel_alias stays https://env, because line 2 of env/.condarc has precedence over your file",
        ),
        (
            Machine::linux().variable("CONDA_CHANNEL_ALIAS", "https://u:pw@v/"),
            "channel_alias stays https://••••@v/, because the environment variable CONDA_CHANNEL_ALIAS has \
             precedence over your file",
        ),
        (
            Machine::linux().file("etc/conda/.condarc", "channel_alias: https://s #!final\n"),
            "channel_alias is locked by line 1 of etc/conda/.condarc, so that conda ignores it in your file",
        ),
        (
            Machine::linux().variable("CONDA_ADD_ANACONDA_TOKEN", "0"),
            "conda will not use your token, because the environment variable CONDA_ADD_ANACONDA_TOKEN sets \
             add_anaconda_token to false",
        ),
        (
            Machine::linux().file("home/.conda/condarc", "add_binstar_token: no\n"),
            "conda will not use your token, because line 1 of home/.conda/condarc sets add_anaconda_token to false",
        ),
        (
            Machine::linux().file(
                "etc/conda/condarc",
                "custom_multichannels:\n  defaults: [https://m/x]\n",
            ),
            "default_channels has no effect, because custom_multichannels in line 1 of etc/conda/condarc defines \
             defaults",
        ),
    ] {
        assert_eq!(warned(&machine), [warning]);
    }
}

#[test]
fn channels_from_elsewhere_are_told_with_their_order() {
    for (machine, warning) in [
        (
            Machine::linux().file(
                "etc/conda/.condarc",
                "channels: [main, conda-forge, 'https://h/t/tok/x']\n",
            ),
            "line 1 of etc/conda/.condarc adds conda-forge, https://h/t/••••/x to channels; conda searches that \
             after yours",
        ),
        (
            Machine::linux().variable("CONDA_CHANNELS", "bioconda"),
            "the environment variable CONDA_CHANNELS adds bioconda to channels; conda searches that before yours",
        ),
        (
            Machine::linux().file("etc/conda/.condarc", "channels:\n  - policy #!top\n"),
            "line 1 of etc/conda/.condarc adds policy to channels; conda searches that before yours",
        ),
        (
            Machine::linux().file("home/.conda/condarc", "default_channels: [more]\n"),
            "line 1 of home/.conda/condarc adds more to default_channels; conda searches that after yours",
        ),
    ] {
        assert_eq!(warned(&machine), [warning]);
    }
}

#[test]
fn locked_channels_are_told() {
    let machine = Machine::linux().file("etc/conda/.condarc", "channels: #!final\n  - policy\n");
    assert_eq!(
        warned(&machine),
        ["channels is locked by line 1 of etc/conda/.condarc, so that conda ignores it in your file"]
    );
}

#[test]
fn what_an_administrator_forbids_is_told() {
    let denied = Machine::linux().file(
        "etc/conda/.condarc",
        "denylist_channels: ['https://PSM.example.com/api/repo/main/']\n",
    );
    assert_eq!(
        warned(&denied),
        [
            "conda will refuse the channel main (https://psm.example.com/api/repo/main), because line 1 of \
          etc/conda/.condarc denies it"
        ]
    );
    let allowed = Machine::linux().file("etc/conda/.condarc", "whitelist_channels: [main]\n");
    assert_eq!(
        warned(&allowed),
        [
            "conda will refuse the channel defaults (https://psm.example.com/api/repo/team/sub), because it is not \
          among those that line 1 of etc/conda/.condarc allows"
        ]
    );
}

#[test]
fn a_name_that_leads_elsewhere_is_told() {
    let machine = Machine::linux().file(
        "etc/conda/.condarc",
        "custom_channels:\n  main: https://other/ch\n",
    );
    assert_eq!(
        warned(&machine),
        [
            "the channel main leads to https://other/ch/main instead of your server, by custom_channels in line 1 of \
          etc/conda/.condarc"
        ]
    );
}

#[test]
fn a_file_conda_does_not_read_is_told() {
    let machine = Machine::linux().place("CONDARC", "x/myrc");
    assert_eq!(
        warned(&machine),
        [
            "CONDARC names x/myrc, which conda ignores: the file must be called .condarc or condarc, or end in .yml \
          or .yaml"
        ]
    );
    let path = machine.path("home/other.yml");
    let planned = Configuration::planned(&machine.surroundings, &path, PLANNED.as_bytes());
    assert!(warnings(&planned, &path, &goal()).contains(&Warning::FileNotRead { path }));
}

#[test]
fn a_fault_elsewhere_is_told() {
    let machine = Machine::linux()
        .file("env/.condarc", "channels: x\n")
        .place("CONDA_PREFIX", "env");
    assert_eq!(
        warned(&machine),
        ["channels in line 1 of env/.condarc is not a list, and conda stops at it"]
    );
}
