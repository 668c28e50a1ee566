//! What keeps the practice server from starting.

use thiserror::Error;

use crate::error::{Explain, Kind, Problem};

/// Why [`super::Practice::start`] gave up. Once it runs, the practice server does not fail.
#[derive(Debug, Error)]
pub enum PracticeError {
    /// The port is taken or may not be used.
    #[error("the practice server could not use port {port} of this machine")]
    Bind { port: u16, source: std::io::Error },
    /// The certificates of the TLS modes could not be made.
    #[error("the practice server could not make its certificate")]
    Certificate(#[source] rcgen::Error),
    /// The certificate was made, but TLS refuses it.
    #[error("the practice server could not set up TLS")]
    Tls(#[source] rustls::Error),
    /// The file for programs that want the certificate authority as a file.
    #[error("the certificate file of the practice server could not be written")]
    AuthorityFile(#[source] std::io::Error),
    /// The thread or the runtime of the server.
    #[error("the practice server could not be started")]
    Runtime(#[source] std::io::Error),
    /// The operating system gave no random bytes, so no secret could be made.
    #[error("the system gave no random numbers")]
    Random(#[source] getrandom::Error),
}

impl Explain for PracticeError {
    fn explain(&self) -> Problem {
        let source = std::error::Error::source(self).map(ToString::to_string);
        let problem = match self {
            Self::Bind { port: 0, .. } => Problem::new(Kind::Network, self.to_string())
                .remedy("Check that this machine allows programs to listen on 127.0.0.1."),
            Self::Bind { .. } => Problem::new(Kind::Network, self.to_string())
                .remedy("Choose another port, or leave it out to get a free one."),
            Self::AuthorityFile(_) => Problem::new(Kind::File, self.to_string())
                .remedy("Check that the directory for temporary files is writable and not full."),
            Self::Certificate(_) | Self::Tls(_) | Self::Runtime(_) | Self::Random(_) => {
                Problem::new(Kind::Internal, self.to_string())
            }
        };
        match source {
            Some(cause) => problem.because(cause),
            None => problem,
        }
    }
}
