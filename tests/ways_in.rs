//! Every way in, by the services alone, over a temporary home and the practice server: Cloud, Anaconda Repository,
//! Anaconda.org, single sign-on, and one repository service in the place of another.

#[path = "support/services.rs"]
#[allow(dead_code, reason = "every test uses its part")]
mod services;

use std::sync::{Arc, Mutex};

use services::{CONDARC, Machine, password};
use sextant::conda::channel::ChannelEntry;
use sextant::error::{Explain, Kind};
use sextant::practice::{Options, Practice};
use sextant::repository::{BinstarApi, Domain};
use sextant::secret::Token;
use sextant::service::browser::{Browser, BrowserError};
use sextant::service::connection::Service;
use sextant::service::merge::PutBack;
use sextant::service::sign_in::repository::{DOWNLOAD_SCOPES, RepositoryLogin};
use sextant::service::sign_in::sso::{SignOnProgress, SignOnSite};
use sextant::service::sign_in::{ChannelChoice, LoggedIn, Replacing, SignedIn};

const INI: &str = ".anaconda/navigator/anaconda-navigator.ini";

/// A machine that knows the practice server's products by the variables and settings that the real ones have.
fn machine() -> Machine {
    Machine::with(Options::default(), |practice, locations| {
        let variables = &mut locations.variables;
        variables.insert(
            "CONDA_TOKEN_REPO_URL".to_owned(),
            format!("{}/repo/", practice.cloud_url()),
        );
        variables.insert("ANACONDA_AUTH_DOMAIN".to_owned(), practice.cloud_url().to_owned());
        let ini = locations.home.join(INI);
        std::fs::create_dir_all(ini.parent().unwrap()).unwrap();
        std::fs::write(
            ini,
            format!("[main]\nanaconda_api_url = {}\n", practice.anaconda_org_url()),
        )
        .unwrap();
    })
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}

fn cloud_token(practice: &Practice) -> Token {
    Token::parse(practice.cloud_tokens()[0].value.expose()).unwrap()
}

fn complete(machine: &Machine, login: &LoggedIn, choice: &ChannelChoice, replacing: &Replacing) -> SignedIn {
    let plan = machine.services.plan_sign_in(login, choice, replacing).unwrap();
    machine.wait(machine.services.sign_in(login, &plan)).unwrap()
}

fn sign_out(machine: &Machine, service: Service) -> sextant::service::sign_out::SignedOut {
    let plan = machine
        .services
        .plan_sign_out(service, &PutBack::KeepEdits)
        .unwrap();
    machine
        .wait(machine.services.sign_out(service, &plan, None))
        .unwrap()
}

fn log_in_to_cloud(machine: &Machine) -> LoggedIn {
    let base = machine.services.cloud_base().unwrap();
    let token = cloud_token(&machine.practice);
    machine
        .wait(machine.services.log_in_to_cloud(&base, &token))
        .unwrap()
}

