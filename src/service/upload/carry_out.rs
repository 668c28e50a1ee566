//! Sending the files of a plan, one after the other.

use super::account::{AtServer, Product, Purpose};
use super::progress::{Teller, Told, UploadProgress, UploadStep};
use super::to_repository::{Failed, Reach, ToRepository};
use super::to_server::ToServer;
use super::{
    OnConflict, Outlook, PlannedUpload, ReadyFile, There, UploadOutcome, UploadPlan, UploadReport,
    UploadedFile,
};
use crate::error::{Kind, Problem};
use crate::package::Stop;
use crate::secret::Secret;
use crate::service::access::AsManager;
use crate::service::{ServiceError, Services};

impl Services {
    /// Sends the files of a plan as it is decided in it. `stop` ends it at once: the file that is on its way is broken off,
    /// what was begun for it is taken back, and those after it are not tried.
    ///
    /// A repository sees no file before it is taken over, and Anaconda Server none whose last byte is missing. Behind that
    /// point stopping cannot undo it; whether it is there is then looked up, and told as it is.
    ///
    /// # Errors
    /// Credentials that do not count (then `password` is needed), and network, before anything is sent. What befalls a
    /// file is in the report.
    pub async fn upload(
        &self,
        plan: &UploadPlan,
        password: Option<&Secret>,
        stop: &Stop,
        told: impl Fn(UploadProgress) + Send + Sync,
    ) -> Result<UploadReport, ServiceError> {
        if !plan.files.iter().any(PlannedUpload::will_be_sent) {
            // Nobody has to be asked for a password for this.
            return Ok(each(plan, stop, &told, None).await);
        }
        match Product::of(plan.service)? {
            Product::Repository => {
                let work = async |manager: AsManager<'_>| {
                    let way = Way::Repository(ToRepository {
                        client: manager.client,
                        token: manager.token,
                        owner: plan.place.name(),
                        labels: &plan.labels,
                        access: plan.access,
                        stop,
                    });
                    Ok(each(plan, stop, &told, Some(&way)).await)
                };
                self.uploading_to_repository(plan.service, password, Purpose::Sending, work)
                    .await
            }
            Product::Server => {
                let work = async |server: AtServer<'_>| {
                    let way = Way::Server(ToServer {
                        client: server.client,
                        token: server.token,
                        channel: plan.place.name(),
                        stop,
                    });
                    Ok(each(plan, stop, &told, Some(&way)).await)
                };
                self.uploading_to_server(password, Purpose::Sending, work).await
            }
        }
    }
}

/// Where files go.
enum Way<'a> {
    Repository(ToRepository<'a>),
    Server(ToServer<'a>),
}

impl Way<'_> {
    async fn send(
        &self,
        planned: &PlannedUpload,
        ready: &ReadyFile,
        teller: &Teller<'_>,
    ) -> Result<UploadOutcome, Failed> {
        let (path, on_conflict) = (&planned.path, planned.on_conflict);
        match self {
            Self::Repository(way) => way.send(path, ready, on_conflict, teller).await,
            Self::Server(way) => way.send(path, ready, on_conflict, teller).await,
        }
    }
}

/// Goes through the files. One failure of the network may be of the moment; a second one in a row is not.
async fn each(plan: &UploadPlan, stop: &Stop, told: Told<'_>, way: Option<&Way<'_>>) -> UploadReport {
    let mut files = Vec::new();
    let mut doubts = 0;
    let mut has_ended = false;
    for (place, planned) in plan.files.iter().enumerate() {
        let way = way.filter(|_| !has_ended && !stop.is_set());
        let outcome = match &planned.outlook {
            Outlook::Refused(problem) => UploadOutcome::Failed(problem.clone()),
            Outlook::Ready(ready) => match (decided(planned, ready), way) {
                (Some(outcome), _) => outcome,
                (None, None) => UploadOutcome::NotTried,
                (None, Some(way)) => {
                    let teller = Teller {
                        file: place,
                        size: ready.distribution.size,
                        told,
                    };
                    match way.send(planned, ready, &teller).await {
                        Ok(outcome) => {
                            doubts = 0;
                            outcome
                        }
                        Err(failed) => {
                            doubts = if failed.reach == Reach::Perhaps {
                                doubts + 1
                            } else {
                                0
                            };
                            has_ended = failed.reach == Reach::All || doubts > 1;
                            UploadOutcome::Failed(failed.problem)
                        }
                    }
                }
            },
        };
        told(UploadProgress {
            file: place,
            step: UploadStep::Ended(outcome.clone()),
        });
        files.push(UploadedFile {
            path: planned.path.clone(),
            outcome,
        });
    }
    UploadReport { files }
}

/// What becomes of a file that is not sent.
fn decided(planned: &PlannedUpload, ready: &ReadyFile) -> Option<UploadOutcome> {
    match (ready.there, planned.on_conflict) {
        (There::SameFile, _) => Some(UploadOutcome::AlreadyThere),
        (There::OtherFile, OnConflict::Skip) => Some(UploadOutcome::Skipped),
        (There::OtherFile, OnConflict::Fail) => Some(UploadOutcome::Failed(
            Problem::new(
                Kind::Conflict,
                format!(
                    "another file lies there under the name {}",
                    ready.distribution.file_name
                ),
            )
            .remedy("decide whether it is replaced or kept"),
        )),
        (There::OtherFile, OnConflict::Replace) | (There::Nothing, _) => None,
    }
}
