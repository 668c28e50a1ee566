//! The checks of the doctor over a home beside the practice server: what is well, and what each thing that is wrong does.

#[path = "support/doctor.rs"]
mod doctor;
#[path = "support/guarded_proxy.rs"]
mod guarded_proxy;
#[path = "support/scripted_server.rs"]
mod scripted_server;
#[path = "support/services.rs"]
mod services;

use std::collections::BTreeSet;
use std::fs;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use doctor::{examine, examine_with, of, said, unwell};
use guarded_proxy::GuardedProxy;
use scripted_server::ScriptedServer;
use services::{Machine, password};
use sextant::credential::{CredentialError, CredentialStore, Place};
use sextant::practice::{Fault, Options, Trouble};
use sextant::repository::CloudBase;
use sextant::secret::{Secret, Token};
use sextant::service::Services;
use sextant::service::connection::Service;
use sextant::service::doctor::{Examination, Kind, Outcome, Progress, Remedy};
use sextant::service::sign_in::repository::RepositoryLogin;
use sextant::service::sign_in::{ChannelChoice, LoggedIn, Replacing};

const DAY: u64 = 86_400;

/// A machine on which alice is signed in and conda searches two channels of the server.
fn signed_in() -> Machine {
    let machine = Machine::new();
    machine.sign_in();
    choose(&machine, &["main", "research"]);
    machine
}

fn choose(machine: &Machine, names: &[&str]) {
    let entries = names
        .iter()
        .map(|name| sextant::conda::channel::ChannelEntry::from_text(name));
    let plan = machine
        .services
        .plan_channels(&ChannelChoice::new(entries.collect::<Vec<_>>(), Vec::new()))
        .unwrap();
    machine.wait(machine.services.apply_channels(&plan)).unwrap();
}

fn commit(machine: &Machine, login: &LoggedIn) {
    let plan = machine
        .services
        .plan_sign_in(login, &ChannelChoice::default(), &Replacing::Nothing)
        .unwrap();
    machine.wait(machine.services.sign_in(login, &plan)).unwrap();
}

#[test]
fn a_machine_that_is_signed_in_to_nothing_is_examined_without_a_word_to_anybody() {
    let machine = Machine::new();
    machine.practice.forget_requests();
    fs::remove_file(machine.path(".condarc")).unwrap();
    let checks = examine(&machine);
    let kinds: BTreeSet<Kind> = checks.iter().map(|check| check.id().kind()).collect();
    assert_eq!(kinds, Kind::ALL.iter().copied().collect());
    for id in [
        "dns", "tcp", "proxy", "tls", "trust", "server", "clock", "account", "token",
    ] {
        assert_eq!(of(&checks, id).outcome(), Outcome::Skip, "{id}");
    }
    assert_eq!(unwell(&checks), [("channel".to_owned(), Outcome::Warn)]);
    assert!(machine.practice.requests().is_empty());
}

#[test]
fn a_sign_in_that_works_is_well_and_every_check_is_announced_once() {
    let machine = signed_in();
    let told = Mutex::new((Vec::new(), Vec::new()));
    let checks = machine.wait(machine.services.examine(&Examination::default(), |progress| {
        let mut told = told.lock().unwrap();
        match progress {
            Progress::Announced(all) => told.0 = all,
            Progress::Done(check) => told.1.push(check),
        }
    }));
    assert_eq!(unwell(&checks), []);
    for id in [
        "dns",
        "tcp",
        "server",
        "clock",
        "account",
        "token",
        "channel:main",
        "channel:research",
    ] {
        assert_eq!(
            of(&checks, id).outcome(),
            Outcome::Pass,
            "{id}: {}",
            said(of(&checks, id))
        );
    }
    let (announced, mut done) = told.into_inner().unwrap();
    assert_eq!(
        announced,
        checks
            .iter()
            .map(|check| check.announced.clone())
            .collect::<Vec<_>>()
    );
    assert_eq!(done.len(), checks.len());
    done.sort_by_key(|check| check.id().to_string());
    let mut sorted = checks.clone();
    sorted.sort_by_key(|check| check.id().to_string());
    assert_eq!(done, sorted);
    let token = of(&checks, "token");
    assert!(
        token.finding.message.starts_with("accepted, 36"),
        "{}",
        said(token)
    );
    assert!(said(token).contains("scopes: channel:view"), "{}", said(token));
    assert!(said(of(&checks, "account")).contains("the session is good"));
}

