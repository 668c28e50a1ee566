//! Managing the channels that conda searches: where they come from, whether they are there, and every change of them.

#[path = "support/services.rs"]
#[allow(dead_code, reason = "every test uses its part")]
mod support;

use sextant::conda::channel::{ChannelEntry, ChannelPriority};
use sextant::edit::diff::Change;
use sextant::error::{Explain, Kind};
use sextant::secret::Token;
use sextant::service::manage_channels::{
    Access, Arrangement, CautionKind, ChannelState, CheckedChannel, Elsewhere, Freedom, KeptToken, List,
    ManagedChannel, RowPlace, WantedChannel,
};
use sextant::service::merge::PutBack;
use support::Machine;

fn entries(texts: &[&str]) -> Vec<ChannelEntry> {
    texts.iter().map(|text| ChannelEntry::from_text(text)).collect()
}

fn arrangement(channels: &[&str], default_channels: &[&str]) -> Arrangement {
    Arrangement {
        channels: entries(channels),
        default_channels: entries(default_channels),
        ..Arrangement::default()
    }
}

/// A file in the home's own stand-in for `/`.
fn write_system(machine: &Machine, inside: &str, content: &str) {
    let path = machine.services.locations().system_root.join(inside);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, content).unwrap();
}

fn names(channels: &[ManagedChannel]) -> Vec<String> {
    channels.iter().map(|channel| channel.entry.to_string()).collect()
}

fn row(machine: &Machine, name: &str) -> ManagedChannel {
    let managed = machine.services.managed_channels().unwrap();
    let found = managed
        .all()
        .find(|(_, channel)| channel.entry.to_string() == name);
    found.unwrap_or_else(|| panic!("no {name}")).1.clone()
}

fn check(machine: &Machine, name: &str) -> CheckedChannel {
    machine.wait(machine.services.check_channel(&row(machine, name), None))
}

/// The one address of a channel after it was asked: how it answered, and what is said about it.
fn answer(machine: &Machine, name: &str) -> (ChannelState, Access, String) {
    let checked = check(machine, name);
    let worst = checked.worst().unwrap_or_else(|| panic!("{name} leads nowhere"));
    let told = worst.problem.as_ref().map(|problem| {
        format!(
            "{} / {} / {}",
            problem.message,
            problem.cause.as_deref().unwrap_or_default(),
            problem.remedy.as_deref().unwrap_or_default()
        )
    });
    (worst.state.clone(), worst.access, told.unwrap_or_default())
}

#[test]
fn every_entry_says_where_it_stands_and_where_it_leads() {
    let machine = Machine::with(Default::default(), |_, locations| {
        locations
            .variables
            .insert("CONDA_CHANNELS".to_owned(), "from-variable".to_owned());
    });
    machine.write(
        ".condarc",
        "# mine\nchannel_alias: https://psm.example.com/api/repo\nchannels:\n\n  - research # first\n  - defaults\n\
         default_channels: [main]\n",
    );
    machine.write(".config/conda/condarc", "channels:\n  - older\n");
    let managed = machine.services.managed_channels().unwrap();
    assert_eq!(
        names(&managed.channels),
        ["from-variable", "research", "defaults", "older"]
    );
    let research = &managed.channels[1];
    assert_eq!(research.addresses, ["https://psm.example.com/api/repo/research"]);
    assert_eq!(research.canonical_names, ["research"]);
    let at = |inside: &str, line| RowPlace::File {
        path: machine.path(inside),
        line: Some(line),
    };
    assert_eq!(research.place, at(".condarc", 5));
    assert_eq!(research.freedom, Freedom::Free);
    assert_eq!(
        managed.channels[2].addresses,
        ["https://psm.example.com/api/repo/main"]
    );
    assert_eq!(managed.channels[3].place, at(".config/conda/condarc", 2));
    let older = &managed.channels[3].freedom;
    assert!(older.is_removable() && !older.is_movable(), "{older:?}");
    let variable = &managed.channels[0];
    assert_eq!(
        variable.place,
        RowPlace::Variable {
            name: "CONDA_CHANNELS".to_owned()
        }
    );
    let reason = variable.freedom.reason().unwrap();
    assert!(
        !variable.freedom.is_removable() && reason.contains("CONDA_CHANNELS"),
        "{reason}"
    );
    assert_eq!(managed.default_channels[0].place, at(".condarc", 7));
    assert_eq!(managed.priority.value, ChannelPriority::Flexible);
    assert_eq!(managed.priority.place, RowPlace::Preset);
}