#[test]
fn the_token_of_the_cloud_is_set_as_conda_token_sets_it_and_taken_back_to_the_byte() {
    let machine = machine();
    let before = machine.listing();
    let login = log_in_to_cloud(&machine);
    let signed_in = complete(&machine, &login, &ChannelChoice::default(), &Replacing::Nothing);
    assert_eq!(signed_in.service, Service::Cloud);
    assert_eq!((signed_in.token.id, signed_in.token.name), (None, None));

    let base = format!("{}/repo", machine.practice.cloud_url());
    let condarc = machine.file(".condarc");
    for line in [
        "add_anaconda_token: true".to_owned(),
        format!("default_channels:\n  - {base}/main\n  - {base}/r\n  - {base}/msys2\n"),
        "channels:\n  - conda-forge  # fast\n  - defaults\n".to_owned(),
    ] {
        assert!(condarc.contains(&line), "{line}: {condarc}");
    }
    let token = cloud_token(&machine.practice);
    assert_eq!(machine.token_values(), [token.expose()]);
    let name = format!("{base}/").replace(':', "%3A").replace('/', "%2F");
    assert_eq!(
        machine.file(&format!(".config/binstar/{name}.token")),
        token.expose()
    );
    let ini = machine.file(INI);
    assert!(
        ini.contains("logged_brand = Anaconda Professional")
            && ini.contains(&format!("logged_api_url = '{}'", machine.practice.cloud_url())),
        "{ini}"
    );

    // Its channels, one that no list holds, and one that is not there.
    let offered = machine.wait(machine.services.available_channels(|_| {})).unwrap();
    assert!(offered.iter().any(|channel| channel.path() == "main"));
    let found = machine
        .wait(machine.services.find_channel("practice-org/models"))
        .unwrap();
    assert_eq!(
        found.address.as_deref(),
        Some(format!("{base}/practice-org/models").as_str())
    );
    let error = machine
        .wait(machine.services.find_channel("practice-org/nothing"))
        .unwrap_err();
    assert_eq!(error.explain().kind, Kind::Forbidden);

    let signed_out = sign_out(&machine, Service::Cloud);
    assert!(
        !signed_out.token_revoked,
        "the token is the person's own and stays valid"
    );
    let mut after = machine.listing();
    let ini = after.remove(std::path::Path::new(INI)).unwrap();
    assert!(
        ini.contains("logged_brand = None") && ini.contains("logged_api_url = None"),
        "{ini}"
    );
    let mut before = before;
    before.remove(std::path::Path::new(INI));
    assert_eq!(after, before);
}

#[test]
fn a_token_that_is_not_good_is_told_apart() {
    let machine = machine();
    let base = machine.services.cloud_base().unwrap();
    let tokens = machine.practice.cloud_tokens();
    let refused = |value: &str| {
        let token = Token::parse(value).unwrap();
        let error = machine
            .wait(machine.services.log_in_to_cloud(&base, &token))
            .unwrap_err();
        let problem = error.explain();
        assert_eq!(problem.kind, Kind::Auth);
        assert!(!format!("{problem:?} {error:?}").contains(value));
        problem.cause.unwrap()
    };
    for bad in [&tokens[1], &tokens[2]] {
        assert!(refused(bad.value.expose()).contains("expired"));
    }
    let whole = tokens[0].value.expose();
    assert!(refused(&whole[..30]).contains("30 characters"));
    assert!(refused(&format!("{whole}x")).contains("49 characters"));
}

#[test]
fn one_repository_service_takes_the_place_of_another_in_one_change() {
    let machine = machine();
    machine.sign_in();
    let login = log_in_to_cloud(&machine);
    let refused = machine
        .services
        .plan_sign_in(&login, &ChannelChoice::default(), &Replacing::Nothing)
        .unwrap_err();
    assert_eq!(refused.explain().kind, Kind::Conflict);
    assert_eq!(
        machine
            .services
            .in_the_way(Service::Cloud)
            .unwrap()
            .unwrap()
            .service,
        Service::Server
    );

    let replacing = Replacing::Other(PutBack::KeepEdits);
    let entries = machine.services.entries().unwrap().len();
    let signed_in = complete(&machine, &login, &ChannelChoice::default(), &replacing);
    assert_eq!(signed_in.ended.len(), 1);
    assert_eq!(signed_in.ended[0].token_revoked, Some(true));
    assert!(machine.practice.tokens().is_empty());
    assert_eq!(machine.services.entries().unwrap().len(), entries + 1);
    let condarc = machine.file(".condarc");
    assert!(
        condarc.contains("conda-forge") && !condarc.contains("channel_alias"),
        "{condarc}"
    );
    assert_eq!(machine.token_values().len(), 1);
    let ini = machine.file(INI);
    assert!(ini.contains("anaconda_server_token = None"), "{ini}");
    let status = machine.services.status().unwrap();
    assert_eq!(status.connections.len(), 1);
    assert_eq!(status.connections[0].service, Service::Cloud);

    // Signing out of the second puts back what was there before the first.
    sign_out(&machine, Service::Cloud);
    assert_eq!(machine.file(".condarc"), CONDARC);
    assert!(machine.token_values().is_empty());
}

