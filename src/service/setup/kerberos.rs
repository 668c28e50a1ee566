//! Kerberos for a repository (seed 002, "If you have enabled Kerberos authentication"): what `krb5.conf` says of the server,
//! adding what is missing, the ticket and the clock.

use std::path::PathBuf;

use jiff::Timestamp;
use serde::Serialize;

use super::{ByHand, KIND, SetupError, SetupPlan};
use crate::clients::krb5::{self, Krb5File, Krb5Files, Krb5Place, Krb5State};
use crate::error::{Explain, Problem};
use crate::locations::Platform;
use crate::repository::Domain;
use crate::repository::kerberos::{KeyServerAnswer, Ticket, ask_key_server, kinit};
use crate::secret::Secret;
use crate::service::plan::{Owner, Plan, Warning};
use crate::service::{ServiceError, Services, blocking};

/// From here on Kerberos refuses tickets, unless `clockskew` says otherwise.
const CLOCK_SKEW: u32 = 300;

/// The host of a server, its realm and a key server of that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KerberosSetup {
    server: String,
    realm: String,
    key_server: String,
}

impl KerberosSetup {
    /// `server` may be pasted in any shape.
    ///
    /// Errors: [`SetupError::NotARealm`], [`SetupError::NotAKeyServer`], a server that is none.
    pub fn new(server: &str, realm: &str, key_server: &str) -> Result<Self, ServiceError> {
        let server = Domain::parse(server)?.host().to_ascii_lowercase();
        let is_word = |text: &str| {
            let foreign = |c: char| c.is_whitespace() || c.is_control() || "{}[]=\"#;*@".contains(c);
            !text.is_empty() && !text.contains(foreign)
        };
        let (realm, key_server) = (realm.trim().to_owned(), key_server.trim().to_owned());
        if !is_word(&realm) {
            return Err(SetupError::NotARealm { text: realm }.into());
        }
        let bare = key_server.trim_matches(['[', ']']);
        if !is_word(&bare.replace(['[', ']'], "")) {
            return Err(SetupError::NotAKeyServer { text: key_server }.into());
        }
        Ok(Self {
            server,
            realm,
            key_server,
        })
    }

    pub fn server(&self) -> &str {
        &self.server
    }

    pub fn realm(&self) -> &str {
        &self.realm
    }

    /// The step that is left to do unless there is a ticket already.
    pub fn ticket_step(&self) -> String {
        format!("get a ticket: kinit NAME@{}", self.realm)
    }
}

/// What the files say of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KerberosView {
    pub server: String,
    pub places: Vec<Krb5Place>,
    /// The file that a set-up changes.
    pub file: PathBuf,
    pub default_realm: Option<String>,
    /// The realm of the server with the name in `[domain_realm]` that says so.
    pub realm: Option<(String, String)>,
    /// Of the server's realm, else of the default one.
    pub key_servers: Vec<String>,
    pub clock_skew: u32,
}

impl KerberosView {
    /// The realm in which a ticket is wanted.
    pub fn realm_in_use(&self) -> Option<&str> {
        let mapped = self.realm.as_ref().map(|(realm, _)| realm.as_str());
        mapped.or(self.default_realm.as_deref())
    }

    /// Why Kerberos reads none of it.
    pub fn broken(&self) -> Option<(&PathBuf, &str)> {
        self.places.iter().find_map(|place| match &place.state {
            Krb5State::Broken { reason } => Some((&place.path, reason.as_str())),
            Krb5State::Read | Krb5State::Missing => None,
        })
    }
}

/// What came of asking a key server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyServerState {
    pub address: String,
    pub answer: Result<KeyServerAnswer, Problem>,
    /// By how many seconds its clock is ahead of this computer's.
    pub ahead: Option<i64>,
}

/// Everything that must be right for a sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KerberosState {
    pub view: KerberosView,
    pub ticket: Result<Option<Ticket>, Problem>,
    pub key_servers: Vec<KeyServerState>,
}

impl KerberosState {
    /// A clock that is further off than Kerberos bears.
    pub fn skewed(&self) -> Option<&KeyServerState> {
        let bears = i64::from(self.view.clock_skew);
        self.key_servers
            .iter()
            .find(|server| server.ahead.is_some_and(|ahead| ahead.abs() > bears))
    }

