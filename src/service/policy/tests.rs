use std::fs;

use super::*;
use crate::error::{Explain, Kind};
use crate::locations::Locations;
use crate::service::merge::PutBack;
use crate::service::preferences::Preferences;
use crate::service::trust::Trust;

struct Machine {
    folder: tempfile::TempDir,
    services: Services,
}

impl Machine {
    fn new(policy: &str) -> Self {
        let machine = Self::without_policy();
        write(&machine.services.policy_path(), policy);
        machine
    }

    fn without_policy() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let services = Services::new(Locations::inside(folder.path()));
        Self { folder, services }
    }

    fn write(&self, inside: &str, text: &str) {
        write(&self.folder.path().join(inside), text);
    }

    fn problems(&self) -> Vec<String> {
        match self.services.policy() {
            Err(PolicyError::Damaged { problems, .. }) => problems,
            other => panic!("{other:?}"),
        }
    }
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn domain(text: &str) -> Domain {
    Domain::parse(text).unwrap()
}

fn refusal(error: &impl Explain) -> String {
    let problem = error.explain();
    assert_eq!(problem.kind, Kind::Forbidden, "{problem:?}");
    format!("{} {}", problem.cause.unwrap(), problem.remedy.unwrap())
}

const LOCKED: &str = r#"
organisation = "Example Corporation"
contact = "it-help@example.com"
domain = "https://psm.example.com"
ca-file = "/etc/ssl/example.pem"
services = ["server"]
channels = ["research", "defaults"]
proxy = "http://proxy.example.com:3128"

[locked]
domain = "packages are reviewed there"
channels = "only these are licensed"
ca-file = "the authority is ours"
proxy = "there is no other way out"
"#;

#[test]
fn the_example_shows_every_key_and_is_right() {
    let text = include_bytes!("../../../assets/policy/example.toml");
    let file = PolicyFile::parse(text).unwrap();
    let shown: Vec<&str> = file.shown().into_iter().map(|(name, _)| name).collect();
    for key in [
        "organisation",
        "contact",
        "domain",
        "ca-file",
        "services",
        "channels",
        "default-channels",
        "proxy",
        "no-proxy",
        "domain is locked",
    ] {
        assert!(shown.contains(&key), "{key} is missing: {shown:?}");
    }
}

#[test]
fn without_a_policy_nothing_is_decided() {
    let machine = Machine::without_policy();
    let policy = machine.services.policy().unwrap();
    assert!(policy.is_empty());
    machine.services.may_sign_in(Service::Cloud, None).unwrap();
}

#[test]
fn a_key_that_is_not_known_is_an_error_with_its_line_and_what_may_be_meant() {
    for (text, problem) in [
        (
            "\n\ndomian = \"https://h\"\n",
            "line 3: there is no key domian; did you mean domain?",
        ),
        (
            "ca_file = \"/x\"\n",
            "line 1: there is no key ca_file; did you mean ca-file?",
        ),
        (
            "Channels = []\n",
            "line 1: there is no key Channels; did you mean channels?",
        ),
        (
            "default_channels = []\n",
            "line 1: there is no key default_channels; did you mean default-channels?",
        ),
        (
            "domain = \"https://h\"\n[locked]\ndomian = \"x\"\n",
            "line 3: there is no key domian; did you mean domain?",
        ),
        (
            "services = [\"sever\"]\n",
            "line 1: there is no service sever; did you mean server?",
        ),
        (
            "[proxy]\nhtps = \"http://p\"\n",
            "line 2: there is no key htps; did you mean https?",
        ),
        (
            "[quux]\n",
            "line 1: there is no key quux; there are organisation, ",
        ),
    ] {
        let problems = Machine::new(text).problems();
        assert!(problems[0].starts_with(problem), "{text:?}: {problems:?}");
    }
}