fn repository(machine: &Machine) -> BinstarApi {
    BinstarApi::parse(machine.practice.repository_url()).unwrap()
}

fn log_in_to_repository(machine: &Machine) -> LoggedIn {
    let login = RepositoryLogin::Password {
        username: "alice".to_owned(),
        password: password(),
    };
    let scopes = DOWNLOAD_SCOPES.map(str::to_owned).to_vec();
    machine
        .services
        .log_in_to_repository(&repository(machine), None, login, scopes)
        .unwrap()
}

#[test]
fn anaconda_repository_gets_a_token_with_the_chosen_scopes_and_loses_it_again() {
    let machine = machine();
    let before = machine.listing();
    let offer = machine
        .wait(machine.services.repository_offer(&repository(&machine), None))
        .unwrap();
    assert!(offer.scopes.iter().any(|scope| scope.name == "conda:download"));

    let login = log_in_to_repository(&machine);
    let choice = ChannelChoice::new([ChannelEntry::from_text("alice")], []);
    let signed_in = complete(&machine, &login, &choice, &Replacing::Nothing);
    let tokens = machine.practice.repository_tokens();
    assert_eq!(tokens.len(), 1);
    assert_eq!(signed_in.token.name.as_deref(), Some(tokens[0].name.as_str()));
    assert_eq!(tokens[0].scopes, ["repos", "conda:download"]);

    let url = machine.practice.repository_url();
    let condarc = machine.file(".condarc");
    assert!(
        condarc.contains(&format!("channel_alias: {url}/conda\n"))
            && condarc.contains("channels:\n  - alice\n  - https://conda.anaconda.org/conda-forge"),
        "{condarc}"
    );
    let ini = machine.file(INI);
    assert!(
        ini.contains("logged_brand = Enterprise 4 Repository")
            && ini.contains(&format!("enterprise_4_repo_api_url = '{url}/api'")),
        "{ini}"
    );
    // A key with a slash at its end leads conda to no look-alike host.
    let key = format!("{url}/api/").replace(':', "%3A").replace('/', "%2F");
    assert!(!machine.file(&format!(".config/binstar/{key}.token")).is_empty());
    let signed_out = sign_out(&machine, Service::Repository);
    assert!(signed_out.token_revoked);
    assert!(machine.practice.repository_tokens().is_empty());
    let without_ini = |mut listing: std::collections::BTreeMap<std::path::PathBuf, String>| {
        listing.remove(std::path::Path::new(INI));
        listing
    };
    assert_eq!(without_ini(machine.listing()), without_ini(before));
}

#[test]
fn an_alias_that_stood_there_before_is_remembered_as_migrated() {
    let machine = machine();
    machine.write(
        ".condarc",
        "channel_alias: https://old.example.com/conda\nchannels:\n  - team\n  - defaults\n",
    );
    let login = log_in_to_repository(&machine);
    complete(&machine, &login, &ChannelChoice::default(), &Replacing::Nothing);
    let condarc = machine.file(".condarc");
    for line in [
        format!("channel_alias: {}/conda\n", machine.practice.repository_url()),
        "migrated_channel_aliases:\n  - https://old.example.com/conda\n".to_owned(),
        "channels:\n  - https://old.example.com/conda/team\n  - defaults\n".to_owned(),
    ] {
        assert!(condarc.contains(&line), "{line}: {condarc}");
    }
}

#[test]
fn a_wrong_password_at_a_repository_leaves_no_trace() {
    let machine = machine();
    let before = machine.listing();
    let login = RepositoryLogin::Password {
        username: "alice".to_owned(),
        password: sextant::secret::Secret::new("wrong"),
    };
    let login = machine
        .services
        .log_in_to_repository(&repository(&machine), None, login, vec!["repos".to_owned()])
        .unwrap();
    let plan = machine
        .services
        .plan_sign_in(&login, &ChannelChoice::default(), &Replacing::Nothing)
        .unwrap();
    let error = machine.wait(machine.services.sign_in(&login, &plan)).unwrap_err();
    assert_eq!(error.explain().kind, Kind::Auth);
    assert_eq!(machine.listing(), before);
    assert!(!machine.services.needs_recovery());
    let none = machine.services.log_in_to_repository(
        &repository(&machine),
        None,
        RepositoryLogin::Password {
            username: "alice".to_owned(),
            password: password(),
        },
        Vec::new(),
    );
    assert_eq!(none.unwrap_err().explain().kind, Kind::Usage);
}

