//! The certificates that a server shows, link by link: which one fails, and why, in plain words.

use jiff::Timestamp;

use super::check::{Detail, Outcome};
use crate::repository::{Certificate, TlsReason};

/// One line for each certificate that was shown, the server's own first, and one for whoever should vouch for the last.
/// `reason` is why the chain was refused; nothing for one that was accepted.
pub(super) fn explained(
    chain: &[Certificate],
    reason: Option<&TlsReason>,
    host: &str,
    now: Timestamp,
) -> Vec<Detail> {
    let links = chain.iter().enumerate().map(|(place, certificate)| {
        let above = chain.get(place + 1);
        let faults = faults(certificate, place == 0, above, reason, host, now);
        link(certificate, place, &faults)
    });
    links.chain(beyond(chain, reason)).collect()
}

fn link(certificate: &Certificate, place: usize, faults: &[String]) -> Detail {
    let role = match place {
        0 => "the server's certificate",
        _ if certificate.self_issued => "a root",
        _ => "an intermediate",
    };
    let facts = format!(
        "{}. {}, {role} (issued by {}, valid {} to {}, {}, signed with {})",
        place + 1,
        certificate.subject_name(),
        if certificate.self_issued {
            "itself"
        } else {
            certificate.issuer_name()
        },
        day(certificate.valid_from),
        day(certificate.valid_until),
        certificate.key,
        certificate.signature,
    );
    match faults {
        [] => Detail {
            outcome: Outcome::Pass,
            text: facts,
        },
        faults => Detail {
            outcome: Outcome::Fail,
            text: format!("{facts}: {}", faults.join("; ")),
        },
    }
}

/// What is wrong with one link.
fn faults(
    certificate: &Certificate,
    is_servers: bool,
    above: Option<&Certificate>,
    reason: Option<&TlsReason>,
    host: &str,
    now: Timestamp,
) -> Vec<String> {
    // What was accepted has no fault that counts; a pin accepts more than is right.
    let Some(reason) = reason else {
        return Vec::new();
    };
    let mut faults = Vec::new();
    if certificate.valid_until < now {
        faults.push(format!("it expired {} ago", ago(now, certificate.valid_until)));
    }
    if certificate.valid_from > now {
        faults.push(format!(
            "it becomes valid only in {}",
            ago(certificate.valid_from, now)
        ));
    }
    if certificate.key.is_weak() {
        faults.push(format!(
            "its key ({}) is too short and can be broken",
            certificate.key
        ));
    }
    if certificate.signature.is_weak() && !certificate.self_issued {
        faults.push(format!("its signature ({}) can be forged", certificate.signature));
    }
    if let Some(above) = above
        && above.subject != certificate.issuer
    {
        faults.push(format!(
            "the next certificate that the server sends is not its issuer's but that of {}",
            above.subject_name()
        ));
    }
    if !is_servers && !certificate.is_authority {
        faults.push("it may not vouch for others".to_owned());
    }
    if is_servers {
        faults.extend(faults_of_servers(certificate, reason, host));
    }
    faults
}

/// What only the server's own certificate can be wrong in.
fn faults_of_servers(certificate: &Certificate, reason: &TlsReason, host: &str) -> Option<String> {
    match reason {
        TlsReason::WrongName => Some(match certificate.shown_names() {
            names if names.is_empty() => format!("it names no server at all, so not {host} either"),
            names => format!("it is for {names}, and not for {host}"),
        }),
        TlsReason::SelfSigned => {
            Some("the server vouches for itself, which anybody could do in its place".to_owned())
        }
        TlsReason::Revoked => Some("its issuer took it back".to_owned()),
        TlsReason::OtherThanPinned { .. } => {
            Some("it is not the one that is pinned for this server".to_owned())
        }
        _ => None,
    }
}

/// Whoever should vouch for the last certificate that was shown.
fn beyond(chain: &[Certificate], reason: Option<&TlsReason>) -> Option<Detail> {
    let last = chain.last()?;
    let line = |outcome, text: String| {
        Some(Detail {
            outcome,
            text: format!("{}. {text}", chain.len() + 1),
        })
    };
    match reason? {
        TlsReason::UnknownIssuer if last.self_issued => line(
            Outcome::Fail,
            format!(
                "this computer does not know {}, so nobody it trusts vouches for the chain",
                last.subject_name()
            ),
        ),
        TlsReason::UnknownIssuer => line(
            Outcome::Fail,
            format!(
                "{} is missing: the server does not send its certificate, and this computer does not know it",
                last.issuer_name()
            ),
        ),
        TlsReason::NoTrustStore => line(
            Outcome::Fail,
            "this computer knows no authority at all".to_owned(),
        ),
        _ => None,
    }
}