#[test]
fn values_of_the_wrong_kind_are_errors_and_all_are_told() {
    for (text, problem) in [
        ("domain = 3\n", "line 1: a text in quotation marks"),
        ("domain = \"ftp://h\"\n", "line 1: ftp:// is not"),
        ("ca-file = \"ca.pem\"\n", "line 1: the whole path"),
        ("services = \"server\"\n", "line 1: a list in square brackets"),
        (
            "channels = [\"https://h/t/secret1/c\"]\n",
            "line 1: a token or password must not",
        ),
        ("channels = [\"a b c\"]\n", "line 1: conda would not understand"),
        (
            "proxy = \"http://me:secret1@proxy\"\n",
            "line 1: the proxy has a user name",
        ),
        ("contact = \"\"\n", "line 1: there are no words"),
        ("locked = true\n", "line 1: locked must be a table"),
        (
            "[locked]\ndomain = \"why\"\n",
            "line 2: domain is locked, but the file says nothing of it",
        ),
        ("domain = \n", "line 1: "),
        ("x = 1\nx = 2\n", "line 2: "),
    ] {
        let problems = Machine::new(text).problems();
        assert!(problems[0].starts_with(problem), "{text:?}: {problems:?}");
        assert!(!problems.concat().contains("secret1"), "{problems:?}");
    }
    let machine = Machine::new("domian = 1\n\ncontcat = 2\nservices = [3, \"cluod\"]\n");
    assert_eq!(machine.problems().len(), 3, "{:?}", machine.problems());
    let machine = Machine::without_policy();
    fs::create_dir_all(machine.services.policy_path()).unwrap();
    assert!(matches!(
        machine.services.policy(),
        Err(PolicyError::Unreadable { .. })
    ));
}

#[test]
fn while_the_policy_cannot_be_read_nothing_is_changed_but_taken_back() {
    let machine = Machine::new("domian = 1\n");
    machine.write(".condarc", "channel_alias: https://psm.example.com/api/repo\n");
    let services = &machine.services;
    let refused = services
        .plan_domain(&domain("https://other.example.com"))
        .unwrap_err();
    let problem = refused.explain();
    assert_eq!(problem.kind, Kind::File);
    assert!(problem.cause.unwrap().contains("did you mean domain?"));
    services.may_sign_in(Service::Server, None).unwrap_err();
    services.set_preferences(&Preferences::default()).unwrap_err();
    services.plan_repair(None).unwrap();
}

#[test]
fn the_locked_domain_is_the_only_one() {
    let machine = Machine::new(LOCKED);
    let services = &machine.services;
    machine.write(
        ".anaconda/navigator/anaconda-navigator.ini",
        "[main]\nanaconda_server_api_url = 'https://other.example.com'\n",
    );
    let shown = services.domain().unwrap();
    assert_eq!(shown.domain.as_deref(), Some("https://psm.example.com"));
    assert_eq!(shown.locked.unwrap().reason, "packages are reviewed there");
    services.plan_domain(&domain("https://psm.example.com")).unwrap();
    let refused = services
        .plan_domain(&domain("https://third.example.com"))
        .unwrap_err();
    let told = refusal(&refused);
    assert!(
        told.contains("packages are reviewed there") && told.contains("it-help@example.com"),
        "{told}"
    );
    refusal(&services.plan_forget_domain().unwrap_err());
    let elsewhere = domain("https://third.example.com");
    refusal(
        &services
            .may_sign_in(Service::Server, Some(&elsewhere))
            .unwrap_err(),
    );
    services
        .may_sign_in(Service::Server, Some(&domain("https://psm.example.com")))
        .unwrap();
}

#[test]
fn only_the_allowed_services_may_be_signed_in_to() {
    let machine = Machine::new(LOCKED);
    for service in [Service::Cloud, Service::Repository, Service::AnacondaOrg] {
        let told = refusal(&machine.services.may_sign_in(service, None).unwrap_err());
        assert!(told.contains("Example Corporation"), "{told}");
    }
}

#[test]
fn locked_channels_are_not_changed_by_anything() {
    let machine = Machine::new(LOCKED);
    let services = &machine.services;
    machine.write(".condarc", "channels:\n  - research\n  - defaults\n");
    services.notice_changes().unwrap();
    let added = ["conda-forge"].map(|name| (crate::conda::channel::ChannelEntry::from_text(name), None));
    let wanted = services
        .with_channels(&added, crate::service::manage_channels::List::Channels, None)
        .unwrap();
    refusal(&services.plan_arrangement(&wanted).unwrap_err());
    refusal(&services.plan_channels(&ChannelChoice::default()).unwrap_err());
    // To what is decided everything may be changed, and other keys are free.
    machine.write(".condarc", "channels: [other]\nssl_verify: true\n");
    let entry = services.notice_changes().unwrap().remove(0);
    let decided = services.policy().unwrap().channels().unwrap().value;
    services.plan_channels(&decided).unwrap();
    services.plan_undo(Some(&entry.id), &PutBack::KeepEdits).unwrap();
    machine.write(".condarc", "channels: [third]\n");
    let entry = services.notice_changes().unwrap().remove(0);
    refusal(
        &services
            .plan_undo(Some(&entry.id), &PutBack::KeepEdits)
            .unwrap_err(),
    );
    let path = machine.folder.path().join(".condarc");
    let snapshot = format!("{}-before", entry.id);
    refusal(&services.plan_restore(&path, &snapshot).unwrap_err());
}

