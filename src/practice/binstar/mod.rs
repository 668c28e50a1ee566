//! Anaconda Repository (Enterprise 4) and Anaconda.org: the binstar API (repository reference, section 1).
//!
//! Both are the same program here, in path style: one address of this machine has no subdomains `api.` and `conda.`. The
//! API lies under `/api`, on Anaconda.org at the root as well, where its own address has it. What differs is how one logs
//! in ([`Login`]), and that private packages are no part of an account at Anaconda.org. Not offered: changes to labels.

mod access;
mod answer;
mod authentications;
mod caller;
mod content;
mod held;
mod negotiate;
mod owner;
mod package;
mod scope;
mod standing;
mod token;
mod upload;
mod users;
mod world;

use std::sync::Arc;

use axum::Router;
use axum::extract::{self, DefaultBodyLimit, Request};
use axum::http::HeaderValue;
use axum::middleware::{self, Next};
use axum::response::{Html, Response};
use axum::routing::{delete, get, post, put};

pub use negotiate::{Acceptor, RepositoryLogin};
pub use token::RepositoryToken;

use super::cloud;
use super::common::Common;
use answer::Refusal;
use standing::Standing;
use token::Tokens;

/// What the server says of itself; anaconda-client asks people to update if it is newer than itself.
const API_VERSION: HeaderValue = HeaderValue::from_static("1.6.14");

/// How people prove who they are when they want a token (A3).
pub(super) enum Login {
    /// Name and password.
    Password,
    /// A Kerberos ticket.
    Kerberos(Acceptor),
    /// Name and password, or what anaconda.com gave them.
    Unified(Arc<cloud::State>),
}

impl From<RepositoryLogin> for Login {
    fn from(login: RepositoryLogin) -> Self {
        match login {
            RepositoryLogin::Password => Self::Password,
            RepositoryLogin::Kerberos(acceptor) => Self::Kerberos(acceptor),
        }
    }
}

/// The memory of one repository.
pub(super) struct State {
    pub(super) common: Arc<Common>,
    pub(super) tokens: Tokens,
    standing: Standing,
    /// What was announced and is not taken over yet.
    staged: upload::Staging,
    pub(super) login: Login,
    /// The server's own address.
    url: String,
}

impl State {
    pub(super) fn new(login: Login, url: &str, common: Arc<Common>) -> Self {
        Self {
            url: url.to_owned(),
            staged: upload::Staging::default(),
            common,
            tokens: Tokens::default(),
            standing: Standing::default(),
            login,
        }
    }

    pub(super) fn announcements(&self) -> usize {
        self.staged.len()
    }
}

/// The whole site, the control endpoints included.
pub(super) fn router(state: Arc<State>, control: Router<Arc<State>>) -> Router {
    let site = Router::new()
        .nest("/api", api())
        .route("/conda/{*path}", get(content::under_conda))
        .route("/t/{token}/conda/{*path}", get(content::under_token))
        .route(
            "/storage/{id}",
            // The gate has its own.
            post(upload::store).layer(DefaultBodyLimit::disable()),
        )
        .nest("/practice", control);
    let site = match state.login {
        Login::Unified(_) => site
            .merge(api())
            .route("/.well-known/openid-configuration", get(discovery)),
        Login::Password | Login::Kerberos(_) => site.route("/", get(front_page)),
    };
    site.fallback(|| async { Refusal::not_found("There is nothing at this address") })
        .method_not_allowed_fallback(|| async { Refusal::method_not_allowed() })
        .layer(middleware::from_fn_with_state(Arc::clone(&state), with_headers))
        .with_state(state)
}

fn api() -> Router<Arc<State>> {
    use authentications as tokens;
    Router::new()
        .route("/", get(tokens::root))
        .route("/authentication-type", get(tokens::authentication_type))
        .route(
            "/authentications",
            get(tokens::list)
                .post(tokens::create)
                .delete(tokens::delete_current),
        )
        .route("/authentication", get(tokens::current))
        .route("/authentications/name/{name}", delete(tokens::delete_named))
        .route(
            "/authentications/org/{organization}/name/{name}",
            delete(tokens::delete_of_organization),
        )
        .route("/scopes", get(tokens::scopes))
        .route("/user", get(users::myself))
        .route("/user/orgs", get(users::my_organizations))
        .route("/user/{login}", get(users::someone))
        .route("/users/{login}/orgs", get(users::organizations))
        .route("/groups", get(users::my_groups))
        .route("/groups/{login}", get(users::groups))
        .route(
            "/group/{login}/{name}",
            get(access::group).post(access::create_group),
        )
        .route("/group/{login}/{name}/members", get(access::members))
        .route(
            "/group/{login}/{name}/members/{user}",
            get(access::is_member)
                .put(access::add_member)
                .delete(access::remove_member),
        )
        .route("/group/{login}/{name}/packages", get(access::packages))
        .route(
            "/group/{login}/{name}/packages/{package}",
            put(access::add_package).delete(access::remove_package),
        )
        .route("/packages", get(users::my_packages))
        .route("/packages/{login}", get(users::packages))
        .route(
            "/package/{login}/{name}",
            get(users::package)
                .post(upload::create_package)
                .patch(access::patch_package)
                .delete(upload::remove_package),
        )
        .route(
            "/release/{login}/{name}/{version}",
            get(upload::release)
                .post(upload::create_release)
                .patch(upload::patch_release)
                .delete(upload::remove_release),
        )
        .route(
            "/dist/{login}/{name}/{version}/{*basename}",
            get(upload::file).delete(upload::remove_file),
        )
        .route("/stage/{login}/{name}/{version}/{*basename}", post(upload::stage))
        .route(
            "/commit/{login}/{name}/{version}/{*basename}",
            post(upload::commit),
        )
        .route(
            "/download/{login}/{name}/{version}/{*basename}",
            get(upload::download),
        )
        .route(
            "/packages/{login}/{name}/collaborators",
            get(access::collaborators),
        )
        .route(
            "/packages/{login}/{name}/collaborators/{user}",
            put(access::add_collaborator).delete(access::remove_collaborator),
        )
        .route("/channels/{login}", get(users::labels))
}

async fn front_page() -> Html<&'static str> {
    Html(
        "<!DOCTYPE html><title>Practice repository</title>\
         <p>A practice repository. Its API is under <code>/api</code>, its channels under <code>/conda</code>.</p>",
    )
}

/// Anaconda.org sends people to anaconda.com: the addresses are those of the other listener.
async fn discovery(
    extract::State(state): extract::State<Arc<State>>,
) -> Result<axum::Json<serde_json::Value>, Refusal> {
    match &state.login {
        Login::Unified(cloud) => Ok(axum::Json(cloud.discovery())),
        Login::Password | Login::Kerberos(_) => Err(Refusal::not_found("There is nothing at this address")),
    }
}

/// Every answer names the API's version, and warns of a token whose end is near.
async fn with_headers(
    extract::State(state): extract::State<Arc<State>>,
    request: Request,
    next: Next,
) -> Response {
    let bearer = caller::recognise(&state, request.headers()).ok().flatten();
    let warning = bearer.and_then(|bearer| bearer.token.warning(state.common.clock.now()));
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert("x-binstar-api-version", API_VERSION);
    if let Some(warning) = warning.and_then(|text| HeaderValue::try_from(text).ok()) {
        headers.insert("conda-token-warning", warning);
    }
    response
}