#[test]
fn a_token_that_the_server_refuses_is_named_with_its_files_and_renewed() {
    let machine = signed_in();
    let id = machine.practice.tokens()[0].id.clone();
    assert!(machine.practice.expire_token(&id));
    let checks = examine(&machine);
    let token = of(&checks, "token");
    assert_eq!(token.outcome(), Outcome::Fail);
    let cause = token.cause().unwrap();
    assert!(
        cause.contains("no longer accepts the token") && cause.contains("~/.config/binstar/"),
        "{cause}"
    );
    let channel = of(&checks, "channel:main");
    assert_eq!(channel.outcome(), Outcome::Fail);
    assert!(channel.cause().unwrap().contains("(401)"), "{}", said(channel));
    assert!(
        channel.cause().unwrap().contains("~/.config/binstar/"),
        "{}",
        said(channel)
    );
    let renew = Some(Remedy::RenewToken {
        service: Service::Server,
    });
    assert_eq!((&token.finding.fix, &channel.finding.fix), (&renew, &renew));
    doctor::fix(&machine, "token");
    assert_eq!(unwell(&examine(&machine)), []);
}

#[test]
fn a_token_that_ends_soon_is_told_in_time() {
    let machine = signed_in();
    let ahead = Duration::from_secs(DAY * 350);
    machine.clock.advance(ahead);
    machine.practice.advance_clock(ahead);
    let checks = examine(&machine);
    let token = of(&checks, "token");
    assert_eq!(token.outcome(), Outcome::Warn);
    assert!(
        token.finding.message.starts_with("the token ends in 1"),
        "{}",
        said(token)
    );
    assert!(token.finding.fix.is_some());
}

#[test]
fn channels_are_told_apart_by_what_the_server_says() {
    let machine = Machine::with(Options::default(), |_, _| {});
    machine.sign_in();
    choose(&machine, &["main", "nowhere", "bob"]);
    let checks = examine(&machine);
    assert_eq!(of(&checks, "channel:main").outcome(), Outcome::Pass);
    let missing = of(&checks, "channel:nowhere");
    assert!(missing.finding.message.contains("(404)"), "{}", said(missing));
    let closed = of(&checks, "channel:bob");
    assert_eq!(closed.outcome(), Outcome::Fail);
    // A server may hide what it does not open.
    assert!(
        closed.finding.message.contains("(403)") || closed.finding.message.contains("(404)"),
        "{}",
        said(closed)
    );
    assert_eq!(closed.finding.fix, None);
}

#[test]
fn what_keeps_conda_from_the_server_is_found() {
    let machine = signed_in();
    let condarc = machine.file(".condarc");
    machine.write(".condarc", &format!("{condarc}add_anaconda_token: false\n"));
    machine.write(
        "system-root/etc/conda/.condarc",
        "denylist_channels:\n  - research\nchannels:\n  - elsewhere\n",
    );
    let checks = examine(&machine);
    let token = of(&checks, "conda-token");
    assert_eq!(token.outcome(), Outcome::Fail);
    assert!(token.cause().unwrap().contains(".condarc"), "{}", said(token));
    let lists = of(&checks, "conda-lists");
    assert_eq!(lists.outcome(), Outcome::Fail);
    assert!(lists.cause().unwrap().contains("research"), "{}", said(lists));
    let channels = of(&checks, "conda-channels");
    assert_eq!(channels.outcome(), Outcome::Warn);
    assert!(
        said(channels).contains("adds elsewhere to channels"),
        "{}",
        said(channels)
    );
    // Without the token, the channel that everybody may not read is closed, and it is said why.
    let channel = of(&checks, "channel:research");
    assert_eq!(channel.outcome(), Outcome::Fail);
    assert!(
        said(channel).contains("conda sends no token"),
        "{}",
        said(channel)
    );
}