#[test]
fn marks_and_files_of_others_hold_entries_where_they_are() {
    let machine = Machine::new();
    machine.write(".condarc", "channels:\n  - a\n  - b #!top\n");
    write_system(
        &machine,
        "etc/conda/.condarc",
        "channel_priority: strict #!final\n",
    );
    let managed = machine.services.managed_channels().unwrap();
    assert_eq!(names(&managed.channels), ["b", "a"]);
    assert!(matches!(&managed.channels[0].freedom, Freedom::Removable(reason) if reason.contains("#!top")));
    assert_eq!(managed.priority.value, ChannelPriority::Strict);
    let fixed = managed.priority.fixed_because.unwrap();
    assert!(fixed.contains("etc/conda/.condarc"), "{fixed}");
}

#[test]
fn a_policy_holds_everything() {
    let machine = Machine::new();
    write_system(
        &machine,
        "etc/sextant/policy.toml",
        "channels = [\"conda-forge\"]\ncontact = \"it@example.com\"\n[locked]\nchannels = \"the channels are chosen by IT\"\n",
    );
    let managed = machine.services.managed_channels().unwrap();
    assert_eq!(
        managed.locked_because.as_deref(),
        Some("the channels are chosen by IT; ask it@example.com")
    );
    assert!(!managed.channels[0].freedom.is_removable());
    let refused = machine.services.plan_arrangement(&arrangement(&["other"], &[]));
    assert_eq!(refused.unwrap_err().explain().kind, Kind::Forbidden);
}

#[test]
fn an_order_is_a_plan_that_touches_nothing_else_and_can_be_undone() {
    let machine = Machine::new();
    let before = "# mine\nchannels:\n  - a # first\n  - b\n\nssl_verify: true # always\n";
    machine.write(".condarc", before);
    let services = &machine.services;
    let mut wanted = arrangement(&["b", "research/gpu", "a"], &["main"]);
    wanted.search_defaults();
    wanted.priority = Some(ChannelPriority::Strict);
    let planned = services.plan_arrangement(&wanted).unwrap();
    assert_eq!(machine.file(".condarc"), before, "a plan changes nothing");
    assert_eq!(
        names(&planned.after.channels),
        ["b", "research/gpu", "a", "defaults"]
    );
    assert_eq!(planned.after.priority.value, ChannelPriority::Strict);
    assert_eq!(planned.plan.what, "Added research/gpu, main");
    let entry = machine.wait(services.apply_channels(&planned.plan)).unwrap();
    let after = machine.file(".condarc");
    assert_eq!(
        after,
        "# mine\nchannels:\n  - b\n  - research/gpu\n  - a # first\n  - defaults\n\nssl_verify: true # always\n\
         default_channels:\n  - main\nchannel_priority: strict\n"
    );
    let again = services
        .plan_arrangement(&services.managed_channels().unwrap().arrangement)
        .unwrap();
    assert!(again.plan.is_empty(), "the same again is no change");
    let undo = services.plan_undo(Some(&entry.id), &PutBack::KeepEdits).unwrap();
    machine.wait(services.undo(&undo)).unwrap();
    assert_eq!(machine.file(".condarc"), before);
}

#[test]
fn an_entry_of_another_file_is_taken_out_there() {
    let machine = Machine::new();
    machine.write(".condarc", "channels: [a]\n");
    machine.write(
        ".config/conda/condarc",
        "channels:\n  - older # long ago\n  - b\n",
    );
    let mut wanted = arrangement(&["a"], &[]);
    wanted.taken_out.push(Elsewhere {
        path: machine.path(".config/conda/condarc"),
        list: List::Channels,
        entry: ChannelEntry::from_text("older"),
    });
    let planned = machine.services.plan_arrangement(&wanted).unwrap();
    assert_eq!(names(&planned.after.channels), ["a", "b"]);
    assert_eq!(planned.plan.what, "Removed older");
    machine
        .wait(machine.services.apply_channels(&planned.plan))
        .unwrap();
    assert_eq!(machine.file(".config/conda/condarc"), "channels:\n  - b\n");
    assert_eq!(machine.file(".condarc"), "channels: [a]\n");
}

