//! Packages of private channels that conda may take from a public one instead: whoever can publish there under the same name
//! gets their code onto this machine ("dependency confusion").

use std::collections::HashSet;

use super::caution::{Caution, CautionKind};
use super::check::Access;
use crate::conda::channel::ChannelPriority;

/// A channel in the order of search, with what is known of its packages.
#[derive(Debug, Clone)]
pub struct KnownChannel {
    /// As it is shown.
    pub name: String,
    pub access: Access,
    /// Whether it is a copy of somebody else's channel: its names are no secrets of the house.
    pub is_mirror: bool,
    /// The names of its packages.
    pub packages: HashSet<String>,
}

/// How a public channel gets before a private one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// It is searched first: conda never looks at the private channel for these packages.
    SearchedFirst,
    /// The newest version wins, whatever the order.
    NewestWins,
    /// It is looked at where the private channel has no version that fits.
    WhereNoneFits,
}

/// A public channel that may stand in for a private one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shadow {
    pub private: String,
    pub public: String,
    pub how: How,
    /// The packages that both have, by name.
    pub packages: Vec<String>,
}

/// Every pair of channels in which the public one may stand in for the private one under this priority. `channels` are in
/// the order of search.
pub fn shadows(channels: &[KnownChannel], priority: ChannelPriority) -> Vec<Shadow> {
    let mut shadows = Vec::new();
    for (at, private) in channels.iter().enumerate() {
        if private.access != Access::Closed || private.is_mirror {
            continue;
        }
        for (place, public) in channels.iter().enumerate() {
            let Some(how) = how(priority, place < at) else {
                continue;
            };
            if public.access != Access::Open {
                continue;
            }
            let (fewer, more) = match private.packages.len() < public.packages.len() {
                true => (private, public),
                false => (public, private),
            };
            let both = fewer.packages.iter().filter(|name| more.packages.contains(*name));
            let mut packages: Vec<String> = both.cloned().collect();
            if packages.is_empty() {
                continue;
            }
            packages.sort_unstable();
            shadows.push(Shadow {
                private: private.name.clone(),
                public: public.name.clone(),
                how,
                packages,
            });
        }
    }
    shadows
}

fn how(priority: ChannelPriority, public_is_first: bool) -> Option<How> {
    match (priority, public_is_first) {
        (ChannelPriority::Disabled, _) => Some(How::NewestWins),
        (_, true) => Some(How::SearchedFirst),
        (ChannelPriority::Flexible, false) => Some(How::WhereNoneFits),
        (ChannelPriority::Strict, false) => None,
    }
}

impl Shadow {
    pub(super) fn caution(&self) -> Caution {
        let (private, public) = (&self.private, &self.public);
        let packages = match self.packages.as_slice() {
            [one] => format!("the package {one} of {private}"),
            several => format!("{} packages of {private}", several.len()),
        };
        let caution = match self.how {
            How::SearchedFirst => Caution::new(
                CautionKind::Shadowed,
                format!("{packages} would come from {public}, which is open to everybody"),
            )
            .because(format!("conda searches {public} before {private}"))
            .remedy(format!("move {private} before {public}")),
            How::NewestWins => Caution::new(
                CautionKind::Shadowed,
                format!("{packages} may come from {public}, which is open to everybody"),
            )
            .because("the channel priority is disabled: the newest version wins, from whatever channel")
            .remedy("set the channel priority to strict"),
            How::WhereNoneFits => Caution::new(
                CautionKind::Shadowed,
                format!("{packages} may come from {public}, which is open to everybody"),
            )
            .because(format!(
                "the channel priority is flexible: {public} is looked at where {private} has no version that fits"
            ))
            .remedy("set the channel priority to strict"),
        };
        Caution {
            channels: vec![private.clone(), public.clone()],
            packages: self.packages.clone(),
            ..caution
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn channel(name: &str, access: Access, packages: &[&str]) -> KnownChannel {
        KnownChannel {
            name: name.to_owned(),
            access,
            is_mirror: false,
            packages: packages.iter().map(|name| (*name).to_owned()).collect(),
        }
    }

    /// `private<public how: packages`.
    fn told(channels: &[KnownChannel], priority: ChannelPriority) -> Vec<String> {
        shadows(channels, priority)
            .iter()
            .map(|found| {
                format!(
                    "{}<{} {:?}: {}",
                    found.private,
                    found.public,
                    found.how,
                    found.packages.join(" ")
                )
            })
            .collect()
    }

    #[test]
    fn what_is_at_risk_depends_on_the_order_and_the_priority() {
        use ChannelPriority::{Disabled, Flexible, Strict};
        let private = channel("ours", Access::Closed, &["risk", "numpy", "models"]);
        let public = channel("forge", Access::Open, &["numpy", "risk", "pandas"]);
        let first = [private.clone(), public.clone()];
        let last = [public.clone(), private.clone()];
        assert_eq!(told(&first, Strict), [""; 0]);
        assert_eq!(told(&first, Flexible), ["ours<forge WhereNoneFits: numpy risk"]);
        assert_eq!(told(&first, Disabled), ["ours<forge NewestWins: numpy risk"]);
        assert_eq!(told(&last, Strict), ["ours<forge SearchedFirst: numpy risk"]);
        assert_eq!(told(&last, Flexible), ["ours<forge SearchedFirst: numpy risk"]);
        assert_eq!(told(&last, Disabled), ["ours<forge NewestWins: numpy risk"]);
    }

    #[test]
    fn only_names_of_the_house_are_at_risk_and_only_from_what_is_open() {
        let mut mirror = channel("mirror", Access::Closed, &["numpy"]);
        mirror.is_mirror = true;
        let open = channel("forge", Access::Open, &["numpy"]);
        let closed = channel("other", Access::Closed, &["numpy"]);
        let unknown = channel("unknown", Access::Unknown, &["numpy"]);
        let all = [open, mirror, closed, unknown];
        assert_eq!(
            told(&all, ChannelPriority::Strict),
            ["other<forge SearchedFirst: numpy"]
        );
        assert!(told(&all[1..], ChannelPriority::Disabled).is_empty());
    }

    #[test]
    fn a_shadow_says_what_to_do() {
        let private = channel("ours", Access::Closed, &["risk"]);
        let public = channel("forge", Access::Open, &["risk"]);
        let found = &shadows(&[public, private], ChannelPriority::Strict)[0];
        let caution = found.caution();
        assert_eq!(
            caution.message,
            "the package risk of ours would come from forge, which is open to everybody"
        );
        assert_eq!(caution.remedy.as_deref(), Some("move ours before forge"));
        assert_eq!(caution.packages, ["risk"]);
    }
}
