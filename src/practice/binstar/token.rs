//! Tokens: made, listed, removed by name, and expiring (repository reference, section 1.2).

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::answer::Refusal;
use super::owner::Owner;
use super::scope;
use crate::practice::clock::{later, written};
use crate::practice::ledger::{Ledger, issued};
use crate::practice::random::{bytes, hex, uuid};
use crate::secret::Secret;

/// What a token lives for when its creator names no age.
const DEFAULT_DAYS: i64 = 365;
/// So long before its end a token is warned of in answers; when the real server does so is unknown.
const WARNED_DAYS: i64 = 7;

/// A token of Anaconda Repository or Anaconda.org as the server keeps it, for whoever inspects it.
#[derive(Debug, Clone)]
pub struct RepositoryToken {
    /// 24 hexadecimal digits.
    pub id: String,
    /// The request's `note`, which lists call `application`; unique for its owner.
    pub name: String,
    /// The login it acts for: a person's, or that of an organization.
    pub owner: &'static str,
    /// From which machine it was asked for, as the client said.
    pub hostname: String,
    /// None means: everything.
    pub scopes: Vec<String>,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    /// `<first two letters of the login>-<uuid4>`, or the short form that was asked for as `weak`.
    pub value: Secret,
}

impl RepositoryToken {
    /// An item of `GET authentications`. It never holds the value; its time bears an offset, without which
    /// anaconda-client fails (A4). Everything is written as the scope `all`.
    pub(super) fn to_json(&self) -> Value {
        let scopes = match self.scopes.as_slice() {
            [] => json!(["all"]),
            scopes => json!(scopes),
        };
        json!({
            "id": self.id,
            "application": self.name,
            "remote_addr": "127.0.0.1",
            "hostname": self.hostname,
            "expires": written(self.expires_at),
            "scopes": scopes,
        })
    }

    /// Whether it carries one of these scopes.
    pub(super) fn may(&self, any_of: &[&str]) -> bool {
        self.scopes.is_empty() || self.scopes.iter().any(|scope| any_of.contains(&scope.as_str()))
    }

    /// What to tell its bearer of its end: only a token that was made for longer is warned of.
    pub(super) fn warning(&self, now: Timestamp) -> Option<String> {
        let notice = days(WARNED_DAYS);
        let near = later(now, notice) >= self.expires_at;
        let made_for_longer = later(self.created_at, notice) < self.expires_at;
        (near && made_for_longer).then(|| format!("The token expires on {}", written(self.expires_at)))
    }
}

fn days(number: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * number)
}

/// How long the text of a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Strength {
    Strong,
    Weak,
}

/// The checked content of a request for a token.
#[derive(Debug)]
pub(super) struct NewToken {
    pub(super) name: String,
    /// The organization it is for, if it is not for the person who asks.
    pub(super) organization: Option<String>,
    hostname: String,
    scopes: Vec<String>,
    lifetime: SignedDuration,
    strength: Strength,
    /// Whether a token of that name keeps this one from being made, or is replaced by it.
    fail_if_exists: bool,
}

impl NewToken {
    /// Reads the body of `POST authentications`; whatever is wrong with it is answered with 400. Keys that are not
    /// known, such as `created_with`, are overlooked.
    pub(super) fn parse(body: &[u8]) -> Result<Self, Refusal> {
        let body: Value =
            serde_json::from_slice(body).map_err(|_| Refusal::bad_request("The body is not JSON"))?;
        if !body.is_object() {
            return Err(Refusal::bad_request("The body must be an object"));
        }
        let name = text(&body, "note")?
            .filter(|name| !name.trim().is_empty())
            .ok_or_else(|| Refusal::bad_request("note: missing"))?;
        text(&body, "note_url")?;
        let strength = match text(&body, "strength")?.as_deref() {
            None | Some("strong") => Strength::Strong,
            Some("weak") => Strength::Weak,
            Some(_) => return Err(Refusal::bad_request("strength: must be strong or weak")),
        };
        let lifetime = match &body["max-age"] {
            Value::Null => days(DEFAULT_DAYS),
            value => match value.as_i64() {
                Some(seconds) if seconds > 0 => SignedDuration::from_secs(seconds),
                _ => return Err(Refusal::bad_request("max-age: must be a number of seconds")),
            },
        };
        let fail_if_exists = match &body["fail-if-exists"] {
            Value::Null => false,
            Value::Bool(fail) => *fail,
            _ => return Err(Refusal::bad_request("fail-if-exists: must be true or false")),
        };
        Ok(Self {
            name,
            organization: text(&body, "user")?,
            hostname: text(&body, "hostname")?.unwrap_or_default(),
            scopes: parse_scopes(&body["scopes"])?,
            lifetime,
            strength,
            fail_if_exists,
        })
    }
}

fn text(body: &Value, key: &str) -> Result<Option<String>, Refusal> {
    match &body[key] {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text.clone())),
        _ => Err(Refusal::bad_request(format!("{key}: must be a string"))),
    }
}

fn parse_scopes(scopes: &Value) -> Result<Vec<String>, Refusal> {
    let Some(scopes) = scopes.as_array() else {
        return match scopes {
            Value::Null => Ok(Vec::new()),
            _ => Err(Refusal::bad_request("scopes: must be a list")),
        };
    };
    let mut parsed: Vec<String> = Vec::with_capacity(scopes.len());
    for scope in scopes {
        let Some(scope) = scope.as_str() else {
            return Err(Refusal::bad_request("scopes: each must be a string"));
        };
        if !scope::is_known(scope) {
            return Err(Refusal::bad_request(format!("scopes: unknown scope {scope}")));
        }
        if !parsed.iter().any(|known| known == scope) {
            parsed.push(scope.to_owned());
        }
    }
    Ok(parsed)
}