/// What a person pasted, as an arrangement beside what stands there.
fn with_wanted(machine: &Machine, text: &str) -> Arrangement {
    let mut wanted = machine.services.managed_channels().unwrap().arrangement;
    for channel in WantedChannel::parse(text).unwrap() {
        wanted.channels.push(channel.entry.clone());
        wanted.tokens.extend(channel.token.map(|token| KeptToken {
            entry: channel.entry,
            token,
        }));
    }
    wanted
}

#[test]
fn a_token_goes_into_a_file_of_its_own_and_back_with_an_undo() {
    let machine = Machine::new();
    let services = &machine.services;
    let wanted = with_wanted(
        &machine,
        "https://psm.example.com/api/repo/t/tok-123/research/gpu/noarch",
    );
    let planned = services.plan_arrangement(&wanted).unwrap();
    let shown = format!("{:?} {:?}", planned.plan.diffs(), planned.after);
    assert!(!shown.contains("tok-123"), "{shown}");
    let entry = machine.wait(services.apply_channels(&planned.plan)).unwrap();
    assert!(
        machine
            .file(".condarc")
            .contains("- https://psm.example.com/api/repo/research/gpu\n")
    );
    let file = ".config/binstar/https%3A%2F%2Fpsm.example.com%2Fapi%2Frepo%2Fresearch%2Fgpu%2F.token";
    assert_eq!(machine.file(file), "tok-123", "{:?}", machine.listing());
    assert!(
        !machine
            .listing()
            .values()
            .any(|content| content.contains("/t/tok-123"))
    );

    // Taking the channel out takes its token along; undoing brings both back.
    let removed = services
        .plan_arrangement(&arrangement(&["conda-forge"], &[]))
        .unwrap();
    let changes: Vec<Change> = removed.plan.diffs().iter().map(|diff| diff.change).collect();
    assert_eq!(changes, [Change::Edited, Change::Removed]);
    let removal = machine.wait(services.apply_channels(&removed.plan)).unwrap();
    assert!(machine.token_values().is_empty());
    let undo = |id: &str| {
        let plan = services.plan_undo(Some(id), &PutBack::KeepEdits).unwrap();
        machine.wait(services.undo(&plan)).unwrap();
    };
    undo(&removal.id);
    assert_eq!(machine.token_values(), ["tok-123"]);
    undo(&entry.id);
    assert!(machine.token_values().is_empty());
    assert_eq!(machine.file(".condarc"), support::CONDARC);
}

#[test]
fn a_token_in_the_file_is_told_and_can_be_moved_out() {
    let machine = Machine::new();
    machine.write(
        ".condarc",
        "channels:\n  - https://h.example/t/tok-123/x\n  - https://al:pw@h.example/y\n",
    );
    let services = &machine.services;
    let managed = services.managed_channels().unwrap();
    assert!(managed.channels.iter().all(|channel| channel.has_secret));
    let cautions = services.channel_cautions(&managed);
    let secrets: Vec<&str> = cautions
        .iter()
        .filter(|caution| caution.kind == CautionKind::Secret)
        .map(|caution| caution.message.as_str())
        .collect();
    assert_eq!(
        secrets,
        [
            "the token of https://h.example/t/••••/x stands in the file",
            "the password of https://••••@h.example/y stands in the file"
        ]
    );
    let mut wanted = managed.arrangement;
    let moved = WantedChannel::parse(&wanted.channels[0].expose())
        .unwrap()
        .remove(0);
    wanted.channels[0] = moved.entry.clone();
    wanted.tokens.push(KeptToken {
        entry: moved.entry,
        token: moved.token.unwrap(),
    });
    let planned = services.plan_arrangement(&wanted).unwrap();
    machine.wait(services.apply_channels(&planned.plan)).unwrap();
    assert!(
        machine
            .file(".condarc")
            .starts_with("channels:\n  - https://h.example/x\n")
    );
    assert_eq!(machine.token_values(), ["tok-123"]);
}

