//! On every tiny world: what is found holds, and what can be found is found. Both are told by trying everything, with a reading
//! of specs of its own.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::universe::{Build, Universe, build};
use crate::package::solve::{ChannelPriority, SolveError, Solved};

const NAMES: [&str; 5] = ["a", "b", "c", "d", "e"];

/// A spec of a tiny world: a name, how, and a whole number as version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Wish {
    name: usize,
    how: How,
    version: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum How {
    Any,
    AtLeast,
    Below,
    Exactly,
}

impl Wish {
    fn text(self) -> String {
        let (name, version) = (NAMES[self.name], self.version);
        match self.how {
            How::Any => name.to_owned(),
            How::AtLeast => format!("{name} >={version}"),
            How::Below => format!("{name} <{version}"),
            How::Exactly => format!("{name} =={version}"),
        }
    }

    fn fits(self, version: u64) -> bool {
        match self.how {
            How::Any => true,
            How::AtLeast => version >= self.version,
            How::Below => version < self.version,
            How::Exactly => version == self.version,
        }
    }
}

/// One build of a package: it is told apart from others of its name by its version.
#[derive(Debug, Clone)]
struct Thing {
    name: usize,
    version: u64,
    depends: Vec<Wish>,
    constrains: Vec<Wish>,
    /// Which of two channels has it.
    channel: usize,
}

impl Thing {
    fn build(&self) -> Build {
        let depends: Vec<_> = self.depends.iter().map(|wish| wish.text()).collect();
        let depends: Vec<_> = depends.iter().map(String::as_str).collect();
        let constrains: Vec<_> = self.constrains.iter().map(|wish| wish.text()).collect();
        let constrains: Vec<_> = constrains.iter().map(String::as_str).collect();
        build(&format!("{} {}", NAMES[self.name], self.version), &depends).constrains(&constrains)
    }
}

fn wish() -> impl Strategy<Value = Wish> {
    let how = prop_oneof![
        Just(How::Any),
        Just(How::AtLeast),
        Just(How::Below),
        Just(How::Exactly)
    ];
    (0..NAMES.len(), how, 1..4_u64).prop_map(|(name, how, version)| Wish { name, how, version })
}

fn thing() -> impl Strategy<Value = Thing> {
    let wishes = |most| prop::collection::vec(wish(), 0..=most);
    (0..NAMES.len(), 1..4_u64, wishes(2), wishes(1), 0..2_usize).prop_map(
        |(name, version, mut depends, constrains, channel)| {
            depends.retain(|wish| wish.name != name);
            Thing {
                name,
                version,
                depends,
                constrains: constrains.into_iter().filter(|wish| wish.name != name).collect(),
                channel,
            }
        },
    )
}

/// Up to ten builds, no two of one name and version.
fn world() -> impl Strategy<Value = Vec<Thing>> {
    prop::collection::vec(thing(), 1..10).prop_map(|things| {
        let mut world: Vec<Thing> = Vec::new();
        for thing in things {
            if world
                .iter()
                .all(|known| (known.name, known.version) != (thing.name, thing.version))
            {
                world.push(thing);
            }
        }
        world
    })
}

/// By name, the build that is there.
type Choice<'a> = BTreeMap<usize, &'a Thing>;

/// Whether every build's dependencies and constraints are fulfilled.
fn holds(choice: &Choice<'_>) -> bool {
    choice.values().all(|thing| {
        let needs = |wish: &Wish| {
            choice
                .get(&wish.name)
                .is_some_and(|there| wish.fits(there.version))
        };
        let bears = |wish: &Wish| {
            choice
                .get(&wish.name)
                .is_none_or(|there| wish.fits(there.version))
        };
        thing.depends.iter().all(needs) && thing.constrains.iter().all(bears)
    })
}

fn fulfils(choice: &Choice<'_>, wishes: &[Wish]) -> bool {
    wishes.iter().all(|wish| {
        choice
            .get(&wish.name)
            .is_some_and(|there| wish.fits(there.version))
    })
}

