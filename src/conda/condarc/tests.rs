use super::*;
use crate::conda::fixture::Machine;

const API_REPO: &str = "https://psm.example.com/api/repo";

fn target(machine: &Machine) -> (String, TargetReason) {
    let target = file_to_edit(&machine.surroundings);
    (machine.inside(&target.path), target.reason)
}

fn file(machine: Machine, inside: &str) -> Machine {
    machine.file(inside, "channels: []\n")
}

#[test]
fn the_file_conda_uses_is_the_one_to_edit() {
    let home = |reason| ("home/.condarc".to_owned(), reason);
    assert_eq!(target(&Machine::linux()), home(TargetReason::New));
    assert_eq!(
        target(&file(Machine::linux(), "home/.condarc")),
        home(TargetReason::HomeCondarc)
    );
    // Later in this list means higher precedence: each new file becomes the one to edit.
    let mut machine = Machine::linux().place("XDG_CONFIG_HOME", "xdg");
    for inside in [
        "xdg/conda/.condarc",
        "xdg/conda/condarc",
        "home/.config/conda/.condarc",
        "home/.config/conda/condarc",
        "home/.conda/.condarc",
        "home/.conda/condarc",
    ] {
        machine = file(machine, inside);
        assert_eq!(target(&machine), (inside.to_owned(), TargetReason::OtherUserFile));
    }
    let machine = file(machine, "home/.condarc");
    assert_eq!(target(&machine), home(TargetReason::HomeCondarc));
    let machine = machine.place("CONDARC", "elsewhere/my.yml");
    assert_eq!(
        target(&machine),
        ("elsewhere/my.yml".to_owned(), TargetReason::NamedByCondarc)
    );
}

#[test]
fn what_conda_would_not_read_is_not_edited() {
    let machine = Machine::linux().place("CONDARC", "elsewhere/myrc");
    assert_eq!(target(&machine).1, TargetReason::New);
    assert_eq!(
        target(&Machine::linux().variable("CONDARC", "my.yml")).1,
        TargetReason::New
    );
    let folder = file(Machine::linux().place("CONDARC", "rc.yml"), "rc.yml/x.yml");
    assert_eq!(target(&folder).1, TargetReason::New);
    let others = [
        "home/.conda/condarc.d/a.yml",
        "etc/conda/.condarc",
        "env/.condarc",
    ];
    let machine = others
        .into_iter()
        .fold(Machine::linux().place("CONDA_PREFIX", "env"), file);
    assert_eq!(target(&machine).1, TargetReason::New);
}

#[cfg(unix)]
#[test]
fn a_link_that_leads_nowhere_is_not_passed_over() {
    let machine = file(Machine::linux(), "home/.conda/condarc");
    std::os::unix::fs::symlink(machine.path("nowhere"), machine.path("home/.condarc")).unwrap();
    assert_eq!(
        target(&machine),
        ("home/.condarc".to_owned(), TargetReason::HomeCondarc)
    );
}

fn entries(texts: &[&str]) -> Vec<ChannelEntry> {
    texts.iter().map(|text| ChannelEntry::from_text(text)).collect()
}

fn after(content: &str, change: impl FnOnce(&mut Condarc) -> Result<(), CondaError>) -> String {
    let mut condarc = Condarc::parse(content.as_bytes()).unwrap();
    change(&mut condarc).unwrap();
    condarc.text().to_owned()
}

fn signed_in(content: &str) -> String {
    after(content, |condarc| {
        condarc.sign_in(&ChannelUrl::parse(API_REPO).unwrap())
    })
}

fn chosen(content: &str, channels: &[&str], default_channels: &[&str]) -> String {
    let choice = ChannelChoice::new(entries(channels), entries(default_channels));
    after(content, |condarc| condarc.choose_channels(&choice))
}

#[test]
fn a_sign_in_empties_the_channels_and_sets_the_alias() {
    let before = "# mine\n\
                  channels:\n  - conda-forge  # the community's\n  - defaults\n\
                  default_channels:\n  - https://old/main\n\
                  proxy_servers:\n  https: http://proxy:3128\n\
                  channel_alias: https://old  # keep an eye on this\n\
                  add_anaconda_token: false\n";
    let after = signed_in(before);
    let condarc = Condarc::parse(after.as_bytes()).unwrap();
    assert_eq!(condarc.channels().unwrap(), []);
    assert_eq!(condarc.default_channels().unwrap(), []);
    assert_eq!(condarc.channel_alias().unwrap().expose(), API_REPO);
    assert!(!after.contains("default_channels"), "{after}");
    for kept in [
        "# mine\n",
        "proxy_servers:\n  https: http://proxy:3128\n",
        "# keep an eye on this",
        "add_anaconda_token: false\n",
    ] {
        assert!(after.contains(kept), "{kept} / {after}");
    }
    assert_eq!(signed_in(&after), after, "a second sign-in changes nothing");
}