#[test]
fn a_token_beside_that_of_the_sign_in_is_not_kept() {
    let machine = Machine::new();
    machine.sign_in();
    let before = machine.token_values();
    let wanted = with_wanted(&machine, "t/tok-123/research");
    let planned = machine.services.plan_arrangement(&wanted).unwrap();
    let [warning] = planned.plan.warnings.as_slice() else {
        panic!("{:?}", planned.plan.warnings)
    };
    assert!(
        warning.message.starts_with("the token for research is not kept"),
        "{}",
        warning.message
    );
    machine
        .wait(machine.services.apply_channels(&planned.plan))
        .unwrap();
    assert_eq!(machine.token_values(), before);
    assert!(machine.file(".condarc").contains("- research\n"));
}

#[test]
fn each_answer_of_a_server_has_its_own_words() {
    let machine = Machine::new();
    machine.sign_in();
    let url = machine.practice.url().to_owned();
    let channels = ["main", "research", "research/gpu", "bob", "nothing-there"];
    let elsewhere = format!("{url}/api/repo/t/wrong-123/vendor-a");
    let mut wanted = arrangement(&channels, &[]);
    wanted.channels.push(ChannelEntry::from_text(&elsewhere));
    let planned = machine.services.plan_arrangement(&wanted).unwrap();
    machine
        .wait(machine.services.apply_channels(&planned.plan))
        .unwrap();

    assert_eq!(
        answer(&machine, "main"),
        (ChannelState::Found, Access::Open, String::new())
    );
    let (state, access, _) = answer(&machine, "research/gpu");
    assert_eq!((state, access), (ChannelState::Found, Access::Closed));
    let checked = check(&machine, "main");
    assert!(checked.addresses[0].mirror, "{checked:?}");
    assert!(
        checked.addresses[0]
            .credential
            .as_ref()
            .unwrap()
            .contains("binstar")
    );

    let (state, _, told) = answer(&machine, "bob");
    assert_eq!(state, ChannelState::Closed);
    assert!(
        told.contains("knows your token") && told.contains("ask the owner"),
        "{told}"
    );
    let (state, _, told) = answer(&machine, "nothing-there");
    assert_eq!(state, ChannelState::Missing);
    assert!(
        told.contains("404") && told.contains("noarch/repodata.json"),
        "{told}"
    );
    let (state, _, told) = answer(&machine, &elsewhere.replace("wrong-123", "••••"));
    assert_eq!(state, ChannelState::CredentialRefused, "{told}");
    assert!(
        told.contains("line 2 of") && !told.contains("wrong-123"),
        "{told}"
    );

    // The token of the sign-in is revoked: its file is named, and what to do.
    let id = machine.practice.tokens()[0].id.clone();
    assert!(machine.practice.revoke_token(&id));
    let (state, _, told) = answer(&machine, "research");
    assert_eq!(state, ChannelState::CredentialRefused);
    assert!(
        told.contains(".token") && told.contains("renew the token"),
        "{told}"
    );
}

#[test]
fn without_a_sign_in_private_channels_say_so() {
    let machine = Machine::new();
    let url = machine.practice.url().to_owned();
    let alias = format!("channel_alias: {url}/api/repo\nchannels: [main, research/gpu]\n");
    machine.write(".condarc", &alias);
    assert_eq!(
        answer(&machine, "main"),
        (ChannelState::Found, Access::Open, String::new())
    );
    let (state, access, told) = answer(&machine, "research/gpu");
    assert!(
        matches!(state, ChannelState::SignInWanted | ChannelState::Closed),
        "{state:?}"
    );
    assert_eq!(access, Access::Closed);
    assert!(told.contains("sign in to 127.0.0.1"), "{told}");
}

#[test]
fn a_token_that_came_with_the_channel_is_tried_before_it_is_kept() {
    let machine = Machine::new();
    machine.sign_in();
    let token = machine.token_values().remove(0);
    let url = machine.practice.url().to_owned();
    machine.sign_out();
    // Revoked with the sign-out; another person's is made, and forgotten on this machine.
    machine.sign_in();
    let good = machine.token_values().remove(0);
    for file in machine.listing().keys() {
        if file.extension().is_some_and(|extension| extension == "token") {
            std::fs::remove_file(machine.path(&file.display().to_string())).unwrap();
        }
    }
    let address = format!("{url}/api/repo/research/gpu");
    machine.write(
        ".condarc",
        &format!("channel_alias: {url}/api/repo\nchannels: ['{address}']\n"),
    );
    let row = row(&machine, &address);
    let tried = |token: &str| {
        let token = Token::parse(token).unwrap();
        let checked = machine.wait(machine.services.check_channel(&row, Some(&token)));
        checked.worst().unwrap().clone()
    };
    assert_eq!(tried(&good).state, ChannelState::Found);
    let refused = tried(&token);
    assert_eq!(refused.state, ChannelState::CredentialRefused);
    assert!(!format!("{refused:?}").contains(&token), "{refused:?}");
}