/// Every choice of builds that holds.
fn all_choices<'a>(world: &[&'a Thing]) -> Vec<Choice<'a>> {
    let mut choices = vec![Choice::new()];
    for name in 0..NAMES.len() {
        let of_name: Vec<_> = world.iter().filter(|thing| thing.name == name).collect();
        let mut more = Vec::new();
        for choice in &choices {
            for thing in &of_name {
                let mut with = choice.clone();
                with.insert(name, **thing);
                more.push(with);
            }
        }
        choices.extend(more);
    }
    choices.retain(holds);
    choices
}

fn universe(world: &[Thing]) -> Universe {
    let of = |channel: usize| -> Vec<Build> {
        let here = world.iter().filter(|thing| thing.channel == channel);
        here.map(Thing::build).collect()
    };
    Universe::new(&[("one", &of(0)), ("two", &of(1))])
}

/// What was found, as a choice of the world.
fn found<'a>(world: &'a [Thing], solved: &Solved) -> Choice<'a> {
    let records = solved.solution.records();
    records
        .iter()
        .map(|record| {
            let package = &record.package_record;
            let name = NAMES
                .iter()
                .position(|name| *name == package.name.as_normalized())
                .unwrap();
            let version: u64 = package.version.to_string().parse().unwrap();
            let is_it = |thing: &&Thing| (thing.name, thing.version) == (name, version);
            (name, world.iter().find(is_it).unwrap())
        })
        .collect()
}

fn texts(wishes: &[Wish]) -> Vec<String> {
    wishes.iter().map(|wish| wish.text()).collect()
}

fn strs(texts: &[String]) -> Vec<&str> {
    texts.iter().map(String::as_str).collect()
}

fn priority() -> impl Strategy<Value = ChannelPriority> {
    prop_oneof![
        Just(ChannelPriority::Strict),
        Just(ChannelPriority::Flexible),
        Just(ChannelPriority::Disabled)
    ]
}

