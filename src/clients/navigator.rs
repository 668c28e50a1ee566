//! Anaconda Navigator: what its file says of a login, and the sessions it left (server reference, sections 4.3 and 5.3
//! to 5.6).

use super::address;
use super::anaconda_client;
use super::conda_token;
use super::found::{Credential, Found, FoundLogin, LoginState, Place, Product, Remark, Tool};
use super::jwt;
use super::machine::{Machine, NavigatorValues};
use super::token_files::{self, SessionFile, TokenFile, TokenFiles};
use crate::edit::file;
use crate::secret::{Secret, Token};

/// The values of `logged_brand` that go with a token file.
const SERVER: &str = "Anaconda Server";
const PROFESSIONAL: &str = "Anaconda Professional";
const REPOSITORY: &str = "Enterprise 4 Repository";
const ANACONDA_ORG: &str = "Anaconda.org";

/// What the file says, and what its sessions say.
pub(super) fn look(machine: &Machine, files: &TokenFiles) -> Found {
    let mut found = Found::default();
    for reading in &machine.navigator {
        match &reading.values {
            Ok(values) => {
                for mut login in logins_of(machine, files, values, &mut found.remarks) {
                    login.places.insert(0, Place::NavigatorFile(reading.path.clone()));
                    found.logins.push(login);
                }
            }
            Err(reason) => found.remarks.push(Remark {
                tool: Tool::Navigator,
                path: Some(reading.path.clone()),
                message: format!("Navigator's file cannot be read: {reason}"),
            }),
        }
    }
    for session in files.sessions(&machine.anaconda_client_token_folders()) {
        add_session(machine, session, &mut found.logins);
    }
    found
}

/// The logins that one file speaks of, without the place of the file itself.
fn logins_of(
    machine: &Machine,
    files: &TokenFiles,
    values: &NavigatorValues,
    remarks: &mut Vec<Remark>,
) -> Vec<FoundLogin> {
    let folders = machine.anaconda_client_token_folders();
    let brand = values.logged_brand.as_deref();
    let logged = values.logged_api_url.as_deref();
    let server = match brand {
        Some(SERVER) | None => logged.or(values.server_api_url.as_deref()),
        Some(_) => values.server_api_url.as_deref(),
    };
    let held_for_server = |server: &str| {
        let api = format!("{}/api", server.trim_end_matches('/'));
        files.tokens(&folders, |key| token_files::is_key_of_api(key, &api))
    };
    let mut logins = Vec::new();
    match (&values.server_token, server) {
        (Some(token), Some(server)) => {
            logins.push(server_login(server, token, values, &held_for_server(server)));
        }
        (Some(_), None) => remarks.push(Remark {
            tool: Tool::Navigator,
            path: None,
            message: "Navigator's file holds a token, but no address it is for".to_owned(),
        }),
        (None, _) => {}
    }
    let of = |product, address: &str, held: &[&TokenFile]| {
        token_files::logins_of(Tool::Navigator, product, address, held)
    };
    let (Some(brand), Some(url)) = (brand, logged) else {
        return logins;
    };
    logins.extend(match brand {
        // Navigator took over a login of the command line: the token lies in the files alone.
        SERVER if values.server_token.is_none() => {
            of(Product::Server, &address::origin(url), &held_for_server(url))
        }
        PROFESSIONAL => {
            let repository = conda_token::repository(machine);
            let applies = |key: &str| conda_token::is_key_of(key, &repository);
            of(Product::Cloud, &repository, &files.tokens(&folders, applies))
        }
        REPOSITORY | ANACONDA_ORG => match address::base(url) {
            Some(api) => {
                let is_it = |key: &str| address::base(key).as_ref() == Some(&api);
                let held = files.tokens(&folders, is_it);
                of(anaconda_client::product_of(&api), &api, &held)
            }
            None => Vec::new(),
        },
        _ => Vec::new(),
    });
    logins
}

/// The login whose token stands in the file, with the token files that hold the same token.
fn server_login(server: &str, token: &Secret, values: &NavigatorValues, held: &[&TokenFile]) -> FoundLogin {
    let login = FoundLogin {
        token_id: values.server_token_id.clone(),
        ..FoundLogin::new(Tool::Navigator, Product::Server, address::origin(server))
    };
    match Token::parse(token.expose()) {
        Err(invalid) => login.damaged(invalid.to_string()),
        Ok(token) => FoundLogin {
            places: held
                .iter()
                .filter(|file| file.token.as_ref() == Ok(&token))
                .map(|file| Place::TokenFile(file.path.clone()))
                .collect(),
            credential: Some(Credential::Token(token)),
            ..login
        },
    }
}

/// Adds a session to the login it belongs to; where Navigator has none there, the session is the login.
fn add_session(machine: &Machine, session: &SessionFile, logins: &mut Vec<FoundLogin>) {
    let server = address::origin(&session.key);
    let place = Place::SessionFile(session.path.clone());
    let token = session_token(session);
    let claims = token.as_ref().and_then(|token| jwt::claims(token.expose()));
    let expires_at = claims.as_ref().and_then(|claims| claims.expires_at);
    let user = claims.and_then(|claims| claims.user);
    let of_server = |login: &&mut FoundLogin| {
        login.product == Product::Server && address::origin(&login.address) == server
    };
    if let Some(login) = logins.iter_mut().find(of_server) {
        if !login.places.contains(&place) {
            login.places.push(place);
        }
        login.user = login.user.take().or(user);
        login.session_expires_at = login.session_expires_at.max(expires_at);
        if matches!(login.credential, Some(Credential::Session(_))) {
            login.expires_at = login.session_expires_at;
            login.state = state_at(machine, login.expires_at);
        }
        return;
    }
    let login = FoundLogin {
        user,
        places: vec![place],
        expires_at,
        session_expires_at: expires_at,
        state: state_at(machine, expires_at),
        ..FoundLogin::new(Tool::Navigator, Product::Server, server)
    };
    logins.push(match token {
        Some(token) => FoundLogin {
            credential: Some(Credential::Session(token)),
            ..login
        },
        None => login.damaged("the file holds no session"),
    });
}

/// Whether something that ends then has ended.
pub(super) fn state_at(machine: &Machine, expires_at: Option<jiff::Timestamp>) -> LoginState {
    match expires_at {
        Some(end) if end <= machine.now => LoginState::Expired,
        _ => LoginState::Usable,
    }
}

/// The JWT in a session file: JSON with the four cookies that Navigator sends.
fn session_token(session: &SessionFile) -> Option<Secret> {
    let image = file::read(&session.path).ok()??;
    let content: serde_json::Value = serde_json::from_slice(&image.bytes).ok()?;
    ["token", "jwt_token"]
        .into_iter()
        .find_map(|name| content.get(name)?.as_str())
        .filter(|token| !token.is_empty())
        .map(Secret::new)
}
