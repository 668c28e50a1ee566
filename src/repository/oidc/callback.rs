//! What the browser brings back from the provider (RFC 6749, section 4.1.2).

use url::form_urlencoded;

use super::error::OidcError;
use super::grant::Refusal;
use super::proof;
use super::provider::Provider;
use crate::repository::excerpt::Scrub;
use crate::secret::Secret;

/// An answer to some sign-in; whether to this one, [`Callback::code`] tells.
#[derive(Debug)]
pub(super) struct Callback {
    state: Secret,
    issuer: Option<String>,
    outcome: Outcome,
}

#[derive(Debug)]
enum Outcome {
    Code(Secret),
    Refused(Refusal),
}

impl Callback {
    /// Reads the query of a request; `None` when it is no answer to a sign-in: neither or both of `code` and `error`,
    /// or anything twice.
    pub(super) fn parse(query: &str) -> Option<Self> {
        let (mut code, mut error, mut description, mut state, mut issuer) = (None, None, None, None, None);
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let place = match name.as_ref() {
                "code" => &mut code,
                "error" => &mut error,
                "error_description" => &mut description,
                "state" => &mut state,
                "iss" => &mut issuer,
                _ => continue,
            };
            if place.replace(value.into_owned()).is_some() {
                return None;
            }
        }
        let outcome = match (code, error) {
            (Some(code), None) if !code.is_empty() => Outcome::Code(Secret::new(code)),
            (None, Some(error)) if !error.is_empty() => {
                Outcome::Refused(Refusal::new(&error, description.as_deref(), &Scrub::default()))
            }
            _ => return None,
        };
        Some(Self {
            state: Secret::new(state.unwrap_or_default()),
            issuer,
            outcome,
        })
    }

    /// The code, if this is the answer to the sign-in that sent `state` to `provider`.
    ///
    /// # Errors
    /// [`OidcError::WrongState`], [`OidcError::WrongIssuer`], or what the provider said instead of a code.
    pub(super) fn code(&self, state: &Secret, provider: &Provider) -> Result<Secret, OidcError> {
        if !proof::is(state, self.state.expose()) {
            return Err(OidcError::WrongState);
        }
        // RFC 9207, section 2.4: an issuer that is named must be the right one, and one that was promised must be named.
        match (&self.issuer, &provider.issuer) {
            (Some(named), Some(expected)) if named != expected => return Err(OidcError::WrongIssuer),
            (None, Some(_)) if provider.names_issuer_in_answers => return Err(OidcError::WrongIssuer),
            _ => {}
        }
        match &self.outcome {
            Outcome::Code(code) => Ok(code.clone()),
            Outcome::Refused(refusal) => Err(refusal.clone().into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_code_or_one_error_is_an_answer() {
        for query in [
            "code=c&state=s",
            "error=e&state=s",
            "state=s&code=c&session_state=x&iss=i",
            "code=c",
        ] {
            assert!(Callback::parse(query).is_some(), "{query}");
        }
        for query in [
            "",
            "state=s",
            "code=&state=s",
            "error=&state=s",
            "code=c&error=e&state=s",
            "code=c&code=c&state=s",
            "code=c&state=s&state=s",
            "code=c&state=s&iss=i&iss=j",
        ] {
            assert!(Callback::parse(query).is_none(), "{query}");
        }
    }

    #[test]
    fn a_callback_does_not_show_what_it_brought() {
        let callback = Callback::parse("code=canary-code&state=canary-state").unwrap();
        assert!(!format!("{callback:?}").contains("canary"));
    }
}