/// The builds that the priority lets come into question.
fn visible(world: &[Thing], priority: ChannelPriority) -> Vec<&Thing> {
    let first = |name| {
        world
            .iter()
            .filter(|thing| thing.name == name)
            .map(|thing| thing.channel)
            .min()
    };
    let is_visible =
        |thing: &&Thing| priority != ChannelPriority::Strict || Some(thing.channel) == first(thing.name);
    world.iter().filter(is_visible).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn what_is_found_holds_and_what_there_is_is_found(
        world in world(), wishes in prop::collection::vec(wish(), 1..4), priority in priority(),
    ) {
        let solved = universe(&world).priority(priority).install(&strs(&texts(&wishes)));
        let visible = visible(&world, priority);
        let is_possible = all_choices(&visible).iter().any(|choice| fulfils(choice, &wishes));
        match solved {
            Ok(solved) => {
                let choice = found(&world, &solved);
                prop_assert!(holds(&choice) && fulfils(&choice, &wishes), "{choice:?}");
                let hidden = choice.values().any(|thing| {
                    !visible.iter().any(|seen| (seen.name, seen.version) == (thing.name, thing.version))
                });
                prop_assert!(!hidden, "{choice:?}");
            }
            Err(SolveError::Unsolvable(told)) => {
                prop_assert!(!is_possible, "there is a solution: {told:?}");
                prop_assert!(!told.headline.is_empty());
            }
            Err(error) => prop_assert!(false, "{error:?}"),
        }
    }

    #[test]
    fn an_install_keeps_what_it_can_and_finds_what_there_is(
        world in world(), wishes in prop::collection::vec(wish(), 1..3), start in any::<prop::sample::Index>(),
        earlier in prop::collection::vec(wish(), 0..3),
    ) {
        let everything: Vec<_> = world.iter().collect();
        let choices = all_choices(&everything);
        let before = start.get(&choices);
        let earlier: Vec<_> = earlier
            .into_iter()
            .filter(|wish| before.get(&wish.name).is_some_and(|there| wish.fits(there.version)))
            .collect();
        let mut environment = universe(&world);
        for thing in before.values() {
            environment = environment.installed(["one", "two"][thing.channel], &[thing.build()]);
        }
        // The last wish of a name counts.
        let in_force: BTreeMap<_, _> = earlier.iter().map(|wish| (wish.name, *wish)).collect();
        let solved = environment.requested(&strs(&texts(&earlier))).install(&strs(&texts(&wishes)));

        let is_asked = |name: &usize| wishes.iter().any(|wish| wish.name == *name);
        let mut all_wishes = wishes.clone();
        all_wishes.extend(in_force.values().filter(|wish| !is_asked(&wish.name)));
        let keeps = |choice: &Choice<'_>| {
            before
                .iter()
                .filter(|(name, _)| !is_asked(name))
                .all(|(name, thing)| choice.get(name).is_some_and(|there| there.version == thing.version))
        };
        let possible: Vec<_> = choices.iter().filter(|choice| fulfils(choice, &all_wishes)).collect();
        match solved {
            Ok(solved) => {
                let choice = found(&world, &solved);
                prop_assert!(holds(&choice) && fulfils(&choice, &all_wishes), "{choice:?}");
                let could_keep = possible.iter().any(|choice| keeps(choice));
                prop_assert!(!could_keep || keeps(&choice), "{before:?} became {choice:?}");
            }
            Err(SolveError::Unsolvable(_)) => prop_assert!(possible.is_empty(), "{:?}", possible[0]),
            Err(error) => prop_assert!(false, "{error:?}"),
        }
    }

    #[test]
    fn updates_and_removals_leave_what_holds(
        world in world(), start in any::<prop::sample::Index>(), which in any::<prop::sample::Index>(), everything: bool,
    ) {
        let all: Vec<_> = world.iter().collect();
        let choices: Vec<_> = all_choices(&all).into_iter().filter(|choice| !choice.is_empty()).collect();
        prop_assume!(!choices.is_empty());
        let before = start.get(&choices);
        let names: Vec<_> = before.keys().copied().collect();
        let name = *which.get(&names);
        let environment = || {
            let mut environment = universe(&world);
            for thing in before.values() {
                environment = environment.installed(["one", "two"][thing.channel], &[thing.build()]);
            }
            environment
        };
        let updated = match everything {
            true => environment().update_all(),
            false => environment().update(&[NAMES[name]]),
        };
        let choice = found(&world, &updated.unwrap());
        prop_assert!(holds(&choice), "{choice:?}");
        prop_assert!(choice.contains_key(&name) || everything, "{choice:?}");
        for (name, thing) in before {
            let after = choice.get(name).map(|there| there.version);
            prop_assert!(after.is_none_or(|after| after >= thing.version), "{before:?} became {choice:?}");
        }

        let removed = found(&world, &environment().remove(&[NAMES[name]]).unwrap());
        prop_assert!(holds(&removed) && !removed.contains_key(&name), "{removed:?}");
        let is_part = removed.iter().all(|(name, thing)| before[name].version == thing.version);
        prop_assert!(is_part, "{removed:?}");
    }

    #[test]
    fn an_update_reaches_the_newest_that_leaves_the_rest_in_place(
        world in world(), start in any::<prop::sample::Index>(), which in any::<prop::sample::Index>(),
    ) {
        let all: Vec<_> = world.iter().collect();
        let choices: Vec<_> = all_choices(&all).into_iter().filter(|choice| !choice.is_empty()).collect();
        prop_assume!(!choices.is_empty());
        let before = start.get(&choices);
        let names: Vec<_> = before.keys().copied().collect();
        let name = *which.get(&names);
        let mut environment = universe(&world).priority(ChannelPriority::Disabled);
        for thing in before.values() {
            environment = environment.installed(["one", "two"][thing.channel], &[thing.build()]);
        }
        let choice = found(&world, &environment.update(&[NAMES[name]]).unwrap());
        // Nothing that is there goes, and nothing becomes older.
        let allowed = choices.iter().filter(|choice| {
            before
                .iter()
                .all(|(name, thing)| choice.get(name).is_some_and(|there| there.version >= thing.version))
        });
        let newest = allowed.map(|choice| choice[&name].version).max().unwrap();
        prop_assert_eq!(choice[&name].version, newest, "{:?} became {:?}", before, choice);
    }
}
