//! Getting a ticket: the system's own `kinit`, which is given the password on its standard input.

use std::collections::BTreeMap;
use std::io::{ErrorKind, Write};
use std::process::{Command, Stdio};

use super::KerberosError;
use crate::repository::failure::plain;
use crate::secret::Secret;

/// Gets a ticket for `principal` (`NAME@REALM`). `variables` are set for `kinit`, so that it reads the same files. Waits for
/// the key server, so not to be called where waiting is forbidden.
///
/// # Errors
/// [`KerberosError::NoKinit`], [`KerberosError::UnknownPrincipal`], [`KerberosError::WrongPassword`],
/// [`KerberosError::ClockSkew`], [`KerberosError::ServiceUnreachable`], [`KerberosError::Failed`].
pub fn kinit(
    principal: &str,
    password: &Secret,
    variables: &BTreeMap<String, String>,
) -> Result<(), KerberosError> {
    if !is_principal(principal) {
        return Err(KerberosError::UnknownPrincipal {
            principal: principal.to_owned(),
        });
    }
    let mut command = Command::new("kinit");
    // Heimdal asks the terminal unless it is told where to read.
    if cfg!(target_os = "macos") {
        command.arg("--password-file=STDIN");
    }
    let spawned = command
        .args(["--", principal])
        .envs(variables)
        .env("LC_ALL", "C")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn();
    let failed = |detail: String| KerberosError::Failed { detail };
    let mut child = match spawned {
        Ok(child) => child,
        Err(error) if error.kind() == ErrorKind::NotFound => return Err(KerberosError::NoKinit),
        Err(error) => return Err(failed(error.to_string())),
    };
    if let Some(mut input) = child.stdin.take() {
        // It may be gone before it reads, when it knows already that it will fail.
        let _ = input.write_all(format!("{}\n", password.expose()).as_bytes());
    }
    let ended = child
        .wait_with_output()
        .map_err(|error| failed(error.to_string()))?;
    match ended.status.success() {
        true => Ok(()),
        false => Err(meaning(&String::from_utf8_lossy(&ended.stderr), principal)),
    }
}

/// `NAME@REALM` or `NAME`, and nothing that a program could take for something else.
fn is_principal(text: &str) -> bool {
    !text.is_empty() && !text.contains(|c: char| c.is_whitespace() || c.is_control())
}

/// The words are those of MIT and Heimdal.
fn meaning(said: &str, principal: &str) -> KerberosError {
    let lower = said.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    let principal = || principal.to_owned();
    if says(&[
        "password incorrect",
        "preauthentication failed",
        "decrypt integrity check failed",
    ]) {
        KerberosError::WrongPassword {
            principal: principal(),
        }
    } else if says(&["not found in kerberos database", "client unknown"]) {
        KerberosError::UnknownPrincipal {
            principal: principal(),
        }
    } else if says(&["clock skew"]) {
        KerberosError::ClockSkew
    } else if says(&[
        "cannot contact",
        "cannot resolve",
        "cannot find kdc",
        "unable to reach",
    ]) {
        KerberosError::ServiceUnreachable { detail: plain(said) }
    } else {
        KerberosError::Failed { detail: plain(said) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_kinit_are_told_apart() {
        let told = |said: &str| meaning(said, "j@R");
        assert!(matches!(
            told("kinit: Password incorrect while getting initial credentials"),
            KerberosError::WrongPassword { .. }
        ));
        assert!(matches!(
            told("kinit: Client 'x@R' not found in Kerberos database while getting initial credentials"),
            KerberosError::UnknownPrincipal { .. }
        ));
        assert!(matches!(
            told("kinit: Cannot contact any KDC for realm 'R'"),
            KerberosError::ServiceUnreachable { .. }
        ));
        assert!(matches!(
            told("kinit: Clock skew too great"),
            KerberosError::ClockSkew
        ));
        assert!(matches!(told("kinit: something"), KerberosError::Failed { .. }));
    }

    #[test]
    fn what_is_no_name_is_not_handed_on() {
        for text in ["", "a b", "a\nb"] {
            assert!(kinit(text, &Secret::new("x"), &BTreeMap::new()).is_err());
        }
    }
}