#[test]
fn the_locked_proxy_and_authority_hold() {
    let machine = Machine::new(LOCKED);
    let services = &machine.services;
    let mine = Preferences {
        proxy: ProxyChoice::None,
        ..Preferences::default()
    };
    refusal(&services.set_preferences(&mine).unwrap_err());
    services.set_preferences(&Preferences::default()).unwrap();
    let trust = |path: &str| Trust {
        ca_file: Some(path.into()),
        ..Trust::default()
    };
    let server = domain("https://psm.example.com");
    refusal(&services.set_trust(&server, trust("/mine.pem")).unwrap_err());
    services
        .set_trust(&server, trust("/etc/ssl/example.pem"))
        .unwrap();
    services
        .set_trust(&domain("https://other.example.com"), trust("/mine.pem"))
        .unwrap();
    let way = services
        .way_to(&domain("http://other.example.com"), None)
        .unwrap();
    let proxy = way.proxy.unwrap();
    assert_eq!(proxy.address, "http://proxy.example.com:3128");
    assert!(proxy.source.ends_with("policy.toml"), "{}", proxy.source);
}

#[test]
fn what_is_not_locked_is_a_proposal() {
    let text = "domain = \"https://psm.example.com\"\nchannels = [\"research\"]\n\
                proxy = \"http://proxy.example.com:3128\"\n";
    let machine = Machine::new(text);
    let services = &machine.services;
    let shown = services.domain().unwrap();
    assert_eq!(
        (shown.domain.as_deref(), shown.locked),
        (Some("https://psm.example.com"), None)
    );
    assert_eq!(services.proposed_channels().unwrap().channels().len(), 1);
    services
        .plan_domain(&domain("https://other.example.com"))
        .unwrap();
    machine.write(
        ".anaconda/navigator/anaconda-navigator.ini",
        "[main]\nanaconda_server_api_url = 'https://other.example.com'\n",
    );
    assert_eq!(
        services.domain().unwrap().domain.as_deref(),
        Some("https://other.example.com")
    );
    services
        .set_preferences(&Preferences {
            proxy: ProxyChoice::None,
            ..Preferences::default()
        })
        .unwrap();
    let way = services.way_to(&domain("http://psm.example.com"), None).unwrap();
    assert!(way.proxy.is_none(), "{way:?}");
}

#[test]
fn a_policy_goes_before_a_preset_and_fills_what_it_leaves_open() {
    let machine = Machine::new("domain = \"https://policy.example.com\"\n");
    let services = &machine.services;
    write(
        &services.preset_path(),
        "domain = \"https://preset.example.com\"\nchannels = [\"research\"]\n[locked]\ndomain = \"x\"\n",
    );
    let policy = services.policy().unwrap();
    assert_eq!(
        policy.domain().unwrap().value.as_str(),
        "https://policy.example.com"
    );
    assert_eq!(policy.channels().unwrap().path, services.preset_path());
    assert!(services.forget_preset().unwrap());
    assert!(!services.forget_preset().unwrap());
    assert!(services.policy().unwrap().channels().is_none());
}

#[tokio::test]
async fn a_preset_is_read_shown_and_stored_only_then() {
    let machine = Machine::without_policy();
    let services = &machine.services;
    machine.write("team.toml", "domain = \"https://psm.example.com\"\n");
    let source = machine.folder.path().join("team.toml").display().to_string();
    let preset = services.read_preset(&source).await.unwrap();
    assert_eq!(
        preset.file.shown(),
        [("domain", "https://psm.example.com".to_owned())]
    );
    assert!(services.policy().unwrap().is_empty());
    services.store_preset(&preset).unwrap();
    services.store_preset(&preset).unwrap();
    assert_eq!(
        services.policy().unwrap().domain().unwrap().value,
        domain("https://psm.example.com")
    );
    let stored = fs::read_to_string(services.preset_path()).unwrap();
    assert!(
        stored.starts_with(&format!("# Taken over from {source}\n")),
        "{stored}"
    );
    machine.write("bad.toml", "domian = \"https://psm.example.com\"\n");
    let bad = machine.folder.path().join("bad.toml").display().to_string();
    for source in [
        bad.as_str(),
        "/nowhere/x.toml",
        "http://h/x.toml",
        "https://me:pw@h/x.toml",
        "ftp://h/x",
    ] {
        services.read_preset(source).await.unwrap_err();
    }
    assert_eq!(fs::read_to_string(services.preset_path()).unwrap(), stored);
}