#[test]
fn a_server_that_is_not_there_and_offline_are_told_apart() {
    let machine = Machine::new();
    machine.write(
        ".condarc",
        "channels: ['http://127.0.0.1:1/x', /nowhere/at/all, local]\n",
    );
    let (state, _, told) = answer(&machine, "http://127.0.0.1:1/x");
    assert_eq!(state, ChannelState::Unreachable);
    assert!(told.contains("refused"), "{told}");
    let (state, _, told) = answer(&machine, "/nowhere/at/all");
    assert_eq!(state, ChannelState::Missing);
    assert!(told.contains("there is no index in /nowhere/at/all"), "{told}");
    assert!(check(&machine, "local").worst().is_none());
    machine.services.set_offline(Some(true)).unwrap();
    assert_eq!(answer(&machine, "http://127.0.0.1:1/x").0, ChannelState::NotAsked);
}

fn cautions(condarc: &str) -> Vec<(CautionKind, String)> {
    let machine = Machine::new();
    machine.write(".condarc", condarc);
    let managed = machine.services.managed_channels().unwrap();
    let cautions = machine.services.channel_cautions(&managed);
    cautions
        .into_iter()
        .map(|caution| (caution.kind, caution.message))
        .collect()
}

#[test]
fn what_a_person_should_know_is_told() {
    use CautionKind::{DefaultsUnused, NoChannels, NoEffect, PartOfDefaults, PlainHttp, Refused, Twice};
    let kinds =
        |condarc: &str| -> Vec<CautionKind> { cautions(condarc).into_iter().map(|(kind, _)| kind).collect() };
    assert_eq!(kinds("channels: [a, b]\n"), []);
    assert_eq!(kinds("channels: []\n"), [NoChannels]);
    assert_eq!(
        cautions("channels: [a, 'https://conda.anaconda.org/a/']\n"),
        [(
            Twice,
            "the same channel stands there twice: a and https://conda.anaconda.org/a/".to_owned()
        )]
    );
    assert_eq!(
        cautions("channels: [defaults, pkgs/r]\n"),
        [(PartOfDefaults, "defaults holds pkgs/r already".to_owned())]
    );
    assert_eq!(kinds("channels: [a]\ndefault_channels: [b]\n"), [DefaultsUnused]);
    assert_eq!(kinds("channels: ['http://h.example/x']\n"), [PlainHttp]);
    assert_eq!(kinds("channels: ['http://127.0.0.1:8088/x']\n"), []);
    assert_eq!(kinds("channels: [a]\ndenylist_channels: [a]\n"), [Refused]);
    assert_eq!(kinds("channels: [a]\nrestore_free_channel: true\n"), [NoEffect]);
}

/// A review of this order, with what the servers answer and the index say about it.
fn reviewed(machine: &Machine, wanted: &Arrangement) -> Vec<String> {
    let services = &machine.services;
    let planned = services.plan_arrangement(wanted).unwrap();
    let channels: Vec<ManagedChannel> = planned.after.channels.clone();
    let checked: Vec<CheckedChannel> = channels
        .iter()
        .map(|channel| machine.wait(services.check_channel(channel, None)))
        .collect();
    let reviewed = services.review_arrangement(wanted, &checked).unwrap();
    reviewed
        .cautions
        .into_iter()
        .map(|caution| {
            format!(
                "{:?}: {} ({})",
                caution.kind,
                caution.message,
                caution.packages.join(" ")
            )
        })
        .collect()
}