fn day(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d").to_string()
}

/// The time between two moments, in the largest unit of which there are two.
fn ago(later: Timestamp, earlier: Timestamp) -> String {
    let seconds = (later.as_second() - earlier.as_second()).max(0);
    let (count, unit) = match seconds {
        0..7_200 => (seconds / 60, "minute"),
        7_200..172_800 => (seconds / 3_600, "hour"),
        172_800..63_072_000 => (seconds / 86_400, "day"),
        _ => (seconds / 31_536_000, "year"),
    };
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {unit}{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repository::{Fingerprint, PublicKey, Signature};

    const NOW: &str = "2026-11-25T12:00:00Z";

    fn certificate(subject: &str, issuer: &str) -> Certificate {
        Certificate {
            subject: format!("CN={subject}"),
            issuer: format!("CN={issuer}"),
            valid_from: "2026-01-01T00:00:00Z".parse().unwrap(),
            valid_until: "2027-01-01T00:00:00Z".parse().unwrap(),
            names: vec!["psm.example.com".to_owned()],
            more_names: 0,
            fingerprint: Fingerprint::of(subject.as_bytes()),
            self_issued: subject == issuer,
            is_authority: subject.contains("CA"),
            key: PublicKey::Rsa { bits: 2048 },
            signature: Signature::known_as("1.2.840.113549.1.1.11"),
        }
    }

    fn told(chain: &[Certificate], reason: &TlsReason) -> Vec<(Outcome, String)> {
        let details = explained(chain, Some(reason), "psm.example.com", NOW.parse().unwrap());
        details
            .into_iter()
            .map(|detail| {
                let text = detail
                    .text
                    .split_once("): ")
                    .map_or(detail.text.as_str(), |(_, fault)| fault);
                (detail.outcome, text.to_owned())
            })
            .collect()
    }

    #[test]
    fn the_link_that_fails_is_named_with_its_reason() {
        let chain = [
            certificate("psm", "Issuing CA"),
            certificate("Issuing CA", "Root CA"),
        ];
        let missing = "3. Root CA is missing: the server does not send its certificate, and this computer does not know it";
        let links = told(&chain, &TlsReason::UnknownIssuer);
        assert_eq!(links[0].0, Outcome::Pass);
        assert_eq!(links[1].0, Outcome::Pass);
        assert_eq!(links[2], (Outcome::Fail, missing.to_owned()));

        let mut expired = chain.clone();
        expired[1].valid_until = "2026-11-20T12:00:00Z".parse().unwrap();
        let links = told(&expired, &TlsReason::Expired);
        assert_eq!(links.len(), 2);
        assert_eq!(links[0].0, Outcome::Pass);
        assert_eq!(links[1], (Outcome::Fail, "it expired 5 days ago".to_owned()));

        let foreign = [
            certificate("psm", "Issuing CA"),
            certificate("Other CA", "Root CA"),
        ];
        assert_eq!(
            told(&foreign, &TlsReason::UnknownIssuer)[0].1,
            "the next certificate that the server sends is not its issuer's but that of Other CA"
        );
        let root = [certificate("psm", "Root CA"), certificate("Root CA", "Root CA")];
        assert!(
            told(&root, &TlsReason::UnknownIssuer)[2]
                .1
                .contains("does not know Root CA")
        );
        let name = told(&chain, &TlsReason::WrongName);
        assert_eq!(
            name[0].1,
            "it is for psm.example.com, and not for psm.example.com"
        );
    }

    #[test]
    fn an_accepted_chain_has_no_faults() {
        let mut pinned = certificate("psm", "psm");
        pinned.valid_until = "2020-01-01T00:00:00Z".parse().unwrap();
        let details = explained(&[pinned], None, "h", NOW.parse().unwrap());
        assert_eq!(details.len(), 1);
        assert_eq!(details[0].outcome, Outcome::Pass);
        assert!(
            details[0]
                .text
                .contains("issued by itself, valid 2026-01-01 to 2020-01-01, RSA with 2048 bits")
        );
    }

    #[test]
    fn times_are_told_in_fitting_units() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        for (earlier, said) in [
            ("2026-11-25T11:59:00Z", "1 minute"),
            ("2026-11-25T02:00:00Z", "10 hours"),
            ("2026-11-23T11:00:00Z", "2 days"),
            ("2020-02-03T00:00:00Z", "6 years"),
        ] {
            assert_eq!(ago(at(NOW), at(earlier)), said);
        }
    }
}
