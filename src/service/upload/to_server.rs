//! One file to a channel of Anaconda Server.

use std::path::Path;
use std::time::Duration;

use super::plan::is_this;
use super::progress::{Teller, UploadStep};
use super::to_repository::{Failed, to_send};
use super::{OnConflict, ReadyFile, UploadOutcome};
use crate::error::{Kind, Problem};
use crate::package::Stop;
use crate::package::distribution::{Distribution, Form};
use crate::repository::{ArtifactKind, ArtifactPlace, BytesSent, RepositoryError, ServerClient};
use crate::secret::Token;

/// How long it is asked whether a file has arrived, or is gone.
const PATIENCE: Duration = Duration::from_secs(10);
/// Between two questions.
const PAUSE: Duration = Duration::from_millis(200);

/// Where a file goes in a channel.
///
/// # Errors
/// No client of the server's vendor has a word for source distributions (server reference, section 1.10).
pub(super) fn place_of(file: &Distribution, channel: &str) -> Result<ArtifactPlace, Problem> {
    let (kind, key) = match &file.form {
        Form::Conda(index) => (
            ArtifactKind::Conda,
            format!("{}/{}", index.subdir, file.file_name),
        ),
        Form::Wheel(_) => (ArtifactKind::Wheel, file.file_name.clone()),
        Form::Notebook => (ArtifactKind::Notebook, file.file_name.clone()),
        Form::Environment => (ArtifactKind::Environment, file.file_name.clone()),
        Form::SourceDistribution { .. } => {
            return Err(Problem::new(
                Kind::File,
                format!("{} cannot go to Anaconda Server", file.file_name),
            )
            .because("it is known to take wheels of Python packages, and no source distributions")
            .remedy("build a wheel of it and upload that"));
        }
    };
    Ok(ArtifactPlace {
        channel: channel.to_owned(),
        kind,
        package: file.name.clone(),
        key,
    })
}

/// A file on its way to a channel.
pub(super) struct ToServer<'a> {
    pub client: &'a ServerClient,
    pub token: &'a Token,
    pub channel: &'a str,
    pub stop: &'a Stop,
}

impl ToServer<'_> {
    /// Sends one file. Until the last byte is out the server has nothing; behind it, it is asked whether it took the file.
    pub(super) async fn send(
        &self,
        path: &Path,
        ready: &ReadyFile,
        on_conflict: OnConflict,
        teller: &Teller<'_>,
    ) -> Result<UploadOutcome, Failed> {
        let file = &ready.distribution;
        let place = place_of(file, self.channel).map_err(Failed::own)?;
        let sent = BytesSent::default();
        let mut replaced = false;
        teller.tell(UploadStep::Preparing);
        let outcome = tokio::select! {
            biased;
            () = self.stop.wished() => None,
            outcome = self.steps(path, file, &place, on_conflict, &mut replaced, &sent, teller) => Some(outcome),
        };
        if let Some(Ok(())) = outcome {
            return Ok(UploadOutcome::Uploaded { replaced });
        }
        // A server that has refused has said what there is to say.
        let is_unclear = match &outcome {
            Some(Err(error)) => is_lost(error),
            _ => true,
        };
        teller.tell(UploadStep::TakingBack);
        if is_unclear && sent.get() >= file.size && self.has_arrived(file, &place).await {
            return Ok(UploadOutcome::Uploaded { replaced });
        }
        let removed =
            replaced.then(|| format!("The file that was there under the name {} is removed", place.key));
        match (outcome, removed) {
            (Some(Err(error)), removed) => Err(Failed::of(&error, removed)),
            (_, Some(removed)) => Err(Failed::own(
                Problem::new(Kind::Cancelled, "it was cancelled")
                    .because(removed)
                    .remedy("upload it again"),
            )),
            (_, None) => Ok(UploadOutcome::Cancelled),
        }
    }

    #[allow(
        clippy::too_many_arguments,
        reason = "one file, where it goes, and what became of it"
    )]
    async fn steps(
        &self,
        path: &Path,
        file: &Distribution,
        place: &ArtifactPlace,
        on_conflict: OnConflict,
        replaced: &mut bool,
        sent: &BytesSent,
        teller: &Teller<'_>,
    ) -> Result<(), RepositoryError> {
        let Self { client, token, .. } = self;
        if on_conflict == OnConflict::Replace
            && let Some(stored) = client.stored_artifact(token, place).await?
        {
            client.remove_artifact(token, place, &stored.key).await?;
            *replaced = true;
            // The server says only that it will.
            self.until_gone(place).await?;
        }
        let to_send = to_send(path, file);
        teller
            .while_sending(sent, client.upload(token, place, &to_send, sent))
            .await
    }

    async fn until_gone(&self, place: &ArtifactPlace) -> Result<(), RepositoryError> {
        let gone = async {
            while self.client.stored_artifact(self.token, place).await?.is_some() {
                tokio::time::sleep(PAUSE).await;
            }
            Ok(())
        };
        // One that stays is in the way, and the server says so.
        tokio::time::timeout(PATIENCE, gone).await.unwrap_or(Ok(()))
    }

    async fn has_arrived(&self, file: &Distribution, place: &ArtifactPlace) -> bool {
        let looking = self.client.stored_artifact(self.token, place);
        match tokio::time::timeout(PATIENCE, looking).await {
            Ok(Ok(Some(stored))) => is_this(file, stored.sha256.as_deref(), None, stored.size),
            _ => false,
        }
    }
}

/// Whether a failure leaves open what the server did.
fn is_lost(error: &RepositoryError) -> bool {
    matches!(
        error,
        RepositoryError::BrokenOff { .. }
            | RepositoryError::TimedOut { .. }
            | RepositoryError::ServerFailed { .. }
            | RepositoryError::NotJson { .. }
    )
}
