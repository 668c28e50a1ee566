//! The way on that a failed check leaves: a button beside what happened.

use super::Action;
use crate::error::{Explain, Problem};
use crate::repository::{
    BinstarApi, CheckStep, Domain, Outcome, Product, ProxyError, RepositoryError, TlsFailure, TlsReason,
};

pub(super) enum Offer<'a> {
    /// Look at the certificate that was not accepted.
    Certificate {
        domain: &'a Domain,
        failure: &'a TlsFailure,
    },
    /// Give the proxy what it asks for.
    Proxy(&'a ProxyError),
    /// Sign in to what really answers there.
    OtherProduct { domain: Domain, product: Product },
}

impl<'a> Offer<'a> {
    /// What can be offered after these steps of checking `domain`, the last of which failed.
    pub(super) fn after(domain: &'a Domain, steps: &'a [CheckStep]) -> Option<Self> {
        let error = steps.iter().rev().find_map(|step| match &step.outcome {
            Outcome::Failed { error, .. } => Some(error),
            _ => None,
        })?;
        match error {
            RepositoryError::Tls(failure) if !failure.chain.is_empty() => {
                Some(Self::Certificate { domain, failure })
            }
            RepositoryError::Proxy(error) if error.asks_for_credentials().is_some() => {
                Some(Self::Proxy(error))
            }
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
            Self::Certificate { .. } => "Show the certificate",
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
            Self::Certificate { failure, .. } => match failure.reason {
                // The fingerprints.
                TlsReason::SelfSigned | TlsReason::OtherThanPinned { .. } => {
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
            Self::Certificate { domain, failure } => Action::Certificate {
                domain: domain.clone(),
                failure: Box::new(failure.clone()),
            },
            Self::Proxy(error) => Action::Proxy {
                proxy: error.asks_for_credentials().unwrap_or_default().to_owned(),
                refusal: match error {
                    ProxyError::WrongPassword { .. } => Some(error.explain()),
                    _ => None,
                },
            },
            Self::OtherProduct { domain, product } => Action::OtherProduct { domain, product },
        }
    }
}