#[test]
fn an_alias_that_leads_elsewhere_is_a_failure() {
    let machine = Machine::with(Options::default(), |_, locations| {
        let value = "https://elsewhere.example.com".to_owned();
        locations
            .variables
            .insert("CONDA_CHANNEL_ALIAS".to_owned(), value);
    });
    machine.sign_in();
    let checks = examine(&machine);
    let channels = of(&checks, "conda-channels");
    assert_eq!(channels.outcome(), Outcome::Fail);
    assert!(
        channels.cause().unwrap().contains("CONDA_CHANNEL_ALIAS"),
        "{}",
        said(channels)
    );
}

#[test]
fn a_file_that_conda_stops_at_is_named() {
    let machine = signed_in();
    machine.write("system-root/etc/conda/.condarc", "channels: [a]\nchannels: [b]\n");
    let checks = examine(&machine);
    let files = of(&checks, "conda-files");
    assert_eq!(files.outcome(), Outcome::Fail);
    let cause = files.cause().unwrap();
    assert!(
        cause.contains("system-root/etc/conda/.condarc") && cause.contains("stops"),
        "{cause}"
    );
    assert!(files.finding.remedy.is_some());
}

#[test]
fn another_accounts_token_is_noticed() {
    let machine = signed_in();
    let url = machine.practice.url().to_owned();
    let bobs = machine.wait(async {
        let http = sextant::repository::HttpClient::open(sextant::repository::HttpSettings::default())
            .await
            .unwrap();
        let domain = sextant::repository::Domain::parse(&url).unwrap();
        let client = sextant::repository::ServerClient::new(http, domain);
        let session = client.log_in("bob", &Secret::new("octant")).await.unwrap();
        let new = sextant::repository::NewToken {
            name: "bobs".to_owned(),
            expires_on: "2099-01-01".parse().unwrap(),
            scopes: sextant::repository::READ_SCOPES.map(str::to_owned).to_vec(),
        };
        client.create_token(&session, &new).await.unwrap().token
    });
    for path in machine
        .listing()
        .into_keys()
        .filter(|path| path.extension().is_some_and(|e| e == "token"))
    {
        machine.write(path.to_str().unwrap(), bobs.expose());
    }
    let checks = examine(&machine);
    let account = of(&checks, "account");
    assert_eq!(account.outcome(), Outcome::Warn);
    assert_eq!(account.finding.message, "the token is bob's, and not alice's");
}

#[test]
fn a_clock_that_is_wrong_is_told_with_both_times() {
    let machine = signed_in();
    machine.clock.advance(Duration::from_secs(3 * DAY));
    let checks = examine(&machine);
    let clock = of(&checks, "clock");
    assert_eq!(clock.outcome(), Outcome::Fail);
    assert!(clock.finding.message.contains("3 days ahead"), "{}", said(clock));
    assert!(
        clock.cause().unwrap().contains("and the server says"),
        "{}",
        said(clock)
    );
}

#[test]
fn offline_nothing_is_asked_and_it_is_said_why() {
    let machine = signed_in();
    machine.services.set_offline(Some(true)).unwrap();
    machine.practice.forget_requests();
    let checks = examine(&machine);
    for id in ["dns", "tls", "server", "clock", "token", "channel:main"] {
        let check = of(&checks, id);
        assert_eq!(check.outcome(), Outcome::Skip, "{}", said(check));
        assert_eq!(
            check.finding.message,
            "offline mode is on in Sextant's preferences"
        );
    }
    assert!(machine.practice.requests().is_empty());
}

#[test]
fn a_server_that_is_gone_is_told_once() {
    let machine = signed_in();
    machine.practice.set_trouble(Trouble::fault(Fault::Drop {
        effect: sextant::practice::Effect::default(),
    }));
    let checks = examine(&machine);
    let failed: Vec<String> = unwell(&checks).into_iter().map(|(id, _)| id).collect();
    assert_eq!(failed, ["server"]);
    let channel = of(&checks, "channel:main");
    assert_eq!(
        channel.finding.message,
        "not reached, because the check \"Server\" failed"
    );
}

