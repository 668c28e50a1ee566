//! User tokens: made, listed, renewed, removed, and expiring (server reference, section 1.5).

use jiff::{SignedDuration, Timestamp, civil::Date};
use serde_json::{Value, json};

use super::answer::Refusal;
use super::scope;
use crate::practice::account::Account;
use crate::practice::clock::{day, later, midnight, written};
use crate::practice::ledger::{Ledger, issued};
use crate::practice::random::{bytes, hex, uuid};
use crate::secret::Secret;

/// What a token lives for when its creator names no end. The real server's choice is unknown.
const DEFAULT_DAYS: i64 = 30;

/// A user token as the server keeps it, for whoever inspects the practice server.
#[derive(Debug, Clone)]
pub struct TokenRecord {
    pub id: String,
    pub name: String,
    /// Whose token it is.
    pub user: &'static str,
    pub scopes: Vec<String>,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    /// 48 lower-case hexadecimal digits.
    pub value: Secret,
}

impl TokenRecord {
    /// What `type` says of every token here, as recorded.
    pub const TYPE: &'static str = "scope";

    /// An item of `GET account/tokens`; it never holds the value (server reference, section 9).
    pub(in crate::practice) fn to_json(&self) -> Value {
        json!({
            "id": self.id,
            "name": self.name,
            "metadata": null,
            "type": Self::TYPE,
            "created_at": written(self.created_at),
            "expires_at": written(self.expires_at),
            "scopes": self.scopes,
        })
    }
}

/// The checked content of a request for a token.
#[derive(Debug)]
pub(super) struct NewToken {
    name: String,
    expires_at: Timestamp,
    scopes: Vec<String>,
}

impl NewToken {
    /// Reads the body of `POST account/tokens`: 400 for a wrong shape, 422 for a value that cannot be.
    pub(super) fn parse(body: &Value, now: Timestamp, max_days: Option<u16>) -> Result<Self, Refusal> {
        let Some(body) = body.as_object() else {
            return Err(Refusal::malformed("The body must be an object"));
        };
        let name = match body.get("name") {
            Some(Value::String(name)) if !name.trim().is_empty() => name.clone(),
            Some(Value::String(_)) => return Err(Refusal::invalid("name: must not be empty")),
            _ => return Err(Refusal::malformed("name: missing, or not a string")),
        };
        let scopes = match (body.get("scopes"), body.get("resources")) {
            (Some(Value::Array(_)), Some(resources)) if !resources.is_null() => {
                return Err(Refusal::malformed("A token has either scopes or resources"));
            }
            (Some(Value::Array(scopes)), _) => parse_scopes(scopes)?,
            (None | Some(Value::Null), Some(resources)) if !resources.is_null() => {
                return Err(Refusal::invalid("resources: not offered by this server"));
            }
            (None | Some(Value::Null), _) => return Err(Refusal::invalid("scopes: missing")),
            _ => return Err(Refusal::malformed("scopes: must be a list")),
        };
        let expires_at = match body.get("expires_at") {
            None | Some(Value::Null) => later(now, days(DEFAULT_DAYS)),
            Some(Value::String(text)) => parse_expiry(text, now)?,
            Some(_) => return Err(Refusal::malformed("expires_at: must be a string")),
        };
        Ok(Self {
            name,
            expires_at: limited(expires_at, now, max_days),
            scopes,
        })
    }
}

fn days(number: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * number)
}

fn parse_scopes(scopes: &[Value]) -> Result<Vec<String>, Refusal> {
    if scopes.is_empty() {
        return Err(Refusal::invalid("scopes: at least one is needed"));
    }
    let mut parsed = Vec::with_capacity(scopes.len());
    for scope in scopes {
        let Some(scope) = scope.as_str() else {
            return Err(Refusal::malformed("scopes: each must be a string"));
        };
        if !scope::ALL.contains(&scope) {
            return Err(Refusal::invalid(format!("scopes: unknown scope {scope}")));
        }
        if !parsed.iter().any(|known| known == scope) {
            parsed.push(scope.to_owned());
        }
    }
    Ok(parsed)
}

/// A bare date, which all known clients send, or a full timestamp.
fn parse_expiry(text: &str, now: Timestamp) -> Result<Timestamp, Refusal> {
    // The date parser alone would also take `20261223` and the date of a longer text.
    let date = (text.len() == "YYYY-MM-DD".len())
        .then(|| text.parse::<Date>().ok())
        .flatten()
        .and_then(midnight);
    let expires_at = date
        .or_else(|| text.parse::<Timestamp>().ok())
        .ok_or_else(|| Refusal::invalid("expires_at: must be YYYY-MM-DD"))?;
    if expires_at <= now {
        return Err(Refusal::invalid("expires_at: must be in the future"));
    }
    Ok(expires_at)
}

