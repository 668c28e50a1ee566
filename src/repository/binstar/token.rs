//! Tokens of a repository: what one may do, how it is asked for, and how it is listed (repository reference,
//! section 1.2).

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::repository::server::{identifier, text, texts, time};

/// What a token may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Extent {
    /// Everything that the account may do. The programs that sign in with it can upload and delete.
    Everything,
    /// What these scopes allow; the names are those of [`super::BinstarClient::scopes`].
    Scopes(Vec<String>),
}

/// How long the text of a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Strength {
    #[default]
    Strong,
    /// Shorter, for being typed.
    Weak,
}

/// What the server is to do when it has a token of the same name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum NameTaken {
    /// Answer with an error; the other token stays.
    #[default]
    Refuse,
    /// Make the new token all the same. The other one ends where the server allows one of a name.
    Proceed,
}

/// A token to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewBinstarToken {
    /// Under this name the token is listed and revoked.
    pub name: String,
    /// The computer that the token is for.
    pub hostname: String,
    pub extent: Extent,
    /// The organisation whose packages it is for, instead of the person's own.
    pub organization: Option<String>,
    /// How long it is valid; without, as long as the server likes, which is usually a year.
    pub lifetime: Option<Duration>,
    pub strength: Strength,
    pub if_name_taken: NameTaken,
}

impl NewBinstarToken {
    /// The body of `POST authentications`, field by field as both anaconda-clients send it.
    pub(super) fn body(&self, note_url: &str) -> Value {
        let scopes = match &self.extent {
            Extent::Everything => Value::Null,
            Extent::Scopes(scopes) => json!(scopes),
        };
        json!({
            "scopes": scopes,
            "note": self.name,
            "note_url": note_url,
            "hostname": self.hostname,
            "user": self.organization,
            "max-age": self.lifetime.map(|lifetime| lifetime.as_secs()),
            "strength": match self.strength {
                Strength::Strong => "strong",
                Strength::Weak => "weak",
            },
            "fail-if-exists": self.if_name_taken == NameTaken::Refuse,
        })
    }
}

/// A token as the server lists it; its value is never told again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BinstarTokenInfo {
    pub id: String,
    pub name: String,
    pub hostname: Option<String>,
    /// From where it was last seen, or made; the server does not say which.
    pub remote_address: Option<String>,
    /// `None` when it does not end, or the server does not say when.
    pub expires_at: Option<Timestamp>,
    pub scopes: Vec<String>,
}

impl BinstarTokenInfo {
    /// An entry of the list; `None` for one that could not be named in a revocation.
    pub(super) fn read(item: &Value) -> Option<Self> {
        let name = text(item, "application");
        let id = identifier(item);
        if name.is_none() && id.is_none() {
            return None;
        }
        Some(Self {
            id: id.unwrap_or_default(),
            name: name.unwrap_or_default(),
            hostname: text(item, "hostname"),
            remote_address: text(item, "remote_addr"),
            expires_at: time(item, "expires"),
            scopes: item
                .get("scopes")
                .and_then(Value::as_array)
                .map(|scopes| texts(scopes))
                .unwrap_or_default(),
        })
    }
}

/// Something that a token can be allowed to do, in the server's own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    pub name: String,
    pub description: String,
}

impl Scope {
    /// The list as the server orders it; `None` when this is none.
    pub(super) fn read_all(body: &Value) -> Option<Vec<Self>> {
        let scopes = body.as_object()?.iter().map(|(name, description)| Self {
            name: name.clone(),
            description: description.as_str().unwrap_or_default().to_owned(),
        });
        Some(scopes.collect())
    }
}