#[test]
fn a_proxy_that_wants_a_login_is_told_and_asked_for() {
    let proxy = GuardedProxy::start();
    let machine = signed_in();
    let condarc = machine.file(".condarc");
    machine.write(".condarc", &format!("{condarc}{}", proxy.condarc()));
    let checks = examine(&machine);
    let failed: Vec<_> = unwell(&checks);
    assert!(
        failed.iter().any(|(id, _)| id == "proxy" || id == "server"),
        "{failed:?}"
    );
    let remedy = checks.iter().find_map(|check| check.finding.fix.clone());
    assert_eq!(
        remedy,
        Some(Remedy::ProxyLogin {
            proxy: format!("http://{}", proxy.address())
        })
    );
}

#[test]
fn every_kind_of_service_is_examined() {
    let machine = Machine::with(Options::default(), |practice, locations| {
        let base = format!("{}/repo/", practice.cloud_url());
        locations
            .variables
            .insert("CONDA_TOKEN_REPO_URL".to_owned(), base);
        let ini = locations.home.join(".anaconda/navigator/anaconda-navigator.ini");
        fs::create_dir_all(ini.parent().unwrap()).unwrap();
        fs::write(
            ini,
            format!("[main]\nanaconda_api_url = {}\n", practice.anaconda_org_url()),
        )
        .unwrap();
        locations
            .variables
            .insert("ANACONDA_AUTH_DOMAIN".to_owned(), practice.cloud_url().to_owned());
    });
    let services = &machine.services;
    let org = services.log_in_to_anaconda_org("alice", &password()).unwrap();
    commit(&machine, &org);
    let token = machine.practice.cloud_tokens()[0].value.expose().to_owned();
    let base = CloudBase::parse(&format!("{}/repo/", machine.practice.cloud_url())).unwrap();
    let cloud = machine
        .wait(services.log_in_to_cloud(&base, &Token::parse(&token).unwrap()))
        .unwrap();
    commit(&machine, &cloud);
    choose(&machine, &["defaults"]);
    let checks = examine(&machine);
    for id in ["server", "token", "server:anaconda-org", "token:anaconda-org"] {
        assert_eq!(
            of(&checks, id).outcome(),
            Outcome::Pass,
            "{}",
            said(of(&checks, id))
        );
    }
    assert_eq!(of(&checks, "account").outcome(), Outcome::Skip);

    let machine = Machine::new();
    let api = sextant::repository::BinstarApi::parse(machine.practice.repository_url()).unwrap();
    let login = RepositoryLogin::Password {
        username: "alice".to_owned(),
        password: password(),
    };
    let scopes = vec!["repos".to_owned(), "conda:download".to_owned()];
    let login = machine
        .services
        .log_in_to_repository(&api, None, login, scopes)
        .unwrap();
    commit(&machine, &login);
    let checks = examine(&machine);
    // A token for downloads does not open the account.
    assert_eq!(of(&checks, "account").outcome(), Outcome::Skip);
    for id in ["server", "token", "conda-channels"] {
        assert_eq!(
            of(&checks, id).outcome(),
            Outcome::Pass,
            "{}",
            said(of(&checks, id))
        );
    }
}

#[test]
fn the_login_of_another_program_is_examined_too() {
    let machine = signed_in();
    let token = machine.token_values()[0].clone();
    machine.forget_everything();
    let url = machine.practice.url().to_owned();
    for folder in [".config/binstar", ".conda/tokens"] {
        for key in ["/api", "/api/repo"] {
            let name = format!("{url}{key}").replace(':', "%3A").replace('/', "%2F");
            machine.write(&format!("{folder}/{name}.token"), &token);
        }
    }
    machine.write(
        ".conda/repo-cli-config.yaml",
        &format!("default_site: s\nsites:\n  s: {{url: {url}/api}}\n"),
    );
    let checks = examine(&machine);
    assert_eq!(of(&checks, "server").outcome(), Outcome::Pass);
    assert_eq!(
        of(&checks, "token").outcome(),
        Outcome::Pass,
        "{}",
        said(of(&checks, "token"))
    );
    assert_eq!(of(&checks, "account").finding.message, "known as alice");
    // What Sextant does not look after, it cannot renew.
    machine.practice.expire_token(&machine.practice.tokens()[0].id);
    let checks = examine(&machine);
    assert!(matches!(
        of(&checks, "token").finding.fix,
        Some(Remedy::SignIn { .. })
    ));
}