#[test]
fn a_new_file_holds_only_what_is_needed() {
    let mut condarc = Condarc::empty();
    condarc.sign_in(&ChannelUrl::parse(API_REPO).unwrap()).unwrap();
    let text = condarc.text().to_owned();
    let mut lines: Vec<_> = text.lines().collect();
    lines.sort_unstable();
    assert_eq!(lines, [&format!("channel_alias: {API_REPO}"), "channels: []"]);
}

#[test]
fn chosen_channels_are_written_so_that_conda_uses_them() {
    let written = |channels: &[&str], defaults: &[&str]| {
        let text = chosen(
            "channels: [old]\ndefault_channels: [old]\nssl_verify: true\n",
            channels,
            defaults,
        );
        assert!(text.contains("ssl_verify: true\n"), "{text}");
        let condarc = Condarc::parse(text.as_bytes()).unwrap();
        let shown = |entries: Vec<ChannelEntry>| {
            entries
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join(" ")
        };
        (
            shown(condarc.channels().unwrap()),
            shown(condarc.default_channels().unwrap()),
        )
    };
    for (channels, defaults, expected) in [
        (&["main", "team/sub"][..], &[][..], ("main team/sub", "")),
        (&["main"], &["base"], ("main defaults", "base")),
        (&["defaults", "main"], &["base"], ("defaults main", "base")),
        (&[], &["base", "base"], ("defaults", "base")),
        (&[], &["defaults"], ("", "")),
        (&["a", "b", "a"], &[], ("a b", "")),
        (
            &["https://h/x", "local"],
            &["./here"],
            ("https://h/x local defaults", "./here"),
        ),
    ] {
        assert_eq!(
            written(channels, defaults),
            (expected.0.to_owned(), expected.1.to_owned())
        );
    }
}

#[test]
fn the_other_spelling_is_changed_in_place() {
    let text = chosen("channel:\n  - old\n", &["main"], &[]);
    assert!(
        text.starts_with("channel:\n") && !text.contains("channels"),
        "{text}"
    );
    assert_eq!(
        Condarc::parse(text.as_bytes()).unwrap().channels().unwrap(),
        entries(&["main"])
    );
}

#[test]
fn two_spellings_in_one_file_are_refused_and_nothing_is_changed() {
    let content = "channels: [a]\nchannel: [b]\ndefault_channels: [c]\n";
    let mut condarc = Condarc::parse(content.as_bytes()).unwrap();
    let error = condarc
        .sign_in(&ChannelUrl::parse(API_REPO).unwrap())
        .unwrap_err();
    assert!(matches!(error, CondaError::TwoSpellings { .. }), "{error}");
    assert_eq!(condarc.text(), content);
}

#[test]
fn a_change_that_fails_halfway_leaves_the_file_as_it_was() {
    // The list can be written, the alias cannot: its value is an anchor's.
    let content = "remote_max_retries: &a https://old\nchannels: [x]\nchannel_alias: *a\n";
    let mut condarc = Condarc::parse(content.as_bytes()).unwrap();
    assert!(matches!(
        condarc.sign_in(&ChannelUrl::parse(API_REPO).unwrap()),
        Err(CondaError::Yaml(_))
    ));
    assert_eq!(condarc.text(), content);
}

#[test]
fn settings_go_back_to_what_they_were() {
    let before = "channel:  # mine\n  - conda-forge\nshow_channel_urls: true\ndefault_channels: [x]\n";
    let earlier = Condarc::parse(before.as_bytes()).unwrap();
    let meanwhile = signed_in(before).replace("show_channel_urls: true", "show_channel_urls: false");
    let mut condarc = Condarc::parse(meanwhile.as_bytes()).unwrap();
    condarc
        .restore(
            &[Key::Channels, Key::DefaultChannels, Key::ChannelAlias],
            &earlier,
        )
        .unwrap();
    let text = condarc.text().to_owned();
    assert_eq!(condarc.channels().unwrap(), entries(&["conda-forge"]));
    assert_eq!(condarc.default_channels().unwrap(), entries(&["x"]));
    assert!(condarc.channel_alias().is_none(), "{text}");
    assert!(text.contains("show_channel_urls: false"), "{text}");
}

#[test]
fn a_value_of_the_wrong_kind_is_no_empty_list() {
    let condarc = Condarc::parse(b"channels: conda-forge\ndefault_channels:\n").unwrap();
    assert!(matches!(
        condarc.channels(),
        Err(CondaError::NotAList { key: Key::Channels })
    ));
    assert_eq!(condarc.default_channels().unwrap(), []);
}