/// All tokens.
pub(in crate::practice) type Tokens = Ledger<RepositoryToken>;

issued!(RepositoryToken);

impl Ledger<RepositoryToken> {
    pub(super) fn of(&self, owner: Owner) -> Vec<RepositoryToken> {
        self.those(|record| record.owner == owner.login())
    }

    /// Makes a token; 400 if there is one of that name which has not expired and must not be replaced.
    pub(super) fn create(
        &self,
        owner: Owner,
        new: NewToken,
        now: Timestamp,
    ) -> Result<RepositoryToken, Refusal> {
        let login = owner.login();
        let record = RepositoryToken {
            id: hex(&bytes::<12>()?),
            name: new.name,
            owner: login,
            hostname: new.hostname,
            scopes: new.scopes,
            created_at: now,
            expires_at: later(now, new.lifetime),
            value: fresh_value(login, new.strength)?,
        };
        let mut records = self.records();
        let same = |one: &RepositoryToken| one.owner == login && one.name == record.name;
        if new.fail_if_exists && records.iter().any(|one| same(one) && one.expires_at > now) {
            return Err(Refusal::bad_request(format!(
                "Authentication with name {} already exists",
                record.name
            )));
        }
        records.retain(|one| !same(one));
        records.push(record.clone());
        Ok(record)
    }

    /// Removes an owner's token by its name; false if there is none.
    pub(super) fn remove_named(&self, owner: Owner, name: &str) -> bool {
        self.remove_where(|record| record.owner == owner.login() && record.name == name)
    }
}

/// The form seen in the wild. A weak one is only known to be shorter.
fn fresh_value(login: &str, strength: Strength) -> Result<Secret, getrandom::Error> {
    let prefix: String = login.chars().take(2).collect();
    let rest = match strength {
        Strength::Strong => uuid(bytes()?),
        Strength::Weak => hex(&bytes::<6>()?),
    };
    Ok(Secret::new(format!("{prefix}-{rest}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-11-23T08:40:00Z".parse().unwrap()
    }

    fn parse(body: &Value) -> Result<NewToken, Refusal> {
        NewToken::parse(body.to_string().as_bytes())
    }

    fn alice() -> Owner {
        Owner::named("alice").unwrap()
    }

    #[test]
    fn what_cannot_be_understood_is_400() {
        for body in [
            json!([]),
            json!({}),
            json!({"note": null}),
            json!({"note": " "}),
            json!({"note": 1}),
            json!({"note": "n", "scopes": "all"}),
            json!({"note": "n", "scopes": [1]}),
            json!({"note": "n", "scopes": ["fly"]}),
            json!({"note": "n", "max-age": 0}),
            json!({"note": "n", "max-age": -1}),
            json!({"note": "n", "max-age": "3600"}),
            json!({"note": "n", "max-age": 0.5}),
            json!({"note": "n", "strength": "middling"}),
            json!({"note": "n", "fail-if-exists": "yes"}),
            json!({"note": "n", "user": 1}),
            json!({"note": "n", "hostname": []}),
        ] {
            assert_eq!(parse(&body).unwrap_err().status.as_u16(), 400, "{body}");
        }
        assert_eq!(NewToken::parse(b"{").unwrap_err().status.as_u16(), 400);
    }

    #[test]
    fn a_token_lives_a_year_unless_it_is_asked_for_less() {
        let tokens = Tokens::default();
        let expires = |body: Value| {
            let record = tokens.create(alice(), parse(&body).unwrap(), now()).unwrap();
            record.to_json()["expires"].clone()
        };
        assert_eq!(
            expires(json!({"note": "n", "created_with": null, "max-age": null})),
            "2027-11-23T08:40:00+00:00"
        );
        assert_eq!(
            expires(json!({"note": "m", "max-age": 3600})),
            "2026-11-23T09:40:00+00:00"
        );
    }

    #[test]
    fn the_text_of_a_token_begins_like_its_owner() {
        let tokens = Tokens::default();
        let value = |owner: &str, body: Value| {
            let owner = Owner::named(owner).unwrap();
            let record = tokens.create(owner, parse(&body).unwrap(), now()).unwrap();
            record.value.expose().to_owned()
        };
        let strong = value("alice", json!({"note": "a"}));
        let lengths: Vec<usize> = strong.split('-').map(str::len).collect();
        assert_eq!((&strong[..3], lengths), ("al-", vec![2, 8, 4, 4, 4, 12]));
        let weak = value("practice-org", json!({"note": "a", "strength": "weak"}));
        assert!(weak.starts_with("pr-") && weak.len() < strong.len(), "{weak}");
        for token in [strong, weak] {
            assert!(crate::secret::Token::parse(&token).is_ok());
        }
    }

    #[test]
    fn only_the_near_end_of_a_long_life_is_warned_of() {
        let tokens = Tokens::default();
        let make = |seconds: i64| {
            let body = json!({"note": "n", "max-age": seconds});
            tokens.create(alice(), parse(&body).unwrap(), now()).unwrap()
        };
        let day = 24 * 3_600;
        assert!(make(3_600).warning(now()).is_none());
        let month = make(30 * day);
        assert!(month.warning(now()).is_none());
        assert!(month.warning(later(now(), days(22))).is_none());
        assert!(month.warning(later(now(), days(23))).is_some());
    }
}
