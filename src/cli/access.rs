//! `sextant access`.

use serde_json::{Value, json};
use url::Url;

use super::Asked;
use super::arguments::{
    AccessCommand, AccessList, AccessName, AccessSet, AccessWho, CollaboratorCommand, CollaboratorWords,
    GroupCommand, GroupCreate, GroupSubjectWords, Groups, KindName, PermissionName, Person,
};
use super::as_person::AsPerson;
use super::which::service_of;
use crate::error::{Kind, Problem};
use crate::repository::{OwnedPackage, PackageKind, Permission, Visibility};
use crate::service::access::{
    AccessChanged, AccessOutcome, GroupShown, GroupSubject, InvalidPackageReference, PackageReference,
    Reason, Viewers,
};
use crate::service::connection::Service;

pub(super) async fn access(asked: &Asked<'_>, command: AccessCommand) -> Result<(), Problem> {
    match command {
        AccessCommand::List(words) => list(asked, words).await,
        AccessCommand::Set(words) => set(asked, words).await,
        AccessCommand::Who(words) => who(asked, words).await,
        AccessCommand::Groups(words) => groups(asked, words).await,
        AccessCommand::Group(GroupCommand::Create(words)) => create(asked, words).await,
        AccessCommand::Group(GroupCommand::Add(words)) => change_group(asked, words, Way::In).await,
        AccessCommand::Group(GroupCommand::Remove(words)) => change_group(asked, words, Way::Out).await,
        AccessCommand::Collaborator(CollaboratorCommand::Add(words)) => {
            collaborator(asked, words, Way::In).await
        }
        AccessCommand::Collaborator(CollaboratorCommand::Remove(words)) => {
            collaborator(asked, words, Way::Out).await
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    In,
    Out,
}

async fn person_of<'a>(asked: &'a Asked<'a>, person: &Person) -> Result<(Service, AsPerson<'a>), Problem> {
    let service = service_of(asked, person.service)?;
    Ok((
        service,
        AsPerson::new(asked, service, person.password_stdin).await?,
    ))
}

fn reference(text: &str) -> Result<PackageReference, Problem> {
    text.parse()
        .map_err(|error: InvalidPackageReference| Problem::new(Kind::Usage, error.to_string()))
}

async fn list(asked: &Asked<'_>, words: AccessList) -> Result<(), Problem> {
    let (service, mut person) = person_of(asked, &words.person).await?;
    let mut packages = person
        .call(async |password| asked.services.owned_packages(service, password).await)
        .await?;
    let wanted = match words.kind {
        KindName::All => None,
        KindName::Conda => Some(PackageKind::Conda),
        KindName::Pypi => Some(PackageKind::Pypi),
        KindName::Notebook => Some(PackageKind::Notebook),
        KindName::Environment => Some(PackageKind::Environment),
    };
    if let Some(kind) = wanted {
        packages.retain(|package| package.kinds.contains(&kind));
    }
    asked.output.answer(
        || json!({ "packages": packages }),
        || match packages.as_slice() {
            [] => "There is no such package.".to_owned(),
            packages => packages.iter().map(package_line).collect::<Vec<_>>().join("\n"),
        },
    );
    Ok(())
}

fn package_line(package: &OwnedPackage) -> String {
    let kinds: Vec<&str> = package.kinds.iter().map(PackageKind::title).collect();
    let access = package.visibility.map_or("unknown", Visibility::name);
    let mut line = format!("{:14} {}/{}", access, package.owner, package.name);
    if let Some(version) = &package.latest_version {
        line.push_str(&format!(" {version}"));
    }
    line.push_str(&format!("  {}", kinds.join(", ")));
    if let Some(downloads) = package.downloads {
        line.push_str(&format!(", {downloads} downloads"));
    }
    line
}

async fn set(asked: &Asked<'_>, words: AccessSet) -> Result<(), Problem> {
    let (access, packages) = wanted_access(&words.words)?;
    let names: Vec<String> = packages.iter().map(PackageReference::to_string).collect();
    if asked.dry_run {
        asked.output.answer(
            || json!({"packages": names, "access": access, "dry_run": true}),
            || format!("Would make {} {access}.", names.join(", ")),
        );
        return Ok(());
    }
    let (service, mut person) = person_of(asked, &words.person).await?;
    let changed = person
        .call(async |password| {
            asked
                .services
                .set_access(service, &packages, access, password)
                .await
        })
        .await?;
    if words.open {
        for page in changed.iter().filter_map(|one| page_of(&one.outcome)) {
            if let Ok(page) = Url::parse(page) {
                asked.services.open_in_browser(&page).await?;
            }
        }
    }
    let failed = changed.iter().find_map(unchanged);
    if let [AccessChanged { .. }] = changed.as_slice()
        && let Some(problem) = failed
    {
        return Err(problem);
    }
    asked.output.answer(
        || json!({ "packages": changed }),
        || changed.iter().map(changed_line).collect::<Vec<_>>().join("\n"),
    );
    match failed {
        Some(problem) => Err(Problem {
            message: format!("not every package was changed: {}", problem.message),
            ..problem
        }),
        None => Ok(()),
    }
}

/// Why a package is as it was. That only a person can change it is a failure, too: what was asked for is not done.
fn unchanged(changed: &AccessChanged) -> Option<Problem> {
    match &changed.outcome {
        AccessOutcome::Changed { .. } => None,
        AccessOutcome::OnlyInBrowser { page } => {
            let message = format!("{}/{} was not changed", changed.owner, changed.name);
            Some(
                Problem::new(Kind::Conflict, message)
                    .because("this server lets only its pages do so")
                    .remedy(format!("set access there: {page}")),
            )
        }
        AccessOutcome::Failed { problem } => Some(problem.clone()),
    }
}

fn page_of(outcome: &AccessOutcome) -> Option<&str> {
    match outcome {
        AccessOutcome::OnlyInBrowser { page } => Some(page),
        _ => None,
    }
}

/// The last word is the access, all before it are packages.
fn wanted_access(words: &[String]) -> Result<(Visibility, Vec<PackageReference>), Problem> {
    use clap::ValueEnum;

    let usage = || {
        Problem::new(Kind::Usage, "who may see the packages is not said")
            .because("the last word must be public, authenticated or private")
            .remedy("for example: sextant access set my-organisation/tools private")
    };
    let (last, packages) = words.split_last().ok_or_else(usage)?;
    let access = match AccessName::from_str(last, false).map_err(|_| usage())? {
        AccessName::Public => Visibility::Public,
        AccessName::Authenticated => Visibility::Authenticated,
        AccessName::Private => Visibility::Private,
    };
    let packages = packages
        .iter()
        .map(|text| reference(text))
        .collect::<Result<_, _>>()?;
    Ok((access, packages))
}

fn changed_line(changed: &AccessChanged) -> String {
    let name = format!("{}/{}", changed.owner, changed.name);
    match &changed.outcome {
        AccessOutcome::Changed { access } => format!("{name} is {access} now."),
        AccessOutcome::OnlyInBrowser { page } => {
            format!("{name} was not changed: this server lets only its pages do so. Set access there: {page}")
        }
        AccessOutcome::Failed { problem } => format!("{name} was not changed: {}", problem.message),
    }
}

async fn who(asked: &Asked<'_>, words: AccessWho) -> Result<(), Problem> {
    let package = reference(&words.package)?;
    let (service, mut person) = person_of(asked, &words.person).await?;
    let viewers = person
        .call(async |password| asked.services.who_sees(service, &package, password).await)
        .await?;
    asked.output.answer(|| json!(viewers), || viewers_text(&viewers));
    Ok(())
}

fn viewers_text(viewers: &Viewers) -> String {
    let name = format!("{}/{}", viewers.owner, viewers.name);
    let mut text = match viewers.access {
        Some(Visibility::Public) => format!("{name} is public: anyone who reaches the repository sees it."),
        Some(Visibility::Authenticated) => format!("{name} is visible to whoever is logged in."),
        Some(Visibility::Private) => {
            format!("{name} is private. Besides whoever holds a token for it, these see it:")
        }
        None => format!("The server does not say who may see {name}. These surely do:"),
    };
    for viewer in &viewers.people {
        let reasons: Vec<String> = viewer.reasons.iter().map(reason_text).collect();
        text.push_str(&format!("\n  {:16} {}", viewer.login, reasons.join("; ")));
    }
    for unknown in &viewers.unknown {
        text.push_str(&format!("\nNot looked at: {unknown}."));
    }
    text
}

fn reason_text(reason: &Reason) -> String {
    match reason {
        Reason::Owner => "owns it".to_owned(),
        Reason::Administrator { group } => format!("in the group {group}, which may do everything"),
        Reason::Group { group, permission } => format!("in the group {group}, which has it to {permission}"),
        Reason::Collaborator => "is a collaborator".to_owned(),
    }
}

async fn groups(asked: &Asked<'_>, words: Groups) -> Result<(), Problem> {
    let (service, mut person) = person_of(asked, &words.person).await?;
    let organization = words.organization.as_deref();
    let groups = person
        .call(async |password| {
            asked
                .services
                .access_groups(service, organization, password)
                .await
        })
        .await?;
    asked.output.answer(
        || json!({ "groups": groups }),
        || match groups.as_slice() {
            [] => "There is no group.".to_owned(),
            groups => groups.iter().map(group_text).collect::<Vec<_>>().join("\n"),
        },
    );
    Ok(())
}

fn group_text(group: &GroupShown) -> String {
    let members: Vec<&str> = group.members.iter().map(|one| one.login.as_str()).collect();
    let listed = |names: &[&str]| match names {
        [] => "none".to_owned(),
        names => names.join(", "),
    };
    let packages: Vec<&str> = group.packages.iter().map(String::as_str).collect();
    format!(
        "{}/{}  ({})\n  members   {}\n  packages  {}",
        group.organization,
        group.name,
        group.permission,
        listed(&members),
        listed(&packages)
    )
}

async fn create(asked: &Asked<'_>, words: GroupCreate) -> Result<(), Problem> {
    let permission = match words.permission {
        PermissionName::Read => Permission::Read,
        PermissionName::Write => Permission::Write,
        PermissionName::Admin => Permission::Admin,
    };
    let GroupCreate {
        organization, name, ..
    } = &words;
    let document = json!({"organization": organization, "group": name, "permission": permission});
    if would(
        asked,
        &document,
        &format!("make the group {organization}/{name} to {permission}"),
    ) {
        return Ok(());
    }
    let (service, mut person) = person_of(asked, &words.person).await?;
    person
        .call(async |password| {
            asked
                .services
                .create_group(service, organization, name, &permission, password)
                .await
        })
        .await?;
    done(
        asked,
        document,
        &format!("The group {organization}/{name} is there; its members may {permission}."),
    );
    Ok(())
}

async fn change_group(asked: &Asked<'_>, words: GroupSubjectWords, way: Way) -> Result<(), Problem> {
    let GroupSubjectWords {
        organization,
        name,
        user,
        package,
        person,
    } = words;
    let subject = match (user, package) {
        (Some(user), _) => GroupSubject::User(user),
        (None, Some(package)) => GroupSubject::Package(own_name(&organization, &package)),
        (None, None) => {
            return Err(
                Problem::new(Kind::Usage, "who or what is not said").remedy("add --user or --package")
            );
        }
    };
    let (key, word) = match &subject {
        GroupSubject::User(user) => ("user", user.clone()),
        GroupSubject::Package(package) => ("package", package.clone()),
    };
    let document = json!({"organization": organization, "group": name, key: word});
    let sentence = match way {
        Way::In => format!("put {word} into {organization}/{name}"),
        Way::Out => format!("take {word} out of {organization}/{name}"),
    };
    if would(asked, &document, &sentence) {
        return Ok(());
    }
    let (service, mut person) = person_of(asked, &person).await?;
    let services = asked.services;
    person
        .call(async |password| match way {
            Way::In => {
                services
                    .add_to_group(service, &organization, &name, &subject, password)
                    .await
            }
            Way::Out => {
                services
                    .remove_from_group(service, &organization, &name, &subject, password)
                    .await
            }
        })
        .await?;
    done(
        asked,
        document,
        &match way {
            Way::In => format!("{word} is in {organization}/{name} now."),
            Way::Out => format!("{word} is no longer in {organization}/{name}."),
        },
    );
    Ok(())
}

/// A package of the organisation may be named with it.
fn own_name(organization: &str, package: &str) -> String {
    let rest = package
        .strip_prefix(organization)
        .and_then(|rest| rest.strip_prefix('/'));
    rest.unwrap_or(package).to_owned()
}

async fn collaborator(asked: &Asked<'_>, words: CollaboratorWords, way: Way) -> Result<(), Problem> {
    let package = reference(&words.package)?;
    let user = &words.user;
    let document = json!({"package": package.to_string(), "user": user});
    let sentence = match way {
        Way::In => format!("give {package} to {user}"),
        Way::Out => format!("take {package} back from {user}"),
    };
    if would(asked, &document, &sentence) {
        return Ok(());
    }
    let (service, mut person) = person_of(asked, &words.person).await?;
    person
        .call(async |password| {
            asked
                .services
                .set_collaborator(service, &package, user, way == Way::In, password)
                .await
        })
        .await?;
    done(
        asked,
        document,
        &match way {
            Way::In => format!("{user} can see {package} now."),
            Way::Out => format!("{user} is no longer a collaborator of {package}."),
        },
    );
    Ok(())
}

/// Says what would be done where only that was asked for.
fn would(asked: &Asked<'_>, document: &Value, sentence: &str) -> bool {
    if !asked.dry_run {
        return false;
    }
    let mut document = document.clone();
    document["dry_run"] = json!(true);
    document["done"] = json!(false);
    asked.output.answer(|| document, || format!("Would {sentence}."));
    true
}

fn done(asked: &Asked<'_>, mut document: Value, sentence: &str) {
    document["done"] = json!(true);
    asked.output.answer(|| document, || sentence.to_owned());
}
