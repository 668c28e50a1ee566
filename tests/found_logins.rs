//! Logins that other programs made: shown without asking the network, taken over into the choice of channels, and ended.

#[path = "support/services.rs"]
#[allow(dead_code, reason = "every test uses its part")]
mod services;

use services::{CONDARC, Machine};
use sextant::conda::channel::ChannelEntry;
use sextant::service::connection::{ProgramName, Service};
use sextant::service::merge::PutBack;
use sextant::service::sign_in::{ChannelChoice, Replacing};

const INI: &str = ".anaconda/navigator/anaconda-navigator.ini";

/// A home in which conda-repo-cli is logged in, as it writes its files itself.
fn logged_in_by_repo_cli() -> Machine {
    let machine = Machine::new();
    // A token of alice's from the server, and nothing of Sextant's.
    machine.sign_in();
    let value = machine.practice.tokens()[0].value.expose().to_owned();
    machine.forget_everything();
    let url = machine.practice.url();
    machine.write(
        ".conda/repo-cli-config.yaml",
        &format!("default_site: practice\nsites:\n  practice: {{url: {url}/api}}\n"),
    );
    let quoted = format!("{url}/api").replace(':', "%3A").replace('/', "%2F");
    for folder in [".config/binstar", ".conda/tokens"] {
        machine.write(&format!("{folder}/{quoted}.token"), &value);
        machine.write(&format!("{folder}/{quoted}%2Frepo.token"), &value);
    }
    machine.practice.forget_requests();
    machine
}

#[test]
fn a_login_of_conda_repo_cli_is_shown_without_asking_the_network() {
    let machine = logged_in_by_repo_cli();
    let status = machine.services.status().unwrap();
    assert_eq!(status.connections.len(), 1);
    let found = &status.connections[0];
    assert_eq!(found.service, Service::Server);
    assert_eq!(found.domain, machine.practice.url());
    assert_eq!(found.origin, ProgramName::CondaRepoCli);
    assert!(found.can_be_taken_over);
    assert!(machine.practice.requests().is_empty());
}

#[test]
fn it_is_taken_over_with_the_chosen_channels_and_no_token_is_made() {
    let machine = logged_in_by_repo_cli();
    let before = machine.practice.tokens();
    let found = machine.services.found_login(Service::Server).unwrap().unwrap();
    let login = machine.services.take_over(&found).unwrap();
    let offered = machine
        .wait(machine.services.channels_for(&login, |_| {}))
        .unwrap();
    assert!(offered.iter().any(|channel| channel.path() == "research/gpu"));

    let choice = ChannelChoice::new(
        [ChannelEntry::from_text("research")],
        [ChannelEntry::from_text("main")],
    );
    let plan = machine
        .services
        .plan_sign_in(&login, &choice, &Replacing::Nothing)
        .unwrap();
    assert!(plan.token.is_none());
    let signed_in = machine.wait(machine.services.sign_in(&login, &plan)).unwrap();
    assert_eq!(signed_in.token.name, None);
    assert_eq!(machine.practice.tokens().len(), before.len());
    let condarc = machine.file(".condarc");
    assert!(
        condarc.contains("channels:\n  - research\n  - defaults\n") && condarc.contains("/api/repo"),
        "{condarc}"
    );
    assert!(machine.file(INI).contains("anaconda_server_token_id = None"));
    let status = machine.services.status().unwrap();
    assert_eq!(status.connections.len(), 1, "it is one login, not two");
    assert_eq!(status.connections[0].origin, ProgramName::CondaRepoCli);

    // Signing out ends the login of conda-repo-cli too, and says so before.
    let plan = machine
        .services
        .plan_sign_out(Service::Server, &PutBack::KeepEdits)
        .unwrap();
    assert_eq!(plan.ends_logins[0].program, "conda-repo-cli");
    let signed_out = machine
        .wait(machine.services.sign_out(Service::Server, &plan, None))
        .unwrap();
    assert!(!signed_out.token_revoked, "it is not Sextant's token");
    assert_eq!(machine.file(".condarc"), CONDARC);
    assert!(machine.token_values().is_empty());
    assert!(machine.services.status().unwrap().connections.is_empty());
}

#[test]
fn it_is_signed_out_of_without_having_been_taken_over() {
    let machine = logged_in_by_repo_cli();
    let plan = machine
        .services
        .plan_sign_out(Service::Server, &PutBack::KeepEdits)
        .unwrap();
    assert_eq!(plan.ends_logins.len(), 1);
    let signed_out = machine
        .wait(machine.services.sign_out(Service::Server, &plan, None))
        .unwrap();
    assert_eq!(signed_out.ended_logins[0].program, "conda-repo-cli");
    assert!(machine.token_values().is_empty());
    assert_eq!(machine.file(".condarc"), CONDARC);
    // The site stays configured, so that conda-repo-cli knows where to log in again.
    assert!(
        machine
            .file(".conda/repo-cli-config.yaml")
            .contains("default_site")
    );
    assert!(machine.services.status().unwrap().connections.is_empty());
}

#[test]
fn a_sign_in_of_sextant_is_not_found_a_second_time() {
    let machine = Machine::new();
    machine.sign_in();
    let status = machine.services.status().unwrap();
    assert_eq!(status.connections.len(), 1);
    assert_eq!(status.connections[0].origin, ProgramName::Sextant);
}

#[test]
fn what_others_see_only_in_sextants_own_files_is_no_login_of_theirs() {
    let machine = Machine::new();
    machine.sign_in();
    let plan = machine
        .services
        .plan_sign_out(Service::Server, &PutBack::KeepEdits)
        .unwrap();
    assert_eq!(plan.ends_logins, []);
}

#[test]
fn a_login_of_another_program_elsewhere_is_told_before_signing_in() {
    let machine = logged_in_by_repo_cli();
    let login = machine
        .services
        .log_in_to_repository(
            &sextant::repository::BinstarApi::parse(machine.practice.repository_url()).unwrap(),
            None,
            sextant::service::sign_in::repository::RepositoryLogin::Password {
                username: "alice".to_owned(),
                password: services::password(),
            },
            vec!["repos".to_owned()],
        )
        .unwrap();
    let plan = machine
        .services
        .plan_sign_in(&login, &ChannelChoice::default(), &Replacing::Nothing)
        .unwrap();
    assert!(
        plan.warnings
            .iter()
            .any(|warning| warning.message.starts_with("conda-repo-cli stays logged in to")),
        "{:?}",
        plan.warnings
    );
}
