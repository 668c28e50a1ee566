//! The products that answer where a repository server is expected, and how to tell them apart by name.

use std::fmt;

use super::binstar::is_anaconda_org;
use super::domain::Domain;

/// A product that hands out conda packages. `Display` names it with its article.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Product {
    /// Anaconda Server, or Package Security Manager on the organisation's own machines.
    AnacondaServer,
    /// Anaconda Repository of Anaconda Enterprise 4.
    AnacondaRepository,
    AnacondaOrg,
    /// Anaconda.com with Package Security Manager in the cloud, whose channels are at `repo.anaconda.cloud`.
    AnacondaCloud,
}

impl Product {
    /// What to do when this product answers in the place of another.
    pub(super) fn remedy(self) -> &'static str {
        match self {
            Self::AnacondaServer => "Use it as an Anaconda Server",
            Self::AnacondaRepository => "Use it as an Anaconda Repository",
            Self::AnacondaOrg => "Sign in to Anaconda.org instead",
            Self::AnacondaCloud => "Use a token of your organisation at Anaconda.com instead",
        }
    }

    /// The product of which everyone knows the host (server reference, section 2).
    pub(super) fn known_at(domain: &Domain) -> Option<Self> {
        const CLOUD: [&str; 7] = [
            "anaconda.com",
            "www.anaconda.com",
            "auth.anaconda.com",
            "anaconda.cloud",
            "www.anaconda.cloud",
            "id.anaconda.cloud",
            "repo.anaconda.cloud",
        ];
        if is_anaconda_org(domain) {
            return Some(Self::AnacondaOrg);
        }
        CLOUD
            .contains(&domain.host().trim_end_matches('.'))
            .then_some(Self::AnacondaCloud)
    }
}

impl fmt::Display for Product {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AnacondaServer => "an Anaconda Server",
            Self::AnacondaRepository => "an Anaconda Repository",
            Self::AnacondaOrg => "Anaconda.org",
            Self::AnacondaCloud => "Anaconda.com",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_that_everyone_knows_are_known() {
        for (text, product) in [
            (
                "https://repo.anaconda.cloud/repo/main",
                Some(Product::AnacondaCloud),
            ),
            ("anaconda.com", Some(Product::AnacondaCloud)),
            (
                "https://conda.anaconda.org/conda-forge",
                Some(Product::AnacondaOrg),
            ),
            ("anaconda.org", Some(Product::AnacondaOrg)),
            ("https://anaconda.com.example.org", None),
            ("https://anaconda.example.com", None),
        ] {
            assert_eq!(
                Product::known_at(&Domain::parse(text).unwrap()),
                product,
                "{text}"
            );
        }
    }
}