/// The server's maximum shortens silently: only the answer tells.
fn limited(expires_at: Timestamp, now: Timestamp, max_days: Option<u16>) -> Timestamp {
    let latest = max_days.and_then(|max| midnight(day(later(now, days(max.into())))));
    latest.map_or(expires_at, |latest| expires_at.min(latest))
}

/// All tokens.
pub(in crate::practice) type Tokens = Ledger<TokenRecord>;

issued!(TokenRecord);

impl Ledger<TokenRecord> {
    pub(super) fn of(&self, owner: &Account) -> Vec<TokenRecord> {
        self.those(|record| record.user == owner.username)
    }

    pub(super) fn create(
        &self,
        owner: &Account,
        new: NewToken,
        now: Timestamp,
    ) -> Result<TokenRecord, getrandom::Error> {
        let record = TokenRecord {
            id: uuid(bytes()?),
            name: new.name,
            user: owner.username,
            scopes: new.scopes,
            created_at: now,
            expires_at: new.expires_at,
            value: fresh_value()?,
        };
        self.add(record.clone());
        Ok(record)
    }

    /// Gives the owner's token a new value; the old one counts no more, the end stays. Nothing if there is none.
    pub(super) fn renew(&self, owner: &Account, id: &str) -> Result<Option<TokenRecord>, getrandom::Error> {
        let value = fresh_value()?;
        let mut records = self.records();
        let record = records
            .iter_mut()
            .find(|record| record.id == id && record.user == owner.username);
        Ok(record.map(|record| {
            record.value = value;
            record.clone()
        }))
    }

    /// Removes the owner's token; false if there is none.
    pub(super) fn delete(&self, owner: &Account, id: &str) -> bool {
        self.remove_where(|record| record.id == id && record.user == owner.username)
    }
}

/// 48 lower-case hexadecimal digits: nothing that conda would cut off (server reference, section 1.1).
fn fresh_value() -> Result<Secret, getrandom::Error> {
    Ok(Secret::new(hex(&bytes::<24>()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-11-23T08:40:00Z".parse().unwrap()
    }

    fn parse(body: Value) -> Result<NewToken, u16> {
        NewToken::parse(&body, now(), None).map_err(|refusal| refusal.status.as_u16())
    }

    #[test]
    fn a_shape_that_is_wrong_is_400_and_a_value_that_is_wrong_422() {
        let scopes = json!(["artifact:view"]);
        let cases = [
            (json!([]), 400),
            (json!({"scopes": scopes}), 400),
            (json!({"name": 1, "scopes": scopes}), 400),
            (json!({"name": " ", "scopes": scopes}), 422),
            (json!({"name": "n"}), 422),
            (json!({"name": "n", "scopes": "artifact:view"}), 400),
            (json!({"name": "n", "scopes": [1]}), 400),
            (json!({"name": "n", "scopes": []}), 422),
            (json!({"name": "n", "scopes": ["artifact:fly"]}), 422),
            (json!({"name": "n", "scopes": scopes, "resources": [1]}), 400),
            (json!({"name": "n", "resources": [1]}), 422),
            (json!({"name": "n", "scopes": scopes, "expires_at": 5}), 400),
            (
                json!({"name": "n", "scopes": scopes, "expires_at": "tomorrow"}),
                422,
            ),
            (
                json!({"name": "n", "scopes": scopes, "expires_at": "2027-02-30"}),
                422,
            ),
            (
                json!({"name": "n", "scopes": scopes, "expires_at": "20270201"}),
                422,
            ),
            (
                json!({"name": "n", "scopes": scopes, "expires_at": "2026-11-23"}),
                422,
            ),
            (
                json!({"name": "n", "scopes": scopes, "expires_at": "2026-11-23T08:40:00Z"}),
                422,
            ),
        ];
        for (body, status) in cases {
            assert_eq!(parse(body.clone()).unwrap_err(), status, "{body}");
        }
    }

    #[test]
    fn the_end_is_what_was_asked_for_within_the_maximum() {
        let body =
            json!({"name": "n", "scopes": ["artifact:view"], "expires_at": "2027-11-23", "resources": null});
        let asked = NewToken::parse(&body, now(), None).unwrap();
        assert_eq!(written(asked.expires_at), "2027-11-23T00:00:00+00:00");
        let limited = NewToken::parse(&body, now(), Some(90)).unwrap();
        assert_eq!(written(limited.expires_at), "2027-02-21T00:00:00+00:00");
        let without =
            NewToken::parse(&json!({"name": "n", "scopes": ["artifact:view"]}), now(), None).unwrap();
        assert_eq!(written(without.expires_at), "2026-12-23T08:40:00+00:00");
    }
}
