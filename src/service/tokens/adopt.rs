//! Taking a token into use that was made for somebody or something else: it takes the place of the sign-in's own token in
//! conda's token store, and Sextant looks after it from then on.
//!
//! Two tokens for one server cannot lie beside one another there: conda takes whichever it comes across first (server
//! reference, section 3.4).

use jiff::tz::TimeZone;

use super::issue::IssuedToken;
use super::put_to_use::may_download;
use super::renew::{Parts, Renewed};
use crate::secret::Secret;
use crate::service::connection::{Revocation, Service};
use crate::service::plan::{Plan, PlannedToken, Warning};
use crate::service::recover::RemoteEffect;
use crate::service::sign_in::binstar::Kept;
use crate::service::sign_in::execute::{Obtained, creation};
use crate::service::sign_in::{Grant, LoggedIn};
use crate::service::{ServiceError, Services, blocking};

impl Services {
    /// What it changes that conda uses a token of these scopes from now on. Asks no network.
    ///
    /// Errors: as for [`Services::plan_renewal`].
    pub fn plan_adoption(
        &self,
        service: Service,
        name: &str,
        scopes: &[String],
    ) -> Result<Plan, ServiceError> {
        let mut plan = self.plan_renewal(service)?;
        plan.what = format!("Took the token {name} into use");
        plan.token = Some(PlannedToken {
            name: name.to_owned(),
            scopes: scopes.to_vec(),
            expires_on: self.in_a_year(),
        });
        if !may_download(service, scopes) {
            plan.warnings.push(Warning::with_remedy(
                "conda cannot download private packages with this token",
                "make one for downloading, or leave the token of the sign-in in use",
            ));
        }
        Ok(plan)
    }

    /// Executes the plan of [`Services::plan_adoption`] with a token that was just made. The former token is revoked.
    ///
    /// Errors: as for [`Services::renew`]; the former token stays in use then, and the new one stays on the server.
    pub async fn adopt_token(
        &self,
        service: Service,
        plan: &Plan,
        issued: &IssuedToken,
        password: Option<&Secret>,
    ) -> Result<Renewed, ServiceError> {
        let _lock = self.begin().await?;
        let connection = self.connection_of(service)?;
        let login = self.log_in_again(&connection, password).await?;
        // One that does not work must not take the place of one that does.
        let end = self.end_of(&connection, &issued.token).await?;
        let expires_at = issued.expires_at.or(end);
        let planned = &PlannedToken {
            name: issued.name.clone(),
            scopes: issued.scopes.clone(),
            expires_on: expires_at
                .map_or_else(|| self.in_a_year(), |end| TimeZone::UTC.to_datetime(end).date()),
        };
        let id = self.new_id();
        let effect = creation(&login, planned, &id);
        let keeps = kept(&login, issued);
        let session = effect.session.clone();
        // The token is there and the person's: all that is undone of it is what is kept here.
        let effects = vec![secret_kept(&session)?];
        let mut transaction = blocking(|| self.begin_transaction(&id, &plan.what, effects))?;
        let written = blocking(|| {
            self.step("keep token: before");
            self.credentials().write(&session, &keeps)?;
            self.step("keep token: after");
            let parts = Parts {
                plan,
                planned,
                effect: Revocation {
                    token_id: issued.id.clone(),
                    ..effect
                },
                obtained: Obtained {
                    token: issued.token.clone(),
                    id: issued.id.clone(),
                    expires_at,
                    keeps: Some(keeps.clone()),
                },
            };
            self.write_renewal(&connection, parts, &mut transaction)
        });
        match written {
            Ok((token, entry)) => {
                // It has happened. A history that cannot be written now is written by the next recovery.
                let _ = blocking(|| transaction.finish(&self.history(), self.watcher()));
                Ok(self.settle_renewal(connection, plan, &login, token, entry).await)
            }
            Err(error) => {
                // What cannot be put back now stays in the journal; the person hears what failed first.
                let _ = self.abandon(transaction, &login.grant).await;
                Err(error)
            }
        }
    }
}

fn secret_kept(name: &str) -> Result<serde_json::Value, ServiceError> {
    let effect = RemoteEffect::Secret {
        name: name.to_owned(),
    };
    serde_json::to_value(effect).map_err(|error| ServiceError::Internal(error.to_string()))
}

/// What can revoke the token later.
fn kept(login: &LoggedIn, issued: &IssuedToken) -> Secret {
    match &login.grant {
        Grant::Binstar { .. } => Kept {
            token: Some(issued.token.clone()),
            key: None,
        }
        .to_secret(),
        grant => grant.kept_before_the_token(),
    }
}
