//! The channels of the practice world: the fixed ones a person meets in the demo, and as many generated ones as wanted.

use super::channel::{Channel, Privacy};

struct Fixed {
    path: &'static str,
    privacy: Privacy,
    owners: &'static [Option<&'static str>],
    granted: &'static [&'static str],
    artifacts: u32,
    mirrors: u32,
    description: Option<&'static str>,
    updated: Option<&'static str>,
}

const NOBODY: &[&str] = &[];

const FIXED: [Fixed; 12] = [
    Fixed {
        path: "main",
        privacy: Privacy::Public,
        owners: &[Some("team-it")],
        granted: NOBODY,
        artifacts: 1204,
        mirrors: 1,
        description: Some("Mirror of the default packages"),
        updated: Some("2026-11-20T02:00:11.018274+00:00"),
    },
    Fixed {
        path: "research",
        privacy: Privacy::Authenticated,
        owners: &[Some("alice"), Some("bob")],
        granted: NOBODY,
        artifacts: 87,
        mirrors: 0,
        description: Some("Shared by the research group"),
        updated: Some("2026-11-18T15:42:07.331902+00:00"),
    },
    Fixed {
        path: "research/gpu",
        privacy: Privacy::Private,
        owners: &[Some("alice")],
        granted: NOBODY,
        artifacts: 12,
        mirrors: 0,
        description: Some("Builds for graphics cards"),
        updated: Some("2026-11-02T09:12:55.600341+00:00"),
    },
    Fixed {
        path: "risk-models",
        privacy: Privacy::Private,
        owners: &[Some("risk")],
        granted: &["alice"],
        artifacts: 31,
        mirrors: 0,
        description: Some(""),
        updated: Some("2026-10-30T11:05:00.917723+00:00"),
    },
    Fixed {
        path: "vendor-a",
        privacy: Privacy::Authenticated,
        owners: &[Some("procurement")],
        granted: NOBODY,
        artifacts: 412,
        mirrors: 1,
        description: None,
        updated: Some("2026-11-21T02:30:40.100020+00:00"),
    },
    Fixed {
        path: "sandbox",
        privacy: Privacy::Public,
        owners: &[None],
        granted: NOBODY,
        artifacts: 3,
        mirrors: 0,
        description: None,
        updated: None,
    },
    Fixed {
        path: "genomics",
        privacy: Privacy::Private,
        owners: &[Some("bio-core"), None],
        granted: &["alice", "bob"],
        artifacts: 256,
        mirrors: 0,
        description: Some("Sequencing pipelines"),
        updated: Some("2026-11-11T08:00:30.450045+00:00"),
    },
    Fixed {
        path: "r-main",
        privacy: Privacy::Public,
        owners: &[Some("team-it")],
        granted: NOBODY,
        artifacts: 689,
        mirrors: 1,
        description: Some("Mirror of the R packages"),
        updated: Some("2026-11-20T02:14:52.700001+00:00"),
    },
    Fixed {
        path: "legacy-2019",
        privacy: Privacy::Public,
        owners: &[Some("team-it")],
        granted: NOBODY,
        artifacts: 58,
        mirrors: 0,
        description: Some("Frozen in 2019"),
        updated: None,
    },
    default_channel("alice", &[Some("alice")], 4),
    default_channel("bob", &[Some("bob")], 0),
    default_channel("admin", &[Some("admin")], 0),
];

/// The default channel that each person has, named after them.
const fn default_channel(
    name: &'static str,
    owners: &'static [Option<&'static str>],
    artifacts: u32,
) -> Fixed {
    Fixed {
        path: name,
        privacy: Privacy::Private,
        owners,
        granted: NOBODY,
        artifacts,
        mirrors: 0,
        description: Some(""),
        updated: None,
    }
}

impl Fixed {
    fn to_channel(&self) -> Channel {
        let (parent, name) = match self.path.split_once('/') {
            Some((parent, name)) => (Some(parent.to_owned()), name),
            None => (None, self.path),
        };
        Channel {
            name: name.to_owned(),
            parent,
            privacy: self.privacy,
            description: self.description,
            owners: self.owners.to_vec(),
            granted: self.granted.to_vec(),
            artifacts: self.artifacts,
            downloads: self.artifacts.saturating_mul(17),
            mirrors: self.mirrors,
            created: "2026-01-12T07:30:00.112819+00:00".to_owned(),
            updated: self.updated.map(str::to_owned),
            subchannels: 0,
        }
    }
}

const TOPICS: [&str; 8] = [
    "climate",
    "finance",
    "imaging",
    "language",
    "materials",
    "robotics",
    "survey",
    "traffic",
];
const OWNERS: [Option<&str>; 5] = [Some("team-it"), Some("alice"), Some("bob"), Some("risk"), None];
const DESCRIPTIONS: [Option<&str>; 3] = [Some(""), Some("Generated for practice"), None];

/// The fixed channels, and `generated` top-level ones of which every tenth has a sub-channel; the same in every run.
pub(super) fn channels(generated: usize) -> Vec<Channel> {
    let mut channels: Vec<Channel> = FIXED.iter().map(Fixed::to_channel).collect();
    for number in 1..=generated {
        let channel = generated_channel(number);
        if number.is_multiple_of(10) {
            channels.push(Channel {
                name: "stage".to_owned(),
                parent: Some(channel.name.clone()),
                artifacts: channel.artifacts / 4,
                mirrors: 0,
                ..channel.clone()
            });
        }
        channels.push(channel);
    }
    channels
}

fn generated_channel(number: usize) -> Channel {
    let pick = |from: usize, step: usize| number / step % from;
    let day = number % 28 + 1;
    let artifacts = u32::try_from(number * 7919 % 2_003).unwrap_or(0);
    Channel {
        name: format!("{}-{number:05}", TOPICS[pick(TOPICS.len(), 1)]),
        parent: None,
        privacy: [Privacy::Authenticated, Privacy::Private, Privacy::Public][pick(3, 1)],
        description: DESCRIPTIONS[pick(DESCRIPTIONS.len(), 2)],
        owners: vec![OWNERS[pick(OWNERS.len(), 1)]],
        granted: if number.is_multiple_of(4) {
            vec!["alice"]
        } else {
            Vec::new()
        },
        artifacts,
        downloads: artifacts.saturating_mul(3),
        mirrors: u32::from(number.is_multiple_of(9)),
        created: format!("2026-02-{day:02}T06:00:00.000{:03}+00:00", number % 997 + 1),
        updated: (!number.is_multiple_of(6))
            .then(|| format!("2026-10-{day:02}T12:30:00.{:06}+00:00", number % 999_983 + 1)),
        subchannels: 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_world_has_every_oddity_a_client_must_bear() {
        for world in [channels(0), channels(100)] {
            let some = |wanted: &dyn Fn(&Channel) -> bool| world.iter().any(wanted);
            assert!(some(&|channel| channel.owners == [None]));
            assert!(some(&|channel| channel.description.is_none()));
            assert!(some(&|channel| channel.updated.is_none()));
            assert!(some(&|channel| channel.parent.is_some()));
            for privacy in [Privacy::Public, Privacy::Authenticated, Privacy::Private] {
                assert!(some(&|channel| channel.privacy == privacy));
            }
        }
        assert_eq!(channels(100).len(), channels(0).len() + 110);
    }
}
