use super::*;
use crate::conda::channel::OpaqueText;
use crate::conda::fixture::Machine;

fn explain(machine: &Machine, key: Key) -> Explanation {
    Configuration::read(&machine.surroundings).explain(key)
}

/// The effective value, then each source from low to high with its part in it.
fn told(machine: &Machine, key: Key) -> String {
    let explanation = explain(machine, key);
    let mut told = vec![explanation.value.to_string()];
    for source in explanation.sources {
        let place = match &source.origin {
            Origin::File { path, .. } => machine.inside(path),
            Origin::Variable { name } => name.clone(),
        };
        told.push(format!("{place} {:?}", source.part));
    }
    told.join("; ")
}

#[test]
fn without_any_source_condas_defaults_apply() {
    let machine = Machine::linux();
    for (key, value) in [
        (Key::Channels, "[]"),
        (
            Key::DefaultChannels,
            "[https://repo.anaconda.com/pkgs/main, https://repo.anaconda.com/pkgs/r]",
        ),
        (Key::ChannelAlias, "https://conda.anaconda.org"),
        (Key::AddAnacondaToken, "true"),
        (Key::CustomChannels, "{pkgs/pro: https://repo.anaconda.com}"),
    ] {
        assert_eq!(told(&machine, key), value, "{key}");
    }
}

#[test]
fn the_person_prevails_over_the_machine_and_the_environment_over_the_person() {
    let machine = Machine::linux()
        .file(
            "etc/conda/.condarc",
            "channel_alias: https://system\nchannels: [s, both]\n",
        )
        .file(
            "home/.condarc",
            "channel_alias: https://person\nchannels: [p, both]\n",
        )
        .file("env/.condarc", "channel_alias: https://env\nchannels: [e]\n")
        .place("CONDA_PREFIX", "env");
    assert_eq!(
        told(&machine, Key::ChannelAlias),
        "https://env; etc/conda/.condarc Overridden; home/.condarc Overridden; env/.condarc Decides"
    );
    assert_eq!(
        told(&machine, Key::Channels),
        "[e, p, both, s]; etc/conda/.condarc Contributes; home/.condarc Contributes; env/.condarc Contributes"
    );
}

#[test]
fn variables_prevail_over_files() {
    let machine = Machine::linux()
        .file("home/.condarc", "channel_alias: https://person\nchannels: [p]\n")
        .variable("CONDA_CHANNEL_ALIAS", " https://variable ")
        .variable("CONDA_CHANNELS", "a, b,,p")
        .variable("CONDA_ADD_BINSTAR_TOKEN", "no");
    assert_eq!(
        told(&machine, Key::ChannelAlias),
        "https://variable; home/.condarc Overridden; CONDA_CHANNEL_ALIAS Decides"
    );
    assert_eq!(
        told(&machine, Key::Channels),
        "[a, b, p]; home/.condarc Contributes; CONDA_CHANNELS Contributes"
    );
    assert_eq!(
        told(&machine, Key::AddAnacondaToken),
        "no; CONDA_ADD_BINSTAR_TOKEN Decides"
    );
}

#[test]
fn an_important_variable_is_final() {
    let machine = Machine::linux()
        .variable("CONDA_CHANNEL_ALIAS", "https://h!important")
        .variable("CONDA_CHANNELS", "a!important,b");
    let alias = explain(&machine, Key::ChannelAlias);
    assert_eq!(alias.value, Value::scalar("https://h"));
    let name = "CONDA_CHANNEL_ALIAS".to_owned();
    assert_eq!(alias.locked_by, Some(Origin::Variable { name }));
    assert_eq!(
        told(&machine, Key::Channels),
        "[a, b]; CONDA_CHANNELS Contributes"
    );
}

#[test]
fn a_final_key_shuts_out_what_lies_above() {
    let machine = Machine::linux()
        .file(
            "etc/conda/.condarc",
            "channels:\n  - low\nchannel_alias: https://low\n",
        )
        .file(
            "root/.condarc",
            "# policy\nchannels: #!final\n  - base\nchannel_alias: https://base #!final\n",
        )
        .file("home/.condarc", "channels: [mine]\nchannel_alias: https://mine\n")
        .place("CONDA_ROOT", "root")
        .variable("CONDA_CHANNEL_ALIAS", "https://variable");
    assert_eq!(
        told(&machine, Key::Channels),
        "[base, low]; etc/conda/.condarc Contributes; root/.condarc Contributes; home/.condarc ShutOut"
    );
    assert_eq!(
        told(&machine, Key::ChannelAlias),
        "https://base; etc/conda/.condarc Overridden; root/.condarc Decides; home/.condarc ShutOut; \
         CONDA_CHANNEL_ALIAS ShutOut"
    );
    let locked = explain(&machine, Key::ChannelAlias).locked_by.unwrap();
    assert_eq!(
        locked.to_string(),
        format!("line 4 of {}", machine.path("root/.condarc").display())
    );
}

#[test]
fn items_can_be_pinned_to_either_end() {
    let machine = Machine::linux()
        .file(
            "etc/conda/.condarc",
            "channels:\n  - first #!top\n  - last #!bottom\n  - low\n",
        )
        .file("home/.condarc", "channels:\n  - mine\n  - last\n");
    assert_eq!(
        explain(&machine, Key::Channels).value.to_string(),
        "[first, mine, low, last]"
    );
}

