//! The way on that a failed check leaves: a button beside what happened.

use super::Action;
use crate::error::Problem;
use crate::repository::{
    BinstarApi, CheckStep, Domain, Outcome, Product, RepositoryError, TlsFailure, TlsReason,
};

pub(super) enum Offer<'a> {
    /// Look at the certificate that was not accepted.
    Certificate(&'a TlsFailure),
    /// Give the proxy what it asks for.
    Proxy(&'a str),
    /// Sign in to what really answers there.
    OtherProduct { domain: Domain, product: Product },
}

impl<'a> Offer<'a> {
    /// What can be offered after these steps, the last of which failed.
    pub(super) fn after(steps: &'a [CheckStep]) -> Option<Self> {
        let error = steps.iter().rev().find_map(|step| match &step.outcome {
            Outcome::Failed { error, .. } => Some(error),
            _ => None,
        })?;
        match error {
            RepositoryError::Tls(failure) if !failure.chain.is_empty() => Some(Self::Certificate(failure)),
            RepositoryError::Proxy(error) => error.asks_for_credentials().map(Self::Proxy),
            RepositoryError::OtherProduct { address, found, .. } => {
                let domain = match found {
                    Product::AnacondaRepository => BinstarApi::parse(address).map(|api| api.domain().clone()),
                    Product::AnacondaServer | Product::AnacondaOrg | Product::AnacondaCloud => {
                        Domain::parse(address)
                    }
                };
                Some(Self::OtherProduct {
                    domain: domain.ok()?,
                    product: *found,
                })
            }
            _ => None,
        }
    }

    pub(super) fn label(&self) -> &'static str {
        match self {
            Self::Certificate(_) => "Show the certificate",
            Self::Proxy(_) => "Log in to the proxy",
            Self::OtherProduct { product, .. } => match product {
                Product::AnacondaServer => "Use it as an Anaconda Server",
                Product::AnacondaRepository => "Use it as an Anaconda Repository",
                Product::AnacondaOrg => "Sign in to Anaconda.org",
                Product::AnacondaCloud => "Use a token of your organisation",
            },
        }
    }

    /// The problem without what is said better where the button leads.
    pub(super) fn shorten(&self, problem: &Problem) -> Problem {
        let mut problem = problem.clone();
        match self {
            Self::Certificate(failure) => match failure.reason {
                TlsReason::SelfSigned => {
                    // The fingerprint.
                    problem.cause = None;
                    problem.remedy = None;
                }
                TlsReason::UnknownIssuer => problem.remedy = None,
                // Against these only the administrator can do something.
                _ => {}
            },
            Self::Proxy(_) | Self::OtherProduct { .. } => problem.remedy = None,
        }
        problem
    }

    pub(super) fn action(self) -> Action {
        match self {
            Self::Certificate(failure) => Action::Certificate(Box::new(failure.clone())),
            Self::Proxy(proxy) => Action::Proxy {
                proxy: proxy.to_owned(),
            },
            Self::OtherProduct { domain, product } => Action::OtherProduct { domain, product },
        }
    }
}