    /// Whether a sign-in can begin: there is a ticket that has not run out.
    pub fn has_ticket(&self, now: Timestamp) -> bool {
        let good = |ticket: &Ticket| ticket.expires_at.is_none_or(|end| end > now);
        matches!(&self.ticket, Ok(Some(ticket)) if good(ticket))
    }
}

impl Services {
    /// What Kerberos's files say of a server. Asks no network.
    ///
    /// Errors: a server that is none.
    pub fn kerberos_view(&self, server: &str) -> Result<KerberosView, ServiceError> {
        let host = Domain::parse(server)?.host().to_ascii_lowercase();
        Ok(blocking(|| {
            let machine = self.machine();
            let files = Krb5Files::read(&machine);
            let realm = files.realm_of(&host).map(|(realm, by)| (realm.to_owned(), by));
            let default_realm = files.default_realm().map(str::to_owned);
            let in_use = realm.as_ref().map(|(realm, _)| realm).or(default_realm.as_ref());
            let key_servers = in_use.map(|realm| files.key_servers(realm)).unwrap_or_default();
            let skew = files.value(&["libdefaults", "clockskew"]);
            KerberosView {
                server: host,
                file: krb5::main_file(&machine),
                key_servers: key_servers.into_iter().map(str::to_owned).collect(),
                clock_skew: skew.and_then(|text| text.parse().ok()).unwrap_or(CLOCK_SKEW),
                default_realm,
                realm,
                places: files.places,
            }
        }))
    }

    /// The same with the ticket and what the key servers say; `more` are key servers that no file names yet. Asks the key
    /// servers, unless Sextant works offline.
    ///
    /// Errors: a server that is none.
    pub async fn kerberos_state(&self, server: &str, more: &[String]) -> Result<KerberosState, ServiceError> {
        let view = self.kerberos_view(server)?;
        let kerberos = self.kerberos().clone();
        let ticket = tokio::task::spawn_blocking(move || kerberos.ticket()).await;
        let ticket = match ticket {
            Ok(ticket) => ticket.map_err(|error| error.explain()),
            Err(error) => Err(ServiceError::Internal(error.to_string()).explain()),
        };
        let mut addresses = view.key_servers.clone();
        addresses.extend(more.iter().filter(|one| !view.key_servers.contains(one)).cloned());
        let realm = view.realm_in_use().unwrap_or_default().to_owned();
        let mut key_servers = Vec::new();
        if self.offline().is_none() {
            let asked = addresses
                .iter()
                .map(|address| self.ask_key_server(address, &realm));
            key_servers = futures::future::join_all(asked).await;
        }
        Ok(KerberosState {
            view,
            ticket,
            key_servers,
        })
    }

    async fn ask_key_server(&self, address: &str, realm: &str) -> KeyServerState {
        let answer = ask_key_server(address, realm).await;
        let here = self.now();
        let ahead = answer.as_ref().ok().and_then(|answer| answer.time);
        KeyServerState {
            address: address.to_owned(),
            ahead: ahead.map(|there| there.as_second() - here.as_second()),
            answer: answer.map_err(|error| error.explain()),
        }
    }