#[test]
fn every_spelling_counts() {
    let machine = Machine::linux()
        .file("etc/conda/.condarc", "channel: [a]\nwhitelist_channels: [a]\n")
        .file(
            "home/.condarc",
            "channels: [b]\nadd_binstar_token: false\nverify_ssl: /ca.pem\n",
        );
    assert_eq!(explain(&machine, Key::Channels).value.to_string(), "[b, a]");
    assert_eq!(explain(&machine, Key::Channels).sources[0].spelling, "channel");
    assert_eq!(explain(&machine, Key::AllowlistChannels).value.to_string(), "[a]");
    assert_eq!(
        explain(&machine, Key::AddAnacondaToken).value.as_switch(),
        Some(false)
    );
    assert_eq!(explain(&machine, Key::SslVerify).value, Value::scalar("/ca.pem"));
}

#[test]
fn variables_in_values_are_expanded_where_conda_does() {
    let machine = Machine::linux()
        .file(
            "home/.condarc",
            "channels: ['https://h/t/${TOK}/x']\nmigrated_channel_aliases: [$TOK]\n",
        )
        .variable("TOK", "secret-1");
    let channels = explain(&machine, Key::Channels);
    assert_eq!(
        channels.value.items(),
        [OpaqueText::new("https://h/t/secret-1/x")]
    );
    assert_eq!(
        channels.sources[0].value.items(),
        [OpaqueText::new("https://h/t/${TOK}/x")]
    );
    assert_eq!(
        explain(&machine, Key::MigratedChannelAliases).value.items(),
        [OpaqueText::new("$TOK")]
    );
    let shown = format!("{channels:?} {}", channels.value);
    assert!(!shown.contains("secret-1"), "{shown}");
}

#[test]
fn nothing_where_a_list_should_be_is_nothing_at_all() {
    let machine = Machine::linux()
        .file("etc/conda/.condarc", "channels: [a]\n")
        .file("home/.condarc", "channels:\nproxy_servers: ~\n");
    assert_eq!(
        told(&machine, Key::Channels),
        "[a]; etc/conda/.condarc Contributes"
    );
    assert_eq!(Configuration::read(&machine.surroundings).notes(), []);
}

#[test]
fn a_broken_file_is_told_and_does_not_hide_the_others() {
    let machine = Machine::linux()
        .file("etc/conda/.condarc", "channels: [a\n\t: - x")
        .file("var/lib/conda/.condarc", b"channels: [\xe9]\n")
        .file("root/.condarc", "channels: [a]\nchannel: [b]\n")
        .file(
            "home/.condarc",
            "channels: conda-forge\nchannel_alias: https://mine\n",
        )
        .place("CONDA_ROOT", "root")
        .variable("CONDA_CUSTOM_CHANNELS", "a")
        .variable("CONDA_CHANNEL", "a")
        .variable("CONDA_CHANNELS", "b");
    let configuration = Configuration::read(&machine.surroundings);
    let notes: Vec<_> = configuration.notes().iter().map(ToString::to_string).collect();
    let mut notes = notes.iter();
    for part in [
        "etc/conda/.condarc cannot be understood (",
        "var/lib/conda/.condarc cannot be understood (line 1 is not UTF-8 text), and conda stops at it",
        "root/.condarc under two names (channels, channel), and conda stops at it",
        "home/.condarc is not a list, and conda stops at it",
        "set in the environment variable CONDA_CHANNELS and CONDA_CHANNEL under two names",
        "custom_channels in the environment variable CONDA_CUSTOM_CHANNELS is not a map",
    ] {
        let note = notes.next().unwrap();
        assert!(note.contains(part), "{note} / {part}");
    }
    assert_eq!(notes.next(), None);
    assert_eq!(
        configuration.explain(Key::ChannelAlias).value,
        Value::scalar("https://mine")
    );
}

#[test]
fn a_planned_file_counts_before_it_is_written() {
    let machine = Machine::linux().file("home/.conda/condarc", "channels: [below]\n");
    let path = machine.path("home/.condarc");
    let planned = Configuration::planned(&machine.surroundings, &path, b"channels: [planned]\n");
    assert_eq!(
        planned.explain(Key::Channels).value.to_string(),
        "[planned, below]"
    );
    let machine = machine.file("home/.condarc", "channels: [written]\n");
    let planned = Configuration::planned(&machine.surroundings, &path, b"channels: [planned]\n");
    assert_eq!(
        planned.explain(Key::Channels).value.to_string(),
        "[planned, below]"
    );
}

#[test]
fn empty_and_comment_only_files_say_nothing() {
    let machine = Machine::linux()
        .file("etc/conda/.condarc", "")
        .file("home/.condarc", "# nothing yet\n");
    assert_eq!(Configuration::read(&machine.surroundings).notes(), []);
}

#[test]
fn the_priority_is_read_as_conda_reads_it() {
    use crate::conda::channel::ChannelPriority::{Disabled, Flexible, Strict};
    for (condarc, priority) in [
        ("", Flexible),
        ("channel_priority: strict\n", Strict),
        ("channel_priority: STRICT\n", Strict),
        ("channel_priority: true\n", Flexible),
        ("channel_priority: false\n", Disabled),
        ("channel_priority: disabled\n", Disabled),
    ] {
        let machine = Machine::linux().file("home/.condarc", condarc);
        let configuration = Configuration::read(&machine.surroundings);
        assert_eq!(configuration.channel_priority(), priority, "{condarc}");
    }
}
