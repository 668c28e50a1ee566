//! The file that anaconda-auth calls its keyring: JSON of services, in them domains, in them JSON once more, in base64
//! (server reference, section 2.2). Nothing in it is encrypted.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use super::found::Credential;
use super::json_style;
use crate::secret::Secret;

/// The one service in it that is anaconda-auth's.
const SERVICE: &str = "Anaconda Cloud";

/// What is kept for one domain.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub api_key: Option<Secret>,
    pub username: Option<String>,
    pub repo_tokens: Vec<RepoToken>,
}

#[derive(Debug, Clone)]
pub(super) struct RepoToken {
    pub token: Secret,
    pub organization: Option<String>,
}

/// The whole content, fields that nobody here knows included.
#[derive(Clone)]
pub(super) struct Keyring {
    content: Map<String, Value>,
}

impl Keyring {
    /// Reads the file. An empty one is an empty keyring: anaconda-auth leaves one behind when it merely looks.
    ///
    /// The error says what is wrong without a value.
    pub fn parse(bytes: &[u8]) -> Result<Self, String> {
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Ok(Self { content: Map::new() });
        }
        match serde_json::from_slice(bytes) {
            Ok(Value::Object(content)) => match content.get(SERVICE) {
                None | Some(Value::Object(_)) => Ok(Self { content }),
                Some(_) => Err(format!("what stands under '{SERVICE}' is no JSON object")),
            },
            Ok(_) => Err("it is no JSON object".to_owned()),
            Err(error) => Err(format!(
                "it is no JSON (line {}, column {})",
                error.line(),
                error.column()
            )),
        }
    }

    /// Every domain, and what is kept for it or why that cannot be read.
    pub fn entries(&self) -> Vec<(String, Result<Entry, String>)> {
        let domains = self.content.get(SERVICE).and_then(Value::as_object);
        domains
            .into_iter()
            .flatten()
            .map(|(domain, value)| (domain.clone(), decode(value).and_then(|inner| entry(&inner))))
            .collect()
    }

    /// Takes a credential out of a domain, and the domain out where nothing is left to be used; with no credential, the
    /// domain. What is not there is gone already.
    pub fn remove(&mut self, domain: &str, credential: Option<&Credential>) {
        let Some(Value::Object(domains)) = self.content.get_mut(SERVICE) else {
            return;
        };
        let Some(value) = domains.get_mut(domain) else {
            return;
        };
        let left = credential.and_then(|credential| without(decode(value).ok()?, credential));
        match left {
            Some(inner) => *value = Value::String(encode(&inner)),
            None => {
                domains.shift_remove(domain);
            }
        }
    }

    /// The content in the spelling that `original` has.
    pub fn to_bytes(&self, original: &[u8]) -> Vec<u8> {
        json_style::write_like(original, &Value::Object(self.content.clone()))
    }
}

/// The inner JSON object.
fn decode(value: &Value) -> Result<Map<String, Value>, String> {
    let text = value.as_str().ok_or("the entry is no text")?;
    let bytes = STANDARD
        .decode(text.trim())
        .map_err(|_| "the entry is no base64")?;
    match serde_json::from_slice(&bytes) {
        Ok(Value::Object(inner)) => Ok(inner),
        Ok(_) | Err(_) => Err("the entry holds no JSON object".to_owned()),
    }
}

fn encode(inner: &Map<String, Value>) -> String {
    STANDARD.encode(json_style::compact(&Value::Object(inner.clone())))
}

fn entry(inner: &Map<String, Value>) -> Result<Entry, String> {
    let text = |from: &Map<String, Value>, name: &str| match from.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone()).filter(|text| !text.is_empty())),
        Some(_) => Err(format!("'{name}' is no text")),
    };
    let tokens = match inner.get("repo_tokens") {
        None | Some(Value::Null) => &Vec::new(),
        Some(Value::Array(tokens)) => tokens,
        Some(_) => return Err("'repo_tokens' is no list".to_owned()),
    };
    let repo_tokens = tokens
        .iter()
        .map(|token| {
            let token = token.as_object().ok_or("a repository token is no object")?;
            Ok(RepoToken {
                token: Secret::new(text(token, "token")?.unwrap_or_default()),
                organization: text(token, "org_name")?,
            })
        })
        .collect::<Result<_, String>>()?;
    Ok(Entry {
        api_key: text(inner, "api_key")?.map(Secret::new),
        username: text(inner, "username")?,
        repo_tokens,
    })
}

/// The entry without the credential; nothing when no credential is left in it.
fn without(mut inner: Map<String, Value>, credential: &Credential) -> Option<Map<String, Value>> {
    let is_it = |value: Option<&Value>, secret: &str| value.and_then(Value::as_str) == Some(secret);
    match credential {
        Credential::ApiKey(key) => {
            if is_it(inner.get("api_key"), key.expose()) {
                // The user goes with the key: the next login says who it is.
                inner.shift_remove("api_key");
                inner.shift_remove("username");
            }
        }
        Credential::Token(token) => {
            if let Some(Value::Array(tokens)) = inner.get_mut("repo_tokens") {
                tokens.retain(|known| !is_it(known.get("token"), token.expose()));
            }
        }
        Credential::Session(_) => {}
    }
    let has_key = inner.get("api_key").is_some_and(Value::is_string);
    let tokens = inner.get("repo_tokens").and_then(Value::as_array);
    (has_key || tokens.is_some_and(|tokens| !tokens.is_empty())).then_some(inner)
}
