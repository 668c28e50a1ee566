//! Fetching one archive into a file.

use std::path::Path;
use std::time::Duration;

use rattler_conda_types::RepoDataRecord;
use reqwest::Response;
use tokio::io::AsyncWriteExt;

use super::error::CacheError;
use super::{Digesting, Digests};
use crate::edit::file::FileError;
use crate::package::stop::Stop;
use crate::package::transport::{CourierError, Transport};

/// How often a download is begun anew when the connection breaks.
const TRIES: u32 = 3;
const FIRST_PAUSE: Duration = Duration::from_millis(200);

/// One archive on its way.
pub(super) struct Download<'a> {
    pub transport: &'a Transport,
    pub record: &'a RepoDataRecord,
    pub package: &'a str,
    pub stop: &'a Stop,
}

impl Download<'_> {
    /// Fetches the archive into the file at `to`, and says what has arrived. `arrived` is told how many bytes of it are here;
    /// the number falls back to nothing when the download begins anew.
    ///
    /// Errors: [`CacheError::Status`], [`CacheError::BrokeOff`] when the connection breaks each time, file errors, and
    /// [`CacheError::Cancelled`] at once. What lies at `to` after an error is the caller's to remove.
    pub async fn run(&self, to: &Path, arrived: impl Fn(u64)) -> Result<Digests, CacheError> {
        let mut pause = FIRST_PAUSE;
        let mut tries = 1;
        loop {
            match self.once(to, &arrived).await {
                Err(CacheError::BrokeOff { .. }) if tries < TRIES => {
                    tries += 1;
                    arrived(0);
                    tokio::select! {
                        () = self.stop.wished() => return Err(CacheError::Cancelled),
                        () = tokio::time::sleep(pause) => {}
                    }
                    pause *= 2;
                }
                ended => return ended,
            }
        }
    }

    async fn once(&self, to: &Path, arrived: &impl Fn(u64)) -> Result<Digests, CacheError> {
        let mut response = tokio::select! {
            () = self.stop.wished() => return Err(CacheError::Cancelled),
            response = self.transport.client().get(self.record.url.clone()).send() => {
                response.map_err(|error| self.not_sent(error))?
            }
        };
        self.answered(&response)?;
        let failed = |error| CacheError::from(FileError::of_io(error, to, "written"));
        let mut file = tokio::fs::File::create(to).await.map_err(failed)?;
        let mut digesting = Digesting::default();
        loop {
            let chunk = tokio::select! {
                () = self.stop.wished() => return Err(CacheError::Cancelled),
                chunk = response.chunk() => chunk.map_err(|error| self.broke_off(&error))?,
            };
            let Some(chunk) = chunk else { break };
            digesting.take(&chunk);
            file.write_all(&chunk).await.map_err(failed)?;
            arrived(digesting.size);
        }
        file.flush().await.map_err(failed)?;
        Ok(digesting.finish())
    }

    /// Errors: anything but success; a server that is overwhelmed may answer otherwise the next time.
    fn answered(&self, response: &Response) -> Result<(), CacheError> {
        let status = response.status();
        if status.is_success() {
            return Ok(());
        }
        let is_passing = matches!(status.as_u16(), 408 | 425 | 429 | 500 | 502 | 503 | 504);
        let url = self.record.url.to_string();
        let package = self.package.to_owned();
        Err(match is_passing {
            true => CacheError::BrokeOff {
                package,
                url,
                reason: format!("the server answers {}", status.as_u16()),
            },
            false => CacheError::Status {
                package,
                url,
                status: status.as_u16(),
            },
        })
    }

    fn not_sent(&self, error: reqwest_middleware::Error) -> CacheError {
        let error: &(dyn std::error::Error + 'static) = match &error {
            reqwest_middleware::Error::Middleware(error) => &**error,
            reqwest_middleware::Error::Reqwest(error) => error,
        };
        let mut causes = std::iter::successors(Some(error), |cause| cause.source());
        match causes.find_map(|cause| cause.downcast_ref::<CourierError>()) {
            Some(CourierError(problem)) => CacheError::NotCarried {
                package: self.package.to_owned(),
                problem: problem.clone(),
            },
            None => self.broke_off(error),
        }
    }

    /// With the innermost reason: the outer ones say no more than that there was an error.
    fn broke_off(&self, error: &(dyn std::error::Error + 'static)) -> CacheError {
        let innermost = std::iter::successors(Some(error), |error| error.source()).last();
        CacheError::BrokeOff {
            package: self.package.to_owned(),
            url: self.record.url.to_string(),
            reason: innermost.unwrap_or(error).to_string(),
        }
    }
}