#[test]
fn a_public_package_with_the_name_of_a_private_one_is_told() {
    let machine = Machine::new();
    machine.sign_in();
    let services = &machine.services;
    let planned = services
        .plan_arrangement(&arrangement(&["sandbox", "risk-models"], &[]))
        .unwrap();
    machine.wait(services.apply_channels(&planned.plan)).unwrap();
    assert_eq!(
        reviewed(&machine, &arrangement(&["sandbox", "risk-models"], &[])),
        [""; 0],
        "before the index is there nothing is known"
    );
    machine.wait(services.update_index(|_| {})).unwrap();
    assert_eq!(
        reviewed(&machine, &arrangement(&["sandbox", "risk-models"], &[])),
        [
            "Shadowed: the package company-utils of risk-models would come from sandbox, which is open to everybody \
          (company-utils)"
        ]
    );
    let mut wanted = arrangement(&["risk-models", "sandbox"], &[]);
    assert_eq!(
        reviewed(&machine, &wanted),
        [
            "Shadowed: the package company-utils of risk-models may come from sandbox, which is open to everybody \
          (company-utils)"
        ]
    );
    wanted.priority = Some(ChannelPriority::Strict);
    assert_eq!(reviewed(&machine, &wanted), [""; 0]);
    wanted.priority = Some(ChannelPriority::Disabled);
    assert_eq!(reviewed(&machine, &wanted).len(), 1);
}

#[test]
fn installed_packages_that_lose_their_channel_or_change_it_are_told() {
    let machine = Machine::new();
    machine.sign_in();
    let services = &machine.services;
    let url = machine.practice.url().to_owned();
    let planned = services
        .plan_arrangement(&arrangement(&["risk-models", "sandbox"], &[]))
        .unwrap();
    machine.wait(services.apply_channels(&planned.plan)).unwrap();
    machine.wait(services.update_index(|_| {})).unwrap();
    let record = |name: &str, version: &str, channel: &str| {
        let file = format!("{name}-{version}-py_0.conda");
        let address = format!("{url}/api/repo/{channel}");
        machine.write(
            &format!("envs/etl/conda-meta/{name}-{version}-py_0.json"),
            &format!(
                r#"{{"name":"{name}","version":"{version}","build":"py_0","build_number":0,"subdir":"noarch",
                    "channel":"{address}","url":"{address}/noarch/{file}","fn":"{file}","files":[]}}"#
            ),
        );
    };
    record("company-utils", "1.3.0", "risk-models");
    record("risk-engine", "2.0.0", "risk-models");
    machine.write("envs/etl/conda-meta/history", "");
    machine.write(
        ".conda/environments.txt",
        &format!("{}\n", machine.path("envs/etl").display()),
    );
    let without_shadows = |wanted: &Arrangement| -> Vec<String> {
        let told = reviewed(&machine, wanted);
        told.into_iter()
            .filter(|told| !told.starts_with("Shadowed"))
            .collect()
    };
    assert_eq!(
        without_shadows(&arrangement(&["sandbox", "risk-models"], &[])),
        ["SourceChanged: 1 installed package would come from sandbox instead of risk-models (company-utils)"]
    );
    assert_eq!(
        without_shadows(&arrangement(&["sandbox"], &[])),
        [
            "SourceLost: 2 installed packages came from risk-models, which is no longer searched (company-utils \
             risk-engine)"
        ]
    );
    assert_eq!(
        without_shadows(&arrangement(&["risk-models", "sandbox"], &[])),
        [""; 0]
    );
}

#[test]
fn a_name_that_led_to_a_server_that_was_signed_out_of_is_told() {
    let machine = Machine::new();
    machine.sign_in();
    let told = |machine: &Machine| -> Vec<String> {
        let managed = machine.services.managed_channels().unwrap();
        let cautions = machine.services.channel_cautions(&managed);
        let about = cautions
            .iter()
            .filter(|caution| caution.kind == CautionKind::SignedOut);
        about
            .map(|caution| format!("{}: {}", caution.channels.join(" "), caution.message))
            .collect()
    };
    let text = machine.file(".condarc");
    machine.write(
        ".condarc",
        &text.replace(
            "channels: []",
            "channels:\n  - research\n  - http://127.0.0.1:9/elsewhere",
        ),
    );
    assert_eq!(told(&machine), [""; 0]);
    machine.sign_out();
    let host = machine.practice.url().trim_start_matches("http://").to_owned();
    assert!(
        machine.file(".condarc").contains("research"),
        "{}",
        machine.file(".condarc")
    );
    assert_eq!(
        told(&machine),
        [format!(
            "research: research was a channel of {host}, which you have signed out of"
        )]
    );
    machine.sign_in();
    assert_eq!(told(&machine), [""; 0]);
}
