//! Who may see which package.

use clap::{Args, Subcommand, ValueEnum};

use super::ServiceName;

/// As whom to ask, for every command here.
#[derive(Debug, Args)]
pub(in crate::cli) struct Person {
    /// The service; when left out, the repository that you are signed in to, else Anaconda.org
    #[arg(long)]
    pub service: Option<ServiceName>,
    /// Read the password from standard input: the token that conda uses may only download
    #[arg(long)]
    pub password_stdin: bool,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum AccessCommand {
    /// The packages of your account and your organisations, and who may see them
    List(AccessList),
    /// Make packages public, private, or visible to whoever is logged in
    Set(AccessSet),
    /// Everyone who can see a package, and why
    Who(AccessWho),
    /// The groups of your organisations, with their members and packages
    Groups(Groups),
    /// Make a group; put people and packages into it, and take them out
    #[command(subcommand)]
    Group(GroupCommand),
    /// Give a package to one person without a group, or take it back
    #[command(subcommand)]
    Collaborator(CollaboratorCommand),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum KindName {
    All,
    Conda,
    Pypi,
    Notebook,
    Environment,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct AccessList {
    /// Only one type
    #[arg(long = "type", value_enum, default_value = "all")]
    pub kind: KindName,
    #[command(flatten)]
    pub person: Person,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum AccessName {
    /// Anyone
    Public,
    /// Whoever is logged in
    Authenticated,
    /// The owner, collaborators, and groups that have it
    Private,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct AccessSet {
    /// Packages as OWNER/PACKAGE, or PACKAGE for your own; then public, authenticated or private
    #[arg(required = true, num_args = 2.., value_names = ["PACKAGE", "ACCESS"])]
    pub words: Vec<String>,
    /// Open the page in the browser where the server has no call for it
    #[arg(long)]
    pub open: bool,
    #[command(flatten)]
    pub person: Person,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct AccessWho {
    /// OWNER/PACKAGE, or PACKAGE for one of your own
    pub package: String,
    #[command(flatten)]
    pub person: Person,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Groups {
    /// An organisation; when left out, all that you belong to
    #[arg(value_name = "ORG")]
    pub organization: Option<String>,
    #[command(flatten)]
    pub person: Person,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum GroupCommand {
    /// Make a group
    Create(GroupCreate),
    /// Put a person or a package into a group
    Add(GroupSubjectWords),
    /// Take a person or a package out of a group
    Remove(GroupSubjectWords),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum PermissionName {
    Read,
    Write,
    Admin,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct GroupCreate {
    #[arg(value_name = "ORG")]
    pub organization: String,
    pub name: String,
    /// What its members may do with its packages; it cannot be changed afterwards but in the browser
    #[arg(long, value_enum)]
    pub permission: PermissionName,
    #[command(flatten)]
    pub person: Person,
}

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("subject").required(true))]
pub(in crate::cli) struct GroupSubjectWords {
    #[arg(value_name = "ORG")]
    pub organization: String,
    pub name: String,
    /// The login of a person
    #[arg(long, value_name = "U", group = "subject")]
    pub user: Option<String>,
    /// A package of the organisation
    #[arg(long, value_name = "P", group = "subject")]
    pub package: Option<String>,
    #[command(flatten)]
    pub person: Person,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum CollaboratorCommand {
    /// Give a package to a person
    Add(CollaboratorWords),
    /// Take it back
    Remove(CollaboratorWords),
}

#[derive(Debug, Args)]
pub(in crate::cli) struct CollaboratorWords {
    /// OWNER/PACKAGE, or PACKAGE for one of your own
    pub package: String,
    /// The login of a person
    pub user: String,
    #[command(flatten)]
    pub person: Person,
}