#[test]
fn a_token_of_a_repository_is_renewed() {
    let machine = machine();
    let login = log_in_to_repository(&machine);
    complete(&machine, &login, &ChannelChoice::default(), &Replacing::Nothing);
    let former = machine.practice.repository_tokens()[0].name.clone();
    let plan = machine.services.plan_renewal(Service::Repository).unwrap();
    let renewed = machine
        .wait(
            machine
                .services
                .renew(Service::Repository, &plan, Some(&password())),
        )
        .unwrap();
    assert_eq!(renewed.former_revoked, Some(true));
    let tokens = machine.practice.repository_tokens();
    assert_eq!(tokens.len(), 1);
    assert_ne!(tokens[0].name, former);
    assert_eq!(tokens[0].scopes, ["repos", "conda:download"]);
}

/// A browser that signs in as a person would, or declines.
#[derive(Debug)]
struct Person {
    does: &'static str,
    opened: Mutex<Vec<String>>,
}

impl Person {
    fn who(does: &'static str) -> Arc<Self> {
        Arc::new(Self {
            does,
            opened: Mutex::default(),
        })
    }
}

impl Browser for Person {
    fn open(&self, url: &url::Url) -> Result<(), BrowserError> {
        self.opened.lock().unwrap().push(url.to_string());
        let address = format!("{url}&{}", self.does);
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            // Another test may have done so already.
            let _ = rustls::crypto::ring::default_provider().install_default();
            runtime.block_on(async {
                let client = reqwest::Client::builder().no_proxy().build().unwrap();
                let _ = client.get(address).send().await;
            });
        });
        Ok(())
    }
}

#[test]
fn single_sign_on_at_a_server_gives_the_same_sign_in_as_a_password() {
    let machine = machine();
    let person = Person::who("practice_user=alice");
    let services = machine.services.clone().with_browser(person.clone());
    let site = SignOnSite::Server {
        domain: Domain::parse(machine.practice.url()).unwrap(),
        ca_file: None,
        through: None,
    };
    let mut told_of = Vec::new();
    let login = machine
        .wait(services.sign_on_with_browser(&site, None, |told| told_of.push(told)))
        .unwrap();
    assert_eq!(login.user, "alice");
    let [SignOnProgress::Waiting(opened), SignOnProgress::Finishing] = &told_of[..] else {
        panic!("{told_of:?}");
    };
    assert!(opened.offers_code && opened.not_opened.is_none());
    assert_eq!(person.opened.lock().unwrap().len(), 1);
    complete(&machine, &login, &ChannelChoice::default(), &Replacing::Nothing);
    assert_eq!(machine.practice.tokens().len(), 1);
    let signed_out = sign_out(&machine, Service::Server);
    assert!(signed_out.token_revoked);
    assert_eq!(machine.file(".condarc"), CONDARC);
}

#[test]
fn who_declines_in_the_browser_is_not_signed_in() {
    let machine = machine();
    let services = machine
        .services
        .clone()
        .with_browser(Person::who("practice_deny"));
    let site = SignOnSite::Server {
        domain: Domain::parse(machine.practice.url()).unwrap(),
        ca_file: None,
        through: None,
    };
    let error = machine
        .wait(services.sign_on_with_browser(&site, None, |_| {}))
        .unwrap_err();
    assert!(error.to_string().contains("declined"), "{error}");
    assert!(machine.practice.tokens().is_empty());
}