#[derive(Debug)]
struct Locked;

impl CredentialStore for Locked {
    fn read(&self, _: &str) -> Result<Option<Secret>, CredentialError> {
        Err(CredentialError::KeyringLocked)
    }

    fn write(&self, _: &str, _: &Secret) -> Result<(), CredentialError> {
        Err(CredentialError::KeyringLocked)
    }

    fn remove(&self, _: &str) -> Result<(), CredentialError> {
        Err(CredentialError::KeyringLocked)
    }

    fn place(&self) -> Place {
        Place::Keyring
    }
}

#[test]
fn a_locked_keyring_is_said() {
    let machine = signed_in();
    let locked = Services::with(
        machine.services.locations().clone(),
        Arc::new(Locked),
        machine.clock.clone(),
    );
    let checks = examine_with(&machine, &locked);
    let keyring = of(&checks, "keyring");
    assert_eq!(keyring.outcome(), Outcome::Warn);
    assert_eq!(keyring.finding.message, "the keyring is locked");
    assert!(keyring.finding.remedy.as_ref().unwrap().contains("unlock"));
}

#[test]
fn a_token_that_waits_to_be_revoked_is_cleaned_up() {
    let machine = signed_in();
    machine
        .practice
        .set_trouble(Trouble::status(503).only_method("DELETE"));
    machine.sign_out();
    machine.practice.set_trouble(Trouble::none());
    let checks = examine(&machine);
    let unfinished = of(&checks, "unfinished");
    assert_eq!(unfinished.outcome(), Outcome::Warn);
    assert_eq!(unfinished.finding.message, "a token waits to be revoked");
    doctor::fix(&machine, "unfinished");
    assert!(machine.practice.tokens().is_empty());
    assert_eq!(of(&examine(&machine), "unfinished").outcome(), Outcome::Pass);
}

#[test]
fn environments_that_are_gone_are_struck_out() {
    let machine = signed_in();
    assert_eq!(of(&examine(&machine), "environments").outcome(), Outcome::Pass);
    machine.write("envs/there/conda-meta/history", "");
    let path = |name: &str| machine.path("envs").join(name).display().to_string();
    let list = format!("# mine\n{}\n{}\n", path("gone"), path("there"));
    machine.write(".conda/environments.txt", &list);
    let checks = examine(&machine);
    let environments = of(&checks, "environments");
    assert_eq!(environments.outcome(), Outcome::Warn);
    assert_eq!(environments.finding.details[0].text, path("gone"));
    doctor::fix(&machine, "environments");
    assert_eq!(of(&examine(&machine), "environments").outcome(), Outcome::Pass);
    let kept = format!("# mine\n{}\n", path("there"));
    assert_eq!(machine.file(".conda/environments.txt"), kept);
    machine.write("envs/there/conda-meta/six-1.17.0-0.json", "{");
    let checks = examine(&machine);
    let environments = of(&checks, "environments");
    assert_eq!(environments.outcome(), Outcome::Warn);
    assert!(environments.finding.details[0].text.contains("six-1.17.0-0.json"));
}

#[test]
fn cancelling_acts_at_once_and_leaves_nothing() {
    let machine = Machine::new();
    machine.write(".condarc", "channels: []\n");
    let server = machine.wait(ScriptedServer::start_mute());
    machine.write(
        ".anaconda/navigator/anaconda-navigator.ini",
        &format!("[main]\nanaconda_server_api_url = '{}'\n", server.url()),
    );
    let before = machine.listing();
    machine.wait(async {
        let services = machine.services.clone();
        let examining = tokio::spawn(async move { services.examine(&Examination::default(), |_| {}).await });
        server.accepted.notified().await;
        examining.abort();
        assert!(examining.await.unwrap_err().is_cancelled());
        // The server sees the connection go, long before any time is up.
        server.abandoned.notified().await;
    });
    assert_eq!(machine.listing(), before);
}
