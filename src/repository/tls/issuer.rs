//! What the name of an issuer that is not trusted tells. Names prove nothing; they choose the words of an explanation.

use crate::repository::certificate::Certificate;

/// Products that look into secured connections, by a part of the names in the certificates they make.
const INSPECTORS: [(&str, &str); 26] = [
    ("zscaler", "Zscaler"),
    ("netskope", "Netskope"),
    ("goskope", "Netskope"),
    ("palo alto", "Palo Alto Networks"),
    ("fortinet", "Fortinet"),
    ("fortigate", "Fortinet"),
    ("blue coat", "Blue Coat"),
    ("bluecoat", "Blue Coat"),
    ("cisco umbrella", "Cisco Umbrella"),
    ("forcepoint", "Forcepoint"),
    ("websense", "Forcepoint"),
    ("check point", "Check Point"),
    ("sophos", "Sophos"),
    ("barracuda", "Barracuda"),
    ("watchguard", "WatchGuard"),
    ("sonicwall", "SonicWall"),
    ("mcafee", "McAfee"),
    ("skyhigh", "Skyhigh Security"),
    ("cloudflare for teams", "Cloudflare Gateway"),
    ("gateway ca - cloudflare", "Cloudflare Gateway"),
    ("kaspersky", "Kaspersky"),
    ("avast", "Avast"),
    ("eset ssl filter", "ESET"),
    ("bitdefender", "Bitdefender"),
    ("squid", "Squid"),
    ("mitmproxy", "mitmproxy"),
];

/// Parts of the names of public authorities. Their roots are known to every system, so that one of them as an unknown
/// issuer means that a certificate in between is missing.
const PUBLIC: [&str; 30] = [
    "let's encrypt",
    "internet security research group",
    "digicert",
    "geotrust",
    "rapidssl",
    "thawte",
    "globalsign",
    "sectigo",
    "comodo",
    "usertrust",
    "zerossl",
    "google trust services",
    "amazon",
    "godaddy",
    "go daddy",
    "starfield",
    "entrust",
    "identrust",
    "microsoft azure",
    "microsoft corporation",
    "ssl.com",
    "certum",
    "actalis",
    "buypass",
    "harica",
    "swisssign",
    "quovadis",
    "d-trust",
    "telesec",
    "geant",
];

/// What kind of authority an unknown issuer seems to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Issuer {
    /// A product that is known to look into connections.
    Inspector(&'static str),
    /// Known to every system.
    Public,
    /// Neither: most likely an organisation's own.
    Private,
}

impl Issuer {
    /// Judges the issuer of the last certificate that was sent.
    pub(super) fn of(chain: &[Certificate]) -> Self {
        let names: Vec<String> = chain.iter().map(|c| c.issuer.to_lowercase()).collect();
        let inspector = INSPECTORS
            .iter()
            .find(|(part, _)| names.iter().any(|name| name.contains(part)));
        if let Some((_, product)) = inspector {
            return Self::Inspector(product);
        }
        // A root that came along and is not known is private whatever it calls itself.
        let whole = chain.last().is_some_and(|top| top.self_issued);
        let public = names
            .last()
            .is_some_and(|top| PUBLIC.iter().any(|part| top.contains(part)));
        if public && !whole {
            Self::Public
        } else {
            Self::Private
        }
    }
}