#[test]
fn anaconda_com_stays_beside_a_repository_and_lists_the_channels_of_the_cloud() {
    let machine = machine();
    let login = log_in_to_cloud(&machine);
    complete(&machine, &login, &ChannelChoice::default(), &Replacing::Nothing);

    let person = Person::who("practice_user=alice");
    let services = machine.services.clone().with_browser(person);
    let port = free_port();
    let login = machine
        .wait(services.sign_on_with_browser(&SignOnSite::AnacondaCom, Some(port), |_| {}))
        .unwrap();
    assert_eq!(login.service, Service::AnacondaOrg);
    let plan = services
        .plan_sign_in(&login, &ChannelChoice::default(), &Replacing::Nothing)
        .unwrap();
    assert!(plan.creates_key);
    machine.wait(services.sign_in(&login, &plan)).unwrap();
    assert_eq!(machine.practice.api_keys().len(), 1);
    assert_eq!(machine.practice.anaconda_org_tokens().len(), 1);
    assert_eq!(machine.services.status().unwrap().connections.len(), 2);
    let offered = machine.wait(services.available_channels(|_| {})).unwrap();
    assert!(
        offered
            .iter()
            .any(|channel| channel.path() == "practice-org/models"),
        "{offered:?}"
    );
    // The key is with Sextant's secrets and nowhere else.
    let all = format!("{:?}", machine.listing());
    assert!(!all.contains(machine.practice.api_keys()[0].value.expose()));

    let signed_out = sign_out(&machine, Service::AnacondaOrg);
    assert!(signed_out.token_revoked);
    assert!(machine.practice.anaconda_org_tokens().is_empty());
    assert_eq!(machine.services.status().unwrap().connections.len(), 1);
    sign_out(&machine, Service::Cloud);
    assert_eq!(machine.file(".condarc"), CONDARC);
}

#[test]
fn anaconda_org_takes_a_password_too() {
    let machine = machine();
    let login = machine
        .services
        .log_in_to_anaconda_org("alice", &password())
        .unwrap();
    complete(&machine, &login, &ChannelChoice::default(), &Replacing::Nothing);
    assert_eq!(machine.practice.anaconda_org_tokens().len(), 1);
    assert_eq!(machine.practice.api_keys().len(), 0);
    assert_eq!(machine.file(".condarc"), CONDARC, "no setting of conda's changes");
    assert!(sign_out(&machine, Service::AnacondaOrg).token_revoked);
    assert!(machine.token_values().is_empty());
}

#[test]
fn a_key_that_cannot_be_made_takes_the_token_with_it() {
    use sextant::practice::Trouble;
    let machine = machine();
    let services = machine
        .services
        .clone()
        .with_browser(Person::who("practice_user=alice"));
    let before = machine.listing();
    let port = free_port();
    let login = machine
        .wait(services.sign_on_with_browser(&SignOnSite::AnacondaCom, Some(port), |_| {}))
        .unwrap();
    let plan = services
        .plan_sign_in(&login, &ChannelChoice::default(), &Replacing::Nothing)
        .unwrap();
    machine
        .practice
        .set_trouble(Trouble::status(403).only_path("/api-keys"));
    let error = machine.wait(services.sign_in(&login, &plan)).unwrap_err();
    assert_eq!(error.explain().kind, Kind::Forbidden);
    assert!(machine.practice.anaconda_org_tokens().is_empty());
    assert_eq!(machine.listing(), before);
    assert!(!services.needs_recovery());
}

#[test]
fn what_becomes_of_the_key_is_said_before_signing_out() {
    let machine = machine();
    let services = machine
        .services
        .clone()
        .with_browser(Person::who("practice_user=alice"));
    let port = free_port();
    let login = machine
        .wait(services.sign_on_with_browser(&SignOnSite::AnacondaCom, Some(port), |_| {}))
        .unwrap();
    complete(&machine, &login, &ChannelChoice::default(), &Replacing::Nothing);
    let plan = services
        .plan_sign_out(Service::AnacondaOrg, &PutBack::KeepEdits)
        .unwrap();
    assert!(
        plan.warnings
            .iter()
            .any(|warning| warning.message.contains("key of Anaconda.com")),
        "{:?}",
        plan.warnings
    );
}