    /// What is missing in `krb5.conf` for a server: the default realm where there is none, the key server, and the realm of
    /// the server. What stands there otherwise stays.
    ///
    /// Errors: [`SetupError::Krb5`] for a file at which Kerberos itself stops.
    pub fn plan_kerberos(&self, setup: &KerberosSetup) -> Result<SetupPlan, ServiceError> {
        let KerberosSetup {
            server,
            realm,
            key_server,
        } = setup;
        let words = format!("setup kerberos --server {server} --realm {realm} --kdc {key_server}");
        let what = format!("Set up Kerberos for {server}");
        if self.locations().platform == Platform::Windows {
            return self.kerberos_on_windows(setup, Plan::new(KIND, what), &words);
        }
        blocking(|| {
            let machine = self.machine();
            let files = Krb5Files::read(&machine);
            let path = krb5::main_file(&machine);
            let mut plan = Plan::new(KIND, what);
            let before = plan.content(&path)?;
            let wrong = |source| SetupError::Krb5 {
                path: path.clone(),
                source,
            };
            let mut file = match &before {
                Some(bytes) => Krb5File::parse(bytes).map_err(wrong)?,
                None => Krb5File::empty(),
            };
            match files.default_realm() {
                None => file
                    .set(&["libdefaults", "default_realm"], realm)
                    .map_err(wrong)?,
                Some(other) if other != realm => plan.warnings.push(Warning::with_remedy(
                    format!("the default realm stays {other}"),
                    format!("name the realm when you get a ticket: kinit NAME@{realm}"),
                )),
                Some(_) => {}
            }
            if !files.key_servers(realm).contains(&key_server.as_str()) {
                file.add(&["realms", realm, "kdc"], key_server).map_err(wrong)?;
            }
            if files.realm_of(server).is_none_or(|(known, _)| known != realm) {
                file.set(&["domain_realm", server], realm).map_err(wrong)?;
            }
            if realm.chars().any(|c| c.is_ascii_lowercase()) {
                plan.warnings.push(Warning::with_remedy(
                    format!("{realm} has small letters, and names of realms hardly ever do"),
                    "ask the administrator; capital and small letters make a difference there",
                ));
            }
            if let Some((broken, reason)) = files.broken().filter(|(broken, _)| *broken != path) {
                plan.warnings.push(Warning::with_remedy(
                    format!("Kerberos stops at {}: {reason}", broken.display()),
                    "correct the file, or take its name out of KRB5_CONFIG",
                ));
            }
            plan.put(path, Owner::Other, Some(file.bytes()))?;
            let mut parted = self.parted(plan, &words)?;
            parted.afterwards = vec![
                setup.ticket_step(),
                "sign in to the repository with the ticket".to_owned(),
            ];
            Ok(parted)
        })
    }

    /// Windows has no such file: it asks the domain that the computer belongs to, or what `ksetup` was told.
    fn kerberos_on_windows(
        &self,
        setup: &KerberosSetup,
        mut plan: Plan,
        words: &str,
    ) -> Result<SetupPlan, ServiceError> {
        plan.warnings.push(Warning::new(
            "a computer that belongs to the organisation's domain needs none of this",
        ));
        let KerberosSetup {
            server,
            realm,
            key_server,
        } = setup;
        let mut parted = self.parted(plan, words)?;
        parted.by_hand.push(ByHand::command(
            format!("the realm {realm} and its key server, for Windows' own Kerberos"),
            format!("ksetup /addkdc {realm} {key_server}\nksetup /addhosttorealmmap {server} {realm}"),
            true,
        ));
        Ok(parted)
    }

    /// Gets a ticket with the system's own `kinit`. `principal` is `NAME@REALM`, or a name in the default realm.
    ///
    /// Errors: [`ServiceError::Kerberos`].
    pub async fn get_ticket(
        &self,
        principal: &str,
        password: &Secret,
    ) -> Result<Option<Ticket>, ServiceError> {
        let (principal, password) = (principal.trim().to_owned(), password.clone());
        let variables = self.locations().variables.clone();
        let kerberos = self.kerberos().clone();
        let work = move || {
            kinit(&principal, &password, &variables)?;
            kerberos.ticket()
        };
        match tokio::task::spawn_blocking(work).await {
            Ok(ticket) => Ok(ticket?),
            Err(error) => Err(ServiceError::Internal(error.to_string())),
        }
    }
}

/// What came of asking a key server, for a program.
#[derive(Debug, Serialize)]
struct KeyServerJson<'a> {
    address: &'a str,
    answers: bool,
    refuses_realm: Option<bool>,
    seconds_ahead: Option<i64>,
    milliseconds: Option<u128>,
}

impl Serialize for KeyServerState {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let answer = self.answer.as_ref().ok();
        KeyServerJson {
            address: &self.address,
            answers: answer.is_some(),
            refuses_realm: answer.map(|answer| answer.refuses_realm),
            seconds_ahead: self.ahead,
            milliseconds: answer.map(|answer| answer.took.as_millis()),
        }
        .serialize(serializer)
    }
}
